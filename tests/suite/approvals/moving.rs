//! What happens to requests by themselves, and at once: deputies, silence, expiry, changed uses, races.

use std::sync::Barrier;

use muster::actions::requests;
use muster::actions::{ActionError, By};
use muster::domain::identities::{AccessBasis, IdentityState, OwnerAnswer, ScopeList};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::requests::{DecidedAs, RequestAnswer, RequestState};
use muster::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use muster::store::StoreError;

use super::{LAB, Story, by};
use crate::app::{NOW, at};
use crate::jobs::{change_person, day, run};

/// The open task of a request.
fn open(story: &Story, request: Id) -> muster::store::tasks::Task {
    let mut open: Vec<_> = story
        .tasks(request)
        .into_iter()
        .filter(|task| task.state == TaskState::Open && task.kind == TaskKind::Decision)
        .collect();
    assert_eq!(open.len(), 1, "{open:?}");
    open.remove(0)
}

#[test]
fn the_deputy_gets_it_when_the_owner_has_left_and_the_keepers_when_nobody_owns_it() {
    let story = Story::begin();
    change_person(&story.app, story.owner.0, |person| person.left_on = Some(day("2026-11-01")));
    let request = story.ask(LAB);
    assert_eq!(open(&story, request).assignee_id, Some(story.deputy.0));
    change_person(&story.app, story.deputy.0, |person| person.left_on = Some(day("2026-11-20")));
    run(story.register(), Job::SettleRequests, NOW);
    assert_eq!(open(&story, request).assignee_group, Some(AssigneeGroup::Keepers));
    story.approve(request, (story.analyst.0, Role::SecurityAnalyst)).unwrap();
    let decisions =
        muster::store::request_decisions::of_request(&mut story.register().database.read().unwrap(), request).unwrap();
    assert_eq!(decisions[0].decided_as, DecidedAs::Fallback);
}

#[test]
fn silence_is_no_yes_it_goes_to_somebody_else_and_expires_in_the_end() {
    let story = Story::begin();
    let request = story.ask(LAB);
    assert_eq!(open(&story, request).assignee_id, Some(story.owner.0));
    run(story.register(), Job::SettleRequests, "2026-11-28T18:00:00Z");
    assert_eq!(open(&story, request).assignee_id, Some(story.owner.0), "the answer is expected by the end of that day");
    let said = run(story.register(), Job::SettleRequests, "2026-11-29T18:00:00Z").join("\n");
    assert!(said.contains("1 request went to somebody else"), "{said}");
    assert_eq!(open(&story, request).assignee_group, Some(AssigneeGroup::Keepers));
    assert_eq!(story.state(request), RequestState::Open);
    let said = run(story.register(), Job::SettleRequests, "2026-12-08T18:00:00Z").join("\n");
    assert!(said.contains("1 request expired"), "{said}");
    assert_eq!(story.state(request), RequestState::Expired);
    assert!(story.tasks(request).iter().all(|task| task.state != TaskState::Open));
    assert!(story.scopes(ScopeList::Approved).is_empty());
    let late = story.approve_at(request, (story.owner.0, Role::Owner), at("2026-12-08T19:00:00Z"));
    assert!(matches!(late, Err(ActionError::Store(StoreError::Conflict))), "{late:?}");
}

#[test]
fn a_request_that_nobody_can_decide_is_a_task_of_the_administrators_until_somebody_can() {
    let story = Story::with(|row| {
        row.state = IdentityState::Requested;
        row.access_basis = Some(AccessBasis::Treatment);
    });
    for person in [story.analyst.0, story.second.0] {
        muster::actions::accounts::disable(story.register(), &story.app.setup(), person).unwrap();
    }
    // One administrator is left, and three different people are needed.
    let request = story.ask("system/*.rs");
    let missing: Vec<_> =
        story.tasks(request).into_iter().filter(|task| task.kind == TaskKind::ApproverMissing).collect();
    assert_eq!((missing.len(), missing[0].assignee_group), (1, Some(AssigneeGroup::Administrators)));
    let page = story.app.sign_in_as(&story.owner).get(&format!("/requests/{request}"));
    assert!(page.shows("Somebody is missing to bring this to its end"), "{}", page.readable());
    story.app.account(Role::SecurityAnalyst);
    run(story.register(), Job::SettleRequests, NOW);
    let closed = story.tasks(request).into_iter().find(|task| task.kind == TaskKind::ApproverMissing).unwrap();
    assert_eq!(closed.state, TaskState::Done);
}

#[test]
fn the_requester_is_told_by_mail_at_every_step_once_a_day_and_never_of_a_link_that_decides() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let said = |now: &str| {
        run(story.register(), Job::SendMail, now);
        crate::mail::files(&story.app).iter().map(|text| crate::mail::unfolded(text)).collect::<Vec<_>>()
    };
    let first = said("2026-11-24T14:00:00Z");
    let own: Vec<&String> = first.iter().filter(|text| text.contains("What you asked for")).collect();
    assert!(own.len() == 1 && own[0].contains("waiting for a decision"), "{first:?}");
    assert!(own[0].contains(&format!("/requests/{request}")));
    story.approve_at(request, (story.owner.0, Role::Owner), at("2026-11-24T15:00:00Z")).unwrap();
    let second = said("2026-11-25T14:00:00Z");
    assert!(second.iter().any(|text| text.contains("What you asked for") && text.contains(": approved")), "{second:?}");
    run(story.register(), Job::SettleRequests, "2026-11-25T15:00:00Z");
    let third = said("2026-11-26T14:00:00Z");
    assert!(third.iter().any(|text| text.contains("to be issued")), "{third:?}");
    // Whatever a scanner fetches of these mails changes nothing.
    let before = story.app.audit_size();
    let scanner = story.app.sign_in_as(&story.owner);
    for path in [format!("/requests/{request}"), format!("/tasks/{}", story.tasks(request)[0].id)] {
        scanner.get(&path);
        scanner.head(&path);
    }
    assert_eq!(story.app.audit_size(), before + 1, "the sign-in alone");
}

#[test]
fn another_purpose_asks_for_a_new_approval_and_a_new_approval_answers_it() {
    let story = Story::begin();
    let request = story.ask(LAB);
    story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    let moment = at(NOW).plus_seconds(1_900);
    requests::apply(story.register(), &By::job("settle_requests", moment), request).unwrap();
    story.issue_at(request, (story.analyst.0, Role::SecurityAnalyst), LAB, moment).unwrap();
    let analyst = story.app.sign_in_as(&story.analyst);
    let path = format!("/identities/{}", story.identity.id);
    let version = story.now().version.to_string();
    let fields = [
        ("version", version.as_str()),
        ("kind", "smart_app"),
        ("name", "Discharge Planner"),
        ("environment", "production"),
        ("access_basis", "treatment"),
        ("purpose", "sends results to an insurer"),
        ("scopes", LAB),
        ("expires_on", "2027-03-31"),
        ("business_owner", story.owner.1.as_str()),
        ("technical_owner", story.technical.1.as_str()),
    ];
    let saved = analyst.post(&format!("{path}/edit"), &fields);
    assert_eq!(saved.status, 303, "{}", saved.readable());
    assert!(analyst.get(&path).shows("for another purpose or access basis"));
    let task = || {
        crate::jobs::tasks_about(&story.app, story.identity.id)
            .into_iter()
            .find(|task| task.kind == TaskKind::Reauthorisation)
            .unwrap()
    };
    assert_eq!((task().state, task().assignee_id), (TaskState::Open, Some(story.technical.0)));
    let again = story.ask(LAB);
    story.approve(again, (story.owner.0, Role::Owner)).unwrap();
    requests::apply(story.register(), &By::job("settle_requests", moment), again).unwrap();
    assert_eq!(task().state, TaskState::Done);
    assert!(!analyst.get(&path).shows("for another purpose or access basis"));
}

#[test]
fn an_import_that_sees_no_more_than_was_approved_confirms_what_was_issued() {
    use crate::imports::{bring, client, identity, only_ids, realm, touch, upload};
    let mut story = Story::begin();
    let file = || upload(realm(&[client("ward")]));
    bring(&story.app, file());
    let found = identity(&story.app, "ward");
    touch(story.register(), found.id, |row| {
        row.business_owner_id = Some(story.owner.0);
        row.business_owner_answer = Some(OwnerAnswer::Accepted);
        row.technical_owner_id = Some(story.technical.0);
        row.technical_owner_answer = Some(OwnerAnswer::Accepted);
        row.access_basis = Some(AccessBasis::Treatment);
    });
    story.identity = found;
    let issued = story.scopes(ScopeList::Issued).join(" ");
    let request = story.ask(&issued);
    story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    let moment = at(NOW).plus_seconds(1_900);
    requests::apply(story.register(), &By::job("settle_requests", moment), request).unwrap();
    story.issue_at(request, (story.analyst.0, Role::SecurityAnalyst), &issued, moment).unwrap();
    assert!(story.request(request).confirmed_at.is_none(), "said, and not seen");
    let mut silent = client("ward");
    for list in ["defaultClientScopes", "optionalClientScopes"] {
        silent.as_object_mut().unwrap().remove(list);
    }
    for file in [only_ids(&story.app, &["ward"]), upload(realm(&[silent]))] {
        bring(&story.app, file);
        assert!(story.request(request).confirmed_at.is_none(), "the file says nothing about permissions");
    }
    let mut wider = client("ward");
    wider["defaultClientScopes"] = serde_json::json!(["openid", "patient/Patient.rs", "system/*.rs"]);
    bring(&story.app, upload(realm(&[wider])));
    assert!(story.request(request).confirmed_at.is_none(), "more is issued than was approved");
    let (import, _) = bring(&story.app, file());
    let seen = story.request(request);
    assert_eq!(seen.confirmed_by_id, Some(import));
}

/// A way to press a button.
type Press<'a> = &'a (dyn Fn(&Story, Id) -> Result<(), ActionError> + Sync);

/// Two people press a button at the same moment, so often; answers how often each was recorded. However
/// they meet, exactly one is.
fn race(one: Press<'_>, two: Press<'_>) -> (usize, usize) {
    let rounds: usize = std::env::var("MUSTER_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let story = Story::begin();
    let mut won = (0, 0);
    for _ in 0..rounds {
        let request = story.ask(LAB);
        let start = Barrier::new(2);
        let press = |button: Press<'_>| {
            start.wait();
            match button(&story, request) {
                Ok(()) => true,
                Err(ActionError::Store(StoreError::Conflict) | ActionError::Refused(_)) => false,
                Err(other) => panic!("{other:?}"),
            }
        };
        let (first, second) = std::thread::scope(|scope| {
            let (first, second) = (scope.spawn(|| press(one)), scope.spawn(|| press(two)));
            (first.join().unwrap(), second.join().unwrap())
        });
        assert!(first != second, "exactly one is recorded: {first} {second}");
        won.0 += usize::from(first);
        won.1 += usize::from(second);
        // What waits or was approved is taken back, so that the next round can begin.
        let stored = story.request(request);
        if stored.state.is_pending() {
            let by = by(story.analyst.0, Role::SecurityAnalyst, at(NOW));
            requests::withdraw(story.register(), &by, request, stored.version, "the next round begins").unwrap();
        }
    }
    won
}

#[test]
fn of_two_who_approve_at_once_one_is_recorded() {
    let owner = |story: &Story, request| story.approve(request, (story.owner.0, Role::Owner)).map(drop);
    let deputy = |story: &Story, request| story.approve(request, (story.deputy.0, Role::Owner)).map(drop);
    race(&owner, &deputy);
}

#[test]
fn of_a_yes_and_a_taking_back_at_once_one_is_recorded() {
    let owner = |story: &Story, request| story.approve(request, (story.owner.0, Role::Owner)).map(drop);
    let asker = |story: &Story, request| {
        let by = by(story.technical.0, Role::Owner, at(NOW));
        requests::withdraw(story.register(), &by, request, 1, "not needed any more")
    };
    race(&owner, &asker);
}

#[test]
fn of_a_yes_and_a_change_of_the_identity_at_once_one_comes_first_and_the_other_is_told() {
    let story = Story::begin();
    let rounds: usize = std::env::var("MUSTER_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    for round in 0..rounds {
        let request = story.ask(LAB);
        let reply = story.reply(request, RequestAnswer::Approve);
        let before = story.now();
        let start = Barrier::new(2);
        let (decided, edited) = std::thread::scope(|scope| {
            let decided = scope.spawn(|| {
                start.wait();
                requests::decide(story.register(), &by(story.owner.0, Role::Owner, at(NOW)), &reply)
            });
            let edited = scope.spawn(|| {
                start.wait();
                let analyst = by(story.analyst.0, Role::SecurityAnalyst, at(NOW));
                story.register().change(&analyst, |work| {
                    let mut after = before.clone();
                    after.purpose = Some(format!("round {round}"));
                    after.version += 1;
                    muster::store::identities::update(work.db, &after)?;
                    Ok(())
                })
            });
            (decided.join().unwrap(), edited.join().unwrap())
        });
        // A yes does not change the identity, so the change goes through after it; never the other way round.
        edited.unwrap();
        let decision =
            muster::store::request_decisions::of_request(&mut story.register().database.read().unwrap(), request);
        match decided {
            Ok(_) => assert_eq!(decision.unwrap()[0].identity_version, before.version, "it is about what was read"),
            Err(ActionError::Store(StoreError::Conflict)) => assert!(decision.unwrap().is_empty()),
            Err(other) => panic!("{other:?}"),
        }
        let stored = story.request(request);
        let by = by(story.analyst.0, Role::SecurityAnalyst, at(NOW));
        requests::withdraw(story.register(), &by, request, stored.version, "the next round begins").unwrap();
    }
}

#[test]
fn what_a_sandbox_was_approved_for_never_becomes_productions() {
    let story = Story::with(|row| {
        row.state = IdentityState::Requested;
        row.environment = muster::domain::identities::Environment::Sandbox;
        row.access_basis = Some(AccessBasis::Treatment);
    });
    let sandbox = muster::actions::requests::Asking {
        test_data: true,
        until: "2026-12-20".to_owned(),
        ..super::asking("system/*.cruds")
    };
    let request = story.ask_as(story.technical.0, Role::Owner, &sandbox).unwrap();
    story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    let moment = at(NOW).plus_seconds(1_900);
    requests::apply(story.register(), &By::job("settle_requests", moment), request).unwrap();
    let analyst = story.app.sign_in_as(&story.analyst);
    let version = story.now().version.to_string();
    let fields = [
        ("version", version.as_str()),
        ("kind", "smart_app"),
        ("name", "Discharge Planner"),
        ("environment", "production"),
        ("access_basis", "treatment"),
        ("expires_on", "2026-12-20"),
    ];
    let moved = analyst.post(&format!("/identities/{}/edit", story.identity.id), &fields);
    assert!(moved.status == 422 && moved.shows("Each environment has an identity of its own"), "{}", moved.readable());
}

#[test]
fn for_another_use_nothing_that_was_approved_counts_and_nothing_is_issued() {
    let story = Story::begin();
    crate::approvals::approved(&story.app, story.identity.id, &["system/*.rs"]);
    let other = |purpose: &str| {
        let mut row = story.now();
        row.purpose = Some(purpose.to_owned());
        row.version += 1;
        story.register().database.write(|db| muster::store::identities::update(db, &row)).unwrap();
    };
    let asking = muster::actions::requests::Asking { until: "2027-02-01".to_owned(), ..super::asking("system/*.rs") };
    let request = story.ask_as(story.technical.0, Role::Owner, &asking).unwrap();
    assert_eq!(story.request(request).rule, "narrowing", "the same use, the same permissions");
    let analyst = by(story.analyst.0, Role::SecurityAnalyst, at(NOW));
    requests::withdraw(story.register(), &analyst, request, 1, "to be asked for another use").unwrap();
    other("sells everything to a broker");
    let request = story.ask_as(story.technical.0, Role::Owner, &asking).unwrap();
    assert_eq!(story.request(request).rule, "every patient");
    let page = story.app.sign_in_as(&story.owner).get(&format!("/requests/{request}"));
    assert!(page.shows("This asks anew. What it may do was approved with R-1 for another use"), "{}", page.readable());
    for person in [
        (story.owner.0, Role::Owner),
        (story.analyst.0, Role::SecurityAnalyst),
        (story.administrator.0, Role::Administrator),
    ] {
        story.approve(request, person).unwrap();
    }
    let moment = at(NOW).plus_seconds(1_900);
    requests::apply(story.register(), &By::job("settle_requests", moment), request).unwrap();
    other("sells everything to two brokers");
    let refused = story.issue_at(request, (story.second.0, Role::SecurityAnalyst), "system/*.rs", moment).unwrap_err();
    assert!(refused.to_string().contains("has to be asked for anew"), "{refused}");
}

#[test]
fn part_of_what_is_new_takes_nothing_away_and_the_page_keeps_what_was_read() {
    let story = Story::with(|row| row.access_basis = Some(AccessBasis::Treatment));
    crate::approvals::approved(&story.app, story.identity.id, &["patient/Condition.rs"]);
    let asked = "patient/Condition.rs patient/Observation.rs patient/Procedure.rs";
    let request = story.ask_as(story.technical.0, Role::Owner, &super::asking(asked)).unwrap();
    let mut reply = story.reply(request, RequestAnswer::Part);
    reply.keep = vec!["patient/Observation.rs".to_owned()];
    reply.reason = "operations are not needed".to_owned();
    requests::decide(story.register(), &by(story.owner.0, Role::Owner, at(NOW)), &reply).unwrap();
    let moment = at(NOW).plus_seconds(1_900);
    requests::apply(story.register(), &By::job("settle_requests", moment), request).unwrap();
    assert_eq!(story.scopes(ScopeList::Approved), ["patient/Condition.rs", "patient/Observation.rs"]);
    let page = story.app.sign_in_as(&story.owner).get(&format!("/requests/{request}"));
    assert!(page.shows("asks for more access") && page.shows("operations and procedures"), "{}", page.readable());
}

#[test]
fn nobody_who_refused_to_own_it_decides() {
    let story = Story::with(|row| {
        row.state = IdentityState::Requested;
        row.access_basis = Some(AccessBasis::Treatment);
        row.business_owner_answer = Some(OwnerAnswer::Refused);
    });
    let request = story.ask(LAB);
    assert_eq!(open(&story, request).assignee_group, Some(AssigneeGroup::Keepers));
    let refused = story.approve(request, (story.owner.0, Role::Owner)).unwrap_err();
    assert!(matches!(refused, ActionError::Refused(_) | ActionError::Forbidden), "{refused:?}");
}

#[test]
fn nobody_lengthens_or_lets_go_on_beyond_what_was_approved() {
    let story = Story::with(|row| {
        row.state = IdentityState::Suspended;
        row.expires_at = Some(at("2027-03-01T06:00:00Z"));
    });
    crate::approvals::approved(&story.app, story.identity.id, &[LAB]);
    let issued = muster::store::identity_parts::IdentityScope {
        identity_id: story.identity.id,
        list: ScopeList::Issued,
        scope: "patient/Observation.rs".to_owned(),
        position: 0,
        optional: false,
        in_token: true,
        defined: true,
    };
    story
        .register()
        .database
        .write(|db| muster::store::identity_parts::insert_scopes(db, std::slice::from_ref(&issued)))
        .unwrap();
    let owner = by(story.owner.0, Role::Owner, at(NOW));
    let grant = muster::actions::grants::ask(story.register(), &owner, story.identity.id, "the key is new").unwrap();
    let shown = muster::actions::grants::Shown { grant, version: 1, identity_version: story.now().version };
    let analyst = by(story.analyst.0, Role::SecurityAnalyst, at(NOW));
    let refused = muster::actions::grants::approve(story.register(), &analyst, &shown).unwrap_err().to_string();
    assert!(refused.contains("gives it more than was approved with R-1: patient/Observation.rs"), "{refused}");
    let browser = story.app.sign_in_as(&story.analyst);
    let version = story.now().version.to_string();
    for (date, status) in [("2027-04-01", 422), ("", 422), ("2027-03-31", 303)] {
        let fields = [
            ("version", version.as_str()),
            ("kind", "smart_app"),
            ("name", "Discharge Planner"),
            ("environment", "production"),
            ("scopes", LAB),
            ("expires_on", date),
        ];
        let page = browser.post(&format!("/identities/{}/edit", story.identity.id), &fields);
        assert_eq!(page.status, status, "{date}: {}", page.readable());
        assert!(status == 303 || page.shows("It was approved until 31 Mar 2027 with R-1"), "{}", page.readable());
    }
}
