use serde_json::{Value, json};

use super::knowledge;
use crate::domain::scopes::batch;

fn answer(question: &Value) -> Value {
    batch::answer(&question.to_string(), knowledge())
}

/// A question of each kind with every key it may have.
fn whole_questions() -> Vec<Value> {
    let (a, b) = (json!(["patient/Observation.rs"]), json!(["openid"]));
    vec![
        json!({ "op": "parse", "scope": "openid" }),
        json!({ "op": "parse_set", "scope": "openid launch" }),
        json!({ "op": "canonical", "scopes": a }),
        json!({ "op": "covers", "granted": a, "wanted": b }),
        json!({ "op": "relation", "granted": a, "wanted": b }),
        json!({ "op": "intersection", "a": a, "b": b }),
        json!({ "op": "union", "a": a, "b": b }),
        json!({ "op": "difference", "a": a, "b": b }),
        json!({ "op": "diff", "before": a, "after": b }),
        json!({
            "op": "decide", "granted": a, "interaction": "read", "resource": "Observation", "context": "patient",
            "launch_patient": "1", "resource_patient": null, "coding": [[null, "laboratory"]],
        }),
        json!({ "op": "reach", "scopes": a, "release": "R5", "access_basis": "treatment" }),
        json!({ "op": "explain", "scope": "openid", "app": "App" }),
    ]
}

#[test]
fn a_key_that_means_nothing_is_named_beside_the_answer() {
    for question in whole_questions() {
        let plain = answer(&question);
        assert!(plain.get("error").is_none() && plain.get("ignored").is_none(), "{question}: {plain}");
        let mut odd = question.clone();
        odd["id"] = json!(7);
        odd["grantd"] = json!(["patient/*.rs"]);
        let mut told = answer(&odd);
        assert_eq!(told["ignored"], json!(["id", "grantd"]), "{odd}");
        told.as_object_mut().unwrap().remove("ignored");
        assert_eq!(told, plain, "the answer is the same");
    }
    let other = answer(&json!({ "op": "parse", "scope": "openid", "app": "App" }));
    assert_eq!(other["ignored"], json!(["app"]), "a key of another question means nothing in this one");
    let refused = answer(&json!({ "op": "decide", "granted": [], "interaction": "peek", "id": "a" }));
    assert!(refused["error"].is_string() && refused["ignored"] == json!(["id"]), "{refused}");
    let missing = answer(&json!({ "op": "decide", "grantd": [], "interaction": "read" }));
    assert!(missing["error"].as_str().unwrap().contains("granted"), "{missing}");
}
