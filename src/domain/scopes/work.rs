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
        count(steps);
        self.0 > 0
    }
}

impl Default for Work {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts scopes arranged and constraints compared, so that a test can ask how much work a page took.
#[cfg(not(test))]
pub(super) fn count(_steps: usize) {}

#[cfg(test)]
pub(super) fn count(steps: usize) {
    COUNTED.with(|counted| counted.set(counted.get() + steps));
}

#[cfg(test)]
thread_local! {
    static COUNTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The steps that `work` took on this thread.
#[cfg(test)]
pub fn steps_of<T>(work: impl FnOnce() -> T) -> usize {
    let before = COUNTED.with(std::cell::Cell::get);
    work();
    COUNTED.with(std::cell::Cell::get) - before
}
