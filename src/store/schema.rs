//! The tables, as both databases have them. `migrations/` is the truth; a test compares the two.

mod request_tables;
mod review_tables;

pub use request_tables::*;
pub use review_tables::*;

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

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    settings (name) {
        name -> Text,
        value -> Text,
    }
}

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
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    schedules (job) {
        job -> Text,
        cron -> Text,
        time_zone -> Text,
        catch_up -> Text,
        catch_up_seconds -> BigInt,
        overlap -> Text,
        paused_at -> Nullable<UtcTime>,
        paused_by -> Nullable<Uid>,
        pause_reason -> Nullable<Text>,
        last_slot_at -> UtcTime,
        updated_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    job_runs (id) {
        id -> Uid,
        job -> Text,
        slot_at -> UtcTime,
        started_by -> Text,
        state -> Text,
        attempts -> BigInt,
        lease_until -> Nullable<UtcTime>,
        fence -> BigInt,
        started_at -> Nullable<UtcTime>,
        finished_at -> Nullable<UtcTime>,
        error -> Nullable<Text>,
        result -> Nullable<JsonDoc>,
        created_at -> UtcTime,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    schedulers (id) {
        id -> Uid,
        started_at -> UtcTime,
        looked_at -> UtcTime,
        skew_seconds -> Nullable<BigInt>,
        jumps -> BigInt,
        jumped_at -> Nullable<UtcTime>,
        jump_seconds -> Nullable<BigInt>,
    }
}

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

diesel::joinable!(identities -> systems (system_id));
diesel::joinable!(identities -> vendors (vendor_id));
diesel::joinable!(accounts -> people (person_id));
diesel::joinable!(revocation_paths -> identities (identity_id));
diesel::joinable!(tasks -> identities (identity_id));
diesel::joinable!(credentials -> identities (identity_id));
diesel::joinable!(identity_scopes -> identities (identity_id));
diesel::joinable!(bulk_set_items -> identities (identity_id));
diesel::joinable!(grants -> identities (identity_id));
diesel::joinable!(requests -> identities (identity_id));
diesel::joinable!(reviews -> identities (identity_id));
diesel::joinable!(digest_lines -> reviews (review_id));
diesel::joinable!(findings -> identities (identity_id));
diesel::joinable!(sessions -> people (person_id));
diesel::joinable!(outbox -> people (recipient_id));
diesel::joinable!(api_tokens -> people (person_id));
diesel::joinable!(api_tokens -> identities (identity_id));
diesel::joinable!(held_forms -> sessions (session_id));
diesel::joinable!(passkeys -> people (person_id));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    api_tokens,
    bulk_set_items,
    campaign_items,
    campaigns,
    credentials,
    digest_lines,
    emergency_accesses,
    findings,
    grants,
    held_forms,
    identities,
    identity_scopes,
    imports,
    outbox,
    passkeys,
    people,
    request_decisions,
    requests,
    review_decisions,
    review_notes,
    review_reasons,
    review_steps,
    reviews,
    revocation_paths,
    sessions,
    systems,
    tasks,
    vendors,
);
