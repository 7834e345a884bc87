//! Requests for programs: a portal files them, follows them and takes them back, and decides nothing.

use muster::domain::api_tokens::TokenScope;
use muster::domain::identities::IdentityState;
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::requests::RequestState;
use muster::store::identities;
use muster::store::request_list::{self, RequestFilter};
use muster::web::routes::ROUTES;
use serde_json::{Value, json};

use super::{LAB, Story};
use crate::api_tokens::{Made, draft, make_for};
use crate::app::{NOW, Page, TestApp, at};

/// A token of somebody's portal.
fn portal(app: &TestApp, (person, role): (Id, Role)) -> Made {
    make_for(app, person, role, &draft(&[TokenScope::Read, TokenScope::FileRequests]))
}

fn send(app: &TestApp, made: &Made, path: &str, document: &Value) -> Page {
    send_raw(app, made, path, document.to_string().as_bytes())
}

fn send_raw(app: &TestApp, made: &Made, path: &str, body: &[u8]) -> Page {
    let header = made.header();
    let headers = [("authorization", header.as_str()), ("content-type", "application/json")];
    app.browser().send("POST", path, &headers, body)
}

fn read(page: &Page) -> Value {
    serde_json::from_str(&page.text).unwrap_or_else(|error| panic!("{error}: {}", page.text))
}

/// A document that was taken.
fn taken(page: &Page, status: u16) -> Value {
    assert_eq!(page.status, status, "{}", page.text);
    read(page)
}

/// The code of a refusal, and the members that it is about.
fn refused(page: &Page, status: u16) -> (String, Vec<String>) {
    assert_eq!(page.status, status, "{}", page.text);
    let answer = read(page);
    for member in ["error", "message", "fields", "request_id"] {
        assert!(answer.get(member).is_some(), "{member}: {}", page.text);
    }
    assert_eq!(answer["request_id"], page.header("x-request-id"));
    let fields = answer["fields"].as_array().unwrap();
    assert!(fields.iter().all(|fault| !fault["message"].as_str().unwrap().is_empty()));
    let fields = fields.iter().map(|fault| fault["field"].as_str().unwrap().to_owned()).collect();
    (answer["error"].as_str().unwrap().to_owned(), fields)
}

/// A change that the story's identity wants.
fn change(story: &Story) -> Value {
    json!({
        "identity_id": story.identity.id, "identity_version": story.now().version, "scopes": [LAB],
        "reason": "nurses read results on the ward", "until": "2027-03-31",
    })
}

fn app_of(name: &str) -> Value {
    json!({
        "registration": {
            "kind": "smart_app", "name": name, "environment": "production", "purpose": "plans discharges",
            "access_basis": "treatment", "client_id": format!("client-{name}"),
            "documents": [{"kind": "contract", "reference": "C-118", "ends_on": "2027-12-31"}],
        },
        "scopes": [LAB], "reason": "nurses read results on the ward", "until": "2027-03-31",
    })
}

fn requests_in(story: &Story) -> usize {
    let mut db = story.register().database.read().unwrap();
    request_list::page(&mut db, &RequestFilter::default(), at(NOW), &Default::default()).unwrap().rows.len()
}

#[test]
fn a_portal_registers_an_app_people_decide_on_pages_and_the_portal_reads_how_it_stands() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    let mut wanted = app_of("Ward Board");
    wanted["registration"]["business_owner"] = json!(story.owner.1);
    let looked = taken(&send(&story.app, &made, "/api/requests/preview", &wanted), 200);
    assert_eq!(looked["stages"], json!(["business_owner"]), "{looked}");
    assert!(looked["sheet"]["question"].as_str().unwrap().contains("Should Ward Board get"), "{looked}");
    assert_eq!((&looked["shortage"], &looked["identity_version"]), (&Value::Null, &Value::Null));
    assert_eq!(requests_in(&story), 0, "a look stores nothing");
    let page = send(&story.app, &made, "/api/requests", &wanted);
    let filed = taken(&page, 201);
    let path = page.header("location").to_owned();
    assert_eq!(path, format!("/api/requests/{}", filed["id"].as_str().unwrap()));
    assert_eq!((&filed["state"], &filed["kind"]), (&json!("open"), &json!("registration")));
    assert_eq!(filed["sheet"]["digest"], looked["sheet"]["digest"], "sent is what was looked at");
    assert_eq!(filed["not_yet_done"], json!(["Business owner: nobody has decided."]));
    let id: Id = filed["id"].as_str().unwrap().parse().unwrap();
    let identity: Id = filed["identity"]["id"].as_str().unwrap().parse().unwrap();
    let stored = identities::find(&mut story.register().database.read().unwrap(), identity).unwrap();
    assert_eq!((stored.state, stored.name.as_str()), (IdentityState::Requested, "Ward Board"));
    let owner = story.app.sign_in_as(&story.owner);
    let shown = owner.get(&format!("/requests/{id}"));
    let hidden = |name: &str| {
        let (_, rest) = shown.text.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
        rest.split('"').next().unwrap().to_owned()
    };
    let fields = ["version", "identity_version", "digest"].map(|name| (name, hidden(name)));
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("answer", "approve"));
    assert_eq!(owner.post(&format!("/requests/{id}"), &fields).status, 303);
    let stands = taken(&made.get(&story.app, &path), 200);
    assert_eq!(stands["state"], "approved");
    assert_eq!(stands["decisions"][0]["answer"], "approve");
    assert_eq!(stands["decisions"][0]["right"], "as its business owner");
    assert_eq!(stands["decisions"][0]["decided_by"]["id"], json!(story.owner.0));
    assert!(stands["decisions"][0]["decided_by"]["name"].is_string());
    assert_eq!(stands["undo_until"], stands["effective_at"]);
    assert!(stands["not_yet_done"][0].as_str().unwrap().contains("has not taken effect"), "{stands}");
    assert_eq!(stands["stages"][0]["state"], "approved");
    let listed = taken(&made.get(&story.app, "/api/requests?state=approved&mine=true"), 200);
    assert_eq!(listed["requests"][0]["reference"], stands["reference"]);
    assert_eq!(listed["next"], Value::Null);
    // The entries say that a program acted, and for whom.
    let entry = crate::api_tokens::entries(&story.app, "request.ask").remove(0);
    assert!(entry.contains("api_token") && entry.contains(&story.technical.0.to_string()), "{entry}");
}

#[test]
fn a_portal_asks_for_a_change_and_takes_back_what_its_creator_asked_and_nothing_else() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    let looked = taken(&send(&story.app, &made, "/api/requests/preview", &change(&story)), 200);
    assert_eq!(looked["identity_version"], json!(story.now().version));
    let mut old = change(&story);
    old["identity_version"] = json!(story.now().version + 1);
    assert_eq!(refused(&send(&story.app, &made, "/api/requests", &old), 409).0, "conflict");
    old.as_object_mut().unwrap().remove("identity_version");
    assert_eq!(refused(&send(&story.app, &made, "/api/requests", &old), 422).1, ["identity_version"]);
    let filed = taken(&send(&story.app, &made, "/api/requests", &change(&story)), 201);
    let path = format!("/api/requests/{}/withdraw", filed["id"].as_str().unwrap());
    let taking = json!({"version": filed["version"], "reason": "the project was stopped"});
    // Whoever keeps the register sees it, and their program takes back nothing of others.
    let other = portal(&story.app, (story.analyst.0, Role::SecurityAnalyst));
    assert_eq!(refused(&send(&story.app, &other, &path, &taking), 403).0, "forbidden");
    let stale = json!({"version": 99, "reason": "the project was stopped"});
    assert_eq!(refused(&send(&story.app, &made, &path, &stale), 409).0, "conflict");
    let silent = json!({"version": filed["version"]});
    assert_eq!(refused(&send(&story.app, &made, &path, &silent), 422).1, ["reason"]);
    let gone = taken(&send(&story.app, &made, &path, &taking), 200);
    assert_eq!((&gone["state"], &gone["not_yet_done"]), (&json!("withdrawn"), &json!([])));
    assert_eq!(refused(&send(&story.app, &made, &path, &taking), 409).0, "conflict");
}

#[test]
fn a_call_that_is_repeated_makes_one_request() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    for document in [change(&story), app_of("Ward Board")] {
        let filed = taken(&send(&story.app, &made, "/api/requests", &document), 201);
        let count = requests_in(&story);
        let again = send(&story.app, &made, "/api/requests", &document);
        assert_eq!(refused(&again, 409).0, "conflict");
        assert!(again.text.contains(filed["reference"].as_str().unwrap()), "{}", again.text);
        assert_eq!(requests_in(&story), count);
    }
    // Another client of the same name is another app; one without a client id is not told from it.
    let mut other = app_of("Ward Board");
    other["registration"]["client_id"] = json!("another-client");
    taken(&send(&story.app, &made, "/api/requests", &other), 201);
    other["registration"]["client_id"] = Value::Null;
    other["registration"]["name"] = json!("WARD BOARD");
    refused(&send(&story.app, &made, "/api/requests", &other), 409);
    other["registration"]["environment"] = json!("sandbox");
    taken(&send(&story.app, &made, "/api/requests", &other), 201);
    // What somebody else asked for stands in nobody's way.
    let second = portal(&story.app, (story.deputy.0, Role::Owner));
    other["registration"]["environment"] = json!("production");
    taken(&send(&story.app, &second, "/api/requests", &other), 201);
}

#[test]
fn two_calls_at_the_same_moment_make_one_request() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    let mut document = app_of("Ward Board");
    document["registration"]["client_id"] = Value::Null;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> =
            (0..4).map(|_| scope.spawn(|| send(&story.app, &made, "/api/requests", &document).status)).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 3, "{statuses:?}");
    assert_eq!(requests_in(&story), 1);
}

#[test]
fn a_token_files_with_its_scope_only_and_decides_with_none() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let reads = make_for(&story.app, story.technical.0, Role::Owner, &draft(&[TokenScope::Read]));
    let reading = format!("/api/requests/{request}");
    assert_eq!(reads.get(&story.app, &reading).status, 200);
    let withdraw = format!("{reading}/withdraw");
    for path in ["/api/requests", "/api/requests/preview", withdraw.as_str()] {
        let page = send(&story.app, &reads, path, &change(&story));
        assert_eq!(refused(&page, 403).0, "insufficient_scope");
        assert!(page.header("www-authenticate").contains("scope=\"file_requests\""));
    }
    let named =
        muster::actions::api_tokens::TokenDraft { name: "Only files".to_owned(), ..draft(&[TokenScope::FileRequests]) };
    let files = make_for(&story.app, story.owner.0, Role::Owner, &named);
    assert_eq!(refused(&files.get(&story.app, &reading), 403).0, "insufficient_scope");
    // Deciding, issuing and undoing have no address here, and the pages take no token.
    for path in [format!("/requests/{request}"), format!("/requests/{request}/issue")] {
        assert_eq!(refused(&files.post(&story.app, &path, &[("answer", "approve")]), 403).0, "forbidden");
    }
    for path in [format!("{reading}/approve"), format!("{reading}/issue"), "/api".to_owned(), "/api/nothing".to_owned()]
    {
        assert_eq!(refused(&send(&story.app, &files, &path, &json!({})), 404).0, "not_found");
    }
    assert_eq!(refused(&send(&story.app, &files, &reading, &json!({})), 405).0, "refused");
    assert_eq!(story.state(request), RequestState::Open);
}

#[test]
fn what_somebody_does_not_see_on_the_pages_is_not_there() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let stranger = story.app.account(Role::Owner);
    let made = portal(&story.app, (stranger.0, Role::Owner));
    let listed = taken(&made.get(&story.app, "/api/requests"), 200);
    assert_eq!(listed, json!({"requests": [], "next": null}));
    let taking = json!({"version": 1, "reason": "the project was stopped"});
    for path in
        [format!("/api/requests/{request}"), "/api/requests/x".to_owned(), format!("/api/requests/{}", Id::new())]
    {
        assert_eq!(refused(&made.get(&story.app, &path), 404).0, "not_found");
        assert_eq!(refused(&send(&story.app, &made, &format!("{path}/withdraw"), &taking), 404).0, "not_found");
    }
    for path in ["/api/requests", "/api/requests/preview"] {
        assert_eq!(refused(&send(&story.app, &made, path, &change(&story)), 404).0, "not_found");
        let mut elsewhere = app_of("Ward Board");
        elsewhere["origin_id"] = json!(story.identity.id);
        assert_eq!(refused(&send(&story.app, &made, path, &elsewhere), 422).1, ["origin_id"]);
    }
    // Who reads the whole register reads it here too, and asks for nothing where they may not.
    let auditor = story.app.account(Role::Auditor);
    let reads = make_for(&story.app, auditor.0, Role::Auditor, &draft(&[TokenScope::Read]));
    assert_eq!(reads.get(&story.app, &format!("/api/requests/{request}")).status, 200);
}

#[test]
fn an_app_asks_to_work_in_another_environment() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    let mut document = app_of("Discharge Planner");
    document["origin_id"] = json!(story.identity.id);
    let page = send(&story.app, &made, "/api/requests", &document);
    assert_eq!(refused(&page, 422).1, ["registration.environment"]);
    document["registration"]["environment"] = json!("staging");
    let filed = taken(&send(&story.app, &made, "/api/requests", &document), 201);
    assert_eq!(filed["kind"], "promotion");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_by_name() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    let before = story.app.audit_size();
    let document = json!({
        "registration": {
            "kind": "robot", "environment": "moon", "system": "x", "vendor": Id::new(), "purpose": " ",
            "access_basis": "curiosity", "criticality": "x", "client_type": "x", "grant_types": ["a b"],
            "launch_types": ["teleport"], "redirect_uris": ["/callback", ""], "access_token_seconds": 0,
            "refresh_tokens": "limited", "review_interval_days": -1, "next_review_on": "soon",
            "way_to_stop": {"method": "", "steps": "", "contact": "x"},
            "documents": [{"kind": "x", "reference": "", "ends_on": "x"}],
        },
        "scopes": ["patient/Observation.rs user/Patient.rs", "patient/Observation.x"],
        "reason": "", "until": "2026-11-23", "urgency": "",
    });
    let (code, fields) = refused(&send(&story.app, &made, "/api/requests", &document), 422);
    assert_eq!(code, "invalid");
    for field in [
        "registration.kind",
        "registration.name",
        "registration.environment",
        "registration.system",
        "registration.access_basis",
        "registration.criticality",
        "registration.client_type",
        "registration.grant_types[0]",
        "registration.launch_types",
        "registration.redirect_uris",
        "registration.redirect_uris[1]",
        "registration.access_token_seconds",
        "registration.refresh_token_seconds",
        "registration.review_interval_days",
        "registration.next_review_on",
        "registration.way_to_stop.method",
        "registration.way_to_stop.steps",
        "registration.purpose",
        "registration.documents[0].kind",
        "registration.documents[0].reference",
        "registration.documents[0].ends_on",
        "scopes[0]",
        "scopes",
        "reason",
        "until",
        "urgency",
    ] {
        assert!(fields.iter().any(|told| told == field), "{field} in {fields:?}");
    }
    // What can be looked up only afterwards is told together with what is asked for.
    let mut unknown = app_of("Ward Board");
    unknown["registration"]["vendor"] = json!(Id::new());
    unknown["registration"]["business_owner"] = json!("nobody@hospital.example");
    unknown["until"] = json!("2999-01-01");
    unknown["reason"] = json!("");
    unknown["test_data"] = json!(true);
    let (_, fields) = refused(&send(&story.app, &made, "/api/requests", &unknown), 422);
    for field in ["registration.vendor", "registration.business_owner", "reason", "test_data"] {
        assert!(fields.iter().any(|told| told == field), "{field} in {fields:?}");
    }
    let (_, fields) = refused(&send(&story.app, &made, "/api/requests", &json!({})), 422);
    assert_eq!(fields, ["", "scopes", "reason", "until"]);
    let mut both = app_of("Ward Board");
    both["identity_id"] = json!(story.identity.id);
    assert_eq!(refused(&send(&story.app, &made, "/api/requests", &both), 422).1, ["identity_id"]);
    let mut many = change(&story);
    many["scopes"] = (0..500).map(|number| json!(format!("patient/Observation.rs?code={number}"))).collect();
    let page = send(&story.app, &made, "/api/requests", &many);
    assert_eq!(refused(&page, 422).1, ["scopes"]);
    assert!(page.text.contains("500 permissions are more than anybody can judge"), "{}", page.text);
    assert_eq!(story.app.audit_size(), before);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    let told = |body: &[u8], words: &[&str]| {
        let page = send_raw(&story.app, &made, "/api/requests", body);
        assert_eq!(refused(&page, 400).0, "invalid_request");
        for word in words {
            assert!(page.text.contains(word), "{word}: {}", page.text);
        }
    };
    told(b"", &["line 1 column 0"]);
    told(b"{\n  \"reason\": x", &["line 2 column 13"]);
    told(br#"{"reason": "a", "decide": "yes"}"#, &["unknown field `decide`", "line 1 column 24"]);
    told(br#"{"registration": {"state": "active"}}"#, &["unknown field `state`"]);
    told(br#"{"reason": "a", "reason": "b"}"#, &["duplicate field `reason`"]);
    told(br#"{"scopes": "patient/Observation.rs"}"#, &["expected a sequence"]);
    told(br#"{"reason": "a\u0000b"}"#, &["U+0000"]);
    told(b"{\"reason\": \"\xff\"}", &["line 1"]);
    told(&[b"[".repeat(1_000), b"]".repeat(1_000)].concat(), &["line 1"]);
    let long = json!({"reason": "x".repeat(70_000)}).to_string();
    let page = send_raw(&story.app, &made, "/api/requests", long.as_bytes());
    assert_eq!(refused(&page, 413).0, "too_long");
    assert!(page.text.contains("64 KiB"), "{}", page.text);
    let header = made.header();
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let headers = [("authorization", header.as_str()), ("content-type", kind)];
        assert_eq!(refused(&story.app.browser().send("POST", "/api/requests", &headers, b"{}"), 415).0, "wrong_kind");
    }
    for (query, field) in [
        ("state=lost", "state"),
        ("mine=perhaps", "mine"),
        ("after=x", "after"),
        ("colour=red", "colour"),
        ("before=x", "before"),
    ] {
        let page = made.get(&story.app, &format!("/api/requests?{query}"));
        assert_eq!(refused(&page, 422).1, [field]);
    }
}

#[test]
fn a_stranger_is_told_in_json_and_a_session_sends_the_token_of_its_forms() {
    let story = Story::begin();
    let stranger = story.app.browser();
    let page = stranger.get("/api/requests");
    assert_eq!(refused(&page, 401).0, "signed_out");
    assert_eq!(page.header("www-authenticate"), "Bearer realm=\"Muster\"");
    assert_eq!(
        refused(&stranger.send("POST", "/api/requests", &[("content-type", "application/json")], b"{}"), 401).0,
        "signed_out"
    );
    let wrong = stranger.get_with("/api/requests", &[("authorization", "Bearer muster_api_x")]);
    assert_eq!(refused(&wrong, 401).0, "invalid_token");
    let browser = story.app.sign_in_as(&story.technical);
    assert_eq!(browser.get("/api/requests").status, 200);
    let body = change(&story).to_string();
    let headers = [("content-type", "application/json")];
    assert_eq!(refused(&browser.send("POST", "/api/requests", &headers, body.as_bytes()), 403).0, "forbidden");
    let token = browser.token("/");
    let headers =
        [("content-type", "application/json"), ("x-csrf-token", token.as_str()), ("sec-fetch-site", "cross-site")];
    assert_eq!(refused(&browser.send("POST", "/api/requests", &headers, body.as_bytes()), 403).0, "forbidden");
    let (status, filed) = browser.post_json("/api/requests", &token, &change(&story));
    assert_eq!((status, &filed["state"]), (201, &json!("open")));
}

#[test]
fn the_list_is_read_page_by_page_and_each_request_once() {
    let story = Story::begin();
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    for number in 0..52 {
        taken(&send(&story.app, &made, "/api/requests", &app_of(&format!("App {number}"))), 201);
    }
    let first = taken(&made.get(&story.app, "/api/requests?mine=true"), 200);
    assert_eq!(first["requests"].as_array().unwrap().len(), 50);
    let next = first["next"].as_str().unwrap();
    let second = taken(&made.get(&story.app, &format!("/api/requests?mine=true&after={next}")), 200);
    let names: Vec<&str> = [&first, &second]
        .iter()
        .flat_map(|page| page["requests"].as_array().unwrap())
        .map(|line| line["identity"]["name"].as_str().unwrap())
        .collect();
    let newest_first: Vec<String> = (0..52).rev().map(|number| format!("App {number}")).collect();
    assert_eq!(names, newest_first);
    assert_eq!(second["next"], Value::Null);
}

/// The description as the running server shows it.
fn description(app: &TestApp) -> Value {
    taken(&app.browser().get("/api/openapi.json"), 200)
}

#[test]
fn the_description_names_every_route_every_error_and_the_way_in() {
    let app = TestApp::start();
    let described = description(&app);
    let mut named: Vec<String> = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            named.push(format!("{} {path}", method.to_uppercase()));
            if path == "/api/openapi.json" {
                continue;
            }
            assert_eq!(operation["security"], json!([{"bearer": []}]), "{method} {path}");
            let mut errors = vec!["400", "401", "403", "404", "422", "429", "500", "503"];
            if method == "post" {
                errors.extend(["409", "413", "415"]);
            }
            for status in errors {
                let schema = &operation["responses"][status]["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ErrorAnswer", "{method} {path} {status}");
            }
        }
    }
    let mut routes: Vec<String> = ROUTES
        .iter()
        .filter(|route| route.path.starts_with("/api"))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    named.sort();
    routes.sort();
    assert_eq!(named, routes);
    let scheme = &described["components"]["securitySchemes"]["bearer"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&json!("http"), &json!("bearer")));
    assert_eq!(described["info"]["version"], env!("CARGO_PKG_VERSION"));
    let shared = &described["components"]["schemas"];
    assert_eq!(shared["NewRequest"]["additionalProperties"], false);
    assert!(shared["IdentityKind"]["enum"].as_array().unwrap().contains(&json!("ai_agent")));
}

#[test]
fn the_command_prints_the_same_description_as_the_server() {
    let app = TestApp::start();
    let printed = crate::command::Command::new(&app).run(&["openapi"]);
    assert_eq!((printed.code, printed.err.as_str()), (0, ""));
    assert_eq!(printed.out.trim_end(), app.browser().get("/api/openapi.json").text);
}

#[test]
fn the_examples_of_the_description_are_accepted() {
    let story = Story::begin();
    story.app.person("Dana Reed", "dana.reed@hospital.example");
    let made = portal(&story.app, (story.technical.0, Role::Owner));
    let described = description(&story.app);
    let example = |path: &str, name: &str| {
        let body = &described["paths"][path]["post"]["requestBody"]["content"]["application/json"];
        let value = body["examples"][name]["value"].clone();
        assert!(value.is_object(), "{path} {name}");
        value
    };
    let all =
        described["paths"]["/api/requests"]["post"]["requestBody"]["content"]["application/json"]["examples"].clone();
    assert_eq!(all.as_object().unwrap().len(), 2);
    let app = taken(&send(&story.app, &made, "/api/requests", &example("/api/requests", "A new app")), 201);
    assert_eq!(app["identity"]["name"], "Discharge Planner");
    let mut wanted = example("/api/requests", "A change");
    wanted["identity_id"] = json!(story.identity.id);
    wanted["identity_version"] = json!(story.now().version);
    let filed = taken(&send(&story.app, &made, "/api/requests", &wanted), 201);
    let path = "/api/requests/{id}/withdraw";
    let mut taking = example(path, "Not needed");
    taking["version"] = filed["version"].clone();
    let path = path.replace("{id}", filed["id"].as_str().unwrap());
    assert_eq!(taken(&send(&story.app, &made, &path, &taking), 200)["state"], "withdrawn");
}
