//! Any text is read, compared, decided and explained without panic, and the laws hold for it.
//!
//! The text is two scope strings with a line between them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use muster_fuzz::domain::scopes::algebra::{difference, intersection, union};
use muster_fuzz::domain::scopes::canonical::canonical;
use muster_fuzz::domain::scopes::covers::covers;
use muster_fuzz::domain::scopes::reach::Reach;
use muster_fuzz::domain::scopes::release::Release;
use muster_fuzz::domain::scopes::{Knowledge, Scope, ScopeSet, Verdict, batch};

fuzz_target!(|text: &str| {
    let knowledge = Knowledge::built_in().expect("the built-in tables");
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    let (a, b) = (ScopeSet::parse(first), ScopeSet::parse(second));
    for scope in &a.scopes {
        let again = Scope::parse(&scope.to_string()).expect("what is printed can be read");
        assert_eq!(scope.meaning(), again.meaning());
        let _ = knowledge.explain(scope, "App");
    }
    let shortest = ScopeSet { scopes: canonical(a.meanings()).into_iter().map(Scope::from).collect(), ..ScopeSet::default() };
    assert_eq!(canonical(shortest.meanings()), canonical(a.meanings()));
    let valid = ScopeSet { scopes: a.scopes.clone(), ..ScopeSet::default() };
    assert_eq!(covers(&valid, &shortest).verdict, Verdict::Covered);
    let _ = (covers(&a, &b), union(&a, &b), intersection(&a, &b), difference(&a, &b));
    let _ = Reach::of(&a, Release::R5, knowledge);
    let _ = batch::answer(text, knowledge);
});
