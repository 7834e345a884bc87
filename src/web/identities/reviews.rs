//! The reviews of an identity on its page: when it is asked about, what happens when nobody answers, who said what,
//! and which rules it breaks.

use std::collections::HashMap;

use chrono_tz::Tz;

use crate::actions::Register;
use crate::actions::reviews::sheet::on_silence;
use crate::actions::reviews::silence;
use crate::domain::findings::FindingRule;
use crate::domain::identities::IdentityState;
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::silence::Silence;
use crate::domain::reviews::{ReviewOutcome, ReviewProof, ReviewState};
use crate::store::identities::Identity;
use crate::store::review_decisions::{self, ReviewDecision};
use crate::store::reviews::{self as stored, Review};
use crate::store::{Db, StoreError, findings, people, review_list};
use crate::web::findings::severity_tag;
use crate::web::reviews::{outcome_tag, status};
use crate::web::show;

/// Earlier reviews that are listed; the others are counted.
const LISTED: usize = 5;

/// What the page says.
#[derive(Debug, Default)]
pub struct Reviewed {
    pub findings: Vec<FindingLine>,
    /// "Every 90 days": the interval that counts.
    pub every: String,
    /// When it is asked about next; empty while somebody is asked.
    pub next: String,
    /// How long an answer may take.
    pub answer: String,
    /// What silence does, and why.
    pub silence: String,
    /// Who attested that it was stopped at its system, when, and what they saw; since it has been stopped.
    pub attested: Option<(String, String, String)>,
    /// The review that is not ended: address, title, one line, tag and state.
    pub going_on: Vec<ReviewRow>,
    pub earlier: Vec<ReviewRow>,
    pub more: usize,
}

/// A rule that it breaks.
#[derive(Debug)]
pub struct FindingLine {
    /// The kind of the note that it stands in.
    pub note: &'static str,
    pub tag: &'static str,
    pub severity: &'static str,
    pub says: String,
    pub remedy: &'static str,
    /// The review that is to be decided; empty where none is open, or none is to be.
    pub decide_href: String,
    /// What the advice says after that.
    pub after: &'static str,
}

/// A review as one line.
#[derive(Debug)]
pub struct ReviewRow {
    pub href: String,
    pub title: String,
    pub line: String,
    pub tag: &'static str,
    pub state: String,
}

/// Reads it. `whole` says that the reader may read the whole register, so that what concerns other identities is told.
pub fn of(
    db: &mut Db,
    register: &Register,
    identity: &Identity,
    whole: bool,
    tz: Tz,
    now: Moment,
) -> Result<Reviewed, StoreError> {
    let today = register.day(now);
    let reviews = stored::about(db, identity.id)?;
    let (live, ended): (Vec<&Review>, Vec<&Review>) =
        reviews.iter().partition(|review| !matches!(review.state, ReviewState::Closed | ReviewState::Cancelled));
    let shown: Vec<&Review> = live.iter().copied().chain(ended.iter().copied().take(LISTED)).collect();
    let ids: Vec<Id> = shown.iter().map(|review| review.id).collect();
    let decisions: HashMap<Id, ReviewDecision> =
        review_decisions::of_reviews(db, &ids)?.into_iter().map(|decision| (decision.id, decision)).collect();
    let mut named: Vec<Id> = decisions.values().map(|decision| decision.decided_by_id).collect();
    named.extend(shown.iter().filter_map(|review| review.proved_by_id));
    let attested = attested(&reviews, identity);
    named.extend(attested.and_then(|review| review.proved_by_id));
    named.sort_unstable();
    named.dedup();
    let names: HashMap<Id, String> =
        people::find_many(db, &named)?.into_iter().map(|person| (person.id, person.name)).collect();
    let mut beside = review_list::beside(db, &ids)?;
    let row = |review: &Review, beside: review_list::Beside| {
        let (tag, state) = match review.outcome {
            Some(outcome) if review.state == ReviewState::Closed => (outcome_tag(outcome), outcome.label().to_owned()),
            _ => status(review, today),
        };
        ReviewRow {
            href: format!("/reviews/{}", review.id),
            title: format!("Asked on {}", show::day(review.opened_at, tz)),
            line: line(review, &beside, &decisions, &names, tz),
            tag,
            state,
        }
    };
    let going_on = live
        .iter()
        .copied()
        .map(|review| row(review, beside.remove(&review.id).unwrap_or_default()))
        .collect::<Vec<_>>();
    let earlier = ended
        .iter()
        .copied()
        .take(LISTED)
        .map(|review| row(review, beside.remove(&review.id).unwrap_or_default()))
        .collect::<Vec<_>>();
    let asked = live.iter().find(|review| review.state == ReviewState::Open).copied();
    let counts = silence::counts(db)?;
    Ok(Reviewed {
        findings: findings::open_about(db, identity.id)?
            .into_iter()
            .map(|finding| FindingLine {
                note: if severity_tag(finding.severity) == "bad" { "bad" } else { "warn" },
                tag: severity_tag(finding.severity),
                severity: finding.severity.label(),
                says: match finding.rule {
                    // It tells of an identity that the reader may not see.
                    FindingRule::SecretShared if !whole => format!("{}.", finding.rule.label()),
                    _ => finding.says,
                },
                decide_href: match (asked, finding.rule.after_deciding()) {
                    (Some(review), Some(_)) => format!("/reviews/{}", review.id),
                    _ => String::new(),
                },
                after: finding.rule.after_deciding().unwrap_or_default(),
                remedy: finding.rule.remedy(),
            })
            .collect(),
        every: every(register, identity),
        next: match (asked, identity.next_review_on) {
            (Some(_), _) => String::new(),
            (None, Some(day)) => format!("{}, {}", show::date(day), show::distance(today, day)),
            (None, None) => "No day is set".to_owned(),
        },
        answer: answer(register, identity),
        silence: on_silence_words(register, identity, asked, counts),
        attested: attested.map(|review| {
            let who = review.proved_by_id.and_then(|id| names.get(&id).cloned());
            (
                who.unwrap_or_else(|| "Somebody".to_owned()),
                review.proved_at.map(|at| show::day(at, tz)).unwrap_or_default(),
                review.proof_note.clone().unwrap_or_default(),
            )
        }),
        going_on,
        earlier,
        more: ended.len().saturating_sub(LISTED),
    })
}

/// The review by which somebody attested last that it was stopped at its system, since it has been stopped here.
fn attested<'a>(reviews: &'a [Review], identity: &Identity) -> Option<&'a Review> {
    let stops = |review: &&Review| {
        review.proof == Some(ReviewProof::Attested)
            && matches!(
                review.outcome,
                Some(ReviewOutcome::Revoke | ReviewOutcome::SilentRevoke | ReviewOutcome::SilentSuspend)
            )
            && review.proved_at.is_some_and(|at| at >= identity.state_changed_at)
    };
    reviews.iter().filter(stops).max_by_key(|review| review.proved_at)
}

/// Who is asked, or what became of it: by whom, when, and what showed that it was done.
fn line(
    review: &Review,
    beside: &review_list::Beside,
    decisions: &HashMap<Id, ReviewDecision>,
    names: &HashMap<Id, String>,
    tz: Tz,
) -> String {
    let name = |id: &Id| names.get(id).cloned().unwrap_or_else(|| "somebody".to_owned());
    let why = beside.reasons.first().cloned().unwrap_or_default();
    if review.state == ReviewState::Open {
        let asked = match beside.asked.as_slice() {
            [] => "Nobody is asked at present.".to_owned(),
            asked => format!("{} is asked.", asked.join(", ")),
        };
        return format!("{asked} {why}").trim_end().to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let on = review.decided_at.map(|at| show::day(at, tz)).unwrap_or_default();
    match (review.outcome, review.decision_id.and_then(|id| decisions.get(&id))) {
        (Some(_), Some(decision)) => {
            let reason = decision.reason.as_ref().map(|reason| format!(": \u{201c}{reason}\u{201d}"));
            parts.push(format!("{} decided on {on}{}.", name(&decision.decided_by_id), reason.unwrap_or_default()));
        }
        (Some(outcome), None) if outcome.is_silent() => {
            let because = review.ended_because.as_ref().map(|because| format!(": {because}")).unwrap_or_default();
            parts.push(format!("By silence, on {on}{because}."));
        }
        (Some(_), None) => parts.push(format!("Decided on {on}.")),
        (None, _) => {
            parts.extend(review.ended_because.as_ref().map(|because| format!("It was cancelled: {because}.")));
        }
    }
    if let (Some(proof), Some(at)) = (review.proof, review.proved_at) {
        let who = review.proved_by_id.as_ref().map(|id| format!(" by {}", name(id))).unwrap_or_default();
        parts.push(format!("{}{who}, on {}.", proof.label(), show::day(at, tz)));
    }
    parts.join(" ")
}

/// The interval that counts: that of its tier, or a shorter one that somebody chose.
fn every(register: &Register, identity: &Identity) -> String {
    let table = &register.deployment.reviews;
    let longest = i64::from(table.of(identity.tier).interval_days);
    let counts = i64::from(table.clock(identity.tier, identity.review_interval_days).interval_days);
    let tier = identity.tier.label().to_lowercase();
    let days = show::counted(counts, "day");
    if counts < longest {
        return format!("Every {days}, sooner than the {longest} that its tier ({tier}) asks for");
    }
    match identity.review_interval_days {
        Some(chosen) if chosen > longest => {
            format!("Every {days}, because its tier is {tier}; the {chosen} that were chosen are too long for it")
        }
        _ => format!("Every {days}, because its tier is {tier}"),
    }
}

fn answer(register: &Register, identity: &Identity) -> String {
    let clock = register.deployment.reviews.clock(identity.tier, identity.review_interval_days);
    format!(
        "An answer is due {} after somebody is asked. When none has come {} later, silence counts.",
        show::counted(i64::from(clock.answer_days), "day"),
        show::counted(i64::from(clock.silence_after_days), "day")
    )
}

fn on_silence_words(register: &Register, identity: &Identity, asked: Option<&Review>, counts: bool) -> String {
    if !matches!(identity.state, IdentityState::Active | IdentityState::Suspended) {
        return format!("It is {}, so nobody is asked about it.", identity.state.label().to_lowercase());
    }
    let (silence, because) = on_silence(register, identity);
    let after = match asked {
        Some(review) => format!("after {}", show::date(review.silence_on)),
        None => "then".to_owned(),
    };
    let does = match silence {
        Silence::Escalate => format!("it goes to the administrators {after}, and a finding stands"),
        Silence::Keep => format!("its access stays {after}, with a finding; that is no yes"),
        Silence::Suspend => format!("it is suspended {after}"),
        Silence::Revoke => format!("it is revoked {after}"),
    };
    let only = if silence.cuts() && !counts { " For now that is only simulated." } else { "" };
    match asked.filter(|review| review.escalated_at.is_some()) {
        Some(_) if silence == Silence::Escalate => {
            format!("Nobody answered, so it is with the administrators. {because}")
        }
        Some(_) => format!(
            "Nobody answered, so it is with the administrators. What is known of it changed since: silence may stop it \
             now, after days that the next run gives it. {because}"
        ),
        None => format!("If nobody answers, {does}. {because}{only}"),
    }
}
