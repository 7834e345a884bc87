//! The explainer: paste a scope, or a whole `scope` string.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::permission::Permission;
use super::reach::ReachView;
use crate::actions::Register;
use crate::domain::scopes::ScopeSet;
use crate::domain::scopes::canonical::canonical;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::tiers::Basis;
use crate::store::identity_list::IdentityFilter;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::identities::counts::Counts;
use crate::web::session::Viewer;
use crate::web::{Answer, page, read};

/// Permissions explained on one page.
const MOST: usize = 50;

/// What a newcomer may try.
const EXAMPLES: [(&str, &str); 5] = [
    (
        "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory",
        "one kind of record of one patient",
    ),
    ("user/MedicationRequest.cu", "adding and changing what the signed-in person may see"),
    ("system/*.rs", "every record of every patient"),
    ("launch/patient openid fhirUser offline_access", "starting, signing in, and staying"),
    ("patient/Observation.sr", "a mistake, and what to write instead"),
];

#[derive(Template)]
#[template(path = "explain/explain.html")]
struct Explain {
    frame: Frame,
    scopes: String,
    app: String,
    release: Release,
    releases: Vec<(&'static str, &'static str)>,
    permissions: Vec<Permission>,
    repairs: Vec<String>,
    /// The shortest form, where it differs from what was pasted.
    shortest: Option<String>,
    reach: Option<ReachView>,
    /// How many permissions are not shown.
    more: usize,
    examples: Vec<(String, &'static str, &'static str)>,
    unknown_release: bool,
}

/// GET /explain
pub async fn show(
    register: web::Data<Register>,
    known: web::Data<Counts>,
    request: HttpRequest,
    viewer: Viewer,
) -> Answer {
    let fields = Fields::of_query(&request);
    let knowledge = register.deployment.scopes.clone();
    let scopes = fields.raw("s").to_owned();
    let app = fields.text("app").unwrap_or_default();
    let release: Release = fields.value("release").unwrap_or(Release::R4);
    let unknown_release = fields.get("release").is_some_and(|text| text.parse::<Release>().is_err());
    let set = ScopeSet::parse(&scopes);
    let name = if app.is_empty() { "The app" } else { app.as_str() };
    let explained = set.scopes.iter().map(|scope| Permission::of(scope, name, release, &knowledge));
    let rejected = set.rejected.iter().map(|each| Permission::rejected(each, name, &knowledge));
    let mut permissions: Vec<Permission> = explained.chain(rejected).take(MOST).collect();
    let all = set.scopes.len() + set.rejected.len();
    // Who reads the whole register also sees who holds it; an owner sees what they own elsewhere.
    let holders = viewer.may(crate::domain::permissions::Permission::ReadRegister);
    let asked: Vec<String> = permissions.iter().filter(|_| holders).map(|each| each.written.clone()).collect();
    let now = viewer.now;
    let counts = read(&register, move |db| {
        let count = |scope: String| {
            let filter = IdentityFilter { scope: Some(scope), ..IdentityFilter::default() };
            known.count(db, &filter, now)
        };
        asked.into_iter().map(count).collect::<Result<Vec<_>, _>>()
    })
    .await?;
    for (permission, count) in permissions.iter_mut().zip(counts) {
        permission.holders = count.words();
    }
    let shortest = canonical(set.meanings()).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let anything = !set.scopes.is_empty() || !set.rejected.is_empty();
    let title = if anything { "What these permissions allow" } else { "What does a permission allow?" };
    page(&Explain {
        frame: Frame::new(&register, &viewer, "/explain", title),
        shortest: Some(shortest).filter(|text| !text.is_empty() && *text != scopes.trim()),
        repairs: set.repairs.iter().map(ToString::to_string).collect(),
        reach: anything.then(|| ReachView::of(&set, release, Basis::Unknown, &knowledge)),
        more: all.saturating_sub(permissions.len()),
        examples: EXAMPLES
            .iter()
            .map(|(scope, about)| {
                (format!("/explain{}", Fields::default().with("s", scope).to_query()), *scope, *about)
            })
            .collect(),
        releases: Release::ALL.iter().map(|each| (each.word(), each.label())).collect(),
        permissions,
        scopes,
        app,
        release,
        unknown_release,
    })
}
