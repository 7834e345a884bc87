//! A bound on the comparisons one question may cost, so that no set of scopes takes more than linear time.

/// Comparisons of constraints in one question: thousands of times what a client holds.
const MOST: usize = 200_000;

/// The comparisons a question has left.
#[derive(Debug)]
pub struct Work(usize);

impl Work {
    /// The whole allowance.
    pub fn new() -> Self {
        Self(MOST)
    }

    /// Takes `steps` from the allowance; false when it is used up, and from then on.
    pub fn allows(&mut self, steps: usize) -> bool {
        self.0 = self.0.saturating_sub(steps);
        self.0 > 0
    }
}
