//! What a form or a link carries: names and texts, in their order, exactly as typed.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::confirm::claim;
use super::errors::WebError;
use super::pace;
use super::session::Viewer;
use super::typed::Typed;
use crate::actions::FieldError;

/// Forms are small; files come another way.
const LONGEST_FORM: usize = 256 * 1024;

/// The fields of a form or of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of `a=1&b=2`.
    pub fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The fields of a request's query.
    pub fn of_query(request: &HttpRequest) -> Self {
        Self::parse(request.query_string().as_bytes())
    }

    /// The text of a field, exactly as typed; empty when it is absent.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// The text of a field without space around it; `None` when nothing is left.
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(self.raw(name).trim()).filter(|value| !value.is_empty())
    }

    /// The same as an own `String`.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// Every text of a field that may repeat.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a box is ticked.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of a field, when it can be read as one.
    pub fn value<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).and_then(|text| text.parse().ok())
    }

    /// The value of a field that the form carries whenever it is sent from a page of ours.
    ///
    /// # Errors
    /// `Bad` where it is absent or cannot be read.
    pub fn required<T: std::str::FromStr>(&self, name: &str) -> Result<T, WebError> {
        self.value(name).ok_or_else(incomplete)
    }

    /// Sets a field in place of all of that name; an empty text removes it.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut fields: Vec<_> = self.0.iter().filter(|(field, _)| field != name).cloned().collect();
        if !value.is_empty() {
            fields.push((name.to_owned(), value.to_owned()));
        }
        Self(fields)
    }

    /// Adds a field.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// The text for a link: `?a=1&b=2`, without empty fields; empty when there are none.
    pub fn to_query(&self) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.0.iter().filter(|(_, value)| !value.is_empty()) {
            out.append_pair(name, value);
        }
        let text = out.finish();
        if text.is_empty() { text } else { format!("?{text}") }
    }

    /// Names and texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The fields of a posted form whose token was checked. Every handler of a POST takes one. A request that
/// an API token let in has no form token: no browser sends it by itself.
#[derive(Debug)]
pub struct Posted(pub Fields);

impl FromRequest for Posted {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let fields = read(&request, body.await.map_err(|_| unreadable())?).await?;
            // Whatever goes wrong from here on, what was typed is shown with it.
            keep(&request, &fields);
            check_token(&request, fields.raw("csrf"))?;
            claim::claim(&request, fields.raw(claim::FIELD)).await?;
            Ok(Self(fields))
        })
    }
}

/// Keeps what a form holds beside its request, for the page of an error.
fn keep(request: &HttpRequest, fields: &Fields) {
    let typed = Typed::of(fields.iter());
    request.extensions_mut().insert(typed);
}

/// Reads the form of somebody who is not signed in any more, so that its text can be shown to them.
pub async fn keep_unread(request: &mut ServiceRequest) {
    let (http, payload) = request.parts_mut();
    let http = http.clone();
    let Ok(body) = web::Payload::from_request(&http, payload).await else { return };
    // What cannot be read was no form of ours, or more than any of them holds.
    if let Ok(fields) = read(&http, body).await {
        keep(&http, &fields);
    }
}

/// That something is missing which every page of ours sends.
pub fn incomplete() -> WebError {
    WebError::Bad("This form is incomplete; open its page again".to_owned())
}

fn unreadable() -> WebError {
    WebError::Bad("This form cannot be read; open its page again".to_owned())
}

/// The fields of a form as it was sent, whoever sent it.
///
/// # Errors
/// `WrongKind` for what is no form, `TooLong`, and `Bad` for what cannot be read.
pub async fn read(request: &HttpRequest, body: web::Payload) -> Result<Fields, WebError> {
    if !request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(WebError::WrongKind("This is not sent as the form of a page is. Open the page".to_owned()));
    }
    let bytes = pace::in_time(request, body.to_bytes_limited(LONGEST_FORM))
        .await?
        .map_err(|_| WebError::TooLong("This form is longer than 256 KiB; shorten the longest field".to_owned()))?
        .map_err(|_| unreadable())?;
    Ok(Fields::parse(&bytes))
}

/// Whether an API token let the request in, so that it carries no form token.
pub fn is_by_token(request: &HttpRequest) -> bool {
    request.extensions().get::<Viewer>().is_some_and(|viewer| viewer.token.is_some())
}

/// Refuses a form whose token is not the one its session's pages carry. Without a session there is none.
pub fn check_token(request: &HttpRequest, token: &str) -> Result<(), WebError> {
    if is_by_token(request) {
        return Ok(());
    }
    let extensions = request.extensions();
    let Some(expected) = extensions.get::<Viewer>().map(|viewer| viewer.csrf.as_str()) else {
        return Err(WebError::Foreign);
    };
    if !expected.is_empty() && bool::from(subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), token.as_bytes())) {
        Ok(())
    } else {
        Err(WebError::Foreign)
    }
}

/// What is wrong with a form that is shown again: the summary's lines and each field's own.
#[derive(Debug, Clone, Default)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// The text for one field, or nothing.
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|error| error.field == field).map_or("", |error| error.message.as_str())
    }

    /// The lines of the summary: field and text.
    pub fn lines(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|error| (error.field, error.message.as_str())).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
