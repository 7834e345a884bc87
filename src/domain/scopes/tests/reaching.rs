use super::{knowledge, set};
use crate::domain::scopes::Knowledge;
use crate::domain::scopes::reach::{Reach, Whose};
use crate::domain::scopes::release::{self, Release};
use crate::domain::scopes::tiers::{Basis, Tier};

fn reach(scopes: &str, release: Release) -> Reach {
    Reach::of(&set(scopes), release, knowledge())
}

fn tier(scopes: &str, basis: Basis) -> Tier {
    knowledge().tiers.tier(&reach(scopes, Release::R4), basis).0
}

#[test]
fn the_table_of_types_has_the_counts_of_the_releases() {
    let counts = |release| {
        let all: Vec<_> = release::types(release).collect();
        (all.len(), all.iter().filter(|each| each.is_in_compartment(release)).count())
    };
    assert_eq!(counts(Release::R4), (146, 66));
    assert_eq!(counts(Release::R4B), (141, 66));
    assert_eq!(counts(Release::R5), (158, 73));
    assert!(release::facts("Group").unwrap().holds_patient_data(Release::R4), "business, yet in the compartment");
    assert!(release::facts("DocumentReference").unwrap().holds_patient_data(Release::R4), "not classified");
    assert!(release::facts("Contract").unwrap().holds_patient_data(Release::R4), "patient, yet outside");
    assert!(!release::facts("ValueSet").unwrap().holds_patient_data(Release::R4));
    assert_eq!(release::nearest("Observaton"), Some("Observation"));
    assert_eq!(release::nearest("OBSERVATION"), Some("Observation"));
    assert_eq!(release::nearest("Zzzzzzz"), None);
}

#[test]
fn reach_counts_types_of_the_release_that_is_asked_for() {
    let all = reach("system/*.rs", Release::R5);
    assert_eq!((all.whose, all.types, all.compartment_types), (Whose::EveryPatient, 158, 73));
    assert!(all.future_types && all.bulk_export && all.read && !all.write && !all.delete);
    let media = reach("patient/Media.rs patient/Observation.cud", Release::R5);
    assert_eq!((media.types, media.unknown_types.len()), (1, 1), "R5 has no Media");
    assert!(media.write && media.delete && !media.bulk_export);
    assert_eq!(reach("patient/Media.rs", Release::R4).types, 1);
    let nothing = reach("openid launch/patient", Release::R4);
    assert_eq!((nothing.whose, nothing.types, nothing.read), (Whose::Nobody, 0, false));
    assert!(reach("patient/Patient.r offline_access", Release::R4).outlasts_session);
}

#[test]
fn tiers_follow_the_table() {
    for (scopes, basis, expected) in [
        ("openid fhirUser", Basis::Unknown, Tier::Low),
        ("patient/Observation.rs", Basis::Unknown, Tier::Low),
        ("patient/*.rs offline_access", Basis::PatientDirected, Tier::Low),
        ("patient/*.rs offline_access", Basis::Treatment, Tier::Moderate),
        ("patient/Observation.cud", Basis::PatientDirected, Tier::Moderate),
        ("patient/Foo.rs", Basis::PatientDirected, Tier::Moderate),
        ("user/Observation.rs", Basis::Treatment, Tier::Moderate),
        ("user/*.rs", Basis::Treatment, Tier::High),
        ("user/Observation.rs offline_access", Basis::Treatment, Tier::High),
        ("system/Observation.rs", Basis::BusinessAssociate, Tier::High),
        ("system/*.rs", Basis::Research, Tier::Critical),
        ("system/Observation.cud", Basis::Research, Tier::Critical),
        ("system/ValueSet.rs", Basis::Public, Tier::Low),
        ("system/Organization.rs", Basis::Unknown, Tier::Low),
        ("system/Organization.c", Basis::Unknown, Tier::Moderate),
        ("system/Organization.d", Basis::Unknown, Tier::Moderate),
        // Staff's data is sensitive, and no less so the further it is reached.
        ("patient/Practitioner.rs", Basis::Unknown, Tier::Moderate),
        ("user/Practitioner.rs", Basis::Unknown, Tier::Moderate),
        ("system/Practitioner.rs", Basis::Unknown, Tier::Moderate),
        ("roles", Basis::Unknown, Tier::Critical),
        ("email", Basis::Unknown, Tier::Low),
        ("patient/Observation.sr", Basis::Unknown, Tier::Critical),
    ] {
        assert_eq!(tier(scopes, basis), expected, "{scopes} {basis:?}");
    }
}

#[test]
fn the_reason_for_a_tier_is_true_of_what_is_reached() {
    for (scopes, said) in [
        ("openid", "It gives no records."),
        ("patient/Observation.rs", "It reaches one patient at a time."),
        ("patient/Organization.d", "It deletes, outside of patients' records."),
        ("system/Organization.d", "It deletes, outside of patients' records."),
        (
            "system/Organization.rs",
            "By FHIR's classification it reaches data of staff, of the organisation or of nobody.",
        ),
        ("user/ValueSet.rs", "By FHIR's classification it reaches data of staff, of the organisation or of nobody."),
        ("system/Practitioner.rs", "It reaches sensitive types."),
    ] {
        assert_eq!(knowledge().tiers.tier(&reach(scopes, Release::R4), Basis::Unknown).1, said, "{scopes}");
    }
}

#[test]
fn risk_sorts_a_list() {
    let rising = [
        "openid",
        "patient/Observation.r",
        "patient/Observation.rs patient/Condition.rs",
        "patient/Observation.rs offline_access",
        "patient/Observation.cud",
        "patient/*.rs",
        "user/Observation.rs",
        "user/*.cruds",
        "system/Observation.rs",
        "system/*.rs",
        "system/*.cruds",
        "roles",
    ];
    for pair in rising.windows(2) {
        let (low, high) = (reach(pair[0], Release::R4), reach(pair[1], Release::R4));
        assert!(low < high && low.risk() < high.risk(), "{} before {}", pair[0], pair[1]);
    }
}

#[test]
fn a_deployments_own_tables_take_the_place_of_the_built_in_ones() {
    let own = |file| (file == "tiers.toml").then(|| "[[rule]]\ntier = \"high\"\nbecause = \"We say so.\"\n".to_owned());
    let knowledge = Knowledge::read(own).unwrap();
    let reach = Reach::of(&set("openid"), Release::R4, &knowledge);
    assert_eq!(knowledge.tiers.tier(&reach, Basis::Unknown), (Tier::High, "We say so."));
    let wrong =
        Knowledge::read(|file| (file == "tiers.toml").then(|| "[[rule]]\ntier = \"dire\"".to_owned())).unwrap_err();
    assert!(wrong.to_string().contains("tiers.toml") && wrong.to_string().contains("dire"), "{wrong}");
    let mild = include_str!("../../../../seeds/scopes/words.en.toml")
        .replace("of every patient it is not blocked from", "of some patients");
    let wrong = Knowledge::read(|file| (file == "words.en.toml").then(|| mild.clone())).unwrap_err();
    assert!(wrong.to_string().contains("every patient"), "{wrong}");
}

#[test]
fn every_sensitive_type_is_a_type() {
    for name in knowledge().sensitive.keys() {
        assert!(release::facts(name).is_some(), "{name}");
    }
}
