//! The tables of identities, their parts, and what they belong to.

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    systems (id) {
        id -> Uid,
        name -> Text,
        name_key -> Text,
        kind -> Text,
        base_url -> Nullable<Text>,
        business_owner_id -> Nullable<Uid>,
        technical_owner_id -> Nullable<Uid>,
        notes -> Nullable<Text>,
        created_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    vendors (id) {
        id -> Uid,
        name -> Text,
        name_key -> Text,
        contact -> Nullable<Text>,
        contract_reference -> Nullable<Text>,
        contract_ends_on -> Nullable<Date>,
        agreement_reference -> Nullable<Text>,
        agreement_ends_on -> Nullable<Date>,
        baa_reference -> Nullable<Text>,
        baa_ends_on -> Nullable<Date>,
        notes -> Nullable<Text>,
        created_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    identities (id) {
        id -> Uid,
        kind -> Text,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        client_id -> Nullable<Text>,
        system_id -> Nullable<Uid>,
        environment -> Text,
        parent_id -> Nullable<Uid>,
        vendor_id -> Nullable<Uid>,
        access_basis -> Nullable<Text>,
        purpose -> Nullable<Text>,
        client_type -> Text,
        grant_types -> JsonDoc,
        launch_types -> JsonDoc,
        access_token_seconds -> Nullable<BigInt>,
        refresh_tokens -> Text,
        refresh_token_seconds -> Nullable<BigInt>,
        criticality -> Text,
        enabled -> Bool,
        vendor_managed -> Bool,
        state -> Text,
        state_cause -> Text,
        state_changed_at -> UtcTime,
        expires_at -> Nullable<UtcTime>,
        expires_key -> UtcTime,
        review_interval_days -> Nullable<BigInt>,
        next_review_on -> Nullable<Date>,
        next_review_key -> Date,
        last_used_at -> Nullable<UtcTime>,
        last_used_key -> UtcTime,
        last_used_source -> Nullable<Text>,
        use_visible_since -> Nullable<UtcTime>,
        business_owner_id -> Nullable<Uid>,
        business_owner_answer -> Nullable<Text>,
        business_owner_answered_at -> Nullable<UtcTime>,
        technical_owner_id -> Nullable<Uid>,
        technical_owner_answer -> Nullable<Text>,
        technical_owner_answered_at -> Nullable<UtcTime>,
        notes -> JsonDoc,
        source_format -> Nullable<Text>,
        source_import_id -> Nullable<Uid>,
        vanished_at -> Nullable<UtcTime>,
        registered_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
        tier -> Text,
        risk -> Nullable<BigInt>,
        risk_falling_key -> BigInt,
        risk_rising_key -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    identity_redirect_uris (identity_id, position) {
        identity_id -> Uid,
        position -> BigInt,
        uri -> Text,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    identity_twins (identity_id, twin_id) {
        identity_id -> Uid,
        twin_id -> Uid,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    identity_scopes (identity_id, list, scope) {
        identity_id -> Uid,
        list -> Text,
        scope -> Text,
        position -> BigInt,
        optional -> Bool,
        in_token -> Bool,
        defined -> Bool,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    credentials (id) {
        id -> Uid,
        identity_id -> Uid,
        kind -> Text,
        key_id -> Nullable<Text>,
        thumbprint -> Nullable<Text>,
        location -> Nullable<Text>,
        issued_at -> Nullable<UtcTime>,
        expires_at -> Nullable<UtcTime>,
        never_expires -> Bool,
        strength -> Text,
        fingerprint -> Nullable<Text>,
        first_seen_at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    revocation_paths (identity_id) {
        identity_id -> Uid,
        method -> Text,
        steps -> Text,
        contact -> Text,
        proved_at -> Nullable<UtcTime>,
        proof -> Nullable<Text>,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    grants (id) {
        id -> Uid,
        identity_id -> Uid,
        kind -> Text,
        state -> Text,
        reason -> Text,
        decision_reason -> Nullable<Text>,
        requester_id -> Uid,
        requester_for_id -> Nullable<Uid>,
        approver_id -> Nullable<Uid>,
        executor_id -> Nullable<Uid>,
        asked_at -> UtcTime,
        decided_at -> Nullable<UtcTime>,
        executed_at -> Nullable<UtcTime>,
        ends_at -> UtcTime,
        asked_version -> BigInt,
        identity_version -> Nullable<BigInt>,
        executed_version -> Nullable<BigInt>,
        version -> BigInt,
    }
}
