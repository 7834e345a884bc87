//! What an identity may do: approved and issued side by side, what is too much, and how far it reaches.

use crate::domain::identities::{AccessBasis, ScopeList};
use crate::domain::scopes::algebra;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::set::ScopeSet;
use crate::domain::scopes::tiers::Basis;
use crate::domain::scopes::{Knowledge, Verdict};
use crate::store::identity_parts::IdentityScope;
use crate::web::explain::reach::ReachView;
use crate::web::fields::Fields;

/// The section "Can do" of an identity's page.
#[derive(Debug)]
pub struct ScopesView {
    pub approved: Vec<Line>,
    pub issued: Vec<Line>,
    pub requested: Vec<Line>,
    /// Issued and not approved, in the shortest form, with what no list can say.
    pub excess: Vec<String>,
    /// Approved and not issued.
    pub not_issued: Vec<String>,
    pub repairs: Vec<String>,
    /// The reach of what is issued, or of what is asked for while nothing is.
    pub reach: ReachView,
}

/// One scope of a list.
#[derive(Debug)]
pub struct Line {
    pub scope: String,
    /// What it allows, in words.
    pub words: String,
    pub explain_href: String,
    /// How it stands to the other list; empty where it agrees.
    pub mark: &'static str,
    pub mark_kind: &'static str,
    /// What of it the other list lacks, where it has the rest.
    pub rest: String,
    pub optional: bool,
    pub defined: bool,
}

impl ScopesView {
    /// Compares the lists of an identity. What a system issues is read in its own spelling, too.
    pub fn of(rows: &[IdentityScope], basis: Option<AccessBasis>, app: &str, knowledge: &Knowledge) -> Self {
        let on = |list: ScopeList| rows.iter().filter(|row| row.list == list).collect::<Vec<_>>();
        let (approved, issued, requested) = (on(ScopeList::Approved), on(ScopeList::Issued), on(ScopeList::Requested));
        let read = |rows: &[&IdentityScope]| ScopeSet::of_product(rows.iter().map(|row| row.scope.as_str()));
        let (approved_set, issued_set, requested_set) = (read(&approved), read(&issued), read(&requested));
        let excess = algebra::difference(&issued_set, &approved_set);
        let missing = algebra::difference(&approved_set, &issued_set);
        let listed = |answer: algebra::Answer| {
            answer.scopes.iter().map(ToString::to_string).chain(answer.open).collect::<Vec<_>>()
        };
        let lines = |rows: &[&IdentityScope], other: Option<(&ScopeSet, &'static str)>| {
            rows.iter().map(|row| Line::of(row, other, app, knowledge)).collect::<Vec<_>>()
        };
        let measured = if issued.is_empty() { &requested_set } else { &issued_set };
        Self {
            reach: ReachView::of(measured, Release::R4, basis_of(basis), knowledge),
            repairs: issued_set.repairs.iter().map(ToString::to_string).collect(),
            approved: lines(&approved, Some((&issued_set, "Not issued"))),
            issued: lines(&issued, Some((&approved_set, "Not approved"))),
            requested: lines(&requested, None),
            excess: listed(excess),
            not_issued: listed(missing),
        }
    }

    /// How many issued scopes the approved ones do not take in, or are not known to.
    pub fn beyond_approval(&self) -> usize {
        self.issued.iter().filter(|line| !line.mark.is_empty()).count()
    }

    /// Whether the reach is of what is asked for, because nothing is issued yet.
    pub fn reach_is_of_requested(&self) -> bool {
        self.issued.is_empty() && !self.requested.is_empty()
    }
}

impl Line {
    fn of(row: &IdentityScope, other: Option<(&ScopeSet, &'static str)>, app: &str, knowledge: &Knowledge) -> Self {
        let one = ScopeSet::of_product([row.scope.as_str()]);
        let words = match (one.scopes.first(), one.rejected.first()) {
            (Some(scope), _) => knowledge.explain(scope, app).short,
            (None, Some(rejected)) => knowledge.explain_rejected(rejected, app).short,
            (None, None) => String::new(),
        };
        let (mut mark, mut mark_kind, mut rest) = ("", "plain", String::new());
        if let Some((other, missing)) = other {
            let coverage = covers(other, &one);
            let partly = coverage.rest.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            (mark, mark_kind) = match coverage.verdict {
                Verdict::Covered => ("", "plain"),
                Verdict::CannotTell => ("Cannot tell", "unknown"),
                Verdict::NotCovered if missing == "Not issued" => (missing, "unknown"),
                Verdict::NotCovered => (missing, "warn"),
            };
            let whole = one.scopes.first().map(ToString::to_string).unwrap_or_default();
            if coverage.verdict == Verdict::NotCovered && !partly.is_empty() && partly != whole {
                rest = partly;
            }
        }
        Self {
            explain_href: format!("/explain{}", Fields::default().with("s", &row.scope).with("app", app).to_query()),
            scope: row.scope.clone(),
            words,
            mark,
            mark_kind,
            rest,
            optional: row.optional,
            defined: row.defined,
        }
    }
}

/// The access basis as the table of tiers names it.
pub fn basis_of(basis: Option<AccessBasis>) -> Basis {
    match basis {
        None => Basis::Unknown,
        Some(AccessBasis::PatientDirected) => Basis::PatientDirected,
        Some(AccessBasis::Treatment) => Basis::Treatment,
        Some(AccessBasis::BusinessAssociate) => Basis::BusinessAssociate,
        Some(AccessBasis::Research) => Basis::Research,
        Some(AccessBasis::InternalOperations) => Basis::InternalOperations,
        Some(AccessBasis::Public) => Basis::Public,
    }
}
