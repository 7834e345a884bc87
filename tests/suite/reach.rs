//! How far identities reach: stored with them, sorted and filtered by, and measured again when it changes.

use muster::actions::{imports, reaching};
use muster::config::Deployment;
use muster::domain::identities::{AccessBasis, Environment, IdentityKind, ScopeList};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::reaching::{IdentityTier, Measured};
use muster::store::identities::{self, Identity};
use muster::store::identity_parts::{self, IdentityScope};

use crate::app::{Browser, TestApp};
use crate::command::Command;
use crate::identities::{form, registered};
use crate::imports::{bring, client, realm, upload};

fn measured(app: &TestApp, id: Id) -> Measured {
    identities::find(&mut app.register.database.read().unwrap(), id).unwrap().measured()
}

fn tier(app: &TestApp, id: Id) -> IdentityTier {
    measured(app, id).tier
}

/// An identity that stands in the database as it was before its reach was measured.
fn unmeasured(app: &TestApp, name: &str, list: ScopeList, scopes: &[&str], basis: Option<AccessBasis>) -> Id {
    let mut identity = Identity::new(IdentityKind::SmartApp, name, Environment::Production, app.register.now());
    identity.access_basis = basis;
    let rows: Vec<IdentityScope> = (0..)
        .zip(scopes)
        .map(|(position, scope)| IdentityScope {
            identity_id: identity.id,
            list,
            scope: (*scope).to_owned(),
            position,
            optional: false,
            in_token: true,
            defined: true,
        })
        .collect();
    let mut db = app.register.database.read().unwrap();
    identities::insert(&mut db, &identity).unwrap();
    drop(db);
    if list == ScopeList::Approved {
        crate::approvals::approved(app, identity.id, scopes);
    } else {
        identity_parts::insert_scopes(&mut app.register.database.read().unwrap(), &rows).unwrap();
    }
    identity.id
}

/// Six identities, one of each tier and two of the highest, measured.
fn six(app: &TestApp) -> [Id; 6] {
    use ScopeList::{Approved, Issued, Requested};
    let made = [
        unmeasured(app, "Writes all", Issued, &["system/*.cruds"], None),
        unmeasured(app, "Reads all", Approved, &["system/*.rs"], None),
        unmeasured(app, "Deletes", Issued, &["user/Observation.cruds"], Some(AccessBasis::Treatment)),
        unmeasured(app, "Visits", Requested, &["user/Encounter.rs"], None),
        unmeasured(app, "Charts", Issued, &["launch", "patient/Observation.rs"], None),
        unmeasured(app, "Anything", Issued, &[], None),
    ];
    reaching::catch_up(&app.register).unwrap();
    made
}

const TIERS: [IdentityTier; 6] = [
    IdentityTier::Critical,
    IdentityTier::Critical,
    IdentityTier::High,
    IdentityTier::Moderate,
    IdentityTier::Low,
    IdentityTier::Unknown,
];

/// The ids of the rows of the list, page by page.
fn listed(browser: &Browser, query: &str) -> Vec<Id> {
    let page = browser.get(&format!("/identities{query}"));
    assert_eq!(page.status, 200, "{query}: {}", page.readable());
    let document = scraper::Html::parse_document(&page.text);
    let link = scraper::Selector::parse("tbody th a").unwrap();
    let mut ids: Vec<Id> = document
        .select(&link)
        .map(|a| a.value().attr("href").unwrap().strip_prefix("/identities/").unwrap().parse().unwrap())
        .collect();
    if let Some(next) = document.select(&scraper::Selector::parse("a[rel=next]").unwrap()).next() {
        let href = next.value().attr("href").unwrap();
        ids.extend(listed(browser, href.strip_prefix("/identities").unwrap()));
    }
    ids
}

#[test]
fn what_stands_in_a_register_of_before_is_measured_once_at_the_start() {
    let app = TestApp::start();
    let made = six(&app);
    assert_eq!(made.map(|id| tier(&app, id)), TIERS);
    let before = app.audit_size();
    assert_eq!(reaching::catch_up(&app.register).unwrap(), 0, "the tables are the same");
    // What a start does not look at again stays as it is.
    let late = unmeasured(&app, "Late", ScopeList::Issued, &["system/*.rs"], None);
    assert_eq!(reaching::catch_up(&app.register).unwrap(), 0);
    assert_eq!(tier(&app, late), IdentityTier::Unknown);
    assert_eq!(app.audit_size(), before, "nothing was decided about anybody");
}

#[test]
fn a_security_teams_own_tables_measure_everything_again() {
    let app = TestApp::start();
    let made = six(&app);
    let folder = app.folder.path().join("scopes");
    std::fs::create_dir(&folder).unwrap();
    let table = "[[rule]]\ntier = \"critical\"\nbecause = \"Deleting is never harmless here.\"\ndelete = true\n\
                 [[rule]]\ntier = \"moderate\"\nbecause = \"Everything else.\"\n";
    std::fs::write(folder.join("tiers.toml"), table).unwrap();
    let scopes = std::sync::Arc::new(muster::config::scope_tables(app.folder.path()).unwrap());
    let mut register = app.replica();
    register.deployment = std::sync::Arc::new(Deployment { scopes, ..(*app.register.deployment).clone() });
    let versions = |app: &TestApp| {
        made.map(|id| identities::find(&mut app.register.database.read().unwrap(), id).unwrap().version)
    };
    let before = versions(&app);
    assert_eq!(reaching::catch_up(&register).unwrap(), 3, "as many as differ; the unknown one stays unknown");
    use IdentityTier::{Critical, Moderate, Unknown};
    assert_eq!(made.map(|id| tier(&app, id)), [Critical, Moderate, Critical, Moderate, Moderate, Unknown]);
    assert_eq!(versions(&app), before, "nobody's form is in conflict with it");
    assert_eq!(reaching::catch_up(&register).unwrap(), 0);
    assert_eq!(reaching::catch_up(&app.register).unwrap(), 3, "and back");
}

#[test]
fn many_are_measured_in_turns_and_by_two_that_start_together() {
    let app = TestApp::start();
    let mut db = app.register.database.read().unwrap();
    let rows: Vec<Identity> = (0..4_321)
        .map(|number| {
            Identity::new(IdentityKind::Token, &format!("T{number}"), Environment::Sandbox, app.register.now())
        })
        .collect();
    identities::insert_many(&mut db, &rows).unwrap();
    let scopes: Vec<IdentityScope> = rows
        .iter()
        .map(|row| IdentityScope {
            identity_id: row.id,
            list: ScopeList::Issued,
            scope: "user/*.rs".to_owned(),
            position: 0,
            optional: false,
            in_token: true,
            defined: true,
        })
        .collect();
    identity_parts::insert_scopes(&mut db, &scopes).unwrap();
    drop(db);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let register = app.replica();
            scope.spawn(move || reaching::catch_up(&register).unwrap());
        }
    });
    let list = app.sign_in(Role::Auditor).get("/identities?tier=high");
    assert!(list.shows("4,321 identities") || list.shows("4321 identities"), "{}", list.readable());
}

#[test]
fn the_list_is_sorted_by_risk_and_what_is_unknown_stands_last_either_way() {
    let app = TestApp::start();
    let made = six(&app);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert_eq!(listed(&analyst, "?sort=-risk"), made);
    let [known @ .., unknown] = made;
    let mut rising: Vec<Id> = known.into_iter().rev().collect();
    rising.push(unknown);
    assert_eq!(listed(&analyst, "?sort=risk"), rising);
    let page = analyst.get("/identities?sort=-risk");
    assert!(page.shows("sorted by risk, the highest first"), "{}", page.readable());
    for word in ["Critical", "High", "Moderate", "Low", "Unknown"] {
        assert!(page.shows(word), "a tier is a word: {word}");
    }
    assert!(page.text.contains("aria-sort=\"descending\""));
    let by_name = analyst.get("/identities");
    assert!(by_name.text.contains("/identities?sort=-risk"), "the first click asks for the highest");
}

#[test]
fn a_tier_is_a_filter_on_every_order() {
    let app = TestApp::start();
    let made = six(&app);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    for sort in ["name", "-name", "risk", "-risk", "expires", "registered"] {
        for tier in IdentityTier::ALL {
            let mut expected: Vec<Id> =
                made.iter().zip(TIERS).filter(|(_, each)| each == tier).map(|(id, _)| *id).collect();
            let mut found = listed(&analyst, &format!("?tier={}&sort={sort}", tier.word()));
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, "{tier:?} {sort}");
        }
    }
    let page = analyst.get("/identities?tier=unknown");
    assert!(page.shows("Tier: Unknown"), "{}", page.readable());
    assert_eq!(analyst.get("/identities?tier=harmless").status, 422);
    assert_eq!(analyst.get("/identities.csv?tier=harmless").status, 422);
}

#[test]
fn the_pages_of_the_order_by_risk_show_every_row_once() {
    let app = TestApp::start();
    let mut db = app.register.database.read().unwrap();
    let rows: Vec<Identity> = (0_i64..130)
        .map(|number| {
            let measured = match number % 13 {
                0 => Measured::default(),
                // Many are equally risky, so that the order inside a risk matters.
                step => Measured { tier: IdentityTier::High, risk: Some((1 << 33) + step / 4) },
            };
            let name = format!("App {number:03}");
            Identity::new(IdentityKind::Token, &name, Environment::Sandbox, app.register.now()).reaching(measured)
        })
        .collect();
    identities::insert_many(&mut db, &rows).unwrap();
    drop(db);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    for sort in ["risk", "-risk"] {
        let ids = listed(&analyst, &format!("?sort={sort}"));
        let all: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), all.len()), (130, 130), "{sort}");
        let known = |id: &Id| rows.iter().find(|row| row.id == *id).unwrap().risk;
        let risks: Vec<Option<i64>> = ids.iter().map(known).collect();
        assert!(risks[120..].iter().all(Option::is_none), "{sort}");
        let in_order = |pair: &[Option<i64>]| if sort == "risk" { pair[0] <= pair[1] } else { pair[0] >= pair[1] };
        assert!(risks[..120].windows(2).all(in_order), "{sort}");
    }
    // A place of another order is no place of this one.
    let answer = analyst.get("/identities?sort=-risk&after=MDE5MGY1ZmUtN2MwMC03YTAwLTgwMDAtMDAwMDAwMDAwMDAxCkFiYw");
    assert_eq!(answer.location, "/identities?sort=-risk&done=restarted");
}

#[test]
fn a_registration_and_an_edit_store_how_far_it_reaches() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let id = registered(&analyst, &[]);
    assert_eq!(tier(&app, id), IdentityTier::Low);
    let edit = |changed: &[(&str, &str)]| {
        let version = identities::find(&mut app.register.database.read().unwrap(), id).unwrap().version.to_string();
        let mut all = form(changed);
        all.push(("version", &version));
        let answer = analyst.post(&format!("/identities/{id}/edit"), &all);
        assert_eq!(answer.status, 303, "{}", answer.readable());
    };
    edit(&[("scopes", "launch\r\npatient/*.rs\r\noffline_access"), ("access_basis", "treatment")]);
    assert_eq!(tier(&app, id), IdentityTier::Moderate);
    edit(&[("scopes", "launch\r\npatient/*.rs\r\noffline_access"), ("access_basis", "patient_directed")]);
    assert_eq!(tier(&app, id), IdentityTier::Low, "the access basis takes part");
    edit(&[("scopes", ""), ("access_basis", "patient_directed")]);
    assert_eq!(measured(&app, id), Measured::default(), "without scopes it is unknown");
    edit(&[("scopes", "system/*.cruds"), ("access_basis", "")]);
    let worst = measured(&app, id);
    assert_eq!(worst.tier, IdentityTier::Critical);
    let stop = analyst.post(&format!("/identities/{id}/suspend"), &[("reason", "It is being looked into.")]);
    assert_eq!(stop.status, 303, "{}", stop.readable());
    assert_eq!(measured(&app, id), worst, "what is suspended keeps its tier");
    assert_eq!(listed(&analyst, "?tier=critical&state=suspended"), [id]);
}

#[test]
fn an_import_and_its_undoing_store_how_far_each_reaches() {
    let app = TestApp::start();
    let (mut plain, mut wide) = (client("plain"), client("wide"));
    for client in [&mut plain, &mut wide] {
        client["optionalClientScopes"] = serde_json::json!([]);
    }
    wide["defaultClientScopes"] = serde_json::json!(["system/*.rs"]);
    bring(&app, upload(realm(&[plain.clone(), wide])));
    let tiers = |app: &TestApp| -> Vec<IdentityTier> {
        crate::imports::everything(app).iter().map(|before| before.identity.tier).collect()
    };
    assert_eq!(tiers(&app), [IdentityTier::Low, IdentityTier::Critical]);
    let mut narrow = client("wide");
    narrow["optionalClientScopes"] = serde_json::json!([]);
    plain["defaultClientScopes"] = serde_json::json!(["user/*.cruds"]);
    let (id, _) = bring(&app, upload(realm(&[plain, narrow])));
    assert_eq!(tiers(&app), [IdentityTier::High, IdentityTier::Low]);
    imports::undo(&app.register, &app.setup(), id).unwrap();
    assert_eq!(tiers(&app), [IdentityTier::Low, IdentityTier::Critical]);
}

#[test]
fn files_and_commands_tell_tier_and_risk() {
    let app = TestApp::start();
    let made = six(&app);
    let auditor = app.sign_in(Role::Auditor);
    let csv = auditor.get("/identities.csv?sort=-risk");
    let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
    let place = |reader: &mut csv::Reader<&[u8]>, name: &str| {
        reader.headers().unwrap().iter().position(|head| head == name).unwrap()
    };
    let (tier, risk) = (place(&mut reader, "tier"), place(&mut reader, "risk"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| &row[tier]).collect::<Vec<_>>(), TIERS.map(IdentityTier::word));
    assert_eq!(&rows[5][risk], "", "no number stands for what is unknown");
    let command = Command::new(&app);
    let all = command.run(&["identities", "list", "--json", "--sort", "risk"]).json();
    let told: Vec<(&str, &str)> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_str().unwrap(), row["tier"].as_str().unwrap()))
        .collect();
    let ids = made.map(|id| id.to_string());
    assert_eq!(told, ids.iter().map(String::as_str).zip(TIERS.map(IdentityTier::word)).collect::<Vec<_>>());
    assert!(all[0]["risk"].as_i64() > all[1]["risk"].as_i64() && all[5]["risk"].is_null());
    let critical = command.run(&["identities", "list", "--json", "--tier", "critical", "--sort", "-risk"]).json();
    assert_eq!(critical.as_array().unwrap().len(), 2);
    assert_eq!(critical[0]["id"], ids[1], "with a minus the other way round");
    let table = command.run(&["identities", "list", "--tier", "unknown"]).out;
    assert!(table.contains("TIER") && table.contains("unknown") && table.lines().count() == 2, "{table}");
    let wrong = command.run(&["identities", "list", "--sort", "size"]);
    assert!(wrong.code == 2 && wrong.err.contains("risk"), "{wrong:?}");
}

#[test]
fn a_page_does_not_read_as_low_where_nothing_is_known() {
    let app = TestApp::start();
    let made = six(&app);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get(&format!("/identities/{}", made[5]));
    assert!(page.shows("no permission is on record, so it may reach anything or nothing"), "{}", page.readable());
    assert!(
        !page.shows("It gives no records") && !page.shows("It reaches one patient at a time"),
        "{}",
        page.readable()
    );
    let approved = analyst.get(&format!("/identities/{}", made[1]));
    assert!(approved.shows("Nothing is issued; what is approved would reach"), "{}", approved.readable());
    let asked = analyst.get(&format!("/identities/{}", made[3]));
    assert!(asked.shows("What is asked for would reach"), "{}", asked.readable());
}
