//! The list's filter as it stands in a link, narrowed to what the viewer may see.

use crate::domain::listing::Cursor;
use crate::store::request_list::RequestFilter;
use crate::web::asked::{Asked, Faults};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::session::{Sees, Viewer};

/// Reads what a link asks for.
pub fn parse(fields: &Fields, viewer: &Viewer) -> Result<(RequestFilter, Faults), WebError> {
    let mut asked = Asked::of(fields);
    let mine = asked.word("mine", "Yours", &[("1", "Only what you asked for")]).is_some();
    let filter = RequestFilter {
        search: asked.text("q", "Search"),
        state: asked.value("state", "State"),
        requester: if mine { Some(viewer.person()?) } else { None },
        visible_to: match viewer.sees()? {
            Sees::Everything => None,
            Sees::OwnedBy(person) => Some(person),
        },
    };
    Ok((filter, asked.finish()))
}

/// Whether the place is one of the list of requests: a number.
pub fn reads(cursor: &Cursor) -> bool {
    cursor.key.parse::<i64>().is_ok()
}
