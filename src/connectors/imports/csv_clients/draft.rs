//! A client while the cells of its line are read.

use std::collections::BTreeMap;

use crate::domain::identities::{ClientType, CredentialKind, IdentityKind, RefreshTokens, Strength};
use crate::domain::ids::Moment;
use crate::domain::imported::{ImportedClient, ImportedCredential, ImportedScope};

use super::super::clients::{blank_client, set_enabled};
use super::super::column_map::{
    Cell, ClientField, Column, ColumnMap, address, date_or_moment, flag, folded, is_padded, items, seconds, word,
};
use super::super::json::is_placeholder;
use super::super::repairs::trimmed_words;
use super::super::secrets::Shown;
use super::super::{keys, launches};
use crate::domain::guard;

/// A client while its cells are read.
pub struct Draft {
    client: ImportedClient,
    kind: Option<IdentityKind>,
    /// Only where a cell says so.
    enabled: Option<bool>,
    credentials: BTreeMap<u8, DraftCredential>,
    jwks_uri: Option<String>,
    /// The headings whose cells had white space around them.
    trimmed: Vec<String>,
}

#[derive(Default)]
struct DraftCredential {
    active: Option<bool>,
    told: bool,
    kind: Option<CredentialKind>,
    key_id: Option<String>,
    created_at: Option<Moment>,
    expires_at: Option<Moment>,
    never: bool,
    last_used_at: Option<Moment>,
    secret: Option<String>,
}

impl Draft {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            client: blank_client(None, String::new()),
            kind: None,
            enabled: None,
            credentials: BTreeMap::new(),
            jwks_uri: None,
            trimmed: Vec::new(),
        }
    }

    /// Takes a cell in. The error is a sentence for the row.
    pub fn fill(&mut self, map: &ColumnMap, column: &Column, field: &str, text: &str) -> Result<(), String> {
        if !takes_any_text(field) && is_placeholder(text) {
            return Err(format!(
                "“{}” is a placeholder that was never filled in. Fill it in and import again.",
                column.heading
            ));
        }
        let cell = Cell::read(column, text)?;
        let heading = column.heading.as_str();
        if column.field != "ignore" && is_padded(text) {
            self.trimmed.push(heading.to_owned());
        }
        if let Some(note) = field.strip_prefix("note:") {
            if let Some(text) = cell.text() {
                if guard::telling_name(note) || guard::telling_value(&text) || guard::telling_text(&text) {
                    self.client.remarks.push(format!("“{heading}” seems to hold a secret and was left out."));
                } else {
                    self.client.notes.insert(note.to_owned(), text);
                }
            }
            return Ok(());
        }
        let Ok(field) = field.parse::<ClientField>() else { return Ok(()) };
        let moment = |text: &str| date_or_moment(&map.date_formats, heading, text);
        let client = &mut self.client;
        match (field, cell) {
            (ClientField::RefreshTokenSeconds, Cell::Never) => client.refresh_tokens = RefreshTokens::NeverExpire,
            (ClientField::RefreshTokenSeconds, Cell::None) => client.refresh_tokens = RefreshTokens::None,
            (ClientField::ExpiresAt, Cell::Never | Cell::None) => {
                client.remarks.push("The list says that it never expires.".to_owned())
            }
            (ClientField::CredentialExpiresAt, Cell::Never | Cell::None) => self.credential(column).never = true,
            (ClientField::LastUsedAt, Cell::Never) => {
                client.remarks.push("The list says that it was never used.".to_owned())
            }
            (ClientField::CredentialKind, Cell::None) => self.credential(column).kind = Some(CredentialKind::None),
            (_, Cell::Missing | Cell::None) => {}
            (ClientField::CredentialLastUsedAt, Cell::Never) => {}
            (_, Cell::Never) => {
                return Err(format!(
                    "“{heading}” says “never”, which means nothing there. Correct the value, or translate it in the map."
                ));
            }
            (field, Cell::Text(text)) => match field {
                ClientField::ClientId => client.client_id = Some(text),
                ClientField::Name => {
                    client.name = guard::keep_text("name", Some(text), &mut client.remarks).unwrap_or_default()
                }
                ClientField::Description => {
                    client.description = guard::keep_text("description", Some(text), &mut client.remarks)
                }
                ClientField::Purpose => client.purpose = guard::keep_text("purpose", Some(text), &mut client.remarks),
                ClientField::Kind => self.kind = Some(word(heading, &text)?),
                ClientField::Environment => client.environment = Some(word(heading, &text)?),
                ClientField::System => client.system = Some(text),
                ClientField::Vendor => client.vendor = Some(text),
                ClientField::ClientType => client.client_type = word(heading, &text)?,
                ClientField::GrantTypes => {
                    client.grant_types.extend(known_items(column, &text, launches::GRANT_TYPES)?)
                }
                ClientField::LaunchTypes => {
                    client.launch_types.extend(known_items(
                        column,
                        &text,
                        &["launch-ehr", "launch-standalone", "backend"],
                    )?);
                }
                ClientField::RedirectUris => {
                    let (kept, changed) = guard::keep_addresses(items(column, &text));
                    client.redirect_uris.extend(kept);
                    if changed > 0 {
                        client
                            .remarks
                            .push("A redirect address held a password or a token; that part was left out.".to_owned());
                    }
                }
                ClientField::IssuedScopes => {
                    let issued = |scope| ImportedScope { scope, optional: false, in_token: true, defined: false };
                    client.issued_scopes.extend(translated_items(column, &text).into_iter().map(issued));
                }
                ClientField::RequestedScopes => client.requested_scopes.extend(translated_items(column, &text)),
                ClientField::AccessTokenSeconds => client.access_token_seconds = Some(seconds(column, &text)?),
                ClientField::RefreshTokenSeconds => {
                    client.refresh_token_seconds = Some(seconds(column, &text)?);
                    client.refresh_tokens = RefreshTokens::Limited;
                }
                ClientField::Enabled => self.enabled = Some(flag(heading, &text)?),
                ClientField::ExpiresAt => client.expires_at = Some(moment(&text)?),
                ClientField::CreatedAt => client.created_at = Some(moment(&text)?),
                ClientField::LastUsedAt => client.last_used_at = client.last_used_at.max(Some(moment(&text)?)),
                ClientField::BusinessOwnerEmail => client.business_owner_email = Some(address(heading, &text)?),
                ClientField::TechnicalOwnerEmail => client.technical_owner_email = Some(address(heading, &text)?),
                ClientField::JwksUri => self.jwks_uri = Some(guard::redact_address(&text).unwrap_or(text)),
                ClientField::CredentialActive => self.credential(column).active = Some(flag(heading, &text)?),
                ClientField::CredentialKind => self.credential(column).kind = Some(word(heading, &text)?),
                ClientField::CredentialId => self.credential(column).key_id = Some(text),
                ClientField::CredentialCreatedAt => {
                    let at = moment(&text)?;
                    self.credential(column).created_at = Some(at);
                }
                ClientField::CredentialExpiresAt => {
                    let at = moment(&text)?;
                    self.credential(column).expires_at = Some(at);
                }
                ClientField::CredentialLastUsedAt => {
                    let at = moment(&text)?;
                    self.credential(column).last_used_at = Some(at);
                }
                ClientField::Secret => {
                    // Looked at when the client's names are known, which it must not repeat.
                    self.credential(column).secret = Some(text);
                }
            },
        }
        Ok(())
    }

    fn credential(&mut self, column: &Column) -> &mut DraftCredential {
        let credential = self.credentials.entry(column.credential).or_default();
        credential.told = true;
        credential
    }

    /// The client, when every cell is in.
    pub fn finish(mut self, key: &[u8; 32]) -> Result<ImportedClient, String> {
        let mut client = self.client;
        if client.name.is_empty() {
            client.name =
                client.client_id.clone().ok_or("The line has neither a client id nor a name. Fill one in.")?;
        }
        client.remarks.extend(trimmed_words(&self.trimmed));
        set_enabled(&mut client, self.enabled.unwrap_or(true));
        client.says_enabled = self.enabled.is_some();
        client.says_scopes = !client.issued_scopes.is_empty();
        client.grant_types = launches::in_order(&client.grant_types);
        client.kind = match self.kind {
            Some(kind) => kind,
            None if launches::only_client_credentials(&client.grant_types) => IdentityKind::ServiceAccount,
            None => {
                client.remarks.push("The list does not say what kind it is; it was taken for a SMART app.".to_owned());
                IdentityKind::SmartApp
            }
        };
        if let Some(location) = self.jwks_uri.take() {
            client
                .credentials
                .push(ImportedCredential { location: Some(location), ..keys::bare(CredentialKind::Jwks) });
        }
        for credential in
            self.credentials.into_values().filter(|credential| credential.told && credential.active != Some(false))
        {
            let shown = Shown::look(
                credential.secret.as_deref(),
                key,
                &[client.client_id.as_deref().unwrap_or_default(), &client.name],
            );
            if matches!(shown, Shown::Present { .. }) {
                let weak = if shown.strength() == Strength::Weak { " It is weak: easy to guess." } else { "" };
                client.remarks.push(format!("A secret was seen and left out.{weak}"));
            }
            client.last_used_at = client.last_used_at.max(credential.last_used_at);
            let kind = credential.kind.unwrap_or(CredentialKind::ClientSecret);
            client.credentials.push(ImportedCredential {
                key_id: credential.key_id,
                created_at: credential.created_at,
                expires_at: credential.expires_at,
                never_expires: credential.never,
                strength: shown.strength(),
                fingerprint: shown.fingerprint(),
                ..keys::bare(kind)
            });
        }
        if client.client_type == ClientType::Public && client.credentials.is_empty() {
            client.credentials.push(keys::bare(CredentialKind::None));
        }
        if client.launch_types.is_empty() {
            let scopes = client.issued_scopes.iter().map(|scope| scope.scope.as_str());
            client.launch_types = launches::launch_types(scopes, &client.grant_types);
        }
        Ok(client)
    }
}

/// Whether a field is free text, in which `<none>` is a text like another.
fn takes_any_text(field: &str) -> bool {
    field.starts_with("note:") || matches!(field, "ignore" | "name" | "description" | "purpose" | "secret")
}

/// The items of a cell, each by the map's translation where it has one.
fn translated_items(column: &Column, text: &str) -> Vec<String> {
    items(column, text)
        .into_iter()
        .map(|item| {
            let wanted = folded(&item);
            column.values.iter().find(|(from, _)| folded(from) == wanted).map_or(item, |(_, to)| to.clone())
        })
        .collect()
}

fn known_items(column: &Column, text: &str, known: &[&str]) -> Result<Vec<String>, String> {
    let items = translated_items(column, text);
    if items.iter().all(|item| known.contains(&item.as_str())) {
        return Ok(items);
    }
    Err(format!(
        "“{}” holds a value that the column map cannot read: {} belong there. Correct the value, or add it to the map.",
        column.heading,
        known.join(", ")
    ))
}
