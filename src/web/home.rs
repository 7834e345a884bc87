//! The start page: what needs attention today.

use actix_web::web;
use askama::Template;

use super::frame::Frame;
use super::identities::counts::Counts;
use super::session::Viewer;
use super::{Answer, page, read, see_other};
use crate::actions::Register;
use crate::domain::people::Role;
use crate::store::identity_list::{
    ExpiryFilter, IdentityFilter, OwnerFilter, ReviewFilter, RevocationFilter, UseFilter,
};

#[derive(Template)]
#[template(path = "home/home.html")]
struct Home {
    frame: Frame,
    /// Count, what it counts, and the list of exactly those.
    counts: Vec<(String, &'static str, &'static str)>,
    empty: bool,
}

/// GET /
pub async fn show(register: web::Data<Register>, known: web::Data<Counts>, viewer: Viewer) -> Answer {
    if viewer.role() == Some(Role::Owner) {
        return see_other("/tasks");
    }
    let now = viewer.now;
    let questions: [(&str, &str, IdentityFilter); 6] = [
        (
            "have no business owner",
            "/identities?business_owner=nobody",
            IdentityFilter { business_owner: Some(OwnerFilter::Nobody), ..IdentityFilter::default() },
        ),
        (
            "have passed their expiry",
            "/identities?expiry=passed&sort=expires",
            IdentityFilter { expiry: Some(ExpiryFilter::Passed), ..IdentityFilter::default() },
        ),
        (
            "never expire",
            "/identities?expiry=never",
            IdentityFilter { expiry: Some(ExpiryFilter::Never), ..IdentityFilter::default() },
        ),
        (
            "have an overdue review",
            "/identities?review=overdue&sort=next_review",
            IdentityFilter { review: Some(ReviewFilter::Overdue), ..IdentityFilter::default() },
        ),
        (
            "have not been used for 90 days",
            "/identities?usage=not_for_90_days&sort=last_used",
            IdentityFilter { usage: Some(UseFilter::NotFor90Days), ..IdentityFilter::default() },
        ),
        (
            "have no written way to stop them",
            "/identities?revocation=missing",
            IdentityFilter { revocation: Some(RevocationFilter::Missing), ..IdentityFilter::default() },
        ),
    ];
    let (counts, empty) = read(&register, move |db| {
        let mut counts = Vec::with_capacity(questions.len());
        for (words, link, filter) in questions {
            counts.push((known.count(db, &filter, now)?.words(), words, link));
        }
        let all = known.count(db, &IdentityFilter::default(), now)?;
        Ok((counts, all == crate::domain::listing::Count::Exactly(0)))
    })
    .await?;
    let frame = Frame::new(&register, &viewer, "/", "Home").wide();
    page(&Home { frame, counts, empty })
}
