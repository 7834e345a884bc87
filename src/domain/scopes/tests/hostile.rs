//! Input made to hurt: it is answered, and in time that grows with its length.

use super::knowledge;
use crate::domain::scopes::Verdict;
use crate::domain::scopes::algebra::{difference, intersection, union};
use crate::domain::scopes::canonical::canonical;
use crate::domain::scopes::covers::{Held, covers};
use crate::domain::scopes::difference::difference as readable;
use crate::domain::scopes::parse::LONGEST_TOKEN;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::scope::Scope;
use crate::domain::scopes::set::ScopeSet;

fn exercise(text: &str) {
    let set = ScopeSet::parse(text);
    let _ = readable(&set, &ScopeSet::default());
    let _ = readable(&set, &set);
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
fn five_thousand_tokens_are_answered() {
    // Enough to be beyond every bound that stands in the code.
    let many = |make: &dyn Fn(usize) -> String| (0..5_000).map(make).collect::<Vec<_>>().join(" ");
    exercise(&many(&|number| format!("patient/Observation.rs?category=c{number}")));
    exercise(&many(&|number| format!("patient/*.rs?category=c{number}")));
    exercise(&many(&|number| format!("patient/{}.rs", name(number))));
    exercise(&many(&|number| match number % 2 {
        0 => format!("patient/{}.rs?_tag=c{number}", name(number)),
        _ => format!("patient/*.r?_tag=d{number}"),
    }));
    exercise(&many(&|number| format!("patient/Observation.rs?code:in=c{number}")));
    exercise(&many(&|number| format!("custom{number}")));
    exercise(&many(&|number| format!("patient/Observation.rs?category=%{:02x}", number % 256)));
}

#[test]
fn what_a_set_shares_with_itself_is_the_set_however_many_its_limits() {
    let many = |make: &dyn Fn(usize) -> String| ScopeSet::parse(&(0..3_000).map(make).collect::<Vec<_>>().join(" "));
    for set in [
        many(&|number| format!("patient/Observation.rs?code:in=c{number}")),
        many(&|number| format!("patient/Observation.rs?date=ge{number}")),
        many(&|number| format!("patient/{}.rs?_tag=c{number} patient/*.r?_tag=d{number}", name(number))),
    ] {
        assert_eq!(covers(&set, &set).verdict, Verdict::Covered, "{}", set.scopes[0]);
        let mut shared = None;
        let steps = crate::domain::scopes::work::steps_of(|| shared = Some(intersection(&set, &set)));
        let shared = shared.unwrap();
        assert_eq!(shared.scopes, canonical(set.meanings()));
        assert!(shared.open.is_empty(), "{:?}", shared.open);
        assert!(steps <= 20 * set.scopes.len(), "{}: {steps}", set.scopes[0]);
    }
}

#[test]
fn the_shortest_form_of_many_limits_gathers_no_more_than_it_compares() {
    let at = |count: usize| {
        let text: String = (0..count).map(|number| format!("user/Task.rs?_tag=a&status=c{number} ")).collect();
        let set = ScopeSet::parse(&text);
        crate::domain::scopes::work::steps_of(|| assert_eq!(canonical(set.meanings()).len(), count))
    };
    assert!(at(4_000) <= 3 * at(2_000), "{} and {}", at(4_000), at(2_000));
}

/// One question for each scope of a page, all of them of the same arranged set.
fn line_by_line(granted: &ScopeSet, wanted: &ScopeSet) -> usize {
    let ones: Vec<ScopeSet> =
        wanted.scopes.iter().map(|scope| ScopeSet { scopes: vec![scope.clone()], ..ScopeSet::default() }).collect();
    crate::domain::scopes::work::steps_of(|| {
        let mut held = Held::of(granted);
        for one in &ones {
            let _ = held.covers(one);
        }
    })
}

#[test]
fn asking_for_each_of_thousands_of_scopes_takes_steps_in_their_number() {
    let sets = |count: usize| {
        let of = |make: &dyn Fn(usize) -> String| ScopeSet::parse(&(0..count).map(make).collect::<Vec<_>>().join(" "));
        [
            (
                of(&|number| format!("patient/{}.rs", name(number))),
                of(&|number| format!("patient/{}.cruds", name(number))),
            ),
            (
                of(&|number| format!("patient/Observation.rs?category=c{number}")),
                of(&|number| format!("patient/Observation.r?category=c{number}")),
            ),
            (
                of(&|number| format!("patient/Observation.rs?code:in=c{number}")),
                of(&|number| format!("patient/*.s?_tag={number}")),
            ),
            (of(&|number| format!("custom{number}")), of(&|number| format!("custom{}", number + 1))),
        ]
    };
    for (granted, wanted) in sets(4_000) {
        let steps = line_by_line(&granted, &wanted);
        assert!(steps <= 3 * (granted.scopes.len() + wanted.scopes.len()), "{}: {steps}", granted.scopes[0]);
    }
    // Where looking up leaves too many the allowance is the bound, and what is beyond it cannot be told.
    let granted: String = (0..4_000).map(|number| format!("user/Task.rs?_tag=a&status=c{number} ")).collect();
    let wanted: String = (0..4_000).map(|number| format!("user/Task.rs?_tag=a&status=d{number} ")).collect();
    let (granted, wanted) = (ScopeSet::parse(&granted), ScopeSet::parse(&wanted));
    let steps = line_by_line(&granted, &wanted);
    assert!(steps < 250_000, "{steps} instead of 16 millions");
    let mut held = Held::of(&granted);
    let verdicts: Vec<Verdict> = wanted
        .scopes
        .iter()
        .map(|scope| held.covers(&ScopeSet { scopes: vec![scope.clone()], ..ScopeSet::default() }).verdict)
        .collect();
    assert_eq!((verdicts[0], verdicts[3_999]), (Verdict::NotCovered, Verdict::CannotTell));
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
