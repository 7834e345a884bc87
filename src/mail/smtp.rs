//! Delivery over SMTP (RFC 5321), step by step: what fails before the text is handed over has certainly sent
//! nothing, and every wait ends.

use std::fs;
use std::future::Future;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout, timeout_at};

use super::errors::{DeliveryError, chain};
use crate::config::{Smtp, SmtpSecurity};

/// Sends mail over one connection after the other; one that works is kept for the next mail.
pub struct Sender {
    smtp: Smtp,
    /// Nothing where the connection is not encrypted.
    tls: Option<TlsParameters>,
    /// How this machine introduces itself.
    name: ClientId,
    /// The waits are awaited here: only so can one be cut off wherever it stands.
    runtime: Runtime,
    kept: Option<AsyncSmtpConnection>,
}

impl Sender {
    /// Prepares what the configuration says. No connection is made yet.
    pub fn new(smtp: &Smtp) -> Result<Self, DeliveryError> {
        let tls = match smtp.security {
            SmtpSecurity::StartTls | SmtpSecurity::Tls => Some(parameters(smtp)?),
            SmtpSecurity::Plain => None,
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| DeliveryError::Server(smtp.host.clone(), error.to_string()))?;
        Ok(Self { smtp: smtp.clone(), tls, name: ClientId::default(), runtime, kept: None })
    }

    /// Delivers one message.
    pub fn deliver(&mut self, message: &Message) -> Result<(), DeliveryError> {
        let Self { smtp, tls, name, runtime, kept } = self;
        let waits = Waits { one: smtp.timeout, ends: Instant::now() + smtp.longest_delivery() };
        runtime.block_on(async {
            let mut connection = match still_open(kept.take(), waits).await {
                Some(connection) => connection,
                None => connect(smtp, tls.as_ref(), name, waits).await.map_err(Trouble::failed)?,
            };
            match hand_over(&mut connection, message, waits).await {
                Ok(()) => {
                    *kept = Some(connection);
                    Ok(())
                }
                Err((error, answered)) => {
                    // Where no answer came, another command might become part of the text.
                    if answered {
                        let _ = timeout_at(waits.next(), connection.quit()).await;
                    }
                    Err(error)
                }
            }
        })
    }

    /// Takes leave of the server.
    pub fn close(self) {
        if let Some(mut connection) = self.kept {
            let _ = self.runtime.block_on(async { timeout(self.smtp.timeout, connection.quit()).await });
        }
    }
}

/// How long is waited.
#[derive(Debug, Clone, Copy)]
struct Waits {
    /// For one answer.
    one: Duration,
    /// For everything.
    ends: Instant,
}

impl Waits {
    /// When the next answer has to be there.
    fn next(self) -> Instant {
        self.ends.min(Instant::now() + self.one)
    }

    /// One step and its answer.
    async fn step<T>(self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
        by(self.next(), work).await
    }
}

/// Awaits an answer until then.
async fn by<T>(until: Instant, work: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    match timeout_at(until, work).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Trouble { reply: error.status().map(u16::from), text: chain(&error) }),
        Err(_) => Err(Trouble { reply: None, text: "it did not answer in time".to_owned() }),
    }
}

/// A step that did not succeed.
#[derive(Debug)]
struct Trouble {
    /// The reply code, where there was a reply.
    reply: Option<u16>,
    text: String,
}

impl Trouble {
    /// Nothing was sent, and another try may help.
    fn failed(self) -> DeliveryError {
        DeliveryError::Failed(self.text)
    }

    /// What the reply means for a mailbox. Those of RFC 5321 section 4.2.3 that are named here are final: the
    /// address is wrong. Others (a full disk, a limit) may be put right.
    fn of_mailbox(self) -> DeliveryError {
        match self.reply {
            Some(550 | 551 | 553 | 556) => DeliveryError::Refused(self.text),
            _ => DeliveryError::Failed(self.text),
        }
    }
}

async fn connect(
    smtp: &Smtp,
    tls: Option<&TlsParameters>,
    name: &ClientId,
    waits: Waits,
) -> Result<AsyncSmtpConnection, Trouble> {
    let wrapped = tls.filter(|_| smtp.security == SmtpSecurity::Tls).cloned();
    let server = (smtp.host.as_str(), smtp.port);
    // Connecting, TLS and the greeting come in one step.
    let opened = AsyncSmtpConnection::connect_tokio1(server, Some(smtp.timeout), name, wrapped, None);
    let mut connection = waits.step(opened).await?;
    if let (SmtpSecurity::StartTls, Some(tls)) = (smtp.security, tls) {
        waits.step(connection.starttls(tls.clone(), name)).await?;
    }
    if let (Some(user), Some(password)) = (&smtp.user, &smtp.password) {
        let credentials = Credentials::new(user.clone(), password.clone());
        waits.step(connection.auth(DEFAULT_MECHANISMS, &credentials)).await?;
    }
    Ok(connection)
}

/// The connection, where the server is still there.
async fn still_open(kept: Option<AsyncSmtpConnection>, waits: Waits) -> Option<AsyncSmtpConnection> {
    let mut connection = kept?;
    let answers = timeout_at(waits.next(), connection.test_connected()).await.unwrap_or(false);
    answers.then_some(connection)
}

/// Hands a message over. On an error it says, too, whether the server answered.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    waits: Waits,
) -> Result<(), (DeliveryError, bool)> {
    let (envelope, text) = (message.envelope(), message.formatted());
    let parameters = parameters_for(connection, message, &text).map_err(|error| (error, true))?;
    let with = |judge: fn(Trouble) -> DeliveryError| {
        move |trouble: Trouble| {
            let answered = trouble.reply.is_some();
            (judge(trouble), answered)
        }
    };
    // A refusal here is one of the sender, whom somebody may put right: no mail is given up for it.
    let from = Mail::new(envelope.from().cloned(), parameters);
    waits.step(connection.command(from)).await.map_err(with(Trouble::failed))?;
    for recipient in envelope.to() {
        let to = Rcpt::new(recipient.clone(), Vec::new());
        waits.step(connection.command(to)).await.map_err(with(Trouble::of_mailbox))?;
    }
    waits.step(connection.command(Data)).await.map_err(with(Trouble::failed))?;
    // From here on no answer means that nobody knows. Whoever gives up too early here makes doubles (RFC 5321
    // section 4.5.3.2.6), so that this answer has all the time that is left.
    by(waits.ends, connection.message(&text)).await.map(|_| ()).map_err(with(|trouble| match trouble.reply {
        Some(_) => trouble.of_mailbox(),
        None => DeliveryError::Uncertain(trouble.text),
    }))
}

/// What the server has to be told of a message that is not plain ASCII; an error where it cannot take it.
fn parameters_for(
    connection: &AsyncSmtpConnection,
    message: &Message,
    text: &[u8],
) -> Result<Vec<MailParameter>, DeliveryError> {
    let envelope = message.envelope();
    let mut addresses = envelope.to().iter().chain(envelope.from());
    let is_foreign = addresses.any(|address| !AsRef::<str>::as_ref(address).is_ascii());
    let mut parameters = Vec::new();
    for (needed, extension, parameter) in [
        (is_foreign, Extension::SmtpUtfEight, MailParameter::SmtpUtfEight),
        (!text.is_ascii(), Extension::EightBitMime, MailParameter::Body(MailBodyParameter::EightBitMime)),
    ] {
        if needed && !connection.server_info().supports_feature(extension) {
            return Err(DeliveryError::Failed(format!("it does not offer {extension}, which this mail needs")));
        }
        if needed {
            parameters.push(parameter);
        }
    }
    Ok(parameters)
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

#[cfg(test)]
mod tests;
