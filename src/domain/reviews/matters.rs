//! What matters about a review, in one short line: whose data, whether it is used, and what is unusual about it.

use chrono::NaiveDate;

use super::reasons::ReviewCause;

/// What the line is written from.
#[derive(Debug, Clone, Copy)]
pub struct Matters<'a> {
    /// "Every patient", as the sheet says it.
    pub whose: &'a str,
    pub last_used_on: Option<NaiveDate>,
    /// Since when its calls are seen; none where they are not.
    pub visible_since: Option<NaiveDate>,
    /// It holds a secret or a key without an end.
    pub never_expires: bool,
    /// Permissions that are new or wider than when somebody last looked.
    pub widened: usize,
    pub causes: &'a [ReviewCause],
}

/// Idle for fewer days counts as used.
const IDLE_DAYS: i64 = 30;

impl Matters<'_> {
    /// "Every patient. Unused 120 days. A secret never expires. 2 permissions are new or wider."
    pub fn line(&self, today: NaiveDate) -> String {
        let mut parts = Vec::new();
        if !self.whose.is_empty() {
            parts.push(self.whose.trim_end_matches('.').to_owned());
        }
        let days = |since: NaiveDate| today.signed_duration_since(since).num_days().max(0);
        parts.push(match (self.last_used_on, self.visible_since) {
            (Some(on), _) if days(on) < IDLE_DAYS => "In use".to_owned(),
            (Some(on), _) => format!("Unused {} days", days(on)),
            (None, Some(since)) => match days(since) {
                0 => "No call seen; its calls are watched since today".to_owned(),
                1 => "No call seen, though its calls have been watched for 1 day".to_owned(),
                days => format!("No call seen, though its calls have been watched for {days} days"),
            },
            (None, None) => "Its use cannot be seen".to_owned(),
        });
        if self.never_expires {
            parts.push("A secret never expires".to_owned());
        }
        match self.widened {
            0 => {}
            1 => parts.push("1 permission is new or wider".to_owned()),
            more => parts.push(format!("{more} permissions are new or wider")),
        }
        // What it may do is counted above, and that its day has come is no news.
        let counted = |cause: &ReviewCause| match cause {
            ReviewCause::Clock | ReviewCause::Campaign => true,
            ReviewCause::ScopeChange => self.widened > 0,
            _ => false,
        };
        parts.extend(self.causes.iter().filter(|cause| !counted(cause)).map(|cause| cause.label().to_owned()));
        format!("{}.", parts.join(". "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        "2026-12-01".parse().unwrap()
    }

    const PLAIN: Matters<'static> = Matters {
        whose: "Every patient",
        last_used_on: None,
        visible_since: None,
        never_expires: false,
        widened: 0,
        causes: &[ReviewCause::Clock, ReviewCause::Campaign],
    };

    #[test]
    fn it_says_whose_data_and_how_it_is_used() {
        let used = |day: &str| Matters { last_used_on: day.parse().ok(), ..PLAIN }.line(today());
        assert_eq!(used("2026-08-03"), "Every patient. Unused 120 days.");
        assert_eq!(used("2026-11-30"), "Every patient. In use.");
        assert_eq!(PLAIN.line(today()), "Every patient. Its use cannot be seen.");
        let seen = Matters { visible_since: "2026-10-02".parse().ok(), ..PLAIN };
        assert_eq!(seen.line(today()), "Every patient. No call seen, though its calls have been watched for 60 days.");
        let new = Matters { visible_since: Some(today()), ..PLAIN };
        assert_eq!(new.line(today()), "Every patient. No call seen; its calls are watched since today.");
    }

    #[test]
    fn it_says_what_is_unusual_and_nothing_twice() {
        let causes = [ReviewCause::Clock, ReviewCause::ScopeChange, ReviewCause::NewKey];
        let odd = Matters {
            whose: "One patient at a time.",
            last_used_on: Some(today()),
            never_expires: true,
            widened: 2,
            causes: &causes,
            ..PLAIN
        };
        assert_eq!(
            odd.line(today()),
            "One patient at a time. In use. A secret never expires. 2 permissions are new or wider. \
             It has a new key or secret."
        );
        let unseen = Matters { widened: 0, never_expires: false, ..odd };
        assert!(unseen.line(today()).contains("What it may do has changed. It has a new key"));
    }
}
