use super::*;

#[test]
fn every_part_knows_its_line_in_any_order() {
    let text = "{\n \"a\": 1,\n\n \"b\": [\n  {\"c\": 2}\n ]\n}";
    let (source, value) = Source::document(text).unwrap();
    let entry = Entry::read(&source, value).unwrap();
    let inner = entry.items("b").unwrap();
    assert_eq!(source.line_of(inner[0]), 5);
    assert_eq!(source.line_of(entry.raw("a").unwrap()), 2);
    assert_eq!(source.line_of(entry.raw("b").unwrap()), 4);
}

#[test]
fn a_placeholder_where_a_boolean_belongs_is_said_with_its_line_and_not_quoted() {
    let (source, value) = Source::document("{\n\"enabled\": \"${PLANTED}\"}").unwrap();
    let reason = Entry::read(&source, value).unwrap().flag("enabled").unwrap_err();
    assert!(reason.contains("line 2") && reason.contains("placeholder"), "{reason}");
    assert!(!reason.contains("PLANTED"));
}

#[test]
fn the_text_true_counts_as_what_it_says_and_other_texts_do_not() {
    let (source, value) = Source::document(r#"{"a":"true","b":"yes","c":1}"#).unwrap();
    let entry = Entry::read(&source, value).unwrap();
    assert_eq!(entry.flag("a"), Ok(Some(true)));
    assert!(entry.flag("b").is_err());
    assert!(entry.flag("c").is_err());
    assert_eq!(entry.flag("absent"), Ok(None));
}

#[test]
fn a_name_that_stands_twice_with_different_values_is_refused_where_it_matters() {
    let (source, value) = Source::document("{\"a\":1,\n\"a\":2,\"b\":3,\"b\":3}").unwrap();
    assert!(Entry::read(&source, value).unwrap_err().contains("“a” stands twice in this object, on lines 1 and 2"));
    let loose = Entry::read_loosely(&source, value).unwrap();
    assert!(loose.refuse_doubled(|name| name == "b").is_ok());
    assert!(loose.refuse_doubled(|name| name == "a").is_err());
}

#[test]
fn placeholders_of_several_tools_are_known_and_ordinary_words_are_not() {
    for text in ["${env.X}", "$(env:X)", "{{ .Values.secret }}", "<your-secret>", "%SECRET%", "$CLIENT_SECRET"] {
        assert!(is_placeholder(text), "{text}");
    }
    for text in ["", "$", "secret", "a<b>", "100%", "$ecret", "%a"] {
        assert!(!is_placeholder(text), "{text}");
    }
}

#[test]
fn deep_nesting_does_not_overflow() {
    let text = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let (source, value) = Source::document(&text).unwrap();
    assert!(Entry::read(&source, value).unwrap().texts("a").is_err());
}
