//! One job after the other: a schedule to begin with where jobs keep their machines or must not wait.

use crate::calendar::Calendar;
use crate::error::{Error, Infeasible, InputError, Reason};
use crate::shop::Schedule;
use crate::shop::problem::Shop;
use crate::shop::timing::{first_open, never_open};

/// How often the begin of a job that must not wait is moved on until calendars and setups let it pass; each time a closed stretch is over.
const MOST_DELAYS: usize = 10_000;
/// How many machines are tried for the operations of a job that must not wait.
const MOST_TRIES: usize = 10_000;

/// Each job begins when all jobs before it have left; its operations take their fastest machines between which it can pass.
///
/// O(operations * choices) where jobs may wait.
///
/// # Errors
/// A job that cannot pass, whatever the other jobs do, because of closed machines. A job that cannot pass alone because of setups between its
/// own operations; calendars that close before all jobs have passed.
pub(super) fn one_by_one(shop: &Shop) -> Result<Schedule, Error> {
    let count = shop.num_operations();
    let mut schedule = Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] };
    let mut last: Vec<Left> = vec![None; shop.num_machines()];
    let mut clock = 0;
    for job in 0..shop.num_jobs() {
        for op in shop.operations(job) {
            if !shop.choices(op).any(|choice| can_open(shop, choice, shop.release_time(job))) {
                return Err(never_open(shop, op).into());
            }
        }
        let route = route(shop, job)?;
        let begin = clock.max(shop.release_time(job));
        let start = if shop.data().no_wait {
            without_waiting(shop, job, &route, begin, &mut last).ok()
        } else {
            with_waiting(shop, job, &route, begin, &mut last)
        };
        let Some(start) = start else {
            let reason = "the search begins with one job after the other, and calendars close before all have passed; prove may find a schedule";
            return Err(InputError::new("shop", reason).into());
        };
        for ((op, (machine, duration)), start) in shop.operations(job).zip(route).zip(start) {
            let end = start + duration;
            (schedule.machine[op], schedule.start_time[op], schedule.completion_time[op]) = (machine as u32, start, end);
            clock = clock.max(end);
        }
    }
    Ok(schedule)
}

/// By machine the job that left it last, and when.
type Left = Option<(usize, i64)>;

/// Whether a machine opens for as long as an operation takes there.
fn can_open(shop: &Shop, (machine, duration): (usize, i64), from: i64) -> bool {
    shop.calendar(machine).is_none_or(|calendar| first_open(calendar, from, duration).is_some())
}

/// Whether the setup between two operations of one job on a machine is over in time, if nothing runs between them: the second one begins
/// `gap` ticks after the machine became free.
pub(super) fn own_setup_fits(shop: &Shop, job: usize, machine: usize, gap: i64) -> bool {
    shop.setup(machine, Some(job), job) <= gap
}

/// The machines of a job, the fastest first, such that it can pass when no other job is there.
fn route(shop: &Shop, job: usize) -> Result<Vec<(usize, i64)>, Error> {
    let operations = shop.operations(job);
    let choices: Vec<Vec<(usize, i64)>> = operations
        .clone()
        .map(|op| {
            let mut here: Vec<_> = shop.choices(op).filter(|&choice| can_open(shop, choice, shop.release_time(job))).collect();
            here.sort_by_key(|&(machine, duration)| (duration, machine));
            here
        })
        .collect();
    let mut taken: Vec<usize> = Vec::new();
    // By operation and choice, whether the rest of the job cannot pass behind it. It depends on no more than that choice if jobs may wait.
    let mut dead: Vec<Vec<bool>> = choices.iter().map(|here| vec![false; here.len()]).collect();
    let (mut next, mut tries, mut closed) = (0, 0, false);
    while taken.len() < choices.len() {
        let k = taken.len();
        tries += 1;
        if shop.data().no_wait && tries > MOST_TRIES {
            let reason =
                format!("the search finds no machines on which {} passes without waiting; prove may", shop.job_label(job));
            return Err(InputError::new("shop", reason).into());
        }
        let passes = |c: &usize| !dead[k][*c] && follows(shop, job, &choices, &taken, choices[k][*c].0);
        if let Some(choice) = (next..choices[k].len()).find(passes) {
            taken.push(choice);
            next = 0;
            if taken.len() < choices.len() || !shop.data().no_wait {
                continue;
            }
            let route: Vec<_> = taken.iter().zip(&choices).map(|(&choice, here)| here[choice]).collect();
            match opens_in_time(shop, job, &route) {
                Some(true) => break,
                Some(false) => closed = true,
                None => tries = MOST_TRIES,
            }
        }
        let Some(before) = taken.pop() else {
            return Err(if closed { closed_times(shop, job).into() } else { own_setups(shop, job) });
        };
        if let Some(dead) = dead.get_mut(taken.len()) {
            dead[before] = !shop.data().no_wait;
        }
        next = before + 1;
    }
    Ok(taken.into_iter().zip(&choices).map(|(choice, here)| here[choice]).collect())
}

/// Whether a job that must not wait finds its machines open at some moment, if no other job is there; `None` if that is not known after
/// many tries.
fn opens_in_time(shop: &Shop, job: usize, route: &[(usize, i64)]) -> Option<bool> {
    if shop.data().calendars.is_empty() {
        return Some(true);
    }
    match without_waiting(shop, job, route, shop.release_time(job), &mut vec![None; shop.num_machines()]) {
        Ok(_) => Some(true),
        Err(tried) if tried >= repeated(shop, shop.release_time(job)) => Some(false),
        Err(_) => None,
    }
}

/// A moment by which all calendars have shown everything that they show from a moment on.
fn repeated(shop: &Shop, from: i64) -> i64 {
    let calendars = || shop.data().calendars.iter().map(|(_, calendar)| calendar);
    let last = calendars().filter_map(|calendar| calendar.time().last().copied()).fold(from, i64::max);
    let common = calendars().filter_map(Calendar::period).try_fold(1_i64, |a, b| {
        let (mut x, mut y) = (a, b);
        while y > 0 {
            (x, y) = (y, x % y);
        }
        (a / x).checked_mul(b)
    });
    common.map_or(i64::MAX, |common| last.saturating_add(common))
}

/// Why no job passes its machines while they are open.
fn closed_times(shop: &Shop, job: usize) -> Infeasible {
    let operations = shop.operations(job);
    let mut resources: Vec<usize> = operations.clone().flat_map(|op| shop.choices(op).map(|choice| choice.0)).collect();
    resources.sort_unstable();
    resources.dedup();
    let detail = format!("{} never passes without waiting while its machines are open", shop.job_label(job));
    let reasons = vec![Reason { code: "machine_closed", activities: operations.collect(), resources, amount: None, detail }];
    Infeasible { reasons }
}

/// Whether a job can go on to a machine behind the choices that it has taken.
fn follows(shop: &Shop, job: usize, choices: &[Vec<(usize, i64)>], taken: &[usize], machine: usize) -> bool {
    let way_to = |from: usize, to: usize| shop.transport(from, to);
    let mut gap = 0;
    let mut to = machine;
    for (&choice, here) in taken.iter().zip(choices).rev() {
        let (from, duration) = here[choice];
        gap += way_to(from, to);
        if from == machine {
            return own_setup_fits(shop, job, machine, gap);
        }
        if !shop.data().no_wait {
            return true; // it waits on a machine between, for as long as the setup takes
        }
        (gap, to) = (gap + duration, from);
    }
    true
}

/// That setups leave a job no machines, unless what other jobs do between saves a setup.
fn own_setups(shop: &Shop, job: usize) -> Error {
    let detail =
        format!("setups between its own operations do not let {} pass alone, whichever machines it takes", shop.job_label(job));
    InputError::new("shop", format!("the search begins with one job after the other, and {detail}; prove may find a schedule"))
        .into()
}

/// When a machine is ready for a job.
fn ready(shop: &Shop, machine: usize, job: usize, last: Left) -> i64 {
    match last {
        Some((before, end)) => end + shop.setup(machine, Some(before), job),
        None => shop.setup(machine, None, job),
    }
}

/// Start times of a job that stays on its machines while it waits.
fn with_waiting(shop: &Shop, job: usize, route: &[(usize, i64)], begin: i64, last: &mut [Left]) -> Option<Vec<i64>> {
    let (mut clock, mut before): (i64, Option<usize>) = (begin, None);
    let mut starts = Vec::with_capacity(route.len());
    for &(machine, duration) in route {
        let way = before.map_or(0, |from| shop.transport(from, machine));
        let ready = if before == Some(machine) { i64::MIN } else { ready(shop, machine, job, last[machine]) };
        let start = (clock + way).max(ready);
        let start = shop.calendar(machine).map_or(Some(start), |calendar| first_open(calendar, start, duration))?;
        if let Some(from) = before {
            last[from] = Some((job, start - way)); // it leaves then
        }
        starts.push(start);
        clock = start + duration;
        last[machine] = Some((job, clock));
        before = Some(machine);
    }
    Some(starts)
}

/// Start times of a job that begins as early as it can pass without waiting; if it does not pass, a moment before which it does not.
fn without_waiting(shop: &Shop, job: usize, route: &[(usize, i64)], mut begin: i64, last: &mut [Left]) -> Result<Vec<i64>, i64> {
    let first: Vec<Left> = route.iter().map(|&(machine, _)| last[machine]).collect();
    for _ in 0..MOST_DELAYS {
        let (mut clock, mut before, mut delay): (i64, Option<usize>, i64) = (begin, None, 0);
        let mut starts = Vec::with_capacity(route.len());
        for &(machine, duration) in route {
            clock += before.map_or(0, |from| shop.transport(from, machine));
            delay = delay.max(ready(shop, machine, job, last[machine]) - clock);
            if let Some(calendar) = shop.calendar(machine) {
                delay = delay.max(first_open(calendar, clock, duration).ok_or(i64::MAX)? - clock);
            }
            starts.push(clock);
            clock += duration;
            last[machine] = Some((job, clock));
            before = Some(machine);
        }
        if delay <= 0 {
            return Ok(starts);
        }
        begin += delay;
        route.iter().zip(&first).for_each(|(&(machine, _), &left)| last[machine] = left);
    }
    Err(begin)
}
