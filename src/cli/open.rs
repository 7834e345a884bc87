//! Opening the register: the data folder, its key, the database and its schema.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::{Failure, Place, single_sign_on};
use crate::actions::{Register, reaching};
use crate::config::{
    Access, Clock, Deployment, HostName, LONGEST_UPLOAD, MailRoute, Patience, SchedulerTimes, Smtp, SmtpSecurity,
    approval_tables, organisation, review_table, scheduler_times, scope_tables, session_limits, smtp_timeout,
};
use crate::domain::access::SecondFactor;
use crate::domain::attempts::{AttemptLimits, Limit};
use crate::domain::rates::Rates;
use crate::jobs::letters::check_sender;
use crate::store::connection::Address;
use crate::store::{Database, migrations, settings};

/// Opens the register of a place, making what is missing.
pub fn open(place: &Place) -> Result<Register, Failure> {
    open_with(place, |_| {})
}

/// The same, with changes to what the environment says of the deployment.
pub fn open_with(place: &Place, change: impl FnOnce(&mut Deployment)) -> Result<Register, Failure> {
    let clock = place.now.map_or_else(Clock::default, Clock::fixed);
    let folder = place.folder();
    prepare_folder(&folder)?;
    let address = match &place.database_url {
        Some(url) => url.parse::<Address>().map_err(Failure)?,
        None => Address::Sqlite(folder.join("muster.db")),
    };
    let mail = mail_route(&folder)?;
    let mut deployment = Deployment {
        data_folder: folder.clone(),
        clock,
        // `serve` knows better; a job run by hand takes it from the environment for the links in its mail.
        base_url: variable("MUSTER_BASE_URL")
            .map_or_else(|| "http://127.0.0.1:8080".to_owned(), |url| url.trim_end_matches('/').to_owned()),
        register_name: variable("MUSTER_NAME").unwrap_or_else(|| "Muster".to_owned()),
        help: variable("MUSTER_HELP").unwrap_or_else(|| "ask your security team".to_owned()),
        time_zone: zone()?,
        mail_from: sender(&mail)?,
        mail,
        strip: None,
        longest_upload: longest_upload()?,
        fingerprint_key: Arc::new(fingerprint_key(&folder)?),
        scopes: Arc::new(scope_tables(&folder).map_err(Failure)?),
        approvals: Arc::new(approvals(&folder)?),
        reviews: Arc::new(review_table(&folder).map_err(Failure)?),
        scheduler: scheduler()?,
        access: access()?,
    };
    change(&mut deployment);
    let database = Database::open(&address)?;
    {
        let mut db = database.read()?;
        migrations::run(&mut db)?;
    }
    let key_id = crate::connectors::fingerprint_key_id(&deployment.fingerprint_key);
    let known = database.write(|db| settings::get_or_insert(db, "fingerprint_key", &key_id))?;
    if known != key_id {
        return Err(Failure(
            "the fingerprint key is not the one this database was filled with; \
             give every replica the same MUSTER_FINGERPRINT_KEY or the same fingerprint.key file"
                .to_owned(),
        ));
    }
    let register = Register { database, deployment: Arc::new(deployment) };
    reaching::catch_up(&register)?;
    Ok(register)
}

fn approvals(folder: &std::path::Path) -> Result<crate::domain::requests::tables::ApprovalTables, Failure> {
    let organisation = organisation(variable("MUSTER_ORGANISATION").as_deref()).map_err(Failure)?;
    approval_tables(folder, organisation).map_err(Failure)
}

/// How often the schedules are looked at, and how long a worker is waited for.
fn scheduler() -> Result<SchedulerTimes, Failure> {
    let (tick, lease) = (variable("MUSTER_TICK_SECONDS"), variable("MUSTER_LEASE_SECONDS"));
    scheduler_times(tick.as_deref(), lease.as_deref()).map_err(Failure)
}

/// A variable of the environment that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Whether a variable says yes. Anything else than yes or no is refused, so that a misspelling opens nothing.
fn yes(name: &str) -> Result<bool, Failure> {
    match variable(name).as_deref() {
        Some("yes") => Ok(true),
        None | Some("no") => Ok(false),
        Some(other) => Err(Failure(format!("{name} is {other}; write yes or no"))),
    }
}

fn prepare_folder(folder: &Path) -> Result<(), Failure> {
    let unwritable = |error: &std::io::Error| {
        Failure(format!("the data folder {} cannot be written: {error}; choose another with --data", folder.display()))
    };
    fs::create_dir_all(folder).map_err(|error| unwritable(&error))?;
    let probe = folder.join(".writable");
    fs::write(&probe, b"").map_err(|error| unwritable(&error))?;
    match fs::remove_file(&probe) {
        // Another process that starts at this moment has removed it.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(|error| unwritable(&error)),
    }
}

/// How people get in.
fn access() -> Result<Access, Failure> {
    let (idle, hours) = (variable("MUSTER_SESSION_IDLE_MINUTES"), variable("MUSTER_SESSION_HOURS"));
    let sessions = session_limits(idle.as_deref(), hours.as_deref()).map_err(Failure)?;
    Ok(Access {
        sessions,
        single_sign_on: single_sign_on::read(variable)?,
        second_factor: second_factor()?,
        attempts: attempt_limits()?,
        break_glass: yes("MUSTER_BREAK_GLASS")?,
        hosts: hosts()?,
        rates: rates()?,
        patience: Patience::default(),
    })
}

fn zone() -> Result<chrono_tz::Tz, Failure> {
    let name = variable("MUSTER_TIME_ZONE").unwrap_or_else(|| "UTC".to_owned());
    name.parse().map_err(|_| Failure(format!("MUSTER_TIME_ZONE {name} is not a time zone such as America/Chicago")))
}

/// The names under which the register is reached besides those of its address: `MUSTER_HOSTS`, with commas between.
fn hosts() -> Result<Vec<HostName>, Failure> {
    let Some(text) = variable("MUSTER_HOSTS") else { return Ok(Vec::new()) };
    text.split(',').map(|host| host.trim().parse().map_err(|error| Failure(format!("MUSTER_HOSTS: {error}")))).collect()
}

/// How many requests one account may send a minute: `MUSTER_REQUESTS_PER_MINUTE`, or 600.
fn rates() -> Result<Rates, Failure> {
    let Some(text) = variable("MUSTER_REQUESTS_PER_MINUTE") else { return Ok(Rates::default()) };
    text.trim().parse().ok().and_then(Rates::new).ok_or_else(|| {
        Failure(format!("MUSTER_REQUESTS_PER_MINUTE is {text}; give a whole number from 60 to 60000000"))
    })
}

/// Whether local accounts need a second factor: `MUSTER_SECOND_FACTOR`, or that they do.
fn second_factor() -> Result<SecondFactor, Failure> {
    match variable("MUSTER_SECOND_FACTOR") {
        None => Ok(SecondFactor::default()),
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| Failure(format!("MUSTER_SECOND_FACTOR is {text}; write required or offered"))),
    }
}

/// The longest file that a page takes: `MUSTER_UPLOAD_MIB`, in MiB, or 512.
fn longest_upload() -> Result<u64, Failure> {
    let Some(text) = variable("MUSTER_UPLOAD_MIB") else { return Ok(LONGEST_UPLOAD) };
    let mebibytes: Option<u64> = text.trim().parse().ok().filter(|mebibytes| *mebibytes > 0);
    mebibytes
        .and_then(|mebibytes| mebibytes.checked_mul(1024 * 1024))
        .ok_or_else(|| Failure(format!("MUSTER_UPLOAD_MIB is {text}; give a whole number of MiB above zero")))
}

/// How often may be tried: `MUSTER_SIGN_INS_PER_ADDRESS` raises what a network address may, for an
/// organisation whose people all come from one.
fn attempt_limits() -> Result<AttemptLimits, Failure> {
    let mut limits = AttemptLimits::default();
    if let (Some(text), Limit::Within { most, .. }) = (variable("MUSTER_SIGN_INS_PER_ADDRESS"), &mut limits.network) {
        *most =
            text.trim().parse().ok().filter(|count| *count > 0).ok_or_else(|| {
                Failure(format!("MUSTER_SIGN_INS_PER_ADDRESS is {text}; give a whole number above zero"))
            })?;
    }
    Ok(limits)
}

/// The key of fingerprints: from the environment, or from a file of the data folder that is made
/// once and readable by its owner only. It never stands in the database, so that a stolen copy of
/// the database does not let anybody try secrets against the fingerprints.
fn fingerprint_key(folder: &Path) -> Result<[u8; 32], Failure> {
    let wrong = || Failure("the fingerprint key must be 64 hexadecimal digits".to_owned());
    if let Some(text) = variable("MUSTER_FINGERPRINT_KEY") {
        return hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong);
    }
    let path = folder.join("fingerprint.key");
    match fs::read_to_string(&path) {
        Ok(text) => hex::decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key: [u8; 32] = rand::random();
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(&path) {
                Ok(mut file) => {
                    writeln!(file, "{}", hex::encode(key))
                        .and_then(|()| file.sync_all())
                        .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
                    Ok(key)
                }
                // Another process was faster: take its key.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => fingerprint_key(folder),
                Err(error) => Err(Failure(format!("{} cannot be written: {error}", path.display()))),
            }
        }
        Err(error) => Err(Failure(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// Mail goes to `.eml` files unless MUSTER_SMTP_HOST is set.
fn mail_route(folder: &Path) -> Result<MailRoute, Failure> {
    // Looked at without a server too: what is wrong is said on the day it is written.
    let timeout = smtp_timeout(variable("MUSTER_SMTP_TIMEOUT_SECONDS").as_deref()).map_err(Failure)?;
    let Some(host) = variable("MUSTER_SMTP_HOST") else {
        return Ok(MailRoute::Folder(folder.join("mail")));
    };
    let security = match variable("MUSTER_SMTP_SECURITY").as_deref() {
        None | Some("starttls") => SmtpSecurity::StartTls,
        Some("tls") => SmtpSecurity::Tls,
        Some("none") if is_loopback(&host) => SmtpSecurity::Plain,
        Some("none") => {
            return Err(Failure("MUSTER_SMTP_SECURITY=none is allowed for a server on this machine only".to_owned()));
        }
        Some(other) => return Err(Failure(format!("MUSTER_SMTP_SECURITY is {other}; use starttls, tls or none"))),
    };
    let port = match variable("MUSTER_SMTP_PORT") {
        Some(text) => text.parse().map_err(|_| Failure(format!("MUSTER_SMTP_PORT {text} is not a port")))?,
        None if security == SmtpSecurity::Tls => 465,
        None => 587,
    };
    Ok(MailRoute::Smtp(Smtp {
        host,
        port,
        security,
        root_certificate: variable("MUSTER_SMTP_ROOT_CERTIFICATE").map(Into::into),
        user: variable("MUSTER_SMTP_USER"),
        password: variable("MUSTER_SMTP_PASSWORD"),
        timeout,
    }))
}

/// Who mail is from. Files may have a made-up sender; a server would refuse it, or bounce to nobody.
fn sender(mail: &MailRoute) -> Result<String, Failure> {
    match (variable("MUSTER_MAIL_FROM"), mail) {
        (Some(sender), _) => check_sender(&sender).map(|()| sender).map_err(Failure),
        (None, MailRoute::Folder(_)) => Ok("Muster <muster@localhost>".to_owned()),
        (None, MailRoute::Smtp(_)) => Err(Failure(
            "MUSTER_SMTP_HOST is set and MUSTER_MAIL_FROM is not; set it to the sender of mail, such as \
             \"Muster <muster@hospital.example>\""
                .to_owned(),
        )),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
