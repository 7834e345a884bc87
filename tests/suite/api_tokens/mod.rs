//! Tokens of Muster's own interface: made once, let in within their scopes, stopped at once, and seen in
//! the register like every other identity.

mod acting;
mod door;
mod inventory;
mod making;
mod migration;
mod secrecy;
mod stopping;

use muster::actions::api_tokens::{self as actions, TokenDraft};
use muster::actions::{ActingToken, By};
use muster::domain::api_tokens::{ApiToken, TokenScope};
use muster::domain::identities::IdentityState;
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::store::api_tokens::{self, TokenLine};
use muster::store::identities::{self, Identity};

use crate::app::{Page, TestApp};

/// A token and whoever made it.
pub struct Made {
    pub person: Id,
    pub role: Role,
    pub id: Id,
    pub secret: ApiToken,
}

/// What somebody writes who makes a token.
pub fn draft(scopes: &[TokenScope]) -> TokenDraft {
    TokenDraft {
        name: "Nightly export".to_owned(),
        purpose: "Copies the register into the warehouse every night".to_owned(),
        scopes: scopes.iter().map(|scope| scope.word().to_owned()).collect(),
        ends_on: "2026-12-24".to_owned(),
    }
}

/// A token of somebody of that role.
pub fn make(app: &TestApp, role: Role, scopes: &[TokenScope]) -> Made {
    let (person, _) = app.account(role);
    make_for(app, person, role, &draft(scopes))
}

/// A token of that person.
pub fn make_for(app: &TestApp, person: Id, role: Role, draft: &TokenDraft) -> Made {
    let (id, secret) = actions::create(&app.register, &by(app, person, role), draft).unwrap();
    Made { person, role, id, secret }
}

/// A person as a page lets them act.
pub fn by(app: &TestApp, person: Id, role: Role) -> By {
    By::person(person, role, None, app.register.now())
}

impl Made {
    pub fn header(&self) -> String {
        format!("Bearer {}", self.secret.text())
    }

    /// GET with the token and without any cookie.
    pub fn get(&self, app: &TestApp, path: &str) -> Page {
        app.browser().get_with(path, &[("authorization", &self.header())])
    }

    /// POST with the token, without a cookie and without the token of a form.
    pub fn post(&self, app: &TestApp, path: &str, fields: &[(&str, &str)]) -> Page {
        app.browser().post_bare(path, fields, &[("authorization", &self.header())])
    }

    /// The token as it acts.
    pub fn acting(&self, app: &TestApp) -> By {
        by(app, self.person, self.role).through(ActingToken { id: self.id, keeps_register: true })
    }

    pub fn line(&self, app: &TestApp) -> TokenLine {
        api_tokens::line(&mut app.register.database.read().unwrap(), self.id).unwrap()
    }

    pub fn identity(&self, app: &TestApp) -> Identity {
        let line = self.line(app);
        identities::find(&mut app.register.database.read().unwrap(), line.token.identity_id).unwrap()
    }

    pub fn state(&self, app: &TestApp) -> IdentityState {
        self.identity(app).state
    }
}

/// The audit entries of an action, oldest first, as texts.
pub fn entries(app: &TestApp, action: &str) -> Vec<String> {
    use muster::domain::listing::{Direction, From};
    use muster::store::audit::{self, AuditFilter};
    let filter = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    let mut db = app.register.database.read().unwrap();
    let rows = audit::lines(&mut db, &filter, Direction::Ascending, &From::Start, 1_000).unwrap();
    rows.into_iter().map(|row| String::from_utf8(row.body).unwrap()).collect()
}
