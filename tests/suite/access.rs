//! Who reaches which address, as the running server answers: every row of the table of routes, asked by
//! every kind of caller, compared with `tests/golden/access.txt`, which an auditor can read.
//!
//! After a change that is meant, `MUSTER_GOLDEN=write cargo test --test suite access::` writes the file
//! anew; the difference is what the reviewer of the change looks at.

use std::fmt::Write;

use actix_web::http::Method;
use muster::actions::accounts;
use muster::domain::api_tokens::TokenScope;
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::web::routes::{Mark, ROUTES, Route};
use muster::web::session;

use crate::api_tokens::{draft, make, make_for};
use crate::app::{Browser, Page, TestApp, browser_at};
use crate::estate::{Estate, Whose};

const FILE: &str = "tests/golden/access.txt";

/// What it says above the table.
const LEGEND: &str = "\
Who reaches which address of Muster, as the running server answers.

Each line is an address of the table in src/web/routes.rs, each column a kind of caller. Where an address is
about one thing, one line is about a thing of the business owner (and, for identities and their tasks, of the
technical owner too), marked \"own\", and one about a thing of somebody else, marked \"other\".

yes      let in; what is asked may still be refused for its content
own      let in, and sees only what is their own
all      let in, and sees what belongs to others too
no       refused: the account or the token may not do this (403), or not under emergency access
hidden   answered as if it were not there (404)
sign in  sent to sign in, or told to (303, 401)
again    asked first to prove again who they are (303)

signed out   nobody, with the cookie of a visit
disabled     the session of an account that was disabled since
admin        an administrator; \"6 min\" is one who signed in six minutes ago
analyst      a security analyst
business     the business owner of what is marked own
technical    its technical owner
auditor      an auditor
emergency    an owner of nothing here, under emergency access
t:...        API tokens: of an administrator with one scope each, and of the business owner with \"read\"

";

/// A kind of caller.
struct Column {
    head: &'static str,
    caller: fn(&Estate) -> Caller,
}

const COLUMNS: &[Column] = &[
    Column { head: "signed out", caller: signed_out },
    Column { head: "disabled", caller: disabled },
    Column { head: "admin", caller: |estate| with_browser(estate.app.sign_in(Role::Administrator)) },
    Column { head: "6 min", caller: a_while_ago },
    Column { head: "analyst", caller: |estate| with_browser(estate.app.sign_in(Role::SecurityAnalyst)) },
    Column { head: "business", caller: |estate| with_browser(estate.business_owner.at(&estate.app)) },
    Column { head: "technical", caller: |estate| with_browser(estate.technical_owner.at(&estate.app)) },
    Column { head: "auditor", caller: |estate| with_browser(estate.app.sign_in(Role::Auditor)) },
    Column { head: "emergency", caller: in_an_emergency },
    Column { head: "t:read", caller: |estate| with_token(estate, TokenScope::Read) },
    Column { head: "t:register", caller: |estate| with_token(estate, TokenScope::ReadRegister) },
    Column { head: "t:audit", caller: |estate| with_token(estate, TokenScope::ReadAudit) },
    Column { head: "t:file", caller: |estate| with_token(estate, TokenScope::FileRequests) },
    Column { head: "t:keep", caller: |estate| with_token(estate, TokenScope::KeepRegister) },
    Column { head: "t:business", caller: token_of_the_business_owner },
];

/// Somebody who asks.
enum Caller {
    Browser(Browser),
    /// The server, and the header that every request carries: nothing else is kept between two.
    Bare(String, (&'static str, String)),
    /// Somebody on another replica, whose clock is ahead. A session keeps few forms that wait, so each is sent
    /// from a session of its own.
    Late(Box<TestApp>, (Id, String), Browser),
}

fn with_browser(browser: Browser) -> Caller {
    Caller::Browser(browser)
}

fn signed_out(estate: &Estate) -> Caller {
    let browser = estate.app.browser();
    browser.get("/sign-in");
    Caller::Browser(browser)
}

fn disabled(estate: &Estate) -> Caller {
    // The last administrator cannot be disabled.
    let (_, (person, email)) = (estate.app.account(Role::Administrator), estate.app.account(Role::Administrator));
    let cookie = estate.app.sign_in_as(&(person, email)).cookie();
    accounts::disable(&estate.app.register, &estate.app.setup(), person).unwrap();
    Caller::Bare(estate.app.url.clone(), ("cookie", cookie))
}

fn a_while_ago(estate: &Estate) -> Caller {
    let later = estate.app.beside(estate.app.register.now().plus_seconds(6 * 60));
    let account = estate.app.account(Role::Administrator);
    let browser = estate.app.sign_in_as(&account).at(&later);
    Caller::Late(Box::new(later), account, browser)
}

fn in_an_emergency(estate: &Estate) -> Caller {
    let (owner, analyst) = (estate.app.sign_in(Role::Owner), estate.app.sign_in(Role::SecurityAnalyst));
    let access = crate::estate::emergency_of(&estate.app, &owner);
    let page = analyst.post(&format!("/break-glass/{access}/approve"), &[("version", "1")]);
    assert_eq!(page.status, 303, "{}", page.readable());
    Caller::Browser(owner)
}

fn with_token(estate: &Estate, scope: TokenScope) -> Caller {
    let made = make(&estate.app, Role::Administrator, &[scope]);
    Caller::Bare(estate.app.url.clone(), ("authorization", made.header()))
}

fn token_of_the_business_owner(estate: &Estate) -> Caller {
    let person = estate.business_owner.person.unwrap();
    let named = muster::actions::api_tokens::TokenDraft { name: "Own export".to_owned(), ..draft(&[TokenScope::Read]) };
    let made = make_for(&estate.app, person, Role::Owner, &named);
    Caller::Bare(estate.app.url.clone(), ("authorization", made.header()))
}

impl Caller {
    /// Asks an address as a page or its script does.
    fn ask(&self, estate: &Estate, route: &Route, path: &str) -> Page {
        match self {
            Self::Browser(browser) => ask(browser, &form_token(&browser.cookie()), &[], route, path),
            Self::Late(app, account, _) if route.marks.contains(&Mark::Recent) => {
                let browser = estate.app.sign_in_as(account).at(app);
                ask(&browser, &form_token(&browser.cookie()), &[], route, path)
            }
            Self::Late(_, _, browser) => ask(browser, &form_token(&browser.cookie()), &[], route, path),
            Self::Bare(url, (name, value)) => {
                ask(&browser_at(url), &form_token(value), &[(*name, value.as_str())], route, path)
            }
        }
    }
}

fn ask(browser: &Browser, token: &str, headers: &[(&str, &str)], route: &Route, path: &str) -> Page {
    if route.method == Method::GET {
        browser.get_with(path, headers)
    } else if by_script(route) {
        let more = [("content-type", "application/json"), ("x-csrf-token", token)];
        browser.send("POST", path, &[headers, &more].concat(), b"{}")
    } else {
        // With what forms of a version or a role carry, so that more than the form is looked at.
        let fields = [("csrf", token), ("version", "1"), ("identity_version", "1"), ("role", "auditor")];
        browser.post_bare(path, &fields, headers)
    }
}

/// Whether the script of passkeys or a program asks this, in JSON.
fn by_script(route: &Route) -> bool {
    let script = route.path.contains("/passkey/") || route.path.ends_with("/passkeys/finish");
    route.method == Method::POST && (script || route.path.starts_with("/api/"))
}

/// The token of forms that belongs to the cookie of a session; any text where there is none.
fn form_token(cookies: &str) -> String {
    let of_session = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("muster="));
    session::csrf(of_session.unwrap_or_default())
}

/// What an answer means to whoever asked.
fn meaning(route: &Route, page: &Page) -> &'static str {
    let list = route.method == Method::GET && !route.path.contains('{');
    match page.status {
        401 => "sign in",
        303 if route.path == "/sign-out" => "yes",
        303 if page.location.starts_with("/sign-in?") || page.location == "/sign-in" => "sign in",
        303 if page.location.starts_with("/confirm") && !route.path.starts_with("/confirm") => "again",
        403 => "no",
        404 => "hidden",
        _ if page.shows("that would outlast it, so it takes an administrator") => "no",
        200 if list && page.text.contains("Foreign ") => "all",
        200 if list && ["Ward Planner", "Ward Archive"].iter().any(|name| page.text.contains(name)) => "own",
        429 => panic!("{route:?}: the walk itself was held up: {}", page.text),
        status if status < 500 => "yes",
        status => panic!("{route:?} answered {status}: {}", page.text),
    }
}

/// What ends the sessions that others are asked with comes after them.
fn turn(route: &Route) -> u8 {
    match route.path {
        "/account/sessions/{id}/end" => 0,
        "/account/sessions/end-others" => 2,
        "/sign-out" => 3,
        _ => 1,
    }
}

/// A line of the table: the route, whose thing it is about, and one word for each column.
type Line = (&'static Route, &'static str, Vec<&'static str>);

fn walk() -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for column in COLUMNS {
        let estate = Estate::new();
        let caller = (column.caller)(&estate);
        let mut column = Vec::new();
        for now in 0..=3 {
            for (place, route) in ROUTES.iter().enumerate().filter(|(_, route)| turn(route) == now) {
                for (whose, path) in estate.places(route.path) {
                    let mark = match whose {
                        Whose::Nobodys => "",
                        Whose::Own => "own",
                        Whose::Foreign => "other",
                    };
                    column.push((place, mark, route, meaning(route, &caller.ask(&estate, route, &path))));
                }
            }
        }
        column.sort_by_key(|(place, ..)| *place);
        if lines.is_empty() {
            lines = column.iter().map(|(_, mark, route, _)| (*route, *mark, Vec::new())).collect();
        }
        assert_eq!(lines.len(), column.len());
        lines.iter_mut().zip(column).for_each(|((.., words), (.., word))| words.push(word));
    }
    lines
}

/// The table as an auditor reads it.
fn table(lines: &[Line]) -> String {
    let mut out = LEGEND.to_owned();
    let heads: Vec<String> = COLUMNS.iter().map(|column| format!("{:<11}", column.head)).collect();
    let mut put = |address: &str, mark: &str, words: &str| {
        writeln!(out, "{}", format!("{address:<56}{mark:<7}{words}").trim_end()).unwrap();
    };
    put("", "", &heads.concat());
    for (route, mark, words) in lines {
        let address = format!("{:<5}{}", route.method.as_str(), route.path);
        put(&address, mark, &words.iter().map(|word| format!("{word:<11}")).collect::<String>());
    }
    out
}

#[test]
fn each_kind_of_caller_reaches_what_the_golden_file_says_and_nothing_else() {
    let lines = walk();
    let found = table(&lines);
    if std::env::var("MUSTER_GOLDEN").as_deref() == Ok("write") {
        std::fs::write(FILE, &found).unwrap();
    }
    let known = std::fs::read_to_string(FILE).unwrap();
    let differ: Vec<String> = found
        .lines()
        .filter(|line| !known.lines().any(|other| other == *line))
        .map(|line| format!("now     {line}"))
        .chain(
            known
                .lines()
                .filter(|line| !found.lines().any(|other| other == *line))
                .map(|line| format!("before  {line}")),
        )
        .collect();
    assert!(differ.is_empty(), "{FILE} says otherwise:\n{}", differ.join("\n"));
    assert_eq!(found, known, "the order of {FILE} differs");
    // Somebody signed out, or disabled, reaches what is public and nothing else.
    for (route, _, words) in &lines {
        let public = route.permission == muster::domain::permissions::Permission::Public;
        assert!(public || (words[0] == "sign in" && words[1] == "sign in"), "{route:?}");
    }
}

/// Handlers reach the server through the table only, so that no address escapes the golden file.
#[test]
fn only_the_table_registers_a_handler() {
    fn look(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            } else if !path.ends_with("web/routes.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                // What a test of the server itself registers is in no program.
                let text = text.split("#[cfg(test)]").next().unwrap();
                let ways = ["web::resource", "web::scope", "web::route(", ".default_service(", "#[get(", "#[post("];
                found.extend(
                    ways.iter().filter(|way| text.contains(**way)).map(|way| format!("{way} in {}", path.display())),
                );
            }
        }
    }
    let mut found = Vec::new();
    look(std::path::Path::new("src"), &mut found);
    assert!(found.is_empty(), "{found:?}");
    let table = std::fs::read_to_string("src/web/routes.rs").unwrap();
    assert!(table.contains("web::resource"), "the look finds what it looks for");
}
