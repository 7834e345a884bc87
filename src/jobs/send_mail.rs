//! Sends the mail that waits in the outbox: claims one, writes it (a digest from what waits for its reader at
//! this moment, a notice from what it tells), delivers it outside any transaction, and notes how that went.

use super::{counted, security_notice};
use crate::actions::outbox::{self, Delivered};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::identities::Environment;
use crate::domain::ids::{Id, Moment};
use crate::domain::notices::MailKind;
use crate::domain::people::has_left;
use crate::domain::task_words::why_you;
use crate::domain::tasks::AssigneeGroup;
use crate::mail::{DeliveryError, Digest, DigestError, DigestItem, DigestNews, Message, Route, SecurityMail};
use crate::store::outbox::Mail;
use crate::store::task_list::{self, TaskLine, Waiting};
use crate::store::types::Doc;
use crate::store::{Db, StoreError, outbox as outbox_store, people, request_list};

/// Tasks that are named in a digest; of the others it says how many.
const NAMED: i64 = 20;

/// Mail handled in a run; more waits for the next, five minutes later.
const MOST: usize = 2_000;

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut counts = [0_usize; 5];
    let [sent, empty, failed, refused, uncertain] = &mut counts;
    // Opened at the first mail, so that a run without any asks nothing of the mail server.
    let mut route: Option<Result<Route, DeliveryError>> = None;
    for _ in 0..MOST {
        lease.renew(register)?;
        let Some(mail) = outbox::claim(register, by)? else { break };
        let written = write(&mut *register.database.read()?, register, by.now, &mail)?;
        let delivered = match written {
            Err(why) => Delivered::Empty(why),
            Ok(letter) => {
                let route = route.get_or_insert_with(|| Route::open(&register.deployment.mail));
                deliver(route, &letter, &mail)
            }
        };
        let count = match &delivered {
            Delivered::Sent => &mut *sent,
            Delivered::Empty(_) => &mut *empty,
            Delivered::Failed(_) => &mut *failed,
            Delivered::Refused(_) => &mut *refused,
            Delivered::Uncertain(_) => &mut *uncertain,
        };
        *count += 1;
        if let Delivered::Failed(error) | Delivered::Refused(error) | Delivered::Uncertain(error) = &delivered {
            tracing::warn!(mail = %mail.id, error, "mail did not leave");
        }
        // What was delivered is noted at its real end when the clock runs, at the given time otherwise.
        if !outbox::settle(register, by, &mail, delivered)? {
            tracing::warn!(mail = %mail.id, "another sender took this mail over meanwhile");
        }
    }
    let mut report = JobReport::default();
    report.say(format!("{} sent", counted(*sent, "mail", "mails")));
    for (count, words) in [
        (*empty, "not sent, because nothing was left to say"),
        (*failed, "could not be sent and will be tried again"),
        (*refused, "refused for good by the mail server"),
        (*uncertain, "may have arrived"),
    ] {
        if count > 0 {
            report.say(format!("{} {words}", counted(count, "mail", "mails")));
        }
    }
    Ok(report)
}

fn deliver(route: &Result<Route, DeliveryError>, letter: &Letter, mail: &Mail) -> Delivered {
    let route = match route {
        Ok(route) => route,
        Err(error) => return Delivered::Failed(error.to_string()),
    };
    let message = match letter.message() {
        Ok(message) => message,
        Err(error) => return Delivered::Failed(error.to_string()),
    };
    match route.deliver(&message, &mail.message_id) {
        Ok(()) => Delivered::Sent,
        Err(DeliveryError::Uncertain(error)) => Delivered::Uncertain(error),
        Err(error @ DeliveryError::Refused(_)) => Delivered::Refused(error.to_string()),
        Err(error) => Delivered::Failed(error.to_string()),
    }
}

/// What a mail would say if it left now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// The subject and the text.
    Says { subject: String, text: String },
    /// Nothing would be sent, and why.
    Nothing(&'static str),
}

/// Writes a mail as if it left now, and sends nothing.
pub fn preview(db: &mut Db, register: &Register, now: Moment, mail: &Mail) -> Result<Preview, StoreError> {
    Ok(match write(db, register, now, mail)? {
        Err(why) => Preview::Nothing(why),
        Ok(letter) => match letter.text() {
            Ok(text) => Preview::Says { subject: letter.subject(), text },
            Err(_) => Preview::Nothing("it cannot be written"),
        },
    })
}

/// Whether mail can be sent in that name; a sentence that says what to do when it cannot.
pub fn check_sender(text: &str) -> Result<(), String> {
    crate::mail::check_sender(text).map_err(|error| error.to_string())
}

/// What is written for a mail.
enum Letter {
    Digest(Digest),
    Security(SecurityMail),
}

impl Letter {
    fn subject(&self) -> String {
        match self {
            Self::Digest(digest) => digest.subject(),
            Self::Security(notice) => notice.subject(),
        }
    }
    fn text(&self) -> Result<String, DigestError> {
        match self {
            Self::Digest(digest) => digest.text(),
            Self::Security(notice) => notice.text(),
        }
    }
    fn message(&self) -> Result<Message, DigestError> {
        match self {
            Self::Digest(digest) => digest.message(),
            Self::Security(notice) => notice.message(),
        }
    }
}

/// A mail as it is at this moment, or why there is nothing to say.
fn write(
    db: &mut Db,
    register: &Register,
    now: Moment,
    mail: &Mail,
) -> Result<Result<Letter, &'static str>, StoreError> {
    let person = people::find(db, mail.recipient_id)?;
    let today = register.day(now);
    if has_left(person.left_on, today) {
        return Ok(Err("the person has left"));
    }
    if mail.kind == MailKind::Security {
        let Some(Doc(told)) = &mail.told else { return Ok(Err("what it told is no longer known")) };
        return Ok(Ok(Letter::Security(security_notice::write(db, register, now, person, told, &mail.message_id)?)));
    }
    let account = people::account(db, person.id)?;
    let groups = account
        .filter(|account| account.disabled_at.is_none())
        .map_or(&[][..], |account| AssigneeGroup::of(account.role));
    let Waiting { lines, total, minutes } = task_list::waiting_for(db, person.id, groups, NAMED)?;
    let deployment = &register.deployment;
    let news = news(db, &deployment.base_url, person.id, now)?;
    if lines.is_empty() && news.is_empty() {
        return Ok(Err("nothing waits for them any more"));
    }
    Ok(Ok(Letter::Digest(Digest {
        recipient_name: person.name,
        recipient_email: person.email,
        register_name: deployment.register_name.clone(),
        from: deployment.mail_from.clone(),
        help: deployment.help.clone(),
        base_url: deployment.base_url.clone(),
        minutes,
        items: lines.iter().map(|line| item(line, &deployment.base_url)).collect(),
        news,
        total,
        today,
        now,
        message_id: mail.message_id.clone(),
    })))
}

/// What moved of what somebody asked for since the last mail that reached them.
fn news(db: &mut Db, base_url: &str, person: Id, now: Moment) -> Result<Vec<DigestNews>, StoreError> {
    // Whoever never had a mail is told of the last month, and not of the whole history.
    let since = outbox_store::last_digest(db, person)?.unwrap_or(now.plus_days(-30));
    let mut moved = request_list::moved_since(db, person, since, NAMED + 1)?;
    let more = i64::try_from(moved.len()).is_ok_and(|found| found > NAMED);
    moved.truncate(usize::try_from(NAMED).unwrap_or(usize::MAX));
    let mut news: Vec<DigestNews> = moved
        .iter()
        .map(|line| DigestNews {
            text: format!(
                "{} about {}: {}",
                line.request.reference(),
                line.identity_name,
                line.request.state_at(now).label().to_lowercase()
            ),
            link: format!("{base_url}/requests/{}", line.request.id),
        })
        .collect();
    if more {
        let text = "And more, which you find under Requests".to_owned();
        news.push(DigestNews { text, link: format!("{base_url}/requests?mine=1") });
    }
    Ok(news)
}

fn item(line: &TaskLine, base_url: &str) -> DigestItem {
    let task = &line.task;
    DigestItem {
        title: task.kind.title(&line.subject),
        about: about(line),
        reason: task.reason.clone(),
        due_on: task.due_on,
        link: format!("{base_url}/tasks/{}", task.id),
        silence: task.kind.silence(),
        why_you: why_you(task.kind, task.assigned_as),
    }
}

/// "SMART app in production".
fn about(line: &TaskLine) -> String {
    match line.identity {
        None => "Emergency access to this register".to_owned(),
        Some((kind, Environment::Unknown)) => format!("{}, its environment is not known", kind.label()),
        Some((kind, known)) => format!("{} in {}", kind.label(), known.label().to_lowercase()),
    }
}
