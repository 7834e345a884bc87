//! One review: the question in plain words, what it may do, the facts, the answers; afterwards, how far it is.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::became::{self, EndedBy};
use super::decided::{self, Decided};
use super::extras;
use crate::actions::Register;
use crate::actions::reviews::load::{Loaded, NotYours};
use crate::actions::reviews::{ending, prove, question, sheet};
use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::Id;
use crate::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewState};
use crate::domain::tasks::{AssignedAs, Assignee};
use crate::store::{Db, StoreError};
use crate::web::errors::full_sentence;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::identities::{check_visible, id};
use crate::web::refusal::Refusal;
use crate::web::requests::facts::Names;
use crate::web::requests::sheet::SheetView;
use crate::web::session::Viewer;
use crate::web::show::Jump;
use crate::web::tasks::meanwhile;
use crate::web::typed::Typed;
use crate::web::{Answer, page_with, read, show};

/// What was just done, by the word that the link carries.
const DONE: &[(&str, &str)] = &[
    ("asked", "Your question went to somebody who may know. It is no answer to the review, and the deadline stays."),
    ("passed_on", "Your answer is recorded. Whoever you named is asked now, and gets an e-mail."),
    ("attested", "What you saw is recorded, and the review is closed."),
    ("noted", "Your note stands beside the review, and whoever decides reads it."),
];

#[derive(Template)]
#[template(path = "reviews/review.html")]
struct ReviewPage {
    frame: Frame,
    loaded: Loaded,
    status: (&'static str, String),
    stands: String,
    /// What was decided, where something was: it stands before everything else.
    what: Option<Decided>,
    sheet: SheetView,
    /// What is folded away over the sheet, where nobody decides by it any more; empty where somebody does.
    folded: String,
    digest: String,
    /// The reader decides, or corrects what they decided.
    may_decide: bool,
    corrects: bool,
    /// A yes of theirs accepts, too, that they own it.
    accepts: bool,
    why_not: String,
    options: Vec<(&'static str, String, String)>,
    /// The permissions as boxes: as written, sentence, ticked; and what no answer keeps: sentence, as written.
    parts: Vec<(String, String, bool)>,
    beyond: Vec<(String, String)>,
    /// Why it cannot be kept with less; empty where it can.
    why_not_less: String,
    /// Why nobody can be asked what they know; empty where somebody can.
    why_not_asked: String,
    day_hint: String,
    reason_to_keep: bool,
    way: Vec<String>,
    asked: Vec<String>,
    /// What others are asked who may know, of whom and until when.
    questions: Vec<String>,
    /// What showed that it was done, with who and when.
    seen: String,
    steps: Vec<(String, String, String)>,
    /// Decisions and questions so far: link to the receipt, and in words.
    decided: Vec<(String, String)>,
    may_attest: bool,
    why_no_proof: String,
    may_cancel: bool,
    may_open: bool,
    notes: super::notes::Notes,
    fields: Fields,
    errors: Errors,
    conflict: bool,
    meanwhile: Vec<String>,
    /// What was typed where no form is left to keep it.
    typed: Vec<(String, String)>,
}

/// GET /reviews/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, id(&request)?, Fields::default(), Refusal::None, done.raw("done")).await
}

/// The review of that id; `NotFound` for one that the viewer may not see.
pub(super) fn visible(
    db: &mut Db,
    register: &Register,
    viewer: &crate::actions::By,
    id: Id,
) -> Result<Loaded, StoreError> {
    let loaded = Loaded::read(db, register, id, viewer.now)?;
    if loaded.is_seen_by(viewer) { Ok(loaded) } else { Err(StoreError::NotFound) }
}

/// Everybody whom a review names.
pub(super) fn people(loaded: &Loaded) -> Vec<Id> {
    let mut ids: Vec<Id> = loaded.tasks.iter().filter_map(|task| task.assignee_id).collect();
    ids.extend(loaded.review.resolution.0.iter().filter_map(|step| step.person));
    ids.extend(loaded.decisions.iter().flat_map(|one| [Some(one.decided_by_id), one.passed_to_id]).flatten());
    ids.extend(loaded.review.proved_by_id);
    ids.extend(loaded.tasks.iter().filter_map(|task| task.closed_by));
    ids
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
    let (sees, now, by) = (viewer.sees()?, viewer.now, viewer.by()?);
    let frame = Frame::new(register, viewer, "/reviews", "").wide();
    let tz = frame.tz;
    let conflict = refusal.is_conflict();
    let seen = |name: &str| fields.value::<i64>(name).unwrap_or_default();
    let (version, identity_version) = (seen("version"), seen("identity_version"));
    let (asked, reader) = (register.clone(), by.clone());
    let (loaded, whole, names, ended_by, meanwhile_lines, may_open, notes, knows) = read(register, move |db| {
        let loaded = visible(db, &asked, &reader, id)?;
        // Whoever decides or corrects reads how it stands now; afterwards what was read is what counts.
        let whole = match loaded.decision() {
            Some(decision) if loaded.may_decide(&reader).is_err() => decision.sheet.0.clone(),
            _ => sheet::sheet(db, &asked, &loaded)?,
        };
        let named = whole.facts.iter().flat_map(|fact| fact.people.iter().copied());
        let ended_by = became::ended_by(db, &loaded.review)?;
        let ender = match ended_by {
            Some(EndedBy::Person(person)) => Some(person),
            _ => None,
        };
        let knows = question::whom(db, &asked, &loaded, reader.person)?;
        let asked_first = match knows {
            Assignee::Person { person, .. } => Some(person),
            Assignee::Group { .. } => None,
        };
        let names = Names::of(db, people(&loaded).into_iter().chain(named).chain(ender).chain(asked_first))?;
        let lines = if conflict {
            let about =
                [("review", id.to_string(), version), ("identity", loaded.identity.id.to_string(), identity_version)];
            meanwhile::since(db, &about, tz)?
        } else {
            Vec::new()
        };
        let may_open = match check_visible(db, sees, loaded.identity.id, now) {
            Ok(()) => true,
            Err(StoreError::NotFound) => false,
            Err(other) => return Err(other),
        };
        let notes = super::notes::Notes::read(db, &loaded, &reader, tz)?;
        Ok((loaded, whole, names, ended_by, lines, may_open, notes, knows))
    })
    .await?;
    let (status, errors) = refusal.answer();
    let right = loaded.may_decide(&by);
    let may_decide = right.is_ok();
    let why_not = match &right {
        Err(NotYours::Ended) | Ok(_) => String::new(),
        Err(why) => full_sentence(&why.to_string()),
    };
    let again = !errors.is_empty() || conflict;
    let ticked = fields.all("keep");
    let attest = prove::may_attest(&loaded, &by);
    let waits = loaded.review.state == ReviewState::Remediating;
    let cancelled = cancelled(&loaded);
    let mut frame = frame.with_error(again).with_done(done, DONE).with_done(done, &[("cancelled", cancelled.as_str())]);
    frame.title = format!("Is the access of {} still needed?", loaded.identity.name);
    let typed = if conflict && !may_decide { Typed::of(fields.iter()).0 } else { Vec::new() };
    let knowledge = &register.deployment.scopes;
    let options = extras::options(&loaded, register, knows, &names);
    let sheet = SheetView::of(&whole, &[], "", &loaded.identity.name, &names);
    page_with(
        status,
        &ReviewPage {
            status: super::status(&loaded.review, loaded.today),
            stands: extras::stands(&loaded, &names, ended_by, tz),
            digest: whole.digest(),
            what: decided::decided(&loaded, &names, knowledge, tz),
            folded: folded(&loaded, may_decide, tz),
            corrects: loaded.review.state == ReviewState::Decided,
            accepts: right == Ok(AssignedAs::BusinessOwner)
                && loaded.identity.business_owner_answer != Some(OwnerAnswer::Accepted),
            may_decide,
            why_not,
            parts: if options.iter().any(|(word, ..)| *word == ReviewAnswer::Narrow.word()) {
                extras::parts(&loaded, &sheet, knowledge, &ticked, again)
            } else {
                Vec::new()
            },
            beyond: extras::beyond(&loaded, knowledge),
            why_not_less: extras::why_not_less(&loaded),
            why_not_asked: extras::why_not_asked(&loaded),
            sheet,
            day_hint: extras::day_hint(&loaded, register),
            options,
            reason_to_keep: register.deployment.reviews.of(loaded.identity.tier).reason_to_keep,
            way: extras::way(&loaded, &names),
            asked: extras::asked(&loaded, &names),
            questions: became::questions(loaded.tasks.iter(), &loaded.decisions, by.person, &names, tz),
            seen: became::proved(&loaded.review, &names, tz),
            steps: extras::steps(&loaded, tz),
            decided: loaded
                .decisions
                .iter()
                .map(|one| {
                    let (who, when) = (names.name(&one.decided_by_id), show::moment(one.decided_at, tz));
                    let corrected = loaded.decisions.iter().any(|other| other.supersedes_id == Some(one.id));
                    let how = if corrected { ", corrected since" } else { "" };
                    (
                        format!("/reviews/decisions/{}", one.id),
                        format!("{}, by {who}, on {when}{how}", decided::what(one)),
                    )
                })
                .collect(),
            may_attest: attest.is_ok(),
            why_no_proof: attest.err().filter(|_| waits).map(full_sentence).unwrap_or_default(),
            may_cancel: frame.may_keep() && ending::can_be_cancelled(&loaded),
            may_open,
            notes,
            fields,
            errors: Errors(errors),
            conflict,
            meanwhile: meanwhile_lines,
            typed,
            loaded,
            frame,
        },
    )
}

/// What is said once somebody ended it without an answer: the question comes again.
fn cancelled(loaded: &Loaded) -> String {
    let again = match loaded.identity.next_review_on {
        Some(day) => format!(" Its identity is asked about again on {}.", show::date(day)),
        None => String::new(),
    };
    format!("The review is ended without an answer.{again}")
}

/// What is said over a sheet that nobody decides by any more; empty while somebody does.
fn folded(loaded: &Loaded, may_decide: bool, tz: chrono_tz::Tz) -> String {
    match loaded.decision() {
        _ if loaded.review.state == ReviewState::Open || may_decide => String::new(),
        Some(decision) => format!("What was read when it was decided, on {}", show::moment(decision.decided_at, tz)),
        None => "What it may do and the facts, as they stand now".to_owned(),
    }
}

impl ReviewPage {
    /// The answer that is chosen: none for whoever has to read anew.
    fn answer(&self) -> &str {
        if self.conflict { "" } else { self.fields.raw("answer") }
    }

    fn is_open(&self) -> bool {
        self.loaded.review.state == ReviewState::Open
    }

    fn is_remediating(&self) -> bool {
        self.loaded.review.state == ReviewState::Remediating
    }

    /// The parts of the page in their order, for where they follow one another and do not stand beside each other.
    fn jumps(&self) -> Vec<Jump> {
        let shown = self.folded.is_empty();
        show::jumps([
            ("holds", "What it may do", shown),
            ("facts", "Facts to decide by", shown),
            ("answer-group", if self.corrects { "Your correction" } else { "Your answer" }, self.may_decide),
            ("history", "Who was asked", shown),
            ("notes", "What others know", shown && self.notes.stands(self.fields.raw("note"))),
        ])
    }

    /// Whether anything is answered or proved here, or was.
    fn has_answers(&self) -> bool {
        self.may_decide || self.is_remediating() || !self.seen.is_empty() || !self.why_not.is_empty()
    }

    /// What has to be seen at the system.
    fn to_see(&self) -> &'static str {
        match self.loaded.review.outcome {
            Some(ReviewOutcome::Keep) => "that its system gives it no more than was approved",
            Some(ReviewOutcome::Narrow) => "that its system gives it no more than was kept",
            _ => "that its system refuses it",
        }
    }

    fn reason_label(&self) -> &'static str {
        match self.reason_to_keep {
            true => "Your reason, needed with every answer",
            false => "Your reason, needed with every answer but keeping it",
        }
    }
}
