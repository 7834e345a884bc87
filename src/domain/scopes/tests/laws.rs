//! What holds for every set of scopes, tried on random ones against brute force.

use proptest::prelude::*;

use super::atoms::{Atom, allows, every_atom};
use crate::domain::scopes::Verdict;
use crate::domain::scopes::algebra::{difference, intersection, union};
use crate::domain::scopes::canonical::canonical;
use crate::domain::scopes::compiled::CompiledScopes;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::decide::{Decision, PatientKnown, Question};
use crate::domain::scopes::interaction::Interaction;
use crate::domain::scopes::relation::{Relation, relation};
use crate::domain::scopes::scope::{Meaning, Scope};
use crate::domain::scopes::set::ScopeSet;

fn letters() -> impl Strategy<Value = String> {
    (1_u8..32).prop_map(|bits| {
        let chosen = |(place, letter): (usize, char)| (bits & (1 << place) != 0).then_some(letter);
        "cruds".chars().enumerate().filter_map(chosen).collect()
    })
}

fn constraint() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["a", "b", "s|a", "t|a", "|a", "s|", "s|b", "%61", "a,b", "s|a,b", "|a,t|a"]);
    let parameter = value.prop_map(|value| format!("category={value}"));
    prop_oneof![
        3 => Just(String::new()),
        3 => parameter.clone().prop_map(|one| format!("?{one}")),
        1 => (parameter.clone(), parameter).prop_map(|(one, two)| format!("?{one}&{two}")),
    ]
}

fn token() -> impl Strategy<Value = String> {
    let context = prop::sample::select(vec!["patient", "user", "system"]);
    let resource = prop::sample::select(vec!["*", "Observation", "Observation", "Condition"]);
    let permission = prop_oneof![
        4 => letters(),
        1 => prop::sample::select(vec!["read".to_owned(), "write".to_owned(), "*".to_owned()]),
    ];
    let scope = (context, resource, permission, constraint())
        .prop_map(|(context, resource, permission, suffix)| format!("{context}/{resource}.{permission}{suffix}"));
    prop_oneof![8 => scope, 1 => prop::sample::select(vec!["openid".to_owned(), "launch".to_owned(), "roles".to_owned()])]
}

/// Few contexts meet by chance in a long list, so most lists are short and in one context.
fn scopes() -> impl Strategy<Value = ScopeSet> {
    let lists = prop::collection::vec(token(), 0..6);
    let alike = prop::collection::vec(token(), 0..6).prop_map(|tokens| {
        tokens.into_iter().map(|each| each.replace("user/", "patient/").replace("system/", "patient/")).collect()
    });
    prop_oneof![lists, alike].prop_map(|tokens: Vec<String>| ScopeSet::of(tokens.iter().map(String::as_str)))
}

fn of(meanings: Vec<Meaning>) -> ScopeSet {
    ScopeSet { scopes: meanings.into_iter().map(Scope::from).collect(), ..ScopeSet::default() }
}

fn includes(wide: &ScopeSet, narrow: &ScopeSet, atoms: &[Atom]) -> bool {
    atoms.iter().all(|atom| !allows(narrow, atom) || allows(wide, atom))
}

fn verbatim(set: &ScopeSet) -> Vec<String> {
    let mut others: Vec<String> =
        set.meanings().filter(|each| !matches!(each, Meaning::Resource(_))).map(ToString::to_string).collect();
    others.sort();
    others
}

/// Whether a limit stands on the wildcard, where the guide does not say what it means on a type.
fn limits_every_type(set: &ScopeSet) -> bool {
    set.scopes.iter().any(|each| each.to_string().contains("/*.") && each.to_string().contains('?'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_scope_printed_and_read_again_means_the_same(token in token()) {
        let scope = Scope::parse(&token).unwrap();
        let again = Scope::parse(&scope.to_string()).unwrap();
        prop_assert_eq!(scope.meaning(), again.meaning());
        prop_assert_eq!(scope.to_string(), again.to_string());
    }

    #[test]
    fn the_shortest_form_is_stable_and_allows_the_same(set in scopes()) {
        let shortest = of(canonical(set.meanings()));
        let again = canonical(shortest.meanings());
        prop_assert_eq!(super::texts(&canonical(set.meanings())), super::texts(&again));
        for atom in every_atom() {
            prop_assert_eq!(allows(&set, &atom), allows(&shortest, &atom), "{:?}", atom);
        }
        prop_assert!(shortest.scopes.len() <= set.scopes.len());
        prop_assert_eq!(covers(&set, &shortest).verdict, Verdict::Covered);
        prop_assert_eq!(covers(&shortest, &set).verdict, Verdict::Covered);
    }

    #[test]
    fn coverage_is_what_brute_force_finds(granted in scopes(), wanted in scopes()) {
        let atoms = every_atom();
        let others = verbatim(&wanted).iter().all(|each| verbatim(&granted).contains(each));
        let included = includes(&granted, &wanted, &atoms) && others;
        let coverage = covers(&granted, &wanted);
        match coverage.verdict {
            Verdict::Covered => prop_assert!(included),
            Verdict::NotCovered => prop_assert!(!included, "{}", coverage.reason),
            Verdict::CannotTell => prop_assert!(limits_every_type(&granted), "{}", coverage.reason),
        }
        // Granting the rest as well covers everything that was wanted.
        let topped = of(granted.meanings().cloned().chain(coverage.rest).collect());
        prop_assert!(includes(&topped, &wanted, &atoms));
        prop_assert_eq!(covers(&topped, &wanted).verdict, Verdict::Covered);
    }

    #[test]
    fn a_set_covers_itself(set in scopes()) {
        prop_assert_eq!(covers(&set, &set).verdict, Verdict::Covered);
        prop_assert_eq!(relation(&set, &set, super::knowledge()), Relation::Equal);
    }

    #[test]
    fn coverage_is_transitive_where_it_is_decided(a in scopes(), b in scopes(), c in scopes()) {
        let b = of(intersection(&a, &b).scopes);
        let c = of(intersection(&b, &c).scopes);
        if covers(&a, &b).verdict == Verdict::Covered && covers(&b, &c).verdict == Verdict::Covered {
            prop_assert_ne!(covers(&a, &c).verdict, Verdict::NotCovered);
        }
    }

    #[test]
    fn the_algebra_is_that_of_the_atoms(a in scopes(), b in scopes()) {
        let both = intersection(&a, &b);
        prop_assert!(both.open.is_empty());
        let (both, either, left) = (of(both.scopes), of(union(&a, &b).scopes), difference(&a, &b));
        let exact = left.open.is_empty();
        let left = of(left.scopes);
        for atom in every_atom() {
            let (in_a, in_b) = (allows(&a, &atom), allows(&b, &atom));
            prop_assert_eq!(allows(&both, &atom), in_a && in_b, "both {:?}", atom);
            prop_assert_eq!(allows(&either, &atom), in_a || in_b, "either {:?}", atom);
            if exact && !limits_every_type(&b) {
                prop_assert_eq!(allows(&left, &atom), in_a && !in_b, "left {:?}", atom);
            } else if allows(&left, &atom) {
                prop_assert!(in_a, "left {:?}", atom);
            }
        }
    }

    #[test]
    fn a_decision_is_what_brute_force_finds(set in scopes()) {
        let compiled = CompiledScopes::of(set.scopes.iter().cloned());
        for atom in every_atom() {
            let word = match atom.letter {
                'c' => "create",
                'r' => "vread",
                'u' => "patch",
                'd' => "delete",
                _ => "history-type",
            };
            let interaction: Interaction = word.parse().unwrap();
            let answer = compiled.decide(&Question {
                interaction: &interaction,
                resource: Some(atom.resource),
                context: Some(atom.context),
                launch_patient: PatientKnown::Is("1"),
                resource_patient: PatientKnown::Is("Patient/1"),
                categories: Some(&atom.codings),
            });
            match answer.decision {
                Decision::Allow => {
                    prop_assert!(allows(&set, &atom), "{:?}", atom);
                    let by = ScopeSet { scopes: vec![answer.by.unwrap().clone()], ..ScopeSet::default() };
                    prop_assert!(allows(&by, &atom));
                }
                Decision::Deny => prop_assert!(!allows(&set, &atom), "{:?}: {}", atom, answer.reason),
                Decision::CannotTell => prop_assert!(limits_every_type(&set) && atom.resource == "Unheard"),
            }
        }
    }

    #[test]
    fn every_explanation_names_whose_data(token in token(), app in "[A-Z][a-z]{2,9}") {
        let scope = Scope::parse(&token).unwrap();
        let explanation = super::knowledge().explain(&scope, &app);
        let whose = match scope.meaning() {
            Meaning::Resource(resource) => match resource.context.word() {
                "patient" => "one patient at a time",
                "user" => "any patient the signed-in person may see",
                _ => "every patient",
            },
            Meaning::Custom(_) => "every patient",
            _ => "no records",
        };
        for text in [&explanation.short, &explanation.long] {
            prop_assert!(text.contains(whose), "{}", text);
            prop_assert!(text.starts_with(&app));
            prop_assert!(!text.contains('{'), "{}", text);
        }
    }

    #[test]
    fn the_difference_for_a_reader_agrees_with_coverage(before in scopes(), after in scopes()) {
        use crate::domain::scopes::difference::{Change, difference};
        let lines = difference(&before, &after);
        let widens = lines.iter().any(|each| matches!(each.change, Change::New | Change::Wider));
        prop_assert_eq!(widens, covers(&before, &after).verdict != Verdict::Covered);
        let loses = lines.iter().any(|each| matches!(each.change, Change::Narrower | Change::Removed));
        if !widens {
            prop_assert_eq!(loses, covers(&after, &before).verdict != Verdict::Covered);
        }
    }

    #[test]
    fn anything_at_all_is_read_without_panic(text in "\\PC{0,80}") {
        let set = ScopeSet::parse(&text);
        let _ = covers(&set, &set);
        let _ = super::knowledge().explain(&Scope::parse("openid").unwrap(), &text);
    }
}
