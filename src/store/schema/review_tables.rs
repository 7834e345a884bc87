//! The tables of reviews, campaigns and findings.

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    campaigns (id) {
        number -> BigInt,
        id -> Uid,
        name -> Text,
        why -> Text,
        selection -> JsonDoc,
        state -> Text,
        due_on -> Date,
        made_by_id -> Uid,
        made_at -> UtcTime,
        opened_by_id -> Nullable<Uid>,
        opened_at -> Nullable<UtcTime>,
        prepared_at -> Nullable<UtcTime>,
        ended_at -> Nullable<UtcTime>,
        ended_by_id -> Nullable<Uid>,
        ended_because -> Nullable<Text>,
        moved_at -> UtcTime,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    reviews (id) {
        id -> Uid,
        identity_id -> Uid,
        campaign_id -> Nullable<Uid>,
        state -> Text,
        tier -> Text,
        snapshot -> JsonDoc,
        resolution -> JsonDoc,
        opened_at -> UtcTime,
        due_on -> Date,
        add_on -> Date,
        replace_on -> Date,
        silence_on -> Date,
        next_step_on -> Nullable<Date>,
        escalated_at -> Nullable<UtcTime>,
        outcome -> Nullable<Text>,
        decision_id -> Nullable<Uid>,
        decided_at -> Nullable<UtcTime>,
        takes_effect_at -> Nullable<UtcTime>,
        applied_at -> Nullable<UtcTime>,
        proof -> Nullable<Text>,
        proof_note -> Nullable<Text>,
        proved_by_id -> Nullable<Uid>,
        proved_at -> Nullable<UtcTime>,
        closed_at -> Nullable<UtcTime>,
        ended_because -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    campaign_items (campaign_id, position) {
        campaign_id -> Uid,
        position -> BigInt,
        identity_id -> Uid,
        name -> Text,
        review_id -> Nullable<Uid>,
        excluded -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    review_reasons (identity_id, cause, period) {
        identity_id -> Uid,
        cause -> Text,
        period -> Text,
        says -> Text,
        review_id -> Nullable<Uid>,
        ended -> Nullable<Text>,
        noted_at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    review_decisions (id) {
        id -> Uid,
        review_id -> Uid,
        answer -> Text,
        decided_by_id -> Uid,
        decided_as -> Text,
        reason -> Nullable<Text>,
        kept -> Nullable<JsonDoc>,
        revoke_on -> Nullable<Date>,
        passed_to_id -> Nullable<Uid>,
        sheet -> JsonDoc,
        digest -> Text,
        identity_version -> BigInt,
        together_id -> Nullable<Uid>,
        supersedes_id -> Nullable<Uid>,
        decided_at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    review_steps (review_id, step) {
        review_id -> Uid,
        step -> Text,
        says -> Text,
        at -> UtcTime,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    silence_stops (id) {
        id -> Uid,
        state -> Text,
        cuts -> BigInt,
        population -> BigInt,
        reviews -> JsonDoc,
        stopped_at -> UtcTime,
        first_by_id -> Nullable<Uid>,
        second_by_id -> Nullable<Uid>,
        reason -> Nullable<Text>,
        ended_at -> Nullable<UtcTime>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    findings (id) {
        id -> Uid,
        identity_id -> Uid,
        rule -> Text,
        severity -> Text,
        says -> Text,
        opened_at -> UtcTime,
        closed_at -> Nullable<UtcTime>,
        closed_because -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    silence_proposals (id) {
        id -> Uid,
        state -> Text,
        reason -> Text,
        proposed_by_id -> Uid,
        proposed_at -> UtcTime,
        agreed_by_id -> Nullable<Uid>,
        agreed_at -> Nullable<UtcTime>,
        ended_by_id -> Nullable<Uid>,
        ended_at -> Nullable<UtcTime>,
        ended_because -> Nullable<Text>,
        version -> BigInt,
    }
}
