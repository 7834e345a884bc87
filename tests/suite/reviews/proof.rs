//! What was taken away is seen to be gone: by an import, or by somebody who did not decide it.

use muster::actions::reviews::prove::attest;
use muster::domain::identities::IdentityState;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewProof, ReviewState};
use muster::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use serde_json::{Value, json};

use super::{Asked, answer, by, fields, is_conflict, later, now_of, review, review_of, run_at};
use crate::app::{NOW, TestApp, at};
use crate::imports::{bring, client, realm, refusal, touch, upload};
use crate::jobs::{day, tasks_about};

/// A client with these permissions at its system.
fn holding(client_id: &str, scopes: &[&str]) -> Value {
    let mut client = client(client_id);
    client["defaultClientScopes"] = json!(scopes);
    client["optionalClientScopes"] = json!([]);
    client
}

const ALL: [&str; 3] = ["openid", "patient/Patient.rs", "patient/Observation.rs"];

/// A register with an imported client whose review somebody decided so, and that has taken effect.
fn decided(said: ReviewAnswer, keep: &[&str]) -> (TestApp, Id, Id) {
    let app = TestApp::start();
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    bring(&app, upload(realm(&[holding("a", &ALL), holding("b", &ALL)])));
    let identity = crate::imports::identity(&app, "a").id;
    touch(&app.register, identity, |found| found.next_review_on = Some(day("2026-11-23")));
    run_at(&app.register, Job::RaiseRecertifications, at(NOW));
    let asked = review_of(&app, identity).id;
    answer(&app, asked, (analyst, Role::SecurityAnalyst), said, at(NOW), |reply| {
        reply.keep = keep.iter().map(|scope| (*scope).to_owned()).collect();
        if said == ReviewAnswer::Revoke {
            reply.revoke_on = "2026-11-23".to_owned();
        }
    })
    .unwrap();
    run_at(&app.register, Job::ApplyReviews, at(NOW).plus_seconds(31 * 60));
    assert_eq!(review(&app, asked).state, ReviewState::Remediating);
    (app, identity, asked)
}

/// The tasks of a kind about an identity: state and answer.
fn tasks_like(app: &TestApp, identity: Id, kind: TaskKind) -> Vec<(TaskState, Option<TaskAnswer>)> {
    tasks_about(app, identity)
        .into_iter()
        .filter(|task| task.kind == kind)
        .map(|task| (task.state, task.answer))
        .collect()
}

const OPEN: (TaskState, Option<TaskAnswer>) = (TaskState::Open, None);
const DONE: (TaskState, Option<TaskAnswer>) = (TaskState::Done, Some(TaskAnswer::Done));

#[test]
fn an_import_that_sees_it_narrowed_closes_the_review_and_one_that_sees_more_does_not() {
    let (app, identity, asked) = decided(ReviewAnswer::Narrow, &["openid", "patient/Patient.rs"]);
    assert_eq!(tasks_like(&app, identity, TaskKind::Narrowing), [OPEN]);
    bring(&app, upload(realm(&[holding("a", &ALL), holding("b", &ALL)])));
    assert_eq!(review(&app, asked).state, ReviewState::Remediating, "nothing has changed there");
    let other = holding("a", &["openid", "patient/Observation.rs"]);
    bring(&app, upload(realm(&[other, holding("b", &ALL)])));
    assert_eq!(review(&app, asked).state, ReviewState::Remediating, "it is something else, and no less");
    let (import, _) =
        bring(&app, upload(realm(&[holding("a", &["openid", "patient/Patient.rs"]), holding("b", &ALL)])));
    let closed = review(&app, asked);
    assert_eq!(
        (closed.state, closed.proof, closed.proved_by_id),
        (ReviewState::Closed, Some(ReviewProof::Observed), None)
    );
    assert!(closed.proof_note.unwrap().contains(&import.to_string()), "it says which import");
    assert_eq!(tasks_like(&app, identity, TaskKind::Narrowing), [DONE]);
    assert_eq!(now_of(&app, identity).state, IdentityState::Active);
}

#[test]
fn an_import_that_sees_it_switched_off_closes_the_review_and_it_is_revoked() {
    let (app, identity, asked) = decided(ReviewAnswer::Revoke, &[]);
    assert_eq!(now_of(&app, identity).state, IdentityState::Revoking);
    assert_eq!(tasks_like(&app, identity, TaskKind::Offboarding), [OPEN]);
    bring(&app, upload(realm(&[holding("a", &ALL), holding("b", &ALL)])));
    assert_eq!(review(&app, asked).state, ReviewState::Remediating, "it works still");
    let mut off = holding("a", &ALL);
    off["enabled"] = json!(false);
    bring(&app, upload(realm(&[off, holding("b", &ALL)])));
    let closed = review(&app, asked);
    assert_eq!((closed.state, closed.proof), (ReviewState::Closed, Some(ReviewProof::Observed)));
    assert_eq!(now_of(&app, identity).state, IdentityState::Revoked);
    assert_eq!(tasks_like(&app, identity, TaskKind::Offboarding), [DONE]);
}

#[test]
fn an_import_that_holds_it_no_longer_closes_the_review_and_it_is_revoked() {
    for (said, keep) in [(ReviewAnswer::Revoke, &[][..]), (ReviewAnswer::Narrow, &["openid"][..])] {
        let (app, identity, asked) = decided(said, keep);
        bring(&app, upload(realm(&[holding("b", &ALL)])));
        let closed = review(&app, asked);
        assert_eq!((closed.state, closed.proof), (ReviewState::Closed, Some(ReviewProof::Observed)), "{said}");
        let expected = if said == ReviewAnswer::Revoke { IdentityState::Revoked } else { IdentityState::Active };
        assert_eq!(now_of(&app, identity).state, expected, "{said}");
    }
}

#[test]
fn somebody_who_did_not_decide_it_writes_what_they_saw() {
    let story = Asked::begin();
    let shown = story.revoked();
    let app = &story.app;
    let now = later(1);
    let seen = "client deleted in the console on 24 November; its token was refused at 10:02";
    let try_it = |person: Id, role: Role, version: i64, text: &str| {
        attest(&app.register, &by(person, role, now), story.review, version, text)
    };
    let own = try_it(story.owner.0, Role::Owner, shown.version, seen);
    assert!(refusal(own).contains("you decided it"));
    let (stranger, _) = app.account(Role::Owner);
    assert!(
        refusal(try_it(stranger, Role::Owner, shown.version, seen)).contains("whoever keeps the register or owns it")
    );
    let (auditor, _) = app.account(Role::Auditor);
    refusal(try_it(auditor, Role::Auditor, shown.version, seen));
    assert_eq!(fields(try_it(story.analyst.0, Role::SecurityAnalyst, shown.version, "  ")), ["evidence"]);
    let long = "a".repeat(4_001);
    assert_eq!(fields(try_it(story.analyst.0, Role::SecurityAnalyst, shown.version, &long)), ["evidence"]);
    assert!(is_conflict(&try_it(story.analyst.0, Role::SecurityAnalyst, shown.version - 1, seen)));
    assert_eq!(story.now().state, IdentityState::Revoking);
    assert_eq!(tasks_like(app, story.identity, TaskKind::Offboarding), [OPEN]);
    try_it(story.analyst.0, Role::SecurityAnalyst, shown.version, seen).unwrap();
    let closed = story.review();
    assert_eq!(
        (closed.state, closed.proof, closed.proved_by_id, closed.proof_note.as_deref()),
        (ReviewState::Closed, Some(ReviewProof::Attested), Some(story.analyst.0), Some(seen))
    );
    assert_eq!(story.now().state, IdentityState::Revoked);
    assert_eq!(tasks_like(app, story.identity, TaskKind::Offboarding), [DONE]);
    let again = try_it(story.second.0, Role::SecurityAnalyst, closed.version, seen);
    assert!(refusal(again).contains("nothing waits for proof"));
}

#[test]
fn the_technical_owner_may_say_that_it_was_done() {
    let story = Asked::begin();
    let shown = story.revoked();
    let who = by(story.technical.0, Role::Owner, later(1));
    attest(&story.app.register, &who, story.review, shown.version, "deleted and tried: refused").unwrap();
    assert_eq!(story.review().proof, Some(ReviewProof::Attested));
}

#[test]
fn what_silence_suspended_is_closed_when_it_was_seen_and_stays_suspended() {
    let story = Asked::begin();
    let other = story.app.account(Role::Administrator).0;
    super::let_count(&story.app, [story.administrator.0, other], at(NOW));
    run_at(&story.app.register, Job::ApplySilence, later(36));
    let cut = story.review();
    assert_eq!((cut.state, cut.outcome), (ReviewState::Remediating, Some(ReviewOutcome::SilentSuspend)));
    let who = by(story.analyst.0, Role::SecurityAnalyst, later(37));
    attest(&story.app.register, &who, story.review, cut.version, "disabled in the console; refused").unwrap();
    assert_eq!(story.review().state, ReviewState::Closed);
    assert_eq!(story.now().state, IdentityState::Suspended);
    assert_eq!(tasks_like(&story.app, story.identity, TaskKind::Offboarding), [DONE]);
}
