//! The page of a task: the facts in words, for whoever is asked.

use muster::domain::identities::{CredentialKind, RevocationMethod, ScopeList, Strength};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::store::identities::Identity;
use muster::store::identity_parts::{self as parts, Credential, IdentityScope, RevocationPath};

use crate::app::{TestApp, at};
use crate::jobs::change_person;
use crate::tasks::offboarding;

/// Gives an identity that many issued scopes, one approved one, a credential and a way to stop it.
fn furnish(app: &TestApp, row: &Identity, issued: usize) {
    let scope = |list, position: usize| IdentityScope {
        identity_id: row.id,
        list,
        scope: format!("patient/Observation.rs?category=laboratory&number={position}"),
        position: i64::try_from(position).unwrap(),
        optional: false,
        in_token: true,
        defined: true,
    };
    let scopes: Vec<IdentityScope> = (0..issued).map(|position| scope(ScopeList::Issued, position)).collect();
    crate::approvals::approved(app, row.id, &[scope(ScopeList::Approved, 0).scope.as_str()]);
    let credential = Credential {
        id: Id::new(),
        identity_id: row.id,
        kind: CredentialKind::ClientSecret,
        key_id: None,
        thumbprint: None,
        location: None,
        issued_at: Some(at("2025-01-03T12:00:00Z")),
        expires_at: None,
        never_expires: true,
        strength: Strength::Weak,
        fingerprint: None,
        first_seen_at: at("2025-01-03T12:00:00Z"),
    };
    let path = RevocationPath {
        identity_id: row.id,
        method: RevocationMethod::ClientDelete,
        steps: "Delete the client.\nAsk for a token.".to_owned(),
        contact: "Platform team on call".to_owned(),
        proved_at: None,
        proof: None,
        updated_at: at("2025-01-03T12:00:00Z"),
        version: 1,
    };
    app.register
        .change(&app.setup(), |work| {
            parts::insert_scopes(work.db, &scopes)?;
            parts::insert_credentials(work.db, &[credential])?;
            Ok(parts::insert_revocation_path(work.db, &path)?)
        })
        .unwrap();
}

#[test]
fn the_facts_stand_in_words_and_without_jargon() {
    let app = TestApp::start();
    let (row, owner, task) = offboarding(&app, |row| {
        row.last_used_at = Some(at("2026-10-01T12:00:00Z"));
        row.last_used_source = Some("the gateway\u{2019}s log".to_owned());
    });
    furnish(&app, &row, 2);
    let page = owner.get(&format!("/tasks/{}", task.id));
    for text in [
        "2 permissions issued, 1 approved on record",
        "patient/Observation.rs?category=laboratory&number=1",
        "Whose data One patient at a time",
        "Beyond what was approved More than approved",
        "A secret, as a password is, issued 3 Jan 2025, never ends; easy to guess",
        "Last seen 1 Oct 2026, in the gateway\u{2019}s log",
        "By deleting its registration",
        "Contact: Platform team on call",
        "You. You are its business owner.",
        "If nobody answers The identity stays listed as one that may still work.",
        "Answer by the end of Monday 30 Nov 2026",
        "leaves at 07:00 in America/Chicago",
    ] {
        assert!(page.shows(text), "{text} is not in {}", page.readable());
    }
    for jargon in ["RFC", "JWKS", "OAuth", "client_credentials"] {
        assert!(!page.shows(jargon), "{jargon}");
    }
}

#[test]
fn what_is_issued_as_approved_is_listed_once() {
    let app = TestApp::start();
    let (row, owner, task) = offboarding(&app, |_| {});
    furnish(&app, &row, 1);
    let page = owner.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("Beyond what was approved Nothing"), "{}", page.readable());
}

#[test]
fn a_deadline_is_told_in_the_readers_zone() {
    let app = TestApp::start();
    let (_, owner, task) = offboarding(&app, |_| {});
    change_person(&app, owner.person.unwrap(), |person| person.time_zone = Some("Europe/Berlin".to_owned()));
    let page = owner.get(&format!("/tasks/{}", task.id));
    assert!(
        page.shows(
            "Answer by the end of Monday 30 Nov 2026 in America/Chicago, which is 1 Dec 2026, 07:00 CET for you"
        ),
        "{}",
        page.readable()
    );
}

#[test]
fn a_task_about_thousands_of_permissions_stays_a_small_page_and_says_how_many_it_leaves_out() {
    let app = TestApp::start();
    let (row, _, task) = offboarding(&app, |_| {});
    furnish(&app, &row, 3_000);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("3,000 permissions issued") && page.shows("and 2950 more"), "{}", page.readable());
    assert!(page.text.len() < 60_000, "{} bytes", page.text.len());
}
