//! To whom silence comes, row by row.

use chrono::NaiveDate;

use super::super::silence_tag;
use super::found::Found;
use crate::actions::Register;
use crate::actions::reviews::silence::Planned;
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::reviews::silence::Silence;
use crate::web::show;

pub struct Group {
    pub key: &'static str,
    pub title: &'static str,
    /// How many there are, also of those that are not listed.
    pub count: String,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub review: Id,
    pub identity: Id,
    pub name: String,
    pub environment: &'static str,
    pub tier_tag: &'static str,
    pub tier: &'static str,
    pub asked: String,
    pub machine: String,
    pub day: String,
    pub tag: &'static str,
    pub does: String,
    pub because: String,
    /// Since when silence is held back, or what it waits for; empty where it does neither.
    pub held: String,
    /// That silence was put off, and when; empty where it was not. Until when and why is in the review's history.
    pub put_off: String,
}

/// What is said of what is suspended already.
pub const STAYS_SUSPENDED: &str = "Stays suspended";

/// Whether silence does anything to it: what is being stopped already only loses its review.
fn is_touched(one: &Planned) -> bool {
    matches!(one.identity.state, IdentityState::Active | IdentityState::Suspended)
}

/// How many meet which end: kind of tag, label, number.
pub fn outcomes(planned: &[Planned]) -> Vec<(&'static str, String, String)> {
    let mut out = Vec::new();
    for silence in [Silence::Revoke, Silence::Suspend, Silence::Escalate, Silence::Keep] {
        let ends_so = |one: &&Planned| is_touched(one) && !one.stays_suspended() && one.silence == silence;
        let count = planned.iter().filter(ends_so).count();
        out.push((silence_tag(silence), silence.label().to_owned(), count.to_string()));
    }
    let suspended = planned.iter().filter(|one| one.stays_suspended()).count();
    if suspended > 0 {
        out.push(("plain", STAYS_SUSPENDED.to_owned(), suspended.to_string()));
    }
    let untouched = planned.iter().filter(|one| !is_touched(one)).count();
    if untouched > 0 {
        out.push(("plain", "Nothing more: it is being stopped already".to_owned(), untouched.to_string()));
    }
    out
}

pub fn groups(register: &Register, found: &Found) -> Vec<Group> {
    let (ahead, today) = (found.ahead, found.ahead.today);
    let rows = |within: &dyn Fn(NaiveDate) -> bool| -> Vec<Row> {
        let reached = found.planned.iter().filter(|one| within(one.review.silence_on));
        reached.map(|one| row(register, one, found, today)).collect()
    };
    let past = match (found.counts, &found.waiting) {
        (true, None) => "Already past: the next run does it",
        (true, Some(_)) => "Already past: a run stopped, so what it would cut waits for two people",
        (false, _) => "Already past: what would be cut is held back, because silence is only simulated",
    };
    let group = |key, title, count, rows| Group { key, title, count: thousands(count), rows };
    let (soon, until) = (ahead.soon_until, ahead.until);
    vec![
        group("past", past, ahead.past, rows(&|day| day < today)),
        group("soon", "In the next 7 days", ahead.soon, rows(&|day| day >= today && day <= soon)),
        group("within", "In 8 to 30 days", ahead.next, rows(&|day| day > soon && day <= until)),
        group("later", "In more than 30 days", ahead.later, rows(&|day| day > until)),
    ]
}

/// What silence waits for, whatever its day says; nothing where it waits for nothing.
fn waits(one: &Planned, today: NaiveDate) -> Option<&'static str> {
    if one.owed_days {
        return Some("Waits: it is still to get the days on which nothing ran.");
    }
    match (one.is_past(today), one.waits_for_others(), one.nobody_asked) {
        (true, true, _) => Some("Waits: others are to be asked about it first, and get days of their own."),
        (_, _, true) => Some("Nobody is asked about it, so nobody can answer: silence waits until somebody is asked."),
        _ => None,
    }
}

fn row(register: &Register, one: &Planned, found: &Found, today: NaiveDate) -> Row {
    let (review, identity) = (&one.review, &one.identity);
    let (tag, does) = if one.stays_suspended() {
        ("plain", STAYS_SUSPENDED.to_owned())
    } else if is_touched(one) {
        (silence_tag(one.silence), one.silence.label().to_owned())
    } else {
        ("plain", format!("Nothing more: it is {}", identity.state.label().to_lowercase()))
    };
    let held = found.held_back.get(&review.id).map(|at| {
        let since = register.day(*at);
        format!("Held back since {}, {}. Silence still comes.", show::date(since), show::distance(today, since))
    });
    // That days are still to be given to it says more than that it was held back before.
    let held = held.filter(|_| !one.owed_days).or_else(|| waits(one, today).map(str::to_owned));
    let put_off = found
        .put_off
        .get(&review.id)
        .map(|step| format!("Put off on {}: nothing ran", show::date(register.day(step.at))));
    Row {
        review: review.id,
        identity: identity.id,
        name: identity.name.clone(),
        environment: identity.environment.label(),
        tier_tag: identity.tier.tag(),
        tier: identity.tier.label(),
        asked: found.beside.get(&review.id).map(|beside| beside.asked.join(", ")).unwrap_or_default(),
        machine: review.silence_on.to_string(),
        day: format!("{}, {}", show::date(review.silence_on), show::distance(today, review.silence_on)),
        tag,
        does,
        because: if one.stays_suspended() {
            let since = show::date(register.day(identity.state_changed_at));
            format!("It is suspended since {since}, so it loses nothing more; its review ends.")
        } else {
            one.because.clone()
        },
        held: held.unwrap_or_default(),
        put_off: put_off.unwrap_or_default(),
    }
}
