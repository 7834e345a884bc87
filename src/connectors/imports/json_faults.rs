//! What is wrong with a text that is no JSON, said so that its writer can mend it.

use super::error::ImportError;
use super::text::count_lines;

/// The fault in words with its line. Never quotes the text.
pub fn explain(text: &str, error: &serde_json::Error) -> ImportError {
    let bytes = text.as_bytes();
    let line = u64::try_from(error.line()).unwrap_or(1).max(1);
    if text.trim().is_empty() {
        return ImportError::whole("The file is empty. Export it again.");
    }
    if let Some(other) = other_language(text) {
        return ImportError::at(1, other);
    }
    if error.is_eof() {
        return ImportError::at(
            line,
            "The file ends in the middle of a value: it was cut off. Export or copy it again, whole.",
        );
    }
    let at = offset(bytes, error.line(), error.column());
    let before = bytes.get(..at).unwrap_or_default();
    let rest = bytes.get(at..).unwrap_or_default();
    let previous = before.iter().rposition(|byte| !byte.is_ascii_whitespace());
    let comma = previous.filter(|place| before.get(*place) == Some(&b','));

    if let (Some(place), Some(b']' | b'}')) = (comma, rest.first()) {
        let comma_line = 1 + count_lines(before.get(..place).unwrap_or_default());
        return ImportError::at(
            comma_line,
            format!("A trailing comma: nothing follows it before the closing bracket (line {line}). Remove the comma."),
        );
    }
    let words = error.to_string();
    if words.starts_with("trailing characters") {
        return ImportError::at(line, trailing(rest));
    }
    ImportError::at(line, fault_at(rest, before, &words))
}

fn trailing(rest: &[u8]) -> &'static str {
    match rest.first() {
        Some(b'{' | b'[') => {
            "A second document starts here: the file holds two documents in one, or one on each line. Save each in a file of its own, or put them into one list."
        }
        Some(b']' | b'}') => "A closing bracket too many: the document had already ended. Remove it.",
        _ => "Something follows the end of the document. Remove it.",
    }
}

fn fault_at(rest: &[u8], before: &[u8], words: &str) -> String {
    // The scanner may already have taken the first character of what it did not expect.
    let near = |mark: &[u8]| {
        rest.starts_with(mark)
            || (before.ends_with(mark.get(..1).unwrap_or_default())
                && rest.starts_with(mark.get(1..).unwrap_or_default()))
    };
    let placeholder = [&b"${"[..], b"$(", b"{{", b"<%", b"%(", b"$"].iter().any(|mark| near(mark));
    if placeholder {
        return "A placeholder that was never filled in stands where a value belongs (true, false, a number or a text in quotes). Fill it in and import again.".to_owned();
    }
    if rest.starts_with(b"//") || rest.starts_with(b"/*") || rest.starts_with(b"#") {
        return "A comment: JSON has none. Remove it.".to_owned();
    }
    if rest.starts_with(b"'") {
        return "A single quote: JSON wants double quotes.".to_owned();
    }
    if words.starts_with("control character") {
        return "A text holds a line break or another control character. Close its quotes, or write it as an escape."
            .to_owned();
    }
    let reason = words.split(" at line ").next().unwrap_or_default();
    format!("This is no JSON: {reason}. Export the file again, or mend this line.")
}

fn other_language(text: &str) -> Option<&'static str> {
    let start = text.trim_start();
    if start.starts_with('<') {
        return Some("The file is XML or HTML, not JSON. If a web page was saved, sign in and export again.");
    }
    if start.starts_with("-----BEGIN") {
        return Some("The file is a key or a certificate, not a list of clients. Keep it away from here.");
    }
    if start.starts_with("---") || (!start.starts_with(['{', '[', '"']) && yaml_like(start)) {
        return Some("The file looks like YAML, not JSON. Export it as JSON.");
    }
    None
}

fn yaml_like(start: &str) -> bool {
    let line = start.lines().next().unwrap_or_default();
    line.split_once(':')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c)))
}

/// The place of a line and column as serde_json counts them: both from 1, columns in bytes.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let start = if line <= 1 {
        0
    } else {
        bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(line - 2).map_or(bytes.len(), |(at, _)| at + 1)
    };
    (start + column.saturating_sub(1)).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::super::json::Source;

    fn refused(text: &str) -> (Option<u64>, String) {
        let error = Source::document(text).unwrap_err();
        (error.line, error.reason)
    }

    #[test]
    fn a_trailing_comma_is_named_on_its_line() {
        for text in ["{\n\"a\": [1,\n2,\n]}", "{\n\"a\": 1,\n\"b\": 2,\n}"] {
            let (line, reason) = refused(text);
            assert_eq!(line, Some(3), "{reason}");
            assert!(reason.contains("trailing comma") && reason.contains("line 4"), "{reason}");
        }
    }

    #[test]
    fn two_documents_in_one_are_refused_where_the_second_starts() {
        let (line, reason) = refused("{\"a\":1}\n\n{\"b\":2}");
        assert_eq!(line, Some(3));
        assert!(reason.contains("two documents"), "{reason}");
    }

    #[test]
    fn a_placeholder_without_quotes_is_named_with_its_line() {
        for value in ["${ENABLED}", "{{ .enabled }}", "$(ENABLED)", "<%= x %>", "$ENABLED"] {
            let (line, reason) = refused(&format!("{{\n\"enabled\": {value}\n}}"));
            assert_eq!(line, Some(2), "{value}");
            assert!(reason.contains("placeholder"), "{value}: {reason}");
        }
    }

    #[test]
    fn other_faults_are_said_in_words() {
        assert!(refused("").1.contains("empty"));
        assert!(refused("{\"a\": [1, 2").1.contains("cut off"));
        assert!(refused("<html></html>").1.contains("HTML"));
        assert!(refused("realm: x\nclients: []").1.contains("YAML"));
        assert!(refused("{\"a\": 1 // why\n}").1.contains("comment"));
        assert!(refused("{'a': 1}").1.contains("single quote"));
        assert!(refused("{\"a\": 1}}").1.contains("bracket too many"));
        assert!(refused("{\"a\": \"x\ny\"}").1.contains("line break"));
        assert!(refused("-----BEGIN RSA PRIVATE KEY-----").1.contains("key"));
    }

    #[test]
    fn no_message_quotes_the_file() {
        for text in ["{\"a\": PLANTED}", "{\"secret\": \"PLANTED\" \"x\"}", "{PLANTED: 1}", "\"PLANTED\" PLANTED"] {
            assert!(!refused(text).1.contains("PLANTED"), "{text}");
        }
    }
}
