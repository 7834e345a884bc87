//! Nobody answered: what the rules say happens, simulated first, and never too much at once.

use muster::actions::reviews::silence::breaker::Breaker;
use muster::actions::reviews::silence::{self, agree};
use muster::actions::{ActionError, By, runs};
use muster::domain::findings::FindingRule;
use muster::domain::identities::{AccessBasis, Criticality, Environment, IdentityState, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reaching::IdentityTier;
use muster::domain::reviews::silence::{Owed, StopState};
use muster::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewState};
use muster::domain::tasks::{AssigneeGroup, TaskCause, TaskKind, TaskState};
use muster::jobs::scheduler;
use muster::store::identities::Identity;
use muster::store::silence_owed;
use muster::store::silence_stops::{self, SilenceStop};

use super::{
    answer, by, change_identity, fields, findings, is_conflict, later, let_count, mail_has_left, mails_of, now_of,
    open_tasks, others_were_asked, ran, review, review_of, reviews_about, run_at, steps, tasks_of, tiered, told,
};
use crate::api_tokens::entries;
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
    other: Id,
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
            other: account(Role::Administrator),
            app,
        }
    }

    /// The same where silence counts.
    fn counting() -> Self {
        let quiet = Self::begin();
        let_count(&quiet.app, [quiet.administrator, quiet.other], at(NOW));
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
        others_were_asked(&self.app);
        run_at(&self.app.register, Job::ApplySilence, later(days))
    }

    fn states(&self, ids: &[Id]) -> Vec<IdentityState> {
        ids.iter().map(|id| now_of(&self.app, *id).state).collect()
    }

    fn stop(&self) -> SilenceStop {
        silence_stops::waiting(&mut self.app.register.database.read().unwrap()).unwrap().unwrap()
    }

    /// So many that silence would suspend, whose day passes on that day.
    fn many(&self, name: &str, count: usize, on: i64) -> Vec<Id> {
        // From asking to silence are 35 days.
        let due = day("2026-11-23") + chrono::Days::new(u64::try_from(on - 36).unwrap());
        let ids = (0..count).map(|number| {
            self.due(&format!("{name} {number}"), IdentityTier::High, |row| row.next_review_on = Some(due))
        });
        let ids = ids.collect();
        run_at(&self.app.register, Job::RaiseRecertifications, later(on - 36));
        ids
    }

    fn named(&self, stop: &SilenceStop) -> Vec<Id> {
        let mut ids: Vec<Id> = stop.reviews.0.iter().map(|held| review(&self.app, held.review).identity_id).collect();
        ids.sort_unstable();
        ids
    }

    fn rules(&self, id: Id) -> Vec<FindingRule> {
        findings(&self.app, id).into_iter().map(|finding| finding.rule).collect()
    }

    /// The tasks by which the administrators are asked, and were.
    fn asked_at_the_top(&self, id: Id) -> Vec<muster::store::tasks::Task> {
        let review = reviews_about(&self.app, id).pop().unwrap().id;
        let all = tasks_of(&self.app, review);
        all.into_iter().filter(|task| task.assignee_group == Some(AssigneeGroup::Administrators)).collect()
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
    let mails = mails_of(&quiet.app, "silence:2026-12-29:silent_suspend:");
    for mail in &mails {
        let subject = &mail.notice.as_ref().unwrap().0.subject;
        assert_eq!(subject, "Far was suspended, because nobody answered its review", "which app, in each of several");
    }
    let mut told: Vec<Id> = mails.into_iter().map(|mail| mail.recipient_id).collect();
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

/// What the owner was told by mails of what silence did: the key without its reader, and the first line.
fn told_the_owner(quiet: &Quiet) -> Vec<(String, String)> {
    let mut said: Vec<(String, String)> = mails_of(&quiet.app, "silence:2026-")
        .into_iter()
        .filter(|mail| mail.recipient_id == quiet.owner)
        .map(|mail| {
            (mail.dedupe_key.replace(&format!(":{}", quiet.owner), ""), mail.notice.unwrap().0.lines[0].clone())
        })
        .collect();
    said.sort_unstable();
    said
}

#[test]
fn an_owner_of_many_has_one_mail_for_what_a_run_did_that_names_the_first_ten_and_counts_the_others() {
    let quiet = Quiet::counting();
    let browser = quiet.app.sign_in(Role::Owner);
    let quiet = Quiet { owner: browser.person.unwrap(), ..quiet };
    let names: Vec<String> = (10..24).map(|number| format!("Elsewhere {number}")).collect();
    for name in &names {
        quiet.due(name, IdentityTier::High, |row| row.environment = Environment::Sandbox);
    }
    quiet.due("Far", IdentityTier::Critical, |_| {});
    quiet.raise();
    assert_eq!(quiet.silence(36), ["1 identity suspended, 14 revoked"]);
    let said = told_the_owner(&quiet);
    let keys: Vec<&str> = said.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["silence:2026-12-29:silent_revoke", "silence:2026-12-29:silent_suspend"]);
    let line = &said[0].1;
    assert!(
        line.starts_with("14 identities are being revoked, because nobody answered their reviews: Elsewhere"),
        "{line}"
    );
    assert!(line.ends_with(" and 4 others."), "{line}");
    assert_eq!(names.iter().filter(|name| line.contains(name.as_str())).count(), 10, "{line}");
    assert!(said[1].1.starts_with("Far was suspended, because nobody answered its review by 28 Dec 2026."));
    // The page that it leads to lists all of them, to their owner too.
    let list = browser.get("/reviews?outcome=silent_revoke");
    assert!(names.iter().all(|name| list.shows(name)), "{}", list.readable());
}

/// How many of these are suspended by now.
fn suspended(quiet: &Quiet, ids: &[Id]) -> usize {
    quiet.states(ids).into_iter().filter(|state| *state == IdentityState::Suspended).count()
}

/// Five that silence suspends, and about which others were asked.
fn five_far(quiet: &Quiet) -> Vec<Id> {
    let far = |number: usize| quiet.due(&format!("Far {number}"), IdentityTier::Critical, |_| {});
    let ids = (1..=5).map(far).collect();
    quiet.raise();
    others_were_asked(&quiet.app);
    ids
}

/// Five that silence suspends, of which a run that was lost in the middle came to three.
fn lost_after_three(quiet: &Quiet) {
    let ids = five_far(quiet);
    let renew = || if suspended(quiet, &ids) == 3 { Err(ActionError::TakenOver) } else { Ok(()) };
    let lost = silence::run(&quiet.app.register, &By::job("apply_silence", later(36)), renew);
    assert!(matches!(lost, Err(ActionError::TakenOver)), "{lost:?}");
    assert_eq!(suspended(quiet, &ids), 3);
    let said = told_the_owner(quiet);
    assert!(said.len() == 1 && said[0].1.starts_with("3 identities were suspended"), "{said:?}");
}

/// Whether these lines name each of the five, and none of them twice.
fn names_each_once(said: &[(String, String)]) -> bool {
    let all: String = said.iter().map(|(_, line)| line.as_str()).collect();
    (1..=5).all(|number| all.matches(&format!("Far {number}")).count() == 1)
}

#[test]
fn a_run_that_is_lost_in_the_middle_and_taken_up_again_tells_of_everything_once_in_one_mail() {
    let quiet = Quiet::counting();
    lost_after_three(&quiet);
    for _ in 0..2 {
        run_at(&quiet.app.register, Job::ApplySilence, later(36));
        let said = told_the_owner(&quiet);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].1.starts_with("5 identities were suspended"), "{said:?}");
        assert!(names_each_once(&said), "{said:?}");
    }
}

#[test]
fn what_is_cut_after_the_mail_has_left_has_a_mail_of_its_own() {
    let quiet = Quiet::counting();
    lost_after_three(&quiet);
    quiet.silence(36);
    quiet.silence(36);
    let said = told_the_owner(&quiet);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].1.starts_with("3 identities") && said[1].1.starts_with("2 identities"), "{said:?}");
    assert!(names_each_once(&said), "{said:?}");
}

#[test]
fn what_is_cut_after_the_mail_left_in_the_middle_of_a_run_has_a_second_mail_that_grows_under_a_longer_key() {
    let quiet = Quiet::counting();
    let ids = five_far(&quiet);
    let renew = || {
        if suspended(&quiet, &ids) == 3 {
            mail_has_left(&quiet.app);
        }
        Ok(())
    };
    let done = silence::run(&quiet.app.register, &By::job("apply_silence", later(36)), renew).unwrap();
    assert_eq!(done.suspended, 5);
    let said = told_the_owner(&quiet);
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0].0, "silence:2026-12-29:silent_suspend");
    assert!(said[1].0.starts_with("silence:2026-12-29:silent_suspend:"), "{said:?}");
    assert!(said[0].1.starts_with("3 identities") && said[1].1.starts_with("2 identities"), "{said:?}");
    assert!(names_each_once(&said), "{said:?}");
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
    let top = open.iter().find(|task| task.assignee_group == Some(AssigneeGroup::Administrators)).unwrap();
    assert_eq!(top.due_on, day("2027-01-05"), "seven days of their own, and not the day that has passed");
    let lines = told(&quiet.app, &format!("review:{}:escalated:", review.id));
    let mut recipients: Vec<Id> = lines.iter().map(|(_, mail)| mail.recipient_id).collect();
    recipients.sort_unstable();
    assert_eq!(recipients, [quiet.administrator, quiet.other]);
    let size = quiet.app.audit_size();
    quiet.silence(50);
    assert_eq!(quiet.app.audit_size(), size, "once is enough");
    let who = (quiet.administrator, Role::Administrator);
    answer(&quiet.app, review.id, who, ReviewAnswer::Keep, later(51), |_| {}).unwrap();
    assert!(findings(&quiet.app, clinical).is_empty());
    assert!(open_tasks(&quiet.app, review.id, TaskKind::Recertification).is_empty());
}

#[test]
fn nothing_is_cut_while_silence_is_simulated_and_everybody_sees_that_it_was_held_back() {
    let quiet = Quiet::begin();
    let ids = [
        quiet.due("Far", IdentityTier::Critical, |_| {}),
        quiet.due("No patient there", IdentityTier::Critical, |row| row.environment = Environment::Sandbox),
    ];
    let keeps = quiet.due("Little", IdentityTier::Low, |_| {});
    quiet.raise();
    let held = ["0 identities suspended, 0 revoked", "2 identities would have been cut, and silence is only simulated"];
    assert_eq!(quiet.silence(36), held);
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 2]);
    for (id, would) in [(ids[0], "suspended"), (ids[1], "revoked")] {
        let open = review_of(&quiet.app, id);
        assert_eq!((open.state, open.escalated_at), (ReviewState::Open, None), "silence still comes");
        assert_eq!(steps(&quiet.app, open.id).last().unwrap(), "2026-12-29 held_back");
        let found = findings(&quiet.app, id);
        assert_eq!(quiet.rules(id), [FindingRule::SilenceHeldBack]);
        for words in ["Nobody answered by 28 Dec 2026.", would, "On 29 Dec 2026 that was held back", "simulated"] {
            assert!(found[0].says.contains(words), "{words}: {}", found[0].says);
        }
        let top = quiet.asked_at_the_top(id);
        assert_eq!(top.len(), 1);
        assert_eq!((top[0].state, top[0].due_on), (TaskState::Open, day("2027-01-05")));
    }
    let size = quiet.app.audit_size();
    for today in [36, 37, 38] {
        assert_eq!(quiet.silence(today), held);
    }
    assert_eq!(quiet.app.audit_size(), size, "each of it once");
    quiet.silence(59);
    assert_eq!(review_of(&quiet.app, keeps).outcome, Some(ReviewOutcome::SilentKeep), "that cuts nothing");
    let plan = silence::plan(
        &mut quiet.app.register.database.read().unwrap(),
        &quiet.app.register,
        ..=day("2027-01-31"),
        silence::SHOWN,
    );
    let mut would: Vec<&str> = Vec::new();
    let plan = plan.unwrap();
    would.extend(plan.iter().map(|one| one.silence.word()));
    would.sort_unstable();
    assert_eq!(would, ["revoke", "suspend"]);
    let_count(&quiet.app, [quiet.administrator, quiet.other], later(60));
    assert_eq!(quiet.silence(60), ["1 identity suspended, 1 revoked"], "the real silence comes afterwards");
    for id in ids {
        assert!(quiet.rules(id).is_empty(), "the finding ends with the review");
        assert!(quiet.asked_at_the_top(id).iter().all(|task| task.state != TaskState::Open));
    }
}

#[test]
fn what_was_held_back_is_decided_by_somebody_or_cancelled_and_its_finding_ends() {
    let quiet = Quiet::begin();
    let decided = quiet.due("Far", IdentityTier::Critical, |_| {});
    let gone = quiet.due("Going", IdentityTier::Critical, |_| {});
    quiet.raise();
    quiet.silence(36);
    let open = review_of(&quiet.app, decided).id;
    answer(&quiet.app, open, (quiet.other, Role::Administrator), ReviewAnswer::Keep, later(37), |_| {}).unwrap();
    assert!(quiet.rules(decided).is_empty());
    change_identity(&quiet.app, gone, |row| row.state = IdentityState::Revoking);
    quiet.silence(37);
    assert_eq!(review_of(&quiet.app, gone).state, ReviewState::Cancelled);
    assert!(quiet.rules(gone).is_empty());
}

#[test]
fn what_is_held_back_and_then_protected_goes_to_the_administrators_for_ever_and_is_asked_about_once() {
    let quiet = Quiet::begin();
    let id = quiet.due("Far", IdentityTier::Critical, |_| {});
    quiet.raise();
    quiet.silence(36);
    change_identity(&quiet.app, id, |row| row.criticality = Criticality::Clinical);
    let_count(&quiet.app, [quiet.administrator, quiet.other], later(37));
    quiet.silence(37);
    assert_eq!(quiet.states(&[id]), [IdentityState::Active]);
    assert_eq!(review_of(&quiet.app, id).escalated_at, Some(later(37)));
    assert_eq!(quiet.rules(id), [FindingRule::ProtectedReviewUnanswered]);
    assert_eq!(quiet.asked_at_the_top(id).len(), 1);
}

#[test]
fn what_is_protected_no_longer_is_given_back_loudly_and_silence_comes_after_days_of_its_own() {
    let quiet = Quiet::counting();
    let id = quiet.due("Pump", IdentityTier::Critical, |row| row.criticality = Criticality::Clinical);
    quiet.raise();
    quiet.silence(36);
    change_identity(&quiet.app, id, |row| row.criticality = Criticality::Low);
    let said = quiet.silence(37);
    assert!(said[1].contains("silence may stop it now"), "{said:?}");
    let back = review_of(&quiet.app, id);
    assert_eq!((back.escalated_at, back.silence_on), (None, day("2027-01-06")), "seven days");
    assert!(quiet.rules(id).is_empty());
    assert_eq!(told(&quiet.app, &format!("review:{}:given_back:", back.id)).len(), 2);
    quiet.silence(44);
    assert_eq!(quiet.states(&[id]), [IdentityState::Active]);
    assert_eq!(quiet.silence(45)[0], "1 identity suspended, 0 revoked");
}

#[test]
fn a_run_that_would_cut_too_much_stops_names_all_of_it_and_two_people_let_it_go_on() {
    let quiet = Quiet::counting();
    let mut ids: Vec<Id> =
        (0..6).map(|number| quiet.due(&format!("Far {number}"), IdentityTier::High, |_| {})).collect();
    ids.push(quiet.due("Elsewhere", IdentityTier::High, |row| row.environment = Environment::Sandbox));
    quiet.raise();
    let said = quiet.silence(36);
    assert_eq!(said[0], "0 identities suspended, 0 revoked");
    assert!(said[1].starts_with("7 identities were not cut"), "{said:?}");
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 7]);
    let stop = quiet.stop();
    assert_eq!((stop.state, stop.cuts, stop.population), (StopState::Stopped, 6, 6), "the share is that of production");
    assert_eq!(quiet.named(&stop), ids, "and everything that is held back is named");
    let mails = mails_of(&quiet.app, &format!("silence:{}:", stop.id));
    assert_eq!(mails.len(), 4, "whoever keeps the register is told");
    let notice = &mails[0].notice.as_ref().unwrap().0;
    assert_eq!(notice.path, "/reviews/silence", "where all of it is listed");
    let lines = notice.lines.join(" ");
    for words in [
        "6 identities that work or may work in production, of 6 that do: 6 would be suspended. Nothing was cut.",
        "would also have ended the review of 1 other identity, which nobody answered either and which does not work in \
         production: 1 would be revoked.",
        "Far 0, production: would be suspended.",
        "Far 5, ",
        "Elsewhere, sandbox: would be revoked.",
    ] {
        assert!(lines.to_lowercase().contains(&words.to_lowercase()), "{words}: {lines}");
    }
    assert!(!lines.contains("more: the page lists all of them"), "{lines}");
    for id in &ids {
        assert_eq!(quiet.rules(*id), [FindingRule::SilenceHeldBack]);
        assert_eq!(quiet.asked_at_the_top(*id).len(), 1);
    }
    let size = quiet.app.audit_size();
    quiet.silence(36);
    assert_eq!(quiet.app.audit_size(), size, "the same set is not written down twice");
    assert_eq!(quiet.stop().id, stop.id);
    quiet.agrees(quiet.analyst, &stop).unwrap();
    let again = quiet.agrees(quiet.analyst, &quiet.stop());
    assert!(refusal(again).contains("you agreed already"));
    assert!(quiet.silence(36)[1].starts_with("7 identities were not cut"), "one person is not enough");
    let stale = quiet.agrees(quiet.second, &stop);
    assert!(is_conflict(&stale), "{stale:?}");
    quiet.agrees(quiet.second, &quiet.stop()).unwrap();
    assert_eq!(quiet.stop().state, StopState::Agreed);
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 7], "the next run does it");
    assert_eq!(quiet.silence(36), ["6 identities suspended, 1 revoked"]);
    assert_eq!(quiet.states(&ids[..6]), [IdentityState::Suspended; 6]);
    assert!(ids.iter().all(|id| quiet.rules(*id).is_empty()));
    let mut db = quiet.app.register.database.read().unwrap();
    let stops = silence_stops::latest(&mut db, 10).unwrap();
    assert_eq!(stops.len(), 1);
    assert_eq!(
        (stops[0].state, stops[0].first_by_id, stops[0].second_by_id),
        (StopState::Done, Some(quiet.analyst), Some(quiet.second))
    );
}

#[test]
fn the_mail_of_a_stop_names_twenty_those_in_production_first_and_says_how_many_more_there_are() {
    let quiet = Quiet::counting();
    for number in 0..3 {
        quiet.due(&format!("Elsewhere {number}"), IdentityTier::High, |row| row.environment = Environment::Sandbox);
    }
    quiet.many("Far", 19, 36);
    quiet.silence(36);
    let stop = quiet.stop();
    assert_eq!(stop.reviews.0.len(), 22, "the stop itself names all of them");
    let lines = mails_of(&quiet.app, &format!("silence:{}:", stop.id))[0].notice.as_ref().unwrap().0.lines.clone();
    let named = |beginning: &str| lines.iter().filter(|line| line.starts_with(beginning)).count();
    assert_eq!((named("Far "), named("Elsewhere ")), (19, 1), "{lines:?}");
    assert_eq!(named("And 2 more: the page lists all of them."), 1, "{lines:?}");
}

#[test]
fn one_person_with_two_accounts_lets_no_run_go_on() {
    let quiet = Quiet::counting();
    quiet.many("Far", 6, 36);
    // Made before the stop, by an administrator who keeps the register too.
    let register = &quiet.app.register;
    let open = |by: &By, email: &str| {
        let account = Some((Role::SecurityAnalyst, crate::app::PASSWORD));
        muster::actions::people::add(register, by, "Somebody Else", email, account).unwrap()
    };
    let maker = by(quiet.administrator, Role::Administrator, later(1));
    let puppet = open(&maker, "puppet@hospital.example");
    quiet.silence(36);
    let young = open(&By::setup(later(37)), "young@hospital.example");
    let stop = quiet.stop();
    let agrees = |person: Id, role: Role, stop: &SilenceStop, reason: &str| {
        agree(register, &by(person, role, later(38)), stop.id, stop.version, reason)
    };
    let reason = "I read who would lose what";
    let refused = agrees(young, Role::SecurityAnalyst, &stop, reason);
    assert!(refusal(refused).contains("is younger than this"), "not even as the first");
    assert_eq!(fields(agrees(quiet.administrator, Role::Administrator, &stop, "go on")), ["reason"]);
    agrees(quiet.administrator, Role::Administrator, &stop, reason).unwrap();
    let refused = agrees(puppet, Role::SecurityAnalyst, &quiet.stop(), reason);
    assert!(refusal(refused).contains("made the account of the other"));
    assert_eq!(quiet.stop().state, StopState::Stopped);
    agrees(quiet.second, Role::SecurityAnalyst, &quiet.stop(), reason).unwrap();
    assert_eq!(quiet.stop().state, StopState::Agreed);
}

#[test]
fn what_comes_before_anybody_agreed_is_added_and_whoever_read_less_agrees_to_nothing() {
    let quiet = Quiet::counting();
    let first = quiet.many("Far", 6, 36);
    let second = quiet.many("Later", 1, 37);
    quiet.silence(36);
    let read = quiet.stop();
    assert!(quiet.silence(37)[1].starts_with("7 identities were not cut"));
    let grown = quiet.stop();
    assert_eq!((grown.id, grown.cuts), (read.id, 7));
    assert_eq!(quiet.named(&grown), [first, second].concat());
    assert!(is_conflict(&quiet.agrees(quiet.analyst, &read)), "they saw six");
    quiet.agrees(quiet.analyst, &grown).unwrap();
}

#[test]
fn an_agreement_stands_for_what_is_left_of_what_was_read() {
    let quiet = Quiet::counting();
    let ids = quiet.many("Far", 7, 36);
    quiet.silence(36);
    quiet.agrees(quiet.analyst, &quiet.stop()).unwrap();
    let agreed = quiet.stop();
    let answered = review_of(&quiet.app, ids[3]).id;
    answer(&quiet.app, answered, (quiet.owner, Role::Owner), ReviewAnswer::Keep, later(36), |_| {}).unwrap();
    assert!(quiet.silence(37)[1].starts_with("6 identities were not cut"));
    let left = quiet.stop();
    assert_eq!((left.id, left.first_by_id, left.cuts), (agreed.id, Some(quiet.analyst), 6), "nobody's click is lost");
    assert!(!quiet.named(&left).contains(&ids[3]));
    let mut db = quiet.app.register.database.read().unwrap();
    assert!(texts(&mut db, "SELECT action AS value FROM audit_entries").contains(&"silence.shrink".to_owned()));
    drop(db);
    quiet.agrees(quiet.second, &left).unwrap();
    assert_eq!(quiet.silence(37), ["6 identities suspended, 0 revoked"]);
    assert_eq!(now_of(&quiet.app, ids[3]).state, IdentityState::Active);
}

#[test]
fn what_comes_after_somebody_agreed_waits_behind_and_is_judged_by_itself() {
    let quiet = Quiet::counting();
    let first = quiet.many("Far", 6, 36);
    let second = quiet.many("Later", 6, 37);
    quiet.silence(36);
    quiet.agrees(quiet.analyst, &quiet.stop()).unwrap();
    let agreed = quiet.stop();
    assert!(quiet.silence(37)[1].starts_with("12 identities were not cut"));
    assert_eq!(quiet.stop(), agreed, "its set, and what somebody agreed to, stay as they are");
    assert_eq!(quiet.rules(second[0]), [FindingRule::SilenceHeldBack], "those who wait are on record too");
    quiet.agrees(quiet.second, &agreed).unwrap();
    let said = quiet.silence(37);
    assert_eq!(said[0], "6 identities suspended, 0 revoked");
    assert!(said[1].starts_with("6 identities were not cut"), "{said:?}");
    assert_eq!(quiet.states(&first), [IdentityState::Suspended; 6]);
    assert_eq!(quiet.states(&second), [IdentityState::Active; 6], "nobody agreed to these");
    let anew = quiet.stop();
    assert_ne!(anew.id, agreed.id);
    assert_eq!((anew.cuts, anew.first_by_id, anew.state), (6, None, StopState::Stopped));
    assert_eq!(quiet.named(&anew), second);
}

#[test]
fn who_agreed_to_a_suspension_did_not_agree_to_a_revocation() {
    let quiet = Quiet::counting();
    let ids = quiet.many("Far", 7, 36);
    quiet.silence(36);
    quiet.agrees(quiet.analyst, &quiet.stop()).unwrap();
    // In a sandbox it would be revoked.
    change_identity(&quiet.app, ids[0], |row| row.environment = Environment::Sandbox);
    assert!(quiet.silence(37)[1].starts_with("7 identities were not cut"));
    assert_eq!(quiet.named(&quiet.stop()), ids[1..], "it waits behind");
    assert_eq!(quiet.stop().first_by_id, Some(quiet.analyst));
}

#[test]
fn a_stop_of_which_nothing_is_left_ends() {
    let quiet = Quiet::counting();
    let ids = quiet.many("Far", 6, 36);
    quiet.silence(36);
    for id in ids {
        change_identity(&quiet.app, id, |row| row.state = IdentityState::Revoking);
    }
    quiet.silence(37);
    let mut db = quiet.app.register.database.read().unwrap();
    let states: Vec<StopState> = silence_stops::latest(&mut db, 10).unwrap().iter().map(|stop| stop.state).collect();
    assert_eq!(states, [StopState::Dropped]);
}

/// So many more that work in production and are not asked about.
fn others(quiet: &Quiet, count: usize) {
    let others: Vec<Identity> = (0..count)
        .map(|number| {
            let kind = muster::domain::identities::IdentityKind::Token;
            let mut row = Identity::new(kind, &format!("T{number}"), Environment::Production, at(NOW));
            row.state = IdentityState::Active;
            row.next_review_on = Some(day("2027-06-01"));
            row
        })
        .collect();
    let app = &quiet.app;
    app.register.change(&app.setup(), |work| Ok(muster::store::identities::insert_many(work.db, &others)?)).unwrap();
}

#[test]
fn a_handful_is_cut_whatever_the_share_and_a_large_register_allows_more() {
    let quiet = Quiet::counting();
    quiet.many("Far", 5, 36);
    assert_eq!(quiet.silence(36), ["5 identities suspended, 0 revoked"]);
    let large = Quiet::counting();
    large.many("Far", 6, 36);
    others(&large, 294);
    assert_eq!(large.silence(36), ["6 identities suspended, 0 revoked"], "two in a hundred of 300, and no more");
    let smaller = Quiet::counting();
    let ids = smaller.many("Far", 6, 36);
    others(&smaller, 293);
    assert!(smaller.silence(36)[1].starts_with("6 identities were not cut"), "of 299 it is more");
    assert_eq!(smaller.states(&ids), [IdentityState::Active; 6]);
    let one_more = Quiet::counting();
    one_more.many("Far", 7, 36);
    others(&one_more, 293);
    assert!(one_more.silence(36)[1].starts_with("7 identities were not cut"), "and so is one more of 300");
}

#[test]
fn where_nothing_works_in_production_there_is_no_share_and_nothing_of_it_is_cut() {
    let quiet = Quiet::counting();
    for number in 0..7 {
        quiet.due(&format!("Elsewhere {number}"), IdentityTier::High, |row| row.environment = Environment::Sandbox);
    }
    quiet.raise();
    let breaker = Breaker::read(&mut quiet.app.register.database.read().unwrap(), &quiet.app.register, later(36));
    let breaker = breaker.unwrap();
    assert_eq!((breaker.population, breaker.lately), (0, 0));
    assert!(!breaker.stops(0) && !breaker.stops(5) && breaker.stops(6), "of nothing everything is too much");
    let page = quiet.app.sign_in(Role::Auditor).get("/reviews/silence");
    let words = "A run today would cut 0 of 0 identities that work or may work in production.";
    assert!(page.shows(words), "{}", page.readable());
    assert_eq!(quiet.silence(36), ["0 identities suspended, 7 revoked"]);
}

#[test]
fn the_share_is_of_what_works_in_production_or_may_and_of_nothing_else() {
    let quiet = Quiet::begin();
    for environment in Environment::ALL {
        for state in [IdentityState::Active, IdentityState::Suspended] {
            quiet.due(environment.word(), IdentityTier::High, |row| {
                row.environment = *environment;
                row.state = state;
            });
        }
    }
    let breaker = Breaker::read(&mut quiet.app.register.database.read().unwrap(), &quiet.app.register, later(36));
    let may = Environment::ALL.iter().filter(|environment| environment.may_be_production()).count();
    assert_eq!(breaker.unwrap().population, i64::try_from(may).unwrap());
}

#[test]
fn a_run_stops_before_it_cuts_too_much_of_which_nobody_knows_whether_it_works_in_production() {
    let quiet = Quiet::counting();
    let mut ids: Vec<Id> = Vec::new();
    for number in 0..6 {
        let name = format!("Somewhere {number}");
        ids.push(quiet.due(&name, IdentityTier::High, |row| row.environment = Environment::Unknown));
    }
    quiet.raise();
    let said = quiet.silence(36);
    assert_eq!(said[0], "0 identities suspended, 0 revoked");
    assert!(said[1].starts_with("6 identities were not cut"), "{said:?}");
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 6], "unknown is never taken for harmless");
    let stop = quiet.stop();
    assert_eq!((stop.cuts, stop.population), (6, 6));
    assert_eq!(quiet.named(&stop), ids);
    let mails = mails_of(&quiet.app, &format!("silence:{}:", stop.id));
    let lines = &mails[0].notice.as_ref().unwrap().0.lines;
    let words = "Nobody answered the reviews of 6 identities that work or may work in production, of 6 that do: 6 \
                 would be suspended. Nothing was cut.";
    assert_eq!(lines[0], words);
    assert!(!lines[1].contains("other identit"), "{lines:?}");
    let browser = quiet.app.sign_in(Role::Administrator);
    let page = browser.get("/reviews/silence");
    let words = "It would cut 6 of 6 identities that work or may work in production.";
    assert!(page.shows(words), "{}", page.readable());
    assert!(browser.get("/").shows("it would have cut 6 of 6 identities that work or may work in production."));
}

#[test]
fn a_second_stop_waits_until_the_first_has_gone_and_takes_two_people_of_its_own() {
    let quiet = Quiet::counting();
    let first = quiet.many("Far", 6, 36);
    let second = quiet.many("Later", 6, 37);
    quiet.silence(36);
    quiet.agrees(quiet.analyst, &quiet.stop()).unwrap();
    quiet.agrees(quiet.second, &quiet.stop()).unwrap();
    let agreed = quiet.stop();
    // The worker of the next run is lost in the middle of it.
    others_were_asked(&quiet.app);
    let renew = || if suspended(&quiet, &first) == 2 { Err(ActionError::TakenOver) } else { Ok(()) };
    let lost = silence::run(&quiet.app.register, &By::job("apply_silence", later(37)), renew);
    assert!(matches!(lost, Err(ActionError::TakenOver)), "{lost:?}");
    assert_eq!(suspended(&quiet, &first), 2);
    let stop = quiet.stop();
    assert_ne!(stop.id, agreed.id);
    assert_eq!(quiet.named(&stop), second, "what came since is judged by itself");
    quiet.agrees(quiet.analyst, &stop).unwrap();
    let early = quiet.agrees(quiet.second, &quiet.stop());
    assert!(refusal(early).contains("has not gone yet"));
    let said = quiet.silence(38);
    assert_eq!(said[0], "4 identities suspended, 0 revoked", "what is left of the first");
    assert_eq!(quiet.states(&second), [IdentityState::Active; 6]);
    assert_eq!((quiet.stop().id, quiet.stop().first_by_id), (stop.id, Some(quiet.analyst)), "nobody's click is lost");
    quiet.agrees(quiet.second, &quiet.stop()).unwrap();
    assert_eq!(quiet.silence(38), ["6 identities suspended, 0 revoked"]);
    assert_eq!(quiet.states(&second), [IdentityState::Suspended; 6]);
}

#[test]
fn what_nobody_was_asked_about_is_not_cut_as_unanswered_and_whoever_is_asked_then_has_days() {
    let app = TestApp::start();
    let [first, second] = [Role::Administrator; 2].map(|role| app.account(role).0);
    let_count(&app, [first, second], at(NOW));
    let row = identity(&app, "Nobody\u{2019}s", |row| {
        tiered(row, IdentityTier::Critical);
        row.next_review_on = Some(day("2026-11-23"));
    });
    run(&app.register, Job::RaiseRecertifications, NOW);
    let silence = |days| {
        others_were_asked(&app);
        run_at(&app.register, Job::ApplySilence, later(days))
    };
    let nobody = "1 identity was not cut, because nobody is asked about it: somebody has to be found first";
    assert_eq!(silence(36), ["0 identities suspended, 0 revoked", nobody]);
    let held = findings(&app, row.id).into_iter().find(|found| found.rule == FindingRule::SilenceHeldBack).unwrap();
    assert!(held.says.contains("nobody was asked about it then"), "{}", held.says);
    // The administrators are asked then, and they are the first.
    assert_eq!(review_of(&app, row.id).silence_on, day("2027-01-05"));
    assert_eq!(silence(43), ["0 identities suspended, 0 revoked"], "they may answer today");
    assert_eq!(now_of(&app, row.id).state, IdentityState::Active);
    assert_eq!(silence(44), ["1 identity suspended, 0 revoked"]);
}

#[test]
fn what_is_given_back_before_others_were_asked_waits_until_they_are() {
    let quiet = Quiet::counting();
    let id = quiet.due("Pump", IdentityTier::Critical, |row| row.criticality = Criticality::Clinical);
    quiet.raise();
    // The job that asks others stands still.
    let silence = |days| {
        mail_has_left(&quiet.app);
        run_at(&quiet.app.register, Job::ApplySilence, later(days))
    };
    silence(36);
    assert_eq!(review_of(&quiet.app, id).escalated_at, Some(later(36)));
    change_identity(&quiet.app, id, |row| row.criticality = Criticality::Low);
    silence(37);
    let back = review_of(&quiet.app, id);
    assert_eq!((back.escalated_at, back.silence_on), (None, day("2027-01-06")));
    let waits = "1 identity was not cut, because others are to be asked about it first";
    assert_eq!(silence(45), ["0 identities suspended, 0 revoked", waits]);
    assert_eq!(quiet.states(&[id]), [IdentityState::Active]);
}

#[test]
fn what_is_asked_about_again_waits_until_others_were_asked_however_short_its_days_are() {
    let quiet = Quiet::counting();
    let id = quiet.due("Far", IdentityTier::Critical, |row| row.review_interval_days = Some(2));
    quiet.raise();
    let review = review_of(&quiet.app, id).id;
    let on = |reply: &mut super::Reply| reply.revoke_on = "2026-11-25".to_owned();
    answer(&quiet.app, review, (quiet.owner, Role::Owner), ReviewAnswer::Revoke, at(NOW), on).unwrap();
    let reason = muster::domain::reviews::reasons::Reason::finding(Id::new(), "It shares its secret with its twin.");
    let row = now_of(&quiet.app, id);
    let app = &quiet.app;
    app.register.change(&app.setup(), |work| muster::actions::reviews::early::note(work, &row, vec![reason])).unwrap();
    run_at(&app.register, Job::RaiseRecertifications, at(NOW).plus_seconds(3_600));
    let again = review_of(app, id);
    assert_eq!((again.state, again.silence_on), (ReviewState::Open, day("2026-11-23")));
    assert_eq!(again.next_step_on, Some(day("2026-11-23")), "others are to be asked first");
    mail_has_left(app);
    run_at(&app.register, Job::ApplySilence, later(1));
    assert_eq!(quiet.states(&[id]), [IdentityState::Active]);
}

#[test]
fn what_could_not_be_given_its_days_after_a_standstill_gets_them_once_and_puts_off_no_other() {
    let quiet = Quiet::counting();
    let [one, other, after] = [("One", 36), ("Other", 37), ("After", 47)].map(|(name, on)| quiet.many(name, 1, on)[0]);
    let put_off = |id: Id| {
        let taken = steps(&quiet.app, review_of(&quiet.app, id).id);
        taken.into_iter().filter(|step| step.ends_with(" put_off")).collect::<Vec<_>>()
    };
    ran(&quiet.app, Job::ApplySilence, later(34));
    let plant = |statement: &str| quiet.app.register.database.read().unwrap().execute(statement).unwrap();
    plant("CREATE UNIQUE INDEX planted ON reviews (silence_on)");
    // Five days were lost. Both would get until 7 January, and only one can.
    let nothing = "0 identities suspended, 0 revoked";
    let more = "1 identity got more days to be answered, because silence was not counted for a while";
    let owed = "1 identity could not be given the days on which nothing ran, so it is not cut and that is tried again; \
                the log says why";
    assert_eq!(walked(&quiet, 40), [nothing, more, owed]);
    assert_eq!(review_of(&quiet.app, one).silence_on, day("2027-01-07"));
    // It fails once more on the next day: that day something ran, so whose day comes then has no more.
    assert_eq!(walked(&quiet, 41), [nothing, owed], "the run is done, and it fails no more than that");
    assert_eq!(quiet.states(&[one, other, after]), [IdentityState::Active; 3]);
    assert_eq!((put_off(one).len(), put_off(other).len(), put_off(after).len()), (1, 0, 0));
    assert_eq!(review_of(&quiet.app, after).silence_on, day("2027-01-08"));
    plant("DROP INDEX planted");
    assert_eq!(walked(&quiet, 42), [nothing, more]);
    assert_eq!(review_of(&quiet.app, other).silence_on, day("2027-01-09"), "five days from when it gets them");
    for days in 43..=45 {
        assert_eq!(walked(&quiet, days), [nothing], "{days}");
    }
    let suspended = "1 identity suspended, 0 revoked";
    for (days, id) in [(46, one), (47, after), (48, other)] {
        assert_eq!(walked(&quiet, days), [suspended], "{days}");
        assert_eq!(quiet.states(&[id]), [IdentityState::Suspended], "{days}");
    }
    assert_eq!([put_off(one), put_off(other)], [["2027-01-02 put_off"], ["2027-01-04 put_off"]], "once for each");
    assert!(put_off(after).is_empty(), "its day was none of those on which nothing ran");
}

#[test]
fn what_is_owed_days_gets_as_many_as_a_later_and_longer_standstill_cost_also_where_that_fails_again() {
    let quiet = Quiet::counting();
    let [one, other, _] = [("One", 36), ("Other", 37), ("After", 56)].map(|(name, on)| quiet.many(name, 1, on)[0]);
    let owed = || silence_owed::all(&mut quiet.app.register.database.read().unwrap()).unwrap();
    let review = review_of(&quiet.app, other).id;
    ran(&quiet.app, Job::ApplySilence, later(34));
    let plant = |statement: &str| quiet.app.register.database.read().unwrap().execute(statement).unwrap();
    plant("CREATE UNIQUE INDEX planted ON reviews (silence_on)");
    // Five days were lost. Both would get until 7 January, and only one can.
    walked(&quiet, 40);
    assert_eq!(review_of(&quiet.app, one).silence_on, day("2027-01-07"));
    assert_eq!(owed(), [Owed { review, from: day("2026-12-27"), days: 5 }]);
    // Seven more were lost. It would get until 17 January, which another has.
    assert_eq!(walked(&quiet, 48)[0], "1 identity suspended, 0 revoked");
    assert_eq!(quiet.states(&[one, other]), [IdentityState::Suspended, IdentityState::Active]);
    assert_eq!(owed(), [Owed { review, from: day("2026-12-27"), days: 7 }]);
    plant("DROP INDEX planted");
    walked(&quiet, 49);
    assert_eq!(review_of(&quiet.app, other).silence_on, day("2027-01-18"), "seven days from when it gets them");
    assert!(owed().is_empty());
}

#[test]
fn the_log_says_which_reviews_are_owed_days_since_and_which_no_longer_and_not_all_of_them_each_time() {
    let quiet = Quiet::counting();
    let ids = [("One", 36), ("Two", 37), ("Three", 38)].map(|(name, on)| quiet.many(name, 1, on)[0]);
    let [one, two, three] = ids.map(|id| review_of(&quiet.app, id).id.to_string());
    ran(&quiet.app, Job::ApplySilence, later(34));
    let statement = "CREATE UNIQUE INDEX planted ON reviews (silence_on)";
    quiet.app.register.database.read().unwrap().execute(statement).unwrap();
    // Of three that would get until one day, one can: the first, and on the next day the second.
    walked(&quiet, 40);
    walked(&quiet, 41);
    let noted = entries(&quiet.app, "job.owe_days");
    assert_eq!(noted.len(), 2, "{noted:?}");
    let says = |entry: &str| {
        [r#""before":"#, r#""after":"#, one.as_str(), two.as_str(), three.as_str()].map(|words| entry.contains(words))
    };
    assert_eq!(says(&noted[0]), [false, true, false, true, true], "two came: {}", noted[0]);
    assert_eq!(says(&noted[1]), [true, false, false, true, false], "one went: {}", noted[1]);
}

#[test]
fn where_what_is_owed_cannot_be_read_nothing_is_cut_and_no_day_is_lost() {
    let quiet = Quiet::counting();
    let ids = [quiet.many("One", 1, 36), quiet.many("Other", 1, 37)].concat();
    others_were_asked(&quiet.app);
    ran(&quiet.app, Job::ApplySilence, later(34));
    let plant = |statement: &str| quiet.app.register.database.read().unwrap().execute(statement).unwrap();
    plant("INSERT INTO settings (name, value) VALUES ('silence_owes_days', 'damaged')");
    let failed = silence::run(&quiet.app.register, &By::job("apply_silence", later(40)), || Ok(()));
    assert!(failed.is_err(), "{failed:?}");
    plant("DELETE FROM settings WHERE name = 'silence_owes_days'");
    let more = "2 identities got more days to be answered, because silence was not counted for a while";
    assert_eq!(quiet.silence(41), ["0 identities suspended, 0 revoked", more]);
    assert_eq!(quiet.states(&ids), [IdentityState::Active; 2]);
}

#[test]
fn many_small_runs_cut_no_more_than_a_large_one_within_thirty_days() {
    let quiet = Quiet::counting();
    quiet.many("Far", 6, 36);
    let more = quiet.many("One more", 1, 37);
    let much_later = quiet.many("Much later", 1, 70);
    others(&quiet, 292);
    let lately = |days: i64| {
        let mut db = quiet.app.register.database.read().unwrap();
        Breaker::read(&mut db, &quiet.app.register, later(days)).unwrap().lately
    };
    assert_eq!(quiet.silence(36), ["6 identities suspended, 0 revoked"]);
    assert_eq!(lately(37), 6);
    assert!(quiet.silence(37)[1].starts_with("1 identity was not cut"), "the share of thirty days is used up");
    assert_eq!(quiet.named(&quiet.stop()), more);
    quiet.agrees(quiet.analyst, &quiet.stop()).unwrap();
    quiet.agrees(quiet.second, &quiet.stop()).unwrap();
    assert_eq!(quiet.silence(38), ["1 identity suspended, 0 revoked"]);
    assert_eq!(lately(39), 6, "what two people looked at uses up none of it");
    assert_eq!(lately(67), 0);
    assert_eq!(quiet.silence(70), ["1 identity suspended, 0 revoked"]);
    assert_eq!(quiet.states(&much_later), [IdentityState::Suspended]);
}

#[test]
fn what_was_cut_lately_is_what_worked_and_may_have_worked_in_production() {
    let quiet = Quiet::counting();
    let ids = [Environment::Production, Environment::Unknown, Environment::Sandbox, Environment::Production]
        .map(|environment| quiet.due(environment.word(), IdentityTier::High, |row| row.environment = environment));
    quiet.raise();
    change_identity(&quiet.app, ids[3], |row| {
        row.state = IdentityState::Suspended;
        row.state_changed_at = later(1);
    });
    let lately = || {
        let mut db = quiet.app.register.database.read().unwrap();
        Breaker::read(&mut db, &quiet.app.register, later(37)).unwrap().lately
    };
    assert_eq!(lately(), 0);
    let stays = "1 identity stays suspended, and loses nothing more";
    assert_eq!(quiet.silence(36), ["2 identities suspended, 1 revoked", stays]);
    assert_eq!(lately(), 2, "not the sandbox, and not what was suspended already and stayed so");
    change_identity(&quiet.app, ids[3], |row| row.state_changed_at = later(37));
    assert_eq!(lately(), 2, "whatever became of it since: its review says that it lost nothing");
    // Reviews of earlier versions do not say so.
    let forgotten = "UPDATE reviews SET ended_because = NULL WHERE outcome = 'silent_suspend'";
    quiet.app.register.database.read().unwrap().execute(forgotten).unwrap();
    assert_eq!(lately(), 3, "that errs on the careful side");
}

#[test]
fn what_is_suspended_already_stays_so_and_needs_no_two_people_even_while_silence_is_simulated() {
    let quiet = Quiet::begin();
    let ids = quiet.many("Far", 7, 36);
    for id in &ids {
        change_identity(&quiet.app, *id, |row| {
            row.state = IdentityState::Suspended;
            row.state_cause = StateCause::Expired;
            row.state_changed_at = later(1);
        });
    }
    let stay = "7 identities stay suspended, and lose nothing more";
    assert_eq!(quiet.silence(36), ["0 identities suspended, 0 revoked", stay]);
    for id in &ids {
        let row = now_of(&quiet.app, *id);
        let state = (row.state, row.state_cause, row.state_changed_at);
        assert_eq!(state, (IdentityState::Suspended, StateCause::Expired, later(1)), "as it was");
        // Thirty days after 29 December.
        assert_eq!(row.next_review_on, Some(day("2027-01-28")));
        let ended = review_of(&quiet.app, *id);
        assert_eq!((ended.state, ended.outcome), (ReviewState::Remediating, Some(ReviewOutcome::SilentSuspend)));
        assert_eq!(ended.ended_because.as_deref(), Some("it was suspended already and stays so"));
        assert_eq!(steps(&quiet.app, ended.id).last().unwrap(), "2026-12-29 silence", "and not held back");
        assert!(quiet.rules(*id).is_empty() && quiet.asked_at_the_top(*id).is_empty());
        assert!(mails_of(&quiet.app, "silence:").is_empty(), "nobody lost anything");
        let stopping: Vec<String> = tasks_about(&quiet.app, *id)
            .into_iter()
            .filter(|task| task.kind == TaskKind::Offboarding && task.state == TaskState::Open)
            .map(|task| task.reason)
            .collect();
        assert!(stopping.len() == 1 && stopping[0].contains("until 29 Dec 2026"), "{stopping:?}");
    }
    let mut db = quiet.app.register.database.read().unwrap();
    let says = texts(&mut db, "SELECT says AS value FROM review_steps WHERE step = 'silence'");
    let words = "It is suspended since 24 Nov 2026 and stays so: it loses nothing more.";
    assert!(says.len() == 7 && says.iter().all(|says| says.contains(words)), "{says:?}");
    let actions = texts(&mut db, "SELECT action AS value FROM audit_entries");
    for action in ["identity.suspend", "silence.stop", "review.hold_back"] {
        assert!(!actions.contains(&action.to_owned()), "{action}");
    }
    drop(db);
    assert_eq!(quiet.silence(37), ["0 identities suspended, 0 revoked"]);
}

/// Silence as the command line runs it, as if the clock showed another day.
fn walked(quiet: &Quiet, days: i64) -> Vec<String> {
    others_were_asked(&quiet.app);
    let register = &quiet.app.register;
    let run = runs::begin(register, &By::command("jobs run", register.now()), Job::ApplySilence, later(days)).unwrap();
    scheduler::finish(register, run, &By::job("apply_silence", later(days))).unwrap().unwrap().lines
}

#[test]
fn a_register_that_is_walked_day_by_day_stands_still_nowhere() {
    let quiet = Quiet::counting();
    let id = quiet.many("Far", 1, 36)[0];
    for days in 33..=36 {
        walked(&quiet, days);
    }
    let taken = steps(&quiet.app, review_of(&quiet.app, id).id);
    assert!(!taken.iter().any(|step| step.contains("put_off")), "{taken:?}");
    assert_eq!(quiet.states(&[id]), [IdentityState::Suspended]);
}

#[test]
fn a_run_as_of_another_day_neither_makes_a_standstill_nor_hides_one() {
    let quiet = Quiet::counting();
    let id = quiet.many("Far", 1, 36)[0];
    ran(&quiet.app, Job::ApplySilence, later(35));
    walked(&quiet, 20);
    assert_eq!(quiet.silence(36), ["1 identity suspended, 0 revoked"], "it ran the day before");
    assert_eq!(quiet.states(&[id]), [IdentityState::Suspended]);
    let stood = Quiet::counting();
    let id = stood.many("Far", 1, 36)[0];
    ran(&stood.app, Job::ApplySilence, later(30));
    for days in [24, 60] {
        let register = &stood.app.register;
        let command = By::command("jobs run", register.now());
        let run = runs::begin(register, &command, Job::ApplySilence, later(days)).unwrap();
        runs::finish(register, run, Ok(runs::JobReport::default()), register.now()).unwrap();
    }
    let more = "1 identity got more days to be answered, because silence was not counted for a while";
    assert_eq!(stood.silence(36), ["0 identities suspended, 0 revoked", more]);
    assert_eq!(stood.states(&[id]), [IdentityState::Active]);
}
