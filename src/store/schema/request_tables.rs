//! The tables of requests.

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    requests (id) {
        number -> BigInt,
        id -> Uid,
        identity_id -> Uid,
        kind -> Text,
        state -> Text,
        requester_id -> Uid,
        requester_for_id -> Nullable<Uid>,
        reason -> Text,
        urgency -> Nullable<Text>,
        wanted_until -> Date,
        approved_until -> Nullable<Date>,
        test_data -> Bool,
        purpose -> Nullable<Text>,
        access_basis -> Nullable<Text>,
        tier -> Text,
        rule -> Text,
        because -> Text,
        longest_days -> BigInt,
        sent_at -> UtcTime,
        ends_at -> UtcTime,
        moved_at -> UtcTime,
        effective_at -> Nullable<UtcTime>,
        applied_at -> Nullable<UtcTime>,
        executor_id -> Nullable<Uid>,
        evidence -> Nullable<Text>,
        issued_at -> Nullable<UtcTime>,
        executed_version -> Nullable<BigInt>,
        confirmed_at -> Nullable<UtcTime>,
        confirmed_by_id -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    request_scopes (request_id, position) {
        request_id -> Uid,
        position -> BigInt,
        scope -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    request_stages (request_id, position) {
        request_id -> Uid,
        position -> BigInt,
        kind -> Text,
        named_id -> Nullable<Uid>,
        round -> BigInt,
        due_on -> Nullable<Date>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    request_decisions (id) {
        id -> Uid,
        request_id -> Uid,
        position -> BigInt,
        stage -> Text,
        answer -> Text,
        decided_by_id -> Uid,
        decided_as -> Text,
        kept -> Nullable<JsonDoc>,
        until -> Nullable<Date>,
        reason -> Nullable<Text>,
        ground -> Nullable<Text>,
        passed_to_id -> Nullable<Uid>,
        sheet -> JsonDoc,
        digest -> Text,
        identity_version -> BigInt,
        decided_at -> UtcTime,
        undo_until -> UtcTime,
        undone_at -> Nullable<UtcTime>,
        undo_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    request_drafts (id) {
        id -> Uid,
        person_id -> Uid,
        origin_id -> Nullable<Uid>,
        fields -> JsonDoc,
        created_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    identity_papers (identity_id, kind) {
        identity_id -> Uid,
        kind -> Text,
        reference -> Text,
        ends_on -> Nullable<Date>,
    }
}
