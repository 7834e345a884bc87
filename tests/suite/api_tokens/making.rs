//! Making a token: on a page, within one's role, for at most ninety days.

use muster::actions::ActionError;

use super::*;
use crate::app::at;
use crate::jobs::change_person;

const FORM: &[(&str, &str)] = &[
    ("name", "Nightly export"),
    ("purpose", "Copies the register into the warehouse"),
    ("scopes", "read"),
    ("scopes", "read_register"),
    ("ends_on", "2027-02-20"),
];

#[test]
fn a_token_made_on_the_page_is_shown_once_and_opens_the_door() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let empty = analyst.get("/account/tokens");
    assert!(empty.shows("You have no token") && !empty.text.contains("checked"), "{}", empty.readable());
    assert!(analyst.get("/account").text.contains("href=\"/account/tokens\""));
    let made = analyst.post("/account/tokens", FORM);
    assert_eq!((made.status, made.location.as_str()), (200, ""), "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store");
    let start = made.text.find("muster_api_").expect("the page shows the token");
    let text = made.text[start..start + 47].to_owned();
    assert!(ApiToken::parse(&text).is_ok(), "{text}");
    assert_eq!(made.text.matches("muster_api_").count(), 1);
    let answer = app.browser().get_with("/systems.csv", &[("authorization", &format!("Bearer {text}"))]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.text.contains("Muster"), "{}", answer.text);
    let list = analyst.get("/account/tokens");
    assert!(list.shows("Nightly export") && list.shows(&format!("ends in {}", &text[43..])), "{}", list.readable());
    assert!(list.shows("from 127.0.0.1") && list.shows("Good"), "{}", list.readable());
    assert!(!list.text.contains("muster_api_"));
}

#[test]
fn every_fault_is_told_at_once_and_nothing_typed_is_lost() {
    let app = TestApp::start();
    let owner = app.sign_in(Role::Owner);
    let form = owner.get("/account/tokens");
    assert!(form.text.contains("value=\"read\"") && !form.text.contains("value=\"read_register\""));
    let page = owner.post(
        "/account/tokens",
        &[("name", " "), ("purpose", ""), ("scopes", "read_audit"), ("ends_on", "2027-02-21")],
    );
    assert_eq!(page.status, 422);
    for words in [
        "Write a name by which you know the token again",
        "Write what the token is for",
        "Choose only what you may do yourself",
        "Write a day up to 2027-02-20: no token lasts longer than 90 days",
    ] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(page.text.contains("value=\"2027-02-21\"") && page.text.contains("<title>Error: "), "{}", page.text);
    let page = owner.post("/account/tokens", &[("name", "A"), ("purpose", "B"), ("ends_on", "2026-11-22")]);
    assert!(page.shows("Choose what the token may do") && page.shows("this one has passed"), "{}", page.readable());
    assert!(entries(&app, "api_token.create").is_empty());
}

#[test]
fn a_token_ends_with_a_day_of_its_creator() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Auditor);
    change_person(&app, person, |person| person.time_zone = Some("Asia/Tokyo".to_owned()));
    // In Tokyo it is the 24th already.
    let today = TokenDraft { ends_on: "2026-11-24".to_owned(), ..draft(&[TokenScope::Read]) };
    let made = make_for(&app, person, Role::Auditor, &today);
    let end = at("2026-11-24T15:00:00Z");
    assert_eq!((made.line(&app).token.ends_at, made.identity(&app).expires_at), (end, Some(end)));
    let good = |now| actions::admit::admit(&app.register, &made.secret, "", now).unwrap().is_some();
    assert!(good(end.plus_seconds(-1)));
    assert!(!good(end), "the end is the end");
    let late = TokenDraft { name: "B".to_owned(), ends_on: "2027-02-22".to_owned(), ..today.clone() };
    let refused = actions::create(&app.register, &by(&app, person, Role::Auditor), &late).unwrap_err();
    assert!(refused.to_string().contains("2027-02-21"), "{refused}");
    let past = TokenDraft { name: "B".to_owned(), ends_on: "2026-11-23".to_owned(), ..today };
    assert!(actions::create(&app.register, &by(&app, person, Role::Auditor), &past).is_err());
}

#[test]
fn nobody_gives_a_token_more_than_they_have_now() {
    let app = TestApp::start();
    for role in Role::ALL {
        let (person, _) = app.account(*role);
        for scope in TokenScope::ALL {
            let wanted = TokenDraft { name: scope.word().to_owned(), ..draft(&[*scope]) };
            let outcome = actions::create(&app.register, &by(&app, person, *role), &wanted);
            assert_eq!(outcome.is_ok(), TokenScope::within(*role).contains(scope), "{role} {scope}");
        }
    }
    // A session that still says administrator, a moment after the role was taken away.
    let (person, _) = app.account(Role::Auditor);
    let stale = actions::create(&app.register, &by(&app, person, Role::Administrator), &draft(&[TokenScope::Read]));
    assert!(matches!(stale, Err(ActionError::Forbidden)));
}

#[test]
fn two_good_tokens_of_one_person_have_two_names() {
    let app = TestApp::start();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let by = by(&app, made.person, made.role);
    let again = actions::create(&app.register, &by, &draft(&[TokenScope::Read])).unwrap_err();
    assert!(again.to_string().contains("a token of this name already"), "{again}");
    actions::revoke(&app.register, &by, made.id, "").unwrap();
    actions::create(&app.register, &by, &draft(&[TokenScope::Read])).unwrap();
}
