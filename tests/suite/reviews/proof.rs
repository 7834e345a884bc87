//! What was taken away is seen to be gone: by an import, or by somebody who neither decided it nor answers for it.

use muster::actions::reviews::prove::attest;
use muster::domain::identities::IdentityState;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewProof, ReviewState};
use muster::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use serde_json::{Value, json};

use super::{Asked, answer, by, fields, is_conflict, later, messages, now_of, review, review_of, run_at};
use crate::app::{NOW, TestApp, at};
use crate::imports::{bring, client, only_ids, realm, refusal, touch, upload};
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
    let note = closed.proof_note.unwrap();
    assert!(note.contains(&import.to_string()), "it says which import: {note}");
    assert!(note.contains("realm.json") && note.contains("on 23 Nov 2026"), "of which file, and when: {note}");
    assert!(note.contains("no more than was kept: openid, patient/Patient.rs"), "and what it showed: {note}");
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
    let refused = refusal(try_it(stranger, Role::Owner, shown.version, seen));
    assert!(
        refused.contains("somebody who keeps the register, and neither decided it nor answers for it"),
        "{refused}"
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

const SEEN: &str = "deleted and tried again: it was refused";

#[test]
fn whoever_answers_for_it_says_in_their_task_what_they_did_and_attests_nothing() {
    let story = Asked::begin();
    let shown = story.revoked();
    let app = &story.app;
    for person in [story.technical.0, story.deputy.0] {
        let refused =
            refusal(attest(&app.register, &by(person, Role::Owner, later(1)), story.review, shown.version, SEEN));
        assert!(refused.contains("in your task what you did"), "{refused}");
    }
    assert_eq!(story.review(), shown, "it still waits for proof");
    assert_eq!(story.now().state, IdentityState::Revoking, "and is not shown as revoked");
    let page = app.sign_in_as(&story.technical).get(&format!("/reviews/{}", story.review));
    assert!(page.shows("Say in your task what you did") && !page.shows("Attest it"), "{}", page.readable());
    // Nor does a keeper who owns it, or owned it when it was asked about.
    let keeper = by(story.analyst.0, Role::SecurityAnalyst, later(1));
    let second = by(story.second.0, Role::SecurityAnalyst, later(1));
    touch(&app.register, story.identity, |found| found.technical_owner_id = Some(story.analyst.0));
    let refused = refusal(attest(&app.register, &keeper, story.review, shown.version, SEEN));
    assert!(refused.contains("you answer for it"), "{refused}");
    attest(&app.register, &second, story.review, shown.version, SEEN).unwrap();
    assert_eq!(story.review().proof, Some(ReviewProof::Attested));
}

#[test]
fn whoever_takes_less_away_is_told_where_to_write_what_they_did_by_the_name_of_that_place() {
    let story = Asked::approved(&[super::READING, super::NAMES], |_| {});
    story.owner_says(ReviewAnswer::Narrow, at(NOW), |reply| reply.keep = vec![super::READING.to_owned()]).unwrap();
    story.apply(at(NOW).plus_seconds(31 * 60));
    let shown = story.review();
    assert_eq!(shown.state, ReviewState::Remediating);
    let technical = by(story.technical.0, Role::Owner, later(1));
    let refused = refusal(attest(&story.app.register, &technical, story.review, shown.version, SEEN));
    let place = "what you did under \u{201c}What others know\u{201d}";
    assert!(refused.contains(place) && !refused.contains("below"), "{refused}");
    let page = story.app.sign_in_as(&story.technical).get(&format!("/reviews/{}", story.review));
    assert!(page.shows(place), "{}", page.readable());
    assert!(page.text.contains("id=\"notes\">What others know"), "the place stands on the page: {}", page.text);
}

#[test]
fn whoever_owned_it_when_it_was_asked_about_attests_nothing_though_another_is_named_since() {
    let story = Asked::begin();
    let other = story.app.account(Role::Owner).0;
    // The technical owner keeps the register since, and has named somebody else.
    touch(&story.app.register, story.identity, |found| found.technical_owner_id = Some(other));
    let shown = story.revoked();
    for person in [story.technical.0, story.deputy.0] {
        let who = by(person, Role::SecurityAnalyst, later(1));
        let refused = refusal(attest(&story.app.register, &who, story.review, shown.version, SEEN));
        assert!(refused.contains("or did when it was asked about"), "{refused}");
    }
    let analyst = by(story.analyst.0, Role::SecurityAnalyst, later(1));
    attest(&story.app.register, &analyst, story.review, shown.version, SEEN).unwrap();
}

#[test]
fn the_page_of_an_identity_says_who_attested_that_it_was_stopped() {
    let story = Asked::begin();
    let shown = story.revoked();
    let analyst = story.app.sign_in_as(&story.analyst);
    let path = format!("/identities/{}", story.identity);
    assert!(analyst.get(&path).shows("as far as we know its system still lets it in"));
    let who = by(story.second.0, Role::SecurityAnalyst, later(1));
    attest(&story.app.register, &who, story.review, shown.version, SEEN).unwrap();
    let page = analyst.get(&path);
    let name = person_name(&story.app, story.second.0);
    for text in [format!("{name} attested on 24 Nov 2026").as_str(), SEEN, "No import has shown yet"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(!page.shows("as far as we know"), "{}", page.readable());
}

/// The name of somebody.
fn person_name(app: &TestApp, id: Id) -> String {
    muster::store::people::find(&mut app.register.database.read().unwrap(), id).unwrap().name
}

#[test]
fn what_silence_suspended_is_closed_when_it_was_seen_and_stays_suspended() {
    let story = Asked::begin();
    let other = story.app.account(Role::Administrator).0;
    super::let_count(&story.app, [story.administrator.0, other], at(NOW));
    super::others_were_asked(&story.app);
    run_at(&story.app.register, Job::ApplySilence, later(36));
    let cut = story.review();
    assert_eq!((cut.state, cut.outcome), (ReviewState::Remediating, Some(ReviewOutcome::SilentSuspend)));
    let who = by(story.analyst.0, Role::SecurityAnalyst, later(37));
    attest(&story.app.register, &who, story.review, cut.version, "disabled in the console; refused").unwrap();
    assert_eq!(story.review().state, ReviewState::Closed);
    assert_eq!(story.now().state, IdentityState::Suspended);
    assert_eq!(tasks_like(&story.app, story.identity, TaskKind::Offboarding), [DONE]);
}

#[test]
fn evidence_that_nobody_could_check_is_refused_and_what_was_written_is_kept() {
    let story = Asked::begin();
    let shown = story.revoked();
    let who = by(story.analyst.0, Role::SecurityAnalyst, later(1));
    for short in ["x", "it is gone", "done, seen, closed now", ". . . . .", "--- it is gone --- ---"] {
        let refused = messages(attest(&story.app.register, &who, story.review, shown.version, short));
        assert!(refused[0].contains("a sentence at least"), "{refused:?}");
    }
    let analyst = story.app.sign_in_as(&story.analyst);
    let path = format!("/reviews/{}/attest", story.review);
    let version = shown.version.to_string();
    let page = analyst.post(&path, &[("version", &version), ("evidence", "it is gone")]);
    assert_eq!(page.status, 422, "{}", page.readable());
    assert!(page.shows("a sentence at least") && page.text.contains("\nit is gone</textarea>"), "{}", page.text);
    assert_eq!(story.review(), shown, "nothing was recorded");
}

#[test]
fn what_others_let_go_on_after_silence_suspended_it_waits_for_no_proof_any_more() {
    use muster::actions::grants::{self, Shown};
    let story = Asked::begin();
    let register = &story.app.register;
    let administrator = |now| by(story.administrator.0, Role::Administrator, now);
    let other = story.app.account(Role::Administrator).0;
    super::let_count(&story.app, [story.administrator.0, other], at(NOW));
    super::others_were_asked(&story.app);
    run_at(register, Job::ApplySilence, later(36));
    assert_eq!(story.review().outcome, Some(ReviewOutcome::SilentSuspend));
    assert_eq!(story.apply(later(37)), ["0 identities kept"], "it is suspended still");
    let analyst = by(story.analyst.0, Role::SecurityAnalyst, later(37));
    let second = by(story.second.0, Role::SecurityAnalyst, later(37));
    let grant = grants::ask(register, &analyst, story.identity, "the ward works with it every day").unwrap();
    let shown = |version| Shown { grant, version, identity_version: story.now().version };
    grants::approve(register, &second, &shown(1)).unwrap();
    grants::carry_out(register, &administrator(later(37)), &shown(2)).unwrap();
    assert_eq!(story.now().state, IdentityState::Active);
    assert_eq!(story.apply(later(38)), ["0 identities kept", "1 review was overtaken: it goes on"]);
    let closed = story.review();
    assert_eq!(
        (closed.state, closed.proof, closed.proved_by_id),
        (ReviewState::Closed, Some(ReviewProof::Overtaken), None)
    );
    assert!(closed.proof_note.unwrap().contains("others decided so"));
    assert_eq!(story.now().state, IdentityState::Active, "closing it stops nothing");
}

/// A register with an imported client for which these permissions were approved, and that has others; its review was
/// answered so, and that has taken effect.
fn approved_and_decided(approved: &[&str], given: &[&str], (said, keep): (ReviewAnswer, &[&str])) -> (TestApp, Id, Id) {
    let app = TestApp::start();
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    bring(&app, upload(realm(&[holding("a", given)])));
    let identity = crate::imports::identity(&app, "a").id;
    crate::approvals::approved(&app, identity, approved);
    touch(&app.register, identity, |found| found.next_review_on = Some(day("2026-11-23")));
    run_at(&app.register, Job::RaiseRecertifications, at(NOW));
    let asked = review_of(&app, identity).id;
    answer(&app, asked, (analyst, Role::SecurityAnalyst), said, at(NOW), |reply| {
        reply.keep = keep.iter().map(|scope| (*scope).to_owned()).collect();
    })
    .unwrap();
    run_at(&app.register, Job::ApplyReviews, at(NOW).plus_seconds(31 * 60));
    (app, identity, asked)
}

#[test]
fn an_import_that_carries_no_permissions_proves_nothing_about_them() {
    // Its system gave no more than what stays all along, as far as anybody saw.
    let approved = ["patient/Patient.rs", "patient/Observation.rs"];
    let narrowed = (ReviewAnswer::Narrow, &["patient/Patient.rs"][..]);
    let (app, _, asked) = approved_and_decided(&approved, &["patient/Patient.rs"], narrowed);
    assert_eq!(review(&app, asked).state, ReviewState::Remediating);
    bring(&app, only_ids(&app, &["a"]));
    assert_eq!(review(&app, asked).state, ReviewState::Remediating, "the file says nothing about permissions");
    bring(&app, upload(realm(&[holding("a", &["patient/Patient.rs"])])));
    assert_eq!(review(&app, asked).proof, Some(ReviewProof::Observed), "this one does");
}

#[test]
fn an_import_that_does_not_say_whether_it_is_enabled_proves_no_revocation() {
    let (app, identity, asked) = decided(ReviewAnswer::Revoke, &[]);
    let mut silent = holding("a", &ALL);
    silent.as_object_mut().unwrap().remove("enabled");
    for file in [upload(realm(&[silent, holding("b", &ALL)])), only_ids(&app, &["a", "b"])] {
        // Somebody noted before that it was off.
        touch(&app.register, identity, |found| found.enabled = false);
        bring(&app, file);
        assert_eq!(review(&app, asked).state, ReviewState::Remediating, "the file does not say it");
    }
}

#[test]
fn what_was_kept_is_closed_when_an_import_sees_no_more_than_was_approved() {
    let keeps = (ReviewAnswer::Keep, &[][..]);
    let (app, identity, asked) =
        approved_and_decided(&["patient/Patient.rs"], &["patient/Patient.rs", "system/*.rs"], keeps);
    let waits = review(&app, asked);
    assert_eq!((waits.state, waits.outcome), (ReviewState::Remediating, Some(ReviewOutcome::Keep)));
    assert_eq!(tasks_like(&app, identity, TaskKind::Narrowing), [OPEN]);
    bring(&app, upload(realm(&[holding("a", &["patient/Patient.rs", "system/Patient.rs"])])));
    assert_eq!(review(&app, asked).state, ReviewState::Remediating, "it is still more than was approved");
    bring(&app, upload(realm(&[holding("a", &["openid", "patient/Patient.read"])])));
    let closed = review(&app, asked);
    assert_eq!((closed.state, closed.proof), (ReviewState::Closed, Some(ReviewProof::Observed)));
    assert_eq!(tasks_like(&app, identity, TaskKind::Narrowing), [DONE]);
    assert_eq!(now_of(&app, identity).state, IdentityState::Active);
}

#[test]
fn the_page_says_first_what_was_decided_and_whether_its_system_follows() {
    let (app, _, asked) = decided(ReviewAnswer::Narrow, &["openid", "patient/Patient.rs"]);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let path = format!("/reviews/{asked}");
    let page = analyst.get(&path);
    for text in ["What was decided", "What stays", "What goes", "Still given", "What was read when it was decided"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let still = page.text.split("Still given").nth(1).unwrap().split("</section>").next().unwrap();
    let still = crate::app::readable(still);
    assert!(still.contains("patient/Observation.rs") && !still.contains("patient/Patient.rs"), "{still}");
    let place = |text: &str| page.text.find(text).unwrap();
    assert!(place("What was decided") < place("What it may do"), "it stands first");
    bring(&app, upload(realm(&[holding("a", &["openid", "patient/Patient.rs"]), holding("b", &ALL)])));
    let closed = analyst.get(&path);
    assert!(closed.shows("What was decided") && closed.shows("realm.json"), "{}", closed.readable());
    assert!(!closed.shows("Still given"), "{}", closed.readable());
}
