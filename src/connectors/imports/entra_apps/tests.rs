use crate::connectors::imports::tests::{clients, errors, fixture, reading, real};
use crate::connectors::imports::{ImportFormat, read_clients};
use crate::domain::identities::{ClientType, CredentialKind, IdentityKind, IdentityState, RefreshTokens};
use crate::domain::imported::ImportedFile;

fn list() -> ImportedFile {
    read_clients(ImportFormat::EntraApps, &fixture("entra-apps.json"), &reading()).unwrap()
}

#[test]
fn several_secrets_and_certificates_are_each_kept_with_their_ends() {
    let file = list();
    let client = clients(&file)[0];
    assert_eq!(client.credentials.len(), 4);
    assert_eq!(client.credentials[0].expires_at.unwrap().to_text(), "2026-02-03T00:00:00.000000Z");
    assert_eq!(client.credentials[0].key_id.as_deref(), Some("7d1c0c4e-0000-4000-8000-0000000000b1"));
    assert!(client.credentials[0].fingerprint.is_some());
    assert_eq!(client.credentials[2].kind, CredentialKind::Certificate);
    assert_eq!(client.credentials[2].thumbprint.as_deref(), Some("F56DC6F6E469B781F8BA664DF842788E5D197F24"));
    assert!(client.remarks.iter().any(|remark| remark.contains("first characters of a secret")));
}

#[test]
fn permissions_keep_their_guids_and_the_well_known_ones_their_names() {
    let file = list();
    let client = clients(&file)[0];
    let read = "00000003-0000-0000-c000-000000000000/e1fe6dd8-ba31-4d61-89e7-88639da4683d";
    assert_eq!(client.issued_scopes[0].scope, read);
    assert_eq!(client.notes[&format!("permission {read}")], "User.Read of Microsoft Graph (delegated)");
    assert_eq!(client.grant_types, ["authorization_code", "client_credentials", "refresh_token", "implicit"]);
    assert_eq!(client.refresh_tokens, RefreshTokens::Unknown);
    assert_eq!(client.technical_owner_email.as_deref(), Some("lab.it@hospital.example"));
}

#[test]
fn a_phone_app_is_public_and_a_stopped_one_suspended() {
    let file = list();
    let client = clients(&file)[1];
    assert_eq!((client.client_type, client.state), (ClientType::Public, IdentityState::Suspended));
    assert_eq!(client.credentials[0].kind, CredentialKind::None);
}

#[test]
fn an_app_with_a_certificate_and_no_redirects_is_a_service_account() {
    let file = list();
    let client = clients(&file)[2];
    assert_eq!((client.kind, client.client_type), (IdentityKind::ServiceAccount, ClientType::Confidential));
    assert!(client.credentials[0].expires_at.is_some() && !client.credentials[0].never_expires);
}

#[test]
fn whether_an_app_keeps_a_secret_follows_from_the_file_and_is_unknown_where_it_does_not_tell() {
    let of = |members: &str| {
        let text = format!(r#"[{{"appId":"a",{members}}}]"#);
        let file = read_clients(ImportFormat::EntraApps, text.as_bytes(), &reading()).unwrap();
        assert_eq!(errors(&file), [], "{members}");
        clients(&file)[0].clone()
    };
    let secret = r#""passwordCredentials":[{"keyId":"k","endDateTime":null}]"#;
    let web = r#""web":{"redirectUris":["https://a.example"]}"#;
    for (members, known) in [
        (secret.to_owned(), ClientType::Confidential),
        (format!("{secret},{web}"), ClientType::Confidential),
        (r#""spa":{"redirectUris":["https://a.example"]}"#.to_owned(), ClientType::Public),
        (r#""publicClient":{"redirectUris":["msauth://a"]}"#.to_owned(), ClientType::Public),
        (r#""isFallbackPublicClient":true"#.to_owned(), ClientType::Public),
        (r#""publicClient":true"#.to_owned(), ClientType::Public),
        (r#""publicClient":false"#.to_owned(), ClientType::Unknown),
        (web.to_owned(), ClientType::Unknown),
        (format!(r#"{web},"isFallbackPublicClient":true"#), ClientType::Unknown),
        (r#""displayName":"An API""#.to_owned(), ClientType::Unknown),
    ] {
        let client = of(&members);
        assert_eq!(client.client_type, known, "{members}");
        assert_eq!(client.credentials.is_empty(), known == ClientType::Unknown, "{members}");
        let said = client.remarks.iter().any(|remark| remark.contains("whether it keeps one is not known"));
        assert_eq!(said, known == ClientType::Unknown, "{members}");
    }
    let endless = &of(secret).credentials[0];
    assert!(!endless.never_expires && endless.expires_at.is_none(), "the file does not say that it never ends");
}

#[test]
fn a_fault_of_one_app_is_its_row() {
    let file = list();
    let errors = errors(&file);
    assert_eq!(file.rows.len(), 5);
    assert!(errors[0].2.contains("appId") && errors[1].2.contains("createdDateTime"), "{errors:?}");
}

#[test]
fn an_answer_of_graph_is_read_and_one_page_of_many_is_said() {
    let read = |text: &str| read_clients(ImportFormat::EntraApps, text.as_bytes(), &reading()).unwrap();
    let whole = read(r#"{"@odata.context":"x","value":[{"appId":"a"}]}"#);
    assert!(whole.complete && clients(&whole).len() == 1);
    let page = read(r#"{"@odata.nextLink":"https://x","value":[{"appId":"a"}]}"#);
    assert!(!page.complete && page.left_out[0].contains("longer list"));
    let single = read(r#"{"appId":"a"}"#);
    assert!(!single.complete);
}

#[test]
fn another_list_is_refused() {
    let error = read_clients(ImportFormat::EntraApps, br#"[{"clientId":"a"}]"#, &reading()).unwrap_err();
    assert!(error.reason.contains("appId"));
}

#[test]
fn the_real_list_is_read_whole() {
    let Some(bytes) = real("azure_app-registrations.json") else { return };
    let file = read_clients(ImportFormat::EntraApps, &bytes, &reading()).unwrap();
    assert_eq!(errors(&file), []);
    let client = clients(&file)[0];
    assert_eq!(clients(&file).len(), 3);
    assert_eq!(client.credentials.len(), 3);
    assert_eq!(client.issued_scopes.len(), 6);
    assert_eq!(client.redirect_uris.len(), 3);
    assert!(!serde_json::to_string(&file).unwrap().contains("\"dof\""));
}
