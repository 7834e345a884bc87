//! What somebody needs to know to decide about a request, gathered in one read, in plain words.

use std::collections::HashMap;

use chrono_tz::Tz;

use crate::actions::Register;
use crate::actions::requests::Loaded;
use crate::domain::identities::{Criticality, Environment, OwnerAnswer, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::basis_of;
use crate::domain::scopes::ScopeSet;
use crate::domain::scopes::release::Release;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::identity_parts::{self as parts, RevocationPath};
use crate::store::requests::{self, Paper};
use crate::store::{Db, StoreError, people, registry, tasks};
use crate::web::explain::reach::ReachView;
use crate::web::identities::check_visible;
use crate::web::session::Sees;
use crate::web::show;

/// The facts of a request.
pub struct RequestFacts {
    pub names: HashMap<Id, String>,
    pub system: Option<String>,
    pub vendor: Option<(String, Option<chrono::NaiveDate>)>,
    pub papers: Vec<Paper>,
    pub path: Option<RevocationPath>,
    /// What is asked for would reach.
    pub reach: ReachView,
    /// Approved scopes that the system does not give: nobody can be using them.
    pub unused: Vec<String>,
    /// Whether the reader may open the page of the identity.
    pub may_open: bool,
    /// Its purpose or its access basis is another now than when this was asked.
    pub use_changed: bool,
    /// What it may do was approved for another use, which this asks anew; empty where it was not.
    pub anew: String,
    /// Who has the task to decide now.
    pub waiting_with: String,
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
    let mut ids: Vec<Id> = [
        Some(request.requester_id),
        request.requester_for_id,
        request.executor_id,
        identity.business_owner_id,
        identity.technical_owner_id,
    ]
    .into_iter()
    .flatten()
    .collect();
    ids.extend(loaded.decisions.iter().flat_map(|one| [Some(one.decided_by_id), one.passed_to_id]).flatten());
    ids.extend(loaded.stages.iter().filter_map(|stage| stage.named_id));
    ids.extend(loaded.people.iter().map(|human| human.person));
    ids.sort_unstable();
    ids.dedup();
    let asked = ScopeSet::of(loaded.scopes().iter().map(String::as_str));
    let approved = ScopeSet::of(loaded.on(ScopeList::Approved));
    let issued = ScopeSet::of_product(loaded.on(ScopeList::Issued));
    let unused = crate::domain::scopes::algebra::difference(&approved, &issued);
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
    let names: HashMap<Id, String> =
        people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect();
    let waiting_with = waiting.map_or_else(String::new, |task| match (task.assignee_id, task.assignee_group) {
        (Some(person), _) => names.get(&person).cloned().unwrap_or_default(),
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
        system: identity.system_id.map(|id| registry::find_system(db, id)).transpose()?.map(|system| system.name),
        vendor: identity
            .vendor_id
            .map(|id| registry::find_vendor(db, id))
            .transpose()?
            .map(|vendor| (vendor.name, vendor.contract_ends_on)),
        papers: requests::papers(db, identity.id)?,
        path: parts::revocation_path(db, identity.id)?,
        reach: ReachView::of(&asked, Release::R4, basis_of(identity.access_basis), &register.deployment.scopes),
        unused: if loaded.on(ScopeList::Issued).is_empty() {
            Vec::new()
        } else {
            unused.scopes.iter().map(ToString::to_string).chain(unused.open).collect()
        },
        may_open,
        anew,
        waiting_with,
        use_changed: request.purpose != identity.purpose || request.access_basis != identity.access_basis,
    })
}

impl RequestFacts {
    /// The name of somebody; the id where they are forgotten.
    pub fn name(&self, id: &Id) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// Who asked, and for whom.
    pub fn asked_by(&self, loaded: &Loaded) -> String {
        let name = self.name(&loaded.request.requester_id);
        match &loaded.request.requester_for_id {
            Some(owner) => format!("{name}, for {}", self.name(owner)),
            None => name,
        }
    }

    fn owner(&self, person: Option<Id>, answer: Option<OwnerAnswer>) -> String {
        let Some(person) = person else { return "Nobody".to_owned() };
        match answer {
            Some(OwnerAnswer::Refused) => format!("{} (refused)", self.name(&person)),
            Some(OwnerAnswer::Accepted) => self.name(&person),
            _ => format!("{} (has not accepted yet)", self.name(&person)),
        }
    }

    pub fn business_owner(&self, loaded: &Loaded) -> String {
        self.owner(loaded.identity.business_owner_id, loaded.identity.business_owner_answer)
    }

    pub fn technical_owner(&self, loaded: &Loaded) -> String {
        self.owner(loaded.identity.technical_owner_id, loaded.identity.technical_owner_answer)
    }

    /// Coverage of what can be seen, never a bare "never used".
    pub fn used(&self, loaded: &Loaded, tz: &Tz) -> String {
        let identity = &loaded.identity;
        match (identity.last_used_at, identity.use_visible_since) {
            (Some(at), _) => {
                let source = identity.last_used_source.as_deref().unwrap_or("an unnamed source");
                format!("Last seen {}, in {source}. We cannot see which permissions it used.", show::day(at, *tz))
            }
            (None, Some(since)) => {
                format!("Not seen since {}, when we began to see calls.", show::day(since, *tz))
            }
            (None, None) => "We cannot see use of this app.".to_owned(),
        }
    }

    /// Whether records leave the organisation, as far as the register knows.
    pub fn leaves(&self) -> String {
        match &self.vendor {
            Some((name, Some(ends))) => {
                format!("Yes, perhaps: it belongs to {name}, whose contract ends {}", show::date(*ends))
            }
            Some((name, None)) => format!("Yes, perhaps: it belongs to {name}. No end of a contract is on record"),
            None => "We don\u{2019}t know: no vendor is on record".to_owned(),
        }
    }

    /// Whether it can be switched off: kind of tag, its word, and a sentence.
    pub fn switch_off(&self, tz: &Tz) -> (&'static str, &'static str, String) {
        match self.path.as_ref().map(|path| path.proved_at) {
            None => ("bad", "No way known", "Nobody has written how to switch it off.".to_owned()),
            Some(None) => {
                ("warn", "Never tried", "It is written how to switch it off, and nobody has tried.".to_owned())
            }
            Some(Some(at)) => ("ok", "Tried", format!("Switching it off was tried on {}.", show::day(at, *tz))),
        }
    }

    /// Where it works.
    pub fn place(&self, loaded: &Loaded) -> String {
        let environment = loaded.identity.environment;
        let test = match (environment, loaded.request.test_data) {
            (_, true) => "; whoever asks says that no data of real patients is there",
            (Environment::Sandbox, false) => "; nobody says that it holds no data of real patients",
            _ => "",
        };
        match &self.system {
            Some(system) => format!("{system}, {}{test}", environment.label().to_lowercase()),
            None => format!("{}{test}", environment.label()),
        }
    }

    /// The documents that allow it, a line each, and whether their last day has passed.
    pub fn papers(&self, now: &Moment) -> Vec<(String, bool)> {
        let line = |paper: &Paper| match paper.ends_on {
            Some(ends) => (
                format!("{}: {}, last day {}", paper.kind.label(), paper.reference, show::date(ends)),
                ends < now.date(),
            ),
            None => (format!("{}: {}, no last day on record", paper.kind.label(), paper.reference), false),
        };
        self.papers.iter().map(line).collect()
    }

    /// Whether care depends on it.
    pub fn is_clinical(&self, loaded: &Loaded) -> bool {
        loaded.identity.criticality == Criticality::Clinical
    }
}
