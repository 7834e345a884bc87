//! What an entry says, byte by byte, and what happens to one that is too long.

use super::*;

fn entry(before: Option<Value>, after: Option<Value>) -> Entry {
    Entry {
        seq: 7,
        at: Moment::parse("2027-03-14T07:00:00.25Z").unwrap(),
        actor: Actor { kind: ActorKind::Person, id: Some("p1".to_owned()), on_behalf_of: None, emergency: None },
        request_id: Some("r1".to_owned()),
        action: "identity.register".to_owned(),
        entity: "identity".to_owned(),
        entity_id: "i1".to_owned(),
        entity_version: Some(1),
        outcome: Outcome::Done,
        reason: None,
        before,
        after,
    }
}

#[test]
fn the_bytes_of_an_entry_are_these() {
    let body = entry(None, Some(json!({"name": "Portal", "expires_at": null}))).body().unwrap();
    let expected = concat!(
        r#"{"action":"identity.register","actor":{"id":"p1","kind":"person"},"after":{"expires_at":null,"name":"Portal"},"#,
        r#""at":"2027-03-14T07:00:00.250000Z","entity":"identity","entity_id":"i1","entity_version":1,"#,
        r#""outcome":"done","request_id":"r1","seq":7,"v":1}"#
    );
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

#[test]
fn an_entry_reads_back_as_it_was_written() {
    let full = Entry {
        actor: Actor {
            kind: ActorKind::Job,
            id: Some("expire".to_owned()),
            on_behalf_of: Some("p2".to_owned()),
            emergency: Some("e1".to_owned()),
        },
        outcome: Outcome::Refused,
        reason: Some("Sch\u{f6}n \"quoted\"\nline".to_owned()),
        ..entry(Some(Value::Null), Some(json!({"a": [1, 2.5]})))
    };
    let bare = Entry { request_id: None, entity_version: None, ..entry(None, None) };
    for written in [full, bare] {
        let stored = StoredEntry::parse(&written.body().unwrap()).unwrap();
        assert_eq!(stored, StoredEntry { entry: written, unchanged: Vec::new(), shortened: Vec::new() });
    }
}

#[test]
fn a_long_entry_keeps_only_what_changed_and_names_the_rest() {
    let long = "x".repeat(40_000);
    let before = json!({"notes": long, "name": "Old", "same": 1});
    let after = json!({"notes": long, "name": "New", "same": 1, "purpose": "Care"});
    let body = entry(Some(before), Some(after)).body().unwrap();
    assert!(body.len() <= LONGEST_BODY);
    let stored = StoredEntry::parse(&body).unwrap();
    assert_eq!(stored.entry.before, Some(json!({"name": "Old"})));
    assert_eq!(stored.entry.after, Some(json!({"name": "New", "purpose": "Care"})));
    assert_eq!(stored.unchanged, ["notes", "same"]);
    assert!(stored.shortened.is_empty());
}

#[test]
fn the_longest_values_become_digests_until_the_entry_fits() {
    let after = json!({"huge": "x".repeat(70_000), "large": "y".repeat(50_000), "name": "Portal"});
    let body = entry(None, Some(after)).body().unwrap();
    assert!(body.len() <= LONGEST_BODY);
    let stored = StoredEntry::parse(&body).unwrap();
    let kept = stored.entry.after.unwrap();
    // { printf '"'; head -c 70000 /dev/zero | tr '\0' x; printf '"'; } | sha256sum
    let digest = "a56af2e9bfeba185d9f1ae0b88280e46325c593088cd0c3b1a308dc0df0e3677";
    assert_eq!(kept["huge"], json!({"bytes": 70_002, "sha256": digest}));
    assert_eq!(kept["large"], json!("y".repeat(50_000)));
    assert_eq!(kept["name"], json!("Portal"));
    assert_eq!(stored.shortened, ["after.huge"]);
}

#[test]
fn thousands_of_short_fields_become_one_digest_and_a_name_with_a_dot_is_found() {
    let many: Map<String, Value> = (0..9_000).map(|number| (format!("field.{number}"), json!(number))).collect();
    let stored = StoredEntry::parse(&entry(None, Some(Value::Object(many))).body().unwrap()).unwrap();
    assert_eq!(stored.shortened, ["after"]);

    let dotted = json!({"a.b": "x".repeat(70_000)});
    let stored = StoredEntry::parse(&entry(None, Some(dotted)).body().unwrap()).unwrap();
    assert_eq!(stored.shortened, ["after.a.b"]);
    assert_eq!(stored.entry.after.unwrap()["a.b"]["bytes"], json!(70_002));
}

#[test]
fn an_entry_of_exactly_the_longest_length_is_kept_whole_and_one_byte_more_is_not() {
    let empty = entry(None, Some(json!({"a": ""}))).body().unwrap().len();
    let with = |more: usize| {
        let text = "x".repeat(LONGEST_BODY - empty + more);
        StoredEntry::parse(&entry(None, Some(json!({"a": text}))).body().unwrap()).unwrap().shortened
    };
    assert!(with(0).is_empty());
    assert_eq!(with(1), ["after.a"]);
}

#[test]
fn a_reason_that_does_not_fit_is_an_error_and_not_cut() {
    let long = Entry { reason: Some("x".repeat(LONGEST_BODY)), ..entry(None, Some(json!({"a": "y".repeat(500)}))) };
    assert!(matches!(long.body(), Err(AuditError::TooLong { bytes }) if bytes > LONGEST_BODY));
}

#[test]
fn a_number_that_readers_would_change_is_an_error() {
    let written = entry(None, Some(json!({"count": u64::MAX}))).body();
    assert!(matches!(written, Err(AuditError::NotCanonical(_))));
}

#[test]
fn a_body_that_muster_would_not_have_written_is_refused() {
    let sound = String::from_utf8(entry(None, None).body().unwrap()).unwrap();
    let spoil = |from: &str, to: &str| {
        assert!(sound.contains(from));
        Entry::parse(sound.replacen(from, to, 1).as_bytes())
    };
    // The second of two equal names would be believed and the first one shown elsewhere.
    assert_eq!(spoil(r#""seq":7"#, r#""seq":7,"seq":8"#), Err(AuditError::Altered));
    assert_eq!(spoil(r#""seq":7"#, r#""seq": 7"#), Err(AuditError::Altered));
    assert_eq!(spoil(r#""v":1"#, r#""v":2"#), Err(AuditError::Version("2".to_owned())));
    assert_eq!(spoil(r#","v":1"#, r#","v":1,"w":1"#), Err(AuditError::Unexpected("w".to_owned())));
    assert_eq!(spoil(r#""seq":7"#, r#""seq":-7"#), Err(AuditError::Field("seq")));
    assert_eq!(spoil(r#""entity":"identity","#, ""), Err(AuditError::Field("entity")));
    assert!(matches!(spoil(r#""kind":"person""#, r#""kind":"ghost""#), Err(AuditError::Word(_))));
    assert!(matches!(spoil("}", ""), Err(AuditError::NotJson(_))));
}
