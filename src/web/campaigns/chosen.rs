//! What a campaign asks about, read from what its form says: a day, a filter of the list of identities, or both.

use crate::actions::campaigns::select::Chosen;
use crate::domain::reviews::campaigns::Selection;
use crate::store::identity_list::IdentityFilter;
use crate::store::{Db, StoreError, registry};
use crate::web::fields::Fields;
use crate::web::identities::filter::{self, Wanted};
use crate::web::identities::offered::chips;
use crate::web::{paging, show};

/// The filter that selects every identity: only whoever writes it asks about everything.
pub const ALL: &str = "all";

/// No filter that somebody needs is longer, in characters.
const LONGEST: usize = 2_000;

/// What was read.
#[derive(Debug, Default)]
pub struct Selected {
    /// What it asks about; `None` when that cannot be followed, so that nothing wider is taken for it.
    pub chosen: Option<Chosen>,
    /// Why it cannot be followed, a sentence each.
    pub faults: Vec<String>,
    /// The filter as it is stored: ids in place of the names of people, nothing beside the filter.
    pub canonical: String,
    /// What it says in words, a line for each part.
    pub words: Vec<String>,
    /// The list of identities with the same filter; empty where there is none.
    pub href: String,
}

/// Reads a selection. `tells_names`: whether the reader may see the names of people.
pub fn read(db: &mut Db, selection: &Selection, tells_names: bool) -> Result<Selected, StoreError> {
    let text = selection.filter.trim();
    let mut found = Selected::default();
    found.words.extend(selection.due_by.map(|day| format!("Its review is due by {}", show::date(day))));
    let due_by = selection.due_by;
    if text.is_empty() {
        found.chosen = due_by.map(|_| Chosen { filter: IdentityFilter::default(), due_by });
        return Ok(found);
    }
    if text.eq_ignore_ascii_case(ALL) {
        found.chosen = Some(Chosen { filter: IdentityFilter::default(), due_by });
        ALL.clone_into(&mut found.canonical);
        found.words.push("Every identity of the register".to_owned());
        "/identities".clone_into(&mut found.href);
        return Ok(found);
    }
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        let why = "Filter: this is longer than any filter of the list, or holds a sign that cannot be shown.";
        found.faults.push(why.to_owned());
        return Ok(found);
    }
    let bare = only_the_filter(text);
    let Wanted { filter, faults, named } = filter::read(db, &bare, tells_names)?;
    found.faults = faults.by_field().into_iter().map(|(_, text)| text).collect();
    if found.faults.is_empty() && filter == IdentityFilter::default() {
        found.faults.push(format!(
            "Filter: this narrows nothing, so it would be every identity. Write \u{201c}{ALL}\u{201d} if that is meant."
        ));
    }
    if !found.faults.is_empty() {
        return Ok(found);
    }
    let canonical = named.canonical.clone().unwrap_or(bare);
    let systems: Vec<(String, String)> =
        registry::system_names(db)?.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    found.words.extend(chips(&canonical, &named, &systems).into_iter().map(|(words, _)| words));
    let query = canonical.to_query();
    found.href = format!("/identities{query}");
    found.canonical = query.trim_start_matches('?').to_owned();
    found.chosen = Some(Chosen { filter, due_by });
    Ok(found)
}

/// The fields of a filter as a list's address carries it, without its place and its order.
fn only_the_filter(text: &str) -> Fields {
    // A question mark inside a value is part of it: cut there, the filter would be wider.
    let query =
        text.split_once('?').filter(|(address, _)| !address.contains(['=', '&'])).map_or(text, |(_, query)| query);
    paging::without_place(&Fields::parse(query.as_bytes())).with("sort", "")
}

/// What the link from a list with that filter carries to the form of a new campaign.
pub fn link_from(bare: &Fields) -> String {
    let query = bare.with("sort", "").to_query();
    let filter = query.trim_start_matches('?');
    Fields::default().with("filter", if filter.is_empty() { ALL } else { filter }).to_query()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_address_is_read_as_its_filter() {
        for text in
            ["tier=critical&sort=-expires&after=x", "?tier=critical", "https://m.example/identities?tier=critical"]
        {
            assert_eq!(only_the_filter(text), Fields::parse(b"tier=critical"), "{text}");
        }
        let whole = "environment=production&q=what?&tier=low";
        assert_eq!(only_the_filter(whole), Fields::parse(whole.as_bytes()), "nothing of it is lost");
    }

    #[test]
    fn the_link_from_a_list_carries_its_filter_and_says_all_where_there_is_none() {
        let link = |query: &str| link_from(&Fields::parse(query.as_bytes()));
        assert_eq!(link("environment=production&tier=critical"), "?filter=environment%3Dproduction%26tier%3Dcritical");
        assert_eq!(link("sort=-expires"), "?filter=all");
    }
}
