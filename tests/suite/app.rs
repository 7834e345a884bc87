//! A running Muster of a test's own: a fresh database, the real server on a free port, a clock that stands still.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use muster::actions::{By, Register, passwords, people};
use muster::config::{Access, Clock, Deployment, Listening, MailRoute, SchedulerTimes};
use muster::domain::access::SecondFactor;
use muster::domain::ids::{Id, Moment};
use muster::domain::people::Role;
use muster::domain::rates::Rates;
use muster::store::connection::Address;
use muster::store::people::{self as stored, Account};
use muster::store::{Database, Db, migrations};

/// When every test begins.
pub const NOW: &str = "2026-11-23T15:00:00Z";

/// The password of every account a test makes.
pub const PASSWORD: &str = "seven quiet lamps at noon";

/// The moment a text names.
pub fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

/// A running Muster. Its folder and its database go with it.
pub struct TestApp {
    pub register: Register,
    pub url: String,
    pub folder: tempfile::TempDir,
    server: Option<actix_web::dev::ServerHandle>,
    database: Option<(String, String)>,
}

static COUNT: AtomicU64 = AtomicU64::new(0);

impl TestApp {
    /// Starts at [`NOW`].
    pub fn start() -> Self {
        Self::start_at(NOW)
    }

    /// Starts with a clock that stands at that moment.
    pub fn start_at(now: &str) -> Self {
        Self::start_behind(now, None)
    }

    /// Starts with a deployment that is told something else.
    pub fn start_told(change: impl FnOnce(&mut Deployment)) -> Self {
        Self::start_with(NOW, None, change)
    }

    /// Starts behind a proxy of that network.
    pub fn start_behind(now: &str, network: Option<&str>) -> Self {
        Self::start_with(now, network, |_| {})
    }

    /// Starts a deployment that was told something else besides.
    pub fn start_with(now: &str, network: Option<&str>, change: impl FnOnce(&mut Deployment)) -> Self {
        let behind_proxy = network.map(|text| muster::config::parse_network(text).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let (address, database) = migrated_database(folder.path());
        let listener = muster::web::serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut deployment = Deployment {
            data_folder: folder.path().to_owned(),
            clock: Clock::fixed(at(now)),
            base_url: url.clone(),
            register_name: "Test register".to_owned(),
            help: "the help desk, extension 4417".to_owned(),
            time_zone: chrono_tz::America::Chicago,
            mail_from: "Muster <muster@hospital.example>".to_owned(),
            mail: MailRoute::Folder(folder.path().join("mail")),
            strip: None,
            longest_upload: 1024 * 1024,
            fingerprint_key: Arc::new([7; 32]),
            scopes: Arc::new(muster::config::scope_tables(folder.path()).unwrap()),
            approvals: Arc::new(muster::config::approval_tables(folder.path(), None).unwrap()),
            reviews: Arc::new(muster::config::review_table(folder.path()).unwrap()),
            scheduler: SchedulerTimes::default(),
            // A test signs in with a password alone, and asks faster than any person; both have tests of their own.
            access: Access {
                second_factor: SecondFactor::Offered,
                rates: Rates::new(60_000_000).unwrap(),
                ..Access::default()
            },
        };
        change(&mut deployment);
        let database_pool = Database::open_sized(&address, 4).unwrap();
        migrations::run(&mut database_pool.read().unwrap()).unwrap();
        let register = Register { database: database_pool, deployment: Arc::new(deployment) };
        let server = serve(register.clone(), listener, behind_proxy);
        Self { register, url, folder, server: Some(server), database }
    }

    /// The same register on another connection pool, as another replica has it.
    pub fn replica(&self) -> Register {
        Register {
            database: Database::open_sized(self.register.database.address(), 4).unwrap(),
            deployment: self.register.deployment.clone(),
        }
    }

    /// Another running replica on the same database, whose clock stands at another moment.
    pub fn beside(&self, now: Moment) -> Self {
        let deployment = Deployment { clock: Clock::fixed(now), ..(*self.register.deployment).clone() };
        let register = Register { deployment: Arc::new(deployment), ..self.replica() };
        let listener = muster::web::serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = serve(register.clone(), listener, None);
        Self { register, url, folder: tempfile::tempdir().unwrap(), server: Some(server), database: None }
    }

    /// The same register with a clock that stands at another moment.
    pub fn at(&self, now: Moment) -> Register {
        let deployment = Deployment { clock: Clock::fixed(now), ..(*self.register.deployment).clone() };
        Register { database: self.register.database.clone(), deployment: Arc::new(deployment) }
    }

    /// Acts as the set-up of the register does.
    pub fn setup(&self) -> By {
        By::setup(self.register.now())
    }

    /// Another replica, whose clock stands at that moment.
    pub fn later(&self, now: Moment) -> Replica {
        Replica::start(self.at(now))
    }

    /// Adds a person without an account.
    pub fn person(&self, name: &str, email: &str) -> Id {
        people::add(&self.register, &self.setup(), name, email, None).unwrap()
    }

    /// Adds a person of that name who can sign in and answer as an owner.
    pub fn owner(&self, name: &str, email: &str) -> Id {
        self.signs_in(self.person(name, email), Role::Owner)
    }

    /// Adds a person with an account of that role.
    pub fn account(&self, role: Role) -> (Id, String) {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let email = format!("{}-{number}@hospital.example", role.word().replace('_', "."));
        let id = self.signs_in(self.person(&format!("Person {number}"), &email), role);
        (id, email)
    }

    /// Opens the account of a person, as the set-up does. The hash of the password is made once for the whole suite:
    /// made for each account it was a quarter of what the suite takes.
    fn signs_in(&self, person: Id, role: Role) -> Id {
        static HASH: OnceLock<String> = OnceLock::new();
        let hash = HASH.get_or_init(|| passwords::hash(PASSWORD).unwrap());
        let by = self.setup();
        let opened = self.register.change(&by, |work| {
            let account = Account { password_hash: Some(hash.clone()), ..Account::new(person, role, by.now) };
            stored::insert_account(work.db, &account)?;
            work.record("account.open", "account", person, None, Some(&account));
            Ok(person)
        });
        opened.unwrap()
    }

    /// Somebody of that role, signed in through the page.
    pub fn sign_in(&self, role: Role) -> Browser {
        let (person, email) = self.account(role);
        let mut browser = self.browser();
        browser.person = Some(person);
        let answer = browser.post("/sign-in", &[("email", &email), ("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser
    }

    /// Somebody who is not signed in.
    pub fn browser(&self) -> Browser {
        browser_at(&self.url)
    }

    /// What the server answers to exactly these bytes, until it closes the connection or says nothing more
    /// that belongs to an answer.
    pub fn raw(&self, bytes: &[u8]) -> Vec<Page> {
        let mut stream = self.connect();
        // A server that closes early takes the rest no more.
        let _ = stream.write_all(bytes);
        answers(&mut stream, usize::MAX)
    }

    /// A bare connection to the server.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Somebody who has an account already, signed in through the page.
    pub fn sign_in_as(&self, (person, email): &(Id, String)) -> Browser {
        let mut browser = self.browser();
        let answer = browser.post("/sign-in", &[("email", email), ("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser.person = Some(*person);
        browser
    }

    /// How many entries the audit log has.
    pub fn audit_size(&self) -> i64 {
        muster::store::audit::size(&mut self.register.database.read().unwrap()).unwrap()
    }
}

/// Somebody who is not signed in at the server of that address.
pub fn browser_at(url: &str) -> Browser {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .build();
    Browser { agent: config.into(), url: url.to_owned(), person: None }
}

/// A server of its own on the database of a test: another replica, whose clock may stand elsewhere.
pub struct Replica {
    url: String,
}

impl Replica {
    /// Serves that register.
    pub fn start(register: Register) -> Self {
        let listener = muster::web::serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let deployment = Deployment { base_url: url.clone(), ..(*register.deployment).clone() };
        let register = Register { deployment: Arc::new(deployment), ..register };
        // It serves until the suite ends: a browser may outlive the value that started it.
        serve(register, listener, None);
        Self { url }
    }

    /// Somebody who has an account, signed in here.
    pub fn sign_in(&self, (person, email): &(Id, String)) -> Browser {
        let mut browser = browser_at(&self.url);
        let answer = browser.post("/sign-in", &[("email", email), ("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser.person = Some(*person);
        browser
    }

    /// The same browser, with its cookies, sent to this replica.
    pub fn visited_by(&self, browser: &Browser) -> Browser {
        Browser { agent: browser.agent.clone(), url: self.url.clone(), person: browser.person }
    }
}

/// Serves a register on a thread of its own.
fn serve(
    register: Register,
    listener: std::net::TcpListener,
    behind_proxy: Option<ipnet::IpNet>,
) -> actix_web::dev::ServerHandle {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let listening = Listening { address: listener.local_addr().unwrap(), tls: None, behind_proxy };
        actix_web::rt::System::new().block_on(async move {
            let server = muster::web::serve::server(register, &listening, listener).unwrap();
            send.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    receive.recv_timeout(Duration::from_secs(20)).unwrap()
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            drop(server.stop(false));
        }
        if let Some((admin, name)) = self.database.take()
            && let Ok(mut db) = server(&admin).read()
        {
            let _ = db.execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// At most so many answers of a connection, as they come; fewer when it is closed before.
///
/// Each must say its length or be chunked, as all of ours do.
pub fn answers(stream: &mut TcpStream, most: usize) -> Vec<Page> {
    let mut reader = BufReader::new(stream);
    let mut out = Vec::new();
    while out.len() < most {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            break;
        }
        let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).expect(&line).parse().unwrap();
        let mut headers: Vec<(String, String)> = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            match line.trim_end().split_once(':') {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
                None => break,
            }
        }
        let value = |name: &str| headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone());
        let length = value("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        if status >= 200 {
            let text = String::from_utf8_lossy(&body).into_owned();
            out.push(Page { status, location: value("location").unwrap_or_default(), text, headers });
        }
    }
    out
}

/// Whether the suite runs on PostgreSQL.
pub fn on_postgres() -> bool {
    match std::env::var("MUSTER_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("MUSTER_TEST_DATABASE is {other}; use sqlite or postgres"),
    }
}

/// A database nobody used before, and what to drop it with.
pub fn fresh_database(folder: &std::path::Path) -> (Address, Option<(String, String)>) {
    if on_postgres() { made_on_server("") } else { (Address::Sqlite(folder.join("muster.db")), None) }
}

/// The same with the schema in it: a copy of one that was brought up to date once for the whole suite.
fn migrated_database(folder: &std::path::Path) -> (Address, Option<(String, String)>) {
    static TEMPLATE: OnceLock<(Address, Option<tempfile::TempDir>)> = OnceLock::new();
    let (template, _) = TEMPLATE.get_or_init(|| {
        let kept = tempfile::tempdir().unwrap();
        let (address, _) = fresh_database(kept.path());
        migrations::run(&mut Database::open_sized(&address, 1).unwrap().read().unwrap()).unwrap();
        (address, Some(kept))
    });
    match template {
        Address::Postgres(url) => {
            let (_, name) = url.rsplit_once('/').unwrap();
            made_on_server(&format!(" TEMPLATE {name}"))
        }
        Address::Sqlite(file) => {
            let own = folder.join("muster.db");
            std::fs::copy(file, &own).unwrap();
            (Address::Sqlite(own), None)
        }
    }
}

/// The server on which databases are made and dropped, with connections of its own for the whole suite.
fn server(admin: &str) -> &'static Database {
    static SERVER: OnceLock<Database> = OnceLock::new();
    SERVER.get_or_init(|| Database::open_sized(&Address::Postgres(admin.to_owned()), 4).unwrap())
}

fn made_on_server(like: &str) -> (Address, Option<(String, String)>) {
    let admin = std::env::var("MUSTER_TEST_POSTGRES_URL").expect("MUSTER_TEST_POSTGRES_URL names a server");
    let name = format!("muster_{}", Id::new().0.simple());
    server(&admin).read().unwrap().execute(&format!("CREATE DATABASE {name}{like}")).unwrap();
    let (base, _) = admin.rsplit_once('/').unwrap();
    (Address::Postgres(format!("{base}/{name}")), Some((admin.clone(), name)))
}

/// A browser without scripts: keeps cookies, follows nothing by itself.
pub struct Browser {
    agent: ureq::Agent,
    url: String,
    /// Who is signed in.
    pub person: Option<Id>,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub location: String,
    pub text: String,
    pub headers: Vec<(String, String)>,
}

impl Page {
    /// The value of a header; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }

    /// The value of the hidden form token.
    pub fn csrf(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"").expect("the page has a form");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Whether the page shows that text, as a reader would read it: without tags, with entities resolved.
    pub fn shows(&self, text: &str) -> bool {
        readable(&self.text).contains(text)
    }

    /// The text a reader reads.
    pub fn readable(&self) -> String {
        readable(&self.text)
    }
}

/// Text without tags, entities resolved, white space collapsed.
pub fn readable(html: &str) -> String {
    let document = scraper::Html::parse_document(html);
    let text: String = document.root_element().text().collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Browser {
    /// The cookies as the browser would send them.
    pub fn cookie(&self) -> String {
        let jar = self.agent.cookie_jar_lock();
        jar.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect::<Vec<_>>().join("; ")
    }

    /// The same browser, with its cookies, at another replica.
    pub fn at(&self, app: &TestApp) -> Self {
        Self { agent: self.agent.clone(), url: app.url.clone(), person: self.person }
    }

    /// GET a path.
    pub fn get(&self, path: &str) -> Page {
        read(self.agent.get(format!("{}{path}", self.url)).call().unwrap())
    }

    /// HEAD a path: the status and the length of what came as a body.
    pub fn head(&self, path: &str) -> (u16, usize) {
        let mut answer = self.agent.head(format!("{}{path}", self.url)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap().len())
    }

    /// GET a file: the status, and what came byte for byte.
    pub fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let mut answer = self.agent.get(format!("{}{path}", self.url)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
    }

    /// GET with headers of its own.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.call().unwrap())
    }

    /// POST a form with the token of the page at the same path (or of the sign-out form of any page).
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token(path);
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(path, &all, &[])
    }

    /// The token that this session's forms carry.
    pub fn token(&self, path: &str) -> String {
        let page = self.get(if self.person.is_some() { "/identities" } else { path });
        let page = if page.text.contains("name=\"csrf\"") { page } else { self.get("/sign-in") };
        page.csrf()
    }

    /// POST exactly these fields and headers.
    pub fn post_bare(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut request = self.agent.post(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.content_type("application/x-www-form-urlencoded").send(body.finish()).unwrap())
    }

    /// Sends exactly these bytes and headers by any method.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Page {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(self.agent.run(request.body(body.to_vec()).unwrap()).unwrap())
    }

    /// POST exactly these bytes.
    pub fn post_raw(&self, path: &str, kind: &str, body: &[u8]) -> Page {
        read(self.agent.post(format!("{}{path}", self.url)).content_type(kind).send(body).unwrap())
    }

    /// POST a JSON document with a token, as the script of passkeys does: the status and what came back.
    pub fn post_json(&self, path: &str, token: &str, document: &serde_json::Value) -> (u16, serde_json::Value) {
        let request = self.agent.post(format!("{}{path}", self.url)).header("x-csrf-token", token);
        let page = read(request.content_type("application/json").send(document.to_string()).unwrap());
        (page.status, serde_json::from_str(&page.text).unwrap_or_default())
    }

    /// POST a multipart form with one file.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> Page {
        let boundary = "----muster-test-boundary-7d1f";
        let mut body: Vec<u8> = Vec::new();
        let token = self.token(path);
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        for (name, value) in all {
            body.extend(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        let (name, file_name, content) = file;
        body.extend(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .bytes(),
        );
        body.extend_from_slice(content);
        body.extend(format!("\r\n--{boundary}--\r\n").bytes());
        read(
            self.agent
                .post(format!("{}{path}", self.url))
                .content_type(format!("multipart/form-data; boundary={boundary}"))
                .send(&body[..])
                .unwrap(),
        )
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Page {
    let headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let location =
        headers.iter().find(|(name, _)| name == "location").map_or(String::new(), |(_, value)| value.clone());
    let text = answer.body_mut().with_config().limit(1 << 30).read_to_string().unwrap_or_default();
    Page { status: answer.status().as_u16(), location, text, headers }
}

/// Makes the schema as it was before a migration.
pub fn schema_before(ours: &str, db: &mut Db) {
    let folder = if on_postgres() { "migrations/postgres" } else { "migrations/sqlite" };
    let names: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| &name[..4] < ours)
        .collect();
    // A number may have been left out.
    let numbered = ours.parse::<usize>().unwrap() - 1;
    assert!(names.len() <= numbered && names.len() + 1 >= numbered, "{names:?}");
    db.execute(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    )
    .unwrap();
    for name in names {
        db.execute(&std::fs::read_to_string(format!("{folder}/{name}/up.sql")).unwrap()).unwrap();
        db.execute(&format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{}')", &name[..4])).unwrap();
    }
}
