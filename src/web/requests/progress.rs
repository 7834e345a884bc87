//! How far a request is: its steps with who took them, and what its state means.

use chrono_tz::Tz;

use super::facts::RequestFacts;
use crate::actions::Register;
use crate::actions::requests::Loaded;
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::{RequestAnswer, RequestState, StageState};
use crate::domain::task_words::date_words;
use crate::web::show;

/// One step on the page.
#[derive(Debug, Clone)]
pub struct StepView {
    pub tag: &'static str,
    pub state: String,
    pub who: String,
    pub text: String,
    /// The receipt of the decision; empty where there is none.
    pub href: String,
}

/// Every step: the decisions in their order, those that were taken back too, and what still waits.
pub fn steps(loaded: &Loaded, facts: &RequestFacts, tz: Tz) -> Vec<StepView> {
    let name = |id: &Id| facts.names.name(id);
    let mut steps = Vec::new();
    for decision in &loaded.decisions {
        let when = show::moment(decision.decided_at, tz);
        let who = format!("{} {}", name(&decision.decided_by_id), decision.decided_as.label());
        let (tag, state) = match (decision.stands(), decision.answer) {
            (false, _) => ("plain", "Taken back"),
            (true, RequestAnswer::Approve) => ("ok", "Approved"),
            (true, RequestAnswer::Part) => ("ok", "Approved in part"),
            (true, RequestAnswer::Refuse) => ("bad", "Refused"),
            (true, RequestAnswer::PassOn) => ("info", "Passed on"),
        };
        let reason = decision.reason.as_deref().map(|reason| format!(" \u{201c}{reason}\u{201d}")).unwrap_or_default();
        let to = decision.passed_to_id.as_ref().map(|to| format!(" To {}.", name(to))).unwrap_or_default();
        steps.push(StepView {
            tag,
            state: state.to_owned(),
            who,
            text: format!("{}, on {when}.{to}{reason}", decision.stage.label()),
            href: format!("/decisions/{}", decision.id),
        });
    }
    if loaded.request.state == RequestState::Open {
        let current = loaded.current().map(|stage| stage.position);
        for stage in loaded.stages.iter().filter(|stage| loaded.state_of(stage) == StageState::Waiting) {
            let now = current == Some(stage.position);
            let due = stage.due_on.filter(|_| now).map(|due| match due < loaded.today {
                false => format!("An answer is expected by {}.", show::deadline(due)),
                true => format!(
                    "An answer was expected by {}; whoever keeps the register can decide now.",
                    show::deadline(due)
                ),
            });
            let with = match (now, facts.waiting_with.is_empty()) {
                (true, false) => format!("{}: {}", stage.kind.label(), facts.waiting_with),
                _ => stage.kind.label().to_owned(),
            };
            steps.push(StepView {
                tag: if now { "info" } else { "plain" },
                state: if now { "Waiting" } else { "Later" }.to_owned(),
                who: with,
                text: due.unwrap_or_else(|| "Asked when the steps before have said yes.".to_owned()),
                href: String::new(),
            });
        }
    }
    if let (Some(executor), Some(at)) = (&loaded.request.executor_id, loaded.request.issued_at) {
        steps.push(StepView {
            tag: "ok",
            state: "Issued".to_owned(),
            who: name(executor),
            text: format!("On {}.", show::moment(at, tz)),
            href: String::new(),
        });
    }
    steps
}

/// What the state means, and what happens next.
pub fn stands(loaded: &Loaded, register: &Register, state: RequestState, tz: Tz) -> String {
    let request = &loaded.request;
    let at = |moment: Option<Moment>| moment.map(|at| show::moment(at, tz)).unwrap_or_default();
    match state {
        RequestState::Open => format!("It expires on {} if nobody decides.", show::moment(request.ends_at, tz)),
        RequestState::Approved => format!(
            "Everybody said yes. Until {} each of them can change their mind; then it takes effect.",
            at(request.effective_at)
        ),
        RequestState::InForce => format!(
            "Since {} this is the most that {} may be given. What is not yet done: nobody has recorded that it was set up at \
             the system.",
            at(request.applied_at),
            loaded.identity.name
        ),
        RequestState::Issued => match request.confirmed_at {
            Some(confirmed) => format!(
                "It was set up on {}, and an import on {} saw no more than was approved.",
                at(request.issued_at),
                show::moment(confirmed, tz)
            ),
            None => format!(
                "It was set up on {}. What is not yet done: no import has confirmed it since.",
                at(request.issued_at)
            ),
        },
        RequestState::Refused => {
            match loaded.decisions.iter().rfind(|one| one.stands() && one.answer == RequestAnswer::Refuse) {
                Some(decision) => {
                    let ground = decision.ground.as_deref().unwrap_or_default();
                    let known = register.deployment.approvals.grounds.find(ground);
                    let label = known.map_or(ground, |ground| ground.label.as_str());
                    format!("Nothing has changed. Ground: {label}.")
                }
                None => "Nothing has changed.".to_owned(),
            }
        }
        RequestState::Withdrawn => "It was taken back. Nothing has changed.".to_owned(),
        RequestState::Expired => {
            format!("Nobody decided by {}. Nothing has changed.", show::moment(request.ends_at, tz))
        }
        RequestState::Superseded => "A later request took its place before it was issued.".to_owned(),
    }
}

/// Until when what was approved lasts, for lists; empty where nothing was.
pub fn until(request: &crate::store::requests::Request, now: Moment) -> String {
    match (request.state_at(now), request.approved_until) {
        (RequestState::Approved | RequestState::InForce | RequestState::Issued, Some(until)) => {
            format!("until {}", date_words(until))
        }
        _ => String::new(),
    }
}
