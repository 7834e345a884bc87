//! A provider of single sign-on by OpenID Connect Core 1.0: the authorization code flow with PKCE
//! (RFC 7636, S256), `state`, `nonce` and the `iss` parameter (RFC 9207).
//!
//! The library checks what the specification says of a token; here stands what it leaves to its
//! caller: which signatures count, the authorized party, the time of issue and of authentication,
//! and that the access token belongs to the ID token.

pub mod description;
pub mod http;
pub mod token;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthType, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdTokenFields, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse,
};
use url::Url;

use self::description::Description;
use self::http::{Http, HttpError};
use self::token::Claims;
use crate::domain::ids::Moment;
use crate::domain::provider_address::is_loopback;
use crate::domain::single_sign_on::{Asserted, Fault};

/// A description is fetched again after this many seconds.
const DESCRIPTION_SECONDS: i64 = 3600;

/// Random bytes of `state`, `nonce` and verifier: 256 bits each.
const RANDOM_BYTES: u32 = 32;

pub(crate) type TokenAnswer = StandardTokenResponse<
    IdTokenFields<
        Claims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

pub(crate) type Party = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why a provider's word does not count. The detail is for the log of whoever runs Muster: it may
/// repeat what the provider sent, and is never shown on a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}: {detail}")]
pub struct Refusal {
    pub fault: Fault,
    pub detail: String,
}

/// What Muster is to its provider.
#[derive(Clone)]
pub struct RelyingParty {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// Where the provider sends people back to, exactly.
    pub redirect_uri: String,
    pub groups_claim: String,
    pub root_certificate: Option<PathBuf>,
    pub longest_wait: Duration,
}

/// A sign-in that begins: where the browser goes, and what its return is held against.
#[derive(Clone)]
pub struct Departure {
    pub address: String,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// A browser that comes back.
#[derive(Clone)]
pub struct Arrival {
    pub code: String,
    /// The `iss` parameter of the return.
    pub issuer: Option<String>,
    pub nonce: String,
    pub verifier: String,
    /// Whether the person had to prove again who they are.
    pub fresh: bool,
}

/// A provider. Its description and keys are kept for an hour.
pub struct Provider {
    party: RelyingParty,
    http: Http,
    known: Mutex<Option<(Moment, Arc<Description>)>>,
}

impl Provider {
    /// A provider that is asked for nothing yet.
    ///
    /// # Errors
    /// One line that says what is wrong with the root certificate.
    pub fn new(party: RelyingParty) -> Result<Self, String> {
        let local = Url::parse(&party.issuer).is_ok_and(|url| is_loopback(&url));
        let http = Http::new(party.root_certificate.as_deref(), local, party.longest_wait)?;
        Ok(Self { party, http, known: Mutex::new(None) })
    }

    /// Begins a sign-in; a `fresh` one asks the person again who they are, whatever the provider remembers.
    pub async fn begin(&self, fresh: bool, now: Moment) -> Result<Departure, Refusal> {
        let description = self.description(now).await?;
        let party = self.party(&description)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256_len(RANDOM_BYTES);
        let mut request = party
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(RANDOM_BYTES),
                || Nonce::new_random_len(RANDOM_BYTES),
            )
            .add_scopes(description.scopes(&self.party.groups_claim).into_iter().map(Scope::new))
            .set_pkce_challenge(challenge);
        if fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (address, state, nonce) = request.url();
        Ok(Departure {
            address: address.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Checks the provider that a return names (RFC 9207 section 2.4), before anything of it is used.
    pub async fn check_issuer(&self, named: Option<&str>, now: Moment) -> Result<(), Refusal> {
        let announced = || async {
            let description = self.description(now).await?;
            Ok(description.metadata.additional_metadata().authorization_response_iss_parameter_supported)
        };
        let detail = match named {
            Some(issuer) if issuer == self.party.issuer => return Ok(()),
            Some(_) => "its iss parameter is not the issuer",
            None if announced().await? => "it has no iss parameter, which the provider announces",
            None => return Ok(()),
        };
        Err(Refusal { fault: Fault::ForeignIssuer, detail: detail.to_owned() })
    }

    /// Exchanges the code and says who came back.
    pub async fn finish(&self, arrival: &Arrival, now: Moment) -> Result<Asserted, Refusal> {
        self.check_issuer(arrival.issuer.as_deref(), now).await?;
        let mut description = self.description(now).await?;
        let answer = self.exchange(&description, arrival).await?;
        let mut checked = token::check(&self.party(&description)?, &description, &answer, arrival, now);
        if checked.as_ref().is_err_and(|refusal| refusal.fault == Fault::UnknownKey) {
            // The provider may have changed its keys since they were fetched: once, and no more.
            description = Arc::new(description.with_new_keys(&self.http).await?);
            self.remember(now, &description);
            checked = token::check(&self.party(&description)?, &description, &answer, arrival, now);
        }
        let said = checked?;
        token::complete(&self.party(&description)?, said, &answer, &self.party.groups_claim, &self.http).await
    }

    /// Where people sign out of the provider too (OpenID Connect RP-Initiated Logout 1.0), when it says so.
    pub async fn end_session_address(&self, now: Moment) -> Option<String> {
        let description = self.description(now).await.ok()?;
        let mut address =
            Url::parse(description.metadata.additional_metadata().end_session_endpoint.as_deref()?).ok()?;
        address.query_pairs_mut().append_pair("client_id", &self.party.client_id);
        Some(address.into())
    }

    async fn exchange(&self, description: &Description, arrival: &Arrival) -> Result<TokenAnswer, Refusal> {
        let party = self.party(description)?;
        let send = |request| self.http.send(request);
        party
            .exchange_code(AuthorizationCode::new(arrival.code.clone()))
            .map_err(|error| Refusal { fault: Fault::Description, detail: error.to_string() })?
            .set_pkce_verifier(PkceCodeVerifier::new(arrival.verifier.clone()))
            .request_async(&send)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(said) => {
                    Refusal { fault: Fault::Code, detail: said.error().as_ref().to_owned() }
                }
                RequestTokenError::Request(cause @ HttpError::TooLong) => {
                    Refusal { fault: Fault::NoToken, detail: cause.to_string() }
                }
                RequestTokenError::Request(cause) => Refusal { fault: Fault::Unreachable, detail: cause.to_string() },
                // What could not be read may hold a token: it is not repeated.
                RequestTokenError::Parse(error, _) => {
                    Refusal { fault: Fault::NoToken, detail: format!("its answer is wrong at {}", error.path()) }
                }
                RequestTokenError::Other(_) => {
                    Refusal { fault: Fault::NoToken, detail: "its answer is no token".to_owned() }
                }
            })
    }

    fn party(&self, description: &Description) -> Result<Party, Refusal> {
        let back = RedirectUrl::new(self.party.redirect_uri.clone())
            .map_err(|error| Refusal { fault: Fault::Description, detail: error.to_string() })?;
        let party = Client::from_provider_metadata(
            description.metadata.clone(),
            ClientId::new(self.party.client_id.clone()),
            Some(ClientSecret::new(self.party.client_secret.clone())),
        )
        .set_redirect_uri(back);
        Ok(if description.secret_in_form() { party.set_auth_type(AuthType::RequestBody) } else { party })
    }

    async fn description(&self, now: Moment) -> Result<Arc<Description>, Refusal> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((since, description)) if now < since.plus_seconds(DESCRIPTION_SECONDS) => Ok(description),
            _ => {
                let description = Arc::new(Description::fetch(&self.party.issuer, &self.http).await?);
                self.remember(now, &description);
                Ok(description)
            }
        }
    }

    fn remember(&self, now: Moment, description: &Arc<Description>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, description.clone()));
    }
}
