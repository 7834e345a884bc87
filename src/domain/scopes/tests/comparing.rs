use super::{knowledge, set, texts};
use crate::domain::scopes::algebra::{difference, intersection, union};
use crate::domain::scopes::canonical::canonical;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::relation::relation;
use crate::domain::scopes::release::{self, Release};

fn verdict(granted: &str, wanted: &str) -> &'static str {
    covers(&set(granted), &set(wanted)).verdict.word()
}

fn related(granted: &str, wanted: &str) -> &'static str {
    relation(&set(granted), &set(wanted), knowledge()).word()
}

fn shortest(scopes: &str) -> String {
    texts(&canonical(set(scopes).meanings())).join(" ")
}

#[test]
fn the_guides_example_of_negotiation() {
    let wanted = "patient/AllergyIntolerance.cruds";
    assert_eq!(related("patient/AllergyIntolerance.cruds", wanted), "equal");
    assert_eq!(related("patient/AllergyIntolerance.rs patient/AllergyIntolerance.cud", wanted), "equal");
    assert_eq!(related("patient/AllergyIntolerance.*", wanted), "equal");
    assert_eq!(related("patient/AllergyIntolerance.rs", wanted), "narrower");
    assert_eq!(related("patient/AllergyIntolerance.cud", wanted), "narrower");
    assert_eq!(related("patient/*.cruds", wanted), "broader");
    assert_eq!(related("patient/*.rs", wanted), "overlapping");
    assert_eq!(related("patient/Observation.rs", wanted), "disjoint");
    assert_eq!(related("", wanted), "narrower");
}

#[test]
fn section_7_of_the_reference() {
    for (granted, wanted, expected) in [
        ("user/Observation.rs", "patient/Observation.rs", "not_covered"),
        ("system/*.cruds", "user/Observation.r", "not_covered"),
        ("patient/*.rs", "patient/Observation.rs", "covered"),
        ("patient/Observation.rs patient/Condition.rs", "patient/*.rs", "not_covered"),
        ("patient/Observation.r patient/Observation.s", "patient/Observation.rs", "covered"),
        ("patient/*.r patient/Observation.s", "patient/Observation.rs", "covered"),
        ("patient/Observation.rs", "patient/Observation.r", "covered"),
        ("patient/*.r patient/*.s", "patient/*.rs", "covered"),
        ("patient/Observation.rs", "patient/Observation.rs?category=a", "covered"),
        ("patient/Observation.rs?category=a", "patient/Observation.rs", "not_covered"),
        ("patient/Observation.rs?a=1&b=2", "patient/Observation.rs?b=2&a=1", "covered"),
        ("patient/Observation.rs?category=a", "patient/Observation.rs?category=b", "not_covered"),
        ("patient/Observation.rs?category=a", "patient/Observation.rs?category=a&status=final", "covered"),
        ("patient/Observation.rs?code:in=a", "patient/Observation.rs?code:in=a", "covered"),
        ("patient/Observation.rs?code:in=a", "patient/Observation.rs?code:in=b", "cannot_tell"),
        ("patient/Observation.rs?_filter=a", "patient/Observation.rs?category=a", "cannot_tell"),
        ("patient/Observation.rs?code:in=a", "patient/Observation.rs", "not_covered"),
        ("patient/Observation.rs?category=lab", "patient/Observation.rs?category=http://x|lab", "covered"),
        ("patient/Observation.rs?category=http://x|lab", "patient/Observation.rs?category=lab", "not_covered"),
        ("patient/Observation.rs?category=http://x|", "patient/Observation.rs?category=http://x|lab", "covered"),
        ("patient/Observation.rs?category=a,b", "patient/Observation.rs?category=b", "covered"),
        (
            "patient/Observation.rs?category=a patient/Observation.rs?category=b",
            "patient/Observation.rs?category=a,b",
            "covered",
        ),
        ("patient/Observation.rs?date=ge2024", "patient/Observation.rs?date=ge2025", "cannot_tell"),
        ("launch", "launch/patient", "not_covered"),
        ("launch/patient", "launch", "not_covered"),
        ("launch/imagingstudy?role=a", "launch/imagingstudy", "not_covered"),
        ("offline_access", "online_access", "not_covered"),
        ("fhirUser", "openid", "not_covered"),
        ("system/*.cruds", "roles", "not_covered"),
        ("roles", "roles", "covered"),
        ("system/*.cruds", "system/Group.$export", "not_covered"),
        ("patient/Observation.sr", "patient/Observation.sr", "cannot_tell"),
        ("patient/*.rs", "patient/Observation.sr", "not_covered"),
        ("patient/Observation.sr", "patient/Observation.r", "not_covered"),
        ("patient/*.rs?_tag=x", "patient/Observation.rs?_tag=x", "covered"),
        ("patient/*.rs?category=x", "patient/Observation.rs?category=x", "covered"),
        ("patient/*.rs?code=x", "patient/Observation.rs?code=x", "cannot_tell"),
        ("", "", "covered"),
    ] {
        assert_eq!(verdict(granted, wanted), expected, "{granted} over {wanted}");
    }
}

#[test]
fn what_nobody_has_explained_is_never_said_to_share_nothing() {
    let observation = "patient/Observation.rs";
    for unknown in ["roles", "patient/Observation.sr", "system/Group.$export", "system/bulk-submit"] {
        assert_eq!(related(unknown, observation), "cannot_tell", "{unknown}");
        assert_eq!(related(observation, unknown), "cannot_tell", "{unknown}");
        assert_eq!(related(unknown, "openid"), "cannot_tell", "{unknown}");
        assert_eq!(related(unknown, "site:default"), "cannot_tell", "{unknown}");
        // Nothing is held of it: for whoever grants or enforces that is not covered, whatever it may reach.
        assert_eq!(verdict(unknown, observation), "not_covered", "{unknown}");
        assert_eq!(verdict(observation, unknown), "not_covered", "{unknown}");
    }
    assert_eq!(related("patient/Condition.rs patient/X.sr", "patient/Observation.rs patient/X.sr"), "cannot_tell");
    assert_eq!(related("roles patient/Condition.rs", "acl patient/Observation.rs"), "cannot_tell");
    // The same text on both sides, and all else decided.
    assert_eq!(related("roles", "roles"), "equal");
    assert_eq!(related("roles patient/Observation.rs", "patient/Observation.r patient/Observation.s roles"), "equal");
    assert_eq!(related("roles", "roles patient/Observation.rs"), "narrower");
    assert_eq!(related("roles patient/Condition.rs", "roles patient/Observation.rs"), "overlapping");
    // What was explained gives no records.
    assert_eq!(related("email", observation), "disjoint");
    assert_eq!(related("openid launch/patient", observation), "disjoint");
}

#[test]
fn a_reason_says_what_the_verdict_rests_on() {
    let reason = |granted: &str, wanted: &str| covers(&set(granted), &set(wanted)).reason.to_string();
    let experimental = "patient/Observation.rs?code:in=a";
    assert!(reason(experimental, experimental).contains("unverifiable"));
    assert!(!reason("patient/Observation.rs", experimental).contains("unverifiable"), "nothing had to be compared");
    let (a, b) = ("patient/Observation.r?category=a", "patient/Observation.r?category=b");
    assert!(reason(a, b).contains("may overlap"), "{}", reason(a, b));
    let r4: Vec<String> = release::types(Release::R4).map(|each| format!("patient/{}.rs", each.name)).collect();
    assert_eq!(verdict(&r4.join(" "), "patient/*.rs"), "not_covered");
    assert!(reason(&r4.join(" "), "patient/*.rs").contains("equals every type of FHIR R4 today"));
    assert!(reason(&r4[1..].join(" "), "patient/*.rs").contains("only named types"));
    assert!(reason(&r4.join(" "), "patient/*.cruds").contains("only named types"));
}

#[test]
fn the_rest_is_exactly_what_is_missing() {
    let rest = |granted: &str, wanted: &str| texts(&covers(&set(granted), &set(wanted)).rest).join(" ");
    assert_eq!(rest("patient/*.rs", "patient/Observation.cruds"), "patient/Observation.cud");
    assert_eq!(rest("patient/Observation.rs", "patient/*.rs"), "patient/*.rs");
    assert_eq!(
        rest("patient/Observation.rs?category=a", "patient/Observation.cruds?category=a,b"),
        "patient/Observation.cruds?category=b patient/Observation.cud?category=a"
    );
    assert_eq!(rest("openid", "openid launch"), "launch");
}

#[test]
fn the_shortest_form_factors_letters_and_never_types() {
    assert_eq!(shortest("patient/Observation.s patient/Observation.r"), "patient/Observation.rs");
    assert_eq!(shortest("patient/Observation.read patient/Observation.write"), "patient/Observation.cruds");
    assert_eq!(shortest("patient/*.rs patient/Observation.r"), "patient/*.rs");
    assert_eq!(
        shortest("patient/*.r patient/Observation.rs"),
        "patient/*.r patient/Observation.rs",
        "what is held in part stays whole"
    );
    assert_eq!(shortest("user/*.r user/Patient.s user/Patient.rs?_tag=a user/Patient.r"), "user/*.r user/Patient.rs");
    assert_eq!(
        shortest("user/*.r user/Patient.s user/Patient.rs?_tag=a"),
        "user/*.r user/Patient.s",
        "two others hold its letters together"
    );
    assert_eq!(shortest("patient/Observation.rs patient/Observation.rs?category=a"), "patient/Observation.rs");
    assert_eq!(
        shortest(
            "patient/Observation.rs?category=a patient/Observation.r?category=b patient/Observation.rs?status=final"
        ),
        "patient/Observation.r?category=b patient/Observation.rs?category=a patient/Observation.rs?status=final",
        "entries with different limits are never merged"
    );
}

#[test]
fn the_excess_over_an_approval_says_what_no_list_can() {
    let answer = difference(&set("patient/*.cruds"), &set("patient/Observation.rs"));
    assert_eq!(texts(&answer.scopes), ["patient/Observation.cud"]);
    assert_eq!(answer.open, ["patient/*.cruds on every type except Observation"]);
    let answer = difference(&set("patient/Observation.cruds"), &set("patient/Observation.rs?category=lab"));
    assert_eq!(texts(&answer.scopes), ["patient/Observation.cud"]);
    assert_eq!(answer.open, ["patient/Observation.rs except where category=lab"]);
    assert_eq!(
        difference(&set("patient/X.rs bad/Y.rs"), &set("patient/X.rs")).open.len(),
        1,
        "a rejected token is said"
    );
}

#[test]
fn sets_are_combined() {
    let both = intersection(&set("patient/*.rs?category=a openid"), &set("patient/Observation.cruds openid roles"));
    assert_eq!(texts(&both.scopes), ["openid", "patient/Observation.rs?category=a"]);
    let either = union(&set("patient/X.r roles"), &set("patient/X.s"));
    assert_eq!(texts(&either.scopes), ["patient/X.rs", "roles"]);
    assert_eq!(related("patient/X.r?category=a", "patient/X.r?category=b"), "overlapping");
    assert_eq!(related("patient/X.r?status=a", "patient/X.r?status=b"), "cannot_tell");
    assert_eq!(related("patient/X.r", "user/X.r"), "disjoint");
}
