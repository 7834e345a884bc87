//! The list of owners.

use muster::actions::people;
use muster::domain::identities::{Environment, IdentityKind, OwnerAnswer};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::store::StoreError;
use muster::store::identities::{self, Identity};

use crate::app::TestApp;

fn owned(app: &TestApp, name: &str, business: Id, technical: Option<Id>, answer: OwnerAnswer) {
    let now = app.register.now();
    let identity = Identity {
        business_owner_id: Some(business),
        business_owner_answer: Some(answer),
        technical_owner_id: technical,
        technical_owner_answer: technical.map(|_| OwnerAnswer::Accepted),
        ..Identity::new(IdentityKind::SmartApp, name, Environment::Production, now)
    };
    app.register.database.write(|db| identities::insert(db, &identity)).map_err(|error: StoreError| error).unwrap();
}

#[test]
fn owners_who_left_come_first_and_every_number_is_right() {
    let app = TestApp::start();
    let anna = app.person("Anna Able", "anna@hospital.example");
    let zoe = app.person("Zoe Gone", "zoe@hospital.example");
    app.person("Nell Nothing", "nell@hospital.example");
    let draft = people::PersonDraft {
        name: "Zoe Gone".to_owned(),
        email: "zoe@hospital.example".to_owned(),
        left_on: "2026-11-20".to_owned(),
        deputy: "Anna Able".to_owned(),
        ..people::PersonDraft::default()
    };
    people::edit(&app.register, &app.setup(), zoe, 1, &draft).unwrap();
    owned(&app, "one", anna, None, OwnerAnswer::Waiting);
    owned(&app, "two", anna, Some(zoe), OwnerAnswer::Accepted);
    owned(&app, "three", zoe, Some(anna), OwnerAnswer::Accepted);
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get("/owners");
    assert!(page.shows("Zoe Gone") && page.shows("Has left 20 Nov 2026") && !page.shows("Nell Nothing"));
    let lines: Vec<serde_json::Value> =
        auditor.get("/owners.jsonl").text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers = |line: &serde_json::Value| {
        ["business_owner_of", "technical_owner_of", "waiting_for_answer"].map(|name| line[name].as_i64().unwrap())
    };
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0]["name"].as_str(), numbers(&lines[0])), (Some("Zoe Gone"), [1, 1, 0]));
    assert_eq!((lines[1]["name"].as_str(), numbers(&lines[1])), (Some("Anna Able"), [2, 1, 1]));
    assert_eq!(lines[0]["deputy"], "Anna Able");
    assert_eq!(auditor.get("/owners.jsonl?left=yes").text.lines().count(), 1);
    assert!(auditor.get(&format!("/identities?business_owner={anna}")).shows("2 identities"));
}

#[test]
fn pages_of_owners_join_those_who_left_to_the_others_without_a_gap() {
    let app = TestApp::start();
    for number in 0..70 {
        let email = format!("p{number}@hospital.example");
        let id = app.person(&format!("Owner {number:02}"), &email);
        if number % 2 == 0 {
            let draft = people::PersonDraft {
                name: format!("Owner {number:02}"),
                email,
                left_on: "2026-01-01".to_owned(),
                ..people::PersonDraft::default()
            };
            people::edit(&app.register, &app.setup(), id, 1, &draft).unwrap();
        }
        owned(&app, &format!("identity {number}"), id, None, OwnerAnswer::Accepted);
    }
    let auditor = app.sign_in(Role::Auditor);
    let names = |page: &crate::app::Page| -> Vec<String> {
        page.text
            .split("<th scope=\"row\">")
            .skip(1)
            .map(|row| row.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned())
            .collect()
    };
    let link = |page: &str, rel: &str| {
        let (before, _) = page.split_once(&format!("\" rel=\"{rel}\"")).unwrap();
        before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&").replace("&amp;", "&")
    };
    let first = auditor.get("/owners");
    let second = auditor.get(&link(&first.text, "next"));
    let mut all = names(&first);
    all.extend(names(&second));
    let expected: Vec<String> =
        (0..70).step_by(2).chain((1..70).step_by(2)).map(|number| format!("Owner {number:02}")).collect();
    assert_eq!(all, expected);
    let back = auditor.get(&link(&second.text, "prev"));
    assert_eq!(names(&back), names(&first));
}
