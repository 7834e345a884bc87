//! What a draft says, read for sending, and everything that is wrong with it.

use crate::actions::requests::{self, Asking, Preview, Registering};
use crate::actions::{ActionError, By, FieldError, Register, drafts, request_drafts};
use crate::domain::identities::Environment;
use crate::domain::registration::{Known, Registration};
use crate::domain::requests::PaperKind;
use crate::domain::requests::asking::{self, Typed};
use crate::store::request_drafts::Draft;
use crate::web::fields::Fields;

use super::steps::{self, OWNERS};

/// A document: its kind, and the fields of its reference and its last day.
const PAPERS: [(PaperKind, &str, &str); 3] = [
    (PaperKind::Contract, "contract_reference", "contract_ends_on"),
    (PaperKind::Agreement, "agreement_reference", "agreement_ends_on"),
    (PaperKind::Baa, "baa_reference", "baa_ends_on"),
];

/// A document that allows the access: kind, reference, last day.
type Paper = (PaperKind, String, Option<chrono::NaiveDate>);

/// A draft looked through.
#[derive(Debug)]
pub struct Checked {
    /// What is missing or wrong, in the order of the pages.
    pub faults: Vec<FieldError>,
    /// What would be sent; there only where nothing is wrong.
    pub ready: Option<(Registering, Preview)>,
}

/// The texts of a draft.
pub fn fields(draft: &Draft) -> Fields {
    let mut fields = Fields::default();
    for (name, text) in &draft.fields.0 {
        fields.push(name, text.clone());
    }
    fields
}

/// Looks through a draft as sending it would: nothing of that is kept.
///
/// # Errors
/// When it cannot be looked through; what is wrong with it is no error here.
pub fn checked(register: &Register, by: &By, draft: &Draft) -> Result<Checked, ActionError> {
    let fields = fields(draft);
    let mut faults = Vec::new();
    let papers = papers(&fields, &mut faults);
    owners(&fields, &mut faults);
    sandbox(&fields, &mut faults);
    let asking = asking(register, by, &fields, &mut faults);
    let identity = identity(&fields, &mut faults);
    let mut ready = None;
    if let Some(identity) = identity {
        let registering = Registering { identity, asking, papers, origin: draft.origin_id, draft: Some(draft.id) };
        match requests::starting(register, by, &registering) {
            Ok(preview) => ready = Some((registering, preview)),
            Err(ActionError::Invalid(more)) => faults.extend(more),
            Err(other) => return Err(other),
        }
    } else {
        let named: Vec<(&'static str, &str)> = OWNERS.iter().map(|name| (*name, fields.raw(name))).collect();
        faults.extend(request_drafts::unknown_people(&mut *register.database.read()?, &named)?);
        if fields.get("purpose").is_none() {
            faults.push(FieldError::new("purpose", requests::NO_PURPOSE));
        }
    }
    let faults = in_order(faults);
    Ok(Checked { ready: ready.filter(|_| faults.is_empty()), faults })
}

/// Each fault once, in the order of the pages.
fn in_order(faults: Vec<FieldError>) -> Vec<FieldError> {
    let mut found: Vec<FieldError> = Vec::new();
    for fault in faults {
        if !found.contains(&fault) {
            found.push(fault);
        }
    }
    found.sort_by_key(|fault| steps::place(fault.field));
    found
}

fn identity(fields: &Fields, faults: &mut Vec<FieldError>) -> Option<Registration> {
    match Registration::parse(fields, &Known::default()) {
        Ok(identity) => Some(identity),
        Err(found) => {
            // Permissions are read more strictly as what is asked for.
            let others = found.into_iter().filter(|(field, _)| *field != "scopes");
            faults.extend(others.map(|(field, error)| FieldError::new(field, error.to_string())));
            None
        }
    }
}

fn asking(register: &Register, by: &By, fields: &Fields, faults: &mut Vec<FieldError>) -> Asking {
    let text = |name: &str| fields.raw(name).to_owned();
    let asking = Asking {
        scopes: text("scopes"),
        reason: text("reason"),
        until: text("until"),
        urgent: fields.is_set("urgent"),
        urgency: text("urgency"),
        test_data: fields.is_set("test_data"),
    };
    let typed = Typed {
        scopes: &asking.scopes,
        reason: &asking.reason,
        until: &asking.until,
        urgent: asking.urgent,
        urgency: &asking.urgency,
    };
    let most = register.deployment.approvals.stages.most_scopes;
    if let Err(found) = asking::read(typed, most, register.day(by.now)) {
        faults.extend(found.iter().map(|fault| FieldError::new(fault.field(), fault.to_string())));
    }
    asking
}

/// Somebody is named, or it is said that nobody is known yet: an empty field is neither.
fn owners(fields: &Fields, faults: &mut Vec<FieldError>) {
    for (name, unknown) in
        [("business_owner", "business_owner_unknown"), ("technical_owner", "technical_owner_unknown")]
    {
        match (fields.get(name).is_some(), fields.is_set(unknown)) {
            (false, false) => {
                faults.push(FieldError::new(name, "Name somebody, or tick that you don\u{2019}t know yet"));
            }
            (true, true) => faults.push(FieldError::new(name, "Take the tick below away, or remove the name")),
            _ => {}
        }
    }
}

/// That no real data is there counts in a sandbox and nowhere else.
fn sandbox(fields: &Fields, faults: &mut Vec<FieldError>) {
    if fields.is_set("test_data") && fields.raw("environment") != Environment::Sandbox.word() {
        faults.push(FieldError::new(
            "test_data",
            "Take this tick away, or choose Sandbox: elsewhere data of real patients has to be expected",
        ));
    }
}

fn papers(fields: &Fields, faults: &mut Vec<FieldError>) -> Vec<Paper> {
    let mut found = Vec::new();
    for (kind, reference, ends_on) in PAPERS {
        let name = match drafts::optional_reference(fields.raw(reference)) {
            Ok(name) => name,
            Err(why) => {
                faults.push(FieldError::new(reference, why));
                continue;
            }
        };
        let date = match fields.get(ends_on) {
            None => None,
            Some(text) => match text.parse::<chrono::NaiveDate>().ok().filter(|_| text.len() == 10) {
                Some(date) => Some(date),
                None => {
                    faults.push(FieldError::new(ends_on, "Write the day as in 2027-03-31"));
                    continue;
                }
            },
        };
        match (name, date) {
            (Some(name), date) => found.push((kind, name, date)),
            (None, Some(_)) => {
                faults.push(FieldError::new(reference, "Write the number or place of the document, or remove its day"));
            }
            (None, None) => {}
        }
    }
    found
}
