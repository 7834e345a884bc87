use super::{reason, set};
use crate::domain::scopes::scope::{Meaning, Scope};

fn kind(token: &str) -> &'static str {
    Scope::parse(token).unwrap().meaning().kind()
}

#[test]
fn all_thirty_one_suffixes_are_scopes_and_no_other_order_is() {
    let letters: Vec<char> = "cruds".chars().collect();
    let mut valid = 0;
    for code in 0..5_usize.pow(5) {
        for length in 1..=5_u32 {
            if code >= 5_usize.pow(length) {
                continue;
            }
            let suffix: String = (0..length).map(|place| letters[code / 5_usize.pow(place) % 5]).collect();
            let ordered = suffix
                .chars()
                .zip(suffix.chars().skip(1))
                .all(|(a, b)| letters.iter().position(|each| *each == a) < letters.iter().position(|each| *each == b));
            let read = Scope::parse(&format!("patient/Observation.{suffix}"));
            assert_eq!(read.is_ok(), ordered, "{suffix}");
            valid += usize::from(ordered);
        }
    }
    assert_eq!(valid, 31);
}

#[test]
fn a_version_1_word_is_its_letters() {
    for (word, letters) in [("read", "rs"), ("write", "cud"), ("*", "cruds")] {
        let scope = Scope::parse(&format!("user/Patient.{word}")).unwrap();
        assert_eq!(scope.to_string(), format!("user/Patient.{letters}"));
        assert_eq!(scope.version1().unwrap().word(), word);
    }
}

#[test]
fn what_only_looks_like_a_resource_scope_says_what_to_write() {
    let cases = [
        ("patient/Observation.sr", "write .rs"),
        ("patient/Observation.rr", "write .r"),
        ("patient/Observation.dus", "write .uds"),
        ("patient/Observation.RS", "write .rs"),
        ("patient/Observation.Read", "write .read"),
        ("patient/Observation.", "patient/Observation.rs"),
        ("patient/Observation", "patient/Observation.rs"),
        ("patient/", "patient/Observation.rs"),
        ("patient/Observation.x", "letters c, r, u, d, s"),
        ("patient/observation.rs", "write Observation"),
        ("patient/medical_problem.cruds", "capital letter"),
        ("patient/Observation1.rs", "letters only"),
        ("Patient/Observation.rs", "write patient/"),
        ("SYSTEM/*.rs", "write system/"),
        ("practitioner/Observation.rs", "write patient/, user/ or system/"),
        ("agent/Observation.rs", "write patient/, user/ or system/"),
        ("*/Observation.rs", "each by itself"),
        ("patient.Patient.read", "patient/Patient.read"),
        ("patient$Patient.read", "patient/Patient.read"),
        ("patient%2fPatient.read", "patient/Patient.read"),
        ("user/all.all", "user/*.*"),
        ("patient-Observation.rs", "patient/Observation.rs"),
        ("launch/Patient", "lower case"),
        ("launch/", "lower case"),
        ("launch/patient?role=a&role=b", "at most one"),
        ("launch/patient?intent=a", "at most one"),
        ("launch/patient?role=", "at most one"),
        ("patient/bulk-submit", "capital letter"),
        ("system/$export", "system/*.$export"),
        ("system/$export", "system/*.rs"),
        ("system/Group/$export", "system/Group.$export"),
        ("system/Group$export", "system/Group.$export"),
        ("system/Group.$export?_type=Patient", "system/Group.$export"),
        ("system/Patient.$export()", "system/Patient.$export"),
        ("system/$bulk-submit", "system/bulk-submit"),
        ("patient/$everything", "patient/*.$everything"),
        ("system/$", "capital letter"),
        ("system/group.$export", "write Group"),
        ("http://smarthealthit.org/fhir/scopes/patient/Observation.sr", "write .rs"),
    ];
    for (token, says) in cases {
        assert!(reason(token).contains(says), "{token}: {}", reason(token));
    }
}

#[test]
fn a_suffix_that_limits_nothing_or_widens_is_refused() {
    let cases = [
        ("?", "leave it out"),
        ("?category", "name=value"),
        ("?category=", "limits nothing"),
        ("?category=a,", "limits nothing"),
        ("?=a", "search parameter"),
        ("?category=a&", "name=value"),
        ("?category=a=b", "%3D"),
        ("?category=%4", "two hexadecimal digits"),
        ("?category=%zz", "two hexadecimal digits"),
        ("?category=%00", "control character"),
        ("?category=%ff", "UTF-8"),
        ("?_include=Observation:patient", "cannot limit"),
        ("?_revinclude:iterate=Provenance:target", "cannot limit"),
        ("?c%61tegory=a", "search parameter"),
        ("?code=a&_INCLUDE=Observation:subject", "cannot limit"),
        ("?_Count=5", "cannot limit"),
        ("?identifier=x?mrn=1", "%3D"),
    ];
    for (suffix, says) in cases {
        let token = format!("patient/Observation.rs{suffix}");
        assert!(reason(&token).contains(says), "{token}: {}", reason(&token));
    }
}

#[test]
fn a_value_is_decoded_once_and_after_the_split() {
    let printed = |suffix: &str| Scope::parse(&format!("patient/Observation.rs?{suffix}")).unwrap().to_string();
    assert_eq!(printed("category=a%7Cb"), "patient/Observation.rs?category=a|b");
    assert_eq!(printed("category=a%26status%3Dfinal"), "patient/Observation.rs?category=a%26status%3Dfinal");
    assert_eq!(printed("category=a%2520b"), "patient/Observation.rs?category=a%2520b");
    assert_eq!(printed("category=a%20system/*.rs"), "patient/Observation.rs?category=a%20system/*.rs");
    assert_eq!(printed("category=%5C,"), "patient/Observation.rs?category=%5C,");
}

#[test]
fn a_question_shows_the_parameters_as_they_were_written() {
    let parameters = |suffix: &str| {
        let line = serde_json::json!({ "op": "parse", "scope": format!("patient/Observation.rs{suffix}") });
        crate::domain::scopes::batch::answer(&line.to_string(), super::knowledge())["params"].to_string()
    };
    assert_eq!(parameters(""), "[]");
    assert_eq!(
        parameters("?status=final&category=b,a&category=a%7Cb"),
        r#"[["status","final"],["category","b,a"],["category","a|b"]]"#
    );
    assert_eq!(parameters("?code:in=a%20b"), r#"[["code:in","a b"]]"#);
}

#[test]
fn the_order_of_parameters_and_alternatives_means_nothing() {
    let meaning = |token: &str| Scope::parse(token).unwrap().meaning().clone();
    assert_eq!(
        meaning("patient/Observation.rs?category=b,a&status=final"),
        meaning("patient/Observation.rs?status=final&category=a,b,a")
    );
    assert_eq!(meaning("patient/Observation.rs?category=a&category=a,b"), meaning("patient/Observation.rs?category=a"));
    assert_ne!(meaning("patient/Observation.rs?category:in=a"), meaning("patient/Observation.rs?category=a"));
}

#[test]
fn the_other_scopes_are_known_by_name() {
    assert_eq!(["openid", "fhirUser", "profile"].map(kind), ["identity"; 3]);
    assert_eq!(["offline_access", "online_access"].map(kind), ["refresh"; 2]);
    assert_eq!(["launch", "launch/patient", "launch/imagingstudy?role=https://a.example/b"].map(kind), ["launch"; 3]);
    assert_eq!(["system/bulk-submit", "system/Group.$export", "system/*.$export"].map(kind), ["operation"; 3]);
    let custom = [
        "roles",
        "api:oemr",
        "site:default",
        "__private",
        "https://a.example/scope",
        "OpenID",
        "fhiruser",
        "channel/files.read",
    ];
    assert_eq!(custom.map(kind), ["custom"; 8]);
    assert!(matches!(Scope::parse("roles").unwrap().meaning(), Meaning::Custom(token) if &**token == "roles"));
}

#[test]
fn the_long_forms_are_the_short_ones() {
    for (long, short) in [
        ("http://smarthealthit.org/fhir/scopes/patient/Observation.read", "patient/Observation.rs"),
        ("http://smarthealthit.org/FHIR/scopes/launch/patient", "launch/patient"),
        ("http://openid.net/specs/openid-connect-core-1_0#openid", "openid"),
        ("http://openid.net/specs/openid-connect-core-1_0#offline_access", "offline_access"),
        ("http://openid.net/specs/openid-connect-core-1_0#email", "email"),
        ("http://openid.net/specs/openid-connect-core-1_0#sub", "http://openid.net/specs/openid-connect-core-1_0#sub"),
    ] {
        assert_eq!(Scope::parse(long).unwrap().to_string(), short);
    }
}

#[test]
fn characters_outside_rfc_6749_are_named_by_their_code_point() {
    for (token, says) in [
        ("patient/Observation.rs\u{202E}", "U+202E"),
        ("patient/Observation\u{0}.rs", "U+0000"),
        ("role\"s", "U+0022"),
        ("a\\b", "U+005C"),
        ("pätient/Observation.rs", "U+00E4"),
        ("a\u{E0001}", "U+E0001"),
        ("a b", "white space"),
        ("", "empty"),
    ] {
        assert!(reason(token).contains(says), "{token}: {}", reason(token));
    }
}

#[test]
fn a_scope_string_keeps_what_it_rejects_and_records_what_it_repairs() {
    let read = set(" openid\tpatient/Observation.rs  openid patient/Observation.read Patient/X.rs\n");
    assert_eq!(read.scopes.iter().map(ToString::to_string).collect::<Vec<_>>(), ["openid", "patient/Observation.rs"]);
    assert_eq!(read.rejected.len(), 1);
    assert_eq!(read.rejected[0].token, "Patient/X.rs");
    let repairs: Vec<String> = read.repairs.iter().map(ToString::to_string).collect();
    assert_eq!(repairs.len(), 3, "{repairs:?}");
    assert!(set("").scopes.is_empty() && set("").repairs.is_empty());
    assert!(set("openid launch").repairs.is_empty());
    // A space of another kind separates nothing.
    assert_eq!(set("openid\u{A0}launch").rejected.len(), 1);
}

#[test]
fn an_importer_reads_the_spellings_of_products_and_says_so() {
    use crate::domain::scopes::set::ScopeSet;
    let read = ScopeSet::of_product(["patient.Patient.read", "user/all.all", "patient.Patient.wrong", "Mail.Read"]);
    assert_eq!(
        read.scopes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["patient/Patient.rs", "user/*.cruds", "patient.Patient.wrong", "Mail.Read"]
    );
    assert_eq!(read.repairs.len(), 2);
}
