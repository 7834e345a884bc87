//! The mail about a run that stopped: how much it holds back, what that is, and where all of it is read.

use super::planning::Planned;
use crate::actions::{ActionError, Register, Work};
use crate::domain::identities::Environment;
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::notices::{NAMED, Notice};
use crate::domain::people::Role;
use crate::domain::reviews::silence::LATELY_DAYS;
use crate::domain::reviews::stop_words::Stopped;
use crate::store::silence_stops::SilenceStop;
use crate::store::{outbox, people};

/// Tells whoever keeps the register. As many are named as in any other mail, first those that work or may work in
/// production; the page lists all of them, because a stop is read before it is let go. `lately`: how many silence cut in
/// the days before.
pub fn tell(
    work: &mut Work<'_>,
    register: &Register,
    stop: &SilenceStop,
    planned: &[&Planned],
    lately: i64,
) -> Result<(), ActionError> {
    let notice = Notice {
        subject: "Silence would stop too much at once".to_owned(),
        lines: lines(stop, planned, lately),
        path: "/reviews/silence".to_owned(),
        link_words: "Read who would lose what".to_owned(),
        if_nothing: "Nothing of it is cut, and it waits.".to_owned(),
        gathered: None,
    };
    let rows: Vec<(Id, String, Notice)> =
        people::accounts_of_roles(work.db, &[Role::Administrator, Role::SecurityAnalyst])?
            .into_iter()
            .filter(|account| account.disabled_at.is_none())
            .map(|account| account.person_id)
            .map(|person| (person, format!("silence:{}:{}:{person}", stop.id, stop.version), notice.clone()))
            .collect();
    outbox::queue_notices(work.db, &rows, work.by.now, register.day(work.by.now))?;
    Ok(())
}

fn lines(stop: &SilenceStop, planned: &[&Planned], lately: i64) -> Vec<String> {
    let (production, others): (Vec<&Planned>, Vec<&Planned>) =
        planned.iter().copied().partition(|one| one.may_cut_production());
    let mut stopped = Stopped { population: stop.population, ..Stopped::default() };
    for one in &production {
        stopped.production.add(one.silence);
    }
    for one in &others {
        stopped.others.add(one.silence);
    }
    let mut lines = stopped.lines();
    if lately > 0 {
        lines.push(format!(
            "In the {LATELY_DAYS} days before, silence cut {} that worked or may have worked in production.",
            thousands(lately)
        ));
    }
    let most = usize::try_from(NAMED).unwrap_or(usize::MAX);
    lines.extend(production.iter().chain(&others).take(most).map(|one| {
        let identity = &one.identity;
        let place = match identity.environment {
            Environment::Unknown => "its environment is not known",
            known => known.label(),
        };
        format!("{}, {place}: {}.", identity.name, one.silence.would())
    }));
    let more = i64::try_from(planned.len().saturating_sub(most)).unwrap_or(i64::MAX);
    if more > 0 {
        lines.push(format!("And {} more: the page lists all of them.", thousands(more)));
    }
    lines.push("Two people who keep the register can let it go on, after reading who would lose what.".to_owned());
    lines
}
