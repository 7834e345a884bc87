//! Mail: what is sent, and how far each piece has come.

use crate::words;

words! {
    /// What a mail is.
    MailKind {
        /// Everything that waits for one person, once a day.
        Digest = "digest", "Daily digest";
        /// One change to somebody's ways to sign in, or an emergency access, told at once.
        Security = "security", "Security notice";
    }
}

words! {
    /// How far a mail has come.
    MailState {
        Pending = "pending", "Waiting";
        Sending = "sending", "Being sent";
        Sent = "sent", "Sent";
        /// The connection broke after the text was handed over; it may have arrived.
        Uncertain = "uncertain", "May have arrived";
        Dead = "dead", "Could not be sent";
        /// When its hour came nothing was waiting any more.
        Empty = "empty", "Nothing left to say";
    }
}
