//! When to stop and what to report: limits, a sticky cancel token, and the improvements found on the way.
//!
//! A search owns one [`Stop`], shared by its threads, and the calling thread owns one [`Watch`]. Budgets are counted by the
//! search itself; a clock is read only if there is a time limit, and for the time stamps of improvements.

mod pulse;
mod watch;

use std::time::{Duration, Instant};

use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};

pub use pulse::{Pace, Pulse};
pub use watch::{OnImprovement, Poll, Watch};

/// A request to stop. Clones share it, it never resets, and it works before the start too.
///
/// ```
/// let token = schedkit_core::control::CancelToken::default();
/// let shared = token.clone();
/// token.cancel();
/// assert!(shared.cancelled());
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks every search that holds this token to return its best so far.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a search may spend. The budget's unit is the search's own (schedules, moves, evaluations, nodes).
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Wall time.
    pub time: Option<Duration>,
    /// Units of work.
    pub budget: Option<u64>,
    /// Cancellation from outside.
    pub cancel: CancelToken,
}

/// A better solution, or a better bound, at the moment it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Improvement<T> {
    /// Best objective so far.
    pub objective: T,
    /// Best proven bound so far.
    pub lower_bound: T,
    /// Units of the budget spent.
    pub budget_used: u64,
    /// Seconds since the start.
    pub elapsed: f64,
}

/// What is proven about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Proven best.
    Optimal,
    /// A solution, not proven best.
    Feasible,
    /// Proven to have no solution.
    Infeasible,
    /// Neither a solution nor a proof.
    Unknown,
}

impl Status {
    /// The lower-case word that results carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::Feasible => "feasible",
            Self::Infeasible => "infeasible",
            Self::Unknown => "unknown",
        }
    }
}

/// The stop sign that all threads of one search share.
#[derive(Debug)]
pub struct Stop {
    start: Instant,
    deadline: Option<Instant>,
    cancel: CancelToken,
    halted: AtomicBool,
}

impl Stop {
    /// Starts the clock. A time limit too far away to represent is no limit.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let start = Instant::now();
        let deadline = limits.time.and_then(|time| start.checked_add(time));
        Self { start, deadline, cancel: limits.cancel.clone(), halted: AtomicBool::new(false) }
    }

    /// Stops every thread of this search.
    pub fn halt(&self) {
        self.halted.store(true, Ordering::Relaxed);
    }

    /// Whether some look has already found that the search should return; reads no clock.
    #[inline]
    #[must_use]
    pub fn halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }

    /// Whether the search should return now; reads the clock only if there is a deadline.
    #[must_use]
    pub fn check(&self) -> bool {
        if self.halted() {
            return true;
        }
        let stop = self.cancel.cancelled() || self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if stop {
            self.halt();
        }
        stop
    }

    /// Seconds since the start.
    #[must_use]
    pub fn elapsed(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

#[cfg(all(test, loom))]
mod interleavings {
    use super::*;
    use loom::thread;

    #[test]
    fn a_cancelled_search_stops_on_every_thread_and_stays_stopped() {
        loom::model(|| {
            let limits = Limits::default();
            let stop = Arc::new(Stop::new(&limits));
            let canceller = thread::spawn(move || limits.cancel.cancel());
            let worker = {
                let stop = Arc::clone(&stop);
                thread::spawn(move || [stop.check(), stop.check()])
            };
            let seen = [stop.check(), stop.check()];
            assert!(seen[0] <= seen[1], "it never resets");
            let theirs = worker.join().expect("no panic");
            assert!(theirs[0] <= theirs[1], "it never resets");
            canceller.join().expect("no panic");
            assert!(stop.check(), "a cancellation is never lost");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_set_before_the_start_stops_at_once_and_stays_set() {
        let limits = Limits::default();
        assert!(!Stop::new(&limits).check());
        limits.cancel.cancel();
        assert!(Stop::new(&limits).check());
        assert!(Stop::new(&limits).check());
    }

    #[test]
    fn a_deadline_stops_and_an_endless_one_does_not_overflow() {
        let passed = Limits { time: Some(Duration::ZERO), ..Limits::default() };
        assert!(Stop::new(&passed).check());
        let endless = Limits { time: Some(Duration::MAX), ..Limits::default() };
        assert!(!Stop::new(&endless).check());
    }
}
