//! What an identity may do, in words for whoever decides about it.

use super::facts::Facts;
use crate::domain::reaching::basis_of;
use crate::domain::scopes::algebra;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::{Knowledge, ScopeSet};
use crate::web::explain::reach::ReachView;

/// Permissions put into words; of more it is said how many there are.
const LISTED: usize = 50;
/// What is issued beyond approval, named one by one.
const NAMED: usize = 20;

/// The permissions of an identity on the page of a task.
pub struct Permissions {
    /// Each issued scope with its sentence.
    pub issued: Vec<(String, String)>,
    /// How many more are issued.
    pub more: usize,
    /// Issued beyond what is approved, where anything was approved.
    pub excess: Vec<String>,
    pub more_excess: usize,
    pub reach: ReachView,
}

impl Permissions {
    /// Reads what is issued and compares it, by meaning, with what was approved.
    pub fn of(facts: &Facts, knowledge: &Knowledge) -> Self {
        let read = |scopes: &[String]| ScopeSet::of_product(scopes.iter().map(String::as_str));
        let (issued, approved) = (read(&facts.issued), read(&facts.approved));
        let beyond = algebra::difference(&issued, &approved);
        let mut excess: Vec<String> = beyond.scopes.iter().map(ToString::to_string).chain(beyond.open).collect();
        if facts.approved.is_empty() {
            excess.clear();
        }
        let more_excess = excess.len().saturating_sub(NAMED);
        excess.truncate(NAMED);
        let words = |scope: &String| {
            let one = read(std::slice::from_ref(scope));
            let app = &facts.identity.name;
            let valid = one.scopes.first().map(|each| knowledge.explain(each, app).short);
            let invalid = || one.rejected.first().map(|each| knowledge.explain_rejected(each, app).short);
            (scope.clone(), valid.or_else(invalid).unwrap_or_default())
        };
        Self {
            issued: facts.issued.iter().take(LISTED).map(words).collect(),
            more: facts.issued.len().saturating_sub(LISTED),
            excess,
            more_excess,
            reach: ReachView::of(&issued, Release::R4, basis_of(facts.identity.access_basis), knowledge),
        }
    }
}
