//! Registering an identity that does not work yet, or the same app in another environment: it stands in the
//! register as requested, and what it may do is asked for in the same moment.

use super::Preview;
use super::ask::{self, Asking};
use crate::actions::identity_facts::Known;
use crate::actions::{ActionError, By, FieldError, Register, Work, identities as acting, ownership, raise, reaching};
use crate::domain::ids::Id;
use crate::domain::permissions::{Permission, allows};
use crate::domain::registration::Registration;
use crate::domain::requests::{PaperKind, RequestKind, latest_end, reference};
use crate::domain::task_words::{self, ReasonFacts};
use crate::domain::tasks::{Assignee, AssigneeGroup, TaskCause, TaskKind};
use crate::store::identities::Identity;
use crate::store::identity_papers::{self, Paper};
use crate::store::identity_parts::RevocationPath;
use crate::store::tasks::{Raised, Task};
use crate::store::{StoreError, identities, request_drafts};

/// Somebody has so many days to name an owner.
const OWNER_DAYS: i64 = 7;

/// What is said of a registration without a purpose.
pub const NO_PURPOSE: &str = "Write what it is for; whoever decides has to know";

/// What somebody registers, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registering {
    pub identity: Registration,
    pub asking: Asking,
    /// Documents that allow the access: kind, reference, last day.
    pub papers: Vec<(PaperKind, String, Option<chrono::NaiveDate>)>,
    /// The same app in another environment.
    pub origin: Option<Id>,
    /// The draft that it was written in, which is gone afterwards.
    pub draft: Option<Id>,
}

/// Registers an identity and asks for what it may do.
///
/// # Errors
/// `Invalid` with every fault; `Forbidden` for whoever may not ask for anything; `Refused` when they have
/// asked for the same already.
pub fn register(register: &Register, by: &By, typed: &Registering) -> Result<Id, ActionError> {
    if !allows(Some(by.role), Permission::FileRequests) || by.person.is_none() {
        return Err(ActionError::Forbidden);
    }
    register.change(by, |work| {
        // What was written in a draft is sent once anyway: its draft is gone with it.
        if typed.draft.is_none() {
            super::once::refuse_repeated(work, &typed.identity)?;
        }
        let (identity, twins) = fill(register, work, typed)?;
        identities::insert(work.db, &identity)?;
        acting::write_new_lists(work, &identity, &typed.identity, &twins)?;
        let rows: Vec<Paper> = papers(identity.id, typed);
        identity_papers::replace(work.db, identity.id, &rows)?;
        let after = acting::record(work.db, identity.id)?;
        reaching::store(register, work.db, &identity, &after.scopes)?;
        work.record(
            "identity.register",
            "identity",
            identity.id,
            None,
            Some(&Recorded { record: &after, papers: &rows }),
        );
        acting::set_way_to_stop(work, identity.id, typed.identity.way_to_stop.as_ref())?;
        let asked = ownership::ask(register, work, &identity)?;
        ownership::tell(register, work, &asked)?;
        let nobody = identity.business_owner_id.is_none();
        // The request keeps its draft's id, so that whoever sends the same form twice finds it.
        let request = ask::ask_in(work, register, identity.clone(), (typed.kind(), typed.draft), &typed.asking)?;
        if nobody {
            raise_owner_missing(work, register, &identity, request.number)?;
        }
        if let (Some(draft), Some(person)) = (typed.draft, by.person)
            && !request_drafts::delete(work.db, person, draft)?
        {
            // The same form was sent a moment ago.
            return Err(StoreError::Conflict.into());
        }
        Ok(request.id)
    })
}

/// What would be sent, and what is wrong with it: nothing of it is kept.
///
/// # Errors
/// As [`register`].
pub fn starting(register: &Register, by: &By, typed: &Registering) -> Result<Preview, ActionError> {
    let mut db = register.database.read()?;
    let mut work = Work::looking(&mut db, by);
    let (identity, _) = fill(register, &mut work, typed)?;
    let known = Known {
        papers: papers(identity.id, typed),
        path: typed.identity.way_to_stop.as_ref().map(|way| RevocationPath::of(identity.id, way, by.now)),
        ..Known::of(work.db, &identity)?
    };
    ask::preview_of(work.db, register, by, typed.kind(), (&identity, &[], &known), &typed.asking)
}

impl Registering {
    /// What is asked for with it.
    pub fn kind(&self) -> RequestKind {
        if self.origin.is_some() { RequestKind::Promotion } else { RequestKind::Registration }
    }
}

fn fill(register: &Register, work: &mut Work<'_>, typed: &Registering) -> Result<(Identity, Vec<Id>), ActionError> {
    let mut errors: Vec<FieldError> = Vec::new();
    let mut identity =
        Identity::new(typed.identity.kind, &typed.identity.name, typed.identity.environment, work.by.now);
    identity.enabled = false;
    let mut twins = match acting::fill_new(register, work, &mut identity, &typed.identity) {
        Ok(twins) => twins,
        Err(ActionError::Invalid(found)) => {
            errors.extend(found);
            Vec::new()
        }
        Err(other) => return Err(other),
    };
    if typed.identity.purpose.is_none() {
        errors.push(FieldError::new("purpose", NO_PURPOSE));
    }
    if let Some(origin) = typed.origin {
        match identities::find(work.db, origin) {
            Ok(origin) if origin.environment == identity.environment => errors.push(FieldError::new(
                "environment",
                "Choose another environment than the one it works in already; each has an identity of its own",
            )),
            Ok(origin) => twins.push(origin.id),
            Err(StoreError::NotFound) => {
                errors.push(FieldError::new("environment", "The app it comes from is not in the register any more"));
            }
            Err(other) => return Err(other.into()),
        }
    }
    if errors.is_empty() { Ok((identity, twins)) } else { Err(ActionError::Invalid(errors)) }
}

fn papers(identity: Id, typed: &Registering) -> Vec<Paper> {
    let paper = |(kind, reference, ends_on): &(PaperKind, String, Option<chrono::NaiveDate>)| Paper {
        identity_id: identity,
        kind: *kind,
        reference: reference.clone(),
        ends_on: *ends_on,
    };
    typed.papers.iter().map(paper).collect()
}

/// What is registered, as the audit log keeps it.
#[derive(Debug, serde::Serialize)]
struct Recorded<'a> {
    #[serde(flatten)]
    record: &'a acting::IdentityRecord,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    papers: &'a [Paper],
}

/// Nobody owns it yet: that is work, and no dead end.
fn raise_owner_missing(
    work: &mut Work<'_>,
    register: &Register,
    identity: &Identity,
    number: i64,
) -> Result<(), ActionError> {
    let today = register.day(work.by.now);
    let facts = ReasonFacts { clinical: false, vendor_managed: false };
    let task = Task::new(
        Raised {
            kind: TaskKind::OwnerMissing,
            cause: TaskCause::NoOwner,
            identity: identity.id,
            request: None,
            review: None,
            period: reference(number),
            reason: task_words::reason(TaskCause::NoOwner, today, facts),
            assignee: Assignee::Group { group: AssigneeGroup::SecurityAnalysts },
            due_on: latest_end(today, OWNER_DAYS),
        },
        work.by.now,
    );
    raise::one(register, work, &task)?;
    Ok(())
}
