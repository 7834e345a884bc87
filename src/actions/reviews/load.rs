//! A review with everything that decides what can be done about it.

use chrono::NaiveDate;

use super::reviewers::Around;
use crate::actions::{By, Register};
use crate::domain::identities::ScopeList;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::held::Held;
use crate::domain::reviews::reviewers::{Benefit, Reviewers};
use crate::domain::reviews::snapshot::Taken;
use crate::domain::tasks::{AssignedAs, AssigneeGroup, TaskKind, TaskState};
use crate::store::campaigns::{self, Campaign};
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::review_decisions::{self, ReviewDecision};
use crate::store::review_reasons::{self, ReviewReason};
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::{self, Review};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError, people};

/// A review.
#[derive(Debug)]
pub struct Loaded {
    pub review: Review,
    /// The campaign that asks, where one does.
    pub campaign: Option<Campaign>,
    pub identity: Identity,
    pub lists: Vec<IdentityScope>,
    pub reasons: Vec<ReviewReason>,
    /// The oldest first.
    pub decisions: Vec<ReviewDecision>,
    pub steps: Vec<StepTaken>,
    pub tasks: Vec<Task>,
    pub around: Around,
    /// Whoever answers for the identity, or did when it was asked about: its owners, and who stands in for them.
    pub answering: Vec<Id>,
    /// The review before, that somebody decided and that took effect.
    pub before: Option<Review>,
    pub today: NaiveDate,
}

/// Why somebody does not decide, said to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotYours {
    #[error("auditors read and decide nothing")]
    Auditor,
    #[error("you are its technical owner: whoever benefits does not decide")]
    Benefits,
    #[error("you were its technical owner when it was asked about: whoever benefits does not decide")]
    Benefited,
    #[error("somebody else is asked about it and decides; so may their deputy, or a security analyst")]
    Other,
    #[error("it is not open any more")]
    Ended,
}

impl Loaded {
    /// Reads it.
    pub fn read(db: &mut Db, register: &Register, id: Id, now: Moment) -> Result<Self, StoreError> {
        let review = reviews::find(db, id)?;
        let identity = identities::find(db, review.identity_id)?;
        let today = register.day(now);
        let around = Around::of(db, register, std::slice::from_ref(&identity), today)?;
        Ok(Self {
            answering: answering(db, &review, &identity, &around)?,
            lists: parts::scopes(db, identity.id)?,
            reasons: review_reasons::of_reviews(db, &[id])?,
            decisions: review_decisions::of_reviews(db, &[id])?,
            steps: review_steps::of_reviews(db, &[id])?,
            tasks: tasks::of_reviews(db, &[id])?,
            around,
            before: reviews::decided_before(db, identity.id, review.opened_at)?,
            campaign: review.campaign_id.map(|campaign| campaigns::find(db, campaign)).transpose()?,
            review,
            identity,
            today,
        })
    }

    /// The same, held against other writers until the transaction ends.
    pub fn held(db: &mut Db, register: &Register, id: Id, now: Moment) -> Result<Self, StoreError> {
        reviews::hold(db, id)?;
        Self::read(db, register, id, now)
    }

    /// Who could be asked.
    pub fn reviewers(&self) -> Reviewers {
        self.around.reviewers_of(&self.identity, &self.review)
    }

    /// The scopes on one list.
    pub fn on(&self, list: ScopeList) -> Vec<String> {
        self.lists.iter().filter(|row| row.list == list).map(|row| row.scope.clone()).collect()
    }

    /// The permissions that it is about.
    pub fn holds(&self) -> Held {
        Held { approved: self.on(ScopeList::Approved), issued: self.on(ScopeList::Issued) }
    }

    /// What it was when it was asked about, where that was noted.
    pub fn taken(&self) -> Option<&Taken> {
        self.review.snapshot.0.taken()
    }

    /// The permissions when somebody last decided that it goes on; nothing where nobody did.
    pub fn looked_at(&self) -> Option<Held> {
        self.before.as_ref()?.snapshot.0.taken().map(Taken::held).filter(|held| !held.all().is_empty())
    }

    /// The tasks by which people are asked at present.
    pub fn asking(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.kind == TaskKind::Recertification && task.state == TaskState::Open)
    }

    /// What others are asked at present who may know, because whoever was asked did not.
    pub fn questions(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.is_open_question())
    }

    /// The decision that stands.
    pub fn decision(&self) -> Option<&ReviewDecision> {
        self.review.decision_id.and_then(|id| self.decisions.iter().find(|decision| decision.id == id))
    }

    /// The first answer that decided it, whether it still stands or not.
    pub fn first_decision(&self) -> Option<&ReviewDecision> {
        self.decisions.iter().find(|decision| decision.answer.decides())
    }

    /// The decision whose place the next one takes: the one that stands, or that stood until the review was opened
    /// again.
    pub fn decision_before(&self) -> Option<&ReviewDecision> {
        let taken_over = |id: Id| self.decisions.iter().any(|other| other.supersedes_id == Some(id));
        self.decisions.iter().rev().find(|decision| decision.answer.decides() && !taken_over(decision.id))
    }

    /// Whether the decision that stands can still be corrected.
    pub fn is_correctable(&self, now: Moment) -> bool {
        self.review.state == ReviewState::Decided && self.review.takes_effect_at.is_some_and(|at| now < at)
    }

    /// As what somebody may decide now, or correct what was decided.
    ///
    /// # Errors
    /// Why they may not.
    pub fn may_decide(&self, by: &By) -> Result<AssignedAs, NotYours> {
        let Some(person) = by.person else { return Err(NotYours::Other) };
        if by.role == Role::Auditor {
            return Err(NotYours::Auditor);
        }
        let open = self.review.state == ReviewState::Open || self.is_correctable(by.now);
        if !open {
            return Err(NotYours::Ended);
        }
        let reviewers = self.reviewers();
        match reviewers.benefit(person) {
            Some(Benefit::Now) => return Err(NotYours::Benefits),
            Some(Benefit::Then) => return Err(NotYours::Benefited),
            None => {}
        }
        if self.review.state == ReviewState::Decided {
            return self.may_correct(by, person);
        }
        if let Some(task) = self.asking().find(|task| task.assignee_id == Some(person)) {
            let owns = self.identity.business_owner_id == Some(person);
            // Somebody else owns it since; they are still asked, and not as its owner.
            return Ok(match task.assigned_as {
                AssignedAs::BusinessOwner if !owns => AssignedAs::HandedOn,
                assigned_as => assigned_as,
            });
        }
        let owner_is_asked =
            self.asking().any(|task| task.assignee_id.is_some() && task.assignee_id == self.identity.business_owner_id);
        if owner_is_asked && reviewers.deputy.is_some_and(|deputy| deputy.person == person) {
            return Ok(AssignedAs::Deputy);
        }
        let groups = AssigneeGroup::of(by.role);
        if let Some(task) = self.asking().find(|task| task.assignee_group.is_some_and(|group| groups.contains(&group)))
        {
            return Ok(task.assigned_as);
        }
        if allows(Some(by.role), Permission::KeepRegister) { Ok(AssignedAs::Keeper) } else { Err(NotYours::Other) }
    }

    fn may_correct(&self, by: &By, person: Id) -> Result<AssignedAs, NotYours> {
        match self.decision() {
            Some(decision) if decision.decided_by_id == person => Ok(decision.decided_as),
            _ if allows(Some(by.role), Permission::KeepRegister) => Ok(AssignedAs::Keeper),
            _ => Err(NotYours::Other),
        }
    }

    /// What the technical owner and others said when they were asked, the oldest first.
    pub fn answers(&self) -> Vec<(&Task, &str)> {
        self.tasks
            .iter()
            .filter(|task| task.kind == TaskKind::ReviewQuestion && task.state == TaskState::Done)
            .filter_map(|task| task.note.as_deref().map(|note| (task, note)))
            .collect()
    }

    /// Whether somebody sees the review: whoever may decide, owns it, was asked, or reads the register.
    pub fn is_seen_by(&self, by: &By) -> bool {
        let Some(person) = by.person else { return true };
        allows(Some(by.role), Permission::ReadRegister)
            || [self.identity.business_owner_id, self.identity.technical_owner_id].contains(&Some(person))
            || self.reviewers().deputy.is_some_and(|deputy| deputy.person == person)
            || self.tasks.iter().any(|task| task.assignee_id == Some(person))
            || self.decisions.iter().any(|decision| decision.decided_by_id == person)
    }
}

/// Whoever answers for an identity, or did when a review of it was opened: its owners, and who stands in for them.
fn answering(db: &mut Db, review: &Review, identity: &Identity, around: &Around) -> Result<Vec<Id>, StoreError> {
    let then = review.snapshot.0.taken().map(|taken| [taken.business_owner_id, taken.technical_owner_id]);
    let now = [identity.business_owner_id, identity.technical_owner_id];
    let mut owners: Vec<Id> = now.into_iter().chain(then.into_iter().flatten()).flatten().collect();
    owners.sort_unstable();
    owners.dedup();
    let unread: Vec<Id> = owners.iter().copied().filter(|id| around.person(*id).is_none()).collect();
    let read = people::find_many(db, &unread)?;
    let known = owners.iter().filter_map(|id| around.person(*id));
    let deputies: Vec<Id> = known.chain(&read).filter_map(|owner| owner.deputy_id).collect();
    Ok(owners.into_iter().chain(deputies).collect())
}
