//! Everything that the page of one identity shows, read in one go.

use std::collections::HashMap;

use super::timeline;
use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{Direction, From};
use crate::domain::ownership::OwnerRole;
use crate::store::api_tokens::{self, TokenLine};
use crate::store::audit::{self, AuditFilter, AuditRow};
use crate::store::identities::{self, Identity};
use crate::store::identity_list::{self, IdentityFilter};
use crate::store::identity_names::{self, IdentityName};
use crate::store::identity_parts::{self as parts, Credential, IdentityScope, RevocationPath};
use crate::store::people::{self, Person};
use crate::store::registry::{self, System, Vendor};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError};
use crate::web::session::Sees;

/// Children shown before the page says that there are more.
pub const CHILDREN: i64 = 20;

/// What is stored of one identity and around it.
pub struct Facts {
    pub identity: Identity,
    pub redirect_uris: Vec<String>,
    pub scopes: Vec<IdentityScope>,
    pub credentials: Vec<(Credential, Others)>,
    pub path: Option<RevocationPath>,
    /// The API token of Muster that this identity is.
    pub token: Option<TokenLine>,
    pub system: Option<System>,
    pub vendor: Option<Vendor>,
    pub owners: Vec<(OwnerRole, Option<Person>, Option<OwnerAnswer>)>,
    pub parent: Others,
    pub children: Others,
    pub more_children: bool,
    pub twins: Others,
    pub tasks: Vec<Task>,
    pub events: Vec<AuditRow>,
    pub more_events: bool,
    pub names: HashMap<Id, String>,
}

/// Other identities: those the reader may see by name, and how many there are besides.
#[derive(Debug, Clone, Default)]
pub struct Others {
    pub seen: Vec<IdentityName>,
    pub hidden: usize,
}

impl Others {
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.hidden == 0
    }

    fn of(db: &mut Db, ids: &[Id], sees: Sees, now: Moment) -> Result<Self, StoreError> {
        let names = identity_names::names_of(db, ids)?;
        Self::among(db, names, sees, now)
    }

    fn among(db: &mut Db, names: Vec<IdentityName>, sees: Sees, now: Moment) -> Result<Self, StoreError> {
        let Sees::OwnedBy(person) = sees else { return Ok(Self { seen: names, hidden: 0 }) };
        let filter = IdentityFilter { visible_to: Some(person), ..IdentityFilter::default() };
        let mut others = Self::default();
        for name in names {
            if identity_list::matches(db, &filter, name.id, now)? {
                others.seen.push(name);
            } else {
                others.hidden += 1;
            }
        }
        Ok(others)
    }
}

/// Reads everything about an identity.
///
/// # Errors
/// `NotFound` for one that the reader may not see.
pub fn facts(db: &mut Db, id: Id, sees: Sees, now: Moment) -> Result<Facts, StoreError> {
    super::check_visible(db, sees, id, now)?;
    let identity = identities::find(db, id)?;
    let mut credentials = Vec::new();
    for credential in parts::credentials(db, id)? {
        let prints: Vec<String> = credential.fingerprint.iter().cloned().collect();
        let sharing = parts::sharing_a_secret(db, id, &prints)?;
        credentials.push((credential, Others::of(db, &sharing, sees, now)?));
    }
    let mut owners = Vec::new();
    for role in OwnerRole::ALL {
        let (person, answer) = crate::actions::ownership::owner(&identity, *role);
        let person = person.map(|person| people::find(db, person)).transpose()?;
        owners.push((*role, person, answer));
    }
    let parent: Vec<Id> = identity.parent_id.into_iter().collect();
    let twins = parts::twins(db, id)?;
    let mut children = identity_names::children_of(db, id, CHILDREN + 1)?;
    let shown = usize::try_from(CHILDREN).unwrap_or(usize::MAX);
    let more_children = children.len() > shown;
    children.truncate(shown);
    let asked =
        AuditFilter { entity: Some("identity".to_owned()), entity_id: Some(id.to_string()), ..AuditFilter::default() };
    let page = audit::page(db, &asked, Direction::Descending, &From::Start)?;
    let mut names: HashMap<Id, String> = HashMap::new();
    names.extend(registry::system_names(db)?);
    names.extend(registry::vendor_names(db)?);
    let tasks = tasks::about(db, id)?;
    let mut named = timeline::ids_named(&page.rows);
    named.extend(tasks.iter().filter_map(|task| task.assignee_id));
    names.extend(people::find_many(db, &named)?.into_iter().map(|person| (person.id, person.name)));
    names.extend(
        api_tokens::names(db, &named)?
            .into_iter()
            .map(|(token, name, creator)| (token, format!("the API token \u{201c}{name}\u{201d} of {creator}"))),
    );
    Ok(Facts {
        redirect_uris: parts::redirect_uris(db, id)?,
        scopes: parts::scopes(db, id)?,
        credentials,
        path: parts::revocation_path(db, id)?,
        token: api_tokens::of_identity(db, id)?,
        system: identity.system_id.map(|system| registry::find_system(db, system)).transpose()?,
        vendor: identity.vendor_id.map(|vendor| registry::find_vendor(db, vendor)).transpose()?,
        owners,
        parent: Others::of(db, &parent, sees, now)?,
        children: Others::among(db, children, sees, now)?,
        more_children,
        twins: Others::of(db, &twins, sees, now)?,
        tasks,
        more_events: page.more_after,
        events: page.rows,
        names,
        identity,
    })
}
