use proptest::prelude::*;

use super::*;

fn token() -> ApiToken {
    ApiToken::of_random(std::array::from_fn(|place| u8::try_from(place * 2).unwrap()))
}

#[test]
fn a_token_is_written_as_github_writes_its_own() {
    let text = token().text().to_owned();
    assert!(text.starts_with("muster_api_02468ACEGI"), "{text}");
    assert_eq!(text.len(), 47);
    // Computed with Python: zlib.crc32 over what stands before, in base 62.
    assert_eq!(text, "muster_api_02468ACEGIKMOQSUWYacegikmoqsuw1tr6lP");
    assert_eq!(ApiToken::parse(&text).unwrap().text(), text);
}

#[test]
fn a_small_checksum_keeps_its_leading_zeros() {
    // CRC-32 of this body is below 62 to the fifth.
    let numbers = (0..=61_u8)
        .flat_map(|a| (0..=61_u8).map(move |b| (a, b)))
        .map(|(a, b)| {
            let mut numbers = [0; RANDOM_LETTERS];
            (numbers[0], numbers[1]) = (a, b);
            numbers
        })
        .find(|numbers| ApiToken::of_random(*numbers).text()[41..].starts_with('0'))
        .unwrap();
    let text = ApiToken::of_random(numbers).text().to_owned();
    assert_eq!(text.len(), 47);
    assert!(ApiToken::parse(&text).is_ok());
}

#[test]
fn every_single_mistake_is_seen_without_a_database() {
    let text = token().text().to_owned();
    for place in PREFIX.len()..text.len() {
        for letter in LETTERS {
            let mut wrong = text.clone().into_bytes();
            if wrong[place] != *letter {
                wrong[place] = *letter;
                let wrong = String::from_utf8(wrong).unwrap();
                assert_eq!(ApiToken::parse(&wrong).unwrap_err(), NoToken::Checksum, "{place}");
            }
        }
    }
    assert_eq!(ApiToken::parse(&text[..46]).unwrap_err(), NoToken::Length);
    assert_eq!(ApiToken::parse(&format!("{text}0")).unwrap_err(), NoToken::Length);
    assert_eq!(ApiToken::parse(&text.replace("muster_api_", "muster_web_")).unwrap_err(), NoToken::Prefix);
    assert_eq!(ApiToken::parse(&text.to_uppercase()).unwrap_err(), NoToken::Prefix);
    assert_eq!(ApiToken::parse("").unwrap_err(), NoToken::Prefix);
}

proptest! {
    #[test]
    fn nothing_that_is_presented_makes_the_reader_panic(text in "(muster_api_)?\\PC{0,60}") {
        let _ = ApiToken::parse(&text);
    }
}

#[test]
fn a_token_is_not_in_its_debug_form() {
    let shown = format!("{:?} {:#?}", token(), Some(token()));
    assert!(!shown.contains(PREFIX) && !shown.contains(token().ending()), "{shown}");
}

#[test]
fn no_scope_reaches_what_is_for_people() {
    for permission in [Permission::Public, Permission::KeepPeople, Permission::AnswerTasks] {
        assert_eq!(TokenScope::for_permission(permission), None, "{permission}");
    }
    assert_eq!(TokenScope::within(Role::Owner), [TokenScope::Read, TokenScope::FileRequests]);
    assert_eq!(TokenScope::within(Role::Auditor), [TokenScope::Read, TokenScope::ReadRegister, TokenScope::ReadAudit]);
    assert_eq!(TokenScope::within(Role::Administrator), TokenScope::ALL);
}

#[test]
fn a_token_is_good_only_while_everything_it_rests_on_is() {
    let now = Moment::parse("2026-11-23T15:00:00Z").unwrap();
    let good = Standing {
        revoked_at: None,
        ends_at: now.plus_seconds(1),
        state: IdentityState::Active,
        expires_at: Some(now.plus_seconds(1)),
        role_then: Role::Auditor,
        role_now: Role::Auditor,
        disabled: false,
        left: false,
    };
    assert_eq!(good.check(now), Ok(()));
    assert_eq!(good.check(now.plus_seconds(1)), Err(Stopped::Ended));
    assert_eq!(Standing { revoked_at: Some(now), ..good }.check(now), Err(Stopped::Revoked));
    assert_eq!(Standing { expires_at: Some(now), ..good }.check(now), Err(Stopped::Suspended));
    assert_eq!(Standing { expires_at: None, ..good }.check(now), Err(Stopped::Suspended));
    for state in IdentityState::ALL.iter().filter(|state| **state != IdentityState::Active) {
        assert_eq!(Standing { state: *state, ..good }.check(now), Err(Stopped::Suspended), "{state}");
    }
    assert_eq!(Standing { disabled: true, ..good }.check(now), Err(Stopped::CreatorGone));
    assert_eq!(Standing { left: true, ..good }.check(now), Err(Stopped::CreatorGone));
    for role in [Role::Administrator, Role::Owner] {
        assert_eq!(Standing { role_now: role, ..good }.check(now), Err(Stopped::RoleChanged), "more or less");
    }
}

#[test]
fn the_last_day_is_the_ninetieth() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    assert_eq!(latest_end(today), NaiveDate::from_ymd_opt(2027, 2, 20).unwrap());
}
