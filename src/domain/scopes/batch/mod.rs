//! Questions as JSON lines, answers as JSON lines in the same order: `muster scopes batch`.
//!
//! One object a line, `{"op": ..}`; a line that is no question is answered with `{"error": ..}` in its
//! place. Nothing is remembered between lines.

mod answers;
mod questions;

use serde_json::{Value, json};

use super::Knowledge;
use questions::Question;

/// Answers one line.
pub fn answer(line: &str, knowledge: &Knowledge) -> Value {
    match serde_json::from_str::<Question>(line) {
        Ok(question) => answers::answer(&question, knowledge).unwrap_or_else(|why| json!({ "error": why })),
        Err(error) => json!({ "error": format!("not a question: {error}") }),
    }
}
