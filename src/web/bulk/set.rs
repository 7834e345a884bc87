//! A frozen set: chosen from the list, previewed, applied, perhaps undone.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::NaiveDate;

use super::preview::{Line, owner_now, plan, row};
use crate::actions::bulk::{self as actions, Selection};
use crate::actions::lookup::named_person;
use crate::actions::people::written;
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::bulk::BulkResult;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{PAGE_SIZE, thousands};
use crate::domain::ownership::OwnerRole;
use crate::domain::people::has_left;
use crate::domain::permissions::Permission;
use crate::store::bulk::{self, Assignment, BulkSet};
use crate::store::people::Person;
use crate::store::{Db, StoreError, people_list};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::{filter, id, visible};
use crate::web::meant::{self, Candidates};
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, paging, read, see_other, show};

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
    role: String,
    /// The person, when there is one; and what stands in the field.
    person: String,
    typed: String,
    candidates: Candidates,
    person_name: String,
    role_label: &'static str,
    errors: Errors,
    results: Vec<(BulkResult, i64)>,
    tz: chrono_tz::Tz,
}

impl SetPage {
    fn count(&self, number: &i64) -> String {
        thousands(*number)
    }
    fn is_chosen(&self) -> bool {
        !self.person.is_empty() && !self.role.is_empty()
    }
    fn at(&self, at: &Moment) -> String {
        show::moment(*at, self.tz)
    }
    fn selected(&self) -> String {
        if self.total == 1 { "1 identity was".to_owned() } else { format!("{} identities were", thousands(self.total)) }
    }
    fn button(&self) -> String {
        let noun = if self.to_change == 1 { "identity" } else { "identities" };
        format!("Assign the owner to {} {noun}", thousands(self.to_change))
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
        return render(&register, &viewer, set, fields, Vec::new()).await;
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

/// What the reader chose so far: nothing wrong is taken for a choice.
#[derive(Default)]
struct Chosen {
    role: Option<OwnerRole>,
    person: Option<Person>,
    errors: Vec<FieldError>,
}

fn chosen(db: &mut Db, fields: &Fields, today: NaiveDate) -> Result<Chosen, StoreError> {
    let mut chosen = Chosen::default();
    if !fields.iter().any(|(name, _)| name == "role" || name == "person") {
        return Ok(chosen);
    }
    chosen.role = fields.value("role");
    if chosen.role.is_none() {
        chosen.errors.push(FieldError::new("role", "Choose what they become"));
    }
    if fields.is_set("person") {
        chosen.person = match named_person(db, true, "person", fields.raw("person"), &mut chosen.errors) {
            Err(ActionError::Store(error)) => return Err(error),
            found => found.ok().flatten(),
        };
    } else {
        chosen.errors.push(FieldError::new("person", "Write who becomes the owner: a name or an e-mail address"));
    }
    if let Some(person) = chosen.person.take_if(|person| has_left(person.left_on, today)) {
        chosen.errors.push(FieldError::new("person", format!("{} has left; name somebody else", person.name)));
    }
    Ok(chosen)
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    set: Id,
    fields: Fields,
    refused: Vec<FieldError>,
) -> Answer {
    let fields = meant::settled(register, fields, &["person"]).await?;
    let bare = paging::without_place(&fields).with("csrf", "");
    let after: i64 = match fields.get("after").map(str::parse) {
        None => 0,
        Some(Ok(position)) => position,
        Some(Err(_)) => return paging::restart(&format!("/bulk/{set}"), &bare),
    };
    let (typed, today) = (fields.clone(), viewer.now.date());
    let (stored, plan, lines, chosen, names, tally) = read(register, move |db| {
        let stored = bulk::find(db, set)?;
        let chosen = if stored.applied_at.is_some() { Chosen::default() } else { chosen(db, &typed, today)? };
        let pair = chosen.role.zip(chosen.person.as_ref().map(|person| person.id));
        let plan = plan(db, set, pair)?;
        let lines = bulk::lines(db, set, after, PAGE_SIZE + 1)?;
        let role = stored.parameters.0.role.or(chosen.role);
        let mut ids: Vec<Id> = lines.iter().filter_map(|line| owner_now(line, role)).collect();
        ids.extend(stored.parameters.0.person);
        Ok((stored, plan, lines, chosen, people_list::names_of(db, &ids)?, bulk::tally(db, set)?))
    })
    .await?;
    let Chosen { role, person, errors } = chosen;
    let errors: Vec<FieldError> = refused.into_iter().chain(errors).collect();
    let candidates = meant::candidates(register, &fields, &errors, &["person"]).await?;
    let frame = Frame::new(register, viewer, "/identities", "Assign an owner").wide();
    let frame = paging::framed(frame, &fields).with_error(!errors.is_empty()).with_done(
        fields.raw("done"),
        &[
            ("applied", "Done. What became of each identity stands below."),
            ("undone", "Undone where nothing had changed since."),
        ],
    );
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let next = match lines.get(size.saturating_sub(1)) {
        Some(last) if lines.len() > size => {
            format!("/bulk/{set}{}", bare.with("after", &last.position.to_string()).to_query())
        }
        _ => String::new(),
    };
    // What was applied stays said, whatever a link carries.
    let (role, person_id, person_name) = match (stored.parameters.0, &person) {
        (Assignment { role: Some(role), person: Some(id) }, _) => (Some(role), Some(id), names.get(&id).cloned()),
        (_, Some(person)) => (role, Some(person.id), Some(person.name.clone())),
        (_, None) => (role, None, None),
    };
    let rows = lines.iter().take(size).map(|line| row(line, role, person_id, &names)).collect();
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
            role: role.map_or_else(String::new, |role| role.word().to_owned()),
            role_label: role.map_or("", OwnerRole::label),
            typed: person.as_ref().map_or_else(|| fields.raw("person").to_owned(), written),
            person: person_id.map(|person| person.to_string()).unwrap_or_default(),
            person_name: person_name.unwrap_or_default(),
            candidates,
            errors: Errors(errors),
            results: tally.into_iter().filter_map(|(result, count)| Some((result?, count))).collect(),
            set: stored,
        },
    )
}
