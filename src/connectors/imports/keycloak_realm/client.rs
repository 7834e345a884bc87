//! One client of Keycloak.

use crate::domain::identities::{ClientType, IdentityKind, RefreshTokens};
use crate::domain::imported::{ImportedClient, ImportedScope};

use super::super::clients::{blank_client, set_enabled};
use super::super::json::{Entry, is_placeholder};
use super::super::launches;
use super::super::reading::Reading;
use super::attributes::{number_said, said};
use super::credentials;
use super::notes;
use super::realm::{Realm, shorter};
use crate::domain::guard;

/// The clients that every realm has and that Keycloak keeps itself.
const BUILT_IN: &[&str] = &[
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "realm-management",
    "security-admin-console",
    "master-realm",
];

/// Reads a client. The error is a sentence for its row.
pub fn read(entry: &Entry, realm: &Realm, reading: &Reading) -> Result<ImportedClient, String> {
    let client_id =
        entry.filled("clientId")?.ok_or("The client has no “clientId”. Give it one, or remove the entry.")?;
    if is_placeholder(&client_id) {
        return Err("“clientId” is a placeholder that was never filled in. Fill it in and import again.".to_owned());
    }
    let mut remarks = Vec::new();
    // "${client_account}" is a key into Keycloak's translations, not a name.
    let name = entry.filled("name")?.filter(|name| !name.starts_with("${"));
    let name = guard::keep_text("name", name, &mut remarks).unwrap_or_else(|| client_id.clone());
    let mut client = blank_client(Some(client_id.clone()), name);
    client.remarks = remarks;
    let description = entry.filled("description")?.filter(|text| !text.starts_with("${"));
    client.description = guard::keep_text("description", description, &mut client.remarks);
    client.vendor_managed = BUILT_IN.contains(&client_id.as_str()) || client_id.ends_with("-realm");
    let enabled = entry.flag("enabled")?;
    set_enabled(&mut client, enabled.unwrap_or(true));
    client.says_enabled = enabled.is_some();
    client.says_scopes = entry.has("defaultClientScopes") || entry.has("optionalClientScopes");

    let attributes = entry.object("attributes")?;
    let attribute = |name: &str| attributes.as_ref().and_then(|attributes| attributes.scalar(name));
    let protocol = entry.filled("protocol")?.unwrap_or_else(|| "openid-connect".to_owned());
    let openid = protocol == "openid-connect";

    let (redirects, changed) = guard::keep_addresses(entry.texts("redirectUris")?.unwrap_or_default());
    client.redirect_uris = redirects;
    if changed > 0 {
        client.remarks.push("A redirect address held a password or a token; that part was left out.".to_owned());
    }
    if client.redirect_uris.iter().any(|address| address.contains("${")) {
        client
            .remarks
            .push("A redirect address holds a placeholder: the server fills it in, or nobody did.".to_owned());
    }

    let bearer_only = entry.flag("bearerOnly")?.unwrap_or(false);
    let public = entry.flag("publicClient")?.unwrap_or(false);
    client.client_type = match (bearer_only, public) {
        (true, _) => ClientType::BearerOnly,
        (_, true) => ClientType::Public,
        _ => ClientType::Confidential,
    };
    let flows = Flows {
        code: entry.flag("standardFlowEnabled")?.unwrap_or(true),
        implicit: entry.flag("implicitFlowEnabled")?.unwrap_or(false),
        password: entry.flag("directAccessGrantsEnabled")?.unwrap_or(false),
        service: entry.flag("serviceAccountsEnabled")?.unwrap_or(false),
        device: said(
            attribute("oauth2.device.authorization.grant.enabled"),
            "oauth2.device.authorization.grant.enabled",
        )?
        .unwrap_or(false),
        ciba: said(attribute("oidc.ciba.grant.enabled"), "oidc.ciba.grant.enabled")?.unwrap_or(false),
        exchange: said(attribute("standard.token.exchange.enabled"), "standard.token.exchange.enabled")?
            .unwrap_or(false),
        refresh: said(attribute("use.refresh.tokens"), "use.refresh.tokens")?.unwrap_or(true),
        refresh_service: said(
            attribute("client_credentials.use_refresh_token"),
            "client_credentials.use_refresh_token",
        )?
        .unwrap_or(false),
    };
    client.kind = if flows.service && !flows.code && !flows.implicit && !flows.password && !bearer_only {
        IdentityKind::ServiceAccount
    } else {
        IdentityKind::SmartApp
    };

    if openid {
        if !bearer_only {
            client.grant_types = flows.grant_types();
        }
        client.issued_scopes = issued_scopes(entry, realm, &mut client.remarks)?;
        lifetimes(&mut client, realm, |name| number_said(attribute(name), name))?;
        client.launch_types =
            launches::launch_types(client.issued_scopes.iter().map(|scope| scope.scope.as_str()), &client.grant_types);
        if public && flows.service {
            client
                .remarks
                .push("Client credentials are switched on for a public client; Keycloak refuses them.".to_owned());
        }
    } else {
        client.refresh_tokens = RefreshTokens::None;
        client.remarks.push(format!(
            "The protocol is {}: it has no OAuth scopes, grants or tokens.",
            if protocol == "saml" || protocol == "docker-v2" { protocol.as_str() } else { "not OpenID Connect" }
        ));
    }
    if openid && !entry.has("fullScopeAllowed") {
        // Keycloak's import (RepresentationToModel): on, unless people are asked for their consent.
        let asks = entry.flag("consentRequired")?.unwrap_or(false);
        let default = if asks { "false, by default" } else { "true, by default" };
        client.notes.insert("fullScopeAllowed".to_owned(), default.to_owned());
    }
    credentials::read(entry, attributes.as_ref(), openid, &mut client, reading)?;
    notes::read(entry, attributes.as_ref(), &mut client)?;
    Ok(client)
}

struct Flows {
    code: bool,
    implicit: bool,
    password: bool,
    service: bool,
    device: bool,
    ciba: bool,
    /// RFC 8693, as Keycloak has it since 26.2.
    exchange: bool,
    refresh: bool,
    refresh_service: bool,
}

impl Flows {
    fn grant_types(&self) -> Vec<String> {
        let person = self.code || self.password || self.device || self.ciba;
        let refresh = (person && self.refresh) || (self.service && self.refresh_service);
        let switched =
            [self.code, self.service, refresh, self.implicit, self.password, self.device, self.ciba, self.exchange];
        launches::GRANT_TYPES.iter().zip(switched).filter(|(_, on)| *on).map(|(grant, _)| (*grant).to_owned()).collect()
    }
}

fn issued_scopes(entry: &Entry, realm: &Realm, remarks: &mut Vec<String>) -> Result<Vec<ImportedScope>, String> {
    let mut default = entry.texts("defaultClientScopes")?;
    let mut optional = entry.texts("optionalClientScopes")?;
    let silent = default.is_none() && optional.is_none();
    if silent && (realm.default_scopes.is_some() || realm.default_optional_scopes.is_some()) {
        remarks.push("The file names no client scopes for it; the realm's default ones were taken.".to_owned());
        let openid = |scope: &String| {
            let known = realm.scopes.as_ref().and_then(|scopes| scopes.get(scope));
            known.is_none_or(|known| known.openid)
        };
        let of =
            |scopes: &Option<Vec<String>>| scopes.iter().flatten().filter(|scope| openid(scope)).cloned().collect();
        (default, optional) = (Some(of(&realm.default_scopes)), Some(of(&realm.default_optional_scopes)));
    } else if silent {
        remarks.push(if realm.templates || entry.has("clientTemplate") || entry.has("useTemplateScope") {
            "Keycloak before version 4 knows no client scopes: what the client is given stands in its roles and mappers.".to_owned()
        } else {
            "The file names no client scopes for it; the server then gives the realm's default ones.".to_owned()
        });
    }
    let given = default.unwrap_or_default().into_iter().map(|scope| (scope, false));
    let asked = optional.unwrap_or_default().into_iter().map(|scope| (scope, true));
    let mut scopes: Vec<ImportedScope> = Vec::new();
    for (scope, optional) in given.chain(asked) {
        let again = scopes.iter().any(|known| known.scope == scope);
        let known = realm.scopes.as_ref().and_then(|scopes| scopes.get(&scope)).copied();
        if realm.scopes.is_some() && known.is_none() && !again {
            remarks.push(format!("The scope “{scope}” is not defined in this file."));
        }
        scopes.push(ImportedScope {
            scope,
            optional,
            in_token: known.is_none_or(|known| known.in_token),
            defined: known.is_some(),
        });
    }
    Ok(scopes)
}

fn lifetimes(
    client: &mut ImportedClient,
    realm: &Realm,
    number: impl Fn(&str) -> Result<Option<i64>, String>,
) -> Result<(), String> {
    let session = shorter(number("client.session.max.lifespan")?.filter(|seconds| *seconds > 0), realm.session_seconds);
    client.access_token_seconds = match number("access.token.lifespan")? {
        // -1: as long as the session.
        Some(seconds) if seconds < 0 => {
            client.remarks.push("Its access tokens live as long as the session.".to_owned());
            session
        }
        Some(seconds) if seconds > 0 => Some(seconds),
        _ => realm.access_token_seconds,
    };
    let offline =
        shorter(number("client.offline.session.max.lifespan")?.filter(|seconds| *seconds > 0), realm.offline_seconds);
    let refreshes = client.grant_types.iter().any(|grant| grant == "refresh_token");
    let asks_offline = client.issued_scopes.iter().any(|scope| scope.scope == "offline_access");
    (client.refresh_tokens, client.refresh_token_seconds) = match (refreshes, asks_offline) {
        (false, _) => (RefreshTokens::None, None),
        (true, true) => match offline {
            Some(seconds) => (RefreshTokens::Limited, Some(seconds)),
            None => {
                if let Some(seconds) = realm.offline_idle_seconds {
                    let note = format!("when unused for {seconds} seconds");
                    client.notes.insert("offline sessions of the realm end".to_owned(), note);
                }
                (RefreshTokens::NeverExpire, None)
            }
        },
        (true, false) => match session {
            Some(seconds) => (RefreshTokens::Limited, Some(seconds)),
            None => (RefreshTokens::Unknown, None),
        },
    };
    Ok(())
}
