//! The receipt of a decision about a review: what was decided, what was read, what happens next.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::became::{Reader, became};
use super::decided::{self, Lines};
use super::review::{people, visible};
use crate::actions::Register;
use crate::actions::reviews::load::Loaded;
use crate::actions::reviews::sheet::{ends_before, kept_on};
use crate::domain::ids::Id;
use crate::domain::permissions::Permission;
use crate::domain::tasks::{AssignedAs, TaskKind};
use crate::store::review_decisions::{self, ReviewDecision};
use crate::store::task_list;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::requests::decision::frame_person;
use crate::web::requests::facts::Names;
use crate::web::requests::sheet::SheetView;
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, show};

const DONE: &[(&str, &str)] = &[("recorded", "Your decision is recorded.")];

#[derive(Template)]
#[template(path = "reviews/receipt.html")]
struct ReceiptPage {
    frame: Frame,
    review: Id,
    app: String,
    rows: Vec<(&'static str, String)>,
    /// What stays and what goes, in words.
    kept: Lines,
    gone: Lines,
    /// Some permissions go, and others stay.
    one_goes: bool,
    /// What has become of it, as it is when this is read.
    became: Vec<String>,
    /// Where the reader goes from here.
    back: &'static str,
    /// Until when it can be corrected; empty where it cannot.
    correct_until: String,
    /// The decision that took its place: its address.
    corrected_by: String,
    waiting: Option<(String, String)>,
    sheet: SheetView,
    id: Id,
    digest: String,
    words: String,
    printed: String,
}

/// GET /reviews/decisions/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let decision = id(&request)?;
    let (by, me, groups) = (viewer.by()?, viewer.person()?, viewer.groups());
    let known = register.clone();
    let (loaded, one, names, waiting) = read(&register, move |db| {
        let one = review_decisions::find(db, decision)?;
        let loaded = visible(db, &known, &by, one.review_id)?;
        let named = one.sheet.0.facts.iter().flat_map(|fact| fact.people.iter().copied());
        let names = Names::of(db, people(&loaded).into_iter().chain(named))?;
        Ok((loaded, one, names, task_list::first_for(db, me, groups, 1)?))
    })
    .await?;
    let app = loaded.identity.name.clone();
    let done = Fields::of_query(&request);
    let frame =
        Frame::new(&register, &viewer, "/reviews", format!("Decision about {app}")).with_done(done.raw("done"), DONE);
    let tz = frame.tz;
    let mut rows = vec![
        ("Decision", decided::what(&one)),
        ("Decided by", format!("{}, {}", names.name(&one.decided_by_id), authority(&loaded, &one))),
        ("On", show::moment(one.decided_at, tz)),
        ("Exactly", show::exact(one.decided_at, tz)),
    ];
    if let Some(to) = &one.passed_to_id {
        rows.push(("Given to", names.name(to)));
    }
    if let Some(reason) = &one.reason {
        rows.push(("Reason", format!("\u{201c}{reason}\u{201d}")));
    }
    if one.together_id.is_some() {
        rows.push(("Kept together", "With others that had not changed, by one answer".to_owned()));
    }
    let (kept, gone) = decided::parts(&one, &app, &register.deployment.scopes);
    let corrected_by = loaded.decisions.iter().find(|other| other.supersedes_id == Some(one.id));
    let stands = loaded.review.decision_id == Some(one.id);
    let correctable = stands && loaded.is_correctable(viewer.now) && one.decided_by_id == me;
    let reader = Reader {
        names: &names,
        tz,
        now: viewer.now,
        corrects: correctable,
        goes_on: kept_on(&register, &loaded, register.day(one.decided_at)),
        ends: one.revoke_on.and_then(|off| ends_before(&register, &loaded, off)),
    };
    page(&ReceiptPage {
        review: one.review_id,
        rows,
        one_goes: !kept.is_empty() && !gone.is_empty(),
        kept,
        gone,
        became: became(&loaded, &one, reader),
        // Whoever answers nothing has no list of their own.
        back: if viewer.may(Permission::AnswerTasks) { "/reviews/mine" } else { "/reviews" },
        correct_until: match loaded.review.takes_effect_at {
            Some(at) if correctable => show::moment(at, tz),
            _ => String::new(),
        },
        corrected_by: corrected_by.map(|other| format!("/reviews/decisions/{}", other.id)).unwrap_or_default(),
        waiting: waiting.first().map(|line| (format!("/tasks/{}", line.task.id), line.task.kind.title(&line.subject))),
        sheet: SheetView::of(&one.sheet.0, &[], "", &app, &names),
        id: one.id,
        digest: one.digest.clone(),
        words: one.sheet.0.words.clone(),
        printed: format!("Printed by {} on {}", frame_person(&frame), show::moment(viewer.now, tz)),
        app,
        frame,
    })
}

/// By what right somebody decided, as it follows their name.
fn authority(loaded: &Loaded, decision: &ReviewDecision) -> String {
    let words = decision.decided_as.authority();
    if !matches!(decision.decided_as, AssignedAs::Fallback | AssignedAs::Escalated) {
        return words.to_owned();
    }
    // A group was asked, and they belong to it.
    let of_group = loaded.tasks.iter().rev().filter(|task| task.kind == TaskKind::Recertification);
    match of_group.filter(|task| task.created_at <= decision.decided_at).find_map(|task| task.assignee_group) {
        Some(group) => format!("{}, {words}", group.as_member()),
        None => words.to_owned(),
    }
}
