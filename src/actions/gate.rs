//! A gate that lets a few in at once, the others in their order, and turns away whom it cannot hold.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A gate.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<State>,
    moved: Condvar,
    /// How many may wait.
    waiting: usize,
}

#[derive(Debug)]
struct State {
    free: usize,
    queue: VecDeque<u64>,
    next: u64,
}

/// A place inside, given back when it is dropped.
#[derive(Debug)]
pub struct Place<'a>(&'a Gate);

/// As many as may wait are waiting already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Gate {
    /// Lets `at_once` in and lets `waiting` wait.
    pub const fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            state: Mutex::new(State { free: at_once, queue: VecDeque::new(), next: 0 }),
            moved: Condvar::new(),
            waiting,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes in, after those who came before.
    ///
    /// # Errors
    /// [`Full`], at once, when as many as may wait are waiting.
    pub fn enter(&self) -> Result<Place<'_>, Full> {
        let mut state = self.state();
        if state.free == 0 || !state.queue.is_empty() {
            if state.queue.len() >= self.waiting {
                return Err(Full);
            }
            let own = state.next;
            state.next = own.wrapping_add(1);
            state.queue.push_back(own);
            while state.free == 0 || state.queue.front() != Some(&own) {
                state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.queue.pop_front();
        }
        state.free -= 1;
        if state.free > 0 {
            self.moved.notify_all();
        }
        Ok(Place(self))
    }

    /// How many wait.
    #[cfg(test)]
    fn waiting_now(&self) -> usize {
        self.state().queue.len()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state().free += 1;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn those_who_wait_go_in_in_their_order_and_one_too_many_is_turned_away() {
        let gate = Gate::new(1, 3);
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let inside = gate.enter().unwrap();
            for number in 0..3 {
                let (gate, order) = (&gate, &order);
                scope.spawn(move || {
                    let place = gate.enter().unwrap();
                    order.lock().unwrap().push(number);
                    drop(place);
                });
                while gate.waiting_now() <= number {
                    std::thread::yield_now();
                }
            }
            assert_eq!(gate.enter().unwrap_err(), Full);
            drop(inside);
        });
        assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
        assert!(gate.enter().is_ok(), "it is open again");
    }

    #[test]
    fn never_more_than_two_are_inside() {
        let gate = Gate::new(2, 100);
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let place = gate.enter().unwrap();
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(place);
                    }
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }
}
