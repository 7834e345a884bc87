//! One request: the question in plain words, what would change, the facts, the answers; afterwards, how far it is.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::facts::{self, RequestFacts};
use super::progress::{self, StepView};
use super::rights::{self, May};
use super::sheet::SheetView;
use crate::actions::Register;
use crate::actions::requests::Loaded;
use crate::actions::requests::facts::whole_sheet;
use crate::domain::identities::ScopeList;
use crate::domain::ids::Id;
use crate::domain::reaching::basis_of;
use crate::domain::requests::sheet::sentence;
use crate::domain::requests::{RequestState, StageKind};
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::tasks::meanwhile;
use crate::web::typed::Typed;
use crate::web::{Answer, page_with, read};

/// What was just done, by the word that the link carries.
pub const DONE: &[(&str, &str)] = &[
    ("sent", "Your request is sent. You are told by mail, at most once a day, whenever it moves."),
    ("withdrawn", "The request is taken back. Nothing has changed."),
    ("undone", "Your answer is taken back, and the question waits again."),
    ("issued", "What was issued is recorded. The next import of the system\u{2019}s clients confirms it."),
];

#[derive(Template)]
#[template(path = "requests/request.html")]
struct RequestPage {
    frame: Frame,
    reference: String,
    title: String,
    tag: &'static str,
    state: &'static str,
    /// What the state means, and what happens next.
    stands: String,
    loaded: Loaded,
    sheet: SheetView,
    digest: String,
    facts: RequestFacts,
    steps: Vec<StepView>,
    /// Why nobody can bring it to its end; empty where somebody can.
    shortage: String,
    may: May,
    /// Why the reader sees no form; empty where they see one, or nothing is left to decide.
    why_not: String,
    /// The permissions as boxes: as written, sentence, scope, ticked.
    parts: Vec<(String, String, String, bool)>,
    options: Vec<(&'static str, String, String)>,
    grounds: Vec<(String, String)>,
    criteria: Vec<(String, String)>,
    fields: Fields,
    errors: Errors,
    conflict: bool,
    meanwhile: Vec<String>,
    /// What was asked for and is not given: sentence and scope.
    left_out: Vec<(String, String)>,
    /// The reader asked for it, or it was asked in their name.
    is_asker: bool,
    /// Whom the reader named in their place; empty where nobody was named.
    passed_on: String,
    /// What was typed where no form is left to keep it.
    typed: Vec<(String, String)>,
    /// Which stage the form is about now, where it is another than the one that was read.
    now_at: String,
    /// What the system should give now, one a line: what was approved.
    approved: String,
}

/// GET /requests/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, id(&request)?, Fields::default(), Refusal::None, done.raw("done")).await
}

/// The page, with what was typed and why it was refused.
pub(super) async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    refusal: Refusal,
    done: &str,
) -> Answer {
    let (sees, now) = (viewer.sees()?, viewer.now);
    let frame = Frame::new(register, viewer, "/requests", "");
    let tz = frame.tz;
    let conflict = refusal.is_conflict();
    let seen = |name: &str| fields.value::<i64>(name).unwrap_or_default();
    let (version, identity_version) = (seen("version"), seen("identity_version"));
    let (asked, by) = (register.clone(), viewer.by()?);
    let (loaded, facts, whole, meanwhile_lines) = read(register, move |db| {
        super::visible(db, sees, id, now)?;
        let loaded = crate::actions::requests::load(db, &asked, id, now)?;
        let facts = facts::of(db, &asked, &loaded, sees, now)?;
        let whole = whole_sheet(db, &asked, &loaded)?;
        let lines = if conflict {
            let about =
                [("request", id.to_string(), version), ("identity", loaded.identity.id.to_string(), identity_version)];
            meanwhile::since(db, &about, tz)?
        } else {
            Vec::new()
        };
        Ok((loaded, facts, whole, lines))
    })
    .await?;
    let (status, errors) = refusal.answer();
    let state = loaded.request.state_at(now);
    // What is decided is what was read; what would change now is another question.
    let sheet = match state {
        RequestState::Open => whole,
        _ => loaded.decisions.iter().rfind(|one| one.stands()).map_or(whole, |one| one.sheet.0.clone()),
    };
    let stages: Vec<StageKind> = loaded.stages.iter().map(|stage| stage.kind).collect();
    let view = SheetView::of(&sheet, &stages, &loaded.request.because, &loaded.identity.name, &facts.names);
    let (may, mut why_not) = rights::rights(&loaded, &by, state);
    let approvals = &register.deployment.approvals;
    let offered = approvals.grounds.offered(basis_of(loaded.identity.access_basis), approvals.organisation);
    let ticked = fields.all("keep");
    let again = !errors.is_empty() || conflict;
    let parts = sheet
        .lines
        .iter()
        .flat_map(|line| {
            loaded.wanted().into_iter().filter(move |scope| same(scope, &line.scope)).map(|scope| {
                let on = again && ticked.contains(&scope.as_str());
                (scope, line.sentence.clone(), line.scope.clone(), on)
            })
        })
        .collect();
    let kept = loaded.scopes();
    let knowledge = &register.deployment.scopes;
    let left_out = loaded
        .asked
        .iter()
        .filter(|scope| !kept.contains(scope))
        .map(|scope| (sentence(scope, &loaded.identity.name, knowledge).0, scope.clone()))
        .collect();
    let named = loaded.current().and_then(|stage| stage.named_id).map(|id| facts.names.name(&id));
    let passed_on = match &named {
        Some(name) if may.decide && by.person != loaded.current().and_then(|stage| stage.named_id) => {
            format!("This was passed on to {name}, who has the task now. You may still decide it yourself.")
        }
        _ => String::new(),
    };
    if let Some(name) = named.filter(|_| !why_not.is_empty()) {
        why_not = format!("{name} decides now: whoever was asked named them.");
    }
    let typed = if conflict && !may.decide { Typed::of(fields.iter()).0 } else { Vec::new() };
    let mut frame = frame.with_error(again).with_done(done, DONE);
    let title = super::title(loaded.request.kind, &loaded.identity.name, &view);
    frame.title = title.clone();
    page_with(
        status,
        &RequestPage {
            reference: loaded.request.reference(),
            title,
            tag: super::tag(state),
            state: state.label(),
            stands: progress::stands(&loaded, register, state, tz),
            steps: progress::steps(&loaded, &facts, tz),
            shortage: if state == RequestState::Open { rights::shortage(&loaded) } else { String::new() },
            may,
            why_not,
            parts,
            options: rights::options(&loaded),
            criteria: offered.iter().map(|ground| (ground.label.clone(), ground.criteria.clone())).collect(),
            grounds: offered.iter().map(|ground| (ground.word.clone(), ground.label.clone())).collect(),
            digest: sheet.digest(),
            sheet: view,
            facts,
            fields,
            errors: Errors(errors),
            left_out,
            is_asker: by.person.is_some()
                && [Some(loaded.request.requester_id), loaded.request.requester_for_id].contains(&by.person),
            passed_on,
            typed,
            now_at: if conflict && may.decide { rights::now_at(&loaded) } else { String::new() },
            conflict,
            meanwhile: meanwhile_lines,
            approved: loaded.on(ScopeList::Approved).join("\n"),
            loaded,
            frame,
        },
    )
}

/// Whether a scope as it was asked is the one of a line, which is in canonical spelling.
fn same(asked: &str, line: &str) -> bool {
    use crate::domain::scopes::scope::Scope;
    asked == line || Scope::parse(asked).is_ok_and(|scope| scope.to_string() == line)
}

impl RequestPage {
    /// The answer that is chosen: none for whoever has to read anew.
    fn answer(&self) -> &str {
        if self.conflict { "" } else { self.fields.raw("answer") }
    }

    /// Whether the reader decides now.
    fn is_open(&self) -> bool {
        self.loaded.request.state_at(self.frame.now) == RequestState::Open
    }

    fn is_issued(&self) -> bool {
        self.loaded.request.state == RequestState::Issued
    }

    fn issued(&self) -> Vec<&str> {
        self.loaded.on(ScopeList::Issued)
    }

    fn shown_parts(&self) -> bool {
        self.parts.len() > 1
    }

    fn urgency(&self) -> &str {
        self.loaded.request.urgency.as_deref().unwrap_or_default()
    }

    fn evidence(&self) -> Vec<&str> {
        self.loaded.request.evidence.as_deref().map(|text| text.lines().collect()).unwrap_or_default()
    }
}
