//! Tells a realm from everything that looks like one, by the names in it.

use serde_json::value::RawValue;

use super::super::error::ImportError;
use super::super::json::{Entry, Source, items_of, kind_of};
use super::realm::Realm;

/// What the file is.
pub enum Shape<'s, 'a> {
    /// A full, partial or hand-written realm.
    Realm(Entry<'s, 'a>),
    /// Several realms in a list, as a whole-server export writes them.
    Realms(Vec<Entry<'s, 'a>>),
    /// Client objects: a single one, or the list of the administration interface.
    Clients(Vec<&'a RawValue>),
}

/// Names that a client of Keycloak has beside `clientId`.
const OF_A_CLIENT: &[&str] = &[
    "protocol",
    "redirectUris",
    "publicClient",
    "bearerOnly",
    "standardFlowEnabled",
    "serviceAccountsEnabled",
    "implicitFlowEnabled",
    "directAccessGrantsEnabled",
    "clientAuthenticatorType",
    "webOrigins",
    "fullScopeAllowed",
    "defaultClientScopes",
    "optionalClientScopes",
    "protocolMappers",
    "attributes",
    "surrogateAuthRequired",
    "consentRequired",
    "enabled",
];

/// Files that are often taken for a realm: names that give one away, and what it is.
const OTHERS: &[(&[&str], &str)] = &[
    (
        &["auth-server-url"],
        "the adapter configuration of one application (keycloak.json), which holds that application's secret",
    ),
    (
        &["realm", "resource"],
        "the adapter configuration of one application (keycloak.json), which holds that application's secret",
    ),
    (
        &["apiVersion", "kind"],
        "a Kubernetes object. Where it is a KeycloakRealmImport, save what stands under spec.realm",
    ),
    (&["issuer", "authorization_endpoint"], "the discovery document of an OpenID provider (.well-known)"),
    (&["issuer", "token_endpoint"], "the discovery document of an authorization server (.well-known)"),
    (&["resourceType"], "a FHIR resource"),
    (&["appId", "displayName"], "an app registration of Entra. Import it as entra-apps"),
    (&["@odata.context"], "an answer of Microsoft Graph. Import it as entra-apps"),
    (&["client_id"], "a client registration of RFC 7591. Import it as dcr"),
    (&["client_name"], "a client registration of RFC 7591. Import it as dcr"),
    (&["software_statement"], "a client registration of UDAP. Import it as dcr"),
    (&["redirect_uris"], "a client registration of RFC 7591. Import it as dcr"),
    (&["keys"], "a key set (JWKS)"),
    (&["services"], "a configuration of Docker Compose or of another tool"),
    (&["dependencies"], "the manifest of a software package"),
    (&["$schema"], "the configuration of another tool"),
    (&["staticClients"], "the configuration of Dex"),
    (&["tenant", "clients"], "the configuration of another tool"),
];

/// Names that only a realm has.
const OF_A_REALM: &[&str] = &[
    "realm",
    "keycloakVersion",
    "clientScopes",
    "clientTemplates",
    "accessTokenLifespan",
    "identityProviders",
    "components",
    "defaultDefaultClientScopes",
    "users",
    "roles",
    "groups",
    "sslRequired",
    "ifResourceExists",
    "authenticationFlows",
    "smtpServer",
];

/// Recognises the file, or refuses it saying what it looks like.
pub fn recognise<'s, 'a>(source: &'s Source<'a>, document: &'a RawValue) -> Result<Shape<'s, 'a>, ImportError> {
    match kind_of(document) {
        "an object" => one(source, document),
        "a list" => several(source, document),
        kind => Err(ImportError::at(
            1,
            format!("The file is {kind}, not a realm export. Export the realm from Keycloak as JSON."),
        )),
    }
}

fn one<'s, 'a>(source: &'s Source<'a>, document: &'a RawValue) -> Result<Shape<'s, 'a>, ImportError> {
    let line = source.line_of(document);
    let entry = Entry::read_loosely(source, document)
        .and_then(|entry| entry.refuse_doubled(|name| Realm::READS.contains(&name)).map(|()| entry))
        .map_err(|reason| ImportError::at(line, reason))?;
    if let Some(clients) = entry.raw("clients") {
        let place = source.line_of(clients);
        let Some(clients) = items_of(clients) else {
            let what = kind_of(clients);
            return Err(ImportError::at(
                place,
                format!("“clients” is {what}; a realm export has a list there. {}", foreign(&entry)),
            ));
        };
        let is_realm = OF_A_REALM.iter().any(|name| entry.has(name));
        let has_client_id =
            |value: &&RawValue| Entry::read_loosely(source, value).is_ok_and(|client| client.has("clientId"));
        // The first few tell; a realm whose clients lost their ids is refused row by row.
        let some_client = clients.iter().take(20).any(has_client_id);
        if some_client || (is_realm && (clients.is_empty() || entry.has("keycloakVersion"))) {
            return Ok(Shape::Realm(entry));
        }
        return Err(ImportError::at(
            place,
            format!("The entries of “clients” have no “clientId”: this is no realm of Keycloak. {}", foreign(&entry)),
        ));
    }
    if is_client(&entry) {
        return Ok(Shape::Clients(vec![document]));
    }
    Err(ImportError::at(line, refusal(&entry)))
}

fn several<'s, 'a>(source: &'s Source<'a>, document: &'a RawValue) -> Result<Shape<'s, 'a>, ImportError> {
    let values = items_of(document).unwrap_or_default();
    let line = source.line_of(document);
    if values.is_empty() {
        return Err(ImportError::at(
            line,
            "The list is empty: there is nothing to import. Export again with clients included.",
        ));
    }
    let first = values.iter().find_map(|value| Entry::read_loosely(source, value).ok());
    let Some(first) = first else {
        return Err(ImportError::at(
            line,
            "The list holds no objects: this is no realm export. Export the realm from Keycloak as JSON.",
        ));
    };
    if first.has("realm") || first.has("clients") {
        let mut realms = Vec::new();
        for value in values {
            match one(source, value)? {
                Shape::Realm(entry) => realms.push(entry),
                _ => {
                    let reason = "This list mixes realms and clients. Save each realm in a file of its own.";
                    return Err(ImportError::at(source.line_of(value), reason));
                }
            }
        }
        return Ok(Shape::Realms(realms));
    }
    let any_client = values.iter().any(|value| Entry::read_loosely(source, value).is_ok_and(|entry| is_client(&entry)));
    if any_client { Ok(Shape::Clients(values)) } else { Err(ImportError::at(line, refusal(&first))) }
}

fn is_client(entry: &Entry) -> bool {
    entry.has("clientId") && OF_A_CLIENT.iter().any(|name| entry.has(name))
}

fn refusal(entry: &Entry) -> String {
    if let Some(other) = looks_like(entry) {
        return format!("This looks like {other}; it is no realm export.");
    }
    let scope = entry.has("name") && (entry.has("protocol") || entry.has("protocolMappers")) && !entry.has("clientId");
    if scope {
        return "This is a client scope (or a client template of old versions) alone, not a client. Export the realm with its clients.".to_owned();
    }
    if OF_A_REALM.iter().any(|name| entry.has(name)) {
        return "This realm export holds no clients. Export it again with “Include clients” switched on.".to_owned();
    }
    format!("This is no realm export: it has no “clients” and is no client of Keycloak itself. {}", foreign(entry))
}

fn foreign(entry: &Entry) -> String {
    match looks_like(entry) {
        Some(other) => format!("It looks like {other}."),
        None => "It looks like the configuration of another tool. Export the realm from Keycloak as JSON.".to_owned(),
    }
}

fn looks_like(entry: &Entry) -> Option<&'static str> {
    OTHERS.iter().find(|(names, _)| names.iter().all(|name| entry.has(name))).map(|(_, what)| *what)
}
