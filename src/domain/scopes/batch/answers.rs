//! The answers of a batch.

use serde_json::{Map, Value, json};

use super::questions::{Change, Decide, Explain, Granted, Question, Reach, Two};
use crate::domain::scopes::algebra::{self, Answer};
use crate::domain::scopes::canonical::canonical;
use crate::domain::scopes::compiled::CompiledScopes;
use crate::domain::scopes::constraint::Constraint;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::decide::{self, Coding, PatientKnown};
use crate::domain::scopes::difference::{Line, difference};
use crate::domain::scopes::interaction::Interaction;
use crate::domain::scopes::relation::relation;
use crate::domain::scopes::release::{self, Release};
use crate::domain::scopes::scope::{Meaning, OperationScope, ResourceScope, ResourceType, Scope};
use crate::domain::scopes::set::{Rejected, ScopeSet};
use crate::domain::scopes::tiers::Basis;
use crate::domain::scopes::{Knowledge, reach};

/// Answers a question, or says why it is none.
pub fn answer(question: &Question, knowledge: &Knowledge) -> Result<Value, String> {
    let answer = match question {
        Question::Parse(asked) => parse(&asked.question.scope),
        Question::ParseSet(asked) => parse_set(&ScopeSet::parse(&asked.question.scope)),
        Question::Canonical(asked) => {
            let set = set(&asked.question.scopes);
            let mut answer = Map::from_iter([("scopes".to_owned(), texts(&canonical(set.meanings())))]);
            add_rejected(&mut answer, &set);
            Value::Object(answer)
        }
        Question::Covers(asked) => coverage(&asked.question),
        Question::Relation(asked) => {
            let Granted { granted, wanted } = &asked.question;
            json!({ "relation": relation(&set(granted), &set(wanted), knowledge) })
        }
        Question::Intersection(asked) => combined(&asked.question, algebra::intersection),
        Question::Union(asked) => combined(&asked.question, algebra::union),
        Question::Difference(asked) => combined(&asked.question, algebra::difference),
        Question::Diff(asked) => {
            let Change { before, after } = &asked.question;
            let line = |line: &Line| json!({ "change": line.change, "scope": line.scope, "was": line.was });
            json!({ "lines": difference(&set(before), &set(after)).iter().map(line).collect::<Vec<_>>() })
        }
        Question::Decide(asked) => return decide(&asked.question),
        Question::Reach(asked) => measure(&asked.question, knowledge),
        Question::Explain(asked) => explain(&asked.question, knowledge),
    };
    Ok(answer)
}

fn coverage(question: &Granted) -> Value {
    let coverage = covers(&set(&question.granted), &set(&question.wanted));
    let rest = coverage.rest.iter().map(ToString::to_string).chain(coverage.rejected);
    json!({
        "verdict": coverage.verdict,
        "rest": rest.collect::<Vec<_>>(),
        "reason": coverage.reason.to_string(),
    })
}

fn combined(question: &Two, operation: impl Fn(&ScopeSet, &ScopeSet) -> Answer) -> Value {
    let answer = operation(&set(&question.a), &set(&question.b));
    json!({ "scopes": texts(&answer.scopes), "open": answer.open })
}

fn set(tokens: &[String]) -> ScopeSet {
    ScopeSet::of(tokens.iter().map(String::as_str))
}

fn texts(meanings: &[Meaning]) -> Value {
    meanings.iter().map(ToString::to_string).collect::<Vec<_>>().into()
}

fn add_rejected(answer: &mut Map<String, Value>, set: &ScopeSet) {
    if !set.rejected.is_empty() {
        answer.insert("rejected".to_owned(), rejected(&set.rejected));
    }
}

fn rejected(tokens: &[Rejected]) -> Value {
    tokens.iter().map(|each| json!({ "token": each.token, "reason": each.reason.to_string() })).collect()
}

fn parse_set(set: &ScopeSet) -> Value {
    let mut scopes: Vec<String> = Vec::with_capacity(set.scopes.len());
    scopes.extend(set.scopes.iter().map(ToString::to_string));
    json!({
        "scopes": scopes,
        "rejected": rejected(&set.rejected),
        "repairs": set.repairs.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn parse(token: &str) -> Value {
    let scope = match Scope::parse(token) {
        Ok(scope) => scope,
        Err(reason) => return json!({ "valid": false, "reason": reason.to_string() }),
    };
    let mut answer = Map::new();
    answer.insert("valid".to_owned(), true.into());
    answer.insert("kind".to_owned(), scope.meaning().kind().into());
    let more = match scope.meaning() {
        Meaning::Resource(resource) => resource_members(&scope, resource),
        Meaning::Launch(launch) => json!({ "target": launch.target, "role": launch.role }),
        Meaning::Identity(identity) => json!({ "name": identity }),
        Meaning::Refresh(refresh) => json!({ "name": refresh }),
        Meaning::Operation(operation) => operation_members(operation),
        Meaning::Custom(name) => json!({ "name": name }),
    };
    if let Value::Object(members) = more {
        answer.extend(members);
    }
    answer.insert("canonical".to_owned(), scope.to_string().into());
    Value::Object(answer)
}

fn resource_members(scope: &Scope, resource: &ResourceScope) -> Value {
    let suffix = scope.written().split_once('?').map_or("", |(_, suffix)| suffix);
    let params = Constraint::as_written(suffix);
    let mut members = json!({
        "context": resource.context,
        "resource": resource.resource.to_string(),
        "permissions": resource.letters.to_string(),
        "v1": scope.version1(),
        "params": params,
        "unverifiable": resource.constraint.is_experimental(),
    });
    if let (ResourceType::Named(name), Value::Object(members)) = (&resource.resource, &mut members) {
        members.insert("releases".to_owned(), json!(release::releases(name)));
    }
    members
}

fn operation_members(operation: &OperationScope) -> Value {
    json!({
        "context": operation.context,
        "resource": operation.resource.as_ref().map(ToString::to_string),
        "name": operation.name,
    })
}

fn decide(question: &Decide) -> Result<Value, String> {
    let interaction: Interaction = question.interaction.parse().map_err(|error| format!("{error}"))?;
    let granted = set(&question.granted);
    let compiled = CompiledScopes::of(granted.scopes);
    let known = |said: &'_ Option<Option<String>>| -> Option<Option<String>> { said.clone() };
    let (launch, owner) = (known(&question.launch_patient), known(&question.resource_patient));
    let codings: Option<Vec<Coding<'_>>> = question
        .coding
        .as_ref()
        .map(|all| all.iter().map(|(system, code)| (system.as_deref(), code.as_str())).collect());
    let answer = compiled.decide(&decide::Question {
        interaction: &interaction,
        resource: question.resource.as_deref(),
        context: question.context,
        launch_patient: patient(&launch),
        resource_patient: patient(&owner),
        categories: codings.as_deref(),
    });
    Ok(json!({
        "allow": answer.decision == decide::Decision::Allow,
        "verdict": answer.decision,
        "by": answer.by.map(Scope::written),
        "reason": answer.reason.to_string(),
    }))
}

fn patient(said: &Option<Option<String>>) -> PatientKnown<'_> {
    match said {
        None => PatientKnown::NotSaid,
        Some(None) => PatientKnown::Nobody,
        // An id of no letters names nobody.
        Some(Some(id)) if id.is_empty() => PatientKnown::Nobody,
        Some(Some(id)) => PatientKnown::Is(id),
    }
}

fn measure(question: &Reach, knowledge: &Knowledge) -> Value {
    let release = question.release.unwrap_or(Release::R4);
    let reach = reach::Reach::of(&set(&question.scopes), release, knowledge);
    let (tier, because) = knowledge.tiers.tier(&reach, question.access_basis.unwrap_or(Basis::Unknown));
    json!({
        "whose": reach.whose,
        "types": reach.types,
        "compartment_types": reach.compartment_types,
        "patient_data_types": reach.patient_data_types,
        "sensitive_types": reach.sensitive_types,
        "unknown_types": reach.unknown_types,
        "read": reach.read,
        "write": reach.write,
        "delete": reach.delete,
        "bulk_export": reach.bulk_export,
        "outlasts_session": reach.outlasts_session,
        "future_types": reach.future_types,
        "unexplained": reach.unexplained,
        "tier": tier,
        "because": because,
        "risk": reach.risk(),
    })
}

fn explain(question: &Explain, knowledge: &Knowledge) -> Value {
    let app = question.app.as_deref().unwrap_or("The app");
    let explanation = match Scope::parse(&question.scope) {
        Ok(scope) => knowledge.explain(&scope, app),
        Err(reason) => knowledge.explain_rejected(&Rejected { token: question.scope.clone(), reason }, app),
    };
    json!({
        "short": explanation.short,
        "long": explanation.long,
        "digest": explanation.digest,
        "unlimited": explanation.unlimited,
        "words": knowledge.words.version,
    })
}
