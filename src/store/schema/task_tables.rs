//! The tables of tasks, and of the mail that tells of them.

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    tasks (id) {
        id -> Uid,
        kind -> Text,
        identity_id -> Nullable<Uid>,
        emergency_id -> Nullable<Uid>,
        request_id -> Nullable<Uid>,
        review_id -> Nullable<Uid>,
        period -> Text,
        cause -> Text,
        reason -> Text,
        assignee_id -> Nullable<Uid>,
        assignee_group -> Nullable<Text>,
        assigned_as -> Text,
        due_on -> Date,
        state -> Text,
        answer -> Nullable<Text>,
        wanted_until -> Nullable<Date>,
        note -> Nullable<Text>,
        created_at -> UtcTime,
        closed_at -> Nullable<UtcTime>,
        closed_by -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    digest_lines (id) {
        id -> Uid,
        dedupe_key -> Text,
        mail_id -> Uid,
        review_id -> Uid,
        kind -> Text,
        says -> Text,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    outbox (id) {
        id -> Uid,
        dedupe_key -> Text,
        kind -> Text,
        recipient_id -> Uid,
        digest_on -> Date,
        state -> Text,
        attempts -> BigInt,
        next_at -> UtcTime,
        lease_until -> Nullable<UtcTime>,
        fence -> BigInt,
        message_id -> Text,
        sent_at -> Nullable<UtcTime>,
        error -> Nullable<Text>,
        created_at -> UtcTime,
        told -> Nullable<JsonDoc>,
        notice -> Nullable<JsonDoc>,
        retries -> BigInt,
        retried_at -> Nullable<UtcTime>,
        retried_by -> Nullable<Uid>,
        fault -> Nullable<Text>,
    }
}
