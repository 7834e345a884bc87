//! What an identity is for has changed since it was approved: it has to be asked for anew.

use crate::actions::assignees::Owners;
use crate::actions::{ActionError, Register, Work, closing, raise};
use crate::domain::identities::IdentityState;
use crate::domain::requests::{latest_end, reference};
use crate::domain::task_words::{self, ReasonFacts};
use crate::domain::tasks::{AssignedAs, Assignee, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities::Identity;
use crate::store::requests::{self, Request};
use crate::store::tasks::{self, Raised, Task};
use crate::store::{Db, StoreError};

/// Somebody has so many days to ask anew.
const DAYS: i64 = 14;

/// The approval of an identity whose purpose or access basis is another now than it was approved for.
pub fn outdated(db: &mut Db, identity: &Identity) -> Result<Option<Request>, StoreError> {
    Ok(requests::ceiling(db, identity.id)?.filter(|request| differs(request, identity)))
}

fn differs(request: &Request, identity: &Identity) -> bool {
    request.purpose != identity.purpose || request.access_basis != identity.access_basis
}

/// After an identity was changed: raises the task to ask anew where its use is another now, and closes it
/// where it is the approved one again.
pub fn use_changed(work: &mut Work<'_>, register: &Register, identity: &Identity) -> Result<(), ActionError> {
    let open: Vec<Task> = tasks::about(work.db, identity.id)?
        .into_iter()
        .filter(|task| task.kind == TaskKind::Reauthorisation && task.state == TaskState::Open)
        .collect();
    let Some(approval) = outdated(work.db, identity)? else {
        for task in &open {
            let note = "what it is for is what was approved again";
            closing::close(work, task, TaskAnswer::Obsolete, Some(note))?;
        }
        return Ok(());
    };
    let gone = matches!(identity.state, IdentityState::Revoking | IdentityState::Revoked | IdentityState::Rejected);
    if !open.is_empty() || gone {
        return Ok(());
    }
    let owners = Owners::of(work.db, std::slice::from_ref(identity))?;
    let today = register.day(work.by.now);
    let facts = ReasonFacts { clinical: false, vendor_managed: false };
    let task = Task::new(
        Raised {
            kind: TaskKind::Reauthorisation,
            cause: TaskCause::UseChanged,
            identity: identity.id,
            request: None,
            review: None,
            period: format!("{}:{}", reference(approval.number), identity.version),
            reason: task_words::reason(TaskCause::UseChanged, today, facts),
            // Whoever asks does not decide, so the technical owner is asked first.
            assignee: match owners.candidates(identity).technical_owner.filter(|owner| owner.can_act(today)) {
                Some(owner) => Assignee::Person { person: owner.person, assigned_as: AssignedAs::TechnicalOwner },
                None => owners.candidates(identity).assign(today),
            },
            due_on: latest_end(today, DAYS),
        },
        work.by.now,
    );
    raise::one(register, work, &task)?;
    Ok(())
}
