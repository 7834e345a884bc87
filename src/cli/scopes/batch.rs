//! `muster scopes batch`.

use std::io::{BufRead, BufWriter, Write};

use serde_json::json;

use super::Stopped;
use crate::domain::scopes::{Knowledge, batch};

/// Answers every line of standard input, in order.
pub fn run(knowledge: &Knowledge) -> Result<(), Stopped> {
    let mut lines = std::io::BufReader::new(std::io::stdin().lock());
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let answer = match std::str::from_utf8(&line) {
            Ok(text) => batch::answer(text.trim_end_matches(['\n', '\r']), knowledge),
            Err(_) => json!({ "error": "the line is not UTF-8" }),
        };
        serde_json::to_writer(&mut out, &answer).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        // Whoever asks and waits gets the answer; whoever pipes a file gets it in blocks.
        if lines.buffer().is_empty() {
            out.flush()?;
        }
    }
    out.flush()?;
    Ok(())
}
