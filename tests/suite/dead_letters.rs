//! Mail that could not be sent, or may have arrived: what its keepers see and do.

use muster::actions::dead_letters::retry;
use muster::actions::outbox::{self, Delivered};
use muster::actions::{ActionError, By, accounts};
use muster::domain::ids::{Id, Moment};
use muster::domain::jobs::Job;
use muster::domain::notices::{MailFault, MailState};
use muster::domain::people::Role;
use muster::store::outbox::Mail;

use crate::app::{Browser, NOW, TestApp, at};
use crate::jobs::{change_person, day, identity, owned_by, run};
use crate::mail::{files, mails, unfolded};
use crate::notices::{mail_of, queue};

fn by(now: Moment) -> By {
    By::job("send_mail", now)
}

/// A notice to somebody that the server refused for good.
fn dead(app: &TestApp, recipient: Id, key: &str) -> Mail {
    assert!(queue(app, recipient, key));
    let claimed = outbox::claim(&app.register, &by(at(NOW))).unwrap().unwrap();
    assert_eq!(claimed.dedupe_key, key);
    let said = "550 5.1.1 No such mailbox".to_owned();
    outbox::settle(&app.register, &by(at(NOW)), &claimed, Delivered::Refused(said)).unwrap();
    mail_of(app, key)
}

/// A notice that was given up because the server was not there for hours.
fn outage(app: &TestApp, recipient: Id, key: &str) -> Mail {
    assert!(queue(app, recipient, key));
    let mut now = at(NOW);
    for _ in 0..8 {
        let claimed = outbox::claim(&app.register, &by(now)).unwrap().unwrap();
        assert_eq!(claimed.dedupe_key, key);
        let failed = Delivered::Failed("the mail server did not take it: Connection refused (os error 111)".to_owned());
        outbox::settle(&app.register, &by(now), &claimed, failed).unwrap();
        now = mail_of(app, key).next_at;
    }
    mail_of(app, key)
}

/// What the form carries that has all of them tried again.
fn shown(page: &crate::app::Page) -> String {
    let (_, rest) = page.text.split_once("name=\"shown\" value=\"").expect("the page offers to try all of them again");
    rest.split('"').next().unwrap().to_owned()
}

/// One whose sender was lost twice.
fn in_doubt(app: &TestApp, recipient: Id, key: &str) -> Mail {
    assert!(queue(app, recipient, key));
    for seconds in [0, 300] {
        outbox::claim(&app.register, &by(at(NOW).plus_seconds(seconds))).unwrap().unwrap();
    }
    assert!(outbox::claim(&app.register, &by(at(NOW).plus_seconds(600))).unwrap().is_none());
    mail_of(app, key)
}

fn try_again(browser: &Browser, mail: &Mail, fields: &[(&str, &str)]) -> crate::app::Page {
    browser.post(&format!("/mail/{}/retry", mail.id), fields)
}

#[test]
fn what_could_not_be_sent_says_for_whom_and_why_and_is_tried_again_at_the_corrected_address() {
    let app = TestApp::start();
    let (owner, wrong) = app.account(Role::Owner);
    let mail = dead(&app, owner, "review:1");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let home = analyst.get("/");
    assert!(home.shows("1 mail could not be sent") && home.text.contains("href=\"/mail?state=dead\""));
    let list = analyst.get("/mail?state=dead");
    for words in [
        "Nobody has got these",
        &wrong,
        "550 5.1.1 No such mailbox",
        "1 review is due tomorrow",
        "Correct the address",
        "Try again",
    ] {
        assert!(list.shows(words), "{words}: {}", list.readable());
    }
    assert!(list.text.contains(&format!("href=\"/people/{owner}\"")));
    let page = analyst.get(&format!("/mail/{}", mail.id));
    assert!(page.shows("It could not be sent") && page.shows("Try again"), "{}", page.readable());

    change_person(&app, owner, |person| {
        person.email = "right@hospital.example".to_owned();
        person.email_key = person.email.clone();
    });
    let answer = try_again(&analyst, &mail, &[]);
    assert_eq!((answer.status, answer.location.as_str()), (303, format!("/mail/{}?done=again", mail.id).as_str()));
    let page = analyst.get(&answer.location);
    assert!(page.shows("It is tried again within minutes"), "{}", page.readable());
    assert!(page.shows("Tried again by hand") && page.shows("Once on 23 Nov 2026"), "{}", page.readable());
    let again = mail_of(&app, "review:1");
    assert_eq!((again.state, again.attempts, again.next_at), (MailState::Pending, 0, app.register.now()));
    assert_eq!((again.fence, again.retries, again.retried_by), (mail.fence + 1, 1, analyst.person));
    assert_eq!(again.message_id, mail.message_id);
    assert!(!analyst.get("/").shows("could not be sent"));

    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"]);
    let text = unfolded(&files(&app)[0]);
    assert!(text.contains("right@hospital.example") && text.contains(&mail.message_id), "{text}");
    assert!(!text.contains(&wrong), "{text}");
    let log = app.sign_in(Role::Auditor).get("/audit.jsonl").text;
    assert!(log.contains("mail.retry"), "{log}");
    let twice = try_again(&analyst, &mail, &[]);
    assert!(twice.status == 409 && twice.shows("was sent"), "{}", twice.readable());
}

#[test]
fn the_count_on_the_start_page_is_the_number_of_rows_behind_its_link() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert!(!analyst.get("/").shows("could not be sent"));
    for number in 0..3 {
        dead(&app, owner, &format!("review:{number}"));
    }
    in_doubt(&app, owner, "review:doubt");
    assert!(analyst.get("/").shows("3 mails could not be sent"));
    assert_eq!(analyst.get("/mail?state=dead").text.matches("/retry\"").count(), 3);
    let auditor = app.sign_in(Role::Auditor);
    assert!(!auditor.get("/").shows("could not be sent"), "it is for those who can do something about it");
    let list = auditor.get("/mail?state=dead");
    assert!(list.shows("550 5.1.1 No such mailbox") && !list.text.contains("/retry"), "{}", list.readable());
}

#[test]
fn only_keepers_have_mail_tried_again_and_only_from_a_page_of_ours() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let mail = dead(&app, owner, "review:1");
    for role in [Role::Owner, Role::Auditor] {
        assert_eq!(try_again(&app.sign_in(role), &mail, &[]).status, 403, "{role:?}");
    }
    assert!(matches!(retry(&app.register, &by(at(NOW)), mail.id, true), Err(ActionError::Forbidden)), "a person does");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let foreign = analyst.post_bare(&format!("/mail/{}/retry", mail.id), &[("csrf", "wrong")], &[]);
    assert_eq!(foreign.status, 403);
    assert_eq!(mail_of(&app, "review:1"), mail);
    assert_eq!(analyst.post(&format!("/mail/{}/retry", Id::new()), &[]).status, 404);
}

#[test]
fn what_may_have_arrived_is_sent_again_only_when_somebody_says_that_it_may_arrive_twice() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let mail = in_doubt(&app, owner, "review:1");
    assert_eq!((mail.state, mail.lease_until), (MailState::Uncertain, None));
    assert_eq!(mail.error.as_deref(), Some("the register stopped while it sent this mail"));
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get(&format!("/mail/{}", mail.id));
    assert!(page.shows("It may have arrived") && page.shows("It may arrive twice"), "{}", page.readable());
    let page = try_again(&analyst, &mail, &[]);
    assert!(page.status == 422 && page.shows("Tick that it may arrive twice"), "{}", page.readable());
    assert_eq!(mail_of(&app, "review:1"), mail);

    assert_eq!(try_again(&analyst, &mail, &[("twice", "1")]).status, 303);
    let claimed = outbox::claim(&app.register, &by(at(NOW))).unwrap().unwrap();
    assert_eq!((claimed.state, claimed.message_id.as_str()), (MailState::Uncertain, mail.message_id.as_str()));
    let refused = Delivered::Refused("550 No such mailbox".to_owned());
    outbox::settle(&app.register, &by(at(NOW)), &claimed, refused).unwrap();
    let ended = mail_of(&app, "review:1");
    assert_eq!((ended.state, ended.lease_until), (MailState::Uncertain, None), "it may have arrived the first time");
    assert!(outbox::claim(&app.register, &by(at(NOW).plus_days(3))).unwrap().is_none());

    assert_eq!(try_again(&analyst, &mail, &[("twice", "1")]).status, 303);
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"]);
    let sent = mail_of(&app, "review:1");
    assert_eq!((sent.state, sent.retries, sent.error), (MailState::Sent, 2, None));
}

#[test]
fn a_second_sending_that_certainly_failed_is_made_again_later_and_is_still_the_second() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    queue(&app, owner, "review:1");
    outbox::claim(&app.register, &by(at(NOW))).unwrap().unwrap();
    let mut now = at(NOW).plus_seconds(300);
    for attempt in 2..=8 {
        let claimed = outbox::claim(&app.register, &by(now)).unwrap().unwrap();
        assert_eq!((claimed.state, claimed.attempts), (MailState::Uncertain, attempt));
        let failed = Delivered::Failed("451 Try again later".to_owned());
        assert!(outbox::settle(&app.register, &by(now), &claimed, failed).unwrap());
        assert!(outbox::claim(&app.register, &by(now)).unwrap().is_none(), "not at once");
        now = mail_of(&app, "review:1").next_at;
    }
    let ended = mail_of(&app, "review:1");
    assert_eq!((ended.state, ended.lease_until), (MailState::Uncertain, None), "never as one that did not arrive");
    assert_eq!(ended.error.as_deref(), Some("451 Try again later"));
    assert!(outbox::claim(&app.register, &by(now.plus_days(3))).unwrap().is_none());
}

#[test]
fn one_that_may_have_arrived_and_has_nothing_left_to_say_still_may_have_arrived() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    queue(&app, owner, "review:1");
    outbox::claim(&app.register, &by(at(NOW))).unwrap().unwrap();
    change_person(&app, owner, |person| person.left_on = Some(day("2026-11-23")));
    run(&app.register, Job::SendMail, "2026-11-23T15:05:00Z");
    assert_eq!(mail_of(&app, "review:1").state, MailState::Uncertain);
}

#[test]
fn a_mail_that_is_on_its_way_is_left_alone() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    queue(&app, owner, "review:1");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    for _ in 0..3 {
        let mail = mail_of(&app, "review:1");
        let answer = try_again(&analyst, &mail, &[("twice", "1")]);
        assert!(answer.status == 409 && answer.shows("waits already"), "{}", answer.readable());
        assert_eq!(mail_of(&app, "review:1"), mail);
        outbox::claim(&app.register, &by(mail.next_at)).unwrap();
    }
}

#[test]
fn a_security_notice_that_could_not_be_sent_keeps_what_it_told_until_it_has_left() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    accounts::change_role(&app.register, &app.setup(), owner, Role::Auditor).unwrap();
    let claimed = outbox::claim(&app.register, &by(at(NOW))).unwrap().unwrap();
    outbox::settle(&app.register, &by(at(NOW)), &claimed, Delivered::Refused("550 no".to_owned())).unwrap();
    let mail = mails(&app).remove(0);
    assert!(mail.state == MailState::Dead && mail.told.is_some());
    assert_eq!(try_again(&app.sign_in(Role::SecurityAnalyst), &mail, &[]).status, 303);
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"]);
    assert!(unfolded(&files(&app)[0]).contains("Subject: Your role was changed"));
    assert_eq!(mails(&app).remove(0).told, None);
    // One that an older version gave up has forgotten it.
    let forgotten = Mail { state: MailState::Dead, ..mails(&app).remove(0) };
    app.register.database.write(|db| muster::store::outbox::update(db, &forgotten, forgotten.fence)).unwrap();
    let answer = try_again(&app.sign_in(Role::SecurityAnalyst), &mail, &[]);
    assert!(answer.status == 409 && answer.shows("no longer known"), "{}", answer.readable());
}

#[test]
fn a_digest_is_not_sent_after_a_later_one_has_told_all_of_it() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    for (name, expires, now) in
        [("First app", "2026-11-20T12:00:00Z", NOW), ("Second app", "2026-11-23T16:00:00Z", "2026-11-24T15:00:00Z")]
    {
        identity(&app, name, |row| {
            row.expires_at = Some(at(expires));
            owned_by(row, owner);
        });
        run(&app.register, Job::RaiseOffboardings, now);
        if now == NOW {
            let claimed = outbox::claim(&app.register, &by(at(NOW))).unwrap().unwrap();
            outbox::settle(&app.register, &by(at(NOW)), &claimed, Delivered::Refused("550 no".to_owned())).unwrap();
        }
    }
    let first = mails(&app).pop().unwrap();
    assert_eq!((first.state, first.digest_on), (MailState::Dead, day("2026-11-23")));
    assert_eq!(run(&app.register, Job::SendMail, "2026-11-24T15:00:00Z"), ["1 mail sent"]);
    assert_eq!(try_again(&app.sign_in(Role::SecurityAnalyst), &first, &[]).status, 303);
    let said = run(&app.register, Job::SendMail, "2026-11-24T15:00:00Z");
    assert_eq!(said, ["0 mails sent", "1 mail not sent, because nothing was left to say"]);
    let first = mails(&app).pop().unwrap();
    assert_eq!((first.state, first.error.as_deref()), (MailState::Empty, Some("a later digest has told all of it")));
}

#[test]
fn after_an_outage_all_that_the_server_could_not_take_is_tried_again_at_once_and_nothing_else() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let [first, second] = ["review:1", "review:2"].map(|key| outage(&app, owner, key));
    assert_eq!((first.state, first.fault, second.fault), (MailState::Dead, Some(MailFault::Server), first.fault));
    let wrong = dead(&app, owner, "review:wrong");
    assert_eq!(wrong.fault, Some(MailFault::Address));
    let doubt = in_doubt(&app, owner, "review:doubt");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let list = analyst.get("/mail?state=dead");
    for words in [
        "Try again all 2 that the server could not take",
        "Failed at the mail server: it could not be reached, or took nothing then",
        "Failed at the address: the mail server does not take mail for it",
        "Connection refused (os error 111)",
    ] {
        assert!(list.shows(words), "{words}: {}", list.readable());
    }
    assert_eq!(list.text.matches("Correct the address<").count(), 1, "another address helps the one alone");
    let page = analyst.get(&format!("/mail/{}", first.id));
    assert!(
        page.shows("so the address need not be wrong") && !page.shows("If the address is wrong"),
        "{}",
        page.readable()
    );
    let page = analyst.get(&format!("/mail/{}", wrong.id));
    assert!(page.shows("If the address is wrong"), "{}", page.readable());

    // What comes after it was read is not swept along.
    let read = shown(&list);
    let third = outage(&app, owner, "review:3");
    let size = app.audit_size();
    let refused = analyst.post("/mail/retry", &[("shown", &read)]);
    assert!(refused.status == 409 && refused.shows("nothing was done"), "{}", refused.readable());
    assert_eq!(analyst.post("/mail/retry", &[]).status, 409);
    assert_eq!((app.audit_size(), mail_of(&app, "review:1")), (size, first.clone()));
    let list = analyst.get("/mail?state=dead");
    assert!(list.shows("Try again all 3 that the server could not take"), "{}", list.readable());
    let read = shown(&list);
    for role in [Role::Owner, Role::Auditor] {
        assert_eq!(app.sign_in(role).post("/mail/retry", &[("shown", &read)]).status, 403, "{role:?}");
    }
    let answer = analyst.post("/mail/retry", &[("shown", &read)]);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/mail?state=pending&done=again"));
    let page = analyst.get(&answer.location);
    assert!(page.shows("is tried again within minutes"), "{}", page.readable());
    for before in [first, second, third] {
        let after = mail_of(&app, &before.dedupe_key);
        assert_eq!((after.state, after.attempts, after.retries), (MailState::Pending, 0, 1));
        assert_eq!((after.retried_by, after.message_id), (analyst.person, before.message_id));
    }
    assert_eq!((mail_of(&app, "review:wrong"), mail_of(&app, "review:doubt")), (wrong, doubt), "each by itself");
    let log = app.sign_in(Role::Auditor).get("/audit.jsonl").text;
    assert_eq!(log.lines().filter(|line| line.contains("mail.retry")).count(), 3, "each has its entry: {log}");
    assert_eq!(analyst.post("/mail/retry", &[("shown", &read)]).status, 409, "a second press does nothing");
    assert!(!analyst.get("/mail?state=dead").text.contains("action=\"/mail/retry\""), "nothing of it is left");
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["3 mails sent"]);
    assert_eq!(mail_of(&app, "review:1").fault, None);
}

#[test]
fn an_address_that_cannot_be_written_on_a_mail_is_told_from_a_server_that_is_not_there() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    change_person(&app, owner, |person| {
        person.email = "no address".to_owned();
        person.email_key = person.email.clone();
    });
    queue(&app, owner, "review:1");
    let said = run(&app.register, Job::SendMail, NOW);
    assert_eq!(said, ["0 mails sent", "1 mail refused for good, because of the address"]);
    let mail = mail_of(&app, "review:1");
    assert_eq!((mail.state, mail.fault), (MailState::Dead, Some(MailFault::Address)));
    assert!(app.sign_in(Role::SecurityAnalyst).get("/mail?state=dead").shows("Correct the address"));
}
