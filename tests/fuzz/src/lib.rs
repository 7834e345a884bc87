//! The scopes of Muster by themselves, for the fuzz targets.

pub mod domain;
