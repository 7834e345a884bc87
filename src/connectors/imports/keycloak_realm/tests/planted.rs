//! Secrets planted in every place a realm export can hold one must come out nowhere, in no disguise.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::connectors::imports::tests::{errors, fixture, reading};
use crate::connectors::imports::{ImportFormat, MapSubject, Reading, read_clients, shipped_column_maps};

/// Every planted word of a text: `PLANTED-` and what follows of letters, digits and dashes.
fn planted(text: &str) -> Vec<String> {
    text.match_indices("PLANTED-")
        .map(|(at, _)| text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
        .collect()
}

/// The disguises in which a secret could leak. Base64 is tried at its three alignments.
fn disguises(secret: &str) -> Vec<String> {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut forms = vec![
        secret.to_owned(),
        hex::encode(secret),
        hex::encode_upper(secret),
        percent.clone(),
        percent.to_lowercase(),
        secret.chars().rev().collect(),
        STANDARD.encode(secret),
        secret.to_lowercase(),
    ];
    for shift in 0..3 {
        let shifted = format!("{}{secret}", "x".repeat(shift));
        let encoded = STANDARD_NO_PAD.encode(&shifted);
        // The first and last characters depend on the neighbours.
        forms.push(encoded[(shift * 4).div_ceil(3) + 1..encoded.len() - 2].to_owned());
        let encoded = URL_SAFE_NO_PAD.encode(&shifted);
        forms.push(encoded[(shift * 4).div_ceil(3) + 1..encoded.len() - 2].to_owned());
    }
    forms
}

fn assert_clean(output: &str, secrets: &[String]) {
    for secret in secrets {
        for form in disguises(secret) {
            assert!(!output.contains(&form), "{secret} came out as {form}");
        }
    }
}

#[test]
fn the_search_finds_a_secret_that_is_not_hidden() {
    let secret = "PLANTED-search-1".to_owned();
    for leak in [
        secret.clone(),
        hex::encode(&secret),
        STANDARD.encode(format!("user:{secret}")),
        secret.bytes().map(|byte| format!("%{byte:02x}")).collect(),
    ] {
        assert!(disguises(&secret).iter().any(|form| leak.contains(form)), "{leak}");
    }
}

#[test]
fn no_planted_secret_of_a_realm_comes_out() {
    let text = String::from_utf8(fixture("realm-ward.json")).unwrap();
    let secrets = planted(&text);
    assert!(secrets.len() >= 40, "{}", secrets.len());
    let mut unique = secrets.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), secrets.len(), "a planted secret stands twice");
    let file = read_clients(ImportFormat::KeycloakRealm, text.as_bytes(), &reading()).unwrap();
    assert_eq!(errors(&file), []);
    assert_clean(&serde_json::to_string(&file).unwrap(), &secrets);
    assert_clean(&format!("{file:?}"), &secrets);
}

#[test]
fn no_planted_secret_comes_out_of_a_realm_whose_fields_have_wrong_types() {
    let text = String::from_utf8(fixture("realm-ward.json")).unwrap();
    let secrets = planted(&text);
    for (from, to) in [
        ("\"secret\": \"PLANTED", "\"enabled\": \"PLANTED"),
        ("\"secret\": \"PLANTED", "\"redirectUris\": \"PLANTED"),
        ("\"client.secret.rotated\"", "\"access.token.lifespan\""),
        ("\"webhook_token\"", "\"use.refresh.tokens\""),
        ("\"password\": \"PLANTED", "\"password\": PLANTED"),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replace(from, to);
        match read_clients(ImportFormat::KeycloakRealm, changed.as_bytes(), &reading()) {
            Ok(file) => assert_clean(&serde_json::to_string(&file).unwrap(), &secrets),
            Err(error) => assert_clean(&error.to_string(), &secrets),
        }
    }
}

#[test]
fn no_planted_secret_of_another_format_comes_out() {
    for (format, name) in [(ImportFormat::Dcr, "dcr-list.json"), (ImportFormat::EntraApps, "entra-apps.json")] {
        let text = String::from_utf8(fixture(name)).unwrap();
        let secrets = planted(&text);
        assert!(secrets.len() >= 4, "{name}");
        let file = read_clients(format, text.as_bytes(), &reading()).unwrap();
        assert_clean(&serde_json::to_string(&file).unwrap(), &secrets);
    }
    let map = shipped_column_maps()
        .unwrap()
        .into_iter()
        .find(|map| map.subject == MapSubject::Clients && map.name == "epic-clients")
        .unwrap();
    let text = "Client ID,Application Name,Environment,APIs,RefreshTokenExpirationHours,Comment,Last Used\n\
        a,A,PRD,x,PLANTED-hours-1,PLANTED-extra-2,\nb,B,PLANTED-env-3,x,,,\nc,C,PRD,x,,,PLANTED-date-4\n";
    let file =
        read_clients(ImportFormat::Csv, text.as_bytes(), &Reading { column_map: Some(&map), ..reading() }).unwrap();
    assert_eq!(file.rows.len(), 3);
    assert_clean(&serde_json::to_string(&file).unwrap(), &planted(text));
}
