//! What a provider says of itself (OpenID Connect Discovery 1.0), and what of it is held against it.

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, IssuerUrl, JwsSigningAlgorithm, ProviderMetadata};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Refusal;
use super::http::Http;
use crate::domain::provider_address::{is_loopback, may_be_reached};
use crate::domain::single_sign_on::Fault;

/// What a description may say beyond OpenID Connect Discovery.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Announced {
    /// OpenID Connect RP-Initiated Logout 1.0.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// RFC 9207: every return names the provider it comes from.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// RFC 8414: which forms of PKCE (RFC 7636) it takes.
    #[serde(default)]
    pub code_challenge_methods_supported: Option<Vec<String>>,
}

impl AdditionalProviderMetadata for Announced {}

pub type Metadata = ProviderMetadata<
    Announced,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider's description that can be used.
#[derive(Debug, Clone)]
pub struct Description {
    pub metadata: Metadata,
    /// What its tokens may be signed with: what it announces, without `none` and without shared secrets,
    /// with which whoever holds the client secret, or a public key, could sign (RFC 8725 section 3.1).
    pub algorithms: Vec<CoreJwsSigningAlgorithm>,
}

impl Description {
    /// Fetches the description and the keys.
    pub async fn fetch(issuer: &str, http: &Http) -> Result<Self, Refusal> {
        let address = IssuerUrl::new(issuer.to_owned()).map_err(|error| unusable(error.to_string()))?;
        let send = |request| http.send(request);
        let metadata = Metadata::discover_async(address, &send).await.map_err(discovery)?;
        Self::check(metadata, issuer)
    }

    /// Fetches the keys again: one of them may be new.
    pub async fn with_new_keys(&self, http: &Http) -> Result<Self, Refusal> {
        let send = |request| http.send(request);
        let keys = CoreJsonWebKeySet::fetch_async(self.metadata.jwks_uri(), &send).await.map_err(discovery)?;
        Ok(Self { metadata: self.metadata.clone().set_jwks(keys), algorithms: self.algorithms.clone() })
    }

    fn check(metadata: Metadata, issuer: &str) -> Result<Self, Refusal> {
        let local = Url::parse(issuer).is_ok_and(|url| is_loopback(&url));
        let announced = metadata.additional_metadata();
        let end = match announced.end_session_endpoint.as_deref().map(Url::parse) {
            Some(Err(error)) => return Err(unusable(format!("its end_session_endpoint cannot be read: {error}"))),
            Some(Ok(url)) => Some(url),
            None => None,
        };
        let token = metadata.token_endpoint().ok_or_else(|| unusable("it has no token_endpoint".to_owned()))?;
        let addresses = [
            Some(metadata.authorization_endpoint().url()),
            Some(token.url()),
            Some(metadata.jwks_uri().url()),
            metadata.userinfo_endpoint().map(|address| address.url()),
            end.as_ref(),
        ];
        if let Some(bare) = addresses.into_iter().flatten().find(|address| !may_be_reached(address, local)) {
            return Err(unusable(format!("its address {bare} is not protected by TLS")));
        }
        if let Some(methods) = &announced.code_challenge_methods_supported
            && !methods.iter().any(|method| method == "S256")
        {
            return Err(unusable("it does not take PKCE with S256".to_owned()));
        }
        let algorithms: Vec<_> = metadata
            .id_token_signing_alg_values_supported()
            .iter()
            .filter(|algorithm| !algorithm.uses_shared_secret() && **algorithm != CoreJwsSigningAlgorithm::None)
            .cloned()
            .collect();
        if algorithms.is_empty() {
            return Err(unusable("it announces no signature that can be trusted".to_owned()));
        }
        Ok(Self { metadata, algorithms })
    }

    /// What is asked for: who somebody is, their address and name, and their groups where that is a
    /// scope of its own. An unknown scope would be an error at some providers.
    pub fn scopes(&self, groups_claim: &str) -> Vec<String> {
        let mut scopes = vec!["email".to_owned(), "profile".to_owned()];
        let offered = self.metadata.scopes_supported().into_iter().flatten();
        if offered.into_iter().any(|scope| scope.as_str() == groups_claim) {
            scopes.push(groups_claim.to_owned());
        }
        scopes
    }

    /// Whether the secret goes into the form, where the provider does not take it in the header.
    pub fn secret_in_form(&self) -> bool {
        self.metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        })
    }
}

fn unusable(detail: String) -> Refusal {
    Refusal { fault: Fault::Description, detail }
}

fn discovery(error: openidconnect::DiscoveryError<super::http::HttpError>) -> Refusal {
    use openidconnect::DiscoveryError::{Parse, Request};

    use super::http::HttpError::{Bare, TooLong};
    match error {
        Request(cause @ (Bare(_) | TooLong)) => unusable(cause.to_string()),
        Request(cause) => Refusal { fault: Fault::Unreachable, detail: cause.to_string() },
        Parse(cause) => unusable(format!("it cannot be read: {cause}")),
        other => unusable(other.to_string()),
    }
}
