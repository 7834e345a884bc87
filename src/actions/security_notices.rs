//! Queues the mail that tells somebody at once of a change to their ways to sign in: with every change, in
//! its transaction, from what it records.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::domain::audit::Entry;
use crate::domain::ids::Id;
use crate::domain::security_notices::Told;
use crate::store::outbox::{self, Mail};
use crate::store::{Db, StoreError, administrators};

/// Queues what is told of these entries, which came from that network address on that day.
pub(super) fn queue(db: &mut Db, entries: &[Entry], address: &str, today: NaiveDate) -> Result<(), StoreError> {
    for entry in entries {
        let Some(told) = Told::of(entry, address) else { continue };
        let recipients: BTreeSet<Id> = if told.notice.is_for_administrators() {
            administrators::able_on(db, today)?.into_iter().collect()
        } else {
            entry.entity_id.parse().into_iter().collect()
        };
        for recipient in recipients {
            outbox::insert(db, &Mail::security(recipient, told.clone(), today))?;
        }
    }
    Ok(())
}
