//! How a message leaves: as a file, or over SMTP.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Message;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};

use crate::config::{MailRoute, Smtp, SmtpSecurity};

/// The longest wait for an answer of the server.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a message did not leave, or may not have.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("the mail folder {0} cannot be written: {1}")]
    Folder(PathBuf, std::io::Error),
    #[error("the root certificate {0} cannot be used: {1}; correct MUSTER_SMTP_ROOT_CERTIFICATE")]
    RootCertificate(PathBuf, String),
    #[error("the mail server {0} cannot be used: {1}")]
    Server(String, String),
    /// Another try may help.
    #[error("the mail server did not take it: {0}")]
    Failed(String),
    /// The server will not take mail for this recipient.
    #[error("the mail server refused the recipient: {0}")]
    Refused(String),
    /// The connection broke where the server may already have taken it.
    #[error("the connection to the mail server broke and the mail may have arrived: {0}")]
    Uncertain(String),
}

/// A way out, ready to be used for many messages.
pub enum Route {
    Folder(PathBuf),
    Smtp(Box<SmtpTransport>),
}

impl std::fmt::Debug for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Folder(_) => "Route::Folder",
            Self::Smtp(_) => "Route::Smtp",
        })
    }
}

impl Route {
    /// Prepares what the configuration says. No connection is made yet.
    pub fn open(route: &MailRoute) -> Result<Self, DeliveryError> {
        match route {
            MailRoute::Folder(folder) => {
                fs::create_dir_all(folder).map_err(|error| DeliveryError::Folder(folder.clone(), error))?;
                Ok(Self::Folder(folder.clone()))
            }
            MailRoute::Smtp(smtp) => Ok(Self::Smtp(Box::new(transport(smtp)?))),
        }
    }

    /// Delivers one message. `name` is its Message-ID: the name of its file.
    pub fn deliver(&self, message: &Message, name: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Folder(folder) => write(folder, name, &message.formatted()),
            Self::Smtp(transport) => {
                // Connecting, TLS and signing in come first and apart: what fails there has certainly
                // sent nothing, and a failure without a reply after that may have.
                match transport.test_connection() {
                    Ok(true) => {}
                    Ok(false) => return Err(DeliveryError::Failed("it broke the connection off".to_owned())),
                    Err(error) => return Err(DeliveryError::Failed(chain(&error))),
                }
                transport.send(message).map(|_| ()).map_err(|error| judge(&error))
            }
        }
    }
}

/// Written beside its place and moved there, so that no reader sees half a mail.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), DeliveryError> {
    let failed = |error| DeliveryError::Folder(folder.to_owned(), error);
    let name: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "@-_".contains(letter) { letter } else { '_' })
        .collect();
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = fs::File::create(&unfinished).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, folder.join(format!("{name}.eml"))).map_err(failed)
}

fn transport(smtp: &Smtp) -> Result<SmtpTransport, DeliveryError> {
    let tls = match smtp.security {
        SmtpSecurity::StartTls => Tls::Required(parameters(smtp)?),
        SmtpSecurity::Tls => Tls::Wrapper(parameters(smtp)?),
        SmtpSecurity::Plain => Tls::None,
    };
    let mut builder = SmtpTransport::builder_dangerous(&smtp.host).port(smtp.port).tls(tls).timeout(Some(TIMEOUT));
    if let (Some(user), Some(password)) = (&smtp.user, &smtp.password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, DeliveryError> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(path) = &smtp.root_certificate {
        let wrong = |error: &dyn std::fmt::Display| DeliveryError::RootCertificate(path.clone(), error.to_string());
        let pem = fs::read(path).map_err(|error| wrong(&error))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| wrong(&error))?);
    }
    builder.build_rustls().map_err(|error| DeliveryError::Server(smtp.host.clone(), error.to_string()))
}

/// What a failure of sending means for the mail. The mailbox replies of RFC 5321 section 4.2.3 are
/// final: the address is wrong. Other refusals (a full disk, a limit) may be put right. Without a reply
/// nobody knows.
fn judge(error: &lettre::transport::smtp::Error) -> DeliveryError {
    let text = chain(error);
    match error.status().map(u16::from) {
        Some(550 | 551 | 553 | 556) => DeliveryError::Refused(text),
        Some(_) => DeliveryError::Failed(text),
        None => DeliveryError::Uncertain(text),
    }
}

/// An error and its causes in one line of at most 500 characters.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_never_leaves_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "../../evil", b"x").unwrap();
        let names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names, ["______evil.eml"]);
    }

    #[test]
    fn a_server_that_does_not_answer_is_tried_again() {
        // Nothing listens on port 1 of this machine.
        let smtp = Smtp {
            host: "127.0.0.1".to_owned(),
            port: 1,
            security: SmtpSecurity::Plain,
            root_certificate: None,
            user: None,
            password: None,
        };
        let message = Message::builder()
            .from("a@hospital.example".parse().unwrap())
            .to("b@hospital.example".parse().unwrap())
            .body("x".to_owned())
            .unwrap();
        let outcome = Route::open(&MailRoute::Smtp(smtp)).unwrap().deliver(&message, "x");
        assert!(matches!(outcome, Err(DeliveryError::Failed(_))), "{outcome:?}");
    }
}
