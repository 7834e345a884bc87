//! What proves a client of Keycloak, by its authenticator.

use crate::domain::identities::{ClientType, CredentialKind, Strength};
use crate::domain::ids::Moment;
use crate::domain::imported::{ImportedClient, ImportedCredential};

use super::super::json::Entry;
use super::super::keys;
use super::super::reading::Reading;
use super::super::secrets::Shown;
use super::attributes::Attributes;
use crate::domain::guard;

/// Fills in the credentials of a client and says which secrets were seen.
pub fn read(
    entry: &Entry,
    attributes: Option<&Entry>,
    openid: bool,
    client: &mut ImportedClient,
    reading: &Reading,
) -> Result<(), String> {
    let attributes = Attributes(attributes);
    let authenticator = entry.filled("clientAuthenticatorType")?.unwrap_or_else(|| "client-secret".to_owned());
    let client_id = client.client_id.clone().unwrap_or_default();
    let name = client.name.clone();
    // A secret of another type than text is still a secret: take what is written.
    let secret = entry.scalar("secret");
    let shown = Shown::look(secret.as_deref(), reading.fingerprint_key, &[&client_id, &name]);
    let created_at = attributes.moment("client.secret.creation.time")?;
    let proof = match client.client_type {
        ClientType::BearerOnly => None,
        ClientType::Public => {
            client.credentials.push(keys::bare(CredentialKind::None));
            None
        }
        _ if !openid => saml_certificates(&attributes, client, matches!(shown, Shown::Absent)),
        _ => Some(authenticator.as_str()),
    };
    let mut uses_secret = false;
    match proof {
        None => {}
        Some("client-secret" | "client-secret-jwt") => {
            uses_secret = true;
            let expires_at = attributes.moment("client.secret.expiration.time")?;
            client.credentials.push(ImportedCredential {
                created_at,
                expires_at,
                never_expires: expires_at.is_none(),
                strength: shown.strength(),
                fingerprint: shown.fingerprint(),
                ..keys::bare(CredentialKind::ClientSecret)
            });
            if shown == Shown::Absent {
                client.remarks.push("The file does not show its secret.".to_owned());
            }
            rotated(&attributes, client, reading, &[&client_id, &name])?;
        }
        Some("client-jwt") => signed_assertions(&attributes, client, reading)?,
        Some("client-x509") => {
            let mut credential =
                match attributes.filled("x509.certificate").or_else(|| attributes.filled("jwt.credential.certificate"))
                {
                    Some(text) => keys::certificate_credential(&text),
                    None => keys::bare(CredentialKind::Certificate),
                };
            credential.key_id = attributes.filled("x509.subjectdn").filter(|text| !guard::telling_text(text));
            client.credentials.push(credential);
        }
        Some(_) => client.remarks.push("It proves itself by a way that is not known here.".to_owned()),
    }
    secret_remark(&shown, created_at, uses_secret, client, reading);
    other_secrets(entry, &attributes, client);
    Ok(())
}

/// The certificates of a SAML client. Where it has none but a secret, the secret is its proof.
fn saml_certificates(attributes: &Attributes, client: &mut ImportedClient, no_secret: bool) -> Option<&'static str> {
    for name in ["saml.signing.certificate", "saml.encryption.certificate"] {
        if let Some(text) = attributes.filled(name) {
            client.credentials.push(keys::certificate_credential(&text));
        }
    }
    (client.credentials.is_empty() && !no_secret).then_some("client-secret")
}

fn rotated(
    attributes: &Attributes,
    client: &mut ImportedClient,
    reading: &Reading,
    names: &[&str],
) -> Result<(), String> {
    let old = attributes.filled("client.secret.rotated");
    let shown = Shown::look(old.as_deref(), reading.fingerprint_key, names);
    if shown == Shown::Absent {
        return Ok(());
    }
    let expires_at = attributes.moment("client.secret.rotated.expiration.time")?;
    client.credentials.push(ImportedCredential {
        key_id: Some("rotated".to_owned()),
        created_at: attributes.moment("client.secret.rotated.creation.time")?,
        expires_at,
        never_expires: expires_at.is_none(),
        strength: shown.strength(),
        fingerprint: shown.fingerprint(),
        ..keys::bare(CredentialKind::ClientSecret)
    });
    client.remarks.push("Its former secret still works beside the new one; it was seen and left out.".to_owned());
    Ok(())
}

/// `private_key_jwt`: the address of a key set, a key set, a certificate or a bare public key.
fn signed_assertions(attributes: &Attributes, client: &mut ImportedClient, reading: &Reading) -> Result<(), String> {
    let address = attributes.filled("jwks.url");
    let key_set = attributes.filled("jwks.string");
    let by_address = attributes.is("use.jwks.url") || (!attributes.is("use.jwks.string") && address.is_some());
    if let (true, Some(address)) = (by_address, &address) {
        let mut credential = keys::bare(CredentialKind::Jwks);
        credential.location = Some(guard::redact_address(address).unwrap_or_else(|| address.clone()));
        client.credentials.push(credential);
    } else if let Some(key_set) = &key_set {
        client.credentials.extend(keys::read_key_set(key_set, reading.fingerprint_key, &mut client.remarks)?);
        return Ok(());
    } else if let Some(text) = attributes.filled("jwt.credential.certificate") {
        client.credentials.push(keys::certificate_credential(&text));
    } else {
        let mut credential = keys::bare(CredentialKind::Jwks);
        credential.thumbprint =
            attributes.filled("jwt.credential.public.key").and_then(|text| keys::public_key_thumbprint(&text));
        if credential.thumbprint.is_some() {
            credential.strength = Strength::Ok;
        } else {
            client.remarks.push("The file does not show its public key.".to_owned());
        }
        client.credentials.push(credential);
    }
    if let Some(key_set) = &key_set {
        // Not in use, yet it may show a private half.
        let mut unused = Vec::new();
        if keys::read_key_set(key_set, reading.fingerprint_key, &mut unused).is_ok() {
            client.remarks.extend(unused);
        }
    }
    Ok(())
}

fn secret_remark(
    shown: &Shown,
    created_at: Option<Moment>,
    used: bool,
    client: &mut ImportedClient,
    reading: &Reading,
) {
    let age = created_at.map_or_else(
        || "Its age is not in the file".to_owned(),
        |created| format!("It is {} old", age(created, reading.now)),
    );
    let idle = if used { "" } else { " The client does not use it as it is set now." };
    match shown {
        Shown::Absent => {}
        Shown::Masked if used => client.remarks.push(format!("A secret exists; the file masks it. {age}.")),
        Shown::Masked => {}
        Shown::Elsewhere => {
            client.remarks.push(format!("In place of the secret stands a placeholder or a reference to a vault.{idle}"))
        }
        Shown::Present { strength, .. } => {
            let class = match strength {
                Strength::Weak => "It is weak: easy to guess",
                _ => "Its strength is sufficient",
            };
            client.remarks.push(format!("A secret was seen and left out. {age}. {class}.{idle}"));
        }
    }
}

fn age(created: Moment, now: Moment) -> String {
    let days = (now.utc() - created.utc()).num_days();
    match days {
        i64::MIN..=0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        2..=59 => format!("{days} days"),
        60..=729 => format!("{} months", days / 30),
        _ => format!("{} years", days / 365),
    }
}

fn other_secrets(entry: &Entry, attributes: &Attributes, client: &mut ImportedClient) {
    for (name, what) in [
        ("saml.signing.private.key", "A private key for signing"),
        ("saml.encryption.private.key", "A private key for decryption"),
        ("jwt.credential.private.key", "A private key"),
    ] {
        if attributes.filled(name).is_some() {
            client.remarks.push(format!("{what} was seen and left out; treat it as disclosed and replace it."));
        }
    }
    if entry.has("registrationAccessToken") {
        client.remarks.push("A registration access token was seen and left out.".to_owned());
    }
}
