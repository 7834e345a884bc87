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
    said.extend(late(&one.loaded, register).map(|day| format!("Its review was due {}.", show::date(day))));
    said.join(" ")
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
