use crate::connectors::imports::tests::{clients, one_client, realm};
use crate::domain::identities::RefreshTokens;

#[test]
fn an_access_token_lives_as_its_client_says_else_as_the_realm_says() {
    assert_eq!(one_client("\"enabled\":true").access_token_seconds, Some(300));
    assert_eq!(one_client(r#""attributes":{"access.token.lifespan":"900"}"#).access_token_seconds, Some(900));
    assert_eq!(one_client(r#""attributes":{"access.token.lifespan":900}"#).access_token_seconds, Some(900));
    assert_eq!(one_client(r#""attributes":{"access.token.lifespan":""}"#).access_token_seconds, Some(300));
}

#[test]
fn offline_access_without_a_maximum_never_expires_and_with_one_is_limited() {
    let offline = r#""optionalClientScopes":["offline_access"]"#;
    assert_eq!(one_client(offline).refresh_tokens, RefreshTokens::NeverExpire);
    let limited = one_client(&format!(r#"{offline},"attributes":{{"client.offline.session.max.lifespan":"7776000"}}"#));
    assert_eq!((limited.refresh_tokens, limited.refresh_token_seconds), (RefreshTokens::Limited, Some(7_776_000)));
    let of_realm = |switch: &str| {
        let text = format!(
            r#"{{"realm":"r","offlineSessionMaxLifespanEnabled":{switch},"offlineSessionMaxLifespan":5184000,"clients":[{{"clientId":"a",{offline}}}]}}"#
        );
        let file = realm(&text);
        (clients(&file)[0].refresh_tokens, clients(&file)[0].refresh_token_seconds)
    };
    assert_eq!(of_realm("true"), (RefreshTokens::Limited, Some(5_184_000)));
    assert_eq!(of_realm("false"), (RefreshTokens::NeverExpire, None));
}
