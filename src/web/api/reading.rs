//! What a program asks for, read into what the actions take, with everything that is wrong at once.

use super::documents;
use super::errors::{of_action, told};
use super::sent::{NewIdentity, NewRequest};
use crate::actions::requests::{self, Asking, Preview, Registering};
use crate::actions::{ActionError, By, FieldError, Register};
use crate::domain::identities::Environment;
use crate::domain::ids::Id;
use crate::domain::registration::{Known, Registration};
use crate::domain::requests::asking::{self, Typed};
use crate::store::{StoreError, identities};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::identities::check_visible;
use crate::web::session::Sees;

/// What is wrong with which member of the document.
type Faults = Vec<(String, String)>;

/// What is asked for, looked through: sending it would find nothing wrong with it.
#[derive(Debug)]
pub enum Wanted {
    /// A change of an identity; the version of it that was sent.
    Change { identity: Id, version: Option<i64>, now: i64, asking: Asking },
    /// A new app.
    App(Box<Registering>),
}

/// Reads what is asked for, and says what would be sent. Nothing is stored.
///
/// # Errors
/// `Faults` with everything that is wrong; `NotFound` for an identity that the asker may not see; `Forbidden`
/// for one about which they may ask nothing; `Refused` where it changed since it was read.
pub fn read(register: &Register, by: &By, sees: Sees, sent: &NewRequest) -> Result<(Wanted, Preview), WebError> {
    let mut faults = Faults::new();
    let asking = asking(sent, &mut faults);
    match (&sent.identity_id, &sent.registration) {
        (Some(id), None) => change(register, by, sees, sent, id, asking, faults),
        (None, Some(identity)) => app(register, by, sees, sent, identity, asking, faults),
        (None, None) => {
            faults.push((
                "".to_owned(),
                "Name an identity (identity_id), or describe a new app (registration)".to_owned(),
            ));
            read_asking(register, by, &asking, &mut faults);
            Err(WebError::Faults(faults))
        }
        (Some(_), Some(_)) => {
            let text = "Send either identity_id or registration; for the same app elsewhere, send origin_id".to_owned();
            faults.push(("identity_id".to_owned(), text));
            read_asking(register, by, &asking, &mut faults);
            Err(WebError::Faults(faults))
        }
    }
}

fn change(
    register: &Register,
    by: &By,
    sees: Sees,
    sent: &NewRequest,
    id: &str,
    asking: Asking,
    mut faults: Faults,
) -> Result<(Wanted, Preview), WebError> {
    if sent.origin_id.is_some() {
        faults.push(("origin_id".to_owned(), "Leave it out: it belongs to a registration".to_owned()));
    }
    let Ok(id) = id.parse::<Id>() else {
        faults.push(("identity_id".to_owned(), "This is no id".to_owned()));
        read_asking(register, by, &asking, &mut faults);
        return Err(WebError::Faults(faults));
    };
    let mut db = register.database.read()?;
    check_visible(&mut db, sees, id, by.now)?;
    let identity = identities::find(&mut db, id)?;
    if !requests::asks(&mut db, register, &identity, by)? {
        return Err(WebError::Forbidden(None));
    }
    if sent.identity_version.is_some_and(|version| version != identity.version) {
        return Err(of_action(StoreError::Conflict.into(), str::to_owned));
    }
    only_in_a_sandbox(sent, identity.environment, &mut faults);
    let preview = match requests::preview(&mut db, register, by, id, &asking) {
        Ok(preview) => preview,
        Err(ActionError::Invalid(found)) => {
            add(&mut faults, told(&found, str::to_owned));
            return Err(WebError::Faults(faults));
        }
        Err(other) => return Err(of_action(other, str::to_owned)),
    };
    let wanted = Wanted::Change { identity: id, version: sent.identity_version, now: identity.version, asking };
    if faults.is_empty() { Ok((wanted, preview)) } else { Err(WebError::Faults(faults)) }
}

fn app(
    register: &Register,
    by: &By,
    sees: Sees,
    sent: &NewRequest,
    new: &NewIdentity,
    asking: Asking,
    mut faults: Faults,
) -> Result<(Wanted, Preview), WebError> {
    if sent.identity_version.is_some() {
        faults.push(("identity_version".to_owned(), "Leave it out: a new app has none yet".to_owned()));
    }
    let origin = origin(register, by, sees, sent.origin_id.as_deref(), &mut faults)?;
    let papers = documents::read(&new.documents, &mut faults);
    let fields = fields(new, &mut faults);
    let identity = match Registration::parse(&fields, &Known::default()) {
        Ok(identity) => {
            only_in_a_sandbox(sent, identity.environment, &mut faults);
            identity
        }
        Err(found) => {
            faults.extend(found.into_iter().map(|(field, error)| (path(field), error.to_string())));
            if new.purpose.trim().is_empty() {
                faults.push((path("purpose"), "Write what it is for; whoever decides has to know".to_owned()));
            }
            read_asking(register, by, &asking, &mut faults);
            return Err(WebError::Faults(faults));
        }
    };
    let typed = Registering { identity, asking, papers, origin, draft: None };
    let preview = match requests::starting(register, by, &typed) {
        Ok(preview) => Some(preview),
        Err(ActionError::Invalid(found)) => {
            add(&mut faults, told(&found, path));
            None
        }
        Err(other) => return Err(of_action(other, path)),
    };
    // What is named is looked up before what is asked for is read, so that is told in any case.
    read_asking(register, by, &typed.asking, &mut faults);
    match preview {
        Some(preview) if faults.is_empty() => Ok((Wanted::App(Box::new(typed)), preview)),
        _ => Err(WebError::Faults(faults)),
    }
}

/// The identity that a new app comes from.
fn origin(
    register: &Register,
    by: &By,
    sees: Sees,
    text: Option<&str>,
    faults: &mut Faults,
) -> Result<Option<Id>, WebError> {
    let Some(text) = text else { return Ok(None) };
    let seen = match text.parse::<Id>() {
        Err(_) => None,
        Ok(id) => {
            let mut db = register.database.read()?;
            match check_visible(&mut db, sees, id, by.now).and_then(|()| identities::find(&mut db, id)) {
                Ok(identity) => Some(identity.id),
                Err(StoreError::NotFound) => None,
                Err(other) => return Err(other.into()),
            }
        }
    };
    if seen.is_none() {
        faults.push(("origin_id".to_owned(), "No identity that you see has this id".to_owned()));
    }
    Ok(seen)
}

fn asking(sent: &NewRequest, faults: &mut Faults) -> Asking {
    let urgency = sent.urgency.clone().unwrap_or_default();
    Asking {
        scopes: joined("scopes", &sent.scopes, char::is_whitespace, faults),
        reason: sent.reason.clone(),
        until: sent.until.clone(),
        urgent: sent.urgency.is_some(),
        urgency,
        test_data: sent.test_data,
    }
}

/// Adds what is wrong with what is asked for itself.
fn read_asking(register: &Register, by: &By, asking: &Asking, faults: &mut Faults) {
    let typed = Typed {
        scopes: &asking.scopes,
        reason: &asking.reason,
        until: &asking.until,
        urgent: asking.urgent,
        urgency: &asking.urgency,
    };
    let most = register.deployment.approvals.stages.most_scopes;
    if let Err(found) = asking::read(typed, most, register.day(by.now)) {
        let found: Vec<FieldError> = found.into_iter().map(Into::into).collect();
        add(faults, told(&found, str::to_owned));
    }
}

/// Elsewhere data of real patients has to be expected.
fn only_in_a_sandbox(sent: &NewRequest, environment: Environment, faults: &mut Faults) {
    if sent.test_data && environment != Environment::Sandbox {
        let text = "Only in a sandbox: elsewhere data of real patients has to be expected".to_owned();
        faults.push(("test_data".to_owned(), text));
    }
}

fn add(faults: &mut Faults, more: Faults) {
    for fault in more {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
}

/// Where a field of the actions stands in the document of a registration.
pub fn path(field: &str) -> String {
    match field {
        "" | "scopes" | "reason" | "until" | "urgency" | "test_data" => field.to_owned(),
        "method" | "steps" | "contact" => format!("registration.way_to_stop.{field}"),
        other => format!("registration.{other}"),
    }
}

/// A list as the lines of a form. `parts` tells what would make two entries of one.
fn joined(field: &str, entries: &[String], parts: fn(char) -> bool, faults: &mut Faults) -> String {
    for (number, entry) in entries.iter().enumerate() {
        if entry.is_empty() || entry.contains(parts) {
            let text = "Write one value in each entry, without space and line ends".to_owned();
            faults.push((format!("{field}[{number}]"), text));
        }
    }
    entries.join("\n")
}

/// A new app as the fields of the form.
fn fields(new: &NewIdentity, faults: &mut Faults) -> Fields {
    let mut fields = Fields::default();
    let mut put = |name: &str, text: &str| fields.push(name, text);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let number = |value: Option<i64>| value.map(|number| number.to_string()).unwrap_or_default();
    let line_end = |letter: char| letter == '\n' || letter == '\r';
    put("kind", &new.kind);
    put("name", &new.name);
    put("description", &text(&new.description));
    put("client_id", &text(&new.client_id));
    put("system", &text(&new.system));
    put("environment", &new.environment);
    put("vendor", &text(&new.vendor));
    put("vendor_managed", if new.vendor_managed { "1" } else { "" });
    put("parent", &text(&new.parent));
    put("twins", &joined("registration.twins", &new.twins, line_end, faults));
    put("business_owner", &text(&new.business_owner));
    put("technical_owner", &text(&new.technical_owner));
    put("purpose", &new.purpose);
    put("access_basis", &text(&new.access_basis));
    put("criticality", &text(&new.criticality));
    put("client_type", &text(&new.client_type));
    put("grant_types", &joined("registration.grant_types", &new.grant_types, char::is_whitespace, faults));
    new.launch_types.iter().for_each(|launch| put("launch_types", launch));
    put("redirect_uris", &joined("registration.redirect_uris", &new.redirect_uris, line_end, faults));
    put("access_token_seconds", &number(new.access_token_seconds));
    put("refresh_tokens", &text(&new.refresh_tokens));
    put("refresh_token_seconds", &number(new.refresh_token_seconds));
    put("review_interval_days", &number(new.review_interval_days));
    put("next_review_on", &text(&new.next_review_on));
    if let Some(way) = &new.way_to_stop {
        put("method", &way.method);
        put("steps", &way.steps);
        put("contact", &way.contact);
    }
    fields
}
