//! What somebody is told at once: a change to their ways to sign in, and an emergency access.

use muster::actions::{By, accounts};
use muster::domain::audit::ActorKind;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::notices::{MailKind, MailState};
use muster::domain::people::Role;
use muster::domain::security_notices::{SecurityNotice, Told};
use muster::store::outbox::Mail;

use crate::app::{NOW, PASSWORD, TestApp};
use crate::break_glass::{agree, app as with_break_glass, asks, latest};
use crate::jobs::run;
use crate::mail::{files, mails, unfolded};
use crate::passkeys::{named, with_passkey_as};
use crate::provider::StubProvider;
use crate::second_factor::{first_step, with_codes};
use crate::single_sign_on::{muster_at, sign_in};

/// The notices that wait, the oldest first.
fn notices(app: &TestApp) -> Vec<(Mail, Told)> {
    let security = mails(app).into_iter().rev().filter(|mail| mail.kind == MailKind::Security);
    security.map(|mail| (mail.clone(), mail.told.expect("it waits").0)).collect()
}

/// Who is told what.
fn told(app: &TestApp) -> Vec<(Id, SecurityNotice)> {
    notices(app).into_iter().map(|(mail, told)| (mail.recipient_id, told.notice)).collect()
}

#[test]
fn another_password_is_told_at_once_with_when_and_from_where_and_what_to_do() {
    let app = TestApp::start();
    let account = app.account(Role::Auditor);
    let browser = app.sign_in_as(&account);
    assert!(mails(&app).is_empty(), "opening an account and signing in are not told");
    let new = "eleven loud bells at dusk";
    let done = browser.post("/account/password", &[("old_password", PASSWORD), ("password", new), ("again", new)]);
    assert_eq!(done.status, 303, "{}", done.readable());
    let (mail, told) = notices(&app).remove(0);
    assert_eq!((mail.recipient_id, mail.state, mail.next_at), (account.0, MailState::Pending, app.register.now()));
    assert_eq!(
        (told.notice, told.person, told.address.as_str()),
        (SecurityNotice::Password, Some(account.0), "127.0.0.1")
    );
    let administrator = app.sign_in(Role::Administrator);
    let page = administrator.get(&format!("/mail/{}", mail.id));
    assert!(page.shows("Your password was changed") && page.shows("This is what it says"), "{}", page.readable());
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"], "at once, not at seven");
    let text = unfolded(&files(&app)[0]);
    for words in [
        format!("<{}>", account.1),
        "Subject: Your password was changed".to_owned(),
        "When: 23 Nov 2026, 09:00 CST".to_owned(),
        "By: you".to_owned(),
        "From the network address: 127.0.0.1".to_owned(),
        "end your other sessions and change your password".to_owned(),
        "the help desk, extension 4417".to_owned(),
        "No link in this mail decides anything".to_owned(),
    ] {
        assert!(text.replace("\r\n", " ").contains(&words), "{words}: {text}");
    }
    let links: Vec<&str> = text.matches("http").collect();
    assert_eq!(links.len(), 2, "the address of the register, in text and in HTML, and no link: {text}");
    assert!(!text.contains("href"), "{text}");
    let sent = mails(&app).remove(0);
    assert_eq!((sent.state, sent.told), (MailState::Sent, None), "what was told is forgotten");
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["0 mails sent"]);
}

#[test]
fn who_else_did_it_is_named() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let (administrator, _) = app.account(Role::Administrator);
    let by = By::person(administrator, Role::Administrator, None, app.register.now()).at_address("192.0.2.7");
    accounts::change_role(&app.register, &by, owner, Role::Auditor).unwrap();
    accounts::set_password(
        &app.register,
        &By::command("people set-password", app.register.now()),
        owner,
        "eleven loud bells at dusk",
    )
    .unwrap();
    assert_eq!(told(&app), [(owner, SecurityNotice::Role), (owner, SecurityNotice::Password)]);
    assert_eq!(notices(&app)[1].1.by, ActorKind::Command);
    let name = muster::store::people::find(&mut app.register.database.read().unwrap(), administrator).unwrap().name;
    run(&app.register, Job::SendMail, NOW);
    let all = files(&app).iter().map(|text| unfolded(text)).collect::<Vec<_>>().join("\n");
    for words in [
        "Subject: Your role was changed".to_owned(),
        format!("By: {name}"),
        "192.0.2.7".to_owned(),
        "By: the command line, where the register runs".to_owned(),
        "From the network address: not known".to_owned(),
    ] {
        assert!(all.contains(&words), "{words}: {all}");
    }
}

#[test]
fn what_is_refused_is_not_told() {
    let app = TestApp::start();
    let account = app.account(Role::Administrator);
    let browser = app.sign_in_as(&account);
    let wrong = [("old_password", "not the password"), ("password", "eleven loud bells at dusk")];
    assert_eq!(browser.post("/account/password", &wrong).status, 422);
    assert!(accounts::change_role(&app.register, &app.setup(), account.0, Role::Owner).is_err(), "the last one");
    assert!(mails(&app).is_empty());
}

#[test]
fn passkeys_added_and_removed_are_told() {
    let (app, origin) = named();
    let (person, _, browser, _) = with_passkey_as(&app, &origin, Role::Owner);
    assert_eq!(told(&app), [(person, SecurityNotice::PasskeyAdded)]);
    let id = muster::store::passkeys::of(&mut app.register.database.read().unwrap(), person).unwrap()[0].id;
    browser.post(&format!("/account/second-factor/passkeys/{id}/remove"), &[]);
    assert_eq!(told(&app)[1..], [(person, SecurityNotice::PasskeyRemoved)]);
}

#[test]
fn code_generators_and_recovery_codes_are_told() {
    let app = TestApp::start();
    let (person, email, _, codes, browser) = with_codes(&app, Role::Owner);
    browser.post("/account/second-factor/codes/remove", &[]);
    let (other, _, _, _, others) = with_codes(&app, Role::Owner);
    assert_eq!(others.post("/account/second-factor/recovery-codes", &[]).status, 200);
    let (lost, email_of_lost, _, codes_of_lost, _) = with_codes(&app, Role::Owner);
    let (signing_in, _) = first_step(&app, &email_of_lost, "/");
    assert_eq!(signing_in.post("/sign-in/code", &[("code", &codes_of_lost[0])]).location, "/");
    let administrator = app.sign_in(Role::Administrator);
    administrator.post(&format!("/people/{lost}/account/second-factor"), &[]);
    assert_eq!(
        told(&app),
        [
            (person, SecurityNotice::CodesSetUp),
            (person, SecurityNotice::CodesRemoved),
            (other, SecurityNotice::CodesSetUp),
            (other, SecurityNotice::RecoveryCodesMade),
            (lost, SecurityNotice::CodesSetUp),
            (lost, SecurityNotice::RecoveryCodeUsed),
            (lost, SecurityNotice::FactorsRemoved),
        ]
    );
    assert_eq!(notices(&app)[6].1.person, administrator.person, "who removed them");
    run(&app.register, Job::SendMail, NOW);
    for text in files(&app) {
        for secret in codes.iter().chain(&codes_of_lost) {
            assert!(!text.contains(secret), "no code is in a mail");
        }
    }
    assert!(!email.is_empty());
}

#[test]
fn joining_single_sign_on_and_a_role_by_its_groups_are_told() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let person = app.person("Ada Lovelace", "ada@hospital.example");
    accounts::open(&app.register, &app.setup(), person, Role::Auditor).unwrap();
    assert_eq!(sign_in(&provider, &app.browser(), "ada", &["desk"]).status, 303);
    assert_eq!(told(&app), [(person, SecurityNotice::SingleSignOnJoined), (person, SecurityNotice::Role)]);
    assert!(notices(&app).iter().all(|(_, told)| told.address == "127.0.0.1"));
    assert_eq!(sign_in(&provider, &app.browser(), "omar", &["desk"]).status, 303);
    assert_eq!(told(&app).len(), 2, "a new account is no change of one");
}

#[test]
fn every_administrator_hears_of_an_emergency_access_asked_for_begun_and_ended() {
    let app = with_break_glass();
    let (first, _) = app.account(Role::Administrator);
    let (second, _) = app.account(Role::Administrator);
    let (disabled, _) = app.account(Role::Administrator);
    accounts::disable(&app.register, &app.setup(), disabled).unwrap();
    let (owner, analyst) = (app.sign_in(Role::Owner), app.sign_in(Role::SecurityAnalyst));
    let user = owner.person.unwrap();
    let to_both = |notice| [(first, notice), (second, notice)];
    assert_eq!(asks(&owner, "2").status, 303);
    assert_eq!(told(&app), to_both(SecurityNotice::EmergencyAsked));
    assert_eq!(agree(&app, &analyst, user).status, 303);
    assert_eq!(told(&app)[2..], to_both(SecurityNotice::EmergencyStarted));
    assert_eq!(owner.post(&format!("/break-glass/{}/end", latest(&app, user).id), &[]).status, 303);
    assert_eq!(told(&app)[4..], to_both(SecurityNotice::EmergencyEnded));
    let begun = &notices(&app)[2].1;
    assert_eq!((begun.person, begun.about), (analyst.person, Some(user)));
    let name = muster::store::people::find(&mut app.register.database.read().unwrap(), user).unwrap().name;
    run(&app.register, Job::SendMail, NOW);
    let subject = format!("Subject: Emergency access began: {name}");
    let sent: Vec<String> =
        files(&app).iter().map(|text| unfolded(text)).filter(|text| text.contains(&subject)).collect();
    assert_eq!(sent.len(), 2, "{subject}");
    assert!(sent[0].replace("\r\n", " ").contains("open Emergency access in the register at once"), "{}", sent[0]);
}

#[test]
fn every_sort_of_notice_has_a_test_above() {
    let text = include_str!("security_notices.rs");
    for notice in SecurityNotice::ALL {
        assert!(text.contains(&format!("SecurityNotice::{notice:?}")), "{notice:?}");
    }
}
