//! The stages of a request, from asking to issuing, through the actions.

use muster::actions::requests;
use muster::domain::identities::{IdentityState, ScopeList};
use muster::domain::people::Role;
use muster::domain::requests::RequestState;
use muster::domain::tasks::{AssigneeGroup, TaskKind, TaskState};

use super::{LAB, Story, by};
use crate::app::{NOW, at};

#[test]
fn a_narrow_permission_travels_from_its_owners_yes_to_an_active_identity() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let waiting: Vec<_> = story.tasks(request).into_iter().filter(|task| task.state == TaskState::Open).collect();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].kind, waiting[0].assignee_id), (TaskKind::Decision, Some(story.owner.0)));
    assert!(story.scopes(ScopeList::Approved).is_empty());
    story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    assert_eq!(story.state(request), RequestState::Approved);
    assert!(story.scopes(ScopeList::Approved).is_empty(), "minds can still be changed");
    let later = at("2026-11-23T15:30:00Z");
    assert!(at(NOW).plus_seconds(29 * 60) < later);
    let job = muster::actions::By::job("settle_requests", at(NOW).plus_seconds(29 * 60));
    assert_eq!(requests::sweep(story.register(), &job, || Ok(())).unwrap().applied, 0);
    let job = muster::actions::By::job("settle_requests", at(NOW).plus_seconds(30 * 60));
    assert_eq!(requests::sweep(story.register(), &job, || Ok(())).unwrap().applied, 1);
    assert_eq!(story.scopes(ScopeList::Approved), [LAB]);
    assert_eq!(story.now().state, IdentityState::Approved);
    let moment = at(NOW).plus_seconds(31 * 60);
    // The technical owner asked, so somebody else sets it up.
    let task = story.tasks(request).into_iter().find(|task| task.kind == TaskKind::Issuance).unwrap();
    assert_eq!(task.assignee_group, Some(AssigneeGroup::Keepers));
    let own = story.issue_at(request, (story.technical.0, Role::Owner), LAB, moment).unwrap_err().to_string();
    assert!(own.contains("you asked for this"), "{own}");
    let wider = story.issue_at(request, (story.analyst.0, Role::SecurityAnalyst), "patient/Observation.rs", moment);
    let wider = wider.unwrap_err().to_string();
    assert!(wider.contains("beyond what was approved"), "{wider}");
    story.issue_at(request, (story.analyst.0, Role::SecurityAnalyst), LAB, moment).unwrap();
    assert_eq!((story.now().state, story.state(request)), (IdentityState::Active, RequestState::Issued));
    assert_eq!(story.scopes(ScopeList::Issued), [LAB]);
    assert!(story.tasks(request).iter().all(|task| task.state != TaskState::Open));
}

#[test]
fn every_patient_takes_an_owner_security_and_a_second_person_who_all_differ() {
    let story = Story::begin();
    let request = story.ask("system/*.rs");
    for (person, words) in
        [(story.analyst.0, "business owner of this identity decides now"), (story.technical.0, "you asked")]
    {
        let role = if person == story.analyst.0 { Role::SecurityAnalyst } else { Role::Owner };
        let refused = story.approve(request, (person, role)).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    story.approve(request, (story.analyst.0, Role::SecurityAnalyst)).unwrap();
    assert_eq!(story.state(request), RequestState::Open);
    let again = story.approve(request, (story.analyst.0, Role::SecurityAnalyst)).unwrap_err().to_string();
    assert!(again.contains("you said yes to this already"), "{again}");
    story.approve(request, (story.administrator.0, Role::Administrator)).unwrap();
    assert_eq!(story.state(request), RequestState::Approved);
    requests::apply(story.register(), &by(story.second.0, Role::SecurityAnalyst, at(NOW).plus_days(1)), request)
        .unwrap();
    let moment = at(NOW).plus_days(1);
    for (person, role) in [(story.owner.0, Role::Owner), (story.administrator.0, Role::Administrator)] {
        let refused = story.issue_at(request, (person, role), "system/*.rs", moment).unwrap_err().to_string();
        assert!(refused.contains("you said yes to this"), "{refused}");
    }
    story.issue_at(request, (story.second.0, Role::SecurityAnalyst), "system/*.rs", moment).unwrap();
    assert_eq!(story.now().state, IdentityState::Active);
}
