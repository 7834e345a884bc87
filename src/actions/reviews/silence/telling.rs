//! The mail to the owners of what silence cut: one for each of them, and for what was done, however much of theirs a run
//! comes to.
//!
//! It is written in the transaction that cuts, and grows there as long as it has not left. So a run that is lost and
//! taken up again forgets nobody and tells nobody twice; what comes after it has left has a mail of its own.

use chrono::NaiveDate;

use super::super::load::Loaded;
use crate::actions::{ActionError, Register, Work};
use crate::domain::ids::Id;
use crate::domain::reviews::cut_words::Cut;
use crate::store::outbox::{self, Mail};
use crate::store::types::Doc;

/// Whoever answers for it is told what happened, and how to get it back.
pub fn tell_owners(work: &mut Work<'_>, register: &Register, loaded: &Loaded, cut: Cut) -> Result<(), ActionError> {
    let identity = &loaded.identity;
    // In one order: two replicas that wait for each other's mails would wait for ever.
    let mut owners: Vec<Id> = [identity.business_owner_id, identity.technical_owner_id].into_iter().flatten().collect();
    owners.sort_unstable();
    owners.dedup();
    let today = register.day(work.by.now);
    for person in owners {
        tell(work, person, loaded, cut, today)?;
    }
    Ok(())
}

fn tell(work: &mut Work<'_>, person: Id, loaded: &Loaded, cut: Cut, today: NaiveDate) -> Result<(), ActionError> {
    let (identity, review) = (&loaded.identity, &loaded.review);
    let key = format!("silence:{today}:{}:{person}", cut.outcome().word());
    let waiting = outbox::waiting_notices(work.db, person, today)?;
    let grows = waiting.into_iter().find(|mail| mail.dedupe_key.starts_with(&key));
    if let Some((mail, gathered)) = grows.and_then(|mail| Some((mail.clone(), mail.notice?.0.gathered?))) {
        let after = Mail { notice: Some(Doc(cut.with_another(gathered, &identity.name))), ..mail };
        if outbox::update(work.db, &after, after.fence)? {
            return Ok(());
        }
    }
    let notice = cut.notice(&identity.name, format!("/identities/{}", identity.id), review.silence_on);
    let first = [(person, key.clone(), notice.clone())];
    if outbox::queue_notices(work.db, &first, work.by.now, today)? == 0 {
        // The one of that day is on its way already, or gone.
        let another = [(person, format!("{key}:{}", review.id), notice)];
        outbox::queue_notices(work.db, &another, work.by.now, today)?;
    }
    Ok(())
}
