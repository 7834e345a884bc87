//! Sets of decisions that came faster than anybody reads.

use crate::domain::ids::{Id, Moment};

/// Fewer decisions say nothing.
const FEWEST: usize = 5;

/// Half of the decisions came within so many seconds of the one before.
const FAST_SECONDS: i64 = 15;

/// Somebody who decided unusually fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fast {
    pub person: Id,
    pub decisions: usize,
    /// The middle of the times between two of their decisions.
    pub median_seconds: i64,
}

/// Who decided unusually fast: `decisions` holds who and when, in any order; what was answered together is left out
/// by the caller.
pub fn unusually_fast(decisions: &[(Id, Moment)]) -> Vec<Fast> {
    let mut sorted: Vec<(Id, Moment)> = decisions.to_vec();
    sorted.sort_unstable();
    let mut fast = Vec::new();
    for group in sorted.chunk_by(|one, other| one.0 == other.0) {
        let Some((person, _)) = group.first() else { continue };
        let mut gaps: Vec<i64> = group
            .iter()
            .zip(group.iter().skip(1))
            .map(|((_, earlier), (_, later))| (later.utc() - earlier.utc()).num_seconds())
            .collect();
        gaps.sort_unstable();
        let median = gaps.get(gaps.len() / 2).copied();
        if let Some(median_seconds) = median.filter(|median| group.len() >= FEWEST && *median < FAST_SECONDS) {
            fast.push(Fast { person: *person, decisions: group.len(), median_seconds });
        }
    }
    fast
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_quick_yeses_is_seen_and_a_careful_reader_is_not() {
        let start = Moment::parse("2026-12-01T09:00:00Z").unwrap();
        let (quick, careful, few) = (Id::new(), Id::new(), Id::new());
        let mut decisions = Vec::new();
        for number in 0..6 {
            decisions.push((quick, start.plus_seconds(number * 4)));
            decisions.push((careful, start.plus_seconds(number * 90)));
        }
        decisions.extend([(few, start), (few, start.plus_seconds(1))]);
        // One long break does not hide the rest.
        decisions.push((quick, start.plus_seconds(4_000)));
        assert_eq!(unusually_fast(&decisions), [Fast { person: quick, decisions: 7, median_seconds: 4 }]);
    }
}
