//! Every address of Muster, what it needs, and what answers. An unlisted route does not exist.

use actix_web::http::Method;
use actix_web::{Handler, HttpRequest, Responder, web};

use super::*;
use crate::domain::permissions::Permission::{self, *};

/// What a route asks beyond its permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Whoever sends it proved who they are within the last five minutes (OWASP ASVS 5.0 7.5.3).
    Recent,
    /// For people at their own account only, never for an API token.
    PersonOnly,
}

/// One line of the table.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub permission: Permission,
    pub marks: &'static [Mark],
    register: fn(Method) -> actix_web::Route,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {} {:?}", self.method, self.path, self.permission)?;
        self.marks.iter().try_for_each(|mark| write!(out, " + {mark:?}"))
    }
}

macro_rules! table {
    ($($method:ident $path:literal $permission:ident $(+ $mark:ident)* $handler:path;)+) => {
        /// The table.
        pub static ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
            path: $path,
            permission: $permission,
            marks: &[$(Mark::$mark,)*],
            register: |method| to(method, $handler),
        },)+];
    };
}

fn to<F, Args>(method: Method, handler: F) -> actix_web::Route
where
    F: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::method(method).to(handler)
}

table! {
    // The service itself.
    GET  "/healthz"                 Public        health::alive;
    GET  "/readyz"                  Public        health::ready;
    GET  "/static/{file:.*}"        Public        assets::file;

    // Signing in and out.
    GET  "/sign-in"                 Public        sign_in::show;
    POST "/sign-in"                 Public        sign_in::submit;
    POST "/sign-out"                SignedIn + PersonOnly  sign_in::sign_out;

    // One-time links: the first administrator, a new account, the way back in.
    GET  "/set-up/{token}"          Public        set_up::open;
    GET  "/set-up"                  Public        set_up::show;
    POST "/set-up"                  Public        set_up::submit;
    GET  "/welcome/{token}"         Public        welcome::open;
    GET  "/welcome"                 Public        welcome::show;
    POST "/welcome"                 Public        welcome::submit;

    // One's own account.
    GET  "/account"                 SignedIn + PersonOnly  account::page::show;
    GET  "/account/password"        SignedIn + PersonOnly  account::password::show;
    POST "/account/password"        SignedIn + PersonOnly  account::password::submit;

    // What needs me today.
    GET  "/"                        SignedIn      home::show;

    // Tasks.
    GET  "/tasks"                   SignedIn      tasks::list::show;
    GET  "/tasks.csv"               SignedIn      tasks::export::csv;
    GET  "/tasks.jsonl"             SignedIn      tasks::export::json_lines;
    GET  "/tasks/{id}"              SignedIn      tasks::task::show;
    POST "/tasks/{id}"              AnswerTasks   tasks::task::answer;

    // What a permission means.
    GET  "/explain"                 SignedIn      explain::page::show;

    // Jobs, and the mail they send.
    GET  "/jobs"                    ReadRegister  jobs::list::show;
    GET  "/jobs/{name}"             ReadRegister  jobs::job::show;
    POST "/jobs/{name}"             KeepRegister  jobs::job::change;
    POST "/jobs/{name}/run"         KeepRegister  jobs::job::run;
    GET  "/mail"                    ReadRegister  mail::list;
    GET  "/mail.csv"                ReadRegister  mail::csv;
    GET  "/mail.jsonl"              ReadRegister  mail::json_lines;
    GET  "/mail/{id}"               ReadRegister  mail::message::show;

    // Identities.
    GET  "/identities"              SignedIn      identities::list::show;
    GET  "/identities.csv"          SignedIn      identities::export::csv;
    GET  "/identities.jsonl"        SignedIn      identities::export::json_lines;
    GET  "/identities/new"          KeepRegister  identities::form::show_new;
    POST "/identities/new"          KeepRegister  identities::form::submit_new;
    POST "/identities/bulk"         KeepRegister  bulk::set::freeze;
    GET  "/identities/{id}"         SignedIn      identities::identity::show;
    GET  "/identities/{id}/edit"    KeepRegister  identities::form::show_edit;
    POST "/identities/{id}/edit"    KeepRegister  identities::form::submit_edit;

    // Imports. What has a name of its own stands before what takes any id.
    GET  "/imports"                 ReadRegister  imports::list::show;
    GET  "/imports.csv"             ReadRegister  imports::export::list_csv;
    GET  "/imports.jsonl"           ReadRegister  imports::export::list_json_lines;
    GET  "/imports/new"             KeepRegister  imports::new::show;
    POST "/imports/new"             KeepRegister  imports::new::submit;
    GET  "/imports/maps"            ReadRegister  imports::maps::show;
    POST "/imports/maps"            KeepRegister  imports::maps::submit;
    GET  "/imports/maps/new"        KeepRegister  imports::maps::show_new;
    GET  "/imports/maps/{name}"     ReadRegister  imports::maps::show_one;
    GET  "/imports/{id}.csv"        ReadRegister  imports::export::rows_csv;
    GET  "/imports/{id}.jsonl"      ReadRegister  imports::export::rows_json_lines;
    GET  "/imports/{id}"            ReadRegister  imports::import::show;
    POST "/imports/{id}/apply"      KeepRegister  imports::import::apply;
    POST "/imports/{id}/discard"    KeepRegister  imports::import::discard;
    POST "/imports/{id}/undo"       KeepRegister  imports::import::undo;
    POST "/identities/{id}/suspend" KeepRegister  identities::decide::suspend;
    POST "/identities/{id}/resume"  KeepRegister  identities::decide::resume;
    POST "/identities/{id}/ownership" AnswerTasks identities::decide::answer;

    // Changes to many identities.
    GET  "/bulk/{id}"               KeepRegister  bulk::set::show;
    POST "/bulk/{id}"               KeepRegister  bulk::set::apply;
    POST "/bulk/{id}/undo"          KeepRegister  bulk::set::undo;
    // People and their accounts.
    GET  "/people"                        ReadRegister  people::list::show;
    GET  "/people.csv"                    ReadRegister  people::export::csv;
    GET  "/people.jsonl"                  ReadRegister  people::export::json_lines;
    GET  "/people/new"                    KeepPeople    people::form::show_new;
    POST "/people/new"                    KeepPeople    people::form::submit_new;
    GET  "/people/{id}"                   ReadRegister  people::person::show;
    GET  "/people/{id}/edit"              KeepPeople    people::form::show_edit;
    POST "/people/{id}/edit"              KeepPeople    people::form::submit_edit;
    GET  "/people/{id}/account"           KeepPeople    people::account::show;
    POST "/people/{id}/account/open"      KeepPeople + Recent    people::account::open;
    POST "/people/{id}/account/role"      KeepPeople + Recent    people::account::change_role;
    POST "/people/{id}/account/link"      KeepPeople + Recent    people::account::give_link;
    POST "/people/{id}/account/disable"   KeepPeople + Recent    people::account::disable;
    POST "/people/{id}/account/enable"    KeepPeople + Recent    people::account::enable;

    // Owners.
    GET  "/owners"                        ReadRegister  owners::list::show;
    GET  "/owners.csv"                    ReadRegister  owners::export::csv;
    GET  "/owners.jsonl"                  ReadRegister  owners::export::json_lines;

    // Systems.
    GET  "/systems"                       ReadRegister  systems::list::show;
    GET  "/systems.csv"                   ReadRegister  systems::export::csv;
    GET  "/systems.jsonl"                 ReadRegister  systems::export::json_lines;
    GET  "/systems/new"                   KeepRegister  systems::form::show_new;
    POST "/systems/new"                   KeepRegister  systems::form::submit_new;
    GET  "/systems/{id}"                  ReadRegister  systems::system::show;
    GET  "/systems/{id}/edit"             KeepRegister  systems::form::show_edit;
    POST "/systems/{id}/edit"             KeepRegister  systems::form::submit_edit;

    // Vendors.
    GET  "/vendors"                       ReadRegister  vendors::list::show;
    GET  "/vendors.csv"                   ReadRegister  vendors::export::csv;
    GET  "/vendors.jsonl"                 ReadRegister  vendors::export::json_lines;
    GET  "/vendors/new"                   KeepRegister  vendors::form::show_new;
    POST "/vendors/new"                   KeepRegister  vendors::form::submit_new;
    GET  "/vendors/{id}"                  ReadRegister  vendors::vendor::show;
    GET  "/vendors/{id}/edit"             KeepRegister  vendors::form::show_edit;
    POST "/vendors/{id}/edit"             KeepRegister  vendors::form::submit_edit;

    // The audit log.
    GET  "/audit"                         ReadAudit     audit::list::show;
    GET  "/audit.csv"                     ReadAudit     audit::export::csv;
    GET  "/audit.jsonl"                   ReadAudit     audit::export::json_lines;
    GET  "/audit/{seq}"                   ReadAudit     audit::entry::show;
}

/// Attaches every route of the table.
pub fn attach(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&str> = Vec::new();
    for route in ROUTES {
        if !paths.contains(&route.path) {
            paths.push(route.path);
        }
    }
    for path in paths {
        let mut resource = web::resource(path);
        for route in ROUTES.iter().filter(|route| route.path == path) {
            resource = resource.route((route.register)(route.method.clone()));
            if route.method == Method::GET {
                // HEAD answers as GET does, without the body (RFC 9110 section 9.3.2).
                resource = resource.route((route.register)(Method::HEAD));
            }
        }
        config.service(resource);
    }
}

/// The row of the table that will answer a request; `None` when no route will.
pub fn answering(request: &HttpRequest) -> Option<&'static Route> {
    let pattern = request.match_pattern()?;
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    ROUTES.iter().find(|route| route.path == pattern && route.method == method)
}

/// Whether a path hides letters or digits, as `/%61udit` does. Routing reads them as `/audit` and the table
/// does not, so such a path must never reach a handler. RFC 3986 section 6.2.2.2: nobody needs to write so.
pub fn is_disguised(path: &str) -> bool {
    path.split('%').skip(1).any(|after| {
        let letter = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        letter.is_some_and(|letter| letter.is_ascii_alphanumeric())
    })
}

/// The path of a request as the log may know it: without the token of a one-time link, which opens an account.
pub fn as_logged(request: &HttpRequest) -> String {
    match request.match_pattern() {
        Some(pattern) if pattern.contains("{token}") => pattern,
        Some(_) => request.path().to_owned(),
        // A token's address written otherwise answers nothing, and still shows the token. An id has 36 letters.
        None => {
            let parts = request.path().split('/').map(|part| if part.len() > 36 { "..." } else { part });
            parts.collect::<Vec<_>>().join("/")
        }
    }
}

/// Whether no route of the table has this address.
pub fn is_unknown(request: &HttpRequest) -> bool {
    request.match_pattern().is_none()
}

/// Addresses that need no session, so none is looked up for them.
pub fn is_bare(path: &str) -> bool {
    path.starts_with("/static/") || path == "/healthz" || path == "/readyz"
}
