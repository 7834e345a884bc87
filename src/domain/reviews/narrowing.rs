//! Keeping less: whole permissions are left out, and one that both looks up and changes can be kept for looking up.

use super::held::Beyond;
use crate::domain::scopes::letters::Letters;
use crate::domain::scopes::scope::{Meaning, Scope};
use crate::domain::scopes::{ScopeSet, algebra};

/// Something that can be kept or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The permission, or the part of it, as it is written on the wire.
    pub scope: String,
    /// The permission of which it is a part; the same where it is the whole.
    pub of: String,
}

/// What can be kept of these permissions, in their order: the looking up and the changing of one that does both stand
/// apart.
pub fn pieces(scopes: &[String]) -> Vec<Piece> {
    scopes
        .iter()
        .flat_map(|scope| match parts(scope) {
            Some([reading, changing]) => {
                vec![Piece { scope: reading, of: scope.clone() }, Piece { scope: changing, of: scope.clone() }]
            }
            None => vec![Piece { scope: scope.clone(), of: scope.clone() }],
        })
        .collect()
}

/// The looking up and the changing of a permission that does both.
fn parts(scope: &str) -> Option<[String; 2]> {
    let parsed = Scope::parse(scope).ok()?;
    let Meaning::Resource(resource) = parsed.meaning() else { return None };
    let (reading, changing) = (resource.letters & Letters::LOOK_UP, resource.letters & Letters::WRITE);
    if reading.is_empty() || changing.is_empty() {
        return None;
    }
    Some([reading, changing].map(|letters| resource.with_letters(letters).to_string()))
}

/// What is wrong with what is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NarrowFault {
    #[error("Tick everything that it may keep; to leave it nothing, switch it off")]
    Nothing,
    #[error("Everything is ticked, so nothing would change: untick what it does not need, or keep it as it is")]
    Everything,
    #[error("It does not have this permission: {0}; open the page again")]
    Unknown(String),
    #[error("Nobody approved this permission, so a review cannot keep it: {0}; untick it, and have it asked for")]
    NotApproved(String),
}

/// Refuses to keep what nobody approved: a review leaves less, it never gives.
///
/// # Errors
/// [`NarrowFault::NotApproved`].
pub fn check_approved(beyond: &[Beyond], ticked: &[&str]) -> Result<(), NarrowFault> {
    match ticked.iter().find(|text| beyond.iter().any(|one| one.scope == **text)) {
        Some(scope) => Err(NarrowFault::NotApproved((*scope).to_owned())),
        None => Ok(()),
    }
}

/// What of these permissions is not within what is kept, by their meaning: exactly what is lost, and in words what no
/// permission says.
pub fn gone<'a>(had: impl IntoIterator<Item = &'a str>, kept: &[String]) -> Vec<String> {
    // What is written the same is the same, even where nobody can say what it means.
    let had = had.into_iter().filter(|scope| !kept.iter().any(|known| known == scope));
    let left = algebra::difference(&ScopeSet::of_product(had), &ScopeSet::of_product(kept.iter().map(String::as_str)));
    left.scopes.iter().map(ToString::to_string).chain(left.open).collect()
}

/// What is left of these permissions when the ticked pieces stay. A permission of which every piece stays keeps its
/// spelling.
///
/// # Errors
/// See [`NarrowFault`].
pub fn kept(scopes: &[String], ticked: &[&str]) -> Result<Vec<String>, NarrowFault> {
    let pieces = pieces(scopes);
    if let Some(unknown) = ticked.iter().find(|text| !pieces.iter().any(|piece| piece.scope == **text)) {
        return Err(NarrowFault::Unknown((*unknown).to_owned()));
    }
    if ticked.is_empty() {
        return Err(NarrowFault::Nothing);
    }
    let stays = |piece: &&Piece| ticked.contains(&piece.scope.as_str());
    let mut kept: Vec<String> = Vec::new();
    for scope in scopes {
        let own: Vec<&Piece> = pieces.iter().filter(|piece| piece.of == *scope).collect();
        if own.iter().all(&stays) {
            kept.push(scope.clone());
        } else {
            kept.extend(own.into_iter().filter(&stays).map(|piece| piece.scope.clone()));
        }
    }
    let mut seen = std::collections::HashSet::new();
    kept.retain(|scope| seen.insert(scope.clone()));
    if pieces.iter().all(|piece| ticked.contains(&piece.scope.as_str())) {
        return Err(NarrowFault::Everything);
    }
    Ok(kept)
}

/// So many characters of a list are written out; what is beyond is counted.
const MOST_LISTED: usize = 1_500;

/// Permissions in a row; of more than a note can hold the others are counted.
pub fn listed(scopes: &[String]) -> String {
    let mut text = String::new();
    for (place, scope) in scopes.iter().enumerate() {
        if place > 0 && text.chars().count() + scope.chars().count() > MOST_LISTED {
            return format!("{text} and {} more", scopes.len() - place);
        }
        if place > 0 {
            text.push_str(", ");
        }
        text.extend(scope.chars().take(MOST_LISTED));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scopes::Verdict;
    use crate::domain::scopes::covers::covers;

    fn scopes() -> Vec<String> {
        ["patient/Observation.cruds?category=laboratory", "user/*.read", "launch/patient", "patient/Goal.write"]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn looking_up_and_changing_can_be_kept_apart() {
        let found: Vec<String> = pieces(&scopes()).into_iter().map(|piece| piece.scope).collect();
        assert_eq!(
            found,
            [
                "patient/Observation.rs?category=laboratory",
                "patient/Observation.cud?category=laboratory",
                "user/*.read",
                "launch/patient",
                "patient/Goal.write",
            ]
        );
        let left = kept(&scopes(), &["patient/Observation.rs?category=laboratory", "launch/patient"]).unwrap();
        assert_eq!(left, ["patient/Observation.rs?category=laboratory", "launch/patient"]);
    }

    #[test]
    fn a_permission_of_which_everything_stays_keeps_its_spelling() {
        let both = ["patient/Observation.rs?category=laboratory", "patient/Observation.cud?category=laboratory"];
        assert_eq!(kept(&scopes(), &both).unwrap(), ["patient/Observation.cruds?category=laboratory"]);
    }

    #[test]
    fn what_is_left_is_always_less_than_what_there_was() {
        let scopes = scopes();
        let pieces = pieces(&scopes);
        let had = ScopeSet::of(scopes.iter().map(String::as_str));
        for chosen in 1..(1_u32 << pieces.len()) - 1 {
            let ticked: Vec<&str> = pieces
                .iter()
                .enumerate()
                .filter(|(place, _)| chosen & (1 << place) != 0)
                .map(|(_, piece)| piece.scope.as_str())
                .collect();
            let left = kept(&scopes, &ticked).unwrap();
            let left = ScopeSet::of(left.iter().map(String::as_str));
            assert_eq!(covers(&had, &left).verdict, Verdict::Covered, "{ticked:?}");
        }
    }

    #[test]
    fn one_permission_that_looks_up_and_changes_can_be_left_less_and_one_that_only_looks_up_cannot() {
        let both = ["patient/Goal.cruds".to_owned()];
        assert_eq!(pieces(&both).len(), 2);
        assert_eq!(kept(&both, &["patient/Goal.rs"]).unwrap(), ["patient/Goal.rs"]);
        for whole in ["patient/Goal.rs", "user/*.read", "launch/patient", "no scope"] {
            assert_eq!(pieces(&[whole.to_owned()]).len(), 1, "{whole}");
        }
    }

    #[test]
    fn a_long_list_is_counted_and_never_cut_in_silence() {
        let few = ["a/b.r".to_owned(), "c/d.r".to_owned()];
        assert_eq!(listed(&few), "a/b.r, c/d.r");
        let many: Vec<String> = (0..1_000).map(|number| format!("patient/Type{number}.rs")).collect();
        let text = listed(&many);
        assert!(text.chars().count() < 1_700 && text.ends_with(" more"), "{text}");
        assert_eq!(listed(&[]), "");
    }

    #[test]
    fn what_goes_is_said_exactly() {
        let kept = ["patient/Goal.rs".to_owned(), "no scope".to_owned()];
        let had = ["patient/Goal.cruds", "patient/Patient.read", "no scope"];
        assert_eq!(gone(had, &kept), ["patient/Goal.cud", "patient/Patient.rs"]);
        assert!(gone(["patient/Goal.read"], &kept).is_empty(), "another spelling of the same is kept");
        assert_eq!(gone(["patient/*.rs"], &kept).len(), 1, "every type but one is said in words");
    }

    #[test]
    fn what_nobody_approved_is_not_kept_by_a_review() {
        let beyond = [Beyond { scope: "system/*.rs".to_owned(), compared: true }];
        assert_eq!(check_approved(&beyond, &["launch/patient"]), Ok(()));
        let refused = NarrowFault::NotApproved("system/*.rs".to_owned());
        assert_eq!(check_approved(&beyond, &["launch/patient", "system/*.rs"]), Err(refused));
    }

    #[test]
    fn nothing_everything_and_something_else_are_refused() {
        let all: Vec<String> = pieces(&scopes()).into_iter().map(|piece| piece.scope).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        assert_eq!(kept(&scopes(), &[]), Err(NarrowFault::Nothing));
        assert_eq!(kept(&scopes(), &all), Err(NarrowFault::Everything));
        let wider = NarrowFault::Unknown("system/*.cruds".to_owned());
        assert_eq!(kept(&scopes(), &["launch/patient", "system/*.cruds"]), Err(wider));
    }
}
