//! Opening and closing findings. A critical one is a reason to ask early whether the identity is needed.

use super::reviews::early;
use super::{ActionError, Work};
use crate::domain::findings::{FindingRule, Severity};
use crate::domain::ids::Id;
use crate::domain::reviews::reasons::Reason;
use crate::store::findings::{self, Finding};
use crate::store::identities::Identity;

/// Opens a finding unless the identity has an open one of that rule; answers whether it is new.
pub fn open(work: &mut Work<'_>, identity: &Identity, finding: Finding) -> Result<bool, ActionError> {
    if !findings::insert_if_new(work.db, &finding)? {
        return Ok(false);
    }
    work.record("finding.open", "finding", finding.id, None, Some(&finding));
    if finding.severity == Severity::Critical {
        early::note(work, identity, vec![Reason::finding(finding.id, &finding.says)])?;
    }
    Ok(true)
}

/// Closes the open findings of these rules about an identity.
pub fn close(work: &mut Work<'_>, identity: Id, rules: &[FindingRule], because: &str) -> Result<(), ActionError> {
    for before in findings::open_about(work.db, identity)? {
        if !rules.contains(&before.rule) {
            continue;
        }
        let after = Finding {
            closed_at: Some(work.by.now),
            closed_because: Some(because.to_owned()),
            version: before.version + 1,
            ..before.clone()
        };
        findings::update(work.db, &after)?;
        work.record_because("finding.close", "finding", after.id, Some(because), Some(&before), Some(&after));
    }
    Ok(())
}
