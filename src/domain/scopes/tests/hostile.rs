//! Input made to hurt: it is answered, and in time that grows with its length.

use super::knowledge;
use crate::domain::scopes::Verdict;
use crate::domain::scopes::algebra::{difference, intersection, union};
use crate::domain::scopes::canonical::canonical;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::parse::LONGEST_TOKEN;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::scope::Scope;
use crate::domain::scopes::set::ScopeSet;

fn exercise(text: &str) {
    let set = ScopeSet::parse(text);
    let _ = covers(&set, &set);
    let _ = canonical(set.meanings());
    let _ = (union(&set, &set), intersection(&set, &set), difference(&set, &set));
    let _ = Reach::of(&set, Release::R4, knowledge());
}

#[test]
fn a_megabyte_of_one_token_is_refused() {
    let token = "a".repeat(1_000_000);
    assert!(Scope::parse(&token).is_err());
    assert!(Scope::parse(&"a".repeat(LONGEST_TOKEN)).is_ok());
    exercise(&token);
    exercise(&format!("patient/Observation.rs?{}", "category=a&".repeat(90_000)));
    exercise(&" ".repeat(1_000_000));
    exercise(&"patient/*.rs ".repeat(80_000));
}

#[test]
fn ten_thousand_tokens_are_answered() {
    let many = |make: &dyn Fn(usize) -> String| (0..10_000).map(make).collect::<Vec<_>>().join(" ");
    exercise(&many(&|number| format!("patient/Observation.rs?category=c{number}")));
    exercise(&many(&|number| format!("patient/*.rs?category=c{number}")));
    exercise(&many(&|number| format!("patient/{}.rs", name(number))));
    exercise(&many(&|number| format!("patient/{}.rs?_tag=c{number} patient/*.r?_tag=d{number}", name(number))));
    exercise(&many(&|number| format!("patient/Observation.rs?code:in=c{number}")));
    exercise(&many(&|number| format!("custom{number}")));
    exercise(&many(&|number| format!("patient/Observation.rs?category=%{:02x}", number % 256)));
}

fn name(number: usize) -> String {
    let letter = |place: u32| char::from(b'a' + u8::try_from(number / 26_usize.pow(place) % 26).unwrap());
    format!("Z{}{}{}", letter(2), letter(1), letter(0))
}

#[test]
fn more_alternatives_than_are_looked_at_are_not_guessed_at() {
    let list = (0..40).map(|number| format!("a{number}")).collect::<Vec<_>>().join(",");
    let wanted = ScopeSet::parse(&format!("patient/Observation.rs?category={list}&status={list}"));
    let granted = ScopeSet::parse("patient/Observation.rs?category=a0");
    assert_eq!(covers(&granted, &wanted).verdict, Verdict::CannotTell);
    assert_eq!(covers(&wanted, &wanted).verdict, Verdict::Covered);
    assert_eq!(covers(&ScopeSet::parse("patient/Condition.rs"), &wanted).verdict, Verdict::NotCovered);
}

#[test]
fn odd_bytes_are_named_and_not_shown() {
    use crate::domain::scopes::set::Rejected;
    for token in
        ["a\u{0}b", "\u{202E}patient/*.rs", "patient/Observation.rs\u{FEFF}", "\u{10FFFF}", "%00", "patient/%00.rs"]
    {
        let Err(reason) = Scope::parse(token) else {
            assert_eq!(token, "%00", "a percent sign is allowed in a token, and is not decoded there");
            continue;
        };
        let text = knowledge().explain_rejected(&Rejected { token: token.to_owned(), reason }, "App").long;
        assert!(!text.contains(['\u{0}', '\u{202E}', '\u{FEFF}']), "{text:?}");
    }
}
