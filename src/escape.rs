//! How text of others is written into a page: markup as text, and what would turn text around by its number.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

use crate::domain::people::turns_the_text;

/// Escapes for HTML, and writes `[U+202E]` in place of a sign that turns the direction of what follows: with one
/// in it, a reason or a name reads as another to whoever decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        write_visible(dest, string, |dest, part| Html.write_escaped_str(dest, part))
    }
}

/// The same for a text that is no markup: the plain part of a mail.
#[derive(Debug, Clone, Copy, Default)]
pub struct VisibleText;

impl Escaper for VisibleText {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        write_visible(dest, string, |dest, part| dest.write_str(part))
    }
}

fn write_visible<W: Write>(
    mut dest: W,
    string: &str,
    mut write_part: impl FnMut(&mut W, &str) -> fmt::Result,
) -> fmt::Result {
    let mut plain = string;
    // All of these signs begin with this byte in UTF-8, and few texts have it.
    while plain.as_bytes().contains(&0xE2)
        && let Some((at, sign)) = plain.char_indices().find(|(_, each)| turns_the_text(*each))
    {
        let (before, after) = plain.split_at_checked(at).unwrap_or((plain, ""));
        write_part(&mut dest, before)?;
        write!(dest, "[U+{:04X}]", u32::from(sign))?;
        plain = after.strip_prefix(sign).unwrap_or_default();
    }
    write_part(&mut dest, plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        Visible.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn what_turns_text_around_is_shown_by_its_number() {
        assert_eq!(written("goes on \u{202e}live <b>"), "goes on [U+202E]live &#60;b&#62;");
        assert_eq!(written("\u{2066}a\u{2069}\u{202a}"), "[U+2066]a[U+2069][U+202A]");
        for same in ["", "plain", "caf\u{e9} \u{2019}quoted\u{201d}", "\u{5d0}\u{5d1}"] {
            assert_eq!(written(same), same);
        }
    }

    #[test]
    fn the_text_of_a_mail_shows_it_too_and_escapes_nothing() {
        let mut out = String::new();
        VisibleText.write_escaped_str(&mut out, "a <b> \u{202e}c & d").unwrap();
        assert_eq!(out, "a <b> [U+202E]c & d");
    }
}
