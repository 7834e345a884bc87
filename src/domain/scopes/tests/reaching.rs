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
fn whose_data_is_no_patients_is_read_in_the_reach_as_well() {
    let whose = |scopes: &str| reach(scopes, Release::R4).whose_words(&knowledge().words);
    assert_eq!(whose("system/Practitioner.rs"), "No patient: data of the organisation's staff");
    assert_eq!(
        whose("user/Practitioner.rs user/Location.rs patient/ValueSet.r launch"),
        "No patient: data of the organisation's staff, the organisation's own data, data about no person"
    );
    assert_eq!(reach("system/Practitioner.rs", Release::R4).whose, Whose::EveryPatient, "the context alone decides it");
    for scopes in [
        "system/Practitioner.rs system/Patient.r",
        "system/*.r",
        "system/Device.r",
        "system/Zebra.r",
        "system/Practitioner.$export",
    ] {
        assert_eq!(whose(scopes), "Every patient", "{scopes}");
    }
    assert_eq!(whose("openid"), "No patient");
}

#[test]
fn beside_a_scope_nobody_explained_no_line_reads_as_if_there_were_no_more() {
    let why = "not every permission is explained";
    for unexplained in ["roles", "patient/Observation.sr"] {
        let lines = |scopes: &str| {
            let reach = reach(&format!("{scopes} {unexplained}"), Release::R4);
            let words = reach.whose_words(&knowledge().words);
            [
                words,
                reach.types_words(Release::R4),
                reach.can_words(),
                reach.bulk_words(),
                reach.lasts_words(),
                reach.no_sensitive_type(),
            ]
        };
        let cannot_tell = format!("Cannot tell: {why}");
        assert_eq!(lines(""), std::array::from_fn::<String, 6, _>(|_| cannot_tell.clone()));
        assert_eq!(lines("openid launch"), std::array::from_fn::<String, 6, _>(|_| cannot_tell.clone()));
        let [whose, types, can, bulk, lasts, _] = lines("patient/Observation.r");
        assert_eq!(whose, format!("At least one patient at a time; {why}"));
        assert_eq!(types, format!("At least 1 of the 146 of FHIR R4, 1 in the patient compartment; {why}"));
        assert_eq!(can, format!("At least read; {why}"));
        assert_eq!((bulk, lasts), (cannot_tell.clone(), cannot_tell.clone()));
        assert_eq!(lines("user/Observation.r")[0], format!("At least every patient the user may see; {why}"));
        assert_eq!(lines("user/Location.r")[0], cannot_tell);
        // What nothing can go beyond stands as it is.
        let [whose, _, can, bulk, lasts, _] = lines("system/*.cruds");
        assert_eq!(
            [whose, can, bulk, lasts],
            ["Every patient", "Read, add or change, delete", "Possible", "Nobody needs to be signed in"]
        );
        assert_eq!(lines("patient/Patient.r offline_access")[4], "It goes on, until it is revoked or expires");
    }
    let export = reach("system/Group.$export patient/Observation.r", Release::R4);
    let why = "the guide does not say what an operation reaches";
    assert_eq!(
        export.types_words(Release::R4),
        format!("At least 1 of the 146 of FHIR R4, 1 in the patient compartment; {why}")
    );
    assert_eq!((export.can_words(), export.bulk_words()), (format!("At least read; {why}"), "Possible".to_owned()));
    assert_eq!(reach("system/Group.$export", Release::R4).types_words(Release::R4), format!("Cannot tell: {why}"));
    assert_eq!(reach("patient/Patient.$everything", Release::R4).unexplained, ["patient/Patient.$everything"]);
    assert_eq!(reach("patient/Media.r", Release::R5).types_words(Release::R5), "None that FHIR R5 knows");
    let plain = reach("openid", Release::R4);
    let lines = [
        plain.types_words(Release::R4),
        plain.can_words(),
        plain.bulk_words(),
        plain.lasts_words(),
        plain.no_sensitive_type(),
    ];
    assert_eq!(lines, ["None", "Nothing", "Not by these scopes", "It ends", "None"]);
    assert_eq!(reach("patient/Patient.cd", Release::R4).can_words(), "Add or change, delete");
}

#[test]
fn words_that_leave_out_whose_data_it_is_are_refused_and_without_them_it_is_patients() {
    let built_in = include_str!("../../../../seeds/scopes/words.en.toml");
    let read = |words: String| Knowledge::read(move |file| (file == "words.en.toml").then(|| words.clone()));
    for (part, said) in [
        ("of the organisation's staff, at", "staff"),
        ("about no person, as", "no person"),
        ("with one patient at a time open", "one patient"),
    ] {
        let wrong = read(built_in.replace(part, "of some records, at")).unwrap_err();
        assert!(wrong.to_string().contains(said) && wrong.to_string().contains("others"), "{wrong}");
    }
    let (start, end) = (built_in.find("\n[others]\n").unwrap(), built_in.find("\n[verbs]\n").unwrap());
    let before = read(format!("{}{}", &built_in[..start], &built_in[end..])).unwrap();
    let scope = crate::domain::scopes::Scope::parse("system/Practitioner.rs").unwrap();
    assert!(before.explain(&scope, "App").short.contains("every patient"));
    let reach = Reach::of(&set("system/Practitioner.rs"), Release::R4, &before);
    assert_eq!(reach.whose_words(&before.words), "Every patient");
}

#[test]
fn every_sensitive_type_is_a_type() {
    for name in knowledge().sensitive.keys() {
        assert!(release::facts(name).is_some(), "{name}");
    }
}
