use crate::connectors::imports::tests::{clients, errors, fixture, one_client, reading, real, realm};
use crate::connectors::imports::{ImportFormat, read_clients};
use crate::domain::identities::{CredentialKind, IdentityKind, IdentityState, RefreshTokens, StateCause, Strength};
use crate::domain::imported::ImportedOutcome;

mod credentials;
mod inherited;
mod lifetimes;
mod planted;

#[test]
fn an_enabled_client_is_imported_as_active_and_a_disabled_one_as_suspended() {
    for (text, state, cause) in [
        ("\"enabled\":true", IdentityState::Active, StateCause::ImportedEnabled),
        ("\"enabled\":\"true\"", IdentityState::Active, StateCause::ImportedEnabled),
        ("\"name\":\"x\"", IdentityState::Active, StateCause::ImportedEnabled),
        ("\"enabled\":false", IdentityState::Suspended, StateCause::ImportedDisabled),
    ] {
        let client = one_client(text);
        assert_eq!(
            (client.state, client.cause, client.enabled),
            (state, cause, state == IdentityState::Active),
            "{text}"
        );
    }
}

#[test]
fn an_absent_standard_flow_is_on_and_the_other_flows_are_off() {
    assert_eq!(one_client("\"publicClient\":true").grant_types, ["authorization_code", "refresh_token"]);
}

#[test]
fn grant_types_follow_from_every_flag_in_one_order() {
    let client = one_client(
        r#""implicitFlowEnabled":true,"directAccessGrantsEnabled":true,"serviceAccountsEnabled":true,
        "attributes":{"oauth2.device.authorization.grant.enabled":"true","oidc.ciba.grant.enabled":"true",
        "standard.token.exchange.enabled":"true"}"#,
    );
    assert_eq!(client.grant_types, crate::connectors::imports::launches::GRANT_TYPES);
}

#[test]
fn refresh_tokens_end_with_the_switch_and_need_their_own_for_client_credentials() {
    let off = one_client(r#""attributes":{"use.refresh.tokens":"false"}"#);
    assert_eq!(off.grant_types, ["authorization_code"]);
    assert_eq!(off.refresh_tokens, RefreshTokens::None);
    let service = r#""standardFlowEnabled":false,"serviceAccountsEnabled":true"#;
    assert_eq!(one_client(service).grant_types, ["client_credentials"]);
    let kept = one_client(&format!(r#"{service},"attributes":{{"client_credentials.use_refresh_token":"true"}}"#));
    assert_eq!(kept.grant_types, ["client_credentials", "refresh_token"]);
}

#[test]
fn only_client_credentials_make_a_service_account() {
    let service = r#""standardFlowEnabled":false,"serviceAccountsEnabled":true"#;
    assert_eq!(one_client(service).kind, IdentityKind::ServiceAccount);
    assert_eq!(one_client(r#""serviceAccountsEnabled":true"#).kind, IdentityKind::SmartApp);
    assert_eq!(one_client(r#""standardFlowEnabled":true"#).kind, IdentityKind::SmartApp);
}

#[test]
fn scopes_are_issued_whether_or_not_the_file_defines_them() {
    let file = realm(
        r#"{"realm":"r","clientScopes":[{"name":"patient/*.rs"},{"name":"roles","attributes":{"include.in.token.scope":"false"}}],
        "clients":[{"clientId":"a","defaultClientScopes":["patient/*.rs","roles"],"optionalClientScopes":["launch","patient/*.rs"]}]}"#,
    );
    let client = clients(&file)[0];
    let scopes: Vec<_> = client
        .issued_scopes
        .iter()
        .map(|scope| (scope.scope.as_str(), scope.optional, scope.in_token, scope.defined))
        .collect();
    assert_eq!(
        scopes,
        [("patient/*.rs", false, true, true), ("roles", false, false, true), ("launch", true, true, false)]
    );
    assert!(client.remarks.iter().any(|remark| remark.contains("“launch” is not defined")));
    assert_eq!(client.launch_types, ["launch-ehr"]);
}

#[test]
fn a_saml_client_is_kept_without_scopes_and_says_its_protocol() {
    let client = one_client(
        r#""protocol":"saml","defaultClientScopes":["role_list"],"attributes":{"saml.signing.certificate":"AAAA","saml.signing.private.key":"PLANTED"}"#,
    );
    assert!(client.issued_scopes.is_empty() && client.grant_types.is_empty());
    assert!(client.remarks.iter().any(|remark| remark.contains("saml")));
    assert_eq!(client.credentials[0].kind, CredentialKind::Certificate);
    assert!(client.remarks.iter().any(|remark| remark.contains("private key")));
}

#[test]
fn a_localisation_key_is_no_name() {
    let client = one_client(r#""name":"${client_account}","description":"${x}""#);
    assert_eq!((client.name.as_str(), client.description), ("app", None));
}

#[test]
fn the_vendors_own_clients_are_marked() {
    let file = realm(
        r#"{"realm":"r","clients":[{"clientId":"account"},{"clientId":"ward-realm"},{"clientId":"accounting"}]}"#,
    );
    assert_eq!(clients(&file).iter().map(|client| client.vendor_managed).collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn a_fault_of_one_client_is_its_row_and_the_others_are_read() {
    let file = realm(
        "{\"realm\":\"r\",\"clients\":[\n{\"clientId\":\"a\",\"enabled\":\"${ENABLED}\"},\n{\"clientId\":\"b\"},\n{\"name\":\"c\"},\n7,\n{\"clientId\":\"d\",\"redirectUris\":\"x\"},\n{\"clientId\":\"${ID}\"},\n{\"clientId\":\"e\",\"attributes\":{\"use.refresh.tokens\":\"${X}\"}},\n{\"clientId\":\"f\",\"enabled\":1,\"enabled\":2}]}",
    );
    assert_eq!(file.rows.len(), 8);
    assert_eq!(clients(&file).len(), 1);
    let errors = errors(&file);
    let lines: Vec<_> = errors.iter().map(|error| error.0.unwrap()).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 8, 9]);
    for (error, words) in errors.iter().zip([
        "placeholder",
        "clientId",
        "a number",
        "list of texts",
        "placeholder",
        "placeholder",
        "twice",
    ]) {
        assert!(error.2.contains(words), "{error:?}");
    }
}

#[test]
fn a_single_client_object_and_a_list_of_them_are_read_and_tell_nothing_vanished() {
    for text in [r#"{"clientId":"a","protocol":"openid-connect"}"#, r#"[{"clientId":"a","enabled":true}]"#] {
        let file = realm(text);
        assert_eq!((clients(&file).len(), file.complete), (1, false));
    }
    assert!(realm(r#"{"realm":"r","clients":[{"clientId":"a"}]}"#).complete);
}

#[test]
fn several_realms_in_one_list_are_all_read_each_with_its_system() {
    let file = realm(r#"[{"realm":"one","clients":[{"clientId":"a"}]},{"realm":"two","clients":[{"clientId":"a"}]}]"#);
    let systems: Vec<_> = clients(&file).iter().map(|client| client.system.clone().unwrap()).collect();
    assert_eq!(systems, ["one", "two"]);
}

#[test]
fn an_old_realm_with_client_templates_is_read_and_says_what_it_lacks() {
    let file = realm(
        r#"{"realm":"old","clientTemplates":[{"name":"t","protocol":"openid-connect"}],
        "clients":[{"clientId":"a","clientTemplate":"t","useTemplateScope":true,"defaultRoles":["x"]}]}"#,
    );
    assert!(clients(&file)[0].remarks.iter().any(|remark| remark.contains("before version 4")));
    assert!(file.left_out.iter().any(|line| line.contains("1 client template")));
}

#[test]
fn what_is_no_client_is_counted() {
    let file = read_clients(ImportFormat::KeycloakRealm, &fixture("realm-ward.json"), &reading()).unwrap();
    assert_eq!(file.system_name.as_deref(), Some("ward"));
    for line in [
        "2 human users",
        "1 service account user",
        "3 password hash",
        "4 realm private keys",
        "1 identity provider secret",
        "1 SMTP password",
        "1 realm role",
        "1 client role",
    ] {
        assert!(file.left_out.iter().any(|known| known.starts_with(line)), "{line}: {:?}", file.left_out);
    }
}

#[test]
fn a_realm_setting_that_cannot_be_read_refuses_the_file() {
    let text = r#"{"realm":"r","accessTokenLifespan":"${SECONDS}","clients":[{"clientId":"a"}]}"#;
    let error = read_clients(ImportFormat::KeycloakRealm, text.as_bytes(), &reading()).unwrap_err();
    assert!(error.reason.contains("accessTokenLifespan") && error.reason.contains("placeholder"), "{error}");
}

#[test]
fn harmless_attributes_become_notes_and_telling_ones_do_not() {
    let client = one_client(
        r#""webOrigins":["+"],"attributes":{"pkce.code.challenge.method":"S256","smart_version":"2.2.0","webhook_token":"abcd","acr.loa.map":"{}","token.switch":"false",
        "post.logout.redirect.uris":"https://a/x##https://b/y","odd":"6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60","nested":{"a":1}}"#,
    );
    assert_eq!(client.notes["pkce.code.challenge.method"], "S256");
    assert_eq!(client.notes["smart_version"], "2.2.0");
    assert_eq!(client.notes["post.logout.redirect.uris"], "https://a/x##https://b/y");
    assert!(!client.notes.contains_key("webhook_token") && !client.notes.contains_key("odd"));
    assert!(
        client.remarks.iter().any(|remark| remark.starts_with("3 attributes were left out")),
        "{:?}",
        client.remarks
    );
}

#[test]
fn a_setting_that_stands_twice_is_refused_only_where_it_is_read() {
    let read = |twice: &str| {
        let text = format!(r#"{{"realm":"r","{twice}":"a","clients":[{{"clientId":"a"}}],"{twice}":"b"}}"#);
        read_clients(ImportFormat::KeycloakRealm, text.as_bytes(), &reading())
    };
    assert!(read("loginTheme").is_ok());
    assert!(read("accessTokenLifespan").unwrap_err().reason.contains("twice"));
}

#[test]
fn real_exports_are_read_whole() {
    for (name, count, system) in
        [("keycloak_19.0.1_jhipster.json", 10, "jhipster"), ("keycloak_22.0.0_smart-eid.json", 7, "myrealm")]
    {
        let Some(bytes) = real(name) else { continue };
        let file = read_clients(ImportFormat::KeycloakRealm, &bytes, &reading()).unwrap();
        assert_eq!(file.system_name.as_deref(), Some(system));
        assert_eq!(errors(&file), []);
        assert_eq!(clients(&file).len(), count, "{name}");
        let text = serde_json::to_string(&file).unwrap();
        assert!(!text.contains("privateKey") && !text.contains("secretData"));
        if name.contains("19.0.1") {
            // Its users stand twice, and both lists are counted.
            assert!(file.left_out.contains(&"2 human users".to_owned()), "{:?}", file.left_out);
        }
        for client in clients(&file) {
            let offline = client.issued_scopes.iter().any(|scope| scope.scope == "offline_access");
            let refreshes = client.grant_types.iter().any(|grant| grant == "refresh_token");
            assert_eq!(client.refresh_tokens == RefreshTokens::NeverExpire, offline && refreshes, "{}", client.name);
        }
        assert!(file.rows.iter().all(|row| row.line.is_some() && matches!(row.outcome, ImportedOutcome::Client(_))));
    }
}

#[test]
fn the_guessable_secret_of_a_real_export_is_weak() {
    let Some(bytes) = real("keycloak_19.0.1_jhipster.json") else { return };
    let file = read_clients(ImportFormat::KeycloakRealm, &bytes, &reading()).unwrap();
    let internal = clients(&file).into_iter().find(|client| client.client_id.as_deref() == Some("internal")).unwrap();
    assert_eq!(internal.kind, IdentityKind::ServiceAccount);
    assert_eq!(internal.credentials[0].strength, Strength::Weak);
}
