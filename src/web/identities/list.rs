//! The list of identities: a dense workbench.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::counts::Counts;
use super::filter;
use super::named::Named;
use crate::actions::Register;
use crate::domain::identities::{Environment, IdentityKind, IdentityState, OwnerAnswer, state_at, state_words};
use crate::domain::ids::Moment;
use crate::domain::listing::{Count, Direction, From, Page};
use crate::store::identity_list::{self, *};
use crate::store::registry;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, page, read, see_other, show};

#[derive(Template)]
#[template(path = "identities/list.html")]
struct IdentityList {
    frame: Frame,
    fields: Fields,
    rows: Vec<Row>,
    /// Rows on this page, and "of 214 identities".
    shown: String,
    of_all: String,
    sorted: String,
    views: Vec<View>,
    owners_only: bool,
    chips: Vec<(String, String)>,
    heads: Vec<Head>,
    first: String,
    previous: String,
    next: String,
    /// The query for exports and bulk changes: filter and sort without the place.
    query: String,
    choices: Choices,
    systems: Vec<(String, String)>,
    business_owner: String,
    technical_owner: String,
    vendor: String,
    /// Names that could not be looked up: said on the page, never dropped in silence.
    unresolved: Vec<String>,
    filtered: bool,
}

struct Choices {
    kinds: Vec<(&'static str, &'static str)>,
    environments: Vec<(&'static str, &'static str)>,
    states: Vec<(&'static str, &'static str)>,
    expiries: Vec<(&'static str, &'static str)>,
    reviews: Vec<(&'static str, &'static str)>,
    usages: Vec<(&'static str, &'static str)>,
    revocations: Vec<(&'static str, &'static str)>,
    managed: Vec<(&'static str, &'static str)>,
}

/// A filter that is asked for often, as a link.
struct View {
    label: &'static str,
    href: String,
    current: bool,
}

/// A column's head; `href` is empty where the list cannot be sorted by it.
struct Head {
    label: &'static str,
    href: String,
    order: &'static str,
    /// How wide: see `templates/parts/lists.html`.
    class: &'static str,
}

struct Row {
    id: String,
    name: String,
    client_id: String,
    kind: &'static str,
    environment: &'static str,
    state: String,
    state_kind: &'static str,
    vendor_managed: bool,
    owner: String,
    owner_waiting: bool,
    expires: String,
    expired: bool,
    last_used: String,
    use_known: bool,
    next_review: String,
    overdue: bool,
    stop: &'static str,
    stop_kind: &'static str,
}

fn words_of<T: Copy>(
    all: &[T],
    word: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> &'static str,
) -> Vec<(&'static str, &'static str)> {
    all.iter().map(|value| (word(*value), label(*value))).collect()
}

/// GET /identities
pub async fn show(
    register: web::Data<Register>,
    counts: web::Data<Counts>,
    request: HttpRequest,
    viewer: Viewer,
) -> Answer {
    let fields = Fields::of_query(&request);
    let wanted = super::visible(&viewer, filter::parse(&fields))?;
    let order = filter::order(&fields);
    let from = filter::from(&fields);
    let now = viewer.now;
    let (asked, place, typed) = (wanted.clone(), from.clone(), fields.clone());
    let (found, count, named, systems) = read(&register, move |db| {
        let count = counts.count(db, &asked, now)?;
        Ok((
            identity_list::page(db, &asked, order, &place, count, now)?,
            count,
            Named::resolve(db, &typed)?,
            registry::system_names(db)?,
        ))
    })
    .await?;
    if let Some(canonical) = &named.canonical {
        return see_other(format!("/identities{}", canonical.to_query()));
    }
    let bare = filter::without_place(&fields);
    if found.rows.is_empty() && from != From::Start {
        // The rows this link pointed at are gone: start again.
        return see_other(format!("/identities{}", bare.to_query()));
    }
    let frame = Frame::new(&register, &viewer, "/identities", "Identities")
        .wide()
        .with_done(fields.raw("done"), &[("registered", "The identity was registered.")]);
    let tz = frame.tz;
    let (shown, of_all) = tally(&found, count);
    let rows = found.rows.iter().map(|line| row(line, now, tz)).collect();
    let systems: Vec<(String, String)> = systems.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let chips = chips(&bare, &named, &systems);
    page(&IdentityList {
        shown,
        of_all,
        sorted: sorted(order),
        views: views(&bare),
        owners_only: viewer.sees()? != Sees::Everything,
        heads: heads(&bare, order),
        first: if found.more_before { format!("/identities{}", bare.to_query()) } else { String::new() },
        previous: place_link(&bare, "before", found.rows.first(), found.more_before, order),
        next: place_link(&bare, "after", found.rows.last(), found.more_after, order),
        query: bare.to_query(),
        filtered: !chips.is_empty(),
        choices: choices(),
        business_owner: named.shown(bare.raw("business_owner")),
        technical_owner: named.shown(bare.raw("technical_owner")),
        vendor: named.shown(bare.raw("vendor")),
        unresolved: named.unresolved,
        frame,
        fields: bare,
        rows,
        chips,
        systems,
    })
}

fn choices() -> Choices {
    Choices {
        kinds: words_of(IdentityKind::ALL, IdentityKind::word, IdentityKind::label),
        environments: words_of(Environment::ALL, Environment::word, Environment::label),
        states: words_of(IdentityState::ALL, IdentityState::word, IdentityState::label),
        expiries: words_of(ExpiryFilter::ALL, ExpiryFilter::word, ExpiryFilter::label),
        reviews: words_of(ReviewFilter::ALL, ReviewFilter::word, ReviewFilter::label),
        usages: words_of(UseFilter::ALL, UseFilter::word, UseFilter::label),
        revocations: words_of(RevocationFilter::ALL, RevocationFilter::word, RevocationFilter::label),
        managed: vec![("yes", "Kept by the system\u{2019}s vendor"), ("no", "Our own")],
    }
}

/// How many are shown, and of how many.
fn tally(found: &Page<IdentityLine>, count: Count) -> (String, String) {
    let shown = found.rows.len();
    let of_all = match count {
        Count::Exactly(1) => "identity".to_owned(),
        Count::Exactly(all) if i64::try_from(shown) == Ok(all) => "identities".to_owned(),
        _ => format!("of {} identities", count.words()),
    };
    (shown.to_string(), of_all)
}

fn sorted(order: IdentityOrder) -> String {
    let turned = match order.direction {
        Direction::Ascending => "",
        Direction::Descending => ", last first",
    };
    format!("sorted by {}{turned}", order.sort.label().to_lowercase())
}

/// The questions a workbench is opened with.
fn views(bare: &Fields) -> Vec<View> {
    const VIEWS: &[(&str, &str, &str)] = &[
        ("All", "", ""),
        ("No business owner", "business_owner", "nobody"),
        ("Expired", "expiry", "passed"),
        ("Review overdue", "review", "overdue"),
        ("No way to stop it", "revocation", "missing"),
        ("Kept by the system\u{2019}s vendor", "vendor_managed", "yes"),
    ];
    let asked: Vec<(&str, &str)> = bare.iter().filter(|(name, value)| *name != "sort" && !value.is_empty()).collect();
    VIEWS
        .iter()
        .map(|(label, name, value)| {
            let mut link = Fields::default();
            if !name.is_empty() {
                link.push(name, *value);
            }
            let current = if name.is_empty() { asked.is_empty() } else { asked == [(*name, *value)] };
            View { label, href: format!("/identities{}", link.to_query()), current }
        })
        .collect()
}

fn place_link(bare: &Fields, name: &str, line: Option<&IdentityLine>, more: bool, order: IdentityOrder) -> String {
    match line {
        Some(line) if more => {
            format!("/identities{}", bare.with(name, &line.cursor(order.sort).to_text()).to_query())
        }
        _ => String::new(),
    }
}

fn heads(bare: &Fields, order: IdentityOrder) -> Vec<Head> {
    let sorted = |label: &'static str, sort: IdentitySort, class: &'static str| {
        let current = order.sort == sort;
        let turned = current && order.direction == Direction::Ascending;
        let text = if turned { format!("-{}", sort.word()) } else { sort.word().to_owned() };
        Head {
            label,
            href: format!("/identities{}", bare.with("sort", &text).to_query()),
            order: match (current, order.direction) {
                (false, _) => "",
                (true, Direction::Ascending) => "ascending",
                (true, Direction::Descending) => "descending",
            },
            class,
        }
    };
    let plain = |label: &'static str, class: &'static str| Head { label, href: String::new(), order: "", class };
    vec![
        sorted("Name", IdentitySort::Name, ""),
        plain("State", "state"),
        plain("Business owner", "person"),
        sorted("Expires", IdentitySort::Expires, "day"),
        sorted("Last used", IdentitySort::LastUsed, "day"),
        sorted("Next review", IdentitySort::NextReview, "day"),
        plain("Way to stop it", "status"),
    ]
}

fn row(line: &IdentityLine, now: Moment, tz: chrono_tz::Tz) -> Row {
    let expired = line.expires_at.is_some_and(|at| at <= now);
    let state = state_at(line.state, line.expires_at, line.criticality, now);
    let (state_text, overrun) = state_words(line.state, line.expires_at, line.criticality, now);
    let (stop_kind, stop) = match (line.revocation_steps, line.proved_at) {
        (_, Some(_)) => ("ok", "Proved"),
        (Some(_), None) => ("warn", "Not proved"),
        (None, None) => ("bad", "Not written"),
    };
    let refused = line.business_owner_answer == Some(OwnerAnswer::Refused);
    Row {
        id: line.id.to_string(),
        name: line.name.clone(),
        client_id: line.client_id.clone().unwrap_or_default(),
        kind: line.kind.label(),
        environment: line.environment.label(),
        state: state_text,
        state_kind: if overrun { "warn" } else { state_kind(state) },
        vendor_managed: line.vendor_managed,
        owner: match (&line.business_owner_name, refused) {
            (Some(name), false) => name.clone(),
            _ => String::new(),
        },
        owner_waiting: line.business_owner_answer == Some(OwnerAnswer::Waiting),
        expires: line.expires_at.map_or_else(|| "Never".to_owned(), |at| show::day(at, tz)),
        expired,
        last_used: match (line.last_used_at, line.use_visible_since) {
            (Some(at), _) => show::day(at, tz),
            (None, Some(since)) => format!("Not since {}", show::day(since, tz)),
            (None, None) => "We can\u{2019}t see".to_owned(),
        },
        use_known: line.last_used_at.is_some(),
        next_review: line.next_review_on.map_or_else(|| "Not planned".to_owned(), show::date),
        overdue: line.next_review_on.is_some_and(|date| date < show::today(now, tz)),
        stop,
        stop_kind,
    }
}

/// The tag of a state: shape, word and colour.
pub fn state_kind(state: IdentityState) -> &'static str {
    match state {
        IdentityState::Active => "ok",
        IdentityState::Approved | IdentityState::Requested => "info",
        IdentityState::Suspended | IdentityState::Revoking => "warn",
        IdentityState::Revoked | IdentityState::Rejected => "plain",
    }
}

fn chips(bare: &Fields, named: &Named, systems: &[(String, String)]) -> Vec<(String, String)> {
    let all = choices();
    let system = |value: &str| systems.iter().find(|(id, _)| id == value).map(|(_, name)| name.clone());
    let labelled = |pairs: &[(&str, &str)], value: &str| {
        pairs.iter().find(|(word, _)| *word == value).map(|(_, label)| (*label).to_owned())
    };
    bare.iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .filter_map(|(name, value)| {
            let text = match name {
                "q" => Some(format!("Contains \u{201c}{value}\u{201d}")),
                "kind" => labelled(&all.kinds, value).map(|label| format!("Kind: {label}")),
                "environment" => labelled(&all.environments, value).map(|label| format!("Environment: {label}")),
                "state" => labelled(&all.states, value).map(|label| format!("State: {label}")),
                "business_owner" => named.name(value).map(|label| format!("Business owner: {label}")),
                "technical_owner" => named.name(value).map(|label| format!("Technical owner: {label}")),
                "system" => system(value).map(|label| format!("System: {label}")),
                "vendor" => named.name(value).map(|label| format!("Vendor: {label}")),
                "expiry" => labelled(&all.expiries, value).map(|label| format!("Expiry: {label}")),
                "review" => labelled(&all.reviews, value).map(|label| format!("Review: {label}")),
                "usage" => labelled(&all.usages, value).map(|label| format!("Use: {label}")),
                "revocation" => labelled(&all.revocations, value).map(|label| format!("Way to stop it: {label}")),
                "vendor_managed" => labelled(&all.managed, value).map(|label| format!("Kept by: {label}")),
                "scope" => Some(format!("Holds {value}")),
                _ => None,
            };
            text.map(|text| (text, format!("/identities{}", bare.with(name, "").to_query())))
        })
        .collect()
}
