//! What somebody needs to know to answer a task, gathered in one read.

use std::collections::HashMap;

use chrono_tz::Tz;

use crate::actions::assignees::Owners;
use crate::actions::tasks;
use crate::domain::identities::{Criticality, OwnerAnswer, ScopeList, state_words};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::store::identities::Identity;
use crate::store::identity_parts::{self as parts, RevocationPath};
use crate::store::task_list::{self, TaskFilter};
use crate::store::tasks::Task;
use crate::store::{Db, StoreError, people, registry};
use crate::web::session::Sees;
use crate::web::show;

/// A task and what is known of its identity.
pub struct Facts {
    pub task: Task,
    pub identity: Identity,
    pub owners: Owners,
    pub approved: usize,
    pub issued: usize,
    pub path: Option<RevocationPath>,
    pub system: Option<String>,
    pub vendor: Option<(String, Option<chrono::NaiveDate>)>,
    pub names: HashMap<Id, String>,
    /// The other tasks about the identity, newest first.
    pub others: Vec<Task>,
    /// Who it could be given to; read for keepers only.
    pub people: Vec<(String, String)>,
}

/// Reads them. `NotFound` for a task that the reader may not see.
pub fn facts(db: &mut Db, id: Id, sees: Sees, keeper: bool) -> Result<Facts, StoreError> {
    if let Sees::OwnedBy(person) = sees {
        let filter = TaskFilter { visible_to: Some(person), ..TaskFilter::default() };
        if !task_list::matches(db, &filter, id)? {
            return Err(StoreError::NotFound);
        }
    }
    let (task, identity, owners) = tasks::load(db, id)?;
    let scopes = parts::scopes(db, identity.id)?;
    let on = |list| scopes.iter().filter(|row| row.list == list).count();
    let named: Vec<Id> = [task.assignee_id, task.closed_by, identity.business_owner_id, identity.technical_owner_id]
        .into_iter()
        .flatten()
        .collect();
    let mut others = crate::store::tasks::about(db, identity.id)?;
    others.retain(|other| other.id != task.id);
    Ok(Facts {
        approved: on(ScopeList::Approved),
        issued: on(ScopeList::Issued),
        path: parts::revocation_path(db, identity.id)?,
        system: identity.system_id.map(|id| registry::find_system(db, id)).transpose()?.map(|system| system.name),
        vendor: identity
            .vendor_id
            .map(|id| registry::find_vendor(db, id))
            .transpose()?
            .map(|vendor| (vendor.name, vendor.contract_ends_on)),
        names: people::find_many(db, &named)?.into_iter().map(|person| (person.id, person.name)).collect(),
        others,
        people: if keeper {
            people::names(db)?.into_iter().map(|(id, name)| (id.to_string(), name)).collect()
        } else {
            Vec::new()
        },
        owners,
        task,
        identity,
    })
}

impl Facts {
    /// The name of a person, or "Somebody who is not on record any more".
    pub fn name(&self, id: Option<Id>) -> String {
        id.and_then(|id| self.names.get(&id).cloned()).unwrap_or_else(|| "Nobody".to_owned())
    }

    /// "Dana Okafor (accepted)", "Nobody".
    pub fn owner(&self, person: Option<Id>, answer: Option<OwnerAnswer>, today: chrono::NaiveDate) -> String {
        let Some(id) = person else { return "Nobody".to_owned() };
        let left = self.owners.get(id).is_some_and(|person| has_left(person.left_on, today));
        let how = match answer {
            _ if left => "has left",
            Some(OwnerAnswer::Accepted) => "accepted",
            Some(OwnerAnswer::Refused) => "refused",
            _ => "has not accepted yet",
        };
        format!("{} ({how})", self.name(person))
    }

    /// Who has the task, and why they.
    pub fn assignee(&self) -> String {
        let who = match (self.task.assignee_id, self.task.assignee_group) {
            (Some(person), _) => self.name(Some(person)),
            (None, Some(group)) => group.label().to_owned(),
            (None, None) => "Nobody".to_owned(),
        };
        format!("{who}, {}", self.task.assigned_as.label())
    }

    /// The state as a reader sees it.
    pub fn state(&self, now: &Moment) -> String {
        state_words(self.identity.state, self.identity.expires_at, self.identity.criticality, *now).0
    }

    /// Coverage, never a bare "never used".
    pub fn used(&self, tz: &Tz) -> String {
        let source = self.identity.last_used_source.as_deref();
        match (self.identity.last_used_at, self.identity.use_visible_since) {
            (Some(at), _) => format!("Last seen {}, in {}", show::day(at, *tz), source.unwrap_or("an unnamed source")),
            (None, Some(since)) => format!("Not seen since {}, when we began to see calls", show::day(since, *tz)),
            (None, None) => "We can\u{2019}t see use of it. That does not mean that it is unused".to_owned(),
        }
    }

    /// When it expires, in words.
    pub fn expires(&self, now: &Moment, tz: &Tz) -> String {
        match self.identity.expires_at {
            None => "Never: no end date is set".to_owned(),
            Some(at) if at <= *now => format!("Expired on {}", show::day(at, *tz)),
            Some(at) => show::day(at, *tz),
        }
    }

    /// "7 permissions issued, none of them approved".
    pub fn scopes(&self) -> String {
        let issued = show::counted(i64::try_from(self.issued).unwrap_or(i64::MAX), "permission");
        match (self.issued, self.approved) {
            (0, 0) => "None are known".to_owned(),
            (_, 0) => format!("{issued} issued, none approved on record"),
            (_, approved) => format!("{issued} issued, {approved} approved on record"),
        }
    }

    /// Whether care depends on it.
    pub fn is_clinical(&self) -> bool {
        self.identity.criticality == Criticality::Clinical
    }
}
