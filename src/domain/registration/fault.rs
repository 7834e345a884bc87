//! What can be wrong with what somebody types about an identity, in words that say what to do.

use crate::domain::guard::typed::HOLDS_A_SECRET;

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    #[error("Choose {0}")]
    Choose(&'static str),
    #[error("Write a name, at most 200 characters, on one line")]
    Name,
    #[error("Shorten {0} to {1} characters")]
    TooLong(&'static str, usize),
    #[error("Write the client id on one line without control characters, at most 500 characters")]
    ClientId,
    #[error(
        "The redirect URI \u{201c}{0}\u{201d} is not absolute; write it whole, as in https://app.example/callback (RFC 6749 section 3.1.2)"
    )]
    RedirectUri(String),
    #[error(
        "The redirect URI \u{201c}{0}\u{201d} has a fragment; leave out everything from # on (RFC 6749 section 3.1.2)"
    )]
    RedirectFragment(String),
    #[error(
        "\u{201c}{0}\u{201d} is not a scope; use visible ASCII characters without quotation marks and backslashes (RFC 6749 section 3.3)"
    )]
    Scope(String),
    #[error(
        "\u{201c}{0}\u{201d} is not a grant type; write one such as authorization_code on each line (RFC 7591 section 2)"
    )]
    GrantType(String),
    #[error("\u{201c}{0}\u{201d} is not a launch type; choose from the list")]
    LaunchType(String),
    #[error("\u{201c}{0}\u{201d} is not a date; write it as 2026-12-31")]
    Date(String),
    #[error("Write the days between two reviews as a whole number from 1 to 3650")]
    ReviewInterval,
    #[error(
        "A redirect URI begins with a user name or password; leave both out, they would be stored here for all to read"
    )]
    RedirectPassword,
    #[error(
        "The redirect URI \u{201c}{0}\u{201d} is run or read by the browser instead of leading back to the app; write the app\u{2019}s own address, as in https://app.example/callback"
    )]
    RedirectScheme(String),
    #[error(
        "Write how long an access token lives in seconds, from 1 to 31536000, a year: a token that lives longer is a credential, to be registered as an identity of the kind Token with an end date"
    )]
    AccessSeconds,
    #[error(
        "Write how long a refresh token lives in seconds, from 1 to 315360000, ten years, or choose \u{201c}Never expire\u{201d} above"
    )]
    RefreshRange,
    #[error("Write how many seconds a refresh token lives, or choose another answer above")]
    RefreshSeconds,
    #[error("Remove the seconds, or choose \u{201c}Limited\u{201d} above")]
    RefreshSecondsUnused,
    #[error("Say how it is stopped, step by step, or leave method, steps and contact empty")]
    Steps,
    #[error("Say who is called to stop it, or leave method, steps and contact empty")]
    Contact,
    #[error("Choose how it is stopped, or leave steps and contact empty")]
    Method,
    #[error("{HOLDS_A_SECRET}")]
    Secret,
}

/// A fault and the field it is in.
pub type Fault = (&'static str, RegistrationError);
