//! Questions as JSON lines, answers as JSON lines in the same order: `muster scopes batch`.
//!
//! One object a line, `{"op": ..}`; a line that is no question is answered with `{"error": ..}` in its
//! place. Nothing is remembered between lines. Keys that mean nothing in a question are named in its answer, as
//! `"ignored"`: a key that is written wrong is not taken for one that was left out.

mod answers;
mod questions;

use serde_json::{Value, json};

use super::Knowledge;
use questions::Question;

/// Answers one line.
pub fn answer(line: &str, knowledge: &Knowledge) -> Value {
    let question = match serde_json::from_str::<Question>(line) {
        Ok(question) => question,
        Err(error) => return json!({ "error": format!("not a question: {error}") }),
    };
    let mut answer = answers::answer(&question, knowledge).unwrap_or_else(|why| json!({ "error": why }));
    let ignored = question.ignored();
    if let (Value::Object(members), false) = (&mut answer, ignored.is_empty()) {
        members.insert("ignored".to_owned(), ignored.into());
    }
    answer
}
