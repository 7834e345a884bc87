//! How far scopes reach, in words.
//!
//! What nobody has explained may reach further than what is understood: beside it a number is the least there
//! is, and where nothing is known to be reached it cannot be told. No line falls through to a milder one.

use super::reach::{Reach, Whose};
use super::release::{self, Release};
use super::words::{Words, capital};

impl Reach {
    /// Why more may be reached than is known, where that is so.
    pub fn unclear(&self) -> Option<&'static str> {
        match (self.unexplained.is_empty(), self.operation) {
            (false, _) => Some("not every permission is explained"),
            (true, true) => Some("the guide does not say what an operation reaches"),
            (true, false) => None,
        }
    }

    /// Whose data.
    pub fn whose_words(&self, words: &Words) -> String {
        match self.whose {
            Whose::Nobody => self.unless_unclear(self.whose.label()),
            _ if !self.others.is_empty() => {
                let names: Vec<&str> = self.others.iter().filter_map(|each| words.name_of(*each)).collect();
                self.unless_unclear(&format!("No patient: {}", names.join(", ")))
            }
            // Nothing reaches further.
            Whose::EveryPatient => self.whose.label().to_owned(),
            Whose::OnePatient => self.at_least("one patient at a time", self.whose.label()),
            Whose::UserVisible => self.at_least("every patient the user may see", self.whose.label()),
        }
    }

    /// How many types: "12 of the 146 of FHIR R4, 9 in the patient compartment".
    pub fn types_words(&self, release: Release) -> String {
        let later = if self.future_types { ", and those of later releases" } else { "" };
        let (all, compartment) = (release::types(release).count(), self.compartment_types);
        match self.types {
            0 if self.unknown_types.is_empty() => self.unless_unclear("None"),
            0 => self.unless_unclear(&format!("None that {} knows", release.label())),
            types => {
                let release = release.label();
                let known =
                    format!("{types} of the {all} of {release}, {compartment} in the patient compartment{later}");
                self.at_least(&known, &known)
            }
        }
    }

    /// What stands where no sensitive type is reached.
    pub fn no_sensitive_type(&self) -> String {
        self.unless_unclear("None")
    }

    /// What can be done to records.
    pub fn can_words(&self) -> String {
        let done = [(self.read, "read"), (self.write, "add or change"), (self.delete, "delete")];
        let known: Vec<&str> = done.into_iter().filter(|(can, _)| *can).map(|(_, word)| word).collect();
        match known.len() {
            0 => self.unless_unclear("Nothing"),
            3 => "Read, add or change, delete".to_owned(),
            _ => {
                let known = known.join(", ");
                self.at_least(&known, &capital(&known))
            }
        }
    }

    /// Whether records can be copied in bulk.
    pub fn bulk_words(&self) -> String {
        if self.bulk_export { "Possible".to_owned() } else { self.unless_unclear("Not by these scopes") }
    }

    /// Whether access lasts after the person has left.
    pub fn lasts_words(&self) -> String {
        match (self.whose, self.outlasts_session) {
            (_, true) => "It goes on, until it is revoked or expires".to_owned(),
            (Whose::EveryPatient, false) => "Nobody needs to be signed in".to_owned(),
            (_, false) if self.unexplained.is_empty() => "It ends".to_owned(),
            (_, false) => self.unless_unclear("It ends"),
        }
    }

    /// A word that would be false if there were more.
    fn unless_unclear(&self, word: &str) -> String {
        self.unclear().map_or_else(|| word.to_owned(), |why| format!("Cannot tell: {why}"))
    }

    /// What is known to be reached, and as it stands where nothing else can be.
    fn at_least(&self, known: &str, alone: &str) -> String {
        self.unclear().map_or_else(|| alone.to_owned(), |why| format!("At least {known}; {why}"))
    }
}
