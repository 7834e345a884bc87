//! Why a whole file is refused.

/// A file that cannot be read, with the place and what to do. Never quotes a value of the file:
/// the value might be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// The line, counted from 1, where the fault has one.
    pub line: Option<u64>,
    /// What is wrong and what to do, in a sentence.
    pub reason: String,
}

impl ImportError {
    /// A fault on a line.
    pub fn at(line: u64, reason: impl Into<String>) -> Self {
        Self { line: Some(line), reason: reason.into() }
    }

    /// A fault of the file as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { line: None, reason: reason.into() }
    }
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(out, "line {line}: {}", self.reason),
            None => out.write_str(&self.reason),
        }
    }
}

impl std::error::Error for ImportError {}
