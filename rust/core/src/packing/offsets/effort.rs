//! What a search has spent and may spend.

use crate::control::Watch;

/// Nodes counted against the budget, and the caller's watch.
pub(super) struct Effort<'w, 'a> {
    pub watch: &'w mut Watch<'a, i64>,
    pub nodes: u64,
    pub budget: u64,
    stopped: bool,
}

impl<'w, 'a> Effort<'w, 'a> {
    /// Nothing is spent yet.
    pub(super) fn new(watch: &'w mut Watch<'a, i64>, budget: u64) -> Self {
        Self { watch, nodes: 0, budget, stopped: false }
    }

    /// Whether the search should return now.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// Counts steps of work that are no nodes; true if the search should return now.
    #[inline]
    pub(super) fn worked(&mut self, steps: u64) -> bool {
        self.stopped = self.stopped || self.watch.worked(steps);
        self.stopped
    }

    /// Counts steps before the first answer, which a time limit does not end; true if the search is called off.
    #[inline]
    pub(super) fn called_off(&mut self, steps: u64) -> bool {
        self.stopped = self.stopped || self.watch.called_off(steps);
        self.stopped
    }

    /// Counts a node that takes so many steps; true if the search should return now.
    #[inline]
    pub(super) fn node(&mut self, steps: u64) -> bool {
        self.nodes += 1;
        self.stopped = self.stopped || self.nodes >= self.budget;
        self.worked(steps)
    }

    /// Looks at the limits at once.
    pub(super) fn check(&mut self) -> bool {
        self.stopped = self.stopped || self.nodes >= self.budget || self.watch.check();
        self.stopped
    }

    /// Reports an improvement.
    pub(super) fn improved(&mut self, peak: i64, lower_bound: i64) {
        self.stopped = self.watch.improved(peak, lower_bound, self.nodes) || self.stopped;
    }
}
