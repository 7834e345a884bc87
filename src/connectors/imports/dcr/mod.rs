//! Dynamic client registration: requests and responses of RFC 7591, alone or in a list, and UDAP.

mod credentials;
mod registration;
mod statement;

use serde_json::value::RawValue;

use crate::domain::identities::{ClientType, IdentityKind, IdentityState, RefreshTokens, StateCause};
use crate::domain::ids::Moment;
use crate::domain::imported::{ImportedClient, ImportedFile, ImportedScope};

use super::clients::{blank_client, set_enabled};
use super::error::ImportError;
use super::json::{Entry, Source, is_placeholder, items_of, kind_of};
use super::json_rows::{self, Words};
use super::keys;
use super::launches;
use super::reading::Reading;
use crate::domain::guard;
use registration::Registration;
use statement::Statement;

/// The metadata names of RFC 7591 section 2 and of UDAP: a file without any of them is something else.
const METADATA: &[&str] = &[
    "client_id",
    "client_name",
    "redirect_uris",
    "grant_types",
    "token_endpoint_auth_method",
    "response_types",
    "scope",
    "jwks",
    "jwks_uri",
    "software_statement",
    "software_id",
];

const WORDS: Words = Words { what: "registration", one: "a registration", names: &["client_id", "client_name"] };

/// Reads the text of a file.
pub fn read(text: &str, reading: &Reading) -> Result<ImportedFile, ImportError> {
    let (source, document) = Source::document(text)?;
    let values = match kind_of(document) {
        "an object" => vec![document],
        "a list" => items_of(document).unwrap_or_default(),
        kind => return Err(ImportError::at(1, format!("The file is {kind}, not a registration (RFC 7591)."))),
    };
    let line = source.line_of(document);
    if values.is_empty() {
        return Err(ImportError::at(line, "The list is empty: there is nothing to import."));
    }
    let known = |value: &&RawValue| {
        Entry::read_loosely(&source, value).is_ok_and(|entry| METADATA.iter().any(|name| entry.has(name)))
    };
    if !values.iter().any(known) {
        let first = values.first().and_then(|value| Entry::read_loosely(&source, value).ok());
        return Err(ImportError::at(line, foreign(first.as_ref())));
    }
    let row = |value: &&RawValue| json_rows::row(&source, value, &WORDS, |entry| client_of(entry, reading));
    Ok(ImportedFile { rows: values.iter().map(row).collect(), ..ImportedFile::default() })
}

fn foreign(entry: Option<&Entry>) -> &'static str {
    let has = |name: &str| entry.is_some_and(|entry| entry.has(name));
    if has("clientId") || has("clients") || has("realm") {
        "This looks like Keycloak, not a registration. Import it as keycloak-realm."
    } else if has("appId") || has("value") {
        "This looks like Entra, not a registration. Import it as entra-apps."
    } else if has("error") {
        "This is an error answer of a registration endpoint (RFC 7591 section 3.2.2): nothing was registered."
    } else if has("issuer") {
        "This is the discovery document of a server, not a registration."
    } else {
        "This is no registration: none of the names of RFC 7591 section 2 stands in it. It looks like the configuration of another tool."
    }
}

fn client_of(entry: &Entry, reading: &Reading) -> Result<ImportedClient, String> {
    let client_id = entry.filled("client_id")?;
    let is_response = client_id.is_some();
    let mut remarks = Vec::new();
    let statement = match entry.filled("software_statement")? {
        None => None,
        Some(jwt) => match Statement::decode(&jwt) {
            Ok(statement) => {
                remarks.push("Its software statement was read: claimed, not verified.".to_owned());
                Some(statement)
            }
            Err(reason) if !is_response && !entry.has("redirect_uris") && !entry.has("grant_types") => {
                return Err(reason);
            }
            Err(_) => {
                remarks.push("Its software statement cannot be read as a JWT; it was left out.".to_owned());
                None
            }
        },
    };
    let source = statement.as_ref().map(Statement::source).transpose()?;
    let claims = match &source {
        Some((source, value)) => Some(Entry::read(source, value)?),
        None => None,
    };
    let udap = entry.has("udap") || entry.has("certifications");
    let from = Registration { entry, claims };
    let mut client = metadata(&from, client_id, udap, reading, remarks)?;
    if let Some((source, _)) = &source {
        client.remarks.extend(source.take_repairs());
    }
    if let Some(certificate) = statement.and_then(|statement| statement.certificate)
        && client.client_type == ClientType::Confidential
    {
        let credential = keys::certificate_credential(&certificate);
        client.credentials.retain(|known| known.thumbprint.is_some() || known.location.is_some());
        client.credentials.push(credential);
    }
    if udap {
        client.notes.insert("udap".to_owned(), "1".to_owned());
        let certifications = entry.items("certifications")?.len();
        if certifications > 0 {
            client.notes.insert("certifications".to_owned(), certifications.to_string());
            client.remarks.push("Its certifications were counted, not verified.".to_owned());
        }
    }
    Ok(client)
}

fn metadata(
    from: &Registration,
    client_id: Option<String>,
    udap: bool,
    reading: &Reading,
    mut remarks: Vec<String>,
) -> Result<ImportedClient, String> {
    let is_response = client_id.is_some();
    if client_id.as_deref().is_some_and(is_placeholder) {
        return Err("“client_id” is a placeholder that was never filled in. Fill it in and import again.".to_owned());
    }
    let name = guard::keep_text("name", from.text("client_name")?, &mut remarks);
    let name = name.or_else(|| client_id.clone()).unwrap_or_else(|| "a client without a name".to_owned());
    let mut client = blank_client(client_id, name);
    client.remarks = remarks;
    if is_response {
        set_enabled(&mut client, true);
    } else {
        client.enabled = false;
        (client.state, client.cause) = (IdentityState::Requested, StateCause::ImportedRequest);
    }
    let (redirects, changed) = guard::keep_addresses(from.texts("redirect_uris")?.unwrap_or_default());
    client.redirect_uris = redirects;
    if changed > 0 {
        client.remarks.push("A redirect address held a password or a token; that part was left out.".to_owned());
    }
    // RFC 7591 section 2: without grant types, the authorization code alone is used.
    let grants = from.texts("grant_types")?;
    if udap && grants.as_ref().is_some_and(Vec::is_empty) {
        client
            .remarks
            .push("It names no grant types: in UDAP this asks that the registration be cancelled.".to_owned());
    }
    client.grant_types = launches::in_order(&grants.unwrap_or_else(|| vec!["authorization_code".to_owned()]));
    if launches::only_client_credentials(&client.grant_types) {
        client.kind = IdentityKind::ServiceAccount;
    }
    client.refresh_tokens = if client.grant_types.iter().any(|grant| grant == "refresh_token") {
        RefreshTokens::Unknown
    } else {
        RefreshTokens::None
    };
    let scopes: Vec<String> = from.text("scope")?.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    client.launch_types = launches::launch_types(scopes.iter().map(String::as_str), &client.grant_types);
    if scopes.is_empty() {
        client.remarks.push("The file does not say which scopes.".to_owned());
    }
    if is_response {
        let issued = |scope| ImportedScope { scope, optional: false, in_token: true, defined: false };
        client.says_scopes = !scopes.is_empty();
        client.issued_scopes.extend(scopes.into_iter().map(issued));
    } else {
        client.requested_scopes = scopes;
    }
    client.created_at =
        from.entry.number("client_id_issued_at")?.filter(|seconds| *seconds > 0).and_then(Moment::from_epoch_seconds);
    credentials::read(from, udap, &mut client, reading)?;
    notes(from, &mut client)?;
    Ok(client)
}

fn notes(from: &Registration, client: &mut ImportedClient) -> Result<(), String> {
    for name in [
        "software_id",
        "software_version",
        "application_type",
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
        "registration_client_uri",
    ] {
        if let Some(value) = from.text(name)? {
            let value = guard::redact_address(&value).unwrap_or(value);
            if name == "software_id" || !guard::telling_text(&value) {
                client.notes.insert(name.to_owned(), value);
            }
        }
    }
    for name in ["contacts", "response_types"] {
        if let Some(values) = from.texts(name)?.filter(|values| !values.is_empty()) {
            let values = values.join(" ");
            if !guard::telling_text(&values) {
                client.notes.insert(name.to_owned(), values);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
