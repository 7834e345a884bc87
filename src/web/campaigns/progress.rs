//! How far each reviewer of a campaign is, in words: everybody who was asked, and what became of it with them.

use std::collections::HashMap;

use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::reviews::progress::{Ending, Progress, Tally, Who};
use crate::domain::tasks::AssigneeGroup;
use crate::store::{Db, StoreError, people_list};

/// One line of the table by reviewer; the last counts each review once.
#[derive(Debug, Default)]
pub struct ReviewerRow {
    pub name: String,
    pub asked: String,
    /// What came because others did not answer; empty where nothing did.
    pub escalated: String,
    pub open: String,
    /// Of what is open, past its day.
    pub overdue: String,
    pub answered: String,
    /// What they answered; empty where they answered nothing.
    pub answers: String,
    /// Passed on unanswered; empty in the last line: it is told of people and not of reviews.
    pub passed_on: String,
    pub other: String,
    /// What the others are; empty where there are none.
    pub others: String,
    pub is_sum: bool,
}

/// The names of everybody who was asked.
pub fn names(db: &mut Db, progress: &Progress) -> Result<HashMap<Id, String>, StoreError> {
    let people: Vec<Id> = progress
        .by
        .keys()
        .filter_map(|who| match who {
            Who::Person(person) => Some(*person),
            _ => None,
        })
        .collect();
    people_list::names_of(db, &people)
}

/// Whom a line is about.
pub fn name(who: Who, names: &HashMap<Id, String>) -> String {
    match who {
        Who::Person(person) => names.get(&person).cloned().unwrap_or_else(|| person.to_string()),
        Who::Group(group) => group.label().to_owned(),
        Who::NotAsked => "Somebody who was not asked: a deputy, or whoever keeps the register".to_owned(),
        Who::Nobody => "Nobody could be asked".to_owned(),
    }
}

/// The table: whoever has most left first, and at the end every review once; none where nobody is asked.
pub fn rows(progress: &Progress, names: &HashMap<Id, String>) -> Vec<ReviewerRow> {
    let mut rows: Vec<ReviewerRow> =
        progress.in_order().iter().map(|(who, tally)| row(name(*who, names), tally)).collect();
    if rows.is_empty() {
        return rows;
    }
    let all = progress.all;
    rows.push(ReviewerRow {
        name: "Every review once".to_owned(),
        asked: thousands(all.reviews),
        escalated: String::new(),
        open: thousands(all.open),
        overdue: thousands(all.overdue),
        answered: thousands(all.answered),
        answers: told(&[(all.kept, "kept"), (all.narrowed, "narrowed"), (all.switched_off, "switched off")]),
        passed_on: String::new(),
        other: thousands(all.silent + all.cancelled),
        others: told(&[(all.silent, "by silence"), (all.cancelled, "cancelled")]),
        is_sum: true,
    });
    rows
}

fn row(name: String, tally: &Tally) -> ReviewerRow {
    ReviewerRow {
        name,
        asked: thousands(tally.asked),
        escalated: told(&[(tally.escalated, "by escalation")]),
        open: thousands(tally.open),
        overdue: thousands(tally.overdue),
        answered: thousands(tally.answered),
        answers: told(&[(tally.kept, "kept"), (tally.narrowed, "narrowed"), (tally.switched_off, "switched off")]),
        passed_on: thousands(tally.passed_on),
        other: thousands(tally.others + tally.handed_on + tally.ended),
        others: told(&[
            (tally.others, "answered by somebody else"),
            (tally.handed_on, "given to somebody else"),
            (tally.ended, "ended without an answer"),
        ]),
        is_sum: false,
    }
}

/// "2 kept, 1 narrowed"; empty where nothing is more than none.
fn told(parts: &[(i64, &str)]) -> String {
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", thousands(*count)))
        .collect();
    told.join(", ")
}

/// How many reviews stand how, every way of it, and at the end all of them. `asked`: how many items somebody was asked
/// about; those that a cancelled campaign has no more are due by themselves, and are told besides.
pub fn endings(progress: &Progress, asked: i64) -> Vec<(&'static str, String)> {
    let count = |ending: &Ending| progress.endings.get(ending).copied().unwrap_or_default();
    let mut endings: Vec<(&'static str, String)> =
        Ending::ALL.iter().map(|ending| (ending.label(), thousands(count(ending)))).collect();
    let alone = asked - progress.all.reviews;
    if alone > 0 {
        endings.push(("Due by themselves, and go on without the campaign", thousands(alone)));
    }
    endings.push(("All that are asked about", thousands(asked)));
    endings
}

/// Everybody who has more open than `most`, or of a group more than that for each of its members, with what escalation
/// brought them.
pub fn too_much(
    progress: &Progress,
    names: &HashMap<Id, String>,
    most: usize,
    members: impl Fn(AssigneeGroup) -> usize,
) -> Vec<String> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    progress
        .in_order()
        .into_iter()
        .filter_map(|(who, tally)| {
            let (able, share) = match who {
                Who::Person(_) => (1, String::new()),
                Who::Group(group) => {
                    let members = members(group);
                    (
                        i64::try_from(members).unwrap_or(i64::MAX),
                        match members {
                            0 => ", and nobody is in the group".to_owned(),
                            1 => ", for 1 member".to_owned(),
                            many => format!(", for {many} members"),
                        },
                    )
                }
                Who::NotAsked | Who::Nobody => return None,
            };
            if tally.open == 0 || tally.open <= most.saturating_mul(able) {
                return None;
            }
            let brought = match tally.escalated {
                0 => String::new(),
                many => format!("; {} came because others did not answer", thousands(many)),
            };
            Some(format!("{}: {} open{share}{brought}.", name(who, names), thousands(tally.open)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reviews::progress::Sum;

    const ANALYSTS: Who = Who::Group(AssigneeGroup::SecurityAnalysts);

    fn found(open: i64, escalated: i64) -> Progress {
        let tally = Tally { asked: open + 1, open, passed_on: 1, escalated, ..Tally::default() };
        let all = Sum { reviews: open + 1, open, silent: 1, ..Sum::default() };
        let endings = [(Ending::Open, open), (Ending::SilentSuspend, 1)].into();
        Progress { by: [(ANALYSTS, tally)].into(), all, endings }
    }

    #[test]
    fn the_last_line_counts_every_review_once() {
        let rows = rows(&found(3, 2), &HashMap::new());
        let words: Vec<[&str; 5]> = rows
            .iter()
            .map(|row| [&row.name, &row.asked, &row.escalated, &row.other, &row.others].map(String::as_str))
            .collect();
        assert_eq!(
            words,
            [
                [AssigneeGroup::SecurityAnalysts.label(), "4", "2 by escalation", "0", ""],
                ["Every review once", "4", "", "1", "1 by silence"]
            ]
        );
        assert!(super::rows(&Progress::default(), &HashMap::new()).is_empty());
    }

    #[test]
    fn every_way_to_stand_is_told_and_all_of_them_add_up() {
        let told = endings(&found(3, 0), 4);
        let number = |label: &str| told.iter().find(|(known, _)| *known == label).unwrap().1.as_str();
        assert_eq!((number("Open"), number("Suspended, nobody answered"), number("Kept")), ("3", "1", "0"));
        assert_eq!(number("All that are asked about"), "4");
        assert_eq!(told.len(), Ending::ALL.len() + 1);
        let cancelled = endings(&found(3, 0), 6);
        let alone = ("Due by themselves, and go on without the campaign", "2".to_owned());
        assert!(cancelled.contains(&alone) && cancelled.contains(&("All that are asked about", "6".to_owned())));
    }

    #[test]
    fn a_group_is_warned_about_when_each_of_its_members_has_too_much() {
        let told = |open, escalated| too_much(&found(open, escalated), &HashMap::new(), 25, |_| 2);
        assert!(told(50, 50).is_empty());
        assert_eq!(told(51, 40), ["Security analysts: 51 open, for 2 members; 40 came because others did not answer."]);
        assert_eq!(
            too_much(&found(1, 0), &HashMap::new(), 25, |_| 0),
            ["Security analysts: 1 open, and nobody is in the group."]
        );
    }
}
