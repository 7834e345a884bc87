//! Reasons to ask early: each opens one review, the same one twice opens none, and a second one joins.

use muster::actions::imports::{self, Upload};
use muster::actions::reviews::decide::decide;
use muster::actions::{bulk, findings, identities as actions, ownership};
use muster::connectors::imports::ImportFormat;
use muster::domain::findings::FindingRule;
use muster::domain::identities::{AccessBasis, Criticality, Environment, IdentityState};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::ownership::OwnerRole;
use muster::domain::people::Role;
use muster::domain::registration::{Known, Registration};
use muster::domain::reviews::reasons::ReviewCause;
use muster::domain::reviews::{ReviewAnswer, ReviewState};
use muster::domain::tasks::{TaskCause, TaskKind};
use muster::store::findings::Finding;
use muster::store::identities::{self, Identity};
use muster::store::registry::{self, Vendor};
use muster::web::fields::Fields;
use serde_json::json;

use super::{
    by, causes, fields, gives, is_conflict, later, loaded, messages, now_of, open_tasks, reply, review_of,
    reviews_about, run_at,
};
use crate::app::{NOW, TestApp, at};
use crate::approvals::database::texts;
use crate::imports::{bring, client, realm, touch, upload};
use crate::jobs::{change_person, day, identity, kept_by, owned_by, run};

/// An identity whose review is due in a while.
fn quiet(app: &TestApp, name: &str, change: impl FnOnce(&mut Identity)) -> Identity {
    identity(app, name, |row| {
        row.next_review_on = Some(day("2027-01-15"));
        change(row);
    })
}

fn raise(app: &TestApp) -> Vec<String> {
    run(&app.register, Job::RaiseRecertifications, NOW)
}

/// One review is opened for that cause, and a second run opens none and writes nothing.
fn opens_one(app: &TestApp, identity: Id, cause: ReviewCause) {
    assert_eq!(raise(app)[0], "1 review opened", "{cause}");
    let review = review_of(app, identity);
    assert_eq!(review.state, ReviewState::Open);
    assert_eq!(causes(app, review.id), [cause]);
    let size = app.audit_size();
    assert_eq!(raise(app), ["0 reviews opened"], "{cause}");
    assert_eq!(app.audit_size(), size, "{cause}");
    review_of(app, identity);
}

/// Opens a critical finding about an identity.
fn shares_its_secret(app: &TestApp, id: Id) -> bool {
    app.register
        .change(&app.setup(), |work| {
            let found = identities::find(work.db, id)?;
            let says = "It shares its secret with its twin in the sandbox.".to_owned();
            findings::open(work, &found, Finding::new(id, FindingRule::SecretShared, says, at(NOW)))
        })
        .unwrap()
}

/// A form with little in it, for an environment.
fn typed(name: &str, environment: Environment) -> Registration {
    let form = format!(
        "kind=smart_app&name={}&environment={}&client_type=unknown&refresh_tokens=unknown&criticality=unknown\
         &next_review_on=2027-01-15",
        name.replace(' ', "+"),
        environment.word()
    );
    Registration::parse(&Fields::parse(form.as_bytes()), &Known::default()).unwrap()
}

fn vendor(app: &TestApp, name: &str, ends: &str) -> Id {
    let vendor = Vendor {
        id: Id::new(),
        name: name.to_owned(),
        name_key: name.to_lowercase(),
        contact: None,
        contract_reference: None,
        contract_ends_on: Some(day(ends)),
        agreement_reference: None,
        agreement_ends_on: None,
        baa_reference: None,
        baa_ends_on: None,
        notes: None,
        created_at: at(NOW),
        updated_at: at(NOW),
        version: 1,
    };
    app.register.change(&app.setup(), |work| Ok(registry::insert_vendor(work.db, &vendor)?)).unwrap();
    vendor.id
}

#[test]
fn a_permission_that_an_import_finds_new_is_a_reason() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    bring(&app, upload(realm(&[client("a"), client("b")])));
    assert_eq!(raise(&app), ["0 reviews opened", "2 clocks set"]);
    let mut wider = client("a");
    wider["defaultClientScopes"] = json!(["openid", "patient/Patient.rs", "patient/Observation.rs"]);
    bring(&app, upload(realm(&[wider.clone(), client("b")])));
    let a = crate::imports::identity(&app, "a").id;
    opens_one(&app, a, ReviewCause::ScopeChange);
    bring(&app, upload(realm(&[wider, client("b")])));
    assert_eq!(raise(&app), ["0 reviews opened"], "the same file again is no reason");
    // What goes away is none either.
    let mut narrower = client("b");
    narrower["defaultClientScopes"] = json!(["openid"]);
    let mut wide = client("a");
    wide["defaultClientScopes"] = json!(["openid", "patient/Patient.rs", "patient/Observation.rs"]);
    bring(&app, upload(realm(&[wide, narrower])));
    assert_eq!(raise(&app)[0], "0 reviews opened");
    assert!(reviews_about(&app, crate::imports::identity(&app, "b").id).is_empty());
}

#[test]
fn a_key_that_an_import_finds_new_is_a_reason() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let holding = |secret: &str| {
        let mut client = client("a");
        client["publicClient"] = json!(false);
        client["secret"] = json!(secret);
        realm(&[client])
    };
    bring(&app, upload(holding("the-first-secret-of-this-test-only")));
    raise(&app);
    bring(&app, upload(holding("the-first-secret-of-this-test-only")));
    assert_eq!(raise(&app), ["0 reviews opened"]);
    bring(&app, upload(holding("another-secret-of-this-test-only")));
    opens_one(&app, crate::imports::identity(&app, "a").id, ReviewCause::NewKey);
}

#[test]
fn another_owner_is_a_reason_whether_one_is_named_or_many_and_a_first_owner_is_none() {
    let app = TestApp::start();
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    let keeper = by(analyst, Role::SecurityAnalyst, at(NOW));
    let (first, next) = (app.owner("Dana Okafor", "dana@x.example"), app.owner("Tess Lin", "tess@x.example"));
    let one = quiet(&app, "One", |row| owned_by(row, first)).id;
    let many = quiet(&app, "Many", |row| owned_by(row, first)).id;
    let nobodys = quiet(&app, "Nobody\u{2019}s", |_| {}).id;
    let named = [(OwnerRole::Business, Some(next))];
    ownership::name_owners(&app.register, &keeper, one, 1, &named).unwrap();
    opens_one(&app, one, ReviewCause::OwnerChange);
    let task = open_tasks(&app, review_of(&app, one).id, TaskKind::Recertification).remove(0);
    assert_eq!((task.assignee_id, task.cause), (Some(next), TaskCause::ReviewAsked), "the new owner is asked");
    let set = bulk::freeze(&app.register, &keeper, bulk::Selection::Picked(vec![many, nobodys])).unwrap();
    bulk::apply(&app.register, &keeper, set, OwnerRole::Business, next).unwrap();
    opens_one(&app, many, ReviewCause::OwnerChange);
    assert!(reviews_about(&app, nobodys).is_empty(), "nobody answered for it before");
}

#[test]
fn a_list_that_names_somebody_else_changes_no_owner_so_it_is_no_reason() {
    let app = TestApp::start();
    let (first, _) = (app.owner("Dana Okafor", "dana@x.example"), app.owner("Tess Lin", "tess@x.example"));
    let map = "name = \"ours\"\nsubject = \"clients\"\n\
        [[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n\
        [[columns]]\nheading = \"Owner\"\nfield = \"business_owner_email\"\n";
    imports::maps::save(&app.register, &app.setup(), map, ("", 0)).unwrap();
    let list = |owner: &str| Upload {
        format: ImportFormat::Csv,
        file_name: "ours.csv".to_owned(),
        column_map: Some("ours".to_owned()),
        ..upload(format!("Id,Owner\nx1,{owner}\n").into_bytes())
    };
    bring(&app, list("dana@x.example"));
    raise(&app);
    bring(&app, list("tess@x.example"));
    let found = crate::imports::identity(&app, "x1");
    assert_eq!(found.business_owner_id, Some(first));
    assert_eq!(raise(&app), ["0 reviews opened"]);
}

#[test]
fn an_owner_who_left_is_a_reason_on_the_day_and_for_each_role() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let (owner, technical) = (app.owner("Dana Okafor", "dana@x.example"), app.owner("Tess Lin", "tess@x.example"));
    let row = quiet(&app, "Discharge Planner", |row| {
        owned_by(row, owner);
        kept_by(row, technical);
    });
    change_person(&app, owner, |person| person.left_on = Some(day("2026-11-24")));
    assert_eq!(raise(&app), ["0 reviews opened"], "they are here today");
    let said = run_at(&app.register, Job::RaiseRecertifications, later(1));
    assert_eq!(said[0], "1 review opened", "{said:?}");
    let review = review_of(&app, row.id);
    assert_eq!(causes(&app, review.id), [ReviewCause::OwnerLeft]);
    assert_eq!(run_at(&app.register, Job::RaiseRecertifications, later(1)), ["0 reviews opened"]);
    change_person(&app, technical, |person| person.left_on = Some(day("2026-11-25")));
    let said = run_at(&app.register, Job::RaiseRecertifications, later(2));
    assert_eq!(said, ["0 reviews opened", "1 reason added to reviews that are open"]);
    assert_eq!(causes(&app, review.id), [ReviewCause::OwnerLeft; 2]);
}

#[test]
fn what_moves_to_production_is_asked_about() {
    let app = TestApp::start();
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    let keeper = by(analyst, Role::SecurityAnalyst, at(NOW));
    let row = quiet(&app, "Discharge Planner", |row| row.environment = Environment::Sandbox);
    actions::edit(&app.register, &keeper, row.id, 1, &typed("Discharge Planner", Environment::Staging)).unwrap();
    assert_eq!(raise(&app)[0], "0 reviews opened", "staging is no production");
    let version = now_of(&app, row.id).version;
    actions::edit(&app.register, &keeper, row.id, version, &typed("Discharge Planner", Environment::Production))
        .unwrap();
    opens_one(&app, row.id, ReviewCause::Promotion);
}

/// A form that changes how it is judged, and nothing else of what `judged_by` made.
fn judged(basis: &str, criticality: &str, owner: Id) -> Registration {
    let form = format!(
        "kind=smart_app&name=Discharge+Planner&environment=production&client_type=unknown&refresh_tokens=unknown\
         &access_basis={basis}&criticality={criticality}&scopes=patient%2F*.rs+offline_access&business_owner={owner}\
         &next_review_on=2027-01-15"
    );
    Registration::parse(&Fields::parse(form.as_bytes()), &Known::default()).unwrap()
}

/// An app that reads the records of one patient at a time, with an access basis and a criticality.
fn judged_by(app: &TestApp, owner: Id, basis: Option<AccessBasis>, criticality: Criticality) -> Id {
    let row = quiet(app, "Discharge Planner", |row| {
        (row.access_basis, row.criticality) = (basis, criticality);
        owned_by(row, owner);
    });
    gives(app, row.id, &["patient/*.rs", "offline_access"]);
    row.id
}

/// Why its review was opened, in words.
fn says(app: &TestApp, id: Id) -> Vec<String> {
    loaded(app, review_of(app, id).id, at(NOW)).reasons.into_iter().map(|reason| reason.says).collect()
}

#[test]
fn a_tier_that_another_access_basis_lowers_is_asked_about_and_the_log_names_both() {
    let app = TestApp::start();
    let (owner, analyst) = (app.account(Role::Owner), app.account(Role::SecurityAnalyst));
    let keeper = by(analyst.0, Role::SecurityAnalyst, at(NOW));
    let id = judged_by(&app, owner.0, Some(AccessBasis::Treatment), Criticality::Unknown);
    actions::edit(&app.register, &keeper, id, 1, &judged("patient_directed", "unknown", owner.0)).unwrap();
    opens_one(&app, id, ReviewCause::OtherRules);
    let said = "By another access basis its tier is low instead of moderate. Its record says now: \u{201c}The patient \
                directs it, so silence never stops it.\u{201d}";
    assert_eq!(says(&app, id), [said]);
    let task = open_tasks(&app, review_of(&app, id).id, TaskKind::Recertification).remove(0);
    assert_eq!(task.assignee_id, Some(owner.0), "its owner is asked");
    let lowered = "its tier is low instead of moderate";
    assert!(app.sign_in_as(&owner).get(&format!("/reviews/{}", review_of(&app, id).id)).shows(lowered));
    assert!(app.sign_in_as(&analyst).get(&format!("/identities/{id}")).shows(lowered), "its timeline says it");
}

#[test]
fn what_care_depends_on_no_longer_is_asked_about_and_what_asks_for_more_is_not() {
    let app = TestApp::start();
    let (owner, analyst) = (app.account(Role::Owner).0, app.account(Role::SecurityAnalyst).0);
    let keeper = by(analyst, Role::SecurityAnalyst, at(NOW));
    let edit = |id: Id, basis: &str, criticality: &str| {
        actions::edit(&app.register, &keeper, id, now_of(&app, id).version, &judged(basis, criticality, owner))
            .unwrap();
    };
    let id = judged_by(&app, owner, Some(AccessBasis::Public), Criticality::Clinical);
    edit(id, "treatment", "clinical");
    assert_eq!(raise(&app)[0], "0 reviews opened", "no rule asks for less");
    edit(id, "treatment", "moderate");
    opens_one(&app, id, ReviewCause::OtherRules);
    let said = "Its record no longer says: \u{201c}Care depends on it, so silence never stops it.\u{201d}";
    assert_eq!(says(&app, id), [said]);
}

#[test]
fn what_nobody_had_written_is_no_reason_until_somebody_has_decided() {
    let app = TestApp::start();
    let (owner, analyst) = (app.account(Role::Owner).0, app.account(Role::SecurityAnalyst).0);
    let keeper = by(analyst, Role::SecurityAnalyst, at(NOW));
    let edit = |id: Id, basis: &str, criticality: &str, now| {
        let who = muster::actions::By { now, ..keeper.clone() };
        actions::edit(&app.register, &who, id, now_of(&app, id).version, &judged(basis, criticality, owner)).unwrap();
    };
    let id = judged_by(&app, owner, None, Criticality::Unknown);
    edit(id, "patient_directed", "unknown", at(NOW));
    assert_eq!(raise(&app)[0], "0 reviews opened", "its first review comes on its day");
    touch(&app.register, id, |row| row.next_review_on = Some(day("2026-11-23")));
    raise(&app);
    let shown = reply(&app, review_of(&app, id).id, ReviewAnswer::Keep, at(NOW));
    decide(&app.register, &by(owner, Role::Owner, at(NOW)), &shown).unwrap();
    run_at(&app.register, Job::ApplyReviews, at(NOW).plus_seconds(31 * 60));
    // The patient directs it, so nothing is added to what protects it; what is taken away is asked about.
    edit(id, "patient_directed", "clinical", later(1));
    run_at(&app.register, Job::RaiseRecertifications, later(1));
    assert_eq!(reviews_about(&app, id).len(), 1);
    edit(id, "treatment", "unknown", later(1));
    run_at(&app.register, Job::RaiseRecertifications, later(1));
    let asked = reviews_about(&app, id).remove(0);
    assert_eq!((asked.state, causes(&app, asked.id)), (ReviewState::Open, vec![ReviewCause::OtherRules]));
}

#[test]
fn whoever_owns_it_has_no_other_rules_count_for_it() {
    let app = TestApp::start();
    let (owner, other) = (app.account(Role::SecurityAnalyst).0, app.account(Role::SecurityAnalyst).0);
    let id = judged_by(&app, owner, Some(AccessBasis::Treatment), Criticality::Clinical);
    let size = app.audit_size();
    let edit = |person: Id, basis: &str, criticality: &str| {
        actions::edit(
            &app.register,
            &by(person, Role::SecurityAnalyst, at(NOW)),
            id,
            now_of(&app, id).version,
            &judged(basis, criticality, owner),
        )
    };
    assert_eq!(fields(edit(owner, "patient_directed", "clinical")), ["access_basis"]);
    assert_eq!(fields(edit(owner, "treatment", "low")), ["criticality"]);
    let why = messages(edit(owner, "treatment", "low")).remove(0);
    assert!(why.starts_with("You own it, so somebody else") && why.contains("Care depends on it"), "{why}");
    assert_eq!((app.audit_size(), now_of(&app, id).access_basis), (size, Some(AccessBasis::Treatment)));
    edit(other, "patient_directed", "clinical").unwrap();
    opens_one(&app, id, ReviewCause::OtherRules);
}

#[test]
fn a_critical_finding_is_a_reason_once() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let row = quiet(&app, "Discharge Planner", |_| {});
    assert!(shares_its_secret(&app, row.id));
    opens_one(&app, row.id, ReviewCause::CriticalFinding);
    assert!(!shares_its_secret(&app, row.id), "it stands already");
    assert_eq!(raise(&app), ["0 reviews opened"]);
}

#[test]
fn use_after_a_long_silence_is_a_reason_and_use_every_day_is_none() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let map = "name = \"ours\"\nsubject = \"clients\"\ndate_formats = [\"%Y-%m-%d\"]\n\
        [[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n\
        [[columns]]\nheading = \"Used\"\nfield = \"last_used_at\"\n";
    imports::maps::save(&app.register, &app.setup(), map, ("", 0)).unwrap();
    let file = |one: &str, other: &str| Upload {
        format: ImportFormat::Csv,
        file_name: "ours.csv".to_owned(),
        column_map: Some("ours".to_owned()),
        ..upload(format!("Id,Used\nx1,{one}\nx2,{other}\n").into_bytes())
    };
    bring(&app, file("2026-05-01", "2026-11-01"));
    raise(&app);
    bring(&app, file("2026-11-20", "2026-11-20"));
    opens_one(&app, crate::imports::identity(&app, "x1").id, ReviewCause::FirstUse);
    assert!(reviews_about(&app, crate::imports::identity(&app, "x2").id).is_empty());
}

#[test]
fn use_for_the_first_time_ever_is_a_reason_when_it_was_registered_long_ago() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let map = "name = \"ours\"\nsubject = \"clients\"\ndate_formats = [\"%Y-%m-%d\"]\n\
        [[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n\
        [[columns]]\nheading = \"Used\"\nfield = \"last_used_at\"\n";
    imports::maps::save(&app.register, &app.setup(), map, ("", 0)).unwrap();
    let file = |used: &str| Upload {
        format: ImportFormat::Csv,
        file_name: "ours.csv".to_owned(),
        column_map: Some("ours".to_owned()),
        ..upload(format!("Id,Used\nold,{used}\nnew,{used}\n").into_bytes())
    };
    bring(&app, file(""));
    raise(&app);
    let [old, new] = ["old", "new"].map(|name| crate::imports::identity(&app, name).id);
    assert_eq!(now_of(&app, old).last_used_at, None);
    for (id, days) in [(old, -120), (new, -20)] {
        touch(&app.register, id, |row| row.registered_at = at(NOW).plus_days(days));
    }
    bring(&app, file("2026-11-20"));
    opens_one(&app, old, ReviewCause::FirstUse);
    assert!(reviews_about(&app, new).is_empty(), "it is new");
    bring(&app, file("2026-11-22"));
    assert_eq!(raise(&app), ["0 reviews opened"], "that is use as every day");
}

#[test]
fn the_same_access_in_another_spelling_is_no_reason() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    bring(&app, upload(realm(&[client("a")])));
    raise(&app);
    let written = |scopes: &[&str]| {
        let mut client = client("a");
        client["defaultClientScopes"] = json!(scopes);
        upload(realm(&[client]))
    };
    bring(&app, written(&["openid", "patient/Patient.read"]));
    assert_eq!(raise(&app), ["0 reviews opened"], "version one of the same");
    bring(&app, written(&["openid", "patient/Patient.r", "patient/Patient.s"]));
    assert_eq!(raise(&app), ["0 reviews opened"], "the same in two");
    bring(&app, written(&["openid", "patient/Patient.cruds"]));
    opens_one(&app, crate::imports::identity(&app, "a").id, ReviewCause::ScopeChange);
}

#[test]
fn a_secret_that_production_and_the_sandbox_share_is_asked_about_early() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let holding = |name: &str, environment: Environment| {
        let mut client = client(name);
        client["publicClient"] = json!(false);
        client["secret"] = json!("the-same-secret-of-this-test-only");
        Upload { environment: Some(environment), ..upload(realm(&[client])) }
    };
    bring(&app, holding("live", Environment::Production));
    assert_eq!(raise(&app), ["0 reviews opened", "1 clock set"]);
    bring(&app, holding("trial", Environment::Sandbox));
    assert_eq!(raise(&app)[0], "2 reviews opened", "both hold it");
    for name in ["live", "trial"] {
        let review = review_of(&app, crate::imports::identity(&app, name).id);
        assert_eq!(causes(&app, review.id), [ReviewCause::CriticalFinding], "{name}");
    }
}

#[test]
fn a_contract_that_ends_within_thirty_days_is_a_reason() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let (soon, then) = (vendor(&app, "Soon", "2026-12-23"), vendor(&app, "Then", "2026-12-24"));
    let row = quiet(&app, "Ends soon", |row| row.vendor_id = Some(soon));
    let other = quiet(&app, "Ends then", |row| row.vendor_id = Some(then));
    opens_one(&app, row.id, ReviewCause::ContractEnds);
    assert!(reviews_about(&app, other.id).is_empty());
    assert_eq!(run_at(&app.register, Job::RaiseRecertifications, later(1))[0], "1 review opened");
    assert_eq!(causes(&app, review_of(&app, other.id).id), [ReviewCause::ContractEnds]);
}

#[test]
fn a_second_reason_joins_the_review_that_is_open_and_a_page_shown_before_is_refused() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let row = quiet(&app, "Discharge Planner", |row| {
        row.environment = Environment::Staging;
        owned_by(row, owner);
    });
    shares_its_secret(&app, row.id);
    raise(&app);
    let review = review_of(&app, row.id);
    let shown = reply(&app, review.id, ReviewAnswer::Keep, at(NOW));
    let soon = vendor(&app, "Soon", "2026-12-01");
    touch(&app.register, row.id, |found| found.vendor_id = Some(soon));
    assert_eq!(raise(&app), ["0 reviews opened", "1 reason added to reviews that are open"]);
    assert_eq!(review_of(&app, row.id).version, 2);
    assert_eq!(causes(&app, review.id), [ReviewCause::CriticalFinding, ReviewCause::ContractEnds]);
    let refused = decide(&app.register, &by(owner, Role::Owner, at(NOW)), &shown);
    assert!(is_conflict(&refused), "{refused:?}");
    assert_eq!(open_tasks(&app, review.id, TaskKind::Recertification).len(), 1, "nobody is asked twice");
    let shown = reply(&app, review.id, ReviewAnswer::Keep, at(NOW));
    decide(&app.register, &by(owner, Role::Owner, at(NOW)), &shown).unwrap();
}

#[test]
fn what_works_no_longer_is_not_asked_about_and_its_reason_says_so() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let row = quiet(&app, "Discharge Planner", |_| {});
    shares_its_secret(&app, row.id);
    touch(&app.register, row.id, |found| found.state = IdentityState::Revoking);
    let said = raise(&app);
    assert_eq!(said[0], "0 reviews opened");
    assert!(said[1].starts_with("1 identity was not asked about"), "{said:?}");
    assert!(reviews_about(&app, row.id).is_empty());
    let ended = |app: &TestApp| {
        let mut db = app.register.database.read().unwrap();
        texts(&mut db, "SELECT ended AS value FROM review_reasons WHERE review_id IS NULL AND ended IS NOT NULL")
    };
    assert_eq!(ended(&app), ["it is neither active nor suspended"]);
    assert_eq!(raise(&app), ["0 reviews opened"], "it is said once");
}

#[test]
fn what_does_not_work_yet_gives_no_reason() {
    let app = TestApp::start();
    let row = quiet(&app, "Discharge Planner", |row| row.state = IdentityState::Requested);
    shares_its_secret(&app, row.id);
    let mut db = app.register.database.read().unwrap();
    assert_eq!(texts(&mut db, "SELECT period AS value FROM review_reasons"), Vec::<String>::new());
    drop(db);
    assert_eq!(raise(&app), ["0 reviews opened"]);
}

#[test]
fn what_happens_after_somebody_decided_is_asked_about_by_the_next_review() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let row = identity(&app, "Discharge Planner", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, owner);
    });
    raise(&app);
    let first = review_of(&app, row.id).id;
    let shown = reply(&app, first, ReviewAnswer::Keep, at(NOW));
    decide(&app.register, &by(owner, Role::Owner, at(NOW)), &shown).unwrap();
    // Nobody who decided has read this.
    shares_its_secret(&app, row.id);
    raise(&app);
    run_at(&app.register, Job::ApplyReviews, at(NOW).plus_seconds(31 * 60));
    run_at(&app.register, Job::RaiseRecertifications, later(1));
    let asked = reviews_about(&app, row.id).remove(0);
    assert_ne!(asked.id, first);
    assert_eq!((asked.state, causes(&app, asked.id)), (ReviewState::Open, vec![ReviewCause::CriticalFinding]));
    assert_eq!(causes(&app, first), [ReviewCause::Clock], "it was no reason of what was decided");
}
