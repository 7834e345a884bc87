use super::{knowledge, set};
use crate::domain::scopes::difference::difference;
use crate::domain::scopes::release::{self, Release};
use crate::domain::scopes::scope::Scope;

fn short(scope: &str, app: &str) -> String {
    knowledge().explain(&Scope::parse(scope).unwrap(), app).short
}

#[test]
fn the_assembled_examples() {
    assert_eq!(
        short("patient/Observation.rs?category=laboratory", "Discharge Planner"),
        "Discharge Planner can look up and read lab results of one patient at a time."
    );
    assert_eq!(
        short("system/*.rs", "Registry Export"),
        "Registry Export can look up and read every kind of record of every patient it is not blocked from, at any hour, with nobody signed in. No limit is on record."
    );
    assert_eq!(
        short("user/MedicationRequest.cu", "RefillBot"),
        "RefillBot can add and change prescriptions of any patient the signed-in person may see."
    );
}

#[test]
fn the_words_of_the_system_are_never_those_of_a_patient() {
    for facts in release::types(Release::R4).chain(release::types(Release::R5)) {
        let of = |context: &str| short(&format!("{context}/{}.rs", facts.name), "App");
        for (context, part) in [
            ("patient", "one patient at a time"),
            ("user", "the signed-in person may see"),
            ("system", "nobody signed in"),
        ] {
            assert!(of(context).contains(part), "{}", of(context));
        }
        assert_ne!(of("system"), of("patient"));
        assert_ne!(of("user"), of("patient"));
        if Release::ALL.iter().any(|each| facts.holds_patient_data(*each)) {
            assert!(of("system").contains("every patient"), "{}", of("system"));
        }
    }
}

#[test]
fn what_holds_no_patients_data_is_said_to_be_somebody_elses() {
    for (resource, whose) in [
        ("Practitioner", "the organisation's staff"),
        ("PractitionerRole", "the organisation's staff"),
        ("Organization", "the organisation's own records and no patient's"),
        ("Location", "the organisation's own records and no patient's"),
        ("Endpoint", "the organisation's own records and no patient's"),
        ("HealthcareService", "the organisation's own records and no patient's"),
        ("Medication", "the organisation's own records and no patient's"),
        ("Substance", "the organisation's own records and no patient's"),
        ("ValueSet", "about no person"),
    ] {
        for (context, when) in [
            ("patient", "one patient at a time"),
            ("user", "the signed-in person may see"),
            ("system", "at any hour, with nobody signed in. No limit is on record."),
        ] {
            let explanation = knowledge().explain(&Scope::parse(&format!("{context}/{resource}.rs")).unwrap(), "App");
            for text in [&explanation.short, &explanation.long] {
                assert!(text.contains(whose) && text.contains(when), "{text}");
                assert!(!text.contains("every patient") && !text.contains("any patient"), "{text}");
            }
        }
    }
    assert_eq!(
        short("system/Practitioner.rs", "App"),
        "App can look up and read names, contact details and qualifications of the organisation's staff, at any hour, with nobody signed in. No limit is on record."
    );
    // Not classified, newer than the classification, no type at all, in the compartment, or able to name a patient.
    for resource in ["DocumentReference", "Binary", "Permission", "Zebra", "Group", "Device", "Subscription", "*"] {
        let text = short(&format!("system/{resource}.rs"), "App");
        assert!(text.contains("every patient"), "{text}");
    }
}

#[test]
fn a_problem_list_also_holds_what_is_over() {
    for context in ["patient", "user"] {
        let text = short(&format!("{context}/Condition.rs?category=problem-list-item"), "The app");
        assert!(text.contains("current and past health problems"), "{text}");
        assert!(text.split_whitespace().count() <= 22, "{text}");
    }
}

#[test]
fn all_sets_of_letters_have_verbs() {
    for bits in 1_u8..32 {
        let letters: String = "cruds"
            .chars()
            .enumerate()
            .filter(|(place, _)| bits & (1 << place) != 0)
            .map(|(_, letter)| letter)
            .collect();
        let text = short(&format!("patient/Condition.{letters}"), "App");
        assert!(!text.contains("can  ") && !text.contains("can illnesses"), "{letters}: {text}");
    }
}

#[test]
fn a_list_says_the_name_once_above_it() {
    let under = |scope: &str, app: &str| {
        let explanation = knowledge().explain(&Scope::parse(scope).unwrap(), app);
        assert!(explanation.short.starts_with(app), "the sentence that is decided on keeps the name");
        explanation.short_under(app)
    };
    assert_eq!(
        under("patient/Observation.rs", "Discharge Planner"),
        "Can look up and read measurements and results of every kind (labs, vital signs, social history, questionnaires) of one patient at a time."
    );
    assert!(under("openid", "App").starts_with("Can know who signed in."));
    assert!(under("roles", "App").starts_with("Holds “roles”, which we don't recognise."));
    let explanation = knowledge().explain(&Scope::parse("openid").unwrap(), "App\u{202E}");
    assert!(explanation.short_under("App\u{202E}").starts_with("Can know"), "a name is taken off as it is shown");
    assert_eq!(explanation.short_under("Ap"), explanation.short, "another name is none");
}

#[test]
fn a_launch_scope_gives_no_records() {
    for scope in ["launch", "launch/patient", "launch/encounter"] {
        assert!(short(scope, "App").contains("no records"));
    }
}

#[test]
fn what_has_no_plain_words_is_unlimited() {
    for scope in
        ["roles", "patient/Observation.rs?code:in=x", "patient/Observation.rs?made-up=x", "system/Group.$export"]
    {
        let explanation = knowledge().explain(&Scope::parse(scope).unwrap(), "App");
        assert!(explanation.unlimited, "{scope}");
        assert!(explanation.short.contains("unlimited"), "{scope}: {}", explanation.short);
    }
    assert!(short("patient/Zebra.rs", "App").contains("no plain words for yet"));
}

#[test]
fn an_older_spelling_and_a_misspelled_system_are_said() {
    let long = |scope: &str| knowledge().explain(&Scope::parse(scope).unwrap(), "App").long;
    assert!(long("patient/Observation.read").contains("older, broader spelling"));
    assert!(!long("patient/Observation.rs").contains("older"));
    let published =
        "patient/Observation.rs?category=http://terminology.hl7.org//CodeSystem-observation-category|social-history";
    assert!(long(published).contains("misspelled"), "{}", long(published));
}

#[test]
fn the_digest_is_that_of_the_words() {
    let digest = |scope: &str, app: &str| knowledge().explain(&Scope::parse(scope).unwrap(), app).digest;
    assert_eq!(digest("patient/Observation.rs", "App"), digest("patient/Observation.rs", "App"));
    assert_ne!(digest("patient/Observation.rs", "App"), digest("patient/Observation.rs", "Other"));
    assert_ne!(digest("patient/Observation.rs", "App"), digest("user/Observation.rs", "App"));
    assert_eq!(digest("openid", "App").len(), 64);
}

#[test]
fn what_is_spelled_alike_is_the_same_however_many_scopes_it_takes() {
    let change = |before: &str, after: &str| {
        let lines = difference(&set(before), &set(after));
        lines.iter().map(|each| format!("{} {}", each.change.word(), each.scope)).collect::<Vec<_>>()
    };
    let apart = "patient/Observation.r patient/Observation.s";
    assert_eq!(change(apart, apart), ["same patient/Observation.rs"]);
    assert_eq!(change(apart, "patient/Observation.rs"), ["respelled patient/Observation.rs"]);
    assert_eq!(change("bad/X.rs", "bad/X.rs worse/X.rs"), ["new worse/X.rs", "same bad/X.rs"]);
    let many = (0..30).map(|number| format!("user/Observation.r?_tag=t{number:02}")).collect::<Vec<_>>().join(" ");
    let lines = difference(&set(&many), &set("user/*.rs"));
    assert_eq!((lines.len(), lines[0].was.len()), (1, 21), "the others are counted");
    assert_eq!(lines[0].was[20], "10 more");
}

#[test]
fn a_reader_sees_what_widens_first() {
    let lines = difference(
        &set("patient/Observation.rs patient/Encounter.r user/Patient.cruds system/Group.r"),
        &set("patient/Observation.read patient/Encounter.cruds user/Patient.rs openid"),
    );
    let said: Vec<(&str, &str)> = lines.iter().map(|each| (each.change.word(), each.scope.as_str())).collect();
    assert_eq!(
        said,
        [
            ("new", "openid"),
            ("wider", "patient/Encounter.cruds"),
            ("narrower", "user/Patient.rs"),
            ("removed", "system/Group.r"),
            ("respelled", "patient/Observation.rs"),
        ]
    );
}
