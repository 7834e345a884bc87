//! What a campaign that is drafted would do, computed now: whom it would ask about what, and what it leaves out.

use chrono::NaiveDate;

use super::chosen::Selected;
use super::draft_items::{self, ItemRow};
use crate::actions::Register;
use crate::actions::campaigns::select::{Preview, Reviewer, preview};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::thousands;
use crate::domain::reaching::IdentityTier;
use crate::store::campaigns::Campaign;
use crate::store::{Db, StoreError, people_list};
use crate::web::show;

/// The preview, as words.
#[derive(Debug, Default)]
pub struct Draft {
    /// "It selects 40 identities: 37 would be asked about, 3 left out."
    pub sums: String,
    /// Why each is left out, and how many are.
    pub left_out: Vec<(&'static str, String)>,
    pub reviewers: Vec<Asked>,
    /// Everybody who would be asked about more than they can look at.
    pub too_much: Vec<String>,
    /// How many somebody can look at.
    pub most: usize,
    /// About how many nobody can be asked, as a sentence; empty when that is none.
    pub nobody: String,
    /// The day that it has once it is opened; none where nobody would be asked.
    pub due_on: Option<NaiveDate>,
    /// That this is another than was chosen, as a sentence; empty where it is not.
    pub day: String,
    /// What must be answered before the campaign's day, as a sentence; empty when nothing.
    pub earlier: String,
    /// What is joined, and keeps its own day, as a sentence; empty when nothing.
    pub joined: String,
    /// What comes to a group when nobody answers, a sentence each, where that is more than its members can look at.
    pub in_the_end: Vec<String>,
    /// Everything that it selects, page by page.
    pub rows: Vec<ItemRow>,
    /// The position of the last row, when there are more.
    pub next: Option<i64>,
    /// The days for each tier.
    pub days: Vec<Days>,
    /// How many would be asked about: the form that opens it carries this.
    pub asked: usize,
    /// The words of the button; empty when it cannot be opened, and then why.
    pub button: String,
    pub why_not: String,
}

/// Somebody who would be asked.
#[derive(Debug)]
pub struct Asked {
    /// Where they are shown; empty for a group, and for nobody.
    pub href: String,
    pub name: String,
    pub count: String,
    /// What waits for them already; empty where nothing does.
    pub besides: String,
    /// More than somebody can look at.
    pub over: bool,
}

/// The days on which something happens about what nobody answers.
#[derive(Debug)]
pub struct Days {
    pub tier: &'static str,
    pub add: String,
    pub replace: String,
    pub silence: String,
}

/// What the campaign would do if it were opened now; of what it selects, what follows a position.
pub fn of(
    db: &mut Db,
    register: &Register,
    campaign: &Campaign,
    selected: &Selected,
    after: i64,
    now: Moment,
) -> Result<Draft, StoreError> {
    let Some(chosen) = &selected.chosen else {
        return Ok(Draft {
            why_not: "Its filter cannot be followed any more, so nothing is selected. Change it below.".to_owned(),
            ..Draft::default()
        });
    };
    let today = register.day(now);
    let found = preview(db, register, chosen, campaign.due_on, now)?;
    let people: Vec<Id> = found
        .reviewers
        .iter()
        .filter_map(|(reviewer, _)| match reviewer {
            Reviewer::Person(person) => Some(*person),
            Reviewer::Group(_) | Reviewer::Nobody => None,
        })
        .collect();
    let names = people_list::names_of(db, &people)?;
    let most = register.deployment.reviews.warn_over;
    let mut draft = Draft { sums: sums(&found), asked: found.asked, most, ..Draft::default() };
    for (reviewer, count) in &found.reviewers {
        let (href, name) = match reviewer {
            Reviewer::Person(person) => {
                (format!("/people/{person}"), names.get(person).cloned().unwrap_or_else(|| person.to_string()))
            }
            Reviewer::Group(group) => (String::new(), group.label().to_owned()),
            Reviewer::Nobody => {
                draft.nobody = format!(
                    "Nobody can be asked about {}. Where that is so, the administrators get the task to find somebody.",
                    identities(*count)
                );
                (String::new(), "Nobody".to_owned())
            }
        };
        let over = found.is_too_much(*reviewer, *count, most);
        if over {
            let besides = besides(&found, *reviewer);
            draft.too_much.push(format!("{name}: {}{besides}{}", identities(*count), shared(&found, *reviewer)));
        }
        let besides = match found.waiting_for(*reviewer) {
            0 => String::new(),
            waiting => format!("{} waiting already", number(waiting)),
        };
        draft.reviewers.push(Asked { href, name, count: number(*count), besides, over });
    }
    draft.in_the_end = in_the_end(&found, most);
    draft.due_on = found.due_on;
    draft.day = day(&found, campaign.due_on);
    draft.earlier = earlier(&found);
    draft.joined = match found.joined {
        0 => String::new(),
        1 => {
            "About 1 of them somebody is asked already: its review joins the campaign and keeps its own day.".to_owned()
        }
        many => format!(
            "About {} of them somebody is asked already: their reviews join the campaign and keep their own days.",
            number(many)
        ),
    };
    draft.left_out = found.excluded.iter().map(|(why, count)| (why.label(), number(*count))).collect();
    draft.days = days(register, campaign, today);
    (draft.button, draft.why_not) = opening(&found, campaign.due_on, today);
    (draft.rows, draft.next) = draft_items::page(db, &found.items, after, &names)?;
    Ok(draft)
}

/// What waits for somebody already, besides these; empty where nothing does.
fn besides(found: &Preview, reviewer: Reviewer) -> String {
    match found.waiting_for(reviewer) {
        0 => String::new(),
        1 => ", besides 1 that waits already".to_owned(),
        waiting => format!(", besides {} that wait already", number(waiting)),
    }
}

/// How many share it; empty for a person.
fn shared(found: &Preview, reviewer: Reviewer) -> String {
    let Reviewer::Group(group) = reviewer else { return String::new() };
    match found.members.get(&group).copied().unwrap_or(0) {
        0 => ", and nobody is in the group".to_owned(),
        1 => ", for 1 member".to_owned(),
        members => format!(", for {} members", number(members)),
    }
}

/// What comes to each group when nobody answers, where that is more than its members can look at.
fn in_the_end(found: &Preview, most: usize) -> Vec<String> {
    found
        .in_the_end
        .iter()
        .map(|(group, count)| (Reviewer::Group(*group), group, *count))
        .filter(|(reviewer, _, count)| found.is_too_much(*reviewer, *count, most))
        .map(|(reviewer, group, count)| {
            format!(
                "If nobody answers, {} of these go to the {}{}{}.",
                number(count),
                group.label().to_lowercase(),
                besides(found, reviewer),
                shared(found, reviewer)
            )
        })
        .collect()
}

/// That its day becomes another than was chosen, because everything in it is due before.
fn day(found: &Preview, chosen: NaiveDate) -> String {
    match found.due_on {
        Some(own) if own < chosen => format!(
            "Once it is opened, answers are due by {} and not by {}: everything in it is due earlier.",
            show::deadline(own),
            show::deadline(chosen)
        ),
        _ => String::new(),
    }
}

/// What must be answered before the campaign's day: "12 of them must be answered earlier, because of their tier:
/// critical by 14 Dec 2026 (8), low by 23 Dec 2026 (4)."
fn earlier(found: &Preview) -> String {
    let count: usize = found.earlier.iter().map(|one| one.count).sum();
    if count == 0 {
        return String::new();
    }
    let tiers: Vec<String> = found
        .earlier
        .iter()
        .map(|one| format!("{} by {} ({})", one.tier.label().to_lowercase(), show::date(one.due_on), number(one.count)))
        .collect();
    let why = if found.joined == 0 { "" } else { " or because somebody is asked already" };
    format!(
        "{} of them must be answered earlier, because of their tier{why}: {}. A later day of a campaign puts off \
         nothing.",
        number(count),
        tiers.join(", ")
    )
}

fn sums(found: &Preview) -> String {
    match (found.selected, found.selected - found.asked) {
        (0, _) => "It selects nothing.".to_owned(),
        (selected, 0) => format!("It selects {}, and asks about all of them.", identities(selected)),
        (selected, left_out) => format!(
            "It selects {}: {} would be asked about, and {} left out.",
            identities(selected),
            number(found.asked),
            number(left_out)
        ),
    }
}

/// The words of the button that opens it, or why there is none.
fn opening(found: &Preview, due_on: NaiveDate, today: NaiveDate) -> (String, String) {
    let why_not = if found.selected == 0 {
        "It cannot be opened: it selects nothing, and no campaign is opened about nothing. Change what it \
         asks about below."
    } else if found.asked == 0 {
        "It cannot be opened: everything that it selects is left out, so nobody would be asked."
    } else if due_on <= today {
        "It cannot be opened: its day has passed. Choose a later one below."
    } else {
        return (format!("Open it: ask about {}", number(found.asked)), String::new());
    };
    (String::new(), why_not.to_owned())
}

fn days(register: &Register, campaign: &Campaign, today: NaiveDate) -> Vec<Days> {
    IdentityTier::ALL
        .iter()
        .map(|tier| {
            let dates = register.deployment.reviews.of(*tier).dates(today, Some(campaign.due_on));
            Days {
                tier: tier.label(),
                add: show::date(dates.add_on),
                replace: show::date(dates.replace_on),
                silence: show::date(dates.silence_on),
            }
        })
        .collect()
}

/// "1 identity", "37 identities".
fn identities(count: usize) -> String {
    if count == 1 { "1 identity".to_owned() } else { format!("{} identities", number(count)) }
}

fn number(count: usize) -> String {
    thousands(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::campaigns::besides::Besides;
    use crate::actions::campaigns::select::Earlier;
    use crate::domain::tasks::AssigneeGroup;

    #[test]
    fn only_what_asks_somebody_in_time_can_be_opened() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let found = Preview { selected: 40, asked: 37, ..Preview::default() };
        let (today, later) = (day("2026-12-01"), day("2026-12-02"));
        assert_eq!(opening(&found, later, today), ("Open it: ask about 37".to_owned(), String::new()));
        assert!(opening(&found, today, today).1.contains("its day has passed"));
        assert!(opening(&Preview { asked: 0, ..found.clone() }, later, today).1.contains("left out"));
        assert!(opening(&Preview::default(), later, today).1.contains("selects nothing"));
        assert_eq!(earlier(&found), "");
        let tiers = [
            Earlier { due_on: later, tier: IdentityTier::Critical, count: 8 },
            Earlier { due_on: day("2026-12-23"), tier: IdentityTier::Low, count: 4 },
        ];
        assert_eq!(
            earlier(&Preview { earlier: tiers.to_vec(), ..found.clone() }),
            "12 of them must be answered earlier, because of their tier: critical by 2 Dec 2026 (8), low by 23 Dec \
             2026 (4). A later day of a campaign puts off nothing."
        );
        assert_eq!(super::day(&found, later), "", "nobody knows yet");
        assert_eq!(super::day(&Preview { due_on: Some(later), ..found.clone() }, later), "");
        assert_eq!(
            super::day(&Preview { due_on: Some(today), ..found.clone() }, later),
            "Once it is opened, answers are due by Tuesday 1 Dec 2026 and not by Wednesday 2 Dec 2026: everything in it is \
             due earlier."
        );
        assert_eq!(sums(&found), "It selects 40 identities: 37 would be asked about, and 3 left out.");
    }

    #[test]
    fn a_group_has_too_much_when_each_of_its_members_has() {
        let group = AssigneeGroup::SecurityAnalysts;
        let found = |count: usize, members: usize| Preview {
            in_the_end: vec![(group, count)],
            members: [(group, members)].into(),
            ..Preview::default()
        };
        assert!(in_the_end(&found(50, 2), 25).is_empty());
        assert_eq!(
            in_the_end(&found(51, 2), 25),
            ["If nobody answers, 51 of these go to the security analysts, for 2 members."]
        );
        let besides = Besides { groups: [(group, 1)].into(), ..Besides::default() };
        assert_eq!(
            in_the_end(&Preview { besides, ..found(50, 2) }, 25),
            [
                "If nobody answers, 50 of these go to the security analysts, besides 1 that waits already, for 2 members."
            ],
            "what waits already counts"
        );
        assert!(found(1, 0).is_too_much(Reviewer::Group(group), 1, 25), "nobody is there who could look at one");
        assert!(!found(1, 0).is_too_much(Reviewer::Nobody, 100, 25), "that is said louder elsewhere");
    }
}
