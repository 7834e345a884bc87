//! What proves a registered client, by `token_endpoint_auth_method`.

use crate::domain::identities::{ClientType, CredentialKind, Strength};
use crate::domain::ids::Moment;
use crate::domain::imported::{ImportedClient, ImportedCredential};

use super::super::keys;
use super::super::reading::Reading;
use super::super::secrets::Shown;
use super::registration::Registration;
use crate::domain::guard;

/// Fills in what proves the client and says which secrets were seen.
pub fn read(from: &Registration, udap: bool, client: &mut ImportedClient, reading: &Reading) -> Result<(), String> {
    let entry = from.entry;
    let method = from.text("token_endpoint_auth_method")?;
    let key_set = from.raw("jwks");
    let address = from.text("jwks_uri")?;
    let secret = entry.scalar("client_secret");
    let client_id = client.client_id.clone().unwrap_or_default();
    let shown = Shown::look(secret.as_deref(), reading.fingerprint_key, &[&client_id, &client.name]);
    let by_key = udap || key_set.is_some() || address.is_some();
    let method = match method.as_deref() {
        Some(method) => method,
        None if by_key && shown == Shown::Absent => "private_key_jwt",
        // The default of RFC 7591 section 2.
        None => "client_secret_basic",
    };
    client.notes.insert("token_endpoint_auth_method".to_owned(), method.to_owned());
    client.client_type = if method == "none" { ClientType::Public } else { ClientType::Confidential };
    match method {
        "none" => client.credentials.push(keys::bare(CredentialKind::None)),
        "private_key_jwt" => {
            if let Some(address) = address {
                let location = guard::redact_address(&address).unwrap_or(address);
                client
                    .credentials
                    .push(ImportedCredential { location: Some(location), ..keys::bare(CredentialKind::Jwks) });
            }
            if let Some(key_set) = &key_set {
                client.credentials.extend(keys::read_key_set(key_set, reading.fingerprint_key, &mut client.remarks)?);
            }
            if client.credentials.is_empty() {
                client.credentials.push(keys::bare(CredentialKind::Jwks));
            }
        }
        "tls_client_auth" | "self_signed_tls_client_auth" => {
            client.credentials.push(keys::bare(CredentialKind::Certificate))
        }
        _ => {
            let end = entry.number("client_secret_expires_at")?;
            let expires_at = end.filter(|seconds| *seconds > 0).and_then(Moment::from_epoch_seconds);
            client.credentials.push(ImportedCredential {
                created_at: client.created_at,
                expires_at,
                // Zero says never (RFC 7591 section 3.2.1); of a request nothing is known yet.
                never_expires: end == Some(0),
                strength: shown.strength(),
                fingerprint: shown.fingerprint(),
                ..keys::bare(CredentialKind::ClientSecret)
            });
        }
    }
    if matches!(shown, Shown::Present { .. }) {
        let weak = if shown.strength() == Strength::Weak { " It is weak: easy to guess." } else { "" };
        client.remarks.push(format!("A secret was seen and left out.{weak}"));
    }
    if entry.has("registration_access_token") {
        client.remarks.push("A registration access token was seen and left out.".to_owned());
    }
    Ok(())
}
