//! The sheet of a workbook that says how far each reviewer is.

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Worksheet};

use super::progress;
use super::workbook_error::WorkbookError;
use crate::actions::campaigns::report;
use crate::domain::ids::Id;
use crate::domain::reviews::progress::{Ending, Tally, Who};
use crate::store::Db;
use crate::store::campaigns::Campaign;

/// A column: its name, and its number of a line.
type Column = (&'static str, fn(&Tally) -> i64);

const COLUMNS: [Column; 12] = [
    ("Asked", |tally| tally.asked),
    ("Still open", |tally| tally.open),
    ("Of these, overdue", |tally| tally.overdue),
    ("Answered", |tally| tally.answered),
    ("Kept", |tally| tally.kept),
    ("Narrowed", |tally| tally.narrowed),
    ("Switched off", |tally| tally.switched_off),
    ("Answered by somebody else", |tally| tally.others),
    ("Passed on unanswered", |tally| tally.passed_on),
    ("Given to somebody else", |tally| tally.handed_on),
    ("Ended without an answer", |tally| tally.ended),
    ("Came by escalation", |tally| tally.escalated),
];

/// One line for everybody who was asked; below, every review once.
pub fn sheet(db: &mut Db, campaign: &Campaign, bold: &Format, today: NaiveDate) -> Result<Worksheet, WorkbookError> {
    let found = report::progress(db, campaign, today)?;
    let names = progress::names(db, &found)?;
    let mut sheet = Worksheet::new();
    sheet.set_name("By reviewer")?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_column_width(0, 48)?;
    for (column, head) in (0_u16..).zip(["Who", "Id"].into_iter().chain(COLUMNS.iter().map(|(head, _)| *head))) {
        sheet.write_string_with_format(0, column, head, bold)?;
    }
    let mut last = 0;
    for (row, (who, tally)) in (1_u32..).zip(found.in_order()) {
        sheet.write_string(row, 0, progress::name(who, &names))?;
        sheet.write_string(row, 1, id(who).map(|id| id.to_string()).unwrap_or_default())?;
        for (column, (_, of)) in (2_u16..).zip(COLUMNS.iter()) {
            sheet.write_number(row, column, number(of(&tally)))?;
        }
        last = row;
    }
    let all = found.all;
    let mut sums = vec![
        ("Every review once", all.reviews),
        ("Answered", all.answered),
        ("Silence counted", all.silent),
        ("Cancelled", all.cancelled),
        ("Still open", all.open),
        ("Of these, overdue", all.overdue),
        ("Of these, due before the campaign\u{2019}s day", all.earlier),
    ];
    // How they stand: these add up to every review once.
    let standing = |ending: &Ending| found.endings.get(ending).copied().unwrap_or_default();
    sums.extend(Ending::ALL.iter().map(|ending| (ending.label(), standing(ending))));
    for (row, (label, count)) in (last + 2..).zip(sums) {
        sheet.write_string(row, 0, label)?;
        sheet.write_number(row, 2, number(count))?;
    }
    Ok(sheet)
}

fn id(who: Who) -> Option<Id> {
    match who {
        Who::Person(person) => Some(person),
        Who::Group(_) | Who::NotAsked | Who::Nobody => None,
    }
}

/// A count as a cell holds it.
fn number(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}
