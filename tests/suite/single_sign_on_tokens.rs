//! What a provider says is held against what was asked and what it announced: each bad answer is
//! refused for its own reason, before anything of it is used.

use muster::connectors::openid_connect::{Provider, RelyingParty};
use muster::domain::single_sign_on::Fault;
use serde_json::{Value, json};

use crate::app::{NOW, at};
use crate::provider::{Answer, Describes, SECRET, Signed, StubProvider, access_token_hash};
use crate::single_sign_on::{back, depart, log, muster_at, refused};

type Bad = (&'static str, Fault, Box<dyn Fn(&mut Answer)>);

fn bad(name: &'static str, fault: Fault, change: impl Fn(&mut Answer) + 'static) -> Bad {
    (name, fault, Box::new(change))
}

fn claim(name: &'static str, value: Value) -> impl Fn(&mut Answer) {
    move |answer| {
        answer.claims[name] = value.clone();
    }
}

/// Answers of which each is wrong in one thing.
fn bad_answers() -> Vec<Bad> {
    let now = at(NOW).utc().timestamp();
    vec![
        bad("another nonce", Fault::Nonce, claim("nonce", json!("of another sign-in"))),
        bad("no nonce", Fault::Nonce, |answer| drop(answer.claims.as_object_mut().unwrap().remove("nonce"))),
        bad("another audience", Fault::Audience, claim("aud", json!("another-client"))),
        bad("one more audience", Fault::Audience, claim("aud", json!(["muster", "another-client"]))),
        bad("no audience", Fault::Audience, |answer| drop(answer.claims.as_object_mut().unwrap().remove("aud"))),
        bad("another party", Fault::Party, claim("azp", json!("another-client"))),
        bad("another issuer", Fault::Issuer, claim("iss", json!("https://evil.example"))),
        bad("the issuer with a slash", Fault::Issuer, |answer| {
            answer.claims["iss"] = json!(format!("{}/", answer.claims["iss"].as_str().unwrap()));
        }),
        bad("expired now", Fault::Expired, claim("exp", json!(now))),
        bad("expired long ago", Fault::Expired, claim("exp", json!(now - 86_400))),
        bad("issued in the future", Fault::IssuedAt, claim("iat", json!(now + 61))),
        bad("issued an hour ago", Fault::IssuedAt, claim("iat", json!(now - 3_600))),
        bad("unsigned", Fault::Algorithm, |answer| answer.signed = Signed::Not),
        bad("signed with the public key as a secret", Fault::Algorithm, |answer| answer.signed = Signed::WithPublicKey),
        bad("signed with the client secret", Fault::Algorithm, |answer| answer.signed = Signed::WithClientSecret),
        bad("signed by a strange key under its own name", Fault::UnknownKey, |answer| answer.signed = Signed::By(9)),
        bad("signed by a strange key under a known name", Fault::Signature, |answer| {
            answer.signed = Signed::ByUnderName(9, "key-1");
        }),
        bad("with an altered signature", Fault::Signature, |answer| answer.signed = Signed::Altered),
        bad("an access token in place of an ID token", Fault::TokenKind, |answer| {
            answer.header = json!({ "typ": "at+jwt" });
        }),
        bad("with a critical header", Fault::TokenKind, |answer| answer.header = json!({ "crit": ["exp"] })),
        bad("of another access token", Fault::AccessToken, claim("at_hash", json!(access_token_hash("another code")))),
        bad("without a token", Fault::NoToken, |answer| answer.claims = Value::Null),
        bad("about nobody", Fault::Subject, claim("sub", json!(""))),
        bad("about a name that is too long", Fault::Subject, claim("sub", json!("a".repeat(256)))),
        bad("with groups that are no texts", Fault::Groups, claim("groups", json!([{ "name": "leads" }]))),
        bad("with groups elsewhere", Fault::Groups, |answer| {
            answer.claims.as_object_mut().unwrap().remove("groups");
            answer.claims["_claim_names"] = json!({ "groups": "src1" });
        }),
        bad("with an address nobody verified", Fault::Unverified, claim("email_verified", json!(false))),
        bad("with an address of which nothing is said", Fault::Unverified, |answer| {
            answer.claims.as_object_mut().unwrap().remove("email_verified");
        }),
        bad(
            "with an address that would add a header",
            Fault::NoAddress,
            claim("email", json!("a@b.example\r\nBcc: c")),
        ),
        bad(
            "with letters that look like others",
            Fault::NoAddress,
            claim("email", json!("\u{212a}im@hospital.example")),
        ),
    ]
}

#[test]
fn a_bad_answer_is_refused_for_its_own_reason() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let mut taken = Vec::new();
    for (name, fault, change) in bad_answers() {
        let browser = app.browser();
        let trip = depart(&browser, "/");
        let claims = provider.claims("ada", &["leads"], trip.get("nonce"));
        let mut answer =
            Answer { claims, header: json!({}), signed: Signed::By(1), user_info: json!({ "sub": "ada" }) };
        change(&mut answer);
        let code = provider.code_for(trip.get("code_challenge"), answer);
        let page = browser.get(&back(&provider, &trip, &code));
        let said = log(&app).pop().unwrap();
        if page.status != 403 || said != format!("account.sign_in refused {}", fault.label()) {
            taken.push(format!("{name}: {} {said}", page.status));
            continue;
        }
        refused(&app, &browser, &page, fault);
        for raw in ["evil.example", "another-client", "Bcc", "nonce", "JWT", SECRET, "at_hash"] {
            assert!(!page.text.contains(raw), "{name}: the page repeats {raw}");
        }
    }
    assert!(taken.is_empty(), "{taken:#?}");
    let nobody =
        muster::store::people::find_by_email(&mut app.register.database.read().unwrap(), "ada@hospital.example");
    assert!(nobody.unwrap().is_none(), "no bad answer made a person");
}

#[test]
fn a_good_answer_in_its_other_forms_is_taken() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let now = at(NOW).utc().timestamp();
    let forms: [Bad; 6] = [
        bad("one group as a text", Fault::NoRole, claim("groups", json!("leads"))),
        bad("its audience in a list", Fault::NoRole, claim("aud", json!(["muster"]))),
        bad("its party", Fault::NoRole, claim("azp", json!("muster"))),
        bad("a clock a minute ahead", Fault::NoRole, claim("iat", json!(now + 60))),
        bad("a kind", Fault::NoRole, |answer| answer.header = json!({ "typ": "JWT" })),
        bad("more groups than have a role", Fault::NoRole, claim("groups", json!(["everyone", "leads"]))),
    ];
    for (name, _, change) in forms {
        let browser = app.browser();
        let trip = depart(&browser, "/");
        let claims = provider.claims("ada", &["leads"], trip.get("nonce"));
        let mut answer = Answer { claims, header: json!({}), signed: Signed::By(1), user_info: json!({}) };
        change(&mut answer);
        let code = provider.code_for(trip.get("code_challenge"), answer);
        let page = browser.get(&back(&provider, &trip, &code));
        assert_eq!(page.status, 303, "{name}: {}", page.readable());
    }
}

#[test]
fn the_access_token_belongs_to_the_id_token() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let browser = app.browser();
    let trip = depart(&browser, "/");
    let mut claims = provider.claims("ada", &["leads"], trip.get("nonce"));
    claims["at_hash"] = json!(access_token_hash("code-1"));
    let code = provider.code(trip.get("code_challenge"), claims);
    assert_eq!(code, "code-1");
    assert_eq!(browser.get(&back(&provider, &trip, &code)).status, 303);
}

#[test]
fn a_code_of_another_sign_in_is_not_exchanged() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let (victim, attacker) = (app.browser(), app.browser());
    let theirs = depart(&victim, "/");
    let stolen = provider.code(theirs.get("code_challenge"), provider.claims("ada", &["leads"], theirs.get("nonce")));
    let trip = depart(&attacker, "/");
    let page = attacker.get(&back(&provider, &trip, &stolen));
    refused(&app, &attacker, &page, Fault::Code);
}

#[test]
fn a_new_key_of_the_provider_is_fetched_once() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let enter = |number, groups: &[&str]| {
        let browser = app.browser();
        let trip = depart(&browser, "/");
        let claims = provider.claims("ada", groups, trip.get("nonce"));
        let signed = Signed::By(number);
        let answer = Answer { claims, header: json!({}), signed, user_info: json!({}) };
        let code = provider.code_for(trip.get("code_challenge"), answer);
        (browser.get(&back(&provider, &trip, &code)), browser)
    };
    assert_eq!(enter(1, &["leads"]).0.status, 303);
    assert_eq!(enter(1, &["leads"]).0.status, 303);
    assert_eq!(provider.asked("/keys"), 1, "keys are kept");
    provider.publishes(&[1, 2]);
    assert_eq!(enter(2, &["leads"]).0.status, 303);
    assert_eq!(provider.asked("/keys"), 2, "a name nobody knows is asked for");
    let (page, browser) = enter(3, &["leads"]);
    refused(&app, &browser, &page, Fault::UnknownKey);
    assert_eq!(provider.asked("/keys"), 3, "once, and no more");
    assert_eq!(provider.asked("/.well-known/openid-configuration"), 1);
}

#[test]
fn groups_may_stand_in_what_the_provider_says_of_the_person() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let enter = |user_info: Value| {
        let browser = app.browser();
        let trip = depart(&browser, "/");
        let mut claims = provider.claims("ada", &[], trip.get("nonce"));
        for name in ["groups", "email", "email_verified", "name"] {
            claims.as_object_mut().unwrap().remove(name);
        }
        let answer = Answer { claims, header: json!({}), signed: Signed::By(1), user_info };
        let code = provider.code_for(trip.get("code_challenge"), answer);
        (browser.get(&back(&provider, &trip, &code)), browser)
    };
    let right = json!({ "sub": "ada", "email": "ada@hospital.example", "email_verified": true, "groups": ["leads"] });
    let mut other = right.clone();
    other["sub"] = json!("mallory");
    let (page, browser) = enter(other);
    refused(&app, &browser, &page, Fault::SomebodyElse);
    let (page, browser) = enter(json!({ "nothing": "of a person" }));
    refused(&app, &browser, &page, Fault::UserInfo);
    assert_eq!(enter(right).0.status, 303);
}

#[test]
fn a_provider_that_cannot_be_used_is_said_to_be_so() {
    let other = StubProvider::start();
    type Told = (&'static str, Fault, Box<dyn Fn(&StubProvider)>);
    let says = |name: &'static str, value: Value| -> Box<dyn Fn(&StubProvider)> {
        Box::new(move |provider: &StubProvider| provider.says(name, value.clone()))
    };
    let elsewhere = format!("{}/.well-known/openid-configuration", other.issuer);
    let told: Vec<Told> = vec![
        ("302", Fault::Description, Box::new(move |one| one.describes(Describes::Elsewhere(elsewhere.clone())))),
        ("longer than 1 MiB", Fault::Description, Box::new(|one| one.describes(Describes::AtLength(5_000_000)))),
        ("does not answer in time", Fault::Unreachable, Box::new(|one| one.describes(Describes::Not))),
        ("unexpected issuer", Fault::Description, says("issuer", json!("https://evil.example"))),
        ("not protected by TLS", Fault::Description, says("token_endpoint", json!("http://evil.example/token"))),
        ("not protected by TLS", Fault::Description, says("jwks_uri", json!("http://evil.example/keys"))),
        ("not protected by TLS", Fault::Description, says("end_session_endpoint", json!("javascript:alert(1)"))),
        ("no token_endpoint", Fault::Description, says("token_endpoint", Value::Null)),
        ("does not take PKCE", Fault::Description, says("code_challenge_methods_supported", json!(["plain"]))),
        (
            "no signature that can be trusted",
            Fault::Description,
            says("id_token_signing_alg_values_supported", json!(["none", "HS256"])),
        ),
        ("cannot be read", Fault::Description, says("jwks_uri", json!(7))),
    ];
    let mut used = Vec::new();
    for (detail, fault, tell) in told {
        let provider = StubProvider::start();
        tell(&provider);
        let mut settings = provider.settings();
        if fault == Fault::Unreachable {
            settings.longest_wait = std::time::Duration::from_millis(300);
        }
        let party = RelyingParty {
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            redirect_uri: "http://127.0.0.1:1/sign-in/single-sign-on/return".to_owned(),
            groups_claim: settings.groups_claim.clone(),
            root_certificate: None,
            longest_wait: settings.longest_wait,
        };
        let asked = Provider::new(party).unwrap();
        let begun = actix_web::rt::System::new().block_on(asked.begin(false, at(NOW)));
        match begun {
            Err(refusal) if refusal.fault == fault && refusal.detail.contains(detail) => {
                assert!(!refusal.to_string().contains(SECRET), "{refusal}");
            }
            Err(refusal) => used.push(format!("{detail}: {refusal}")),
            Ok(_) => used.push(format!("{detail}: it was used")),
        }
    }
    assert!(used.is_empty(), "{used:#?}");
    assert_eq!(other.asked("/.well-known/openid-configuration"), 0, "no redirect is followed");
}

#[test]
fn while_the_provider_is_down_the_page_says_so_and_passwords_work() {
    let provider = StubProvider::start();
    provider.describes(Describes::Elsewhere("https://evil.example/".to_owned()));
    let app = muster_at(&provider);
    let browser = app.browser();
    let page = browser.post("/sign-in/single-sign-on", &[("next", "/tasks")]);
    assert_eq!(page.status, 503);
    assert!(page.shows("Staff login cannot be used at the moment"), "{}", page.readable());
    assert!(!page.text.contains("evil.example") && page.text.contains("/sign-in?next=%2Ftasks"), "{}", page.text);
    assert!(log(&app).is_empty(), "nobody tried to be anybody");
    provider.describes(Describes::Itself);
    depart(&browser, "/tasks");
    app.sign_in(muster::domain::people::Role::Auditor);
}
