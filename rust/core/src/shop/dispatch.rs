//! Dispatching: one operation at a time by a rule, active (Giffler and Thompson 1960) or non-delay.

mod general;
mod queues;
mod repair;
mod rows;
#[cfg(test)]
mod tests;

pub(super) use general::Dispatching;

use super::Schedule;
use super::objective::Objective;
use super::past::Past;
use super::problem::{Blocking, Shop};
use super::rule::{Keys, Priority};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::total::Total;

/// Which operations a rule may choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// Those on the machine of the earliest possible completion that start before it. The schedule is active.
    #[default]
    Active,
    /// Those that can start first. No machine waits while there is work for it.
    NonDelay,
}

impl Named for Scheme {
    const FIELD: &'static str = "scheme";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("active", Self::Active), ("non_delay", Self::NonDelay)].into_iter()
    }
}

/// A schedule by a priority rule.
///
/// Active: of the earliest completions of all ready operations take the least one, f*, and its machine. The rule chooses among the ready
/// operations on that machine that can start before f*. Non-delay: the rule chooses among the ready operations that can start first.
/// An operation with several machines takes the one of its earliest completion. An operation goes behind those that are on its machine
/// already; a setup may run before the job arrives. Fixed operations are on their machines from the beginning.
///
/// Ties: of equal completions, starts or keys the lowest job; of machines the lowest one. N operations of n jobs on m machines take
/// O(N (log n + log m)) if each has one machine, which needs no setup and is always open; by a rule whose keys depend on the moment a step
/// looks at all ready operations of one machine. Other shops take about O(N (m + n / m)).
///
/// # Errors
/// A shop with blocking or without waiting, which needs other methods; numbers of another count than operations; an operation whose
/// machines are never open for so long; refused memory. A schedule that `pulse` has stopped must not be used.
///
/// ```
/// use schedkit_core::control::Pulse;
/// use schedkit_core::names::Named;
/// use schedkit_core::shop::{Past, Priority, Rule, Scheme, Shop, ShopData, dispatch};
/// let data = ShopData { job_start: vec![0, 1, 2], choice_start: vec![0, 1, 2], machine: vec![0, 0], duration: vec![5, 2], ..ShopData::default() };
/// let shop = Shop::new(ShopData { num_machines: 1, ..data })?;
/// let rule = Priority::Rule(Rule::from_name("spt")?, 0);
/// let schedule = dispatch(&shop, &rule, Scheme::Active, &Past::default(), &mut Pulse::default())?;
/// assert_eq!(schedule.start_time, [2, 0]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn dispatch(shop: &Shop, priority: &Priority, scheme: Scheme, past: &Past, pulse: &mut Pulse) -> Result<Schedule, Error> {
    let refused = |field, reason| Err(InputError::new(field, reason).into());
    if shop.data().blocking != Blocking::None {
        return refused("blocking", "dispatching does not schedule blocking shops");
    }
    if shop.data().no_wait {
        return refused("no_wait", "dispatching does not schedule shops without waiting");
    }
    memory::require_items(shop.num_operations() + shop.num_jobs(), 256)?;
    let keys = Keys::new(shop, priority)?;
    if rows::serves(shop) {
        return Ok(rows::dispatch(shop, &keys, scheme, past, pulse));
    }
    if queues::serves(shop) {
        return Ok(queues::dispatch(shop, &keys, scheme, past, pulse));
    }
    general::dispatch(shop, &keys, scheme, past, pulse)
}

/// The values of an objective of the schedules by several priorities, each with the ties of [`dispatch`].
///
/// # Errors
/// As [`dispatch`]. Values that `pulse` has stopped must not be used.
pub fn dispatch_many<'p>(
    shop: &Shop,
    priorities: impl Iterator<Item = Priority<'p>>,
    scheme: Scheme,
    objective: Objective,
    pulse: &mut Pulse,
) -> Result<Vec<Total>, Error> {
    let mut values = Vec::new();
    for priority in priorities {
        let schedule = dispatch(shop, &priority, scheme, &Past::default(), pulse)?;
        if pulse.worked(shop.num_operations() as u64) {
            break;
        }
        memory::reserve(&mut values, 1)?;
        values.push(objective.value(shop, &schedule));
    }
    Ok(values)
}
