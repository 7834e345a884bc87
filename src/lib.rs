pub mod connectors;
pub mod domain;
