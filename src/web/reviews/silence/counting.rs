//! Whether silence counts, who said so, and what was proposed before.

use chrono_tz::Tz;

use super::found::Found;
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::permissions::Permission;
use crate::domain::reviews::silence::ProposalState;
use crate::domain::reviews::two_people::has_lapsed;
use crate::store::silence_proposals::SilenceProposal;
use crate::web::session::Viewer;
use crate::web::show;

pub struct Counting {
    /// Whether silence suspends and revokes, or is only simulated.
    pub counts: bool,
    /// A run was done, so that there was something to read before anybody says that it counts.
    pub simulated: bool,
    /// Who said that it counts, when and why; empty while it is simulated.
    pub said: String,
    /// What waits for another administrator.
    pub proposal: Option<Proposal>,
    pub may_set: bool,
    pub earlier: Vec<Earlier>,
}

pub struct Proposal {
    pub id: Id,
    pub version: i64,
    pub words: String,
    /// The reader proposed it, so somebody else has to agree.
    pub mine: bool,
    /// Nobody agreed in time, so nobody can any more.
    pub lapsed: bool,
    /// How many would lose something by a run of today: the form that agrees carries it.
    pub would_lose: i64,
    /// The same as a sentence, and to how many silence comes later.
    pub would: String,
    pub ahead: String,
}

impl Proposal {
    /// Whether whoever may set it sees the form that agrees.
    pub fn may_be_agreed_to(&self) -> bool {
        !self.mine && !self.lapsed
    }
}

pub struct Earlier {
    pub machine: String,
    pub on: String,
    pub who: String,
    pub reason: String,
    pub state: &'static str,
    pub became: String,
}

impl Counting {
    /// Whether the page has a form with a reason.
    pub fn asks_why(&self) -> bool {
        self.may_set && (self.counts || self.simulated) && self.proposal.as_ref().is_none_or(Proposal::may_be_agreed_to)
    }
}

pub fn counting(found: &Found, viewer: &Viewer, tz: Tz) -> Counting {
    let me = viewer.person().ok();
    let said = match &found.proposal {
        Some(one) if found.counts => format!("{} {}", proposed_words(one, found, tz), became(one, found, tz)),
        _ => String::new(),
    };
    Counting {
        counts: found.counts,
        simulated: found.simulated,
        said,
        proposal: found.proposal.as_ref().filter(|one| one.state == ProposalState::Proposed).map(|one| Proposal {
            id: one.id,
            version: one.version,
            words: proposed_words(one, found, tz),
            mine: me == Some(one.proposed_by_id),
            lapsed: has_lapsed(one.proposed_at, viewer.now),
            would_lose: found.today.identities,
            would: would(found),
            ahead: found.ahead.words(),
        }),
        may_set: viewer.may(Permission::KeepPeople) && viewer.token.is_none(),
        earlier: found
            .proposals
            .iter()
            .filter(|one| matches!(one.state, ProposalState::Withdrawn | ProposalState::Ended))
            .map(|one| Earlier {
                machine: one.proposed_at.to_text(),
                on: show::moment(one.proposed_at, tz),
                who: found.name(one.proposed_by_id),
                reason: one.reason.clone(),
                state: one.state.label(),
                became: became(one, found, tz),
            })
            .collect(),
    }
}

/// What a run of today would do, for whoever agrees.
fn would(found: &Found) -> String {
    let today = found.today;
    let others = match today.identities - today.may_be_production {
        ..=0 => String::new(),
        others => format!(" and {} elsewhere or at work no longer", thousands(others)),
    };
    let all = match today.identities {
        0 => return "Today a run would suspend or revoke nothing.".to_owned(),
        1 => "1 identity".to_owned(),
        many => format!("{} identities", thousands(many)),
    };
    let works = match today.may_be_production {
        1 => "1 that works or may work".to_owned(),
        many => format!("{} that work or may work", thousands(many)),
    };
    format!("Today a run would suspend or revoke {all}: {works} in production{others}.")
}

fn proposed_words(one: &SilenceProposal, found: &Found, tz: Tz) -> String {
    format!(
        "{} proposed on {} that silence counts: \u{201c}{}\u{201d}",
        found.name(one.proposed_by_id),
        show::day(one.proposed_at, tz),
        one.reason
    )
}

/// Who agreed, and who ended it.
fn became(one: &SilenceProposal, found: &Found, tz: Tz) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let (Some(person), Some(at)) = (one.agreed_by_id, one.agreed_at) {
        parts.push(format!("{} agreed on {}.", found.name(person), show::day(at, tz)));
    }
    if let (Some(person), Some(at)) = (one.ended_by_id, one.ended_at) {
        let did = if one.state == ProposalState::Withdrawn { "took it back" } else { "had it simulated again" };
        let why = one.ended_because.as_ref().map(|why| format!(": \u{201c}{why}\u{201d}")).unwrap_or_default();
        parts.push(format!("{} {did} on {}{why}.", found.name(person), show::day(at, tz)));
    }
    parts.join(" ")
}
