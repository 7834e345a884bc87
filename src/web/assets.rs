//! Style, script and icons, inside the binary.

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use super::Answer;
use super::errors::WebError;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Static;

/// The same for everybody, so any cache may keep it for an hour.
const KEPT: &str = "public, max-age=3600";

/// GET /static/{file}
pub async fn file(request: HttpRequest, path: web::Path<String>) -> Answer {
    let found = Static::get(&path).ok_or(WebError::NotFound)?;
    let tag = format!("\"{}\"", hex::encode(found.metadata.sha256_hash()));
    if request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .insert_header((CACHE_CONTROL, KEPT))
            .finish());
    }
    Ok(HttpResponse::Ok()
        .content_type(content_type(found.metadata.mimetype()))
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, KEPT))
        .body(found.data.into_owned()))
}

/// The type of a file, with its character set where it is text (OWASP ASVS 5.0 4.1.1).
fn content_type(kind: &str) -> String {
    if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}
