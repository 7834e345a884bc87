//! Mail: what a message says, and how it leaves. Knows the domain and the configuration, no database.

pub mod deliver;
pub mod digest;
mod digest_reviews;
mod errors;
pub mod notice;
pub mod security;
mod smtp;

pub use deliver::Route;
pub use digest::{Digest, DigestError, DigestItem, DigestNews, check_sender};
pub use digest_reviews::DigestReview;
pub use errors::DeliveryError;
pub use lettre::Message;
pub use notice::NoticeMail;
pub use security::SecurityMail;
