//! What somebody decides about, as the page shows it: what widens first, and what stays folded away.

use super::facts::{FactView, Names};
use crate::domain::requests::StageKind;
use crate::domain::requests::sheet::{Sheet, SheetLine};
use crate::domain::scopes::difference::Change;
use crate::web::fields::Fields;

/// A sheet on a page.
#[derive(Debug, Clone)]
pub struct SheetView {
    pub question: String,
    pub if_yes: String,
    pub if_no: String,
    pub end: String,
    /// New and wider.
    pub gains: Vec<LineView>,
    /// Narrower and removed.
    pub losses: Vec<LineView>,
    /// The same access, perhaps in another spelling.
    pub same: Vec<LineView>,
    /// What its system gives and nobody approved.
    pub beyond: Vec<LineView>,
    /// What there is to decide by.
    pub facts: Vec<FactView>,
    /// Whose yes it takes, in their order.
    pub stages: Vec<&'static str>,
    /// Why those.
    pub because: String,
}

/// One permission.
#[derive(Debug, Clone)]
pub struct LineView {
    pub tag: &'static str,
    pub change: &'static str,
    pub sentence: String,
    pub was: Vec<String>,
    pub scope: String,
    pub explain_href: String,
    pub unlimited: bool,
}

impl SheetView {
    /// A sheet, with whose yes it takes and why.
    pub fn of(sheet: &Sheet, stages: &[StageKind], because: &str, app: &str, names: &Names) -> Self {
        let lines = |changes: &[Change]| {
            sheet
                .lines_of(changes)
                .into_iter()
                .filter(|line| !line.beyond)
                .map(|line| LineView::of(line, app))
                .collect()
        };
        Self {
            question: sheet.question.clone(),
            if_yes: sheet.if_yes.clone(),
            if_no: sheet.if_no.clone(),
            end: sheet.end.clone(),
            gains: lines(&[Change::New, Change::Wider]),
            losses: lines(&[Change::Narrower, Change::Removed]),
            same: lines(&[Change::Respelled, Change::Same]),
            beyond: sheet.lines.iter().filter(|line| line.beyond).map(|line| LineView::of(line, app)).collect(),
            facts: sheet.facts.iter().map(|fact| FactView::of(fact, names)).collect(),
            stages: stages.iter().map(|stage| stage.label()).collect(),
            because: because.to_owned(),
        }
    }

    /// "3 that stay the same", over what is folded away.
    pub fn same_words(&self) -> String {
        match self.same.len() {
            1 => "1 that stays the same".to_owned(),
            more => format!("{more} that stay the same"),
        }
    }
}

impl LineView {
    fn of(line: &SheetLine, app: &str) -> Self {
        Self {
            tag: match line.change {
                _ if line.beyond => "bad",
                Change::New | Change::Wider => "warn",
                Change::Narrower | Change::Removed => "info",
                Change::Respelled | Change::Same => "plain",
            },
            change: match line.change {
                Change::New if line.beyond => "New, not approved",
                _ if line.beyond => "Not approved",
                change => change.label(),
            },
            sentence: line.sentence.clone(),
            was: line.was.clone(),
            explain_href: format!("/explain{}", Fields::default().with("s", &line.scope).with("app", app).to_query()),
            scope: line.scope.clone(),
            unlimited: line.unlimited,
        }
    }
}
