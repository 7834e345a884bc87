//! Break-glass: asking for an administrator's rights for some hours, agreeing to it or opening it with a
//! sealed code, ending it, and reviewing it afterwards. When a deployment has not turned it on, nobody
//! gets any; what was used before is still reviewed.

use sha2::{Digest, Sha256};

use super::attempts::{self, Subject};
use super::{ActionError, By, FieldError, Register, Work, notify};
use crate::domain::audit::ActorKind;
use crate::domain::break_glass::{self as rules, Actor, EmergencyError, EmergencyState, REVIEW_DAYS};
use crate::domain::ids::Id;
use crate::domain::life_cycle::parse_reason;
use crate::domain::people::{Role, has_left};
use crate::domain::task_words::{self, ReasonFacts, days_after};
use crate::domain::tasks::{TaskAnswer, TaskCause, TaskState};
use crate::store::emergency::{self, EmergencyAccess, SealedCode};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError, people};

/// What somebody asks for, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub reason: String,
    /// One to four.
    pub hours: String,
}

/// Who acts, with the role of their account itself and not the raised one.
///
/// # Errors
/// `Refused` for a job, a command or a program, and for an account that cannot sign in any more.
pub fn actor(db: &mut Db, register: &Register, by: &By) -> Result<Actor, ActionError> {
    let (ActorKind::Person, Some(person)) = (by.kind, by.person) else {
        return Err(refused(EmergencyError::NotAPerson));
    };
    let account = people::account(db, person)?.filter(|account| account.disabled_at.is_none());
    let Some(account) = account else { return Err(ActionError::Forbidden) };
    if has_left(people::find(db, person)?.left_on, register.day(by.now)) {
        return Err(ActionError::Forbidden);
    }
    let under_emergency = by.emergency.is_some() || emergency::running(db, person, by.now)?.is_some();
    Ok(Actor { person, standing: account.role, under_emergency })
}

fn turned_on(register: &Register) -> Result<(), ActionError> {
    if register.deployment.access.break_glass { Ok(()) } else { Err(StoreError::NotFound.into()) }
}

/// Asks for emergency access. Nothing is raised yet.
///
/// # Errors
/// `Invalid` names every field that is wrong; `Refused` for whoever may not have it or has asked already.
pub fn ask(register: &Register, by: &By, wanted: &Wanted) -> Result<Id, ActionError> {
    turned_on(register)?;
    let mut errors = Vec::new();
    let reason = parse_reason(&wanted.reason);
    if let Err(error) = &reason {
        errors.push(FieldError::new("reason", error.to_string()));
    }
    let hours = rules::parse_hours(&wanted.hours);
    if hours.is_err() {
        errors.push(FieldError::new("hours", "Choose how long you need it: one to four hours"));
    }
    let (Ok(reason), Ok(hours)) = (reason, hours) else { return Err(ActionError::Invalid(errors)) };
    register.change(by, |work| {
        let who = actor(work.db, register, by)?;
        rules::ask(&who).map_err(refused)?;
        if let Some(earlier) = emergency::asked_by(work.db, who.person)? {
            if rules::waits(earlier.state, earlier.asked_at, by.now).is_ok() {
                return Err(refused(EmergencyError::AskedAlready));
            }
            withdraw_in(work, &earlier)?;
        }
        let access = EmergencyAccess {
            id: Id::new(),
            person_id: who.person,
            state: EmergencyState::Asked,
            reason: reason.clone(),
            hours,
            asked_at: by.now,
            approver_id: None,
            code_id: None,
            decision_reason: None,
            started_at: None,
            ends_at: None,
            ended_at: None,
            ended_by: None,
            version: 1,
        };
        emergency::insert(work.db, &access).map_err(|error| match error {
            StoreError::Constraint(_) => StoreError::Conflict,
            other => other,
        })?;
        work.record_because("emergency_access.ask", "emergency_access", access.id, Some(&reason), None, Some(&access));
        Ok(access.id)
    })
}

/// A second person agrees: it starts now.
///
/// # Errors
/// `Store(Conflict)` when somebody was faster.
pub fn approve(register: &Register, by: &By, id: Id, version: i64) -> Result<(), ActionError> {
    turned_on(register)?;
    register.change(by, |work| {
        let before = waiting(work, id, version)?;
        let who = actor(work.db, register, by)?;
        rules::decide(before.person_id, &who).map_err(refused)?;
        start(work, register, &before, EmergencyAccess { approver_id: Some(who.person), ..before.clone() })
    })
}

/// A second person refuses, with the reason in words.
pub fn refuse(register: &Register, by: &By, id: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    turned_on(register)?;
    let reason = parse_reason(reason).map_err(|error| ActionError::field("decision_reason", error.to_string()))?;
    register.change(by, |work| {
        let before = waiting(work, id, version)?;
        let who = actor(work.db, register, by)?;
        rules::decide(before.person_id, &who).map_err(refused)?;
        let after = EmergencyAccess {
            state: EmergencyState::Refused,
            approver_id: Some(who.person),
            decision_reason: Some(reason.clone()),
            version: before.version + 1,
            ..before.clone()
        };
        emergency::update(work.db, &after)?;
        work.record_because(
            "emergency_access.refuse",
            "emergency_access",
            id,
            Some(&reason),
            Some(&before),
            Some(&after),
        );
        Ok(())
    })
}

/// Whoever asked opens it with a sealed code: it starts now, and the code is used up.
///
/// # Errors
/// `Invalid` for field `code` when there is no such code or it was used; the attempt is recorded. `TooMany` for
/// whoever guesses.
pub fn open(register: &Register, by: &By, id: Id, version: i64, code: &str) -> Result<(), ActionError> {
    turned_on(register)?;
    let Some(person) = by.person else { return Err(ActionError::Forbidden) };
    let guess = Subject::proof(register, "sealed_code", person);
    attempts::take(register, by, &person.to_string(), &[&guess])?;
    let outcome = register.change(by, |work| {
        let who = actor(work.db, register, by)?;
        if emergency::find(work.db, id)?.person_id != who.person {
            return Err(not_theirs(by));
        }
        let before = waiting(work, id, version)?;
        rules::ask(&who).map_err(refused)?;
        let digest = rules::read_code(code).map(|code| digest(&code));
        let opened = match digest {
            Some(digest) => emergency::open_code(work.db, &digest, who.person, by.now)?,
            None => None,
        };
        let Some(opened) = opened else {
            work.record_refusal("sealed_code.use", "emergency_access", id, "no such code, or it was used or made void");
            return Ok(false);
        };
        work.record("sealed_code.use", "sealed_code", opened.id, None, Some(&opened));
        guess.forgive_in(work)?;
        start(work, register, &before, EmergencyAccess { code_id: Some(opened.id), ..before.clone() })?;
        Ok(true)
    })?;
    if outcome {
        return Ok(());
    }
    Err(ActionError::field("code", "This is no sealed code, or it was used or made void already; each opens once"))
}

/// Starts it, and in the same change raises its review and tells everybody who may review it.
fn start(
    work: &mut Work<'_>,
    register: &Register,
    before: &EmergencyAccess,
    opened: EmergencyAccess,
) -> Result<(), ActionError> {
    let now = work.by.now;
    if emergency::running(work.db, before.person_id, now)?.is_some() {
        return Err(refused(EmergencyError::Running));
    }
    // Whoever was disabled, has left or was given another role meanwhile is raised to nothing.
    let account = people::account(work.db, before.person_id)?.filter(|account| account.disabled_at.is_none());
    let left = has_left(people::find(work.db, before.person_id)?.left_on, register.day(now));
    let Some(account) = account.filter(|_| !left) else {
        return Err(ActionError::Refused("whoever asked for this has left or can no longer sign in".to_owned()));
    };
    let asker = Actor { person: before.person_id, standing: account.role, under_emergency: false };
    rules::ask(&asker).map_err(|_| {
        ActionError::Refused("whoever asked for this has another role now, which gets no emergency access".to_owned())
    })?;
    let after = EmergencyAccess {
        state: EmergencyState::Started,
        started_at: Some(now),
        ends_at: Some(now.plus_seconds(before.hours * 3_600)),
        version: before.version + 1,
        ..opened
    };
    emergency::update(work.db, &after)?;
    let reason = Some(before.reason.as_str());
    work.record_because("emergency_access.start", "emergency_access", after.id, reason, Some(before), Some(&after));
    let today = register.day(now);
    let facts = ReasonFacts { clinical: false, vendor_managed: false };
    let why = task_words::reason(TaskCause::EmergencyAccess, today, facts);
    let review = Task::review(after.id, why, days_after(today, REVIEW_DAYS), now);
    tasks::insert(work.db, &review)?;
    work.record("task.raise", "task", review.id, None, Some(&review));
    notify::queue_for_tasks(register, work, &[&review])?;
    Ok(())
}

/// Takes back what was asked for.
pub fn withdraw(register: &Register, by: &By, id: Id, version: i64) -> Result<(), ActionError> {
    turned_on(register)?;
    register.change(by, |work| {
        let before = emergency::find(work.db, id)?;
        if by.person != Some(before.person_id) {
            return Err(not_theirs(by));
        }
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        if before.state != EmergencyState::Asked {
            return Err(refused(EmergencyError::NotAsked(before.state)));
        }
        withdraw_in(work, &before)
    })
}

fn withdraw_in(work: &mut Work<'_>, before: &EmergencyAccess) -> Result<(), ActionError> {
    let after = EmergencyAccess { state: EmergencyState::Withdrawn, version: before.version + 1, ..before.clone() };
    emergency::update(work.db, &after)?;
    work.record("emergency_access.withdraw", "emergency_access", after.id, Some(before), Some(&after));
    Ok(())
}

/// Ends it before its time: whoever uses it may, and everybody who could have agreed to it. At once, on every replica.
pub fn end(register: &Register, by: &By, id: Id) -> Result<(), ActionError> {
    turned_on(register)?;
    register.change(by, |work| {
        let before = emergency::find(work.db, id)?;
        let own = by.person == Some(before.person_id);
        if !own && !rules::reviews(by.role) {
            return Err(not_theirs(by));
        }
        let Some(person) = by.person else { return Err(refused(EmergencyError::NotAPerson)) };
        if !before.runs(by.now) {
            return Err(refused(EmergencyError::Ended));
        }
        let after = EmergencyAccess {
            ended_at: Some(by.now),
            ended_by: Some(person),
            version: before.version + 1,
            ..before.clone()
        };
        emergency::update(work.db, &after)?;
        work.record("emergency_access.end", "emergency_access", id, Some(&before), Some(&after));
        Ok(())
    })
}

/// Closes the review of an emergency access with what was found. Its user cannot, nor can anybody who
/// acts under emergency access at this moment. It can be done while break-glass is turned off, too.
///
/// # Errors
/// `Invalid` for field `reason` without words; `Refused` while the access still runs.
pub fn review(register: &Register, by: &By, task: Id, version: i64, found: &str) -> Result<(), ActionError> {
    register.change(by, |work| {
        let before = tasks::find(work.db, task)?;
        let Some(access) = before.emergency_id else { return Err(StoreError::NotFound.into()) };
        let access = emergency::find(work.db, access)?;
        let who = actor(work.db, register, by)?;
        rules::review(access.person_id, &who).map_err(refused)?;
        if before.state != TaskState::Open || before.version != version {
            return Err(StoreError::Conflict.into());
        }
        let found = parse_reason(found)
            .map_err(|_| ActionError::field("reason", "Write what you found, in 1 to 2,000 characters"))?;
        if access.runs(by.now) {
            return Err(ActionError::Refused(
                "this emergency access still runs; review it when it has ended, or end it first".to_owned(),
            ));
        }
        let after = Task {
            state: TaskState::Done,
            answer: Some(TaskAnswer::Done),
            note: Some(found.clone()),
            closed_at: Some(by.now),
            closed_by: Some(who.person),
            version: before.version + 1,
            ..before.clone()
        };
        tasks::update(work.db, &after)?;
        work.record_because("task.answer", "task", task, Some(&found), Some(&before), Some(&after));
        Ok(())
    })
}

/// Makes a sealed code and answers it, once: only its digest is kept. The command line does this.
pub fn seal(register: &Register, by: &By) -> Result<(Id, String), ActionError> {
    administrators_only(register, by)?;
    let code = rules::code_of(rand::random());
    let plain = rules::read_code(&code).ok_or_else(|| ActionError::Refused("no code could be made".to_owned()))?;
    let sealed = SealedCode {
        id: Id::new(),
        digest: digest(&plain),
        made_at: by.now,
        used_at: None,
        used_by: None,
        voided_at: None,
    };
    register.change(by, |work| {
        emergency::insert_code(work.db, &sealed)?;
        work.record("sealed_code.make", "sealed_code", sealed.id, None, Some(&sealed));
        Ok(())
    })?;
    Ok((sealed.id, code))
}

/// Makes a sealed code void, so that nobody opens anything with it: its envelope was lost, say.
pub fn void(register: &Register, by: &By, id: Id) -> Result<(), ActionError> {
    administrators_only(register, by)?;
    register.change(by, |work| {
        let Some(voided) = emergency::void_code(work.db, id, by.now)? else {
            return Err(ActionError::Refused(
                "there is no such code, or it was used or made void already; see muster break-glass list".to_owned(),
            ));
        };
        work.record("sealed_code.void", "sealed_code", id, None, Some(&voided));
        Ok(())
    })
}

/// Codes are made by administrators in their own right, never by somebody whom one raised.
fn administrators_only(register: &Register, by: &By) -> Result<(), ActionError> {
    turned_on(register)?;
    by.require(&[Role::Administrator])?;
    if by.emergency.is_some() { Err(refused(EmergencyError::UnderEmergency)) } else { Ok(()) }
}

fn waiting(work: &mut Work<'_>, id: Id, version: i64) -> Result<EmergencyAccess, ActionError> {
    let access = emergency::find(work.db, id)?;
    if access.version != version {
        return Err(StoreError::Conflict.into());
    }
    rules::waits(access.state, access.asked_at, work.by.now).map_err(refused)?;
    Ok(access)
}

/// What is somebody else's: hidden from whoever sees only their own.
fn not_theirs(by: &By) -> ActionError {
    if rules::reviews(by.role) { ActionError::Forbidden } else { StoreError::NotFound.into() }
}

fn digest(code: &str) -> Vec<u8> {
    Sha256::digest(code.as_bytes()).to_vec()
}

fn refused(error: EmergencyError) -> ActionError {
    ActionError::Refused(error.to_string())
}
