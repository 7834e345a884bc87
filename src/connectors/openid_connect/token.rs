//! The checks of an ID token, and what it says of somebody.

use openidconnect::core::{CoreGenderClaim, CoreJsonWebKey};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, ClaimsVerificationError, IdTokenVerifier, Nonce, OAuth2TokenResponse,
    SignatureVerificationError, TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::description::Description;
use super::http::{Http, HttpError};
use super::{Arrival, Party, Refusal, TokenAnswer};
use crate::domain::access::CONFIRMED_SECONDS;
use crate::domain::ids::Moment;
use crate::domain::single_sign_on::{Asserted, Fault, is_subject};

/// How far the clocks of the provider and of Muster may be apart.
const CLOCKS_APART_SECONDS: i64 = 60;

/// A token answers a sign-in that may take ten minutes, and is made at its end.
const ISSUED_WITHIN_SECONDS: i64 = 10 * 60;

/// Where a provider says that somebody has too many groups for a token (Microsoft Entra's overage).
const ELSEWHERE: &str = "_claim_names";

/// Every claim that the specification does not name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Claims {
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl AdditionalClaims for Claims {}

/// What a checked token says.
#[derive(Debug, Clone)]
pub struct Said {
    asserted: Asserted,
    claims: Claims,
}

fn refuse(fault: Fault, detail: impl Into<String>) -> Refusal {
    Refusal { fault, detail: detail.into() }
}

/// Checks an ID token as OpenID Connect Core 1.0 section 3.1.3.7 says, and section 3.1.3.8 for the access token.
pub fn check(
    party: &Party,
    description: &Description,
    answer: &TokenAnswer,
    arrival: &Arrival,
    now: Moment,
) -> Result<Said, Refusal> {
    let token = answer.id_token().ok_or_else(|| refuse(Fault::NoToken, "its answer has no id_token"))?;
    let verifier: IdTokenVerifier<'_, CoreJsonWebKey> = party
        .id_token_verifier()
        .set_allowed_algs(description.algorithms.iter().cloned())
        .set_time_fn(move || now.utc());
    let claims = token.claims(&verifier, &Nonce::new(arrival.nonce.clone())).map_err(verification)?;

    if claims.authorized_party().is_some_and(|azp| azp != party.client_id()) {
        return Err(refuse(Fault::Party, "its azp is not the client"));
    }
    let issued = Moment::new(claims.issue_time());
    if issued > now.plus_seconds(CLOCKS_APART_SECONDS) || issued < now.plus_seconds(-ISSUED_WITHIN_SECONDS) {
        return Err(refuse(Fault::IssuedAt, format!("it was issued at {issued}, and now it is {now}")));
    }
    if let Some(expected) = claims.access_token_hash() {
        let same = token
            .signing_alg()
            .ok()
            .zip(token.signing_key(&verifier).ok())
            .and_then(|(algorithm, key)| AccessTokenHash::from_token(answer.access_token(), algorithm, key).ok())
            .is_some_and(|actual| actual == *expected);
        if !same {
            return Err(refuse(Fault::AccessToken, "its at_hash is not that of the access token"));
        }
    }
    let subject = claims.subject().as_str();
    if !is_subject(subject) {
        return Err(refuse(Fault::Subject, "its sub is empty, too long or not printable"));
    }
    let authenticated_at = claims.auth_time().map(Moment::new);
    if arrival.fresh {
        let recent = authenticated_at
            .is_some_and(|at| at <= now.plus_seconds(CLOCKS_APART_SECONDS) && now < at.plus_seconds(CONFIRMED_SECONDS));
        if !recent {
            return Err(refuse(Fault::NotFresh, "its auth_time is absent or not within five minutes"));
        }
    }
    Ok(Said {
        asserted: Asserted {
            issuer: claims.issuer().as_str().to_owned(),
            subject: subject.to_owned(),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
            email: claims.email().map(|email| email.as_str().to_owned()),
            email_verified: claims.email_verified() == Some(true),
            groups: Vec::new(),
            authenticated_at,
        },
        claims: claims.additional_claims().clone(),
    })
}

/// Adds what stands in the provider's answer about the person rather than in the token: many put
/// groups and address there only (OpenID Connect Core 1.0 section 5.4). It must be about the same subject.
pub async fn complete(
    party: &Party,
    said: Said,
    answer: &TokenAnswer,
    groups_claim: &str,
    http: &Http,
) -> Result<Asserted, Refusal> {
    let Said { mut asserted, claims } = said;
    let mut groups = groups_in(&claims, groups_claim)?;
    if (groups.is_none() || asserted.email.is_none()) && party.user_info_url().is_some() {
        let send = |request| http.send(request);
        let subject = openidconnect::SubjectIdentifier::new(asserted.subject.clone());
        let more: UserInfoClaims<Claims, CoreGenderClaim> = party
            .user_info(answer.access_token().clone(), Some(subject))
            .map_err(|error| refuse(Fault::Description, error.to_string()))?
            .request_async(&send)
            .await
            .map_err(user_info)?;
        if groups.is_none() {
            groups = groups_in(more.additional_claims(), groups_claim)?;
        }
        if asserted.email.is_none() {
            asserted.email = more.email().map(|email| email.as_str().to_owned());
            asserted.email_verified = more.email_verified() == Some(true);
        }
        if asserted.name.is_none() {
            asserted.name = more.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
        }
    }
    asserted.groups = groups.unwrap_or_default();
    Ok(asserted)
}

/// The groups of a claim: a list of texts, or one text. Nothing is skipped: what is neither is refused.
fn groups_in(claims: &Claims, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let unreadable = || refuse(Fault::Groups, format!("the claim {name} is neither a text nor a list of texts"));
    match claims.other.get(name) {
        None if claims.other.get(ELSEWHERE).is_some_and(|elsewhere| elsewhere.get(name).is_some()) => Err(refuse(
            Fault::Groups,
            format!(
                "there are too many groups for a token; let the provider send only those in {name} that are assigned \
                 to Muster"
            ),
        )),
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(group)) => Ok(Some(vec![group.clone()])),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(unreadable))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(unreadable()),
    }
}

fn verification(error: ClaimsVerificationError) -> Refusal {
    use ClaimsVerificationError as E;
    use SignatureVerificationError as S;
    let fault = match &error {
        E::Expired(_) => Fault::Expired,
        E::InvalidAudience(_) => Fault::Audience,
        E::InvalidIssuer(_) => Fault::Issuer,
        E::InvalidNonce(_) => Fault::Nonce,
        E::InvalidSubject(_) => Fault::Subject,
        E::InvalidAuthTime(_) => Fault::NotFresh,
        E::SignatureVerification(S::NoMatchingKey) => Fault::UnknownKey,
        E::SignatureVerification(S::DisallowedAlg(_) | S::NoSignature | S::UnsupportedAlg(_)) => Fault::Algorithm,
        E::SignatureVerification(_) => Fault::Signature,
        _ => Fault::TokenKind,
    };
    refuse(fault, error.to_string())
}

fn user_info(error: openidconnect::UserInfoError<HttpError>) -> Refusal {
    use openidconnect::UserInfoError as E;
    match error {
        E::Request(cause) => refuse(Fault::Unreachable, cause.to_string()),
        E::ClaimsVerification(cause) => refuse(Fault::SomebodyElse, cause.to_string()),
        // What could not be read is about a person: it is not repeated.
        E::Parse(error) => refuse(Fault::UserInfo, format!("it is wrong at {}", error.path())),
        E::Response(status, _, _) => refuse(Fault::UserInfo, format!("it answers {status}")),
        _ => refuse(Fault::UserInfo, "it cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn groups_are_texts_or_refused() {
        let read = |json| groups_in(&claims(json), "groups");
        assert_eq!(read(r#"{"groups":["a","b"]}"#).unwrap(), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(read(r#"{"groups":"a"}"#).unwrap(), Some(vec!["a".to_owned()]));
        assert_eq!(read(r#"{"other":1}"#).unwrap(), None);
        for wrong in [r#"{"groups":[1]}"#, r#"{"groups":{"a":true}}"#, r#"{"groups":7}"#] {
            assert_eq!(read(wrong).unwrap_err().fault, Fault::Groups, "{wrong}");
        }
        let overage = read(r#"{"_claim_names":{"groups":"src1"}}"#).unwrap_err();
        assert!(overage.detail.contains("too many groups"), "{overage}");
    }
}
