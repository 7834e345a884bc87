//! Reading what somebody decides: nothing is chosen for anybody, and a text beside an answer that takes
//! none is a fault, not something to be dropped.

use chrono::NaiveDate;

use super::RequestAnswer;
use super::asking::{self, AskFault, LONGEST_REASON};
use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret};

/// The longest name or address of a person, in characters.
const LONGEST_PERSON: usize = 300;

/// What somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed<'a> {
    pub answer: Option<RequestAnswer>,
    /// The permissions that are ticked.
    pub keep: &'a [&'a str],
    /// An earlier end, `YYYY-MM-DD`.
    pub until: &'a str,
    pub reason: &'a str,
    /// The ground of a no.
    pub ground: &'a str,
    /// Who is the right person.
    pub somebody: &'a str,
}

/// What is decided about, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The permissions that are still asked for and not approved already.
    pub scopes: &'a [String],
    /// What is approved already and stays: part of a request never takes that away.
    pub settled: &'a [String],
    /// The end that is asked for, or to which somebody cut it already.
    pub until: NaiveDate,
    /// The words of the grounds that are offered.
    pub grounds: &'a [&'a str],
    pub today: NaiveDate,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Approve,
    /// These permissions, until that day; at least one of both is less than was asked for.
    Part {
        scopes: Vec<String>,
        until: NaiveDate,
    },
    Refuse {
        ground: String,
    },
    PassOn {
        somebody: String,
    },
}

/// A decision and its reason; only a whole yes may go without one.
pub type Decided = (Decision, Option<String>);

/// What is wrong with a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionFault {
    #[error("Choose one of the answers; nothing was recorded")]
    NotChosen,
    #[error("Tick everything that it may have of what is new; to give none of it, say no")]
    NothingKept,
    #[error("As it stands, this is all that was asked for: tick less, write an earlier day, or approve it")]
    NothingLess,
    #[error("This permission is not asked for: {0}; open the page again")]
    NotAsked(String),
    #[error("Write a day no later than {0}, which is what was asked for")]
    LaterThanAsked(NaiveDate),
    #[error("{0}")]
    Until(AskFault),
    #[error("Choose the ground; whoever asked is told, and it stands in the list of refusals")]
    NoGround,
    #[error("Write your reason; whoever asked reads it")]
    WhyNot,
    #[error("Write why only part of it; whoever asked reads it")]
    WhyPart,
    #[error("Write why they decide; they will read it")]
    WhyThey,
    #[error("Write at most {LONGEST_REASON} characters")]
    TooLong,
    #[error("{HOLDS_A_SECRET}")]
    Secret,
    #[error("Write the name or the e-mail address of whoever should decide")]
    NoPerson,
    #[error("Write a name or an e-mail address on one line, at most {LONGEST_PERSON} characters")]
    UnreadablePerson,
    #[error("Remove the name, or choose the answer that it belongs to")]
    UnusedPerson,
    #[error("Remove the ground, or choose the answer that it belongs to")]
    UnusedGround,
    #[error("Remove the day, or choose to approve only part")]
    UnusedDate,
}

impl DecisionFault {
    /// The field of the form that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NotChosen => "answer",
            Self::NothingKept | Self::NothingLess | Self::NotAsked(_) => "keep",
            Self::LaterThanAsked(_) | Self::Until(_) | Self::UnusedDate => "until",
            Self::NoGround | Self::UnusedGround => "ground",
            Self::WhyNot | Self::WhyPart | Self::WhyThey | Self::TooLong | Self::Secret => "reason",
            Self::NoPerson | Self::UnreadablePerson | Self::UnusedPerson => "somebody",
        }
    }
}

/// Reads a decision about what stands.
///
/// # Errors
/// Every fault at once, in the order of the form.
pub fn read(typed: Typed<'_>, standing: &Standing<'_>) -> Result<Decided, Vec<DecisionFault>> {
    let Some(answer) = typed.answer else { return Err(vec![DecisionFault::NotChosen]) };
    let mut faults = Vec::new();
    let part = read_part(&typed, standing, answer).map_err(|more| faults.extend(more)).ok().flatten();
    let ground = read_ground(typed.ground, standing, answer).map_err(|fault| faults.push(fault)).ok().flatten();
    let somebody = read_somebody(typed.somebody, answer).map_err(|fault| faults.push(fault)).ok().flatten();
    let reason = read_reason(typed.reason, answer).map_err(|fault| faults.push(fault)).ok();
    let decision = match answer {
        RequestAnswer::Approve => Some(Decision::Approve),
        RequestAnswer::Part => part,
        RequestAnswer::Refuse => ground.map(|ground| Decision::Refuse { ground }),
        RequestAnswer::PassOn => somebody.map(|somebody| Decision::PassOn { somebody }),
    };
    match (decision, reason) {
        (Some(decision), Some(reason)) if faults.is_empty() => Ok((decision, reason)),
        _ => Err(faults),
    }
}

fn read_part(
    typed: &Typed<'_>,
    standing: &Standing<'_>,
    answer: RequestAnswer,
) -> Result<Option<Decision>, Vec<DecisionFault>> {
    if answer != RequestAnswer::Part {
        // Ticks are what the page shows for the other answer; a day is typed, and typed for something.
        return if typed.until.trim().is_empty() { Ok(None) } else { Err(vec![DecisionFault::UnusedDate]) };
    }
    let mut faults = Vec::new();
    for scope in typed.keep {
        if !standing.scopes.iter().any(|asked| asked == scope) {
            faults.push(DecisionFault::NotAsked((*scope).to_owned()));
        }
    }
    let scopes: Vec<String> =
        standing.scopes.iter().filter(|scope| typed.keep.contains(&scope.as_str())).cloned().collect();
    if scopes.is_empty() && !standing.scopes.is_empty() {
        faults.push(DecisionFault::NothingKept);
    }
    let until = if typed.until.trim().is_empty() {
        standing.until
    } else {
        match asking::date(typed.until, standing.today) {
            Ok(date) if date > standing.until => {
                faults.push(DecisionFault::LaterThanAsked(standing.until));
                date
            }
            Ok(date) => date,
            Err(fault) => {
                faults.push(DecisionFault::Until(fault));
                standing.until
            }
        }
    };
    if faults.is_empty() && scopes.len() == standing.scopes.len() && until == standing.until {
        faults.push(DecisionFault::NothingLess);
    }
    let scopes = standing.settled.iter().cloned().chain(scopes).collect();
    if faults.is_empty() { Ok(Some(Decision::Part { scopes, until })) } else { Err(faults) }
}

fn read_ground(text: &str, standing: &Standing<'_>, answer: RequestAnswer) -> Result<Option<String>, DecisionFault> {
    let text = text.trim();
    match (answer, text) {
        (RequestAnswer::Refuse, ground) if standing.grounds.contains(&ground) => Ok(Some(ground.to_owned())),
        (RequestAnswer::Refuse, _) => Err(DecisionFault::NoGround),
        (_, "") => Ok(None),
        _ => Err(DecisionFault::UnusedGround),
    }
}

fn read_somebody(text: &str, answer: RequestAnswer) -> Result<Option<String>, DecisionFault> {
    let text = text.trim();
    match (answer, text) {
        (RequestAnswer::PassOn, "") => Err(DecisionFault::NoPerson),
        (RequestAnswer::PassOn, _) if text.chars().count() > LONGEST_PERSON || text.chars().any(char::is_control) => {
            Err(DecisionFault::UnreadablePerson)
        }
        (RequestAnswer::PassOn, _) => Ok(Some(text.to_owned())),
        (_, "") => Ok(None),
        _ => Err(DecisionFault::UnusedPerson),
    }
}

fn read_reason(text: &str, answer: RequestAnswer) -> Result<Option<String>, DecisionFault> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().count() > LONGEST_REASON {
        return Err(DecisionFault::TooLong);
    }
    if holds_a_secret(text) {
        return Err(DecisionFault::Secret);
    }
    match (answer, text) {
        (RequestAnswer::Approve, "") => Ok(None),
        (RequestAnswer::Part, "") => Err(DecisionFault::WhyPart),
        (RequestAnswer::Refuse, "") => Err(DecisionFault::WhyNot),
        (RequestAnswer::PassOn, "") => Err(DecisionFault::WhyThey),
        (_, text) => Ok(Some(text.to_owned())),
    }
}
