//! The systems that a file speaks of: known ones, new ones, and new ones that look like a slip.

/// Which of the names the register lacks, and a warning for each that differs from a known one, or from
/// an earlier new one, in case, spaces and punctuation only: it would become a second system.
pub fn new_systems(known: &[&str], wanted: &[&str]) -> (Vec<String>, Vec<String>) {
    let (mut new, mut warnings): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for name in wanted {
        let key = name.to_lowercase();
        if known.iter().any(|known| known.to_lowercase() == key) || new.iter().any(|new| new.to_lowercase() == key) {
            continue;
        }
        let near = known.iter().copied().chain(new.iter().map(String::as_str)).find(|other| nearly_same(name, other));
        if let Some(near) = near {
            warnings.push(format!(
                "The system “{name}” is new, and almost the name of “{near}”. If it is the same one, discard this and \
                 bring the file again under that name."
            ));
        }
        new.push((*name).to_owned());
    }
    (new, warnings)
}

/// Whether two names are the same but for case, spaces and punctuation.
fn nearly_same(one: &str, other: &str) -> bool {
    let letters =
        |name: &str| name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    let (one, other) = (letters(one), letters(other));
    !one.is_empty() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_is_known_whatever_its_case_and_an_almost_equal_one_is_warned_of() {
        let known = ["Main EHR", "Lab"];
        assert_eq!(new_systems(&known, &["main ehr", "LAB"]), (vec![], vec![]));
        let (new, warnings) = new_systems(&known, &["MainEHR", "Radiology", "Main-EHR"]);
        assert_eq!(new, ["MainEHR", "Radiology", "Main-EHR"]);
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].contains("“MainEHR” is new, and almost the name of “Main EHR”"), "{}", warnings[0]);
    }

    #[test]
    fn names_without_letters_are_not_all_alike() {
        assert!(new_systems(&["--"], &["!!"]).1.is_empty());
    }
}
