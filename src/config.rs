//! What a deployment is told: where its data is, how it is reached, how it sends mail, what time it is.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;

use crate::domain::ids::Moment;

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

/// How mail leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailRoute {
    /// One `.eml` file a mail, in this folder.
    Folder(PathBuf),
    /// An SMTP server. The name and password come from the environment, never from a file.
    Smtp(Smtp),
}

/// An SMTP server.
#[derive(Clone, PartialEq, Eq)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub security: SmtpSecurity,
    /// The file of an additional root certificate, for a server of one's own.
    pub root_certificate: Option<PathBuf>,
    pub user: Option<String>,
    pub password: Option<String>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Smtp({}:{}, {:?})", self.host, self.port, self.security)
    }
}

/// How the connection to the SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// STARTTLS, refused when the server does not offer it (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None; allowed on loopback only.
    Plain,
}

/// The longest file that a page takes unless a deployment is told otherwise: 512 MiB.
pub const LONGEST_UPLOAD: u64 = 512 * 1024 * 1024;

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
}

/// Where the server listens, and how it is reached from outside.
#[derive(Debug, Clone)]
pub struct Listening {
    pub address: SocketAddr,
    /// Certificate chain and private key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// TLS ends at a proxy in front.
    pub behind_proxy: bool,
}
