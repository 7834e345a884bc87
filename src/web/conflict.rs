//! Two people change one record: the second is shown what the first stored, and loses nothing typed.

use super::fields::Fields;

/// One field in which what is stored and what was typed differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub label: &'static str,
    pub stored: String,
    pub typed: String,
}

/// The fields that differ, of those that a form shows under these names and labels.
pub fn differences(stored: &Fields, typed: &Fields, labels: &[(&str, &'static str)]) -> Vec<Difference> {
    labels
        .iter()
        .filter(|(name, _)| plain(stored.raw(name)) != plain(typed.raw(name)))
        .map(|(name, label)| Difference { label, stored: plain(stored.raw(name)), typed: plain(typed.raw(name)) })
        .collect()
}

/// As it would be stored: browsers send line ends as two characters.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_and_line_ends_do_not_count() {
        let stored = Fields::parse(b"name=Old&notes=a%0Ab");
        let typed = Fields::parse(b"name=New&notes=a%0D%0Ab&csrf=x");
        let found = differences(&stored, &typed, &[("name", "Name"), ("notes", "Notes")]);
        assert_eq!(found, [Difference { label: "Name", stored: "Old".to_owned(), typed: "New".to_owned() }]);
    }
}
