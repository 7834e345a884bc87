//! What was taken away is seen to be gone: by an import of what the system gives, or by somebody who did not decide it
//! and writes what they saw. Only then is a review closed that narrowed, suspended or revoked something, or that kept
//! what was approved where its system gives more.

use std::collections::HashMap;

use super::apply::store;
use super::ending::{AT_A_TIME, Ended, end_each};
use super::load::Loaded;
use super::stays::{may_stay, still_given};
use crate::actions::{ActionError, By, Register, Work, closing, ownership};
use crate::domain::answers::counting::{FEWEST_OF_AN_ATTESTATION, words_in};
use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret};
use crate::domain::identities::{IdentityState, ScopeList};
use crate::domain::ids::Id;
use crate::domain::imports::shown::Shown;
use crate::domain::life_cycle;
use crate::domain::permissions::{Permission, allows};
use crate::domain::reviews::narrowing::listed;
use crate::domain::reviews::{ReviewOutcome, ReviewProof, ReviewState};
use crate::domain::task_words::date_words;
use crate::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use crate::store::imports::Import;
use crate::store::reviews::{self, Review};
use crate::store::{StoreError, identities};

/// The longest evidence, in characters.
pub const LONGEST_EVIDENCE: usize = 4_000;

/// So much of a file's name stands in a proof, in characters.
const LONGEST_NAME: usize = 200;

const ANSWERS_FOR_IT: &str = "you answer for it, or did when it was asked about: somebody else who keeps the register \
                              looks and attests";
const TELLS_A_KEEPER: &str = "write what you did under \u{201c}What others know\u{201d}: somebody who keeps the \
                              register and does not answer for it looks and attests";
const SAYS_IN_THEIR_TASK: &str = "say in your task what you did; somebody who keeps the register and does not answer \
                                  for it looks and attests";
const KEEPERS_ATTEST: &str =
    "somebody who keeps the register, and neither decided it nor answers for it, looks and attests";

/// Closes the reviews of which an import saw that what was taken away is gone; answers how many.
pub fn observe(
    work: &mut Work<'_>,
    register: &Register,
    import: &Import,
    shown: &[Shown],
) -> Result<usize, ActionError> {
    let about: HashMap<Id, &Shown> = shown.iter().map(|one| (one.identity, one)).collect();
    let ids: Vec<Id> = shown.iter().map(|one| one.identity).collect();
    let mut seen = 0;
    for review in reviews::remediating(work.db, &ids)? {
        let loaded = Loaded::read(work.db, register, review.id, work.by.now)?;
        let Some(saw) = about.get(&review.identity_id).and_then(|shown| saw(&loaded, shown)) else { continue };
        let file: String = import.file_name.chars().take(LONGEST_NAME).collect();
        let note = format!(
            "The import {} of the file \u{201c}{file}\u{201d} showed it on {}: {saw}.",
            import.id,
            date_words(loaded.today)
        );
        close(work, &loaded, ReviewProof::Observed, &note, None)?;
        seen += 1;
    }
    Ok(seen)
}

/// What an import showed of a system that proves that what was taken away is gone; nothing where it does not prove it.
fn saw(loaded: &Loaded, shown: &Shown) -> Option<String> {
    let outcome = loaded.review.outcome?;
    match outcome {
        ReviewOutcome::SilentKeep => None,
        _ if shown.gone => Some("its system does not list it any more".to_owned()),
        ReviewOutcome::Keep | ReviewOutcome::Narrow => {
            may_stay(loaded)?;
            if !shown.scopes || !still_given(loaded).is_empty() {
                return None;
            }
            let issued = loaded.on(ScopeList::Issued);
            Some(match issued.is_empty() {
                true => "its system gives it no permission".to_owned(),
                false => format!("its system gives it no more than was kept: {}", listed(&issued)),
            })
        }
        ReviewOutcome::Revoke | ReviewOutcome::SilentRevoke | ReviewOutcome::SilentSuspend => {
            shown.switched_off.then(|| "its system has switched it off".to_owned())
        }
    }
}

/// Closes some of the reviews whose suspension others have lifted since, after a place: it goes on by their decision.
///
/// # Errors
/// Only what concerns the whole run.
pub fn end_overtaken(register: &Register, by: &By, after: Option<Id>) -> Result<Ended, ActionError> {
    by.require_keeper()?;
    let found = reviews::overtaken(&mut *register.database.read()?, after, AT_A_TIME)?;
    end_each(register, by, &found, |work, loaded| {
        let works = loaded.identity.state == IdentityState::Active;
        if loaded.review.state != ReviewState::Remediating || !works {
            return Ok(false);
        }
        let note = match loaded.review.ended_because {
            Some(_) => "It goes on: others decided so after nobody had answered and it had stayed suspended.",
            None => "It goes on: others decided so after silence had suspended it.",
        };
        close(work, &loaded, ReviewProof::Overtaken, note, None)?;
        Ok(true)
    })
}

/// Somebody who keeps the register, and neither decided it nor answers for it, writes what they saw at the system.
///
/// # Errors
/// `Invalid` for field `evidence`; `Refused` for whoever decided it, for its owners and those who stand in for them,
/// and for whoever does not keep the register; `Conflict` when it changed since it was shown.
pub fn attest(register: &Register, by: &By, id: Id, version: i64, evidence: &str) -> Result<(), ActionError> {
    let person = super::decide::only_people(by)?;
    let evidence = evidence.trim().replace("\r\n", "\n");
    let wrong = |text: &str| Err(ActionError::field("evidence", text));
    if evidence.is_empty() {
        return wrong("Write what you saw: where, what was done, and when it was refused");
    }
    if words_in(&evidence) < FEWEST_OF_AN_ATTESTATION {
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
    // Whoever is to do it does not prove that it was done.
    let answers = loaded.answering.contains(&person);
    let less = matches!(loaded.review.outcome, Some(ReviewOutcome::Keep | ReviewOutcome::Narrow));
    match (answers, allows(Some(by.role), Permission::KeepRegister)) {
        (false, true) => Ok(()),
        (true, true) => Err(ANSWERS_FOR_IT),
        // What is to be taken away has no answer of its own that could say so.
        (true, false) if less => Err(TELLS_A_KEEPER),
        (true, false) => Err(SAYS_IN_THEIR_TASK),
        (false, false) => Err(KEEPERS_ATTEST),
    }
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
    let stops = !matches!(before.outcome, Some(ReviewOutcome::Keep | ReviewOutcome::Narrow));
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
