//! A column map: the headings of somebody's list on one side, Muster's fields on the other.
//!
//! Saved by name and applied again next month. Written in TOML:
//!
//! ```toml
//! name = "our-clients"
//! subject = "clients"
//! date_formats = ["%Y-%m-%d"]
//!
//! [fixed]
//! vendor = "Example Health"
//!
//! [[columns]]
//! heading = "Refresh hours"
//! field = "refresh_token_seconds"
//! unit = "hours"
//! blank = "never"
//! ```

mod fields;
mod map;
mod units;
mod values;

pub use fields::{ClientField, PersonField};
pub use map::{Column, ColumnMap, ColumnMapError, SkipRule, folded};
pub use units::{Blank, MapSubject, Unit};
pub use values::{Cell, address, date, flag, is_padded, items, moment as date_or_moment, seconds, word};

/// The maps that ship with Muster. To be copied and changed: lists differ from house to house.
pub fn shipped_column_maps() -> Result<Vec<ColumnMap>, ColumnMapError> {
    [
        include_str!("../../../../seeds/column-maps/epic-clients.toml"),
        include_str!("../../../../seeds/column-maps/oracle-health-clients.toml"),
        include_str!("../../../../seeds/column-maps/aws-credential-report.toml"),
        include_str!("../../../../seeds/column-maps/staff-list.toml"),
    ]
    .into_iter()
    .map(ColumnMap::from_toml)
    .collect()
}

#[cfg(test)]
mod tests;
