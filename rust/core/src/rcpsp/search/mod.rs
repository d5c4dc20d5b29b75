//! Anytime search for projects: sampled first solutions, then a bi-population genetic search until a limit or the lower bound is
//! reached, and a prover beside it. Schedules that miss windows are compared by how late they are.

mod blocks;
pub(super) mod crossover;
mod first;
mod genetic;
mod neighbourhood;
mod proof;
pub(super) mod prover_thread;
mod regular;
mod sampling;
mod settings;

use self::first::Sample;
use self::genetic::{Better, Genetic};
use self::proof::{Proof, Provable};
use self::prover_thread::News;
use self::regular::Outcome;
use self::settings::Settings;
use super::constrained::LATE;
use super::instance::Instance;
use super::objective::DueDates;
use super::postpone::postponed;
use super::prover::Prover;
use super::{Direction, Objective, Past, Project, Schedule, Scheme};
use super::{max_lags, modes};
use crate::control::{Limits, Status, Watch};
use crate::error::{InputError, Reason, Value, check_length};
use crate::random::Random;
use crate::total::Total;

/// How to search.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// The answer depends on it, and, with a budget and no time limit, on nothing else.
    pub seed: u64,
    /// Threads; the answer does not depend on them.
    pub threads: usize,
    /// Start times of a schedule to begin with; of an infeasible one only the order is used.
    pub warm_start: Option<&'a [i64]>,
    /// What has happened already.
    pub past: Option<&'a Past>,
    /// What is to be as small as it can be.
    pub objective: Objective,
    /// Whether the activities of the best schedule start as late as its value and makespan allow.
    pub late: bool,
    /// The rows of the modes of the warm start, in a project with modes.
    pub mode: Option<&'a [i64]>,
    /// The modes of activities that have started, where they are known: activity and row.
    pub fixed_mode: &'a [(usize, usize)],
    /// Whether the search does without the prover that runs beside it.
    pub without_prover: bool,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The best schedule; if the status is unknown, one that misses deadlines by as little as was found; if it is infeasible, none.
    pub schedule: Schedule,
    /// The row of the mode of each activity, in a project with modes.
    pub mode: Vec<i64>,
    /// The value of that schedule.
    pub objective: Total,
    /// Optimal if the value equals the lower bound or nothing better is left to try. Infeasible and unknown under constraints
    /// only.
    pub status: Status,
    /// No schedule is better.
    pub lower_bound: Total,
    /// Schedules spent: activity placements over the number of activities, rounded up.
    pub num_schedules: u64,
    /// Why there is no schedule, if the status is infeasible.
    pub reasons: Vec<Reason>,
}

impl Solution {
    /// That there is no schedule.
    pub(super) fn infeasible(reasons: Vec<Reason>, num_schedules: u64) -> Self {
        let (none, status) = (Total::Integer(0), Status::Infeasible);
        Self {
            schedule: Schedule::default(),
            mode: Vec::new(),
            objective: none,
            status,
            lower_bound: none,
            num_schedules,
            reasons,
        }
    }
}

/// Searches until the limits are reached or the objective is proven optimal. The history stands in `watch`.
///
/// The budget's unit is one schedule, that is as many activity placements as there are activities, in whatever step they are
/// made; sampled and abandoned schedules count. The first schedule (latest finish time) is made whatever the limits are.
///
/// # Errors
/// A warm start of the wrong length; an objective that counts from due dates, of a project without; a best total beyond 64 bits.
pub fn solve(
    project: &Project,
    options: &Options,
    limits: &Limits,
    watch: &mut Watch<'_, Total>,
) -> Result<Solution, InputError> {
    if project.has_choices() {
        return modes::solve(project, options, limits, watch);
    }
    if project.is_two_sided() {
        return max_lags::solve(project, options, limits, watch);
    }
    let n = project.num_activities();
    if let Some(start_time) = options.warm_start {
        check_length("warm_start", start_time.len(), n)?;
    }
    let due = DueDates::new(project);
    if options.objective.entry().needs_due_dates && due.is_empty() {
        let reason = "counts from due dates, but no activity has one".to_owned();
        return Err(InputError::new("objective", reason).value(Value::Word(options.objective.entry().name.to_owned())));
    }
    let begin = Past::default();
    let past = options.past.unwrap_or(&begin);
    let instance = match Instance::new(project, past, &mut |steps| watch.worked(steps)) {
        Ok(instance) => instance,
        Err(reasons) => return Ok(Solution::infeasible(reasons, 0)),
    };
    let mut search = Search {
        instance: &instance,
        past,
        watch,
        lower_bound: instance.lower_bound(),
        budget: limits.budget.map_or(u64::MAX, |schedules| schedules.saturating_mul(n as u64)),
        placements: 0,
        value: i64::MAX,
        best: Schedule::default(),
        infeasible: false,
        reported_less: Some(0),
        spent: 0,
        without_prover: options.without_prover,
        is_foreign: false,
    };
    let outcome = if n == 0 {
        search.value = 0;
        None
    } else if options.objective == Objective::MAKESPAN {
        search.run(options, limits);
        None
    } else {
        Some(regular::run(&mut search, options, limits))
    };
    let mut solution = search.solution();
    if let Some(Outcome { value, bound }) = outcome
        && solution.status != Status::Infeasible
    {
        if value == i64::MAX {
            return Err(InputError::new("objective", "the least total that was found exceeds 2**63 - 1"));
        }
        solution.objective = options.objective.total(project, value);
        solution.lower_bound = options.objective.total(project, bound);
        if solution.status != Status::Unknown {
            solution.status = if value <= bound { Status::Optimal } else { Status::Feasible };
        }
    }
    if options.late && matches!(solution.status, Status::Optimal | Status::Feasible) {
        let value = outcome.map_or(solution.schedule.makespan, |outcome| outcome.value);
        solution.schedule = postponed(&instance, past, options.objective, value, solution.schedule);
    }
    Ok(solution)
}

struct Search<'a, 'w> {
    instance: &'a Instance<'a>,
    past: &'a Past,
    watch: &'a mut Watch<'w, Total>,
    lower_bound: i64,
    /// In activity placements.
    budget: u64,
    placements: u64,
    /// The makespan of the best schedule, or how late it is (see [`LATE`]).
    value: i64,
    best: Schedule,
    /// It is proved that there is no schedule.
    infeasible: bool,
    /// What is taken off makespans that are reported; `None` if they are not, because another objective is sought.
    reported_less: Option<i64>,
    /// Schedules spent before this search.
    spent: u64,
    without_prover: bool,
    /// Whether the best schedule came from the prover, and the populations do not have it yet.
    is_foreign: bool,
}

/// Schedules left for the search after the prover's last turn.
const RESERVE: u64 = 1000;

impl Search<'_, '_> {
    fn run(&mut self, options: &Options, limits: &Limits) {
        let mut samples = Vec::new();
        if !self.first(options, &mut samples) {
            self.go_on(options, limits, samples);
        }
    }

    /// The search after the first schedules.
    fn go_on(&mut self, options: &Options, limits: &Limits, mut samples: Vec<Sample>) {
        let known = limits.budget.filter(|_| limits.time.is_none());
        let mut proof = Proof::new(known.is_some(), self.instance);
        if known.is_none() && proof.open(self) {
            return;
        }
        let Some(settings) = self.sample(options, limits, known, &mut samples) else { return };
        let seed = Random::stream(options.seed, u64::MAX).next_u64(); // apart from the samples' streams
        let threads = options.threads.max(1);
        let beside = threads > 1 && limits.budget.is_none() && proof.is_open();
        let threads = threads - usize::from(beside);
        let mut genetic = Genetic::new(self.instance, settings, seed, threads, self.best.makespan, &samples);
        drop(samples);
        if beside {
            proof.beside(self, |search| search.generation(&mut genetic, settings));
        } else {
            while !self.generation(&mut genetic, settings) && !proof.turn(self) {}
        }
    }

    /// One generation; true if the search is over.
    fn generation(&mut self, genetic: &mut Genetic, settings: Settings) -> bool {
        let n = self.instance.project.num_activities();
        let early = self.placements < settings.parallel_schedules.saturating_mul(n as u64);
        let scheme = if early { Scheme::Parallel } else { Scheme::Serial };
        // The child of a schedule that misses windows may cost two decodes.
        let price = n * if self.instance.bounded.is_some() { 2 } else { genetic.price(scheme) };
        if !self.affords(price) || self.watch.check() {
            return true;
        }
        if self.is_foreign && genetic.takes() {
            self.is_foreign = false;
            genetic.insert(self.value, &self.by_completion());
        }
        let places = usize::try_from(self.left() / price as u64).unwrap_or(usize::MAX);
        let (placed, better) = genetic.generation(places, scheme, self.value, self.watch);
        self.placements += placed;
        better.is_some_and(|better| self.improve(better))
    }

    /// The activities by their completion in the best schedule, predecessors first.
    fn by_completion(&self) -> Vec<u32> {
        let mut list = self.instance.project.graph().topological_order().to_vec();
        list.sort_by_key(|&i| self.best.completion_time[i as usize]);
        if self.instance.bounded.is_some() {
            self.instance.decoder().put_predecessors_first(&mut list, Direction::Forward);
        }
        list
    }

    /// Whether the best schedule misses windows.
    fn is_late(&self) -> bool {
        self.value >= LATE
    }

    fn affords(&self, placements: usize) -> bool {
        self.left() >= placements as u64
    }

    fn left(&self) -> u64 {
        self.budget.saturating_sub(self.placements)
    }

    /// Tells of a better schedule or bound; true if the search is to stop.
    fn report(&mut self) -> bool {
        let Some(less) = self.reported_less else { return false };
        let used = self.spent + self.placements.div_ceil(self.instance.project.num_activities() as u64);
        self.watch.improved((self.value - less).into(), (self.lower_bound - less).into(), used)
    }

    /// Takes over a better schedule; true if the search is over.
    fn improve(&mut self, better: Better) -> bool {
        let schedule = self.instance.schedule(better.start_time);
        self.improve_with(better.value, schedule)
    }

    fn improve_with(&mut self, value: i64, schedule: Schedule) -> bool {
        (self.value, self.best) = (value, schedule);
        !self.is_late() && (self.report() || value <= self.lower_bound)
    }

    fn solution(self) -> Solution {
        let n = self.instance.project.num_activities();
        let num_schedules = self.placements.div_ceil(n.max(1) as u64);
        if self.infeasible {
            let detail = format!("an exhaustive search found no schedule of the {n} activities that keeps all constraints");
            let reason = Reason { code: "exhausted", activities: vec![], resources: vec![], amount: None, detail };
            return Solution::infeasible(vec![reason], num_schedules);
        }
        let status = match self.value {
            _ if self.is_late() => Status::Unknown,
            value if value <= self.lower_bound => Status::Optimal,
            _ => Status::Feasible,
        };
        Solution {
            objective: self.best.makespan.into(),
            status,
            lower_bound: self.lower_bound.into(),
            num_schedules,
            mode: Vec::new(),
            schedule: self.best,
            reasons: Vec::new(),
        }
    }
}

impl<'a, 'w> Provable<'a, 'w> for Search<'a, 'w> {
    fn search(&mut self) -> &mut Self {
        self
    }

    fn known(&self) -> Option<(&[i64], i64)> {
        (!self.is_late()).then_some((self.best.start_time.as_slice(), self.best.makespan))
    }

    fn prover(&self) -> Option<Prover> {
        if self.without_prover {
            return None;
        }
        Prover::new(self.instance.project, self.past, self.known())
    }

    fn learn(&mut self, news: News) -> bool {
        self.placements += news.placements;
        if news.refuted && self.is_late() {
            self.infeasible = true;
            return true;
        }
        let higher = news.lower_bound > self.lower_bound;
        self.lower_bound = self.lower_bound.max(news.lower_bound);
        match news.better.filter(|better| better.value < self.value) {
            Some(better) => {
                self.is_foreign = true;
                self.improve(better)
            }
            None if self.is_late() => false,
            None => (higher && self.report()) || self.value <= self.lower_bound,
        }
    }
}

/// Steps of the watch's pace that one placement outside the fast kernels stands for.
const STEPS: u64 = 10;
