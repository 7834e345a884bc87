//! A small register with one of everything, so that each route of the table can be asked for a real thing.

use muster::actions::{By, accounts, imports, people, request_drafts};
use muster::domain::api_tokens::TokenScope;
use muster::domain::identities::{IdentityState, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::listing::From;
use muster::domain::people::Role;
use muster::domain::reviews::ReviewAnswer;
use muster::domain::tasks::{AssignedAs, Assignee, TaskCause, TaskKind};
use muster::store::tasks::{Raised, Task};
use muster::store::{emergency, outbox_list, passkeys, sessions, tasks};

use crate::api_tokens::{draft, make_for};
use crate::app::{Browser, NOW, TestApp, at};
use crate::authenticator::Authenticator;
use crate::imports::{client, realm, upload};
use crate::jobs::{day, identity, kept_by, owned_by, run};

/// What is the business owner's, and what is somebody else's of the same kind.
struct Pair {
    own: String,
    foreign: String,
}

/// The register, and what stands in its addresses.
pub struct Estate {
    pub app: TestApp,
    pub business_owner: Browser,
    pub technical_owner: Browser,
    identity: Pair,
    task: Pair,
    grant: Pair,
    request: Pair,
    decision: Pair,
    review: Pair,
    /// Decisions about reviews.
    receipt: Pair,
    session: Pair,
    token: Pair,
    passkey: Pair,
    held: Pair,
    emergency: Pair,
    registration: Pair,
    person: String,
    system: String,
    vendor: String,
    import: String,
    bulk: String,
    campaign: String,
    map: String,
    mail: String,
    link: String,
    /// A run of silence that stopped.
    stop: String,
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
        let mut origin = String::new();
        let app = TestApp::start_told(|deployment| {
            deployment.access.break_glass = true;
            // Passkeys belong to a name.
            deployment.base_url = deployment.base_url.replace("127.0.0.1", "localhost");
            origin.clone_from(&deployment.base_url);
        });
        let accounts = [app.account(Role::Owner), app.account(Role::Owner), app.account(Role::Owner)];
        let [business_owner, technical_owner, stranger] = accounts.each_ref().map(|account| app.sign_in_as(account));
        let (business, technical, other) =
            (business_owner.person.unwrap(), technical_owner.person.unwrap(), stranger.person.unwrap());
        let made = |name: &str, business: Id, technical: Id, suspended: bool| {
            let row = identity(&app, name, |row| {
                row.next_review_on = Some(day("2026-11-23"));
                owned_by(row, business);
                kept_by(row, technical);
                if suspended {
                    row.state = IdentityState::Suspended;
                    row.state_cause = StateCause::Decided;
                }
            });
            row.id
        };
        let identity = (made("Ward Planner", business, technical, false), made("Foreign Planner", other, other, false));
        let resting = (made("Ward Archive", business, technical, true), made("Foreign Archive", other, other, true));
        run(&app.register, Job::RaiseRecertifications, NOW);
        run(&app.register, Job::SendMail, "2026-11-23T18:00:00Z");
        let task = |id, person| offboarding_of(&app, id, person).to_string();
        let task = Pair { own: task(identity.0, business), foreign: task(identity.1, other) };
        let review = |id| crate::reviews::review_of(&app, id).id;
        let reviews = Pair { own: review(identity.0).to_string(), foreign: review(identity.1).to_string() };
        let answered = |id, who| {
            crate::reviews::answer(&app, review(id), who, ReviewAnswer::Keep, at(NOW), |_| {}).unwrap().to_string()
        };
        // Whoever benefits does not decide, and the stranger is the technical owner too.
        let keeper = (app.account(Role::SecurityAnalyst).0, Role::SecurityAnalyst);
        let receipt = Pair { own: answered(resting.0, (business, Role::Owner)), foreign: answered(resting.1, keeper) };
        let grant = |browser: &Browser, id| crate::grants::ask(browser, id).to_string();
        let grant = Pair { own: grant(&business_owner, resting.0), foreign: grant(&stranger, resting.1) };
        let asked = (story_of(&app, identity.0, technical), story_of(&app, identity.1, stranger.person.unwrap()));
        let request = Pair { own: asked.0.0, foreign: asked.1.0 };
        let decision = Pair { own: asked.0.1, foreign: asked.1.1 };
        let token = |person| make_for(&app, person, Role::Owner, &draft(&[TokenScope::Read])).id.to_string();
        let token = Pair { own: token(business), foreign: token(other) };
        let (own, mut device) = passkey_of(&app, &business_owner, &origin);
        let passkey = Pair { own, foreign: passkey_of(&app, &stranger, &origin).0 };
        // The business owner is signed in elsewhere too.
        let first = session_of(&app, business, None);
        crate::passkeys::sign_in(&app, &mut device);
        let session = Pair { own: session_of(&app, business, Some(&first)), foreign: session_of(&app, other, None) };
        let held = |browser| held_by(&app, browser);
        let held = Pair { own: held(&business_owner), foreign: held(&stranger) };
        let emergency = |browser| emergency_of(&app, browser);
        let emergency = Pair { own: emergency(&business_owner), foreign: emergency(&stranger) };
        let registration = |person: Id| {
            let by = By::person(person, Role::Owner, None, app.register.now());
            request_drafts::start(&app.register, &by).unwrap().to_string()
        };
        let registration = Pair { own: registration(business), foreign: registration(other) };
        let person = people::add(&app.register, &app.setup(), "Petra Person", "petra@hospital.example", None).unwrap();
        let import = imports::preview(&app.register, &app.setup(), upload(realm(&[client("ward")]))).unwrap();
        let analyst = app.sign_in(Role::SecurityAnalyst);
        let made = |path: &str, fields: &[(&str, &str)]| {
            let page = analyst.post(path, fields);
            assert_eq!(page.status, 303, "{path}: {}", page.readable());
            last(&page.location)
        };
        let system = made(
            "/systems/new",
            &[("name", "Ward server"), ("kind", "authorization_server"), ("business_owner", "petra@hospital.example")],
        );
        let vendor = made("/vendors/new", &[("name", "Ward Company")]);
        let bulk = made("/identities/bulk", &[("all", "1"), ("filter", "?environment=production")]);
        let campaign = made(
            "/campaigns",
            &[
                ("name", "Winter"),
                ("why", "Every quarter."),
                ("due_on", "2026-12-15"),
                ("filter", "environment=production"),
            ],
        );
        let maps = imports::maps::list(&app.register).unwrap();
        let map = url::form_urlencoded::byte_serialize(maps[0].name.as_bytes()).collect::<String>().replace('+', "%20");
        let mail =
            outbox_list::lines(&mut app.register.database.read().unwrap(), None, &From::Start, 1).unwrap()[0].mail.id;
        let newcomer = app.person("Nora New", "nora@hospital.example");
        let link = last(&accounts::open(&app.register, &app.setup(), newcomer, Role::Auditor).unwrap().url);
        let stop = crate::silence_page::stopped(&app, &[identity.0, identity.1]).id.to_string();
        let identity = Pair { own: identity.0.to_string(), foreign: identity.1.to_string() };
        let (person, import, mail) = (person.to_string(), import.to_string(), mail.to_string());
        Self {
            app,
            business_owner,
            technical_owner,
            identity,
            task,
            grant,
            request,
            decision,
            review: reviews,
            receipt,
            session,
            token,
            passkey,
            held,
            emergency,
            registration,
            person,
            system,
            vendor,
            import,
            bulk,
            campaign,
            map,
            mail,
            link,
            stop,
        }
    }

    /// The addresses of real things that a path of the table stands for.
    pub fn places(&self, pattern: &str) -> Vec<(Whose, String)> {
        let Some((before, rest)) = pattern.split_once('{') else { return vec![(Whose::Nobodys, pattern.to_owned())] };
        let (_, after) = rest.split_once('}').unwrap();
        assert!(!after.contains('{'), "say in tests/suite/estate.rs what {pattern} stands for");
        let fill = |value: &str| format!("{before}{value}{after}");
        let one = |value: &str| vec![(Whose::Nobodys, fill(value))];
        let both = |pair: &Pair| vec![(Whose::Own, fill(&pair.own)), (Whose::Foreign, fill(&pair.foreign))];
        match before {
            "/identities/" => both(&self.identity),
            "/tasks/" => both(&self.task),
            "/grants/" => both(&self.grant),
            "/requests/" => both(&self.request),
            "/decisions/" => both(&self.decision),
            "/reviews/" => both(&self.review),
            "/reviews/decisions/" => both(&self.receipt),
            "/account/sessions/" => both(&self.session),
            "/account/tokens/" | "/tokens/" => both(&self.token),
            "/account/second-factor/passkeys/" => both(&self.passkey),
            "/confirm/" => both(&self.held),
            "/api/requests/" => both(&self.request),
            "/break-glass/" => both(&self.emergency),
            "/requests/drafts/" => both(&self.registration),
            "/people/" => one(&self.person),
            "/systems/" => one(&self.system),
            "/vendors/" => one(&self.vendor),
            "/imports/" => one(&self.import),
            "/imports/maps/" => one(&self.map),
            "/bulk/" => one(&self.bulk),
            "/campaigns/" => one(&self.campaign),
            "/mail/" => one(&self.mail),
            "/jobs/" => one(Job::SendMail.word()),
            "/reviews/silence/" => one(&self.stop),
            "/audit/" => one("1"),
            "/static/" => one("app.css"),
            "/welcome/" => one(&self.link),
            // The first administrator was made long ago: no link of that kind opens anything any more.
            "/set-up/" => one("no-such-link"),
            _ => panic!("say in tests/suite/estate.rs what {pattern} stands for"),
        }
    }
}

/// The offboarding of an identity, with one of its owners.
fn offboarding_of(app: &TestApp, identity: Id, person: Id) -> Id {
    let task = Task::new(
        Raised {
            kind: TaskKind::Offboarding,
            cause: TaskCause::OwnersGone,
            identity,
            request: None,
            review: None,
            period: "owners_gone:2026-11-20".to_owned(),
            reason: "Stop it, or have new owners named.".to_owned(),
            assignee: Assignee::Person { person, assigned_as: AssignedAs::BusinessOwner },
            due_on: day("2026-11-30"),
        },
        app.register.now(),
    );
    app.register.change(&app.setup(), |work| Ok(tasks::insert(work.db, &task)?)).unwrap();
    task.id
}

/// A request about an identity that its technical owner asked for, and a decision about it: somebody else
/// was named.
fn story_of(app: &TestApp, identity: Id, technical: Id) -> (String, String) {
    use muster::actions::requests::{self, Reply};
    use muster::domain::requests::RequestAnswer;
    let by = |person, role| muster::actions::By::person(person, role, None, app.register.now());
    let read = || muster::store::identities::find(&mut app.register.database.read().unwrap(), identity).unwrap();
    let version = read().version;
    let asking = muster::actions::requests::Asking {
        until: "2027-01-31".to_owned(),
        ..crate::approvals::asking("patient/Condition.rs")
    };
    // Where one person owns it in both ways, somebody else asks.
    let row = read();
    let (asker, role) = if row.business_owner_id == Some(technical) {
        (app.account(Role::SecurityAnalyst).0, Role::SecurityAnalyst)
    } else {
        (technical, Role::Owner)
    };
    app.account(Role::SecurityAnalyst);
    let request = requests::ask(&app.register, &by(asker, role), identity, version, &asking).unwrap();
    let mut db = app.register.database.read().unwrap();
    let loaded = requests::load(&mut db, &app.register, request, app.register.now()).unwrap();
    let digest = requests::facts::whole_sheet(&mut db, &app.register, &loaded).unwrap().digest();
    drop(db);
    let (decider, role) = match loaded.people.iter().find(|human| loaded.may_decide(human).is_ok()) {
        Some(human) => (human.person, human.role),
        None => panic!("nobody can decide about {identity}"),
    };
    let (_, email) = app.account(Role::Owner);
    let reply = Reply {
        request,
        version: loaded.request.version,
        identity_version: loaded.identity.version,
        digest,
        answer: Some(RequestAnswer::PassOn),
        keep: Vec::new(),
        until: String::new(),
        reason: "the ward is theirs".to_owned(),
        ground: String::new(),
        somebody: email,
    };
    let decision = requests::decide(&app.register, &by(decider, role), &reply).unwrap();
    (request.to_string(), decision.to_string())
}

/// A session of somebody, other than that one.
fn session_of(app: &TestApp, person: Id, but: Option<&str>) -> String {
    let mut db = app.register.database.read().unwrap();
    let all = sessions::of(&mut db, person, app.register.now()).unwrap();
    all.iter().map(|session| session.id.to_string()).find(|id| Some(id.as_str()) != but).unwrap()
}

/// A passkey that they add, and the device that keeps it.
fn passkey_of(app: &TestApp, browser: &Browser, origin: &str) -> (String, Authenticator) {
    let mut device = Authenticator::new(origin);
    crate::passkeys::add(browser, &mut device);
    let mut db = app.register.database.read().unwrap();
    (passkeys::of(&mut db, browser.person.unwrap()).unwrap()[0].id.to_string(), device)
}

/// A form of theirs that waits until they prove again who they are.
fn held_by(app: &TestApp, browser: &Browser) -> String {
    let later = app.beside(app.register.now().plus_seconds(6 * 60));
    let page = browser.at(&later).post("/account/second-factor/codes", &[]);
    assert!(page.location.starts_with("/confirm/"), "{}", page.location);
    last(&page.location)
}

/// Emergency access that they ask for.
pub fn emergency_of(app: &TestApp, browser: &Browser) -> String {
    let page = browser.post("/break-glass", &[("reason", "the administrators are on a plane"), ("hours", "1")]);
    assert_eq!(page.status, 303, "{}", page.readable());
    let mut db = app.register.database.read().unwrap();
    emergency::latest(&mut db, browser.person, 1).unwrap().remove(0).id.to_string()
}

/// The last part of a path or a link.
fn last(path: &str) -> String {
    path.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}
