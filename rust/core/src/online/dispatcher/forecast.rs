//! The reservation of EASY backfilling: when the first key that does not fit now will fit, and which units are free beside it at that
//! time.

use super::demand_groups::{DemandGroups, fits};
use super::key_table::KeyTable;
use super::running_set::RunningSet;

/// The reservation of the head.
#[derive(Debug, Clone, Default)]
pub(super) struct Forecast {
    /// When the head fits by the estimates of what runs; infinite if it waits for a key without an estimate.
    pub start: f64,
    /// What is free at that time beside the head. It may be below zero if the time is infinite.
    pub spare: Vec<i64>,
}

impl Forecast {
    /// Computes the reservation of a head with this demand, which does not fit into what is free.
    ///
    /// A key that has overrun ends just after `now`, so what it holds counts as free from there on.
    pub fn compute(
        &mut self,
        demand: &[i64],
        free: &[i64],
        now: f64,
        running: &RunningSet,
        table: &KeyTable,
        groups: &DemandGroups,
    ) {
        self.start = f64::INFINITY;
        self.spare.clear();
        self.spare.extend_from_slice(free);
        let mut ends =
            running.ends().map(|(end, number)| (end.max(now), number)).take_while(|item| item.0 < f64::INFINITY).peekable();
        while let Some((end, number)) = ends.next() {
            let released = groups.demand(table.records[number as usize].group);
            self.spare.iter_mut().zip(released).for_each(|(spare, released)| *spare += released);
            let is_last_of_moment = ends.peek().is_none_or(|next| next.0 > end);
            if is_last_of_moment && fits(demand, &self.spare) {
                self.start = end;
                break;
            }
        }
        self.spare.iter_mut().zip(demand).for_each(|(spare, demand)| *spare -= demand);
    }

    /// Whether a key with this estimate ends before the head starts.
    #[inline]
    pub fn ends_in_time(&self, now: f64, estimate: f64) -> bool {
        estimate < f64::INFINITY && now + estimate <= self.start
    }
}
