//! What a digest tells about reviews: each is named, with what happened and until when.

use chrono::NaiveDate;

use crate::domain::notices::LineKind;

/// What is told about one review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestReview {
    /// The name of what is reviewed.
    pub name: String,
    pub kind: LineKind,
    /// What is said beside, in a sentence or two; may be empty.
    pub says: String,
    /// The day by which its reader has to answer; none where they are not asked.
    pub due_on: Option<NaiveDate>,
    /// Where it is answered or looked at, after signing in.
    pub link: String,
}

impl DigestReview {
    /// What a subject says of one review and of several: "is due tomorrow", "are due tomorrow".
    fn happens(&self, today: NaiveDate) -> (String, String) {
        let both = |words: &str| (format!("is {words}"), format!("are {words}"));
        match (self.kind, self.due_on) {
            (LineKind::PassedOn, _) => ("was passed on".to_owned(), "were passed on".to_owned()),
            (LineKind::News, _) | (_, None) => ("has news".to_owned(), "have news".to_owned()),
            (_, Some(due_on)) => match due_on.signed_duration_since(today).num_days() {
                ..=-1 => both("overdue"),
                0 => both("due today"),
                1 => both("due tomorrow"),
                _ => both(&format!("due by {}", due_on.format("%a %-d %b"))),
            },
        }
    }

    /// "Your answer is due tomorrow, by Tue 8 Dec 2026. Somebody else is asked too."
    pub(super) fn sentence(&self, today: NaiveDate) -> String {
        let mut said = match (self.kind, self.due_on) {
            (LineKind::PassedOn | LineKind::News, _) | (_, None) => String::new(),
            (_, Some(due_on)) => {
                let day = due_on.format("%a %-d %b %Y");
                match due_on.signed_duration_since(today).num_days() {
                    ..=-1 => format!("Your answer is overdue: it was due by {day}."),
                    0 => format!("Your answer is due today, {day}."),
                    1 => format!("Your answer is due tomorrow, {day}."),
                    _ => format!("Your answer is due by {day}."),
                }
            }
        };
        if !said.is_empty() && !self.says.is_empty() {
            said.push(' ');
        }
        said + &self.says
    }
}

/// "Care Gap Outreach and 5 more: reviews are due tomorrow"; none where nothing is told. The most urgent comes first.
pub(super) fn subject_of(reviews: &[DigestReview], today: NaiveDate) -> Option<String> {
    let first = reviews.first()?;
    let (one, all) = first.happens(today);
    let alike = reviews.iter().all(|review| review.happens(today).0 == one);
    Some(match reviews.len() - 1 {
        0 => format!("{}: a review {one}", first.name),
        more if alike => format!("{} and {more} more: reviews {all}", first.name),
        1 => format!("{} and 1 more review: the first {one}", first.name),
        more => format!("{} and {more} more reviews: the first {one}", first.name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(name: &str, kind: LineKind, due: Option<&str>) -> DigestReview {
        DigestReview {
            name: name.to_owned(),
            kind,
            says: String::new(),
            due_on: due.map(|day| day.parse().unwrap()),
            link: format!("https://muster.example/reviews/{name}"),
        }
    }

    #[test]
    fn the_subject_names_the_first_review_and_how_many_more() {
        let subject = |reviews: Vec<DigestReview>| subject_of(&reviews, "2026-05-01".parse().unwrap()).unwrap();
        let due = |name: &str, day: &str| review(name, LineKind::Due, Some(day));
        assert_eq!(subject(vec![due("A", "2026-05-02")]), "A: a review is due tomorrow");
        let alike = vec![due("A", "2026-05-02"), review("B", LineKind::Asked, Some("2026-05-02"))];
        assert_eq!(subject(alike), "A and 1 more: reviews are due tomorrow");
        let mixed = vec![due("A", "2026-04-30"), due("B", "2026-05-02"), review("C", LineKind::PassedOn, None)];
        assert_eq!(subject(mixed), "A and 2 more reviews: the first is overdue");
        let two = vec![due("A", "2026-05-01"), due("B", "2026-05-11")];
        assert_eq!(subject(two), "A and 1 more review: the first is due today");
        assert_eq!(subject(vec![due("A", "2026-05-11")]), "A: a review is due by Mon 11 May");
        let passed_on = vec![review("A", LineKind::PassedOn, None), review("B", LineKind::PassedOn, None)];
        assert_eq!(subject(passed_on), "A and 1 more: reviews were passed on");
        assert_eq!(subject(vec![review("A", LineKind::News, None)]), "A: a review has news");
        assert_eq!(subject_of(&[], "2026-05-01".parse().unwrap()), None);
    }
}
