//! The door's question: whose token is this, and is it good?

use sha2::{Digest, Sha256};

use crate::actions::attempts::{self, Subject};
use crate::actions::{ActionError, By, Register};
use crate::domain::api_tokens::{ApiToken, Stopped};
use crate::domain::ids::Moment;
use crate::store::api_tokens::{self, TokenLine};

/// Use is noted at most this often.
const NOTED_EVERY_SECONDS: i64 = 60;

/// What the database keeps of a token.
pub fn digest(token: &ApiToken) -> Vec<u8> {
    Sha256::digest(token.text().as_bytes()).to_vec()
}

/// Whether a token of that digest would be let in, by one read of its row, its identity and its
/// creator's account. `Err(None)` when nobody has it.
pub fn ask(
    register: &Register,
    digest: &[u8],
    now: Moment,
) -> Result<Result<Box<TokenLine>, Option<Stopped>>, ActionError> {
    let Some(line) = api_tokens::by_digest(&mut *register.database.read()?, digest)? else { return Ok(Err(None)) };
    Ok(match line.standing(now).check(now) {
        Ok(()) => Ok(Box::new(line)),
        Err(stopped) => {
            tracing::warn!(token = %line.token.id, why = stopped.word(), "an API token was refused");
            Err(Some(stopped))
        }
    })
}

/// Lets a token in, and notes when and from where it was used; `None` when it is not good.
pub fn admit(
    register: &Register,
    token: &ApiToken,
    address: &str,
    now: Moment,
) -> Result<Option<Box<TokenLine>>, ActionError> {
    match ask(register, &digest(token), now)? {
        Ok(line) => {
            let since = now.plus_seconds(-NOTED_EVERY_SECONDS);
            if line.token.last_used_at.is_none_or(|last| last <= since) {
                register.database.write(|db| api_tokens::touch(db, &line.token, now, since, address))?;
            }
            Ok(Some(line))
        }
        Err(_) => {
            wrong_token_tried(register, address, now)?;
            Ok(None)
        }
    }
}

/// A well-formed token that is unknown or stopped was presented from that address. Every one passes
/// here and nowhere else, so that they are counted in one place; a right one is never counted, and a
/// mistyped one never comes so far.
///
/// # Errors
/// `TooMany` when there were too many from this network address.
pub fn wrong_token_tried(register: &Register, address: &str, now: Moment) -> Result<(), ActionError> {
    tracing::warn!(address, "an API token that is not good was presented");
    let Some(network) = Subject::network_of_tokens(register, address) else { return Ok(()) };
    attempts::take(register, &By::setup(now).at_address(address), "unknown", &[&network])?;
    Ok(())
}
