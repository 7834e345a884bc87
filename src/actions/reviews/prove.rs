//! What was taken away is seen to be gone: by an import of what the system gives, or by somebody who did not decide it
//! and writes what they saw. Only then is a review closed that narrowed, suspended or revoked something.

use super::apply::store;
use super::load::Loaded;
use crate::actions::{ActionError, By, Register, Work, closing, ownership};
use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret};
use crate::domain::identities::{IdentityState, ScopeList};
use crate::domain::ids::Id;
use crate::domain::life_cycle;
use crate::domain::permissions::{Permission, allows};
use crate::domain::reviews::{ReviewOutcome, ReviewProof, ReviewState};
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::scope::{Meaning, Scope};
use crate::domain::scopes::{ScopeSet, Verdict};
use crate::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use crate::store::reviews::{self, Review};
use crate::store::{StoreError, identities};

/// The longest evidence, in characters.
pub const LONGEST_EVIDENCE: usize = 4_000;

/// Fewer words than these say nothing that somebody else could check.
const FEWEST_WORDS: usize = 5;

/// Closes the reviews of which an import saw that what was taken away is gone. `identities` are those that the file
/// was about: those it holds and those that it holds no longer. Answers how many.
pub fn observe(work: &mut Work<'_>, register: &Register, import: Id, identities: &[Id]) -> Result<usize, ActionError> {
    let mut seen = 0;
    for review in reviews::remediating(work.db, identities)? {
        let loaded = Loaded::read(work.db, register, review.id, work.by.now)?;
        let Some(saw) = saw(&loaded) else { continue };
        let note = format!("The import {import} saw it: {saw}.");
        close(work, &loaded, ReviewProof::Observed, &note, None)?;
        seen += 1;
    }
    Ok(seen)
}

/// What the register saw of a system last shows that what was taken away is gone.
fn saw(loaded: &Loaded) -> Option<&'static str> {
    let gone = loaded.identity.vanished_at.is_some();
    let stopped = !loaded.identity.enabled;
    match loaded.review.outcome? {
        ReviewOutcome::Keep | ReviewOutcome::SilentKeep => None,
        _ if gone => Some("its system does not hold it any more"),
        ReviewOutcome::Narrow => {
            let decision = loaded.decision()?;
            let kept = &decision.kept.as_ref()?.0;
            let issued = loaded.on(ScopeList::Issued);
            let left = ScopeSet::of_product(kept.iter().map(String::as_str));
            let had = |scope: &str| decision.sheet.0.lines.iter().any(|line| line.scope == scope);
            let gives = ScopeSet::of_product(issued.iter().map(String::as_str).filter(|scope| counts(scope, had)));
            (covers(&left, &gives).verdict == Verdict::Covered).then_some("its system gives it no more than was kept")
        }
        _ if stopped => Some("its system has switched it off"),
        _ => None,
    }
}

/// Whether a scope that a system gives speaks about what was taken away: what gives no records and was never decided
/// about does not.
fn counts(scope: &str, decided_about: impl Fn(&str) -> bool) -> bool {
    match Scope::parse(scope).map(|parsed| (parsed.to_string(), parsed.meaning().clone())) {
        Ok((_, Meaning::Launch(_) | Meaning::Identity(_))) => false,
        Ok((written, Meaning::Refresh(_))) => decided_about(&written),
        _ => true,
    }
}

/// Closes reviews whose suspension others have lifted since: it goes on by their decision. Answers how many.
pub fn end_overtaken(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let mut ended = 0;
    loop {
        let found = reviews::overtaken(&mut *register.database.read()?, 100)?;
        if found.is_empty() {
            return Ok(ended);
        }
        for review in found {
            register.change(by, |work| {
                let loaded = Loaded::held(work.db, register, review.id, work.by.now)?;
                let works = loaded.identity.state == IdentityState::Active;
                if loaded.review.state != ReviewState::Remediating || !works {
                    return Ok(());
                }
                let note = "It goes on: others decided so after silence had suspended it.";
                close(work, &loaded, ReviewProof::Overtaken, note, None)
            })?;
            ended += 1;
        }
    }
}

/// Somebody who did not decide it writes what they saw at the system.
///
/// # Errors
/// `Invalid` for field `evidence`; `Refused` for whoever decided it, and for whoever neither keeps the register nor
/// owns the identity; `Conflict` when it changed since it was shown.
pub fn attest(register: &Register, by: &By, id: Id, version: i64, evidence: &str) -> Result<(), ActionError> {
    let person = super::decide::only_people(by)?;
    let evidence = evidence.trim().replace("\r\n", "\n");
    let wrong = |text: &str| Err(ActionError::field("evidence", text));
    if evidence.is_empty() {
        return wrong("Write what you saw: where, what was done, and when it was refused");
    }
    if evidence.split_whitespace().count() < FEWEST_WORDS {
        return wrong(
            "Write where you looked, what was done there, and what was refused and when: a sentence at least",
        );
    }
    if evidence.chars().count() > LONGEST_EVIDENCE {
        return wrong("Write at most 4,000 characters");
    }
    if holds_a_secret(&evidence) {
        return wrong(HOLDS_A_SECRET);
    }
    register.change(by, |work| {
        let loaded = Loaded::held(work.db, register, id, work.by.now)?;
        if loaded.review.version != version {
            return Err(StoreError::Conflict.into());
        }
        may_attest(&loaded, by).map_err(|why| ActionError::Refused(why.to_owned()))?;
        close(work, &loaded, ReviewProof::Attested, &evidence, Some(person))
    })
}

/// Whether somebody may attest, or why not, said to them.
pub fn may_attest(loaded: &Loaded, by: &By) -> Result<(), &'static str> {
    if loaded.review.state != ReviewState::Remediating {
        return Err("nothing waits for proof here");
    }
    let Some(person) = by.person else { return Err("only a person attests") };
    if loaded.decision().is_some_and(|decision| decision.decided_by_id == person) {
        return Err("you decided it, so somebody else has to see that it was done");
    }
    let owns = [loaded.identity.technical_owner_id, loaded.identity.business_owner_id].contains(&Some(person));
    if owns || allows(Some(by.role), Permission::KeepRegister) {
        return Ok(());
    }
    Err("whoever keeps the register or owns it writes what they saw")
}

fn close(
    work: &mut Work<'_>,
    loaded: &Loaded,
    proof: ReviewProof,
    note: &str,
    person: Option<Id>,
) -> Result<(), ActionError> {
    let before = &loaded.review;
    let after = Review {
        state: ReviewState::Closed,
        proof: Some(proof),
        proof_note: Some(note.to_owned()),
        proved_by_id: person,
        proved_at: Some(work.by.now),
        closed_at: Some(work.by.now),
        version: before.version + 1,
        ..before.clone()
    };
    store(work, "review.prove", before, &after)?;
    let stops = !matches!(before.outcome, Some(ReviewOutcome::Narrow));
    for task in crate::store::tasks::about(work.db, loaded.identity.id)? {
        let own = task.review_id == Some(before.id) && task.kind == TaskKind::Narrowing;
        let stopping = stops && task.kind == TaskKind::Offboarding;
        if task.state == TaskState::Open && (own || stopping) {
            closing::close(work, &task, TaskAnswer::Done, Some(note))?;
        }
    }
    if matches!(before.outcome, Some(ReviewOutcome::Revoke | ReviewOutcome::SilentRevoke)) {
        let identity = identities::find(work.db, loaded.identity.id)?;
        if let Ok(state) = life_cycle::confirm_revocation(identity.state) {
            debug_assert_eq!(state, IdentityState::Revoked);
            let mut revoked = identity.clone();
            revoked.state = state;
            revoked.state_changed_at = work.by.now;
            ownership::store(work, "identity.revoke", Some(note), &identity, &mut revoked)?;
        }
    }
    Ok(())
}
