//! Approvals that were given before they are told: the two years of the demonstration.

use chrono::NaiveDate;

use crate::actions::{ActionError, Register, Work};
use crate::domain::identities::ScopeList;
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::basis_of;
use crate::domain::requests::sheet::is_unexplained;
use crate::domain::requests::stages::Considered;
use crate::domain::requests::{DecidedAs, RequestAnswer, RequestKind, RequestState, StageKind};
use crate::domain::scopes::ScopeSet;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::store::StoreError;
use crate::store::identities::Identity;
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::request_decisions::{self, Decision};
use crate::store::request_stages::Stage;
use crate::store::requests::{self, Request};
use crate::store::types::Doc;

/// Who took which part, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub requester: Id,
    /// Whoever can decide, in the order in which they are taken; nobody takes two parts.
    pub deciders: Vec<Id>,
    pub reason: String,
    pub at: Moment,
    pub until: NaiveDate,
}

/// Writes down that scopes were asked for, approved by everybody it takes, and issued. The audit log is not
/// told by this: whoever tells a history tells that too.
///
/// # Errors
/// `Refused` where there are not enough people.
pub fn tell(
    work: &mut Work<'_>,
    register: &Register,
    identity: &Identity,
    scopes: &[String],
    told: &Told,
) -> Result<Id, ActionError> {
    let set = ScopeSet::of(scopes.iter().map(String::as_str));
    let reach = Reach::of(&set, Release::R4, &register.deployment.scopes);
    let basis = basis_of(identity.access_basis);
    let (tier, _) = register.deployment.scopes.tiers.tier(&reach, basis);
    let way = register.deployment.approvals.stages.way(&Considered {
        environment: identity.environment,
        test_data: false,
        basis,
        tier,
        reach: &reach,
        adds: true,
        outside: identity.vendor_id.is_some(),
        unexplained: is_unexplained(scopes.iter().map(String::as_str), &reach, &register.deployment.scopes),
        papers: crate::actions::identity_facts::Known::of(work.db, identity)?.running(register.day(told.at)),
    });
    let way = way.ok_or(StoreError::NotFound)?;
    let mut people = told.deciders.iter().copied().filter(|person| *person != told.requester);
    let mut next = || {
        people.next().ok_or_else(|| ActionError::Refused("too few people for the approvals of a history".to_owned()))
    };
    let mut request = Request {
        number: 0,
        id: Id::new(),
        identity_id: identity.id,
        kind: RequestKind::Registration,
        state: RequestState::Open,
        requester_id: told.requester,
        requester_for_id: None,
        reason: told.reason.clone(),
        urgency: None,
        wanted_until: told.until,
        approved_until: None,
        test_data: false,
        purpose: identity.purpose.clone(),
        access_basis: identity.access_basis,
        tier,
        rule: way.rule.clone(),
        because: way.because.clone(),
        longest_days: way.longest_days,
        sent_at: told.at,
        ends_at: told.at.plus_days(register.deployment.approvals.stages.open_days),
        moved_at: told.at,
        effective_at: None,
        applied_at: None,
        executor_id: None,
        evidence: None,
        issued_at: None,
        executed_version: None,
        confirmed_at: None,
        confirmed_by_id: None,
        version: 1,
    };
    let stages = Stage::all(request.id, &way.stages);
    requests::insert(work.db, &request, scopes, &stages)?;
    let sheet = super::load::sheet(register, identity, &[], scopes, told.until);
    for stage in &stages {
        let decided_at = told.at.plus_seconds(stage.position * 3_600);
        let decision = Decision {
            id: Id::new(),
            request_id: request.id,
            position: stage.position,
            stage: stage.kind,
            answer: RequestAnswer::Approve,
            decided_by_id: next()?,
            decided_as: match stage.kind {
                StageKind::BusinessOwner => DecidedAs::BusinessOwner,
                _ => DecidedAs::Keeper,
            },
            kept: None,
            until: Some(told.until),
            reason: None,
            ground: None,
            passed_to_id: None,
            digest: sheet.digest(),
            sheet: Doc(sheet.clone()),
            identity_version: identity.version,
            decided_at,
            undo_until: decided_at,
            undone_at: None,
            undo_reason: None,
        };
        request_decisions::insert(work.db, &decision)?;
        request.moved_at = decided_at;
    }
    let mut step = |work: &mut Work<'_>, change: &dyn Fn(&mut Request)| {
        request.version += 1;
        change(&mut request);
        requests::update(work.db, &request)
    };
    step(work, &|request| {
        request.state = RequestState::Approved;
        request.effective_at = Some(request.moved_at);
        request.approved_until = Some(told.until);
    })?;
    step(work, &|request| {
        request.state = RequestState::InForce;
        request.applied_at = request.effective_at;
    })?;
    let rows: Vec<IdentityScope> = (0_i64..)
        .zip(scopes)
        .map(|(position, scope)| IdentityScope {
            identity_id: identity.id,
            list: ScopeList::Approved,
            scope: scope.clone(),
            position,
            optional: false,
            in_token: true,
            defined: true,
        })
        .collect();
    parts::insert_scopes(work.db, &rows)?;
    let executor = next()?;
    step(work, &|request| {
        request.state = RequestState::Issued;
        request.executor_id = Some(executor);
        request.evidence = Some("Set up at the system, as its change record says.".to_owned());
        request.moved_at = request.moved_at.plus_days(1);
        request.issued_at = Some(request.moved_at);
        request.executed_version = Some(identity.version);
    })?;
    Ok(request.id)
}
