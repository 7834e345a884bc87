//! A frozen set: chosen from the list, previewed, applied, perhaps undone.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::bulk::{self as actions, CHUNK, Selection, exclusion};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::bulk::BulkResult;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{PAGE_SIZE, thousands};
use crate::domain::ownership::OwnerRole;
use crate::domain::permissions::Permission;
use crate::store::bulk::{self, Assignment, BulkLine, BulkSet};
use crate::store::{Db, StoreError, people};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::{filter, id, visible};
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

#[derive(Template)]
#[template(path = "bulk/set.html")]
struct SetPage {
    frame: Frame,
    set: BulkSet,
    total: i64,
    /// How many get the owner, once somebody is chosen.
    to_change: i64,
    left_out: Vec<(String, i64)>,
    changed_meanwhile: i64,
    rows: Vec<Line>,
    next: String,
    first: String,
    roles: Vec<(&'static str, &'static str, &'static str)>,
    people: Vec<(String, String)>,
    role: String,
    person: String,
    person_name: String,
    role_label: &'static str,
    errors: Errors,
    results: Vec<(BulkResult, i64)>,
    tz: chrono_tz::Tz,
}

struct Line {
    id: Id,
    name: String,
    environment: &'static str,
    kind: &'static str,
    status: String,
    owner: String,
}

impl SetPage {
    fn count(&self, number: &i64) -> String {
        thousands(*number)
    }
    fn is_chosen(&self) -> bool {
        !self.person_name.is_empty() && !self.role_label.is_empty()
    }
    fn at(&self, at: &Moment) -> String {
        show::moment(*at, self.tz)
    }
    fn button(&self) -> String {
        format!("Assign the owner to {}", show::counted(self.to_change, "identity").replace("identitys", "identities"))
    }
}

/// POST /identities/bulk: freezes what was ticked, or all that match.
pub async fn freeze(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let (by, sees) = (viewer.by()?, viewer.sees()?);
    let selection = if fields.is_set("all") {
        let query = fields.raw("filter").trim_start_matches('?').to_owned();
        let typed = Fields::parse(query.as_bytes());
        let tells_names = viewer.may(Permission::ReadRegister);
        let wanted = read(&register, move |db| filter::read(db, &typed, tells_names)).await?;
        wanted.faults.refuse()?;
        Selection::Matching(Box::new(visible(sees, wanted.filter)), query)
    } else {
        let picked: Result<Vec<Id>, _> = fields.all("id").iter().map(|text| text.parse()).collect();
        let unreadable = |_| WebError::Bad("This form names a row that cannot be read; open the list again".to_owned());
        Selection::Picked(picked.map_err(unreadable)?)
    };
    let set = act(&register, move |register| actions::freeze(register, &by, selection)).await??;
    see_other(format!("/bulk/{set}"))
}

/// GET /bulk/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    render(&register, &viewer, id(&request)?, Fields::of_query(&request), Vec::new()).await
}

/// POST /bulk/{id}: applies to the frozen set.
pub async fn apply(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (set, by) = (id(&request)?, viewer.by()?);
    let (Some(role), Some(person)) = (fields.value::<OwnerRole>("role"), fields.value::<Id>("person")) else {
        let errors = vec![FieldError::new("person", "Choose the role and the person first")];
        return render(&register, &viewer, set, fields, errors).await;
    };
    match act(&register, move |register| actions::apply(register, &by, set, role, person)).await? {
        Ok(()) => see_other(format!("/bulk/{set}?done=applied")),
        Err(ActionError::Invalid(errors)) => render(&register, &viewer, set, fields, errors).await,
        Err(ActionError::Store(StoreError::Conflict)) => {
            let applied = read(&register, move |db| bulk::find(db, set)).await?.applied_at.is_some();
            // A second press shows what the first one did.
            if applied {
                see_other(format!("/bulk/{set}"))
            } else {
                Err(ActionError::Store(StoreError::Conflict).into())
            }
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /bulk/{id}/undo
pub async fn undo(register: web::Data<Register>, request: HttpRequest, viewer: Viewer, Posted(_): Posted) -> Answer {
    let (set, by) = (id(&request)?, viewer.by()?);
    match act(&register, move |register| actions::undo(register, &by, set)).await? {
        Ok(()) => see_other(format!("/bulk/{set}?done=undone")),
        Err(ActionError::Store(StoreError::Conflict)) => {
            Err(WebError::Refused("This change was not applied, or it was undone already".to_owned()))
        }
        Err(other) => Err(other.into()),
    }
}

/// What a preview counts over the whole set.
#[derive(Default)]
struct Plan {
    total: i64,
    to_change: i64,
    changed_meanwhile: i64,
    left_out: Vec<(String, i64)>,
}

fn plan(db: &mut Db, set: Id, chosen: Option<(OwnerRole, Id)>) -> Result<Plan, StoreError> {
    let mut plan = Plan::default();
    let mut after = 0;
    loop {
        let lines = bulk::lines(db, set, after, CHUNK)?;
        let Some(last) = lines.last() else { return Ok(plan) };
        after = last.position;
        for line in &lines {
            plan.total += 1;
            let Some((role, person)) = chosen else { continue };
            if line.version != line.version_seen {
                plan.changed_meanwhile += 1;
            } else if let Some(reason) = exclusion(line, role, person) {
                match plan.left_out.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, count)) => *count += 1,
                    None => plan.left_out.push((reason, 1)),
                }
            } else {
                plan.to_change += 1;
            }
        }
    }
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    set: Id,
    fields: Fields,
    errors: Vec<FieldError>,
) -> Answer {
    let asked = fields.value::<OwnerRole>("role").zip(fields.value::<Id>("person"));
    let after: i64 = fields.value("after").unwrap_or(0);
    let (stored, plan, lines, everybody, tally) = read(register, move |db| {
        let stored = bulk::find(db, set)?;
        let chosen = if stored.applied_at.is_some() { None } else { asked };
        let plan = plan(db, set, chosen)?;
        let lines = bulk::lines(db, set, after, PAGE_SIZE + 1)?;
        Ok((stored, plan, lines, people::names(db)?, bulk::tally(db, set)?))
    })
    .await?;
    let Assignment { role, person } = match stored.applied_at {
        Some(_) => stored.parameters.0,
        None => Assignment { role: asked.map(|(role, _)| role), person: asked.map(|(_, person)| person) },
    };
    let names: HashMap<Id, String> = everybody.iter().cloned().collect();
    let frame =
        Frame::new(register, viewer, "/identities", "Assign an owner").wide().with_error(!errors.is_empty()).with_done(
            fields.raw("done"),
            &[
                ("applied", "Done. What became of each identity stands below."),
                ("undone", "Undone where nothing had changed since."),
            ],
        );
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let bare = fields.with("after", "").with("done", "").with("csrf", "");
    let next = match lines.get(size.saturating_sub(1)) {
        Some(last) if lines.len() > size => {
            format!("/bulk/{set}{}", bare.with("after", &last.position.to_string()).to_query())
        }
        _ => String::new(),
    };
    let rows = lines.iter().take(size).map(|line| row(line, role, person, &names)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &SetPage {
            tz: frame.tz,
            frame,
            total: plan.total,
            to_change: plan.to_change,
            left_out: plan.left_out,
            changed_meanwhile: plan.changed_meanwhile,
            rows,
            next,
            first: if after > 0 { format!("/bulk/{set}{}", bare.to_query()) } else { String::new() },
            roles: OwnerRole::ALL.iter().map(|role| (role.word(), role.label(), "")).collect(),
            people: everybody.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
            role: role.map_or_else(String::new, |role| role.word().to_owned()),
            role_label: role.map_or("", OwnerRole::label),
            person_name: person.and_then(|person| names.get(&person).cloned()).unwrap_or_default(),
            person: person.map(|person| person.to_string()).unwrap_or_default(),
            errors: Errors(errors),
            results: tally.into_iter().filter_map(|(result, count)| Some((result?, count))).collect(),
            set: stored,
        },
    )
}

fn row(line: &BulkLine, role: Option<OwnerRole>, person: Option<Id>, names: &HashMap<Id, String>) -> Line {
    let planned = role.zip(person);
    let (kind, status) = match (line.result, planned) {
        (Some(BulkResult::Done), _) => ("ok", BulkResult::Done.label().to_owned()),
        (Some(BulkResult::Excluded), _) => ("skip", line.excluded.clone().unwrap_or_default()),
        (Some(BulkResult::Undone), _) => ("plain", BulkResult::Undone.label().to_owned()),
        (Some(result), _) => ("warn", result.label().to_owned()),
        (None, _) if line.version != line.version_seen => ("warn", "Changed since the set was made".to_owned()),
        (None, Some((role, person))) => match exclusion(line, role, person) {
            Some(reason) => ("skip", reason),
            None => ("change", "Gets the owner".to_owned()),
        },
        (None, None) => ("plain", "In the set".to_owned()),
    };
    let owner = match role {
        Some(OwnerRole::Technical) => line.technical_owner_id,
        _ => line.business_owner_id,
    };
    Line {
        id: line.identity_id,
        name: line.name.clone(),
        environment: line.environment.label(),
        kind,
        status,
        owner: owner.and_then(|owner| names.get(&owner).cloned()).unwrap_or_default(),
    }
}
