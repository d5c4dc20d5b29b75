//! Search for the objectives beside the makespan. All of them are regular, so some active schedule is best, and lists with the serial
//! scheme suffice: rules that know due dates and random samples begin, then a population of lists competes. Completions alone say what
//! a schedule is worth, so everything that the decoders know (windows, calendars, lags, pauses, a fixed past) goes on working.
//!
//! Justification could make a schedule worse here, so the lists run forward alone. Where windows are hard to keep, the search for short
//! schedules finds a first one, or the proof that there is none.

mod moves;
mod population;
mod tails;
mod urgency;

use self::population::{Judge, Population, Score, Worker};
use self::tails::Tails;
use super::first::{CALIBRATION, Sample};
use super::proof::{LEAST_BUDGET, Proof, Provable};
use super::prover_thread::News;
use super::sampling::Sampler;
use super::settings::Settings;
use super::{Options, STEPS, Search};
use crate::control::Limits;
use crate::random::Random;
use crate::rcpsp::Objective;
use crate::rcpsp::constrained::LATE;
use crate::rcpsp::decoder::Stopper;
use crate::rcpsp::instance::Instance;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::prover::Prover;

/// What the search came to, as keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub value: i64,
    pub bound: i64,
}

/// The search for one objective.
struct ObjectiveSearch<'s, 'a, 'w> {
    search: &'s mut Search<'a, 'w>,
    judge: Judge<'s>,
    /// Of `search.best`.
    best: Score,
    /// A key that no schedule is below.
    bound: i64,
}

/// Searches until the limits are reached or the value is proven the least. The best schedule is left in `search`.
pub(super) fn run(search: &mut Search, options: &Options, limits: &Limits) -> Outcome {
    let instance = search.instance;
    let due = DueDates::new(instance.project);
    let bound = options.objective.bound(&due, instance);
    let judge = Judge { instance, objective: options.objective, due: &due };
    let (is_over, samples) = first_schedules(search, options, limits);
    let value = options.objective.value(&due, &search.best.completion_time);
    let late = if search.is_late() { search.value - LATE } else { 0 };
    let best = Score { late, value, makespan: search.best.makespan };
    let mut own = ObjectiveSearch { search, judge, best, bound };
    if late == 0 && !own.report() && value > bound && !is_over {
        let tails = (options.objective == Objective::MAX_LATENESS)
            .then(|| Tails::new(instance.project, own.search.past, &due, bound))
            .flatten();
        match tails {
            // What is small is proven at once; a project with tails has more activities.
            Some(tails) if !own.prove_early(limits) => own.run_with_tails(&tails, options, limits),
            Some(_) => {}
            None => own.run(options, limits, samples),
        }
    }
    Outcome { value: own.best.value, bound: own.bound }
}

/// Schedules that know nothing of due dates, as far as the limits go; true if the search is over. Where all of them miss windows, the
/// search for short schedules goes on until one keeps them.
fn first_schedules(search: &mut Search, options: &Options, limits: &Limits) -> (bool, Vec<Sample>) {
    (search.reported_less, search.lower_bound) = (None, i64::MIN); // none of them ends the search
    let mut samples = Vec::new();
    let mut is_over = search.first(options, &mut samples);
    if !is_over && search.is_late() {
        search.lower_bound = LATE - 1; // any schedule that keeps all windows ends it
        search.go_on(options, limits, std::mem::take(&mut samples));
        is_over = search.is_late() || search.watch.check();
    }
    (is_over, samples)
}

impl ObjectiveSearch<'_, '_, '_> {
    fn run(&mut self, options: &Options, limits: &Limits, samples: Vec<Sample>) {
        let mut worker = Worker::new(self.judge, self.best.makespan);
        let mut members = Vec::new();
        let urgencies = self.urgencies();
        if self.list_by_rules(&mut worker, &urgencies, samples, &mut members) {
            return;
        }
        let budgeted = limits.budget.is_some() && limits.time.is_none();
        let mut proof = Proof::for_objective(budgeted);
        if !budgeted && proof.open(self) {
            return;
        }
        let Some(settings) = self.sample(&mut worker, &urgencies, options, limits, &mut members) else { return };
        if members.is_empty() {
            worker.take_priorities(&self.search.best.start_time);
            members.push((self.best, worker.list.clone()));
        }
        members.sort_by_key(|&(score, _)| score); // stable: equal ones in the order they were made
        members.truncate(settings.population);
        let seed = Random::stream(options.seed, u64::MAX).next_u64(); // apart from the samples' streams
        let threads = options.threads.max(1);
        let beside = threads > 1 && limits.budget.is_none() && proof.is_open();
        let threads = threads - usize::from(beside);
        let mut population = Population::new(worker, settings, seed, threads, &members);
        drop(members);
        if beside {
            proof.beside(self, |search| search.generation(&mut population));
        } else {
            while !self.generation(&mut population) && !proof.turn(self) {}
        }
    }

    /// Gives the prover its first turn, if the limits allow it; true if the search is over.
    fn prove_early(&mut self, limits: &Limits) -> bool {
        let budgeted = limits.budget.is_some() && limits.time.is_none();
        limits.budget.is_none_or(|budget| budget >= LEAST_BUDGET) && Proof::for_objective(budgeted).open(self)
    }

    /// Searches for a short schedule of the project with tails, with justification and the prover, from the best schedule so far.
    fn run_with_tails(&mut self, tails: &Tails, options: &Options, limits: &Limits) {
        let Judge { instance, objective, due } = self.judge;
        let (n, long) = (instance.project.num_activities() as u64, tails.project.num_activities() as u64);
        let Ok(with_tails) = Instance::new(&tails.project, &tails.past, &mut |steps| self.search.watch.worked(steps)) else {
            return;
        };
        let start_time = tails.lengthen(&self.search.best);
        let options = Options { objective: Objective::MAKESPAN, warm_start: Some(&start_time), ..*options };
        // A schedule counts once, with or without tails.
        let budget = if self.search.budget == u64::MAX { u64::MAX } else { self.search.left() / n * long };
        let schedule = with_tails.schedule(start_time.clone());
        let mut inner = Search {
            instance: &with_tails,
            past: &tails.past,
            lower_bound: with_tails.lower_bound().max(self.bound + tails.shift),
            budget,
            placements: 0,
            value: schedule.makespan,
            best: schedule,
            infeasible: false,
            reported_less: Some(tails.shift),
            spent: self.search.placements.div_ceil(n),
            without_prover: options.without_prover,
            is_foreign: false,
            watch: &mut *self.search.watch,
        };
        inner.run(&options, limits);
        let is_late = inner.is_late();
        let Search { placements, best, lower_bound, .. } = inner;
        self.search.placements += placements.div_ceil(long) * n;
        self.bound = self.bound.max(lower_bound - tails.shift);
        let schedule = instance.schedule(tails.shorten(best.start_time));
        let score = Score { late: 0, value: objective.value(due, &schedule.completion_time), makespan: schedule.makespan };
        if !is_late && score < self.best {
            (self.best, self.search.best) = (score, schedule);
        }
    }

    /// Priorities that know due dates.
    fn urgencies(&mut self) -> Vec<Vec<i64>> {
        let Judge { instance, due, .. } = self.judge;
        let latest_finish = instance.latest_finish(self.best.makespan, &mut |steps| self.search.watch.worked(steps));
        urgency::urgencies(instance, due, &latest_finish)
    }

    /// Schedules by rules, and those that are known by their orders; true if the search is over.
    fn list_by_rules(
        &mut self,
        worker: &mut Worker,
        urgencies: &[Vec<i64>],
        samples: Vec<Sample>,
        members: &mut Vec<(Score, Vec<u32>)>,
    ) -> bool {
        let best = self.search.best.start_time.clone();
        for priority in urgencies.iter().chain([&best]) {
            worker.take_priorities(priority);
            if self.make(worker, members) {
                return true;
            }
        }
        for (_, list) in samples {
            worker.list.copy_from_slice(&list);
            if self.make(worker, members) {
                return true;
            }
        }
        false
    }

    /// Random samples by one rule after the other, for the schedules that the budget or the time allows; `None` if the search is over.
    fn sample(
        &mut self,
        worker: &mut Worker,
        urgencies: &[Vec<i64>],
        options: &Options,
        limits: &Limits,
        members: &mut Vec<(Score, Vec<u32>)>,
    ) -> Option<Settings> {
        let known = limits.budget.filter(|_| limits.time.is_none());
        let project = self.judge.instance.project;
        let mut samplers: Vec<Sampler> = urgencies.iter().map(|urgency| Sampler::new(project, urgency.clone())).collect();
        let is_bounded = self.judge.instance.bounded.is_some();
        let fitting = |settings: Settings| if is_bounded { settings.on_timeline() } else { settings };
        let mut settings = fitting(Settings::new(known.unwrap_or(1000), project.num_activities()));
        let began = if known.is_none() { self.search.watch.stop.elapsed() } else { 0.0 };
        let mut count = 0;
        while count < settings.population * settings.oversampling {
            if count == CALIBRATION && known.is_none() {
                settings = fitting(self.search.calibrated(limits, began, options.threads));
            }
            let mut random = Random::stream(options.seed, count as u64);
            let sampler = count % samplers.len();
            count += 1;
            let list = samplers[sampler].draw(&mut random, &mut || self.search.watch.check())?;
            worker.list.copy_from_slice(&list);
            if self.make(worker, members) || self.search.watch.worked(STEPS * list.len() as u64) {
                return None;
            }
        }
        Some(settings)
    }

    /// Decodes the worker's list and adds it to the members; true if the search is over.
    fn make(&mut self, worker: &mut Worker, members: &mut Vec<(Score, Vec<u32>)>) -> bool {
        if !self.search.affords(worker.list.len()) || self.search.watch.check() {
            return true;
        }
        let stop: Stopper = &mut |steps| self.search.watch.worked(steps);
        let score = worker.decode(stop);
        self.search.placements += std::mem::take(&mut worker.placed);
        // Where calendars close for good, an activity may find no place; the next list may have one for it.
        let Some(score) = score else { return self.search.watch.check() };
        members.push((score, worker.list.clone()));
        score < self.best && self.improve(score, worker.start_time.clone())
    }

    /// One generation; true if the search is over.
    fn generation(&mut self, population: &mut Population) -> bool {
        let n = self.judge.instance.project.num_activities();
        if !self.search.affords(n) || self.search.watch.check() {
            return true;
        }
        let places = usize::try_from(self.search.left() / n as u64).unwrap_or(usize::MAX);
        let (placed, better) = population.generation(places, self.best, self.search.watch);
        self.search.placements += placed.max(1); // a budget ends even if no activity finds a place
        better.is_some_and(|(score, start_time)| self.improve(score, start_time))
    }

    /// Takes over a better schedule; true if the search is over.
    fn improve(&mut self, score: Score, start_time: Vec<i64>) -> bool {
        let is_news = score.value < self.best.value;
        self.best = score;
        self.search.best = self.judge.instance.schedule(start_time);
        (is_news && self.report()) || score.value <= self.bound
    }

    /// Takes over a better schedule, or that which its order of starts leads to, if that is no worse; true if the search is over.
    fn improve_further(&mut self, score: Score, start_time: Vec<i64>) -> bool {
        let mut worker = Worker::new(self.judge, score.makespan);
        worker.take_priorities(&start_time);
        match worker.decode(&mut |steps| self.search.watch.worked(steps)) {
            Some(found) if found <= score => self.improve(found, worker.start_time),
            _ => self.improve(score, start_time),
        }
    }

    /// Tells of a better value or bound; true if the search is to stop.
    fn report(&mut self) -> bool {
        let (project, objective) = (self.judge.instance.project, self.judge.objective);
        let used = self.search.placements.div_ceil(project.num_activities() as u64);
        let [value, bound] = [self.best.value, self.bound].map(|key| objective.total(project, key));
        self.search.watch.improved(value, bound, used)
    }
}

impl<'a, 'w> Provable<'a, 'w> for ObjectiveSearch<'_, 'a, 'w> {
    fn search(&mut self) -> &mut Search<'a, 'w> {
        self.search
    }

    fn known(&self) -> Option<(&[i64], i64)> {
        (self.best.late == 0).then_some((self.search.best.start_time.as_slice(), self.best.value))
    }

    fn prover(&self) -> Option<Prover> {
        if self.search.without_prover {
            return None;
        }
        let Judge { instance, objective, .. } = self.judge;
        Prover::for_objective(instance.project, self.search.past, objective, self.bound, self.known()?)
    }

    fn learn(&mut self, news: News) -> bool {
        self.search.placements += news.placements;
        let higher = news.lower_bound > self.bound;
        self.bound = self.bound.max(news.lower_bound);
        let better = news.better.filter(|better| better.value < self.best.value);
        if let Some(better) = better {
            let Judge { instance, objective, due } = self.judge;
            let schedule = instance.schedule(better.start_time);
            let makespan = schedule.makespan;
            let score = Score { late: 0, value: objective.value(due, &schedule.completion_time), makespan };
            return self.improve_further(score, schedule.start_time);
        }
        (higher && self.report()) || self.best.value <= self.bound
    }
}
