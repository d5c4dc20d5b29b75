//! Rolling horizon for long shops: windows of operations in order of time are searched one after the other, and what starts first in a
//! window is kept.
//!
//! A search of the whole shop hardly moves where many critical paths run side by side. A window is a shop of its own: its jobs are ready
//! when their kept operations are complete, its machines when they are free, and behind each job its remaining work follows.

use super::orders::{Arrangement, Orders};
use super::population::{ShopSearch, arranged};
use super::{RULES, Solution, refuse, until};
use crate::control::{Limits, Status, Stop, Watch};
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::random::Random;
use crate::shop::bound::lower_bound;
use crate::shop::dispatch::{Scheme, dispatch};
use crate::shop::past::{Fixed, FixedRow, Past};
use crate::shop::problem::ShopData;
use crate::shop::rule::{Priority, Rule};
use crate::shop::{Schedule, Shop};
use std::time::Instant;

/// Moves in each window where no limit says how many.
const MOVES_OF_WINDOW: u64 = 20_000;

/// Bytes for each operation of what is kept and planned.
const BYTES_OF_PLANS: usize = 192;

/// How far a rolling horizon looks, and how far it moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// Operations of a window.
    pub window: usize,
    /// Operations that are kept of each window, at least 1 and at most all.
    pub step: usize,
}

impl Default for Horizon {
    /// 100 operations, of which 50 are kept.
    fn default() -> Self {
        Self { window: 100, step: 50 }
    }
}

/// Rolling horizon for `J, FJ | r_j | C_max`.
///
/// All operations are dispatched by the rule that makes the shortest schedule of the whole shop. The first `window` of these that are not kept yet are searched, behind what is kept, for
/// a short schedule of themselves and of the work that follows in their jobs; the `step` that start first are kept. Each window has an
/// equal share of what is left of the limits. The answer is the shortest of the schedules that have been seen, the dispatched ones
/// included. One thread searches; without a time limit no clock is read, and equal seeds give equal answers.
///
/// # Errors
/// A shop with anything but routes, durations, release times, due dates and weights; a horizon without operations, or that keeps more
/// than it searches; refused memory.
pub fn roll(
    shop: &Shop,
    horizon: Horizon,
    past: &Past,
    limits: &Limits,
    seed: u64,
    watch: &mut Watch<'_, i64>,
) -> Result<Solution, Error> {
    refuse(shop)?;
    if horizon.window == 0 {
        return Err(InputError::new("window", "must be >= 1").value(horizon.window).into());
    }
    if horizon.step == 0 || horizon.step > horizon.window {
        return Err(InputError::new("step", "must be >= 1 and at most the window").value(horizon.step).into());
    }
    memory::require_items(shop.num_operations() + shop.num_jobs() + shop.num_machines(), BYTES_OF_PLANS)?;
    let deadline = limits.time.and_then(|time| Instant::now().checked_add(time));
    let mut rolling = Rolling::new(shop, past, seed);
    let bound = if past.fixed().is_empty() && past.now() <= 0 { lower_bound(shop) } else { rolling.lower_bound() };
    let mut rule = RULES[0];
    let mut best = rolling.one_by_one(); // takes no time to find, so that there is a schedule whatever the limits are
    for other in RULES {
        if watch.check() {
            break;
        }
        if let Some(plan) = rolling.dispatched(other, deadline)?.filter(|plan| plan.makespan() < best.makespan()) {
            (best, rule) = (plan, other);
        }
    }
    let mut stopped = watch.improved(best.makespan(), bound, 0) || watch.check();
    let mut random = Random::new(seed);
    while !stopped && rolling.left > 0 && best.makespan() > bound {
        let Some(plan) = rolling.dispatched(rule, deadline)? else { break };
        let found = if plan.makespan() < best.makespan() { Some(plan.clone()) } else { None };
        let window = rolling.limits_of_window(horizon, limits, deadline);
        rolling.search_window(&plan, horizon, &window, Random::new(random.next_u64()), watch);
        let found = if rolling.left == 0 { Some(rolling.schedule()) } else { found };
        if let Some(found) = found.filter(|found| found.makespan() < best.makespan()) {
            best = found;
            stopped = watch.improved(best.makespan(), bound, rolling.moves);
        }
        stopped = stopped || watch.check();
    }
    let status = if best.makespan() <= bound { Status::Optimal } else { Status::Feasible };
    Ok(Solution { schedule: best, status, lower_bound: bound, num_moves: rolling.moves })
}

/// What is kept of a schedule in the making.
struct Rolling<'s> {
    shop: &'s Shop,
    now: i64,
    seed: u64,
    /// The operations that are kept, those of each job in order.
    kept: Vec<Fixed>,
    is_kept: Vec<bool>,
    /// By job and by machine: when its kept operations are complete.
    job_ready: Vec<i64>,
    machine_ready: Vec<i64>,
    left: usize,
    moves: u64,
    /// The machine, start and completion of operations in the windows so far, also of those that are not kept.
    seen: Vec<Option<(u32, i64, i64)>>,
}

impl<'s> Rolling<'s> {
    fn new(shop: &'s Shop, past: &Past, seed: u64) -> Self {
        let mut rolling = Self {
            shop,
            now: past.now(),
            seed,
            kept: Vec::new(),
            is_kept: vec![false; shop.num_operations()],
            job_ready: (0..shop.num_jobs()).map(|job| shop.release_time(job).max(past.now())).collect(),
            machine_ready: vec![past.now(); shop.num_machines()],
            left: shop.num_operations(),
            moves: 0,
            seen: vec![None; shop.num_operations()],
        };
        past.fixed().iter().for_each(|&fixed| rolling.keep(fixed));
        rolling
    }

    fn keep(&mut self, fixed: Fixed) {
        let job = self.shop.job(fixed.operation);
        self.kept.push(fixed);
        self.is_kept[fixed.operation] = true;
        self.job_ready[job] = self.job_ready[job].max(fixed.end);
        self.machine_ready[fixed.machine] = self.machine_ready[fixed.machine].max(fixed.end);
        self.left -= 1;
    }

    /// No job completes before its kept operations and its remaining work. Fixed operations may have ended earlier than planned, so a bound
    /// of the whole shop would not hold.
    fn lower_bound(&self) -> i64 {
        let kept = self.kept.iter().map(|f| f.end).max();
        let job = |job: usize| {
            let next = self.shop.operations(job).find(|&op| !self.is_kept[op])?;
            Some(self.job_ready[job] + self.shop.remaining_work(next))
        };
        kept.into_iter().chain((0..self.shop.num_jobs()).filter_map(job)).max().unwrap_or(0)
    }

    /// One job after the other behind what is kept, each operation on the first of its machines.
    fn one_by_one(&self) -> Schedule {
        let (mut schedule, mut machine_ready) = (self.schedule(), self.machine_ready.clone());
        for job in 0..self.shop.num_jobs() {
            let mut ready = self.job_ready[job];
            for op in self.shop.operations(job).filter(|&op| !self.is_kept[op]) {
                let (machine, duration) = self.shop.choices(op).next().expect("an operation has a machine");
                let start = ready.max(machine_ready[machine]);
                ready = start + duration;
                machine_ready[machine] = ready;
                schedule.machine[op] = machine as u32;
                (schedule.start_time[op], schedule.completion_time[op]) = (start, ready);
            }
        }
        schedule
    }

    /// The schedule by a rule behind what is kept; `None` if there was no time for it.
    fn dispatched(&self, (rule, scheme): (&str, Scheme), deadline: Option<Instant>) -> Result<Option<Schedule>, Error> {
        let row =
            |f: &Fixed| FixedRow { operation: f.operation as i64, machine: f.machine as i64, start: f.start, end: Some(f.end) };
        let past = Past::new(self.shop, &self.kept.iter().map(row).collect::<Vec<_>>(), self.now)?;
        let (rule, mut pulse) = (Priority::Rule(Rule::from_name(rule)?, self.seed), until(deadline));
        let schedule = dispatch(self.shop, &rule, scheme, &past, &mut pulse)?;
        Ok((!pulse.stopped()).then_some(schedule))
    }

    /// The limits of the next window: an equal share of what is left.
    fn limits_of_window(&self, horizon: Horizon, limits: &Limits, deadline: Option<Instant>) -> Limits {
        let windows = self.left.saturating_sub(horizon.window).div_ceil(horizon.step) + 1;
        let budget = match (limits.budget, limits.time) {
            (Some(budget), _) => budget.saturating_sub(self.moves) / windows as u64,
            (None, Some(_)) => u64::MAX,
            (None, None) => MOVES_OF_WINDOW,
        };
        let time = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()) / windows as u32);
        Limits { time, budget: Some(budget), cancel: limits.cancel.clone() }
    }

    /// Searches the next window of a schedule, and keeps the operations that start first in it.
    fn search_window(&mut self, plan: &Schedule, horizon: Horizon, limits: &Limits, random: Random, watch: &mut Watch<'_, i64>) {
        let mut operations: Vec<usize> = (0..self.shop.num_operations()).filter(|&op| !self.is_kept[op]).collect();
        operations.sort_by_key(|&op| (plan.start_time[op], plan.completion_time[op], op));
        operations.truncate(horizon.window);
        operations.sort_unstable();
        let (part, following) = self.part(&operations);
        let mut orders = Orders::new(&part);
        orders.frame(&self.machine_ready, &following);
        let mut starts = [self.start(plan, &part, &operations, false), self.start(plan, &part, &operations, true)];
        let makespans = starts.each_ref().map(|start| {
            orders.load(start);
            orders.makespan
        });
        let better = usize::from(makespans[1] < makespans[0]);
        let longest = (0..part.num_jobs()).map(|job| part.release_time(job) + part.total_work(job) + following[job]).max();
        let begin = (makespans[better], std::mem::take(&mut starts[better]));
        let stop = Stop::new(limits);
        let mut quiet = Watch::new(&stop).with(None, Some(Box::new(|| !watch.check())));
        let budget = limits.budget.unwrap_or(u64::MAX);
        let search = ShopSearch::new(&part, longest.unwrap_or(0), begin, random, budget, None, &mut quiet);
        let mut search = search.framed(&self.machine_ready, &following);
        search.run();
        self.moves += search.moves;
        orders.load(&search.best.1);
        let found = orders.schedule();
        let mut order: Vec<usize> = (0..operations.len()).collect();
        order.sort_by_key(|&k| (found.start_time[k], found.completion_time[k], k));
        let count = if operations.len() == self.left { order.len() } else { horizon.step };
        for (rank, &k) in order.iter().enumerate() {
            let (machine, start, end) = (found.machine[k], found.start_time[k], found.completion_time[k]);
            self.seen[operations[k]] = Some((machine, start, end));
            if rank < count {
                self.keep(Fixed { operation: operations[k], machine: machine as usize, start, end });
            }
        }
    }

    /// The operations of a window as a schedule has them; or those that were in a window before as they were there.
    fn start(&self, plan: &Schedule, part: &Shop, operations: &[usize], as_seen: bool) -> Arrangement {
        let mut schedule = Schedule::default();
        for (k, &op) in operations.iter().enumerate() {
            let planned = (plan.machine[op], plan.start_time[op], plan.completion_time[op]);
            let (machine, start, end) = self.seen[op].filter(|_| as_seen).unwrap_or(planned);
            // What was seen and what is planned may contradict each other within a job.
            let first = k == part.operations(part.job(k)).start;
            let before = if first { i64::MIN } else { schedule.completion_time[k - 1] };
            schedule.machine.push(machine);
            schedule.start_time.push(start.max(before));
            schedule.completion_time.push(end.max(before));
        }
        arranged(part, &schedule)
    }

    /// The schedule of the kept operations.
    fn schedule(&self) -> Schedule {
        let count = self.shop.num_operations();
        let mut schedule = Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] };
        for f in &self.kept {
            schedule.machine[f.operation] = f.machine as u32;
            (schedule.start_time[f.operation], schedule.completion_time[f.operation]) = (f.start, f.end);
        }
        schedule
    }

    /// The shop of some operations, each job with those that follow one another, and the work behind those of each job.
    fn part(&self, operations: &[usize]) -> (Shop, Vec<i64>) {
        let mut data =
            ShopData { job_start: vec![0], choice_start: vec![0], num_machines: self.shop.num_machines(), ..ShopData::default() };
        let mut following = Vec::new();
        for group in operations.chunk_by(|&a, &b| self.shop.job(a) == self.shop.job(b)) {
            for &op in group {
                for (machine, duration) in self.shop.choices(op) {
                    data.machine.push(machine as i64);
                    data.duration.push(duration);
                }
                data.choice_start.push(data.machine.len());
            }
            let (job, next) = (self.shop.job(group[0]), group[group.len() - 1] + 1);
            data.job_start.push(data.choice_start.len() - 1);
            data.release_time.push(self.job_ready[job]);
            following.push(if next < self.shop.operations(job).end { self.shop.remaining_work(next) } else { 0 });
        }
        (Shop::new(data).expect("a part of a shop is a shop"), following)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::test_shops::{judged, random_classic, random_flexible};

    fn rolled(shop: &Shop, horizon: Horizon, past: &Past, budget: Option<u64>) -> Solution {
        let limits = Limits { budget, ..Limits::default() };
        let stop = Stop::new(&limits);
        roll(shop, horizon, past, &limits, 3, &mut Watch::new(&stop)).unwrap()
    }

    #[test]
    fn windows_of_every_size_give_feasible_schedules_that_repeat() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let shop = if seed % 2 == 0 { random_flexible(&mut random, 0) } else { random_classic(&mut random, 0) };
            for (window, step) in [(1, 1), (3, 2), (7, 3), (100, 50)] {
                let horizon = Horizon { window, step };
                let found = rolled(&shop, horizon, &Past::default(), Some(400));
                judged(&shop, &found.schedule);
                assert!(found.schedule.makespan() >= found.lower_bound);
                assert_eq!(found, rolled(&shop, horizon, &Past::default(), Some(400)));
            }
        }
    }

    #[test]
    fn what_has_happened_stays_and_nothing_starts_before_now() {
        for seed in 0..100 {
            let shop = random_flexible(&mut Random::new(seed), 1);
            let first = rolled(&shop, Horizon::default(), &Past::default(), Some(200)).schedule;
            let now = first.makespan() / 2;
            let begun = |op: usize| first.start_time[op] < now;
            let row = |op: usize| FixedRow {
                operation: op as i64,
                machine: i64::from(first.machine[op]),
                start: first.start_time[op],
                end: Some(first.completion_time[op] + i64::from(op.is_multiple_of(3) && first.completion_time[op] >= now)),
            };
            let rows: Vec<_> = (0..shop.num_operations()).filter(|&op| begun(op)).map(row).collect();
            let past = Past::new(&shop, &rows, now).unwrap();
            let found = rolled(&shop, Horizon { window: 4, step: 2 }, &past, None);
            for row in &rows {
                let op = row.operation as usize;
                assert_eq!((found.schedule.start_time[op], Some(found.schedule.completion_time[op])), (row.start, row.end));
            }
            assert!((0..shop.num_operations()).all(|op| begun(op) || found.schedule.start_time[op] >= now));
            assert!(found.schedule.makespan() >= found.lower_bound);
        }
    }

    #[test]
    fn a_window_that_holds_everything_searches_the_whole_shop() {
        let shop = random_classic(&mut Random::new(5), 1);
        let found = rolled(&shop, Horizon { window: 1000, step: 1 }, &Past::default(), Some(5000));
        let stop = Stop::new(&Limits::default());
        let limits = Limits { budget: Some(5000), ..Limits::default() };
        let whole = super::super::solve(&shop, None, &limits, 3, 1, &mut Watch::new(&stop)).unwrap();
        assert_eq!(found.schedule.makespan(), whole.schedule.makespan());
    }
}
