//! Every address of Muster, what it needs, and what answers. An unlisted route does not exist.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{Handler, HttpRequest, Responder, web};

use super::*;
use crate::domain::permissions::Permission::{self, *};

/// What a route asks beyond its permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Whoever sends it proved who they are within the last five minutes (OWASP ASVS 5.0 7.5.1-7.5.3).
    ///
    /// What grants, restores or cannot be undone has it: roles and accounts, resuming, approving,
    /// revoking for good, keys, second factors, evidence that leaves the register. What stops in a way
    /// that can be undone has it not: suspending and signing out are done at once, because stopping
    /// must stay easier than granting. A form with a password confirms by itself and has it not either:
    /// such a form cannot wait.
    Recent,
    /// For people at their own account only, never for an API token.
    PersonOnly,
    /// Open also to somebody who has yet to set up the second factor that the register asks for.
    WithoutFactor,
    /// There only where a deployment turned emergency access on.
    BreakGlass,
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

/// A handler, with what catches it when it falls.
pub(super) fn to<F, Args>(method: Method, handler: F) -> actix_web::Route
where
    F: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::method(method).to(handler).wrap(from_fn(panics::caught))
}

table! {
    // The service itself.
    GET  "/healthz"                 Public        health::alive;
    GET  "/readyz"                  Public        health::ready;
    GET  "/static/{file:.*}"        Public        assets::file;

    // Signing in and out.
    GET  "/sign-in"                 Public        sign_in::show;
    POST "/sign-in"                 Public        sign_in::submit;
    GET  "/sign-in/code"            Public        sign_in_code::show;
    POST "/sign-in/code"            Public        sign_in_code::submit;
    POST "/sign-in/passkey/begin"   Public        sign_in_passkey::begin;
    POST "/sign-in/passkey/finish"  Public        sign_in_passkey::finish;
    POST "/sign-out"                SignedIn + PersonOnly + WithoutFactor  sign_in::sign_out;

    // Single sign-on. The return is a GET because the provider sends the browser back with one.
    POST "/sign-in/single-sign-on"             Public                 single_sign_on::start::submit;
    GET  "/sign-in/single-sign-on/go"          Public                 single_sign_on::start::go;
    GET  "/sign-in/single-sign-on/return"      Public                 single_sign_on::back::show;
    GET  "/sign-in/single-sign-on/signed-out"  Public                 single_sign_on::signed_out::show;

    // One-time links: the first administrator, a new account, the way back in.
    GET  "/set-up/{token}"          Public        set_up::open;
    GET  "/set-up"                  Public        set_up::show;
    POST "/set-up"                  Public        set_up::submit;
    GET  "/welcome/{token}"         Public        welcome::open;
    GET  "/welcome"                 Public        welcome::show;
    POST "/welcome"                 Public        welcome::submit;

    // One's own account.
    GET  "/account"                 SignedIn + PersonOnly + WithoutFactor  account::page::show;
    GET  "/account/second-factor"                 SignedIn + PersonOnly + WithoutFactor           account::second_factor::show;
    POST "/account/second-factor/codes"           SignedIn + PersonOnly + WithoutFactor + Recent  account::codes::begin;
    GET  "/account/second-factor/codes"           SignedIn + PersonOnly + WithoutFactor + Recent  account::codes::show;
    POST "/account/second-factor/codes/confirm"   SignedIn + PersonOnly + WithoutFactor           account::codes::confirm;
    POST "/account/second-factor/codes/remove"    SignedIn + PersonOnly + WithoutFactor + Recent  account::codes::remove;
    POST "/account/second-factor/recovery-codes"  SignedIn + PersonOnly + WithoutFactor + Recent  account::codes::make_recovery_codes;
    POST "/account/second-factor/passkeys"        SignedIn + PersonOnly + WithoutFactor + Recent  account::passkeys::begin;
    GET  "/account/second-factor/passkeys"        SignedIn + PersonOnly + WithoutFactor           account::passkeys::show;
    POST "/account/second-factor/passkeys/finish" SignedIn + PersonOnly + WithoutFactor           account::passkeys::finish;
    POST "/account/second-factor/passkeys/{id}/remove" SignedIn + PersonOnly + WithoutFactor + Recent  account::passkeys::remove;
    GET  "/account/sessions"        SignedIn + PersonOnly  account::sessions::show;
    POST "/account/sessions/end-others"  SignedIn + PersonOnly + Recent  account::sessions::end_others;
    POST "/account/sessions/{id}/end"    SignedIn + PersonOnly + Recent  account::sessions::end;

    // Proving again who one is, before what has consequences.
    POST "/confirm/single-sign-on"  SignedIn + PersonOnly + WithoutFactor  single_sign_on::start::confirm;
    GET  "/confirm"                 SignedIn + PersonOnly + WithoutFactor  confirm::page::show;
    POST "/confirm"                 SignedIn + PersonOnly + WithoutFactor  confirm::page::submit;
    GET  "/confirm/{id}"            SignedIn + PersonOnly + WithoutFactor  confirm::form::show;
    POST "/confirm/{id}"            SignedIn + PersonOnly + WithoutFactor  confirm::form::submit;
    POST "/confirm/passkey/begin"   SignedIn + PersonOnly + WithoutFactor  confirm::passkey::begin;
    POST "/confirm/passkey/finish"  SignedIn + PersonOnly + WithoutFactor  confirm::passkey::finish;
    GET  "/account/password"        SignedIn + PersonOnly  account::password::show;
    POST "/account/password"        SignedIn + PersonOnly  account::password::submit;
    GET  "/account/tokens"              SignedIn + PersonOnly           account::tokens::show;
    POST "/account/tokens"              SignedIn + PersonOnly + Recent  account::tokens::create;
    POST "/account/tokens/{id}/revoke"  SignedIn + PersonOnly + Recent  account::tokens::revoke;

    // What needs me today.
    GET  "/"                        SignedIn      home::show;

    // Tasks.
    GET  "/tasks"                   SignedIn      tasks::list::show;
    GET  "/tasks.csv"               SignedIn      tasks::export::csv;
    GET  "/tasks.jsonl"             SignedIn      tasks::export::json_lines;
    GET  "/tasks/{id}"              SignedIn      tasks::task::show;
    POST "/tasks/{id}"              AnswerTasks   tasks::task::answer;

    // Reviews that nobody answered, and findings.
    GET  "/reviews"                       SignedIn      reviews::list::show;
    GET  "/reviews.csv"                   SignedIn      reviews::export::csv;
    GET  "/reviews.jsonl"                 SignedIn      reviews::export::json_lines;
    GET  "/reviews/silence"               ReadRegister  reviews::silence::show;
    POST "/reviews/silence/counting"      KeepPeople + Recent + PersonOnly    reviews::silence::count;
    POST "/reviews/silence/{id}/agree"    KeepRegister + Recent + PersonOnly  reviews::silence::agree;
    GET  "/findings"                      ReadRegister  findings::list::show;
    GET  "/findings.csv"                  ReadRegister  findings::export::csv;
    GET  "/findings.jsonl"                ReadRegister  findings::export::json_lines;

    // Reviews: whether access is still needed.
    GET  "/reviews/mine"            AnswerTasks   reviews::mine::show;
    POST "/reviews/mine"            AnswerTasks + PersonOnly  reviews::mine::keep;
    GET  "/reviews/decisions/{id}"  SignedIn      reviews::receipt::show;
    GET  "/reviews/{id}"            SignedIn      reviews::review::show;
    POST "/reviews/{id}"            AnswerTasks + PersonOnly  reviews::decide::decide;
    POST "/reviews/{id}/attest"     AnswerTasks + Recent + PersonOnly  reviews::decide::attest;
    POST "/reviews/{id}/cancel"     KeepRegister + PersonOnly  reviews::decide::cancel;
    POST "/reviews/{id}/notes"      AnswerTasks + PersonOnly  reviews::note::add;

    // What a permission means.
    GET  "/explain"                 SignedIn      explain::page::show;

    // Jobs, and the mail they send.
    GET  "/jobs"                    ReadRegister  jobs::list::show;
    GET  "/jobs/{name}"             ReadRegister  jobs::job::show;
    POST "/jobs/{name}"             KeepRegister  jobs::job::change;
    POST "/jobs/{name}/run"         KeepRegister  jobs::job::run;
    POST "/jobs/{name}/pause"       KeepRegister  jobs::job::pause;
    POST "/jobs/{name}/resume"      KeepRegister  jobs::job::resume;
    GET  "/mail"                    ReadRegister  mail::list;
    GET  "/mail.csv"                ReadRegister  mail::csv;
    GET  "/mail.jsonl"              ReadRegister  mail::json_lines;
    POST "/mail/retry"              KeepRegister + PersonOnly  mail::again::submit;
    GET  "/mail/{id}"               ReadRegister  mail::message::show;
    POST "/mail/{id}/retry"         KeepRegister  mail::message::retry;

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
    POST "/identities/{id}/suspend" StopIdentity  identities::decide::suspend;
    POST "/identities/{id}/grants"  AnswerTasks + PersonOnly  grants::decide::ask;
    POST "/identities/{id}/ownership" AnswerTasks identities::decide::answer;

    // Grants: asked, approved, carried out by three people.
    GET  "/grants"                  SignedIn      grants::list::show;
    GET  "/grants.csv"              SignedIn      grants::export::csv;
    GET  "/grants.jsonl"            SignedIn      grants::export::json_lines;
    GET  "/grants/{id}"             SignedIn      grants::grant::show;
    POST "/grants/{id}/approve"     KeepRegister + Recent + PersonOnly  grants::decide::approve;
    POST "/grants/{id}/refuse"      KeepRegister + PersonOnly           grants::decide::refuse;
    POST "/grants/{id}/carry-out"   KeepRegister + Recent + PersonOnly  grants::decide::carry_out;
    POST "/grants/{id}/withdraw"    AnswerTasks + PersonOnly            grants::decide::withdraw;

    // Registrations that are being written. They stand before what takes the id of a request.
    GET  "/requests/new"            FileRequests + PersonOnly  requests::draft::start::show;
    POST "/requests/new"            FileRequests + PersonOnly  requests::draft::start::submit;
    POST "/identities/{id}/promote" FileRequests + PersonOnly  requests::draft::start::promote;
    GET  "/requests/drafts/{id}"             FileRequests + PersonOnly  requests::draft::check::show;
    GET  "/requests/drafts/{id}/what"        FileRequests + PersonOnly  requests::draft::what::show;
    POST "/requests/drafts/{id}/what"        FileRequests + PersonOnly  requests::draft::what::submit;
    GET  "/requests/drafts/{id}/owners"      FileRequests + PersonOnly  requests::draft::owners::show;
    POST "/requests/drafts/{id}/owners"      FileRequests + PersonOnly  requests::draft::owners::submit;
    GET  "/requests/drafts/{id}/why"         FileRequests + PersonOnly  requests::draft::why::show;
    POST "/requests/drafts/{id}/why"         FileRequests + PersonOnly  requests::draft::why::submit;
    GET  "/requests/drafts/{id}/permissions" FileRequests + PersonOnly  requests::draft::permissions::show;
    POST "/requests/drafts/{id}/permissions" FileRequests + PersonOnly  requests::draft::permissions::submit;
    GET  "/requests/drafts/{id}/lifetime"    FileRequests + PersonOnly  requests::draft::lifetime::show;
    POST "/requests/drafts/{id}/lifetime"    FileRequests + PersonOnly  requests::draft::lifetime::submit;
    POST "/requests/drafts/{id}/send"        FileRequests + PersonOnly  requests::draft::check::send;
    POST "/requests/drafts/{id}/discard"     FileRequests + PersonOnly  requests::draft::start::discard;

    // Requests: asked, decided stage by stage, issued by somebody else.
    GET  "/requests"                SignedIn      requests::list::show;
    GET  "/requests.csv"            SignedIn      requests::export::csv;
    GET  "/requests.jsonl"          SignedIn      requests::export::json_lines;
    GET  "/requests/{id}"           SignedIn      requests::request::show;
    POST "/requests/{id}"           AnswerTasks + Recent + PersonOnly  requests::decide::decide;
    POST "/requests/{id}/issue"     AnswerTasks + Recent + PersonOnly  requests::decide::issue;
    POST "/requests/{id}/withdraw"  AnswerTasks + PersonOnly           requests::decide::withdraw;
    GET  "/identities/{id}/request" AnswerTasks + PersonOnly           requests::change::show;
    POST "/identities/{id}/request" AnswerTasks + PersonOnly           requests::change::submit;
    GET  "/decisions/{id}"          SignedIn      requests::decision::show;
    POST "/decisions/{id}/undo"     AnswerTasks + PersonOnly           requests::decision::undo;
    GET  "/denials"                 SignedIn      requests::denials::show;

    // Requests for programs, in JSON. They file and look; deciding and issuing is for people.
    GET  "/api/openapi.json"              Public        api::openapi::show;
    GET  "/api/requests"                  SignedIn      api::list::show;
    POST "/api/requests"                  FileRequests  api::file::submit;
    POST "/api/requests/preview"          FileRequests  api::preview::look;
    GET  "/api/requests/{id}"             SignedIn      api::show::show;
    POST "/api/requests/{id}/withdraw"    FileRequests  api::withdraw::submit;

    // Emergency access.
    GET  "/break-glass"               AnswerTasks + PersonOnly + BreakGlass           break_glass::page::show;
    POST "/break-glass"               AnswerTasks + Recent + PersonOnly + BreakGlass  break_glass::act::ask;
    POST "/break-glass/{id}/approve"  KeepRegister + Recent + PersonOnly + BreakGlass break_glass::act::approve;
    POST "/break-glass/{id}/refuse"   KeepRegister + PersonOnly + BreakGlass          break_glass::act::refuse;
    POST "/break-glass/{id}/open"     AnswerTasks + PersonOnly + BreakGlass           break_glass::act::open;
    POST "/break-glass/{id}/withdraw" AnswerTasks + PersonOnly + BreakGlass           break_glass::act::withdraw;
    POST "/break-glass/{id}/end"      AnswerTasks + PersonOnly + BreakGlass           break_glass::act::end;

    // Changes to many identities.
    GET  "/bulk/{id}"               KeepRegister  bulk::set::show;
    POST "/bulk/{id}"               KeepRegister  bulk::set::apply;
    POST "/bulk/{id}/undo"          KeepRegister  bulk::set::undo;

    // Campaigns. Opening one asks people and grants nothing, and it can be cancelled.
    GET  "/campaigns"                     ReadRegister  campaigns::list::show;
    POST "/campaigns"                     KeepRegister + PersonOnly  campaigns::form::submit_new;
    GET  "/campaigns.csv"                 ReadRegister  campaigns::export::csv;
    GET  "/campaigns.jsonl"               ReadRegister  campaigns::export::json_lines;
    GET  "/campaigns/new"                 KeepRegister + PersonOnly  campaigns::form::show_new;
    GET  "/campaigns/{id}"                ReadRegister  campaigns::campaign::show;
    POST "/campaigns/{id}"                KeepRegister + PersonOnly  campaigns::steps::change;
    POST "/campaigns/{id}/open"           KeepRegister + PersonOnly  campaigns::steps::open;
    POST "/campaigns/{id}/cancel"         KeepRegister + PersonOnly  campaigns::steps::cancel;
    GET  "/campaigns/{id}/report.csv"     ReadRegister  campaigns::report::csv;
    GET  "/campaigns/{id}/report.xlsx"    ReadRegister  campaigns::workbook::xlsx;

    // People and their accounts.
    GET  "/people"                        ReadRegister  people::list::show;
    GET  "/people.csv"                    ReadRegister  people::export::csv;
    GET  "/people.jsonl"                  ReadRegister  people::export::json_lines;
    GET  "/people/new"                    KeepPeople    people::form::show_new;
    POST "/people/new"                    KeepPeople + Recent    people::form::submit_new;
    GET  "/people/{id}"                   ReadRegister  people::person::show;
    GET  "/people/{id}/edit"              KeepPeople    people::form::show_edit;
    POST "/people/{id}/edit"              KeepPeople + Recent    people::form::submit_edit;
    GET  "/people/{id}/account"           KeepPeople    people::account::show;
    POST "/people/{id}/account/open"      KeepPeople + Recent    people::account::open;
    POST "/people/{id}/account/role"      KeepPeople + Recent    people::account::change_role;
    POST "/people/{id}/account/link"      KeepPeople + Recent    people::account::give_link;
    POST "/people/{id}/account/disable"   KeepPeople + Recent    people::account::disable;
    POST "/people/{id}/account/enable"    KeepPeople + Recent    people::account::enable;
    POST "/people/{id}/account/second-factor"  KeepPeople + Recent    people::account::remove_factors;
    POST "/people/{id}/account/end-sessions"  KeepPeople + Recent  people::account::end_sessions;

    // Tokens of Muster's own interface. A token sees none of it.
    GET  "/tokens"                        KeepPeople + PersonOnly           tokens::list::show;
    GET  "/tokens/{id}"                   SignedIn + PersonOnly             tokens::token::show;
    POST "/tokens/{id}/revoke"            KeepPeople + PersonOnly + Recent  tokens::token::revoke;

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
    GET  "/audit.csv"                     ReadAudit + Recent     audit::export::csv;
    GET  "/audit.jsonl"                   ReadAudit + Recent     audit::export::json_lines;
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

/// The route that a form waiting for that address would be sent to: one that is marked [`Mark::Recent`],
/// and nothing else.
pub fn awaiting(target: &str) -> Option<&'static Route> {
    let path = target.split('?').next().unwrap_or_default();
    let pattern = ROUTES.iter().map(|route| route.path).find(|pattern| ResourceDef::new(*pattern).is_match(path))?;
    ROUTES
        .iter()
        .find(|route| route.path == pattern && route.method == Method::POST && route.marks.contains(&Mark::Recent))
}

/// The page that an address belongs to: its own, or that of the nearest address above it which is one.
pub fn page_of(path: &str) -> String {
    let mut path = path.split('?').next().unwrap_or_default();
    loop {
        let pattern = ROUTES.iter().map(|route| route.path).find(|pattern| ResourceDef::new(*pattern).is_match(path));
        if ROUTES.iter().any(|route| Some(route.path) == pattern && route.method == Method::GET) {
            return path.to_owned();
        }
        match path.rsplit_once('/') {
            Some((above, _)) if !above.is_empty() => path = above,
            _ => return "/".to_owned(),
        }
    }
}

/// Whether a path hides letters, digits or `-._~`, as `/%61udit` does. Routing reads them as `/audit` and the table
/// does not, so such a path must never reach a handler. RFC 3986 section 6.2.2.2: nobody needs to write so.
pub fn is_disguised(path: &str) -> bool {
    path.split('%').skip(1).any(|after| {
        let letter = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || b"-._~".contains(&letter))
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

/// What is asked by machines that know the server by its number only.
pub fn is_probe(path: &str) -> bool {
    path == "/healthz" || path == "/readyz"
}

/// Addresses that need no session, so none is looked up for them.
pub fn is_bare(path: &str) -> bool {
    path.starts_with("/static/") || path == "/api/openapi.json" || is_probe(path)
}
