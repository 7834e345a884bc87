//! What the page of a request shows beside what is decided about: names, reach, and how it stands now.

use std::collections::HashMap;

use crate::actions::Register;
use crate::actions::requests::Loaded;
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::basis_of;
use crate::domain::requests::sheet::{Fact, Mark, Sheet};
use crate::domain::scopes::ScopeSet;
use crate::domain::scopes::release::Release;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::{Db, StoreError, people, tasks};
use crate::web::explain::reach::ReachView;
use crate::web::identities::check_visible;
use crate::web::session::Sees;

/// What is shown beside the sheet.
pub struct RequestFacts {
    pub names: Names,
    /// What is asked for would reach.
    pub reach: ReachView,
    /// Whether the reader may open the page of the identity.
    pub may_open: bool,
    /// Its purpose or its access basis is another now than when this was asked.
    pub use_changed: bool,
    /// What it may do was approved for another use, which this asks anew; empty where it was not.
    pub anew: String,
    /// Who has the task to decide now.
    pub waiting_with: String,
}

/// The names of people by id.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<Id, String>);

impl Names {
    /// Reads them.
    pub fn of(db: &mut Db, ids: impl IntoIterator<Item = Id>) -> Result<Self, StoreError> {
        let mut ids: Vec<Id> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(Self(people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect()))
    }

    /// The names of the people in the facts of a sheet.
    pub fn in_sheet(db: &mut Db, sheet: &Sheet) -> Result<Self, StoreError> {
        Self::of(db, sheet.facts.iter().flat_map(|fact| fact.people.iter().copied()))
    }

    /// The name of somebody, where they are not forgotten.
    pub fn get(&self, id: &Id) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    /// The name of somebody; the id where they are forgotten.
    pub fn name(&self, id: &Id) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// A fact as a page shows it.
#[derive(Debug, Clone)]
pub struct FactView {
    pub label: String,
    /// A word to be seen first, with the kind of its tag; empty where there is none.
    pub tag: &'static str,
    pub word: String,
    pub lines: Vec<String>,
}

impl FactView {
    pub fn of(fact: &Fact, names: &Names) -> Self {
        let (tag, word) = match &fact.mark {
            Some((Mark::Good, word)) => ("ok", word.clone()),
            Some((Mark::Warning, word)) => ("warn", word.clone()),
            Some((Mark::Bad, word)) => ("bad", word.clone()),
            Some((Mark::Unknown, word)) => ("unknown", word.clone()),
            None => ("", String::new()),
        };
        Self { label: fact.label.clone(), tag, word, lines: fact.written(|id| names.name(id)) }
    }
}

/// Reads them.
pub fn of(
    db: &mut Db,
    register: &Register,
    loaded: &Loaded,
    sees: Sees,
    now: Moment,
) -> Result<RequestFacts, StoreError> {
    let (request, identity) = (&loaded.request, &loaded.identity);
    let mut ids: Vec<Id> = [request.executor_id, identity.business_owner_id, identity.technical_owner_id]
        .into_iter()
        .chain([Some(request.requester_id), request.requester_for_id])
        .flatten()
        .collect();
    ids.extend(loaded.decisions.iter().flat_map(|one| [Some(one.decided_by_id), one.passed_to_id]).flatten());
    ids.extend(loaded.stages.iter().filter_map(|stage| stage.named_id));
    ids.extend(loaded.people.iter().map(|human| human.person));
    // The receipt of an earlier decision names whoever had a part then.
    let kept = loaded.decisions.iter().flat_map(|one| &one.sheet.0.facts);
    ids.extend(kept.flat_map(|fact| fact.people.iter().copied()));
    let asked = ScopeSet::of(loaded.scopes().iter().map(String::as_str));
    let anew = match crate::actions::requests::outdated(db, identity)? {
        Some(before) => format!(
            "This asks anew. What it may do was approved with {} for another use: \u{201c}{}\u{201d}, {}.",
            before.reference(),
            before.purpose.as_deref().unwrap_or("no purpose was written"),
            basis_of(before.access_basis).label().to_lowercase()
        ),
        None => String::new(),
    };
    let waiting = tasks::of_request(db, request.id)?;
    let waiting = waiting.iter().find(|task| task.state == TaskState::Open && task.kind == TaskKind::Decision);
    ids.extend(waiting.and_then(|task| task.assignee_id));
    let names = Names::of(db, ids)?;
    let waiting_with = waiting.map_or_else(String::new, |task| match (task.assignee_id, task.assignee_group) {
        (Some(person), _) => names.name(&person),
        (None, Some(group)) => group.label().to_owned(),
        (None, None) => String::new(),
    });
    let may_open = match check_visible(db, sees, identity.id, now) {
        Ok(()) => true,
        Err(StoreError::NotFound) => false,
        Err(other) => return Err(other),
    };
    Ok(RequestFacts {
        names,
        reach: ReachView::of(&asked, Release::R4, basis_of(identity.access_basis), &register.deployment.scopes),
        may_open,
        anew,
        waiting_with,
        use_changed: request.purpose != identity.purpose || request.access_basis != identity.access_basis,
    })
}
