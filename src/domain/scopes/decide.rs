//! May these scopes do this interaction, on this type, in this context?
//!
//! Allow, deny, or cannot tell, which is enforced as deny. A scope is an upper bound: a server may
//! still refuse what a scope allows.
//!
//! What the guide leaves open is decided so:
//! - without a patient in context a `patient/` scope grants nothing;
//! - a constraint is judged by the categories of the resource, when they are known; a search under a
//!   constraint must be limited to it, so without categories the answer is "cannot tell";
//! - bulk export needs `r` and `s`, only in `system/`, never under a constraint: for the whole system on
//!   `*`; for all patients on Patient, for a group on Group and Patient, and it holds the types that are
//!   granted besides. The export of one type from the whole system without the wildcard is allowed by
//!   some servers and refused by others;
//! - operations are not modelled: only a scope that names the operation allows it. `$export` is the bulk
//!   export of the level it is called on.

use std::fmt;

use super::compiled::{CompiledScopes, Shelf};
use super::interaction::{Interaction, KnownInteraction};
use super::letters::Letters;
use super::release;
use super::scope::{Context, Meaning, OperationScope, ResourceType, Scope};
use crate::words;

words! {
    /// The answer; only `allow` lets a call through.
    Decision {
        Allow = "allow", "allowed";
        CannotTell = "cannot_tell", "cannot tell";
        Deny = "deny", "refused";
    }
}

/// What is known of a patient in a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PatientKnown<'a> {
    /// The question does not say.
    #[default]
    NotSaid,
    /// There is none.
    Nobody,
    /// This one: a logical id or `Patient/id`.
    Is(&'a str),
}

/// A coding of a resource's category: its system, if it has one, and its code.
pub type Coding<'a> = (Option<&'a str>, &'a str);

/// One question. The defaults say nothing: any context, nothing known of patients or categories.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub interaction: &'a Interaction,
    /// The type; `None` or `*` for all types at once.
    pub resource: Option<&'a str>,
    /// Only scopes of this context count.
    pub context: Option<Context>,
    /// The patient in context.
    pub launch_patient: PatientKnown<'a>,
    /// Whose record it is.
    pub resource_patient: PatientKnown<'a>,
    /// The resource's categories, where known.
    pub categories: Option<&'a [Coding<'a>]>,
}

/// The answer with the scope that allowed it and the reason.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub decision: Decision,
    pub by: Option<&'a Scope>,
    pub reason: Reason<'a>,
}

/// Why.
#[derive(Debug, Clone, Copy)]
pub enum Reason<'a> {
    Granted,
    /// Needs no scope.
    Public,
    NoScope(Letters),
    NotAType,
    NoPatientInContext,
    AnotherPatient,
    OutsideCompartment,
    PatientNotSaid,
    /// Allowed only under this scope's constraint, and the categories do not match it.
    OutsideConstraint(&'a Scope),
    /// Allowed only under this scope's constraint, and nothing says whether it holds.
    UnderConstraint(&'a Scope),
    EachEntry,
    Operation,
    ExportNeeds(&'static str),
    ExportServersDiffer,
    ExportOfTypesHeld,
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Granted => "a scope grants it",
            Self::Public => "it needs no scope",
            Self::NoScope(letters) => return write!(out, "no scope that counts here grants {letters} on this type"),
            Self::NotAType => "the resource is not the name of a FHIR type; write it as in Observation",
            Self::NoPatientInContext => "there is no patient in context, so a patient/ scope grants nothing",
            Self::AnotherPatient => "the record is another patient's than the one in context",
            Self::OutsideCompartment => "the record is no patient's, and its type belongs to patients",
            Self::PatientNotSaid => "it depends on the patient in context, who was not said",
            Self::OutsideConstraint(scope) => {
                return write!(out, "{scope} grants it under a limit this resource is not in");
            }
            Self::UnderConstraint(scope) => {
                return write!(out, "{scope} grants it under a limit; whether the limit holds was not said");
            }
            Self::EachEntry => "a batch or transaction has no scope of its own: ask for each entry",
            Self::Operation => "the guide does not model operations, and no scope names this one",
            Self::ExportNeeds(scopes) => {
                return write!(out, "bulk export at this level needs {scopes}, without a limit");
            }
            Self::ExportOfTypesHeld => "scopes grant it, for the types they name",
            Self::ExportServersDiffer => "some servers export a type for its own scope, others only for system/*.rs",
        };
        out.write_str(text)
    }
}

impl CompiledScopes {
    /// Answers one question, without allocation.
    pub fn decide<'a>(&'a self, question: &Question<'_>) -> Answer<'a> {
        let resource = question.resource.filter(|each| *each != "*");
        let known = match question.interaction {
            Interaction::Known(known) => *known,
            Interaction::Search if resource.is_some() => KnownInteraction::SearchType,
            Interaction::Search => KnownInteraction::SearchSystem,
            Interaction::Operation(name) => {
                match KnownInteraction::export_on(resource).filter(|_| &**name == "$export") {
                    Some(level) => {
                        return self.export(level, level.export_types().unwrap_or_default(), None, question.context);
                    }
                    None => return self.operation(name, question),
                }
            }
        };
        if resource.is_some_and(|name| !is_type_name(name)) {
            return deny(Reason::NotAType);
        }
        match known {
            KnownInteraction::Capabilities => Answer { decision: Decision::Allow, by: None, reason: Reason::Public },
            KnownInteraction::Batch | KnownInteraction::Transaction => cannot_tell(Reason::EachEntry),
            _ => match known.export_types() {
                Some(types) => self.export(known, types, resource, question.context),
                None => self.interaction(known.letter(), resource, question),
            },
        }
    }

    fn interaction<'a>(&'a self, letter: Letters, resource: Option<&str>, question: &Question<'_>) -> Answer<'a> {
        let mut answer = deny(Reason::NoScope(letter));
        for context in Context::ALL {
            if question.context.is_some_and(|only| only != *context) {
                continue;
            }
            let shelves = [resource.and_then(|name| self.named(*context, name)), self.every(*context)];
            for shelf in shelves.into_iter().flatten() {
                let found = self.on_shelf(shelf, letter, question);
                let found = match (context, found) {
                    (Context::Patient, Some(found)) => Some(for_patient(found, resource, question)),
                    (_, found) => found,
                };
                match found {
                    Some(found) if found.decision == Decision::Allow => return found,
                    Some(found) if found.decision < answer.decision || matches!(answer.reason, Reason::NoScope(_)) => {
                        answer = found;
                    }
                    _ => {}
                }
            }
        }
        answer
    }

    /// What the scopes on one shelf say; `None` if none has the letter.
    fn on_shelf<'a>(&'a self, shelf: &Shelf, letter: Letters, question: &Question<'_>) -> Option<Answer<'a>> {
        if shelf.free.holds(letter) {
            let entry = shelf.unlimited.iter().find(|each| each.letters.holds(letter))?;
            return Some(Answer { decision: Decision::Allow, by: self.scope(entry.scope), reason: Reason::Granted });
        }
        let mut best: Option<Answer<'a>> = None;
        for entry in shelf.limited.iter().filter(|each| each.letters.holds(letter)) {
            let Some(scope) = self.scope(entry.scope) else { continue };
            let Meaning::Resource(limited) = scope.meaning() else { continue };
            // A limit on every type says nothing about the types that lack its parameter.
            let defined = match (&limited.resource, question.resource) {
                (ResourceType::Every, Some(name)) if name != "*" => limited.constraint.is_defined_on(name),
                (ResourceType::Every, _) => false,
                _ => true,
            };
            let admitted = question.categories.and_then(|categories| limited.constraint.admits(categories));
            let found = match admitted {
                Some(true) if defined => Answer { decision: Decision::Allow, by: Some(scope), reason: Reason::Granted },
                Some(false) if defined => deny(Reason::OutsideConstraint(scope)),
                _ => cannot_tell(Reason::UnderConstraint(scope)),
            };
            if found.decision == Decision::Allow {
                return Some(found);
            }
            if best.is_none_or(|best| found.decision < best.decision) {
                best = Some(found);
            }
        }
        best
    }

    fn operation<'a>(&'a self, name: &str, question: &Question<'_>) -> Answer<'a> {
        let counts = |scope: &OperationScope| question.context.is_none_or(|only| only == scope.context);
        let bare = name.strip_prefix('$').unwrap_or(name);
        let resource = question.resource.filter(|each| *each != "*");
        let same_type = |scope: &OperationScope| match (&scope.resource, resource) {
            (None, _) | (Some(ResourceType::Every), None) => true,
            (Some(ResourceType::Named(held)), Some(asked)) => **held == *asked,
            _ => false,
        };
        let found = self.operations().find(|scope| match scope.meaning() {
            Meaning::Operation(held) => {
                counts(held) && held.name.strip_prefix('$').unwrap_or(&held.name) == bare && same_type(held)
            }
            _ => false,
        });
        if let Some(scope) = found {
            return Answer { decision: Decision::Allow, by: Some(scope), reason: Reason::Granted };
        }
        let reaches = Context::ALL
            .iter()
            .any(|context| question.context.is_none_or(|only| only == *context) && self.reaches(*context));
        if reaches { cannot_tell(Reason::Operation) } else { deny(Reason::Operation) }
    }

    fn export<'a>(
        &'a self,
        level: KnownInteraction,
        always: &'static [&'static str],
        resource: Option<&str>,
        context: Option<Context>,
    ) -> Answer<'a> {
        let needs = match level {
            KnownInteraction::ExportSystem => "system/*.rs",
            KnownInteraction::ExportPatient => "system/Patient.rs and system/*.rs, or .rs on the types exported",
            _ => "system/Group.rs, system/Patient.rs and system/*.rs, or .rs on the types exported",
        };
        if context.is_some_and(|only| only != Context::System) {
            return deny(Reason::ExportNeeds(needs));
        }
        if let Some(scope) = self.export_by_name(always) {
            return Answer { decision: Decision::Allow, by: Some(scope), reason: Reason::Granted };
        }
        let every = self.every(Context::System).filter(|shelf| shelf.free.holds(Letters::LOOK_UP));
        let by = |shelf: Option<&Shelf>| {
            let entry = shelf?.unlimited.iter().find(|each| each.letters.meets(Letters::LOOK_UP))?;
            self.scope(entry.scope)
        };
        if let Some(shelf) = every {
            return Answer { decision: Decision::Allow, by: by(Some(shelf)), reason: Reason::Granted };
        }
        let held = |name: &str| {
            let named = self.named(Context::System, name).map_or(Letters::NONE, |shelf| shelf.free);
            let wild = self.every(Context::System).map_or(Letters::NONE, |shelf| shelf.free);
            (named | wild).holds(Letters::LOOK_UP)
        };
        let always_held = always.iter().all(|name| held(name));
        match resource {
            Some(name) if always_held && held(name) && level == KnownInteraction::ExportSystem => {
                cannot_tell(Reason::ExportServersDiffer)
            }
            Some(name) if always_held && held(name) => {
                let scope = by(self.named(Context::System, name)).or_else(|| by(self.every(Context::System)));
                Answer { decision: Decision::Allow, by: scope, reason: Reason::Granted }
            }
            None if always_held && !always.is_empty() => {
                let first = always.iter().find_map(|name| by(self.named(Context::System, name)));
                let scope = first.or_else(|| by(self.every(Context::System)));
                Answer { decision: Decision::Allow, by: scope, reason: Reason::ExportOfTypesHeld }
            }
            _ => deny(Reason::ExportNeeds(needs)),
        }
    }

    /// A scope that names the export at this level, as some servers spell it.
    fn export_by_name(&self, always: &[&str]) -> Option<&Scope> {
        self.operations().find(|scope| {
            let Meaning::Operation(held) = scope.meaning() else { return false };
            let level = match (&held.resource, always.first()) {
                (Some(ResourceType::Every), None) => true,
                (Some(ResourceType::Named(name)), Some(first)) => **name == **first,
                _ => false,
            };
            held.context == Context::System && &*held.name == "$export" && level
        })
    }
}

/// Under `patient/` the record must be that of the patient in context.
fn for_patient<'a>(found: Answer<'a>, resource: Option<&str>, question: &Question<'_>) -> Answer<'a> {
    if found.decision == Decision::Deny {
        return found;
    }
    match (question.launch_patient, question.resource_patient) {
        (PatientKnown::Nobody, _) => deny(Reason::NoPatientInContext),
        (PatientKnown::NotSaid, PatientKnown::Is(_)) => cannot_tell(Reason::PatientNotSaid),
        (PatientKnown::Is(launch), PatientKnown::Is(owner)) if logical_id(launch) != logical_id(owner) => {
            deny(Reason::AnotherPatient)
        }
        (_, PatientKnown::Nobody) if resource.is_some_and(release::belongs_to_patients) => {
            deny(Reason::OutsideCompartment)
        }
        _ => found,
    }
}

fn logical_id(reference: &str) -> &str {
    reference.strip_prefix("Patient/").unwrap_or(reference)
}

fn is_type_name(name: &str) -> bool {
    name.starts_with(|each: char| each.is_ascii_uppercase()) && name.bytes().all(|each| each.is_ascii_alphabetic())
}

const fn deny(reason: Reason<'_>) -> Answer<'_> {
    Answer { decision: Decision::Deny, by: None, reason }
}

const fn cannot_tell(reason: Reason<'_>) -> Answer<'_> {
    Answer { decision: Decision::CannotTell, by: None, reason }
}
