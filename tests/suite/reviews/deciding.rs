//! Deciding: kept, left less, switched off on a day, asked of somebody else; corrected before it takes effect.

use muster::actions::reviews::decide::decide;
use muster::actions::tasks as answers;
use muster::domain::identities::{Criticality, IdentityState, ScopeList, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reaching::IdentityTier;
use muster::domain::requests::sheet::Sheet;
use muster::domain::reviews::reasons::{Reason, ReviewCause};
use muster::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewState};
use muster::domain::scopes::difference::Change;
use muster::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskCause, TaskKind, TaskState};

use super::{
    Asked, BOTH, NAMES, READING, answer, by, causes, decisions, fields, is_conflict, later, loaded, messages,
    open_tasks, reply, run_at, tasks_of, tiered, told,
};
use crate::app::{NOW, at};
use crate::imports::{refusal, touch};
use crate::jobs::{change_person, day, owned_by, tasks_about};

fn minutes(count: i64) -> muster::domain::ids::Moment {
    at(NOW).plus_seconds(count * 60)
}

#[test]
fn keeping_takes_effect_when_nobody_can_correct_it_any_more() {
    let story = Asked::begin();
    story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let decided = story.review();
    assert_eq!((decided.state, decided.outcome), (ReviewState::Decided, Some(ReviewOutcome::Keep)));
    assert_eq!((decided.takes_effect_at, decided.next_step_on), (Some(minutes(30)), None));
    let task = tasks_of(&story.app, story.review).remove(0);
    assert_eq!(
        (task.state, task.answer, task.closed_by),
        (TaskState::Done, Some(TaskAnswer::Keep), Some(story.owner.0))
    );
    assert_eq!(story.apply(minutes(29)), ["0 identities kept"]);
    assert_eq!(story.now().next_review_on, Some(day("2026-11-23")));
    assert_eq!(story.apply(minutes(30)), ["1 identity kept"]);
    assert_eq!(story.now().next_review_on, Some(day("2027-02-21")), "ninety days on");
    let closed = story.review();
    assert_eq!((closed.state, closed.proof, closed.closed_at), (ReviewState::Closed, None, Some(minutes(30))));
    let size = story.app.audit_size();
    assert_eq!(story.apply(minutes(60)), ["0 identities kept"]);
    assert_eq!(story.app.audit_size(), size);
}

#[test]
fn a_decision_keeps_what_its_giver_read() {
    let story = Asked::approved(&[READING, NAMES], |_| {});
    story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let kept = decisions(&story.app, story.review).remove(0);
    assert_eq!((kept.decided_by_id, kept.decided_as), (story.owner.0, AssignedAs::BusinessOwner));
    assert_eq!(kept.sheet.0.digest(), kept.digest);
    assert_eq!(kept.sheet.0.question, "Is the access of Discharge Planner still needed?");
    let scopes: Vec<&str> = kept.sheet.0.lines.iter().map(|line| line.scope.as_str()).collect();
    assert!(scopes.contains(&READING) && scopes.contains(&NAMES), "{scopes:?}");
}

#[test]
fn keeping_what_reaches_far_takes_a_reason_and_what_reaches_little_takes_none() {
    for (tier, needed) in [
        (IdentityTier::Critical, true),
        (IdentityTier::High, true),
        (IdentityTier::Unknown, true),
        (IdentityTier::Moderate, false),
        (IdentityTier::Low, false),
    ] {
        let story = Asked::with(|row| tiered(row, tier));
        let size = story.app.audit_size();
        let outcome = story.owner_says(ReviewAnswer::Keep, minutes(0), |reply| reply.reason = "  ".to_owned());
        if needed {
            assert_eq!(fields(outcome), ["reason"], "{tier}");
            assert_eq!(story.app.audit_size(), size, "{tier}");
            assert!(decisions(&story.app, story.review).is_empty(), "{tier}");
        } else {
            outcome.unwrap();
            assert_eq!(decisions(&story.app, story.review)[0].reason, None, "{tier}");
        }
    }
}

#[test]
fn signs_are_no_reason_to_keep_what_reaches_far_and_what_was_typed_stays_on_the_page() {
    let story = Asked::with(|row| tiered(row, IdentityTier::Critical));
    let shown = reply(&story.app, story.review, ReviewAnswer::Keep, minutes(0));
    let owner = story.app.sign_in_as(&story.owner);
    let (version, identity_version) = (shown.version.to_string(), shown.identity_version.to_string());
    let send = |reason: &str| {
        owner.post(
            &format!("/reviews/{}", story.review),
            &[
                ("version", version.as_str()),
                ("identity_version", identity_version.as_str()),
                ("digest", shown.digest.as_str()),
                ("answer", "keep"),
                ("reason", reason),
            ],
        )
    };
    for signs in [". . .", "--- --- ---"] {
        let page = send(signs);
        assert_eq!(page.status, 422, "{}", page.readable());
        assert!(page.shows("at least three words"), "{}", page.readable());
        assert!(page.text.contains(&format!("\n{signs}</textarea>")), "{}", page.text);
    }
    assert!(decisions(&story.app, story.review).is_empty());
    // A sentence of a script without spaces is one.
    let page = send("\u{75c5}\u{68df}\u{3067}\u{6bce}\u{65e5}\u{4f7f}\u{3046}");
    assert_eq!(page.status, 303, "{}", page.readable());
    assert_eq!(decisions(&story.app, story.review).len(), 1);
}

#[test]
fn what_was_typed_wrong_is_told_at_once_and_nothing_is_recorded() {
    let story = Asked::approved(&[BOTH, NAMES], |_| {});
    let size = story.app.audit_size();
    let none = story.owner_says(ReviewAnswer::Keep, minutes(0), |reply| reply.answer = None);
    assert_eq!(fields(none), ["answer"]);
    let nothing = story.owner_says(ReviewAnswer::Narrow, minutes(0), |reply| reply.reason.clear());
    assert_eq!(fields(nothing), ["keep", "reason"]);
    let wider = story.owner_says(ReviewAnswer::Narrow, minutes(0), |reply| reply.keep = vec!["system/*.rs".to_owned()]);
    assert_eq!(fields(wider), ["keep"]);
    let undated = story.owner_says(ReviewAnswer::Revoke, minutes(0), |_| {});
    assert_eq!(fields(undated), ["revoke_on"]);
    let passed = story.owner_says(ReviewAnswer::Revoke, minutes(0), |reply| reply.revoke_on = "2026-11-22".to_owned());
    assert_eq!(fields(passed), ["revoke_on"]);
    let unused = story.owner_says(ReviewAnswer::Keep, minutes(0), |reply| {
        reply.revoke_on = "2026-12-24".to_owned();
        reply.somebody = "Dana".to_owned();
    });
    assert_eq!(fields(unused), ["revoke_on", "somebody"]);
    assert_eq!(story.app.audit_size(), size);
    assert_eq!(story.review().version, 1);
}

#[test]
fn leaving_it_less_shrinks_the_approved_list_after_the_time_for_corrections() {
    let story = Asked::approved(&[BOTH, NAMES], |_| {});
    story.owner_says(ReviewAnswer::Narrow, minutes(0), |reply| reply.keep = vec![READING.to_owned()]).unwrap();
    let kept = decisions(&story.app, story.review).remove(0);
    assert_eq!(kept.kept.unwrap().0, [READING], "looking up and changing stand apart");
    assert_eq!(story.apply(minutes(29)), ["0 identities kept"]);
    assert_eq!(story.scopes(ScopeList::Approved), [BOTH, NAMES], "minds can still be changed");
    assert_eq!(story.apply(minutes(30)), ["0 identities kept", "1 identity narrowed"]);
    assert_eq!(story.scopes(ScopeList::Approved), [READING]);
    let review = story.review();
    assert_eq!((review.state, review.outcome), (ReviewState::Remediating, Some(ReviewOutcome::Narrow)));
    assert_eq!((review.applied_at, review.closed_at), (Some(minutes(30)), None), "nobody has seen it at the system");
    let tasks = open_tasks(&story.app, story.review, TaskKind::Narrowing);
    assert_eq!(tasks.len(), 1);
    assert_eq!((tasks[0].assignee_id, tasks[0].cause), (Some(story.technical.0), TaskCause::Narrowed));
    assert_eq!(tasks[0].due_on, day("2026-11-30"));
    let clock = story.app.register.deployment.reviews.of(review.tier);
    assert_eq!(story.now().next_review_on, Some(clock.next(day("2026-11-23"))));
    assert_eq!(story.now().state, IdentityState::Active);
}

#[test]
fn switching_it_off_waits_for_its_day() {
    let story = Asked::begin();
    let on = |reply: &mut super::Reply| reply.revoke_on = "2026-12-01".to_owned();
    story.owner_says(ReviewAnswer::Revoke, minutes(0), on).unwrap();
    let begins = at("2026-12-01T06:00:00Z");
    assert_eq!(story.review().takes_effect_at, Some(begins), "the day begins in Chicago");
    assert_eq!(story.apply(begins.plus_seconds(-1)), ["0 identities kept"]);
    assert_eq!(story.now().state, IdentityState::Active);
    assert_eq!(story.apply(begins), ["0 identities kept", "1 identity to be switched off"]);
    let now = story.now();
    assert_eq!((now.state, now.state_cause), (IdentityState::Revoking, StateCause::NoLongerNeeded));
    let offboardings: Vec<_> =
        tasks_about(&story.app, story.identity).into_iter().filter(|task| task.kind == TaskKind::Offboarding).collect();
    assert_eq!(offboardings.len(), 1);
    assert_eq!((offboardings[0].cause, offboardings[0].state), (TaskCause::Revoking, TaskState::Open));
    assert_eq!(story.review().state, ReviewState::Remediating, "a word is no proof");
    let said = run_at(&story.app.register, Job::RaiseOffboardings, begins);
    assert_eq!(said[0], "0 offboardings raised", "it has its task");
}

#[test]
fn what_is_switched_off_today_has_the_time_for_corrections_all_the_same() {
    let story = Asked::begin();
    let today = |reply: &mut super::Reply| reply.revoke_on = "2026-11-23".to_owned();
    story.owner_says(ReviewAnswer::Revoke, minutes(0), today).unwrap();
    assert_eq!(story.review().takes_effect_at, Some(minutes(30)));
}

#[test]
fn i_dont_know_asks_the_technical_owner_and_is_no_answer() {
    let story = Asked::begin();
    let due = story.review().due_on;
    let ask = |reply: &mut super::Reply| reply.reason = "I only know that it runs at night".to_owned();
    story.owner_says(ReviewAnswer::DontKnow, minutes(0), ask).unwrap();
    let review = story.review();
    assert_eq!((review.state, review.outcome, review.due_on), (ReviewState::Open, None, due));
    assert_eq!(open_tasks(&story.app, story.review, TaskKind::Recertification).len(), 1, "its reviewer is asked still");
    let question = open_tasks(&story.app, story.review, TaskKind::ReviewQuestion).remove(0);
    let half_way = "2026-12-03".parse().unwrap();
    assert!(half_way < due, "whoever decides still has time after the answer");
    assert_eq!((question.assignee_id, question.due_on), (Some(story.technical.0), half_way));
    assert!(question.reason.contains("I only know that it runs at night"), "{}", question.reason);
    let known = answers::Reply {
        task: question.id,
        version: question.version,
        identity_version: story.now().version,
        answer: Some(TaskAnswer::Done),
        reason: "It fills the bed board every hour".to_owned(),
        until: String::new(),
        somebody: String::new(),
    };
    answers::answer(&story.app.register, &by(story.technical.0, Role::Owner, minutes(5)), &known).unwrap();
    let loaded = loaded(&story.app, story.review, minutes(6));
    let said = loaded.answers();
    assert_eq!(said.len(), 1);
    assert!(said[0].1.contains("It fills the bed board every hour"), "{said:?}");
    assert_eq!(said[0].0.closed_by, Some(story.technical.0));
    assert_eq!(story.review().state, ReviewState::Open, "what they know decides nothing");
    story.owner_says(ReviewAnswer::Keep, minutes(7), |_| {}).unwrap();
    let sheet = &decisions(&story.app, story.review)[1].sheet.0;
    let fact = sheet.facts.iter().find(|fact| fact.label == "What was answered").unwrap();
    assert!(fact.lines[0].contains("It fills the bed board every hour"), "{fact:?}");
    assert_eq!(fact.people, [story.technical.0]);
}

#[test]
fn without_a_technical_owner_the_analysts_are_asked_what_they_know() {
    let story = Asked::with(|row| {
        row.technical_owner_id = None;
        row.technical_owner_answer = None;
    });
    story.owner_says(ReviewAnswer::DontKnow, minutes(0), |_| {}).unwrap();
    let question = open_tasks(&story.app, story.review, TaskKind::ReviewQuestion).remove(0);
    assert_eq!(question.assignee_group, Some(AssigneeGroup::SecurityAnalysts));
}

#[test]
fn somebody_else_decides_and_the_deadline_stays() {
    let story = Asked::begin();
    let colleague = story.app.account(Role::Owner);
    let due = story.review().due_on;
    let to = |reply: &mut super::Reply| reply.somebody.clone_from(&colleague.1);
    story.owner_says(ReviewAnswer::Reassign, at(NOW).plus_days(10), to).unwrap();
    let review = story.review();
    assert_eq!((review.state, review.due_on, review.version), (ReviewState::Open, due, 2));
    let open = open_tasks(&story.app, story.review, TaskKind::Recertification);
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].assignee_id, open[0].assigned_as, open[0].due_on),
        (Some(colleague.0), AssignedAs::HandedOn, due)
    );
    let refused = story.owner_says(ReviewAnswer::Keep, at(NOW).plus_days(10), |_| {});
    assert!(refusal(refused).contains("somebody else is asked about it"));
    let later = at(NOW).plus_days(11);
    answer(&story.app, story.review, (colleague.0, Role::Owner), ReviewAnswer::Keep, later, |_| {}).unwrap();
    let given: Vec<_> = decisions(&story.app, story.review)
        .into_iter()
        .map(|decision| (decision.answer, decision.decided_by_id, decision.supersedes_id))
        .collect();
    assert_eq!(
        given,
        [(ReviewAnswer::Reassign, story.owner.0, None), (ReviewAnswer::Keep, colleague.0, None)],
        "passing it on was no decision, so nothing is corrected"
    );
}

#[test]
fn nobody_is_named_who_could_not_decide() {
    let story = Asked::begin();
    let (leaver, auditor, disabled) =
        (story.app.account(Role::Owner), story.app.account(Role::Auditor), story.app.account(Role::Owner));
    change_person(&story.app, leaver.0, |person| person.left_on = Some(day("2026-11-23")));
    muster::actions::accounts::disable(&story.app.register, &story.app.setup(), disabled.0).unwrap();
    story.app.person("Nora Noaccount", "nora@hospital.example");
    let size = story.app.audit_size();
    let known = [&story.technical, &leaver, &auditor, &disabled, &story.owner].map(|(_, email)| email.as_str());
    for who in ["", "nobody@x.example", "nora@hospital.example"].into_iter().chain(known) {
        let named = |reply: &mut super::Reply| reply.somebody = who.to_owned();
        let refused = story.owner_says(ReviewAnswer::Reassign, minutes(0), named);
        assert_eq!(fields(refused), ["somebody"], "{who}");
    }
    assert_eq!(story.app.audit_size(), size);
    assert_eq!(story.review().version, 1);
}

#[test]
fn whoever_has_no_account_is_named_only_where_single_sign_on_lets_them_in() {
    let story = Asked::begin();
    let nora = story.app.person("Nora Noaccount", "nora@hospital.example");
    let named = |reply: &mut super::Reply| reply.somebody = "nora@hospital.example".to_owned();
    let refused = messages(story.owner_says(ReviewAnswer::Reassign, minutes(0), named));
    assert!(refused[0].contains("has no account here") && refused[0].contains("an administrator can make one"));
    // Nor are they asked by the rules, or what they know.
    touch(&story.app.register, story.identity, |found| {
        found.business_owner_id = Some(nora);
        found.technical_owner_id = Some(nora);
    });
    story.owner_says(ReviewAnswer::DontKnow, minutes(1), |_| {}).unwrap();
    let question = open_tasks(&story.app, story.review, TaskKind::ReviewQuestion).remove(0);
    assert_eq!(question.assignee_group, Some(AssigneeGroup::SecurityAnalysts));
}

#[test]
fn a_decision_is_corrected_before_it_takes_effect_and_not_after() {
    let story = Asked::begin();
    let first = story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let today = |reply: &mut super::Reply| reply.revoke_on = "2026-11-23".to_owned();
    let second = story.owner_says(ReviewAnswer::Revoke, minutes(20), today).unwrap();
    let given = decisions(&story.app, story.review);
    assert_eq!(given.len(), 2, "both stand on record");
    assert_eq!((given[0].id, given[1].id, given[1].supersedes_id), (first, second, Some(first)));
    let review = story.review();
    assert_eq!((review.outcome, review.decision_id), (Some(ReviewOutcome::Revoke), Some(second)));
    assert_eq!(review.takes_effect_at, Some(minutes(50)), "the time for corrections begins anew");
    assert_eq!(story.apply(minutes(49)), ["0 identities kept"]);
    let passed = story.owner_says(ReviewAnswer::Reassign, minutes(21), |reply| reply.somebody = "x".to_owned());
    assert_eq!(fields(passed), ["answer"], "a correction decides");
    let late = story.owner_says(ReviewAnswer::Keep, minutes(50), |_| {});
    assert!(refusal(late).contains("not open any more"), "its time is over, though no job has run");
    assert_eq!(story.apply(minutes(50)), ["0 identities kept", "1 identity to be switched off"]);
    let later = story.owner_says(ReviewAnswer::Keep, minutes(60), |_| {});
    assert!(refusal(later).contains("nothing to decide"), "it is being stopped");
}

#[test]
fn whoever_keeps_the_register_may_correct_and_strangers_may_not() {
    let story = Asked::begin();
    story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let as_role =
        |person: Id, role| answer(&story.app, story.review, (person, role), ReviewAnswer::Keep, minutes(5), |_| {});
    assert!(refusal(as_role(story.deputy.0, Role::Owner)).contains("somebody else"));
    assert!(refusal(as_role(story.technical.0, Role::Owner)).contains("benefits"));
    let auditor = story.app.account(Role::Auditor);
    assert!(refusal(as_role(auditor.0, Role::Auditor)).contains("auditors read"));
    as_role(story.analyst.0, Role::SecurityAnalyst).unwrap();
    let given = decisions(&story.app, story.review);
    assert_eq!((given[1].decided_as, given[1].supersedes_id), (AssignedAs::Keeper, Some(given[0].id)));
}

#[test]
fn the_same_form_sent_twice_records_one_decision() {
    let story = Asked::begin();
    let shown = reply(&story.app, story.review, ReviewAnswer::Keep, minutes(0));
    let owner = by(story.owner.0, Role::Owner, minutes(0));
    let first = decide(&story.app.register, &owner, &shown).unwrap();
    let size = story.app.audit_size();
    assert_eq!(decide(&story.app.register, &owner, &shown).unwrap(), first);
    assert_eq!(story.app.audit_size(), size);
    assert_eq!(decisions(&story.app, story.review).len(), 1);
    // Another answer from the page as it was is none: it has changed since.
    let other = super::Reply { answer: Some(ReviewAnswer::DontKnow), ..shown };
    assert!(is_conflict(&decide(&story.app.register, &owner, &other)));
}

#[test]
fn a_form_that_names_somebody_else_than_was_recorded_records_nothing_and_keeps_the_name() {
    let story = Asked::begin();
    let (colleague, another) = (story.app.account(Role::Owner), story.app.account(Role::Owner));
    let shown = reply(&story.app, story.review, ReviewAnswer::Reassign, minutes(0));
    let owner = by(story.owner.0, Role::Owner, minutes(0));
    let named = |who: &str| super::Reply { somebody: who.to_owned(), ..shown.clone() };
    let first = decide(&story.app.register, &owner, &named(&colleague.1)).unwrap();
    let size = story.app.audit_size();
    assert_eq!(
        decide(&story.app.register, &owner, &named(&colleague.0.to_string())).unwrap(),
        first,
        "the same person"
    );
    for other in [another.1.as_str(), "nobody@x.example", ""] {
        let refused = decide(&story.app.register, &owner, &named(other));
        assert!(is_conflict(&refused), "{other}: {refused:?}");
    }
    assert_eq!(story.app.audit_size(), size);
    let browser = story.app.sign_in_as(&story.owner);
    let (version, identity_version) = (shown.version.to_string(), shown.identity_version.to_string());
    let page = browser.post(
        &format!("/reviews/{}", story.review),
        &[
            ("version", version.as_str()),
            ("identity_version", identity_version.as_str()),
            ("digest", shown.digest.as_str()),
            ("answer", "reassign"),
            ("reason", shown.reason.as_str()),
            ("somebody", another.1.as_str()),
        ],
    );
    assert_eq!(page.status, 409, "{}", page.readable());
    assert!(page.text.contains(&another.1) && page.shows(&shown.reason), "{}", page.readable());
}

#[test]
fn what_changed_since_it_was_shown_is_not_decided() {
    let story = Asked::begin();
    let owner = by(story.owner.0, Role::Owner, minutes(0));
    let try_it = |shown: &super::Reply| decide(&story.app.register, &owner, shown);
    let shown = reply(&story.app, story.review, ReviewAnswer::Keep, minutes(0));
    let words = super::Reply { digest: "0".repeat(64), ..shown.clone() };
    assert!(is_conflict(&try_it(&words)), "the wording");
    touch(&story.app.register, story.identity, |found| found.purpose = Some("something else".to_owned()));
    assert!(is_conflict(&try_it(&shown)), "the identity");
    let shown = reply(&story.app, story.review, ReviewAnswer::Keep, minutes(0));
    let analyst = (story.analyst.0, Role::SecurityAnalyst);
    answer(&story.app, story.review, analyst, ReviewAnswer::DontKnow, minutes(0), |_| {}).unwrap();
    assert!(is_conflict(&try_it(&shown)), "the review");
    try_it(&reply(&story.app, story.review, ReviewAnswer::Keep, minutes(0))).unwrap();
}

#[test]
fn whoever_benefits_does_not_decide_even_as_its_business_owner() {
    let app = crate::app::TestApp::start();
    let (both, _) = app.account(Role::Owner);
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    let row = crate::jobs::identity(&app, "Discharge Planner", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, both);
        crate::jobs::kept_by(row, both);
    });
    run_at(&app.register, Job::RaiseRecertifications, minutes(0));
    let review = super::review_of(&app, row.id).id;
    for said in [ReviewAnswer::Keep, ReviewAnswer::DontKnow] {
        let refused = answer(&app, review, (both, Role::Owner), said, minutes(0), |_| {});
        assert!(refusal(refused).contains("whoever benefits does not decide"));
    }
    // Neither does an analyst who is its technical owner.
    touch(&app.register, row.id, |found| found.technical_owner_id = Some(analyst));
    let refused = answer(&app, review, (analyst, Role::SecurityAnalyst), ReviewAnswer::Keep, minutes(0), |_| {});
    assert!(refusal(refused).contains("whoever benefits does not decide"));
    let (second, _) = app.account(Role::SecurityAnalyst);
    answer(&app, review, (second, Role::SecurityAnalyst), ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
}

#[test]
fn whoever_was_its_technical_owner_when_it_was_asked_about_does_not_decide_whoever_they_name_since() {
    let story = Asked::begin();
    let (colleague, other) = (story.app.account(Role::Owner), story.app.account(Role::Owner).0);
    touch(&story.app.register, story.identity, |found| {
        found.technical_owner_id = Some(other);
        found.business_owner_id = Some(story.technical.0);
    });
    let refused = story.owner_says(ReviewAnswer::Reassign, minutes(0), |reply| {
        reply.somebody.clone_from(&story.technical.1);
    });
    let why = messages(refused).remove(0);
    assert!(why.contains("was its technical owner when it was asked about"), "they are not named either: {why}");
    let now =
        messages(story.owner_says(ReviewAnswer::Reassign, minutes(0), |reply| reply.somebody = other.to_string()));
    assert!(now[0].contains("is its technical owner, and whoever benefits"), "which of both is said: {now:?}");
    for role in [Role::Owner, Role::SecurityAnalyst] {
        let who = (story.technical.0, role);
        let refused = answer(&story.app, story.review, who, ReviewAnswer::Keep, minutes(0), |_| {});
        assert!(refusal(refused).contains("whoever benefits does not decide"));
    }
    // Nor are they asked: whoever leaves is followed by somebody else.
    change_person(&story.app, story.owner.0, |person| person.left_on = Some(day("2026-11-24")));
    run_at(&story.app.register, Job::MoveTasks, later(1));
    let open = open_tasks(&story.app, story.review, TaskKind::Recertification);
    assert!(open.iter().all(|task| task.assignee_id != Some(story.technical.0)), "{open:?}");
    assert!(!open.is_empty());
    let to = |reply: &mut super::Reply| reply.somebody.clone_from(&colleague.1);
    let analyst = (story.analyst.0, Role::SecurityAnalyst);
    answer(&story.app, story.review, analyst, ReviewAnswer::Reassign, later(1), to).unwrap();
    answer(&story.app, story.review, (colleague.0, Role::Owner), ReviewAnswer::Keep, later(1), |_| {}).unwrap();
}

#[test]
fn only_people_decide() {
    let story = Asked::begin();
    let shown = reply(&story.app, story.review, ReviewAnswer::Keep, minutes(0));
    for nobody in [story.app.setup(), muster::actions::By::job("apply_reviews", minutes(0))] {
        let refused = decide(&story.app.register, &nobody, &shown);
        assert!(matches!(refused, Err(muster::actions::ActionError::Forbidden)), "{refused:?}");
    }
    let deputy = (story.deputy.0, Role::Owner);
    answer(&story.app, story.review, deputy, ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    assert_eq!(decisions(&story.app, story.review)[0].decided_as, AssignedAs::Deputy, "the owner has the task");
}

#[test]
fn of_three_who_decide_at_once_one_stands() {
    let story = Asked::begin();
    let people = [
        (story.owner.0, Role::Owner),
        (story.analyst.0, Role::SecurityAnalyst),
        (story.administrator.0, Role::Administrator),
    ];
    let replies = people.map(|(person, role)| {
        (by(person, role, minutes(0)), reply(&story.app, story.review, ReviewAnswer::Keep, minutes(0)))
    });
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let workers: Vec<_> = replies
            .iter()
            .map(|(who, reply)| {
                let register = story.app.replica();
                scope.spawn(move || match decide(&register, who, reply) {
                    Ok(_) => true,
                    refused => {
                        assert!(is_conflict(&refused), "{refused:?}");
                        false
                    }
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|done| **done).count(), 1, "{outcomes:?}");
    assert_eq!(decisions(&story.app, story.review).len(), 1);
    assert_eq!(story.review().version, 2);
}

#[test]
fn what_is_stopped_otherwise_meanwhile_has_no_question_any_more() {
    let story = Asked::begin();
    story.owner_says(ReviewAnswer::DontKnow, minutes(0), |_| {}).unwrap();
    touch(&story.app.register, story.identity, |found| found.state = IdentityState::Revoking);
    let late = story.owner_says(ReviewAnswer::Keep, minutes(1), |_| {});
    assert!(refusal(late).contains("nothing to decide"));
    let said = story.apply(minutes(2));
    assert_eq!(said, ["0 identities kept", "1 review was ended, because its question is gone"]);
    let ended = story.review();
    assert_eq!((ended.state, ended.outcome), (ReviewState::Cancelled, None));
    assert!(tasks_of(&story.app, story.review).iter().all(|task| task.state != TaskState::Open));
}

#[test]
fn whoever_decides_as_a_named_owner_accepts_that_they_are() {
    use muster::domain::identities::OwnerAnswer;
    let story = Asked::with(|row| row.business_owner_answer = Some(OwnerAnswer::Waiting));
    story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    assert_eq!(story.now().business_owner_answer, Some(OwnerAnswer::Accepted));
    assert_eq!(story.apply(minutes(30)), ["1 identity kept"]);
}

/// The lines of a fact that a reader was shown.
fn fact(sheet: &Sheet, label: &str) -> Vec<String> {
    sheet.facts.iter().find(|fact| fact.label == label).map(|fact| fact.lines.clone()).unwrap_or_default()
}

#[test]
fn a_reviewer_reads_what_the_app_can_reach_and_not_only_what_was_approved() {
    let story = Asked::approved(&[NAMES], |_| {});
    let read = |story: &Asked| {
        let loaded = loaded(&story.app, story.review, minutes(0));
        let mut db = story.app.register.database.read().unwrap();
        muster::actions::reviews::sheet::sheet(&mut db, &story.app.register, &loaded).unwrap()
    };
    let approved = read(&story);
    story.gives(&[NAMES, "openid", "system/*.rs", "no scope"]);
    let both = read(&story);
    assert_ne!(fact(&approved, "Whose data"), fact(&both, "Whose data"));
    assert_ne!(fact(&approved, "Sensitive kinds of record"), fact(&both, "Sensitive kinds of record"));
    assert!(both.lines.iter().any(|line| line.scope == "system/*.rs"), "{:?}", both.lines);
    let wider: Vec<_> = both.lines.iter().filter(|line| line.beyond).collect();
    assert_eq!(wider.len(), 2, "{wider:?}");
    assert!(wider[0].scope == "system/*.rs" && !wider[0].sentence.contains("nobody can tell"), "{wider:?}");
    assert!(wider[1].sentence.contains("nobody can tell whether what was approved takes it in"), "{wider:?}");
    let known = fact(&both, "Where that is known from");
    assert_eq!(known, ["What was approved, and what its system gives it as last seen."]);
    assert!(
        both.if_yes.contains("keeps what was approved") && both.if_yes.contains("2 permissions"),
        "{}",
        both.if_yes
    );
    assert_ne!(approved.digest(), both.digest());
}

#[test]
fn what_was_approved_is_read_beside_what_goes_beyond_though_that_takes_it_in() {
    let story = Asked::approved(&["system/Observation.rs"], |_| {});
    story.gives(&["system/*.rs", "openid"]);
    let owner = story.app.sign_in_as(&story.owner);
    let page = owner.get(&format!("/reviews/{}", story.review));
    let may = page.text.split("id=\"holds\"").nth(1).unwrap().split("</section>").next().unwrap();
    let (stays, beyond) = may.split_once("Beyond what was approved").unwrap();
    assert!(stays.contains("and stays where it is kept") && stays.contains("system/Observation.rs"), "{stays}");
    assert!(stays.contains("openid") && !stays.contains("system/*.rs"), "{stays}");
    assert!(beyond.contains("system/*.rs") && beyond.contains("Not approved"), "{beyond}");
    let decision = story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let receipt = owner.get(&format!("/reviews/decisions/{decision}"));
    let stays = receipt.text.split("What stays").nth(1).unwrap().split("What goes").next().unwrap();
    assert!(stays.contains("system/Observation.rs") && !stays.contains("system/*.rs"), "{stays}");
    let kept = decisions(&story.app, story.review).remove(0);
    assert_eq!(kept.sheet.0.digest(), kept.digest, "what was read is what was kept");
    // What is left of a permission that no permission says stands in words, as it is written in small print.
    story.apply(minutes(30));
    let page = owner.get(&format!("/reviews/{}", story.review));
    let still = page.text.split("Still given").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(crate::app::readable(still).contains(", except for"), "{still}");
    assert!(still.contains("<code class=\"scope\">system/*.rs on every type except Observation</code>"), "{still}");
}

#[test]
fn what_goes_beyond_is_called_new_where_it_was_not_given_when_somebody_last_decided() {
    let story = Asked::approved(&[NAMES], |_| {});
    story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    story.apply(minutes(30));
    story.gives(&[NAMES, "system/*.rs"]);
    touch(&story.app.register, story.identity, |found| found.next_review_on = Some(day("2026-12-01")));
    run_at(&story.app.register, Job::RaiseRecertifications, later(10));
    let again = super::reviews_about(&story.app, story.identity)[0].id;
    let loaded = loaded(&story.app, again, later(10));
    let mut db = story.app.register.database.read().unwrap();
    let sheet = muster::actions::reviews::sheet::sheet(&mut db, &story.app.register, &loaded).unwrap();
    let found: Vec<_> = sheet.lines.iter().map(|line| (line.scope.as_str(), line.change, line.beyond)).collect();
    assert_eq!(found, [(NAMES, Change::Same, false), ("system/*.rs", Change::New, true)]);
}

#[test]
fn a_receipt_says_what_has_become_of_the_decision() {
    let story = Asked::begin();
    let today = |reply: &mut super::Reply| reply.revoke_on = "2026-11-23".to_owned();
    let first = story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let second = story.owner_says(ReviewAnswer::Revoke, minutes(5), today).unwrap();
    let auditor = story.app.sign_in(Role::Auditor);
    let receipt = |decision: Id| auditor.get(&format!("/reviews/decisions/{decision}"));
    let shows = |decision: Id, texts: &[&str]| {
        let page = receipt(decision);
        for text in texts {
            assert!(page.shows(text), "{text}: {}", page.readable());
        }
    };
    shows(first, &["It did not take effect", "and that took its place: Switch it off on 23 Nov 2026"]);
    shows(second, &["it works as before, and this can be corrected", "as its business owner"]);
    story.apply(minutes(40));
    shows(second, &["It took effect on 23 Nov 2026", "has not been seen to follow yet", "attests it"]);
    assert!(!receipt(second).shows("it works as before"), "{}", receipt(second).readable());
    let waits = story.review();
    let who = by(story.analyst.0, Role::SecurityAnalyst, later(1));
    let saw = "client deleted in the console; its token was refused";
    muster::actions::reviews::prove::attest(&story.app.register, &who, story.review, waits.version, saw).unwrap();
    let name = name_of(&story, story.analyst.0);
    let attested = format!("{name} attested on 24 Nov 2026 what they saw");
    shows(second, &[&attested, saw, "The review is closed."]);
    // The page of the review names them too.
    let page = auditor.get(&format!("/reviews/{}", story.review));
    for text in [&attested, &format!("Attested by {name} on 24 Nov 2026")] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    // An auditor has no list of their own to go back to.
    let page = receipt(second);
    assert!(!page.text.contains("href=\"/reviews/mine\">Done") && page.text.contains("href=\"/reviews\">Done"));
}

/// The name of somebody.
fn name_of(story: &Asked, id: Id) -> String {
    muster::store::people::find(&mut story.app.register.database.read().unwrap(), id).unwrap().name
}

#[test]
fn the_page_names_who_ended_a_review_without_an_answer_and_why() {
    let story = Asked::begin();
    touch(&story.app.register, story.identity, |found| found.next_review_on = Some(day("2027-06-01")));
    let who = by(story.analyst.0, Role::SecurityAnalyst, later(1));
    let version = story.review().version;
    let because = "it was asked about by mistake";
    muster::actions::reviews::ending::cancel_by_hand(&story.app.register, &who, story.review, version, because)
        .unwrap();
    let page = story.app.sign_in(Role::Auditor).get(&format!("/reviews/{}", story.review));
    let name = name_of(&story, story.analyst.0);
    let text = format!("Ended without an answer by {name} on 24 Nov 2026: it was asked about by mistake.");
    assert!(page.shows(&text), "{}", page.readable());
}

#[test]
fn after_i_dont_know_it_is_said_who_was_asked_and_until_when() {
    let story = Asked::begin();
    let decision = story.owner_says(ReviewAnswer::DontKnow, minutes(0), |_| {}).unwrap();
    let owner = story.app.sign_in_as(&story.owner);
    let name = name_of(&story, story.technical.0);
    let asked = format!("You asked {name}, technical owner, on 23 Nov 2026 what they know; no answer yet.");
    let receipt = format!("Asked what they know: {name}, technical owner, on 23 Nov 2026, until");
    for (path, text) in [
        (format!("/reviews/{}", story.review), &asked),
        ("/reviews/mine".to_owned(), &asked),
        (format!("/reviews/decisions/{decision}"), &receipt),
    ] {
        let page = owner.get(&path);
        assert!(page.shows(text) && page.shows("3 Dec 2026"), "{path}: {}", page.readable());
    }
    // Whoever else reads it is told who asked.
    let page = story.app.sign_in_as(&story.analyst).get(&format!("/reviews/{}", story.review));
    let text = format!("{} asked {name}, technical owner,", name_of(&story, story.owner.0));
    assert!(page.shows(&text) && !page.shows("You asked"), "{}", page.readable());
}

#[test]
fn the_same_is_not_asked_twice_while_nobody_has_answered() {
    let story = Asked::begin();
    let owner = story.app.sign_in_as(&story.owner);
    let path = format!("/reviews/{}", story.review);
    let offered = |page: &crate::app::Page| page.text.contains("value=\"dont_know\"");
    assert!(offered(&owner.get(&path)));
    story.owner_says(ReviewAnswer::DontKnow, minutes(0), |_| {}).unwrap();
    let page = owner.get(&path);
    assert!(!offered(&page) && page.shows("asked twice, they would know no more"), "{}", page.readable());
    let size = story.app.audit_size();
    let again = story.owner_says(ReviewAnswer::DontKnow, minutes(1), |_| {});
    assert_eq!(fields(again), ["answer"]);
    assert_eq!(
        (story.app.audit_size(), open_tasks(&story.app, story.review, TaskKind::ReviewQuestion).len()),
        (size, 1)
    );
    let question = open_tasks(&story.app, story.review, TaskKind::ReviewQuestion).remove(0);
    let known = answers::Reply {
        task: question.id,
        version: question.version,
        identity_version: story.now().version,
        answer: Some(TaskAnswer::Done),
        reason: "It fills the bed board every hour".to_owned(),
        until: String::new(),
        somebody: String::new(),
    };
    answers::answer(&story.app.register, &by(story.technical.0, Role::Owner, minutes(5)), &known).unwrap();
    let page = owner.get(&path);
    assert!(offered(&page) && !page.shows("no answer yet"), "{}", page.readable());
    assert!(!owner.get("/reviews/mine").shows("no answer yet"));
}

#[test]
fn whoever_does_not_know_reads_who_would_be_asked() {
    let story = Asked::begin();
    let owner = story.app.sign_in_as(&story.owner);
    let reads = || owner.get(&format!("/reviews/{}", story.review));
    let named = format!("Its technical owner, {}, is asked what they know", name_of(&story, story.technical.0));
    assert!(reads().shows(&named), "{}", reads().readable());
    let nothing = story.owner_says(ReviewAnswer::DontKnow, minutes(0), |reply| reply.reason.clear());
    assert_eq!(messages(nothing), ["Write what you do know; whoever is asked about it reads it"]);
    change_person(&story.app, story.technical.0, |person| person.left_on = Some(day("2026-11-20")));
    let left = "Its technical owner cannot answer, so the security analysts are asked what they know";
    assert!(reads().shows(left), "{}", reads().readable());
    touch(&story.app.register, story.identity, |found| {
        found.technical_owner_id = None;
        found.technical_owner_answer = None;
    });
    let none = "It has no technical owner, so the security analysts are asked what they know";
    assert!(reads().shows(none), "{}", reads().readable());
    story.owner_says(ReviewAnswer::DontKnow, minutes(0), |_| {}).unwrap();
    let asked = "You asked the security analysts on 23 Nov 2026 what they know; no answer yet.";
    assert!(reads().shows(asked), "{}", reads().readable());
}

#[test]
fn where_an_end_date_comes_before_the_next_review_keeping_is_said_not_to_extend_it() {
    let story = Asked::with(|row| row.expires_at = Some(at("2027-01-17T06:00:00Z")));
    let owner = story.app.sign_in_as(&story.owner);
    let path = format!("/reviews/{}", story.review);
    let page = owner.get(&path);
    for text in [
        "If you keep it, Discharge Planner keeps what it has until its end date, 17 Jan 2027; keeping does not extend it.",
        "It has that until its end date, 17 Jan 2027",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(!page.shows("reviewed again by") && !page.shows("asked again by"), "{}", page.readable());
    touch(&story.app.register, story.identity, |found| found.expires_at = Some(at("2026-11-20T06:00:00Z")));
    let page = owner.get(&path);
    let text = "keeps what it has, but its end date, 20 Nov 2026, has come; keeping does not extend it.";
    assert!(page.shows(text), "{}", page.readable());
    touch(&story.app.register, story.identity, |found| found.expires_at = Some(at("2027-06-01T06:00:00Z")));
    let page = owner.get(&path);
    for text in ["keeps what it has and is reviewed again by 21 Feb 2027.", "You are asked again by 21 Feb 2027"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
}

#[test]
fn an_end_date_that_comes_before_the_chosen_day_is_said_where_the_day_is_chosen_and_on_its_receipt() {
    let story = Asked::with(|row| row.expires_at = Some(at("2026-12-10T06:00:00Z")));
    let owner = story.app.sign_in_as(&story.owner);
    let page = owner.get(&format!("/reviews/{}", story.review));
    for text in [
        "Until then it keeps what it has, but not after its end date, 10 Dec 2026",
        "With a day after its end date, 10 Dec 2026, it ends earlier by itself, on its end date.",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let off = |day: &str, now| {
        let decision = story.owner_says(ReviewAnswer::Revoke, now, |reply| reply.revoke_on = day.to_owned()).unwrap();
        owner.get(&format!("/reviews/decisions/{decision}"))
    };
    let after = off("2026-12-20", minutes(0));
    let first = "It ends by itself on its end date, 10 Dec 2026, before the day that was chosen.";
    assert!(after.shows(first) && after.shows("you can correct this"), "{}", after.readable());
    assert!(!after.shows("it works as before"), "it does not until then: {}", after.readable());
    let before = off("2026-12-10", minutes(5));
    assert!(!before.shows("ends by itself") && before.shows("it works as before"), "{}", before.readable());
}

#[test]
fn of_what_care_depends_on_nobody_reads_that_it_stops_on_its_end_date() {
    let story = Asked::with(|row| {
        row.expires_at = Some(at("2027-01-17T06:00:00Z"));
        row.criticality = Criticality::Clinical;
    });
    let page = story.app.sign_in_as(&story.owner).get(&format!("/reviews/{}", story.review));
    assert!(page.shows("keeps what it has") && !page.shows("until its end date"), "{}", page.readable());
}

#[test]
fn of_what_care_depends_on_nobody_reads_that_an_end_date_that_has_come_stopped_it() {
    let story = Asked::with(|row| row.criticality = Criticality::Clinical);
    touch(&story.app.register, story.identity, |found| found.expires_at = Some(at("2026-11-20T06:00:00Z")));
    let owner = story.app.sign_in_as(&story.owner);
    let says = "Its end date, 20 Nov 2026, has come. Care depends on it, so nothing stops it by itself; it is reviewed \
                again by 21 Feb 2027";
    let page = owner.get(&format!("/reviews/{}", story.review));
    assert!(page.shows(&format!("Discharge Planner keeps what it has. {says}.")), "{}", page.readable());
    assert_eq!(page.readable().matches(says).count(), 2, "beside the answer too: {}", page.readable());
    let decision = story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let receipt = || owner.get(&format!("/reviews/decisions/{decision}"));
    let goes_on = |page: &crate::app::Page| {
        let keeps = page.shows(&format!("It keeps what it has. {says}."));
        assert!(keeps && !page.shows("does not extend"), "{}", page.readable());
    };
    goes_on(&receipt());
    assert!(receipt().shows("it works as before"), "{}", receipt().readable());
    assert_eq!(story.apply(minutes(30)), ["1 identity kept"]);
    assert!(receipt().shows("It took effect on"), "{}", receipt().readable());
    goes_on(&receipt());
}

#[test]
fn the_receipt_of_keeping_knows_an_end_date_that_comes_before_the_next_review() {
    let story = Asked::with(|row| row.expires_at = Some(at("2027-01-17T06:00:00Z")));
    let owner = story.app.sign_in_as(&story.owner);
    let decision = story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let receipt = || owner.get(&format!("/reviews/decisions/{decision}"));
    let kept = |page: &crate::app::Page| {
        let ends = "Its end date, 17 Jan 2027, comes before its next review is due; keeping does not extend it.";
        assert!(page.shows(ends) && !page.shows("when its clock runs out"), "{}", page.readable());
    };
    kept(&receipt());
    assert_eq!(story.apply(minutes(30)), ["1 identity kept"]);
    assert!(receipt().shows("It took effect on"), "{}", receipt().readable());
    kept(&receipt());
    touch(&story.app.register, story.identity, |found| found.expires_at = Some(at("2027-06-01T06:00:00Z")));
    let again = "Whoever answers for it is asked again when its clock runs out.";
    assert!(receipt().shows(again), "{}", receipt().readable());
}

#[test]
fn once_its_end_date_has_come_the_receipt_of_keeping_does_not_say_that_it_keeps_anything() {
    let (plain, beyond) = (Asked::begin(), Asked::approved(&[READING, NAMES], |_| {}));
    beyond.gives(&[READING, NAMES, "system/*.rs"]);
    for story in [plain, beyond] {
        let owner = story.app.sign_in_as(&story.owner);
        let decision = story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
        let receipt = || owner.get(&format!("/reviews/decisions/{decision}"));
        assert!(receipt().shows("It keeps what") && receipt().shows("it works as before"), "{}", receipt().readable());
        touch(&story.app.register, story.identity, |found| found.expires_at = Some(at("2026-11-20T06:00:00Z")));
        let ended = |page: &crate::app::Page| {
            let says = "It was kept, but its end date, 20 Nov 2026, has come; keeping does not extend it.";
            assert!(page.shows(says) && !page.shows("It keeps what"), "{}", page.readable());
        };
        ended(&receipt());
        let before = receipt();
        assert!(before.shows("you can correct this") && !before.shows("works as before"), "{}", before.readable());
        assert_eq!(story.apply(minutes(30)), ["1 identity kept"]);
        assert!(receipt().shows("It took effect on"), "{}", receipt().readable());
        ended(&receipt());
    }
}

#[test]
fn what_it_may_do_and_the_facts_are_read_before_the_answers_and_who_was_asked_after_them() {
    let story = Asked::begin();
    let page = story.app.sign_in_as(&story.owner).get(&format!("/reviews/{}", story.review));
    let place = |id: &str| {
        let found = page.text.find(&format!("id=\"{id}\""));
        found.unwrap_or_else(|| panic!("{id} is not on the page: {}", page.text))
    };
    let places = ["holds", "facts", "answer-group", "history", "notes"].map(place);
    assert!(places.is_sorted(), "{places:?}");
    let links: Vec<&str> = page.text.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let own: Vec<&str> = links.into_iter().filter(|link| *link != "main").collect();
    assert_eq!(own, ["holds", "facts", "answer-group", "history", "notes"]);
}

#[test]
fn what_can_be_left_out_stands_in_the_order_in_which_it_is_read() {
    let story = Asked::approved(&[READING, "system/Observation.rs"], |_| {});
    let page = story.app.sign_in_as(&story.owner).get(&format!("/reviews/{}", story.review));
    let holds = page.text.split("id=\"holds\"").nth(1).unwrap().split("</section>").next().unwrap();
    let boxes = page.text.split("id=\"what-stays\"").nth(1).unwrap().split("</fieldset>").next().unwrap();
    let order = |text: &str| ["system/Observation.rs", READING].map(|scope| text.find(scope).unwrap());
    assert!(order(holds).is_sorted(), "what reaches further is read first: {holds}");
    assert!(order(boxes).is_sorted(), "{boxes}");
}

#[test]
fn only_whoever_can_decide_is_offered_where_a_name_fits_nobody() {
    let story = Asked::begin();
    let called = |account: &(Id, String), name: &str| {
        change_person(&story.app, account.0, |person| {
            person.name = name.to_owned();
            person.name_key = name.to_lowercase();
        });
    };
    let (here, leaver) = (story.app.account(Role::Owner), story.app.account(Role::Owner));
    let auditor = story.app.account(Role::Auditor);
    for (account, name) in [
        (&here, "Casey Here"),
        (&leaver, "Casey Left"),
        (&auditor, "Casey Audits"),
        (&story.technical, "Casey Benefits"),
        (&story.owner, "Casey Asks"),
    ] {
        called(account, name);
    }
    change_person(&story.app, leaver.0, |person| person.left_on = Some(day("2026-11-20")));
    let says = |named: &str| {
        let named = named.to_owned();
        messages(story.owner_says(ReviewAnswer::Reassign, minutes(0), |reply| reply.somebody = named)).remove(0)
    };
    let offered = says("Casey");
    assert!(offered.contains(&format!("(close: Casey Here <{}>)", here.1)), "{offered}");
    change_person(&story.app, here.0, |person| person.left_on = Some(day("2026-11-20")));
    let nobody = says("Casey");
    assert!(!nobody.contains("close:") && nobody.contains("write the e-mail address"), "{nobody}");
}

#[test]
fn whoever_cannot_decide_takes_no_place_among_those_who_are_offered() {
    let story = Asked::begin();
    let account = |name: &str, left: Option<&str>| {
        let account = story.app.account(Role::Owner);
        change_person(&story.app, account.0, |person| {
            person.name = name.to_owned();
            person.name_key = name.to_lowercase();
            person.left_on = left.map(day);
        });
        account
    };
    // As many as are offered at most, and all of them before the one who is here.
    for number in 1..=8 {
        account(&format!("Casey Left {number}"), Some("2026-11-20"));
    }
    let here = account("Casey Stays", None);
    let named = |reply: &mut super::Reply| reply.somebody = "Casey".to_owned();
    let says = messages(story.owner_says(ReviewAnswer::Reassign, minutes(0), named)).remove(0);
    assert!(says.contains(&format!("(close: Casey Stays <{}>)", here.1)), "{says}");
}

#[test]
fn who_decided_because_nobody_else_could_be_reached_is_said_as_an_authority() {
    let story = Asked::with(|row| {
        row.business_owner_id = None;
        row.business_owner_answer = None;
        row.technical_owner_id = None;
        row.technical_owner_answer = None;
    });
    let who = (story.analyst.0, Role::SecurityAnalyst);
    let decision = answer(&story.app, story.review, who, ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let receipt = story.app.sign_in(Role::Auditor).get(&format!("/reviews/decisions/{decision}"));
    let text =
        format!("{}, as a security analyst, because nobody else could be reached", name_of(&story, story.analyst.0));
    assert!(receipt.shows(&text), "{}", receipt.readable());
}

#[test]
fn keeping_means_what_was_approved_and_what_its_system_gives_beyond_is_taken_away() {
    let story = Asked::approved(&[READING, NAMES], |_| {});
    story.gives(&[READING, NAMES, "system/*.rs"]);
    let decision = story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let owner = story.app.sign_in_as(&story.owner);
    let receipt = owner.get(&format!("/reviews/decisions/{decision}"));
    for text in ["Keep what was approved", "What stays", NAMES, "What goes", "system/*.rs", "is not approved by this"] {
        assert!(receipt.shows(text), "{text}: {}", receipt.readable());
    }
    assert!(!receipt.shows("Everything that was approved"), "what stays is named: {}", receipt.readable());
    // One decision is called by one name everywhere.
    let page = owner.get(&format!("/reviews/{}", story.review));
    assert!(page.shows("Keep what was approved, by"), "{}", page.readable());
    assert!(!page.shows("Keep as it is, by"), "{}", page.readable());
    assert_eq!(story.apply(minutes(30)), ["1 identity kept"]);
    assert_eq!(story.scopes(ScopeList::Approved), [READING, NAMES], "nothing was approved by keeping it");
    let review = story.review();
    assert_eq!((review.state, review.outcome), (ReviewState::Remediating, Some(ReviewOutcome::Keep)));
    let tasks = open_tasks(&story.app, story.review, TaskKind::Narrowing);
    assert_eq!((tasks.len(), tasks[0].assignee_id), (1, Some(story.technical.0)));
    assert!(tasks[0].reason.contains("kept what was approved") && tasks[0].reason.contains("system/*.rs"));
    assert_eq!(story.now().next_review_on, Some(day("2027-02-21")), "its clock goes on");
    let who = by(story.analyst.0, Role::SecurityAnalyst, minutes(60));
    let seen = "took system/*.rs away in the console; a token without it was issued";
    muster::actions::reviews::prove::attest(&story.app.register, &who, story.review, review.version, seen).unwrap();
    assert_eq!(story.review().state, ReviewState::Closed);
}

#[test]
fn the_database_closes_what_was_kept_and_waits_for_proof_by_proof_alone() {
    let story = Asked::approved(&[NAMES], |_| {});
    story.gives(&[NAMES, "system/*.rs"]);
    story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    story.apply(minutes(30));
    let waits = story.review();
    let closed = muster::store::reviews::Review {
        state: ReviewState::Closed,
        closed_at: Some(minutes(40)),
        version: waits.version + 1,
        ..waits
    };
    let refused = story
        .app
        .register
        .change(&story.app.setup(), |work| Ok(muster::store::reviews::update(work.db, &closed)?))
        .unwrap_err();
    assert!(format!("{refused:?}").contains("closed by proof"), "{refused:?}");
}

#[test]
fn where_nobody_approved_anything_keeping_keeps_what_its_system_gives_and_says_so() {
    let story = Asked::begin();
    story.gives(&[BOTH]);
    story.owner_says(ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    let read = decisions(&story.app, story.review).remove(0).sheet.0;
    assert!(read.if_yes.contains("which nobody approved on record"), "{}", read.if_yes);
    assert!(read.lines.iter().all(|line| !line.beyond), "{:?}", read.lines);
    story.apply(minutes(30));
    assert_eq!(story.review().state, ReviewState::Closed);
}

#[test]
fn what_nobody_approved_is_left_out_by_leaving_less_and_kept_by_no_answer() {
    let story = Asked::approved(&[BOTH, NAMES], |_| {});
    story.gives(&[BOTH, NAMES, "system/*.rs"]);
    let owner = story.app.sign_in_as(&story.owner);
    let page = owner.get(&format!("/reviews/{}", story.review));
    assert!(page.shows("What goes in any case") && page.shows("Keep what was approved"), "{}", page.readable());
    let ticked = |keep: &[&str]| {
        let keep: Vec<String> = keep.iter().map(|scope| (*scope).to_owned()).collect();
        story.owner_says(ReviewAnswer::Narrow, minutes(0), |reply| reply.keep = keep)
    };
    let wider = messages(ticked(&[READING, "system/*.rs"]));
    assert!(wider[0].contains("a review cannot keep it: system/*.rs"), "{wider:?}");
    ticked(&[READING]).unwrap();
    story.apply(minutes(30));
    assert_eq!(story.scopes(ScopeList::Approved), [READING]);
    let task = open_tasks(&story.app, story.review, TaskKind::Narrowing).remove(0);
    assert!(task.reason.contains("system/*.rs") && task.reason.contains(NAMES), "{}", task.reason);
}

#[test]
fn what_cannot_be_divided_is_not_offered_with_less_and_the_page_says_why() {
    for (scope, offered) in [(BOTH, true), (NAMES, false)] {
        let story = Asked::approved(&[scope], |_| {});
        let owner = story.app.sign_in_as(&story.owner);
        let page = owner.get(&format!("/reviews/{}", story.review));
        assert_eq!(page.shows("Keep it, but with less"), offered, "{scope}");
        assert_eq!(page.shows("one permission, which cannot be divided"), !offered, "{scope}");
    }
}

#[test]
fn a_switch_off_is_put_off_no_further_than_counted_from_the_first_decision() {
    let story = Asked::begin();
    let on =
        |now, day: &'static str| story.owner_says(ReviewAnswer::Revoke, now, |reply| reply.revoke_on = day.to_owned());
    let late = messages(on(minutes(0), "2027-02-22"));
    assert!(late[0].contains("up to 21 Feb 2027"), "{late:?}");
    on(minutes(0), "2027-01-15").unwrap();
    let later_still = messages(on(later(30), "2027-03-01"));
    assert!(later_still[0].contains("up to 21 Feb 2027"), "the day is not counted anew: {later_still:?}");
    on(later(30), "2027-02-21").unwrap();
    let again = messages(on(later(60), "2027-02-22"));
    assert!(again[0].contains("up to 21 Feb 2027"), "{again:?}");
}

/// Something happens to the identity of a story.
fn happens(story: &Asked, reason: Reason) {
    let row = story.now();
    story
        .app
        .register
        .change(&story.app.setup(), |work| muster::actions::reviews::early::note(work, &row, vec![reason]))
        .unwrap();
}

#[test]
fn what_is_to_be_switched_off_on_a_far_day_and_reaches_further_is_asked_about_again() {
    let story = Asked::begin();
    let far = |reply: &mut super::Reply| reply.revoke_on = "2026-12-20".to_owned();
    let first = story.owner_says(ReviewAnswer::Revoke, minutes(0), far).unwrap();
    let shown = reply(&story.app, story.review, ReviewAnswer::Keep, later(1));
    let reason = Reason::finding(Id::new(), "It shares its secret with its twin.");
    happens(&story, reason);
    let said = run_at(&story.app.register, Job::RaiseRecertifications, later(1));
    assert_eq!(said, ["0 reviews opened", "1 reason added to reviews that are open"]);
    let review = story.review();
    assert_eq!((review.state, review.outcome, review.decision_id), (ReviewState::Open, None, None));
    assert_eq!((review.due_on, review.takes_effect_at), (day("2026-12-15"), None), "the clock begins anew");
    assert_eq!(causes(&story.app, story.review), [ReviewCause::Clock, ReviewCause::CriticalFinding]);
    let open = open_tasks(&story.app, story.review, TaskKind::Recertification);
    assert_eq!((open.len(), open[0].assignee_id, open[0].due_on), (1, Some(story.owner.0), day("2026-12-15")));
    assert!(open[0].reason.contains("It shares its secret") && open[0].reason.contains("20 Dec 2026"));
    assert_eq!(told(&story.app, &format!("review:{}:again:", story.review)).len(), 1, "whoever decided is told");
    let owner = by(story.owner.0, Role::Owner, later(1));
    assert!(is_conflict(&decide(&story.app.register, &owner, &shown)), "what was shown is not what stands");
    let browser = story.app.sign_in_as(&story.owner);
    let receipt = browser.get(&format!("/reviews/decisions/{first}"));
    assert!(receipt.shows("This did not take effect"), "{}", receipt.readable());
    let second = story.owner_says(ReviewAnswer::Keep, later(2), |_| {}).unwrap();
    let given: Vec<_> =
        decisions(&story.app, story.review).into_iter().map(|one| (one.id, one.supersedes_id)).collect();
    assert_eq!(given, [(first, None), (second, Some(first))], "both stand on record");
    assert_eq!(story.apply(later(3)), ["1 identity kept"]);
    assert_eq!(story.apply(later(40)), ["0 identities kept"], "the day of the first one passes");
    assert_eq!(story.now().state, IdentityState::Active);
}

#[test]
fn what_reaches_no_further_waits_for_the_day_and_so_does_what_is_switched_off_at_once() {
    let story = Asked::begin();
    let far = |reply: &mut super::Reply| reply.revoke_on = "2026-12-20".to_owned();
    story.owner_says(ReviewAnswer::Revoke, minutes(0), far).unwrap();
    happens(&story, Reason::contract_ends(day("2026-12-24")));
    assert_eq!(run_at(&story.app.register, Job::RaiseRecertifications, later(1))[0], "0 reviews opened");
    assert_eq!(story.review().state, ReviewState::Decided);
    let today = Asked::begin();
    let now = |reply: &mut super::Reply| reply.revoke_on = "2026-11-23".to_owned();
    today.owner_says(ReviewAnswer::Revoke, minutes(0), now).unwrap();
    happens(&today, Reason::finding(Id::new(), "It shares its secret with its twin."));
    run_at(&today.app.register, Job::RaiseRecertifications, minutes(10));
    assert_eq!(today.review().state, ReviewState::Decided);
}

#[test]
fn the_page_says_what_happens_on_the_day_and_which_answer_needs_a_reason() {
    for (tier, words) in [
        (IdentityTier::Critical, "Your reason, needed with every answer"),
        (IdentityTier::Low, "Your reason, needed with every answer but keeping it"),
    ] {
        let story = Asked::with(|row| tiered(row, tier));
        let owner = story.app.sign_in_as(&story.owner);
        let page = owner.get(&format!("/reviews/{}", story.review));
        for text in [words, "With today that happens in 30 minutes", "Nobody knows what it used"] {
            // Nothing can be left out of what nobody knows.
            let asked = text != "Nobody knows what it used";
            assert_eq!(page.shows(text), asked, "{text}: {}", page.readable());
        }
    }
    let story = Asked::begin();
    let today = |reply: &mut super::Reply| reply.revoke_on = "2026-11-23".to_owned();
    let decision = story.owner_says(ReviewAnswer::Revoke, minutes(0), today).unwrap();
    let receipt = story.app.sign_in_as(&story.owner).get(&format!("/reviews/decisions/{decision}"));
    for text in ["it works as before, and you can correct this", "get the task to stop it at its system"] {
        assert!(receipt.shows(text), "{text}: {}", receipt.readable());
    }
}

#[test]
fn one_review_that_cannot_be_ended_holds_up_no_other() {
    let story = Asked::begin();
    let row = crate::jobs::identity(&story.app, "Bed Board", |row| row.next_review_on = Some(day("2026-11-23")));
    let kept = crate::jobs::identity(&story.app, "Meal Planner", |row| row.next_review_on = Some(day("2026-11-23")));
    run_at(&story.app.register, Job::RaiseRecertifications, minutes(0));
    let (other, third) = (super::review_of(&story.app, row.id).id, super::review_of(&story.app, kept.id).id);
    let analyst = (story.analyst.0, Role::SecurityAnalyst);
    answer(&story.app, third, analyst, ReviewAnswer::Keep, minutes(0), |_| {}).unwrap();
    for id in [story.identity, row.id] {
        touch(&story.app.register, id, |found| found.state = IdentityState::Revoking);
    }
    let plant = |statement: &str| story.app.register.database.read().unwrap().execute(statement).unwrap();
    plant("CREATE UNIQUE INDEX planted ON reviews (ended_because)");
    assert_eq!(
        story.apply(minutes(30)),
        [
            "1 identity kept",
            "1 review was ended, because its question is gone",
            "1 review could not be ended and is tried again; the log says why"
        ]
    );
    plant("DROP INDEX planted");
    story.apply(minutes(31));
    for id in [story.review, other] {
        assert_eq!(super::review(&story.app, id).state, ReviewState::Cancelled);
    }
}
