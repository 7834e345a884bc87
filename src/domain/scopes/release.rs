//! The resource types of FHIR R4, R4B and R5: whose data they hold, and whether they belong to a patient.
//!
//! Facts of `seeds/scopes/resource_types.csv`: the security category is FHIR R4's own; where a type is
//! newer, it is unknown. A type that is not classified or unknown counts as patients' data.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::words;

words! {
    /// A release of FHIR.
    Release {
        R4 = "R4", "FHIR R4";
        R4B = "R4B", "FHIR R4B";
        R5 = "R5", "FHIR R5";
    }
}

words! {
    /// FHIR's security category of a type (R4, "Security: resources by category").
    SecurityCategory {
        Patient = "patient", "patients' data";
        Individual = "individual", "data about people who are not patients";
        Business = "business", "business data";
        Anonymous = "anonymous", "about nobody";
        None = "none", "carries no data of its own";
        NotClassified = "not-classified", "not classified";
        Unknown = "unknown", "unknown";
    }
}

/// How a type stands to the patient compartment of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Compartment {
    Inside,
    Outside,
}

/// One resource type.
#[derive(Debug, Clone, Deserialize)]
pub struct TypeFacts {
    #[serde(rename = "type")]
    pub name: Box<str>,
    security: SecurityCategory,
    r4: Option<Compartment>,
    r4b: Option<Compartment>,
    r5: Option<Compartment>,
}

/// The facts as they stand in their file.
pub(super) const TABLE: &str = include_str!("../../../seeds/scopes/resource_types.csv");

/// Every type of any of the releases, sorted by name.
static TYPES: LazyLock<Vec<TypeFacts>> = LazyLock::new(|| {
    let mut types: Vec<TypeFacts> = csv::Reader::from_reader(TABLE.as_bytes()).into_deserialize().flatten().collect();
    types.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    types
});

impl TypeFacts {
    /// FHIR's security category.
    pub fn security(&self) -> SecurityCategory {
        self.security
    }

    fn at(&self, release: Release) -> Option<Compartment> {
        match release {
            Release::R4 => self.r4,
            Release::R4B => self.r4b,
            Release::R5 => self.r5,
        }
    }

    /// Whether the release has it.
    pub fn is_in(&self, release: Release) -> bool {
        self.at(release).is_some()
    }

    /// Whether the release's patient compartment holds it.
    pub fn is_in_compartment(&self, release: Release) -> bool {
        self.at(release) == Some(Compartment::Inside)
    }

    /// Whether it may hold a patient's data in this release: so classified, in the compartment, or not known to be otherwise.
    pub fn holds_patient_data(&self, release: Release) -> bool {
        let classified = match self.security {
            SecurityCategory::Patient | SecurityCategory::NotClassified | SecurityCategory::Unknown => true,
            SecurityCategory::Individual
            | SecurityCategory::Business
            | SecurityCategory::Anonymous
            | SecurityCategory::None => false,
        };
        classified || self.is_in_compartment(release)
    }
}

/// The types of a release in the order of their names.
pub fn types(release: Release) -> impl Iterator<Item = &'static TypeFacts> {
    TYPES.iter().filter(move |each| each.is_in(release))
}

/// The facts of a type, if any release has it.
pub fn facts(name: &str) -> Option<&'static TypeFacts> {
    let found = TYPES.binary_search_by(|each| (*each.name).cmp(name)).ok()?;
    TYPES.get(found)
}

/// The releases that have a type: none for a name that is no type.
pub fn releases(name: &str) -> Vec<Release> {
    let facts = facts(name);
    Release::ALL.iter().copied().filter(|release| facts.is_some_and(|each| each.is_in(*release))).collect()
}

/// Whether a type is in the patient compartment of any release.
pub fn belongs_to_patients(name: &str) -> bool {
    facts(name).is_some_and(|each| Release::ALL.iter().any(|release| each.is_in_compartment(*release)))
}

/// The type whose name differs only in case, or by the fewest letters if that is one or two.
pub fn nearest(name: &str) -> Option<&'static str> {
    if let Some(same) = TYPES.iter().find(|each| each.name.eq_ignore_ascii_case(name)) {
        return Some(&same.name);
    }
    let by_distance = TYPES.iter().map(|each| (distance(&each.name, name), &*each.name));
    by_distance.min().filter(|(distance, _)| *distance <= 2).map(|(_, name)| name)
}

/// The letters to add, drop or exchange to turn one name into the other; names longer than any type are far.
fn distance(a: &str, b: &str) -> usize {
    if b.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut corner = i;
        let mut before = i + 1;
        let mut next = vec![before];
        for (right, above) in b.bytes().zip(row.iter().skip(1)) {
            let cost = usize::from(left != right);
            before = (corner + cost).min(above + 1).min(before + 1);
            corner = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
