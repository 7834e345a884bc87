//! The report of a campaign as a workbook: what it selected and what became of it, and every item.
//!
//! Texts are written as texts, so no cell is ever a formula. The items go to a file while they are read: a large
//! campaign takes no more memory than a small one.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek};

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use serde_json::Value;

use super::report::{COLUMNS, lines, named, refusal, utc};
use super::workbook_error::WorkbookError;
use super::{chosen, reviewers};
use crate::actions::Register;
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::campaigns::Excluded;
use crate::store::campaigns::{self, Campaign};
use crate::store::{Db, people_list};
use crate::web::errors::WebError;
use crate::web::identities::id;
use crate::web::{Answer, read};

const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A cell of a workbook holds no more, in units of UTF-16.
const LONGEST: usize = 32_767;

/// Stands at the end of a text that no cell holds.
const CUT: &str = " ... (longer than a cell can hold; the CSV file has all of it)";

/// Bytes sent at a time.
const PIECE: u64 = 64 * 1024;

/// GET /campaigns/{id}/report.xlsx
pub async fn xlsx(register: web::Data<Register>, request: HttpRequest) -> Answer {
    let id = id(&request)?;
    if let Some(refusal) = refusal(&request) {
        return Ok(refusal);
    }
    let (known, now) = (register.clone(), register.now());
    let (campaign, written) = read(&register, move |db| {
        let campaign = campaigns::find(db, id)?;
        let written = written(db, &known, &campaign, now);
        Ok((campaign, written))
    })
    .await?;
    let body = stream::try_unfold(written?, |file| async move {
        let (file, bytes) = web::block(move || piece(file))
            .await
            .map_err(|error| WebError::Fault(error.to_string()))?
            .map_err(|error| WebError::Fault(error.to_string()))
            .inspect_err(|error| tracing::error!(%error, "a workbook broke off"))?;
        Ok::<_, WebError>(if bytes.is_empty() { None } else { Some((web::Bytes::from(bytes), file)) })
    });
    let answer = HttpResponse::Ok().insert_header((CONTENT_TYPE, KIND)).streaming(body);
    named(answer, &campaign, now, "xlsx")
}

/// The next bytes of a file; none at its end.
fn piece(file: File) -> std::io::Result<(File, Vec<u8>)> {
    let mut bytes = Vec::new();
    (&file).take(PIECE).read_to_end(&mut bytes)?;
    Ok((file, bytes))
}

/// What is counted while the items are written.
#[derive(Debug, Default)]
struct Tally {
    selected: u32,
    left_out: u32,
    outcomes: BTreeMap<String, u32>,
    excluded: BTreeMap<Excluded, u32>,
}

/// Writes the workbook to a file without a name in the data folder, which goes with it.
pub fn written(db: &mut Db, register: &Register, campaign: &Campaign, now: Moment) -> Result<File, WorkbookError> {
    let (folder, today) = (register.deployment.data_folder.as_path(), register.day(now));
    let mut book = Workbook::new();
    book.set_tempdir(folder)?;
    let bold = Format::new().set_bold();
    let mut items = book.new_worksheet_with_constant_memory()?;
    items.set_name("Items")?;
    items.set_freeze_panes(1, 0)?;
    for (column, name) in (0_u16..).zip(COLUMNS) {
        items.set_column_width(column, if column == 0 { 10 } else { 26 })?;
        items.write_string_with_format(0, column, *name, &bold)?;
    }
    let mut tally = Tally::default();
    let mut after = 0;
    loop {
        let found = lines(db, campaign.id, after, &register.deployment.base_url, today)?;
        let Some(last) = found.last() else { break };
        after = last.position;
        for line in &found {
            tally.selected += 1;
            for (column, cell) in (0_u16..).zip(&line.cells) {
                match cell {
                    Value::Number(number) => {
                        items.write_number(tally.selected, column, number.as_f64().unwrap_or_default())?;
                    }
                    Value::String(text) => {
                        items.write_string(tally.selected, column, fitting(text))?;
                    }
                    _ => {}
                }
            }
            *tally.outcomes.entry(line.outcome.clone()).or_default() += 1;
            if let Some(why) = line.left_out {
                tally.left_out += 1;
                *tally.excluded.entry(why).or_default() += 1;
            }
        }
    }
    let last = u16::try_from(COLUMNS.len().saturating_sub(1)).unwrap_or(u16::MAX);
    items.autofilter(0, 0, tally.selected, last)?;
    book.push_worksheet(overview(db, campaign, &tally, &bold, now)?);
    book.push_worksheet(items);
    book.push_worksheet(reviewers::sheet(db, campaign, &bold, today)?);
    let mut file = tempfile::tempfile_in(folder)?;
    book.save_to_writer(&mut file)?;
    file.rewind()?;
    Ok(file)
}

/// A cell of the overview.
enum Cell {
    Text(String),
    Count(u32),
    /// The line is a heading.
    Heading,
}

/// The first sheet: what was selected, by whom, when, and the counts, which add up.
fn overview(
    db: &mut Db,
    campaign: &Campaign,
    tally: &Tally,
    bold: &Format,
    now: Moment,
) -> Result<Worksheet, WorkbookError> {
    let selected = chosen::read(db, &campaign.selection.0, true)?;
    let people: Vec<Id> =
        [Some(campaign.made_by_id), campaign.opened_by_id, campaign.ended_by_id].into_iter().flatten().collect();
    let names = people_list::names_of(db, &people)?;
    let mut sheet = Worksheet::new();
    sheet.set_name("Campaign")?;
    sheet.set_column_width(0, 48)?;
    sheet.set_column_width(1, 64)?;
    let lines = overview_lines(campaign, &selected.words.join("; "), &names, tally, now);
    for (row, (label, cell)) in (0_u32..).zip(lines) {
        match cell {
            Cell::Heading => {
                sheet.write_string_with_format(row, 0, fitting(&label), bold)?;
            }
            Cell::Text(text) => {
                sheet.write_string(row, 0, fitting(&label))?;
                sheet.write_string(row, 1, fitting(&text))?;
            }
            Cell::Count(count) => {
                sheet.write_string(row, 0, fitting(&label))?;
                sheet.write_number(row, 1, count)?;
            }
        }
    }
    Ok(sheet)
}

fn overview_lines(
    campaign: &Campaign,
    words: &str,
    names: &HashMap<Id, String>,
    tally: &Tally,
    now: Moment,
) -> Vec<(String, Cell)> {
    let name = |id: Option<Id>| id.map(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string()));
    let at = |at: Option<Moment>| at.map(utc).unwrap_or_default();
    let selection = &campaign.selection.0;
    let text = |label: &str, value: String| (label.to_owned(), Cell::Text(value));
    let count = |label: &str, value: u32| (label.to_owned(), Cell::Count(value));
    let heading = |label: &str| (label.to_owned(), Cell::Heading);
    let mut lines = vec![
        heading("Campaign"),
        text("Reference", campaign.reference()),
        text("Id", campaign.id.to_string()),
        text("Name", campaign.name.clone()),
        text("Why", campaign.why.clone()),
        text("State", campaign.state.label().to_owned()),
        text("What it asks about", words.to_owned()),
        text("Review due by", selection.due_by.map(|day| day.to_string()).unwrap_or_default()),
        text("Filter", selection.filter.clone()),
        text("Answers due by", campaign.due_on.to_string()),
        text("Drafted by", name(Some(campaign.made_by_id)).unwrap_or_default()),
        text("Drafted at (UTC)", utc(campaign.made_at)),
        text("Opened by", name(campaign.opened_by_id).unwrap_or_default()),
        text("Opened at (UTC)", at(campaign.opened_at)),
        text("Prepared at (UTC)", at(campaign.prepared_at)),
        text("Ended by", name(campaign.ended_by_id).unwrap_or_default()),
        text("Ended at (UTC)", at(campaign.ended_at)),
        text("Ended because", campaign.ended_because.clone().unwrap_or_default()),
        text("This file made at (UTC)", utc(now)),
        heading(""),
        heading("What became of everything that it selected"),
    ];
    lines.extend(tally.outcomes.iter().map(|(outcome, number)| count(outcome, *number)));
    lines.push(count("Selected in all", tally.selected));
    lines.push(heading(""));
    lines.push(heading("Left out, and why"));
    lines.extend(tally.excluded.iter().map(|(why, number)| count(why.label(), *number)));
    lines.push(count("Left out in all", tally.left_out));
    lines.push(count("Not left out", tally.selected - tally.left_out));
    lines
}

/// The text as a cell holds it: what is longer says so at its end.
fn fitting(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST {
        return text.to_owned();
    }
    let mut units = CUT.len();
    let kept = text.chars().take_while(|sign| {
        units += sign.len_utf16();
        units <= LONGEST
    });
    kept.chain(CUT.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_no_cell_holds_is_cut_and_says_so() {
        let long = "\u{1f980}".repeat(20_000);
        let cut = fitting(&long);
        assert!(cut.ends_with(CUT) && cut.encode_utf16().count() <= LONGEST);
        assert!(cut.encode_utf16().count() > LONGEST - 2, "no more is lost than must be");
        assert_eq!(fitting("=1+1"), "=1+1");
    }
}
