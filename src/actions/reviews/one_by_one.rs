//! What one that fails does to the others of its batch: nothing.

use crate::actions::ActionError;

/// What became of what was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried<T> {
    /// What each transaction that held answered: one for all, or one for each.
    pub done: Vec<T>,
    /// They could not be handled; the next run tries again.
    pub failed: usize,
}

/// Tries all at once, and each by itself where that fails: one that cannot be handled holds up no other. What failed
/// is counted and logged; `name` says which it was.
///
/// # Errors
/// Only `TakenOver`: another worker has this run, so this one ends.
pub fn each_by_itself<I: Clone, T>(
    items: &[I],
    name: impl Fn(&I) -> String,
    mut attempt: impl FnMut(Vec<I>) -> Result<T, ActionError>,
) -> Result<Tried<T>, ActionError> {
    let mut tried = Tried { done: Vec::new(), failed: 0 };
    if items.is_empty() {
        return Ok(tried);
    }
    match attempt(items.to_vec()) {
        Ok(done) => {
            tried.done.push(done);
            return Ok(tried);
        }
        Err(ActionError::TakenOver) => return Err(ActionError::TakenOver),
        Err(error) if items.len() > 1 => {
            tracing::warn!(items = items.len(), %error, "a batch could not be handled at once; each is tried by itself");
        }
        Err(error) => {
            failed(items.first().map(&name), &error);
            tried.failed += 1;
            return Ok(tried);
        }
    }
    for item in items {
        match attempt(vec![item.clone()]) {
            Ok(done) => tried.done.push(done),
            Err(ActionError::TakenOver) => return Err(ActionError::TakenOver),
            Err(error) => {
                failed(Some(name(item)), &error);
                tried.failed += 1;
            }
        }
    }
    Ok(tried)
}

fn failed(name: Option<String>, error: &ActionError) {
    let about = name.unwrap_or_default();
    tracing::error!(about, %error, "it could not be handled; the next run tries again");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_fails_holds_up_no_other_and_a_run_that_was_taken_over_ends() {
        let name = |item: &i32| item.to_string();
        let refuse = |items: Vec<i32>, bad: fn() -> ActionError| {
            if items.contains(&2) { Err(bad()) } else { Ok(items.len()) }
        };
        let tried = each_by_itself(&[1, 2, 3], name, |items| refuse(items, || ActionError::Busy)).unwrap();
        assert_eq!(tried, Tried { done: vec![1, 1], failed: 1 });
        let tried = each_by_itself(&[1, 3], name, |items| refuse(items, || ActionError::Busy)).unwrap();
        assert_eq!(tried, Tried { done: vec![2], failed: 0 });
        let ended = each_by_itself(&[1, 2, 3], name, |items| refuse(items, || ActionError::TakenOver));
        assert!(matches!(ended, Err(ActionError::TakenOver)));
    }
}
