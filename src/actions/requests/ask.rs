//! Asking for a change of what an identity may do: from what is approved now to what is wanted.

use chrono::NaiveDate;

use super::facts;
use super::load::{Loaded, humans, may_ask};
use super::{check_living, faults, refused, stages};
use crate::actions::identity_facts::Known;
use crate::actions::{ActionError, By, FieldError, Register, Work, days, notify};
use crate::domain::api_tokens::END_IS_FIXED;
use crate::domain::audit::ActorKind;
use crate::domain::identities::{IdentityState, ScopeList, StateCause};
use crate::domain::ids::Id;
use crate::domain::reaching::basis_of;
use crate::domain::requests::asking::{self, AskFault, Asked, Typed};
use crate::domain::requests::people::Human;
use crate::domain::requests::sheet::{Sheet, is_unexplained};
use crate::domain::requests::stages::{Considered, Way};
use crate::domain::requests::{RequestError, RequestKind, RequestState, StageKind};
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::tiers::Tier;
use crate::domain::scopes::{ScopeSet, Verdict};
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::request_stages::Stage;
use crate::store::requests::{self, Request};
use crate::store::{Db, StoreError, api_tokens};

/// What somebody asks for, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asking {
    pub scopes: String,
    pub reason: String,
    /// `YYYY-MM-DD`.
    pub until: String,
    pub urgent: bool,
    pub urgency: String,
    /// No data of real patients is there.
    pub test_data: bool,
}

impl Asking {
    fn typed(&self) -> Typed<'_> {
        Typed {
            scopes: &self.scopes,
            reason: &self.reason,
            until: &self.until,
            urgent: self.urgent,
            urgency: &self.urgency,
        }
    }
}

/// What would be sent: who decides about it, and what they would read.
#[derive(Debug, Clone)]
pub struct Preview {
    pub asked: Asked,
    /// The request as it would be sent, with what is known of the identity.
    pub loaded: Loaded,
    /// What whoever decides would read, with the facts.
    pub sheet: Sheet,
    pub way: Way,
    pub tier: Tier,
    /// What of the way nobody could decide.
    pub shortage: Option<StageKind>,
}

/// What would be sent about an identity.
///
/// # Errors
/// `Invalid` with every fault.
pub fn preview(
    db: &mut Db,
    register: &Register,
    by: &By,
    identity: Id,
    asking: &Asking,
) -> Result<Preview, ActionError> {
    let identity = identities::find(db, identity)?;
    let lists = parts::scopes(db, identity.id)?;
    let known = Known::of(db, &identity)?;
    preview_of(db, register, by, RequestKind::Change, (&identity, &lists, &known), asking)
}

/// An identity as it stands or would stand, with its lists and what else is known of it.
pub type About<'a> = (&'a Identity, &'a [IdentityScope], &'a Known);

/// The same about an identity as it stands, or as it would stand.
pub fn preview_of(
    db: &mut Db,
    register: &Register,
    by: &By,
    kind: RequestKind,
    (identity, lists, known): About<'_>,
    asking: &Asking,
) -> Result<Preview, ActionError> {
    let person = by.person.ok_or(ActionError::Forbidden)?;
    let people = humans(db, register, identity, &[person], by.now)?;
    let today = register.day(by.now);
    let approvals = &register.deployment.approvals;
    let read = asking::read(asking.typed(), approvals.stages.most_scopes, today);
    // How late it may end follows from what is asked, so its fault stands beside those of the other fields.
    let asked = read.map_err(|found| faults(&found))?;
    let (way, tier) = way(register, (identity, lists, known), &asked, asking.test_data, today)?;
    asking::check_end(asked.until, today, way.longest_days).map_err(|fault| faults(&[fault]))?;
    if let Some(end) = api_tokens::end_of(db, identity.id)?
        && days::start_of_day(asked.until, register.deployment.time_zone) > end
    {
        return Err(ActionError::field("until", END_IS_FIXED));
    }
    if kind == RequestKind::Change && changes_nothing(register, (identity, lists, known), &asked) {
        return Err(faults(&[AskFault::NothingChanges]));
    }
    let on_behalf_of = people
        .iter()
        .find(|human| human.person == person)
        .and_then(|human| may_ask(&Human { role: by.role, ..*human }, identity).flatten());
    let request = new_request(register, by, identity, kind, on_behalf_of, person, asking, (&asked, &way, tier));
    let loaded = Loaded {
        stages: Stage::all(request.id, &way.stages),
        identity: identity.clone(),
        lists: lists.to_vec(),
        asked: asked.scopes.clone(),
        decisions: Vec::new(),
        people,
        today,
        request,
    };
    let sheet = facts::with_facts(register, &loaded, known);
    Ok(Preview { sheet, shortage: loaded.shortage(), asked, way, tier, loaded })
}

/// Whether what is asked for is what is approved already, for the same use and until the same day.
fn changes_nothing(register: &Register, (identity, lists, known): About<'_>, asked: &Asked) -> bool {
    let approved = approved(lists);
    let wanted = ScopeSet::of(asked.scopes.iter().map(String::as_str));
    known.outdated.is_none()
        && days::expires_on(identity, register.deployment.time_zone) == Some(asked.until)
        && covers(&approved, &wanted).verdict == Verdict::Covered
        && covers(&wanted, &approved).verdict == Verdict::Covered
}

fn approved(lists: &[IdentityScope]) -> ScopeSet {
    ScopeSet::of(lists.iter().filter(|row| row.list == ScopeList::Approved).map(|row| row.scope.as_str()))
}

/// Whose yes it takes, and its tier.
fn way(
    register: &Register,
    (identity, lists, known): About<'_>,
    asked: &Asked,
    test_data: bool,
    today: NaiveDate,
) -> Result<(Way, Tier), ActionError> {
    let knowledge = &register.deployment.scopes;
    let wanted = ScopeSet::of(asked.scopes.iter().map(String::as_str));
    let approved = approved(lists);
    let end = days::expires_on(identity, register.deployment.time_zone);
    let later = end.is_some_and(|end| asked.until > end);
    // What was approved was approved for another use: nothing of it counts.
    let adds = known.outdated.is_some() || later || covers(&approved, &wanted).verdict != Verdict::Covered;
    let reach = Reach::of(&wanted, Release::R4, knowledge);
    let basis = basis_of(identity.access_basis);
    let (tier, _) = knowledge.tiers.tier(&reach, basis);
    let considered = Considered {
        environment: identity.environment,
        test_data,
        basis,
        tier,
        reach: &reach,
        adds,
        outside: identity.vendor_id.is_some(),
        unexplained: is_unexplained(asked.scopes.iter().map(String::as_str), &reach, knowledge),
        papers: known.running(today),
    };
    let way = register.deployment.approvals.stages.way(&considered);
    // A table that was read has a rule for every request.
    way.map(|way| (way, tier)).ok_or_else(|| ActionError::Refused("no rule says who decides about this".to_owned()))
}

/// Asks for a change of what an identity may do. `seen` is the version of the identity that was shown.
///
/// # Errors
/// `Forbidden` for whoever may not ask; `Invalid` with every fault; `Conflict` when the identity changed;
/// `Refused` when another request waits, or the identity is going.
pub fn ask(register: &Register, by: &By, identity: Id, seen: i64, asking: &Asking) -> Result<Id, ActionError> {
    register.change(by, |work| {
        let identity = identities::find(work.db, identity)?;
        if identity.version != seen {
            return Err(StoreError::Conflict.into());
        }
        let request = ask_in(work, register, identity, (RequestKind::Change, None), asking)?;
        Ok(request.id)
    })
}

/// The same inside a change, for an identity that stands already. The request gets `id` where one is given.
pub(super) fn ask_in(
    work: &mut Work<'_>,
    register: &Register,
    identity: Identity,
    (kind, id): (RequestKind, Option<Id>),
    asking: &Asking,
) -> Result<Request, ActionError> {
    let by = work.by;
    check_living(&identity)?;
    let person = by.person.filter(|_| matches!(by.kind, ActorKind::Person | ActorKind::ApiToken));
    let person = person.ok_or(ActionError::Forbidden)?;
    let people = humans(work.db, register, &identity, &[person], by.now)?;
    let human = people.iter().find(|human| human.person == person).ok_or(ActionError::Forbidden)?;
    let human = Human { role: by.role, ..*human };
    // Whoever registers something need not own it.
    if kind == RequestKind::Change && may_ask(&human, &identity).is_none() {
        return Err(ActionError::Forbidden);
    }
    let lists = parts::scopes(work.db, identity.id)?;
    let known = Known::of(work.db, &identity)?;
    let preview = preview_of(work.db, register, by, kind, (&identity, &lists, &known), asking)?;
    make_room(work, &identity)?;
    // What nobody decided in time may have been let go just now.
    let mut identity = identities::find(work.db, identity.id)?;
    if identity.state == IdentityState::Rejected {
        let before = identity.clone();
        identity.state = IdentityState::Requested;
        identity.state_cause = StateCause::Decided;
        identity.state_changed_at = by.now;
        super::super::ownership::store(work, "identity.ask_again", None, &before, &mut identity)?;
    }
    let Loaded { request, stages, .. } = preview.loaded;
    let request = Request { id: id.unwrap_or(request.id), ..request };
    let stages: Vec<Stage> = stages.into_iter().map(|stage| Stage { request_id: request.id, ..stage }).collect();
    let request = requests::insert(work.db, &request, &preview.asked.scopes, &stages).map_err(|error| match error {
        // Somebody asked at the same moment.
        StoreError::Constraint(_) => StoreError::Conflict,
        other => other,
    })?;
    let scopes = requested(&identity, &preview.asked.scopes);
    if matches!(identity.state, IdentityState::Requested | IdentityState::Approved) {
        parts::replace_scopes(work.db, identity.id, ScopeList::Requested, &scopes)?;
        let lists = parts::scopes(work.db, identity.id)?;
        super::super::reaching::store(register, work.db, &identity, &lists)?;
    }
    work.record_because(
        "request.ask",
        "request",
        request.id,
        Some(&request.reason),
        None,
        Some(&Recorded { request: &request, scopes: &preview.asked.scopes, stages: &preview.way.stages }),
    );
    stages::open(work, register, request.id)?;
    notify::queue_digests(register, work, &[person])?;
    Ok(request)
}

/// A request as the audit log keeps it when it is asked.
#[derive(Debug, serde::Serialize)]
struct Recorded<'a> {
    #[serde(flatten)]
    request: &'a Request,
    scopes: &'a [String],
    stages: &'a [StageKind],
}

/// The list of what is asked for.
fn requested(identity: &Identity, scopes: &[String]) -> Vec<IdentityScope> {
    (0_i64..)
        .zip(scopes)
        .map(|(position, scope)| IdentityScope {
            identity_id: identity.id,
            list: ScopeList::Requested,
            scope: scope.clone(),
            position,
            optional: false,
            in_token: true,
            defined: true,
        })
        .collect()
}

/// Refuses a second request; one whose time is over makes room.
fn make_room(work: &mut Work<'_>, identity: &Identity) -> Result<(), ActionError> {
    let Some(waiting) = requests::pending(work.db, identity.id)? else { return Ok(()) };
    if waiting.state_at(work.by.now) != RequestState::Expired {
        return Err(refused(&RequestError::Waiting(waiting.number)));
    }
    super::sweep::expire(work, &waiting)
}

#[allow(clippy::too_many_arguments)]
fn new_request(
    register: &Register,
    by: &By,
    identity: &Identity,
    kind: RequestKind,
    on_behalf_of: Option<Id>,
    person: Id,
    asking: &Asking,
    (asked, way, tier): (&Asked, &Way, Tier),
) -> Request {
    Request {
        number: 0,
        id: Id::new(),
        identity_id: identity.id,
        kind,
        state: RequestState::Open,
        requester_id: person,
        requester_for_id: on_behalf_of.filter(|owner| *owner != person),
        reason: asked.reason.clone(),
        urgency: asked.urgency.clone(),
        wanted_until: asked.until,
        approved_until: None,
        test_data: asking.test_data,
        purpose: identity.purpose.clone(),
        access_basis: identity.access_basis,
        tier,
        rule: way.rule.clone(),
        because: way.because.clone(),
        longest_days: way.longest_days,
        sent_at: by.now,
        ends_at: stages::ends_at(register, by.now),
        moved_at: by.now,
        effective_at: None,
        applied_at: None,
        executor_id: None,
        evidence: None,
        issued_at: None,
        executed_version: None,
        confirmed_at: None,
        confirmed_by_id: None,
        version: 1,
    }
}

impl From<AskFault> for FieldError {
    fn from(fault: AskFault) -> Self {
        Self::new(fault.field(), fault.to_string())
    }
}
