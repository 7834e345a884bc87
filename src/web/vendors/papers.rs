//! A vendor's papers and how far their ends are: \u{201c}Ended 12 days ago\u{201d}.

use chrono::NaiveDate;

use crate::store::registry::Vendor;
use crate::web::show;

/// A paper is worth a warning this many days before its end.
const SOON: i64 = 90;

/// One paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    pub title: &'static str,
    /// Empty when none is on file.
    pub reference: String,
    /// The last day as a reader writes it; empty when no end is known.
    pub ends_on: String,
    /// The tag's kind: bad when it has ended, warn when it ends soon; empty when neither.
    pub kind: &'static str,
    /// \u{201c}Ended 12 days ago\u{201d}, \u{201c}Ends in 30 days\u{201d}.
    pub words: String,
}

/// The three papers of a vendor.
pub fn of(vendor: &Vendor, today: NaiveDate) -> [Paper; 3] {
    [
        paper("Contract", vendor.contract_reference.as_deref(), vendor.contract_ends_on, today),
        paper("Data sharing agreement", vendor.agreement_reference.as_deref(), vendor.agreement_ends_on, today),
        paper("BAA", vendor.baa_reference.as_deref(), vendor.baa_ends_on, today),
    ]
}

fn paper(title: &'static str, reference: Option<&str>, ends_on: Option<NaiveDate>, today: NaiveDate) -> Paper {
    let (kind, words) = match ends_on {
        Some(date) if date < today => ("bad", format!("Ended {}", show::distance(today, date))),
        Some(date) if (date - today).num_days() <= SOON => ("warn", format!("Ends {}", show::distance(today, date))),
        _ => ("", String::new()),
    };
    Paper {
        title,
        reference: reference.unwrap_or_default().to_owned(),
        ends_on: ends_on.map(show::date).unwrap_or_default(),
        kind,
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_still_counts_and_the_next_does_not() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let at = |ends_on: &str, today: &str| {
            let paper = paper("Contract", None, Some(day(ends_on)), day(today));
            (paper.kind, paper.words)
        };
        assert_eq!(at("2026-11-23", "2026-11-23"), ("warn", "Ends today".to_owned()));
        assert_eq!(at("2026-11-22", "2026-11-23"), ("bad", "Ended yesterday".to_owned()));
        assert_eq!(at("2026-11-11", "2026-11-23"), ("bad", "Ended 12 days ago".to_owned()));
        assert_eq!(at("2027-11-23", "2026-11-23"), ("", String::new()));
    }
}
