//! Why single sign-on let nobody in, in words for the person. What the provider sent is for the log.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use super::provider_name;
use crate::actions::Register;
use crate::connectors::openid_connect::Refusal;
use crate::domain::single_sign_on::Fault;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with};

/// What was tried, for the way back.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Somebody who is signed in wanted to prove again who they are.
    pub session: bool,
    pub return_to: String,
}

#[derive(Template)]
#[template(path = "sign_in/refused.html")]
struct RefusedPage {
    frame: Frame,
    text: String,
    back: String,
    request_id: String,
}

/// The page that says it, and the line of the log.
pub fn answer(register: &web::Data<Register>, viewer: &Viewer, attempt: &Attempt, refusal: &Refusal) -> Answer {
    let request_id = viewer.request_id.clone();
    tracing::warn!(
        request_id,
        fault = refusal.fault.word(),
        reason = refusal.fault.label(),
        detail = refusal.detail,
        "single sign-on refused"
    );
    let title = if attempt.session { "You were not confirmed" } else { "You are not signed in" };
    let back = match attempt {
        Attempt { session: true, return_to } => return_to.clone(),
        Attempt { return_to, .. } => format!("/sign-in{}", Fields::default().with("next", return_to).to_query()),
    };
    let status = match refusal.fault {
        Fault::Unreachable | Fault::Description => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    let name = provider_name(register);
    let text = words(refusal.fault, &name, &register.deployment.register_name);
    let frame = Frame::new(register, viewer, "", title).with_error(true);
    page_with(status, &RefusedPage { frame, text, back, request_id })
}

/// What the person reads.
fn words(fault: Fault, provider: &str, register: &str) -> String {
    match fault {
        Fault::Unreachable => format!("{provider} cannot be reached at the moment. Try again in a minute"),
        Fault::Description => {
            format!("{provider} cannot be used at the moment. Whoever runs {register} finds the reason in its log")
        }
        Fault::Foreign => {
            "This return belongs to no sign-in of this browser: it was used already, is older than ten minutes, or was \
             begun elsewhere. Begin again"
                .to_owned()
        }
        Fault::Denied => format!("{provider} did not let you in, or you turned back there"),
        Fault::AtProvider => format!("{provider} could not complete the sign-in. Try again"),
        Fault::NoRole => {
            format!("At {provider} you are in no group that may use {register}. Ask for access, then sign in again")
        }
        Fault::NoAddress => format!("{provider} gives no e-mail address of yours that can be used here"),
        Fault::Unverified => {
            format!("{provider} has not verified your e-mail address. Have it verified there, then sign in again")
        }
        Fault::OtherSubject => {
            format!(
                "Your e-mail address belongs here to another account of {provider}. An administrator can look into it"
            )
        }
        Fault::Disabled => format!("Your account of {register} is disabled"),
        Fault::Left => format!("In {register} you are marked as somebody who has left"),
        Fault::NotFresh => format!("{provider} did not ask you again who you are. Try again"),
        Fault::SomebodyElse => {
            format!("At {provider} you are somebody else than here. Sign in there as the person you are here")
        }
        _ => format!("{provider} sent an answer that cannot be trusted. Nothing was changed; try again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_words_for_the_person() {
        for fault in Fault::ALL {
            let text = words(*fault, "Staff login", "the register");
            assert!(text.len() > 20 && !text.ends_with('.'), "{fault:?}: {text}");
        }
    }
}
