//! What was done, in words a reader knows. An action without words here is shown as it is stored.

use super::Outcome;

/// Each action and how it reads after the actor's name and before the thing's: \u{201c}Dana Reed disabled
/// the account of Omar Diaz\u{201d}.
pub const ACTIONS: &[(&str, &str)] = &[
    ("account.add_passkey", "added a passkey to the account of"),
    ("account.change_password", "changed the password of"),
    ("account.change_role", "gave another role to"),
    ("account.confirm", "proved again to be"),
    ("account.disable", "disabled the account of"),
    ("account.enable", "enabled the account of"),
    ("account.end_other_sessions", "ended every other session of"),
    ("account.end_session", "ended a session of"),
    ("account.end_sessions", "ended every session of"),
    ("account.first_step", "gave the right password and was asked for the second step as"),
    ("account.give_link", "gave a one-time link to"),
    ("account.join_single_sign_on", "joined single sign-on to the account of"),
    ("account.make_recovery_codes", "made new recovery codes for"),
    ("account.open", "opened an account for"),
    ("account.remove_codes", "removed one-time codes from the account of"),
    ("account.remove_factors", "removed every second factor of"),
    ("account.remove_passkey", "removed a passkey from the account of"),
    ("account.set_password", "set the password of"),
    ("account.set_up_codes", "set up one-time codes for"),
    ("account.sign_in", "signed in"),
    ("account.sign_out", "signed out"),
    ("account.use_recovery_code", "used a recovery code of"),
    ("api_token.create", "made the API token"),
    ("api_token.revoke", "revoked the API token"),
    ("bulk.apply", "applied the bulk change"),
    ("bulk.freeze", "prepared the bulk change"),
    ("bulk.undo", "undid the bulk change"),
    ("campaign.advance", "moved on the campaign"),
    ("campaign.begin", "began, with everybody asked, the campaign"),
    ("campaign.cancel", "cancelled the campaign"),
    ("campaign.change", "changed the campaign"),
    ("campaign.draft", "drafted the campaign"),
    ("campaign.fail", "found nobody to ask in the campaign"),
    ("campaign.open", "opened the campaign"),
    ("column_map.save", "saved the column map"),
    ("emergency_access.ask", "asked for the emergency access of"),
    ("emergency_access.end", "ended the emergency access of"),
    ("emergency_access.refuse", "refused the emergency access of"),
    ("emergency_access.start", "started the emergency access of"),
    ("emergency_access.withdraw", "took back what was asked: the emergency access of"),
    ("finding.close", "closed the finding"),
    ("finding.open", "opened the finding"),
    ("grant.approve", "approved the grant"),
    ("grant.ask", "asked for the grant"),
    ("grant.carry_out", "carried out the grant"),
    ("grant.lapse", "noted that nobody finished the grant"),
    ("grant.refuse", "refused the grant"),
    ("grant.withdraw", "took back the grant"),
    ("identity.accept_ownership", "accepted to own"),
    ("identity.activate", "activated"),
    ("identity.approve_scopes", "approved the scopes of"),
    ("identity.ask_again", "reopened"),
    ("identity.assign_owner", "named, for many at once, the owner of"),
    ("identity.change_expiry", "moved the expiry of"),
    ("identity.edit", "changed"),
    ("identity.expire", "suspended, because its expiry has passed,"),
    ("identity.import", "imported"),
    ("identity.keep", "confirmed the need for"),
    ("identity.name_owner", "named an owner of"),
    ("identity.name_owners", "named the owners of"),
    ("identity.narrow", "narrowed what was approved for"),
    ("identity.not_reviewed", "noted that nobody answered the review of"),
    ("identity.note", "noted something about"),
    ("identity.observe_scopes", "recorded the issued scopes of"),
    ("identity.place", "placed, for the demonstration,"),
    ("identity.prove_revocation", "proved how to stop"),
    ("identity.refuse_ownership", "refused to own"),
    ("identity.register", "registered"),
    ("identity.reject", "rejected"),
    ("identity.remove", "removed"),
    ("identity.replace_credential", "recorded a new credential of"),
    ("identity.resume", "resumed"),
    ("identity.review", "reviewed"),
    ("identity.revoke", "revoked"),
    ("identity.set_way_to_stop", "wrote how to stop"),
    ("identity.start_revocation", "started to revoke"),
    ("identity.stay_suspended", "left suspended, because nobody answered its review,"),
    ("identity.suspend", "suspended"),
    ("identity.undo_assign_owner", "took back the naming of the owner of"),
    ("identity.undo_import", "took back the import of"),
    ("identity.wind_clock", "set the day of the next review of"),
    ("import.apply", "applied the import"),
    ("import.discard", "discarded the import"),
    ("import.expire", "noted the expiry of the import"),
    ("import.preview", "uploaded the import"),
    ("import.undo", "undid the import"),
    ("job.coalesce", "made up by one run for several of the job"),
    ("job.miss", "missed a run of the job"),
    ("job.owe_days", "noted which reviews are still to get days on which nothing ran, as the job"),
    ("job.purge_runs", "removed old runs from the record of jobs, as the job"),
    ("job.run", "ran the job"),
    ("job.skip", "left out a run of the job"),
    ("mail.drop", "gave up the mail"),
    ("mail.fail", "failed to send the mail"),
    ("mail.retry", "had another try made at the mail"),
    ("mail.send", "sent the mail"),
    ("person.add", "added"),
    ("person.edit", "changed what is known of"),
    ("person.import", "imported"),
    ("person.leave", "marked as left"),
    ("person.place", "placed, for the demonstration,"),
    ("person.undo_import", "took back the import of"),
    ("register.fill", "filled the register for measuring"),
    ("register.offer_set_up", "printed a set-up link for the first administrator of"),
    ("request.approve", "approved the request"),
    ("request.approve_part", "approved part of the request"),
    ("request.ask", "asked, with the request,"),
    ("request.confirm", "saw confirmed by an import the request"),
    ("request.expire", "noted that nobody decided in time about the request"),
    ("request.issue", "recorded what was issued for the request"),
    ("request.pass_on", "named somebody else to decide about the request"),
    ("request.refuse", "refused the request"),
    ("request.supersede", "noted that a later one took the place of the request"),
    ("request.take_effect", "put into force the request"),
    ("request.undo", "took back a decision about the request"),
    ("request.withdraw", "took back the request"),
    ("review.add_reason", "added a reason to the review of"),
    ("review.apply", "put into force what was decided in the review of"),
    ("review.ask", "asked for what others know in the review of"),
    ("review.cancel", "cancelled the review of"),
    ("review.close", "closed the review of"),
    ("review.correct", "corrected the decision in the review of"),
    ("review.count_silence", "counted silence in the review of"),
    ("review.decide", "decided the review of"),
    ("review.escalate", "took to the administrators the review of"),
    ("review.give_back", "gave back to silence, because it is protected no longer, the review of"),
    ("review.give_days", "gave days of their own to whoever is asked now, in the review of"),
    ("review.hold_back", "held silence back in the review of"),
    ("review.note", "added a note to the review of"),
    ("review.open", "opened the review of"),
    ("review.prove", "saw done what was decided in the review of"),
    ("review.put_off", "gave days more to answer, because nothing had run, to the review of"),
    ("review.reassign", "named somebody else to decide the review of"),
    ("review.step", "took the next step, without an answer, in the review of"),
    ("schedule.add", "added a schedule for"),
    ("schedule.change", "changed the schedule of"),
    ("schedule.pause", "paused the job"),
    ("schedule.resume", "let run again the job"),
    ("sealed_code.make", "made a sealed code"),
    ("sealed_code.use", "opened a sealed code"),
    ("sealed_code.void", "made void a sealed code"),
    ("silence.agree", "agreed that a stopped run goes on, of"),
    ("silence.count", "switched from simulating to counting"),
    ("silence.drop", "ended, because nothing of it was left, the stopped run of"),
    ("silence.go_on", "went on with the stopped run of"),
    ("silence.grow", "added what came to it to the stopped run of"),
    ("silence.propose", "proposed to switch from simulating to counting"),
    ("silence.shrink", "took out what was answered meanwhile of the stopped run of"),
    ("silence.simulate", "switched from counting to simulating"),
    ("silence.stop", "stopped, before it cut too much, a run of"),
    ("silence.withdraw", "took back the proposal to switch from simulating to counting"),
    ("system.add", "added the system"),
    ("system.edit", "changed the system"),
    ("system.place", "placed, for the demonstration,"),
    ("system.register", "registered the system"),
    ("task.answer", "answered the task"),
    ("task.ask_for_end_date", "asked the security analysts for a new end date in the task"),
    ("task.close", "closed the task"),
    ("task.hand_on", "handed on the task"),
    ("task.move", "moved, because whoever had it cannot act any more, the task"),
    ("task.raise", "raised the task"),
    ("task.reassign", "gave to somebody else the task"),
    ("vendor.add", "added the vendor"),
    ("vendor.edit", "changed the vendor"),
    ("vendor.end_contract", "recorded the end of the contract with"),
    ("vendor.place", "placed, for the demonstration,"),
    ("vendor.register", "registered the vendor"),
];

/// The kinds of records that entries tell of, and what a reader calls them.
pub const ENTITIES: &[(&str, &str)] = &[
    ("account", "Account"),
    ("api_token", "API token"),
    ("bulk_set", "Bulk change"),
    ("campaign", "Campaign"),
    ("column_map", "Column map"),
    ("emergency_access", "Emergency access"),
    ("finding", "Finding"),
    ("grant", "Grant"),
    ("identity", "Identity"),
    ("import", "Import"),
    ("job", "Job"),
    ("mail", "Mail"),
    ("person", "Person"),
    ("register", "Register"),
    ("request", "Request"),
    ("review", "Review"),
    ("schedule", "Schedule"),
    ("sealed_code", "Sealed code"),
    ("silence", "Silence"),
    ("silence_stop", "Stopped run of silence"),
    ("system", "System"),
    ("task", "Task"),
    ("vendor", "Vendor"),
];

/// The words for an action; `None` for one that has none yet.
pub fn action(action: &str) -> Option<&'static str> {
    ACTIONS.iter().find(|(stored, _)| *stored == action).map(|(_, words)| *words)
}

/// What was done, or tried and refused, between the actor\u{2019}s name and the thing\u{2019}s.
pub fn phrase(stored: &str, outcome: Outcome) -> String {
    let words = action(stored).unwrap_or(stored);
    match outcome {
        Outcome::Done => words.to_owned(),
        Outcome::Refused if stored == "account.sign_in" => "failed to sign in as".to_owned(),
        Outcome::Refused if stored == "account.confirm" => "failed to prove again to be".to_owned(),
        Outcome::Refused => format!("tried and was refused: {words}"),
    }
}

/// What a reader calls a kind of record; the stored word where there is no other.
pub fn entity(entity: &str) -> String {
    ENTITIES
        .iter()
        .find(|(stored, _)| *stored == entity)
        .map_or_else(|| entity.to_owned(), |(_, word)| (*word).to_owned())
}

/// A field's name as a heading: `contract_ends_on` reads \u{201c}Contract ends on\u{201d}, ids lose their ending.
pub fn field(name: &str) -> String {
    let name = name.strip_suffix("_id").unwrap_or(name).replace('_', " ");
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "Value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_name_nothing_twice() {
        assert!(ACTIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(ENTITIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn an_action_without_words_is_shown_as_it_is_stored() {
        assert_eq!(phrase("scope.approve", Outcome::Done), "scope.approve");
        assert_eq!(phrase("vendor.add", Outcome::Refused), "tried and was refused: added the vendor");
        assert_eq!(phrase("account.sign_in", Outcome::Refused), "failed to sign in as");
    }

    #[test]
    fn a_field_reads_as_a_heading() {
        assert_eq!(field("contract_ends_on"), "Contract ends on");
        assert_eq!(field("manager_id"), "Manager");
        assert_eq!(field(""), "Value");
    }
}
