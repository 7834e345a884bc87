//! What a reviewer reads, written from what the register knows at this moment: with its digest a decision is bound
//! to it, and it is kept with the decision.

use chrono::NaiveDate;

use super::load::Loaded;
use crate::actions::Register;
use crate::actions::identity_facts::{self as known_facts, Known};
use crate::domain::identities::{Criticality, ScopeList};
use crate::domain::ids::Moment;
use crate::domain::reaching::basis_of;
use crate::domain::requests::sheet::{Fact, Mark, Sheet};
use crate::domain::reviews::end_date::EndsFirst;
use crate::domain::reviews::held::Held;
use crate::domain::reviews::sheet::{GoesOn, Kept, Written, write};
use crate::domain::reviews::silence::{self, Asked, Silence};
use crate::domain::scopes::ScopeSet;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::task_words::date_words;
use crate::store::campaigns::Campaign;
use crate::store::identities::Identity;
use crate::store::{Db, StoreError};

/// Over why a campaign asks.
const CAMPAIGN_ASKS: &str = "Why the campaign asks";

/// The sheet of a review.
pub fn sheet(db: &mut Db, register: &Register, loaded: &Loaded) -> Result<Sheet, StoreError> {
    let known = Known::of(db, &loaded.identity)?;
    let identity = &loaded.identity;
    let held = loaded.holds();
    let before = loaded.looked_at();
    let (silence, because) = on_silence(register, identity);
    Ok(write(
        Written {
            app: &identity.name,
            // Where nobody has decided before, everything stands as it is and nothing is called new.
            before: before.as_ref(),
            held: &held,
            kept: kept(&held),
            goes_on: goes_on(register, loaded),
            silence: (silence, &because, loaded.review.silence_on),
            silence_counts: super::counting::counts(db)?,
            facts: facts(register, loaded, &known, &held),
        },
        &register.deployment.scopes,
    ))
}

/// What keeping leaves of these permissions.
pub fn kept(held: &Held) -> Kept {
    match held.beyond().len() {
        0 if held.approved.is_empty() && !held.issued.is_empty() => Kept::Unapproved,
        0 => Kept::Everything,
        beyond => Kept::Approved { beyond },
    }
}

/// How long it goes on where it is kept today.
pub fn goes_on(register: &Register, loaded: &Loaded) -> GoesOn {
    kept_on(register, loaded, loaded.today)
}

/// How long it goes on where it was kept on that day.
pub fn kept_on(register: &Register, loaded: &Loaded, day: NaiveDate) -> GoesOn {
    let identity = &loaded.identity;
    let clock = register.deployment.reviews.clock(identity.tier, identity.review_interval_days);
    let clinical = identity.criticality == Criticality::Clinical;
    GoesOn::of(clock.next(day), ends(register, loaded), loaded.today, clinical)
}

/// Its end date, where that comes before the day on which it is switched off.
pub fn ends_before(register: &Register, loaded: &Loaded, off: NaiveDate) -> Option<EndsFirst> {
    let clinical = loaded.identity.criticality == Criticality::Clinical;
    EndsFirst::of(ends(register, loaded), off, loaded.today, clinical)
}

fn ends(register: &Register, loaded: &Loaded) -> Option<NaiveDate> {
    loaded.identity.expires_at.map(|at| register.day(at))
}

/// What silence does to an identity, and why.
pub fn on_silence(register: &Register, identity: &Identity) -> (Silence, String) {
    silence::then(
        &register.deployment.reviews.rules,
        Asked {
            tier: identity.tier,
            basis: basis_of(identity.access_basis),
            criticality: identity.criticality,
            environment: identity.environment,
            vendor_managed: identity.vendor_managed,
        },
    )
}

fn facts(register: &Register, loaded: &Loaded, known: &Known, held: &Held) -> Vec<Fact> {
    let identity = &loaded.identity;
    let knowledge = &register.deployment.scopes;
    let day = |at: Moment| date_words(register.day(at));
    // What the app can reach is what was approved and what its system gives, whichever is more.
    let all = held.all();
    let reach = Reach::of(&ScopeSet::of_product(all.iter().map(String::as_str)), Release::R4, knowledge);
    let reasons = loaded.reasons.iter().map(|reason| reason.says.clone()).collect();
    let mut facts = vec![
        Fact::new("App", format!("{}, {}", identity.name, identity.kind.label())),
        Fact { lines: reasons, ..Fact::new("Why you are asked", "") },
    ];
    facts.extend(loaded.campaign.as_ref().map(campaign_asks));
    facts.push(match &identity.purpose {
        Some(purpose) => Fact::new("What it is for", purpose.clone()),
        None => Fact::unknown("What it is for", "Nobody has written it down"),
    });
    facts.push(match identity.access_basis {
        Some(basis) => Fact::new("Why it may see patient data", basis.label()),
        None => Fact::unknown("Why it may see patient data", "Nobody has said"),
    });
    facts.push(Fact::new("Whose data", reach.whose_words(&knowledge.words)));
    facts.push(known_facts::sensitive(register, &reach));
    facts.push(source(held));
    facts.push(Fact::new("Use", known_facts::used(identity, day)));
    facts.extend(changes(loaded));
    facts.push(last_answer(loaded, day));
    facts.push(match identity.expires_at {
        None => Fact::new("Ends", "No end is on record").marked(Mark::Warning, "Never"),
        Some(at) => Fact::new("Ends", day(at)),
    });
    facts.push(Fact::new("Does it leave us?", known_facts::leaves(known)));
    facts.push(known_facts::switch_off(known, day));
    facts.push(known_facts::owner("Business owner", identity.business_owner_id, identity.business_owner_answer, false));
    facts.push(known_facts::owner(
        "Technical owner",
        identity.technical_owner_id,
        identity.technical_owner_answer,
        false,
    ));
    if identity.criticality == Criticality::Clinical {
        facts.push(Fact::new("Care depends on it", "Yes: it is never stopped by a timer or by silence"));
    }
    for (task, said) in loaded.answers() {
        let said = format!("{{person}}, on {}: \u{201c}{said}\u{201d}", day(task.closed_at.unwrap_or(task.created_at)));
        facts.push(Fact::new("What was answered", said).about(task.closed_by.into_iter().collect()));
    }
    facts
}

/// Why a campaign asks, as whoever opened it wrote it.
fn campaign_asks(campaign: &Campaign) -> Fact {
    // The name stands first: the text behind it is typed, and whatever it holds is none of ours to fill in.
    let says = format!("{{person}} wrote: \u{201c}{}\u{201d}", campaign.why);
    Fact::new(CAMPAIGN_ASKS, says).about(vec![campaign.opener()])
}

/// Where it is known from what it may do.
fn source(held: &Held) -> Fact {
    const LABEL: &str = "Where that is known from";
    match (held.approved.is_empty(), held.issued.is_empty()) {
        (true, true) => Fact::unknown(LABEL, "No permission is on record: it may reach anything or nothing"),
        (true, false) => Fact::new(LABEL, "What its system gives it. Nobody has approved it on record."),
        (false, true) => Fact::new(LABEL, "What was approved. What its system gives it was not seen."),
        (false, false) => Fact::new(LABEL, "What was approved, and what its system gives it as last seen."),
    }
}

/// What of it changed since somebody was asked.
fn changes(loaded: &Loaded) -> Option<Fact> {
    let taken = loaded.taken()?;
    let identity = &loaded.identity;
    let mut lines = Vec::new();
    let mut note = |differs: bool, words: &str| {
        if differs {
            lines.push(words.to_owned());
        }
    };
    note(taken.approved != loaded.on(ScopeList::Approved), "What is approved");
    note(taken.issued != loaded.on(ScopeList::Issued), "What its system gives it");
    note(taken.business_owner_id != identity.business_owner_id, "Its business owner");
    note(taken.technical_owner_id != identity.technical_owner_id, "Its technical owner");
    note(taken.environment != identity.environment, "Where it works");
    note(taken.state != identity.state, "Its state");
    note(taken.tier != identity.tier, "How far it reaches");
    (!lines.is_empty())
        .then(|| Fact { lines, ..Fact::new("Changed since you were asked", "") }.marked(Mark::Warning, "Look again"))
}

/// Who decided last, and what.
fn last_answer(loaded: &Loaded, day: impl Fn(Moment) -> String) -> Fact {
    const LABEL: &str = "Last answer";
    match &loaded.before {
        None => Fact::unknown(LABEL, "Nobody has reviewed it before"),
        Some(before) => {
            let outcome = before.outcome.map_or("", |outcome| outcome.label());
            let on = before.decided_at.map(day).unwrap_or_default();
            Fact::new(LABEL, format!("{outcome}, on {on}"))
        }
    }
}
