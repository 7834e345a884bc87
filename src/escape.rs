//! How text of others is written into a page: markup as text, and what would turn text around by its number.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

use crate::domain::people::turns_the_text;

/// Escapes for HTML, and writes `[U+202E]` in place of a sign that turns the direction of what follows: with one
/// in it, a reason or a name reads as another to whoever decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        // All of these signs begin with this byte in UTF-8, and few texts have it.
        if !string.as_bytes().contains(&0xE2) {
            return Html.write_escaped_str(dest, string);
        }
        let mut plain = string;
        while let Some((at, sign)) = plain.char_indices().find(|(_, each)| turns_the_text(*each)) {
            let (before, after) = plain.split_at_checked(at).unwrap_or((plain, ""));
            Html.write_escaped_str(&mut dest, before)?;
            write!(dest, "[U+{:04X}]", u32::from(sign))?;
            plain = after.strip_prefix(sign).unwrap_or_default();
        }
        Html.write_escaped_str(dest, plain)
    }
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
}
