//! What one token of a `scope` string means.

use std::fmt;

use super::constraint::Constraint;
use super::letters::Letters;
use crate::words;

words! {
    /// Whose access a resource scope borrows. No context covers another.
    Context {
        /// The one patient in context.
        Patient = "patient", "one patient";
        /// What the person who signed in may see.
        User = "user", "the signed-in user";
        /// The client's own access, with nobody signed in.
        System = "system", "the client itself";
    }
}

words! {
    /// The version of the grammar a scope was written in.
    Version1 {
        Read = "read", "read";
        Write = "write", "write";
        All = "*", "everything";
    }
}

words! {
    /// Scopes that tell who signed in (OpenID Connect; `fhirUser` by SMART; `profile` is the older name).
    IdentityScope {
        OpenId = "openid", "openid";
        FhirUser = "fhirUser", "fhirUser";
        Profile = "profile", "profile";
    }
}

words! {
    /// Scopes that ask for a refresh token. Neither covers the other.
    RefreshScope {
        /// The token outlives the session.
        Offline = "offline_access", "offline access";
        /// The token lives while the person stays signed in.
        Online = "online_access", "online access";
    }
}

/// The type a resource scope names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceType {
    /// `*`: every type, those of later releases included.
    Every,
    /// One type by its shape; whether a release knows it is another question ([`super::release`]).
    Named(Box<str>),
}

/// `context/type.letters?parameters`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceScope {
    pub context: Context,
    pub resource: ResourceType,
    /// Never empty.
    pub letters: Letters,
    pub constraint: Constraint,
}

/// `launch`, or `launch/<type>` with at most one role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaunchScope {
    /// The context asked for, in lower case; absent for an EHR launch.
    pub target: Option<Box<str>>,
    /// The role the context plays, a URI.
    pub role: Option<Box<str>>,
}

/// A named operation outside the guide, as servers spell it: `system/bulk-submit`, `system/Group.$export`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationScope {
    pub context: Context,
    /// The type it stands on; absent in `system/bulk-submit`.
    pub resource: Option<ResourceType>,
    /// `$export`, or `bulk-submit`, which has no dollar sign.
    pub name: Box<str>,
}

/// What a token means. Two tokens with the same meaning are the same scope, however they are spelled.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meaning {
    Resource(ResourceScope),
    Launch(LaunchScope),
    Identity(IdentityScope),
    Refresh(RefreshScope),
    Operation(OperationScope),
    /// Anything else, verbatim: extension scopes (a full URI, or beginning `__`) and the scopes of
    /// products (`roles`). Never covered by a wildcard; unlimited until somebody explains it.
    Custom(Box<str>),
}

/// A valid token with what it means.
#[derive(Debug, Clone)]
pub struct Scope {
    pub(super) written: Box<str>,
    pub(super) version1: Option<Version1>,
    pub(super) meaning: Meaning,
}

impl Scope {
    /// The token as it was given.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The word of SMART v1 it was written with, if it was.
    pub fn version1(&self) -> Option<Version1> {
        self.version1
    }

    /// What it means.
    pub fn meaning(&self) -> &Meaning {
        &self.meaning
    }
}

impl Meaning {
    /// The kind's name in JSON and on pages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Resource(_) => "resource",
            Self::Launch(_) => "launch",
            Self::Identity(_) => "identity",
            Self::Refresh(_) => "refresh",
            Self::Operation(_) => "operation",
            Self::Custom(_) => "custom",
        }
    }
}

impl From<Meaning> for Scope {
    fn from(meaning: Meaning) -> Self {
        Self { written: meaning.to_string().into_boxed_str(), version1: None, meaning }
    }
}

impl ResourceType {
    /// Whether it takes in `other`. No enumeration takes in `*`.
    pub fn takes_in(&self, other: &Self) -> bool {
        *self == Self::Every || self == other
    }
}

impl ResourceScope {
    /// The same place with other letters.
    pub fn with_letters(&self, letters: Letters) -> Self {
        Self { letters, ..self.clone() }
    }

    /// The same place and letters under another constraint.
    pub fn under(&self, constraint: Constraint) -> Self {
        Self { constraint, ..self.clone() }
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => out.write_str("*"),
            Self::Named(name) => out.write_str(name),
        }
    }
}

impl fmt::Display for ResourceScope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}.{}", self.context.word(), self.resource, self.letters)?;
        if self.constraint.is_empty() { Ok(()) } else { write!(out, "?{}", self.constraint) }
    }
}

impl fmt::Display for LaunchScope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("launch")?;
        if let Some(target) = &self.target {
            write!(out, "/{target}")?;
        }
        let Some(role) = &self.role else { return Ok(()) };
        let mut text = String::new();
        super::percent::encode(role, &mut text);
        write!(out, "?role={text}")
    }
}

impl fmt::Display for OperationScope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.resource {
            Some(resource) => write!(out, "{}/{resource}.{}", self.context.word(), self.name),
            None => write!(out, "{}/{}", self.context.word(), self.name),
        }
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(scope) => scope.fmt(out),
            Self::Launch(scope) => scope.fmt(out),
            Self::Identity(scope) => out.write_str(scope.word()),
            Self::Refresh(scope) => out.write_str(scope.word()),
            Self::Operation(scope) => scope.fmt(out),
            Self::Custom(token) => out.write_str(token),
        }
    }
}

/// The canonical spelling: short form, v2 letters, sorted parameters.
impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.meaning.fmt(out)
    }
}
