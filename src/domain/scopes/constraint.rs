//! The search-parameter suffix of a resource scope: `?category=laboratory&status=final`.
//!
//! Inside one scope parameters apply together (AND); a comma inside a value is OR; a repeated name is
//! AND (FHIR R4 search, 3.1.1.3). Modifiers, chains, `_filter` and `_has` are experimental in the
//! guide: such a parameter is compared byte by byte and never understood.

use std::fmt;

use super::Verdict;
use super::error::ScopeError;
use super::percent;

/// Parameters that shape a result and can limit nothing (FHIR R4 search, 3.1.1.5).
const RESULT_PARAMETERS: [&str; 13] = [
    "_contained",
    "_containedType",
    "_count",
    "_elements",
    "_format",
    "_graph",
    "_include",
    "_pretty",
    "_revinclude",
    "_score",
    "_sort",
    "_summary",
    "_total",
];

/// More than a server would ever be asked to evaluate; it keeps comparison linear.
const MOST_PARAMETERS: usize = 32;

/// Parameters every resource type has (FHIR R4 search, 3.1.1.1).
const COMMON_PARAMETERS: [&str; 6] = ["_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"];

/// Types that have the search parameter `category` and carry it in US Core's granular scopes.
const TYPES_WITH_CATEGORY: [&str; 5] =
    ["Condition", "DiagnosticReport", "DocumentReference", "Observation", "ServiceRequest"];

/// One `name=value` of a suffix.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Parameter {
    /// The name, with its modifier or chain.
    pub name: String,
    /// The alternatives of a plain parameter, decoded and sorted; the one value as written of an experimental one.
    pub values: Vec<String>,
    /// Whether only its bytes can be compared.
    pub experimental: bool,
}

/// What a suffix asks of a resource: all of its parameters at once. Empty: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Constraint(Vec<Parameter>);

impl Parameter {
    /// Reads one `name=value`.
    fn parse(written: &str) -> Result<Self, ScopeError> {
        let Some((name, value)) = written.split_once('=') else {
            return Err(ScopeError::Parameter(written.to_owned()));
        };
        let plain_name = |text: &str| {
            text.starts_with(|each: char| each.is_ascii_alphabetic() || each == '_')
                && text.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '-'))
        };
        let base = name.split([':', '.']).next().unwrap_or_default();
        let allowed = |each: char| each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | ':' | '.');
        if !plain_name(base) || !name.chars().all(allowed) {
            return Err(ScopeError::ParameterName(name.to_owned()));
        }
        // In any case: a server that reads names loosely would take it for one.
        if RESULT_PARAMETERS.iter().any(|each| each.eq_ignore_ascii_case(base)) {
            return Err(ScopeError::ResultParameter(base.to_owned()));
        }
        if value.contains('=') {
            return Err(ScopeError::EqualsSign);
        }
        let text = percent::decode(value)?;
        if base != name || matches!(name, "_content" | "_filter" | "_has" | "_list" | "_query" | "_text") {
            if text.is_empty() {
                return Err(ScopeError::ParameterValue(name.to_owned()));
            }
            return Ok(Self { name: name.to_owned(), values: vec![value.to_owned()], experimental: true });
        }
        let mut values = alternatives(&text);
        if values.iter().any(|each| each.is_empty() || each == "|") {
            return Err(ScopeError::ParameterValue(name.to_owned()));
        }
        values.sort_unstable();
        values.dedup();
        // An alternative that lies inside another adds nothing.
        let all = values.clone();
        values.retain(|each| !lies_inside_another(each, &all));
        Ok(Self { name: name.to_owned(), values, experimental: false })
    }

    /// Whether a resource that satisfies `self` satisfies `wider` too.
    fn implies(&self, wider: &Self) -> bool {
        if self.name != wider.name || self.experimental != wider.experimental {
            return false;
        }
        if self.experimental {
            return self.values == wider.values;
        }
        let holds =
            |each: &String| wider.values.binary_search(each).is_ok() || lies_inside_another(each, &wider.values);
        self.values.iter().all(holds)
    }

    /// Whether its values are ranges such as `ge2024`, whose overlap a list of values cannot say.
    fn has_range(&self) -> bool {
        self.values.iter().any(|value| {
            let prefix = value.get(..2).unwrap_or_default();
            let digit = value.get(2..).is_some_and(|rest| rest.starts_with(|each: char| each.is_ascii_digit()));
            digit && matches!(prefix, "eq" | "ne" | "gt" | "lt" | "ge" | "le" | "sa" | "eb" | "ap")
        })
    }
}

impl Constraint {
    /// Reads what follows the question mark.
    ///
    /// # Errors
    /// An empty suffix, a part that is not `name=value`, a parameter that cannot limit a scope.
    pub fn parse(written: &str) -> Result<Self, ScopeError> {
        if written.is_empty() {
            return Err(ScopeError::ParametersMissing);
        }
        if written.split('&').count() > MOST_PARAMETERS {
            return Err(ScopeError::TooManyParameters(MOST_PARAMETERS));
        }
        let parameters = written.split('&').map(Parameter::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::of(parameters))
    }

    /// The parameters of a valid suffix as they stand in it: each name with its value decoded, repeated ones included.
    pub fn as_written(suffix: &str) -> Vec<(String, String)> {
        let pairs = suffix.split('&').filter_map(|each| each.split_once('='));
        pairs
            .map(|(name, value)| (name.to_owned(), percent::decode(value).unwrap_or_else(|_| value.to_owned())))
            .collect()
    }

    /// The constraint of these parameters together, in normal form: sorted, without a parameter that another implies.
    pub fn of(mut parameters: Vec<Parameter>) -> Self {
        parameters.sort_unstable();
        parameters.dedup();
        let all = parameters.clone();
        parameters.retain(|each| !all.iter().any(|other| other != each && other.implies(each)));
        Self(parameters)
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.0
    }

    /// Both constraints at once.
    pub fn and(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// Whether only bytes can be compared somewhere in it.
    pub fn is_experimental(&self) -> bool {
        self.0.iter().any(|each| each.experimental)
    }

    /// Whether a comparison with it can be undecided though no parameter of the other side is experimental.
    pub fn is_uncertain(&self) -> bool {
        self.0.iter().any(|each| each.experimental || each.has_range())
    }

    /// Whether every resource under `wanted` is under `self`, the granted constraint.
    ///
    /// Undecided where an experimental parameter or a range stands on either side and the bytes differ.
    pub fn takes_in(&self, wanted: &Self) -> Verdict {
        let mut verdict = Verdict::Covered;
        for granted in &self.0 {
            if wanted.0.iter().any(|each| each.implies(granted)) {
                continue;
            }
            if wanted.is_empty() {
                return Verdict::NotCovered;
            }
            let range = |side: &Parameter| side.name == granted.name && side.has_range();
            let unknown = granted.experimental
                || wanted.0.iter().any(|each| each.experimental)
                || (granted.has_range() && wanted.0.iter().any(range));
            if !unknown {
                return Verdict::NotCovered;
            }
            verdict = Verdict::CannotTell;
        }
        verdict
    }

    /// Whether it means something on every type, or on this one.
    ///
    /// On the wildcard type a suffix applies to the types that have the parameter; for others the
    /// guide says nothing.
    pub fn is_defined_on(&self, named: &str) -> bool {
        self.0.iter().all(|each| {
            COMMON_PARAMETERS.contains(&each.name.as_str())
                || (each.name == "category" && TYPES_WITH_CATEGORY.contains(&named))
        })
    }

    /// The constraint as a union of constraints with one value for each parameter; `None` beyond `limit` of them.
    pub fn alternatives(&self, limit: usize) -> Option<Vec<Self>> {
        let mut count = 1_usize;
        for each in self.0.iter().filter(|each| !each.experimental) {
            count = count.checked_mul(each.values.len()).filter(|count| *count <= limit)?;
        }
        let mut all = vec![Vec::new()];
        for parameter in &self.0 {
            all = all
                .into_iter()
                .flat_map(|chosen: Vec<Parameter>| {
                    parameter.values.iter().map(move |value| {
                        let one = Parameter { values: vec![value.clone()], ..parameter.clone() };
                        chosen.iter().cloned().chain([one]).collect()
                    })
                })
                .collect();
        }
        Some(all.into_iter().map(Self::of).collect())
    }

    /// Whether a resource with these categories is under it: `None` when categories alone do not say.
    pub fn admits(&self, categories: &[(Option<&str>, &str)]) -> Option<bool> {
        let mut known = true;
        for parameter in &self.0 {
            if parameter.experimental || parameter.name != "category" {
                known = false;
                continue;
            }
            if !parameter.values.iter().any(|value| categories.iter().any(|coding| matches_token(value, coding))) {
                return Some(false);
            }
        }
        known.then_some(true)
    }
}

/// Whether a coding answers a token search value (FHIR R4 search, 3.1.1.4.10).
fn matches_token(value: &str, (system, code): &(Option<&str>, &str)) -> bool {
    match value.split_once('|') {
        None => value == *code,
        Some(("", wanted)) => system.is_none_or(str::is_empty) && wanted == *code,
        Some((wanted, "")) => *system == Some(wanted),
        Some((wanted_system, wanted)) => *system == Some(wanted_system) && wanted == *code,
    }
}

/// Whether every resource that has `value` has another of `sorted`, as token search reads them: a
/// code with its system lies inside the bare code and inside `system|`.
fn lies_inside_another(value: &str, sorted: &[String]) -> bool {
    let Some((system, code)) = value.split_once('|') else { return false };
    let has = |text: &str| sorted.binary_search_by(|each| each.as_str().cmp(text)).is_ok();
    let inside_code = !code.is_empty() && !code.contains('|') && has(code);
    inside_code || (!system.is_empty() && !code.is_empty() && has(&format!("{system}|")))
}

/// The alternatives of a value: its parts between commas that no backslash escapes.
fn alternatives(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for each in text.chars() {
        if each == ',' && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = each == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(each);
        }
    }
    parts
}

impl fmt::Display for Parameter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (number, value) in self.values.iter().enumerate() {
            if number > 0 {
                text.push(',');
            }
            if self.experimental { text.push_str(value) } else { percent::encode(value, &mut text) }
        }
        write!(out, "{}={text}", self.name)
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, parameter) in self.0.iter().enumerate() {
            write!(out, "{}{parameter}", if number > 0 { "&" } else { "" })?;
        }
        Ok(())
    }
}
