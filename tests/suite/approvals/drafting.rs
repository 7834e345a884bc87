//! Registering in steps that somebody may leave and come back to, as a browser without scripts walks them.

use muster::actions::{By, accounts, requests};
use muster::domain::identities::{AccessBasis, Environment, IdentityState, RevocationMethod, ScopeList};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::requests::{PaperKind, RequestKind, RequestState};
use muster::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use muster::store::identities::{self, Identity};
use muster::store::requests::Request;
use muster::store::{identity_parts, request_drafts};

use super::{LAB, Story};
use crate::app::{Browser, NOW, Page, at};
use crate::jobs::tasks_about;

type Fields<'a> = Vec<(&'a str, &'a str)>;

const STEPS: [&str; 5] = ["what", "owners", "why", "permissions", "lifetime"];

/// What somebody types on each page, where they name these owners.
fn typed<'a>(story: &'a Story, step: &str) -> Fields<'a> {
    match step {
        "what" => vec![
            ("kind", "smart_app"),
            ("name", "Growth chart"),
            ("description", "Draws curves."),
            ("environment", "production"),
            ("client_type", "public"),
            ("grant_types", "authorization_code"),
            ("launch_types", "launch-ehr"),
            ("redirect_uris", "https://growth.example/callback"),
        ],
        "owners" => vec![("business_owner", &story.owner.1), ("technical_owner", &story.technical.1)],
        "why" => vec![
            ("purpose", "Shows how a child grows."),
            ("access_basis", "treatment"),
            ("contract_reference", "C-17"),
            ("contract_ends_on", "2027-12-31"),
        ],
        "permissions" => vec![("scopes", LAB), ("reason", "the ward reads results")],
        "lifetime" => vec![
            ("until", "2027-02-01"),
            ("access_token_seconds", "3600"),
            ("criticality", "low"),
            ("method", "admin_console"),
            ("steps", "Remove the client."),
            ("contact", "Service desk"),
        ],
        other => panic!("{other}"),
    }
}

/// Begins a registration; answers its address.
fn begin(browser: &Browser) -> String {
    let page = browser.post("/requests/new", &[]);
    assert_eq!(page.status, 303, "{}", page.readable());
    page.location.strip_suffix("/what").unwrap().to_owned()
}

/// What a page carries in a field.
fn value(page: &Page, name: &str) -> String {
    let document = scraper::Html::parse_document(&page.text);
    let selector = scraper::Selector::parse(&format!("main [name={name}]")).unwrap();
    let element = document.select(&selector).next().unwrap_or_else(|| panic!("no {name} in {}", page.text));
    match element.value().attr("value") {
        Some(value) => value.to_owned(),
        None => element.text().collect::<String>().trim().replace("\r\n", "\n"),
    }
}

/// Opens a page and sends what is typed on it.
fn save(browser: &Browser, draft: &str, step: &str, fields: &Fields<'_>) -> Page {
    let path = format!("{draft}/{step}");
    let opened = browser.get(&path);
    assert_eq!(opened.status, 200, "{path}: {}", opened.text);
    save_at(browser, draft, step, &value(&opened, "version"), fields)
}

/// The same from a page that was opened at that version.
fn save_at(browser: &Browser, draft: &str, step: &str, version: &str, fields: &Fields<'_>) -> Page {
    let all: Fields<'_> = [vec![("version", version)], fields.clone()].concat();
    browser.post(&format!("{draft}/{step}"), &all)
}

/// Walks every page up to the answers.
fn walk(story: &Story, browser: &Browser) -> String {
    let draft = begin(browser);
    for step in STEPS {
        let page = save(browser, &draft, step, &typed(story, step));
        assert_eq!(page.status, 303, "{step}: {}", page.readable());
    }
    draft
}

fn send(browser: &Browser, draft: &str) -> Page {
    let version = value(&browser.get(draft), "version");
    browser.post(&format!("{draft}/send"), &[("version", &version)])
}

/// The request that a page led to, and what it is about.
fn sent(story: &Story, page: &Page) -> (Request, Identity) {
    assert_eq!(page.status, 303, "{}", page.readable());
    let id = page.location.strip_prefix("/requests/").unwrap().strip_suffix("?done=sent").unwrap();
    let request = story.request(id.parse().unwrap());
    let identity = identities::find(&mut story.register().database.read().unwrap(), request.identity_id).unwrap();
    (request, identity)
}

fn drafts(story: &Story, person: Id) -> usize {
    request_drafts::of(&mut story.register().database.read().unwrap(), person).unwrap().len()
}

#[test]
fn five_pages_lead_to_a_request_that_its_owner_decides() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    assert!(browser.get("/requests/new").shows("Start a registration"));
    let size = story.app.audit_size();
    let draft = begin(&browser);
    assert_eq!(begin(&browser), draft, "the button pressed twice begins one");
    let next = ["owners", "why", "permissions", "lifetime"].map(|step| format!("{draft}/{step}"));
    let next: Vec<String> = next.into_iter().chain([draft.clone()]).collect();
    let early = browser.get(&draft);
    assert!(early.shows("Before it can be sent") && !early.shows("Send for approval"), "{}", early.readable());
    for (step, next) in STEPS.iter().zip(&next) {
        let opened = browser.get(&format!("{draft}/{step}"));
        assert!(opened.shows("of 5)") && opened.text.contains("aria-current=\"step\""), "{}", opened.readable());
        assert!(!opened.text.contains("checked") && !opened.text.contains(" selected"), "nothing is chosen: {step}");
        let page = save(&browser, &draft, step, &typed(&story, step));
        assert_eq!((page.status, &page.location), (303, next), "{step}: {}", page.readable());
    }
    let answers = browser.get(&draft);
    for text in [
        "Should Growth chart get the permissions below, until 1 Feb 2027?",
        "lab results",
        "Whose yes it takes",
        "It may be approved until",
        "1 Feb 2027",
        "C-17",
        "SMART app",
        "Remove the client.",
    ] {
        assert!(answers.shows(text), "{text} is missing in {}", answers.readable());
    }
    assert!(answers.text.contains(&format!("href=\"{draft}/lifetime#until\"")), "{}", answers.text);
    assert!(!answers.shows("Nobody can decide about it yet"), "{}", answers.readable());
    assert_eq!(story.app.audit_size(), size, "a draft is nobody's business yet");
    let (request, identity) = sent(&story, &send(&browser, &draft));
    assert_eq!((request.kind, request.state), (RequestKind::Registration, RequestState::Open));
    assert_eq!((request.requester_id, request.wanted_until.to_string().as_str()), (story.technical.0, "2027-02-01"));
    assert_eq!((identity.state, identity.business_owner_id), (IdentityState::Requested, Some(story.owner.0)));
    assert_eq!((identity.access_basis, identity.client_id), (Some(AccessBasis::Treatment), None));
    let mut db = story.register().database.read().unwrap();
    let papers = muster::store::identity_papers::of_identity(&mut db, identity.id).unwrap();
    assert_eq!((papers[0].kind, papers[0].reference.as_str()), (PaperKind::Contract, "C-17"));
    let path = identity_parts::revocation_path(&mut db, identity.id).unwrap().unwrap();
    assert_eq!((path.method, path.contact.as_str()), (RevocationMethod::AdminConsole, "Service desk"));
    drop(db);
    let waiting: Vec<_> = story.tasks(request.id).into_iter().filter(|task| task.state == TaskState::Open).collect();
    assert_eq!((waiting.len(), waiting[0].assignee_id), (1, Some(story.owner.0)));
    assert_eq!(drafts(&story, story.technical.0), 0, "the draft is gone");
    assert_eq!(browser.get(&draft).location, format!("/requests/{}", request.id), "and its link leads on");
}

#[test]
fn what_was_begun_waits_for_its_writer_to_come_back() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = begin(&browser);
    // Not yet complete, and kept nevertheless.
    let page = save(&browser, &draft, "what", &vec![("name", "Growth chart"), ("go", "later")]);
    assert_eq!((page.status, page.location.as_str()), (303, "/requests/new?done=kept"), "{}", page.readable());
    let again = story.app.sign_in_as(&story.technical);
    let list = again.get("/requests/new?done=kept");
    assert!(list.shows("Growth chart") && list.shows("What you typed is kept"), "{}", list.readable());
    assert!(list.text.contains(&format!("href=\"{draft}\"")));
    let resumed = again.get(&format!("{draft}/what"));
    assert_eq!(value(&resumed, "name"), "Growth chart");
    assert!(!resumed.shows("There is a problem") && resumed.shows("Something is missing"), "{}", resumed.readable());
    // A link of the answers leads to the field and says what is missing there.
    let answers = again.get(&draft);
    assert!(answers.text.contains(&format!("href=\"{draft}/what?missing=1#kind\"")), "{}", answers.text);
    assert!(again.get(&format!("{draft}/what?missing=1")).shows("Choose what sort of identity it is"));
    let version = value(&answers, "version");
    let stale = again.post(&format!("{draft}/discard"), &[("version", "1")]);
    assert_eq!((stale.status, drafts(&story, story.technical.0)), (409, 1), "{}", stale.readable());
    let gone = again.post(&format!("{draft}/discard"), &[("version", &version)]);
    assert_eq!((gone.status, drafts(&story, story.technical.0)), (303, 0), "{}", gone.readable());
}

#[test]
fn an_owner_nobody_knows_yet_becomes_work_and_no_dead_end() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let silent = save(&browser, &draft, "owners", &vec![]);
    assert_eq!(silent.status, 422);
    assert!(silent.shows("Name somebody, or tick that you don\u{2019}t know yet"), "{}", silent.readable());
    let unknown = vec![("business_owner_unknown", "1"), ("technical_owner_unknown", "1")];
    let both: Fields<'_> = [unknown.clone(), vec![("business_owner", story.owner.1.as_str())]].concat();
    assert!(save(&browser, &draft, "owners", &both).shows("Take the tick below away, or remove the name"));
    assert_eq!(save(&browser, &draft, "owners", &unknown).status, 303);
    let answers = browser.get(&draft);
    for text in ["I don\u{2019}t know yet", "the security team gets the task to find somebody"] {
        assert!(answers.shows(text), "{}", answers.readable());
    }
    let (request, identity) = sent(&story, &send(&browser, &draft));
    assert_eq!((identity.business_owner_id, request.state), (None, RequestState::Open));
    let tasks = tasks_about(&story.app, identity.id);
    let missing = tasks.iter().find(|task| task.kind == TaskKind::OwnerMissing).unwrap();
    assert_eq!(missing.assignee_group, Some(AssigneeGroup::SecurityAnalysts));
}

#[test]
fn where_nobody_could_decide_the_answers_say_so_before_it_is_sent() {
    let story = Story::begin();
    accounts::disable(story.register(), &story.app.setup(), story.second.0).unwrap();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let wide = vec![("scopes", "system/*.rs"), ("reason", "the registry needs everything")];
    assert_eq!(save(&browser, &draft, "permissions", &wide).status, 303);
    assert!(!browser.get(&draft).shows("Nobody can decide about it yet"), "its owner, an analyst, an administrator");
    let unknown = vec![("business_owner_unknown", "1"), ("technical_owner_unknown", "1")];
    assert_eq!(save(&browser, &draft, "owners", &unknown).status, 303);
    let answers = browser.get(&draft);
    assert!(
        answers.shows("Nobody can decide about it yet") && answers.shows("second person"),
        "{}",
        answers.readable()
    );
    assert!(answers.shows("Send for approval"), "it can be sent all the same");
}

#[test]
fn a_name_that_fits_nobody_offers_who_is_close_and_is_kept() {
    let story = Story::begin();
    story.app.person("Dana Okafor", "dana@hospital.example");
    let browser = story.app.sign_in_as(&story.technical);
    let draft = begin(&browser);
    let fields = vec![("business_owner", "Dana Okafar"), ("technical_owner_unknown", "1")];
    let page = save(&browser, &draft, "owners", &fields);
    assert_eq!((page.status, value(&page, "business_owner").as_str()), (422, "Dana Okafar"));
    assert!(page.shows("who is meant?") && page.shows("dana@hospital.example"), "{}", page.readable());
    let meant = value(&page, "business_owner_meant");
    let mut chosen = fields.clone();
    chosen.extend([("business_owner_meant", meant.as_str()), ("business_owner_typed", "Dana Okafar")]);
    assert_eq!(save_at(&browser, &draft, "owners", &value(&page, "version"), &chosen).status, 303);
    let kept = value(&browser.get(&format!("{draft}/owners")), "business_owner");
    assert_eq!(kept, "Dana Okafor <dana@hospital.example>");
}

#[test]
fn a_draft_is_its_writers_own() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let other = story.app.sign_in_as(&story.administrator);
    assert!(!other.get("/requests/new").shows("Growth chart"));
    for place in STEPS.iter().map(|step| format!("{draft}/{step}")).chain([draft.clone()]) {
        assert_eq!(other.get(&place).status, 404, "{place}");
    }
    for place in STEPS.iter().copied().chain(["send", "discard"]) {
        let page = other.post(&format!("{draft}/{place}"), &[("version", "6"), ("name", "Mine")]);
        assert_eq!(page.status, 404, "{place}: {}", page.readable());
    }
    assert_eq!(drafts(&story, story.technical.0), 1);
    assert_eq!(value(&browser.get(&format!("{draft}/what")), "name"), "Growth chart");
    assert_eq!(story.app.sign_in(Role::Auditor).get("/requests/new").status, 403);
}

#[test]
fn a_second_window_never_writes_over_the_first_unseen() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let version = value(&browser.get(&format!("{draft}/why")), "version");
    let first = vec![("purpose", "Shows growth on the ward."), ("access_basis", "treatment")];
    assert_eq!(save_at(&browser, &draft, "why", &version, &first).status, 303);
    // The same form once more is stored already.
    assert_eq!(save_at(&browser, &draft, "why", &version, &first).status, 303);
    let second = vec![("purpose", "Shows growth & weight."), ("access_basis", "research")];
    let page = save_at(&browser, &draft, "why", &version, &second);
    assert_eq!((page.status, value(&page, "purpose").as_str()), (409, "Shows growth & weight."));
    for text in ["changed this registration meanwhile", "Shows growth on the ward.", "Treatment", "Research"] {
        assert!(page.shows(text), "{text} is missing in {}", page.readable());
    }
    assert_eq!(value(&browser.get(&format!("{draft}/why")), "purpose"), "Shows growth on the ward.");
    // Sending what was read before sends nothing either.
    let stale = browser.post(&format!("{draft}/send"), &[("version", &version)]);
    assert_eq!(stale.status, 409);
    assert!(stale.shows("Nothing was sent"), "{}", stale.readable());
    let after = save_at(&browser, &draft, "why", &value(&page, "version"), &second);
    assert_eq!(after.status, 303, "{}", after.readable());
    assert_eq!(value(&browser.get(&format!("{draft}/why")), "purpose"), "Shows growth & weight.");
}

#[test]
fn what_is_wrong_is_said_on_its_own_page_and_nothing_typed_is_lost() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = begin(&browser);
    let many: Vec<String> = (0..500).map(|number| format!("patient/Observation.rs?category=c{number}")).collect();
    let many = many.join("\n");
    for (step, field, text, words) in [
        ("lifetime", "until", "2026-11-23", "Write a day after today"),
        ("lifetime", "until", "next year", "Write the day as in 2027-03-31"),
        ("lifetime", "urgency", "the ward opens", "Tick that it is urgent"),
        ("lifetime", "steps", "Pull the plug.", "Choose how it is stopped"),
        ("permissions", "scopes", "patient/Observation.sr", "patient/Observation.sr is no permission"),
        ("permissions", "scopes", "a\"b", "is no permission"),
        ("permissions", "scopes", many.as_str(), "500 permissions are more than anybody can judge at once"),
        ("what", "redirect_uris", "/callback", "is not absolute"),
        ("why", "contract_ends_on", "2027-12-31", "Write the number or place of the document"),
    ] {
        let page = save(&browser, &draft, step, &vec![(field, text)]);
        assert_eq!(page.status, 422, "{text}");
        assert!(page.text.contains("<title>Error: ") && page.shows(words), "{words}: {}", page.readable());
        assert_eq!(value(&page, field), text);
        assert_eq!(value(&browser.get(&format!("{draft}/{step}")), field), text, "it is stored");
        let own = page.readable();
        assert_eq!(own.contains("Choose what sort of identity it is"), step == "what", "other pages' faults: {own}");
    }
    assert_eq!(send(&browser, &draft).status, 422);
    let test_data = vec![("environment", "production"), ("test_data", "1")];
    let page = save(&browser, &draft, "what", &test_data);
    assert!(page.status == 422 && page.shows("data of real patients has to be expected"), "{}", page.readable());
}

#[test]
fn an_end_beyond_what_may_be_approved_is_refused_with_the_latest_day() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let page = save(&browser, &draft, "lifetime", &vec![("until", "2031-01-01")]);
    assert_eq!((page.status, value(&page, "until").as_str()), (422, "2031-01-01"));
    assert!(page.shows("Write a day no later than"), "{}", page.readable());
    let refused = send(&browser, &draft);
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains(&format!("href=\"{draft}/lifetime?missing=1#until\"")), "{}", refused.text);
    assert_eq!(drafts(&story, story.technical.0), 1);
}

#[test]
fn checking_says_what_each_permission_allows_and_whose_data_it_is() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = begin(&browser);
    let path = format!("{draft}/permissions");
    let page = save(&browser, &draft, "permissions", &vec![("scopes", "system/*.rs launch/patient"), ("go", "check")]);
    assert_eq!((page.status, &page.location), (303, &path), "{}", page.readable());
    let page = browser.get(&path);
    for text in ["every patient", "no records", "Until which day is asked in the last step"] {
        assert!(page.shows(text), "{text} is missing in {}", page.readable());
    }
    let wrong = save(&browser, &draft, "permissions", &vec![("scopes", "patient/*"), ("go", "check")]);
    assert!(wrong.status == 422 && !wrong.shows("Write why it is needed"), "{}", wrong.readable());
}

#[test]
fn a_form_sent_twice_makes_one_request() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let version = value(&browser.get(&draft), "version");
    let first = browser.post(&format!("{draft}/send"), &[("version", &version)]);
    let second = browser.post(&format!("{draft}/send"), &[("version", &version)]);
    let (request, identity) = sent(&story, &first);
    assert_eq!((second.status, &second.location), (303, &first.location), "{}", second.readable());
    let mut db = story.register().database.read().unwrap();
    let about = muster::store::requests::about(&mut db, identity.id).unwrap();
    assert_eq!(about.iter().map(|one| one.id).collect::<Vec<_>>(), [request.id]);
    drop(db);
    assert_eq!(browser.get("/identities?q=Growth+chart").text.matches(">Growth chart</a>").count(), 1);
}

#[test]
fn what_is_taken_back_waits_no_more_and_nobody_is_asked_who_owns_it() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let (request, identity) = sent(&story, &send(&browser, &draft));
    let open = |kind: TaskKind| {
        tasks_about(&story.app, identity.id).iter().any(|task| task.kind == kind && task.state == TaskState::Open)
    };
    assert!(open(TaskKind::Ownership) && open(TaskKind::Decision));
    // An old link of the draft leads to what it has become.
    assert_eq!(browser.get(&draft).location, format!("/requests/{}", request.id));
    let by = super::by(story.technical.0, Role::Owner, at(NOW));
    requests::withdraw(story.register(), &by, request.id, request.version, "we found another way").unwrap();
    let now = identities::find(&mut story.register().database.read().unwrap(), identity.id).unwrap();
    assert_eq!(now.state, IdentityState::Rejected);
    assert!(!open(TaskKind::Ownership) && !open(TaskKind::Decision) && !open(TaskKind::OwnerMissing));
}

#[test]
fn two_windows_that_send_at_once_make_one_request() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = walk(&story, &browser);
    let (version, token) = (value(&browser.get(&draft), "version"), browser.token("/"));
    let windows: Vec<Browser> = (0..6).map(|_| browser.at(&story.app)).collect();
    let send = |window: &Browser| {
        window.post_bare(&format!("{draft}/send"), &[("csrf", &token), ("version", &version)], &[]).status
    };
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let sending: Vec<_> = windows.iter().map(|window| scope.spawn(|| send(window))).collect();
        sending.into_iter().map(|window| window.join().unwrap()).collect()
    });
    // Each is led to the one request that was made.
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    assert_eq!(browser.get("/identities?q=Growth+chart").text.matches(">Growth chart</a>").count(), 1);
}

/// The narrow permission, approved and issued, with a client id.
fn working() -> Story {
    let story = Story::with(|row| {
        row.state = IdentityState::Requested;
        row.access_basis = Some(AccessBasis::Treatment);
        row.environment = Environment::Production;
        row.purpose = Some("plans discharges".to_owned());
        row.client_id = Some("planner-production".to_owned());
    });
    let request = story.ask(LAB);
    story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    let moment = at(NOW).plus_seconds(31 * 60);
    requests::sweep(story.register(), &By::job("settle_requests", moment), || Ok(())).unwrap();
    story.issue_at(request, (story.analyst.0, Role::SecurityAnalyst), LAB, moment).unwrap();
    assert_eq!(story.scopes(ScopeList::Approved), [LAB]);
    story
}

#[test]
fn a_promotion_makes_a_twin_that_takes_no_credential_along() {
    let story = working();
    let browser = story.app.sign_in_as(&story.technical);
    let origin = format!("/identities/{}", story.identity.id);
    assert!(browser.get(&origin).shows("Ask for it in another environment"));
    let page = browser.post(&format!("{origin}/promote"), &[]);
    assert_eq!(page.status, 303, "{}", page.readable());
    let draft = page.location.strip_suffix("/what").unwrap();
    let opened = browser.get(&page.location);
    assert_eq!(value(&opened, "name"), "Discharge Planner");
    assert!(opened.shows("client id and credentials do not go over"), "{}", opened.readable());
    assert!(!opened.text.contains("<option value=\"production\""), "it works there already");
    assert!(!opened.text.contains("planner-production"));
    let what = |environment| vec![("kind", "smart_app"), ("name", "Discharge Planner"), ("environment", environment)];
    let same = save(&browser, draft, "what", &what("production"));
    assert_eq!(same.status, 422);
    assert!(same.shows("Choose another environment than the one it works in already"), "{}", same.readable());
    assert_eq!(send(&browser, draft).status, 422, "and nothing can be sent so");
    assert_eq!(save(&browser, draft, "what", &what("staging")).status, 303);
    assert_eq!(value(&browser.get(&format!("{draft}/permissions")), "scopes"), LAB);
    assert_eq!(value(&browser.get(&format!("{draft}/why")), "purpose"), "plans discharges");
    assert!(value(&browser.get(&format!("{draft}/owners")), "business_owner").contains(&story.owner.1));
    assert_eq!(save(&browser, draft, "permissions", &typed(&story, "permissions")).status, 303);
    assert_eq!(save(&browser, draft, "lifetime", &vec![("until", "2027-02-01")]).status, 303);
    let (request, twin) = sent(&story, &send(&browser, draft));
    assert_eq!((request.kind, twin.environment), (RequestKind::Promotion, Environment::Staging));
    assert_eq!((twin.state, twin.client_id), (IdentityState::Requested, None));
    let mut db = story.register().database.read().unwrap();
    assert_eq!(identity_parts::twins(&mut db, twin.id).unwrap(), [story.identity.id]);
    assert!(identity_parts::redirect_uris(&mut db, twin.id).unwrap().is_empty());
    assert!(identity_parts::credentials(&mut db, twin.id).unwrap().is_empty());
}

#[test]
fn only_who_answers_for_an_app_asks_for_it_elsewhere() {
    let story = working();
    let place = format!("/identities/{}/promote", story.identity.id);
    let deputy = story.app.sign_in_as(&story.deputy);
    assert_eq!(deputy.post(&place, &[]).status, 303);
    assert_eq!(story.app.sign_in_as(&story.analyst).post(&place, &[]).status, 303);
    let stranger = story.app.sign_in(Role::Owner);
    assert_eq!(stranger.post(&place, &[]).status, 404);
    assert_eq!(drafts(&story, stranger.person.unwrap()), 0);
    assert_eq!(story.app.sign_in(Role::Auditor).post(&place, &[]).status, 403);
}
