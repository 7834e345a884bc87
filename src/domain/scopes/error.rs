//! Why a token is not a scope, and what to write instead.

use super::letters::Letters;

/// Why a token is rejected. The text is for the person who wrote the scope: it says what to write.
///
/// A rejected token grants nothing and nothing covers it (see [`super::covers`]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScopeError {
    #[error("the token is empty; write a scope such as patient/Observation.rs")]
    Empty,
    #[error("a scope token is at most {limit} characters long, this one has {length}")]
    TooLong { length: usize, limit: usize },
    #[error(
        "the character {} is not allowed in a scope token (RFC 6749 section 3.3); leave it out, or percent-encode it in a parameter's value",
        name(*.0)
    )]
    Character(char),
    #[error(
        "white space separates scopes; one token has none. Write one scope at a time, or percent-encode it in a parameter's value"
    )]
    Space,
    #[error("the context is written in lower case: write {0}/")]
    ContextCase(&'static str),
    #[error("“{0}” is not a context; write patient/, user/ or system/")]
    Context(String),
    #[error(
        "“*/” stands for several contexts at once and is no scope; write patient/, user/ and system/ each by itself"
    )]
    AnyContext,
    #[error("nothing follows the context; write a type and letters, as in {0}/Observation.rs")]
    TypeMissing(&'static str),
    #[error("a FHIR type begins with a capital letter and has letters only, or is *; “{0}” is neither")]
    Type(String),
    #[error("a FHIR type is written with capitals: write {0}")]
    TypeCase(String),
    #[error("letters are missing; write what is allowed after a dot, as in {0}.rs")]
    LettersMissing(String),
    #[error("the letters stand in the order c, r, u, d, s: write .{0}")]
    LetterOrder(Letters),
    #[error("a letter stands twice: write .{0}")]
    LetterTwice(Letters),
    #[error("“.{0}” is not made of the letters c, r, u, d, s in this order, nor read, write or * of SMART v1")]
    Letter(String),
    #[error("read, write and * are written in lower case: write .{0}")]
    WordCase(String),
    #[error("no parameter follows the question mark; leave it out, or write one, as in ?category=laboratory")]
    ParametersMissing,
    #[error("a scope has at most {0} parameters; split it into several scopes")]
    TooManyParameters(usize),
    #[error("“{0}” is not name=value; write a search parameter with its value")]
    Parameter(String),
    #[error("“{0}” is not the name of a search parameter")]
    ParameterName(String),
    #[error("the parameter {0} has no value and limits nothing; give it a value or leave it out")]
    ParameterValue(String),
    #[error("an equals sign inside a value is written %3D")]
    EqualsSign,
    #[error("a percent sign inside a value is followed by two hexadecimal digits; the sign itself is written %25")]
    PercentSign,
    #[error("the percent-encoded bytes are not UTF-8")]
    EncodedBytes,
    #[error("the percent-encoded character {} is a control character", name(*.0))]
    EncodedControl(char),
    #[error("{0} shapes a search result and cannot limit a scope; leave it out")]
    ResultParameter(String),
    #[error("“{0}” is not a launch context; write it in lower case letters, as in launch/patient")]
    LaunchTarget(String),
    #[error("launch/{0} takes at most one parameter, role=, with a value")]
    LaunchRole(String),
    #[error(
        "the SMART guide has no scope for bulk export, which system/*.rs allows; a server that has one of its own writes it {0}"
    )]
    Export(String),
    #[error("the SMART guide has no scopes for operations; a server that has its own writes them as in {0}")]
    Operation(String),
    #[error("this is a spelling of other products; in SMART it is written {0}")]
    Dialect(String),
    #[error("the address of the SMART scopes is followed by “{0}”, which is no scope: {1}")]
    Long(String, Box<ScopeError>),
}

/// A character by its code point, and itself where it can be seen.
fn name(character: char) -> String {
    if character.is_ascii_graphic() {
        format!("{character} (U+{:04X})", u32::from(character))
    } else {
        format!("U+{:04X}", u32::from(character))
    }
}
