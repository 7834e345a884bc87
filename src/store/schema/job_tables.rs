//! The tables of schedules, their runs, and who looks at them.

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
