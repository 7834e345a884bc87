//! The rules in words.

use super::super::silence_tag;
use crate::domain::reviews::silence::SilenceRule;

pub struct RuleLine {
    pub applies_to: String,
    pub tag: &'static str,
    pub then: &'static str,
    pub because: String,
}

/// Each rule as a line, in their order.
pub fn lines(rules: &[SilenceRule]) -> Vec<RuleLine> {
    rules
        .iter()
        .map(|rule| RuleLine {
            applies_to: rule.applies_to(),
            tag: silence_tag(rule.then),
            then: rule.then.label(),
            because: rule.because.clone(),
        })
        .collect()
}
