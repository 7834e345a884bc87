//! The five steps, and which field stands on which of them.

use crate::domain::ids::Id;
use crate::words;

words! {
    /// A page of the registration.
    Step {
        What = "what", "What it is";
        Owners = "owners", "Who owns it";
        Why = "why", "Why it is needed";
        Permissions = "permissions", "What it may do";
        Lifetime = "lifetime", "How long, and how it is stopped";
    }
}

/// The names of the fields that say who owns it; each is a person named by text.
pub const OWNERS: &[&str] = &["business_owner", "technical_owner"];

impl Step {
    /// The fields of the page and what readers call them, in their order.
    pub fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::What => &[
                ("kind", "Kind"),
                ("name", "Name"),
                ("description", "Description"),
                ("environment", "Environment"),
                ("test_data", "Data of real patients"),
                ("system", "System that issues it"),
                ("vendor", "Vendor"),
                ("client_type", "Client type"),
                ("grant_types", "Grant types"),
                ("launch_types", "How it is started"),
                ("redirect_uris", "Redirect URIs"),
            ],
            Self::Owners => &[
                ("business_owner", "Business owner"),
                ("business_owner_unknown", "Business owner not known yet"),
                ("technical_owner", "Technical owner"),
                ("technical_owner_unknown", "Technical owner not known yet"),
            ],
            Self::Why => &[
                ("purpose", "Purpose"),
                ("access_basis", "Access basis"),
                ("contract_reference", "Contract"),
                ("contract_ends_on", "Last day of the contract"),
                ("agreement_reference", "Data sharing agreement"),
                ("agreement_ends_on", "Last day of the data sharing agreement"),
                ("baa_reference", "Business associate agreement"),
                ("baa_ends_on", "Last day of the business associate agreement"),
            ],
            Self::Permissions => &[("scopes", "Permissions"), ("reason", "Why it needs them")],
            Self::Lifetime => &[
                ("until", "Until which day"),
                ("urgent", "Urgent"),
                ("urgency", "Why it cannot wait"),
                ("access_token_seconds", "Seconds an access token lives"),
                ("refresh_tokens", "Refresh tokens"),
                ("refresh_token_seconds", "Seconds a refresh token lives"),
                ("criticality", "Criticality"),
                ("method", "How it is stopped"),
                ("steps", "Steps"),
                ("contact", "Contact"),
            ],
        }
    }

    /// Whether a field stands on the page.
    pub fn has(self, field: &str) -> bool {
        self.fields().iter().any(|(name, _)| *name == field)
    }

    /// The names of the page's fields.
    pub fn names(self) -> Vec<&'static str> {
        self.fields().iter().map(|(name, _)| *name).collect()
    }

    /// The names of those fields that name a person.
    pub fn people(self) -> &'static [&'static str] {
        if self == Self::Owners { OWNERS } else { &[] }
    }

    /// The page that a field stands on.
    pub fn of(field: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| step.has(field))
    }

    /// The page after this one; `None` after the last.
    pub fn next(self) -> Option<Self> {
        let place = Self::ALL.iter().position(|step| *step == self)?;
        Self::ALL.get(place + 1).copied()
    }

    /// "What it is (step 1 of 5)".
    pub fn title(self) -> String {
        let place = Self::ALL.iter().position(|step| *step == self).unwrap_or_default();
        format!("{} (step {} of {})", self.label(), place + 1, Self::ALL.len())
    }

    /// Where a field of a draft is filled in.
    pub fn href(self, draft: Id, field: &str) -> String {
        format!("/requests/drafts/{draft}/{}#{field}", self.word())
    }

    /// The same, where the page says what is missing on it.
    pub fn missing_href(self, draft: Id, field: &str) -> String {
        format!("/requests/drafts/{draft}/{}?missing=1#{field}", self.word())
    }
}

/// The place of a field in the order of the pages.
pub fn place(field: &str) -> usize {
    let all = Step::ALL.iter().flat_map(|step| step.fields());
    all.map(|(name, _)| *name).position(|name| name == field).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_stands_on_one_page() {
        let names: Vec<&str> = Step::ALL.iter().flat_map(|step| step.names()).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
        assert_eq!(Step::of("until"), Some(Step::Lifetime));
        assert_eq!(Step::of("client_id"), None);
    }
}
