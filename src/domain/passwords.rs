//! What a new password must be: long, and not easy to guess. Nothing is asked of its letters.
//!
//! OWASP ASVS 5.0 6.2.1 (length), 6.2.5 (no rules of composition), 6.2.8 (kept as typed), 6.2.9 (long ones
//! are taken), 6.2.4 and 6.2.12 (common ones are refused), 6.2.11 (words of the context are refused);
//! NIST SP 800-63B section 3.1.1.2.

use zxcvbn::Score;
use zxcvbn::feedback::{Suggestion, Warning};

/// The fewest characters of a password, counted in code points.
pub const SHORTEST: usize = 15;
/// The most characters of a password, counted in code points.
pub const LONGEST: usize = 128;

/// Why a password is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error(
        "Use a password of {SHORTEST} to {LONGEST} characters; this one has {0}. A few words in a row are easy to remember"
    )]
    Length(usize),
    /// It would be found by trying; the advice says why and what to do.
    #[error("This password is easy to guess. {0}")]
    Guessable(String),
    #[error("Use another password than the one you had")]
    Unchanged,
}

/// Whether a text may become the password of somebody of whom `about` is known: their name, their address,
/// what the register is called. The text is taken as it is: nothing is trimmed, cut or folded.
///
/// The strength is that of zxcvbn, which knows common passwords, names, words, dates, keyboards and
/// repetitions; \u{201c}safely unguessable\u{201d} (3 of 4) is asked.
pub fn check(text: &str, about: &[&str]) -> Result<(), PasswordError> {
    let length = text.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(PasswordError::Length(length));
    }
    let known = words_of(about);
    if beyond(text, &known) < BEYOND {
        return Err(PasswordError::Guessable(OWN.to_owned()));
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let judged = zxcvbn::zxcvbn(text, &known);
    if judged.score() >= Score::Three {
        return Ok(());
    }
    let mut advice: Vec<&str> = Vec::new();
    if let Some(feedback) = judged.feedback() {
        advice.extend(feedback.warning().map(warning));
        advice.extend(feedback.suggestions().iter().map(|suggestion| suggested(*suggestion)));
    }
    if advice.is_empty() {
        advice.push("Add a word or two that have nothing to do with you or with this register.");
    }
    let advice = advice.join(" ");
    Err(PasswordError::Guessable(advice.trim_end_matches('.').to_owned()))
}

/// The texts and their words, as somebody would try them.
fn words_of(about: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for text in about {
        let text = text.to_lowercase();
        let parts = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        for word in parts.chain([text.clone()]) {
            if word.chars().count() >= 3 && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words
}

/// How many characters must stand beside the words that have to do with somebody. Three such words in a row
/// count as many guesses elsewhere; whoever knows the person tries them early.
const BEYOND: usize = 8;

const OWN: &str = "It is made of your name, your address or the name of this register. Add words that have nothing to do \
    with them";

/// How many characters of a text belong to none of the words.
fn beyond(text: &str, words: &[String]) -> usize {
    let mut words: Vec<&String> = words.iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(text.to_lowercase(), |rest, word| rest.replace(word.as_str(), " "));
    rest.chars().filter(|c| !c.is_whitespace()).count()
}

fn warning(found: Warning) -> &'static str {
    match found {
        Warning::StraightRowsOfKeysAreEasyToGuess => "It follows a row of the keyboard.",
        Warning::ShortKeyboardPatternsAreEasyToGuess => "It follows a short pattern on the keyboard.",
        Warning::RepeatsLikeAaaAreEasyToGuess => "It repeats one character.",
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => "It repeats the same few characters.",
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => "It is, or resembles, a password that many people use.",
        Warning::SequencesLikeAbcAreEasyToGuess => "It counts up or down, as abc or 6543 do.",
        Warning::RecentYearsAreEasyToGuess => "It is built around a recent year.",
        Warning::AWordByItselfIsEasyToGuess => "It is a single word.",
        Warning::DatesAreOftenEasyToGuess => "It is built around a date.",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            "It is built around a name."
        }
    }
}

fn suggested(found: Suggestion) -> &'static str {
    match found {
        Suggestion::UseAFewWordsAvoidCommonPhrases => "Use a few words that do not belong together.",
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => "Signs, digits and capitals are not needed.",
        Suggestion::AddAnotherWordOrTwo => "Add another word or two; rare ones are better.",
        Suggestion::CapitalizationDoesntHelpVeryMuch | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => {
            "Capitals help little."
        }
        Suggestion::ReversedWordsArentMuchHarderToGuess => "Words written backwards help little.",
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => "Writing @ for a, or 0 for o, helps little.",
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "Use words in place of patterns on the keyboard.",
        Suggestion::AvoidRepeatedWordsAndCharacters => "Repeat no words and no characters.",
        Suggestion::AvoidSequences => "Count nothing up or down.",
        Suggestion::AvoidRecentYears => "Leave out recent years.",
        Suggestion::AvoidYearsThatAreAssociatedWithYou | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            "Leave out dates and years that have to do with you."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: &[&str] = &["Dana Lindqvist", "dana.lindqvist@lakeshore.example", "Lakeshore Regional Health"];

    fn advice(text: &str) -> String {
        check(text, ABOUT).unwrap_err().to_string()
    }

    #[test]
    fn the_length_is_counted_in_characters_and_nothing_is_asked_of_them() {
        assert_eq!(check("seven quiet la", ABOUT), Err(PasswordError::Length(14)));
        assert_eq!(check("seven quiet lamp", ABOUT), Ok(()));
        // Fifteen characters of three bytes each, and none that is a letter of the alphabet.
        assert_eq!(
            check(
                "\u{6f22}\u{5b57}\u{304b}\u{306a}\u{732b}\u{72ac}\u{9ce5}\u{9b5a}\u{6728}\u{77f3}\u{6c34}\u{706b}\u{98a8}\u{7a7a}\u{6d77}",
                ABOUT
            ),
            Ok(())
        );
        let long: String = ('a'..='z').cycle().step_by(7).take(LONGEST).collect();
        assert_eq!(check(&long, ABOUT), Ok(()));
        assert_eq!(check(&format!("{long}x"), ABOUT), Err(PasswordError::Length(129)));
        // Spaces, signs that write from right to left and zero bytes are characters as others are.
        for odd in ["  lamps  quiet seven ", "lamps\u{202e}quiet\u{2066}seven", "quiet\0lamps\0seven"] {
            assert_eq!(check(odd, ABOUT), Ok(()), "{odd:?}");
        }
    }

    #[test]
    fn what_is_tried_first_is_refused_with_advice() {
        for (common, said) in [
            ("passwordpassword", "repeats"),
            ("aaaaaaaaaaaaaaaaaaaa", "repeats one character"),
            ("abcdefghijklmnopq", "counts up or down"),
            ("qwertyuiopasdfgh", "easy to guess"),
            ("123456789012345", "easy to guess"),
            ("P@ssw0rdP@ssw0rd", "easy to guess"),
        ] {
            let advice = advice(common);
            assert!(advice.contains(said) && !advice.contains(common), "{common}: {advice}");
        }
    }

    #[test]
    fn the_words_around_somebody_do_not_make_a_password() {
        for own in [
            "Dana Lindqvist 1",
            "danalindqvistdana",
            "lindqvist@lakeshore",
            "LakeshoreRegional",
            "dana.lindqvist@lakeshore.example",
        ] {
            assert!(check(own, ABOUT).is_err(), "{own}");
        }
        assert_eq!(check("lindqvistlakeshoreX", &[]), Ok(()), "they are refused for being hers");
        assert!(check("lindqvistlakeshoreX", ABOUT).is_err());
    }
}
