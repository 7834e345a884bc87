//! What a security team may say about scopes: sensitive types, tiers, scopes of products, plain words.
//!
//! The tables of `seeds/scopes` are built in. A deployment may put its own in their place; a table that
//! cannot be read is refused with its name and line, and the built-in one is not silently used instead.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::release;
use super::tiers::TierTable;
use super::words::Words;

/// The name of each table's file.
pub const TABLES: [&str; 4] = ["sensitive_types.toml", "tiers.toml", "products.toml", "words.en.toml"];

const SENSITIVE_TYPES: &str = include_str!("../../../seeds/scopes/sensitive_types.toml");
const PRODUCTS: &str = include_str!("../../../seeds/scopes/products.toml");
const TIERS: &str = include_str!("../../../seeds/scopes/tiers.toml");

/// The tables together.
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// Sensitive types by name.
    pub sensitive: BTreeMap<Box<str>, SensitiveType>,
    pub tiers: TierTable,
    /// Explained scopes of products by token.
    pub products: BTreeMap<Box<str>, ProductScope>,
    pub words: Words,
    /// SHA-256 over the texts of the tables that reach and tier come from, the facts of FHIR's types and the
    /// way of measuring, in hexadecimal: what was measured by other tables is measured again.
    pub digest: String,
}

/// Changes with every change of `measure.rs`, `reach.rs` or `tiers.rs` that gives other answers.
const MEASURE: &str = "1";

/// A type whose content is sensitive beyond being a patient's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensitiveType {
    pub name: Box<str>,
    pub why: String,
    pub source: String,
}

/// A scope outside SMART that somebody explained; it gives no records by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductScope {
    pub name: Box<str>,
    /// What the app can do, after "can".
    pub words: String,
    pub source: String,
}

/// A table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the table {file} cannot be used: {why}")]
pub struct TableError {
    pub file: &'static str,
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SensitiveTable {
    #[serde(rename = "type", default)]
    types: Vec<SensitiveType>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductTable {
    #[serde(rename = "scope", default)]
    scopes: Vec<ProductScope>,
}

static BUILT_IN: LazyLock<Result<Knowledge, TableError>> = LazyLock::new(|| Knowledge::read(|_| None));

impl Knowledge {
    /// The built-in tables.
    ///
    /// # Errors
    /// Never in a build whose tests passed: they read every table.
    pub fn built_in() -> Result<&'static Self, TableError> {
        BUILT_IN.as_ref().map_err(Clone::clone)
    }

    /// The tables with those of a deployment in the place of the built-in ones; `own` gives a table's text by its file name.
    ///
    /// # Errors
    /// The first table that cannot be read, with the reason.
    pub fn read(own: impl Fn(&'static str) -> Option<String>) -> Result<Self, TableError> {
        let sensitive: SensitiveTable = table("sensitive_types.toml", SENSITIVE_TYPES, &own)?;
        let products: ProductTable = table("products.toml", PRODUCTS, &own)?;
        let tiers = table("tiers.toml", TIERS, &own)?;
        let words: Words = table("words.en.toml", include_str!("../../../seeds/scopes/words.en.toml"), &own)?;
        words.check().map_err(|why| TableError { file: "words.en.toml", why })?;
        Ok(Self {
            digest: digest(&own),
            sensitive: sensitive.types.into_iter().map(|each| (each.name.clone(), each)).collect(),
            tiers,
            products: products.scopes.into_iter().map(|each| (each.name.clone(), each)).collect(),
            words,
        })
    }
}

fn digest(own: &impl Fn(&'static str) -> Option<String>) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    };
    add(MEASURE);
    add(release::TABLE);
    for (name, built_in) in
        [("sensitive_types.toml", SENSITIVE_TYPES), ("products.toml", PRODUCTS), ("tiers.toml", TIERS)]
    {
        add(own(name).as_deref().unwrap_or(built_in));
    }
    hex::encode(hash.finalize())
}

fn table<T: for<'de> Deserialize<'de>>(
    file: &'static str,
    built_in: &str,
    own: &impl Fn(&'static str) -> Option<String>,
) -> Result<T, TableError> {
    let text = own(file);
    toml::from_str(text.as_deref().unwrap_or(built_in))
        .map_err(|error| TableError { file, why: error.to_string().replace('\n', " ").trim().to_owned() })
}
