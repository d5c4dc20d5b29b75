//! The calling thread's side of a search.

use super::{Improvement, Pace, Stop};

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

    /// Counts `steps` of work; true if the search should return now, and at every later step.
    #[inline]
    pub fn worked(&mut self, steps: u64) -> bool {
        self.pace.due(steps) && self.check()
    }

    /// Counts `steps` of work before the first answer; true if a signal or the token calls the search off. A time limit does not.
    #[inline]
    pub fn called_off(&mut self, steps: u64) -> bool {
        self.pace.due(steps) && self.is_called_off()
    }

    #[cold]
    fn is_called_off(&mut self) -> bool {
        if self.poll.as_mut().is_some_and(|poll| !poll()) || self.stop.cancel.cancelled() {
            self.stop.halt();
        }
        if self.stop.halted() {
            self.pace.keep_due();
        }
        self.stop.halted()
    }

    /// Polls and checks at once; true if the search should return now.
    pub fn check(&mut self) -> bool {
        if let Some(poll) = &mut self.poll
            && !poll()
        {
            self.stop.halt();
        }
        let stop = self.stop.check();
        if stop {
            self.pace.keep_due();
        }
        stop
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

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;

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
    fn a_time_limit_does_not_call_a_search_off_but_a_signal_and_a_token_do() {
        let passed = Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() };
        let stop = Stop::new(&passed);
        let mut watch = Watch::<i64>::new(&stop);
        assert!(!watch.called_off(Pace::INTERVAL));
        passed.cancel.cancel();
        assert!(watch.called_off(Pace::INTERVAL) && watch.called_off(1));
        let stop = Stop::new(&Limits::default());
        let mut watch = Watch::<i64>::new(&stop).with(None, Some(Box::new(|| false)));
        assert!(watch.called_off(Pace::INTERVAL) && watch.called_off(1) && watch.worked(1));
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
