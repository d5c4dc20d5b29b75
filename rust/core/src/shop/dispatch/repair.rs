//! Dispatching with machines that stop: what a breakdown changes.

use super::general::{Dispatching, NOTHING};
use crate::error::Error;

impl Dispatching<'_> {
    /// When the next operation can start, if one is left.
    pub fn next_start(&self) -> Option<i64> {
        self.first.iter().copied().min().filter(|first| *first != NOTHING).map(|first| first.0)
    }

    /// The operation that [`place`](Self::place) places for a job.
    pub fn next_operation(&self, job: usize) -> usize {
        self.place[job].operation
    }

    /// Stops a machine until a moment. `moved` is the operation under way there, with its new completion. Returns the steps of work.
    pub fn stop_machine(&mut self, machine: usize, until: i64, moved: Option<(usize, i64)>) -> Result<u64, Error> {
        self.machines.stop(machine, until);
        if let Some((operation, completion)) = moved {
            let job = self.shop.job(operation);
            self.schedule.completion_time[operation] = completion;
            self.machines.occupy(machine, job, completion);
            if operation + 1 < self.shop.operations(job).end {
                self.reconsider(job)?;
            }
        }
        self.reconsider_waiting(machine)
    }
}
