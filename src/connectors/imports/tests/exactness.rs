//! Nothing of a file is changed in silence, and nothing is taken where two entries contradict each other.

use super::*;

/// The same list of clients in every format: each client by its id.
fn in_every_format(ids: &[&str]) -> Vec<(ImportFormat, String)> {
    let json = |id: &str| serde_json::to_string(id).unwrap();
    let list = |member: &str, more: &str| {
        let entries: Vec<String> = ids.iter().map(|id| format!("{{\"{member}\":{}{more}}}", json(id))).collect();
        format!("[\n{}\n]", entries.join(",\n"))
    };
    let quoted: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    vec![
        (ImportFormat::KeycloakRealm, format!("{{\"realm\":\"r\",\"clients\":{}}}", list("clientId", ""))),
        (ImportFormat::Dcr, list("client_id", "")),
        (ImportFormat::EntraApps, list("appId", "")),
        (ImportFormat::Csv, format!("Id\n{}\n", quoted.join("\n"))),
    ]
}

fn map() -> ColumnMap {
    ColumnMap::from_toml("name=\"m\"\nsubject=\"clients\"\n[[columns]]\nheading=\"Id\"\nfield=\"client_id\"\n").unwrap()
}

fn read(format: ImportFormat, text: &str) -> ImportedFile {
    let map = map();
    read_clients(format, text.as_bytes(), &Reading { column_map: Some(&map), ..reading() }).unwrap()
}

#[test]
fn entries_with_one_client_id_are_all_errors_that_name_each_other_s_line() {
    for (format, text) in in_every_format(&["a", "b", "a", "a"]) {
        let file = read(format, &text);
        assert_eq!((file.rows.len(), clients(&file).len()), (4, 1), "{format}");
        for (line, name, reason) in errors(&file) {
            assert_eq!(name, "a", "{format}");
            assert!(line.is_some_and(|line| [2, 4, 5].contains(&line)), "{format}: {line:?}");
            assert!(reason.contains("stands 3 times in the file, on lines 2, 4 and 5"), "{format}: {reason}");
        }
    }
}

#[test]
fn white_space_around_a_client_id_is_kept_in_json_and_left_out_of_csv_and_said_in_both() {
    for (format, text) in in_every_format(&[" sp ", "sp2"]) {
        let file = read(format, &text);
        let client = clients(&file)[0];
        let (id, words) = match format {
            ImportFormat::Csv => ("sp", "White space was left out around “Id”."),
            _ => (" sp ", "begins or ends with white space, “ sp ”; it is kept exactly so"),
        };
        assert_eq!(client.client_id.as_deref(), Some(id), "{format}");
        assert!(client.remarks.iter().any(|remark| remark.contains(words)), "{format}: {:?}", client.remarks);
        assert!(!clients(&file)[1].remarks.iter().any(|remark| remark.contains("hite space")), "{format}");
    }
}

#[test]
fn a_client_id_with_a_control_character_is_an_error() {
    for (format, text) in in_every_format(&["a\tb", "b"]) {
        let errors = errors(&read(format, &text));
        assert_eq!(errors.len(), 1, "{format}");
        assert!(errors[0].2.contains("control character"), "{format}: {}", errors[0].2);
    }
}

#[test]
fn a_name_that_stands_twice_is_said_with_its_lines_and_the_client_keeps_its_name() {
    for (format, text) in [
        (
            ImportFormat::KeycloakRealm,
            "{\"realm\":\"r\",\"clients\":[\n{\"clientId\":\"a\",\n\"x\": true,\n\"x\": false}]}",
        ),
        (ImportFormat::KeycloakRealm, "\n{\"clientId\":\"a\",\"enabled\":true,\n\"x\": true,\n\"x\": false}"),
        (ImportFormat::Dcr, "\n{\"client_id\":\"a\",\n\"x\": true,\n\"x\": false}"),
        (ImportFormat::EntraApps, "[\n{\"appId\":\"a\",\n\"x\": true,\n\"x\": false}]"),
    ] {
        let errors = errors(&read(format, text));
        assert_eq!((errors.len(), errors[0].1.as_str()), (1, "a"), "{format}");
        assert!(errors[0].2.contains("“x” stands twice in this"), "{format}: {}", errors[0].2);
        assert!(errors[0].2.contains("on lines 3 and 4, with different values"), "{format}: {}", errors[0].2);
    }
    let again = one_client("\"enabled\":false,\"enabled\":false");
    assert!(again.remarks.iter().any(|remark| remark.contains("“enabled” stands twice")), "{:?}", again.remarks);
    let inside = "{\"realm\":\"r\",\"clients\":[{\"clientId\":\"a\",\"attributes\":{\"p\":\"1\",\"p\":\"2\"}}]}";
    assert!(errors(&realm(inside))[0].2.contains("“p” stands twice in this object, on line 1"));
}

#[test]
fn a_repair_is_remarked_in_its_own_row_only() {
    let file = realm(
        r#"{"realm":" r ","accessTokenLifespan":"300","clients":[
        {"clientId":"a","enabled":"true","name":" App ","redirectUris":["https://a/ b"]},
        {"clientId":"b","defaultClientScopes":["x","y","x"],"optionalClientScopes":["y"]},{"clientId":"c"}]}"#,
    );
    let said = |place: usize, words: &str| {
        let remarks = &clients(&file)[place].remarks;
        assert_eq!(remarks.iter().filter(|remark| remark.contains(words)).count(), 1, "{words}: {remarks:?}");
    };
    said(0, "“enabled” is a text in quotes; it was read as true.");
    said(0, "White space around its name was left out.");
    said(0, "A redirect address holds white space; it is kept exactly so.");
    said(1, "Named more than once among its scopes, and kept once: “x”, “y”.");
    assert_eq!(clients(&file)[1].issued_scopes.len(), 2);
    assert!(!clients(&file)[2].remarks.iter().any(|remark| remark.contains("read as") || remark.contains("“x”")));
    assert_eq!(file.system_name.as_deref(), Some("r"));
    for words in ["white space around the realm", "“accessTokenLifespan” is a text in quotes"] {
        assert!(file.left_out.iter().any(|line| line.contains(words)), "{words}: {:?}", file.left_out);
    }
}

#[test]
fn a_secret_is_compared_as_it_stands_white_space_included() {
    let plain = one_client("\"secret\":\"Zk3vQ9pX1mB7sT5yR2wL8nC4\"");
    let padded = one_client("\"secret\":\" Zk3vQ9pX1mB7sT5yR2wL8nC4\"");
    assert_ne!(plain.credentials[0].fingerprint, padded.credentials[0].fingerprint);
}

#[test]
fn white_space_in_a_staff_list_is_remarked_and_lines_of_one_person_are_all_errors() {
    let map = shipped_column_maps().unwrap().into_iter().find(|map| map.subject == MapSubject::People).unwrap();
    let text = "Name,Email,Staff ID,Title,Department,Manager Email,Deputy Email,Left On,Time Zone\n\
        A,a@h.example,1,,,,,,\nB,A@h.example,2,,,,,,\n C ,c@h.example ,3,,,,,,\n";
    let file = read_people(text.as_bytes(), &map).unwrap();
    use crate::domain::imported_people::ImportedPersonOutcome as Outcome;
    for row in &file.rows[..2] {
        let Outcome::Error { reason, .. } = &row.outcome else { panic!("{row:?}") };
        assert!(reason.contains("This mail address stands twice in the file, on lines 2 and 3"), "{reason}");
    }
    let Outcome::Person(person) = &file.rows[2].outcome else { panic!("{:?}", file.rows[2]) };
    assert_eq!(person.remarks, ["White space was left out around “Name” and “Email”."]);
}

#[test]
fn a_csv_file_that_is_something_else_or_two_lists_or_headings_alone_is_refused() {
    let refused = |text: &str| {
        let map = map();
        read_clients(ImportFormat::Csv, text.as_bytes(), &Reading { column_map: Some(&map), ..reading() }).unwrap_err()
    };
    for (text, line, words) in [
        ("Id\na\nId\nb\n", 3, "two lists in one"),
        ("Id\n", 1, "headings only"),
        ("{\"realm\":\"r\"}", 1, "looks like JSON"),
        ("[]", 1, "looks like JSON"),
        ("<html>", 1, "looks like a web page"),
    ] {
        let error = refused(text);
        assert_eq!(error.line, Some(line), "{text}: {error}");
        assert!(error.reason.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_placeholder_in_a_list_is_an_error_and_lines_that_end_with_cr_alone_are_counted() {
    let file = read(ImportFormat::Csv, "Id\r${ID}\rb\r");
    assert_eq!(clients(&file).len(), 1);
    assert_eq!(file.rows[1].line, Some(3));
    let errors = errors(&file);
    assert_eq!(errors[0].0, Some(2));
    assert!(errors[0].2.contains("“Id” is a placeholder that was never filled in"), "{errors:?}");
}

#[test]
fn a_list_of_another_format_is_refused_by_its_name() {
    for (text, words) in [
        ("[{\"clientId\":\"a\"}]", "looks like Keycloak"),
        ("[{\"client_id\":\"a\"}]", "looks like a client registration"),
        ("{\"services\":{}}", "configuration of another tool"),
    ] {
        let error = read_clients(ImportFormat::EntraApps, text.as_bytes(), &reading()).unwrap_err();
        assert!(error.reason.contains(words) && error.reason.contains("appId"), "{text}: {error}");
    }
}
