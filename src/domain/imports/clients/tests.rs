use super::*;
use crate::domain::identities::IdentityKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::imported::ImportedScope;
use crate::domain::imports::facts::Named;

fn client() -> ImportedClient {
    serde_json::from_value(serde_json::json!({
        "client_id": "ward", "kind": "smart_app", "name": "Ward board", "description": "Beds", "environment": null,
        "system": null, "vendor": null, "purpose": null, "client_type": "public", "grant_types": ["authorization_code"],
        "launch_types": ["launch-ehr"], "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
        "access_token_seconds": 300, "refresh_tokens": "none", "refresh_token_seconds": null, "enabled": true,
        "vendor_managed": false, "state": "active", "cause": "imported_enabled", "expires_at": null, "created_at": null,
        "last_used_at": null, "issued_scopes": [{"scope": "openid", "optional": false, "in_token": true, "defined": true}],
        "requested_scopes": [], "says_enabled": true, "credentials": [], "business_owner_email": null, "technical_owner_email": null,
        "notes": {"a": "1"}, "remarks": []
    }))
    .unwrap()
}

fn known() -> ClientFacts {
    ClientFacts::of_new(&client(), Owners::default())
}

fn against(known: &ClientFacts, client: &ImportedClient) -> Comparison {
    compare(known, client, Owners::default(), Tells::EVERYTHING)
}

fn fields(comparison: &Comparison) -> Vec<&str> {
    comparison.changes.iter().map(|change| change.field.as_str()).collect()
}

#[test]
fn the_same_client_again_changes_nothing() {
    let compared = against(&known(), &client());
    assert_eq!((compared.changes, compared.remarks), (vec![], vec![]));
    assert_eq!(client().kind, IdentityKind::SmartApp);
}

#[test]
fn another_order_of_redirects_is_no_change() {
    let mut turned = client();
    turned.redirect_uris.reverse();
    let compared = against(&known(), &turned);
    assert!(compared.changes.is_empty());
    assert_eq!(compared.after, known());
}

#[test]
fn a_list_shows_only_what_goes_and_what_comes() {
    let mut changed = client();
    changed.redirect_uris[1] = "https://c.example/cb".to_owned();
    let scope = |scope: &str| ImportedScope { scope: scope.to_owned(), optional: true, in_token: true, defined: false };
    changed.issued_scopes.push(scope("system/*.rs"));
    let compared = against(&known(), &changed);
    assert_eq!(
        compared.changes.iter().map(FieldChange::words).collect::<Vec<_>>(),
        [
            "Redirect URIs: https://b.example/cb \u{2192} https://c.example/cb",
            "Issued scopes: nothing \u{2192} system/*.rs (on request) (not defined)"
        ]
    );
}

#[test]
fn what_people_keep_is_filled_in_once_and_never_changed() {
    let mut said = client();
    said.purpose = Some("Bed planning".to_owned());
    said.vendor = Some("Acme".to_owned());
    let owner = |address: &str| Some(Named { id: Id::new(), address: address.to_owned() });
    let owners = Owners { business: owner("a@hospital.example"), technical: None };
    let first = compare(&known(), &said, owners, Tells::EVERYTHING);
    assert_eq!(fields(&first), ["Purpose", "Vendor", "Business owner, proposed"]);
    said.purpose = Some("Something else".to_owned());
    said.vendor = Some("Other".to_owned());
    let owners = Owners { business: owner("b@hospital.example"), technical: None };
    let second = compare(&first.after, &said, owners, Tells::EVERYTHING);
    assert_eq!(fields(&second), Vec::<&str>::new());
    assert_eq!(second.remarks, ["The file names the vendor Other; the register keeps another."]);
}

#[test]
fn the_state_follows_the_file_only_while_no_person_decided() {
    let mut disabled = client();
    disabled.enabled = false;
    (disabled.state, disabled.cause) = (IdentityState::Suspended, StateCause::ImportedDisabled);
    let moved = against(&known(), &disabled);
    assert_eq!((moved.after.state, moved.after.cause), (IdentityState::Suspended, StateCause::ImportedDisabled));
    let decided = ClientFacts { cause: StateCause::Decided, ..known() };
    let kept = against(&decided, &disabled);
    assert_eq!((kept.after.state, kept.after.enabled), (IdentityState::Active, false));
    assert_eq!(fields(&kept), ["Enabled at the issuing system"]);
    assert_eq!(
        kept.remarks,
        ["The file says disabled, the register says active: decided by a person. The register stays."]
    );
    let expired = ClientFacts { state: IdentityState::Suspended, cause: StateCause::Expired, ..known() };
    assert_eq!(against(&expired, &client()).after.state, IdentityState::Suspended, "a file ends no expiry");
}

#[test]
fn a_file_that_does_not_say_whether_it_is_enabled_leaves_that_as_it_was_known() {
    let mut off = client();
    off.enabled = false;
    (off.state, off.cause) = (IdentityState::Suspended, StateCause::ImportedDisabled);
    let disabled = ClientFacts::of_new(&off, Owners::default());
    let mut silent = client();
    silent.says_enabled = false;
    for tells in [Tells::EVERYTHING, Tells::WHAT_IS_THERE] {
        let compared = compare(&disabled, &silent, Owners::default(), tells);
        assert_eq!((fields(&compared), compared.remarks.len()), (vec![], 0));
        assert_eq!(compared.after, disabled);
    }
    assert_eq!(
        fields(&against(&disabled, &client())),
        ["State", "Cause of the state", "Enabled at the issuing system"]
    );
    // A request says nothing about the client either.
    let mut request = silent.clone();
    request.enabled = false;
    (request.state, request.cause) = (IdentityState::Requested, StateCause::ImportedRequest);
    assert!(against(&known(), &request).changes.is_empty());
}

#[test]
fn what_should_not_be_there_and_is_listed_is_remarked_though_the_file_does_not_say_that_it_is_enabled() {
    let mut silent = client();
    silent.says_enabled = false;
    let remarks = |state| against(&ClientFacts { state, cause: StateCause::Decided, ..known() }, &silent).remarks;
    assert_eq!(
        remarks(IdentityState::Revoked),
        ["The file lists it, the register says revoked: decided by a person. The register stays."]
    );
    assert!(remarks(IdentityState::Suspended).is_empty(), "what is switched off is listed too");
}

#[test]
fn what_is_taken_for_granted_of_a_new_client_is_said() {
    let mut silent = client();
    assert_eq!(facts::taken_for_granted(&silent), None);
    silent.says_enabled = false;
    assert!(facts::taken_for_granted(&silent).unwrap().contains("does not say whether it is enabled"));
    // Its cause is the same as that of a client of which the file says it, so its words are true of both.
    assert_eq!(ClientFacts::of_new(&silent, Owners::default()).cause.label(), "imported as enabled");
    (silent.state, silent.cause) = (IdentityState::Requested, StateCause::ImportedRequest);
    assert_eq!(facts::taken_for_granted(&silent), None, "a request is registered nowhere yet");
}

#[test]
fn silence_takes_nothing_away_where_the_format_does_not_tell() {
    let mut silent = client();
    silent.description = None;
    silent.redirect_uris.clear();
    silent.issued_scopes.clear();
    silent.notes.clear();
    let listed = compare(&known(), &silent, Owners::default(), Tells::WHAT_IS_THERE);
    assert!(listed.changes.is_empty(), "{:?}", listed.changes);
    assert_eq!(fields(&against(&known(), &silent)), ["Description", "Redirect URIs", "Issued scopes", "Notes"]);
}

#[test]
fn a_masked_secret_keeps_what_an_earlier_file_showed() {
    let secret = |fingerprint: Option<&str>, strength| ImportedCredential {
        kind: CredentialKind::ClientSecret,
        key_id: None,
        thumbprint: None,
        location: None,
        created_at: Moment::from_epoch_seconds(1_700_000_000),
        expires_at: None,
        never_expires: true,
        strength,
        fingerprint: fingerprint.map(str::to_owned),
    };
    let mut seen = client();
    seen.credentials = vec![secret(Some(&"ab".repeat(32)), Strength::Weak)];
    let mut masked = client();
    masked.credentials = vec![secret(None, Strength::Unknown)];
    let known = ClientFacts::of_new(&seen, Owners::default());
    assert!(against(&known, &masked).changes.is_empty());
    let mut other = client();
    other.credentials = vec![secret(Some(&"cd".repeat(32)), Strength::Ok)];
    assert_eq!(fields(&against(&known, &other)), ["Credentials"]);
}

#[test]
fn use_is_never_unlearnt_and_a_client_that_comes_back_says_so() {
    let mut used = client();
    used.last_used_at = Moment::from_epoch_seconds(1_700_000_000);
    let known = ClientFacts { vanished: true, ..ClientFacts::of_new(&used, Owners::default()) };
    used.last_used_at = Moment::from_epoch_seconds(1_600_000_000);
    assert_eq!(fields(&against(&known, &used)), ["Vanished from the file"]);
}
