//! Anytime search for projects with maximal lags: serial generation with unscheduling over a population of lists, in turns with an
//! exhaustive search, which also proves that there is no schedule.

use super::super::beside::{Helper, News, beside};
use super::super::prover::MakespanSearch;
use super::super::search::{Options, Solution};
use super::bounds::reasons;
use super::genetic::{FAILED, Genetic, Member, Priorities};
use super::late::postpone;
use super::model::Model;
use super::one_pass::schedule;
use super::proof::{Event, Prover};
use super::valuation::Valuation;
use crate::control::{Limits, Pulse, Status, Watch};
use crate::error::{InputError, Reason, Value, check_length};
use crate::random::Random;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::{Past, Project, Schedule};
use crate::total::Total;

/// Placements that one step of the prover stands for.
const STEP: u64 = 8;
/// Steps of the watch's pace that a placement stands for.
const STEPS: u64 = 10;
/// Steps of the prover at the start, which are not charged, and at most in one turn.
const GIFT: u64 = 1 << 10;
const TURN: u64 = 1 << 14;
/// How much of the effort is the prover's: so many placements for each one of the lists.
const SHARE: u64 = 3;
const SHARE_WITH_STORES: u64 = 10;

struct Search<'a, 'w> {
    project: &'a Project,
    model: &'a Model,
    valuation: &'a Valuation<'a>,
    watch: &'a mut Watch<'w, Total>,
    start: Vec<i64>,
    value: i128,
    lower_bound: i64,
    placements: u64,
    budget: u64,
    infeasible: bool,
}

/// As [`super::super::search::solve`], for a project with maximal lags.
///
/// # Errors
/// A warm start of the wrong length; an objective that counts from due dates, of a project without.
pub fn solve(
    project: &Project,
    options: &Options,
    limits: &Limits,
    watch: &mut Watch<'_, Total>,
) -> Result<Solution, InputError> {
    let n = project.num_activities();
    if let Some(start_time) = options.warm_start {
        check_length("warm_start", start_time.len(), n)?;
    }
    let valuation = Valuation { objective: options.objective, due: DueDates::new(project) };
    if options.objective.entry().needs_due_dates && valuation.due.is_empty() {
        let reason = "counts from due dates, but no activity has one".to_owned();
        return Err(InputError::new("objective", reason).value(Value::Word(options.objective.entry().name.to_owned())));
    }
    let begin = Past::default();
    let past = options.past.unwrap_or(&begin);
    let found = reasons(project, past, &Pulse::default());
    if !found.is_empty() {
        return Ok(Solution::infeasible(found, 0));
    }
    let model = Model::new(project, past);
    let relaxed = project.one_sided();
    let mut search = Search {
        project,
        model: &model,
        valuation: &valuation,
        watch,
        start: Vec::new(),
        value: i128::MAX,
        lower_bound: if n == 0 { 0 } else { valuation.bound(&model, &relaxed, past) },
        placements: 0,
        budget: limits.budget.map_or(u64::MAX, |schedules| schedules.saturating_mul(n.max(1) as u64)),
        infeasible: false,
    };
    if n > 0 {
        search.run(&relaxed, options, limits.budget.is_none() && options.threads > 1);
    } else {
        search.value = 0;
    }
    let num_schedules = search.placements.div_ceil(n.max(1) as u64);
    if search.infeasible {
        let detail = format!("an exhaustive search found no schedule of the {n} activities that keeps all constraints");
        let reason = Reason { code: "exhausted", activities: vec![], resources: vec![], amount: None, detail };
        return Ok(Solution::infeasible(vec![reason], num_schedules));
    }
    let status = match search.value {
        value if value >= FAILED => Status::Unknown,
        value if value <= i128::from(search.lower_bound) => Status::Optimal,
        _ => Status::Feasible,
    };
    if options.late && status != Status::Unknown {
        let most = valuation.latest(&model, &search.start, search.key());
        postpone(&model, &mut search.start, &most);
    }
    let is_known = status != Status::Unknown && n > 0;
    let (objective, lower_bound) = (search.total(search.key()), search.total(search.lower_bound));
    let schedule = if n == 0 { Schedule::default() } else { schedule(project, &model, &search.start) };
    Ok(Solution {
        objective: if is_known { objective } else { schedule.makespan.into() },
        status,
        lower_bound: if n == 0 { 0.into() } else { lower_bound },
        num_schedules,
        mode: Vec::new(),
        schedule,
        reasons: Vec::new(),
    })
}

/// The column for which a project takes this way.
pub fn field(project: &Project) -> &'static str {
    if project.has_max_lags() { "max_lag" } else { "storage" }
}

impl Search<'_, '_> {
    fn run(&mut self, relaxed: &Project, options: &Options, has_thread: bool) {
        let seed = Random::stream(options.seed, u64::MAX).next_u64();
        let mut genetic = Genetic::new(relaxed, self.model, self.valuation, seed);
        // One schedule whatever the limits are.
        let first: Vec<f64> = if let Some(start_time) = options.warm_start {
            start_time.iter().map(|&time| time as f64).collect()
        } else {
            let due = self.valuation.due_starts(self.model);
            due.iter().zip(&self.model.duration).map(|(&start, &units)| (start + units) as f64).collect()
        };
        if self.decode(&mut genetic, (first, false), u64::MAX) || self.watch.check() || self.left() == 0 {
            return;
        }
        let mut prover = if options.without_prover || !self.is_provable() { None } else { self.prover() };
        if let Some(prover) = &mut prover {
            let watch = &mut *self.watch;
            prover.makespan.raise(|| watch.check());
            if self.listen(prover, GIFT, &mut genetic, false) {
                return;
            }
        }
        match prover {
            Some(prover) if has_thread && self.valuation.is_makespan() => self.beside(prover, &mut genetic),
            prover => self.in_turns(prover, !options.without_prover, &mut genetic),
        }
    }

    /// Lists and the prover in turns.
    fn in_turns(&mut self, mut prover: Option<Prover>, proves: bool, genetic: &mut Genetic) {
        loop {
            let before = self.placements;
            let improved = |search: &Self| match &mut prover {
                Some(prover) if search.is_provable() => prover.improve(&search.start, search.limit()),
                None if proves && search.is_provable() => prover = search.prover(),
                _ => {}
            };
            if self.lists(genetic, improved) {
                return;
            }
            if !self.is_provable() {
                prover = None;
            }
            let Some(prover) = &mut prover else { continue };
            let share = if self.model.stores.is_empty() { SHARE } else { SHARE_WITH_STORES };
            let steps = (share * (self.placements - before) / STEP).clamp(1, TURN).min(self.left() / STEP);
            if steps > 0 && self.listen(prover, steps, genetic, true) {
                return;
            }
        }
    }

    /// A turn of the lists, which calls `improved` with each better schedule; true if the search is over.
    fn lists(&mut self, genetic: &mut Genetic, mut improved: impl FnMut(&Self)) -> bool {
        let (before, n) = (self.placements, self.model.len() as u64);
        while self.placements - before < 4 * n {
            if self.left() == 0 || self.watch.check() {
                return true;
            }
            let priorities = genetic.next();
            let known = self.value;
            if self.decode(genetic, priorities, self.left()) {
                return true;
            }
            if self.value < known && self.value < FAILED {
                improved(self);
            }
        }
        false
    }

    /// Runs the prover on a thread of its own.
    fn beside(&mut self, prover: Prover, genetic: &mut Genetic) {
        let (stop, model) = (self.watch.stop, self.model);
        beside(Turns { prover, model }, stop, STEPS * STEP, |exchange| {
            while !self.lists(genetic, |search| exchange.send(search.start.clone())) {
                let News { found, lower_bound, refuted } = exchange.take();
                let is_over = match found {
                    Some(start) => self.admit(start, genetic),
                    None => self.learn(lower_bound, refuted),
                };
                if is_over {
                    return;
                }
            }
        });
    }

    /// A prover that starts from the best schedule, if there is one.
    fn prover(&self) -> Option<Prover> {
        if self.value >= FAILED {
            return Prover::new(self.model, self.model.horizon);
        }
        let mut prover = Prover::new(self.model, self.limit())?;
        prover.improve(&self.start, self.limit());
        Some(prover)
    }

    /// The largest makespan that is still of interest.
    fn limit(&self) -> i64 {
        (self.key() - 1).min(self.model.horizon)
    }

    /// The value of a schedule that keeps all constraints.
    fn key(&self) -> i64 {
        self.value as i64
    }

    /// Whether the prover has something to prove: that there is no shorter schedule, or for other objectives that there is none at all.
    fn is_provable(&self) -> bool {
        self.valuation.is_makespan() || self.value >= FAILED
    }

    fn total(&self, value: i64) -> Total {
        self.valuation.total(self.project, self.model, value)
    }

    fn left(&self) -> u64 {
        self.budget.saturating_sub(self.placements)
    }

    /// Decodes priorities with so many placements at most; true if the search is over.
    fn decode(&mut self, genetic: &mut Genetic, priorities: Priorities, most: u64) -> bool {
        let (watch, mut spent) = (&mut *self.watch, 0);
        let Member { start, value, .. } = genetic.decode(priorities, &mut |placements| {
            if watch.worked(STEPS * placements) || spent + placements > most {
                return true;
            }
            spent += placements;
            false
        });
        self.placements += spent;
        self.take(start, value)
    }

    /// Takes over a schedule if it is better; true if the search is over.
    fn take(&mut self, start: Vec<i64>, value: i128) -> bool {
        if value >= self.value {
            return false;
        }
        (self.start, self.value) = (start, value);
        value < FAILED && (self.report() || self.key() <= self.lower_bound)
    }

    fn report(&mut self) -> bool {
        let used = self.placements.div_ceil(self.model.len().max(1) as u64);
        let (value, bound) = (self.total(self.key()), self.total(self.lower_bound));
        self.watch.improved(value, bound, used)
    }

    /// Lets the prover work for so many steps; true if the search is over.
    fn listen(&mut self, prover: &mut Prover, steps: u64, genetic: &mut Genetic, charged: bool) -> bool {
        let before = prover.makespan.work();
        let watch = &mut *self.watch;
        let event = prover.run(before + steps, |steps| watch.worked(STEPS * STEP * steps));
        if charged {
            // What it takes beyond its turn is not charged.
            self.placements += (prover.makespan.work() - before).min(steps) * STEP;
        }
        if let Event::Better(start) = event {
            if self.admit(start, genetic) {
                return true;
            }
            if self.is_provable() {
                prover.improve(&self.start, self.limit());
            }
            return false;
        }
        self.learn(prover.makespan.lower_bound(), prover.makespan.is_refuted())
    }

    /// Takes over a schedule of the prover; true if the search is over.
    fn admit(&mut self, start: Vec<i64>, genetic: &mut Genetic) -> bool {
        let value = i128::from(self.valuation.value(self.model, &start));
        genetic.admit(&start, value);
        self.take(start, value)
    }

    /// Takes over what the prover knows; true if the search is over.
    fn learn(&mut self, bound: i64, refuted: bool) -> bool {
        if refuted && self.value >= FAILED {
            self.infeasible = true;
            return true;
        }
        if bound <= self.lower_bound || !self.valuation.is_makespan() {
            return false;
        }
        self.lower_bound = if self.value < FAILED { bound.min(self.key()) } else { bound };
        self.value < FAILED && (self.report() || self.key() <= self.lower_bound)
    }
}

/// The prover of a model, beside the search.
struct Turns<'m> {
    prover: Prover,
    model: &'m Model,
}

impl Helper for Turns<'_> {
    type Best = Vec<i64>;

    fn turn(&mut self, most_work: u64, stop: &mut dyn FnMut(u64) -> bool) -> Option<Vec<i64>> {
        if let Event::Better(start) = self.prover.run(most_work, stop) { Some(start) } else { None }
    }

    fn improve(&mut self, best: &Vec<i64>) {
        self.prover.improve(best, (self.model.end(best) - 1).min(self.model.horizon));
    }

    fn makespan(&self) -> &MakespanSearch {
        &self.prover.makespan
    }
}
