//! The list's filter as it stands in a link. Without anything else asked, open reviews are meant.

use chrono::NaiveDate;

use crate::domain::ids::Id;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::tasks::AssigneeGroup;
use crate::domain::words::Worded;
use crate::store::identity_list::OwnerFilter;
use crate::store::review_list::{AskedFilter, ReviewFilter};
use crate::store::{Db, StoreError};
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;
use crate::web::identities::named::Named;
use crate::web::session::Sees;

/// Groups that are asked about reviews.
pub const GROUPS: [AssigneeGroup; 2] = [AssigneeGroup::SecurityAnalysts, AssigneeGroup::Administrators];

/// What a link asks for.
pub struct Wanted {
    pub filter: ReviewFilter,
    /// What cannot be followed: then the filter is wider than what was asked, and nothing is shown.
    pub faults: Faults,
    /// The names behind the ids of the link.
    pub named: Named,
}

/// Who looks, as far as the filter depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub sees: Sees,
    /// Whether they may see the names of people, when a typed name is close to some.
    pub tells_names: bool,
    pub today: NaiveDate,
}

/// Reads what a link asks for, narrowed to what the reader may see.
pub fn read(db: &mut Db, fields: &Fields, reader: Reader) -> Result<Wanted, StoreError> {
    let mut asked = Asked::of(fields);
    let mut named = Named::new(reader.tells_names);
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
        overdue_on: asked.word("overdue", "Past its day", &[("1", "Only those past their day")]).map(|_| reader.today),
        campaign,
        asked: whom(db, fields, &mut asked, &mut named)?,
        tier: asked.value("tier", "Tier"),
        cause: asked.value("cause", "Reason"),
        search: asked.text("q", "Name of the identity"),
        visible_to: match reader.sees {
            Sees::Everything => None,
            Sees::OwnedBy(person) => Some(person),
        },
    };
    named.finish(fields);
    Ok(Wanted { filter, faults: asked.finish(), named })
}

/// A group by its word or its name, nobody, or a person by id, name or address.
fn whom(
    db: &mut Db,
    fields: &Fields,
    asked: &mut Asked<'_>,
    named: &mut Named,
) -> Result<Option<AskedFilter>, StoreError> {
    const LABEL: &str = "Who is asked";
    let text = fields.raw("asked").trim();
    let group = GROUPS.into_iter().find(|group| text == group.word() || text.eq_ignore_ascii_case(group.label()));
    if let Some(group) = group {
        named.word("asked", text, group.word(), group.label());
        return Ok(asked.get("asked", LABEL).map(|_| AskedFilter::Group(group)));
    }
    Ok(named.owner(db, asked, "asked", LABEL)?.map(|who| match who {
        OwnerFilter::Person(person) => AskedFilter::Person(person),
        OwnerFilter::Nobody => AskedFilter::Nobody,
    }))
}
