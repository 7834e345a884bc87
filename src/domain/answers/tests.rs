use super::*;

const EXPIRED: Asked =
    Asked { kind: TaskKind::Offboarding, cause: TaskCause::Expired, state: IdentityState::Suspended, keeper: false };

const NOTHING: Typed<'_> = Typed { answer: None, reason: "", until: "", somebody: "" };

fn today() -> NaiveDate {
    "2026-11-23".parse().unwrap()
}

fn read_of(typed: Typed<'_>) -> Result<Answered, Vec<AnswerFault>> {
    read(typed, &Asked { keeper: true, ..EXPIRED }.offered(), today())
}

#[test]
fn an_owner_may_answer_an_expiry_with_a_date_or_with_somebody_else() {
    assert_eq!(EXPIRED.offered(), [TaskAnswer::Done, TaskAnswer::Until, TaskAnswer::Another]);
}

#[test]
fn neither_lost_owners_nor_a_revocation_are_answered_with_a_date() {
    for cause in [TaskCause::OwnersGone, TaskCause::Revoking] {
        assert_eq!(Asked { cause, ..EXPIRED }.offered(), [TaskAnswer::Done, TaskAnswer::Another], "{cause}");
    }
    for state in [IdentityState::Revoking, IdentityState::Revoked, IdentityState::Rejected] {
        assert!(!Asked { state, ..EXPIRED }.offered().contains(&TaskAnswer::Until), "{state}");
    }
}

#[test]
fn only_a_keeper_may_say_that_nothing_is_left_to_do() {
    assert!(!EXPIRED.offered().contains(&TaskAnswer::Obsolete));
    assert!(Asked { keeper: true, ..EXPIRED }.offered().contains(&TaskAnswer::Obsolete));
}

#[test]
fn what_has_a_page_of_its_own_is_answered_there() {
    for kind in [TaskKind::Recertification, TaskKind::Narrowing, TaskKind::ReviewerMissing, TaskKind::Ownership] {
        assert!(Asked { kind, keeper: true, ..EXPIRED }.offered().is_empty(), "{kind}");
    }
    let question = Asked { kind: TaskKind::ReviewQuestion, cause: TaskCause::QuestionAsked, ..EXPIRED };
    assert_eq!(question.offered(), [TaskAnswer::Done, TaskAnswer::Another]);
}

#[test]
fn without_an_answer_nothing_is_read() {
    assert_eq!(read_of(Typed { reason: "typed", ..NOTHING }), Err(vec![AnswerFault::NotChosen]));
    assert_eq!(read_of(Typed { answer: Some(TaskAnswer::Accept), ..NOTHING }), Err(vec![AnswerFault::NotChosen]));
    assert_eq!(read_of(Typed { answer: Some(TaskAnswer::Keep), ..NOTHING }), Err(vec![AnswerFault::NotChosen]));
}

#[test]
fn an_end_date_lies_after_today_and_needs_a_reason() {
    let until = |until, reason| read_of(Typed { answer: Some(TaskAnswer::Until), until, reason, somebody: "" });
    let date = "2026-11-24".parse().unwrap();
    assert_eq!(until(" 2026-11-24 ", "a pilot"), Ok((Decision::Until(date), Some("a pilot".to_owned()))));
    assert_eq!(until("", " "), Err(vec![AnswerFault::NoDate, AnswerFault::WhyUntil]));
    assert_eq!(until("2026-11-23", "x"), Err(vec![AnswerFault::PastDate]));
    for wrong in ["24.11.2026", "2026-13-01", "+12026-11-24", "tomorrow"] {
        assert_eq!(until(wrong, "x"), Err(vec![AnswerFault::UnreadableDate]), "{wrong}");
    }
}

#[test]
fn what_belongs_to_another_answer_is_a_fault_and_not_dropped() {
    let done = Typed { answer: Some(TaskAnswer::Done), reason: "stopped", until: "2027-01-01", somebody: "Dana" };
    assert_eq!(read_of(done), Err(vec![AnswerFault::UnusedDate, AnswerFault::UnusedPerson]));
    let another = Typed { answer: Some(TaskAnswer::Another), somebody: "a\nb", ..NOTHING };
    assert_eq!(read_of(another), Err(vec![AnswerFault::UnreadablePerson, AnswerFault::WhyThey]));
}

#[test]
fn a_reason_has_an_end() {
    let long = "x".repeat(LONGEST_REASON + 1);
    assert_eq!(
        read_of(Typed { answer: Some(TaskAnswer::Done), reason: &long, ..NOTHING }),
        Err(vec![AnswerFault::TooLong])
    );
    assert_eq!(written(" a\r\nb "), Ok(Some("a\nb".to_owned())));
}
