//! Entra: `az ad app list` and the applications of Microsoft Graph, with or without owners joined.

mod permissions;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use crate::domain::identities::{ClientType, CredentialKind, IdentityKind, RefreshTokens};
use crate::domain::ids::Moment;
use crate::domain::imported::{ImportedClient, ImportedCredential, ImportedFile};

use super::clients::{blank_client, set_enabled};
use super::error::ImportError;
use super::json::{Entry, Source, is_placeholder, items_of, kind_of};
use super::json_rows::{self, Words};
use super::keys;
use super::launches;
use super::reading::Reading;
use super::secrets::Shown;
use crate::domain::guard;

const WORDS: Words = Words { what: "app registration", one: "an app registration", names: &["appId", "displayName"] };

/// Reads the text of a file.
pub fn read(text: &str, reading: &Reading) -> Result<ImportedFile, ImportError> {
    let (source, document) = Source::document(text)?;
    let line = source.line_of(document);
    let at_line = |reason: String| ImportError::at(line, reason);
    let mut left_out = Vec::new();
    let mut complete = false;
    let values = match kind_of(document) {
        "a list" => {
            complete = true;
            items_of(document).unwrap_or_default()
        }
        "an object" => {
            let entry = Entry::read(&source, document).map_err(at_line)?;
            if entry.has("value") {
                complete = !entry.has("@odata.nextLink");
                if !complete {
                    left_out.push("the pages that follow: this is one page of a longer list (@odata.nextLink); import the others too".to_owned());
                }
                entry.items("value").map_err(at_line)?
            } else {
                vec![document]
            }
        }
        kind => return Err(at_line(format!("The file is {kind}, not a list of app registrations."))),
    };
    let has_id = |value: &&RawValue| Entry::read_loosely(&source, value).is_ok_and(|entry| entry.has("appId"));
    if !values.is_empty() && !values.iter().any(has_id) {
        let first = values.first().and_then(|value| Entry::read_loosely(&source, value).ok());
        return Err(at_line(format!(
            "None of the entries has an “appId”: this is no list of app registrations. {}",
            foreign(first.as_ref())
        )));
    }
    let row = |value: &&RawValue| json_rows::row(&source, value, &WORDS, |entry| client_of(entry, reading));
    let rows = values.iter().map(row).collect();
    Ok(ImportedFile { system_name: None, rows, left_out, complete })
}

fn foreign(entry: Option<&Entry>) -> &'static str {
    let has = |name: &str| entry.is_some_and(|entry| entry.has(name));
    if has("clientId") || has("clients") || has("realm") {
        "It looks like Keycloak; import it as keycloak-realm."
    } else if has("client_id") || has("redirect_uris") || has("software_statement") {
        "It looks like a client registration of RFC 7591; import it as dcr."
    } else {
        "It looks like the configuration of another tool. Save the output of `az ad app list --all` and import that."
    }
}

fn client_of(entry: &Entry, reading: &Reading) -> Result<ImportedClient, String> {
    let app_id = entry.filled("appId")?.ok_or("The app has no “appId”. Export the list again.")?;
    if is_placeholder(&app_id) {
        return Err("“appId” is a placeholder that was never filled in. Fill it in and import again.".to_owned());
    }
    let mut remarks = Vec::new();
    let name = guard::keep_text("name", entry.filled("displayName")?, &mut remarks).unwrap_or_else(|| app_id.clone());
    let mut client = blank_client(Some(app_id), name);
    let description = match entry.filled("description")? {
        None => entry.filled("notes")?,
        found => found,
    };
    client.description = guard::keep_text("description", description, &mut remarks);
    client.remarks = remarks;
    let stopped = entry.filled("disabledByMicrosoftStatus")?.is_some_and(|status| status != "NotDisabled");
    let enabled =
        entry.flag("accountEnabled")?.unwrap_or(true) && !entry.flag("isDisabled")?.unwrap_or(false) && !stopped;
    set_enabled(&mut client, enabled);
    client.says_enabled = stopped || entry.has("accountEnabled") || entry.has("isDisabled");
    client.says_scopes = entry.has("requiredResourceAccess");
    if stopped {
        client.remarks.push("Microsoft has disabled it.".to_owned());
    }
    client.created_at = moment(entry, "createdDateTime")?;

    let redirects = Redirects::read(entry)?;
    permissions::read(entry, &mut client)?;
    credentials(entry, &mut client, reading)?;
    let proved = !client.credentials.is_empty();
    set_client_type(&mut client, &redirects, is_fallback_public(entry)?);
    let people = !redirects.web.is_empty() || !redirects.public.is_empty() || !redirects.spa.is_empty();
    let by_itself = client.notes.values().any(|note| note.ends_with("(application)")) || (proved && !people);
    let grants: Vec<String> = [
        (people, "authorization_code"),
        (by_itself, "client_credentials"),
        (people && client.notes.values().any(|note| note.starts_with("offline_access ")), "refresh_token"),
        (redirects.implicit, "implicit"),
    ]
    .into_iter()
    .filter(|(on, _)| *on)
    .map(|(_, grant)| grant.to_owned())
    .collect();
    client.grant_types = launches::in_order(&grants);
    if launches::only_client_credentials(&client.grant_types) {
        client.kind = IdentityKind::ServiceAccount;
    }
    client.refresh_tokens = if people { RefreshTokens::Unknown } else { RefreshTokens::None };
    let (kept, changed) = guard::keep_addresses(redirects.all());
    client.redirect_uris = kept;
    if changed > 0 {
        client.remarks.push("A redirect address held a password or a token; that part was left out.".to_owned());
    }
    notes(entry, &mut client)?;
    Ok(client)
}

/// Public or confidential (RFC 6749 section 2.1), as far as the registration tells: one with a secret or a
/// certificate keeps it; one for phones, desktops or pages in a browser keeps none; of a web app without
/// either nothing is known, because what it proves itself by may be federated.
fn set_client_type(client: &mut ImportedClient, redirects: &Redirects, fallback_public: bool) {
    let keeps_none = !redirects.public.is_empty() || !redirects.spa.is_empty() || fallback_public;
    client.client_type = match (client.credentials.is_empty(), redirects.web.is_empty() && keeps_none) {
        (false, _) => ClientType::Confidential,
        (true, true) => ClientType::Public,
        (true, false) => ClientType::Unknown,
    };
    match client.client_type {
        ClientType::Public => client.credentials.push(keys::bare(CredentialKind::None)),
        ClientType::Confidential if keeps_none => {
            client.remarks.push("It is also registered for apps that keep no secret.".to_owned());
        }
        ClientType::Confidential | ClientType::BearerOnly => {}
        ClientType::Unknown => client.remarks.push(
            "It has neither a secret nor a certificate, so whether it keeps one is not known; federated credentials \
             are not in this file."
                .to_owned(),
        ),
    }
}

/// Whether Entra takes it for a public client where the platform does not tell. The older command line
/// wrote this as `publicClient`, where the newer one has an object.
fn is_fallback_public(entry: &Entry) -> Result<bool, String> {
    let older = if has_platform(entry, "publicClient") { None } else { entry.flag("publicClient")? };
    Ok(entry.flag("isFallbackPublicClient")?.or(older).unwrap_or(false))
}

fn has_platform(entry: &Entry, name: &str) -> bool {
    entry.raw(name).is_some_and(|value| !matches!(kind_of(value), "true or false" | "a text"))
}

struct Redirects {
    web: Vec<String>,
    spa: Vec<String>,
    public: Vec<String>,
    implicit: bool,
}

impl Redirects {
    fn read(entry: &Entry) -> Result<Self, String> {
        let of = |platform: &str| -> Result<Vec<String>, String> {
            let settings = if has_platform(entry, platform) { entry.object(platform)? } else { None };
            Ok(match settings {
                Some(settings) => settings.texts("redirectUris")?.unwrap_or_default(),
                None => Vec::new(),
            })
        };
        let implicit = match entry.object("web")?.map(|web| web.object("implicitGrantSettings")).transpose()?.flatten()
        {
            Some(settings) => {
                settings.flag("enableAccessTokenIssuance")?.unwrap_or(false)
                    || settings.flag("enableIdTokenIssuance")?.unwrap_or(false)
            }
            None => entry.flag("oauth2AllowImplicitFlow")?.unwrap_or(false),
        };
        let mut web = of("web")?;
        // The older command line wrote all of them here.
        web.extend(entry.texts("replyUrls")?.unwrap_or_default());
        Ok(Self { web, spa: of("spa")?, public: of("publicClient")?, implicit })
    }

    fn all(self) -> Vec<String> {
        [self.web, self.spa, self.public].concat()
    }
}

fn moment(entry: &Entry, name: &str) -> Result<Option<Moment>, String> {
    let Some(text) = entry.filled(name)? else { return Ok(None) };
    DateTime::parse_from_rfc3339(&text)
        .map(|at| Some(Moment::new(at.with_timezone(&Utc))))
        .map_err(|_| format!("“{name}” is no time of RFC 3339 (2026-01-31T00:00:00Z). Export the list again."))
}

fn credentials(entry: &Entry, client: &mut ImportedClient, reading: &Reading) -> Result<(), String> {
    let (app_id, name) = (client.client_id.clone().unwrap_or_default(), client.name.clone());
    for secret in entry.objects("passwordCredentials")? {
        let shown = Shown::look(secret.scalar("secretText").as_deref(), reading.fingerprint_key, &[&app_id, &name]);
        if shown != Shown::Absent {
            client.remarks.push("A secret was seen and left out.".to_owned());
        }
        if secret.has("hint") {
            client.remarks.push("The file shows the first characters of a secret; they were left out.".to_owned());
        }
        let credential = dated(&secret, keys::bare(CredentialKind::ClientSecret))?;
        client.credentials.push(ImportedCredential {
            strength: shown.strength(),
            fingerprint: shown.fingerprint(),
            ..credential
        });
    }
    for key in entry.objects("keyCredentials")? {
        let text = key.scalar("key");
        let mut credential =
            text.as_deref().map_or_else(|| keys::bare(CredentialKind::Certificate), keys::certificate_credential);
        if text.is_some() && credential.thumbprint.is_none() {
            client.remarks.push("A key that is no certificate was seen and left out.".to_owned());
        }
        if credential.thumbprint.is_none() {
            // Entra puts the SHA-1 thumbprint of a certificate here.
            let thumbprint = key.filled("customKeyIdentifier")?;
            credential.thumbprint =
                thumbprint.filter(|text| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        client.credentials.push(dated(&key, credential)?);
    }
    Ok(())
}

fn dated(entry: &Entry, credential: ImportedCredential) -> Result<ImportedCredential, String> {
    let start = moment(entry, if entry.has("startDateTime") { "startDateTime" } else { "startDate" })?;
    let end = moment(entry, if entry.has("endDateTime") { "endDateTime" } else { "endDate" })?;
    Ok(ImportedCredential {
        key_id: entry.filled("keyId")?,
        created_at: start.or(credential.created_at),
        expires_at: end.or(credential.expires_at),
        // Without an end in the file nothing says that there is none.
        never_expires: false,
        ..credential
    })
}

fn notes(entry: &Entry, client: &mut ImportedClient) -> Result<(), String> {
    for name in ["id", "signInAudience", "publisherDomain", "identifierUris"] {
        let value = if name == "identifierUris" {
            entry.texts(name)?.map(|values| values.join(" "))
        } else {
            entry.filled(name)?
        };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            client.notes.insert(name.to_owned(), guard::redact_address(&value).unwrap_or(value));
        }
    }
    let roles = entry.items("appRoles")?.len();
    let scopes = match entry.object("api")? {
        Some(api) => api.items("oauth2PermissionScopes")?.len(),
        None => 0,
    };
    for (name, count) in [("app roles it offers", roles), ("scopes it offers", scopes)] {
        if count > 0 {
            client.notes.insert(name.to_owned(), count.to_string());
        }
    }
    let mut owners = Vec::new();
    for owner in entry.objects("owners")? {
        let mail = match owner.filled("mail")? {
            None => owner.filled("userPrincipalName")?,
            found => found,
        };
        owners.extend(mail);
    }
    client.technical_owner_email = owners.first().cloned();
    if owners.len() > 1 {
        client.notes.insert("owners".to_owned(), owners.join(" "));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
