//! What a caller does: the interactions of FHIR's RESTful API, bulk export, and operations.

use std::fmt;
use std::str::FromStr;

use super::letters::Letters;
use crate::words;

words! {
    /// An interaction of the RESTful API (FHIR R4, 3.1.0) or a level of `$export` (Bulk Data 2.0).
    KnownInteraction {
        Create = "create", "create";
        Read = "read", "read";
        VersionRead = "vread", "read one version";
        Update = "update", "update";
        Patch = "patch", "patch";
        Delete = "delete", "delete";
        HistoryInstance = "history-instance", "history of one resource";
        HistoryType = "history-type", "history of a type";
        HistorySystem = "history-system", "history of the system";
        SearchType = "search-type", "search a type";
        SearchSystem = "search-system", "search the system";
        ExportSystem = "export-system", "export the system";
        ExportGroup = "export-group", "export a group";
        ExportPatient = "export-patient", "export all patients";
        /// Validated by the requests within; it has no scope of its own.
        Batch = "batch", "batch";
        Transaction = "transaction", "transaction";
        /// The capability statement, which is public.
        Capabilities = "capabilities", "capabilities";
    }
}

/// An interaction, or an operation by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interaction {
    Known(KnownInteraction),
    /// `$everything`, `$bulk-submit`: the guide models none. Without a name: an operation that was not said.
    Operation(Box<str>),
    /// `search`, FHIR's code for a search of a type or of the system, whichever the question names.
    Search,
}

/// A word that is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not an interaction; write read, vread, update, patch, delete, create, history-instance, history-type, history-system, search-type, search-system, export-system, export-group, export-patient, or an operation such as $everything"
)]
pub struct UnknownInteraction(String);

impl KnownInteraction {
    /// The letter that allows it; none for export and for what needs no scope of its own.
    pub const fn letter(self) -> Letters {
        match self {
            Self::Create => Letters::CREATE,
            Self::Read | Self::VersionRead | Self::HistoryInstance => Letters::READ,
            Self::Update | Self::Patch => Letters::UPDATE,
            Self::Delete => Letters::DELETE,
            Self::HistoryType | Self::HistorySystem | Self::SearchType | Self::SearchSystem => Letters::SEARCH,
            _ => Letters::NONE,
        }
    }

    /// The level of `$export` when it is called on this type, or on none.
    pub fn export_on(resource: Option<&str>) -> Option<Self> {
        match resource {
            None => Some(Self::ExportSystem),
            Some("Patient") => Some(Self::ExportPatient),
            Some("Group") => Some(Self::ExportGroup),
            Some(_) => None,
        }
    }

    /// The types whose data an export at this level always holds.
    pub const fn export_types(self) -> Option<&'static [&'static str]> {
        match self {
            Self::ExportSystem => Some(&[]),
            Self::ExportPatient => Some(&["Patient"]),
            Self::ExportGroup => Some(&["Group", "Patient"]),
            _ => None,
        }
    }
}

impl FromStr for Interaction {
    type Err = UnknownInteraction;
    fn from_str(text: &str) -> Result<Self, UnknownInteraction> {
        if let Ok(known) = text.parse() {
            return Ok(Self::Known(known));
        }
        // Codes of FHIR's restful-interaction that stand above those of the list, as access events carry them.
        match text {
            "search" => return Ok(Self::Search),
            "operation" => return Ok(Self::Operation("".into())),
            _ => {}
        }
        match text.strip_prefix('$') {
            Some(name) if !name.is_empty() && name.bytes().all(|each| each.is_ascii_alphanumeric() || each == b'-') => {
                Ok(Self::Operation(text.into()))
            }
            _ => Err(UnknownInteraction(text.to_owned())),
        }
    }
}

impl fmt::Display for Interaction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => out.write_str(known.word()),
            Self::Operation(name) if name.is_empty() => out.write_str("operation"),
            Self::Operation(name) => out.write_str(name),
            Self::Search => out.write_str("search"),
        }
    }
}
