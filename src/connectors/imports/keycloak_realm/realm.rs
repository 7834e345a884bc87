//! What a realm says for all of its clients: lifetimes and the scopes it defines.

use std::collections::BTreeMap;

use super::super::error::ImportError;
use super::super::json::{Entry, Source, is_placeholder};

/// The facts of a realm that its clients inherit. All unknown for clients that come without a realm.
#[derive(Debug, Default)]
pub struct Realm {
    /// Its name; `None` where it is a placeholder or absent.
    pub name: Option<String>,
    /// `accessTokenLifespan`, in seconds.
    pub access_token_seconds: Option<i64>,
    /// The maximum of an offline session in seconds, where the realm has one.
    pub offline_seconds: Option<i64>,
    /// The maximum of an ordinary session in seconds.
    pub session_seconds: Option<i64>,
    /// The scopes that the file defines, and whether each one's name appears in tokens.
    /// `None` where the file defines none at all.
    pub scopes: Option<BTreeMap<String, DefinedScope>>,
    /// What a client is given that names no scopes itself, where the realm says so.
    pub default_scopes: Option<Vec<String>>,
    /// What such a client may ask for.
    pub default_optional_scopes: Option<Vec<String>>,
    /// After how many seconds without use an offline session ends.
    pub offline_idle_seconds: Option<i64>,
    /// Before version 4: client templates instead of client scopes.
    pub templates: bool,
    /// What the reader of the preview should know about the realm.
    pub remarks: Vec<String>,
}

/// A client scope that the file defines.
#[derive(Debug, Clone, Copy)]
pub struct DefinedScope {
    /// Whether its name appears in the token's `scope`.
    pub in_token: bool,
    /// Whether it is one of OpenID Connect: a realm gives its defaults to clients of the same protocol.
    pub openid: bool,
}

impl Realm {
    /// The names of a realm that are read: none of them may stand twice.
    pub const READS: &[&str] = &[
        "realm",
        "enabled",
        "clients",
        "clientScopes",
        "clientTemplates",
        "accessTokenLifespan",
        "offlineSessionMaxLifespanEnabled",
        "offlineSessionMaxLifespan",
        "clientOfflineSessionMaxLifespan",
        "ssoSessionMaxLifespan",
        "clientSessionMaxLifespan",
        "offlineSessionIdleTimeout",
        "defaultDefaultClientScopes",
        "defaultOptionalClientScopes",
        "clientId",
    ];

    /// Reads the realm's own settings.
    pub fn read(source: &Source, entry: &Entry) -> Result<Self, ImportError> {
        drop(source.take_repairs());
        let mut realm = Self::read_settings(entry)
            .map_err(|reason| ImportError::whole(format!("A setting of the realm cannot be read: {reason}")))?;
        realm.remarks.extend(source.take_repairs().into_iter().map(|text| format!("of the realm: {text}")));
        if let Some(name) = realm.name.as_mut().filter(|name| name.trim() != name.as_str()) {
            *name = name.trim().to_owned();
            realm.remarks.push("white space around the realm's name was left out".to_owned());
        }
        if realm.scopes.is_none() && !realm.templates {
            realm.remarks.push(
                "the file defines no client scopes, so it cannot tell whether the scopes that its clients name exist"
                    .to_owned(),
            );
        }
        Ok(realm)
    }

    fn read_settings(entry: &Entry) -> Result<Self, String> {
        let positive = |name: &str| entry.number(name).map(|number| number.filter(|seconds| *seconds > 0));
        let limited = entry.flag("offlineSessionMaxLifespanEnabled")?.unwrap_or(false);
        let (offline, client_offline) =
            (positive("offlineSessionMaxLifespan")?, positive("clientOfflineSessionMaxLifespan")?);
        let (session, client_session) = (positive("ssoSessionMaxLifespan")?, positive("clientSessionMaxLifespan")?);
        let mut realm = Self {
            name: entry.filled("realm")?.filter(|name| !is_placeholder(name)),
            access_token_seconds: positive("accessTokenLifespan")?,
            offline_seconds: if limited { shorter(offline, client_offline) } else { None },
            session_seconds: shorter(session, client_session),
            scopes: None,
            default_scopes: entry.texts("defaultDefaultClientScopes")?,
            default_optional_scopes: entry.texts("defaultOptionalClientScopes")?,
            offline_idle_seconds: positive("offlineSessionIdleTimeout")?,
            templates: entry.has("clientTemplates"),
            remarks: Vec::new(),
        };
        if entry.has("clientScopes") {
            let mut scopes = BTreeMap::new();
            for scope in entry.objects("clientScopes")? {
                let Some(name) = scope.filled("name")? else { continue };
                let attributes = scope.object("attributes")?;
                let shown = attributes.and_then(|attributes| attributes.scalar("include.in.token.scope"));
                let protocol = scope.filled("protocol")?;
                let openid = protocol.is_none_or(|protocol| protocol == "openid-connect");
                scopes.insert(name, DefinedScope { in_token: shown.as_deref() != Some("false"), openid });
            }
            realm.scopes = Some(scopes);
        }
        if entry.flag("enabled")? == Some(false) {
            realm.remarks.push(
                "the realm itself is disabled: none of its clients can sign in, whatever their own switch says"
                    .to_owned(),
            );
        }
        Ok(realm)
    }
}

/// The shorter of two limits, either of which may be absent.
pub fn shorter(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
