//! Why a review is worth its reader's time: what stands under its name in their list.

use chrono::NaiveDate;

use super::due_by_clock;
use crate::actions::Register;
use crate::actions::reviews::load::Loaded;
use crate::actions::reviews::together::Mine;
use crate::domain::requests::sheet::Sheet;
use crate::domain::reviews::matters::Matters;
use crate::domain::reviews::reasons::ReviewCause;
use crate::domain::reviews::together::Alone;
use crate::domain::scopes::difference::Change;
use crate::web::show;

/// Characters of why a campaign asks that stand in a list.
const SHORT: usize = 160;

/// What matters about it, in one short line, from what is read already; why it is not kept together with others; and
/// since when it was due.
pub fn line(one: &Mine, never_expires: bool, register: &Register) -> String {
    let identity = &one.loaded.identity;
    let causes: Vec<ReviewCause> = one.loaded.reasons.iter().map(|reason| reason.cause).collect();
    let widened = one.sheet.lines.iter().filter(|line| matches!(line.change, Change::New | Change::Wider)).count();
    let matters = Matters {
        whose: whose(&one.sheet),
        last_used_on: identity.last_used_at.map(|at| register.day(at)),
        visible_since: identity.use_visible_since.map(|at| register.day(at)),
        never_expires,
        widened,
        causes: &causes,
    };
    let mut said = vec![matters.line(one.loaded.today)];
    said.extend(one.alone.and_then(because));
    said.extend(
        late(&one.loaded, register).map(|day| format!("It should have been asked about by {}.", show::date(day))),
    );
    said.join(" ")
}

/// The campaign that asks, and why it does, in short; nothing where none does.
pub fn campaign(loaded: &Loaded) -> Option<String> {
    let campaign = loaded.campaign.as_ref()?;
    Some(format!("Campaign \u{201c}{}\u{201d}: {}", campaign.name, short(&campaign.why)))
}

/// Why a campaign asks, in its own words on one line: of a long text the beginning. The page of a review has the whole.
pub fn short(why: &str) -> String {
    let whole = why.split_whitespace().collect::<Vec<_>>().join(" ");
    if whole.chars().count() <= SHORT {
        return format!("\u{201c}{whole}\u{201d}");
    }
    let beginning: String = whole.chars().take(SHORT).collect();
    // At the end of a word, where there is one.
    let said = beginning.rsplit_once(' ').map_or(beginning.as_str(), |(words, _)| words);
    format!("\u{201c}{said}\u{2026}\u{201d}")
}

/// Whose data it reaches, as its sheet says it.
pub fn whose(sheet: &Sheet) -> &str {
    let fact = sheet.facts.iter().find(|fact| fact.label == "Whose data");
    fact.and_then(|fact| fact.lines.first()).map_or("", String::as_str)
}

/// Why it is not kept together with others, where the line before does not say it already.
fn because(why: Alone) -> Option<String> {
    matches!(why, Alone::TooMany | Alone::OnlyOne | Alone::TwiceRunning | Alone::StopUntried).then(|| why.to_string())
}

/// The day on which its review was due, where it was opened later than that.
fn late(loaded: &Loaded, register: &Register) -> Option<NaiveDate> {
    let opened_on = register.day(loaded.review.opened_at);
    let clock = loaded.reasons.iter().filter(|reason| reason.cause == ReviewCause::Clock);
    clock.filter_map(|reason| due_by_clock(&reason.period)).min().filter(|day| *day < opened_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_reason_the_beginning_is_said_and_that_it_goes_on() {
        assert_eq!(short("Every quarter\n we ask."), "\u{201c}Every quarter we ask.\u{201d}");
        let long = short(&"word ".repeat(200));
        assert!(long.ends_with("word\u{2026}\u{201d}") && long.chars().count() <= SHORT + 3, "{long}");
        let one = short(&"x".repeat(500));
        assert!(one.ends_with("x\u{2026}\u{201d}") && one.chars().count() == SHORT + 3, "{one}");
    }
}
