//! Single sign-on: what a provider says of somebody, and which role its groups give.

use super::ids::Moment;
use super::people::Role;
use crate::words;

words! {
    /// Why somebody was not let in by single sign-on. The label is what the audit log says.
    Fault {
        Unreachable = "unreachable", "The provider cannot be reached";
        Description = "description", "The provider's description of itself cannot be used";
        /// No sign-in was begun in this browser with that state, or it was used, or it is too old.
        Foreign = "foreign", "The return belongs to no sign-in that was begun in this browser";
        /// The `iss` parameter of the return (RFC 9207).
        ForeignIssuer = "foreign_issuer", "The return comes from another provider";
        Denied = "denied", "The provider did not let the person in";
        AtProvider = "at_provider", "The provider answered with an error";
        Code = "code", "The provider did not take the code";
        NoToken = "no_token", "The provider gave no ID token that can be read";
        TokenKind = "token_kind", "The token is no ID token";
        Algorithm = "algorithm", "The token is not signed in a way the provider announces";
        UnknownKey = "unknown_key", "The token is signed with a key the provider does not list";
        Signature = "signature", "The signature of the token is wrong";
        Issuer = "issuer", "The token was issued by somebody else";
        Audience = "audience", "The token is meant for somebody else";
        Party = "party", "The token was given to another party";
        Expired = "expired", "The token has expired";
        IssuedAt = "issued_at", "The token was not issued just now";
        Nonce = "nonce", "The token does not answer this sign-in";
        AccessToken = "access_token", "The token does not belong to its access token";
        Subject = "subject", "The token names nobody";
        UserInfo = "user_info", "What the provider says of the person cannot be read";
        Groups = "groups", "The groups of the person cannot be read";
        NotFresh = "not_fresh", "The person was not asked again who they are";
        NoRole = "no_role", "No group of the person has a role";
        NoAddress = "no_address", "The provider gives no e-mail address that can be used";
        Unverified = "unverified", "The provider has not verified the e-mail address";
        OtherSubject = "other_subject", "The e-mail address belongs to somebody who signs in as another subject";
        Disabled = "disabled", "The account is disabled";
        Left = "left", "The person has left";
        SomebodyElse = "somebody_else", "The provider named somebody else";
        LastAdministrator = "last_administrator", "The groups would take the role of the last administrator";
    }
}

/// The roles from the strongest to the weakest: of several that groups give, the first of these counts.
pub const STRONGEST_FIRST: [Role; 4] = [Role::Administrator, Role::SecurityAnalyst, Role::Auditor, Role::Owner];

/// The longest subject that OpenID Connect Core 1.0 section 2 allows.
const LONGEST_SUBJECT: usize = 255;

/// Which groups of the provider give which role. A group that is not in it gives nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupRoles(Vec<(String, Role)>);

impl GroupRoles {
    /// Reads `group=role` pairs, apart by `;` or on lines of their own. The role stands after the last
    /// `=`, so that a group may be a distinguished name, with its commas and equals signs.
    ///
    /// # Errors
    /// A sentence that says what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pairs: Vec<(String, Role)> = Vec::new();
        for part in text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
            let (group, word) = part
                .rsplit_once('=')
                .map(|(group, word)| (group.trim(), word.trim()))
                .filter(|(group, _)| !group.is_empty())
                .ok_or_else(|| {
                    format!("{part} is not a group and its role; write it as Muster admins=administrator")
                })?;
            let role: Role = word.parse().map_err(|_| {
                let words: Vec<&str> = STRONGEST_FIRST.iter().map(|role| role.word()).collect();
                format!("{word} is not a role; the roles are {}", words.join(", "))
            })?;
            if pairs.iter().any(|(known, _)| known == group) {
                return Err(format!("the group {group} is named twice; give each group one role"));
            }
            pairs.push((group.to_owned(), role));
        }
        if pairs.is_empty() {
            return Err("no group has a role, so nobody could sign in; write Muster admins=administrator".to_owned());
        }
        Ok(Self(pairs))
    }

    /// The strongest role that one of these groups gives. Groups are compared letter by letter.
    pub fn strongest(&self, groups: &[String]) -> Option<Role> {
        let given = |role: &Role| self.0.iter().any(|(group, gives)| gives == role && groups.contains(group));
        STRONGEST_FIRST.into_iter().find(given)
    }
}

/// What a provider says of somebody, once its signature and its addressee have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asserted {
    pub issuer: String,
    pub subject: String,
    pub name: Option<String>,
    pub email: Option<String>,
    /// Whether the provider itself has made sure that the address is theirs.
    pub email_verified: bool,
    pub groups: Vec<String>,
    /// When they last proved who they are, where the provider says so.
    pub authenticated_at: Option<Moment>,
}

impl Asserted {
    /// Who this is, in one text: the subject is unique within its issuer only (OpenID Connect Core 1.0
    /// section 5.7). An issuer has no `#`, so that no two pairs make the same text.
    pub fn key(&self) -> String {
        subject_key(&self.issuer, &self.subject)
    }
}

/// The text that stands for a subject of an issuer.
pub fn subject_key(issuer: &str, subject: &str) -> String {
    format!("{issuer}#{subject}")
}

/// Whether a subject can be one: 1 to 255 printable ASCII characters (OpenID Connect Core 1.0 section 2).
pub fn is_subject(text: &str) -> bool {
    (1..=LONGEST_SUBJECT).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn of_several_roles_the_strongest_counts_and_a_strange_group_gives_nothing() {
        let roles =
            GroupRoles::parse("readers=auditor; desk=security_analyst; leads=administrator\nwards=owner").unwrap();
        assert_eq!(roles.strongest(&groups(&["wards", "desk", "readers"])), Some(Role::SecurityAnalyst));
        assert_eq!(roles.strongest(&groups(&["wards", "readers"])), Some(Role::Auditor));
        assert_eq!(roles.strongest(&groups(&["leads", "desk"])), Some(Role::Administrator));
        assert_eq!(roles.strongest(&groups(&["everyone", "Leads", "administrator"])), None);
        assert_eq!(roles.strongest(&[]), None);
    }

    #[test]
    fn every_role_has_its_place_in_the_order() {
        assert!(Role::ALL.iter().all(|role| STRONGEST_FIRST.contains(role)));
    }

    #[test]
    fn a_group_may_be_a_distinguished_name() {
        let roles = GroupRoles::parse("CN=Muster Admins,OU=Groups,DC=hospital,DC=example = administrator").unwrap();
        let name = "CN=Muster Admins,OU=Groups,DC=hospital,DC=example";
        assert_eq!(roles.strongest(&groups(&[name])), Some(Role::Administrator));
    }

    #[test]
    fn what_cannot_be_read_says_what_to_write() {
        for (wrong, what_to_do) in [
            ("", "write Muster admins=administrator"),
            ("admins", "write it as Muster admins=administrator"),
            ("=administrator", "write it as Muster admins=administrator"),
            ("admins=boss", "the roles are administrator, security_analyst, auditor, owner"),
            ("admins=administrator;admins=owner", "give each group one role"),
        ] {
            let said = GroupRoles::parse(wrong).unwrap_err();
            assert!(said.contains(what_to_do), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_subject_is_short_and_printable() {
        assert!(is_subject("auth0|5f7c8ec7c33c6c004bbafe82"));
        for wrong in ["", "a\nb", "\u{e9}l\u{e8}ve", &"a".repeat(256)] {
            assert!(!is_subject(wrong), "{wrong:?}");
        }
    }
}
