//! Campaigns: frozen when they begin, accounted for to the last item.

use muster::actions::campaigns::select::{Chosen, preview};
use muster::actions::campaigns::{cancel, make, open, report};
use muster::actions::reviews::prove::attest;
use muster::actions::{ActionError, By};
use muster::domain::identities::{Environment, IdentityKind, IdentityState};
use muster::domain::ids::{Id, Moment};
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reaching::IdentityTier;
use muster::domain::reviews::campaigns::{CampaignState, Excluded, Typed};
use muster::domain::reviews::progress::{Became, Progress, Who};
use muster::domain::reviews::reasons::ReviewCause;
use muster::domain::reviews::{ReviewAnswer, ReviewState};
use muster::domain::tasks::{AssigneeGroup, TaskKind};
use muster::store::campaigns::{self as stored, Campaign, CampaignItem};
use muster::store::identities::Identity;

use super::{answer, by, causes, fields, is_conflict, later, review, review_of, reviews_about, run_at, tiered};
use crate::app::{NOW, TestApp, at};
use crate::imports::{refusal, touch};
use crate::jobs::{change_person, day, identity, kept_by, owned_by, run};

/// A register with two analysts and an owner.
struct Kept {
    app: TestApp,
    analyst: Id,
    second: Id,
    owner: Id,
}

impl Kept {
    fn begin() -> Self {
        let app = TestApp::start();
        let [analyst, second] = [Role::SecurityAnalyst; 2].map(|role| app.account(role).0);
        let owner = app.account(Role::Owner).0;
        Self { app, analyst, second, owner }
    }

    fn keeper(&self, now: Moment) -> By {
        by(self.analyst, Role::SecurityAnalyst, now)
    }

    /// An identity whose review is due in a while.
    fn add(&self, name: &str, change: impl FnOnce(&mut Identity)) -> Id {
        let row = identity(&self.app, name, |row| {
            row.next_review_on = Some(day("2027-02-01"));
            owned_by(row, self.owner);
            change(row);
        });
        row.id
    }

    fn draft(&self, name: &str, due_on: &str, now: Moment) -> Id {
        let typed = Typed { name, why: "Every quarter we ask.", due_on, due_by: "", filter: "all" };
        let wanted = make::wanted(&self.app.register, &self.keeper(now), typed).unwrap();
        make::make(&self.app.register, &self.keeper(now), &wanted).unwrap()
    }

    /// Opens it about everything.
    fn open(&self, campaign: Id, now: Moment) -> Result<usize, ActionError> {
        let version = self.campaign(campaign).version;
        open::open(&self.app.register, &self.keeper(now), campaign, version, &Chosen::default())
    }

    /// A campaign about everything, begun.
    fn begun(&self, name: &str, due_on: &str, now: Moment) -> Id {
        let campaign = self.draft(name, due_on, now);
        self.open(campaign, now).unwrap();
        self.advance(now);
        campaign
    }

    fn advance(&self, now: Moment) -> Vec<String> {
        run_at(&self.app.register, Job::AdvanceCampaigns, now)
    }

    fn campaign(&self, id: Id) -> Campaign {
        stored::find(&mut self.app.register.database.read().unwrap(), id).unwrap()
    }

    fn items(&self, id: Id) -> Vec<CampaignItem> {
        stored::items(&mut self.app.register.database.read().unwrap(), id, 0, 1_000).unwrap()
    }

    /// Every item with what became of it, as the report tells it.
    fn told(&self, id: Id) -> Vec<String> {
        let rows = report::rows(&mut self.app.register.database.read().unwrap(), id, 0).unwrap();
        rows.iter().map(|row| format!("{}: {}", row.item.name, row.outcome())).collect()
    }

    fn owner_says(&self, review: Id, said: ReviewAnswer, now: Moment) {
        answer(&self.app, review, (self.owner, Role::Owner), said, now, |reply| {
            if said == ReviewAnswer::Revoke {
                reply.revoke_on = self.app.register.day(now).to_string();
            }
        })
        .unwrap();
    }

    fn apply(&self, now: Moment) {
        run_at(&self.app.register, Job::ApplyReviews, now);
    }
}

#[test]
fn what_a_campaign_selects_is_frozen_when_it_is_opened() {
    let kept = Kept::begin();
    let (one, two) = (kept.add("One", |_| {}), kept.add("Two", |_| {}));
    let campaign = kept.draft("Winter", "2026-12-14", at(NOW));
    assert_eq!((kept.campaign(campaign).state, kept.items(campaign).len()), (CampaignState::Draft, 0));
    assert_eq!(kept.open(campaign, at(NOW)).unwrap(), 2);
    assert_eq!(kept.campaign(campaign).state, CampaignState::Preparing);
    let late = kept.add("Late", |_| {});
    assert_eq!(kept.advance(at(NOW)), ["1 campaign moved on", "2 identities asked about, 0 left out"]);
    let begun = kept.campaign(campaign);
    assert_eq!((begun.state, begun.prepared_at), (CampaignState::Active, Some(at(NOW))));
    let names: Vec<String> = kept.items(campaign).into_iter().map(|item| item.name).collect();
    assert_eq!(names, ["One", "Two"]);
    assert!(reviews_about(&kept.app, late).is_empty());
    for id in [one, two] {
        let review = review_of(&kept.app, id);
        assert_eq!((review.campaign_id, review.due_on), (Some(campaign), day("2026-12-14")));
        assert_eq!(causes(&kept.app, review.id), [ReviewCause::Campaign]);
    }
    let size = kept.app.audit_size();
    assert_eq!(kept.advance(at(NOW)), ["0 campaigns moved on"]);
    assert_eq!(kept.app.audit_size(), size);
    assert!(refusal(kept.open(campaign, at(NOW))).contains("begun already"));
}

#[test]
fn a_draft_says_what_is_wrong_and_is_changed_by_its_version() {
    let kept = Kept::begin();
    let typed = Typed { name: " ", why: "", due_on: "2026-11-23", due_by: "", filter: "" };
    let wrong = make::wanted(&kept.app.register, &kept.keeper(at(NOW)), typed);
    assert_eq!(fields(wrong), ["name", "why", "due_on", "due_by"]);
    let campaign = kept.draft("Winter", "2026-12-14", at(NOW));
    assert!(refusal(kept.open(campaign, at(NOW))).contains("selects nothing"), "the register is empty");
    let typed = Typed { name: "Spring", why: "Why not.", due_on: "2027-01-31", due_by: "2027-03-01", filter: "" };
    let wanted = make::wanted(&kept.app.register, &kept.keeper(at(NOW)), typed).unwrap();
    make::change(&kept.app.register, &kept.keeper(at(NOW)), campaign, 1, &wanted).unwrap();
    assert_eq!(kept.campaign(campaign).name, "Spring");
    let stale = make::change(&kept.app.register, &kept.keeper(at(NOW)), campaign, 1, &wanted);
    assert!(is_conflict(&stale), "{stale:?}");
    kept.add("One", |_| {});
    assert!(refusal(kept.open(campaign, later(100))).contains("its day has passed"));
    let owner = by(kept.owner, Role::Owner, at(NOW));
    let refused = open::open(&kept.app.register, &owner, campaign, 2, &Chosen::default());
    assert!(matches!(refused, Err(ActionError::Forbidden)), "{refused:?}");
}

#[test]
fn what_is_due_by_a_day_is_selected_and_nothing_later() {
    let kept = Kept::begin();
    kept.add("Soon", |row| row.next_review_on = Some(day("2026-12-31")));
    kept.add("On the day", |row| row.next_review_on = Some(day("2027-01-15")));
    kept.add("Later", |row| row.next_review_on = Some(day("2027-01-16")));
    kept.add("Never", |row| row.next_review_on = None);
    let campaign = kept.draft("Winter", "2026-12-14", at(NOW));
    let chosen = Chosen { due_by: Some(day("2027-01-15")), ..Chosen::default() };
    let version = kept.campaign(campaign).version;
    open::open(&kept.app.register, &kept.keeper(at(NOW)), campaign, version, &chosen).unwrap();
    let names: Vec<String> = kept.items(campaign).into_iter().map(|item| item.name).collect();
    assert_eq!(names, ["Soon", "On the day"]);
}

#[test]
fn what_is_left_out_has_a_reason_and_what_is_open_by_itself_is_joined() {
    let kept = Kept::begin();
    let lately = kept.add("Lately", |row| row.next_review_on = Some(day("2026-11-23")));
    let joined = kept.add("Joined", |row| row.next_review_on = Some(day("2026-11-23")));
    let decided = kept.add("Decided", |row| row.next_review_on = Some(day("2026-11-23")));
    run(&kept.app.register, Job::RaiseRecertifications, NOW);
    kept.owner_says(review_of(&kept.app, lately).id, ReviewAnswer::Keep, at(NOW));
    kept.apply(later(1));
    let elsewhere = kept.add("Elsewhere", |_| {});
    // Another campaign asks about one of them already.
    let other = kept.draft("Other", "2026-12-20", later(1));
    let picked = Chosen { due_by: Some(day("2027-02-01")), ..Chosen::default() };
    let version = kept.campaign(other).version;
    open::open(&kept.app.register, &kept.keeper(later(1)), other, version, &picked).unwrap();
    kept.advance(later(1));
    assert_eq!(review_of(&kept.app, elsewhere).campaign_id, Some(other));
    let asked: Vec<Id> = kept.items(other).into_iter().filter_map(|item| item.review_id).collect();
    assert!(asked.contains(&review_of(&kept.app, joined).id), "a review that is open by itself is joined");
    assert_eq!(causes(&kept.app, review_of(&kept.app, joined).id), [ReviewCause::Clock, ReviewCause::Campaign]);
    assert_eq!(review_of(&kept.app, joined).due_on, day("2026-12-14"), "its own deadline stays");
    kept.owner_says(review_of(&kept.app, decided).id, ReviewAnswer::Keep, later(1));
    kept.add("Going", |row| row.state = IdentityState::Revoking);
    let campaign = kept.begun("Winter", "2026-12-21", later(1));
    let excluded: Vec<(String, Option<Excluded>)> =
        kept.items(campaign).into_iter().map(|item| (item.name, item.excluded)).collect();
    let expected = [
        ("Decided", Some(Excluded::Decided)),
        ("Elsewhere", Some(Excluded::AskedElsewhere)),
        ("Going", Some(Excluded::NotWorking)),
        ("Joined", Some(Excluded::AskedElsewhere)),
        ("Lately", Some(Excluded::Lately)),
    ];
    assert_eq!(excluded, expected.map(|(name, why)| (name.to_owned(), why)));
    let failed = kept.campaign(campaign);
    assert_eq!(failed.state, CampaignState::Failed, "nobody is asked, and that is no success");
    assert!(failed.ended_because.unwrap().contains("everything that it selected was left out"));
    let told = kept.told(campaign);
    assert_eq!(told.len(), 5);
    assert!(told.iter().all(|line| line.contains(": Left out: ")), "{told:?}");
}

#[test]
fn a_campaign_is_overdue_then_waits_for_proof_then_is_closed() {
    let kept = Kept::begin();
    let (keeps, revokes) = (kept.add("Keeps", |_| {}), kept.add("Revokes", |_| {}));
    let campaign = kept.begun("Winter", "2026-12-14", at(NOW));
    let state = || kept.campaign(campaign).state;
    kept.advance(later(21));
    assert_eq!(state(), CampaignState::Active, "it is the last day");
    kept.advance(later(22));
    assert_eq!(state(), CampaignState::Overdue);
    kept.owner_says(review_of(&kept.app, keeps).id, ReviewAnswer::Keep, later(22));
    kept.advance(later(22));
    assert_eq!(state(), CampaignState::Overdue, "one is open");
    kept.owner_says(review_of(&kept.app, revokes).id, ReviewAnswer::Revoke, later(22));
    kept.advance(later(22));
    assert_eq!(state(), CampaignState::Remediating, "nothing has taken effect");
    kept.apply(later(23));
    kept.advance(later(23));
    assert_eq!(state(), CampaignState::Remediating, "nobody has seen it");
    assert_eq!(kept.told(campaign), ["Keeps: Kept", "Revokes: Switched off"]);
    let waits = review_of(&kept.app, revokes);
    let who = by(kept.second, Role::SecurityAnalyst, later(24));
    attest(&kept.app.register, &who, waits.id, waits.version, "deleted in the console, then a token was refused")
        .unwrap();
    kept.advance(later(24));
    let closed = kept.campaign(campaign);
    assert_eq!((closed.state, closed.ended_at), (CampaignState::Closed, Some(later(24))));
    let size = kept.app.audit_size();
    kept.advance(later(25));
    assert_eq!(kept.app.audit_size(), size);
}

#[test]
fn cancelling_leaves_open_what_is_due_by_itself() {
    let kept = Kept::begin();
    let due = kept.add("Due", |row| row.next_review_on = Some(day("2026-11-23")));
    run(&kept.app.register, Job::RaiseRecertifications, NOW);
    let only = kept.add("Only asked by it", |_| {});
    let decided = kept.add("Decided", |_| {});
    let campaign = kept.begun("Winter", "2026-12-14", at(NOW));
    kept.owner_says(review_of(&kept.app, decided).id, ReviewAnswer::Keep, at(NOW));
    let keeper = kept.keeper(later(1));
    let version = kept.campaign(campaign).version;
    let silent = cancel::cancel(&kept.app.register, &keeper, campaign, version, " ");
    assert_eq!(fields(silent), ["reason"]);
    let stale = cancel::cancel(&kept.app.register, &keeper, campaign, version - 1, "too early");
    assert!(is_conflict(&stale), "{stale:?}");
    cancel::cancel(&kept.app.register, &keeper, campaign, version, "it was opened too early").unwrap();
    let states = [due, only, decided].map(|id| review_of(&kept.app, id).state);
    assert_eq!(states, [ReviewState::Open, ReviewState::Cancelled, ReviewState::Decided]);
    let ended = kept.campaign(campaign);
    assert_eq!(
        (ended.state, ended.ended_because.as_deref(), ended.ended_by_id),
        (CampaignState::Cancelled, Some("it was opened too early"), Some(kept.analyst))
    );
    assert_eq!(
        kept.told(campaign),
        [
            "Decided: Kept",
            "Due: Not answered yet",
            "Only asked by it: Cancelled: the campaign that asked was cancelled"
        ]
    );
    let again = cancel::cancel(&kept.app.register, &keeper, campaign, ended.version, "twice");
    assert!(refusal(again).contains("has ended"));
    // What was answered takes effect all the same.
    kept.apply(later(1));
    assert_eq!(review_of(&kept.app, decided).state, ReviewState::Closed);
}

#[test]
fn a_campaign_that_is_cancelled_before_it_is_prepared_accounts_for_everything() {
    let kept = Kept::begin();
    kept.add("One", |_| {});
    let campaign = kept.draft("Winter", "2026-12-14", at(NOW));
    kept.open(campaign, at(NOW)).unwrap();
    let version = kept.campaign(campaign).version;
    cancel::cancel(&kept.app.register, &kept.keeper(at(NOW)), campaign, version, "a mistake").unwrap();
    assert_eq!(kept.items(campaign)[0].excluded, Some(Excluded::NotAnswered));
    assert_eq!(kept.advance(at(NOW)), ["0 campaigns moved on"], "and nobody is asked later");
}

#[test]
fn the_report_accounts_for_every_item_once_whatever_became_of_it() {
    let kept = Kept::begin();
    let rows: Vec<Identity> = (0..503)
        .map(|number| {
            let mut row =
                Identity::new(IdentityKind::Token, &format!("App {number:03}"), Environment::Sandbox, at(NOW));
            row.state = IdentityState::Active;
            row.next_review_on = Some(day("2027-02-01"));
            owned_by(&mut row, kept.owner);
            row
        })
        .collect();
    kept.app
        .register
        .change(&kept.app.setup(), |work| Ok(muster::store::identities::insert_many(work.db, &rows)?))
        .unwrap();
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let campaign = kept.begun("Winter", "2026-12-14", at(NOW));
    kept.owner_says(review_of(&kept.app, ids[3]).id, ReviewAnswer::Keep, at(NOW));
    let mut told: Vec<(i64, Id, Option<Id>)> = Vec::new();
    let mut after = 0;
    loop {
        let rows = report::rows(&mut kept.app.register.database.read().unwrap(), campaign, after).unwrap();
        let Some(last) = rows.last() else { break };
        after = last.item.position;
        for row in &rows {
            assert_eq!(row.review.as_ref().map(|review| review.id), row.item.review_id);
            assert_eq!((row.steps.len(), row.asked.len(), row.reasons.len()), (1, 1, 1), "{}", row.item.name);
            told.push((row.item.position, row.item.identity_id, row.item.review_id));
        }
    }
    assert_eq!(told.len(), 503);
    let mut told_of: Vec<Id> = told.iter().map(|(_, identity, _)| *identity).collect();
    told_of.sort_unstable();
    let mut ids = ids;
    ids.sort_unstable();
    assert_eq!(told_of, ids);
    assert!(told.iter().all(|(_, _, review)| review.is_some()));
    assert_eq!(review(&kept.app, told[3].2.unwrap()).state, ReviewState::Decided);
}

#[test]
fn what_a_vendor_keeps_is_left_out_and_says_so() {
    let kept = Kept::begin();
    kept.add("Planner", |_| {});
    let broker = kept.add("Login broker", |row| row.vendor_managed = true);
    let campaign = kept.begun("Winter", "2026-12-14", at(NOW));
    let excluded: Vec<(String, Option<Excluded>)> =
        kept.items(campaign).into_iter().map(|item| (item.name, item.excluded)).collect();
    assert_eq!(excluded, [("Login broker".to_owned(), Some(Excluded::VendorKeeps)), ("Planner".to_owned(), None)]);
    assert!(reviews_about(&kept.app, broker).is_empty());
    let told = kept.told(campaign);
    assert!(told[0].contains("nobody here can narrow it or switch it off"), "{told:?}");
}

#[test]
fn a_later_day_of_a_campaign_puts_off_nothing_that_a_tier_asks_for() {
    let kept = Kept::begin();
    let critical = kept.add("Critical", |row| tiered(row, IdentityTier::Critical));
    let low = kept.add("Low", |row| tiered(row, IdentityTier::Low));
    let short = kept.add("Short", |row| {
        tiered(row, IdentityTier::Low);
        row.review_interval_days = Some(30);
    });
    let due_on = day("2027-03-31");
    let register = &kept.app.register;
    let found = preview(&mut register.database.read().unwrap(), register, &Chosen::default(), due_on, at(NOW)).unwrap();
    let campaign = kept.begun("Spring", "2027-03-31", at(NOW));
    let real = [critical, low, short].map(|id| review_of(&kept.app, id).due_on);
    assert_eq!(real[..2], [day("2026-12-14"), day("2026-12-23")]);
    assert!(real[2] < real[1], "a shorter interval shortens every wait");
    let mut told: Vec<_> = found.earlier.iter().map(|one| (one.due_on, one.tier, one.count)).collect();
    told.sort_unstable();
    let mut expected = vec![(real[0], IdentityTier::Critical, 1), (real[2], IdentityTier::Low, 1)];
    expected.sort_unstable();
    assert_eq!(told, expected, "the preview says the days that the reviews have");
    assert_eq!(found.due_on, Some(real[1]), "and the day that the campaign has then");
    let progress = progress_of(&kept, campaign, 22);
    assert_eq!((progress.all.earlier, progress.all.overdue), (2, 2), "critical, and the one with a short interval");
    assert_eq!(kept.campaign(campaign).due_on, real[1], "the day of the last of them, and not the one asked for");
    kept.advance(later(22));
    assert_eq!(kept.campaign(campaign).state, CampaignState::Active, "one of them is not late yet");
    kept.advance(later(31));
    assert_eq!(kept.campaign(campaign).state, CampaignState::Overdue, "all of them are late");
}

fn progress_of(kept: &Kept, campaign: Id, days: i64) -> Progress {
    let today = kept.app.register.day(later(days));
    let mut db = kept.app.register.database.read().unwrap();
    let known = stored::find(&mut db, campaign).unwrap();
    report::progress(&mut db, &known, today).unwrap()
}

/// Whoever was asked is accounted for, and so is every review.
fn adds_up(progress: &Progress, reviews: i64) {
    for (who, tally) in &progress.by {
        let became = tally.answered + tally.others + tally.passed_on + tally.handed_on + tally.ended + tally.open;
        let unasked = if *who == Who::NotAsked { tally.answered } else { 0 };
        assert_eq!(tally.asked + unasked, became, "{who:?}: {tally:?}");
    }
    let all = progress.all;
    assert_eq!(all.reviews, reviews);
    assert_eq!(all.reviews, all.answered + all.silent + all.cancelled + all.open, "{all:?}");
    assert_eq!(all.answered, progress.by.values().map(|tally| tally.answered).sum::<i64>());
}

#[test]
fn whoever_is_asked_reads_why_the_campaign_asks_and_it_is_kept_with_what_they_decide() {
    let kept = Kept::begin();
    let technical = kept.app.account(Role::Owner);
    let row = kept.add("One", |row| kept_by(row, technical.0));
    kept.add("Nobody\u{2019}s", |row| {
        row.business_owner_id = None;
        row.business_owner_answer = None;
    });
    let campaign = kept.begun("Winter", "2026-12-14", at(NOW));
    let review = review_of(&kept.app, row).id;
    let reasons = muster::store::review_reasons::of_reviews(&mut kept.app.register.database.read().unwrap(), &[review]);
    // What is stored as the reason goes to the audit log, and names nobody whom a text may name.
    assert_eq!(reasons.unwrap()[0].says, "It is part of the campaign \u{201c}Winter\u{201d}.");
    let person = |id: Id| muster::store::people::find(&mut kept.app.register.database.read().unwrap(), id).unwrap();
    let browser = |id: Id| kept.app.sign_in_as(&(id, person(id).email));
    let (owner, analyst) = (browser(kept.owner), browser(kept.analyst));
    let wrote = format!("{} wrote: \u{201c}Every quarter we ask.\u{201d}", person(kept.analyst).name);
    let shows = |browser: &crate::app::Browser, path: &str, texts: &[&str]| {
        let page = browser.get(path);
        for text in texts {
            assert!(page.shows(text), "{path}, {text}: {}", page.readable());
        }
    };
    shows(&owner, &format!("/reviews/{review}"), &["Why the campaign asks", &wrote]);
    let short = "Campaign \u{201c}Winter\u{201d}: \u{201c}Every quarter we ask.\u{201d}";
    shows(&owner, "/reviews/mine", &[short]);
    shows(&analyst, "/reviews/mine", &["Why it asks: \u{201c}Every quarter we ask.\u{201d}"]);
    let own = format!("/reviews/mine?campaign={campaign}");
    shows(&owner, &own, &[&wrote]);
    assert!(!owner.get(&own).shows(short), "it stands once over all of them");
    assert!(!browser(technical.0).get(&own).shows(&wrote), "who has nothing in it does not read it");
    // Whoever is asked what they know reads it on the page of the task.
    kept.owner_says(review, ReviewAnswer::DontKnow, at(NOW));
    let question = super::open_tasks(&kept.app, review, TaskKind::ReviewQuestion).remove(0);
    shows(&browser(technical.0), &format!("/tasks/{}", question.id), &["Campaign \u{201c}Winter\u{201d}.", &wrote]);
    kept.owner_says(review, ReviewAnswer::Keep, at(NOW));
    let decision = super::decisions(&kept.app, review).pop().unwrap();
    let fact = decision.sheet.0.facts.iter().find(|fact| fact.label == "Why the campaign asks").unwrap();
    assert_eq!(fact.people, [kept.analyst], "by id, because what was read is kept");
    shows(&owner, &format!("/reviews/decisions/{}", decision.id), &[&wrote]);
}

#[test]
fn progress_tells_who_was_passed_over_and_accounts_for_every_review() {
    let kept = Kept::begin();
    let deputy = kept.app.account(Role::Owner).0;
    change_person(&kept.app, kept.owner, |person| person.deputy_id = Some(deputy));
    let [keeps, passes, deputys, silent, stopped] =
        ["Keeps", "Passes", "Deputy\u{2019}s", "Silent", "Stopped"].map(|name| kept.add(name, |_| {}));
    let nobodys = kept.add("Nobody\u{2019}s", |row| {
        row.business_owner_id = None;
        row.business_owner_answer = None;
    });
    let campaign = kept.begun("Winter", "2026-12-14", at(NOW));
    adds_up(&progress_of(&kept, campaign, 0), 6);
    let of = |identity| review_of(&kept.app, identity).id;
    kept.owner_says(of(keeps), ReviewAnswer::Keep, later(1));
    touch(&kept.app.register, stopped, |row| row.state = IdentityState::Revoking);
    kept.apply(later(2));
    let escalate = |days| run_at(&kept.app.register, Job::EscalateReviews, later(days));
    escalate(22);
    let progress = progress_of(&kept, campaign, 23);
    adds_up(&progress, 6);
    let deputies = progress.by[&Who::Person(deputy)];
    assert_eq!((deputies.asked, deputies.open, deputies.overdue, deputies.escalated), (3, 3, 0, 3));
    assert_eq!(progress.by[&Who::Person(kept.owner)].overdue, 3, "theirs was due on the day");
    answer(&kept.app, of(deputys), (deputy, Role::Owner), ReviewAnswer::Keep, later(24), |_| {}).unwrap();
    escalate(28);
    answer(&kept.app, of(passes), (kept.analyst, Role::SecurityAnalyst), ReviewAnswer::Keep, later(29), |_| {})
        .unwrap();
    let progress = progress_of(&kept, campaign, 30);
    adds_up(&progress, 6);
    let owners = progress.by[&Who::Person(kept.owner)];
    assert_eq!(
        (owners.asked, owners.answered, owners.others, owners.passed_on, owners.ended, owners.open),
        (5, 1, 1, 2, 1, 0)
    );
    let deputies = progress.by[&Who::Person(deputy)];
    assert_eq!((deputies.asked, deputies.answered, deputies.passed_on), (3, 1, 2));
    let analysts = progress.by[&Who::Group(AssigneeGroup::SecurityAnalysts)];
    assert_eq!((analysts.answered, analysts.kept, analysts.escalated), (1, 1, 2));
    assert_eq!((progress.all.answered, progress.all.cancelled, progress.all.open), (3, 1, 2));
    assert_eq!([silent, nobodys].map(|id| review_of(&kept.app, id).state), [ReviewState::Open; 2]);
    // The report tells the same of each item.
    let rows = report::rows(&mut kept.app.register.database.read().unwrap(), campaign, 0).unwrap();
    let passed = rows.iter().find(|row| row.item.identity_id == passes).unwrap().standing().unwrap();
    let became: Vec<Became> = passed.parts(day("2026-12-23")).into_iter().map(|part| part.became).collect();
    assert_eq!(became, [Became::PassedOn, Became::PassedOn, Became::Answered]);
}

#[test]
fn one_that_cannot_be_prepared_holds_up_no_other_and_the_campaign_waits_for_it() {
    let kept = Kept::begin();
    let (broken, whole) = (kept.add("Broken", |_| {}), kept.add("Whole", |_| {}));
    let campaign = kept.draft("Winter", "2026-12-14", at(NOW));
    let next = kept.draft("Next", "2026-12-14", at(NOW));
    kept.open(campaign, at(NOW)).unwrap();
    let note = |notes: &str| {
        let text = format!("UPDATE identities SET notes = '{notes}' WHERE name = 'Broken'");
        kept.app.register.database.read().unwrap().execute(&text).unwrap();
    };
    note("[]");
    assert_eq!(
        kept.advance(at(NOW)),
        [
            "0 campaigns moved on",
            "1 identity asked about, 0 left out",
            "1 item could not be handled and is tried again; the log says why"
        ]
    );
    assert_eq!(kept.campaign(campaign).state, CampaignState::Preparing, "not everything is accounted for yet");
    assert_eq!(review_of(&kept.app, whole).campaign_id, Some(campaign));
    note("{}");
    assert_eq!(kept.advance(at(NOW)), ["1 campaign moved on", "1 identity asked about, 0 left out"]);
    assert_eq!(kept.campaign(campaign).state, CampaignState::Active);
    assert_eq!(review_of(&kept.app, broken).campaign_id, Some(campaign));
    assert_eq!(kept.campaign(next).state, CampaignState::Draft);
}

#[test]
fn of_what_was_left_out_because_somebody_asks_already_the_report_knows_by_which_review() {
    let kept = Kept::begin();
    let twice = kept.add("Asked twice", |_| {});
    let first = kept.begun("First", "2026-12-14", at(NOW));
    let once = kept.add("Once", |_| {});
    let second = kept.begun("Second", "2026-12-14", later(1));
    kept.owner_says(review_of(&kept.app, twice).id, ReviewAnswer::Keep, later(2));
    kept.apply(later(3));
    let rows = report::rows(&mut kept.app.register.database.read().unwrap(), second, 0).unwrap();
    let of = |id: Id| rows.iter().find(|row| row.item.identity_id == id).unwrap();
    let asked = of(twice);
    assert_eq!(asked.item.excluded, Some(Excluded::AskedElsewhere));
    let elsewhere = asked.elsewhere.as_ref().unwrap();
    assert_eq!((elsewhere.id, elsewhere.campaign_id), (review_of(&kept.app, twice).id, Some(first)), "since closed");
    assert_eq!(asked.identity.as_ref().map(|row| row.name.as_str()), Some("Asked twice"));
    assert!(of(once).elsewhere.is_none() && of(once).identity.is_none());
}
