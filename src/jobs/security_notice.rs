//! The words of a security notice, for its reader: in their time zone, with names in place of ids.

use chrono_tz::Tz;

use crate::actions::Register;
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::security_notices::{SecurityNotice, Told};
use crate::mail::SecurityMail;
use crate::store::people::Person;
use crate::store::{Db, StoreError, names};

/// Writes what is told to that person.
pub fn write(
    db: &mut Db,
    register: &Register,
    now: Moment,
    reader: Person,
    told: &Told,
    message_id: &str,
) -> Result<SecurityMail, StoreError> {
    let deployment = &register.deployment;
    let zone: Tz = reader.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(deployment.time_zone);
    let wanted: Vec<Id> = told.person.into_iter().chain(told.about).collect();
    let known = names::of(db, &wanted)?;
    let name = |id: Option<Id>| id.and_then(|id| known.get(&id)).map(|named| named.name.clone());
    let for_administrators = told.notice.is_for_administrators();
    Ok(SecurityMail {
        what: match name(told.about) {
            Some(whose) if for_administrators => format!("{}: {whose}", capital(told.notice.label())),
            _ if for_administrators => capital(told.notice.label()),
            _ => format!("Your {}", told.notice.label()),
        },
        when: told.at.utc().with_timezone(&zone).format("%-d %b %Y, %H:%M %Z").to_string(),
        by: match told.person {
            Some(person) if person == reader.id => "you".to_owned(),
            Some(_) => name(told.person).unwrap_or_else(|| "somebody who is no longer known".to_owned()),
            None if told.by == ActorKind::Command => "the command line, where the register runs".to_owned(),
            None => "the register itself".to_owned(),
        },
        address: if told.address.is_empty() { "not known".to_owned() } else { told.address.clone() },
        advice: advice(told.notice),
        why_you: if for_administrators {
            "you are one of its administrators. It tells every one of them, at once."
        } else {
            "the account is yours. It tells every such change at once."
        },
        recipient_name: reader.name,
        recipient_email: reader.email,
        register_name: deployment.register_name.clone(),
        from: deployment.mail_from.clone(),
        help: deployment.help.clone(),
        base_url: deployment.base_url.clone(),
        now,
        message_id: message_id.to_owned(),
    })
}

/// What to do about a change that the reader knows nothing of.
fn advice(notice: SecurityNotice) -> &'static str {
    match notice {
        SecurityNotice::Role => {
            "ask for help at once, by a way that you know already, before you use your account again."
        }
        notice if notice.is_for_administrators() => {
            "open Emergency access in the register at once, end it there, and disable the account until it is clear \
             who used it."
        }
        _ => {
            "somebody else may be using your account. Ask for help at once, by a way that you know already; then sign \
             in, end your other sessions and change your password under Your account."
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
