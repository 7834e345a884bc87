//! What stands around every page.

use chrono_tz::Tz;

use super::session::Viewer;
use super::show;
use crate::actions::Register;
use crate::domain::ids::{Id, Moment};
use crate::domain::permissions::Permission;

/// The frame of a page: see `templates/layout.html`.
#[derive(Debug, Clone)]
pub struct Frame {
    pub title: String,
    pub error: bool,
    pub register_name: String,
    pub person: Option<FramePerson>,
    pub nav: Vec<NavLink>,
    /// Links that are needed more rarely, behind one word.
    pub more: Vec<NavLink>,
    pub strip: Option<String>,
    /// The emergency access under which the reader acts: its id and its end, as a moment.
    pub emergency: Option<(Id, String)>,
    pub notice: Option<Notice>,
    pub csrf: String,
    pub zone: String,
    pub help: String,
    pub theme: &'static str,
    pub wide: bool,
    /// The zone in which the page shows times.
    pub tz: Tz,
    pub now: Moment,
    may_keep: bool,
}

/// Who is signed in, as the header shows them.
#[derive(Debug, Clone)]
pub struct FramePerson {
    pub name: String,
    pub role_label: String,
}

/// A link of the main navigation.
#[derive(Debug, Clone)]
pub struct NavLink {
    pub href: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// What was just done, after a redirect.
#[derive(Debug, Clone)]
pub struct Notice {
    pub kind: &'static str,
    pub text: String,
}

type Section = (&'static str, &'static str, Permission);

/// What is opened daily: so few that they stand in one row.
const NAVIGATION: &[Section] = &[
    ("/", "Home", Permission::ReadRegister),
    ("/tasks", "Tasks", Permission::SignedIn),
    ("/identities", "Identities", Permission::SignedIn),
    ("/requests", "Requests", Permission::SignedIn),
    ("/people", "People", Permission::ReadRegister),
    ("/audit", "Audit log", Permission::ReadAudit),
];

/// What stands beside the tasks of whoever does not see the whole register: mails name it.
const OWN_REVIEWS: Section = ("/reviews/mine", "Reviews", Permission::AnswerTasks);

/// What is opened now and then.
const MORE: &[Section] = &[
    ("/campaigns", "Campaigns", Permission::ReadRegister),
    ("/reviews", "Reviews", Permission::ReadRegister),
    ("/findings", "Findings", Permission::ReadRegister),
    ("/owners", "Owners", Permission::ReadRegister),
    ("/grants", "Grants", Permission::ReadRegister),
    ("/systems", "Systems", Permission::ReadRegister),
    ("/vendors", "Vendors", Permission::ReadRegister),
    ("/imports", "Imports", Permission::ReadRegister),
    ("/jobs", "Jobs", Permission::ReadRegister),
    ("/mail", "Mail", Permission::ReadRegister),
    ("/tokens", "API tokens", Permission::KeepPeople),
    ("/explain", "Permissions", Permission::ReadRegister),
];

/// What is opened never, or at once.
const EMERGENCY: &[Section] = &[("/break-glass", "Emergency", Permission::AnswerTasks)];

impl Frame {
    /// The frame of a page under `section` ("/identities").
    pub fn new(register: &Register, viewer: &Viewer, section: &str, title: impl Into<String>) -> Self {
        let deployment = &register.deployment;
        let signed_in = viewer.signed_in.as_ref();
        let tz = signed_in
            .and_then(|viewer| viewer.time_zone.as_deref())
            .and_then(|zone| zone.parse().ok())
            .unwrap_or(deployment.time_zone);
        let links = |sections: &[Section]| -> Vec<NavLink> {
            sections
                .iter()
                .filter(|(_, _, permission)| signed_in.is_some() && viewer.may(*permission))
                .map(|(href, label, _)| NavLink {
                    href,
                    label,
                    current: *href == section || (section == "/reviews" && *href == OWN_REVIEWS.0),
                })
                .collect()
        };
        let mut nav = links(NAVIGATION);
        if !viewer.may(Permission::ReadRegister) {
            let place = nav.iter().position(|link| link.href == "/tasks").map_or(0, |tasks| tasks + 1);
            drop(nav.splice(place..place, links(&[OWN_REVIEWS])));
        }
        Self {
            title: title.into(),
            error: false,
            register_name: deployment.register_name.clone(),
            person: signed_in
                .map(|viewer| FramePerson { name: viewer.name.clone(), role_label: viewer.role.label().to_owned() }),
            nav,
            more: if deployment.access.break_glass { links(&[MORE, EMERGENCY].concat()) } else { links(MORE) },
            strip: deployment.strip.clone(),
            emergency: viewer.emergency().map(|(id, ends_at)| (id, show::moment(ends_at, tz))),
            notice: None,
            csrf: viewer.csrf.clone(),
            zone: tz.name().to_owned(),
            help: deployment.help.clone(),
            theme: "",
            wide: false,
            tz,
            now: viewer.now,
            may_keep: viewer.may(Permission::KeepRegister),
        }
    }

    /// Takes the whole width, for lists.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Says in the title that the form was refused.
    pub fn with_error(mut self, error: bool) -> Self {
        self.error = error;
        self
    }

    /// Says what was just done.
    pub fn with_notice(mut self, kind: &'static str, text: impl Into<String>) -> Self {
        self.notice = Some(Notice { kind, text: text.into() });
        self
    }

    /// Says what was just done when the link says so: `?done=saved` and the words for it.
    pub fn with_done(self, done: &str, words: &[(&str, &str)]) -> Self {
        match words.iter().find(|(code, _)| *code == done) {
            Some((_, text)) => self.with_notice("ok", *text),
            None => self,
        }
    }

    /// The link among the rarer ones that the page stands under.
    pub fn in_more(&self) -> Option<&NavLink> {
        self.more.iter().find(|link| link.current)
    }

    /// Whether the reader may change identities.
    pub fn may_keep(&self) -> bool {
        self.may_keep
    }
}
