//! The documents of a registration, read from what a program sends.

use super::sent::NewDocument;
use crate::actions::drafts::{optional_date, optional_reference};
use crate::domain::requests::PaperKind;

/// Kind, reference, last day.
pub type Paper = (PaperKind, String, Option<chrono::NaiveDate>);

/// Reads them; what is wrong is added to `faults`.
pub fn read(sent: &[NewDocument], faults: &mut Vec<(String, String)>) -> Vec<Paper> {
    let mut found: Vec<Paper> = Vec::new();
    for (number, document) in sent.iter().enumerate() {
        let mut fault = |field: &str, text: String| {
            faults.push((format!("registration.documents[{number}].{field}"), text));
        };
        let kind = match document.kind.parse::<PaperKind>() {
            Ok(kind) if found.iter().any(|(known, ..)| *known == kind) => {
                fault("kind", "There is a document of this kind already; name at most one of each".to_owned());
                None
            }
            Ok(kind) => Some(kind),
            Err(error) => {
                fault("kind", error.to_string());
                None
            }
        };
        let reference = optional_reference(&document.reference).unwrap_or_else(|why| {
            fault("reference", why);
            None
        });
        if reference.is_none() && document.reference.trim().is_empty() {
            fault("reference", "Write the number or place of the document".to_owned());
        }
        let ends_on = optional_date(document.ends_on.as_deref().unwrap_or_default()).unwrap_or_else(|why| {
            fault("ends_on", why);
            None
        });
        if let (Some(kind), Some(reference)) = (kind, reference) {
            found.push((kind, reference, ends_on));
        }
    }
    found
}
