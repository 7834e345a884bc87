//! What an identity may do: approved and issued side by side, what is too much, and how far it reaches.

use crate::domain::identities::{AccessBasis, ScopeList};
use crate::domain::reaching::{basis_of, reaching_list};
use crate::domain::scopes::algebra;
use crate::domain::scopes::covers::Held;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::set::ScopeSet;
use crate::domain::scopes::{Knowledge, Verdict};
use crate::store::identity_parts::IdentityScope;
use crate::web::explain::reach::ReachView;
use crate::web::fields::Fields;

/// The section "Can do" of an identity's page.
#[derive(Debug)]
pub struct ScopesView {
    /// The name of the identity, which stands over the lists and not in each of their lines.
    pub name: String,
    pub approved: Vec<Line>,
    pub issued: Vec<Line>,
    pub requested: Vec<Line>,
    /// Issued and not approved, in the shortest form, with what no list can say.
    pub excess: Vec<String>,
    /// Approved and not issued.
    pub not_issued: Vec<String>,
    pub repairs: Vec<String>,
    /// The list that says how far it reaches, and how far; absent where no scope is on record.
    pub reach: Option<(ScopeList, ReachView)>,
}

/// One scope of a list.
#[derive(Debug)]
pub struct Line {
    pub scope: String,
    /// What it allows, in words that leave out its name.
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
            // Arranged once for all lines: a system may issue thousands of scopes.
            let mut held = other.map(|(set, missing)| (Held::of(set), missing));
            rows.iter().map(|row| Line::of(row, held.as_mut(), app, knowledge)).collect::<Vec<_>>()
        };
        let reach = reaching_list(|list| rows.iter().any(|row| row.list == list)).map(|list| {
            let measured = match list {
                ScopeList::Issued => &issued_set,
                ScopeList::Approved => &approved_set,
                ScopeList::Requested => &requested_set,
            };
            (list, ReachView::of(measured, Release::R4, basis_of(basis), knowledge))
        });
        Self {
            name: app.to_owned(),
            reach,
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

    /// Over the reach: of which list it is.
    pub fn reach_heading(&self) -> &'static str {
        match self.reach.as_ref().map(|(list, _)| *list) {
            Some(ScopeList::Issued) => "What is issued reaches",
            Some(ScopeList::Approved) => "Nothing is issued; what is approved would reach",
            Some(ScopeList::Requested) => "What is asked for would reach",
            None => "How far it reaches",
        }
    }
}

impl Line {
    fn of(row: &IdentityScope, other: Option<&mut (Held<'_>, &'static str)>, app: &str, knowledge: &Knowledge) -> Self {
        let one = ScopeSet::of_product([row.scope.as_str()]);
        let words = match (one.scopes.first(), one.rejected.first()) {
            (Some(scope), _) => knowledge.explain(scope, app).short_under(app),
            (None, Some(rejected)) => knowledge.explain_rejected(rejected, app).short_under(app),
            (None, None) => String::new(),
        };
        let (mut mark, mut mark_kind, mut rest) = ("", "plain", String::new());
        if let Some((held, missing)) = other {
            let (coverage, missing) = (held.covers(&one), *missing);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Id;
    use crate::domain::scopes::work::steps_of;

    fn rows(list: ScopeList, count: usize, scope: impl Fn(usize) -> String) -> Vec<IdentityScope> {
        let id = Id::new();
        (0_i64..)
            .zip((0..count).map(scope))
            .map(|(position, scope)| IdentityScope {
                identity_id: id,
                list,
                scope,
                position,
                optional: false,
                in_token: true,
                defined: true,
            })
            .collect()
    }

    #[test]
    fn the_lists_are_arranged_once_and_not_for_each_of_their_lines() {
        let knowledge = Knowledge::built_in().unwrap();
        let view = |count: usize| {
            let mut all = rows(ScopeList::Issued, count, |number| format!("user/Observation.rs?category=c{number}"));
            all.extend(rows(ScopeList::Approved, count, |number| format!("user/Observation.r?category=c{number}")));
            let mut beyond = 0;
            let steps = steps_of(|| beyond = ScopesView::of(&all, None, "App", knowledge).beyond_approval());
            (beyond, steps)
        };
        let (beyond, steps) = view(3_000);
        assert_eq!(beyond, 3_000, "searching is not approved");
        // Reading each line against the whole other list would take eighteen millions.
        assert!(steps < 600_000, "{steps}");
        let (beyond, steps) = view(150);
        assert_eq!(beyond, 150);
        assert!(steps < 100_000, "{steps}");
    }
}
