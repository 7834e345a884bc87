//! What programs send, as JSON. The comments here are what the description of the interface says.
//!
//! Nearly every member may be absent as far as the types go: what is missing is told together with what else
//! is wrong, by name.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::identities::{
    AccessBasis, ClientType, Criticality, Environment, IdentityKind, RefreshTokens, RevocationMethod,
};
use crate::domain::ids::Id;
use crate::domain::requests::PaperKind;

/// What is asked for: a change of what an identity may do (`identity_id` and `identity_version`), or a new app
/// (`registration`); with `origin_id` the new app is one that works in another environment already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// The identity whose permissions or end change.
    #[schema(value_type = Option<Id>)]
    pub identity_id: Option<String>,
    /// The version of it that you read; a preview tells it. Where it changed since, nothing is sent (409).
    pub identity_version: Option<i64>,
    /// The new app, in place of an identity.
    pub registration: Option<NewIdentity>,
    /// The identity that the new app is the same as, in another environment.
    #[schema(value_type = Option<Id>)]
    pub origin_id: Option<String>,
    /// Every permission that it is to have in the end, one in each entry, as SMART App Launch writes them.
    #[schema(required, example = json!(["patient/Observation.rs?category=laboratory"]))]
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Why it is needed, at most 2,000 characters. Whoever decides reads it.
    #[schema(required)]
    #[serde(default)]
    pub reason: String,
    /// The day at whose start it ends.
    #[schema(required, value_type = NaiveDate)]
    #[serde(default)]
    pub until: String,
    /// Why it cannot wait; none where it can.
    pub urgency: Option<String>,
    /// You say that no data of real patients is there. Only in a sandbox.
    #[serde(default)]
    pub test_data: bool,
}

/// A new app, service account, token or AI agent. It does not work before it was approved and set up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentity {
    #[schema(required, value_type = IdentityKind)]
    #[serde(default)]
    pub kind: String,
    /// At most 200 characters on one line.
    #[schema(required)]
    #[serde(default)]
    pub name: String,
    /// At most 4,000 characters.
    pub description: Option<String>,
    /// The client id at its system, where it has one already.
    pub client_id: Option<String>,
    /// The id of the system that issues its tokens.
    #[schema(value_type = Option<Id>)]
    pub system: Option<String>,
    #[schema(required, value_type = Environment)]
    #[serde(default)]
    pub environment: String,
    /// The id of the vendor that it belongs to.
    #[schema(value_type = Option<Id>)]
    pub vendor: Option<String>,
    /// The vendor of the system keeps it.
    #[serde(default)]
    pub vendor_managed: bool,
    /// The id or client id of the identity that it belongs to.
    pub parent: Option<String>,
    /// The ids or client ids of the same client in other environments.
    #[serde(default)]
    pub twins: Vec<String>,
    /// The e-mail address of whoever answers for it. None where you do not know; somebody is asked then.
    pub business_owner: Option<String>,
    /// The e-mail address of whoever runs it.
    pub technical_owner: Option<String>,
    /// What it is for, at most 4,000 characters.
    #[schema(required)]
    #[serde(default)]
    pub purpose: String,
    /// Why it may see patient data.
    #[schema(value_type = Option<AccessBasis>)]
    pub access_basis: Option<String>,
    /// How much care depends on it.
    #[schema(value_type = Option<Criticality>)]
    pub criticality: Option<String>,
    /// Whether it can keep a secret.
    #[schema(value_type = Option<ClientType>)]
    pub client_type: Option<String>,
    /// As in RFC 7591, one in each entry.
    #[schema(example = json!(["authorization_code"]))]
    #[serde(default)]
    pub grant_types: Vec<String>,
    /// How it is started: `launch-ehr`, `launch-standalone`, `backend`.
    #[serde(default)]
    pub launch_types: Vec<String>,
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Seconds that an access token lives.
    pub access_token_seconds: Option<i64>,
    /// How long refresh tokens live.
    #[schema(value_type = Option<RefreshTokens>)]
    pub refresh_tokens: Option<String>,
    /// Seconds that a refresh token lives, where that is limited.
    pub refresh_token_seconds: Option<i64>,
    pub review_interval_days: Option<i64>,
    #[schema(value_type = Option<NaiveDate>)]
    pub next_review_on: Option<String>,
    /// How it is stopped.
    pub way_to_stop: Option<NewWayToStop>,
    /// The documents that allow the access, at most one of each kind.
    #[serde(default)]
    pub documents: Vec<NewDocument>,
}

/// How an identity is stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWayToStop {
    #[schema(required, value_type = RevocationMethod)]
    #[serde(default)]
    pub method: String,
    /// What is done, step by step, at most 8,000 characters.
    #[schema(required)]
    #[serde(default)]
    pub steps: String,
    /// Who is called, at most 500 characters.
    #[schema(required)]
    #[serde(default)]
    pub contact: String,
}

/// A document that allows the access, as a reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    #[schema(required, value_type = PaperKind)]
    #[serde(default)]
    pub kind: String,
    /// Its number or place, at most 200 characters on one line.
    #[schema(required)]
    #[serde(default)]
    pub reference: String,
    /// Its last day.
    #[schema(value_type = Option<NaiveDate>)]
    pub ends_on: Option<String>,
}

/// Taking a request back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The version of the request that you read. Where it moved since, nothing is done (409).
    pub version: i64,
    /// Why, in words.
    #[serde(default)]
    #[schema(required)]
    pub reason: String,
}
