//! Anytime search for projects with modes: a genetic search over lists and modes, and a prover beside it.

use std::sync::Mutex;

use super::super::instance::Instance;
use super::super::objective::DueDates;
use super::super::postpone::postponed;
use super::super::search::{Options, Solution};
use super::genetic::{Genetic, LATE, Member, Settings, Valuation};
use super::model::Model;
use super::proof::{Event, Prover};
use super::{bound, first};
use crate::control::{Limits, Pace, Status, Stop, Watch};
use crate::error::{InputError, Reason, Value, check_length};
use crate::random::Random;
use crate::rcpsp::{Objective, Past, Project, Schedule};
use crate::total::Total;

/// Placements that one step of the prover stands for.
const STEP: u64 = 32;
/// Steps of the prover at the start, which are not charged: they prove small projects.
const GIFT: u64 = 1 << 10;
/// Steps after which the prover on a thread of its own reports.
const TURN: u64 = 1 << 13;
/// Schedules that a time limit is taken to leave, for each second, if nothing is known.
const PER_SECOND: u64 = 60_000;

/// The best schedule known.
#[derive(Debug, Clone)]
struct Best {
    start: Vec<i64>,
    choice: Vec<u32>,
    value: i64,
}

struct Search<'a, 'w> {
    project: &'a Project,
    model: &'a Model,
    objective: Objective,
    watch: &'a mut Watch<'w, Total>,
    best: Best,
    /// No schedule has a better value: in units for the makespan, a key otherwise.
    lower_bound: i64,
    placements: u64,
    budget: u64,
    infeasible: bool,
}

/// As [`super::super::search::solve`], for a project with modes.
///
/// # Errors
/// A warm start of the wrong length; constraints and objectives that do not combine with modes.
pub fn solve(project: &Project, options: &Options, limits: &Limits, watch: &mut Watch<'_, Total>) -> Result<Solution, InputError> {
    let n = project.num_activities();
    if let Some(start_time) = options.warm_start {
        check_length("warm_start", start_time.len(), n)?;
    }
    refuse(project)?;
    let due = DueDates::new(project);
    if options.objective.entry().needs_due_dates && due.is_empty() {
        let reason = "counts from due dates, but no activity has one".to_owned();
        return Err(InputError::new("objective", reason).value(Value::Word(options.objective.entry().name.to_owned())));
    }
    let begin = Past::default();
    let past = options.past.unwrap_or(&begin);
    let reasons = bound::reasons(project, past);
    if !reasons.is_empty() {
        return Ok(infeasible(reasons, 0));
    }
    let model = Model::new(project, past, options.fixed_mode);
    let is_makespan = options.objective == Objective::MAKESPAN;
    let mut search = Search {
        project,
        model: &model,
        objective: options.objective,
        watch,
        best: Best { start: Vec::new(), choice: Vec::new(), value: i64::MAX },
        lower_bound: if is_makespan { bound::lower_bound(&model) } else { first::bound(project, &model, options.objective, &due) },
        placements: 0,
        budget: limits.budget.map_or(u64::MAX, |schedules| schedules.saturating_mul(n.max(1) as u64)),
        infeasible: false,
    };
    if n > 0 {
        search.run(options, limits, &due);
    } else {
        search.best.value = 0;
    }
    Ok(search.solution(options, past, &due))
}

/// Constraints that do not combine with modes yet, by name.
fn refuse(project: &Project) -> Result<(), InputError> {
    let data = project.data();
    let fields = [("calendars", data.calendars.is_empty()), ("disjunctive", data.disjunctive.is_empty())];
    match fields.iter().find(|(_, absent)| !absent) {
        Some((field, _)) => Err(InputError::new(*field, "cannot be combined with the search over modes yet; choose modes first")),
        None => Ok(()),
    }
}

fn infeasible(reasons: Vec<Reason>, num_schedules: u64) -> Solution {
    let none = Total::Integer(0);
    Solution {
        schedule: Schedule::default(),
        mode: Vec::new(),
        objective: none,
        status: Status::Infeasible,
        lower_bound: none,
        num_schedules,
        reasons,
    }
}

impl Search<'_, '_> {
    fn run(&mut self, options: &Options, limits: &Limits, due: &DueDates) {
        let (model, n) = (self.model, self.model.len() as u64);
        let is_makespan = self.objective == Objective::MAKESPAN;
        let known = limits.budget.filter(|_| limits.time.is_none());
        let schedules = known.unwrap_or_else(|| {
            let seconds = limits.time.map_or(10.0, |time| time.as_secs_f64());
            let by_time = (seconds * PER_SECOND as f64 * 50.0 / n as f64) as u64;
            limits.budget.map_or(by_time, |budget| budget.min(by_time)).max(1)
        });
        let valuation = Valuation { objective: self.objective, due };
        let threads = options.threads.max(1);
        let seed = Random::stream(options.seed, u64::MAX).next_u64();
        let mut genetic = Genetic::new(self.project, model, valuation, Settings::new(schedules, self.model.len()), seed, threads, self.watch.stop);
        let mut given = first::members(self.project, model, options);
        let places = usize::try_from(self.budget / n).unwrap_or(usize::MAX);
        if !given.is_empty() {
            // One schedule whatever the limits are.
            given.truncate(places.max(1));
        }
        // The first schedule alone, so that a short limit still has an answer.
        let population = genetic.settings.population;
        genetic.settings.population = 1;
        let member = genetic.begin(&given, 1);
        genetic.settings.population = population;
        self.placements += n;
        if self.take(member) || self.watch.check() {
            return;
        }
        let left = usize::try_from(self.left() / n).unwrap_or(usize::MAX);
        if left == 0 {
            return;
        }
        let member = genetic.begin(&given, left);
        self.placements += n * genetic.size() as u64;
        if self.take(member) || self.watch.check() {
            return;
        }
        let mut prover = if is_makespan && std::env::var("SK_NOPROVE").is_err() { self.prover() } else { None };
        if let Some(prover) = &mut prover {
            prover.raise(|| self.watch.check());
            if self.listen(prover, GIFT, &mut genetic, false) {
                return;
            }
        }
        let beside = threads > 1 && limits.budget.is_none() && prover.is_some();
        match prover {
            Some(prover) if beside => {
                genetic.threads(threads - 1);
                self.beside(prover, &mut genetic);
            }
            prover => self.in_turns(prover, &mut genetic),
        }
    }

    /// A prover that starts from the best schedule, if it is feasible.
    fn prover(&self) -> Option<Prover> {
        let horizon = self.model.horizon();
        if self.best.value >= LATE {
            return Prover::new(self.model, horizon);
        }
        let mut prover = Prover::new(self.model, self.best.value - 1)?;
        prover.improve(&self.best.start, &self.best.choice, self.best.value - 1);
        Some(prover)
    }

    /// Whether a refutation without any schedule known proves that there is none: some schedule ends within the horizon, if there is any.
    fn is_complete(&self) -> bool {
        let deadlines = || self.model.deadline.iter();
        let sequential = self.model.before.iter().flatten().all(|link| link.from_finish && !link.to_finish && link.lag >= 0);
        sequential || deadlines().all(|&time| time == i64::MAX) || deadlines().all(|&time| time < i64::MAX)
    }

    fn left(&self) -> u64 {
        self.budget.saturating_sub(self.placements)
    }

    /// Takes over a schedule if it is better; true if the search is over.
    fn take(&mut self, member: Member) -> bool {
        if member.value >= self.best.value {
            return false;
        }
        self.best = Best { start: member.start, choice: member.choice, value: member.value };
        if self.best.value >= LATE {
            return false;
        }
        self.report() || self.best.value <= self.lower_bound
    }

    fn raise(&mut self, lower_bound: i64) -> bool {
        if lower_bound <= self.lower_bound {
            return false;
        }
        self.lower_bound = lower_bound.min(self.best.value);
        self.best.value < LATE && (self.report() || self.best.value <= self.lower_bound)
    }

    fn report(&mut self) -> bool {
        let used = self.placements.div_ceil(self.model.len().max(1) as u64);
        let (value, bound) = (self.total(self.best.value), self.total(self.lower_bound));
        self.watch.improved(value, bound, used)
    }

    /// The objective that a value stands for.
    fn total(&self, value: i64) -> Total {
        if self.objective == Objective::MAKESPAN {
            Total::Integer(self.model.tick(value))
        } else {
            self.objective.total(self.project, value)
        }
    }

    /// Lets the prover work for so many steps; true if the search is over.
    fn listen(&mut self, prover: &mut Prover, steps: u64, genetic: &mut Genetic, charged: bool) -> bool {
        let before = prover.work();
        let event = prover.run(before + steps, |steps| self.watch.worked(10 * STEP * steps));
        if charged {
            self.placements += (prover.work() - before) * STEP;
        }
        self.hear(event, prover.lower_bound(), prover.is_refuted(), genetic, |best| prover.improve(&best.start, &best.choice, best.value - 1))
    }

    fn hear(&mut self, event: Event, bound: i64, refuted: bool, genetic: &mut Genetic, mut improved: impl FnMut(&Best)) -> bool {
        if let Event::Better(start, choice) = event {
            let end = end_of(self.model, &start, &choice);
            genetic.admit(&start, &choice, end);
            if self.take(Member { list: Vec::new(), choice, start, value: end }) {
                return true;
            }
            improved(&self.best);
            return false;
        }
        if refuted {
            if self.best.value >= LATE {
                self.infeasible = self.is_complete();
                return true;
            }
            self.raise(self.best.value.min(bound));
            return self.best.value <= self.lower_bound;
        }
        if self.best.value < LATE { self.raise(bound) } else { false }
    }

    fn in_turns(&mut self, mut prover: Option<Prover>, genetic: &mut Genetic) {
        let mut sent = self.best.value;
        loop {
            let before = self.placements;
            if self.generation(genetic) {
                return;
            }
            let spent = self.placements - before;
            if let Some(prover) = &mut prover {
                if self.best.value < sent && self.best.value < LATE {
                    prover.improve(&self.best.start, &self.best.choice, self.best.value - 1);
                }
                if spent / STEP * STEP * 2 < self.left() && self.listen(prover, spent / STEP, genetic, true) {
                    return;
                }
                sent = self.best.value;
            }
        }
    }

    fn generation(&mut self, genetic: &mut Genetic) -> bool {
        let n = self.model.len() as u64;
        let places = usize::try_from(self.left() / n).unwrap_or(usize::MAX);
        if places == 0 || self.watch.check() {
            return true;
        }
        let (made, better) = genetic.generation(places, self.best.value);
        self.placements += n * made as u64;
        made == 0 || better.is_some_and(|member| self.take(member))
    }

    /// Runs the prover on a thread of its own.
    fn beside(&mut self, mut prover: Prover, genetic: &mut Genetic) {
        let exchange = Mutex::new(Exchange::default());
        let (stop, model): (&Stop, &Model) = (self.watch.stop, self.model);
        let lock = || exchange.lock().expect("nothing panics while it holds the lock");
        let prove = || {
            let mut pace = Pace::default();
            while !stop.check() && !lock().over {
                let better = lock().better.take();
                if let Some(best) = better {
                    prover.improve(&best.start, &best.choice, best.value - 1);
                }
                let called = || {
                    let word = lock();
                    word.over || word.better.is_some()
                };
                let event = prover.run(prover.work() + TURN, |steps| pace.due(10 * STEP * steps) && (stop.check() || called()));
                let refuted = prover.is_refuted();
                let mut word = lock();
                (word.refuted, word.lower_bound) = (refuted, prover.lower_bound());
                if let Event::Better(start, choice) = event {
                    let end = end_of(model, &start, &choice);
                    word.found = Some((start.clone(), choice.clone()));
                    drop(word);
                    prover.improve(&start, &choice, end - 1);
                } else if refuted {
                    return;
                }
            }
        };
        std::thread::scope(|scope| {
            // A system that refuses the thread leaves the search without a prover.
            let _ = std::thread::Builder::new().spawn_scoped(scope, prove);
            let mut sent = self.best.value;
            loop {
                if self.best.value < sent && self.best.value < LATE {
                    sent = self.best.value;
                    lock().better = Some(self.best.clone());
                }
                if self.generation(genetic) {
                    break;
                }
                let (found, bound, refuted) = {
                    let mut word = lock();
                    (word.found.take(), word.lower_bound, word.refuted)
                };
                let over = match found {
                    Some((start, choice)) => self.hear(Event::Better(start, choice), bound, false, genetic, |_| {}),
                    None => self.hear(Event::Paused, bound, refuted, genetic, |_| {}),
                };
                if over {
                    break;
                }
            }
            lock().over = true;
        });
    }

    fn solution(self, options: &Options, past: &Past, due: &DueDates) -> Solution {
        let n = self.model.len();
        let num_schedules = self.placements.div_ceil(n.max(1) as u64);
        if self.infeasible {
            let detail = format!("an exhaustive search found no modes and times of the {n} activities that keep all constraints");
            let reason = Reason { code: "exhausted", activities: vec![], resources: vec![], amount: None, detail };
            return infeasible(vec![reason], num_schedules);
        }
        let mode = self.model.rows(&self.best.choice);
        let start_time: Vec<i64> = self.best.start.iter().map(|&time| self.model.tick(time)).collect();
        let duration = |i: usize| self.model.duration[self.best.choice[i] as usize] * self.model.unit;
        let completion_time = (0..n).map(|i| start_time[i] + duration(i)).collect();
        let mut schedule = Schedule::from_times(start_time, completion_time);
        let status = match self.best.value {
            value if value >= LATE => Status::Unknown,
            value if value <= self.lower_bound => Status::Optimal,
            _ => Status::Feasible,
        };
        if options.late && status != Status::Unknown && n > 0 {
            let value = self.objective.value(due, &schedule.completion_time);
            if let Ok(single) = self.project.in_modes(&mode)
                && let Ok(instance) = Instance::new(&single, past, &mut |_| false)
            {
                schedule = postponed(&instance, past, self.objective, value, schedule);
            }
        }
        let is_known = status != Status::Unknown && n > 0;
        Solution {
            objective: if is_known { self.total(self.best.value) } else { schedule.makespan.into() },
            lower_bound: if n > 0 { self.total(self.lower_bound) } else { Total::Integer(0) },
            status,
            num_schedules,
            schedule,
            mode,
            reasons: Vec::new(),
        }
    }
}

/// The largest completion, in units.
fn end_of(model: &Model, start: &[i64], choice: &[u32]) -> i64 {
    start.iter().zip(choice).map(|(start, &c)| start + model.duration[c as usize]).max().unwrap_or(0)
}

/// Messages between the search thread and the prover thread.
#[derive(Debug, Default)]
struct Exchange {
    found: Option<(Vec<i64>, Vec<u32>)>,
    lower_bound: i64,
    refuted: bool,
    better: Option<Best>,
    over: bool,
}
