//! The list's filter as it stands in a link, narrowed to what the viewer may see.

use crate::domain::ids::Moment;
use crate::domain::listing::Cursor;
use crate::domain::permissions::Permission;
use crate::store::grant_list::GrantFilter;
use crate::web::asked::{Asked, Faults};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::session::{Sees, Viewer};

/// Reads what a link asks for.
pub fn parse(fields: &Fields, viewer: &Viewer) -> Result<(GrantFilter, Faults), WebError> {
    let mut asked = Asked::of(fields);
    let waiting = asked.word("waiting", "Waiting", &[("1", "Only what waits for you")]).is_some();
    let filter = GrantFilter { state: asked.value("state", "State"), ..waiting_for(viewer, waiting)? };
    Ok((filter, asked.finish()))
}

/// What the viewer sees: all of it, or only what waits for them. To whoever does not keep the register,
/// what is open about what they own.
pub fn waiting_for(viewer: &Viewer, waiting: bool) -> Result<GrantFilter, WebError> {
    let me = viewer.person()?;
    Ok(GrantFilter {
        state: None,
        waiting_for: (waiting && viewer.may(Permission::KeepRegister)).then_some(me),
        open: waiting,
        visible_to: match viewer.sees()? {
            Sees::Everything => None,
            Sees::OwnedBy(person) => Some(person),
        },
    })
}

/// Whether the place is one of the list of grants: a moment.
pub fn reads(cursor: &Cursor) -> bool {
    Moment::parse(&cursor.key).is_ok()
}
