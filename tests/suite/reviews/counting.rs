//! That silence counts at all is said by two administrators, and taken back by one.

use muster::actions::reviews::agreeing::{self, Agreement};
use muster::actions::reviews::counting::{self, propose, simulate, withdraw};
use muster::actions::{ActionError, By, Register, accounts, links, people};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::silence::ProposalState;
use muster::store::silence_proposals;

use super::{by, fields, is_conflict, later, let_count, mails_of, ran};
use crate::app::{NOW, PASSWORD, TestApp, at};
use crate::approvals::database::texts;
use crate::imports::refusal;

struct Two {
    app: TestApp,
    first: Id,
    second: Id,
    analyst: Id,
}

impl Two {
    /// After a run that simulated it.
    fn begin() -> Self {
        let two = Self::on_the_first_day();
        ran(&two.app, Job::ApplySilence, at(NOW));
        two
    }

    fn on_the_first_day() -> Self {
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

/// Agrees to what the page showed: nobody would lose anything.
fn agree(register: &Register, by: &By, proposal: Id, version: i64) -> Result<(), ActionError> {
    let reason = "I read who would lose what".to_owned();
    agreeing::agree(register, by, &Agreement { proposal, version, would_lose: 0, reason })
}

/// Somebody opens an account of an administrator for another person.
fn opened(register: &Register, by: &By, name: &str) -> Id {
    let email = format!("{}@hospital.example", name.to_lowercase().replace(' ', "."));
    people::add(register, by, name, &email, Some((Role::Administrator, PASSWORD))).unwrap()
}

fn administrator(person: Id) -> By {
    by(person, Role::Administrator, later(1))
}

#[test]
fn nobody_says_that_silence_counts_before_a_run_has_simulated_it() {
    let two = Two::on_the_first_day();
    let register = &two.app.register;
    let early = propose(register, &administrator(two.first), "two months were read");
    assert!(refusal(early).contains("start the job Apply silence by hand or wait for its next run"));
    ran(&two.app, Job::ApplySilence, at(NOW));
    let proposal = propose(register, &administrator(two.first), "two months were read").unwrap();
    // As if it had been proposed by an earlier version, which did not ask for it.
    register.database.read().unwrap().execute("DELETE FROM job_runs").unwrap();
    assert!(refusal(agree(register, &administrator(two.second), proposal, 1)).contains("no run has simulated it yet"));
    assert!(!two.counts());
    ran(&two.app, Job::ApplySilence, at(NOW));
    agree(register, &administrator(two.second), proposal, 1).unwrap();
    assert!(two.counts());
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
    for reason in [" ", "x", "not yet"] {
        assert_eq!(fields(propose(register, &administrator(two.first), reason)), ["reason"], "{reason}");
    }
    let proposal = propose(register, &administrator(two.first), "two months were read").unwrap();
    assert!(!two.counts(), "a proposal alone does nothing");
    let told = mails_of(&two.app, &format!("silence_proposal:{proposal}:"));
    assert_eq!(told.iter().map(|mail| mail.recipient_id).collect::<Vec<_>>(), [two.second]);
    assert!(is_conflict(&propose(register, &administrator(two.second), "the same again")), "one at a time");
    let alone = agree(register, &administrator(two.first), proposal, 1);
    assert!(refusal(alone).contains("another administrator has to agree"));
    assert!(is_conflict(&agree(register, &administrator(two.second), proposal, 2)));
    let wordless = Agreement { proposal, version: 1, would_lose: 0, reason: "ok".to_owned() };
    assert_eq!(fields(agreeing::agree(register, &administrator(two.second), &wordless)), ["reason"]);
    agree(register, &administrator(two.second), proposal, 1).unwrap();
    assert!(two.counts());
    assert!(is_conflict(&propose(register, &administrator(two.first), "once more then")), "it counts already");
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

#[test]
fn an_account_or_a_role_that_is_younger_than_the_proposal_agrees_to_nothing() {
    let two = Two::begin();
    let register = &two.app.register;
    let proposal = propose(register, &administrator(two.first), "two months were read").unwrap();
    let late = opened(register, &By::setup(later(2)), "Late Comer");
    let refused = agree(register, &by(late, Role::Administrator, later(3)), proposal, 1);
    assert!(refusal(refused).contains("is younger than this"));
    let promoting = by(two.second, Role::Administrator, later(2));
    accounts::change_role(register, &promoting, two.analyst, Role::Administrator).unwrap();
    let refused = agree(register, &by(two.analyst, Role::Administrator, later(3)), proposal, 1);
    assert!(refusal(refused).contains("is younger than this"));
    assert!(!two.counts());
    agree(register, &by(two.second, Role::Administrator, later(3)), proposal, 1).unwrap();
}

#[test]
fn one_person_with_two_accounts_is_not_two() {
    let two = Two::begin();
    let register = &two.app.register;
    let puppet = opened(register, &administrator(two.first), "Puppet One");
    let hers = opened(register, &administrator(puppet), "Puppet Two");
    let at = |person: Id| by(person, Role::Administrator, later(40));
    let proposal = propose(register, &at(two.first), "two months were read").unwrap();
    for other in [puppet, hers] {
        assert!(refusal(agree(register, &at(other), proposal, 1)).contains("made the account of the other"));
    }
    withdraw(register, &at(two.first), proposal, 1).unwrap();
    let proposal = propose(register, &at(puppet), "two months were read").unwrap();
    let refused = agree(register, &at(two.first), proposal, 1);
    assert!(refusal(refused).contains("made the account of the other"), "nor the other way round");
    assert!(!two.counts());
    agree(register, &at(two.second), proposal, 1).unwrap();
    assert!(two.counts());
}

#[test]
fn whoever_gave_the_other_a_way_in_is_not_a_second_person() {
    let two = Two::begin();
    let register = &two.app.register;
    links::give(register, &administrator(two.first), two.second, 3_600).unwrap();
    let at = |person: Id, days: i64| by(person, Role::Administrator, later(days));
    let proposal = propose(register, &at(two.first, 2), "two months were read").unwrap();
    let refused = agree(register, &at(two.second, 2), proposal, 1);
    assert!(refusal(refused).contains("a new way into their account"));
    withdraw(register, &at(two.first, 2), proposal, 1).unwrap();
    let proposal = propose(register, &at(two.first, 40), "two months were read").unwrap();
    agree(register, &at(two.second, 40), proposal, 1).unwrap();
}

#[test]
fn a_proposal_to_which_nobody_agreed_in_thirty_days_is_proposed_anew() {
    let two = Two::begin();
    let register = &two.app.register;
    let at = |person: Id, days: i64| by(person, Role::Administrator, later(days));
    let proposal = propose(register, &at(two.first, 1), "two months were read").unwrap();
    let refused = agree(register, &at(two.second, 32), proposal, 1);
    assert!(refusal(refused).contains("nobody agreed within 30 days"));
    withdraw(register, &at(two.second, 32), proposal, 1).unwrap();
    let proposal = propose(register, &at(two.first, 32), "a third was read").unwrap();
    agree(register, &at(two.second, 62), proposal, 1).unwrap();
    assert!(two.counts());
}
