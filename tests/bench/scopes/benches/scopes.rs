//! Parse, decide and compare, beside cedar-policy answering the same questions and a bare hash lookup.
//!
//! The answers are compared before anything is timed, and a decision that allocates stops the run.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use cedar_policy::{Authorizer, Context as CedarContext, Decision as CedarDecision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression};
use criterion::{Criterion, criterion_group, criterion_main};
use muster_scopes_bench::domain::scopes::covers::covers;
use muster_scopes_bench::domain::scopes::decide::{Decision, PatientKnown, Question};
use muster_scopes_bench::domain::scopes::interaction::Interaction;
use muster_scopes_bench::domain::scopes::{CompiledScopes, Context, Scope, ScopeSet};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const TYPES: [&str; 30] = [
    "AllergyIntolerance", "Appointment", "CarePlan", "CareTeam", "Claim", "Condition", "Consent", "Coverage", "Device",
    "DiagnosticReport", "DocumentReference", "Encounter", "Goal", "Group", "Immunization", "Location", "Media",
    "Medication", "MedicationDispense", "MedicationRequest", "Observation", "Organization", "Patient", "Practitioner",
    "Procedure", "Provenance", "QuestionnaireResponse", "RelatedPerson", "ServiceRequest", "Specimen",
];

/// Sixty scopes: thirty types in two contexts.
fn sixty() -> String {
    let all = TYPES.iter().flat_map(|name| [format!("patient/{name}.rs"), format!("user/{name}.cruds")]);
    all.collect::<Vec<_>>().join(" ")
}

fn benches(criterion: &mut Criterion) {
    criterion.bench_function("parse patient/Observation.rs", |bench| {
        bench.iter(|| Scope::parse(black_box("patient/Observation.rs")));
    });

    let set = ScopeSet::parse(&sixty());
    let compiled = CompiledScopes::of(set.scopes.iter().cloned());
    let interaction = Interaction::from_str("search-type").unwrap_or_else(|_| unreachable!());
    let ask = |resource: &'static str| {
        compiled.decide(&Question {
            interaction: &interaction,
            resource: Some(resource),
            context: Some(Context::Patient),
            launch_patient: PatientKnown::Is("1"),
            resource_patient: PatientKnown::NotSaid,
            categories: None,
        })
    };

    // One policy; the app's scopes are an attribute, as a deployment of Cedar would keep ten thousand apps.
    let policies = PolicySet::from_str(
        "permit(principal, action, resource) when { principal.scopes.contains(context.wanted) || principal.scopes.contains(context.anyType) };",
    )
    .expect("the policy is valid");
    let granted = set.scopes.iter().flat_map(|scope| {
        let text = scope.to_string();
        let (place, letters) = text.split_once('.').map(|(place, letters)| (place.to_owned(), letters.to_owned())).unwrap_or_default();
        letters.chars().map(move |letter| RestrictedExpression::new_string(format!("{place}.{letter}"))).collect::<Vec<_>>()
    });
    let app: EntityUid = "App::\"planner\"".parse().expect("a name");
    let attributes = HashMap::from([("scopes".to_owned(), RestrictedExpression::new_set(granted))]);
    let entity = Entity::new(app.clone(), attributes, HashSet::new()).expect("an entity");
    let entities = Entities::from_entities([entity], None).expect("entities");
    let authorizer = Authorizer::new();
    let cedar = |resource: &str| {
        let context = CedarContext::from_pairs([
            ("wanted".to_owned(), RestrictedExpression::new_string(format!("patient/{resource}.s"))),
            ("anyType".to_owned(), RestrictedExpression::new_string("patient/*.s".to_owned())),
        ])
        .expect("a context");
        let (action, on) = ("Action::\"search\"".parse().expect("a name"), "Type::\"any\"".parse().expect("a name"));
        let request = Request::new(app.clone(), action, on, context, None).expect("a request");
        authorizer.is_authorized(&request, &policies, &entities).decision()
    };

    let hash: HashMap<(u8, &str), u8> = TYPES.iter().map(|name| ((0, *name), 0b1_0010)).collect();
    let lookup = |resource: &str| hash.get(&(0, resource)).is_some_and(|letters| letters & 0b1_0000 != 0);

    for resource in TYPES.iter().copied().chain(["ValueSet", "Basic"]) {
        let ours = ask(resource).decision == Decision::Allow;
        assert_eq!(ours, cedar(resource) == CedarDecision::Allow, "{resource}: cedar answers otherwise");
        assert_eq!(ours, lookup(resource), "{resource}: the lookup answers otherwise");
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for resource in TYPES {
        black_box(ask(black_box(resource)));
    }
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed), before, "a decision allocates");

    criterion.bench_function("decide over 60 scopes", |bench| bench.iter(|| ask(black_box("Observation"))));
    criterion.bench_function("decide over 60 scopes, bare hash lookup", |bench| bench.iter(|| lookup(black_box("Observation"))));
    criterion.bench_function("decide over 60 scopes, cedar-policy", |bench| bench.iter(|| cedar(black_box("Observation"))));
    criterion.bench_function("covers, 60 by 60", |bench| bench.iter(|| covers(black_box(&set), black_box(&set))));
    criterion.bench_function("parse a string of 60", |bench| {
        let text = sixty();
        bench.iter(|| ScopeSet::parse(black_box(&text)));
    });
}

criterion_group!(scopes, benches);
criterion_main!(scopes);
