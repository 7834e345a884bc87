//! The tables, as both databases have them: each family in a file of `schema/`, and here which of them a query may join.
//! `migrations/` is the truth; a test compares the two.

mod audit_tables;
mod identity_tables;
mod import_tables;
mod job_tables;
mod people_tables;
mod request_tables;
mod review_tables;
mod task_tables;

pub use audit_tables::*;
pub use identity_tables::*;
pub use import_tables::*;
pub use job_tables::*;
pub use people_tables::*;
pub use request_tables::*;
pub use review_tables::*;
pub use task_tables::*;

diesel::table! {
    use crate::store::types::sql::*;
    use diesel::sql_types::*;

    settings (name) {
        name -> Text,
        value -> Text,
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
    job_runs,
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
    schedules,
    sessions,
    systems,
    tasks,
    vendors,
);
