//! How the values of the domain stand in the description of the interface: enumerations with their words
//! and what each means, ids and moments with their format.

use utoipa::openapi::schema::Type;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::identities::{
    AccessBasis, ClientType, Criticality, Environment, IdentityKind, IdentityState, RefreshTokens, RevocationMethod,
};
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::{DecidedAs, PaperKind, RequestAnswer, RequestKind, RequestState, StageKind, StageState};
use crate::domain::scopes::difference::Change;
use crate::domain::scopes::tiers::Tier;
use crate::domain::words::Worded;

fn enumeration<T: Worded>(what: &str) -> RefOr<Schema> {
    let pairs = T::pairs();
    let lines: Vec<String> = pairs.iter().map(|(word, label)| format!("- `{word}`: {label}")).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!("{what}\n\n{}", lines.join("\n"))))
        .enum_values(Some(pairs.iter().map(|(word, _)| *word)))
        .into()
}

fn text_of(what: &str, format: SchemaFormat) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).description(Some(what)).format(Some(format)).into()
}

macro_rules! described {
    ($($name:ident $what:literal;)+) => {
        $(
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> { enumeration::<$name>($what) }
            }
            impl ToSchema for $name {}
        )+
    };
}

described! {
    AccessBasis "Why the identity may see patient data.";
    Change "What becomes of a permission.";
    ClientType "Whether the client can keep a secret (RFC 6749 section 2.1).";
    Criticality "How much care depends on the identity.";
    DecidedAs "By what right somebody decided.";
    Environment "Where the identity works.";
    IdentityKind "What sort of non-human identity it is.";
    IdentityState "The states of an identity's life.";
    PaperKind "A document that allows the access.";
    RefreshTokens "How long refresh tokens live.";
    RequestAnswer "What somebody answered.";
    RequestKind "What is asked for.";
    RequestState "How far a request has come.";
    RevocationMethod "How the identity is stopped.";
    StageKind "Whose yes is needed.";
    StageState "How a stage stands.";
    Tier "How much harm the permissions could do.";
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        text_of("The id of a record.", SchemaFormat::Custom("uuid".to_owned()))
    }
}
impl ToSchema for Id {}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        text_of("A moment in UTC, to the microsecond.", SchemaFormat::KnownFormat(KnownFormat::DateTime))
    }
}
impl ToSchema for Moment {}
