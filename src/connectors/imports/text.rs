//! From the bytes of a file to its text.

use std::borrow::Cow;

use super::error::ImportError;

/// Decodes UTF-8 with or without a byte order mark, and UTF-16 (both byte orders) with or without one.
///
/// A byte that belongs to no character is refused with its line: replacing it would change a client
/// identifier in silence. UTF-8 is borrowed, so that a large file is not copied.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, 3),
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => {
            Err(ImportError::whole("The file is UTF-32, which is not read. Save it as UTF-8 and import it again."))
        }
        [0xFF, 0xFE, rest @ ..] => utf16(rest, encoding_rs::UTF_16LE),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, encoding_rs::UTF_16BE),
        // Without a mark: the first character of every format is ASCII, so one of its two bytes is zero.
        [first, 0, ..] if *first != 0 => utf16(bytes, encoding_rs::UTF_16LE),
        [0, second, ..] if *second != 0 => utf16(bytes, encoding_rs::UTF_16BE),
        [0x1F, 0x8B, ..] => Err(packed("gzip")),
        [b'P', b'K', 3, 4, ..] => Err(packed("ZIP (or a spreadsheet workbook)")),
        _ => utf8(bytes, 0),
    }
}

fn packed(what: &str) -> ImportError {
    ImportError::whole(format!(
        "The file is a {what} archive. Unpack it, or save the sheet as CSV, and import what is inside."
    ))
}

fn utf8(bytes: &[u8], mark: usize) -> Result<Cow<'_, str>, ImportError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        ImportError::at(
            line_after(good),
            format!(
                "Byte {} is not UTF-8. Save the file as UTF-8 and import it again.",
                error.valid_up_to() + mark + 1
            ),
        )
    })?;
    refuse_zero(text)?;
    Ok(Cow::Borrowed(text))
}

fn utf16<'a>(bytes: &'a [u8], encoding: &'static encoding_rs::Encoding) -> Result<Cow<'a, str>, ImportError> {
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => {
            refuse_zero(&text)?;
            Ok(text)
        }
        None => {
            // The slow road, only to name the line: everything before the first replacement is good.
            let (text, _) = encoding.decode_without_bom_handling(bytes);
            let good = text.split('\u{FFFD}').next().unwrap_or_default();
            Err(ImportError::at(
                line_after(good.as_bytes()),
                "A character is broken UTF-16. Save the file as UTF-8 and import it again.",
            ))
        }
    }
}

fn refuse_zero(text: &str) -> Result<(), ImportError> {
    match text.as_bytes().iter().position(|byte| *byte == 0) {
        Some(at) => Err(ImportError::at(
            line_after(text.as_bytes().get(..at).unwrap_or_default()),
            "The file holds zero bytes: it is no text file, or is damaged. Export it again.",
        )),
        None => Ok(()),
    }
}

fn line_after(bytes: &[u8]) -> u64 {
    1 + count_lines(bytes)
}

/// How many line ends stand in the bytes.
pub fn count_lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_of(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        format!("{mark}{text}")
            .encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn every_encoding_of_the_same_text_reads_alike() {
        let text = "{\"name\": \"Zürich\"}\n";
        for little in [true, false] {
            for mark in [true, false] {
                assert_eq!(decode(&utf16_of(text, little, mark)).unwrap(), text);
            }
        }
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(format!("\u{FEFF}{text}").as_bytes()).unwrap(), text);
    }

    #[test]
    fn a_byte_that_is_not_utf8_is_refused_with_its_line_and_place() {
        let error = decode(b"one\ntwo \xE9 three").unwrap_err();
        assert_eq!(error.line, Some(2));
        assert!(error.reason.contains("Byte 9"), "{error}");
    }

    #[test]
    fn broken_utf16_is_refused_with_its_line() {
        let mut bytes = utf16_of("a\nb\n", true, true);
        bytes.extend([0x00, 0xD8, 0x61, 0x00]);
        assert_eq!(decode(&bytes).unwrap_err().line, Some(3));
        let odd = [0xFF, 0xFE, 0x61];
        assert!(decode(&odd).is_err());
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(decode(b"\x1F\x8B\x08\x00").unwrap_err().reason.contains("gzip"));
        assert!(decode(b"PK\x03\x04rest").unwrap_err().reason.contains("ZIP"));
        assert_eq!(decode(b"ab\nc\0d").unwrap_err().line, Some(2));
        assert!(decode(b"\xFF\xFE\0\0a\0\0\0").unwrap_err().reason.contains("UTF-32"));
    }

    #[test]
    fn an_empty_file_is_an_empty_text() {
        assert_eq!(decode(b"").unwrap(), "");
    }
}
