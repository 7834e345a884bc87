//! Lists as files: CSV that a spreadsheet cannot run, and JSON lines, streamed, never capped.
//!
//! How a list offers its rows:
//!
//! ```ignore
//! // routes.rs:  GET "/vendors.csv" ReadRegister vendors::export::csv;
//! //             GET "/vendors.jsonl" ReadRegister vendors::export::json_lines;
//! pub async fn csv(register: web::Data<Register>, viewer: Viewer, request: HttpRequest) -> Answer {
//!     send(register, &request, Form::Csv).await
//! }
//!
//! async fn send(register: web::Data<Register>, request: &HttpRequest, form: Form) -> Answer {
//!     let fields = Fields::of_query(request);
//!     let (filter, faults) = super::filter(&fields);
//!     if let Some(refusal) = faults.refuse_export(&fields) {
//!         return Ok(refusal);
//!     }
//!     let export = Export { name: "vendors", columns: &["id", "name", "contract_ends_on"], form };
//!     let lines = move |db: &mut Db, from: &From| vendors::lines(db, &filter, from, CHUNK);
//!     export.walk(&register, lines, VendorLine::cursor, row).await
//! }
//!
//! fn row(line: VendorLine) -> Row {
//!     vec![json!(line.id), json!(line.name), json!(line.contract_ends_on)]
//! }
//! ```
//!
//! `next` is called until it answers no rows. Each call has a connection of its own, so that a slow
//! reader holds neither a connection nor a thread; rows are read by key, so that each comes once. A
//! list without paging answers all its rows the first time and none the second.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, web};
use futures_util::stream;
use serde_json::{Map, Value};

use super::errors::WebError;
use super::{Answer, read};
use crate::actions::Register;
use crate::domain::listing::{Cursor, From};
use crate::store::{Db, StoreError};

/// Rows read at a time.
pub const CHUNK: i64 = 500;

/// What sort of file is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180, UTF-8, with a header line.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// A file under way: its name without date and ending, its columns in order, its form.
#[derive(Debug, Clone, Copy)]
pub struct Export {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub form: Form,
}

/// One row: a value for each column. A list in a CSV cell is written with spaces between.
pub type Row = Vec<Value>;

/// What is left to read.
struct Rest<N> {
    export: Export,
    register: web::Data<Register>,
    next: N,
    /// The bytes of the chunk that was read before the answer began.
    ready: Option<web::Bytes>,
}

impl Export {
    /// Answers with every row that `next` gives, until it gives none.
    ///
    /// The first rows are read before the answer begins: a database that is away gives its page. A
    /// fault later on breaks the connection off, so that a cut file is never taken for a whole one.
    pub async fn stream<N>(self, register: &web::Data<Register>, next: N) -> Answer
    where
        N: FnMut(&mut Db) -> Result<Vec<Row>, StoreError> + Send + 'static,
    {
        let (next, rows) = chunk(register, next).await?;
        let mut ready = self.head()?;
        ready.extend_from_slice(&self.lines(&rows)?);
        let rest = Rest { export: self, register: register.clone(), next, ready: Some(ready.into()) };
        let done = rows.is_empty();
        let body = stream::try_unfold((rest, done), |(mut rest, done)| async move {
            if let Some(bytes) = rest.ready.take().filter(|bytes| !bytes.is_empty()) {
                return Ok::<_, WebError>(Some((bytes, (rest, done))));
            }
            if done {
                return Ok(None);
            }
            let Rest { export, register, next, .. } = rest;
            let (next, rows) = chunk(&register, next)
                .await
                .inspect_err(|error| tracing::error!(export = export.name, %error, "an export broke off"))?;
            if rows.is_empty() {
                return Ok(None);
            }
            let bytes = web::Bytes::from(export.lines(&rows)?);
            Ok(Some((bytes, (Rest { export, register, next, ready: None }, false))))
        });
        let (kind, ending) = match self.form {
            Form::Csv => ("text/csv; charset=utf-8", "csv"),
            Form::JsonLines => ("application/x-ndjson", "jsonl"),
        };
        let file = format!("attachment; filename=\"{}-{}.{ending}\"", self.name, register.now().date());
        Ok(HttpResponse::Ok()
            .insert_header((actix_web::http::header::CONTENT_TYPE, kind))
            .insert_header((CONTENT_DISPOSITION, file))
            .streaming(body))
    }

    /// Answers with every row of a list that is paged by key.
    pub async fn walk<L: Send + 'static>(
        self,
        register: &web::Data<Register>,
        mut lines: impl FnMut(&mut Db, &From) -> Result<Vec<L>, StoreError> + Send + 'static,
        cursor: fn(&L) -> Cursor,
        row: fn(L) -> Row,
    ) -> Answer {
        let mut from = Some(From::Start);
        self.stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let found = lines(db, &place)?;
            from = found.last().map(|line| From::After(cursor(line)));
            Ok(found.into_iter().map(row).collect())
        })
        .await
    }

    /// The header line of a CSV file; nothing for JSON lines.
    pub fn head(self) -> Result<Vec<u8>, WebError> {
        match self.form {
            Form::Csv => write_csv(std::iter::once(self.columns.iter().map(|name| (*name).to_owned()).collect())),
            Form::JsonLines => Ok(Vec::new()),
        }
    }

    /// The bytes of rows.
    pub fn lines(self, rows: &[Row]) -> Result<Vec<u8>, WebError> {
        match self.form {
            Form::Csv => write_csv(rows.iter().map(|row| row.iter().map(cell).collect())),
            Form::JsonLines => {
                let mut out = Vec::new();
                for row in rows {
                    let object: Map<String, Value> =
                        self.columns.iter().map(|name| (*name).to_owned()).zip(row.iter().cloned()).collect();
                    serde_json::to_writer(&mut out, &object).map_err(|error| WebError::Fault(error.to_string()))?;
                    out.push(b'\n');
                }
                Ok(out)
            }
        }
    }
}

/// The next rows, and the function that gives those after them.
async fn chunk<N>(register: &web::Data<Register>, mut next: N) -> Result<(N, Vec<Row>), WebError>
where
    N: FnMut(&mut Db) -> Result<Vec<Row>, StoreError> + Send + 'static,
{
    read(register, move |db| {
        let rows = next(db)?;
        Ok((next, rows))
    })
    .await
}

fn write_csv(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, WebError> {
    let fault = |error: &dyn std::fmt::Display| WebError::Fault(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        out.write_record(&row).map_err(|error| fault(&error))?;
    }
    out.into_inner().map_err(|error| fault(&error))
}

/// A value as a spreadsheet shows it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => safe(text),
        Value::Array(values) if values.iter().all(Value::is_string) => {
            safe(&values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV Injection): one that starts, after
/// white space, with a sign that begins a formula gets an apostrophe in front.
pub fn safe(text: &str) -> String {
    let begins =
        |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if begins(text) || begins(text.trim_start()) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EXPORT: Export = Export { name: "things", columns: &["name", "scopes", "count"], form: Form::Csv };

    #[test]
    fn a_cell_that_would_be_a_formula_is_made_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "\u{ff1d}1"] {
            assert_eq!(safe(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "plain", "a=b", "patient/*.rs", "'=1"] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn a_csv_row_quotes_what_must_be_quoted() {
        let bytes = EXPORT.lines(&[vec![json!("a \"b\", c"), json!(["launch", "openid"]), json!(-2)]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\"a \"\"b\"\", c\",launch openid,-2\r\n");
    }

    #[test]
    fn a_list_whose_first_value_begins_a_formula_is_made_text_too() {
        let bytes = EXPORT.lines(&[vec![Value::Null, json!(["=x", "y"]), Value::Null]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), ",'=x y,\r\n");
    }

    #[test]
    fn json_lines_keep_values_as_they_are() {
        let export = Export { form: Form::JsonLines, ..EXPORT };
        assert!(export.head().unwrap().is_empty());
        let bytes = export.lines(&[vec![json!("=1"), json!(["a"]), json!(3)]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "{\"name\":\"=1\",\"scopes\":[\"a\"],\"count\":3}\n");
    }
}
