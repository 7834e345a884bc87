//! Proving again who one is, before what has consequences.
//!
//! A request to a route marked `Recent`, from somebody who proved who they are more than five minutes
//! ago, is not answered. `hold` keeps a form and leads to `form`; a page that was asked for waits as
//! `next` of `page`. Both ask through `ask`.

pub mod ask;
pub mod claim;
pub mod form;
pub mod hold;
pub mod page;
pub mod passkey;
mod words;
