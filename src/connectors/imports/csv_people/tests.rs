use crate::connectors::imports::tests::fixture;
use crate::connectors::imports::{ColumnMap, read_people, shipped_column_maps};
use crate::domain::imported_people::{ImportedPeople, ImportedPerson, ImportedPersonOutcome};

fn staff_list() -> ColumnMap {
    shipped_column_maps().unwrap().into_iter().find(|map| map.name == "staff-list").unwrap()
}

fn people(read: &ImportedPeople) -> Vec<&ImportedPerson> {
    read.rows
        .iter()
        .filter_map(|row| match &row.outcome {
            ImportedPersonOutcome::Person(person) => Some(person.as_ref()),
            _ => None,
        })
        .collect()
}

fn errors(read: &ImportedPeople) -> Vec<(u64, &str)> {
    read.rows
        .iter()
        .filter_map(|row| match &row.outcome {
            ImportedPersonOutcome::Error { reason, .. } => Some((row.line, reason.as_str())),
            _ => None,
        })
        .collect()
}

#[test]
fn a_staff_list_is_read_with_managers_and_leavers() {
    let list = String::from_utf8(fixture("staff-list.csv")).unwrap();
    let (without_the_repeated_line, _) = list.trim_end().rsplit_once('\n').unwrap();
    let read = read_people(without_the_repeated_line.as_bytes(), &staff_list()).unwrap();
    let people = people(&read);
    assert_eq!(people.len(), 2);
    assert_eq!(people[0].deputy_email.as_deref(), Some("omar.haddad@hospital.example"));
    assert_eq!(people[0].left_on, None);
    assert_eq!(people[1].manager_email.as_deref(), Some("ines.moreau@hospital.example"));
    assert_eq!(people[1].left_on.unwrap().to_string(), "2026-02-28");
    assert_eq!(people[1].time_zone.as_deref(), Some("Europe/Paris"));
}

#[test]
fn an_unknown_time_zone_and_a_repeated_address_are_errors() {
    let read = read_people(&fixture("staff-list.csv"), &staff_list()).unwrap();
    let errors = errors(&read);
    assert_eq!(errors.iter().map(|error| error.0).collect::<Vec<_>>(), [2, 4, 5]);
    assert!(errors[1].1.contains("time zone"), "{errors:?}");
    for repeated in [errors[0].1, errors[2].1] {
        assert!(repeated.contains("mail address stands twice in the file, on lines 2 and 5"), "{errors:?}");
    }
}

#[test]
fn a_person_needs_a_name_and_something_to_be_known_by() {
    let read = read_people(b"Name,Email,Staff ID\n,a@b.example,1\nAda,,\nAda,not an address,\nBea,,7\n", &staff_list())
        .unwrap();
    let errors = errors(&read);
    assert_eq!(errors.iter().map(|error| error.0).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(people(&read)[0].staff_id.as_deref(), Some("7"));
}

#[test]
fn a_map_for_clients_is_refused() {
    let map = shipped_column_maps().unwrap().remove(0);
    assert!(read_people(b"x", &map).unwrap_err().reason.contains("for clients"));
}
