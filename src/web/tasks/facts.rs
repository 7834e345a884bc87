//! What somebody needs to know to answer a task, gathered in one read.

use std::collections::HashMap;

use crate::actions::assignees::Owners;
use crate::actions::tasks;
use crate::domain::identities::ScopeList;
use crate::domain::ids::{Id, Moment};
use crate::store::campaigns::{self, Campaign};
use crate::store::identities::Identity;
use crate::store::identity_parts::{self as parts, Credential, RevocationPath};
use crate::store::task_list::{self, TaskFilter};
use crate::store::tasks::Task;
use crate::store::{Db, StoreError, people, registry, reviews};
use crate::web::identities::check_visible;
use crate::web::session::Sees;

/// A task and what is known of its identity.
pub struct Facts {
    pub task: Task,
    pub identity: Identity,
    pub owners: Owners,
    /// The permissions on record as approved, as its system writes them.
    pub approved: Vec<String>,
    /// The permissions that it was last seen to be given.
    pub issued: Vec<String>,
    pub credentials: Vec<Credential>,
    pub path: Option<RevocationPath>,
    pub system: Option<String>,
    pub vendor: Option<(String, Option<chrono::NaiveDate>)>,
    /// The campaign because of which there is a review that the task belongs to.
    pub campaign: Option<Campaign>,
    pub names: HashMap<Id, String>,
    /// The other tasks about the identity, newest first.
    pub others: Vec<Task>,
    /// Whether the reader may open the page of the identity. Who was only given the task may not.
    pub may_open: bool,
}

/// Answers `NotFound` for a task that the reader may not see.
pub fn check_task_visible(db: &mut Db, id: Id, sees: Sees) -> Result<(), StoreError> {
    let Sees::OwnedBy(person) = sees else { return Ok(()) };
    let filter = TaskFilter { visible_to: Some(person), ..TaskFilter::default() };
    if task_list::matches(db, &filter, id)? { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Reads them. `NotFound` for a task that the reader may not see.
pub fn facts(db: &mut Db, id: Id, sees: Sees, now: Moment) -> Result<Facts, StoreError> {
    check_task_visible(db, id, sees)?;
    let (task, identity, owners) = tasks::load(db, id)?;
    let scopes = parts::scopes(db, identity.id)?;
    let on = |list| scopes.iter().filter(|row| row.list == list).map(|row| row.scope.clone()).collect();
    let campaign = match task.review_id {
        Some(review) => reviews::find(db, review)?.campaign_id.map(|id| campaigns::find(db, id)).transpose()?,
        None => None,
    };
    let named: Vec<Id> = [task.assignee_id, task.closed_by, identity.business_owner_id, identity.technical_owner_id]
        .into_iter()
        .flatten()
        .chain(campaign.as_ref().map(Campaign::opener))
        .collect();
    let mut others = crate::store::tasks::about(db, identity.id)?;
    others.retain(|other| other.id != task.id);
    let may_open = match check_visible(db, sees, identity.id, now) {
        Ok(()) => true,
        Err(StoreError::NotFound) => false,
        Err(other) => return Err(other),
    };
    Ok(Facts {
        approved: on(ScopeList::Approved),
        issued: on(ScopeList::Issued),
        credentials: parts::credentials(db, identity.id)?,
        path: parts::revocation_path(db, identity.id)?,
        system: identity.system_id.map(|id| registry::find_system(db, id)).transpose()?.map(|system| system.name),
        vendor: identity
            .vendor_id
            .map(|id| registry::find_vendor(db, id))
            .transpose()?
            .map(|vendor| (vendor.name, vendor.contract_ends_on)),
        names: people::find_many(db, &named)?.into_iter().map(|person| (person.id, person.name)).collect(),
        campaign,
        others,
        may_open,
        owners,
        task,
        identity,
    })
}
