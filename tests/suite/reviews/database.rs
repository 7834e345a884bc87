//! What the database refuses by itself, whoever writes to it: every statement here goes past the actions.
//! Beside what is refused stands the same statement where it is allowed.

use muster::actions::campaigns::select::Chosen;
use muster::actions::campaigns::{make, open};
use muster::domain::identities::ScopeList;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::campaigns::Typed;
use muster::domain::reviews::{ReviewAnswer, ReviewState};

use super::{Asked, BOTH, NAMES, READING, by, run_at};
use crate::app::{NOW, TestApp, at, on_postgres};
use crate::approvals::database::{Line, columns, quoted, rows, text};
use crate::jobs::identity;

const ENDED: &str = "a review that has ended never changes";
const PARTS: &str = "what a review was opened about, and what was done, never changes";
const FOLLOWS: &str = "the outcome of a review is the decision that stands";
const ATTESTED: &str = "whoever decided does not attest that it was done";
const STAYS: &str = "reviews that somebody answered, and those of a campaign, are never deleted";
const IN_TIME: &str = "a review is decided while it is open, and corrected before it takes effect";
const BENEFITS: &str = "whoever benefits does not decide that it goes on";
const DECIDED: &str = "a decision never changes";
const DECISIONS_STAY: &str = "decisions are never deleted";
const BEGUN: &str = "nothing is added to a campaign that has begun";
const LIST: &str = "only a request that people approved puts a scope on the approved list";

/// What a review can touch.
const TABLES: [&str; 10] = [
    "reviews",
    "review_notes",
    "review_reasons",
    "review_decisions",
    "review_steps",
    "campaigns",
    "campaign_items",
    "identity_scopes",
    "silence_stops",
    "silence_proposals",
];

/// What SQLite says, or what PostgreSQL says.
fn either(sqlite: &'static str, postgres: &'static str) -> &'static str {
    if on_postgres() { postgres } else { sqlite }
}

fn check(expression: &'static str) -> &'static str {
    either(expression, "violates check constraint")
}

/// Everything that a review can touch.
fn stored(app: &TestApp) -> Vec<Vec<String>> {
    let mut db = app.register.database.read().unwrap();
    TABLES
        .iter()
        .map(|table| {
            let columns = columns(&mut db, table);
            assert!(!columns.is_empty(), "{table}");
            rows(&mut db, table, &columns)
        })
        .collect()
}

fn write(app: &TestApp, statement: &str) {
    if let Err(error) = app.register.database.read().unwrap().execute(statement) {
        panic!("{statement}: {error}");
    }
}

/// The database refuses it in these words, and nothing is changed.
fn refuse(app: &TestApp, statement: &str, words: &str) {
    let before = stored(app);
    match app.register.database.read().unwrap().execute(statement) {
        Ok(()) => panic!("{statement}: it was done"),
        Err(refused) => assert!(refused.to_string().contains(words), "{statement}: {refused}"),
    }
    assert_eq!(stored(app), before, "{statement}");
}

/// The database does it, and something is changed.
fn allow(app: &TestApp, statement: &str) {
    let before = stored(app);
    write(app, statement);
    assert_ne!(stored(app), before, "{statement}");
}

fn minutes(count: i64) -> String {
    text(at(NOW).plus_seconds(count * 60).to_text())
}

/// A decision before it is written: that it is kept.
fn keeping(id: Id, review: Id, person: Id) -> Line {
    Line::of(
        "review_decisions",
        &[
            ("id", &quoted(id)),
            ("review_id", &quoted(review)),
            ("answer", "'keep'"),
            ("decided_by_id", &quoted(person)),
            ("decided_as", "'keeper'"),
            ("reason", "'it is needed'"),
            ("sheet", "'{}'"),
            ("digest", &text("0".repeat(64))),
            ("identity_version", "1"),
            ("decided_at", &minutes(1)),
        ],
    )
}

fn revoking(id: Id, review: Id, person: Id) -> Line {
    keeping(id, review, person).with("answer", "'revoke'").with("revoke_on", "'2026-12-01'")
}

fn set(review: Id, change: &str) -> String {
    format!("UPDATE reviews SET {change} WHERE id = {}", quoted(review))
}

/// What a review gets when somebody decided it.
fn decided(outcome: &str, decision: &str) -> String {
    format!(
        "state = 'decided', outcome = '{outcome}', decision_id = {decision}, decided_at = {}, takes_effect_at = {}, \
         next_step_on = NULL",
        minutes(1),
        minutes(31)
    )
}

#[test]
fn a_decision_is_neither_changed_nor_deleted_and_a_correction_stands_beside_it() {
    let story = Asked::begin();
    let first = story.owner_says(ReviewAnswer::Keep, at(NOW), |_| {}).unwrap();
    let app = &story.app;
    for change in ["reason = 'another'", "answer = 'dont_know'", "decided_as = 'keeper'", "sheet = '{}'"] {
        refuse(app, &format!("UPDATE review_decisions SET {change} WHERE id = {}", quoted(first)), DECIDED);
    }
    refuse(app, &format!("DELETE FROM review_decisions WHERE id = {}", quoted(first)), DECISIONS_STAY);
    let second = Id::new();
    let correction = keeping(second, story.review, story.analyst.0).with("supersedes_id", quoted(first));
    allow(app, &correction.insert());
    let again = keeping(Id::new(), story.review, story.second.0).with("supersedes_id", quoted(first));
    refuse(app, &again.insert(), either("UNIQUE constraint failed", "duplicate key"));
    // What was corrected stands no more.
    refuse(app, &set(story.review, "version = version + 1"), FOLLOWS);
    allow(app, &set(story.review, &format!("decision_id = {}, version = version + 1", quoted(second))));
}

#[test]
fn an_outcome_needs_its_decision() {
    let story = Asked::begin();
    let app = &story.app;
    refuse(app, &set(story.review, &decided("keep", "NULL")), FOLLOWS);
    refuse(app, &set(story.review, &decided("keep", &quoted(Id::new()))), FOLLOWS);
    let decision = Id::new();
    write(app, &revoking(decision, story.review, story.analyst.0).insert());
    refuse(app, &set(story.review, &decided("keep", &quoted(decision))), FOLLOWS);
    allow(app, &set(story.review, &decided("revoke", &quoted(decision))));
}

#[test]
fn what_was_taken_away_is_closed_with_proof_and_not_by_who_decided_it() {
    let story = Asked::begin();
    story.revoked();
    let app = &story.app;
    let closed = format!("state = 'closed', closed_at = {}", minutes(90));
    let unproved = check("state <> 'closed' OR outcome IN ('keep', 'silent_keep') OR proof IS NOT NULL");
    refuse(app, &set(story.review, &closed), unproved);
    let proved = |proof: &str, person: &str| {
        format!(
            "{closed}, proof = '{proof}', proof_note = 'the token was refused', proved_by_id = {person}, proved_at = {}",
            minutes(90)
        )
    };
    refuse(app, &set(story.review, &proved("attested", &quoted(story.owner.0))), ATTESTED);
    let nobody = check("proof IS NULL OR (proof = 'attested') = (proved_by_id IS NOT NULL)");
    refuse(app, &set(story.review, &proved("attested", "NULL")), nobody);
    refuse(app, &set(story.review, &proved("observed", &quoted(story.analyst.0))), nobody);
    allow(app, &set(story.review, &proved("attested", &quoted(story.analyst.0))));
    refuse(app, &set(story.review, "version = version + 1"), ENDED);
}

#[test]
fn what_a_review_was_opened_about_and_what_was_done_never_changes() {
    let story = Asked::begin();
    let app = &story.app;
    let other = quoted(identity(app, "Another", |_| {}).id);
    for change in [
        format!("id = {}", quoted(Id::new())),
        format!("identity_id = {other}"),
        "snapshot = '{\"name\": \"another\"}'".to_owned(),
        format!("opened_at = {}", minutes(5)),
    ] {
        refuse(app, &set(story.review, &change), PARTS);
    }
    allow(app, &set(story.review, "version = version + 1"));
    story.revoked();
    let standing = story.review().decision_id.unwrap();
    refuse(app, &set(story.review, &format!("applied_at = {}", minutes(99))), PARTS);
    let undone = format!("state = 'decided', applied_at = NULL, decision_id = {}", quoted(standing));
    refuse(app, &set(story.review, &undone), PARTS);
    refuse(app, &format!("DELETE FROM reviews WHERE id = {}", quoted(story.review)), STAYS);
}

#[test]
fn nothing_is_decided_that_has_taken_effect() {
    let story = Asked::begin();
    let early = keeping(Id::new(), story.review, story.analyst.0);
    allow(&story.app, &early.insert());
    let story = Asked::begin();
    story.revoked();
    let standing = story.review().decision_id.unwrap();
    let late = keeping(Id::new(), story.review, story.analyst.0);
    refuse(&story.app, &late.insert(), IN_TIME);
    refuse(&story.app, &late.clone().with("supersedes_id", quoted(standing)).insert(), IN_TIME);
    // A correction corrects a decision of the same review.
    let other = Asked::begin();
    let first = Id::new();
    write(&other.app, &keeping(first, other.review, other.analyst.0).insert());
    let foreign = keeping(Id::new(), other.review, other.second.0).with("supersedes_id", quoted(Id::new()));
    refuse(&other.app, &foreign.insert(), IN_TIME);
    let own = keeping(Id::new(), other.review, other.second.0).with("supersedes_id", quoted(first));
    allow(&other.app, &own.insert());
}

#[test]
fn whoever_benefits_does_not_decide_that_it_goes_on_and_may_have_it_stopped() {
    let story = Asked::begin();
    let app = &story.app;
    let technical = story.technical.0;
    refuse(app, &keeping(Id::new(), story.review, technical).insert(), BENEFITS);
    let less = keeping(Id::new(), story.review, technical).with("answer", "'narrow'").with("kept", "'[\"openid\"]'");
    refuse(app, &less.insert(), BENEFITS);
    allow(app, &revoking(Id::new(), story.review, technical).insert());
    allow(app, &keeping(Id::new(), story.review, story.owner.0).insert());
    // Who refused to own it benefits from nothing.
    let refused = format!(
        "UPDATE identities SET technical_owner_answer = 'refused', version = version + 1 WHERE id = {}",
        quoted(story.identity)
    );
    write(app, &refused);
    allow(app, &keeping(Id::new(), story.review, technical).insert());
}

#[test]
fn a_decision_has_what_its_answer_needs_and_nothing_else() {
    let story = Asked::begin();
    let app = &story.app;
    let line = || keeping(Id::new(), story.review, story.analyst.0);
    for (wrong, words) in [
        (line().with("answer", "'narrow'"), "(answer = 'narrow') = (kept IS NOT NULL)"),
        (line().with("kept", "'[]'"), "(answer = 'narrow') = (kept IS NOT NULL)"),
        (line().with("answer", "'revoke'"), "(answer = 'revoke') = (revoke_on IS NOT NULL)"),
        (line().with("answer", "'reassign'"), "(answer = 'reassign') = (passed_to_id IS NOT NULL)"),
        (line().with("answer", "'dont_know'").with("reason", "NULL"), "answer = 'keep' OR reason IS NOT NULL"),
        (
            line().with("answer", "'dont_know'").with("together_id", quoted(Id::new())),
            "together_id IS NULL OR answer = 'keep'",
        ),
    ] {
        refuse(app, &wrong.insert(), check(words));
    }
    allow(app, &line().with("reason", "NULL").insert());
}

#[test]
fn nobody_is_asked_twice_at_once_about_one_identity() {
    let story = Asked::begin();
    let app = &story.app;
    let line = |identity: Id| {
        Line::of(
            "reviews",
            &[
                ("id", &quoted(Id::new())),
                ("identity_id", &quoted(identity)),
                ("state", "'open'"),
                ("tier", "'unknown'"),
                ("snapshot", "'{}'"),
                ("resolution", "'[]'"),
                ("opened_at", &minutes(0)),
                ("due_on", "'2026-12-14'"),
                ("add_on", "'2026-12-15'"),
                ("replace_on", "'2026-12-21'"),
                ("silence_on", "'2026-12-28'"),
                ("version", "1"),
            ],
        )
    };
    let twice = either("UNIQUE constraint failed: reviews.identity_id", "reviews_live");
    refuse(app, &line(story.identity).insert(), twice);
    let other = identity(app, "Another", |_| {}).id;
    let falling = line(other).with("silence_on", "'2026-12-01'");
    refuse(app, &falling.insert(), check("due_on <= add_on AND add_on <= replace_on AND replace_on <= silence_on"));
    allow(app, &line(other).insert());
    story.revoked();
    assert_eq!(story.review().state, ReviewState::Remediating);
    allow(app, &line(story.identity).insert());
}

#[test]
fn nothing_is_added_to_a_campaign_that_has_begun() {
    let story = Asked::begin();
    let app = &story.app;
    let keeper = by(story.analyst.0, Role::SecurityAnalyst, at(NOW));
    let typed = Typed { name: "Winter", why: "Every quarter.", due_on: "2026-12-14", due_by: "", filter: "all" };
    let wanted = make::wanted(&app.register, &keeper, typed).unwrap();
    let campaign = make::make(&app.register, &keeper, &wanted).unwrap();
    let item = |position: i64, identity: Id| {
        Line::of(
            "campaign_items",
            &[
                ("campaign_id", &quoted(campaign)),
                ("position", &position.to_string()),
                ("identity_id", &quoted(identity)),
                ("name", "'Another'"),
            ],
        )
    };
    let [one, two] = ["One", "Two"].map(|name| identity(app, name, |_| {}).id);
    let draft = make::make(&app.register, &keeper, &wanted).unwrap();
    allow(app, &item(90, one).with("campaign_id", quoted(draft)).insert());
    open::open(&app.register, &keeper, campaign, 1, &Chosen::default()).unwrap();
    run_at(&app.register, Job::AdvanceCampaigns, at(NOW));
    refuse(app, &item(91, two).insert(), BEGUN);
    let of_it = format!("WHERE campaign_id = {}", quoted(campaign));
    refuse(app, &format!("DELETE FROM campaign_items {of_it}"), "what a campaign selected is never deleted");
    refuse(app, &format!("DELETE FROM campaigns WHERE id = {}", quoted(campaign)), "campaigns are never deleted");
    refuse(app, &format!("DELETE FROM reviews {of_it}"), STAYS);
    refuse(app, &set(story.review, "campaign_id = NULL"), PARTS);
}

#[test]
fn what_a_review_took_away_comes_back_by_a_request_alone() {
    let story = Asked::approved(&[BOTH, NAMES], |_| {});
    let app = &story.app;
    story.owner_says(ReviewAnswer::Narrow, at(NOW), |reply| reply.keep = vec![READING.to_owned()]).unwrap();
    let listed = |scope: &str| {
        Line::of(
            "identity_scopes",
            &[
                ("identity_id", &quoted(story.identity)),
                ("list", "'approved'"),
                ("scope", &text(scope)),
                ("position", "7"),
                ("optional", "FALSE"),
                ("in_token", "TRUE"),
                ("defined", "TRUE"),
            ],
        )
    };
    refuse(app, &listed(READING).insert(), LIST);
    story.apply(at(NOW).plus_seconds(31 * 60));
    assert_eq!(story.scopes(ScopeList::Approved), [READING]);
    for gone in [BOTH, NAMES, "system/*.rs"] {
        refuse(app, &listed(gone).insert(), LIST);
        let scope = format!("UPDATE identity_scopes SET scope = {} WHERE list = 'approved'", text(gone));
        refuse(app, &scope, LIST);
    }
    allow(app, &format!("DELETE FROM identity_scopes WHERE identity_id = {}", quoted(story.identity)));
    for gone in [BOTH, NAMES] {
        refuse(app, &listed(gone).insert(), LIST);
    }
    allow(app, &listed(READING).insert());
}

#[test]
fn what_a_second_review_took_away_the_first_does_not_bring_back() {
    let story = Asked::approved(&[BOTH, NAMES], |_| {});
    let app = &story.app;
    let keep = [READING, NAMES].map(str::to_owned).to_vec();
    story.owner_says(ReviewAnswer::Narrow, at(NOW), |reply| reply.keep = keep).unwrap();
    story.apply(at(NOW).plus_seconds(31 * 60));
    assert_eq!(story.scopes(ScopeList::Approved), [READING, NAMES]);
    let waits = story.review();
    let keeper = by(story.analyst.0, Role::SecurityAnalyst, at(NOW).plus_days(1));
    muster::actions::reviews::prove::attest(
        &app.register,
        &keeper,
        waits.id,
        waits.version,
        "seen in the console of its system",
    )
    .unwrap();
    let next = story.now().next_review_on.unwrap();
    let then = at(&format!("{next}T15:00:00Z"));
    assert_eq!(run_at(&app.register, Job::RaiseRecertifications, then)[0], "1 review opened");
    let second = super::reviews_about(app, story.identity).remove(0).id;
    let owner = (story.owner.0, Role::Owner);
    super::answer(app, second, owner, ReviewAnswer::Narrow, then, |reply| reply.keep = vec![READING.to_owned()])
        .unwrap();
    story.apply(then.plus_seconds(31 * 60));
    assert_eq!(story.scopes(ScopeList::Approved), [READING]);
    let back = Line::of(
        "identity_scopes",
        &[
            ("identity_id", &quoted(story.identity)),
            ("list", "'approved'"),
            ("scope", &text(NAMES)),
            ("position", "7"),
            ("optional", "FALSE"),
            ("in_token", "TRUE"),
            ("defined", "TRUE"),
        ],
    );
    refuse(app, &back.insert(), LIST);
}

#[test]
fn a_run_that_stopped_goes_on_by_two_people_who_are_not_one() {
    let story = Asked::begin();
    let app = &story.app;
    let id = Id::new();
    let stop = Line::of(
        "silence_stops",
        &[
            ("id", &quoted(id)),
            ("state", "'stopped'"),
            ("cuts", "6"),
            ("population", "6"),
            ("reviews", "'[]'"),
            ("stopped_at", &minutes(0)),
            ("version", "1"),
        ],
    );
    let (first, second) = (quoted(story.analyst.0), quoted(story.second.0));
    refuse(
        app,
        &stop.clone().with("state", "'agreed'").with("first_by_id", first.clone()).insert(),
        check("state NOT IN ('agreed', 'done') OR second_by_id IS NOT NULL"),
    );
    allow(app, &stop.insert());
    refuse(
        app,
        &stop.with("id", quoted(Id::new())).insert(),
        either("UNIQUE constraint failed: silence_stops.state", "silence_stops_waiting"),
    );
    let change = |change: &str| format!("UPDATE silence_stops SET {change} WHERE id = {}", quoted(id));
    let one = format!("first_by_id = {first}, second_by_id = {first}, state = 'agreed'");
    let apart = check("second_by_id IS NULL OR (first_by_id IS NOT NULL AND first_by_id <> second_by_id)");
    refuse(app, &change(&one), apart);
    refuse(app, &change(&format!("second_by_id = {second}")), apart);
    allow(app, &change(&format!("first_by_id = {first}, second_by_id = {second}, state = 'agreed'")));
}

#[test]
fn that_silence_counts_is_said_by_two_people_who_are_not_one() {
    let story = Asked::begin();
    let app = &story.app;
    let id = Id::new();
    let (first, second) = (quoted(story.administrator.0), quoted(story.second.0));
    let proposal = Line::of(
        "silence_proposals",
        &[
            ("id", &quoted(id)),
            ("state", "'proposed'"),
            ("reason", "'a month was read'"),
            ("proposed_by_id", &first),
            ("proposed_at", &minutes(0)),
            ("version", "1"),
        ],
    );
    let at_once = proposal.clone().with("state", "'agreed'").with("agreed_by_id", second.clone());
    refuse(app, &at_once.with("agreed_at", minutes(0)).insert(), "that silence counts begins by being proposed");
    allow(app, &proposal.insert());
    refuse(
        app,
        &proposal.with("id", quoted(Id::new())).insert(),
        either("UNIQUE constraint failed: silence_proposals.state", "silence_proposals_live"),
    );
    let change = |change: &str| format!("UPDATE silence_proposals SET {change} WHERE id = {}", quoted(id));
    let agreed = |person: &str| format!("state = 'agreed', agreed_by_id = {person}, agreed_at = {}", minutes(1));
    refuse(app, &change("state = 'agreed'"), check("(state IN ('agreed', 'ended')) = (agreed_by_id IS NOT NULL)"));
    refuse(app, &change(&agreed(&first)), check("agreed_by_id IS NULL OR agreed_by_id <> proposed_by_id"));
    let parts = "who proposed that silence counts, and who agreed, never changes";
    refuse(app, &change(&format!("proposed_by_id = {second}")), parts);
    refuse(app, &change("reason = 'another'"), parts);
    allow(app, &change(&agreed(&second)));
    refuse(app, &change(&format!("agreed_by_id = {}", quoted(story.analyst.0))), parts);
    let ended = "a proposal that has ended never changes";
    let withdrawn = format!("state = 'withdrawn', ended_by_id = {first}, ended_at = {}", minutes(2));
    refuse(app, &change(&withdrawn), ended);
    let simulated = format!("state = 'ended', ended_by_id = {first}, ended_at = {}, ended_because = 'x'", minutes(2));
    allow(app, &change(&simulated));
    refuse(app, &change("state = 'agreed', ended_by_id = NULL, ended_at = NULL, ended_because = NULL"), ended);
    refuse(app, &format!("DELETE FROM silence_proposals WHERE id = {}", quoted(id)), "proposals are never deleted");
}
