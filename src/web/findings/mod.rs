//! Findings: the rules that identities break at present.

pub mod export;
pub mod list;

use crate::domain::findings::{FindingRule, Severity};
use crate::domain::ids::Moment;
use crate::domain::listing::Cursor;
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> (Option<FindingRule>, Faults) {
    let mut asked = Asked::of(fields);
    let rule = asked.value("rule", "Rule");
    (rule, asked.finish())
}

/// Whether the place is one of the list of findings: a moment.
pub fn reads(cursor: &Cursor) -> bool {
    Moment::parse(&cursor.key).is_ok()
}

/// The kind of a severity's tag.
pub fn severity_tag(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "bad",
        Severity::Moderate => "warn",
        Severity::Low => "info",
    }
}
