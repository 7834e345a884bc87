use crate::connectors::imports::tests::{clients, errors, fixture, reading, real};
use crate::connectors::imports::{ImportFormat, read_clients};
use crate::domain::identities::{ClientType, CredentialKind, IdentityKind, IdentityState, RefreshTokens, StateCause};
use crate::domain::imported::ImportedFile;

fn read(text: &str) -> ImportedFile {
    read_clients(ImportFormat::Dcr, text.as_bytes(), &reading()).unwrap()
}

fn list() -> ImportedFile {
    read_clients(ImportFormat::Dcr, &fixture("dcr-list.json"), &reading()).unwrap()
}

#[test]
fn a_request_asks_and_has_nothing_issued() {
    let file = list();
    let client = clients(&file)[0];
    assert_eq!(
        (client.state, client.cause, client.enabled),
        (IdentityState::Requested, StateCause::ImportedRequest, false)
    );
    assert_eq!(client.requested_scopes, ["launch", "openid", "patient/MedicationRequest.rs"]);
    assert!(client.issued_scopes.is_empty() && client.client_id.is_none());
    assert_eq!(client.grant_types, ["authorization_code", "refresh_token"]);
    assert_eq!(client.launch_types, ["launch-ehr"]);
    assert_eq!(client.refresh_tokens, RefreshTokens::Unknown);
    assert!(!client.credentials[0].never_expires);
}

#[test]
fn a_response_says_what_was_issued_and_zero_means_never() {
    let file = list();
    let client = clients(&file)[1];
    assert_eq!(client.state, IdentityState::Active);
    assert_eq!(client.issued_scopes.len(), 3);
    assert!(client.requested_scopes.is_empty());
    assert!(client.credentials[0].never_expires);
    assert!(client.credentials[0].fingerprint.is_some());
    assert!(client.created_at.is_some());
    assert!(client.remarks.iter().any(|remark| remark.contains("registration access token")));
}

#[test]
fn a_key_in_a_registration_is_a_thumbprint() {
    let file = list();
    let client = clients(&file)[2];
    assert_eq!(client.kind, IdentityKind::ServiceAccount);
    assert_eq!(client.credentials[0].kind, CredentialKind::Jwks);
    assert!(client.credentials[0].thumbprint.is_some());
    assert!(client.remarks.iter().any(|remark| remark.contains("private half")));
}

#[test]
fn a_udap_statement_is_read_and_said_to_be_unverified() {
    let file = list();
    let client = clients(&file)[3];
    assert_eq!((client.name.as_str(), client.state), ("Claims Export", IdentityState::Requested));
    assert_eq!(client.requested_scopes, ["system/Patient.rs", "system/Coverage.rs"]);
    assert_eq!(client.grant_types, ["client_credentials"]);
    assert_eq!(client.launch_types, ["backend"]);
    assert!(client.remarks.iter().any(|remark| remark.contains("claimed, not verified")));
    assert_eq!(client.credentials.len(), 1);
    assert_eq!(client.credentials[0].kind, CredentialKind::Certificate);
    assert!(client.credentials[0].expires_at.is_some());
}

#[test]
fn a_statement_that_cannot_be_read_is_an_error_where_everything_stands_in_it() {
    let file = read(r#"{"software_statement":"PLANTED","udap":"1"}"#);
    assert!(errors(&file)[0].2.contains("no JWT"));
}

#[test]
fn absent_metadata_has_the_defaults_of_the_rfc() {
    let file = read(r#"{"client_id":"a","redirect_uris":["https://a/cb"]}"#);
    let client = clients(&file)[0];
    assert_eq!(client.grant_types, ["authorization_code"]);
    assert_eq!(client.client_type, ClientType::Confidential);
    assert_eq!(client.refresh_tokens, RefreshTokens::None);
    let public = read(r#"{"client_id":"a","token_endpoint_auth_method":"none"}"#);
    assert_eq!(clients(&public)[0].client_type, ClientType::Public);
    assert_eq!(clients(&public)[0].credentials[0].kind, CredentialKind::None);
}

#[test]
fn other_files_are_refused_saying_what_they_look_like() {
    for (text, words) in [
        (r#"{"realm":"r","clients":[]}"#, "keycloak-realm"),
        (r#"[{"appId":"x"}]"#, "entra-apps"),
        (r#"{"error":"invalid_redirect_uri"}"#, "error answer"),
        (r#"{"name":"left-pad","dependencies":{}}"#, "another tool"),
        ("[]", "empty"),
        ("7", "a number"),
    ] {
        let error = read_clients(ImportFormat::Dcr, text.as_bytes(), &reading()).expect_err(text);
        assert!(error.reason.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_fault_of_one_registration_is_its_row() {
    let file = read("[{\"client_id\":\"a\"},\n{\"client_id\":\"b\",\"redirect_uris\":\"https://b\"},\n3]");
    assert_eq!(file.rows.len(), 3);
    assert_eq!(errors(&file).iter().map(|error| error.0.unwrap()).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn the_real_response_is_read() {
    let Some(bytes) = real("dcr_udap_inferno_response.json") else { return };
    let file = read_clients(ImportFormat::Dcr, &bytes, &reading()).unwrap();
    let client = clients(&file)[0];
    assert_eq!(client.client_id.as_deref(), Some("example_client_id"));
    assert_eq!(client.issued_scopes[0].scope, "user/*.read");
    assert_eq!(client.credentials[0].kind, CredentialKind::Jwks);
    assert_eq!(client.redirect_uris, ["https:/localhost/suites/custom/udap_security_test_kit/redirect"]);
}
