//! The lists on the page of an identity: scopes, credentials, tasks, and remarks beside facts.

use super::super::facts::Others;
use super::IdentityPage;
use crate::domain::identities::{ClientType, CredentialKind, IdentityKind};
use crate::domain::registration::remarks;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::identity_parts::Credential;
use crate::web::show;

/// What the template says of a credential.
pub(super) struct CredentialLine<'a> {
    pub(super) credential: &'a Credential,
    pub(super) sharing: &'a Others,
}

impl IdentityPage {
    /// What proves it. A public client proves nothing, so what an import calls "none" is no credential.
    pub(super) fn credentials(&self) -> Vec<CredentialLine<'_>> {
        let known = self.facts.credentials.iter().filter(|(credential, _)| credential.kind != CredentialKind::None);
        known.map(|(credential, sharing)| CredentialLine { credential, sharing }).collect()
    }
    /// Nothing proves it, and nothing is meant to.
    pub(super) fn keeps_no_secret(&self) -> bool {
        self.credentials().is_empty()
            && (self.identity().client_type == ClientType::Public || !self.facts.credentials.is_empty())
    }
    /// The numbers at the top: count, what is counted, and where it is.
    pub(super) fn stats(&self) -> Vec<(String, String, &'static str)> {
        let plural = |count: usize, one: &str, many: &str| if count == 1 { one.to_owned() } else { many.to_owned() };
        let (issued, credentials) = (self.scopes.issued.len(), self.credentials().len());
        let open = self.facts.tasks.iter().filter(|task| task.state == TaskState::Open).count();
        let (known, words) = match self.keeps_no_secret() {
            true => ("No secret".to_owned(), "a public client keeps none".to_owned()),
            false => (credentials.to_string(), plural(credentials, "credential known", "credentials known")),
        };
        vec![
            (issued.to_string(), plural(issued, "scope issued", "scopes issued"), "#can-do"),
            (self.scopes.beyond_approval().to_string(), "of them not approved".to_owned(), "#can-do"),
            (known, words, "#credentials"),
            (open.to_string(), plural(open, "open task", "open tasks"), "#tasks"),
        ]
    }
    pub(super) fn task_title(&self, kind: &TaskKind) -> &'static str {
        match kind {
            TaskKind::Recertification => "Say whether it is still needed",
            TaskKind::Offboarding => "Stop it and remove its access",
            TaskKind::Ownership => "Accept or refuse to own it",
            TaskKind::EmergencyReview => "Review the emergency access",
            TaskKind::Decision => "Decide what it may do",
            TaskKind::Issuance => "Issue what was approved",
            TaskKind::ApproverMissing => "Find somebody who can decide",
            TaskKind::OwnerMissing => "Name its owner",
            TaskKind::Reauthorisation => "Ask anew for what it may do",
            TaskKind::ReviewQuestion => "Say what you know about it",
            TaskKind::Narrowing => "Take away what it no longer needs",
            TaskKind::ReviewerMissing => "Find somebody who can review it",
        }
    }
    pub(super) fn task_who(&self, task: &crate::store::tasks::Task) -> String {
        let who = task
            .assignee_id
            .and_then(|person| self.facts.names.get(&person).cloned())
            .or_else(|| task.assignee_group.map(|group| group.label().to_owned()))
            .unwrap_or_default();
        match task.state {
            TaskState::Open => format!("{who}, due {}. {}", show::deadline(task.due_on), task.reason),
            _ => format!("{who}. {}", task.answer.map_or("", |answer| answer.label())),
        }
    }
    pub(super) fn task_kind(&self, task: &crate::store::tasks::Task) -> &'static str {
        match task.state {
            TaskState::Open if self.is_past(&task.due_on) => "bad",
            TaskState::Open => "info",
            _ => "plain",
        }
    }
    pub(super) fn task_status(&self, task: &crate::store::tasks::Task) -> String {
        match task.state {
            TaskState::Open if self.is_past(&task.due_on) => "Overdue".to_owned(),
            state => state.label().to_owned(),
        }
    }
    pub(super) fn task_href(&self, task: &crate::store::tasks::Task) -> String {
        match (task.kind, task.review_id) {
            (TaskKind::Recertification | TaskKind::Narrowing | TaskKind::ReviewerMissing, Some(review)) => {
                format!("/reviews/{review}")
            }
            _ => format!("/tasks/{}", task.id),
        }
    }
    pub(super) fn remarked(&self) -> remarks::Facts {
        let identity = self.identity();
        remarks::Facts {
            without_person: identity.kind == IdentityKind::ServiceAccount
                || identity.grant_types.0.iter().any(|grant| grant == "client_credentials"),
            access_token_seconds: identity.access_token_seconds,
            refresh_tokens: identity.refresh_tokens,
            refresh_token_seconds: identity.refresh_token_seconds,
            review_interval_days: identity.review_interval_days,
        }
    }
    /// Words beside facts, for those who can change them.
    pub(super) fn remark_on(&self, fact: &str) -> &'static str {
        match fact {
            _ if !self.frame.may_keep() => "",
            "access_token" => remarks::access_token(self.remarked()),
            "refresh_token" => remarks::refresh_token(self.remarked()),
            "review_interval" => remarks::review_interval(self.remarked()),
            _ => "",
        }
    }
    pub(super) fn remark_on_uri(&self, uri: &str) -> &'static str {
        if self.frame.may_keep() { remarks::redirect_uri(uri) } else { "" }
    }
}
