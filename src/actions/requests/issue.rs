//! Recording what was issued and removed at the system, by somebody who neither asked nor approved.
//! What is issued never goes beyond what was approved.

use super::load::{load, load_held};
use super::{check_living, decide, outdated, person, refused, settle, stages};
use crate::actions::{ActionError, By, FieldError, Register, identities as acting, reaching};
use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret};
use crate::domain::identities::{IdentityState, ScopeList, StateCause};
use crate::domain::ids::Id;
use crate::domain::requests::people as rules;
use crate::domain::requests::{RequestError, RequestState};
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::{ScopeSet, Verdict};
use crate::domain::tasks::TaskAnswer;
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::requests::{self, Request};
use crate::store::{StoreError, identity_names};

/// The longest evidence, in characters.
const LONGEST_EVIDENCE: usize = 4_000;

/// What somebody records, and what they saw when they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    pub request: Id,
    pub version: i64,
    pub identity_version: i64,
    /// What the system gives now, one a line.
    pub scopes: String,
    /// What was done, and where it can be seen.
    pub evidence: String,
    /// The client id that the system gave, where the register has none yet.
    pub client_id: String,
}

/// Records what the system issues now, and that it is set up.
///
/// # Errors
/// `Invalid` when that goes beyond what was approved, with the exact rest; `Refused` for whoever asked or
/// approved; `Conflict` when something changed since it was shown.
pub fn issue(register: &Register, by: &By, issued: &Issued) -> Result<(), ActionError> {
    person(by)?;
    register.change(by, |work| {
        let seen = load_held(work.db, register, issued.request, by.now)?;
        if seen.request.version != issued.version || seen.identity.version != issued.identity_version {
            return Err(StoreError::Conflict.into());
        }
        // Nothing waits for a job: what is due takes effect now.
        if seen.request.state == RequestState::Approved {
            settle::apply_in(work, register, issued.request)?;
        }
        let loaded = load(work.db, register, issued.request, by.now)?;
        check_living(&loaded.identity)?;
        if loaded.request.state != RequestState::InForce {
            return Err(refused(&match loaded.request.state_at(by.now) {
                RequestState::Open | RequestState::Approved => RequestError::NotInForce,
                other => RequestError::NotOpen(other),
            }));
        }
        if let Some(approval) = outdated(work.db, &loaded.identity)? {
            return Err(refused(&RequestError::UseChanged(approval.number)));
        }
        let human = loaded.human(by).ok_or(ActionError::Forbidden)?;
        rules::carry_out(&loaded.parts(), &human).map_err(|error| refused(&error))?;
        let approved = loaded.on(ScopeList::Approved);
        let (written, evidence, client_id) = read(issued, &approved, loaded.identity.client_id.as_deref())?;
        let before = acting::record(work.db, loaded.identity.id)?;
        let mut identity = before.identity.clone();
        if let Some(client_id) = client_id {
            let holder = identity_names::holder_of(work.db, &client_id, identity.environment, identity.system_id)?;
            if holder.is_some_and(|holder| holder != identity.id) {
                let text = "This client id is registered already for this system and environment; correct it";
                return Err(ActionError::field("client_id", text));
            }
            identity.client_id = Some(client_id);
        }
        let scopes: Vec<IdentityScope> = (0_i64..)
            .zip(&written)
            .map(|(position, scope)| {
                let known = before.scopes.iter().find(|row| row.list == ScopeList::Issued && row.scope == *scope);
                IdentityScope {
                    identity_id: identity.id,
                    list: ScopeList::Issued,
                    scope: scope.clone(),
                    position,
                    optional: known.is_some_and(|row| row.optional),
                    in_token: known.is_none_or(|row| row.in_token),
                    defined: known.is_none_or(|row| row.defined),
                }
            })
            .collect();
        parts::replace_scopes(work.db, identity.id, ScopeList::Issued, &scopes)?;
        let only_expired = identity.state == IdentityState::Suspended && identity.state_cause == StateCause::Expired;
        let starts = matches!(identity.state, IdentityState::Requested | IdentityState::Approved) || only_expired;
        if starts && !identity.has_expired(by.now) {
            identity.state = IdentityState::Active;
            identity.state_cause = StateCause::Decided;
            identity.state_changed_at = by.now;
            identity.enabled = true;
        }
        identity.version += 1;
        identity.updated_at = by.now;
        let after = Request {
            state: RequestState::Issued,
            executor_id: Some(human.person),
            evidence: Some(evidence.clone()),
            issued_at: Some(by.now),
            executed_version: Some(identity.version),
            moved_at: by.now,
            version: loaded.request.version + 1,
            ..loaded.request.clone()
        };
        requests::activate(work.db, &after, &identity)?;
        work.record_because("request.issue", "request", after.id, Some(&evidence), Some(&loaded.request), Some(&after));
        let stored = acting::record(work.db, identity.id)?;
        reaching::store(register, work.db, &identity, &stored.scopes)?;
        work.record("identity.observe_scopes", "identity", identity.id, Some(&before), Some(&stored));
        stages::close_all(work, after.id, TaskAnswer::Done, "what was issued is recorded")?;
        decide::notify_requester(work, register, &after)
    })
}

type Read = (Vec<String>, String, Option<String>);

/// What is typed, every fault at once.
fn read(issued: &Issued, approved: &[&str], client_id: Option<&str>) -> Result<Read, ActionError> {
    let mut errors = Vec::new();
    let mut written: Vec<String> = Vec::new();
    for token in issued.scopes.split_ascii_whitespace() {
        if !written.iter().any(|known| known == token) {
            written.push(token.to_owned());
        }
    }
    let given = ScopeSet::of_product(written.iter().map(String::as_str));
    let coverage = covers(&ScopeSet::of(approved.iter().copied()), &given);
    if written.is_empty() {
        errors.push(FieldError::new("scopes", "Write what the system gives now, one permission a line"));
    } else if coverage.verdict != Verdict::Covered {
        let rest: Vec<String> =
            coverage.rest.iter().map(ToString::to_string).chain(coverage.rejected.iter().cloned()).collect();
        errors.push(FieldError::new("scopes", RequestError::BeyondApproval(rest.join(", ")).to_string()));
    }
    let evidence = issued.evidence.replace("\r\n", "\n");
    let evidence = evidence.trim();
    match evidence.chars().count() {
        0 => errors.push(FieldError::new(
            "evidence",
            "Write what you set up and what you took away, and where somebody can see it",
        )),
        length if length > LONGEST_EVIDENCE => {
            errors.push(FieldError::new("evidence", format!("Write at most {LONGEST_EVIDENCE} characters")));
        }
        _ if holds_a_secret(evidence) => errors.push(FieldError::new("evidence", HOLDS_A_SECRET)),
        _ => {}
    }
    let typed = issued.client_id.trim();
    if typed.chars().count() > 500 || typed.chars().any(char::is_control) {
        errors.push(FieldError::new("client_id", "Write the client id as the system shows it, on one line"));
    } else if !typed.is_empty() && client_id.is_some_and(|known| known != typed) {
        errors.push(FieldError::new(
            "client_id",
            "The register has another client id; correct it on the identity's page",
        ));
    }
    if !errors.is_empty() {
        return Err(ActionError::Invalid(errors));
    }
    let typed = Some(typed.to_owned()).filter(|text| !text.is_empty() && client_id.is_none());
    Ok((written, evidence.to_owned(), typed))
}
