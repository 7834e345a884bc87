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

/// Tries one by itself; nothing where it failed, which is logged: `what` says what it was, `about` which.
///
/// # Errors
/// Only `TakenOver`: another worker has this run, so this one ends.
pub fn alone<T>(
    what: &str,
    about: impl ToString,
    attempt: impl FnOnce() -> Result<T, ActionError>,
) -> Result<Option<T>, ActionError> {
    match attempt() {
        Ok(done) => Ok(Some(done)),
        Err(ActionError::TakenOver) => Err(ActionError::TakenOver),
        Err(error) => {
            let about = about.to_string();
            tracing::error!(about, %error, "{what} could not be handled; the next run tries again");
            Ok(None)
        }
    }
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
    if items.len() > 1 {
        match attempt(items.to_vec()) {
            Ok(done) => {
                tried.done.push(done);
                return Ok(tried);
            }
            Err(ActionError::TakenOver) => return Err(ActionError::TakenOver),
            Err(error) => {
                let items = items.len();
                tracing::warn!(items, %error, "a batch could not be handled at once; each is tried by itself");
            }
        }
    }
    for item in items {
        match alone("one of a batch", name(item), || attempt(vec![item.clone()]))? {
            Some(done) => tried.done.push(done),
            None => tried.failed += 1,
        }
    }
    Ok(tried)
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
        let none = each_by_itself(&[], name, |items| refuse(items, || ActionError::Busy)).unwrap();
        assert_eq!(none, Tried { done: Vec::new(), failed: 0 });
        let one = each_by_itself(&[2], name, |items| refuse(items, || ActionError::Busy)).unwrap();
        assert_eq!(one, Tried { done: Vec::new(), failed: 1 });
    }

    #[test]
    fn one_by_itself_is_done_or_failed_and_only_a_run_that_was_taken_over_ends() {
        let tried = |outcome: Result<i32, ActionError>| alone("a number", 7, || outcome);
        assert_eq!(tried(Ok(1)).unwrap(), Some(1));
        assert_eq!(tried(Err(ActionError::Busy)).unwrap(), None);
        assert!(matches!(tried(Err(ActionError::TakenOver)), Err(ActionError::TakenOver)));
    }
}
