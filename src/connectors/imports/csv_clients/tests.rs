use crate::connectors::imports::tests::{clients, errors, fixture, reading};
use crate::connectors::imports::{ColumnMap, ImportError, ImportFormat, Reading, read_clients, shipped_column_maps};
use crate::domain::identities::{
    ClientType, CredentialKind, Environment, IdentityKind, IdentityState, RefreshTokens, Strength,
};
use crate::domain::imported::{ImportedFile, ImportedOutcome};

fn shipped(name: &str) -> ColumnMap {
    shipped_column_maps().unwrap().into_iter().find(|map| map.name == name).unwrap()
}

fn read(map: &ColumnMap, text: &[u8]) -> Result<ImportedFile, ImportError> {
    read_clients(ImportFormat::Csv, text, &Reading { column_map: Some(map), ..reading() })
}

fn small(columns: &str) -> ColumnMap {
    ColumnMap::from_toml(&format!(
        "name = \"small\"\nsubject = \"clients\"\ndate_formats = [\"%Y-%m-%d\"]\n[[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n{columns}"
    ))
    .unwrap()
}

#[test]
fn an_epic_list_is_read_and_a_blank_refresh_expiry_means_never() {
    let file = read(&shipped("epic-clients"), &fixture("epic-clients.csv")).unwrap();
    let clients = clients(&file);
    assert_eq!(clients.len(), 2);
    assert_eq!(clients[0].name, "Growth Chart\nfor Paediatrics");
    assert_eq!(clients[0].environment, Some(Environment::Production));
    assert_eq!(clients[0].refresh_tokens, RefreshTokens::NeverExpire);
    assert_eq!(clients[0].issued_scopes.len(), 2);
    assert_eq!(clients[0].redirect_uris.len(), 2);
    assert_eq!(clients[0].business_owner_email.as_deref(), Some("ines.moreau@hospital.example"));
    assert_eq!(clients[1].refresh_token_seconds, Some(43_200));
    assert_eq!((clients[1].kind, clients[1].state), (IdentityKind::ServiceAccount, IdentityState::Suspended));
}

#[test]
fn line_numbers_stay_right_after_a_quoted_line_break() {
    let file = read(&shipped("epic-clients"), &fixture("epic-clients.csv")).unwrap();
    assert_eq!(file.rows.iter().map(|row| row.line.unwrap()).collect::<Vec<_>>(), [2, 4, 5]);
}

#[test]
fn an_unknown_value_is_an_error_row_and_never_a_guess() {
    let file = read(&shipped("epic-clients"), &fixture("epic-clients.csv")).unwrap();
    let errors = errors(&file);
    assert_eq!(errors[0].1, "9a31-mystery");
    assert!(errors[0].2.contains("Environment") && errors[0].2.contains("production"), "{}", errors[0].2);
}

#[test]
fn a_column_that_the_map_does_not_read_is_said_once() {
    let file = read(&shipped("epic-clients"), &fixture("epic-clients.csv")).unwrap();
    assert_eq!(file.left_out, ["1 column that the map does not read: “Comment”"]);
}

#[test]
fn an_oracle_health_list_may_have_the_same_client_in_two_environments() {
    let file = read(&shipped("oracle-health-clients"), &fixture("oracle-health-clients.csv")).unwrap();
    let clients = clients(&file);
    assert_eq!(
        clients.iter().map(|client| client.environment.unwrap()).collect::<Vec<_>>(),
        [Environment::Production, Environment::Staging]
    );
    assert_eq!(clients[1].credentials[0].kind, CredentialKind::Jwks);
    assert_eq!(clients[0].launch_types, ["launch-ehr"]);
    assert!(errors(&file)[0].2.contains("mail address"));
}

#[test]
fn an_aws_report_keeps_keys_and_leaves_people_and_the_root_alone() {
    let file = read(&shipped("aws-credential-report"), &fixture("aws-credential-report.csv")).unwrap();
    assert_eq!(file.rows.len(), 3);
    let skipped = file.rows.iter().filter(|row| matches!(row.outcome, ImportedOutcome::Skip { .. })).count();
    assert_eq!(skipped, 2);
    let client = clients(&file)[0];
    assert_eq!(client.kind, IdentityKind::ServiceAccount);
    assert_eq!(client.credentials.len(), 2);
    assert!(client.credentials.iter().all(|credential| credential.created_at.is_some()));
    assert_eq!(client.last_used_at.unwrap().to_text(), "2026-10-30T02:00:00.000000Z");
}

#[test]
fn a_missing_heading_refuses_the_file_and_lists_what_it_has() {
    let error = read(&shipped("epic-clients"), b"Id,Name\n1,x\n").unwrap_err();
    assert_eq!(error.line, Some(1));
    assert!(error.reason.contains("“Client ID”") && error.reason.contains("The file has “Id”, “Name”"), "{error}");
}

#[test]
fn a_file_without_headings_does_not_show_its_first_line_where_that_looks_like_a_secret() {
    let error = read(&shipped("epic-clients"), b"app,Zk3vQ9pX1mB7sT5yR2wL8nC4\n").unwrap_err();
    assert!(error.reason.contains("“app”") && !error.reason.contains("Zk3vQ9"), "{error}");
}

#[test]
fn delimiters_are_found_by_the_headings() {
    let map = small("[[columns]]\nheading = \"Name, long\"\nfield = \"name\"\n");
    for text in [
        "Id;Name, long\na;A\n",
        "Id\tName, long\na\tA\n",
        "Id,\"Name, long\"\na,A\n",
        "Id|Name, long\na|A\n",
        "sep=;\nid;name,  LONG\na;A\n",
    ] {
        let file = read(&map, text.as_bytes()).unwrap();
        assert_eq!(clients(&file)[0].name, "A", "{text}");
    }
    assert_eq!(read(&map, b"sep=;\nId;Name, long\na;A\n").unwrap().rows[0].line, Some(3));
}

#[test]
fn a_line_of_another_length_is_an_error_and_a_blank_one_is_skipped() {
    let map = small("[[columns]]\nheading = \"Name\"\nfield = \"name\"\n");
    let file = read(&map, b"Id,Name\na,A\n\nb,B,extra\n,\nc,C\n").unwrap();
    let lines: Vec<_> = file.rows.iter().map(|row| row.line.unwrap()).collect();
    assert_eq!(lines, [2, 4, 5, 6]);
    assert!(errors(&file)[0].2.contains("3 cells"));
    assert!(matches!(file.rows[2].outcome, ImportedOutcome::Skip { .. }));
}

#[test]
fn a_quote_that_is_never_closed_refuses_the_file_at_its_line() {
    let map = small("[[columns]]\nheading = \"Name\"\nfield = \"name\"\n");
    let error = read(&map, b"Id,Name\na,A\nb,\"B\nc,C\nd,D\n").unwrap_err();
    assert_eq!(error.line, Some(3));
    assert!(error.reason.contains("never closed"));
}

#[test]
fn a_secret_in_a_column_is_left_out_with_fingerprint_and_strength() {
    let map = small(
        "[[columns]]\nheading = \"Secret\"\nfield = \"secret\"\n[[columns]]\nheading = \"Remark\"\nfield = \"note:remark\"\n",
    );
    let file = read(&map, b"Id,Secret,Remark\na,PLANTED-1,password: PLANTED-2\n").unwrap();
    let client = clients(&file)[0];
    assert_eq!(client.credentials[0].strength, Strength::Weak);
    assert!(client.credentials[0].fingerprint.is_some());
    assert!(!format!("{file:?}").contains("PLANTED"));
}

#[test]
fn a_client_whose_id_the_secret_repeats_has_a_weak_secret_whatever_the_order_of_columns() {
    let map = ColumnMap::from_toml("name = \"x\"\nsubject = \"clients\"\n[[columns]]\nheading = \"S\"\nfield = \"secret\"\n[[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n").unwrap();
    let file = read(&map, b"S,Id\nzqvx-7431-kpwm-28,zqvx-7431-kpwm-28\n").unwrap();
    assert_eq!(clients(&file)[0].credentials[0].strength, Strength::Weak);
}

#[test]
fn a_public_client_has_nothing_that_proves_it() {
    let map = small("[[columns]]\nheading = \"Type\"\nfield = \"client_type\"\n");
    let file = read(&map, b"Id,Type\na,public\n").unwrap();
    assert_eq!(clients(&file)[0].client_type, ClientType::Public);
    assert_eq!(clients(&file)[0].credentials[0].kind, CredentialKind::None);
}

#[test]
fn a_map_for_people_is_refused() {
    assert!(read(&shipped("staff-list"), b"Name,Email\n").unwrap_err().reason.contains("for people"));
}
