//! Why a message did not leave.

use std::path::PathBuf;

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

/// An error and its causes in one line of at most 500 characters.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
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
