//! What a new register needs before it is of use, in the order in which it is done.

use chrono::NaiveDate;

use super::questions::Questions;
use crate::config::MailRoute;
use crate::domain::listing::{Count, From};
use crate::domain::notices::MailState;
use crate::store::people_list::{self, PeopleFilter};
use crate::store::{Db, StoreError, outbox_list};

/// One step.
pub struct Step {
    pub title: &'static str,
    pub text: String,
    pub href: &'static str,
    pub done: bool,
}

/// The steps, as long as nothing is registered or nobody owns anything; else none.
pub fn steps(db: &mut Db, questions: &Questions, mail: &MailRoute, today: NaiveDate) -> Result<Vec<Step>, StoreError> {
    let imported = !questions.is_empty();
    // Beyond the limit of counting nobody can say so, and such a register is past its beginnings.
    let owned = matches!(questions.ours, Count::Exactly(ours) if ours > 0) && questions.ours != questions.without_owner;
    if owned || matches!(questions.ours, Count::MoreThan(_)) {
        return Ok(Vec::new());
    }
    let people = people_list::count(db, &PeopleFilter::default(), today)?;
    let sent = !outbox_list::lines(db, Some(MailState::Sent), &From::Start, 1)?.is_empty();
    Ok(vec![
        Step {
            title: "Sign in",
            text: "You are signed in. Accounts for colleagues are opened under People.".to_owned(),
            href: "/people",
            done: true,
        },
        Step {
            title: "Bring in the people",
            text: "A staff list as CSV, with managers and deputies, or one person at a time under People.".to_owned(),
            href: "/imports/new",
            done: people != Count::Exactly(1),
        },
        Step {
            title: "Import the first clients",
            text: "What your authorization servers already know. Nothing changes before you have seen every row."
                .to_owned(),
            href: "/imports/new",
            done: imported,
        },
        Step {
            title: "Name the owners",
            text: "For one identity on its page, or for many at once from the list. Owners are asked to accept."
                .to_owned(),
            href: "/identities?business_owner=nobody",
            done: false,
        },
        Step {
            title: "See that mail arrives",
            text: match mail {
                MailRoute::Smtp(smtp) => {
                    format!("Mail leaves through {}. The first task raises the first mail.", smtp.host)
                }
                MailRoute::Folder(_) => {
                    "Mail is written to files in the data folder: MUSTER_SMTP_HOST names a server that sends it."
                        .to_owned()
                }
            },
            href: "/mail",
            done: sent,
        },
    ])
}
