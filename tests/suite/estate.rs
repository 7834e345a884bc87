//! A small register with one of everything, so that each route of the table can be asked for a real thing.

use muster::actions::{imports, people};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::listing::From;
use muster::domain::people::Role;
use muster::store::outbox;

use crate::app::{Browser, NOW, TestApp};
use crate::imports::{client, realm, upload};
use crate::jobs::{day, identity, kept_by, owned_by, run, tasks_about};

/// The register, and the ids of what is in it.
pub struct Estate {
    pub app: TestApp,
    pub business_owner: Browser,
    pub technical_owner: Browser,
    /// An identity of both owners, and the task about it.
    pub own: (Id, Id),
    /// An identity of somebody else, and the task about it.
    pub foreign: (Id, Id),
    person: Id,
    system: String,
    vendor: String,
    import: Id,
    bulk: String,
    map: String,
    mail: Id,
}

/// What an owner has to do with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The route is about no identity and no task.
    Nobodys,
    Own,
    Foreign,
}

impl Estate {
    pub fn new() -> Self {
        let app = TestApp::start();
        let business_owner = app.sign_in(Role::Owner);
        let technical_owner = app.sign_in(Role::Owner);
        let (stranger, _) = app.account(Role::Owner);
        let owners = (business_owner.person.unwrap(), technical_owner.person.unwrap());
        let own = identity(&app, "Ward Planner", |row| {
            row.next_review_on = Some(day("2026-11-23"));
            owned_by(row, owners.0);
            kept_by(row, owners.1);
        });
        let foreign = identity(&app, "Foreign Planner", |row| {
            row.next_review_on = Some(day("2026-11-23"));
            owned_by(row, stranger);
            kept_by(row, stranger);
        });
        run(&app.register, Job::RaiseRecertifications, NOW);
        run(&app.register, Job::SendMail, "2026-11-23T18:00:00Z");
        let task = |id| tasks_about(&app, id).remove(0).id;
        let (own, foreign) = ((own.id, task(own.id)), (foreign.id, task(foreign.id)));
        let person = people::add(&app.register, &app.setup(), "Petra Person", "petra@hospital.example", None).unwrap();
        let import = imports::preview(&app.register, &app.setup(), upload(realm(&[client("ward")]))).unwrap();
        let analyst = app.sign_in(Role::SecurityAnalyst);
        let made = |path: &str, fields: &[(&str, &str)]| {
            let page = analyst.post(path, fields);
            assert_eq!(page.status, 303, "{path}: {}", page.readable());
            last(page.location.split('?').next().unwrap())
        };
        let system = made(
            "/systems/new",
            &[("name", "Ward server"), ("kind", "authorization_server"), ("business_owner", "petra@hospital.example")],
        );
        let vendor = made("/vendors/new", &[("name", "Ward Company")]);
        let bulk = made("/identities/bulk", &[("all", "1"), ("filter", "?environment=production")]);
        let maps = imports::maps::list(&app.register).unwrap();
        let map = url::form_urlencoded::byte_serialize(maps[0].name.as_bytes()).collect::<String>().replace('+', "%20");
        let mail = outbox::lines(&mut app.register.database.read().unwrap(), None, &From::Start, 1).unwrap()[0].mail.id;
        Self { app, business_owner, technical_owner, own, foreign, person, system, vendor, import, bulk, map, mail }
    }

    /// The addresses of real things that a path of the table stands for.
    pub fn places(&self, pattern: &str) -> Vec<(Whose, String)> {
        let Some((before, _)) = pattern.split_once('{') else { return vec![(Whose::Nobodys, pattern.to_owned())] };
        let fill = |value: &str| {
            let (_, after) = pattern.split_once('}').unwrap();
            assert!(!after.contains('{'), "say in tests/suite/estate.rs what {pattern} stands for");
            format!("{before}{value}{after}")
        };
        let both = |own: Id, foreign: Id| {
            vec![(Whose::Own, fill(&own.to_string())), (Whose::Foreign, fill(&foreign.to_string()))]
        };
        let one = |value: &str| vec![(Whose::Nobodys, fill(value))];
        match before {
            "/identities/" => both(self.own.0, self.foreign.0),
            "/tasks/" => both(self.own.1, self.foreign.1),
            "/people/" => one(&self.person.to_string()),
            "/systems/" => one(&self.system),
            "/vendors/" => one(&self.vendor),
            "/imports/" => one(&self.import.to_string()),
            "/imports/maps/" => one(&self.map),
            "/bulk/" => one(&self.bulk),
            "/mail/" => one(&self.mail.to_string()),
            "/jobs/" => one(Job::SendMail.word()),
            "/audit/" => one("0"),
            "/static/" => one("app.css"),
            _ => panic!("say in tests/suite/estate.rs what {pattern} stands for"),
        }
    }
}

fn last(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}
