//! What else is worth keeping of a client of Keycloak: by a list of what is harmless, and a realm's own
//! attributes where neither name nor value suggests a secret.

use crate::domain::imported::ImportedClient;

use super::super::json::{Entry, kind_of, shown_name};
use crate::domain::guard;

/// Attributes of Keycloak that never hold a secret.
const HARMLESS: &[&str] = &[
    "pkce.code.challenge.method",
    "client.secret.creation.time",
    "client.secret.expiration.time",
    "access.token.lifespan",
    "client.offline.session.max.lifespan",
    "client.offline.session.idle.timeout",
    "client.session.max.lifespan",
    "client.session.idle.timeout",
    "use.refresh.tokens",
    "client_credentials.use_refresh_token",
    "oauth2.device.authorization.grant.enabled",
    "oidc.ciba.grant.enabled",
    "use.jwks.url",
    "use.jwks.string",
    "token.endpoint.auth.signing.alg",
    "tls.client.certificate.bound.access.tokens",
    "dpop.bound.access.tokens",
    "access.token.signed.response.alg",
    "id.token.signed.response.alg",
    "require.pushed.authorization.requests",
    "access.token.header.type.rfc9068",
    "standard.token.exchange.enabled",
    "token.response.type.bearer.lower-case",
    "saml.client.signature",
    "saml.server.signature",
    "saml.encrypt",
    "saml.assertion.signature",
    "saml.signature.algorithm",
    "saml.authnstatement",
    "display.on.consent.screen",
    "backchannel.logout.session.required",
    "backchannel.logout.revoke.offline.tokens",
    "client.use.lightweight.access.token.enabled",
    "realm_client",
    "x509.allow.regex.pattern.comparison",
    "saml.server.signature.keyinfo.ext",
    "exclude.session.state.from.auth.response",
    "user.info.response.signature.alg",
    "request.object.signature.alg",
    "authorization.signed.response.alg",
    "id.token.as.detached.signature",
    "saml.assertion.signature",
];

/// Attributes that hold addresses, several of them parted by `##`.
const ADDRESSES: &[&str] = &[
    "post.logout.redirect.uris",
    "jwks.url",
    "logoUri",
    "policyUri",
    "tosUri",
    "backchannel.logout.url",
    "frontchannel.logout.url",
    "request.uris",
    "saml_assertion_consumer_url_post",
    "saml_assertion_consumer_url_redirect",
    "saml_single_logout_service_url_post",
    "saml_single_logout_service_url_redirect",
    "saml_artifact_binding_url",
    "saml_idp_initiated_sso_url_name",
];

/// What the readers of credentials have told already.
const TOLD: &[&str] = &[
    "client.secret.rotated",
    "client.secret.rotated.creation.time",
    "client.secret.rotated.expiration.time",
    "jwks.string",
    "jwt.credential.public.key",
    "jwt.credential.certificate",
    "jwt.credential.private.key",
    "jwt.credential.kid",
    "saml.signing.certificate",
    "saml.encryption.certificate",
    "saml.signing.private.key",
    "saml.encryption.private.key",
    "x509.certificate",
    "x509.subjectdn",
];

/// Plain members of a client that are kept by their own names.
const MEMBERS: &[&str] = &[
    "consentRequired",
    "fullScopeAllowed",
    "frontchannelLogout",
    "surrogateAuthRequired",
    "alwaysDisplayInConsole",
    "authorizationServicesEnabled",
    "nodeReRegistrationTimeout",
    "notBefore",
    "useTemplateScope",
    "useTemplateConfig",
    "useTemplateMappers",
];

/// Members that other readers of the client take, and `access`: what the exporting person may do.
const READ_ELSEWHERE: &[&str] = &[
    "clientId",
    "id",
    "name",
    "description",
    "enabled",
    "protocol",
    "clientAuthenticatorType",
    "clientTemplate",
    "secret",
    "registrationAccessToken",
    "redirectUris",
    "webOrigins",
    "rootUrl",
    "baseUrl",
    "adminUrl",
    "bearerOnly",
    "publicClient",
    "standardFlowEnabled",
    "implicitFlowEnabled",
    "directAccessGrantsEnabled",
    "serviceAccountsEnabled",
    "attributes",
    "defaultClientScopes",
    "optionalClientScopes",
    "protocolMappers",
    "defaultRoles",
    "authorizationSettings",
    "access",
];

/// Names the settings that nothing here reads.
fn say_what_is_not_read(entry: &Entry, client: &mut ImportedClient) {
    let says_something = |name: &str| entry.raw(name).is_some_and(|value| !["{}", "[]", "\"\""].contains(&value.get()));
    let unread: Vec<String> = entry
        .names()
        .filter(|name| !READ_ELSEWHERE.contains(name) && !MEMBERS.contains(name) && says_something(name))
        .map(shown_name)
        .collect();
    if !unread.is_empty() {
        client.remarks.push(format!("Not read: {}.", unread.join(", ")));
    }
}

/// Fills in the notes and says how many attributes were left out.
pub fn read(entry: &Entry, attributes: Option<&Entry>, client: &mut ImportedClient) -> Result<(), String> {
    for name in MEMBERS {
        if let Some(value) = entry.scalar(name) {
            keep_plain(client, name, value);
        }
    }
    for name in ["protocol", "clientAuthenticatorType", "clientTemplate"] {
        if let Some(value) = entry.filled(name)? {
            keep_plain(client, name, value);
        }
    }
    if let Some(id) = entry.filled("id")?.filter(|id| guard::is_uuid(id)) {
        // The administration interface addresses a client by it.
        client.notes.insert("id".to_owned(), id);
    }
    for name in ["rootUrl", "baseUrl", "adminUrl"] {
        if let Some(address) = entry.filled(name)? {
            keep_address(client, name, &address);
        }
    }
    if let Some(origins) = entry.texts("webOrigins")?.filter(|origins| !origins.is_empty()) {
        keep_address(client, "webOrigins", &origins.join(" "));
    }
    for name in ["protocolMappers", "defaultRoles"] {
        let count = entry.items(name)?.len();
        if count > 0 {
            client.notes.insert(name.to_owned(), count.to_string());
        }
    }
    if entry.has("authorizationSettings") {
        client.remarks.push("Its authorization settings (resources and policies) were left out.".to_owned());
    }
    say_what_is_not_read(entry, client);
    let Some(attributes) = attributes else { return Ok(()) };
    let mut left_out = 0;
    for name in attributes.names() {
        let Some(value) = attributes.scalar(name).filter(|value| !["", "{}", "[]"].contains(&value.trim())) else {
            left_out += usize::from(attributes.raw(name).is_some_and(|value| kind_of(value) != "a text"));
            continue;
        };
        if TOLD.contains(&name) {
        } else if ADDRESSES.contains(&name) {
            keep_address(client, name, &value);
        } else if may_keep(name, &value) {
            client.notes.insert(name.to_owned(), value);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        client.remarks.push(format!(
            "{} left out because the name or the value suggests a secret.",
            if left_out == 1 { "One attribute was".to_owned() } else { format!("{left_out} attributes were") }
        ));
    }
    Ok(())
}

fn keep_plain(client: &mut ImportedClient, name: &str, value: String) {
    if !guard::telling_value(&value) {
        client.notes.insert(name.to_owned(), value);
    }
}

fn may_keep(name: &str, value: &str) -> bool {
    if value == "true" || value == "false" {
        return true;
    }
    if HARMLESS.contains(&name) {
        return !guard::telling_value(value);
    }
    if guard::telling_name(name) || guard::telling_text(name) {
        return false;
    }
    // A UUID under a name that speaks of an id is one; elsewhere it may be a secret, as Keycloak's own once were.
    let lower = name.to_lowercase();
    let is_id = guard::is_uuid(value) && (lower.ends_with("id") || lower.ends_with("_guid"));
    is_id || !(guard::telling_value(value) || guard::telling_text(value))
}

fn keep_address(client: &mut ImportedClient, name: &str, value: &str) {
    let mut changed = false;
    let parted = if value.contains("##") { "##" } else { " " };
    let kept: Vec<String> = value
        .split(parted)
        .map(|part| match guard::redact_address(part) {
            Some(safe) => {
                changed = true;
                safe
            }
            None => part.to_owned(),
        })
        .collect();
    if changed {
        client.remarks.push(format!("“{name}” held a password or a token; that part was left out."));
    }
    client.notes.insert(name.to_owned(), kept.join(parted));
}
