//! Grant types in one order, and what scopes tell about how an app starts.

/// Every grant type a reader may name, in the order in which they are listed.
pub const GRANT_TYPES: &[&str] = &[
    "authorization_code",
    "client_credentials",
    "refresh_token",
    "implicit",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];

/// Puts grant types into the order of the list, without repeats; unknown ones follow in their order.
pub fn in_order(given: &[String]) -> Vec<String> {
    let known =
        GRANT_TYPES.iter().filter(|grant| given.iter().any(|word| word == **grant)).map(|grant| (*grant).to_owned());
    let mut ordered: Vec<String> = known.collect();
    for grant in given {
        if !ordered.contains(grant) {
            ordered.push(grant.clone());
        }
    }
    ordered
}

/// SMART launch types (SMART App Launch 2.2) as far as scopes and grants tell: `launch` is asked for in an
/// EHR launch, `launch/patient` and `launch/encounter` in a standalone one; a client with client
/// credentials alone is a back end.
pub fn launch_types<'a>(scopes: impl Iterator<Item = &'a str> + Clone, grants: &[String]) -> Vec<String> {
    let mut types = Vec::new();
    if scopes.clone().any(|scope| scope == "launch") {
        types.push("launch-ehr".to_owned());
    }
    if scopes.clone().any(|scope| scope.starts_with("launch/")) {
        types.push("launch-standalone".to_owned());
    }
    if only_client_credentials(grants) && types.is_empty() && scopes.clone().any(|scope| scope.starts_with("system/")) {
        types.push("backend".to_owned());
    }
    types
}

/// Whether the client only ever signs in as itself.
pub fn only_client_credentials(grants: &[String]) -> bool {
    grants.iter().any(|grant| grant == "client_credentials")
        && grants.iter().all(|grant| grant == "client_credentials" || grant == "refresh_token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grant_types_have_one_order_and_no_repeats() {
        let given = ["refresh_token", "x", "authorization_code", "refresh_token"].map(str::to_owned);
        assert_eq!(in_order(&given), ["authorization_code", "refresh_token", "x"]);
    }

    #[test]
    fn launch_types_follow_from_scopes() {
        let code = ["authorization_code".to_owned()];
        assert_eq!(launch_types(["launch", "launch/patient"].into_iter(), &code), ["launch-ehr", "launch-standalone"]);
        assert_eq!(launch_types(["system/*.rs"].into_iter(), &["client_credentials".to_owned()]), ["backend"]);
        assert!(launch_types(["openid"].into_iter(), &code).is_empty());
    }
}
