//! What a client is told to be kept as, where a file says it oddly: nothing is changed in silence.
//!
//! A client id of a JSON file is an exact text and is kept exactly, white space included: another text
//! would be another client at the issuing system. RFC 6749 (appendix A.1) allows printable ASCII; control
//! characters, which nobody can see or type, are refused. In a CSV file white space around a cell is no
//! part of its value; it is left out, and the row says so.

use crate::domain::imported::{ImportedClient, ImportedOutcome, ImportedRow};
use crate::domain::imports::limits;

/// Checks the client of a row and remarks on what is odd or was repaired.
pub fn tidy(row: &mut ImportedRow) {
    let ImportedOutcome::Client(client) = &mut row.outcome else { return };
    let client_id = client.client_id.clone().unwrap_or_default();
    if client_id.chars().any(char::is_control) {
        row.outcome = ImportedOutcome::Error {
            name: client_id,
            reason: "The client id holds a control character (a tab, a line break or another that cannot be seen), \
                     which RFC 6749 does not allow in one. Correct it in its system and export again."
                .to_owned(),
        };
        return;
    }
    remark_on_id(&client_id, client);
    if client.name.trim() != client.name {
        client.name = client.name.trim().to_owned();
        client.remarks.push("White space around its name was left out.".to_owned());
    }
    if client.redirect_uris.iter().any(|address| address.contains(char::is_whitespace)) {
        client.remarks.push("A redirect address holds white space; it is kept exactly so.".to_owned());
    }
    let repeated = limits::without_repeats(client);
    if !repeated.is_empty() {
        let names: Vec<String> = repeated.iter().map(|scope| format!("“{scope}”")).collect();
        client.remarks.push(format!("Named more than once among its scopes, and kept once: {}.", names.join(", ")));
    }
}

fn remark_on_id(client_id: &str, client: &mut ImportedClient) {
    if client_id.trim() != client_id {
        client.remarks.push(format!(
            "The client id begins or ends with white space, “{client_id}”; it is kept exactly so, as another client id \
             than the one without."
        ));
    }
    // RFC 6749 appendix A.1: client-id = *VSCHAR, which is %x20-7E.
    if !client_id.chars().all(|letter| (' '..='~').contains(&letter)) {
        client.remarks.push(
            "The client id holds characters that RFC 6749 does not allow in one; it is kept exactly so.".to_owned(),
        );
    }
}

/// "White space was left out around “Client ID” and “Name”."; nothing where no cell had any.
pub fn trimmed_words(headings: &[String]) -> Option<String> {
    let names: Vec<String> = headings.iter().map(|heading| format!("“{heading}”")).collect();
    let (last, before) = names.split_last()?;
    Some(match before {
        [] => format!("White space was left out around {last}."),
        before => format!("White space was left out around {} and {last}.", before.join(", ")),
    })
}

/// Why entries that mean the same are all refused. `what` is what they share.
pub fn repeated_words(what: &str, lines: &[Option<impl ToString>]) -> String {
    let times = match lines.len() {
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    };
    let mut known: Vec<String> = lines.iter().flatten().map(ToString::to_string).collect();
    known.dedup();
    let place = match known.split_last() {
        None => String::new(),
        Some((one, [])) => format!(", on line {one}"),
        Some((last, before)) => format!(", on lines {} and {last}", before.join(", ")),
    };
    format!(
        "This {what} stands {times} in the file{place}. Nobody can say which entry counts, so none of them is imported. \
         Keep one of them and import again."
    )
}
