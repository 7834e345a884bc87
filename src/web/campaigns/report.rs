//! The report of a campaign, line by line: every item that it selected, in its order, and what became of it.

use std::collections::HashMap;

use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::actions::Register;
use crate::actions::campaigns::report::{Row, names, rows};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::campaigns::Excluded;
use crate::store::campaigns::{self, Campaign};
use crate::store::reviews::{Review, ReviewDecision};
use crate::store::tasks::Task;
use crate::store::{Db, StoreError, people_list};
use crate::web::asked::Asked;
use crate::web::errors::WebError;
use crate::web::export::{Export, Form};
use crate::web::fields::Fields;
use crate::web::identities::id;
use crate::web::{Answer, read};

/// The columns, in order. Times are UTC.
pub const COLUMNS: &[&str] = &[
    "position",
    "identity_id",
    "identity",
    "environment",
    "tier",
    "access_basis",
    "selection",
    "left_out_because",
    "reasons",
    "asked",
    "resolution",
    "review_id",
    "opened_at",
    "due_on",
    "steps",
    "decision",
    "decided_by",
    "decided_as",
    "decided_at",
    "reason",
    "kept_permissions",
    "switch_off_on",
    "corrected_decisions",
    "other_answers",
    "outcome",
    "takes_effect_at",
    "applied_at",
    "proof",
    "proof_text",
    "proved_by",
    "proved_at",
    "closed_at",
];

/// One item of the report.
#[derive(Debug)]
pub struct Line {
    pub position: i64,
    /// What became of it: every item has one.
    pub outcome: String,
    pub left_out: Option<Excluded>,
    /// A value for each of [`COLUMNS`].
    pub cells: Vec<Value>,
}

/// GET /campaigns/{id}/report.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest) -> Answer {
    let id = id(&request)?;
    if let Some(refusal) = refusal(&request) {
        return Ok(refusal);
    }
    let campaign = read(&register, move |db| campaigns::find(db, id)).await?;
    let mut after = Some(0);
    let answer = Export { name: "campaign-report", columns: COLUMNS, form: Form::Csv }
        .stream(&register, move |db| {
            let Some(place) = after else { return Ok(Vec::new()) };
            let found = lines(db, id, place)?;
            after = found.last().map(|line| line.position);
            Ok(found.into_iter().map(|line| line.cells).collect())
        })
        .await?;
    named(answer, &campaign, register.now(), "csv")
}

/// The answer to a link that asks for less than everything.
pub fn refusal(request: &HttpRequest) -> Option<HttpResponse> {
    let fields = Fields::of_query(request);
    Asked::of(&fields).finish().refuse_export(&fields)
}

/// The answer as a file that says of which campaign and of which day it is.
pub fn named(mut answer: HttpResponse, campaign: &Campaign, now: Moment, ending: &str) -> Answer {
    let file = format!("attachment; filename=\"campaign-{}-{}.{ending}\"", campaign.number, now.date());
    let file = HeaderValue::from_str(&file).map_err(|error| WebError::Fault(error.to_string()))?;
    answer.headers_mut().insert(CONTENT_DISPOSITION, file);
    Ok(answer)
}

/// The items after a position; none at the end.
pub fn lines(db: &mut Db, campaign: Id, after: i64) -> Result<Vec<Line>, StoreError> {
    let rows = rows(db, campaign, after)?;
    let mut names = names(db, &rows)?;
    let considered: Vec<Id> = rows
        .iter()
        .filter_map(|row| row.review.as_ref())
        .flat_map(|review| review.resolution.0.iter().filter_map(|step| step.person))
        .filter(|person| !names.contains_key(person))
        .collect();
    names.extend(people_list::names_of(db, &considered)?);
    Ok(rows.iter().map(|row| line(row, &Names(&names))).collect())
}

/// A moment as the report writes it: UTC, to the second.
pub fn utc(at: Moment) -> String {
    at.utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

struct Names<'a>(&'a HashMap<Id, String>);

impl Names<'_> {
    /// The name; of somebody who was forgotten, the id.
    fn of(&self, person: Id) -> String {
        self.0.get(&person).cloned().unwrap_or_else(|| person.to_string())
    }
}

fn line(row: &Row, names: &Names<'_>) -> Line {
    let review = row.review.as_ref();
    let taken = review.and_then(|review| review.snapshot.0.taken());
    let decision = row.decision();
    let outcome = row.outcome();
    let selection = match (row.item.excluded, row.item.review_id) {
        (Some(_), _) => "Left out",
        (None, Some(_)) => "Asked about",
        (None, None) => "Not looked at yet",
    };
    let asked: Vec<String> = row.asked.iter().map(|task| asked(task, names)).collect();
    let steps: Vec<String> =
        row.steps.iter().map(|step| format!("{} {}: {}", utc(step.at), step.step.label(), step.says)).collect();
    let reasons: Vec<&str> = row.reasons.iter().map(|reason| reason.says.as_str()).collect();
    // An answer that decides and does not stand was corrected; the others asked somebody else.
    let (corrected, others): (Vec<&ReviewDecision>, Vec<&ReviewDecision>) = row
        .decisions
        .iter()
        .filter(|one| decision.is_none_or(|decision| decision.id != one.id))
        .partition(|one| one.answer.decides());
    let at = |at: Option<Moment>| at.map(utc);
    let cells = vec![
        json!(row.item.position),
        json!(row.item.identity_id),
        json!(row.item.name),
        json!(taken.map(|taken| taken.environment.label())),
        json!(review.map(|review| review.tier.label())),
        json!(taken.and_then(|taken| taken.access_basis).map(|basis| basis.label())),
        json!(selection),
        json!(row.item.excluded.map(|why| why.label())),
        json!(reasons.join(" ")),
        json!(asked.join("; ")),
        json!(review.map(|review| resolution(review, names))),
        json!(row.item.review_id),
        json!(at(review.map(|review| review.opened_at))),
        json!(review.map(|review| review.due_on)),
        json!(steps.join("; ")),
        json!(decision.map(|decision| decision.answer.label())),
        json!(decision.map(|decision| names.of(decision.decided_by_id))),
        json!(decision.map(|decision| decision.decided_as.label())),
        json!(at(decision.map(|decision| decision.decided_at))),
        json!(decision.and_then(|decision| decision.reason.as_deref())),
        json!(decision.and_then(|decision| decision.kept.as_ref()).map(|kept| kept.0.join(" "))),
        json!(decision.and_then(|decision| decision.revoke_on)),
        json!(given(&corrected, names)),
        json!(given(&others, names)),
        json!(outcome),
        json!(at(review.and_then(|review| review.takes_effect_at))),
        json!(at(review.and_then(|review| review.applied_at))),
        json!(review.and_then(|review| review.proof).map(|proof| proof.label())),
        json!(review.and_then(|review| review.proof_note.as_deref())),
        json!(review.and_then(|review| review.proved_by_id).map(|person| names.of(person))),
        json!(at(review.and_then(|review| review.proved_at))),
        json!(at(review.and_then(|review| review.closed_at))),
    ];
    Line { position: row.item.position, outcome, left_out: row.item.excluded, cells }
}

/// Who was asked, and as what.
fn asked(task: &Task, names: &Names<'_>) -> String {
    let who = match (task.assignee_id, task.assignee_group) {
        (Some(person), _) => names.of(person),
        (None, Some(group)) => group.label().to_owned(),
        (None, None) => "nobody".to_owned(),
    };
    format!("{who} ({})", task.assigned_as.label())
}

/// Who was considered, and what became of each.
fn resolution(review: &Review, names: &Names<'_>) -> String {
    let way: Vec<String> = review
        .resolution
        .0
        .iter()
        .map(|step| {
            let who = step.person.map(|person| format!("{} ", names.of(person))).unwrap_or_default();
            format!("{}: {who}{}", step.asked_as.label(), step.verdict.label())
        })
        .collect();
    way.join("; ")
}

/// Answers that do not stand, each with who gave it, when and why.
fn given(answers: &[&ReviewDecision], names: &Names<'_>) -> String {
    let told: Vec<String> = answers
        .iter()
        .map(|one| {
            let why = one.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!(
                "{} {}, {} ({}){why}",
                utc(one.decided_at),
                one.answer.label(),
                names.of(one.decided_by_id),
                one.decided_as.label()
            )
        })
        .collect();
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::campaigns::CampaignItem;

    #[test]
    fn every_line_has_a_cell_for_each_column() {
        let item = CampaignItem {
            campaign_id: Id::new(),
            position: 7,
            identity_id: Id::new(),
            name: "=Planner".to_owned(),
            review_id: None,
            excluded: Some(Excluded::Lately),
        };
        let row = Row {
            item,
            review: None,
            reasons: Vec::new(),
            decisions: Vec::new(),
            steps: Vec::new(),
            asked: Vec::new(),
        };
        let line = line(&row, &Names(&HashMap::new()));
        assert_eq!((line.cells.len(), line.position, line.left_out), (COLUMNS.len(), 7, Some(Excluded::Lately)));
        assert_eq!(line.cells[6], json!("Left out"));
        assert!(line.outcome.starts_with("Left out: "));
        let mut columns = COLUMNS.to_vec();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(columns.len(), COLUMNS.len());
    }

    #[test]
    fn times_are_utc_to_the_second() {
        assert_eq!(utc(Moment::parse("2026-11-23T10:00:00.5-06:00").unwrap()), "2026-11-23T16:00:00Z");
    }
}
