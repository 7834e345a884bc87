use crate::domain::scopes::Knowledge;
use crate::domain::scopes::batch::answer;
use serde_json::{Value, json};

fn ask(question: Value) -> Value {
    answer(&question.to_string(), Knowledge::built_in().unwrap())
}

fn decide(granted: &str, more: Value) -> Value {
    let mut question = json!({ "op": "decide", "granted": granted.split_whitespace().collect::<Vec<_>>() });
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(question)
}

fn verdict(granted: &str, interaction: &str, resource: Option<&str>) -> String {
    let answer = decide(granted, json!({ "interaction": interaction, "resource": resource }));
    assert_eq!(answer["allow"], answer["verdict"] == "allow");
    answer["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn each_interaction_needs_its_letter() {
    for (interaction, letter) in [
        ("create", "c"),
        ("read", "r"),
        ("vread", "r"),
        ("history-instance", "r"),
        ("update", "u"),
        ("patch", "u"),
        ("delete", "d"),
        ("search-type", "s"),
        ("history-type", "s"),
    ] {
        for held in ["c", "r", "u", "d", "s"] {
            let expected = if held == letter { "allow" } else { "deny" };
            assert_eq!(verdict(&format!("user/Patient.{held}"), interaction, Some("Patient")), expected);
        }
    }
    for interaction in ["search-system", "history-system"] {
        assert_eq!(verdict("user/*.s", interaction, None), "allow");
        assert_eq!(verdict("user/Patient.s", interaction, None), "deny");
    }
}

#[test]
fn writing_does_not_imply_reading() {
    assert_eq!(verdict("patient/Observation.write", "read", Some("Observation")), "deny");
    assert_eq!(verdict("patient/Observation.cud", "search-type", Some("Observation")), "deny");
}

#[test]
fn a_patient_scope_needs_its_patient() {
    let ask =
        |launch: Value, owner: Value| {
            decide("patient/Observation.rs", json!({
            "interaction": "read", "resource": "Observation", "launch_patient": launch, "resource_patient": owner,
        }))["verdict"]
            .clone()
        };
    assert_eq!(ask(json!("1"), json!("Patient/1")), "allow");
    assert_eq!(ask(json!("1"), json!("2")), "deny");
    assert_eq!(ask(Value::Null, json!("1")), "deny");
    assert_eq!(ask(json!(""), json!("")), "deny", "an empty id is nobody's");
    assert_eq!(ask(json!("1"), Value::Null), "deny", "an observation of nobody is in nobody's compartment");
    let said_nothing = decide("patient/Observation.rs", json!({ "interaction": "read", "resource": "Observation" }));
    assert_eq!(said_nothing["verdict"], "allow");
    let user = decide(
        "user/Observation.rs",
        json!({
            "interaction": "read", "resource": "Observation", "launch_patient": null, "resource_patient": "2",
        }),
    );
    assert_eq!(user["verdict"], "allow", "the user's own access does not hang on the patient in context");
}

#[test]
fn a_granular_scope_is_judged_by_the_categories() {
    let granted = "patient/Observation.rs?category=http://x|laboratory";
    let ask = |coding: Value| {
        decide(granted, json!({ "interaction": "read", "resource": "Observation", "coding": coding }))["verdict"]
            .clone()
    };
    assert_eq!(ask(json!([["http://x", "laboratory"], ["http://x", "other"]])), "allow");
    assert_eq!(ask(json!([["http://y", "laboratory"]])), "deny");
    assert_eq!(ask(json!([[null, "laboratory"]])), "deny");
    assert_eq!(ask(json!([])), "deny");
    assert_eq!(ask(Value::Null), "cannot_tell");
    assert_eq!(verdict(granted, "search-type", Some("Observation")), "cannot_tell");
    let both = decide(
        "patient/Observation.rs?category=a&status=final",
        json!({
            "interaction": "read", "resource": "Observation", "coding": [[null, "a"]],
        }),
    );
    assert_eq!(both["verdict"], "cannot_tell", "the status was not said");
}

#[test]
fn bulk_export_needs_both_letters_no_limit_and_the_system() {
    for (granted, level, resource, expected) in [
        ("system/*.rs", "export-system", None, "allow"),
        ("system/*.read", "export-system", None, "allow"),
        ("system/*.r system/*.s", "export-system", None, "allow"),
        ("system/*.r", "export-system", None, "deny"),
        ("system/*.s", "export-system", None, "deny"),
        ("user/*.rs", "export-system", None, "deny"),
        ("patient/*.cruds", "export-patient", None, "deny"),
        ("system/*.rs?_tag=a", "export-system", None, "deny"),
        ("system/Observation.rs", "export-system", None, "deny"),
        ("system/Observation.rs", "export-system", Some("Observation"), "cannot_tell"),
        ("system/*.rs", "export-group", None, "allow"),
        ("system/Patient.rs", "export-patient", Some("Patient"), "allow"),
        ("system/Patient.rs", "export-patient", Some("Observation"), "deny"),
        ("system/Patient.rs system/Observation.rs", "export-patient", Some("Observation"), "allow"),
        ("system/Group.rs", "export-group", Some("Group"), "deny"),
        ("system/Group.rs system/Patient.rs", "export-group", Some("Group"), "allow"),
        ("system/Group.rs system/Patient.rs", "export-group", None, "allow"),
        ("system/Group.rs system/Patient.r", "export-group", None, "deny"),
        ("system/Patient.rs", "export-group", None, "deny"),
        ("system/Patient.rs", "export-patient", None, "allow"),
        ("system/Patient.r system/*.s", "export-patient", None, "allow"),
        ("system/Patient.rs?active=true", "export-patient", None, "deny"),
        ("system/Observation.rs", "export-patient", Some("Observation"), "deny"),
        ("system/*.rs", "$export", None, "allow"),
        ("system/Patient.rs", "$export", None, "deny"),
        ("system/Patient.rs", "$export", Some("Patient"), "allow"),
        ("system/Patient.rs", "$export", Some("Group"), "deny"),
        ("system/Group.$export", "$export", Some("Group"), "allow"),
        ("user/*.cruds", "$export", Some("Group"), "deny"),
        ("system/Group.$export", "export-group", None, "allow"),
        ("system/Group.$export", "export-system", None, "deny"),
    ] {
        assert_eq!(verdict(granted, level, resource), expected, "{granted} {level} {resource:?}");
    }
}

#[test]
fn an_operation_is_allowed_by_its_name_only() {
    assert_eq!(verdict("patient/Patient.rs", "$everything", Some("Patient")), "cannot_tell");
    assert_eq!(verdict("openid", "$everything", Some("Patient")), "deny");
    assert_eq!(verdict("user/DocumentReference.$docref", "$docref", Some("DocumentReference")), "allow");
    assert_eq!(verdict("system/bulk-submit", "$bulk-submit", None), "allow");
    assert_eq!(verdict("system/*.rs", "transaction", None), "cannot_tell");
    assert_eq!(verdict("", "capabilities", None), "allow");
}

#[test]
fn the_codes_above_the_interactions_are_read_as_access_events_carry_them() {
    for (granted, interaction, resource, expected) in [
        ("user/Patient.s", "search", Some("Patient"), "allow"),
        ("user/Patient.s", "search", None, "deny"),
        ("user/*.s", "search", None, "allow"),
        ("user/Patient.r", "search", Some("Patient"), "deny"),
        ("user/*.cruds", "operation", Some("Patient"), "cannot_tell"),
        ("user/DocumentReference.$docref", "operation", Some("DocumentReference"), "deny"),
        ("", "operation", None, "deny"),
    ] {
        assert_eq!(verdict(granted, interaction, resource), expected, "{granted} {interaction} {resource:?}");
    }
}

#[test]
fn only_scopes_of_the_asked_context_count() {
    let granted = "user/Patient.rs patient/Observation.rs";
    let ask =
        |context: &str| decide(granted, json!({ "interaction": "read", "resource": "Patient", "context": context }));
    assert_eq!(ask("user")["by"], "user/Patient.rs");
    assert_eq!(ask("patient")["verdict"], "deny");
    assert_eq!(ask("system")["verdict"], "deny");
}

#[test]
fn what_grants_nothing_denies() {
    for granted in ["", "openid fhirUser launch offline_access", "roles", "patient/Patient.sr"] {
        assert_eq!(verdict(granted, "read", Some("Patient")), "deny", "{granted}");
    }
    assert_eq!(verdict("user/*.rs", "read", Some("patient")), "deny", "not the name of a type");
}

#[test]
fn a_line_that_is_no_question_is_answered_in_its_place() {
    for line in
        ["", "nonsense", "{}", "[]", "{\"op\":\"unknown\"}", "{\"op\":\"parse\"}", "{\"op\":\"parse\",\"scope\":7}"]
    {
        let answer = answer(line, Knowledge::built_in().unwrap());
        assert!(answer["error"].is_string(), "{line}: {answer}");
    }
    let answer = ask(json!({ "op": "decide", "granted": [], "interaction": "peek" }));
    assert!(answer["error"].as_str().unwrap().contains("history-instance"));
}
