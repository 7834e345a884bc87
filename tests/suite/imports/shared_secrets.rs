//! A secret that two environments share is a finding on both, and a reason to ask early.

use muster::domain::findings::{FindingRule, Severity};
use muster::domain::identities::Environment;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::reviews::reasons::ReviewCause;
use muster::store::{findings, review_reasons, reviews};
use serde_json::{Value, json};

use super::{bring, client, identity, realm, upload};
use crate::app::{NOW, TestApp};
use crate::jobs::run;

/// A client that proves itself with a secret.
fn with_secret(client_id: &str, secret: &str) -> Value {
    let mut client = client(client_id);
    client["publicClient"] = json!(false);
    client["secret"] = json!(secret);
    client
}

/// What is open about its secret.
fn open(app: &TestApp, id: Id) -> Vec<(FindingRule, Severity, String)> {
    let found = findings::open_about(&mut app.register.database.read().unwrap(), id).unwrap();
    let shared = found.into_iter().filter(|finding| finding.rule == FindingRule::SecretShared);
    shared.map(|finding| (finding.rule, finding.severity, finding.says)).collect()
}

const SECRET: &str = "pz9Q-veryLongSharedSecret-4471-xk";

#[test]
fn a_secret_in_two_environments_is_a_critical_finding_on_both_until_one_gets_its_own() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[with_secret("live", SECRET), with_secret("other", "another-Secret-of-its-own-9182")])));
    let live = identity(&app, "live").id;
    assert!(open(&app, live).is_empty(), "within one environment nothing is said");
    let mut staging = upload(realm(&[with_secret("trial", SECRET)]));
    staging.environment = Some(Environment::Staging);
    bring(&app, staging);
    let trial = identity(&app, "trial").id;
    for (id, elsewhere) in [(live, "staging"), (trial, "production")] {
        let found = open(&app, id);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].0, found[0].1), (FindingRule::SecretShared, Severity::Critical));
        assert!(found[0].2.contains(elsewhere) && !found[0].2.contains(SECRET), "{found:?}");
    }
    assert!(open(&app, identity(&app, "other").id).is_empty());
    run(&app.register, Job::RaiseRecertifications, NOW);
    let mut db = app.register.database.read().unwrap();
    let asked: Vec<Id> = reviews::about(&mut db, live).unwrap().into_iter().map(|review| review.id).collect();
    let reasons = review_reasons::of_reviews(&mut db, &asked).unwrap();
    assert_eq!(reasons.iter().map(|reason| reason.cause).collect::<Vec<_>>(), [ReviewCause::CriticalFinding]);
    drop(db);
    let mut mended = upload(realm(&[with_secret("trial", "a-Secret-of-its-own-5520-yy")]));
    mended.environment = Some(Environment::Staging);
    bring(&app, mended);
    assert!(open(&app, trial).is_empty());
    assert!(open(&app, live).is_empty(), "nobody shares it any more");
}

#[test]
fn what_is_not_known_is_no_other_environment() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[with_secret("live", SECRET)])));
    let mut unknown = upload(realm(&[with_secret("trial", SECRET)]));
    unknown.environment = None;
    bring(&app, unknown);
    assert!(open(&app, identity(&app, "live").id).is_empty());
}
