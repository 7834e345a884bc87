use super::*;
use crate::domain::ids::Moment;
use crate::domain::imported::ImportedClient;

/// What a test reads with: a fixed key and a fixed moment.
pub const KEY: [u8; 32] = [42; 32];

pub fn reading() -> Reading<'static> {
    Reading { fingerprint_key: &KEY, now: Moment::parse("2026-06-01T00:00:00Z").unwrap(), column_map: None }
}

pub fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/imports/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A real file, where ../shared/data is present beside the checkout.
pub fn real(name: &str) -> Option<Vec<u8>> {
    std::fs::read(format!("{}/../shared/data/inventories/{name}", env!("CARGO_MANIFEST_DIR"))).ok()
}

pub fn realm(text: &str) -> ImportedFile {
    read_clients(ImportFormat::KeycloakRealm, text.as_bytes(), &reading()).unwrap()
}

pub fn clients(file: &ImportedFile) -> Vec<&ImportedClient> {
    file.rows
        .iter()
        .filter_map(|row| match &row.outcome {
            ImportedOutcome::Client(client) => Some(client.as_ref()),
            _ => None,
        })
        .collect()
}

pub fn errors(file: &ImportedFile) -> Vec<(Option<u64>, String, String)> {
    file.rows
        .iter()
        .filter_map(|row| match &row.outcome {
            ImportedOutcome::Error { name, reason } => Some((row.line, name.clone(), reason.clone())),
            _ => None,
        })
        .collect()
}

/// A realm with one client of the given members.
pub fn one_client(members: &str) -> ImportedClient {
    let text = format!(r#"{{"realm":"ward","accessTokenLifespan":300,"clients":[{{"clientId":"app",{members}}}]}}"#);
    let file = realm(&text);
    assert_eq!(errors(&file), []);
    clients(&file)[0].clone()
}

mod exactness;

#[test]
fn a_csv_without_a_map_is_refused_with_what_to_do() {
    let error = read_clients(ImportFormat::Csv, b"a,b\n1,2\n", &reading()).unwrap_err();
    assert!(error.reason.contains("column map"));
}

#[test]
fn every_almost_right_file_is_refused_by_line_and_reason() {
    let cases: [(&str, Option<u64>, &str); 12] = [
        ("{\n\"realm\":\"r\",\n\"clients\":[{\"clientId\":\"a\"},]\n}", Some(3), "trailing comma"),
        ("{\"realm\":\"r\",\"clients\":[\n{\"clientId\":\"a\",\n\"enabled\": ${ENABLED}}]}", Some(3), "placeholder"),
        ("{\"realm\":\"r\",\"clients\":[]}\n{\"realm\":\"s\",\"clients\":[]}", Some(2), "two documents"),
        ("{\"realm\":\"r\",\"clients\":[{\"clientId\":\"a\"", Some(1), "cut off"),
        ("", None, "empty"),
        (
            "{\"realm\":\"r\",\"auth-server-url\":\"https://x\",\"resource\":\"a\",\"credentials\":{\"secret\":\"s\"}}",
            Some(1),
            "keycloak.json",
        ),
        ("{\"issuer\":\"https://x\",\"authorization_endpoint\":\"https://x/a\"}", Some(1), "discovery"),
        ("{\"clients\":[{\"client_id\":\"a\"}]}", Some(1), "no realm of Keycloak"),
        ("{\"name\":\"profile\",\"protocol\":\"openid-connect\",\"protocolMappers\":[]}", Some(1), "client scope"),
        ("{\"realm\":\"r\",\"keycloakVersion\":\"26.0.0\",\"roles\":{}}", Some(1), "holds no clients"),
        ("{\"realm\":\"r\",\"clients\":{\"a\":{}}}", Some(1), "list"),
        ("[]", Some(1), "nothing to import"),
    ];
    for (text, line, words) in cases {
        let error = read_clients(ImportFormat::KeycloakRealm, text.as_bytes(), &reading()).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.reason.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_realm_in_utf16_or_with_a_mark_reads_like_the_plain_one() {
    let text = String::from_utf8(fixture("realm-ward.json")).unwrap();
    let plain = realm(&text);
    let marked = format!("\u{FEFF}{text}");
    assert_eq!(realm(&marked), plain);
    for little in [true, false] {
        let bytes: Vec<u8> = marked
            .encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect();
        assert_eq!(read_clients(ImportFormat::KeycloakRealm, &bytes, &reading()).unwrap(), plain);
    }
}

#[test]
fn reading_twice_gives_the_same() {
    let bytes = fixture("realm-ward.json");
    let read =
        || serde_json::to_string(&read_clients(ImportFormat::KeycloakRealm, &bytes, &reading()).unwrap()).unwrap();
    assert_eq!(read(), read());
}

#[test]
fn an_imported_file_survives_being_saved() {
    let file = read_clients(ImportFormat::KeycloakRealm, &fixture("realm-ward.json"), &reading()).unwrap();
    let text = serde_json::to_string(&file).unwrap();
    assert_eq!(serde_json::from_str::<ImportedFile>(&text).unwrap(), file);
}

mod mutations {
    use super::*;
    use proptest::prelude::*;

    /// Changes a file at random places: bytes replaced, pieces cut out, pieces doubled.
    fn mutate(mut bytes: Vec<u8>, changes: &[(u8, usize, usize, u8)]) -> Vec<u8> {
        for (kind, at, length, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at % bytes.len();
            let end = (at + 1 + length % 40).min(bytes.len());
            match kind % 4 {
                0 => bytes[at] = *byte,
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let mark = b"{}[],:\"tn0"[usize::from(*byte) % 10];
                    bytes.insert(at, mark);
                }
            }
        }
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn a_changed_file_never_panics_and_never_shows_a_secret(
            changes in prop::collection::vec((any::<u8>(), any::<usize>(), any::<usize>(), any::<u8>()), 1..6),
            format in 0usize..3,
        ) {
            let (format, name) = [
                (ImportFormat::KeycloakRealm, "realm-ward.json"),
                (ImportFormat::Dcr, "dcr-list.json"),
                (ImportFormat::EntraApps, "entra-apps.json"),
            ][format];
            let bytes = mutate(fixture(name), &changes);
            match read_clients(format, &bytes, &reading()) {
                Ok(file) => drop(serde_json::to_string(&file).unwrap()),
                Err(error) => prop_assert!(!error.to_string().contains("PLANTED")),
            }
        }

        #[test]
        fn a_changed_list_never_panics(
            changes in prop::collection::vec((any::<u8>(), any::<usize>(), any::<usize>(), any::<u8>()), 1..6),
        ) {
            for map in shipped_column_maps().unwrap() {
                let bytes = mutate(fixture(&format!("{}.csv", map.name)), &changes);
                let _ = match map.subject {
                    MapSubject::Clients => {
                        read_clients(ImportFormat::Csv, &bytes, &Reading { column_map: Some(&map), ..reading() }).map(drop)
                    }
                    MapSubject::People => read_people(&bytes, &map).map(drop),
                };
            }
        }
    }
}

mod size {
    use super::*;

    #[test]
    fn fifty_thousand_clients_are_fifty_thousand_rows_with_their_lines() {
        let mut text = String::from("{\"realm\":\"r\",\"clients\":[\n");
        for number in 0..50_000 {
            text.push_str(&format!(
                "{{\"clientId\":\"app-{number}\",\"publicClient\":true,\"redirectUris\":[\"https://a/{number}\"]}},\n"
            ));
        }
        text.truncate(text.len() - 2);
        text.push_str("\n]}");
        let started = std::time::Instant::now();
        let file = realm(&text);
        assert_eq!(clients(&file).len(), 50_000);
        assert_eq!(file.rows[49_999].line, Some(50_001));
        // Unoptimised and beside other tests; a scan from the start for every line would take minutes.
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }
}
