//! Mail: one digest a day, claimed by one sender, delivered as a file or by a real server.

use std::sync::Arc;

use muster::actions::outbox::{self, Delivered};
use muster::actions::{By, Register};
use muster::config::{Deployment, MailRoute, SMTP_TIMEOUT, Smtp, SmtpSecurity};
use muster::domain::ids::{Id, Moment};
use muster::domain::jobs::Job;
use muster::domain::listing::From;
use muster::domain::notices::MailState;
use muster::domain::people::Role;
use muster::store::outbox::Mail;

use crate::app::{NOW, TestApp, at};
use crate::jobs::{change_person, day, identity, owned_by, run, tasks_about};

pub fn mails(app: &TestApp) -> Vec<Mail> {
    let mut db = app.register.database.read().unwrap();
    let lines = muster::store::outbox_list::lines(&mut db, None, &From::Start, 1_000).unwrap();
    lines.into_iter().map(|line| line.mail).collect()
}

fn by(now: Moment) -> By {
    By::job("send_mail", now)
}

/// The files of the mail folder.
pub fn files(app: &TestApp) -> Vec<String> {
    let folder = app.folder.path().join("mail");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

/// The body of a mail with quoted-printable line ends taken back.
pub fn unfolded(text: &str) -> String {
    text.replace("=\r\n", "").replace("=3D", "=")
}

/// An expired identity of an owner with an account, and the offboarding raised for it.
fn offboarding(app: &TestApp) -> (Id, Id) {
    let (owner, _) = app.account(Role::Owner);
    let row = identity(app, "Bulk Export <Registry>", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        owned_by(row, owner);
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    (owner, row.id)
}

#[test]
fn an_expiry_in_the_past_becomes_a_task_at_its_owner_and_a_mail_with_a_link_to_it() {
    let app = TestApp::start();
    let (owner, row) = offboarding(&app);
    let task = tasks_about(&app, row).remove(0);
    assert_eq!(task.assignee_id, Some(owner));
    let queued = mails(&app);
    assert_eq!(queued.len(), 1);
    assert_eq!(
        (queued[0].recipient_id, queued[0].state, queued[0].digest_on),
        (owner, MailState::Pending, day("2026-11-23"))
    );
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"]);
    let files = files(&app);
    assert_eq!(files.len(), 1);
    let text = unfolded(&files[0]);
    assert!(text.contains("Subject: 1 thing needs your answer by Mon 30 Nov"), "{text}");
    assert!(
        text.contains("Stop Bulk Export <Registry>") && text.contains("Stop Bulk Export &#60;Registry&#62;"),
        "{text}"
    );
    let link = format!("{}/tasks/{}", app.url, task.id);
    assert!(text.contains(&link), "{text}");
    assert!(text.contains(&format!("Message-ID: <{}>", queued[0].message_id)));
    assert!(text.contains("Date: Mon, 23 Nov 2026 15:00:00 +0000"));
    let email = muster::store::people::find(&mut app.register.database.read().unwrap(), owner).unwrap().email;
    let mut browser = app.browser();
    let path = link.strip_prefix(&app.url).unwrap();
    let signing_in = browser.get(path);
    assert_eq!(signing_in.status, 303, "a link asks for a sign-in and decides nothing");
    browser.person = Some(owner);
    let fields = [("email", email.as_str()), ("password", crate::app::PASSWORD), ("next", path)];
    browser.person = None;
    let signed_in = browser.post("/sign-in", &fields);
    assert_eq!(signed_in.location, path);
    assert!(browser.get(path).shows("Stop Bulk Export <Registry>"));
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["0 mails sent"]);
}

#[test]
fn a_digest_says_how_much_of_what_it_asks_is_overdue_and_since_when() {
    let app = TestApp::start();
    let (owner, _) = offboarding(&app);
    identity(&app, "Second app", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, owner);
    });
    run(&app.register, Job::RaiseRecertifications, NOW);
    // The offboarding is due by 30 November, and the review two weeks later.
    assert_eq!(run(&app.register, Job::SendMail, "2026-12-02T15:00:00Z"), ["1 mail sent"]);
    let text = unfolded(&files(&app)[0]);
    for words in [
        "Subject: 2 things need your answer, 1 is overdue",
        "2 things wait for your answer in Test register",
        " 1 is overdue.",
        "Overdue since Mon 30 Nov 2026: ",
        "Answer by Mon 14 Dec 2026: ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn one_digest_a_day_and_what_comes_later_waits_for_tomorrow() {
    let app = TestApp::start();
    let (owner, _) = offboarding(&app);
    identity(&app, "Second app", |row| {
        row.expires_at = Some(at("2026-11-21T12:00:00Z"));
        owned_by(row, owner);
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    assert_eq!(mails(&app).len(), 1, "both wait in one digest");
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"]);
    assert!(files(&app)[0].contains("Subject: 2 things need your answer by Mon 30 Nov"));
    identity(&app, "Third app", |row| {
        row.expires_at = Some(at("2026-11-22T12:00:00Z"));
        owned_by(row, owner);
    });
    run(&app.register, Job::RaiseOffboardings, "2026-11-23T16:00:00Z");
    assert_eq!(run(&app.register, Job::SendMail, "2026-11-24T12:59:00Z"), ["0 mails sent"]);
    assert_eq!(run(&app.register, Job::SendMail, "2026-11-24T13:00:00Z"), ["1 mail sent"], "seven in Chicago");
}

#[test]
fn a_digest_of_nothing_is_not_sent_and_neither_is_one_to_a_leaver() {
    let app = TestApp::start();
    let (_, row) = offboarding(&app);
    let task = tasks_about(&app, row).remove(0);
    let reply = muster::actions::tasks::Reply {
        task: task.id,
        version: 1,
        identity_version: 1,
        answer: Some(muster::domain::tasks::TaskAnswer::Done),
        reason: "stopped".to_owned(),
        until: String::new(),
        somebody: String::new(),
    };
    muster::actions::tasks::answer(&app.register, &app.setup(), &reply).unwrap();
    let (leaver, _) = offboarding(&app);
    change_person(&app, leaver, |person| person.left_on = Some(day("2026-11-23")));
    let said = run(&app.register, Job::SendMail, NOW);
    assert_eq!(said, ["0 mails sent", "2 mails not sent, because nothing was left to say"]);
    assert!(mails(&app).iter().all(|mail| mail.state == MailState::Empty));
    assert!(files(&app).is_empty());
}

#[test]
fn a_mail_is_claimed_by_one_sender_however_many_there_are() {
    let app = TestApp::start();
    for _ in 0..30 {
        offboarding(&app);
    }
    let sent: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|_| {
                let register = app.replica();
                scope.spawn(move || {
                    let said = run(&register, Job::SendMail, NOW);
                    said[0].split(' ').next().unwrap().parse::<usize>().unwrap()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    assert_eq!((sent, files(&app).len()), (30, 30));
}

#[test]
fn a_lost_sender_leaves_a_mail_that_may_have_arrived_and_is_sent_once_more_and_never_again() {
    let app = TestApp::start();
    offboarding(&app);
    let now = at(NOW);
    let lost = outbox::claim(&app.register, &by(now)).unwrap().unwrap();
    assert_eq!(lost.state, MailState::Sending);
    assert!(outbox::claim(&app.register, &by(now.plus_seconds(299))).unwrap().is_none());
    let again = outbox::claim(&app.register, &by(now.plus_seconds(300))).unwrap().unwrap();
    assert_eq!((again.state, &again.message_id), (MailState::Uncertain, &lost.message_id));
    assert!(!outbox::settle(&app.register, &by(now), &lost, Delivered::Sent).unwrap(), "the fence has moved on");
    assert!(outbox::claim(&app.register, &by(now.plus_days(3))).unwrap().is_none(), "not a third time");
    let left = mails(&app).remove(0);
    assert_eq!((left.state, left.lease_until), (MailState::Uncertain, None));
    assert!(!outbox::settle(&app.register, &by(now), &again, Delivered::Sent).unwrap());
}

#[test]
fn a_mail_that_cannot_be_sent_is_tried_eight_times() {
    let app = TestApp::start();
    offboarding(&app);
    let mut now = at(NOW);
    for attempt in 1..=8 {
        let mail = outbox::claim(&app.register, &by(now)).unwrap().unwrap_or_else(|| panic!("try {attempt}"));
        assert_eq!(mail.attempts, attempt);
        outbox::settle(&app.register, &by(now), &mail, Delivered::Failed("no route".to_owned())).unwrap();
        assert!(outbox::claim(&app.register, &by(now)).unwrap().is_none(), "not at once");
        now = mails(&app)[0].next_at;
    }
    let dead = mails(&app).remove(0);
    assert_eq!((dead.state, dead.error.as_deref()), (MailState::Dead, Some("no route")));
    let page = app.sign_in(Role::Auditor).get("/mail?state=dead");
    assert!(page.shows("Could not be sent") && page.shows("no route"));
}

/// The register with mail going to the test's server.
fn by_smtp(app: &TestApp, change: impl FnOnce(&mut Smtp)) -> Option<Register> {
    let variable = |name: &str| std::env::var(format!("MUSTER_TEST_SMTP_{name}")).ok();
    let Some(host) = variable("HOST") else {
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "the suite needs the SMTP server of tests/peers/smtp.sh"
        );
        eprintln!("no SMTP server: tests/run starts one");
        return None;
    };
    let mut smtp = Smtp {
        host,
        port: variable("PORT").unwrap().parse().unwrap(),
        security: SmtpSecurity::StartTls,
        root_certificate: variable("CA").map(Into::into),
        user: variable("USER"),
        password: variable("PASSWORD"),
        timeout: SMTP_TIMEOUT,
    };
    change(&mut smtp);
    let deployment = Deployment { mail: MailRoute::Smtp(smtp), ..(*app.register.deployment).clone() };
    Some(Register { database: app.register.database.clone(), deployment: Arc::new(deployment) })
}

/// Whether the server's Maildir holds a mail with that text.
fn arrived(text: &str) -> bool {
    let maildir = std::env::var("MUSTER_TEST_SMTP_MAILDIR").unwrap();
    ["new", "cur"].iter().any(|part| {
        std::fs::read_dir(format!("{maildir}/{part}"))
            .into_iter()
            .flatten()
            .any(|entry| std::fs::read_to_string(entry.unwrap().path()).is_ok_and(|mail| mail.contains(text)))
    })
}

#[test]
fn a_digest_reaches_a_real_server_over_starttls() {
    let app = TestApp::start();
    let Some(register) = by_smtp(&app, |_| {}) else { return };
    offboarding(&app);
    assert_eq!(run(&register, Job::SendMail, NOW), ["1 mail sent"]);
    assert!(arrived(&mails(&app)[0].message_id));
}

#[test]
fn a_wrong_password_and_an_unknown_authority_send_nothing_and_are_tried_again() {
    let app = TestApp::start();
    for change in
        [|smtp: &mut Smtp| smtp.password = Some("wrong".to_owned()), |smtp: &mut Smtp| smtp.root_certificate = None]
    {
        let Some(register) = by_smtp(&app, change) else { return };
        offboarding(&app);
        assert_eq!(run(&register, Job::SendMail, NOW)[1], "1 mail could not be sent and will be tried again");
    }
    for mail in mails(&app) {
        assert_eq!(mail.state, MailState::Pending);
        assert!(!arrived(&mail.message_id));
    }
}

#[test]
fn a_recipient_the_server_refuses_for_good_is_not_tried_again_and_one_it_defers_is() {
    let app = TestApp::start();
    let Some(register) = by_smtp(&app, |_| {}) else { return };
    for (name, state) in [("gone", MailState::Dead), ("later", MailState::Pending)] {
        let (owner, _) = offboarding(&app);
        change_person(&app, owner, |person| {
            person.email = format!("{name}@hospital.example");
            person.email_key = person.email.clone();
        });
        run(&register, Job::SendMail, NOW);
        let mail = mails(&app).into_iter().find(|mail| mail.recipient_id == owner).unwrap();
        assert_eq!(mail.state, state, "{name}: {:?}", mail.error);
        assert!(mail.error.is_some());
    }
}

#[test]
fn a_mail_that_waits_shows_what_it_would_say_now_and_a_sent_one_says_that_its_text_is_not_kept() {
    let app = TestApp::start();
    let (_, row) = offboarding(&app);
    let mail = mails(&app).remove(0);
    let auditor = app.sign_in(Role::Auditor);
    assert!(auditor.get("/mail").text.contains(&format!("/mail/{}", mail.id)));
    let size = app.audit_size();
    let page = auditor.get(&format!("/mail/{}", mail.id));
    for text in [
        "This is what it would say now",
        "1 thing needs your answer by Mon 30 Nov",
        "Stop Bulk Export <Registry> (SMART app in production)",
        "If nobody answers: The identity stays listed as one that may still work.",
    ] {
        assert!(page.shows(text), "{text} is not in {}", page.readable());
    }
    assert_eq!((app.audit_size(), mails(&app).remove(0)), (size, mail.clone()), "looking changes nothing");
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"]);
    let page = auditor.get(&format!("/mail/{}", mail.id));
    assert!(page.shows("What was sent is not kept") && page.shows(&mail.message_id), "{}", page.readable());
    assert!(!page.shows("Bulk Export"));
    let (leaver, _) = offboarding(&app);
    change_person(&app, leaver, |person| person.left_on = Some(day("2026-11-23")));
    let waiting = mails(&app).into_iter().find(|mail| mail.recipient_id == leaver).unwrap();
    let page = auditor.get(&format!("/mail/{}", waiting.id));
    assert!(page.shows("nothing would be sent, because the person has left"), "{}", page.readable());
    assert_eq!(app.sign_in(Role::Owner).get(&format!("/mail/{}", waiting.id)).status, 403);
    assert_eq!(auditor.get(&format!("/mail/{row}")).status, 404);
}
