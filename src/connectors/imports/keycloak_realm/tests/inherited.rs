//! What a client has from its realm, and what a realm holds that is dropped.

use super::*;

const SCOPES: &str = r#""defaultDefaultClientScopes":["profile","role_list","acr"],"defaultOptionalClientScopes":["offline_access"],
    "clientScopes":[{"name":"profile","protocol":"openid-connect"},{"name":"role_list","protocol":"saml"},
    {"name":"acr","protocol":"openid-connect","attributes":{"include.in.token.scope":"false"}},{"name":"offline_access"}]"#;

fn scopes_of(members: &str) -> Vec<(String, bool, bool)> {
    let file = realm(&format!(r#"{{"realm":"r",{SCOPES},"clients":[{{"clientId":"a"{members}}}]}}"#));
    let client = clients(&file)[0];
    client.issued_scopes.iter().map(|scope| (scope.scope.clone(), scope.optional, scope.in_token)).collect()
}

#[test]
fn a_client_that_names_no_scopes_has_the_realm_s_default_ones_of_its_protocol() {
    let inherited = [("profile", false, true), ("acr", false, false), ("offline_access", true, true)];
    assert_eq!(scopes_of(""), inherited.map(|(scope, optional, shown)| (scope.to_owned(), optional, shown)));
    assert_eq!(scopes_of(r#","optionalClientScopes":["launch"]"#), [("launch".to_owned(), true, true)]);
    assert_eq!(scopes_of(r#","defaultClientScopes":[]"#), [], "an empty list says that there are none");
    let file = realm(&format!(r#"{{"realm":"r",{SCOPES},"clients":[{{"clientId":"a"}}]}}"#));
    let client = clients(&file)[0];
    assert!(client.remarks.iter().any(|remark| remark.contains("default ones were taken")), "{:?}", client.remarks);
    assert_eq!(client.refresh_tokens, RefreshTokens::NeverExpire, "offline_access is inherited too");
}

#[test]
fn an_offline_session_without_a_last_day_still_ends_when_unused_and_a_note_says_so() {
    let file = realm(
        r#"{"realm":"r","offlineSessionIdleTimeout":2592000,"clients":[{"clientId":"a","optionalClientScopes":["offline_access"]}]}"#,
    );
    assert_eq!(clients(&file)[0].notes["offline sessions of the realm end"], "when unused for 2592000 seconds");
}

#[test]
fn a_setting_of_a_client_that_is_not_read_is_named() {
    let remarks = |members: &str| one_client(members).remarks.join(" ");
    assert!(remarks(r#""registeredNodes":{"n":1},"ours":true"#).contains("Not read: “registeredNodes”, “ours”."));
    let quiet = remarks(r#""authenticationFlowBindingOverrides":{},"access":{"view":true},"claims":null"#);
    assert!(!quiet.contains("Not read"), "{quiet}");
    let hidden = remarks(r#""PLANTED-4f2a9c81d07be3":"x""#);
    assert!(hidden.contains("Not read") && !hidden.contains("PLANTED"), "{hidden}");
}

#[test]
fn full_scope_is_allowed_unless_the_file_says_otherwise_or_people_are_asked() {
    for (members, value) in [
        (r#""fullScopeAllowed":false"#, "false"),
        (r#""fullScopeAllowed":true"#, "true"),
        (r#""publicClient":true"#, "true, by default"),
        (r#""consentRequired":true"#, "false, by default"),
    ] {
        assert_eq!(one_client(members).notes["fullScopeAllowed"], value, "{members}");
    }
}

#[test]
fn secrets_of_federation_and_authenticators_are_counted_and_dropped() {
    let file = realm(
        r#"{"realm":"r","clients":[{"clientId":"a"}],
        "components":{"org.keycloak.storage.UserStorageProvider":[{"name":"ldap","config":{"bindCredential":["PLANTED-1"]},
            "subComponents":{"mapper":[{"name":"m","config":{"secret":["PLANTED-2"]}}]}}]},
        "userFederationProviders":[{"config":{"bindCredential":"PLANTED-3"}}],
        "authenticatorConfig":[{"alias":"r","config":{"secret.key":"PLANTED-4"}},{"alias":"s","config":{"x":"y"}}],
        "smtpServer":{"password":"PLANTED-5"},"identityProviders":[{"config":{"clientSecret":"PLANTED-6"}}]}"#,
    );
    for line in [
        "2 user federation bind credentials",
        "1 realm private key or shared key",
        "1 secret of an authenticator",
        "1 SMTP password",
        "1 identity provider secret",
    ] {
        assert!(file.left_out.iter().any(|known| known.starts_with(line)), "{line}: {:?}", file.left_out);
    }
    assert!(!serde_json::to_string(&file).unwrap().contains("PLANTED"));
}
