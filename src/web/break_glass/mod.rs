//! Emergency access: asking for it, agreeing to it, opening it with a sealed code, ending it. None of it
//! is there unless a deployment turned it on.

pub mod act;
pub mod page;

use crate::domain::break_glass::EmergencyState;
use crate::domain::ids::Moment;
use crate::store::emergency::EmergencyAccess;

/// The tag of an emergency access at a moment: its kind and its words.
pub fn tag(access: &EmergencyAccess, now: Moment) -> (&'static str, &'static str) {
    match access.state {
        EmergencyState::Started if access.runs(now) => ("warn", "Runs"),
        EmergencyState::Started => ("plain", "Ended"),
        EmergencyState::Asked if crate::domain::break_glass::waits(access.state, access.asked_at, now).is_err() => {
            ("plain", "Nobody agreed in time")
        }
        EmergencyState::Asked => ("info", "Asked for"),
        EmergencyState::Refused => ("bad", "Refused"),
        EmergencyState::Withdrawn => ("plain", "Withdrawn"),
    }
}
