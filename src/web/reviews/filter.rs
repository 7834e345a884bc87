//! The list's filter as it stands in a link, narrowed to what the viewer may see. Without anything else asked, open
//! reviews are meant.

use chrono::NaiveDate;

use crate::domain::ids::Id;
use crate::domain::listing::Cursor;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::words::Worded;
use crate::store::review_list::ReviewFilter;
use crate::web::asked::{Asked, Faults};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::session::{Sees, Viewer};

/// Reads what a link asks for.
pub fn parse(fields: &Fields, viewer: &Viewer, today: NaiveDate) -> Result<(ReviewFilter, Faults), WebError> {
    let mut asked = Asked::of(fields);
    let mut states = ReviewState::pairs();
    states.push(("any", "Any"));
    let state = asked.word("state", "State", &states);
    let outcome: Option<ReviewOutcome> = asked.value("outcome", "Outcome");
    let campaign: Option<Id> = asked.id("campaign", "Campaign");
    let filter = ReviewFilter {
        state: match state {
            Some("any") => None,
            Some(word) => word.parse().ok(),
            // What has an outcome is open no more, and a campaign is looked at as a whole.
            None if outcome.is_some() || campaign.is_some() => None,
            None => Some(ReviewState::Open),
        },
        outcome,
        overdue_on: asked.word("overdue", "Overdue", &[("1", "Only overdue ones")]).map(|_| today),
        campaign,
        visible_to: match viewer.sees()? {
            Sees::Everything => None,
            Sees::OwnedBy(person) => Some(person),
        },
    };
    Ok((filter, asked.finish()))
}

/// Whether the place is one of the list of reviews: a due day.
pub fn reads(cursor: &Cursor) -> bool {
    cursor.key.parse::<NaiveDate>().is_ok()
}
