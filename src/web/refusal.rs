//! Why a page with a form is shown again, and with which status: one way for every page on which something is decided.

use actix_web::http::StatusCode;

use super::errors::{WebError, full_sentence};
use crate::actions::{ActionError, FieldError};
use crate::store::StoreError;

/// Why the page is shown again.
#[derive(Debug)]
pub enum Refusal {
    None,
    Faults(Vec<FieldError>),
    /// The state of things does not allow it: a sentence.
    Refused(String),
    /// Somebody was faster, or what is decided about changed.
    Conflict,
}

impl Refusal {
    /// What an action refused.
    ///
    /// # Errors
    /// What no form can mend: it is answered by a page of its own.
    pub fn of(error: ActionError) -> Result<Self, WebError> {
        match error {
            ActionError::Invalid(errors) => Ok(Self::Faults(errors)),
            ActionError::Refused(text) => Ok(Self::because(&text)),
            ActionError::Store(StoreError::Conflict) => Ok(Self::Conflict),
            other => Err(other.into()),
        }
    }

    /// That the state of things does not allow it, as a sentence of its own.
    pub fn because(text: &str) -> Self {
        Self::Refused(full_sentence(text))
    }

    /// The same where the field of the form is called otherwise than the action calls it: every fault is about `field`.
    pub fn about(self, field: &'static str) -> Self {
        match self {
            Self::Faults(errors) => {
                Self::Faults(errors.into_iter().map(|error| FieldError { field, ..error }).collect())
            }
            other => other,
        }
    }

    /// Whether what was shown is not what stands now.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict)
    }

    /// The status of the page, and what stands above its form.
    pub fn answer(self) -> (StatusCode, Vec<FieldError>) {
        match self {
            Self::None => (StatusCode::OK, Vec::new()),
            Self::Faults(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
            Self::Refused(text) => (StatusCode::CONFLICT, vec![FieldError::new("", text)]),
            Self::Conflict => (StatusCode::CONFLICT, Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_can_mend_is_shown_on_its_page_with_its_status() {
        let shown = |error| Refusal::of(error).unwrap().answer();
        let refused = shown(ActionError::Refused("this campaign has begun already".to_owned()));
        assert_eq!(refused.0, StatusCode::CONFLICT);
        assert_eq!(refused.1[0].message, "This campaign has begun already.");
        assert_eq!(shown(ActionError::Store(StoreError::Conflict)).0, StatusCode::CONFLICT);
        let faulty = shown(ActionError::Invalid(vec![FieldError::new("reason", "Write why")]));
        assert_eq!((faulty.0, faulty.1[0].field), (StatusCode::UNPROCESSABLE_ENTITY, "reason"));
        assert!(Refusal::of(ActionError::Forbidden).is_err());
    }

    #[test]
    fn a_fault_stands_at_the_field_as_the_form_calls_it() {
        let faults = Refusal::Faults(vec![FieldError::new("reason", "Write why")]).about("withdraw_reason").answer().1;
        assert_eq!((faults[0].field, faults[0].message.as_str()), ("withdraw_reason", "Write why"));
        assert!(Refusal::Conflict.about("withdraw_reason").is_conflict());
    }
}
