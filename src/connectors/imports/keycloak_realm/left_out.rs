//! Counts what a realm export holds beside its clients. Nothing of it is read further than to be counted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::super::clients::counted;
use super::super::json::Entry;

#[derive(Deserialize)]
struct User {
    username: Option<String>,
    #[serde(rename = "serviceAccountClientId", alias = "serviceAccountClientLink")]
    service_account: Option<IgnoredAny>,
    credentials: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Settings {
    config: Option<BTreeMap<String, IgnoredAny>>,
    /// Components inside a component: the mappers of a user federation, say.
    #[serde(rename = "subComponents", default)]
    inner: BTreeMap<String, Vec<Settings>>,
}

/// The settings of a component that hold a key of the realm.
const KEYS: &[&str] = &["privateKey", "secret", "keystorePassword", "keyPassword"];

/// Lists that are counted by length, with their words.
const LISTS: &[(&str, &str, &str)] = &[
    ("groups", "group", "groups"),
    ("clientScopes", "client scope (read for its name only)", "client scopes (read for their names only)"),
    (
        "clientTemplates",
        "client template (a client scope of old versions)",
        "client templates (client scopes of old versions)",
    ),
    ("identityProviders", "identity provider", "identity providers"),
    ("identityProviderMappers", "identity provider mapper", "identity provider mappers"),
    ("authenticationFlows", "authentication flow", "authentication flows"),
    ("authenticatorConfig", "authenticator configuration", "authenticator configurations"),
    ("requiredActions", "required action", "required actions"),
    ("scopeMappings", "scope mapping", "scope mappings"),
    ("protocolMappers", "protocol mapper of the realm", "protocol mappers of the realm"),
    ("userFederationProviders", "user federation provider", "user federation providers"),
    ("organizations", "organization", "organizations"),
    ("federatedUsers", "federated user", "federated users"),
];

/// Says in words with counts what else the realm held.
pub fn count(entry: &Entry, clients: &[&RawValue]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |count: usize, one: &str, many: &str| {
        if count > 0 {
            lines.push(counted(count, one, many));
        }
    };
    let (mut people, mut accounts, mut proofs) = (0, 0, 0);
    for value in entry.every_item("users") {
        let user: Option<User> = serde_json::from_str(value.get()).ok();
        let is_account = user.as_ref().is_some_and(|user| {
            user.service_account.is_some()
                || user.username.as_deref().is_some_and(|name| name.starts_with("service-account-"))
        });
        if is_account {
            accounts += 1
        } else {
            people += 1
        }
        proofs += user.and_then(|user| user.credentials).map_or(0, |credentials| credentials.len());
    }
    add(people, "human user", "human users");
    add(
        accounts,
        "service account user, whose client is a row of its own",
        "service account users, whose clients are rows of their own",
    );
    add(proofs, "password hash or other credential of users", "password hashes and other credentials of users");

    let (mut private_keys, mut binds, mut other_components) = (0, 0, 0);
    if let Ok(Some(components)) = entry.object("components") {
        for kind in components.names().map(str::to_owned).collect::<Vec<_>>() {
            for value in components.items(&kind).unwrap_or_default() {
                private_keys += holding(value, |name| KEYS.contains(&name));
                binds += holding(value, |name| name == "bindCredential");
                other_components += 1;
            }
        }
    }
    private_keys += usize::from(entry.has("privateKey")) + usize::from(entry.has("codeSecret"));
    add(private_keys, "realm private key or shared key", "realm private keys and shared keys");
    add(other_components, "component", "components");
    let in_list = |list: &str, secret: fn(&str) -> bool| -> usize {
        entry.every_item(list).into_iter().map(|value| holding(value, secret)).sum()
    };
    binds += in_list("userFederationProviders", |name| name == "bindCredential");
    add(binds, "user federation bind credential", "user federation bind credentials");
    let authenticators = in_list("authenticatorConfig", |name| name.contains("secret") || name.ends_with("password"));
    add(authenticators, "secret of an authenticator configuration", "secrets of authenticator configurations");
    let provider_secrets = in_list("identityProviders", |name| name == "clientSecret");
    add(provider_secrets, "identity provider secret", "identity provider secrets");
    let mail_password = entry.object("smtpServer").ok().flatten().is_some_and(|mail| {
        ["password", "authTokenClientSecret"].iter().any(|name| mail.scalar(name).is_some_and(|text| !text.is_empty()))
    });
    add(usize::from(mail_password), "SMTP password", "SMTP passwords");

    let (realm_roles, client_roles) = roles(entry);
    add(realm_roles, "realm role", "realm roles");
    add(client_roles, "client role", "client roles");
    for (name, one, many) in LISTS {
        add(entry.every_item(name).len(), one, many);
    }
    let listed = |name: &str| {
        LISTS.iter().any(|(known, _, _)| *known == name)
            || ["clients", "users", "components", "roles", "smtpServer", "realm"].contains(&name)
    };
    let others = entry.names().filter(|name| !listed(name)).count();
    add(others, "other setting of the realm", "other settings of the realm");
    if clients.is_empty() {
        lines.push("the list of clients is empty".to_owned());
    }
    lines
}

/// How many components, this one and those inside it, have a setting of such a name.
fn holding(value: &RawValue, secret: impl Fn(&str) -> bool + Copy) -> usize {
    fn count(settings: &Settings, secret: impl Fn(&str) -> bool + Copy) -> usize {
        let own = settings.config.iter().flatten().any(|(name, _)| secret(name));
        usize::from(own) + settings.inner.values().flatten().map(|inner| count(inner, secret)).sum::<usize>()
    }
    serde_json::from_str(value.get()).map_or(0, |settings| count(&settings, secret))
}

fn roles(entry: &Entry) -> (usize, usize) {
    let Ok(Some(roles)) = entry.object("roles") else { return (0, 0) };
    let of_clients = match roles.object("client") {
        Ok(Some(clients)) => {
            let names: Vec<String> = clients.names().map(str::to_owned).collect();
            names.iter().map(|name| clients.items(name).map_or(0, |items| items.len())).sum()
        }
        _ => 0,
    };
    (roles.items("realm").map_or(0, |items| items.len()), of_clients)
}
