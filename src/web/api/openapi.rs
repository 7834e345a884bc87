//! The description of the interface for programs, made from the types that it sends and reads.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::types::ErrorAnswer;
use super::{file, list, preview, show, withdraw};
use crate::web::Answer;

/// The name of the way in.
const BEARER: &str = "bearer";

/// What can go wrong, by status; whether it is only where something is sent.
const ERRORS: &[(&str, bool, &str)] = &[
    (
        "400",
        false,
        "It cannot be read: what was sent is no JSON (with line and column), has a member that there is \
      not (named), or a token comes beside a session or in the address.",
    ),
    ("401", false, "Nobody is signed in: no token was sent, or one that is not good."),
    ("403", false, "The account or the token may not do this. The header WWW-Authenticate names the scope it takes."),
    ("404", false, "There is no such thing, or you may not know of it."),
    (
        "409",
        true,
        "The state of things does not allow it: another request waits (named by its reference), or \
      something changed since it was read.",
    ),
    ("413", true, "More was sent than is taken: 64 KiB."),
    ("415", true, "What was sent is not JSON, or is packed."),
    ("422", false, "It can be read and not accepted; `fields` names everything that is wrong, and what to do."),
    ("429", false, "Too many requests; the header Retry-After says when to come again."),
    ("500", false, "Something went wrong on our side. Nothing was changed."),
    ("503", false, "The register cannot be reached at the moment. Nothing was changed; try again in a minute."),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Muster: requests",
        description = "A developer portal registers apps and asks for what they may do, follows its requests and takes \
            them back. People decide about them on the pages of Muster, stage by stage; a program decides nothing.\n\n\
            A program sends an API token, which somebody makes on the page /account/tokens, with the scope `read` for \
            reading and `file_requests` for filing; it acts in the name of whoever made it, and sees what they see. A \
            page of Muster itself may use the session of its reader instead, and then sends the token of its forms in \
            the header `X-CSRF-Token` with every POST.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(list::show, file::submit, preview::look, show::show, withdraw::submit, show_document),
    components(schemas(ErrorAnswer)),
    tags((name = "requests", description = "Requests: asked by programs and people, decided by people.")),
    modifiers(&Common)
)]
struct Described;

/// Show this description.
///
/// It takes no token.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "show_openapi",
    tag = "requests",
    responses((status = 200, description = "The description.", body = serde_json::Value))
)]
#[allow(dead_code)]
fn show_document() {}

/// What all of it has in common: the way in, and what can go wrong.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut Document) {
        let token = "An API token of Muster: muster_api_ and 36 more characters.";
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(token)).build();
        document.components.get_or_insert_default().add_security_scheme(BEARER, SecurityScheme::Http(scheme));
        for (path, item) in &mut document.paths.paths {
            if path == "/api/openapi.json" {
                continue;
            }
            item.get.iter_mut().for_each(|operation| complete(operation, "read", false));
            item.post.iter_mut().for_each(|operation| complete(operation, "file_requests", true));
        }
    }
}

fn complete(operation: &mut Operation, scope: &str, sends: bool) {
    operation.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
    let text = operation.description.take().unwrap_or_default();
    operation.description = Some(format!("{text}\n\nA token needs the scope `{scope}`.").trim().to_owned());
    for (status, only_sent, text) in ERRORS {
        if sends || !only_sent {
            operation.responses.responses.insert((*status).to_owned(), error(text).into());
        }
    }
}

fn error(text: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorAnswer"))).build();
    ResponseBuilder::new().description(text).content("application/json", content).build()
}

/// The description as JSON.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        // It holds texts, numbers and lists only, which always have a JSON form.
        serde_json::to_string_pretty(&Described::openapi()).unwrap_or_default()
    });
    &TEXT
}

/// GET /api/openapi.json
pub async fn show() -> Answer {
    Ok(HttpResponse::Ok().content_type("application/json").body(text()))
}
