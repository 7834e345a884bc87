//! Requests that bring an API token in place of a session (RFC 6750 section 2.1).
//!
//! A browser never sends this header by itself, so neither the origin nor a form token is asked of such
//! a request; in return its cookies count for nothing, and one that brings both is refused. A token goes
//! in no other place: one in the address would end up in logs and histories (RFC 9700 section 4.3.2).

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{HttpMessage, web};

use super::errors::WebError;
use super::fields::Fields;
use super::routes::Route;
use super::session::{SignedInViewer, Viewer, ViewerToken};
use crate::actions::{Register, api_tokens::admit};
use crate::domain::access::SignInMethod;
use crate::domain::api_tokens::{ApiToken, TokenScope};
use crate::domain::ids::{Id, Moment};
use crate::domain::permissions::allows;
use crate::store::api_tokens::TokenLine;

/// Lies on a request that brought a token: it is answered in JSON where something goes wrong, and never
/// led to the page for signing in.
#[derive(Debug, Clone, Copy)]
pub struct ByToken;

/// Puts whoever stands behind a presented token into the viewer; leaves it alone where none is presented.
///
/// # Errors
/// 400 for a token beside a session or in the address, 401 for one that is not good.
pub async fn identify(
    request: &ServiceRequest,
    register: &web::Data<Register>,
    viewer: &mut Viewer,
    with_cookie: bool,
) -> Result<(), WebError> {
    refuse_in_address(request)?;
    let Some(presented) = presented(request.headers())? else { return Ok(()) };
    request.extensions_mut().insert(ByToken);
    if with_cookie {
        return Err(WebError::Bad(
            "This request brings an API token and the cookie of a session; send one of them".to_owned(),
        ));
    }
    // A mistyped token is seen by its checksum, without a look into the database.
    let token = ApiToken::parse(presented).map_err(|fault| WebError::TokenInvalid(fault.to_string()))?;
    let (asked, address, now) = (register.clone(), viewer.address.clone(), viewer.now);
    let admitted = web::block(move || admit::admit(&asked, &token, &address, now))
        .await
        .map_err(|error| WebError::Fault(error.to_string()))??;
    let line = admitted.ok_or_else(|| {
        WebError::TokenInvalid(
            "This API token is unknown, has ended or was stopped. Whoever made it can look at it in Muster".to_owned(),
        )
    })?;
    viewer.csrf.clear();
    let (person, token) = behind(*line);
    viewer.signed_in = Some(person);
    viewer.token = Some(token);
    Ok(())
}

/// What stands behind `Authorization: Bearer`; `None` without that header. Another scheme is not ours.
fn presented(headers: &HeaderMap) -> Result<Option<&str>, WebError> {
    let mut all = headers.get_all(AUTHORIZATION);
    let Some(value) = all.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    if all.next().is_some() {
        return Err(WebError::Bad("This request has more than one Authorization header; send one".to_owned()));
    }
    Ok(Some(rest.trim_matches(' ')))
}

/// RFC 6750 section 2.3 allows `access_token` in an address and warns of it: here it opens nothing.
fn refuse_in_address(request: &ServiceRequest) -> Result<(), WebError> {
    let fields = Fields::parse(request.query_string().as_bytes());
    if fields.iter().any(|(name, _)| name == "access_token") {
        request.extensions_mut().insert(ByToken);
        return Err(WebError::Bad(
            "An API token never belongs in an address, where logs and histories keep it. Send it in the header \
             Authorization: Bearer, and revoke it if it was a real one"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Who acts: the creator of the token, who has no session and never proved who they are.
fn behind(line: TokenLine) -> (SignedInViewer, ViewerToken) {
    let token = line.token;
    let person = SignedInViewer {
        person: token.person_id,
        name: line.creator,
        role: line.role,
        standing: line.role,
        // A token never has more than its creator has without an emergency.
        emergency: None,
        time_zone: line.time_zone,
        session: Id(uuid::Uuid::nil()),
        method: SignInMethod::Link,
        confirmed_at: Moment::from_epoch_seconds(0).unwrap_or(token.created_at),
    };
    (person, ViewerToken { id: token.id, scopes: token.scopes.0 })
}

/// Why a token may not use a route; `None` when it may, and for people.
///
/// A token reaches exactly the routes of its scopes: nothing public but what needs no session at all,
/// nothing that is for people, nothing that asks for somebody to have proved who they are.
pub fn refuses(route: &Route, viewer: &Viewer) -> Option<WebError> {
    let token = viewer.token.as_ref()?;
    let Some(needed) = TokenScope::for_permission(route.permission).filter(|_| route.marks.is_empty()) else {
        return Some(WebError::PeopleOnly);
    };
    if !token.scopes.contains(&needed) {
        return Some(WebError::TokenScope(needed));
    }
    // Its scopes lie within the role; asked again all the same.
    (!allows(viewer.role(), route.permission)).then_some(WebError::Forbidden(Some(route.permission)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn header(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| headers.append(AUTHORIZATION, HeaderValue::from_static(value)));
        headers
    }

    #[test]
    fn the_scheme_is_read_whatever_its_case_and_other_schemes_are_not_ours() {
        for text in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            assert_eq!(presented(&header(&[text])).ok().flatten(), Some("abc"), "{text}");
        }
        assert_eq!(presented(&header(&["Bearer"])).ok().flatten(), Some(""));
        assert!(matches!(presented(&header(&["Basic abc"])), Ok(None)));
        assert!(matches!(presented(&header(&[])), Ok(None)));
        assert!(matches!(presented(&header(&["Bearer abc", "Bearer def"])), Err(WebError::Bad(_))));
    }
}
