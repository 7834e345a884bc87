//! Nobody answered: what the rules say happens, simulated first, and never too much at once.

use muster::actions::reviews::silence::{self, agree, set_counts};
use muster::actions::{ActionError, By};
use muster::domain::findings::FindingRule;
use muster::domain::identities::{AccessBasis, Criticality, Environment, IdentityState, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reaching::IdentityTier;
use muster::domain::reviews::silence::StopState;
use muster::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewState};
use muster::domain::tasks::{AssigneeGroup, TaskCause, TaskKind, TaskState};
use muster::store::identities::Identity;
use muster::store::silence_stops::{self, SilenceStop};

use super::{
    answer, by, findings, is_conflict, later, mails_of, now_of, open_tasks, review_of, reviews_about, run_at, steps,
    tiered,
};
use crate::app::{NOW, TestApp, at};
use crate::approvals::database::texts;
use crate::imports::refusal;
use crate::jobs::{day, identity, kept_by, owned_by, run, tasks_about};

/// A register with people who keep it, and two owners.
struct Quiet {
    app: TestApp,
    owner: Id,
    technical: Id,
    analyst: Id,
    second: Id,
    administrator: Id,
}

impl Quiet {
    fn begin() -> Self {
        let app = TestApp::start();
        let account = |role| app.account(role).0;
        Self {
            owner: account(Role::Owner),
            technical: account(Role::Owner),
            analyst: account(Role::SecurityAnalyst),
            second: account(Role::SecurityAnalyst),
            administrator: account(Role::Administrator),
            app,
        }
    }

    /// The same where silence counts.
    fn counting() -> Self {
        let quiet = Self::begin();
        let administrator = by(quiet.administrator, Role::Administrator, at(NOW));
        set_counts(&quiet.app.register, &administrator, true, "the first month was read").unwrap();
        quiet
    }

    /// An identity of that tier whose review is due.
    fn due(&self, name: &str, tier: IdentityTier, change: impl FnOnce(&mut Identity)) -> Id {
        let row = identity(&self.app, name, |row| {
            tiered(row, tier);
            row.next_review_on = Some(day("2026-11-23"));
            owned_by(row, self.owner);
            kept_by(row, self.technical);
            change(row);
        });
        row.id
    }

    fn raise(&self) {
        run(&self.app.register, Job::RaiseRecertifications, NOW);
    }

    fn silence(&self, days: i64) -> Vec<String> {
        run_at(&self.app.register, Job::ApplySilence, later(days))
    }

    fn states(&self, ids: &[Id]) -> Vec<IdentityState> {
        ids.iter().map(|id| now_of(&self.app, *id).state).collect()
    }

    fn stop(&self) -> SilenceStop {
        silence_stops::waiting(&mut self.app.register.database.read().unwrap()).unwrap().unwrap()
    }

    fn agrees(&self, person: Id, stop: &SilenceStop) -> Result<(), ActionError> {
        let by = by(person, Role::SecurityAnalyst, later(36));
        agree(&self.app.register, &by, stop.id, stop.version, "I read who would lose what")
    }
}

#[test]
fn silence_keeps_suspends_revokes_or_escalates_by_the_rules() {
    let quiet = Quiet::counting();
    let keeps = quiet.due("Little", IdentityTier::Low, |_| {});
    let suspends = quiet.due("Far", IdentityTier::Critical, |_| {});
    let outside = quiet.due("Outside", IdentityTier::Low, |row| row.access_basis = Some(AccessBasis::Research));
    let revokes = quiet.due("No patient there", IdentityTier::High, |row| row.environment = Environment::Sandbox);
    let directed =
        quiet.due("Directed", IdentityTier::Critical, |row| row.access_basis = Some(AccessBasis::PatientDirected));
    let clinical = quiet.due("Pump", IdentityTier::Critical, |row| row.criticality = Criticality::Clinical);
    quiet.raise();
    // Silence counts on the day after: 28 December for what reaches far, 20 January for the rest.
    assert_eq!(quiet.silence(35)[0], "0 identities suspended, 0 revoked", "it may be answered today");
    let said = quiet.silence(36);
    assert_eq!(said[0], "1 identity suspended, 1 revoked", "{said:?}");
    assert_eq!(said[1], "2 identities went to the administrators, because silence may not stop them", "{said:?}");
    assert_eq!(quiet.silence(36)[0], "0 identities suspended, 0 revoked");
    assert_eq!(quiet.silence(59)[0], "1 identity suspended, 0 revoked");
    let became = [keeps, suspends, outside, revokes, directed, clinical].map(|id| {
        let review = reviews_about(&quiet.app, id).pop().unwrap();
        (now_of(&quiet.app, id).state, review.state, review.outcome)
    });
    use IdentityState::{Active, Revoking, Suspended};
    assert_eq!(
        became,
        [
            (Active, ReviewState::Closed, Some(ReviewOutcome::SilentKeep)),
            (Suspended, ReviewState::Remediating, Some(ReviewOutcome::SilentSuspend)),
            (Suspended, ReviewState::Remediating, Some(ReviewOutcome::SilentSuspend)),
            (Revoking, ReviewState::Remediating, Some(ReviewOutcome::SilentRevoke)),
            (Active, ReviewState::Open, None),
            (Active, ReviewState::Open, None),
        ]
    );
    assert_eq!(now_of(&quiet.app, suspends).state_cause, StateCause::ReviewUnanswered);
    assert_eq!(now_of(&quiet.app, revokes).state_cause, StateCause::ReviewUnanswered);
    let rules = |id: Id| findings(&quiet.app, id).into_iter().map(|finding| finding.rule).collect::<Vec<_>>();
    assert_eq!(rules(keeps), [FindingRule::ReviewUnanswered], "that is no yes");
    assert_eq!(rules(directed), [FindingRule::ProtectedReviewUnanswered]);
    assert_eq!(rules(clinical), [FindingRule::ProtectedReviewUnanswered]);
    // Thirty days after 21 January.
    assert_eq!(now_of(&quiet.app, keeps).next_review_on, Some(day("2027-02-20")), "it is asked about again soon");
    let taken = steps(&quiet.app, review_of(&quiet.app, suspends).id);
    assert_eq!(taken.last().unwrap(), "2026-12-29 silence");
    let taken = steps(&quiet.app, review_of(&quiet.app, clinical).id);
    assert_eq!(taken.last().unwrap(), "2026-12-29 escalated");
    for id in [keeps, suspends, outside, revokes] {
        let review = reviews_about(&quiet.app, id).pop().unwrap().id;
        assert!(open_tasks(&quiet.app, review, TaskKind::Recertification).is_empty());
    }
}

#[test]
fn whoever_owns_what_was_cut_is_told_and_somebody_has_to_stop_it() {
    let quiet = Quiet::counting();
    let cut = quiet.due("Far", IdentityTier::Critical, |_| {});
    quiet.raise();
    quiet.silence(36);
    let review = review_of(&quiet.app, cut).id;
    let mut told: Vec<Id> =
        mails_of(&quiet.app, &format!("review:{review}:silence:")).into_iter().map(|mail| mail.recipient_id).collect();
    told.sort_unstable();
    let mut owners = [quiet.owner, quiet.technical];
    owners.sort_unstable();
    assert_eq!(told, owners);
    let offboarding: Vec<_> = tasks_about(&quiet.app, cut)
        .into_iter()
        .filter(|task| task.kind == TaskKind::Offboarding)
        .map(|task| (task.cause, task.state))
        .collect();
    assert_eq!(offboarding, [(TaskCause::ReviewUnanswered, TaskState::Open)]);
    let mut db = quiet.app.register.database.read().unwrap();
    let actions = texts(&mut db, "SELECT action AS value FROM audit_entries");
    for action in ["identity.suspend", "review.count_silence", "silence.count"] {
        assert!(actions.contains(&action.to_owned()), "{action}");
    }
}

#[test]
fn what_went_to_the_administrators_is_decided_by_one_of_them() {
    let quiet = Quiet::counting();
    let clinical = quiet.due("Pump", IdentityTier::Critical, |row| row.criticality = Criticality::Clinical);
    quiet.raise();
    quiet.silence(36);
    let review = review_of(&quiet.app, clinical);
    assert_eq!((review.escalated_at, review.next_step_on), (Some(later(36)), None));
    let open = open_tasks(&quiet.app, review.id, TaskKind::Recertification);
    assert!(open.iter().any(|task| task.assignee_group == Some(AssigneeGroup::Administrators)), "{open:?}");
    let told = mails_of(&quiet.app, &format!("review:{}:escalated:", review.id));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].recipient_id, quiet.administrator);
    let size = quiet.app.audit_size();
    quiet.silence(50);
    assert_eq!(quiet.app.audit_size(), size, "once is enough");
    let who = (quiet.administrator, Role::Administrator);
    answer(&quiet.app, review.id, who, ReviewAnswer::Keep, later(51), |_| {}).unwrap();
    assert!(findings(&quiet.app, clinical).is_empty());
    assert!(open_tasks(&quiet.app, review.id, TaskKind::Recertification).is_empty());
}

#[test]
fn nothing_is_cut_while_silence_is_simulated() {
    let quiet = Quiet::begin();
    let ids = [
        quiet.due("Far", IdentityTier::Critical, |_| {}),
        quiet.due("No patient there", IdentityTier::Critical, |row| row.environment = Environment::Sandbox),
    ];
    let keeps = quiet.due("Little", IdentityTier::Low, |_| {});
    quiet.raise();
    let size = quiet.app.audit_size();
    let said = quiet.silence(36);
    assert_eq!(
        said,
        ["0 identities suspended, 0 revoked", "2 identities would have been cut, and silence is only simulated"]
    );
    assert_eq!(quiet.app.audit_size(), size, "nothing was written");
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 2]);
    quiet.silence(59);
    assert_eq!(review_of(&quiet.app, keeps).outcome, Some(ReviewOutcome::SilentKeep), "that cuts nothing");
    let plan = silence::plan(
        &mut quiet.app.register.database.read().unwrap(),
        &quiet.app.register,
        day("2027-01-31"),
        silence::SHOWN,
    );
    let mut would: Vec<&str> = Vec::new();
    let plan = plan.unwrap();
    would.extend(plan.iter().map(|one| one.silence.word()));
    would.sort_unstable();
    assert_eq!(would, ["revoke", "suspend"]);
    // Only an administrator says that it counts, with a reason.
    let analyst = by(quiet.analyst, Role::SecurityAnalyst, later(60));
    let refused = set_counts(&quiet.app.register, &analyst, true, "let us begin");
    assert!(matches!(refused, Err(ActionError::Forbidden)), "{refused:?}");
    let administrator = by(quiet.administrator, Role::Administrator, later(60));
    let silent = set_counts(&quiet.app.register, &administrator, true, " ");
    assert_eq!(super::fields(silent), ["reason"]);
    let nobody = set_counts(&quiet.app.register, &By::setup(later(60)), true, "a command");
    assert!(matches!(nobody, Err(ActionError::Forbidden)), "{nobody:?}");
    set_counts(&quiet.app.register, &administrator, true, "the first two months were read").unwrap();
    assert_eq!(quiet.silence(60), ["1 identity suspended, 1 revoked"]);
}

#[test]
fn a_run_that_would_cut_too_much_stops_before_it_cuts_anything_and_two_people_let_it_go_on() {
    let quiet = Quiet::counting();
    let ids: Vec<Id> = (0..6).map(|number| quiet.due(&format!("Far {number}"), IdentityTier::High, |_| {})).collect();
    quiet.raise();
    let said = quiet.silence(36);
    assert_eq!(said[0], "0 identities suspended, 0 revoked");
    assert!(said[1].starts_with("6 identities were not cut"), "{said:?}");
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 6]);
    let stop = quiet.stop();
    assert_eq!((stop.state, stop.cuts, stop.population), (StopState::Stopped, 6, 6));
    assert_eq!(mails_of(&quiet.app, &format!("silence:{}:", stop.id)).len(), 3, "whoever keeps the register is told");
    let size = quiet.app.audit_size();
    quiet.silence(36);
    assert_eq!(quiet.app.audit_size(), size, "the same set is not written down twice");
    assert_eq!(quiet.stop().id, stop.id);
    quiet.agrees(quiet.analyst, &stop).unwrap();
    let again = quiet.agrees(quiet.analyst, &quiet.stop());
    assert!(refusal(again).contains("you agreed already"));
    assert!(quiet.silence(36)[1].starts_with("6 identities were not cut"), "one person is not enough");
    let stale = quiet.agrees(quiet.second, &stop);
    assert!(is_conflict(&stale), "{stale:?}");
    quiet.agrees(quiet.second, &quiet.stop()).unwrap();
    assert_eq!(quiet.stop().state, StopState::Agreed);
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 6], "the next run does it");
    assert_eq!(quiet.silence(36), ["6 identities suspended, 0 revoked"]);
    assert_eq!(quiet.states(&ids), [IdentityState::Suspended; 6]);
    let mut db = quiet.app.register.database.read().unwrap();
    let stops = silence_stops::latest(&mut db, 10).unwrap();
    assert_eq!(stops.len(), 1);
    assert_eq!(
        (stops[0].state, stops[0].first_by_id, stops[0].second_by_id),
        (StopState::Done, Some(quiet.analyst), Some(quiet.second))
    );
}

#[test]
fn a_set_that_changed_is_asked_about_anew() {
    let quiet = Quiet::counting();
    for number in 0..6 {
        quiet.due(&format!("Far {number}"), IdentityTier::High, |_| {});
    }
    quiet.raise();
    quiet.due("Another day", IdentityTier::High, |row| row.next_review_on = Some(day("2026-11-24")));
    run_at(&quiet.app.register, Job::RaiseRecertifications, later(1));
    quiet.silence(36);
    let stop = quiet.stop();
    quiet.agrees(quiet.analyst, &stop).unwrap();
    let agreed = quiet.stop();
    assert!(quiet.silence(37)[1].starts_with("7 identities were not cut"));
    let anew = quiet.stop();
    assert_ne!(anew.id, stop.id);
    assert_eq!((anew.cuts, anew.first_by_id, anew.state), (7, None, StopState::Stopped));
    assert!(is_conflict(&quiet.agrees(quiet.second, &agreed)), "the old one is agreed to by nobody any more");
    let mut db = quiet.app.register.database.read().unwrap();
    let states: Vec<StopState> = silence_stops::latest(&mut db, 10).unwrap().iter().map(|stop| stop.state).collect();
    assert_eq!(states, [StopState::Stopped, StopState::Dropped]);
}

#[test]
fn a_handful_is_cut_whatever_the_share_and_a_large_register_allows_more() {
    let quiet = Quiet::counting();
    for number in 0..5 {
        quiet.due(&format!("Far {number}"), IdentityTier::High, |_| {});
    }
    quiet.raise();
    assert_eq!(quiet.silence(36), ["5 identities suspended, 0 revoked"]);
    let large = Quiet::counting();
    for number in 0..6 {
        large.due(&format!("Far {number}"), IdentityTier::High, |_| {});
    }
    large.raise();
    let others: Vec<Identity> = (0..294)
        .map(|number| {
            let kind = muster::domain::identities::IdentityKind::Token;
            let mut row = Identity::new(kind, &format!("T{number}"), Environment::Production, at(NOW));
            row.state = IdentityState::Active;
            row.next_review_on = Some(day("2027-02-01"));
            row
        })
        .collect();
    large
        .app
        .register
        .change(&large.app.setup(), |work| Ok(muster::store::identities::insert_many(work.db, &others)?))
        .unwrap();
    assert_eq!(large.silence(36), ["6 identities suspended, 0 revoked"], "two in a hundred of 300");
}
