//! Simulation: a rule dispatches while jobs arrive and machines stop and come back.

mod blocking;
mod breakdowns;
#[cfg(test)]
mod tests;

pub use breakdowns::{Breakdowns, Downtime, Interrupted};

use super::Schedule;
use super::dispatch::{Dispatching, Scheme};
use super::past::Past;
use super::problem::{Blocking, Shop};
use super::rule::{Keys, Priority};
use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory;
use breakdowns::Source;

/// What happened in a simulation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simulation {
    /// When each operation took its machine, and when it was complete. A repair in between counts.
    pub schedule: Schedule,
    /// The breakdowns until all operations were complete, in order of time, then of machines.
    pub down: Vec<Downtime>,
}

/// Dispatches by a rule as time goes by, without knowledge of the breakdowns to come.
///
/// A job is known from its release. Whenever an operation can start, the rule chooses among those that can start at this moment: this is
/// non-delay dispatching, and without breakdowns, blocking and a choice of machines the schedule is that of [`dispatch`](super::dispatch).
/// Nothing that is decided at a moment starts earlier, which matters where operations choose their machines. When a machine stops, its repair is known; an operation under way keeps its machine and goes on or starts again behind the repair, nothing
/// starts on the machine meanwhile, and all operations that have not started are dispatched anew. A breakdown at the moment of a
/// completion finds the operation complete; at the moment of a start it comes first. Setups run during repairs too.
///
/// In blocking shops a job keeps its machine until it enters the next one. At each moment the rule chooses among the jobs that can enter
/// an empty machine; an operation with several machines takes the fastest one that is empty. If no job can and `blocking="swap"`, jobs
/// that wait for each other in a cycle exchange their machines. With `"no_swap"` a job enters a machine only if all jobs in the shop can
/// still be completed one after the other, so that no job waits for ever (Dijkstra's banker).
///
/// Ties go to the lowest job, those of machines to the lowest one. O((N + B) (m + n)) steps at most for N operations of n jobs on m
/// machines with B breakdowns; blocking without exchange takes n as many for each start.
///
/// # Errors
/// Numbers of another count than operations; breakdowns that [`Breakdowns`] forbids, or so many that work does not complete; a shop
/// without waiting, with calendars, or blocking with setups or transport; refused memory. A simulation that `pulse` has stopped must not be
/// used.
///
/// ```
/// use schedkit_core::control::Pulse;
/// use schedkit_core::names::Named;
/// use schedkit_core::shop::{Breakdowns, Interrupted, Priority, Rule, Shop, ShopData, simulate};
/// let data = ShopData { job_start: vec![0, 1, 2], choice_start: vec![0, 1, 2], machine: vec![0, 0], duration: vec![5, 2], ..ShopData::default() };
/// let shop = Shop::new(ShopData { num_machines: 1, ..data })?;
/// let rule = Priority::Rule(Rule::from_name("spt")?, 0);
/// let down = Breakdowns::Rows(vec![(0, 4, 7)]);
/// let run = simulate(&shop, &rule, &down, Interrupted::Resume, 0, &mut Pulse::default())?;
/// assert_eq!((run.schedule.start_time, run.schedule.completion_time), (vec![2, 0], vec![10, 2]));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn simulate(
    shop: &Shop,
    priority: &Priority,
    breakdowns: &Breakdowns,
    interrupted: Interrupted,
    seed: u64,
    pulse: &mut Pulse,
) -> Result<Simulation, Error> {
    refuse(shop)?;
    breakdowns.check(shop)?;
    memory::require_items(shop.num_operations() + shop.num_jobs() + shop.num_machines(), 128)?;
    let keys = Keys::new(shop, priority)?;
    let mut source = Source::new(shop, breakdowns, seed)?;
    let schedule = if shop.data().blocking == Blocking::None {
        without_blocking(shop, &keys, &mut source, interrupted, pulse)?
    } else {
        blocking::simulate(shop, &keys, &mut source, interrupted, pulse)?
    };
    Ok(Simulation { schedule, down: source.past })
}

/// Refuses what is not simulated.
fn refuse(shop: &Shop) -> Result<(), InputError> {
    let data = shop.data();
    let blocks = data.blocking != Blocking::None;
    let unknown = [
        (data.no_wait, "no_wait", "shops without waiting are not simulated"),
        (!data.calendars.is_empty(), "calendars", "are not simulated; closed times can be given as breakdowns"),
        (blocks && !data.setup.is_empty(), "setup", "is not simulated with blocking"),
        (blocks && !data.initial_setup.is_empty(), "initial_setup", "is not simulated with blocking"),
        (blocks && !data.transport.is_empty(), "transport", "is not simulated with blocking"),
    ];
    match unknown.into_iter().find(|(given, ..)| *given) {
        Some((_, field, reason)) => Err(InputError::new(field, reason)),
        None => Ok(()),
    }
}

/// When an operation that was under way when its machine stopped is complete.
fn behind_repair(shop: &Shop, schedule: &Schedule, operation: usize, down: Downtime, interrupted: Interrupted) -> i64 {
    match interrupted {
        Interrupted::Resume => schedule.completion_time[operation] + (down.end - down.start),
        Interrupted::Restart => {
            let mut choices = shop.choices(operation);
            let choice = choices.find(|choice| choice.0 == schedule.machine[operation] as usize);
            down.end + choice.map_or(0, |choice| choice.1)
        }
    }
}

/// A simulation of a shop whose jobs leave their machines at once.
fn without_blocking(
    shop: &Shop,
    keys: &Keys,
    source: &mut Source,
    interrupted: Interrupted,
    pulse: &mut Pulse,
) -> Result<Schedule, Error> {
    let mut run = Dispatching::new(shop, keys, Scheme::NonDelay, &Past::default())?;
    let mut last: Vec<Option<usize>> = vec![None; shop.num_machines()];
    let mut end = i64::MIN; // of all operations that have started
    loop {
        let next = run.next_start();
        if source.next_time().is_some_and(|time| next.map_or(time < end, |start| time <= start)) {
            let Some(down) = source.happen()? else { continue };
            run.clock = down.start;
            let under_way = last[down.machine].filter(|&op| down.start < run.schedule.completion_time[op]);
            let moved = under_way.map(|op| (op, behind_repair(shop, &run.schedule, op, down, interrupted)));
            end = end.max(moved.map_or(end, |moved| moved.1));
            if pulse.worked(run.stop_machine(down.machine, down.end, moved)?) {
                break;
            }
        } else if let Some(job) = run.choose() {
            run.clock = next.unwrap_or(run.clock);
            let (operation, steps) = (run.next_operation(job), run.place(job)?);
            let machine = run.schedule.machine[operation] as usize;
            let (start, completion) = (run.schedule.start_time[operation], run.schedule.completion_time[operation]);
            source.started(operation, machine, start, completion)?;
            last[machine] = Some(operation);
            end = end.max(completion);
            if pulse.worked(steps) {
                break;
            }
        } else {
            break;
        }
    }
    Ok(run.schedule)
}
