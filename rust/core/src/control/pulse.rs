//! How a computation without limits of its own notices that it should stop.

use std::time::Instant;

use super::CancelToken;

/// Spreads checks over work, so that a hot loop pays one addition.
#[derive(Debug, Clone, Default)]
pub struct Pace(u64);

impl Pace {
    /// Elementary steps (some 10 ns each) between two checks: about a millisecond.
    pub(super) const INTERVAL: u64 = 1 << 16;

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

    /// Makes the next call of [`due`](Self::due) true, whatever its steps.
    pub(super) fn keep_due(&mut self) {
        self.0 = Self::INTERVAL;
    }
}

/// Stops a long computation that has no limits of its own, when a signal arrives for instance.
///
/// The computation counts its work here. The clock is read only if there is a deadline, and no history is kept. The result of a
/// stopped computation must not be used. Clones stop together. Whoever was told to stop is told so again at every later step, so a
/// computation of several parts does not begin a part that reads what the part before it left unfinished.
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
    /// The caller's token, which the pulse never sets.
    cancel: Option<CancelToken>,
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

    /// Stops the computation when this token is cancelled, too.
    #[must_use]
    pub fn cancelled_by(self, cancel: CancelToken) -> Self {
        Self { cancel: Some(cancel), ..self }
    }

    /// Lets work go on without a deadline where the deadline alone has stopped it; false if something else did. Other clones stay stopped.
    pub fn extend(&mut self) -> bool {
        let passed = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let wanted = self.poll.is_none_or(|poll| poll()) && !self.is_cancelled();
        if passed && wanted {
            *self = Self { poll: self.poll, cancel: self.cancel.take(), ..Self::default() };
        }
        !self.stopped()
    }

    /// Counts `steps` of work; true if the computation should return now.
    #[inline]
    pub fn worked(&mut self, steps: u64) -> bool {
        self.pace.due(steps) && self.check()
    }

    /// Whether the caller's token is cancelled.
    fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(CancelToken::cancelled)
    }

    #[cold]
    fn check(&mut self) -> bool {
        let passed = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if passed || self.is_cancelled() || self.poll.is_some_and(|poll| !poll()) {
            self.stopped.cancel();
        }
        if self.stopped() {
            self.pace.keep_due();
        }
        self.stopped()
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.stopped.cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_pulse_stops_every_later_step() {
        let mut pulse = Pulse::new(|| false);
        assert!(!pulse.worked(1) && pulse.worked(Pace::INTERVAL));
        assert!((0..3).all(|_| pulse.worked(1)));
    }

    #[test]
    fn a_pulse_goes_on_after_its_deadline_but_not_after_a_signal() {
        let passed = Instant::now();
        let mut late = Pulse::new(|| true).until(passed);
        assert!(late.worked(Pace::INTERVAL));
        assert!(late.extend() && !late.worked(Pace::INTERVAL));
        let mut signalled = Pulse::new(|| false).until(passed);
        assert!(signalled.worked(Pace::INTERVAL) && !signalled.extend());
        let mut endless = Pulse::new(|| false);
        assert!(endless.worked(Pace::INTERVAL) && !endless.extend());
    }

    #[test]
    fn a_token_stops_a_pulse_and_a_stopped_pulse_leaves_the_token_alone() {
        let token = CancelToken::default();
        let mut pulse = Pulse::new(|| false).cancelled_by(token.clone());
        assert!(pulse.worked(Pace::INTERVAL) && !token.cancelled());
        let mut other = Pulse::default().until(Instant::now()).cancelled_by(token.clone());
        assert!(other.worked(Pace::INTERVAL));
        token.cancel();
        assert!(!other.extend());
        let mut third = Pulse::default().cancelled_by(token);
        assert!(third.worked(Pace::INTERVAL) && third.stopped());
    }
}

#[cfg(all(test, loom))]
mod interleavings {
    use super::*;
    use loom::thread;

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
