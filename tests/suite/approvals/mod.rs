//! Requests: asked, decided by the right people, taking effect, issued by somebody else.

mod api;
mod choosing;
pub mod database;
mod deciding;
mod drafting;
mod kept;
mod migration;
mod moving;
mod pages;

use muster::actions::requests::{self, Asking, Issued, Reply};
use muster::actions::{ActionError, By, Register};
use muster::domain::identities::{AccessBasis, Environment, IdentityState, OwnerAnswer, ScopeList};
use muster::domain::ids::{Id, Moment};
use muster::domain::people::Role;
use muster::domain::requests::{RequestAnswer, RequestState};
use muster::store::identities::{self, Identity};
use muster::store::requests::Request;
use muster::store::tasks::{self, Task};

use crate::app::{NOW, TestApp, at};
use crate::jobs::identity;

/// The narrow permission of the story that an owner decides alone.
pub const LAB: &str = "patient/Observation.rs?category=laboratory";

/// A request that wants nothing but these scopes for half a year.
pub fn asking(scopes: &str) -> Asking {
    Asking {
        scopes: scopes.to_owned(),
        reason: "the discharge team reads results on the ward".to_owned(),
        until: "2027-03-31".to_owned(),
        ..Asking::default()
    }
}

/// A person who acts at a moment.
pub fn by(person: Id, role: Role, now: Moment) -> By {
    By::person(person, role, None, now)
}

/// Tells that these scopes were approved for an identity and issued, by people whom nobody else knows.
pub fn approved(app: &TestApp, identity: Id, scopes: &[&str]) {
    let people: Vec<Id> = (0..5)
        .map(|number| app.person(&format!("Before {number}"), &format!("{}@hospital.example", Id::new())))
        .collect();
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    app.register
        .change(&app.setup(), |work| {
            let identity = identities::find(work.db, identity)?;
            let told = requests::history::Told {
                requester: people[0],
                deciders: people[1..].to_vec(),
                reason: "it was approved before".to_owned(),
                at: at(NOW).plus_days(-100),
                until: "2027-03-31".parse().unwrap(),
            };
            requests::history::tell(work, &app.register, &identity, &scopes, &told)
        })
        .unwrap();
}

/// People and an identity that is registered and not approved.
pub struct Story {
    pub app: TestApp,
    pub identity: Identity,
    pub owner: (Id, String),
    pub deputy: (Id, String),
    pub technical: (Id, String),
    pub analyst: (Id, String),
    pub second: (Id, String),
    pub administrator: (Id, String),
}

impl Story {
    /// An identity that waits for its first approval.
    pub fn begin() -> Self {
        Self::with(|row| {
            row.state = IdentityState::Requested;
            row.access_basis = Some(AccessBasis::Treatment);
            row.environment = Environment::Production;
            row.purpose = Some("plans discharges".to_owned());
        })
    }

    /// The same after changes to the identity.
    pub fn with(change: impl FnOnce(&mut Identity)) -> Self {
        let app = TestApp::start();
        let owner = app.account(Role::Owner);
        let deputy = app.account(Role::Owner);
        let technical = app.account(Role::Owner);
        crate::jobs::change_person(&app, owner.0, |person| person.deputy_id = Some(deputy.0));
        let identity = identity(&app, "Discharge Planner", |row| {
            row.business_owner_id = Some(owner.0);
            row.business_owner_answer = Some(OwnerAnswer::Accepted);
            row.technical_owner_id = Some(technical.0);
            row.technical_owner_answer = Some(OwnerAnswer::Accepted);
            change(row);
        });
        Self {
            analyst: app.account(Role::SecurityAnalyst),
            second: app.account(Role::SecurityAnalyst),
            administrator: app.account(Role::Administrator),
            app,
            identity,
            owner,
            deputy,
            technical,
        }
    }

    pub fn register(&self) -> &Register {
        &self.app.register
    }

    /// The technical owner asks for these scopes.
    pub fn ask(&self, scopes: &str) -> Id {
        self.ask_as(self.technical.0, Role::Owner, &asking(scopes)).unwrap()
    }

    pub fn ask_as(&self, person: Id, role: Role, asking: &Asking) -> Result<Id, ActionError> {
        let identity = self.now();
        requests::ask(self.register(), &by(person, role, at(NOW)), identity.id, identity.version, asking)
    }

    /// What is stored of the identity.
    pub fn now(&self) -> Identity {
        identities::find(&mut self.register().database.read().unwrap(), self.identity.id).unwrap()
    }

    pub fn request(&self, id: Id) -> Request {
        muster::store::requests::find(&mut self.register().database.read().unwrap(), id).unwrap()
    }

    pub fn tasks(&self, request: Id) -> Vec<Task> {
        tasks::of_request(&mut self.register().database.read().unwrap(), request).unwrap()
    }

    /// The scopes on a list of the identity.
    pub fn scopes(&self, list: ScopeList) -> Vec<String> {
        let rows =
            muster::store::identity_parts::scopes(&mut self.register().database.read().unwrap(), self.identity.id);
        rows.unwrap().into_iter().filter(|row| row.list == list).map(|row| row.scope).collect()
    }

    /// What somebody would send who opened the page just now.
    pub fn reply(&self, request: Id, answer: RequestAnswer) -> Reply {
        self.reply_at(request, answer, at(NOW))
    }

    pub fn reply_at(&self, request: Id, answer: RequestAnswer, now: Moment) -> Reply {
        let mut db = self.register().database.read().unwrap();
        let loaded = requests::load(&mut db, self.register(), request, now).unwrap();
        Reply {
            request,
            version: loaded.request.version,
            identity_version: loaded.identity.version,
            digest: requests::facts::whole_sheet(&mut db, self.register(), &loaded).unwrap().digest(),
            answer: Some(answer),
            keep: Vec::new(),
            until: String::new(),
            reason: String::new(),
            ground: String::new(),
            somebody: String::new(),
        }
    }

    /// Somebody says yes to the whole of it.
    pub fn approve(&self, request: Id, (person, role): (Id, Role)) -> Result<Id, ActionError> {
        self.approve_at(request, (person, role), at(NOW))
    }

    pub fn approve_at(&self, request: Id, (person, role): (Id, Role), now: Moment) -> Result<Id, ActionError> {
        let reply = self.reply_at(request, RequestAnswer::Approve, now);
        requests::decide(self.register(), &by(person, role, now), &reply)
    }

    /// What was issued, recorded by that person.
    pub fn issue_at(
        &self,
        request: Id,
        (person, role): (Id, Role),
        scopes: &str,
        now: Moment,
    ) -> Result<(), ActionError> {
        let issued = Issued {
            request,
            version: self.request(request).version,
            identity_version: self.now().version,
            scopes: scopes.to_owned(),
            evidence: "client created in realm hospital, change CHG-4711".to_owned(),
            client_id: String::new(),
        };
        requests::issue(self.register(), &by(person, role, now), &issued)
    }

    pub fn state(&self, request: Id) -> RequestState {
        self.request(request).state
    }
}
