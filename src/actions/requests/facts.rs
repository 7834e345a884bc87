//! What somebody needs to know to decide about a request, in plain words: read in one transaction with the
//! request, bound to the decision by its digest, and kept with it.
//!
//! Dates are days in the deployment's zone, so that everybody reads the same words.

use super::load::Loaded;
use crate::actions::Register;
use crate::actions::identity_facts::{Known, leaves, owner, sensitive, switch_off, used};
use crate::domain::identities::{Criticality, Environment, ScopeList};
use crate::domain::ids::Moment;
use crate::domain::registration::LAUNCH_TYPES;
use crate::domain::requests::sheet::{Fact, Mark, Sheet};
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::{ScopeSet, algebra};
use crate::domain::task_words::date_words;
use crate::store::identities::Identity;
use crate::store::identity_papers::Paper;
use crate::store::{Db, StoreError};

/// What is decided about now, with the facts.
pub fn whole_sheet(db: &mut Db, register: &Register, loaded: &Loaded) -> Result<Sheet, StoreError> {
    let known = Known::of(db, &loaded.identity)?;
    Ok(with_facts(register, loaded, &known))
}

/// The same from what was read already.
pub fn with_facts(register: &Register, loaded: &Loaded, known: &Known) -> Sheet {
    Sheet { facts: facts(register, loaded, known), ..loaded.sheet(register) }
}

fn facts(register: &Register, loaded: &Loaded, known: &Known) -> Vec<Fact> {
    let identity = &loaded.identity;
    let day = |at: Moment| date_words(register.day(at));
    let asked = ScopeSet::of(loaded.scopes().iter().map(String::as_str));
    let reach = Reach::of(&asked, Release::R4, &register.deployment.scopes);
    let mut facts = vec![
        Fact::new("App", format!("{}, {}", identity.name, identity.kind.label())),
        Fact::new("Why they ask", format!("\u{201c}{}\u{201d}", loaded.request.reason)),
        asked_by(loaded, &day(loaded.request.sent_at)),
    ];
    if let Some(urgency) = &loaded.request.urgency {
        facts.push(Fact::new("Why it cannot wait", format!("\u{201c}{urgency}\u{201d}")));
    }
    facts.push(match &identity.purpose {
        Some(purpose) => Fact::new("What it is for", purpose.clone()),
        None => Fact::unknown("What it is for", "Nobody has written it down"),
    });
    facts.push(match identity.access_basis {
        Some(basis) => Fact::new("Why it may see patient data", basis.label()),
        None => Fact::unknown("Why it may see patient data", "Nobody has said"),
    });
    facts.push(started(identity));
    facts.push(Fact::new("Whose data", reach.whose_words(&register.deployment.scopes.words)));
    facts.push(sensitive(register, &reach));
    facts.push(Fact::new("Until", date_words(loaded.until())));
    facts.push(Fact::new("Use so far", used(identity, day)));
    facts.extend(unused(loaded));
    facts.push(Fact::new("Does it leave us?", leaves(known)));
    facts.push(switch_off(known, day));
    facts.push(Fact::new("Where it works", place(loaded, known)));
    facts.push(documents(loaded, known));
    let named = loaded.request.names_owners(identity);
    facts.push(owner("Business owner", identity.business_owner_id, identity.business_owner_answer, named));
    facts.push(owner("Technical owner", identity.technical_owner_id, identity.technical_owner_answer, named));
    if identity.criticality == Criticality::Clinical {
        facts.push(Fact::new("Care depends on it", "Yes: it is never stopped by a timer"));
    }
    facts
}

/// How it is started: from the record system, on its own, or by nobody.
fn started(identity: &Identity) -> Fact {
    let label = |word: &String| {
        LAUNCH_TYPES
            .iter()
            .find(|(known, _)| known == word)
            .map_or_else(|| word.clone(), |(_, label)| (*label).to_owned())
    };
    let lines: Vec<String> = identity.launch_types.0.iter().map(label).collect();
    match lines.is_empty() {
        true => Fact::unknown("How it is started", "Nobody has said"),
        false => Fact { lines, ..Fact::new("How it is started", "") },
    }
}

fn asked_by(loaded: &Loaded, day: &str) -> Fact {
    let mut people = vec![loaded.request.requester_id];
    let for_owner = match loaded.request.requester_for_id {
        Some(owner) => {
            people.push(owner);
            ", for {person}"
        }
        None => "",
    };
    Fact::new("Asked by", format!("{{person}}{for_owner}, on {day}")).about(people)
}

/// Approved scopes that the system does not give: nobody can be using them.
fn unused(loaded: &Loaded) -> Option<Fact> {
    let lines = not_issued(&loaded.on(ScopeList::Approved), &loaded.on(ScopeList::Issued));
    (!lines.is_empty()).then(|| Fact { lines, ..Fact::new("Approved and not issued", "") })
}

/// What is approved and not given by the system, as far as the system was seen at all.
pub fn not_issued(approved: &[&str], issued: &[&str]) -> Vec<String> {
    if issued.is_empty() {
        return Vec::new();
    }
    let unused =
        algebra::difference(&ScopeSet::of(approved.iter().copied()), &ScopeSet::of_product(issued.iter().copied()));
    unused.scopes.iter().map(ToString::to_string).chain(unused.open).collect()
}

fn place(loaded: &Loaded, known: &Known) -> String {
    let environment = loaded.identity.environment;
    let test = match (environment, loaded.request.test_data) {
        (_, true) => "; whoever asks says that no data of real patients is there",
        (Environment::Sandbox, false) => "; nobody says that it holds no data of real patients",
        _ => "",
    };
    match &known.system {
        Some(system) => format!("{system}, {}{test}", environment.label().to_lowercase()),
        None => format!("{}{test}", environment.label()),
    }
}

/// The documents that allow it, a line each.
fn documents(loaded: &Loaded, known: &Known) -> Fact {
    let (own, vendors) = (&known.papers, &known.vendor_papers);
    if own.is_empty() && vendors.is_empty() {
        return Fact::unknown("Documents", "None on record");
    }
    let vendor = known.vendor.as_ref().map_or("the vendor", |(name, _)| name.as_str());
    let line = |paper: &Paper, whose: &str| {
        let (kind, reference) = (paper.kind.label(), &paper.reference);
        match paper.ends_on {
            Some(ends) if ends < loaded.today => {
                format!("{kind}{whose}: {reference}, has ended: its last day was {}", date_words(ends))
            }
            Some(ends) => format!("{kind}{whose}: {reference}, last day {}", date_words(ends)),
            None => format!("{kind}{whose}: {reference}, no last day on record"),
        }
    };
    let with = format!(" with {vendor}");
    let lines = own.iter().map(|paper| line(paper, "")).chain(vendors.iter().map(|paper| line(paper, &with))).collect();
    let fact = Fact { lines, ..Fact::new("Documents", "") };
    if own.iter().chain(vendors).any(|paper| !paper.runs_on(loaded.today)) {
        return fact.marked(Mark::Bad, "One has ended");
    }
    fact
}
