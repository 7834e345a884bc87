//! Keeping less: whole permissions are left out, and one that both looks up and changes can be kept for looking up.

use crate::domain::scopes::letters::Letters;
use crate::domain::scopes::scope::{Meaning, Scope};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scopes::covers::covers;
    use crate::domain::scopes::{ScopeSet, Verdict};

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
    fn nothing_everything_and_something_else_are_refused() {
        let all: Vec<String> = pieces(&scopes()).into_iter().map(|piece| piece.scope).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        assert_eq!(kept(&scopes(), &[]), Err(NarrowFault::Nothing));
        assert_eq!(kept(&scopes(), &all), Err(NarrowFault::Everything));
        let wider = NarrowFault::Unknown("system/*.cruds".to_owned());
        assert_eq!(kept(&scopes(), &["launch/patient", "system/*.cruds"]), Err(wider));
    }
}
