//! A quarter of simulated time over the demonstration's hospital: a campaign from its first day to its last, people
//! who answer in every way and people who never do, every job at its hour, and at the end nothing unaccounted for.

use std::collections::{BTreeMap, BTreeSet};

use muster::actions::campaigns::select::Chosen;
use muster::actions::campaigns::{make, open, report};
use muster::actions::reviews::prove::attest;
use muster::actions::reviews::silence::agree;
use muster::actions::reviews::together::{self, Seen};
use muster::actions::{By, demo, imports, tasks as answers};
use muster::domain::identities::{AccessBasis, Environment, IdentityState, RevocationMethod};
use muster::domain::ids::{Id, Moment};
use muster::domain::jobs::Job;
use muster::domain::notices::{MailKind, MailState};
use muster::domain::people::Role;
use muster::domain::reaching::IdentityTier;
use muster::domain::reviews::campaigns::{CampaignState, Typed};
use muster::domain::reviews::narrowing::pieces;
use muster::domain::reviews::silence::StopState;
use muster::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewProof, ReviewState, ReviewStep};
use muster::domain::tasks::{AssigneeGroup, TaskAnswer, TaskKind, TaskState};
use muster::store::audit_check;
use muster::store::campaigns;
use muster::store::identities::{self, Identity};
use muster::store::identity_parts::{self as parts, RevocationPath};
use muster::store::people;
use muster::store::review_decisions;
use muster::store::review_reasons;
use muster::store::review_steps;
use muster::store::reviews::{self as stored, Review};
use muster::store::silence_stops;
use serde_json::json;

use super::{
    BOTH, Loaded, NAMES, Reply, answer, by, decide, decisions, later, let_count, loaded, mails_of, open_tasks, ran,
    reply, reply_to, run_at, tasks_of, tiered, told,
};
use crate::app::{NOW, TestApp, at};
use crate::imports::{client, realm, upload};
use crate::jobs::{day, identity, kept_by, owned_by};

/// The last day of the walk.
const DAYS: i64 = 92;

/// What runs every morning, in this order.
const MORNING: [Job; 8] = [
    Job::RaiseRecertifications,
    Job::RaiseOffboardings,
    Job::ExpireIdentities,
    Job::MoveTasks,
    Job::EscalateReviews,
    Job::ApplySilence,
    Job::ApplyReviews,
    Job::AdvanceCampaigns,
];

/// Days on which somebody goes through what waits for proof.
const PROVING: [i64; 4] = [45, 60, 75, 88];

/// Days on which nothing runs: the days of what reaches little pass meanwhile, and whoever is asked has days more.
const STANDSTILL: [i64; 2] = [49, 50];

/// The day on which two administrators let silence count: what it reached before was held back.
const COUNTED: i64 = 40;

/// The day on which a file is brought that shows one client switched off.
const IMPORTED: i64 = 40;

/// How a reviewer behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Keeps,
    Narrows,
    Revokes,
    AsksThenKeeps,
    PassesThenKeeps,
    KeepsThenRevokes,
    Together,
    Silent,
}

const SCRIPTS: [Script; 8] = [
    Script::Keeps,
    Script::Narrows,
    Script::Revokes,
    Script::AsksThenKeeps,
    Script::PassesThenKeeps,
    Script::KeepsThenRevokes,
    Script::Silent,
    Script::Keeps,
];

/// One item of the campaign, how its reviewer behaves and on which day.
struct Part {
    review: Id,
    script: Script,
    on: i64,
}

struct Quarter {
    app: TestApp,
    owner: (Id, String),
    colleague: (Id, String),
    analyst: Id,
    second: Id,
    administrator: Id,
    other_administrator: Id,
}

impl Quarter {
    /// The demonstration, somebody for each role, and an identity for each way in which a review can end.
    fn begin() -> Self {
        let app = TestApp::start();
        demo::fill(&app.register).unwrap();
        let_everybody_in(&app);
        let [owner, technical, colleague] = [Role::Owner; 3].map(|role| app.account(role));
        let [analyst, second] = [Role::SecurityAnalyst; 2].map(|role| app.account(role).0);
        let [administrator, other_administrator] = [Role::Administrator; 2].map(|role| app.account(role).0);
        let add = |name: &str, tier, change: &dyn Fn(&mut Identity)| {
            let row = identity(&app, name, |row| {
                tiered(row, tier);
                row.next_review_on = Some(day("2027-01-20"));
                row.access_basis = Some(AccessBasis::InternalOperations);
                owned_by(row, owner.0);
                kept_by(row, technical.0);
                change(row);
            });
            row.id
        };
        add("Quarter, silent and kept", IdentityTier::Low, &|_| {});
        add("Quarter, silent and suspended", IdentityTier::Critical, &|_| {});
        add("Quarter, silent and revoked", IdentityTier::Critical, &|row| row.environment = Environment::Sandbox);
        add("Quarter, silent and escalated", IdentityTier::Critical, &|row| {
            row.access_basis = Some(AccessBasis::PatientDirected);
        });
        let narrowed = add("Quarter, narrowed", IdentityTier::High, &|_| {});
        crate::approvals::approved(&app, narrowed, &[BOTH, NAMES]);
        for name in ["Quarter, together one", "Quarter, together two"] {
            let id = add(name, IdentityTier::Low, &|row| {
                row.last_used_at = Some(at(NOW).plus_days(-3));
                row.last_used_source = Some("the gateway\u{2019}s log".to_owned());
            });
            crate::approvals::approved(&app, id, &["patient/Appointment.rs"]);
            let path = RevocationPath {
                identity_id: id,
                method: RevocationMethod::ClientDelete,
                steps: "Delete the client, ask for a token.".to_owned(),
                contact: "Platform team on call".to_owned(),
                proved_at: Some(at(NOW).plus_days(-20)),
                proof: Some("Rehearsed in the sandbox; refused.".to_owned()),
                updated_at: at(NOW).plus_days(-20),
                version: 1,
            };
            app.register.change(&app.setup(), |work| Ok(parts::insert_revocation_path(work.db, &path)?)).unwrap();
        }
        let quarter = Self { owner, colleague, analyst, second, administrator, other_administrator, app };
        quarter.bring(true, at(NOW));
        quarter
    }

    /// Brings a file in which the one client is switched on or off.
    fn bring(&self, enabled: bool, now: Moment) {
        let mut client = client("quarter");
        client["enabled"] = json!(enabled);
        let by = By::setup(now);
        let import = imports::preview(&self.app.register, &by, upload(realm(&[client]))).unwrap();
        imports::apply(&self.app.register, &by, import).unwrap();
    }

    /// A campaign about everything, begun on the first day.
    fn campaign(&self) -> Id {
        let keeper = by(self.analyst, Role::SecurityAnalyst, at(NOW));
        let typed = Typed {
            name: "The quarter",
            why: "Everything is looked at once a quarter.",
            due_on: "2026-12-14",
            due_by: "",
            filter: "all",
        };
        let wanted = make::wanted(&self.app.register, &keeper, typed).unwrap();
        let campaign = make::make(&self.app.register, &keeper, &wanted).unwrap();
        open::open(&self.app.register, &keeper, campaign, 1, &Chosen::default()).unwrap();
        run_at(&self.app.register, Job::AdvanceCampaigns, at(NOW));
        campaign
    }

    /// How each reviewer of the campaign behaves.
    fn parts(&self, campaign: Id) -> Vec<Part> {
        let items = campaigns::items(&mut self.app.register.database.read().unwrap(), campaign, 0, 1_000).unwrap();
        let asked = items.into_iter().filter_map(|item| item.review_id.map(|review| (item.name, review)));
        (0_i64..)
            .zip(asked)
            .map(|(number, (name, review))| {
                let script = match name.as_str() {
                    name if name.starts_with("Quarter, silent") => Script::Silent,
                    name if name.starts_with("Quarter, together") => Script::Together,
                    "Quarter, narrowed" => Script::Narrows,
                    "App quarter" => Script::Revokes,
                    _ => SCRIPTS[usize::try_from(number).unwrap() % SCRIPTS.len()],
                };
                Part { review, script, on: 1 + number % 15 }
            })
            .collect()
    }

    fn role_of(&self, person: Id) -> Role {
        let account = people::account(&mut self.app.register.database.read().unwrap(), person).unwrap();
        account.map_or(Role::Owner, |account| account.role)
    }

    /// Whoever is asked about a review and may decide it.
    fn decider(&self, loaded: &Loaded) -> (Id, Role) {
        let task = loaded.asking().next();
        match task.map(|task| (task.assignee_id, task.assignee_group)) {
            Some((Some(person), _)) => (person, self.role_of(person)),
            Some((_, Some(AssigneeGroup::SecurityAnalysts))) => (self.analyst, Role::SecurityAnalyst),
            _ => (self.administrator, Role::Administrator),
        }
    }

    /// A review as whoever opens its page finds it, where somebody can still decide it.
    fn open(&self, review: Id, now: Moment) -> Option<Loaded> {
        let loaded = loaded(&self.app, review, now);
        let works = matches!(loaded.identity.state, IdentityState::Active | IdentityState::Suspended);
        (loaded.review.state == ReviewState::Open && works).then_some(loaded)
    }

    /// Somebody answers what they opened.
    fn say(
        &self,
        loaded: &Loaded,
        (person, role): (Id, Role),
        said: ReviewAnswer,
        now: Moment,
        change: impl FnOnce(&mut Reply),
    ) {
        let mut reply = reply_to(&self.app, loaded, said);
        change(&mut reply);
        decide(&self.app.register, &by(person, role, now), &reply).unwrap();
    }

    fn decide(&self, review: Id, said: ReviewAnswer, now: Moment, change: impl FnOnce(&mut Reply)) {
        if let Some(loaded) = self.open(review, now) {
            self.say(&loaded, self.decider(&loaded), said, now, change);
        }
    }

    /// What the reviewer of one item does on a day.
    fn act(&self, part: &Part, today: i64) {
        let now = later(today).plus_seconds(3_600);
        let date = |days: i64| self.app.register.day(now.plus_days(days)).to_string();
        match (part.script, today - part.on) {
            (Script::Keeps, 0) | (Script::PassesThenKeeps, 2) | (Script::AsksThenKeeps, 4) => {
                self.decide(part.review, ReviewAnswer::Keep, now, |_| {});
            }
            (Script::Narrows, 0) => {
                let Some(loaded) = self.open(part.review, now) else { return };
                let (who, held) = (self.decider(&loaded), loaded.holds().stays().to_vec());
                let mut all: Vec<String> = pieces(&held).into_iter().map(|piece| piece.scope).collect();
                all.sort_unstable();
                all.dedup();
                let less = all.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default();
                if less.is_empty() {
                    self.say(&loaded, who, ReviewAnswer::Keep, now, |_| {});
                } else {
                    self.say(&loaded, who, ReviewAnswer::Narrow, now, |reply| reply.keep = less);
                }
            }
            (Script::Revokes, 0) => {
                self.decide(part.review, ReviewAnswer::Revoke, now, |reply| reply.revoke_on = date(10));
            }
            (Script::AsksThenKeeps, 0) => self.decide(part.review, ReviewAnswer::DontKnow, now, |_| {}),
            (Script::AsksThenKeeps, 2) => self.tell_what_is_known(part.review, now),
            (Script::PassesThenKeeps, 0) => {
                let Some(loaded) = self.open(part.review, now) else { return };
                // Whoever is asked already passes it on to somebody else.
                let who = self.decider(&loaded);
                let name = if who.0 == self.colleague.0 { &self.owner.1 } else { &self.colleague.1 };
                self.say(&loaded, who, ReviewAnswer::Reassign, now, |reply| reply.somebody.clone_from(name));
            }
            (Script::KeepsThenRevokes, 0) => {
                let Some(loaded) = self.open(part.review, now) else { return };
                let who = self.decider(&loaded);
                self.say(&loaded, who, ReviewAnswer::Keep, now, |_| {});
                let minutes = now.plus_seconds(600);
                answer(&self.app, part.review, who, ReviewAnswer::Revoke, minutes, |reply| reply.revoke_on = date(5))
                    .unwrap();
            }
            _ => {}
        }
    }

    /// Whoever was asked what they know writes it.
    fn tell_what_is_known(&self, review: Id, now: Moment) {
        for task in open_tasks(&self.app, review, TaskKind::ReviewQuestion) {
            let identity = super::now_of(&self.app, task.identity_id.unwrap());
            let who = match task.assignee_id {
                Some(person) => by(person, self.role_of(person), now),
                None => by(self.analyst, Role::SecurityAnalyst, now),
            };
            let known = answers::Reply {
                task: task.id,
                version: task.version,
                identity_version: identity.version,
                answer: Some(TaskAnswer::Done),
                reason: "It runs every night and fills the bed board".to_owned(),
                until: String::new(),
                somebody: String::new(),
            };
            answers::answer(&self.app.register, &who, &known).unwrap();
        }
    }

    /// The owner keeps with one answer what may be kept so.
    fn keep_together(&self, now: Moment) {
        let owner = by(self.owner.0, Role::Owner, now);
        let seen: Vec<Seen> = {
            let mut db = self.app.register.database.read().unwrap();
            let mine = together::mine(&mut db, &self.app.register, &owner, None).unwrap();
            mine.iter()
                .filter(|one| one.alone.is_none())
                .map(|one| Seen {
                    review: one.loaded.review.id,
                    version: one.loaded.review.version,
                    identity_version: one.loaded.identity.version,
                    digest: one.sheet.digest(),
                })
                .collect()
        };
        assert_eq!(seen.len(), 2);
        assert_eq!(together::keep(&self.app.register, &owner, None, &seen, "keep 2").unwrap(), 2);
    }

    /// Two people let a run go on that stopped.
    fn let_it_go_on(&self, now: Moment) {
        for person in [self.analyst, self.second] {
            let stop = silence_stops::waiting(&mut self.app.register.database.read().unwrap()).unwrap();
            let Some(stop) = stop.filter(|stop| stop.state == StopState::Stopped) else { return };
            let who = by(person, Role::SecurityAnalyst, now);
            agree(&self.app.register, &who, stop.id, stop.version, "we read who would lose what").unwrap();
        }
    }

    /// An administrator decides what silence may not end.
    fn decide_escalated(&self, parts: &[Part], now: Moment) {
        let ids: Vec<Id> = parts.iter().map(|part| part.review).collect();
        let found = stored::find_many(&mut self.app.register.database.read().unwrap(), &ids).unwrap();
        let escalated: BTreeSet<Id> =
            found.into_iter().filter(|one| one.escalated_at.is_some()).map(|one| one.id).collect();
        for part in parts.iter().filter(|part| escalated.contains(&part.review)) {
            if let Some(loaded) = self.open(part.review, now) {
                self.say(&loaded, (self.administrator, Role::Administrator), ReviewAnswer::Keep, now, |_| {});
            }
        }
    }

    /// Somebody who did not decide it writes what they saw, about everything that waits for that.
    fn prove(&self, now: Moment) {
        for waits in self.every_review().into_iter().filter(|one| one.state == ReviewState::Remediating) {
            let decided = decisions(&self.app, waits.id);
            let decider = decided.iter().find(|one| Some(one.id) == waits.decision_id).map(|one| one.decided_by_id);
            let who = if decider == Some(self.second) { self.analyst } else { self.second };
            let who = by(who, Role::SecurityAnalyst, now);
            attest(&self.app.register, &who, waits.id, waits.version, "Looked at in the console; it was refused.")
                .unwrap();
        }
    }

    fn every_review(&self) -> Vec<Review> {
        let mut db = self.app.register.database.read().unwrap();
        let all = identities::chunk_after(&mut db, None, 100_000).unwrap();
        all.iter().flat_map(|identity| stored::about(&mut db, identity.id).unwrap()).collect()
    }
}

/// Everybody of the demonstration can sign in: whoever could not would be asked nothing.
fn let_everybody_in(app: &TestApp) {
    app.register
        .change(&app.setup(), |work| {
            for person in people::all(work.db)? {
                if people::account(work.db, person.id)?.is_none() {
                    people::insert_account(work.db, &people::Account::new(person.id, Role::Owner, at(NOW)))?;
                    work.record::<()>("account.open", "account", person.id, None, None);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_quarter_of_simulated_time_raises_reminds_escalates_applies_and_closes() {
    let quarter = Quarter::begin();
    let register = &quarter.app.register;
    run_at(register, Job::RaiseRecertifications, at(NOW));
    let campaign = quarter.campaign();
    let parts = quarter.parts(campaign);
    assert!(parts.len() > 100, "{}", parts.len());
    for today in 0..=DAYS {
        if STANDSTILL.contains(&today) {
            continue;
        }
        for job in MORNING {
            run_at(register, job, later(today));
        }
        ran(&quarter.app, Job::ApplySilence, later(today));
        let now = later(today).plus_seconds(3_600);
        if today == 3 {
            quarter.keep_together(now);
        }
        for part in parts.iter().filter(|part| (0..=4).contains(&(today - part.on))) {
            quarter.act(part, today);
        }
        if today == COUNTED {
            let_count(&quarter.app, [quarter.administrator, quarter.other_administrator], now);
        }
        quarter.let_it_go_on(now);
        if today > 35 {
            quarter.decide_escalated(&parts, now);
        }
        if today == IMPORTED {
            quarter.bring(false, now);
        }
        if PROVING.contains(&today) {
            quarter.prove(now);
        }
        // When nobody can correct it any more, and in the evening.
        run_at(register, Job::ApplyReviews, later(today).plus_seconds(3 * 3_600));
        run_at(register, Job::AdvanceCampaigns, later(today).plus_seconds(3 * 3_600));
        run_at(register, Job::SendMail, later(today).plus_seconds(4 * 3_600));
    }
    // From here on nothing changes any more.
    let every = quarter.every_review();
    check_every_way(&quarter, &every);
    check_the_campaign(&quarter, campaign);
    check_the_reviews(&quarter, &every);
    check_the_mail(&quarter, &every);
    audit_check::verify(&mut register.database.read().unwrap()).unwrap();
}

fn all<T: Copy + Ord>(values: &[T]) -> BTreeSet<T> {
    values.iter().copied().collect()
}

/// Every way in which a review can end, every step and every proof occurred.
fn check_every_way(quarter: &Quarter, every: &[Review]) {
    let outcomes: BTreeSet<ReviewOutcome> = every.iter().filter_map(|one| one.outcome).collect();
    assert_eq!(outcomes, all(ReviewOutcome::ALL));
    let ids: Vec<Id> = every.iter().map(|one| one.id).collect();
    let mut db = quarter.app.register.database.read().unwrap();
    let steps: BTreeSet<ReviewStep> =
        review_steps::of_reviews(&mut db, &ids).unwrap().into_iter().map(|taken| taken.step).collect();
    assert_eq!(steps, all(ReviewStep::ALL));
    let proofs: BTreeSet<ReviewProof> = every.iter().filter_map(|one| one.proof).collect();
    assert_eq!(proofs, BTreeSet::from([ReviewProof::Observed, ReviewProof::Attested]));
    let given = review_decisions::of_reviews(&mut db, &ids).unwrap();
    let said: BTreeSet<ReviewAnswer> = given.iter().map(|one| one.answer).collect();
    assert_eq!(said, all(ReviewAnswer::ALL));
    assert!(given.iter().any(|one| one.together_id.is_some()), "some were kept together");
    assert!(given.iter().any(|one| one.supersedes_id.is_some()), "some were corrected");
    for decision in given {
        assert_eq!(decision.sheet.0.digest(), decision.digest, "what its giver read is what was kept");
        assert_eq!(decision.digest.len(), 64);
    }
}

/// The campaign has ended, and each of its items is told of once, with what became of it.
fn check_the_campaign(quarter: &Quarter, campaign: Id) {
    let mut db = quarter.app.register.database.read().unwrap();
    let rows = report::rows(&mut db, campaign, 0).unwrap();
    let items = campaigns::items(&mut db, campaign, 0, 1_000).unwrap();
    let counts = campaigns::counts(&mut db, campaign).unwrap();
    let open: Vec<String> = rows
        .iter()
        .filter(|row| row.review.as_ref().is_some_and(|one| one.closed_at.is_none()))
        .map(|row| format!("{}: {}", row.item.name, row.outcome()))
        .collect();
    assert_eq!(open, Vec::<String>::new(), "{counts:?}");
    let ended = campaigns::find(&mut db, campaign).unwrap();
    assert_eq!(ended.state, CampaignState::Closed, "{counts:?}");
    assert!(ended.ended_at.is_some());
    assert_eq!(rows.len(), items.len());
    let told: BTreeSet<Id> = rows.iter().map(|row| row.item.identity_id).collect();
    assert_eq!(told.len(), rows.len(), "each once");
    for row in &rows {
        match (&row.item.excluded, &row.review) {
            (Some(_), None) => assert!(row.outcome().starts_with("Left out: ")),
            (None, Some(review)) => {
                assert!(matches!(review.state, ReviewState::Closed | ReviewState::Cancelled), "{}", row.item.name);
                assert_eq!(review.campaign_id, Some(campaign));
                assert_eq!(row.item.review_id, Some(review.id));
                assert_ne!(row.outcome(), "Not answered yet");
            }
            other => panic!("{}: {other:?}", row.item.name),
        }
    }
}

/// No review is in a state that its rows contradict.
fn check_the_reviews(quarter: &Quarter, every: &[Review]) {
    let mut live: BTreeMap<Id, usize> = BTreeMap::new();
    for review in every {
        let id = review.id;
        let tasks = tasks_of(&quarter.app, id);
        let asks = |kinds: &[TaskKind]| {
            tasks.iter().filter(|task| task.state == TaskState::Open && kinds.contains(&task.kind)).count()
        };
        let asking = asks(&[TaskKind::Recertification, TaskKind::ReviewerMissing]);
        let given = decisions(&quarter.app, id);
        let standing = given.iter().find(|one| Some(one.id) == review.decision_id);
        match review.state {
            ReviewState::Open => {
                *live.entry(review.identity_id).or_default() += 1;
                assert!(asking > 0, "{id}: nobody is asked");
                // What was to be switched off on a later day is asked about again when it reaches further.
                assert!(given.iter().all(|one| !one.answer.decides() || one.answer == ReviewAnswer::Revoke), "{id}");
            }
            ReviewState::Decided => {
                *live.entry(review.identity_id).or_default() += 1;
                assert_eq!(asking, 0, "{id}");
                assert!(standing.is_some(), "{id}");
            }
            ReviewState::Remediating => {
                assert_eq!(asking, 0, "{id}");
                // What was kept waits for proof too, where its system gives more than was approved.
                let kept = review.outcome == Some(ReviewOutcome::Keep);
                assert!((kept || review.outcome.unwrap().needs_proof()) && review.applied_at.is_some(), "{id}");
            }
            ReviewState::Closed => {
                let any = [
                    TaskKind::Recertification,
                    TaskKind::ReviewQuestion,
                    TaskKind::Narrowing,
                    TaskKind::ReviewerMissing,
                ];
                assert_eq!(asks(&any), 0, "{id}: {tasks:?}");
                let kept = review.outcome == Some(ReviewOutcome::Keep);
                assert!(kept || review.outcome.unwrap().needs_proof() == review.proof.is_some(), "{id}");
            }
            ReviewState::Cancelled => {
                assert!(tasks.iter().all(|task| task.state != TaskState::Open), "{id}: {tasks:?}");
                assert!(review.ended_because.is_some(), "{id}");
            }
        }
        if let Some(standing) = standing
            && let Some(outcome) = review.outcome
        {
            assert_eq!(standing.answer.word(), outcome.word(), "{id}");
            assert!(given.iter().all(|one| one.supersedes_id != Some(standing.id)), "{id}: it was corrected");
        }
        assert_eq!(
            review.outcome.is_some_and(ReviewOutcome::is_silent),
            review.outcome.is_some() && standing.is_none()
        );
        let mut db = quarter.app.register.database.read().unwrap();
        let steps = review_steps::of_reviews(&mut db, &[id]).unwrap();
        let once: BTreeSet<ReviewStep> = steps.iter().map(|taken| taken.step).collect();
        assert_eq!((once.len(), steps[0].step), (steps.len(), ReviewStep::Opened), "{id}");
        assert!(!review_reasons::of_reviews(&mut db, &[id]).unwrap().is_empty(), "{id}: nobody knows why");
    }
    assert!(live.values().all(|count| *count == 1), "nobody is asked twice at once");
}

/// Nothing was told twice, nothing could not be told, and nobody got two digests on one day.
fn check_the_mail(quarter: &Quarter, every: &[Review]) {
    let mails = mails_of(&quarter.app, "");
    let keys: BTreeSet<&str> = mails.iter().map(|mail| mail.dedupe_key.as_str()).collect();
    assert_eq!(keys.len(), mails.len());
    assert!(mails.iter().all(|mail| mail.state != MailState::Dead));
    let days: Vec<_> = mails
        .iter()
        .filter(|mail| mail.kind == MailKind::Digest)
        .filter_map(|mail| mail.sent_at.map(|at| (mail.recipient_id, quarter.app.register.day(at))))
        .collect();
    assert_eq!(days.iter().collect::<BTreeSet<_>>().len(), days.len());
    assert!(days.len() > 20, "{}", days.len());
    let told = told(&quarter.app, "review:");
    let lines: BTreeSet<&str> = told.iter().map(|(line, _)| line.dedupe_key.as_str()).collect();
    assert_eq!(lines.len(), told.len());
    assert!(lines.len() > 50, "{}", lines.len());
    assert!(told.iter().all(|(_, mail)| matches!(mail.state, MailState::Sent | MailState::Empty | MailState::Pending)));
    // The page of a review could be opened at any time.
    for review in every.iter().filter(|one| one.state == ReviewState::Open) {
        reply(&quarter.app, review.id, ReviewAnswer::Keep, later(DAYS));
    }
}
