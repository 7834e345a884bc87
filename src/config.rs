//! What a deployment is told: where its data is, how it is reached, how it sends mail, what time it is.

mod hosts;
mod mail;
mod patience;
mod scheduler_times;
pub mod single_sign_on;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use ipnet::IpNet;

use crate::domain::access::{SecondFactor, SessionLimits};
use crate::domain::attempts::AttemptLimits;
use crate::domain::ids::Moment;
use crate::domain::people::Role;
use crate::domain::rates::Rates;
use crate::domain::requests::grounds::Organisation;
use crate::domain::requests::tables::{self, ApprovalTables};
use crate::domain::reviews::clock::{self, ReviewTable};
use crate::domain::scopes::Knowledge;
use crate::domain::scopes::knowledge::TABLES;
pub use hosts::HostName;
pub use mail::{LONGEST_DELIVERY, MailRoute, SMTP_TIMEOUT, Smtp, SmtpSecurity, smtp_timeout};
pub use patience::Patience;
pub use scheduler_times::{SchedulerTimes, scheduler_times};
pub use single_sign_on::SingleSignOn;

/// The clock. Only the command line's `--now` stops it, for tests of time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    fixed: Option<Moment>,
}

impl Clock {
    /// A clock that stands still.
    pub fn fixed(at: Moment) -> Self {
        Self { fixed: Some(at) }
    }

    /// The moment it is.
    pub fn now(&self) -> Moment {
        self.fixed.unwrap_or_else(|| Moment::new(Utc::now()))
    }
}

/// The longest file that a page takes unless a deployment is told otherwise: 512 MiB.
pub const LONGEST_UPLOAD: u64 = 512 * 1024 * 1024;

/// How people get into this deployment.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub sessions: SessionLimits,
    pub attempts: AttemptLimits,
    /// The provider that knows the people of the organisation, where there is one.
    pub single_sign_on: Option<SingleSignOn>,
    /// Whether local accounts need a second factor.
    pub second_factor: SecondFactor,
    /// Whether somebody may get an administrator's rights for some hours in an emergency. Off by default.
    pub break_glass: bool,
    /// Names under which the register is reached besides those of its address.
    pub hosts: Vec<HostName>,
    pub rates: Rates,
    pub patience: Patience,
}

impl Access {
    /// Whether somebody of that role may sign in with a password of Muster's own.
    pub fn lets_in_by_password(&self, role: Role) -> bool {
        self.single_sign_on.as_ref().is_none_or(|provider| provider.lets_in_by_password(role))
    }
}

/// Reads how long sessions last: `MUSTER_SESSION_IDLE_MINUTES` and `MUSTER_SESSION_HOURS`, where they are set.
///
/// # Errors
/// A sentence that says what to write.
pub fn session_limits(idle_minutes: Option<&str>, hours: Option<&str>) -> Result<SessionLimits, String> {
    let number = |name: &str, text: Option<&str>, most: i64, unit: &str| match text {
        None => Ok(None),
        Some(text) => match text.trim().parse::<i64>() {
            Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => Err(format!("{name} is {text}; write a whole number of {unit} from 1 to {most}")),
        },
    };
    let mut limits = SessionLimits::default();
    if let Some(hours) = number("MUSTER_SESSION_HOURS", hours, 24, "hours")? {
        limits.longest_seconds = hours * 3600;
    }
    if let Some(minutes) = number("MUSTER_SESSION_IDLE_MINUTES", idle_minutes, 720, "minutes")? {
        limits.idle_seconds = minutes * 60;
    }
    if limits.idle_seconds > limits.longest_seconds {
        return Err(format!(
            "MUSTER_SESSION_IDLE_MINUTES is {}, longer than a whole session of {} h; write at most {}, or raise \
             MUSTER_SESSION_HOURS",
            limits.idle_seconds / 60,
            limits.longest_seconds / 3600,
            limits.longest_seconds / 60
        ));
    }
    Ok(limits)
}

/// Everything about a deployment that is not in its database.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The folder of the embedded database, the mail files and the fingerprint key.
    pub data_folder: PathBuf,
    pub clock: Clock,
    /// The address people reach it at, without a final slash: links in mails start with it.
    pub base_url: String,
    /// What the register calls itself on pages and in mails.
    pub register_name: String,
    /// Whom to ask for help, shown on every page and in every mail.
    pub help: String,
    /// The time zone in which days begin, mail is sent and times are shown.
    pub time_zone: chrono_tz::Tz,
    pub mail_from: String,
    pub mail: MailRoute,
    /// A line shown on every page, when this is not the real register.
    pub strip: Option<String>,
    /// The longest file that a page takes, in bytes. The command line has no limit but the machine's.
    pub longest_upload: u64,
    /// Makes fingerprints of secrets comparable within this deployment only.
    pub fingerprint_key: Arc<[u8; 32]>,
    /// What is known about SMART scopes.
    pub scopes: Arc<Knowledge>,
    /// Who decides about requests, and on which grounds they are refused.
    pub approvals: Arc<ApprovalTables>,
    /// When identities are reviewed, and what happens when nobody answers.
    pub reviews: Arc<ReviewTable>,
    pub scheduler: SchedulerTimes,
    pub access: Access,
}

/// Where the server listens, and how it is reached from outside.
#[derive(Debug, Clone)]
pub struct Listening {
    pub address: SocketAddr,
    /// Certificate chain and private key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// TLS ends at a proxy in front, whose requests come from this network. Nobody else is answered.
    pub behind_proxy: Option<IpNet>,
}

/// Reads the network of a proxy, such as `10.0.0.0/8` or `fd00::/8`.
///
/// # Errors
/// A sentence that says what to write, also for a network that names a host or holds everybody.
pub fn parse_network(text: &str) -> Result<IpNet, String> {
    let network: IpNet = text.parse().map_err(|_| {
        format!("{text} is not a network; write an address and its length, such as 10.0.0.0/8, 10.1.2.3/32 or fd00::/8")
    })?;
    if network.trunc() != network {
        return Err(format!(
            "{text} names a host in a network; write {} for the network or {}/{} for the host",
            network.trunc(),
            network.addr(),
            network.max_prefix_len()
        ));
    }
    if network.prefix_len() == 0 {
        return Err(format!("{text} holds every address there is; write the network that the proxy is in"));
    }
    Ok(network)
}

/// The tables of sensitive types, tiers, product scopes and words: built in, or from the folder
/// `scopes` of the data folder, where a security team may put its own.
///
/// # Errors
/// One line that names the table and what is wrong with it.
pub fn scope_tables(data_folder: &Path) -> Result<Knowledge, String> {
    let folder = data_folder.join("scopes");
    let own = own_tables(&folder, &TABLES)?;
    let find = |file: &'static str| own.iter().find(|(name, _)| *name == file).map(|(_, text)| text.clone());
    Knowledge::read(find).map_err(|error| format!("{error}; mend or remove it in {}", folder.display()))
}

/// The tables of stages and grounds: built in, or from the folder `approvals` of the data folder.
///
/// # Errors
/// One line that names the table and what is wrong with it.
pub fn approval_tables(data_folder: &Path, organisation: Option<Organisation>) -> Result<ApprovalTables, String> {
    let folder = data_folder.join("approvals");
    let own = own_tables(&folder, &tables::TABLES)?;
    let find = |file: &'static str| own.iter().find(|(name, _)| *name == file).map(|(_, text)| text.clone());
    ApprovalTables::read(find)
        .map(|tables| tables.of(organisation))
        .map_err(|error| format!("{error}; mend or remove it in {}", folder.display()))
}

/// The table of reviews: built in, or from the folder `reviews` of the data folder.
///
/// # Errors
/// One line that names the table and what is wrong with it.
pub fn review_table(data_folder: &Path) -> Result<ReviewTable, String> {
    let folder = data_folder.join("reviews");
    let own = own_tables(&folder, &[clock::TABLE])?;
    let find = |file: &'static str| own.iter().find(|(name, _)| *name == file).map(|(_, text)| text.clone());
    ReviewTable::read(find).map_err(|error| format!("{error}; mend or remove it in {}", folder.display()))
}

/// Reads whose rules the organisation is under, `payer` or `provider`.
///
/// # Errors
/// A sentence that says what to write.
pub fn organisation(text: Option<&str>) -> Result<Option<Organisation>, String> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            format!(
                "MUSTER_ORGANISATION is {text}; write payer or provider, or leave it out where both sets of rules apply"
            )
        }),
    }
}

fn own_tables(folder: &Path, names: &[&'static str]) -> Result<Vec<(&'static str, String)>, String> {
    let mut own = Vec::new();
    for name in names {
        let path = folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => own.push((*name, text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        }
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_sessions_are_read_strictly() {
        assert_eq!(session_limits(None, None), Ok(SessionLimits::default()));
        let limits = session_limits(Some("30"), Some(" 12 ")).unwrap();
        assert_eq!((limits.idle_seconds, limits.longest_seconds), (1_800, 43_200));
        assert_eq!(session_limits(Some("60"), Some("1")).unwrap().idle_seconds, 3_600, "as long as the whole");
        for (idle, hours, what_to_do) in [
            (Some("0"), None, "MUSTER_SESSION_IDLE_MINUTES is 0; write a whole number of minutes from 1 to 720"),
            (Some("721"), Some("24"), "from 1 to 720"),
            (Some("-5"), None, "from 1 to 720"),
            (Some("15 min"), None, "from 1 to 720"),
            (Some("1e2"), None, "from 1 to 720"),
            (None, Some("25"), "MUSTER_SESSION_HOURS is 25; write a whole number of hours from 1 to 24"),
            (None, Some("0"), "from 1 to 24"),
            (None, Some("99999999999999999999"), "from 1 to 24"),
            (Some("61"), Some("1"), "write at most 60, or raise MUSTER_SESSION_HOURS"),
            (Some("481"), None, "write at most 480"),
        ] {
            let said = session_limits(idle, hours).unwrap_err();
            assert!(said.contains(what_to_do), "{idle:?} {hours:?}: {said}");
        }
    }

    #[test]
    fn a_network_is_read_strictly() {
        for right in ["10.0.0.0/8", "192.0.2.7/32", "fd00::/8", "::1/128"] {
            assert_eq!(parse_network(right).unwrap().to_string(), right);
        }
        for (wrong, what_to_do) in [
            ("10.0.0.1", "such as 10.0.0.0/8"),
            ("10.0.0.0/33", "such as 10.0.0.0/8"),
            ("10.0.0.0/8 ", "such as 10.0.0.0/8"),
            ("proxy.example/24", "such as 10.0.0.0/8"),
            ("", "such as 10.0.0.0/8"),
            ("10.0.0.5/8", "write 10.0.0.0/8 for the network or 10.0.0.5/32 for the host"),
            ("fd00::1/8", "write fd00::/8 for the network or fd00::1/128 for the host"),
            ("0.0.0.0/0", "every address"),
            ("::/0", "every address"),
        ] {
            let said = parse_network(wrong).unwrap_err();
            assert!(said.contains(what_to_do), "{wrong}: {said}");
        }
    }
}
