//! When to stop and what to report: limits, a sticky cancel token, and the improvements found on the way.
//!
//! A search owns one [`Stop`], shared by its threads, and the calling thread owns one [`Watch`]. Budgets are counted by the
//! search itself; a clock is read only if there is a time limit, and for the time stamps of improvements.

use std::time::{Duration, Instant};

use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};

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

/// Spreads checks over work, so that a hot loop pays one addition.
#[derive(Debug, Clone, Default)]
pub struct Pace(u64);

impl Pace {
    /// Elementary steps (some 10 ns each) between two checks: about a millisecond.
    const INTERVAL: u64 = 1 << 16;

    /// Counts `steps`; true once per interval, and at once for `u64::MAX`.
    #[inline]
    pub fn due(&mut self, steps: u64) -> bool {
        self.0 = self.0.saturating_add(steps);
        if self.0 < Self::INTERVAL {
            return false;
        }
        self.0 = 0;
        true
    }
}

/// Lets a long computation without limits be stopped all the same, by a signal for instance. It is nobody's search, reads no clock of
/// its own accord and keeps no history; what it leaves behind when it is stopped is worth nothing. Clones stop together.
///
/// ```
/// use schedkit_core::control::Pulse;
/// let mut endless = Pulse::default();
/// assert!(!endless.worked(u64::MAX / 2));
/// let mut stopped = Pulse::new(|| false);
/// assert!(stopped.worked(1 << 20) && stopped.stopped());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    poll: Option<fn() -> bool>,
    deadline: Option<Instant>,
    stopped: CancelToken,
    pace: Pace,
}

impl Pulse {
    /// Asks `poll` about every millisecond of work, on each thread that works; `false` stops all of them.
    #[must_use]
    pub fn new(poll: fn() -> bool) -> Self {
        Self { poll: Some(poll), ..Self::default() }
    }

    /// Stops the computation at this moment, too.
    #[must_use]
    pub fn until(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Counts `steps` of work; true if the computation should return now.
    #[inline]
    pub fn worked(&mut self, steps: u64) -> bool {
        self.pace.due(steps) && self.check()
    }

    #[cold]
    fn check(&mut self) -> bool {
        if self.poll.is_some_and(|poll| !poll()) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.stopped.cancel();
        }
        self.stopped()
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.stopped.cancelled()
    }
}

/// Called with every improvement; `false` stops the search.
pub type OnImprovement<'a, T> = Box<dyn FnMut(&Improvement<T>) -> bool + 'a>;
/// Called about every millisecond on the calling thread (signals, for instance); `false` stops the search.
pub type Poll<'a> = Box<dyn FnMut() -> bool + 'a>;

/// The calling thread's side of a search: pacing, polling, and the history of improvements.
pub struct Watch<'a, T> {
    /// Shared with worker threads.
    pub stop: &'a Stop,
    /// Everything reported so far.
    pub history: Vec<Improvement<T>>,
    pace: Pace,
    on_improvement: Option<OnImprovement<'a, T>>,
    poll: Option<Poll<'a>>,
}

impl<'a, T: Copy> Watch<'a, T> {
    /// A watch without callbacks.
    #[must_use]
    pub fn new(stop: &'a Stop) -> Self {
        Self { stop, history: Vec::new(), pace: Pace::default(), on_improvement: None, poll: None }
    }

    /// Adds the callbacks.
    #[must_use]
    pub fn with(mut self, on_improvement: Option<OnImprovement<'a, T>>, poll: Option<Poll<'a>>) -> Self {
        self.on_improvement = on_improvement;
        self.poll = poll;
        self
    }

    /// Counts `steps` of work; true if the search should return now.
    #[inline]
    pub fn worked(&mut self, steps: u64) -> bool {
        self.pace.due(steps) && self.check()
    }

    /// Polls and checks at once; true if the search should return now.
    pub fn check(&mut self) -> bool {
        if let Some(poll) = &mut self.poll
            && !poll()
        {
            self.stop.halt();
        }
        self.stop.check()
    }

    /// Records an improvement and passes it on; true if the search should return now.
    pub fn improved(&mut self, objective: T, lower_bound: T, budget_used: u64) -> bool {
        let improvement = Improvement { objective, lower_bound, budget_used, elapsed: self.stop.elapsed() };
        self.history.push(improvement);
        if let Some(callback) = &mut self.on_improvement
            && !callback(&improvement)
        {
            self.stop.halt();
            return true;
        }
        false
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

    #[test]
    fn clones_of_a_pulse_stop_together() {
        loom::model(|| {
            let mut pulse = Pulse::new(|| false);
            let mut clone = pulse.clone();
            let other = thread::spawn(move || clone.worked(Pace::INTERVAL));
            let mine = pulse.worked(Pace::INTERVAL);
            assert!(other.join().expect("no panic") && mine && pulse.stopped());
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

    #[test]
    fn callbacks_stop_the_search_and_history_keeps_everything() {
        let stop = Stop::new(&Limits::default());
        let mut watch = Watch::new(&stop).with(Some(Box::new(|i: &Improvement<i64>| i.objective > 5)), None);
        assert!(!watch.improved(7, 1, 10));
        assert!(watch.improved(5, 1, 20));
        assert!(stop.check());
        assert_eq!(watch.history.iter().map(|i| (i.objective, i.budget_used)).collect::<Vec<_>>(), [(7, 10), (5, 20)]);
    }

    #[test]
    fn work_is_polled_once_per_interval() {
        let stop = Stop::new(&Limits::default());
        let mut polls = 0;
        let mut watch = Watch::<i64>::new(&stop).with(
            None,
            Some(Box::new(|| {
                polls += 1;
                polls < 3
            })),
        );
        let rounds = (0..100).take_while(|_| !watch.worked(Pace::INTERVAL / 2)).count();
        drop(watch);
        assert_eq!((polls, rounds), (3, 5));
    }
}
