//! How many words a text has, where a rule asks for some: signs between spaces are none, in whatever script it is.

/// Words that a reason has at least where it is asked for in so many: fewer say nothing to whoever reads it later.
pub const FEWEST_OF_A_REASON: usize = 3;

/// Words that an attestation has at least: fewer say nothing that somebody else could check.
pub const FEWEST_OF_AN_ATTESTATION: usize = 5;

/// Letters that count as one word where a script puts no space between words.
const LETTERS_OF_A_WORD: usize = 2;

/// How many words a text has. A word stands between spaces of any kind and holds a letter or a digit of any script, so
/// that ". . ." has none. Japanese, Chinese, Thai and others write a sentence without a space: there every two
/// letters count as a word, so that nobody is asked to write in another language.
pub fn words_in(text: &str) -> usize {
    text.split_whitespace().map(words_between_spaces).sum()
}

fn words_between_spaces(piece: &str) -> usize {
    let letters = || piece.chars().filter(|letter| letter.is_alphanumeric());
    let unspaced = letters().filter(|letter| is_written_without_spaces(*letter)).count();
    let spaced = letters().any(|letter| !is_written_without_spaces(letter));
    usize::from(spaced) + unspaced.div_ceil(LETTERS_OF_A_WORD)
}

/// Whether a letter is of a script that puts no space between words. Korean puts some.
/// Source: the names of the blocks in Unicode's `Blocks.txt`.
fn is_written_without_spaces(letter: char) -> bool {
    matches!(
        letter,
        // Thai and Lao, Tibetan, Myanmar, Khmer.
        '\u{0e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Hiragana and Katakana, also of half the width.
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}'
        // Ideographs.
        | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_between_spaces_are_no_words() {
        for text in
            ["", " \n\t", ". . .", "---", "- \u{2013} \u{2014}", "?! ... \u{2026} \u{3002}", "\u{200b} \u{200b}"]
        {
            assert_eq!(words_in(text), 0, "{text}");
        }
        assert_eq!(words_in("- . x"), 1);
        assert_eq!(words_in("yes, - needed ."), 2);
    }

    #[test]
    fn words_of_any_script_count() {
        assert_eq!(words_in("Stationen brauchen \u{dc}bergabeprotokolle t\u{e4}glich"), 4);
        let arabic =
            ["\u{62a}\u{633}\u{62a}\u{62e}\u{62f}\u{645}\u{647}", "\u{627}\u{644}\u{623}\u{642}\u{633}\u{627}\u{645}"];
        assert_eq!(words_in(&arabic.join(" ")), 2);
        let korean = "\u{bcd1}\u{b3d9}\u{c5d0}\u{c11c} \u{b9e4}\u{c77c} \u{c0ac}\u{c6a9}";
        assert_eq!(words_in(korean), 3, "Korean has spaces");
        assert_eq!(words_in("Port 443 closed 2026-12-01"), 4);
    }

    #[test]
    fn a_sentence_without_spaces_is_more_than_one_word() {
        let japanese =
            "\u{75c5}\u{68df}\u{3067}\u{6bce}\u{65e5}\u{4f7f}\u{3063}\u{3066}\u{3044}\u{307e}\u{3059}\u{3002}";
        assert_eq!(words_in(japanese), 6);
        assert_eq!(words_in("\u{5fc5}\u{8981}"), 1, "one word is no reason there either");
        assert_eq!(words_in("HL7\u{3067}\u{4f7f}\u{3046}"), 3);
        assert_eq!(words_in("\u{3002}\u{3001}\u{30fb}"), 0);
    }

    #[test]
    fn spaces_that_do_not_break_a_line_part_words_too() {
        assert_eq!(words_in("wards\u{a0}use\u{202f}it\u{3000}daily"), 4);
        assert_eq!(words_in(".\u{a0}.\u{a0}."), 0);
    }
}
