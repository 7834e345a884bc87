//! How mail leaves.

use std::path::PathBuf;
use std::time::Duration;

/// How long an answer of the mail server is waited for unless a deployment is told otherwise.
pub const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest that one mail may be on its way to the server, whatever the server does. It ends before the
/// claim of its sender does, so that nobody else sends what is still being sent.
pub const LONGEST_DELIVERY: Duration = Duration::from_secs(240);

/// A way out for mail.
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
    /// How long an answer is waited for.
    pub timeout: Duration,
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

impl Smtp {
    /// How long a whole delivery may take: eight times as long as one answer, and never beyond the bound of all.
    pub fn longest_delivery(&self) -> Duration {
        LONGEST_DELIVERY.min(self.timeout * 8)
    }
}

/// Reads how long an answer of the mail server is waited for, in seconds: `MUSTER_SMTP_TIMEOUT_SECONDS`.
///
/// # Errors
/// A sentence that says what to write.
pub fn smtp_timeout(text: Option<&str>) -> Result<Duration, String> {
    let Some(text) = text else { return Ok(SMTP_TIMEOUT) };
    match text.trim().parse::<u64>() {
        Ok(seconds) if (1..=120).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("MUSTER_SMTP_TIMEOUT_SECONDS is {text}; write a whole number of seconds from 1 to 120")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_is_read_strictly() {
        assert_eq!(smtp_timeout(None), Ok(SMTP_TIMEOUT));
        assert_eq!(smtp_timeout(Some(" 1 ")), Ok(Duration::from_secs(1)));
        assert_eq!(smtp_timeout(Some("120")), Ok(Duration::from_secs(120)));
        for wrong in ["0", "121", "-1", "1.5", "30 s", ""] {
            assert!(smtp_timeout(Some(wrong)).unwrap_err().contains("from 1 to 120"), "{wrong}");
        }
    }
}
