//! Facts about an identity in plain words, for whoever decides about a request or a review.
//!
//! Dates are days in the deployment's zone, so that everybody reads the same words.

use chrono::NaiveDate;

use super::{Register, requests};
use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::PaperKind;
use crate::domain::requests::sheet::{Fact, Mark};
use crate::domain::scopes::reach::Reach;
use crate::domain::task_words::date_words;
use crate::store::identities::Identity;
use crate::store::identity_papers::{self, Paper};
use crate::store::identity_parts::{self as parts, RevocationPath};
use crate::store::requests::Request;
use crate::store::{Db, StoreError, registry};

/// What the register knows beside the identity itself.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub system: Option<String>,
    /// The vendor, and the end of its contract.
    pub vendor: Option<(String, Option<NaiveDate>)>,
    /// Documents about this identity, and those about everything of its vendor.
    pub papers: Vec<Paper>,
    pub vendor_papers: Vec<Paper>,
    pub path: Option<RevocationPath>,
    /// The approval that stands, where it was given for another purpose or basis.
    pub outdated: Option<Request>,
}

impl Known {
    /// Reads it about an identity.
    pub fn of(db: &mut Db, identity: &Identity) -> Result<Self, StoreError> {
        let vendor = identity.vendor_id.map(|id| registry::find_vendor(db, id)).transpose()?;
        let vendor_papers = vendor.as_ref().map(|vendor| vendor.papers(identity.id)).unwrap_or_default();
        Ok(Self {
            vendor_papers,
            system: identity.system_id.map(|id| registry::find_system(db, id)).transpose()?.map(|system| system.name),
            vendor: vendor.map(|vendor| (vendor.name, vendor.contract_ends_on)),
            papers: identity_papers::of_identity(db, identity.id)?,
            path: parts::revocation_path(db, identity.id)?,
            outdated: requests::outdated(db, identity)?,
        })
    }

    /// The kinds of document on record that run on that day.
    pub fn running(&self, day: NaiveDate) -> Vec<PaperKind> {
        let all = self.papers.iter().chain(&self.vendor_papers);
        all.filter(|paper| paper.runs_on(day)).map(|paper| paper.kind).collect()
    }
}

/// What it reaches that is sensitive beyond being a patient's, in words.
pub fn sensitive(register: &Register, reach: &Reach) -> Fact {
    const LABEL: &str = "Sensitive kinds of record";
    let words = |name: &str| register.deployment.scopes.data_words(name).unwrap_or_else(|| name.to_owned());
    match reach.sensitive_types.is_empty() {
        true => Fact::new(LABEL, reach.no_sensitive_type()),
        false => Fact { lines: reach.sensitive_types.iter().map(|name| words(name)).collect(), ..Fact::new(LABEL, "") },
    }
}

/// Coverage of what can be seen, never a bare "never used".
pub fn used(identity: &Identity, day: impl Fn(Moment) -> String) -> String {
    match (identity.last_used_at, identity.use_visible_since) {
        (Some(at), _) => {
            let source = identity.last_used_source.as_deref().unwrap_or("an unnamed source");
            format!("Last seen {} (source: {source}). We cannot see which permissions it used.", day(at))
        }
        (None, Some(since)) => format!("Not seen since {}, when we began to see calls.", day(since)),
        (None, None) => "We cannot see use of this app.".to_owned(),
    }
}

/// Whether records leave the organisation, as far as the register knows.
pub fn leaves(known: &Known) -> String {
    match &known.vendor {
        Some((name, Some(ends))) => {
            format!("Yes, perhaps: it belongs to {name}, whose contract ends {}", date_words(*ends))
        }
        Some((name, None)) => format!("Yes, perhaps: it belongs to {name}. No end of a contract is on record"),
        None => "We don\u{2019}t know: no vendor is on record".to_owned(),
    }
}

/// Whether anybody knows how to switch it off, and tried.
pub fn switch_off(known: &Known, day: impl Fn(Moment) -> String) -> Fact {
    let fact = |text: String| Fact::new("Switch-off tried?", text);
    match known.path.as_ref().map(|path| path.proved_at) {
        None => fact("Nobody has written how to switch it off.".to_owned()).marked(Mark::Bad, "No way known"),
        Some(None) => fact("It is written how to switch it off, and nobody has tried.".to_owned())
            .marked(Mark::Warning, "Never tried"),
        Some(Some(at)) => fact(format!("Switching it off was tried on {}.", day(at))).marked(Mark::Good, "Tried"),
    }
}

/// Whoever owns it, and whether they said so.
pub fn owner(label: &str, person: Option<Id>, answer: Option<OwnerAnswer>, named: bool) -> Fact {
    let Some(id) = person else { return Fact::unknown(label, "Nobody") };
    let text = match answer {
        Some(OwnerAnswer::Refused) => "{person} (refused)",
        Some(OwnerAnswer::Accepted) => "{person}",
        _ if named => "{person} (named by whoever asks, and has not accepted yet)",
        _ => "{person} (has not accepted yet)",
    };
    Fact::new(label, text).about(vec![id])
}
