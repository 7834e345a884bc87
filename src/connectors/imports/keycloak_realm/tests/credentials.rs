use crate::connectors::imports::tests::one_client;
use crate::domain::identities::{ClientType, CredentialKind, Strength};

#[test]
fn a_bearer_only_client_has_no_grants_and_no_credentials() {
    let client = one_client(r#""bearerOnly":true,"secret":"**********""#);
    assert_eq!(client.client_type, ClientType::BearerOnly);
    assert!(client.credentials.is_empty() && client.grant_types.is_empty());
}

#[test]
fn a_public_client_proves_itself_with_nothing_even_where_a_secret_stands() {
    let client = one_client(r#""publicClient":true,"secret":"PLANTED""#);
    assert_eq!(client.credentials.iter().map(|credential| credential.kind).collect::<Vec<_>>(), [CredentialKind::None]);
    assert!(
        client.remarks.iter().any(|remark| remark.contains("A secret was seen") && remark.contains("does not use it"))
    );
}

#[test]
fn a_secret_keeps_its_fingerprint_age_and_strength_only() {
    let client = one_client(r#""secret":"app-secret","attributes":{"client.secret.creation.time":"1654041600"}"#);
    let secret = &client.credentials[0];
    assert_eq!(secret.kind, CredentialKind::ClientSecret);
    assert_eq!(secret.strength, Strength::Weak);
    assert!(secret.never_expires);
    assert_eq!(secret.fingerprint.as_ref().map(String::len), Some(64));
    assert_eq!(secret.created_at.unwrap().to_text(), "2022-06-01T00:00:00.000000Z");
    assert!(
        client.remarks.iter().any(|remark| remark.contains("4 years old") && remark.contains("weak")),
        "{:?}",
        client.remarks
    );
}

#[test]
fn a_masked_secret_is_there_and_of_unknown_strength() {
    let secret = &one_client(r#""secret":"**********""#).credentials[0];
    assert_eq!((secret.strength, secret.fingerprint.clone()), (Strength::Unknown, None));
}

#[test]
fn an_expiring_secret_and_a_rotated_one_have_their_ends() {
    let client = one_client(
        r#""secret":"Zk3vQ9pX1mB7sT5yR2wL8nC4","attributes":{"client.secret.expiration.time":"1800000000",
        "client.secret.rotated":"Qk3vQ9pX1mB7sT5yR2wL8nC4","client.secret.rotated.expiration.time":"1790000000"}"#,
    );
    assert_eq!(client.credentials.len(), 2);
    assert!(client.credentials.iter().all(|secret| !secret.never_expires && secret.expires_at.is_some()));
    assert_ne!(client.credentials[0].fingerprint, client.credentials[1].fingerprint);
}

#[test]
fn every_authenticator_gives_its_kind_of_credential() {
    let kinds =
        |members: &str| one_client(members).credentials.iter().map(|credential| credential.kind).collect::<Vec<_>>();
    assert_eq!(kinds("\"protocol\":\"openid-connect\""), [CredentialKind::ClientSecret]);
    assert_eq!(kinds(r#""clientAuthenticatorType":"client-secret-jwt""#), [CredentialKind::ClientSecret]);
    assert_eq!(
        kinds(r#""clientAuthenticatorType":"client-x509","attributes":{"x509.subjectdn":"CN=x"}"#),
        [CredentialKind::Certificate]
    );
    assert_eq!(
        kinds(r#""clientAuthenticatorType":"client-jwt","attributes":{"jwt.credential.certificate":"AAAA"}"#),
        [CredentialKind::Certificate]
    );
    let jwks = one_client(
        r#""clientAuthenticatorType":"client-jwt","attributes":{"use.jwks.url":"true","jwks.url":"https://u:p@app/jwks"}"#,
    );
    assert_eq!(jwks.credentials[0].kind, CredentialKind::Jwks);
    assert_eq!(jwks.credentials[0].location.as_deref(), Some("https://***@app/jwks"));
}
