//! A request as programs see it: what its page shows, and nothing else.

use actix_web::web;

use super::types::*;
use crate::actions::Register;
use crate::actions::requests::{self, Loaded, Preview};
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::sheet::Sheet;
use crate::domain::requests::{RequestAnswer, RequestState, StageState, latest_end};
use crate::store::request_decisions::Decision;
use crate::store::request_list::RequestLine as Line;
use crate::store::{Db, StoreError};
use crate::web::errors::WebError;
use crate::web::requests::facts::{FactView, Names};
use crate::web::requests::{progress, visible};
use crate::web::session::{Sees, Viewer};

fn named(names: &Names, id: Id) -> PersonName {
    PersonName { id, name: names.get(&id).map(str::to_owned) }
}

/// The people whom the line of a request names.
pub fn named_in(line: &Line) -> Vec<Id> {
    [Some(line.request.requester_id), line.request.requester_for_id].into_iter().flatten().collect()
}

/// A request in a list.
pub fn line(line: &Line, names: &Names, now: Moment) -> RequestLine {
    let request = &line.request;
    RequestLine {
        id: request.id,
        reference: request.reference(),
        kind: request.kind,
        state: request.state_at(now),
        identity: AboutIdentity { id: request.identity_id, name: line.identity_name.clone() },
        requester: named(names, request.requester_id),
        requester_for: request.requester_for_id.map(|id| named(names, id)),
        reason: request.reason.clone(),
        urgency: request.urgency.clone(),
        wanted_until: request.wanted_until,
        approved_until: request.approved_until,
        test_data: request.test_data,
        purpose: request.purpose.clone(),
        access_basis: request.access_basis,
        tier: request.tier,
        sent_at: request.sent_at,
        ends_at: request.ends_at,
        moved_at: request.moved_at,
        effective_at: request.effective_at,
        applied_at: request.applied_at,
        issued_at: request.issued_at,
        confirmed_at: request.confirmed_at,
        version: request.version,
    }
}

/// One request as the viewer may see it now.
///
/// # Errors
/// `NotFound` for one that they may not see.
pub async fn answered(register: &web::Data<Register>, viewer: &Viewer, id: Id) -> Result<RequestAnswered, WebError> {
    let (sees, now) = (viewer.sees()?, viewer.now);
    super::work(register, move |register| Ok(whole(&mut *register.database.read()?, register, sees, id, now)?)).await
}

fn whole(db: &mut Db, register: &Register, sees: Sees, id: Id, now: Moment) -> Result<RequestAnswered, StoreError> {
    let seen = visible(db, sees, id, now)?;
    let loaded = requests::load(db, register, id, now)?;
    let deciders = loaded.decisions.iter().flat_map(|one| [Some(one.decided_by_id), one.passed_to_id]).flatten();
    let in_stages = loaded.stages.iter().filter_map(|stage| stage.named_id);
    let whole = requests::facts::whole_sheet(db, register, &loaded)?;
    let in_facts = whole.facts.iter().flat_map(|fact| fact.people.iter().copied());
    let ids =
        named_in(&seen).into_iter().chain(loaded.request.executor_id).chain(deciders).chain(in_stages).chain(in_facts);
    let names = Names::of(db, ids)?;
    let state = loaded.request.state_at(now);
    let request = &loaded.request;
    Ok(RequestAnswered {
        request: line(&seen, &names, now),
        identity_state: loaded.identity.state,
        identity_version: loaded.identity.version,
        stands: progress::stands(&loaded, register, state, register.deployment.time_zone),
        not_yet_done: not_yet_done(&loaded, state),
        scopes: loaded.asked.clone(),
        kept_scopes: loaded.scopes(),
        rule: request.rule.clone(),
        because: request.because.clone(),
        longest_days: request.longest_days,
        stages: stages(&loaded, &names),
        decisions: loaded.decisions.iter().map(|one| decision(one, register, &names)).collect(),
        shortage: if state == RequestState::Open { loaded.shortage() } else { None },
        undo_until: undo_until(&loaded, now),
        executor: request.executor_id.map(|id| named(&names, id)),
        evidence: request.evidence.clone(),
        sheet: sheet(&whole, &names),
    })
}

fn stages(loaded: &Loaded, names: &Names) -> Vec<RequestStage> {
    loaded
        .stages
        .iter()
        .map(|stage| RequestStage {
            position: stage.position,
            kind: stage.kind,
            state: loaded.state_of(stage),
            due_on: stage.due_on,
            named: stage.named_id.map(|id| named(names, id)),
        })
        .collect()
}

fn decision(one: &Decision, register: &Register, names: &Names) -> RequestDecision {
    let ground = one.ground.as_deref().map(|word| {
        register.deployment.approvals.grounds.find(word).map_or_else(|| word.to_owned(), |ground| ground.label.clone())
    });
    RequestDecision {
        id: one.id,
        position: one.position,
        stage: one.stage,
        answer: one.answer,
        decided_by: named(names, one.decided_by_id),
        decided_as: one.decided_as,
        right: one.decided_as.label().to_owned(),
        decided_at: one.decided_at,
        reason: one.reason.clone(),
        ground,
        kept: one.kept.as_ref().map(|kept| kept.0.clone()),
        until: one.until,
        passed_to: one.passed_to_id.map(|id| named(names, id)),
        undo_until: one.undo_until,
        undone_at: one.undone_at,
        undo_reason: one.undo_reason.clone(),
    }
}

/// What is left to do, a sentence each.
fn not_yet_done(loaded: &Loaded, state: RequestState) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match state {
        RequestState::Open => loaded
            .stages
            .iter()
            .filter(|stage| loaded.state_of(stage) == StageState::Waiting)
            .map(|stage| format!("{}: nobody has decided.", stage.kind.label()))
            .collect(),
        RequestState::Approved => one("It has not taken effect: those who said yes can still change their mind."),
        RequestState::InForce => one("Nobody has recorded that it was set up at the system."),
        RequestState::Issued if loaded.request.confirmed_at.is_none() => {
            one("No import has confirmed what was set up.")
        }
        _ => Vec::new(),
    }
}

/// Until when the last answer can be taken back.
fn undo_until(loaded: &Loaded, now: Moment) -> Option<Moment> {
    let undoable = matches!(loaded.request.state, RequestState::Open | RequestState::Approved | RequestState::Refused);
    let answers = loaded.decisions.iter().filter(|one| one.stands() && one.answer != RequestAnswer::PassOn);
    answers.map(|one| one.undo_until).filter(|end| undoable && *end > now).max()
}

/// What people read.
fn sheet(sheet: &Sheet, names: &Names) -> PlainSheet {
    PlainSheet {
        question: sheet.question.clone(),
        if_yes: sheet.if_yes.clone(),
        if_no: sheet.if_no.clone(),
        end: sheet.end.clone(),
        lines: sheet
            .lines
            .iter()
            .map(|line| PlainLine {
                change: line.change,
                scope: line.scope.clone(),
                sentence: line.sentence.clone(),
                was: line.was.clone(),
                unlimited: line.unlimited,
            })
            .collect(),
        facts: sheet
            .facts
            .iter()
            .map(|fact| FactView::of(fact, names))
            .map(|fact| PlainFact { label: fact.label, word: fact.word, lines: fact.lines })
            .collect(),
        words: sheet.words.clone(),
        digest: sheet.digest(),
    }
}

/// What would be sent.
pub fn preview(
    looked: Preview,
    names: &Names,
    register: &Register,
    now: Moment,
    identity_version: Option<i64>,
) -> RequestPreview {
    RequestPreview {
        sheet: sheet(&looked.sheet, names),
        longest_day: latest_end(register.day(now), looked.way.longest_days),
        stages: looked.way.stages,
        rule: looked.way.rule,
        because: looked.way.because,
        tier: looked.tier,
        shortage: looked.shortage,
        identity_version,
    }
}
