use chrono::NaiveDate;

use super::asking::{self, AskFault};
use super::deciding::{self, Decision, DecisionFault, Standing};
use super::grounds::Organisation;
use super::people::{Human, NotEligible, Parts, carry_out, decide, eligible, owner_can, shortage};
use super::sheet::{Fact, Sheet, Written};
use super::stages::Considered;
use super::tables::ApprovalTables;
use super::*;
use crate::domain::identities::Environment;
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::tiers::Basis;
use crate::domain::scopes::{Knowledge, ScopeSet};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn tables() -> ApprovalTables {
    ApprovalTables::read(|_| None).unwrap()
}

fn human(role: Role) -> Human {
    Human {
        person: Id::new(),
        role,
        active: true,
        business_owner: false,
        technical_owner: false,
        deputy: false,
        named: false,
    }
}

/// Whose yes a set of scopes needs: its rule and its stages.
fn way(scopes: &str, change: impl FnOnce(&mut Considered<'_>)) -> (String, Vec<StageKind>, i64) {
    let knowledge = Knowledge::built_in().unwrap();
    let reach = Reach::of(&ScopeSet::parse(scopes), Release::R4, knowledge);
    let (tier, _) = knowledge.tiers.tier(&reach, Basis::Treatment);
    let mut asked = Considered {
        environment: Environment::Production,
        test_data: false,
        basis: Basis::Treatment,
        tier,
        reach: &reach,
        adds: true,
        outside: false,
        unexplained: super::sheet::is_unexplained(scopes.split(' '), &reach, knowledge),
        papers: Vec::new(),
    };
    change(&mut asked);
    let way = tables().stages.way(&asked).unwrap();
    (way.rule, way.stages, way.longest_days)
}

#[test]
fn whoever_acts_for_us_without_an_agreement_that_runs_needs_security_too() {
    use crate::domain::requests::PaperKind;
    let vendor = |basis: Basis, papers: &[PaperKind]| {
        way("patient/Immunization.rs", |asked| {
            (asked.basis, asked.outside, asked.papers) = (basis, true, papers.to_vec());
        })
    };
    let (owner, both) = (vec![StageKind::BusinessOwner], vec![StageKind::BusinessOwner, StageKind::Security]);
    assert_eq!(vendor(Basis::BusinessAssociate, &[]).1, both);
    assert_eq!(vendor(Basis::BusinessAssociate, &[PaperKind::Contract, PaperKind::Agreement]).1, both);
    assert_eq!(vendor(Basis::BusinessAssociate, &[PaperKind::Baa]).1, owner);
    assert_eq!(vendor(Basis::Research, &[PaperKind::Baa]).1, both);
    assert_eq!(vendor(Basis::Research, &[PaperKind::Agreement]).1, owner);
    assert_eq!(vendor(Basis::InternalOperations, &[]).1, owner);
}

#[test]
fn the_wider_it_reaches_the_more_people_have_to_agree() {
    use StageKind::{BusinessOwner, SecondPerson, Security};
    for (scopes, rule, stages) in [
        ("launch/patient patient/Observation.rs?category=laboratory", "narrow", vec![BusinessOwner]),
        ("patient/Immunization.rs", "narrow", vec![BusinessOwner]),
        ("patient/Immunization.cu", "write", vec![BusinessOwner, Security]),
        ("patient/Immunization.d", "delete", vec![BusinessOwner, Security]),
        ("user/Immunization.rs", "breadth of a user", vec![BusinessOwner, Security]),
        ("patient/*.rs", "every type", vec![BusinessOwner, Security, SecondPerson]),
        ("system/Immunization.rs", "every patient", vec![BusinessOwner, Security, SecondPerson]),
        ("system/*.rs", "every patient", vec![BusinessOwner, Security, SecondPerson]),
        ("patient/Immunization.rs roles", "unexplained", vec![BusinessOwner, Security, SecondPerson]),
        ("patient/Zebra.rs", "unexplained", vec![BusinessOwner, Security, SecondPerson]),
        (
            "patient/Observation.rs?code:in=http://valueset.example/hiv",
            "unexplained",
            vec![BusinessOwner, Security, SecondPerson],
        ),
    ] {
        let (found, needed, _) = way(scopes, |_| {});
        assert_eq!((found.as_str(), &needed), (rule, &stages), "{scopes}");
    }
}

#[test]
fn a_sandbox_without_real_patients_takes_its_owner_alone_for_thirty_days() {
    let sandbox = |test_data: bool| {
        way("system/*.cruds", |asked| {
            asked.environment = Environment::Sandbox;
            asked.test_data = test_data;
        })
    };
    assert_eq!(sandbox(true), ("sandbox".to_owned(), vec![StageKind::BusinessOwner], 30));
    assert_eq!(sandbox(false).1.len(), 3, "nobody says that no patients are there");
    let production = way("system/*.cruds", |asked| asked.test_data = true);
    assert_eq!(production.1.len(), 3, "what stands in production is no test");
}

#[test]
fn what_gives_nothing_new_takes_the_owner_alone_and_an_unknown_basis_takes_security_too() {
    assert_eq!(way("system/*.cruds", |asked| asked.adds = false).0, "narrowing");
    assert_eq!(way("patient/Immunization.rs", |asked| asked.basis = Basis::Unknown).0, "no basis");
    let outside = way("patient/Immunization.rs", |asked| {
        asked.outside = true;
        asked.basis = Basis::InternalOperations;
    });
    assert_eq!((outside.0.as_str(), outside.2), ("narrow, from outside", 180));
}

#[test]
fn a_table_that_leaves_a_request_to_nobody_is_refused_with_its_name() {
    let stages = include_str!("../../../seeds/approvals/stages.toml");
    let grounds = include_str!("../../../seeds/approvals/grounds.toml");
    let broken = |file: &'static str, text: String| {
        ApprovalTables::read(|asked| (asked == file).then(|| text.clone())).unwrap_err().to_string()
    };
    for (from, to, words) in [
        ("stages = [\"business_owner\"]", "stages = []", "has no stage: nothing is approved by nobody"),
        ("undo_minutes = 30", "undo_minutes = -1", "undo_minutes is -1"),
        ("[\"business_owner\", \"security\"]", "[\"security\", \"security\"]", "names a stage twice in a row"),
        ("rule = ", "rule = ", ""),
    ] {
        if words.is_empty() {
            continue;
        }
        let said = broken("stages.toml", stages.replacen(from, to, 1));
        assert!(said.contains("stages.toml") && said.contains(words), "{said}");
    }
    let conditional = format!(
        "{stages}\n[[rule]]\nname = \"x\"\nbecause = \"y\"\nstages = [\"security\"]\nlongest_days = 1\nwrite = true\n"
    );
    assert!(broken("stages.toml", conditional).contains("the last rule has a condition"));
    assert!(broken("stages.toml", stages.replacen("adds = false", "adds_nothing = true", 1)).contains("adds_nothing"));
    let none = grounds.replace("\"patient_directed\"", "\"treatment\"");
    assert!(broken("grounds.toml", none).contains("no ground is left for patient-directed"));
}

#[test]
fn an_app_that_a_patient_chose_is_refused_on_the_grounds_of_the_law_alone() {
    let grounds = tables().grounds;
    let words = |basis, organisation| -> Vec<String> {
        grounds.offered(basis, organisation).iter().map(|ground| ground.word.clone()).collect()
    };
    assert_eq!(words(Basis::PatientDirected, Some(Organisation::Payer)), ["security_risk"]);
    let provider = words(Basis::PatientDirected, Some(Organisation::Provider));
    assert!(provider.contains(&"privacy".to_owned()) && !provider.contains(&"security_risk".to_owned()));
    assert!(!provider.contains(&"other".to_owned()), "no ground of one's own");
    assert_eq!(words(Basis::PatientDirected, None).len(), 1 + provider.len());
    assert!(words(Basis::Treatment, None).contains(&"other".to_owned()));
}

#[test]
fn nobody_decides_about_what_they_asked_own_technically_or_approved() {
    let stage = StageKind::BusinessOwner;
    let owner = Human { business_owner: true, ..human(Role::Owner) };
    let parts = Parts { business_owner: Some(owner.person), ..Parts::default() };
    assert_eq!(decide(stage, &parts, &owner, true), Ok(DecidedAs::BusinessOwner));
    let asked = Parts { requester: Some(owner.person), ..parts.clone() };
    assert_eq!(decide(stage, &asked, &owner, true), Err(NotEligible::YouAsked));
    let named = Parts { requester_for: Some(owner.person), ..parts.clone() };
    assert_eq!(decide(stage, &named, &owner, true), Err(NotEligible::AskedInYourName));
    let approved = Parts { approvers: vec![owner.person], ..parts.clone() };
    assert_eq!(decide(stage, &approved, &owner, true), Err(NotEligible::YouApproved));
    let benefits = Human { technical_owner: true, ..owner };
    assert_eq!(decide(stage, &parts, &benefits, true), Err(NotEligible::YouBenefit));
    let gone = Human { active: false, ..owner };
    assert_eq!(decide(stage, &parts, &gone, true), Err(NotEligible::NotActive));
    let auditor = Human { role: Role::Auditor, ..owner };
    assert_eq!(decide(stage, &parts, &auditor, true), Err(NotEligible::Auditor));
    let keeper = human(Role::Administrator);
    assert_eq!(decide(stage, &parts, &keeper, true), Err(NotEligible::OwnerDecides));
    assert_eq!(decide(stage, &parts, &keeper, false), Ok(DecidedAs::Fallback));
    assert_eq!(decide(stage, &parts, &human(Role::Owner), false), Err(NotEligible::KeeperDecides));
    for stage in [StageKind::Security, StageKind::SecondPerson] {
        assert_eq!(decide(stage, &parts, &keeper, true), Ok(DecidedAs::Keeper));
        assert_eq!(decide(stage, &parts, &owner, true), Err(NotEligible::KeeperDecides));
        let both = Human { business_owner: true, ..keeper };
        assert_eq!(decide(stage, &parts, &both, true), Err(NotEligible::OwnerIsNoKeeper));
    }
}

#[test]
fn a_deputy_stands_in_for_an_owner_who_cannot_and_never_for_one_who_asked() {
    let owner = Human { business_owner: true, ..human(Role::Owner) };
    let deputy = Human { deputy: true, ..human(Role::Owner) };
    let keeper = human(Role::SecurityAnalyst);
    let parts = Parts { business_owner: Some(owner.person), ..Parts::default() };
    let gone = Human { active: false, ..owner };
    assert!(owner_can(&parts, &[gone, deputy, keeper]));
    let found = eligible(StageKind::BusinessOwner, &parts, &[keeper, deputy, gone]);
    assert_eq!(found, [(deputy.person, DecidedAs::Deputy)]);
    let asked = Parts { requester: Some(owner.person), ..parts };
    assert!(!owner_can(&asked, &[owner, deputy]), "whoever stands in for the asker is the asker");
    let found = eligible(StageKind::BusinessOwner, &asked, &[owner, deputy, keeper]);
    assert_eq!(found, [(keeper.person, DecidedAs::Fallback)]);
}

#[test]
fn where_the_last_stage_would_find_nobody_left_that_is_said_at_the_start() {
    use StageKind::{BusinessOwner, SecondPerson, Security};
    let owner = Human { business_owner: true, ..human(Role::Owner) };
    let (one, two) = (human(Role::SecurityAnalyst), human(Role::Administrator));
    let parts = Parts { business_owner: Some(owner.person), ..Parts::default() };
    let all = [BusinessOwner, Security, SecondPerson];
    assert_eq!(shortage(&all, &parts, &[owner, one, two]), None);
    assert_eq!(shortage(&all, &parts, &[owner, one]), Some(SecondPerson));
    assert_eq!(shortage(&all, &parts, &[owner]), Some(Security));
    assert_eq!(shortage(&all, &parts, &[]), Some(BusinessOwner));
    let nobody = Parts::default();
    assert_eq!(shortage(&all, &nobody, &[one, two]), Some(SecondPerson), "one of the two decides for the owner");
    assert_eq!(shortage(&[BusinessOwner], &nobody, &[one]), None);
}

#[test]
fn whoever_asked_or_approved_records_no_issuing() {
    let (asker, approver) = (human(Role::SecurityAnalyst), human(Role::SecurityAnalyst));
    let parts = Parts { requester: Some(asker.person), approvers: vec![approver.person], ..Parts::default() };
    assert_eq!(carry_out(&parts, &asker), Err(NotEligible::ExecutorAsked));
    assert_eq!(carry_out(&parts, &approver), Err(NotEligible::ExecutorApproved));
    assert_eq!(carry_out(&parts, &human(Role::Administrator)), Ok(()));
    assert_eq!(carry_out(&parts, &Human { technical_owner: true, ..human(Role::Owner) }), Ok(()));
    assert_eq!(carry_out(&parts, &human(Role::Owner)), Err(NotEligible::NotExecutor));
}

#[test]
fn a_sheet_tells_what_another_end_changes() {
    let scopes = ScopeSet::parse("patient/Observation.rs");
    let of = |until: &str, ends: Option<&str>| {
        let written = Written {
            app: "RefillBot",
            works: true,
            approved: &scopes,
            asked: &scopes,
            until: day(until),
            ends: ends.map(day),
        };
        Sheet::of(written, Knowledge::built_in().unwrap())
    };
    let shorter = of("2027-03-01", Some("2027-05-14"));
    assert_eq!(shorter.end, "It would end on 1 Mar 2027 instead of 14 May 2027: 74 days earlier.");
    assert!(shorter.question.contains("but only until 1 Mar 2027 instead of 14 May 2027"), "{}", shorter.question);
    assert_eq!(shorter.if_no, "If you say no, RefillBot keeps what it has until 14 May 2027.");
    assert!(of("2027-05-15", Some("2027-05-14")).end.ends_with("1 day later."));
    assert_eq!(of("2027-05-14", Some("2027-05-14")).end, "");
    assert!(of("2027-05-14", None).end.contains("No end is on record now"));
    assert_ne!(shorter.digest(), of("2027-03-01", Some("2027-06-14")).digest());
}

#[test]
fn what_reaches_furthest_is_read_first() {
    let read = sheet("", "launch openid patient/Patient.rs user/Patient.rs system/Patient.rs roles", false);
    let order: Vec<&str> = read.lines.iter().map(|line| line.scope.as_str()).collect();
    assert_eq!(order, ["roles", "system/Patient.rs", "user/Patient.rs", "patient/Patient.rs", "launch", "openid"]);
}

fn sheet(approved: &str, asked: &str, works: bool) -> Sheet {
    let (approved, asked) = (ScopeSet::parse(approved), ScopeSet::parse(asked));
    Sheet::of(
        Written { app: "RefillBot", works, approved: &approved, asked: &asked, until: day("2027-03-31"), ends: None },
        Knowledge::built_in().unwrap(),
    )
}

#[test]
fn every_line_of_a_sheet_names_whose_data_and_the_digest_holds_every_word() {
    let read = sheet("patient/Observation.rs", "patient/Observation.rs system/MedicationRequest.cu roles", true);
    assert!(read.question.contains("Should RefillBot get more than it has"));
    assert!(read.lines.iter().any(|line| line.sentence.contains("every patient it is not blocked from")));
    assert!(read.lines.iter().any(|line| line.unlimited && line.scope == "roles"));
    assert_eq!(read.digest().len(), 64);
    let mut other = read.clone();
    assert_eq!(other.digest(), read.digest());
    other.lines.swap(0, 1);
    assert_ne!(other.digest(), read.digest(), "the order is part of what is read");
    for change in [
        |sheet: &mut Sheet| sheet.if_no.push('!'),
        |sheet: &mut Sheet| sheet.lines.truncate(1),
        |sheet: &mut Sheet| sheet.lines.iter_mut().for_each(|line| line.sentence.push(' ')),
        |sheet: &mut Sheet| sheet.words.push('x'),
        |sheet: &mut Sheet| sheet.facts.push(Fact::new("Use so far", "none")),
        |sheet: &mut Sheet| sheet.facts.push(Fact::unknown("Use so far", "none")),
    ] {
        let mut changed = read.clone();
        change(&mut changed);
        assert_ne!(changed.digest(), read.digest());
        assert!(changed != read);
    }
    let narrower = sheet("patient/Observation.rs patient/Condition.rs", "patient/Observation.rs", true);
    assert!(narrower.question.contains("less than it has") && !narrower.gains());
    assert_ne!(read.digest(), narrower.digest());
    assert!(sheet("", "patient/Observation.rs", false).if_no.contains("cannot start"));
}

#[test]
fn a_respelling_is_nothing_new() {
    let read = sheet("patient/Observation.read", "patient/Observation.rs", true);
    assert!(!read.gains(), "{:?}", read.lines);
}

#[test]
fn what_is_asked_is_read_with_every_fault_at_once() {
    let today = day("2026-11-23");
    let typed = |scopes, reason, until, urgent, urgency| asking::Typed { scopes, reason, until, urgent, urgency };
    let faults = asking::read(typed("patient/Observation.sr", " ", "2026-11-23", true, ""), 10, today).unwrap_err();
    assert_eq!(faults.iter().map(AskFault::field).collect::<Vec<_>>(), ["scopes", "reason", "until", "urgency"]);
    let right = typed("launch  patient/Observation.rs\nlaunch", "why", "2026-11-24", false, "");
    let asked = asking::read(right, 10, today).unwrap();
    assert_eq!(asked.scopes, ["launch", "patient/Observation.rs"]);
    let many = "patient/Observation.rs?code=a|1 ".repeat(3) + "launch openid";
    assert_eq!(asking::scopes(&many, 2), Err(vec![AskFault::TooMany { given: 5, most: 2 }]));
    assert_eq!(asking::check_end(day("2026-12-23"), today, 30), Ok(()));
    assert!(asking::check_end(day("2026-12-24"), today, 30).is_err());
    let unused = typed("launch", "why", "2026-11-24", false, "a fire");
    assert_eq!(asking::read(unused, 10, today), Err(vec![AskFault::UnusedUrgency]));
}

#[test]
fn nothing_is_decided_by_a_form_that_chooses_nothing_and_nothing_typed_is_passed_over() {
    let scopes = ["a/b".to_owned(), "c/d".to_owned()];
    let settled = ["e/f".to_owned()];
    let standing = Standing {
        scopes: &scopes,
        settled: &settled,
        until: day("2027-03-31"),
        grounds: &["other"],
        today: day("2026-11-23"),
    };
    let typed = |answer| deciding::Typed { answer, keep: &[], until: "", reason: "", ground: "", somebody: "" };
    assert_eq!(deciding::read(typed(None), &standing), Err(vec![DecisionFault::NotChosen]));
    let yes = typed(Some(RequestAnswer::Approve));
    assert_eq!(deciding::read(yes, &standing), Ok((Decision::Approve, None)));
    let ticked = deciding::Typed { keep: &["a/b"], ..yes };
    assert_eq!(deciding::read(ticked, &standing), Ok((Decision::Approve, None)), "a tick belongs to another answer");
    let dated = deciding::Typed { until: "2027-01-01", ground: "other", somebody: "Dana", ..yes };
    let faults = deciding::read(dated, &standing).unwrap_err();
    assert_eq!(faults, [DecisionFault::UnusedDate, DecisionFault::UnusedGround, DecisionFault::UnusedPerson]);
    let part = deciding::Typed { keep: &["a/b", "c/d"], reason: "x", ..typed(Some(RequestAnswer::Part)) };
    assert_eq!(deciding::read(part, &standing), Err(vec![DecisionFault::NothingLess]));
    let earlier = deciding::Typed { until: "2027-01-01", ..part };
    let Ok((Decision::Part { scopes: kept, until }, _)) = deciding::read(earlier, &standing) else { panic!("no part") };
    assert_eq!((kept.join(" ").as_str(), until), ("e/f a/b c/d", day("2027-01-01")), "what is approved stays");
    let no = deciding::Typed { ground: "unheard_of", ..typed(Some(RequestAnswer::Refuse)) };
    assert_eq!(deciding::read(no, &standing), Err(vec![DecisionFault::NoGround, DecisionFault::WhyNot]));
}

#[test]
fn a_request_is_called_by_its_number_and_expires_by_the_clock() {
    assert_eq!((reference(17).as_str(), number("r-17"), number(" R-17 ")), ("R-17", Some(17), Some(17)));
    assert_eq!((number("17"), number("R-0"), number("R--1"), number("R-x")), (Some(17), None, None, None));
    let end = Moment::parse("2026-11-23T15:00:00Z").unwrap();
    assert_eq!(state_at(RequestState::Open, end, end), RequestState::Expired);
    assert_eq!(state_at(RequestState::Open, end, end.plus_seconds(-1)), RequestState::Open);
    assert_eq!(state_at(RequestState::Approved, end, end), RequestState::Approved);
}
