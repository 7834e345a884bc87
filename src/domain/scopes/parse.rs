//! One token, by the grammar of SMART App Launch 2.2.
//!
//! What the guide leaves open is decided here and stated where it is decided: an empty suffix is
//! rejected, the type is read by its shape, `.*` stands for `cruds` in either version, and a token
//! that only looks like a resource scope is an error, never an unknown scope.

use super::constraint::Constraint;
use super::dialect;
use super::error::ScopeError;
use super::letters::Letters;
use super::percent;
use super::scope::{
    Context, IdentityScope, LaunchScope, Meaning, OperationScope, RefreshScope, ResourceScope, ResourceType, Scope,
    Version1,
};

/// Longer than any scope in use; it keeps every later step short.
pub const LONGEST_TOKEN: usize = 8_192;

/// The long forms of SMART scopes; the second is Cerner's spelling. Both are read, the short form is written.
const SMART_ADDRESSES: [&str; 2] = ["http://smarthealthit.org/fhir/scopes/", "http://smarthealthit.org/FHIR/scopes/"];
/// The long form of OpenID Connect's scopes.
const OPENID_ADDRESS: &str = "http://openid.net/specs/openid-connect-core-1_0#";

impl Scope {
    /// Reads one token. Nothing in it is repaired, reordered or decoded, but the values of parameters.
    ///
    /// # Errors
    /// A character RFC 6749 does not allow, or a token with the shape of a SMART scope that is none;
    /// the error says what to write. Any other unknown token is [`Meaning::Custom`].
    pub fn parse(written: &str) -> Result<Self, ScopeError> {
        if written.is_empty() {
            return Err(ScopeError::Empty);
        }
        if written.len() > LONGEST_TOKEN {
            return Err(ScopeError::TooLong { length: written.chars().count(), limit: LONGEST_TOKEN });
        }
        if let Some(character) = written.chars().find(|each| !matches!(each, '!' | '#'..='[' | ']'..='~')) {
            return Err(if matches!(character, ' ' | '\t' | '\n' | '\r') {
                ScopeError::Space
            } else {
                ScopeError::Character(character)
            });
        }
        let (meaning, version1) = read(written)?;
        Ok(Self { written: written.into(), version1, meaning })
    }
}

impl std::str::FromStr for Scope {
    type Err = ScopeError;
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

type Read = (Meaning, Option<Version1>);

fn read(token: &str) -> Result<Read, ScopeError> {
    if let Some(short) = SMART_ADDRESSES.iter().find_map(|address| token.strip_prefix(address)) {
        return match read_short(short) {
            Ok((Meaning::Custom(_), _)) => {
                Err(ScopeError::Long(short.to_owned(), Box::new(ScopeError::Letter(short.to_owned()))))
            }
            Ok(read) => Ok(read),
            Err(error) => Err(ScopeError::Long(short.to_owned(), Box::new(error))),
        };
    }
    if let Some(short) = token.strip_prefix(OPENID_ADDRESS) {
        if let Some(meaning) = named(short) {
            return Ok((meaning, None));
        }
        // The other scopes of OpenID Connect Core 1.0, section 5.4, are written short as well.
        let short = if matches!(short, "email" | "address" | "phone") { short } else { token };
        return Ok((Meaning::Custom(short.into()), None));
    }
    read_short(token)
}

fn read_short(token: &str) -> Result<Read, ScopeError> {
    if let Some(meaning) = named(token) {
        return Ok((meaning, None));
    }
    if let Some(rest) = token.strip_prefix("launch/") {
        return launch(rest).map(|scope| (Meaning::Launch(scope), None));
    }
    for context in Context::ALL {
        let rest = token.strip_prefix(context.word()).and_then(|rest| rest.strip_prefix('/'));
        if let Some(rest) = rest {
            let spelled_otherwise = |error| dialect::meant(token).map_or(error, ScopeError::Dialect);
            return inside_context(*context, rest).map_err(spelled_otherwise);
        }
    }
    misspelled_context(token)?;
    if let Some(meant) = dialect::meant(token) {
        return Err(ScopeError::Dialect(meant));
    }
    Ok((Meaning::Custom(token.into()), None))
}

/// The scopes that are one word.
fn named(token: &str) -> Option<Meaning> {
    if token == "launch" {
        return Some(Meaning::Launch(LaunchScope { target: None, role: None }));
    }
    if let Ok(identity) = token.parse::<IdentityScope>() {
        return Some(Meaning::Identity(identity));
    }
    token.parse::<RefreshScope>().ok().map(Meaning::Refresh)
}

/// A token with the shape of a resource scope under a context that is none.
fn misspelled_context(token: &str) -> Result<(), ScopeError> {
    let Some((head, rest)) = token.split_once('/') else { return Ok(()) };
    for context in Context::ALL {
        if head.eq_ignore_ascii_case(context.word()) {
            return Err(ScopeError::ContextCase(context.word()));
        }
    }
    if head.eq_ignore_ascii_case("launch") {
        return Err(ScopeError::ContextCase("launch"));
    }
    let shaped = rest.starts_with(|each: char| each.is_ascii_uppercase() || each == '*') && rest.contains('.');
    match head {
        "*" if shaped => Err(ScopeError::AnyContext),
        _ if shaped && !head.is_empty() && head.bytes().all(|each| each.is_ascii_alphabetic()) => {
            Err(ScopeError::Context(head.to_owned()))
        }
        _ => Ok(()),
    }
}

/// What stands behind `patient/`, `user/` or `system/`.
fn inside_context(context: Context, rest: &str) -> Result<Read, ScopeError> {
    if rest.is_empty() {
        return Err(ScopeError::TypeMissing(context.word()));
    }
    // The Bulk Data guide's one scope without a dot.
    if context == Context::System && rest == "bulk-submit" {
        return Ok((Meaning::Operation(OperationScope { context, resource: None, name: rest.into() }), None));
    }
    let (place, suffix) = match rest.split_once('?') {
        Some((place, suffix)) => (place, Some(suffix)),
        None => (rest, None),
    };
    if let Some(error) = misspelled_operation(context, place, suffix.is_some()) {
        return Err(error);
    }
    let Some((resource, permission)) = place.split_once('.') else {
        resource_type(place)?;
        return Err(ScopeError::LettersMissing(format!("{}/{place}", context.word())));
    };
    let resource = resource_type(resource)?;
    if permission.strip_prefix('$').is_some_and(|name| operation_name(name).len() == name.len() && !name.is_empty()) {
        let scope = OperationScope { context, resource: Some(resource), name: permission.into() };
        return Ok((Meaning::Operation(scope), None));
    }
    let (letters, version1) = permissions(permission, || format!("{}/{resource}", context.word()))?;
    let constraint = suffix.map(Constraint::parse).transpose()?.unwrap_or_default();
    Ok((Meaning::Resource(ResourceScope { context, resource, letters, constraint }), version1))
}

/// The name of an operation at the beginning of a text, without its dollar sign.
fn operation_name(text: &str) -> &str {
    if !text.starts_with(|each: char| each.is_ascii_alphabetic()) {
        return "";
    }
    text.split(|each: char| !each.is_ascii_alphanumeric() && each != '-').next().unwrap_or_default()
}

/// An operation in a place or a form in which no server writes it, as `system/$export`, which is its address.
fn misspelled_operation(context: Context, place: &str, parameters: bool) -> Option<ScopeError> {
    let (resource, called) = place.split_once('$')?;
    let (name, dotted) = (operation_name(called), resource.strip_suffix('.'));
    let resource = dotted.or_else(|| resource.strip_suffix('/')).unwrap_or(resource);
    if name.is_empty() || (dotted.is_some() && name.len() == called.len() && !parameters) {
        return None;
    }
    let resource = if resource.is_empty() { ResourceType::Every } else { resource_type(resource).ok()? };
    let spelled = format!("{}/{resource}.${name}", context.word());
    Some(match name {
        "export" => ScopeError::Export(spelled),
        "bulk-submit" if context == Context::System => ScopeError::Operation("system/bulk-submit".to_owned()),
        _ => ScopeError::Operation(spelled),
    })
}

fn resource_type(text: &str) -> Result<ResourceType, ScopeError> {
    if text == "*" {
        return Ok(ResourceType::Every);
    }
    if text.bytes().all(|each| each.is_ascii_alphabetic()) {
        match text.chars().next() {
            Some(first) if first.is_ascii_uppercase() => return Ok(ResourceType::Named(text.into())),
            Some(first) => {
                let rest = text.get(1..).unwrap_or_default();
                return Err(ScopeError::TypeCase(format!("{}{rest}", first.to_ascii_uppercase())));
            }
            None => {}
        }
    }
    Err(ScopeError::Type(text.to_owned()))
}

fn permissions(text: &str, place: impl Fn() -> String) -> Result<(Letters, Option<Version1>), ScopeError> {
    if text.is_empty() {
        return Err(ScopeError::LettersMissing(place()));
    }
    if let Ok(word) = text.parse::<Version1>() {
        let letters = match word {
            Version1::Read => Letters::LOOK_UP,
            Version1::Write => Letters::WRITE,
            Version1::All => Letters::ALL,
        };
        return Ok((letters, Some(word)));
    }
    let lower = text.to_ascii_lowercase();
    if lower.parse::<Version1>().is_ok() {
        return Err(ScopeError::WordCase(lower));
    }
    let mut letters = Letters::NONE;
    let (mut ordered, mut twice) = (true, false);
    for byte in lower.bytes() {
        let Some(letter) = Letters::of(byte) else { return Err(ScopeError::Letter(text.to_owned())) };
        twice |= letters.holds(letter);
        ordered &= letters.bits() < letter.bits();
        letters |= letter;
    }
    if lower != text {
        return Err(ScopeError::WordCase(letters.to_string()));
    }
    if twice {
        return Err(ScopeError::LetterTwice(letters));
    }
    if !ordered {
        return Err(ScopeError::LetterOrder(letters));
    }
    Ok((letters, None))
}

fn launch(rest: &str) -> Result<LaunchScope, ScopeError> {
    let (target, suffix) = match rest.split_once('?') {
        Some((target, suffix)) => (target, Some(suffix)),
        None => (rest, None),
    };
    if target.is_empty() || !target.bytes().all(|each| each.is_ascii_lowercase()) {
        return Err(ScopeError::LaunchTarget(target.to_owned()));
    }
    let role = match suffix.map(|text| text.strip_prefix("role=").map(percent::decode)) {
        None => None,
        Some(Some(Ok(role))) if !role.is_empty() && !suffix.is_some_and(|text| text.contains('&')) => Some(role.into()),
        Some(Some(Err(error))) => return Err(error),
        Some(_) => return Err(ScopeError::LaunchRole(target.to_owned())),
    };
    Ok(LaunchScope { target: Some(target.into()), role })
}
