//! Between a stored identity and the texts of its form.

use chrono_tz::Tz;

use super::choices::Choices;
use crate::actions::identities::{IdentityRecord, expires_on, written_list};
use crate::actions::people::written;
use crate::domain::registration::{Known, Typed};
use crate::store::identity_parts::RevocationPath;
use crate::store::people::Person;
use crate::web::fields::Fields;

impl Typed for Fields {
    fn one(&self, field: &str) -> &str {
        self.raw(field)
    }
    fn all(&self, field: &str) -> Vec<&str> {
        Fields::all(self, field)
    }
}

/// A field whose stored value is not the one that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub label: &'static str,
    pub stored: String,
    pub typed: String,
}

/// The form's fields and what readers call them.
const LABELS: &[(&str, &str)] = &[
    ("kind", "Kind"),
    ("name", "Name"),
    ("description", "Description"),
    ("client_id", "Client id"),
    ("system", "System"),
    ("environment", "Environment"),
    ("vendor", "Vendor"),
    ("vendor_managed", "Kept by the system\u{2019}s vendor"),
    ("parent", "Parent"),
    ("twins", "The same client in other environments"),
    ("business_owner", "Business owner"),
    ("technical_owner", "Technical owner"),
    ("purpose", "Purpose"),
    ("access_basis", "Access basis"),
    ("criticality", "Criticality"),
    ("client_type", "Client type"),
    ("grant_types", "Grant types"),
    ("launch_types", "How it is started"),
    ("redirect_uris", "Redirect URIs"),
    ("scopes", "Scopes"),
    ("access_token_seconds", "Seconds an access token lives"),
    ("refresh_tokens", "Refresh tokens"),
    ("refresh_token_seconds", "Seconds a refresh token lives"),
    ("expires_on", "Expires on"),
    ("review_interval_days", "Days between reviews"),
    ("next_review_on", "Next review"),
    ("method", "How it is stopped"),
    ("steps", "Steps"),
    ("contact", "Contact"),
];

/// The texts of the form for what is stored.
pub fn fields(record: &IdentityRecord, path: Option<&RevocationPath>, owners: &[Person], zone: Tz) -> Fields {
    let identity = &record.identity;
    let mut out = Fields::default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let id = |value: Option<crate::domain::ids::Id>| value.map(|id| id.to_string()).unwrap_or_default();
    let person = |id| owners.iter().find(|person| Some(person.id) == id).map(written).unwrap_or_default();
    let number = |value: Option<i64>| value.map(|number| number.to_string()).unwrap_or_default();
    let date = |value: Option<chrono::NaiveDate>| value.map(|date| date.to_string()).unwrap_or_default();
    let list = written_list(identity.state);
    let scopes: Vec<&str> = record.scopes.iter().filter(|row| row.list == list).map(|row| row.scope.as_str()).collect();
    let twins: Vec<String> = record.twins.iter().map(ToString::to_string).collect();
    out.push("kind", identity.kind.word());
    out.push("name", identity.name.clone());
    out.push("description", text(&identity.description));
    out.push("client_id", text(&identity.client_id));
    out.push("system", id(identity.system_id));
    out.push("environment", identity.environment.word());
    out.push("vendor", id(identity.vendor_id));
    out.push("vendor_managed", if identity.vendor_managed { "1" } else { "" });
    out.push("parent", id(identity.parent_id));
    out.push("twins", twins.join("\n"));
    out.push("business_owner", person(identity.business_owner_id));
    out.push("technical_owner", person(identity.technical_owner_id));
    out.push("purpose", text(&identity.purpose));
    out.push("access_basis", identity.access_basis.map_or("", |basis| basis.word()));
    out.push("criticality", identity.criticality.word());
    out.push("client_type", identity.client_type.word());
    out.push("grant_types", identity.grant_types.0.join("\n"));
    for launch in &identity.launch_types.0 {
        out.push("launch_types", launch.clone());
    }
    out.push("redirect_uris", record.redirect_uris.join("\n"));
    out.push("scopes", scopes.join("\n"));
    out.push("access_token_seconds", number(identity.access_token_seconds));
    out.push("refresh_tokens", identity.refresh_tokens.word());
    out.push("refresh_token_seconds", number(identity.refresh_token_seconds));
    out.push("expires_on", date(expires_on(identity, zone)));
    out.push("review_interval_days", number(identity.review_interval_days));
    out.push("next_review_on", date(identity.next_review_on));
    out.push("method", path.map_or("", |path| path.method.word()));
    out.push("steps", path.map_or("", |path| path.steps.as_str()));
    out.push("contact", path.map_or("", |path| path.contact.as_str()));
    out
}

/// What is stored already and is not checked again.
pub fn known(record: &IdentityRecord, path: Option<&RevocationPath>) -> Known {
    let identity = &record.identity;
    let texts = [Some(&identity.name), identity.description.as_ref(), identity.purpose.as_ref()];
    let path = path.into_iter().flat_map(|path| [Some(&path.steps), Some(&path.contact)]);
    Known {
        texts: texts.into_iter().chain(path).flatten().cloned().collect(),
        redirect_uris: record.redirect_uris.clone(),
        scopes: record.scopes.iter().map(|row| row.scope.clone()).collect(),
        grant_types: record.identity.grant_types.0.clone(),
        launch_types: record.identity.launch_types.0.clone(),
        access_token_seconds: record.identity.access_token_seconds,
        refresh_token_seconds: record.identity.refresh_token_seconds,
    }
}

/// What is stored now beside what was typed, where they differ.
pub fn differences(stored: &Fields, typed: &Fields, choices: &Choices) -> Vec<Difference> {
    let value = |fields: &Fields, name: &str| {
        let joined = Fields::all(fields, name).join("\n");
        joined.replace("\r\n", "\n").trim().to_owned()
    };
    LABELS
        .iter()
        .map(|(name, label)| (name, label, value(stored, name), value(typed, name)))
        .filter(|(_, _, stored, typed)| stored != typed)
        .map(|(name, label, stored, typed)| Difference {
            label,
            stored: spoken(name, stored, choices),
            typed: spoken(name, typed, choices),
        })
        .collect()
}

/// The words a reader sees for the value of a field.
fn spoken(name: &str, value: String, choices: &Choices) -> String {
    let label = |pairs: &[(&'static str, &'static str)]| {
        pairs.iter().find(|(word, _)| *word == value).map(|(_, label)| (*label).to_owned())
    };
    let named = |pairs: &[(String, String)]| pairs.iter().find(|(id, _)| *id == value).map(|(_, name)| name.clone());
    let found = match name {
        "kind" => label(&choices.kinds),
        "environment" => label(&choices.environments),
        "client_type" => label(&choices.client_types),
        "access_basis" => label(&choices.bases),
        "criticality" => label(&choices.criticalities),
        "refresh_tokens" => label(&choices.refresh_tokens),
        "method" => label(&choices.methods),
        "system" => named(&choices.systems),
        "vendor" => named(&choices.vendors),
        "vendor_managed" => Some(if value.is_empty() { "No" } else { "Yes" }.to_owned()),
        _ => None,
    };
    found.unwrap_or(value)
}
