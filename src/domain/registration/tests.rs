use super::*;

struct Form(Vec<(&'static str, &'static str)>);

impl Typed for Form {
    fn one(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text)
    }
    fn all(&self, field: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _)| *name == field).map(|(_, text)| *text).collect()
    }
}

/// A form that is right, with some fields changed.
fn with(fields: &[(&'static str, &'static str)]) -> Form {
    let mut all = fields.to_vec();
    all.extend([("kind", "smart_app"), ("name", "Growth chart"), ("environment", "production")]);
    Form(all)
}

fn read(fields: &[(&'static str, &'static str)]) -> Result<Registration, Vec<Fault>> {
    Registration::parse(&with(fields), &Known::default())
}

fn fields_at_fault(fields: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    read(fields).unwrap_err().into_iter().map(|(field, _)| field).collect()
}

#[test]
fn three_fields_are_enough() {
    let registration = read(&[]).unwrap();
    assert_eq!(registration.name, "Growth chart");
    assert_eq!(registration.criticality, Criticality::Unknown);
    assert_eq!(registration.way_to_stop, None);
    assert_eq!(registration.business_owner, None);
}

#[test]
fn every_fault_is_told_at_once_in_the_order_of_the_form() {
    let form = Form(vec![
        ("name", "\n"),
        ("redirect_uris", "/callback"),
        ("scopes", "a\"b"),
        ("expires_on", "tomorrow"),
        ("steps", "pull the plug"),
    ]);
    let faults = Registration::parse(&form, &Known::default()).unwrap_err();
    let fields: Vec<_> = faults.iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["kind", "name", "environment", "redirect_uris", "scopes", "expires_on", "method", "contact"]);
}

#[test]
fn a_redirect_uri_is_absolute_and_has_no_fragment() {
    for right in
        ["https://app.example/callback", "com.example.app:/oauth", "http://localhost:8080/", "https://a.example/?x=1"]
    {
        assert!(read(&[("redirect_uris", right)]).is_ok(), "{right}");
    }
    for wrong in ["/callback", "app.example/callback", "https://", "https://a.example/#", "https://a.example/a b", "*"]
    {
        assert_eq!(fields_at_fault(&[("redirect_uris", wrong)]), ["redirect_uris"], "{wrong}");
    }
}

#[test]
fn a_redirect_uri_that_the_browser_would_run_or_that_holds_a_password_is_refused() {
    for wrong in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://user:word@a.example/",
        "https://user@a.example/",
    ] {
        assert_eq!(fields_at_fault(&[("redirect_uris", wrong)]), ["redirect_uris"], "{wrong}");
    }
    let (_, error) = read(&[("redirect_uris", "https://user:hunter2@a.example/")]).unwrap_err().remove(0);
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn lifetimes_that_were_stored_before_may_stay() {
    let known = Known { access_token_seconds: Some(40_000_000), ..Known::default() };
    assert!(Registration::parse(&with(&[("access_token_seconds", "40000000")]), &known).is_ok());
    assert!(Registration::parse(&with(&[("access_token_seconds", "40000001")]), &known).is_err());
    let limited = [("refresh_tokens", "limited"), ("refresh_token_seconds", "315360001")];
    assert_eq!(fields_at_fault(&limited), ["refresh_token_seconds"]);
}

#[test]
fn what_the_system_was_lenient_about_may_stay() {
    let known = Known { redirect_uris: vec!["/*".to_owned()], scopes: vec!["read all".to_owned()], ..Known::default() };
    let form = with(&[("redirect_uris", "/*\r\nhttps://a.example/"), ("scopes", "read all\r\nopenid")]);
    let registration = Registration::parse(&form, &known).unwrap();
    assert_eq!(registration.redirect_uris, ["/*", "https://a.example/"]);
    assert_eq!(registration.scopes, ["read all", "openid"]);
}

#[test]
fn scopes_may_stand_on_lines_or_between_spaces_and_count_once() {
    let registration = read(&[("scopes", "launch openid\r\npatient/Observation.rs?category=a|b\nlaunch")]).unwrap();
    assert_eq!(registration.scopes, ["launch", "openid", "patient/Observation.rs?category=a|b"]);
    for wrong in ["a\\b", "caf\u{e9}", "\"x\""] {
        assert_eq!(fields_at_fault(&[("scopes", wrong)]), ["scopes"], "{wrong}");
    }
}

#[test]
fn lifetimes_and_intervals_have_bounds() {
    assert_eq!(read(&[("review_interval_days", "3650")]).unwrap().review_interval_days, Some(3_650));
    for wrong in ["0", "3651", "-1", "1.5", "a year"] {
        assert_eq!(fields_at_fault(&[("review_interval_days", wrong)]), ["review_interval_days"], "{wrong}");
    }
    for wrong in ["0", "-300", "4294967296", "31536001"] {
        assert_eq!(fields_at_fault(&[("access_token_seconds", wrong)]), ["access_token_seconds"], "{wrong}");
    }
    assert_eq!(fields_at_fault(&[("expires_on", "9999-12-31")]), ["expires_on"]);
}

#[test]
fn seconds_of_refresh_tokens_belong_to_limited_ones() {
    assert_eq!(fields_at_fault(&[("refresh_tokens", "limited")]), ["refresh_token_seconds"]);
    assert_eq!(
        fields_at_fault(&[("refresh_tokens", "none"), ("refresh_token_seconds", "60")]),
        ["refresh_token_seconds"]
    );
    let right = read(&[("refresh_tokens", "limited"), ("refresh_token_seconds", "60")]).unwrap();
    assert_eq!((right.refresh_tokens, right.refresh_token_seconds), (RefreshTokens::Limited, Some(60)));
}

#[test]
fn a_way_to_stop_it_is_whole_or_absent() {
    assert_eq!(fields_at_fault(&[("method", "vendor")]), ["steps", "contact"]);
    let whole = [("method", "vendor"), ("steps", "Call them.\r\nAsk."), ("contact", "Service desk")];
    let way = read(&whole).unwrap().way_to_stop.unwrap();
    assert_eq!(way.steps, "Call them.\nAsk.");
}
