//! The tables of imports, and of what is changed in bulk.

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    imports (id) {
        id -> Uid,
        subject -> Text,
        format -> Text,
        file_name -> Text,
        file_digest -> Text,
        file_bytes -> BigInt,
        column_map -> Nullable<Text>,
        system_id -> Nullable<Uid>,
        environment -> Nullable<Text>,
        state -> Text,
        left_out -> JsonDoc,
        counts -> JsonDoc,
        made_by -> Nullable<Uid>,
        made_at -> UtcTime,
        applied_at -> Nullable<UtcTime>,
        applied_by -> Nullable<Uid>,
        undone_at -> Nullable<UtcTime>,
        undone_by -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    import_rows (import_id, position) {
        import_id -> Uid,
        position -> BigInt,
        line -> Nullable<BigInt>,
        action -> Text,
        name -> Text,
        client_id -> Nullable<Text>,
        subject_id -> Nullable<Uid>,
        reason -> Nullable<Text>,
        changes -> JsonDoc,
        record -> Nullable<JsonDoc>,
        version_before -> Nullable<BigInt>,
        version_after -> Nullable<BigInt>,
        result -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    column_maps (id) {
        id -> Uid,
        name -> Text,
        name_key -> Text,
        subject -> Text,
        body -> Text,
        created_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    bulk_sets (id) {
        id -> Uid,
        action -> Text,
        parameters -> JsonDoc,
        filter -> Text,
        made_by -> Uid,
        made_at -> UtcTime,
        applied_at -> Nullable<UtcTime>,
        undone_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    bulk_set_items (set_id, position) {
        set_id -> Uid,
        position -> BigInt,
        identity_id -> Uid,
        version_seen -> BigInt,
        version_after -> Nullable<BigInt>,
        excluded -> Nullable<Text>,
        previous -> Nullable<JsonDoc>,
        result -> Nullable<Text>,
    }
}
