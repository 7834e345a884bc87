//! The rules in words.

use super::super::silence_tag;
use crate::domain::reviews::silence::SilenceRule;

/// What nobody can change, and the rules after it.
pub struct Rules {
    /// Where what is protected goes.
    pub protected: &'static str,
    pub lines: Vec<RuleLine>,
}

pub struct RuleLine {
    pub applies_to: String,
    pub tag: &'static str,
    pub then: &'static str,
    pub because: String,
}

/// Each rule as a line, in their order. Two that come first and only say where what is protected goes are said with it.
pub fn rules(rules: &[SilenceRule]) -> Rules {
    let (said, protected) = match rules {
        [one, other, ..] if are_both(one, other) => {
            (2, "The first two always go to the administrators, and so does the third where a rule would stop it.")
        }
        _ => (0, "Where a rule would stop one of them, it goes to the administrators instead."),
    };
    let lines = rules
        .iter()
        .skip(said)
        .map(|rule| RuleLine {
            applies_to: rule.applies_to(),
            tag: silence_tag(rule.then),
            then: rule.then.label(),
            because: rule.because.clone(),
        })
        .collect();
    Rules { protected, lines }
}

/// Whether the two send what care depends on and what a patient directs to the administrators, each one of them.
fn are_both(one: &SilenceRule, other: &SilenceRule) -> bool {
    one.escalates_what_is_protected() && other.escalates_what_is_protected() && one.applies_to() != other.applies_to()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reviews::clock::ReviewTable;

    #[test]
    fn what_is_protected_is_said_once() {
        let table = ReviewTable::read(|_| None).unwrap();
        let told = rules(&table.rules);
        assert_eq!(told.lines.len(), table.rules.len() - 2);
        assert!(told.protected.starts_with("The first two always go to the administrators"), "{}", told.protected);
        assert!(told.lines.iter().all(|line| !line.because.contains("silence never stops it")));
        let own = rules(&table.rules[1..]);
        assert_eq!(own.lines.len(), table.rules.len() - 1, "only one of the two: it stands in the list");
        assert!(own.protected.starts_with("Where a rule would stop one"), "{}", own.protected);
    }
}
