//! What of a client deserves a second look before it is taken into the register. The absence of all of
//! these says nothing in its favour.

use super::super::identities::{ClientType, CredentialKind, Environment, Strength};
use super::super::ids::Moment;
use super::facts::ClientFacts;

/// Days after which a secret counts as old.
const OLD_SECRET_DAYS: i64 = 365;

/// The risks in words, the gravest first.
pub fn risks(environment: Environment, facts: &ClientFacts, now: Moment) -> Vec<String> {
    let grants = |grant: &str| facts.grant_types.iter().any(|known| known == grant);
    let secrets = || facts.credentials.iter().filter(|proof| proof.kind == CredentialKind::ClientSecret);
    let old = |made: Moment| (now.utc() - made.utc()).num_days() >= OLD_SECRET_DAYS;
    // Keycloak gives every role of the person or the service account to such a client.
    let full_scope = facts.notes.get("fullScopeAllowed").is_some_and(|value| value.starts_with("true"));
    let redirects = if follows_redirects(facts) { facts.redirect_uris.as_slice() } else { &[] };
    let production = environment == Environment::Production;
    let away = |address: &String| is_plain(address) && !is_loopback(address);
    // RFC 8252 section 7.3 gives loopback addresses to native apps, which keep no secret.
    let server_on_loopback = |address: &String| is_loopback(address) && facts.client_type == ClientType::Confidential;
    [
        (redirects.iter().any(|address| address.contains('*')), "Wildcard redirect"),
        (redirects.iter().any(away), "Redirect without HTTPS"),
        (production && redirects.iter().any(server_on_loopback), "Loopback redirect in production"),
        (grants("password"), "Password grant"),
        (grants("implicit"), "Implicit grant"),
        (secrets().any(|proof| proof.strength == Strength::Weak), "Weak secret"),
        (secrets().any(|proof| proof.created_at.is_some_and(old)), "Secret older than a year"),
        (
            facts.credentials.iter().any(|proof| proof.expires_at.is_some_and(|end| end <= now)),
            "Credential past its end",
        ),
        (full_scope, "Full scope allowed"),
        (facts.expires_at.is_none(), "No end date"),
    ]
    .into_iter()
    .filter(|(found, _)| *found)
    .map(|(_, words)| words.to_owned())
    .collect()
}

/// Whether redirect addresses matter: a client that only signs in as itself, or only checks tokens,
/// often has some that no server looks at.
fn follows_redirects(facts: &ClientFacts) -> bool {
    facts.client_type != ClientType::BearerOnly
        && (facts.grant_types.is_empty()
            || facts.grant_types.iter().any(|grant| grant == "authorization_code" || grant == "implicit"))
}

fn is_plain(address: &str) -> bool {
    address.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://"))
}

/// RFC 8252 sections 7.3 and 8.3: 127.0.0.0/8, [::1] and, though not recommended, localhost.
fn is_loopback(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    name.eq_ignore_ascii_case("localhost") || name.starts_with("127.") || name.starts_with("[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::imports::facts::Owners;

    fn now() -> Moment {
        Moment::parse("2026-11-23T15:00:00Z").unwrap()
    }

    fn facts(change: impl FnOnce(&mut ClientFacts)) -> ClientFacts {
        let client = serde_json::json!({
            "client_id": "ward", "kind": "smart_app", "name": "Ward", "description": null, "environment": null,
            "system": null, "vendor": null, "purpose": null, "client_type": "confidential",
            "grant_types": ["authorization_code"], "launch_types": [], "redirect_uris": ["https://a.example/cb"],
            "access_token_seconds": null, "refresh_tokens": "none", "refresh_token_seconds": null, "enabled": true,
            "vendor_managed": false, "state": "active", "cause": "imported_enabled",
            "expires_at": "2027-01-01T00:00:00.000000Z", "created_at": null, "last_used_at": null, "issued_scopes": [],
            "requested_scopes": [], "credentials": [{"kind": "client_secret", "key_id": null, "thumbprint": null,
            "location": null, "created_at": "2026-01-01T00:00:00.000000Z", "expires_at": null, "never_expires": true,
            "strength": "ok", "fingerprint": null}], "business_owner_email": null, "technical_owner_email": null,
            "notes": {}, "remarks": []
        });
        let mut facts = ClientFacts::of_new(&serde_json::from_value(client).unwrap(), Owners::default());
        change(&mut facts);
        facts
    }

    fn of(change: impl FnOnce(&mut ClientFacts)) -> Vec<String> {
        risks(Environment::Production, &facts(change), now())
    }

    #[test]
    fn a_client_with_none_of_them_has_no_risks() {
        assert_eq!(of(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn each_risk_is_said_by_itself() {
        let day = |text: &str| Moment::parse(text);
        assert_eq!(of(|facts| facts.redirect_uris = vec!["https://a.example/*".to_owned()]), ["Wildcard redirect"]);
        assert_eq!(of(|facts| facts.redirect_uris = vec!["HTTP://a.example".to_owned()]), ["Redirect without HTTPS"]);
        assert_eq!(of(|facts| facts.grant_types.push("password".to_owned())), ["Password grant"]);
        assert_eq!(of(|facts| facts.grant_types.push("implicit".to_owned())), ["Implicit grant"]);
        assert_eq!(of(|facts| facts.credentials[0].strength = Strength::Weak), ["Weak secret"]);
        let year = day("2025-11-23T15:00:00Z").ok();
        assert_eq!(of(|facts| facts.credentials[0].created_at = year), ["Secret older than a year"]);
        assert_eq!(of(|facts| facts.credentials[0].expires_at = Some(now())), ["Credential past its end"]);
        assert_eq!(of(|facts| facts.expires_at = None), ["No end date"]);
        let full = |facts: &mut ClientFacts| drop(facts.notes.insert("fullScopeAllowed".to_owned(), "true".to_owned()));
        assert_eq!(of(full), ["Full scope allowed"]);
    }

    #[test]
    fn loopback_is_for_native_apps_and_for_trying_out() {
        for address in ["http://localhost:8080/cb", "http://127.0.0.1/cb", "http://[::1]:7/cb"] {
            let server = facts(|facts| facts.redirect_uris = vec![address.to_owned()]);
            assert_eq!(
                risks(Environment::Production, &server, now()),
                ["Loopback redirect in production"],
                "{address}"
            );
            assert!(risks(Environment::Sandbox, &server, now()).is_empty(), "{address}");
            let native = ClientFacts { client_type: ClientType::Public, ..server };
            assert!(risks(Environment::Production, &native, now()).is_empty(), "{address}");
        }
    }

    #[test]
    fn redirects_that_nobody_follows_are_no_risk() {
        let plain = || vec!["http://a.example/*".to_owned()];
        let alone = |facts: &mut ClientFacts| {
            (facts.redirect_uris, facts.grant_types) = (plain(), vec!["client_credentials".to_owned()])
        };
        assert!(of(alone).is_empty());
        let bearer =
            |facts: &mut ClientFacts| (facts.redirect_uris, facts.client_type) = (plain(), ClientType::BearerOnly);
        assert!(of(bearer).is_empty());
    }
}
