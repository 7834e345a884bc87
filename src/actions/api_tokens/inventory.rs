//! A token in Muster's own inventory: its identity, its system, how it is stopped.

use super::Wanted;
use crate::actions::identities::{self as records, set_way_to_stop};
use crate::actions::{ActionError, By, Register, Work, closing, ownership};
use crate::domain::identities::*;
use crate::domain::ids::Id;
use crate::domain::life_cycle;
use crate::domain::ownership::OwnerRole;
use crate::domain::registration::WayToStop;
use crate::domain::systems::SystemKind;
use crate::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use crate::store::api_tokens::Token;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, Credential, IdentityScope};
use crate::store::registry::{self, System};
use crate::store::tasks;

/// The system under which Muster's own tokens stand.
const SYSTEM: &str = "Muster";

/// Registers the identity of a token that is being made; answers its id.
pub(super) fn enter(register: &Register, work: &mut Work<'_>, token: Id, wanted: &Wanted) -> Result<Id, ActionError> {
    let now = work.by.now;
    let mut identity = Identity::new(IdentityKind::Token, &wanted.name, Environment::Production, now);
    identity.description = Some("An API token of Muster itself".to_owned());
    identity.purpose = Some(wanted.purpose.clone());
    identity.system_id = Some(system(register, work)?);
    // The register holds what is known of identities, and no data of patients.
    identity.access_basis = Some(AccessBasis::Public);
    identity.client_type = ClientType::Confidential;
    identity.refresh_tokens = RefreshTokens::None;
    identity.state = IdentityState::Active;
    identity.expires_at = Some(wanted.ends_at);
    identity.use_visible_since = Some(now);
    identity.last_used_source = Some(SYSTEM.to_owned());
    // Who makes it owns it: nobody has to be asked.
    ownership::set_answer(&mut identity, OwnerRole::Business, work.by.person, Some(OwnerAnswer::Accepted), Some(now));
    identities::insert(work.db, &identity)?;
    let scopes: Vec<IdentityScope> = (0_i64..)
        .zip(&wanted.scopes)
        .map(|(position, scope)| IdentityScope {
            identity_id: identity.id,
            list: ScopeList::Issued,
            scope: scope.written(),
            position,
            optional: false,
            in_token: false,
            defined: true,
        })
        .collect();
    parts::insert_scopes(work.db, &scopes)?;
    let credential = Credential {
        id: Id::new(),
        identity_id: identity.id,
        kind: CredentialKind::ClientSecret,
        key_id: None,
        thumbprint: None,
        location: Some("With whoever made it; Muster keeps a digest".to_owned()),
        issued_at: Some(now),
        expires_at: Some(wanted.ends_at),
        never_expires: false,
        strength: Strength::Ok,
        fingerprint: None,
        first_seen_at: now,
    };
    parts::insert_credentials(work.db, &[credential])?;
    let after = records::record(work.db, identity.id)?;
    work.record("identity.register", "identity", identity.id, None, Some(&after));
    set_way_to_stop(work, identity.id, Some(&way_to_stop(register, token)))?;
    Ok(identity.id)
}

fn way_to_stop(register: &Register, token: Id) -> WayToStop {
    WayToStop {
        method: RevocationMethod::AdminConsole,
        steps: format!(
            "Open {}/tokens/{token} as whoever made it, or as an administrator\n\
             Choose \u{201c}Revoke this token\u{201d}: it is refused from the next request on\n\
             On a server of this register, the command muster tokens revoke {token} does the same",
            register.deployment.base_url
        ),
        contact: register.deployment.help.clone(),
    }
}

/// The system called Muster, made when there is none.
fn system(register: &Register, work: &mut Work<'_>) -> Result<Id, ActionError> {
    if let Some(known) = registry::find_system_by_name(work.db, SYSTEM)? {
        return Ok(known.id);
    }
    let now = work.by.now;
    let system = System {
        id: Id::new(),
        name: SYSTEM.to_owned(),
        name_key: SYSTEM.to_lowercase(),
        kind: SystemKind::Other,
        base_url: Some(register.deployment.base_url.clone()),
        business_owner_id: None,
        technical_owner_id: None,
        notes: Some("This register itself: the tokens of its own interface stand here.".to_owned()),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    if registry::insert_system_if_new(work.db, &system)? {
        work.record("system.add", "system", system.id, None, Some(&system));
        return Ok(system.id);
    }
    // Somebody else made it at the same moment.
    registry::find_system_by_name(work.db, SYSTEM)?
        .map(|known| known.id)
        .ok_or_else(|| ActionError::Refused("the system of the token cannot be found; try again".to_owned()))
}

/// Moves the identity of a revoked token on to revoking: nothing is shown as revoked before it is proved.
pub(super) fn start_revocation(work: &mut Work<'_>, id: Id, reason: Option<&str>) -> Result<(), ActionError> {
    let before = identities::find(work.db, id)?;
    let Ok(state) = life_cycle::start_revocation(before.state) else { return Ok(()) };
    let mut after = before.clone();
    after.enabled = false;
    if state != before.state {
        after.state = state;
        after.state_cause = StateCause::Decided;
        after.state_changed_at = work.by.now;
    }
    ownership::store(work, "identity.start_revocation", reason, &before, &mut after)
}

/// Writes down that the door refused a revoked token, and that its identity is revoked. Open work about
/// it has nothing left to do. One that is revoked already stays as it is.
pub(super) fn confirm_revocation(register: &Register, by: &By, token: &Token) -> Result<(), ActionError> {
    register.change(by, |work| {
        let before = identities::find(work.db, token.identity_id)?;
        let Ok(state) = life_cycle::confirm_revocation(before.state) else { return Ok(()) };
        let proof = format!(
            "Revoked {}. Asked with the digest of this token, the door of Muster refused it.",
            token.revoked_at.unwrap_or(by.now).utc().format("%Y-%m-%d at %H:%M:%S UTC")
        );
        prove_path(register, work, token, &proof)?;
        let mut after = before.clone();
        after.state = state;
        after.state_changed_at = by.now;
        ownership::store(work, "identity.revoke", Some(&proof), &before, &mut after)?;
        for task in tasks::about(work.db, token.identity_id)? {
            if task.state == TaskState::Open {
                let stopped = task.kind == TaskKind::Offboarding;
                let answer = if stopped { TaskAnswer::Done } else { TaskAnswer::Obsolete };
                closing::close(work, &task, answer, Some(&proof))?;
            }
        }
        Ok(())
    })
}

/// Keeps the proof beside the way to stop it; somebody may have removed that from the register.
fn prove_path(register: &Register, work: &mut Work<'_>, token: &Token, proof: &str) -> Result<(), ActionError> {
    if parts::revocation_path(work.db, token.identity_id)?.is_none() {
        set_way_to_stop(work, token.identity_id, Some(&way_to_stop(register, token.id)))?;
    }
    let Some(before) = parts::revocation_path(work.db, token.identity_id)? else { return Ok(()) };
    let mut after = before.clone();
    after.proved_at = Some(work.by.now);
    after.proof = Some(proof.to_owned());
    after.updated_at = work.by.now;
    after.version += 1;
    parts::update_revocation_path(work.db, &after)?;
    work.record("identity.prove_revocation", "identity", token.identity_id, Some(&before), Some(&after));
    Ok(())
}
