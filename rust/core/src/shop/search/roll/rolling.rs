//! The schedule of a rolling horizon in the making: what is kept, and the search of the next window.

use super::Horizon;
use crate::control::{Limits, Stop, Watch};
use crate::error::Error;
use crate::names::Named;
use crate::random::Random;
use crate::shop::dispatch::{Scheme, dispatch};
use crate::shop::past::{Fixed, FixedRow, Past};
use crate::shop::problem::ShopData;
use crate::shop::rule::{Priority, Rule};
use crate::shop::search::orders::{Arrangement, Orders};
use crate::shop::search::population::{ShopSearch, arranged};
use crate::shop::search::until;
use crate::shop::{Schedule, Shop};
use std::time::Instant;

/// Moves in each window where no limit says how many.
const MOVES_OF_WINDOW: u64 = 20_000;

/// What is kept of a schedule in the making.
pub(super) struct Rolling<'s> {
    shop: &'s Shop,
    now: i64,
    seed: u64,
    /// The operations that are kept, those of each job in order.
    kept: Vec<Fixed>,
    is_kept: Vec<bool>,
    /// By job and by machine: when its kept operations are complete.
    job_ready: Vec<i64>,
    machine_ready: Vec<i64>,
    pub left: usize,
    pub moves: u64,
    /// The machine, start and completion of operations in the windows so far, also of those that are not kept.
    seen: Vec<Option<(u32, i64, i64)>>,
}

impl<'s> Rolling<'s> {
    pub fn new(shop: &'s Shop, past: &Past, seed: u64) -> Self {
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
    pub fn lower_bound(&self) -> i64 {
        let kept = self.kept.iter().map(|f| f.end).max();
        let job = |job: usize| {
            let next = self.shop.operations(job).find(|&op| !self.is_kept[op])?;
            Some(self.job_ready[job] + self.shop.remaining_work(next))
        };
        kept.into_iter().chain((0..self.shop.num_jobs()).filter_map(job)).max().unwrap_or(0)
    }

    /// One job after the other behind what is kept, each operation on the first of its machines.
    pub fn one_by_one(&self) -> Schedule {
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
    pub fn dispatched(&self, (rule, scheme): (&str, Scheme), deadline: Option<Instant>) -> Result<Option<Schedule>, Error> {
        let row =
            |f: &Fixed| FixedRow { operation: f.operation as i64, machine: f.machine as i64, start: f.start, end: Some(f.end) };
        let past = Past::new(self.shop, &self.kept.iter().map(row).collect::<Vec<_>>(), self.now)?;
        let (rule, mut pulse) = (Priority::Rule(Rule::from_name(rule)?, self.seed), until(deadline));
        let schedule = dispatch(self.shop, &rule, scheme, &past, &mut pulse)?;
        Ok((!pulse.stopped()).then_some(schedule))
    }

    /// The limits of the search in the next window: of the time and the moves that are left it gets as much as each window after it.
    pub fn limits_of_window(&self, horizon: Horizon, limits: &Limits, deadline: Option<Instant>) -> Limits {
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
    pub fn search_window(
        &mut self,
        plan: &Schedule,
        horizon: Horizon,
        limits: &Limits,
        random: Random,
        watch: &mut Watch<'_, i64>,
    ) {
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
    pub fn schedule(&self) -> Schedule {
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
