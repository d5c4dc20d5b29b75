//! When an operation can start on a machine behind the operations that are there already.

use super::past::Past;
use super::problem::Shop;
use crate::calendar::Calendar;
use crate::error::{Infeasible, Reason};

/// The state of all machines while operations are placed one behind the other.
#[derive(Debug)]
pub(super) struct Machines<'s> {
    shop: &'s Shop,
    /// When each machine is free.
    free: Vec<i64>,
    /// The job of the last operation of each machine.
    last: Vec<Option<usize>>,
    /// Nothing starts on a machine earlier, because it is under repair.
    up: Vec<i64>,
    /// Whether machines are always open and need no setups.
    plain: bool,
}

impl<'s> Machines<'s> {
    /// All machines behind the fixed operations, and not before `now`.
    pub fn new(shop: &'s Shop, past: &Past) -> Self {
        let count = shop.num_machines();
        let plain = shop.data().calendars.is_empty() && !(0..count).any(|machine| shop.has_setups(machine));
        let (free, last, up) = (vec![past.now(); count], vec![None; count], vec![i64::MIN; count]);
        let mut machines = Self { shop, free, last, up, plain };
        let mut ends = vec![i64::MIN; shop.num_machines()];
        for f in past.fixed() {
            if f.end >= ends[f.machine] {
                ends[f.machine] = f.end;
                machines.last[f.machine] = Some(shop.job(f.operation));
                machines.free[f.machine] = f.end.max(past.now());
            }
        }
        machines
    }

    /// When each machine is free.
    pub fn free(self) -> Vec<i64> {
        self.free
    }

    /// Start and completion of an operation of `job` as the next one of a machine, as early as possible; `None` if the machine never
    /// opens for so long.
    #[inline]
    pub fn earliest(&self, job: usize, machine: usize, arrival: i64, duration: i64) -> Option<(i64, i64)> {
        if self.plain {
            let start = self.free[machine].max(self.up[machine]).max(arrival);
            return Some((start, start + duration));
        }
        self.earliest_of_any(job, machine, arrival, duration)
    }

    /// The same with setups and calendars.
    fn earliest_of_any(&self, job: usize, machine: usize, arrival: i64, duration: i64) -> Option<(i64, i64)> {
        let ready = (self.free[machine] + self.shop.setup(machine, self.last[machine], job)).max(self.up[machine]);
        let start = match self.shop.calendar(machine) {
            None => ready.max(arrival),
            Some(calendar) => first_open(calendar, ready.max(arrival), duration)?,
        };
        Some((start, start + duration))
    }

    /// Makes an operation of `job` that ends at `completion` the last one of a machine.
    #[inline]
    pub fn occupy(&mut self, machine: usize, job: usize, completion: i64) {
        (self.free[machine], self.last[machine]) = (completion, Some(job));
    }

    /// Lets nothing start on a machine before a moment.
    pub fn stop(&mut self, machine: usize, until: i64) {
        self.up[machine] = until;
    }
}

/// The first moment from `from` on at which a machine is open, and stays open for `duration` ticks; `from` for a duration of 0.
pub(super) fn first_open(calendar: &Calendar, from: i64, duration: i64) -> Option<i64> {
    if duration == 0 {
        return Some(from);
    }
    let (mut walk, mut start) = (calendar.walk_forward(from), from);
    loop {
        let open = walk.capacity() != Some(0);
        let Some(next) = walk.next() else { return open.then_some(start) };
        if !open {
            start = next;
        } else if next - start >= duration || calendar.period().is_some_and(|period| next - start >= period) {
            return Some(start); // what is open for a whole period is always open
        }
        if calendar.period().is_some_and(|period| start - from > 2 * period) {
            return None; // every stretch of open time has been seen
        }
        walk.advance();
    }
}

/// Why an operation has no place on any of its machines.
pub(super) fn never_open(shop: &Shop, operation: usize) -> Infeasible {
    let machines: Vec<usize> = shop.choices(operation).map(|(machine, _)| machine).collect();
    let places: Vec<String> = machines.iter().map(|&machine| shop.machine_label(machine)).collect();
    let detail = format!("{} never finds {} open for as long as it takes", shop.label(operation), places.join(" or "));
    Infeasible {
        reasons: vec![Reason { code: "machine_closed", activities: vec![operation], resources: machines, amount: None, detail }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_open_stretch_is_that_of_looking_at_every_tick(
            steps in prop::collection::btree_map(-9_i64..9, 0_i64..2, 0..5), period in prop::option::of(18_i64..24), from in -20_i64..20, duration in 0_i64..30,
        ) {
            let (time, capacity): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
            let calendar = Calendar::new(time, capacity, period).unwrap();
            let open = |t: i64| calendar.capacity_at(t) != Some(0);
            let expected = (from..from + 100).find(|&start| (start..start + duration).all(open));
            prop_assert_eq!(first_open(&calendar, from, duration), expected);
        }
    }
}
