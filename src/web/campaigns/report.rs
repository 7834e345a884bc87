//! The report of a campaign, line by line: every item that it selected, in its order, and what became of it.

use std::collections::HashMap;

use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::progress;
use crate::actions::Register;
use crate::actions::campaigns::report::{Cancelled, Row, names, rows};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::campaigns::Excluded;
use crate::domain::reviews::sheet::said;
use crate::store::campaigns::{self, Campaign};
use crate::store::review_decisions::ReviewDecision;
use crate::store::reviews::Review;
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
    "business_owner",
    "identity_address",
    "selection",
    "left_out_because",
    "asked_already_by",
    "reasons",
    "asked",
    "what_became_of_it",
    "resolution",
    "review_id",
    "review_address",
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
    "cancelled_by",
    "cancelled_because",
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
    let (mut after, base_url, today) = (Some(0), register.deployment.base_url.clone(), register.day(register.now()));
    let answer = Export { name: "campaign-report", columns: COLUMNS, form: Form::Csv }
        .stream(&register, move |db| {
            let Some(place) = after else { return Ok(Vec::new()) };
            let found = lines(db, id, place, &base_url, today)?;
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

/// The items after a position; none at the end. Of what was asked about, the facts are those of its snapshot; of what
/// was left out, those of today. `base_url`: where the register is, for the addresses of pages.
pub fn lines(db: &mut Db, campaign: Id, after: i64, base_url: &str, today: NaiveDate) -> Result<Vec<Line>, StoreError> {
    let rows = rows(db, campaign, after)?;
    let mut names = names(db, &rows)?;
    let considered: Vec<Id> = rows
        .iter()
        .filter_map(|row| row.review.as_ref())
        .flat_map(|review| review.resolution.0.iter().filter_map(|step| step.person))
        .filter(|person| !names.contains_key(person))
        .collect();
    names.extend(people_list::names_of(db, &considered)?);
    Ok(rows.iter().map(|row| line(row, &Names(&names), base_url, today)).collect())
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

fn line(row: &Row, names: &Names<'_>, base_url: &str, today: NaiveDate) -> Line {
    let review = row.review.as_ref();
    let taken = review.and_then(|review| review.snapshot.0.taken());
    let now = row.identity.as_ref();
    let environment = taken.map(|taken| taken.environment).or(now.map(|now| now.environment));
    let tier = review.map(|review| review.tier).or(now.map(|now| now.tier));
    let basis = taken.and_then(|taken| taken.access_basis).or(now.and_then(|now| now.access_basis));
    let owner = match (taken, now) {
        (Some(taken), _) => Some(taken.business_owner_id),
        (None, now) => now.map(|now| now.business_owner_id),
    };
    let owner = owner.map(|owner| owner.map_or_else(|| "nobody".to_owned(), |owner| names.of(owner)));
    let page = |review: Id| format!("{base_url}/reviews/{review}");
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
        json!(environment.map(|environment| environment.label())),
        json!(tier.map(|tier| tier.label())),
        json!(basis.map(|basis| basis.label())),
        json!(owner),
        json!(format!("{base_url}/identities/{}", row.item.identity_id)),
        json!(selection),
        json!(row.item.excluded.map(|why| why.label())),
        json!(row.elsewhere.as_ref().map(|review| page(review.id))),
        json!(reasons.join(" ")),
        json!(asked.join("; ")),
        json!(became(row, names, today)),
        json!(review.map(|review| resolution(review, names))),
        json!(row.item.review_id),
        json!(row.item.review_id.map(page)),
        json!(at(review.map(|review| review.opened_at))),
        json!(review.map(|review| review.due_on)),
        json!(steps.join("; ")),
        json!(decision.map(|decision| said(decision.answer, &decision.sheet.0))),
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
        json!(row.cancelled.as_ref().map(|cancelled| canceller(cancelled, names.0))),
        json!(row.cancelled.as_ref().map(|cancelled| cancelled.because.as_str())),
    ];
    Line { position: row.item.position, outcome, left_out: row.item.excluded, cells }
}

/// Who cancelled it: a person by name, or the job or command that did.
pub fn canceller(cancelled: &Cancelled, names: &HashMap<Id, String>) -> String {
    match (cancelled.person, &cancelled.machine) {
        (Some(person), _) => Names(names).of(person),
        (None, Some(machine)) => format!("Muster ({machine})"),
        (None, None) => "Muster".to_owned(),
    }
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

/// What became of it with each who was asked: "Dana Okafor: passed on unanswered".
fn became(row: &Row, names: &Names<'_>, today: NaiveDate) -> String {
    let Some(standing) = row.standing() else { return String::new() };
    let told: Vec<String> = standing
        .parts(today)
        .iter()
        .map(|part| {
            let late = if part.overdue { ", overdue" } else { "" };
            format!("{}: {}{late}", progress::name(part.who, names.0), part.became.label())
        })
        .collect();
    told.join("; ")
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
                said(one.answer, &one.sheet.0),
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
            identity: None,
            elsewhere: None,
            cancelled: Some(Cancelled {
                person: None,
                machine: Some("apply_reviews".to_owned()),
                because: "it is revoked".to_owned(),
            }),
        };
        let today = "2026-12-01".parse().unwrap();
        let line = line(&row, &Names(&HashMap::new()), "https://muster.example", today);
        assert_eq!((line.cells.len(), line.position, line.left_out), (COLUMNS.len(), 7, Some(Excluded::Lately)));
        let cell = |name: &str| &line.cells[COLUMNS.iter().position(|column| *column == name).unwrap()];
        assert_eq!(cell("selection"), &json!("Left out"));
        let address = format!("https://muster.example/identities/{}", row.item.identity_id);
        assert_eq!((cell("identity_address"), cell("review_address")), (&json!(address), &json!(null)));
        let cancelled = (cell("cancelled_by"), cell("cancelled_because"));
        assert_eq!(cancelled, (&json!("Muster (apply_reviews)"), &json!("it is revoked")));
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
