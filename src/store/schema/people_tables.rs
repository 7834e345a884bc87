//! The tables of people, their accounts, and how they sign in.

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    people (id) {
        id -> Uid,
        name -> Text,
        name_key -> Text,
        email -> Text,
        email_key -> Text,
        staff_id -> Nullable<Text>,
        title -> Nullable<Text>,
        department -> Nullable<Text>,
        manager_id -> Nullable<Uid>,
        deputy_id -> Nullable<Uid>,
        left_on -> Nullable<Date>,
        time_zone -> Nullable<Text>,
        created_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    accounts (person_id) {
        person_id -> Uid,
        role -> Text,
        password_hash -> Nullable<Text>,
        single_sign_on_subject -> Nullable<Text>,
        disabled_at -> Nullable<UtcTime>,
        last_sign_in_at -> Nullable<UtcTime>,
        created_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    sessions (id) {
        id -> Uid,
        digest -> Binary,
        person_id -> Uid,
        method -> Text,
        created_at -> UtcTime,
        last_seen_at -> UtcTime,
        ends_at -> UtcTime,
        confirmed_at -> UtcTime,
        address -> Text,
        agent -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    account_links (digest) {
        digest -> Binary,
        person_id -> Nullable<Uid>,
        purpose -> Text,
        created_at -> UtcTime,
        ends_at -> UtcTime,
        used_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    sign_in_attempts (id) {
        id -> Uid,
        subject -> Text,
        at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    code_generators (person_id) {
        person_id -> Uid,
        sealed_secret -> Binary,
        confirmed_at -> Nullable<UtcTime>,
        last_step -> BigInt,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    recovery_codes (digest) {
        digest -> Binary,
        person_id -> Uid,
        created_at -> UtcTime,
        used_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    passkeys (id) {
        id -> Uid,
        person_id -> Uid,
        credential_id -> Text,
        name -> Text,
        credential -> JsonDoc,
        created_at -> UtcTime,
        last_used_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    ceremonies (digest) {
        digest -> Binary,
        kind -> Text,
        person_id -> Nullable<Uid>,
        state -> JsonDoc,
        return_to -> Text,
        tries -> BigInt,
        created_at -> UtcTime,
        ends_at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    held_forms (id) {
        id -> Uid,
        session_id -> Uid,
        target -> Text,
        fields -> JsonDoc,
        created_at -> UtcTime,
        ends_at -> UtcTime,
        sent_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    api_tokens (id) {
        id -> Uid,
        identity_id -> Uid,
        person_id -> Uid,
        name -> Text,
        digest -> Binary,
        ending -> Text,
        scopes -> JsonDoc,
        role -> Text,
        created_at -> UtcTime,
        ends_at -> UtcTime,
        last_used_at -> Nullable<UtcTime>,
        last_used_from -> Nullable<Text>,
        revoked_at -> Nullable<UtcTime>,
        revoked_by -> Nullable<Uid>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    sealed_codes (id) {
        id -> Uid,
        digest -> Binary,
        made_at -> UtcTime,
        used_at -> Nullable<UtcTime>,
        used_by -> Nullable<Uid>,
        voided_at -> Nullable<UtcTime>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    emergency_accesses (id) {
        id -> Uid,
        person_id -> Uid,
        state -> Text,
        reason -> Text,
        hours -> BigInt,
        asked_at -> UtcTime,
        approver_id -> Nullable<Uid>,
        code_id -> Nullable<Uid>,
        decision_reason -> Nullable<Text>,
        started_at -> Nullable<UtcTime>,
        ends_at -> Nullable<UtcTime>,
        ended_at -> Nullable<UtcTime>,
        ended_by -> Nullable<Uid>,
        version -> BigInt,
    }
}
