//! Notices: one mail about one thing, queued once under its key, and kept after it has left.

use muster::actions::{By, outbox as sending};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::notices::{MailKind, MailState, Notice, message_id};
use muster::domain::people::Role;
use muster::store::outbox::{self, Mail, queue_notices};
use muster::store::types::Doc;
use muster::store::{Database, migrations};

use crate::app::{NOW, TestApp, at, fresh_database, on_postgres, schema_before};
use crate::approvals::database::{quoted, text, texts};
use crate::jobs::{day, run};
use crate::mail::{files, mails, unfolded};
use crate::reviews::mail_has_left;

pub fn notice(subject: &str) -> Notice {
    Notice {
        subject: subject.to_owned(),
        lines: vec!["Bulk Export <Registry> is reviewed tomorrow.".to_owned(), "You own it.".to_owned()],
        path: "/tasks?due=tomorrow".to_owned(),
        link_words: "Answer the review".to_owned(),
        if_nothing: "it is suspended on 1 Dec.".to_owned(),
        gathered: None,
    }
}

/// Queues a notice under a key; answers whether it is new.
pub fn queue(app: &TestApp, recipient: Id, key: &str) -> bool {
    let said = [(recipient, key.to_owned(), notice("1 review is due tomorrow, Tue 24 Nov"))];
    let by = By::job("escalate_tasks", at(NOW));
    let queued = app.register.change(&by, |work| Ok(queue_notices(work.db, &said, at(NOW), day("2026-11-23"))?));
    queued.unwrap() == 1
}

/// The mail of a key.
pub fn mail_of(app: &TestApp, key: &str) -> Mail {
    mails(app).into_iter().find(|mail| mail.dedupe_key == key).unwrap()
}

#[test]
fn a_notice_leaves_at_once_with_what_it_says_one_link_and_the_message_id_of_its_key() {
    let app = TestApp::start();
    let (owner, email) = app.account(Role::Owner);
    let key = format!("tomorrow:{owner}:2026-11-24");
    assert!(queue(&app, owner, &key));
    let waiting = mail_of(&app, &key);
    assert_eq!((waiting.kind, waiting.state, waiting.next_at), (MailKind::Notice, MailState::Pending, at(NOW)));
    assert_eq!(waiting.message_id, message_id(&key));
    assert_eq!(run(&app.register, Job::SendMail, NOW), ["1 mail sent"]);
    let text = unfolded(&files(&app)[0]).replace("\r\n", "\n");
    for words in [
        format!("<{email}>"),
        "Subject: 1 review is due tomorrow, Tue 24 Nov".to_owned(),
        format!("Message-ID: <{}>", message_id(&key)),
        "Bulk Export <Registry> is reviewed tomorrow.\nYou own it.".to_owned(),
        format!("Answer the review: {}/tasks?due=tomorrow", app.url),
        format!("href=\"{}/tasks?due=tomorrow\"", app.url),
        "If you do nothing: it is suspended on 1 Dec.".to_owned(),
        "sign in, and choose Tasks".to_owned(),
        "the help desk, extension 4417".to_owned(),
    ] {
        assert!(text.contains(&words), "{words}: {text}");
    }
    assert_eq!(text.matches("href").count(), 1, "{text}");
}

#[test]
fn what_was_ever_queued_is_not_queued_again_whatever_became_of_it() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    for state in MailState::ALL {
        let key = format!("review:{}:due:{owner}", state.word());
        assert!(queue(&app, owner, &key));
        let before = mail_of(&app, &key);
        let moved = Mail { state: *state, ..before.clone() };
        app.register.database.write(|db| outbox::update(db, &moved, before.fence)).unwrap();
        assert!(!queue(&app, owner, &key), "{state:?}");
        assert_eq!(mail_of(&app, &key), moved);
    }
    let twice =
        vec![(owner, "review:1:due".to_owned(), notice("One")), (owner, "review:1:due".to_owned(), notice("Two"))];
    let queued = app.register.database.write(|db| queue_notices(db, &twice, at(NOW), day("2026-11-23"))).unwrap();
    assert_eq!(queued, 1, "nor twice in one breath");
    let none = app.register.database.write(|db| queue_notices(db, &[], at(NOW), day("2026-11-23"))).unwrap();
    assert_eq!(none, 0);
}

#[test]
fn many_notices_are_queued_by_two_that_do_so_at_once_and_each_is_there_once() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let said: Vec<(Id, String, Notice)> =
        (0..1_200).map(|number| (owner, format!("review:{number}:due:{owner}"), notice("Due"))).collect();
    let new: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = [false, true]
            .into_iter()
            .map(|backwards| {
                let (mut said, register) = (said.clone(), app.replica());
                if backwards {
                    said.reverse();
                }
                scope.spawn(move || {
                    register.database.write(|db| queue_notices(db, &said, at(NOW), day("2026-11-23"))).unwrap()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    assert_eq!(new, 1_200);
}

#[test]
fn a_notice_to_which_something_is_being_added_is_taken_by_no_sender_before_that_is_done() {
    // On SQLite one writes at a time, so a sender waits for whoever adds: there is nothing to pass over.
    if !on_postgres() {
        return;
    }
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    mail_has_left(&app);
    assert!(queue(&app, owner, "silence:1"));
    let (sender, by) = (app.replica(), By::job("send_mail", at(NOW)));
    app.register
        .change(&By::job("apply_silence", at(NOW)), |work| {
            let waiting = outbox::waiting_notices(work.db, owner, day("2026-11-23"))?;
            let [mail] = waiting.as_slice() else { panic!("{waiting:?}") };
            assert_eq!(sending::claim(&sender, &by)?, None, "it is held");
            let grown = Mail { notice: Some(Doc(notice("2 reviews are due"))), ..mail.clone() };
            assert!(outbox::update(work.db, &grown, mail.fence)?);
            assert_eq!(sending::claim(&sender, &by)?, None, "until what is added is there for good");
            Ok(())
        })
        .unwrap();
    let taken = sending::claim(&sender, &by).unwrap().unwrap();
    assert_eq!(taken.dedupe_key, "silence:1");
    assert_eq!(taken.notice.unwrap().0.subject, "2 reviews are due", "it leaves with what was added");
}

#[test]
fn what_a_notice_said_stays_readable_after_it_has_left_and_is_not_in_the_audit_log() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    queue(&app, owner, "review:1");
    let auditor = app.sign_in(Role::Auditor);
    let mail = mail_of(&app, "review:1");
    let page = auditor.get(&format!("/mail/{}", mail.id));
    assert!(page.shows("This is what it says") && page.shows("Bulk Export <Registry>"), "{}", page.readable());
    run(&app.register, Job::SendMail, NOW);
    let page = auditor.get(&format!("/mail/{}", mail.id));
    for words in ["This is what it said", "Bulk Export <Registry>", "/tasks?due=tomorrow", &mail.message_id] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(auditor.get("/mail").shows("1 review is due tomorrow"));
    assert!(auditor.get("/mail.csv").text.contains("1 review is due tomorrow"));
    let log = auditor.get("/audit.jsonl").text;
    assert!(log.contains("mail.send") && !log.contains("Bulk Export"), "{log}");
}

#[test]
fn only_a_notice_says_something_and_every_notice_does() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    queue(&app, owner, "review:1");
    let mut db = app.register.database.read().unwrap();
    let refused = |db: &mut muster::store::Db, change: &str| {
        db.execute(&format!("UPDATE outbox SET {change}")).unwrap_err();
    };
    refused(&mut db, "notice = NULL");
    refused(&mut db, "kind = 'digest'");
    refused(&mut db, "retries = 1");
    refused(&mut db, "retries = -1");
    refused(&mut db, &format!("retried_at = {}", text(at(NOW))));
    let by_nobody = format!("retries = 1, retried_at = {}", text(at(NOW)));
    refused(&mut db, &by_nobody);
    db.execute(&format!("UPDATE outbox SET {by_nobody}, retried_by = {}", quoted(owner))).unwrap();
}

#[test]
fn an_outbox_of_before_keeps_every_row_and_still_takes_each_key_once() {
    let folder = tempfile::tempdir().unwrap();
    let (address, made) = fresh_database(folder.path());
    {
        let database = Database::open_sized(&address, 1).unwrap();
        let mut db = database.read().unwrap();
        schema_before("0015", &mut db);
        let (person, moment) = (Id::new(), text(at(NOW)));
        db.execute(&format!(
            "INSERT INTO people (id, name, name_key, email, email_key, created_at, updated_at, version) \
             VALUES ({}, 'Olga Old', 'olga old', 'olga@hospital.example', 'olga@hospital.example', {moment}, {moment}, 1)",
            quoted(person)
        ))
        .unwrap();
        for (kind, told) in [("digest", "NULL"), ("security", "'{\"notice\": \"password\"}'")] {
            for state in MailState::ALL {
                let state = state.word();
                db.execute(&format!(
                    "INSERT INTO outbox (id, dedupe_key, kind, recipient_id, digest_on, state, attempts, next_at, \
                     lease_until, fence, message_id, sent_at, error, created_at, told) VALUES ({}, '{kind}:{state}', \
                     '{kind}', {}, '2026-11-23', '{state}', 3, {moment}, {moment}, 7, '{}@muster', {moment}, 'it said no', \
                     {moment}, {told})",
                    quoted(Id::new()),
                    quoted(person),
                    Id::new(),
                ))
                .unwrap();
            }
        }
        let rows = |db: &mut muster::store::Db| {
            let columns = "dedupe_key || state || attempts || fence || message_id || error";
            texts(db, &format!("SELECT {columns} AS value FROM outbox ORDER BY dedupe_key"))
        };
        let before = rows(&mut db);
        assert_eq!(before.len(), 12);
        migrations::run(&mut db).unwrap();
        assert_eq!(rows(&mut db), before);
        let told = "SELECT dedupe_key AS value FROM outbox WHERE told IS NOT NULL AND retries = 0 AND notice IS NULL";
        assert_eq!(texts(&mut db, told).len(), 6);
        let (again, new) = ("digest:sent".to_owned(), "review:1".to_owned());
        let said = [(person, again, notice("Old")), (person, new, notice("New"))];
        assert_eq!(queue_notices(&mut db, &said, at(NOW), day("2026-11-23")).unwrap(), 1);
        let from_nobody = [(Id::new(), "review:2".to_owned(), notice("To nobody"))];
        queue_notices(&mut db, &from_nobody, at(NOW), day("2026-11-23")).unwrap_err();
    }
    if let Some((admin, name)) = made {
        let server = Database::open_sized(&muster::store::connection::Address::Postgres(admin), 1).unwrap();
        server.read().unwrap().execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
}
