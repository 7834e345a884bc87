//! The tables of the audit log.

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    audit_entries (seq) {
        seq -> BigInt,
        at -> UtcTime,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        entity -> Text,
        entity_id -> Text,
        entity_version -> Nullable<BigInt>,
        outcome -> Text,
        reason -> Nullable<Text>,
        body -> Binary,
        leaf -> Binary,
        emergency_id -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    audit_nodes (level, position) {
        level -> BigInt,
        position -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    audit_head (id) {
        id -> BigInt,
        size -> BigInt,
    }
}
