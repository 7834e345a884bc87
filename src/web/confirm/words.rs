//! What a waiting form asks for, in words.

use crate::domain::ids::Id;
use crate::store::{Db, StoreError, names};
use crate::web::routes::Route;

/// What each form does, before the name of what it does it to. A route without words here is shown by
/// its address.
const WORDS: &[(&str, &str)] = &[
    ("/account/tokens", "make an API token"),
    ("/account/sessions/end-others", "end all your other sessions"),
    ("/account/sessions/{id}/end", "end another session of yours"),
    ("/identities/{id}/resume", "resume"),
    ("/people/new", "add a person"),
    ("/people/{id}/account/disable", "disable the account of"),
    ("/people/{id}/account/enable", "enable the account of"),
    ("/people/{id}/account/end-sessions", "end every session of"),
    ("/people/{id}/account/open", "open an account for"),
    ("/people/{id}/account/password", "set the password of"),
    ("/people/{id}/account/role", "change the role of"),
    ("/people/{id}/edit", "change what is known of"),
    ("/requests/{id}", "record your decision about"),
    ("/requests/{id}/issue", "record what was set up for"),
    ("/reviews/silence/counting", "say whether silence counts"),
    ("/reviews/silence/{id}/agree", "let a stopped run of silence go on"),
];

/// "disable the account of Nina Novak".
pub fn asked(db: &mut Db, route: &Route, target: &str) -> Result<String, StoreError> {
    let Some((_, words)) = WORDS.iter().find(|(path, _)| *path == route.path) else {
        return Ok(format!("send a form to {target}"));
    };
    let path = target.split('?').next().unwrap_or_default();
    let id: Option<Id> = route
        .path
        .split('/')
        .zip(path.split('/'))
        .find(|(pattern, _)| *pattern == "{id}")
        .and_then(|(_, part)| part.parse().ok());
    let known = match id {
        Some(id) => names::of(db, &[id])?.get(&id).map(|named| named.name.clone()),
        None => None,
    };
    Ok(known.map_or_else(|| (*words).to_owned(), |name| format!("{words} {name}")))
}
