//! What the environment says of the provider of single sign-on.

use std::fs;

use super::Failure;
use crate::config::SingleSignOn;
use crate::config::single_sign_on::LONGEST_WAIT;
use crate::domain::provider_address::parse_issuer;
use crate::domain::single_sign_on::GroupRoles;

/// Every variable that is only read when there is a provider.
const OTHERS: [&str; 8] = [
    "MUSTER_OIDC_CLIENT_ID",
    "MUSTER_OIDC_CLIENT_SECRET",
    "MUSTER_OIDC_CLIENT_SECRET_FILE",
    "MUSTER_OIDC_NAME",
    "MUSTER_OIDC_GROUPS",
    "MUSTER_OIDC_ROLES",
    "MUSTER_OIDC_ROOT_CERTIFICATE",
    "MUSTER_OIDC_ONLY",
];

/// The provider, when MUSTER_OIDC_ISSUER names one. `variable` answers what is set and not empty.
pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<SingleSignOn>, Failure> {
    let Some(issuer) = variable("MUSTER_OIDC_ISSUER") else {
        return match OTHERS.iter().find(|name| variable(name).is_some()) {
            None => Ok(None),
            Some(name) => Err(Failure(format!(
                "{name} is set and MUSTER_OIDC_ISSUER is not; set it to the provider's issuer, such as \
                 https://login.hospital.example/realms/staff, or unset {name}"
            ))),
        };
    };
    let named = |name: &str, what: &str| {
        variable(name)
            .map(|text| text.trim().to_owned())
            .ok_or_else(|| Failure(format!("MUSTER_OIDC_ISSUER is set and {name} is not; set it to {what}")))
    };
    let issuer = parse_issuer(issuer.trim()).map_err(|error| Failure(format!("MUSTER_OIDC_ISSUER: {error}")))?;
    let roles = named("MUSTER_OIDC_ROLES", "the groups and their roles, such as Muster admins=administrator")?;
    Ok(Some(SingleSignOn {
        issuer,
        client_id: named("MUSTER_OIDC_CLIENT_ID", "the name under which the provider knows Muster")?,
        client_secret: secret(&variable)?,
        name: variable("MUSTER_OIDC_NAME").map_or_else(|| "single sign-on".to_owned(), |name| name.trim().to_owned()),
        groups_claim: variable("MUSTER_OIDC_GROUPS").map_or_else(|| "groups".to_owned(), |name| name.trim().to_owned()),
        roles: GroupRoles::parse(&roles).map_err(|error| Failure(format!("MUSTER_OIDC_ROLES: {error}")))?,
        root_certificate: variable("MUSTER_OIDC_ROOT_CERTIFICATE").map(Into::into),
        only: match variable("MUSTER_OIDC_ONLY").as_deref() {
            None | Some("no") => false,
            Some("yes") => true,
            Some(other) => return Err(Failure(format!("MUSTER_OIDC_ONLY is {other}; write yes or no"))),
        },
        longest_wait: LONGEST_WAIT,
    }))
}

/// The client secret, from the environment or from a file that a secret manager writes. No error repeats it.
fn secret(variable: &impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
    match (variable("MUSTER_OIDC_CLIENT_SECRET"), variable("MUSTER_OIDC_CLIENT_SECRET_FILE")) {
        (Some(_), Some(_)) => Err(Failure(
            "MUSTER_OIDC_CLIENT_SECRET and MUSTER_OIDC_CLIENT_SECRET_FILE are both set; keep one of them".to_owned(),
        )),
        (Some(secret), None) => Ok(secret),
        (None, Some(path)) => {
            let text = fs::read_to_string(&path)
                .map_err(|error| Failure(format!("MUSTER_OIDC_CLIENT_SECRET_FILE {path} cannot be read: {error}")))?;
            let secret = text.trim_end_matches(['\r', '\n']);
            if secret.is_empty() {
                return Err(Failure(format!(
                    "MUSTER_OIDC_CLIENT_SECRET_FILE {path} is empty; write the client secret into it"
                )));
            }
            Ok(secret.to_owned())
        }
        (None, None) => Err(Failure(
            "MUSTER_OIDC_ISSUER is set and no client secret is; set MUSTER_OIDC_CLIENT_SECRET, or \
             MUSTER_OIDC_CLIENT_SECRET_FILE to the file that holds it"
                .to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::Role;

    const RIGHT: [(&str, &str); 4] = [
        ("MUSTER_OIDC_ISSUER", "https://login.hospital.example"),
        ("MUSTER_OIDC_CLIENT_ID", "muster"),
        ("MUSTER_OIDC_CLIENT_SECRET", "canary-4417"),
        ("MUSTER_OIDC_ROLES", "admins=administrator"),
    ];

    fn read_with(changes: &[(&str, &str)]) -> Result<Option<SingleSignOn>, Failure> {
        let set: Vec<(&str, &str)> = changes
            .iter()
            .copied()
            .chain(RIGHT.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name)))
            .collect();
        read(|name| {
            set.iter().find(|(set, value)| *set == name && !value.is_empty()).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_variables_there_is_no_single_sign_on() {
        assert_eq!(read(|_| None).unwrap(), None);
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let settings = read_with(&[]).unwrap().unwrap();
        assert_eq!((settings.name.as_str(), settings.groups_claim.as_str()), ("single sign-on", "groups"));
        assert!(!settings.only && settings.root_certificate.is_none());
        assert_eq!(settings.roles.strongest(&["admins".to_owned()]), Some(Role::Administrator));
        assert!(read_with(&[("MUSTER_OIDC_ONLY", "yes")]).unwrap().unwrap().only);
    }

    #[test]
    fn a_secret_may_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "from a file\n").unwrap();
        let path = path.to_str().unwrap();
        let from_file =
            read_with(&[("MUSTER_OIDC_CLIENT_SECRET", ""), ("MUSTER_OIDC_CLIENT_SECRET_FILE", path)]).unwrap().unwrap();
        assert_eq!(from_file.client_secret, "from a file");
        fs::write(path, "\n").unwrap();
        let empty = read_with(&[("MUSTER_OIDC_CLIENT_SECRET", ""), ("MUSTER_OIDC_CLIENT_SECRET_FILE", path)]);
        assert!(empty.unwrap_err().0.contains("is empty; write the client secret into it"));
    }

    #[test]
    fn every_mistake_says_what_to_write_and_none_repeats_the_secret() {
        for (changes, what_to_do) in [
            (vec![("MUSTER_OIDC_ISSUER", "")], "set it to the provider's issuer"),
            (
                vec![("MUSTER_OIDC_ISSUER", "http://login.hospital.example")],
                "https://login.hospital.example/realms/staff",
            ),
            (vec![("MUSTER_OIDC_CLIENT_ID", "")], "MUSTER_OIDC_CLIENT_ID is not; set it to"),
            (vec![("MUSTER_OIDC_CLIENT_SECRET", "")], "set MUSTER_OIDC_CLIENT_SECRET, or"),
            (vec![("MUSTER_OIDC_CLIENT_SECRET_FILE", "/x")], "keep one of them"),
            (
                vec![("MUSTER_OIDC_CLIENT_SECRET", ""), ("MUSTER_OIDC_CLIENT_SECRET_FILE", "/no/such/file")],
                "/no/such/file cannot be read",
            ),
            (vec![("MUSTER_OIDC_ROLES", "")], "such as Muster admins=administrator"),
            (vec![("MUSTER_OIDC_ROLES", "admins=king")], "the roles are administrator"),
            (vec![("MUSTER_OIDC_ONLY", "true")], "write yes or no"),
        ] {
            let said = read_with(&changes).unwrap_err().0;
            assert!(said.contains(what_to_do), "{changes:?}: {said}");
            assert!(!said.contains("canary-4417"), "{said}");
        }
    }
}
