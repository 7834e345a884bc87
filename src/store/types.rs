//! How the domain's values stand in both databases.
//!
//! Each SQL type below has one form in PostgreSQL and one in SQLite, so that one `table!` and one
//! record serve both: ids are `uuid` and 16-byte blobs, moments `timestamptz` and fixed-width text,
//! documents `jsonb` and text, enumerations the same words in both.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Binary, Jsonb, Nullable, Text, Timestamptz};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{Id, Moment};

/// The SQL types that the tables of `schema` name.
pub mod sql {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    /// `timestamptz` | text such as `2026-11-23T19:32:00.000000Z`.
    #[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Text"))]
    pub struct UtcTime;

    /// `uuid` | 16 bytes.
    #[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
    pub struct Uid;

    /// `jsonb` | text.
    #[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
    #[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
    pub struct JsonDoc;

    impl diesel::sql_types::SqlOrd for UtcTime {}
    impl diesel::sql_types::SqlOrd for Uid {}
}

/// Says that a Rust type of the domain stands in a column of an SQL type.
macro_rules! column {
    ($rust:ty, $sql:ty) => {
        impl AsExpression<$sql> for $rust {
            type Expression = Bound<$sql, $rust>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
        impl<'a> AsExpression<$sql> for &'a $rust {
            type Expression = Bound<$sql, &'a $rust>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
        impl AsExpression<Nullable<$sql>> for $rust {
            type Expression = Bound<Nullable<$sql>, $rust>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
        impl<'a> AsExpression<Nullable<$sql>> for &'a $rust {
            type Expression = Bound<Nullable<$sql>, &'a $rust>;
            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
        impl<DB: Backend> ToSql<Nullable<$sql>, DB> for $rust
        where
            $rust: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                ToSql::<$sql, DB>::to_sql(self, out)
            }
        }
        impl<DB: Backend> Queryable<$sql, DB> for $rust
        where
            $rust: FromSql<$sql, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

column!(Id, sql::Uid);
column!(Moment, sql::UtcTime);

impl ToSql<sql::Uid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<diesel::sql_types::Uuid, Pg>::to_sql(&self.0, out)
    }
}
impl ToSql<sql::Uid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().to_vec());
        Ok(IsNull::No)
    }
}
impl FromSql<sql::Uid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <uuid::Uuid as FromSql<diesel::sql_types::Uuid, Pg>>::from_sql(value).map(Self)
    }
}
impl FromSql<sql::Uid, Sqlite> for Id {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(uuid::Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<sql::UtcTime, Pg> for Moment {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let at: DateTime<Utc> = self.utc();
        <DateTime<Utc> as ToSql<Timestamptz, Pg>>::to_sql(&at, &mut out.reborrow())
    }
}
impl ToSql<sql::UtcTime, Sqlite> for Moment {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_text());
        Ok(IsNull::No)
    }
}
impl FromSql<sql::UtcTime, Pg> for Moment {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <DateTime<Utc> as FromSql<Timestamptz, Pg>>::from_sql(value).map(Moment::new)
    }
}
impl FromSql<sql::UtcTime, Sqlite> for Moment {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Moment::parse(&text)?)
    }
}

/// A document in a column: any value that serde reads and writes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Doc<T>(pub T);

impl<T> AsExpression<sql::JsonDoc> for Doc<T> {
    type Expression = Bound<sql::JsonDoc, Self>;
    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}
impl<'a, T> AsExpression<sql::JsonDoc> for &'a Doc<T> {
    type Expression = Bound<sql::JsonDoc, &'a Doc<T>>;
    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}
impl<T> AsExpression<Nullable<sql::JsonDoc>> for Doc<T> {
    type Expression = Bound<Nullable<sql::JsonDoc>, Self>;
    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}
impl<'a, T> AsExpression<Nullable<sql::JsonDoc>> for &'a Doc<T> {
    type Expression = Bound<Nullable<sql::JsonDoc>, &'a Doc<T>>;
    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}
impl<T, DB: Backend> ToSql<Nullable<sql::JsonDoc>, DB> for Doc<T>
where
    Doc<T>: ToSql<sql::JsonDoc, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        ToSql::<sql::JsonDoc, DB>::to_sql(self, out)
    }
}
impl<T, DB: Backend> Queryable<sql::JsonDoc, DB> for Doc<T>
where
    Doc<T>: FromSql<sql::JsonDoc, DB>,
{
    type Row = Self;
    fn build(row: Self) -> deserialize::Result<Self> {
        Ok(row)
    }
}
impl<T: Serialize + std::fmt::Debug> ToSql<sql::JsonDoc, Pg> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let value = serde_json::to_value(&self.0)?;
        <serde_json::Value as ToSql<Jsonb, Pg>>::to_sql(&value, &mut out.reborrow())
    }
}
impl<T: Serialize + std::fmt::Debug> ToSql<sql::JsonDoc, Sqlite> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
impl<T: for<'de> Deserialize<'de>> FromSql<sql::JsonDoc, Pg> for Doc<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let value = <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(value)?;
        Ok(Self(serde_json::from_value(value)?))
    }
}
impl<T: for<'de> Deserialize<'de>> FromSql<sql::JsonDoc, Sqlite> for Doc<T> {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

/// Says that an enumeration made by `words!` stands in a text column as its stored word.
macro_rules! word_column {
    ($($enumeration:ty),+ $(,)?) => { $(
        column!($enumeration, Text);
        impl<DB: Backend> ToSql<Text, DB> for $enumeration
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <str as ToSql<Text, DB>>::to_sql(self.word(), out)
            }
        }
        impl<DB: Backend> FromSql<Text, DB> for $enumeration
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(<String as FromSql<Text, DB>>::from_sql(value)?.parse()?)
            }
        }
    )+ };
}

word_column!(
    crate::domain::identities::IdentityKind,
    crate::domain::identities::Environment,
    crate::domain::reaching::IdentityTier,
    crate::domain::identities::ClientType,
    crate::domain::identities::AccessBasis,
    crate::domain::identities::Criticality,
    crate::domain::identities::IdentityState,
    crate::domain::identities::StateCause,
    crate::domain::identities::RefreshTokens,
    crate::domain::identities::CredentialKind,
    crate::domain::identities::Strength,
    crate::domain::identities::RevocationMethod,
    crate::domain::identities::ScopeList,
    crate::domain::identities::OwnerAnswer,
    crate::domain::grants::GrantKind,
    crate::domain::grants::GrantState,
    crate::domain::requests::RequestKind,
    crate::domain::requests::RequestState,
    crate::domain::requests::StageKind,
    crate::domain::requests::RequestAnswer,
    crate::domain::requests::DecidedAs,
    crate::domain::requests::PaperKind,
    crate::domain::scopes::tiers::Tier,
    crate::domain::reviews::ReviewState,
    crate::domain::reviews::ReviewAnswer,
    crate::domain::reviews::ReviewOutcome,
    crate::domain::reviews::ReviewProof,
    crate::domain::reviews::ReviewStep,
    crate::domain::reviews::reasons::ReviewCause,
    crate::domain::reviews::silence::StopState,
    crate::domain::reviews::silence::ProposalState,
    crate::domain::reviews::campaigns::CampaignState,
    crate::domain::reviews::campaigns::Excluded,
    crate::domain::findings::FindingRule,
    crate::domain::findings::Severity,
    crate::domain::break_glass::EmergencyState,
    crate::domain::access::SignInMethod,
    crate::domain::access::LinkPurpose,
    crate::domain::access::CeremonyKind,
    crate::domain::people::Role,
    crate::domain::systems::SystemKind,
    crate::domain::tasks::TaskKind,
    crate::domain::tasks::TaskCause,
    crate::domain::tasks::TaskState,
    crate::domain::tasks::TaskAnswer,
    crate::domain::tasks::AssigneeGroup,
    crate::domain::tasks::AssignedAs,
    crate::domain::imports::ImportState,
    crate::domain::imports::ImportSubject,
    crate::domain::imports::RowAction,
    crate::domain::jobs::Job,
    crate::domain::runs::CatchUp,
    crate::domain::runs::Overlap,
    crate::domain::runs::RunState,
    crate::domain::runs::StartedBy,
    crate::domain::notices::MailState,
    crate::domain::notices::MailKind,
    crate::domain::notices::MailFault,
    crate::domain::notices::LineKind,
    crate::domain::bulk::BulkAction,
    crate::domain::bulk::BulkResult,
    crate::domain::ownership::OwnerRole,
    crate::domain::audit::ActorKind,
    crate::domain::api_tokens::TokenScope,
    crate::domain::audit::Outcome,
);
