//! The words of a notice, for its reader: their name comes to what it says when it leaves.

use crate::actions::Register;
use crate::domain::ids::Moment;
use crate::domain::notices::Notice;
use crate::mail::NoticeMail;
use crate::store::people::Person;

/// Writes what is said to that person.
pub fn write(register: &Register, now: Moment, reader: Person, notice: &Notice, message_id: &str) -> NoticeMail {
    let deployment = &register.deployment;
    NoticeMail {
        recipient_name: reader.name,
        recipient_email: reader.email,
        register_name: deployment.register_name.clone(),
        from: deployment.mail_from.clone(),
        help: deployment.help.clone(),
        base_url: deployment.base_url.clone(),
        notice: notice.clone(),
        now,
        message_id: message_id.to_owned(),
    }
}
