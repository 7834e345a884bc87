//! The six questions of the start page, each with the list of exactly what it counts.

use crate::domain::ids::Moment;
use crate::domain::listing::Count;
use crate::store::identity_list::{
    ExpiryFilter, IdentityFilter, OwnerFilter, ReviewFilter, RevocationFilter, UseFilter,
};
use crate::store::{Db, StoreError};
use crate::web::identities::counts::Counts;

/// One number of the start page.
pub struct Question {
    pub count: String,
    pub words: &'static str,
    pub link: &'static str,
}

/// The answers. What the vendor of a system keeps for itself is counted apart: nobody here can name an
/// owner for it or stop it, and its numbers would hide our own.
pub struct Questions {
    pub ours: Count,
    pub vendor_kept: Count,
    /// Of ours, those without a business owner.
    pub without_owner: Count,
    pub answers: Vec<Question>,
}

impl Questions {
    /// Whether nothing is registered at all.
    pub fn is_empty(&self) -> bool {
        (self.ours, self.vendor_kept) == (Count::Exactly(0), Count::Exactly(0))
    }
}

/// Counts them. Counts are remembered as long as nothing changed: see [`Counts`].
pub fn ask(db: &mut Db, known: &Counts, now: Moment) -> Result<Questions, StoreError> {
    let ours = IdentityFilter { vendor_managed: Some(false), ..IdentityFilter::default() };
    let vendor_kept = IdentityFilter { vendor_managed: Some(true), ..IdentityFilter::default() };
    let without_owner = IdentityFilter { business_owner: Some(OwnerFilter::Nobody), ..ours.clone() };
    let asked: [(&str, &str, IdentityFilter); 6] = [
        ("have no business owner", "/identities?business_owner=nobody&vendor_managed=no", without_owner.clone()),
        (
            "have passed their expiry",
            "/identities?expiry=passed&vendor_managed=no&sort=expires",
            IdentityFilter { expiry: Some(ExpiryFilter::Passed), ..ours.clone() },
        ),
        (
            "never expire",
            "/identities?expiry=never&vendor_managed=no",
            IdentityFilter { expiry: Some(ExpiryFilter::Never), ..ours.clone() },
        ),
        (
            "have passed the day of their next review",
            "/identities?review=overdue&vendor_managed=no&sort=next_review",
            IdentityFilter { review: Some(ReviewFilter::Overdue), ..ours.clone() },
        ),
        (
            "were last used more than 90 days ago",
            "/identities?usage=not_for_90_days&vendor_managed=no&sort=last_used",
            IdentityFilter { usage: Some(UseFilter::NotFor90Days), ..ours.clone() },
        ),
        (
            "have no written way to stop them",
            "/identities?revocation=missing&vendor_managed=no",
            IdentityFilter { revocation: Some(RevocationFilter::Missing), ..ours.clone() },
        ),
    ];
    let mut answers = Vec::with_capacity(asked.len());
    for (words, link, filter) in asked {
        answers.push(Question { count: known.count(db, &filter, now)?.words(), words, link });
    }
    Ok(Questions {
        ours: known.count(db, &ours, now)?,
        vendor_kept: known.count(db, &vendor_kept, now)?,
        without_owner: known.count(db, &without_owner, now)?,
        answers,
    })
}
