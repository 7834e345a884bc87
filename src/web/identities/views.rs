//! The links over the table: questions that are asked often, and the orders of the columns.

use crate::domain::listing::Direction;
use crate::store::identity_list::{IdentityOrder, IdentitySort};
use crate::web::fields::Fields;

/// A filter that is asked for often, as a link.
pub struct View {
    pub label: &'static str,
    pub href: String,
    pub current: bool,
}

/// A column's head; `href` is empty where the list cannot be sorted by it.
pub struct Head {
    pub label: &'static str,
    pub href: String,
    pub order: &'static str,
    /// How wide: see `templates/parts/lists.html`.
    pub class: &'static str,
}

/// The order in words.
pub fn sorted(order: IdentityOrder) -> String {
    let turned = match (order.sort, order.direction) {
        (IdentitySort::Risk, Direction::Ascending) => ", the lowest first; what is unknown stands last",
        (IdentitySort::Risk, Direction::Descending) => ", the highest first; what is unknown stands last",
        (_, Direction::Ascending) => "",
        (_, Direction::Descending) => ", last first",
    };
    format!("sorted by {}{turned}", order.sort.label().to_lowercase())
}

/// The questions a workbench is opened with.
pub fn views(bare: &Fields) -> Vec<View> {
    const VIEWS: &[(&str, &str, &str)] = &[
        ("All", "", ""),
        ("Critical tier", "tier", "critical"),
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

/// The heads of the columns.
pub fn heads(bare: &Fields, order: IdentityOrder) -> Vec<Head> {
    let sorted = |label: &'static str, sort: IdentitySort, class: &'static str| {
        let current = order.sort == sort;
        // Whoever asks for the risk wants the highest first.
        let first = if sort == IdentitySort::Risk { Direction::Descending } else { Direction::Ascending };
        let next = if current { order.direction.reversed() } else { first };
        let text = if next == Direction::Descending { format!("-{}", sort.word()) } else { sort.word().to_owned() };
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
        sorted("Tier", IdentitySort::Risk, "state"),
        plain("State", "state"),
        plain("Business owner", "person"),
        sorted("Expires", IdentitySort::Expires, "day"),
        sorted("Last used", IdentitySort::LastUsed, "day"),
        sorted("Next review", IdentitySort::NextReview, "day"),
        plain("Way to stop it", "status"),
    ]
}
