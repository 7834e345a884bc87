//! How an entry that is too long is made to fit, and says so.
//!
//! First the fields that are equal before and after are left out and named in `unchanged`. Then the longest
//! values are replaced, one by one, by `{"sha256": ..., "bytes": n}` over their canonical text, and named in
//! `shortened` as `before.field` or `after.field` (`before` or `after` alone for the whole of one).

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::canonical::canonical;
use super::error::{AuditError, LONGEST_BODY};

/// The two states that an entry may have.
const SIDES: [&str; 2] = ["before", "after"];

/// The body as bytes, shortened when it must be.
pub(super) fn body_that_fits(mut body: Map<String, Value>) -> Result<Vec<u8>, AuditError> {
    let whole = bytes(&body)?;
    if whole.len() <= LONGEST_BODY {
        return Ok(whole);
    }
    leave_out_unchanged(&mut body);
    let mut shortened: Vec<String> = Vec::new();
    let mut length = bytes(&body)?.len();
    while length > LONGEST_BODY {
        let Some(path) = longest_value(&body, &shortened)? else {
            return Err(AuditError::TooLong { bytes: length });
        };
        let value = value_at(&mut body, &path).ok_or(AuditError::TooLong { bytes: length })?;
        *value = digest_of(value)?;
        // A value inside a side that is now itself a digest is no longer in the entry.
        shortened.retain(|inner| !inner.starts_with(&format!("{path}.")));
        shortened.push(path);
        shortened.sort();
        body.insert("shortened".to_owned(), json!(shortened));
        length = bytes(&body)?.len();
    }
    bytes(&body)
}

fn bytes(body: &Map<String, Value>) -> Result<Vec<u8>, AuditError> {
    Ok(canonical(&Value::Object(body.clone()))?.into_bytes())
}

/// Keeps of two states only what differs. A state that stands alone is kept whole.
fn leave_out_unchanged(body: &mut Map<String, Value>) {
    let [Some(Value::Object(before)), Some(Value::Object(after))] = SIDES.map(|side| body.get(side)) else {
        return;
    };
    let unchanged: Vec<String> =
        before.iter().filter(|(name, value)| after.get(*name) == Some(*value)).map(|(name, _)| name.clone()).collect();
    for side in SIDES {
        if let Some(Value::Object(fields)) = body.get_mut(side) {
            fields.retain(|name, _| !unchanged.contains(name));
        }
    }
    if !unchanged.is_empty() {
        body.insert("unchanged".to_owned(), json!(unchanged));
    }
}

/// Where the longest value is that a digest would make shorter: a field of a state or, when no field
/// helps any more (thousands of short ones), a whole state.
fn longest_value(body: &Map<String, Value>, shortened: &[String]) -> Result<Option<String>, AuditError> {
    let mut fields = Vec::new();
    let mut wholes = Vec::new();
    for side in SIDES {
        let Some(state) = body.get(side) else { continue };
        wholes.push((canonical(state)?.len(), side.to_owned()));
        for (name, value) in state.as_object().into_iter().flatten() {
            fields.push((canonical(value)?.len(), format!("{side}.{name}")));
        }
    }
    let longest = |mut places: Vec<(usize, String)>| {
        // The digest itself and the path that names it in the entry.
        places.retain(|(length, path)| *length > 100 + path.len() && !shortened.contains(path));
        places.into_iter().max().map(|(_, path)| path)
    };
    Ok(longest(fields).or_else(|| longest(wholes)))
}

fn value_at<'a>(body: &'a mut Map<String, Value>, path: &str) -> Option<&'a mut Value> {
    match path.split_once('.') {
        None => body.get_mut(path),
        Some((side, name)) => body.get_mut(side)?.get_mut(name),
    }
}

fn digest_of(value: &Value) -> Result<Value, AuditError> {
    let text = canonical(value)?;
    Ok(json!({"sha256": hex::encode(Sha256::digest(&text)), "bytes": text.len()}))
}
