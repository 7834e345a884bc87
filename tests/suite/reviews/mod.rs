//! Reviews: opened by the clock, by a change or by a campaign; decided, applied, seen; and what silence does.

mod campaigns;
mod clock;
mod counting;
mod database;
mod deciding;
mod early;
mod ending;
mod migration;
mod notes;
mod proof;
mod quarter;
mod reviewers;
mod silence;
mod steps;

use muster::actions::reviews::agreeing::{Agreement, agree as agree_that_it_counts};
use muster::actions::reviews::counting::propose;
use muster::actions::reviews::decide::{Reply, decide};
use muster::actions::reviews::load::Loaded;
use muster::actions::reviews::sheet::sheet;
use muster::actions::runs::Lease;
use muster::actions::{ActionError, By, Register};
use muster::domain::identities::ScopeList;
use muster::domain::ids::{Id, Moment};
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reaching::IdentityTier;
use muster::domain::reviews::reasons::ReviewCause;
use muster::domain::reviews::{ReviewAnswer, ReviewState};
use muster::domain::runs::{RunState, StartedBy};
use muster::domain::tasks::{TaskKind, TaskState};
use muster::jobs::run_of;
use muster::store::StoreError;
use muster::store::digest_lines::{self, DigestLine};
use muster::store::findings::Finding;
use muster::store::identities::{self, Identity};
use muster::store::identity_parts::IdentityScope;
use muster::store::job_runs::{self, JobRun};
use muster::store::outbox::Mail;
use muster::store::review_decisions::{self, ReviewDecision};
use muster::store::review_reasons;
use muster::store::review_steps;
use muster::store::reviews::{self as stored, Review};
use muster::store::tasks::{self, Task};

use crate::app::{NOW, TestApp, at};
use crate::jobs::{change_person, day, identity, kept_by, owned_by, run};

/// The moment that many days after the beginning, at the same hour.
pub fn later(days: i64) -> Moment {
    at(NOW).plus_days(days)
}

/// Runs a job at a moment and answers what it said.
pub fn run_at(register: &Register, job: Job, now: Moment) -> Vec<String> {
    run_of(job)(register, &By::job(job.word(), now), &Lease::none()).unwrap().lines
}

/// Notes that a job ran by its schedule.
pub fn ran(app: &TestApp, job: Job, at: Moment) {
    let begun = JobRun::new(job, at, StartedBy::Schedule, RunState::Done, at);
    let run = JobRun { attempts: 1, fence: 1, started_at: Some(at), finished_at: Some(at), ..begun };
    app.register.change(&app.setup(), |work| Ok(job_runs::insert_many(work.db, std::slice::from_ref(&run))?)).unwrap();
}

/// As if every mail had left: `mail` shows how it does.
pub fn mail_has_left(app: &TestApp) {
    let statement = "UPDATE outbox SET state = 'sent', sent_at = created_at WHERE state = 'pending'";
    app.register.database.read().unwrap().execute(statement).unwrap();
}

/// As if others had been asked on their days, and had got their mail: `steps` shows how they are.
pub fn others_were_asked(app: &TestApp) {
    mail_has_left(app);
    let statement = "UPDATE reviews SET next_step_on = NULL WHERE state = 'open'";
    app.register.database.read().unwrap().execute(statement).unwrap();
}

/// A person who acts at a moment.
pub fn by(person: Id, role: Role, now: Moment) -> By {
    By::person(person, role, None, now)
}

/// Gives a record a tier, and a number that fits it.
pub fn tiered(row: &mut Identity, tier: IdentityTier) {
    row.tier = tier;
    row.risk = (tier != IdentityTier::Unknown).then_some(1);
}

/// The record as it is stored.
pub fn now_of(app: &TestApp, identity: Id) -> Identity {
    identities::find(&mut app.register.database.read().unwrap(), identity).unwrap()
}

/// The reviews of an identity, newest first.
pub fn reviews_about(app: &TestApp, identity: Id) -> Vec<Review> {
    stored::about(&mut app.register.database.read().unwrap(), identity).unwrap()
}

/// The one review of an identity.
pub fn review_of(app: &TestApp, identity: Id) -> Review {
    let mut found = reviews_about(app, identity);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A review as it is stored.
pub fn review(app: &TestApp, id: Id) -> Review {
    stored::find(&mut app.register.database.read().unwrap(), id).unwrap()
}

/// Why somebody is asked by a review.
pub fn causes(app: &TestApp, review: Id) -> Vec<ReviewCause> {
    let reasons = review_reasons::of_reviews(&mut app.register.database.read().unwrap(), &[review]).unwrap();
    let mut causes: Vec<ReviewCause> = reasons.into_iter().map(|reason| reason.cause).collect();
    causes.sort_unstable();
    causes
}

/// The decisions about a review, the oldest first.
pub fn decisions(app: &TestApp, review: Id) -> Vec<ReviewDecision> {
    review_decisions::of_reviews(&mut app.register.database.read().unwrap(), &[review]).unwrap()
}

/// The steps that were taken about a review, as words, in the order of time.
pub fn steps(app: &TestApp, review: Id) -> Vec<String> {
    let steps = review_steps::of_reviews(&mut app.register.database.read().unwrap(), &[review]).unwrap();
    steps.into_iter().map(|taken| format!("{} {}", taken.at.date(), taken.step.word())).collect()
}

/// The tasks of a review, the oldest first.
pub fn tasks_of(app: &TestApp, review: Id) -> Vec<Task> {
    tasks::of_reviews(&mut app.register.database.read().unwrap(), &[review]).unwrap()
}

/// The open tasks of a review of one kind, the oldest first.
pub fn open_tasks(app: &TestApp, review: Id, kind: TaskKind) -> Vec<Task> {
    tasks_of(app, review).into_iter().filter(|task| task.kind == kind && task.state == TaskState::Open).collect()
}

/// The open findings about an identity.
pub fn findings(app: &TestApp, identity: Id) -> Vec<Finding> {
    muster::store::findings::open_about(&mut app.register.database.read().unwrap(), identity).unwrap()
}

/// The way on which the reviewers were found, as words.
pub fn way(review: &Review) -> Vec<String> {
    review.resolution.0.iter().map(|step| format!("{}: {}", step.asked_as.word(), step.verdict.word())).collect()
}

/// What digests tell about reviews under keys that begin so: each line with the mail that carries it.
pub fn told(app: &TestApp, beginning: &str) -> Vec<(DigestLine, Mail)> {
    let mails = mails_of(app, "digest:");
    let mut db = app.register.database.read().unwrap();
    let mut told = Vec::new();
    for mail in mails {
        for (line, _) in digest_lines::of_mail(&mut db, mail.id).unwrap() {
            if line.dedupe_key.starts_with(beginning) {
                told.push((line, mail.clone()));
            }
        }
    }
    told
}

/// Every mail whose key has that beginning.
pub fn mails_of(app: &TestApp, beginning: &str) -> Vec<Mail> {
    let mut db = app.register.database.read().unwrap();
    let lines =
        muster::store::outbox_list::lines(&mut db, None, &muster::domain::listing::From::Start, 100_000).unwrap();
    lines.into_iter().map(|line| line.mail).filter(|mail| mail.dedupe_key.starts_with(beginning)).collect()
}

/// A review with everything that decides about it.
pub fn loaded(app: &TestApp, review: Id, now: Moment) -> Loaded {
    Loaded::read(&mut app.register.database.read().unwrap(), &app.register, review, now).unwrap()
}

/// What somebody would send who opened the page at that moment.
pub fn reply(app: &TestApp, review: Id, answer: ReviewAnswer, now: Moment) -> Reply {
    reply_to(app, &loaded(app, review, now), answer)
}

/// The same about a review as it was read.
pub fn reply_to(app: &TestApp, loaded: &Loaded, answer: ReviewAnswer) -> Reply {
    let shown = sheet(&mut app.register.database.read().unwrap(), &app.register, loaded).unwrap();
    Reply {
        review: loaded.review.id,
        version: loaded.review.version,
        identity_version: loaded.identity.version,
        digest: shown.digest(),
        answer: Some(answer),
        keep: Vec::new(),
        revoke_on: String::new(),
        reason: "the ward works with it every day".to_owned(),
        somebody: String::new(),
    }
}

/// Somebody opens the page and answers at once.
pub fn answer(
    app: &TestApp,
    review: Id,
    (person, role): (Id, Role),
    answer: ReviewAnswer,
    now: Moment,
    change: impl FnOnce(&mut Reply),
) -> Result<Id, ActionError> {
    let mut reply = reply(app, review, answer, now);
    change(&mut reply);
    decide(&app.register, &by(person, role, now), &reply)
}

/// As if a run had simulated silence, where none was done yet; answers which one.
fn simulated_once(app: &TestApp, at: Moment) -> Option<Id> {
    let last = || job_runs::last_done(&mut app.register.database.read().unwrap(), Job::ApplySilence).unwrap();
    if last().is_some() {
        return None;
    }
    ran(app, Job::ApplySilence, at);
    last().map(|run| run.id)
}

/// Two administrators say that silence counts, after a run simulated it. That run is taken off the record again: most
/// tests walk no days between it and the next, and those would be days on which nothing ran.
pub fn let_count(app: &TestApp, [first, second]: [Id; 2], now: Moment) {
    let simulated = simulated_once(app, now);
    let who = |person: Id| by(person, Role::Administrator, now);
    let proposal = propose(&app.register, &who(first), "the first month was read").unwrap();
    let today = muster::actions::reviews::silence::today::today;
    let today = today(&mut app.register.database.read().unwrap(), &app.register, now).unwrap();
    let reason = "I read who would lose what".to_owned();
    let said = Agreement { proposal, version: 1, would_lose: today.identities, reason };
    agree_that_it_counts(&app.register, &who(second), &said).unwrap();
    if let Some(run) = simulated {
        app.register.change(&app.setup(), |work| Ok(job_runs::delete(work.db, &[run])?)).unwrap();
    }
}

/// Changes a record as it is stored.
pub fn change_identity(app: &TestApp, id: Id, change: impl FnOnce(&mut Identity)) {
    app.register
        .change(&app.setup(), |work| {
            let mut row = identities::find(work.db, id)?;
            change(&mut row);
            row.version += 1;
            Ok(identities::update(work.db, &row)?)
        })
        .unwrap();
}

/// The fields that a refusal names.
pub fn fields<T: std::fmt::Debug>(outcome: Result<T, ActionError>) -> Vec<&'static str> {
    match outcome {
        Err(ActionError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

/// Whether it changed since it was shown.
pub fn is_conflict<T>(outcome: &Result<T, ActionError>) -> bool {
    matches!(outcome, Err(ActionError::Store(StoreError::Conflict)))
}

/// The system of an identity gives it these permissions, as somebody saw.
pub fn gives(app: &TestApp, identity: Id, scopes: &[&str]) {
    let rows: Vec<IdentityScope> = (0_i64..)
        .zip(scopes)
        .map(|(position, scope)| IdentityScope {
            identity_id: identity,
            list: ScopeList::Issued,
            scope: (*scope).to_owned(),
            position,
            optional: false,
            in_token: true,
            defined: true,
        })
        .collect();
    app.register
        .change(&app.setup(), |work| {
            Ok(muster::store::identity_parts::replace_scopes(work.db, identity, ScopeList::Issued, &rows)?)
        })
        .unwrap();
}

/// The messages of a refusal.
pub fn messages<T: std::fmt::Debug>(outcome: Result<T, ActionError>) -> Vec<String> {
    match outcome {
        Err(ActionError::Invalid(errors)) => errors.into_iter().map(|error| error.message).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

/// Two permissions, of which one both looks up and changes.
pub const BOTH: &str = "patient/Observation.cruds?category=laboratory";
pub const READING: &str = "patient/Observation.rs?category=laboratory";
pub const NAMES: &str = "patient/Patient.r";

/// People and an identity whose review is open. Nobody knows how far it reaches, so an answer is due in 21 days.
pub struct Asked {
    pub app: TestApp,
    pub identity: Id,
    pub review: Id,
    pub owner: (Id, String),
    pub deputy: (Id, String),
    pub technical: (Id, String),
    /// The manager of the technical owner.
    pub manager: (Id, String),
    pub analyst: (Id, String),
    pub second: (Id, String),
    pub administrator: (Id, String),
}

impl Asked {
    pub fn begin() -> Self {
        Self::with(|_| {})
    }

    /// The same after changes to the identity.
    pub fn with(change: impl FnOnce(&mut Identity)) -> Self {
        Self::approved(&[], change)
    }

    /// The same about an identity for which these permissions were approved.
    pub fn approved(scopes: &[&str], change: impl FnOnce(&mut Identity)) -> Self {
        let app = TestApp::start();
        let [owner, deputy, technical, manager, chief] = [Role::Owner; 5].map(|role| app.account(role));
        change_person(&app, owner.0, |person| {
            person.deputy_id = Some(deputy.0);
            person.manager_id = Some(chief.0);
        });
        change_person(&app, technical.0, |person| person.manager_id = Some(manager.0));
        let row = identity(&app, "Discharge Planner", |row| {
            row.next_review_on = Some(day("2026-11-23"));
            owned_by(row, owner.0);
            kept_by(row, technical.0);
            change(row);
        });
        if !scopes.is_empty() {
            crate::approvals::approved(&app, row.id, scopes);
        }
        let (analyst, second) = (app.account(Role::SecurityAnalyst), app.account(Role::SecurityAnalyst));
        let administrator = app.account(Role::Administrator);
        assert_eq!(run(&app.register, Job::RaiseRecertifications, NOW)[0], "1 review opened");
        let review = review_of(&app, row.id).id;
        Self { identity: row.id, review, owner, deputy, technical, manager, analyst, second, administrator, app }
    }

    pub fn now(&self) -> Identity {
        now_of(&self.app, self.identity)
    }

    pub fn review(&self) -> Review {
        review(&self.app, self.review)
    }

    /// The business owner answers at a moment.
    pub fn owner_says(
        &self,
        said: ReviewAnswer,
        now: Moment,
        change: impl FnOnce(&mut Reply),
    ) -> Result<Id, ActionError> {
        answer(&self.app, self.review, (self.owner.0, Role::Owner), said, now, change)
    }

    /// Its system gives these permissions, as somebody saw.
    pub fn gives(&self, scopes: &[&str]) {
        gives(&self.app, self.identity, scopes);
    }

    /// The owner switches it off on a day, and that has taken effect.
    pub fn revoked(&self) -> Review {
        self.owner_says(ReviewAnswer::Revoke, at(NOW), |reply| reply.revoke_on = "2026-11-23".to_owned()).unwrap();
        self.apply(at(NOW).plus_seconds(31 * 60));
        let review = self.review();
        assert_eq!(review.state, ReviewState::Remediating);
        review
    }

    pub fn apply(&self, now: Moment) -> Vec<String> {
        run_at(&self.app.register, Job::ApplyReviews, now)
    }

    /// The scopes on a list of the identity.
    pub fn scopes(&self, list: ScopeList) -> Vec<String> {
        let mut db = self.app.register.database.read().unwrap();
        let rows = muster::store::identity_parts::scopes(&mut db, self.identity).unwrap();
        rows.into_iter().filter(|row| row.list == list).map(|row| row.scope).collect()
    }
}
