mod asking;
mod atoms;
mod comparing;
mod deciding;
mod explaining;
mod hostile;
mod laws;
mod parsing;
mod reaching;

use super::set::ScopeSet;
use super::{Knowledge, Scope};

fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text)
}

fn texts(meanings: &[super::Meaning]) -> Vec<String> {
    meanings.iter().map(ToString::to_string).collect()
}

fn reason(token: &str) -> String {
    Scope::parse(token).unwrap_err().to_string()
}

fn knowledge() -> &'static Knowledge {
    Knowledge::built_in().unwrap()
}
