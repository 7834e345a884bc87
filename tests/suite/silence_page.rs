//! Who would lose what by silence: read before it is done, let on by two, and made to count by two administrators.

use muster::actions::reviews::silence;
use muster::actions::reviews::silence::today::today;
use muster::domain::identities::{Criticality, Environment, IdentityState};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::ReviewStep;
use muster::domain::reviews::silence::{Held, Owed, ProposalState, Silence, StopState};
use muster::store::identities::Identity;
use muster::store::silence_proposals;
use muster::store::silence_stops::{self, SilenceStop};
use muster::store::types::Doc;
use muster::store::{people, review_silence, reviews, silence_owed};

use crate::app::{NOW, Page, TestApp, at};
use crate::jobs::{day, identity, owned_by, run};
use crate::reviews::{others_were_asked, ran};

/// An identity whose review is opened on a day. Call it in the order of days.
pub fn asked_about(app: &TestApp, name: &str, on: &str, change: impl FnOnce(&mut Identity)) -> Identity {
    let row = identity(app, name, |row| {
        row.next_review_on = Some(day(on));
        change(row);
    });
    run(&app.register, Job::RaiseRecertifications, &format!("{on}T15:00:00Z"));
    others_were_asked(app);
    row
}

/// A run of silence that stopped before it cut these identities.
pub fn stopped(app: &TestApp, identities: &[Id]) -> SilenceStop {
    let held = reviews::live_of(&mut app.register.database.read().unwrap(), identities).unwrap();
    let stop = SilenceStop {
        id: Id::new(),
        state: StopState::Stopped,
        cuts: i64::try_from(identities.len()).unwrap(),
        population: 100,
        reviews: Doc(held.iter().map(|review| Held { review: review.id, does: Some(Silence::Suspend) }).collect()),
        stopped_at: at(NOW),
        first_by_id: None,
        second_by_id: None,
        reason: None,
        ended_at: None,
        version: 1,
    };
    app.register.change(&app.setup(), |work| Ok(silence_stops::insert(work.db, &stop)?)).unwrap();
    stop
}

fn waiting(app: &TestApp) -> SilenceStop {
    silence_stops::waiting(&mut app.register.database.read().unwrap()).unwrap().unwrap()
}

fn counts(app: &TestApp) -> bool {
    silence::counts(&mut app.register.database.read().unwrap()).unwrap()
}

/// The proposal that waits.
fn proposal(app: &TestApp) -> String {
    let mut db = app.register.database.read().unwrap();
    silence_proposals::in_state(&mut db, ProposalState::Proposed).unwrap().unwrap().id.to_string()
}

/// The rows of a group of the table.
fn rows(page: &Page, group: &str) -> usize {
    let document = scraper::Html::parse_document(&page.text);
    let selector = format!("section[aria-labelledby={group}] tbody tr");
    document.select(&scraper::Selector::parse(&selector).unwrap()).count()
}

#[test]
fn the_simulation_lists_who_would_lose_what_and_counts_it() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let empty = analyst.get("/reviews/silence");
    assert!(empty.status == 200 && empty.shows("No open review comes to the day"), "{}", empty.readable());
    assert_eq!(crate::sections::jumps(&empty), ["counts", "rules", "reached"]);
    let (owner, _) = app.account(Role::Owner);
    let of_owner = |row: &mut Identity| owned_by(row, owner);
    asked_about(&app, "Long Silent", "2026-10-01", of_owner);
    asked_about(&app, "Ward Monitor", "2026-10-02", |row| {
        owned_by(row, owner);
        row.criticality = Criticality::Clinical;
    });
    asked_about(&app, "Soon Silent", "2026-10-22", of_owner);
    asked_about(&app, "Later Silent", "2026-11-05", of_owner);
    asked_about(&app, "Just Asked", "2026-11-23", of_owner);
    let page = analyst.get("/reviews/silence");
    assert_eq!(page.status, 200, "{}", page.readable());
    let listed = ["past", "soon", "within", "later"].map(|group| rows(&page, group));
    assert_eq!(listed, [2, 1, 1, 1], "{}", page.readable());
    assert_eq!(crate::sections::jumps(&page), ["counts", "rules", "reached", "past", "soon", "within", "later"]);
    assert!(page.shows("Just Asked"), "however far its day is");
    let name = people::find(&mut app.register.database.read().unwrap(), owner).unwrap().name;
    for text in [
        "Silence is only simulated",
        "Three that nobody can change",
        "Everything else",
        "Is suspended 4",
        "Silence comes to 5 open reviews: 2 whose day has passed, 1 in the next 7 days, 1 in 8 to 30 days, 1 in more than \
         30 days.",
        "The first two always go to the administrators",
        "Goes to the administrators 1",
        "Is revoked 0",
        "A run today would cut 1 of 5 identities that work or may work in production, that is 20 percent.",
        "A run today would go on, because both together are not more than 5.",
        "5 Nov 2026, 18 days ago",
        "Administrators say whether it counts.",
        name.as_str(),
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(!page.text.contains("/reviews/silence/counting"), "an analyst sees no form for that");
}

#[test]
fn an_owner_does_not_see_it_and_an_auditor_sees_it_without_a_form() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let row = asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    let stop = stopped(&app, &[row.id]);
    let owner = app.sign_in(Role::Owner);
    assert_eq!(owner.get("/reviews/silence").status, 403);
    assert_eq!(owner.post(&format!("/reviews/silence/{}/agree", stop.id), &[("version", "1")]).status, 403);
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get("/reviews/silence");
    assert!(page.shows("cut nothing, because it would have cut too much"), "{}", page.readable());
    assert!(page.shows("Two people who keep the register can let it go on."));
    assert_eq!(crate::sections::jumps(&page)[0], "stopped");
    assert!(!page.text.contains("/agree") && !page.text.contains("/counting"));
}

#[test]
fn a_stopped_run_goes_on_when_two_agree() {
    let app = TestApp::start();
    let (one, two) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::Administrator));
    let row = asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    let stop = stopped(&app, &[row.id]);
    let path = format!("/reviews/silence/{}/agree", stop.id);
    let page = one.get("/reviews/silence");
    for text in [
        "It would cut 1 of 1 identities that work or may work in production.",
        "these were 1 of 100 identities that work or may work in production.",
        "Long Silent",
        "Nobody has agreed yet",
        "Let it go on",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let empty = one.post(&path, &[("version", "1"), ("reason", " ")]);
    assert_eq!(empty.status, 422, "{}", empty.readable());
    assert!(empty.text.contains("<title>Error: ") && empty.text.contains("id=\"reason-error\""), "{}", empty.text);
    assert_eq!(one.post(&path, &[("reason", "they are all test clients")]).status, 400, "no version");
    let agreed = one.post(&path, &[("version", "1"), ("reason", "they are all test clients")]);
    assert_eq!((agreed.status, agreed.location.as_str()), (303, "/reviews/silence?done=agreed"));
    let page = one.get("/reviews/silence");
    assert!(page.shows("You agreed already") && !page.text.contains("/agree"), "{}", page.readable());
    let again = one.post(&path, &[("version", "2"), ("reason", "typed for long")]);
    assert!(again.status == 409 && again.shows("typed for long"), "{}", again.readable());
    let late = two.post(&path, &[("version", "1"), ("reason", "typed for long")]);
    assert!(late.status == 409 && late.shows("This changed while you were reading"), "{}", late.readable());
    assert!(late.text.contains("typed for long</textarea>"), "{}", late.text);
    assert!(late.shows("they are all test clients"), "who agreed so far, and why");
    assert_eq!(waiting(&app).state, StopState::Stopped);
    let lifted = two.post(&path, &[("version", "2"), ("reason", "I called the wards")]);
    assert_eq!((lifted.status, lifted.location.as_str()), (303, "/reviews/silence?done=lifted"));
    assert_eq!(waiting(&app).state, StopState::Agreed);
    let page = two.get("/reviews/silence");
    for text in [
        "Two people agreed, so it goes on with the next run.",
        "It would cut 1 of 1 identities that work or may work in production.",
        "A run today would cut 1 of 1 identities that work or may work in production, that is 100 percent: 1 that two \
         people let go, and 0 besides.",
        "A run today would go on, because two people let go all that it would cut.",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(!two.get("/").shows("A run of silence stopped"), "nobody has to do anything any more");
    let log = two.get("/audit?entity=silence_stop");
    assert!(log.shows("agreed that a stopped run goes on, of"), "{}", log.readable());
    assert!(log.text.contains("href=\"/reviews/silence\""));
}

#[test]
fn two_administrators_make_silence_count_and_one_has_it_simulated_again() {
    let app = TestApp::start();
    let (analyst, one) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::Administrator));
    let two = app.sign_in(Role::Administrator);
    let path = "/reviews/silence/counting";
    let yes = [("counts", "yes"), ("reason", "everybody was told")];
    let page = one.get("/reviews/silence");
    assert!(page.shows("No run has simulated it yet") && !page.text.contains(path), "{}", page.readable());
    let early = one.post(path, &yes);
    assert!(early.status == 409 && early.shows("No run has simulated it yet, so nobody"), "{}", early.readable());
    assert!(early.shows("everybody was told"), "what was typed is kept");
    ran(&app, Job::ApplySilence, at(NOW));
    assert_eq!(analyst.post(path, &yes).status, 403);
    assert_eq!(one.post(path, &[("counts", "maybe"), ("reason", "x")]).status, 400);
    assert_eq!(one.post(path, &[("counts", "agree")]).status, 400, "to nothing");
    let empty = one.post(path, &[("counts", "yes"), ("reason", "")]);
    assert!(empty.status == 422 && empty.text.contains("id=\"counting_reason-error\""), "{}", empty.text);
    let long = "x".repeat(2_001);
    let page = one.post(path, &[("counts", "yes"), ("reason", &long)]);
    assert!(page.status == 422 && page.text.contains(&format!("{long}</textarea>")), "what was typed is kept");
    let proposed = one.post(path, &yes);
    assert_eq!((proposed.status, proposed.location.as_str()), (303, "/reviews/silence?done=proposed"));
    assert!(!counts(&app), "one alone changes nothing");
    let late = two.post(path, &[("counts", "yes"), ("reason", "typed for long")]);
    assert!(late.status == 409 && late.shows("typed for long"), "{}", late.readable());
    let id = proposal(&app);
    let shown = |counts| {
        let reason = ("reason", "I read who would lose what");
        [("counts", counts), ("proposal", id.as_str()), ("version", "1"), ("would_lose", "0"), reason]
    };
    let own = one.get("/reviews/silence");
    assert!(own.shows("You proposed it.") && own.shows("Take the proposal back"), "{}", own.readable());
    assert!(!own.shows("Agree: silence counts from now on"));
    let alone = one.post(path, &shown("agree"));
    assert!(alone.status == 409 && alone.shows("You proposed it yourself"), "{}", alone.readable());
    let page = two.get("/reviews/silence");
    for text in
        ["proposed on 23 Nov 2026 that silence counts", "everybody was told", "Agree: silence counts from now on"]
    {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let reader = analyst.get("/reviews/silence");
    assert!(reader.shows("It waits for another administrator.") && !reader.text.contains(path));
    let wordless = two.post(path, &[&shown("agree")[..4], &[("reason", "ok")]].concat());
    assert!(wordless.status == 422 && wordless.text.contains("id=\"counting_reason-error\""), "{}", wordless.text);
    let done = two.post(path, &shown("agree"));
    assert_eq!((done.status, done.location.as_str()), (303, "/reviews/silence?done=counts"));
    assert!(counts(&app));
    let page = one.get("/reviews/silence");
    for text in ["Silence counts", "Only simulate again", "agreed on 23 Nov 2026"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let done = one.post(path, &[("counts", "no"), ("reason", "too many were on leave")]);
    assert_eq!((done.status, done.location.as_str()), (303, "/reviews/silence?done=simulated"));
    assert!(!counts(&app));
    let page = two.get("/reviews/silence");
    assert!(page.shows("What was proposed before") && page.shows("too many were on leave"), "{}", page.readable());
    let log = one.get("/audit?entity=silence");
    assert!(log.shows("switched from simulating to counting") && log.shows("everybody was told"), "{}", log.readable());
}

#[test]
fn a_proposal_is_taken_back_by_another_administrator() {
    let app = TestApp::start();
    let (one, two) = (app.sign_in(Role::Administrator), app.sign_in(Role::Administrator));
    let path = "/reviews/silence/counting";
    ran(&app, Job::ApplySilence, at(NOW));
    one.post(path, &[("counts", "yes"), ("reason", "everybody was told")]);
    let id = proposal(&app);
    let back = two.post(path, &[("counts", "withdraw"), ("proposal", &id), ("version", "1")]);
    assert_eq!((back.status, back.location.as_str()), (303, "/reviews/silence?done=withdrawn"));
    let late = [("counts", "agree"), ("proposal", id.as_str()), ("version", "1"), ("would_lose", "0")];
    let late = two.post(path, &[&late[..], &[("reason", "I read all of it")]].concat());
    assert!(late.status == 409 && !counts(&app), "{}", late.readable());
    let page = one.get("/reviews/silence");
    assert!(page.shows("Withdrawn") && page.shows("took it back on 23 Nov 2026"), "{}", page.readable());
}

#[test]
fn what_is_suspended_already_stays_so_and_is_counted_by_itself() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let lost = asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    let kept = asked_about(&app, "Cut Before", "2026-10-01", |_| {});
    let sandbox = asked_about(&app, "Elsewhere", "2026-10-01", |row| row.environment = Environment::Sandbox);
    crate::reviews::change_identity(&app, kept.id, |row| {
        row.state = IdentityState::Suspended;
        row.state_changed_at = at("2026-11-09T15:00:00Z");
    });
    let stop = stopped(&app, &[lost.id, kept.id, sandbox.id]);
    let page = analyst.get("/reviews/silence");
    for text in [
        "Stays suspended 1",
        "It is suspended since 9 Nov 2026, so it loses nothing more",
        "A run today would cut 1 of 1 identities that work or may work in production",
        "It would cut 1 of 1 identities that work or may work in production, and 2 others: 1 is suspended already and \
         stays so, 1 does not work in production.",
        "Production, stays suspended.",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(page.shows("Is suspended 2"), "two lose something: {}", page.readable());
    for held in &stop.reviews.0 {
        assert!(page.text.matches(&format!("href=\"/reviews/{}\"", held.review)).count() >= 2, "each row links");
    }
}

#[test]
fn whoever_agrees_agrees_to_what_the_page_said_would_be_lost() {
    let app = TestApp::start();
    let (one, two) = (app.sign_in(Role::Administrator), app.sign_in(Role::Administrator));
    let path = "/reviews/silence/counting";
    ran(&app, Job::ApplySilence, at(NOW));
    one.post(path, &[("counts", "yes"), ("reason", "everybody was told")]);
    let id = proposal(&app);
    assert!(two.get("/reviews/silence").shows("Today a run would suspend or revoke nothing."));
    // Of whom somebody is asked: nothing else would be lost by silence.
    app.account(Role::SecurityAnalyst);
    asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    let agree = |would_lose| {
        let said = [("counts", "agree"), ("proposal", id.as_str()), ("version", "1"), ("would_lose", would_lose)];
        two.post(path, &[&said[..], &[("reason", "I read all of it")]].concat())
    };
    let late = agree("0");
    assert!(late.status == 409 && late.shows("This changed while you were reading"), "{}", late.readable());
    assert!(late.text.contains("I read all of it</textarea>"), "what was typed is kept");
    let words = "Today a run would suspend or revoke 1 identity: 1 that works or may work in production.";
    assert!(late.shows(words), "{}", late.readable());
    assert!(late.shows("Silence comes to 1 open review: 1 whose day has passed."), "{}", late.readable());
    assert!(late.text.contains("name=\"would_lose\" value=\"1\"") && !counts(&app));
    assert_eq!(agree("1").location, "/reviews/silence?done=counts");
    assert!(counts(&app));
}

#[test]
fn a_proposal_to_which_nobody_agreed_in_time_says_so_and_can_only_be_taken_back() {
    let app = TestApp::start();
    let (one, two) = (app.account(Role::Administrator), app.account(Role::Administrator));
    let yes = [("counts", "yes"), ("reason", "everybody was told")];
    ran(&app, Job::ApplySilence, at(NOW));
    assert_eq!(app.sign_in_as(&one).post("/reviews/silence/counting", &yes).status, 303);
    let page = app.later(at(NOW).plus_days(31)).sign_in(&two).get("/reviews/silence");
    assert!(page.shows("Nobody agreed within 30 days") && page.shows("Take the proposal back"), "{}", page.readable());
    assert!(!page.text.contains("name=\"would_lose\"") && !page.shows("Why you agree"), "{}", page.text);
}

#[test]
fn the_page_says_what_was_cut_lately_what_is_held_back_since_when_and_what_waits_behind_a_stop() {
    let app = TestApp::start();
    let (analyst, second) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::SecurityAnalyst));
    let row = asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    let page = analyst.get("/reviews/silence");
    assert!(page.shows("In the last 30 days silence cut 0 of them."), "{}", page.readable());
    assert!(page.shows("held back, because silence is only simulated"), "{}", page.readable());
    run(&app.register, Job::ApplySilence, "2026-11-20T15:00:00Z");
    let page = analyst.get("/reviews/silence");
    assert!(page.shows("Held back since 20 Nov 2026, 3 days ago. Silence still comes."), "{}", page.readable());
    let review = reviews::live_of(&mut app.register.database.read().unwrap(), &[row.id]).unwrap().remove(0);
    let taken = review_silence::held_back(&mut app.register.database.read().unwrap(), &[review.id]).unwrap();
    assert_eq!(taken.iter().map(|step| step.step).collect::<Vec<_>>(), [ReviewStep::HeldBack]);
    let stop = stopped(&app, &[row.id]);
    let agreed = [("version", "1"), ("reason", "they are all test clients")];
    assert_eq!(analyst.post(&format!("/reviews/silence/{}/agree", stop.id), &agreed).status, 303);
    asked_about(&app, "Came After", "2026-10-02", |_| {});
    let page = second.get("/reviews/silence");
    for text in [
        "1 identity came since somebody agreed, and waits behind this stop. No agreement covers it: it is held back",
        "Came After",
        "would be suspended",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
}

#[test]
fn a_row_says_until_when_silence_was_put_off_and_why() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let row = asked_about(&app, "Long Silent", "2026-10-15", |_| {});
    assert!(!analyst.get("/reviews/silence").shows("put off"));
    ran(&app, Job::ApplySilence, at("2026-11-15T15:00:00Z"));
    run(&app.register, Job::ApplySilence, "2026-11-20T15:00:00Z");
    let page = analyst.get("/reviews/silence");
    assert_eq!((rows(&page, "past"), rows(&page, "soon")), (0, 1), "{}", page.readable());
    for text in ["Put off on 20 Nov 2026: nothing ran", "stands in the history of each review"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let review = reviews::live_of(&mut app.register.database.read().unwrap(), &[row.id]).unwrap().remove(0);
    let history = analyst.get(&format!("/reviews/{}", review.id));
    let says = "Silence was not counted from 15 Nov 2026 on, because nothing ran. An answer counts until 24 Nov 2026, and \
                not only until 19 Nov 2026.";
    assert!(history.shows(says), "{}", history.readable());
}

#[test]
fn what_is_still_to_get_the_days_on_which_nothing_ran_waits_and_is_counted_nowhere_as_cut() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let held = asked_about(&app, "Held Back", "2026-10-01", |_| {});
    let row = asked_about(&app, "Long Silent", "2026-10-15", |_| {});
    stopped(&app, &[held.id]);
    let lost = || today(&mut app.register.database.read().unwrap(), &app.register, at(NOW)).unwrap();
    assert_eq!((lost().identities, lost().may_be_production), (2, 2));
    let waits = "Waits: it is still to get the days on which nothing ran.";
    let behind = "1 identity came since the run.";
    let page = analyst.get("/reviews/silence");
    assert!(page.shows(behind) && !page.shows(waits), "{}", page.readable());
    assert!(page.shows("A run today would cut 2 of 2 identities"), "{}", page.readable());
    let review = reviews::live_of(&mut app.register.database.read().unwrap(), &[row.id]).unwrap().remove(0);
    let owed = [Owed { review: review.id, from: day("2026-11-15"), days: 4 }];
    app.register.change(&app.setup(), |work| Ok(silence_owed::set(work.db, &owed)?)).unwrap();
    let page = analyst.get("/reviews/silence");
    assert_eq!((rows(&page, "past"), page.readable().matches(waits).count()), (2, 1), "{}", page.readable());
    assert!(!page.shows(behind), "{}", page.readable());
    assert!(page.shows("A run today would cut 1 of 2 identities"), "{}", page.readable());
    assert_eq!((lost().identities, lost().may_be_production), (1, 1), "nor does whoever agrees agree to it");
}

#[test]
fn a_row_says_that_nobody_is_asked() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    let page = administrator.get("/reviews/silence");
    assert!(page.shows("Nobody is asked about it, so nobody can answer"), "{}", page.readable());
    let words = "A run today would cut 0 of 1 identities that work or may work in production.";
    assert!(page.shows(words), "{}", page.readable());
}

#[test]
fn a_stopped_run_is_said_loudly_and_an_earlier_one_is_kept() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let row = asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    let stop = stopped(&app, &[row.id]);
    let home = analyst.get("/");
    assert!(home.shows("A run of silence stopped: it would have cut 1 of 100 identities"), "{}", home.readable());
    assert!(home.text.contains("href=\"/reviews/silence\""));
    assert!(!app.sign_in(Role::Auditor).get("/").shows("A run of silence stopped"));
    let dropped = SilenceStop { state: StopState::Dropped, ended_at: Some(at(NOW)), version: 2, ..stop };
    app.register.change(&app.setup(), |work| Ok(silence_stops::update(work.db, &dropped)?)).unwrap();
    let page = analyst.get("/reviews/silence");
    assert!(page.shows("Earlier stops") && page.shows("Dropped"), "{}", page.readable());
    assert!(!page.shows("Let it go on") && !analyst.get("/").shows("A run of silence stopped"));
}
