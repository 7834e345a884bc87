use super::*;

fn human(role: Role) -> Human {
    Human { person: Id::new(), role, active: true, owns: false, deputy_of: None }
}

fn asked_by(requester: &Human) -> Parts {
    Parts { requester: requester.person, on_behalf_of: None, approver: None }
}

#[test]
fn owners_and_keepers_ask_and_a_deputy_asks_for_their_principal() {
    assert_eq!(ask(&Human { owns: true, ..human(Role::Owner) }), Ok(None));
    assert_eq!(ask(&human(Role::SecurityAnalyst)), Ok(None));
    let principal = Id::new();
    assert_eq!(ask(&Human { deputy_of: Some(principal), ..human(Role::Owner) }), Ok(Some(principal)));
    assert_eq!(ask(&human(Role::Owner)), Err(GrantError::NotYours));
    assert_eq!(
        ask(&Human { owns: true, ..human(Role::Auditor) }),
        Err(GrantError::NotYours),
        "auditors change nothing"
    );
    assert_eq!(ask(&Human { active: false, ..human(Role::Administrator) }), Err(GrantError::NotActive));
}

#[test]
fn nobody_takes_two_parts_whatever_their_role() {
    for role in [Role::Administrator, Role::SecurityAnalyst] {
        let (one, two, three) = (human(role), human(role), human(role));
        let asked = asked_by(&one);
        assert_eq!(decide(&asked, &one), Err(GrantError::YouAsked));
        assert_eq!(carry_out(&asked, &three), Err(GrantError::NotApproved));
        assert_eq!(decide(&asked, &two), Ok(()));
        let approved = Parts { approver: Some(two.person), ..asked };
        assert_eq!(carry_out(&approved, &one), Err(GrantError::YouAsked));
        assert_eq!(carry_out(&approved, &two), Err(GrantError::YouApproved));
        assert_eq!(carry_out(&approved, &three), Ok(()));
    }
}

#[test]
fn a_deputy_and_their_principal_are_not_two_people() {
    let principal = human(Role::SecurityAnalyst);
    let deputy = Human { deputy_of: Some(principal.person), ..human(Role::Administrator) };
    let asked = Parts { on_behalf_of: Some(principal.person), ..asked_by(&deputy) };
    assert_eq!(decide(&asked, &deputy), Err(GrantError::YouAsked));
    assert_eq!(decide(&asked, &principal), Err(GrantError::AskedInYourName));
    let approved = Parts { approver: Some(Id::new()), ..asked };
    assert_eq!(carry_out(&approved, &principal), Err(GrantError::AskedInYourName));
}

#[test]
fn whoever_benefits_does_not_decide() {
    let asked = asked_by(&human(Role::SecurityAnalyst));
    assert_eq!(decide(&asked, &Human { owns: true, ..human(Role::SecurityAnalyst) }), Err(GrantError::YouOwnIt));
    assert_eq!(decide(&asked, &human(Role::Owner)), Err(GrantError::NotKeeper));
    assert_eq!(decide(&asked, &human(Role::Auditor)), Err(GrantError::NotKeeper));
}

#[test]
fn taking_back_is_easy() {
    let owner = Human { owns: true, ..human(Role::Owner) };
    let asked = asked_by(&owner);
    assert_eq!(withdraw(&asked, &owner), Ok(()));
    assert_eq!(withdraw(&asked, &human(Role::SecurityAnalyst)), Ok(()));
    assert_eq!(withdraw(&asked, &human(Role::Owner)), Err(GrantError::NotYours));
    assert_eq!(withdraw(&asked, &human(Role::Auditor)), Err(GrantError::NotYours));
}

#[test]
fn an_organisation_that_is_too_small_is_told_what_it_lacks() {
    let (one, two, three) = (human(Role::Administrator), human(Role::SecurityAnalyst), human(Role::SecurityAnalyst));
    let owner = Human { owns: true, ..human(Role::Owner) };
    assert_eq!(shortage(&asked_by(&one), &[one]), Some(Shortage::NobodyToDecide));
    assert_eq!(shortage(&asked_by(&one), &[one, two]), Some(Shortage::NobodyToCarryOut));
    assert_eq!(shortage(&asked_by(&one), &[one, two, three]), None);
    assert_eq!(shortage(&asked_by(&owner), &[one, two]), None);
    let both_own = [Human { owns: true, ..one }, Human { owns: true, ..two }];
    assert_eq!(shortage(&asked_by(&owner), &both_own), Some(Shortage::NobodyToDecide));
    // One who owns it cannot decide, and can carry out what the other decides.
    assert_eq!(shortage(&asked_by(&owner), &[Human { owns: true, ..one }, two]), None);
    let approved = Parts { approver: Some(two.person), ..asked_by(&owner) };
    assert_eq!(shortage(&approved, &[two]), Some(Shortage::NobodyToCarryOut));
    assert_eq!(shortage(&approved, &[two, three]), None);
}

#[test]
fn one_person_stops_one_identity_and_two_stop_more() {
    let (one, two) = (Id::new(), Id::new());
    assert_eq!(stop(1, &[one]), Ok(()));
    assert_eq!(stop(2, &[one]), Err(GrantError::TooFew { needed: 2, given: 1 }));
    assert_eq!(stop(2, &[one, one]), Err(GrantError::TooFew { needed: 2, given: 1 }), "the same person twice is one");
    assert_eq!(stop(500, &[one, two]), Ok(()));
    assert_eq!(stop(1, &[]), Err(GrantError::TooFew { needed: 1, given: 0 }));
}

#[test]
fn what_is_open_lapses_at_its_end_whether_a_job_ran_or_not() {
    let end = Moment::parse("2026-12-07T15:00:00Z").unwrap();
    assert_eq!(state_at(GrantState::Approved, end, end.plus_seconds(-1)), GrantState::Approved);
    assert_eq!(state_at(GrantState::Approved, end, end), GrantState::Lapsed);
    assert_eq!(state_at(GrantState::Executed, end, end), GrantState::Executed);
}
