//! That silence counts at all is said by two administrators, and taken back by one.

use muster::actions::reviews::counting::{self, agree, propose, simulate, withdraw};
use muster::actions::{ActionError, By};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::reviews::silence::ProposalState;
use muster::store::silence_proposals;

use super::{by, fields, is_conflict, later, let_count, mails_of};
use crate::app::TestApp;
use crate::approvals::database::texts;
use crate::imports::refusal;

struct Two {
    app: TestApp,
    first: Id,
    second: Id,
    analyst: Id,
}

impl Two {
    fn begin() -> Self {
        let app = TestApp::start();
        let [first, second] = [Role::Administrator; 2].map(|role| app.account(role).0);
        let analyst = app.account(Role::SecurityAnalyst).0;
        Self { app, first, second, analyst }
    }

    fn counts(&self) -> bool {
        counting::counts(&mut self.app.register.database.read().unwrap()).unwrap()
    }

    fn states(&self) -> Vec<ProposalState> {
        let mut db = self.app.register.database.read().unwrap();
        silence_proposals::latest(&mut db, 10).unwrap().into_iter().map(|one| one.state).collect()
    }
}

fn administrator(person: Id) -> By {
    by(person, Role::Administrator, later(1))
}

#[test]
fn one_administrator_proposes_and_another_agrees() {
    let two = Two::begin();
    let register = &two.app.register;
    let analyst = by(two.analyst, Role::SecurityAnalyst, later(1));
    let refused = propose(register, &analyst, "let us begin");
    assert!(matches!(refused, Err(ActionError::Forbidden)), "{refused:?}");
    let nobody = propose(register, &By::setup(later(1)), "a command");
    assert!(matches!(nobody, Err(ActionError::Forbidden)), "{nobody:?}");
    assert_eq!(fields(propose(register, &administrator(two.first), " ")), ["reason"]);
    let proposal = propose(register, &administrator(two.first), "two months were read").unwrap();
    assert!(!two.counts(), "a proposal alone does nothing");
    let told = mails_of(&two.app, &format!("silence_proposal:{proposal}:"));
    assert_eq!(told.iter().map(|mail| mail.recipient_id).collect::<Vec<_>>(), [two.second]);
    assert!(is_conflict(&propose(register, &administrator(two.second), "the same")), "one at a time");
    let alone = agree(register, &administrator(two.first), proposal, 1);
    assert!(refusal(alone).contains("another administrator has to agree"));
    assert!(is_conflict(&agree(register, &administrator(two.second), proposal, 2)));
    agree(register, &administrator(two.second), proposal, 1).unwrap();
    assert!(two.counts());
    assert!(is_conflict(&propose(register, &administrator(two.first), "again")), "it counts already");
    let mut db = register.database.read().unwrap();
    let actions = texts(&mut db, "SELECT action AS value FROM audit_entries");
    for action in ["silence.propose", "silence.count"] {
        assert_eq!(actions.iter().filter(|one| *one == action).count(), 1, "{action}");
    }
}

#[test]
fn a_proposal_is_taken_back_by_any_administrator_and_never_agreed_to_after() {
    let two = Two::begin();
    let register = &two.app.register;
    let proposal = propose(register, &administrator(two.first), "two months were read").unwrap();
    withdraw(register, &administrator(two.second), proposal, 1).unwrap();
    assert!(is_conflict(&agree(register, &administrator(two.second), proposal, 2)));
    assert_eq!(two.states(), [ProposalState::Withdrawn]);
    assert!(!two.counts());
    let_count(&two.app, [two.first, two.second], later(2));
    assert_eq!(two.states(), [ProposalState::Agreed, ProposalState::Withdrawn], "its history stays");
}

#[test]
fn whoever_is_no_administrator_any_more_proposed_nothing() {
    let two = Two::begin();
    let register = &two.app.register;
    let proposal = propose(register, &administrator(two.first), "two months were read").unwrap();
    muster::actions::accounts::disable(register, &administrator(two.second), two.first).unwrap();
    let refused = agree(register, &administrator(two.second), proposal, 1);
    assert!(refusal(refused).contains("no administrator any more"));
    assert!(!two.counts());
}

#[test]
fn one_administrator_has_it_simulated_again_and_the_next_time_takes_two_again() {
    let two = Two::begin();
    let register = &two.app.register;
    let_count(&two.app, [two.first, two.second], later(1));
    assert_eq!(fields(simulate(register, &administrator(two.first), "")), ["reason"]);
    simulate(register, &administrator(two.first), "too many were on leave").unwrap();
    assert!(!two.counts());
    assert_eq!(two.states(), [ProposalState::Ended]);
    let proposal = propose(register, &administrator(two.first), "they are back").unwrap();
    assert!(!two.counts());
    assert!(refusal(agree(register, &administrator(two.first), proposal, 1)).contains("another administrator"));
}
