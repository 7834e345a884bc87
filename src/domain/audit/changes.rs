//! What differs between two states of a record, for a page and for a shortened entry.

use serde_json::{Map, Value};

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The field's name; empty when a whole value that has no fields changed.
    pub field: String,
    /// The value before; `None` when the field was not there.
    pub before: Option<Value>,
    /// The value after; `None` when the field is no longer there.
    pub after: Option<Value>,
}

/// The fields that differ, in the order of `after`, then those that only `before` has.
///
/// A record that came to be or went away has every field as a change. A field that is absent and one
/// that is null are different.
pub fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let (Some(old), Some(new)) = (fields(before), fields(after)) else {
        if before == after {
            return Vec::new();
        }
        return vec![Change { field: String::new(), before: before.cloned(), after: after.cloned() }];
    };
    let removed = old.keys().filter(|name| !new.contains_key(*name));
    new.keys()
        .chain(removed)
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| Change { field: name.clone(), before: old.get(name).cloned(), after: new.get(name).cloned() })
        .collect()
}

/// The fields of an object; none of an absent value; `None` for a value that has no fields.
fn fields(value: Option<&Value>) -> Option<Map<String, Value>> {
    match value {
        None => Some(Map::new()),
        Some(Value::Object(fields)) => Some(fields.clone()),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(field: &str, before: Option<Value>, after: Option<Value>) -> Change {
        Change { field: field.to_owned(), before, after }
    }

    #[test]
    fn only_fields_that_differ_are_changes() {
        let before = json!({"name": "Portal", "purpose": null, "scopes": ["a"], "gone": 1});
        let after = json!({"scopes": ["a", "b"], "name": "Portal", "purpose": "Care", "new": null});
        assert_eq!(
            changes(Some(&before), Some(&after)),
            [
                change("scopes", Some(json!(["a"])), Some(json!(["a", "b"]))),
                change("purpose", Some(Value::Null), Some(json!("Care"))),
                change("new", None, Some(Value::Null)),
                change("gone", Some(json!(1)), None),
            ]
        );
    }

    #[test]
    fn a_new_record_has_every_field_as_a_change_and_an_equal_one_has_none() {
        let state = json!({"name": "Portal"});
        assert_eq!(changes(None, Some(&state)), [change("name", None, Some(json!("Portal")))]);
        assert_eq!(changes(Some(&state), None), [change("name", Some(json!("Portal")), None)]);
        assert_eq!(changes(Some(&state), Some(&state)), []);
        assert_eq!(changes(None, None), []);
    }

    #[test]
    fn a_value_without_fields_changes_as_a_whole() {
        assert_eq!(changes(Some(&json!(1)), Some(&json!(2))), [change("", Some(json!(1)), Some(json!(2)))]);
        assert_eq!(changes(Some(&json!(1)), Some(&json!(1))), []);
    }
}
