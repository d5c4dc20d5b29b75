//! Anytime search for projects with modes: a genetic search over lists and modes, and a prover beside it.

use super::super::instance::Instance;
use super::super::objective::{CompletionCosts, DueDates, NEVER};
use super::super::postpone::postponed;
use super::super::search::{Options, Solution};
use super::calendars::ChoiceProject;
use super::genetic::{Genetic, LATE, Member, Settings, Valuation};
use super::model::Model;
use super::{bound, first};
use crate::control::{Limits, Status, Watch};
use crate::error::{InputError, Reason, Value, check_length};
use crate::random::Random;
use crate::rcpsp::{ABSENT, Objective, Past, Project, Schedule};
use crate::total::Total;

/// Steps of the prover at the start, which are not charged: they prove small projects.
const GIFT: u64 = 1 << 10;
/// Schedules that a time limit is taken to leave, for each second, if nothing is known.
const PER_SECOND: u64 = 60_000;

/// The best schedule known.
#[derive(Debug, Clone)]
pub(super) struct Best {
    pub(super) start: Vec<i64>,
    pub(super) choice: Vec<u32>,
    pub(super) value: i128,
}

impl Best {
    /// The value, of a schedule that keeps all constraints.
    pub(super) fn key(&self) -> i64 {
        self.value as i64
    }

    /// Whether the schedule keeps deadlines and stocks.
    pub(super) fn is_kept(&self) -> bool {
        self.value < LATE
    }
}

pub(super) struct Search<'a, 'w> {
    pub(super) project: &'a Project,
    pub(super) model: &'a Model<'a>,
    pub(super) objective: Objective,
    pub(super) due: &'a DueDates<'a>,
    /// What completions cost, for proofs of an objective that counts from due dates.
    pub(super) costs: Option<CompletionCosts>,
    pub(super) watch: &'a mut Watch<'w, Total>,
    pub(super) best: Best,
    /// No schedule has a better value: in units for the makespan, a key otherwise.
    pub(super) lower_bound: i64,
    pub(super) placements: u64,
    pub(super) budget: u64,
    pub(super) infeasible: bool,
}

/// As [`super::super::search::solve`], for a project with modes.
///
/// # Errors
/// A warm start of the wrong length; an objective that counts from due dates, of a project without; see [`ChoiceProject::new`].
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
    check_given_modes(project, options)?;
    let due = DueDates::new(project);
    if options.objective.entry().needs_due_dates && due.is_empty() {
        let reason = "counts from due dates, but no activity has one".to_owned();
        return Err(InputError::new("objective", reason).value(Value::Word(options.objective.entry().name.to_owned())));
    }
    let begin = Past::default();
    let past = options.past.unwrap_or(&begin);
    let reasons = bound::reasons(project, past, options.fixed_mode);
    if !reasons.is_empty() {
        return Ok(Solution::infeasible(reasons, 0));
    }
    let mut model = Model::new(project, past, options.fixed_mode);
    let choices = ChoiceProject::new(&model, project, past)?;
    let situation = choices.as_ref().map(ChoiceProject::situation);
    model.calendars = situation.as_ref();
    let is_makespan = options.objective == Objective::MAKESPAN;
    let lower_bound = if is_makespan {
        let relaxed = bound::relaxed(project, past, &model);
        relaxed.map_or(0, |tick| model.unit_of(tick)).max(bound::lower_bound(&model))
    } else {
        first::bound(&model, options.objective, &due)
    };
    // Of what does not run at all no lateness is the largest.
    let is_provable = !(model.has_options && options.objective == Objective::MAX_LATENESS);
    let mut search = Search {
        project,
        model: &model,
        objective: options.objective,
        due: &due,
        costs: CompletionCosts::new(options.objective, &due, n, lower_bound).filter(|_| is_provable),
        watch,
        best: Best { start: Vec::new(), choice: Vec::new(), value: i128::MAX },
        lower_bound,
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

/// Judges the modes that come with a warm start and with activities that have started.
fn check_given_modes(project: &Project, options: &Options) -> Result<(), InputError> {
    if let Some(mode) = options.mode {
        check_length("warm_start", mode.len(), project.num_activities())?;
    }
    let Some(modes) = project.modes() else { return Ok(()) };
    match options.fixed_mode.iter().find(|&&(i, row)| modes.activity.get(row) != Some(&(i as u32))) {
        Some(&(i, row)) => {
            Err(InputError::new(format!("fixed[{i}].mode"), format!("is no mode of activity {i}")).value(row as i64))
        }
        None => Ok(()),
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
        let mut genetic = Genetic::new(
            self.project,
            model,
            valuation,
            Settings::new(schedules, self.model.len()),
            seed,
            threads,
            self.watch.stop,
        );
        let warm = usize::from(options.warm_start.is_some());
        let mut given = first::members(self.project, model, options);
        let places = usize::try_from(self.budget / n).unwrap_or(usize::MAX);
        if !given.is_empty() {
            // One schedule whatever the limits are.
            given.truncate(places.max(1));
        }
        // The first schedule alone, so that a short limit still has an answer.
        let population = genetic.settings.population;
        genetic.settings.population = 1;
        let member = genetic.begin(&given, warm, 1);
        genetic.settings.population = population;
        self.placements += n;
        if self.take(member) || self.watch.check() {
            return;
        }
        let left = usize::try_from(self.left() / n).unwrap_or(usize::MAX);
        if left == 0 {
            return;
        }
        let member = genetic.begin(&given, warm, left);
        self.placements += n * genetic.size() as u64;
        if self.take(member) || self.watch.check() {
            return;
        }
        if !is_makespan && !options.without_prover && !self.best.is_kept() && self.any(&mut genetic) {
            return;
        }
        let mut prover = if options.without_prover { None } else { self.prover() };
        if let Some(prover) = &mut prover {
            prover.makespan.raise(|| self.watch.check());
            if self.listen(prover, GIFT, &mut genetic, false) {
                return;
            }
        }
        let beside = is_makespan && threads > 1 && limits.budget.is_none() && prover.is_some();
        match prover {
            Some(prover) if beside => {
                genetic.threads(threads - 1);
                self.beside(prover, &mut genetic);
            }
            prover => self.in_turns(prover, !options.without_prover, &mut genetic),
        }
    }

    pub(super) fn left(&self) -> u64 {
        self.budget.saturating_sub(self.placements)
    }

    /// Takes over a schedule if it is better; true if the search is over.
    pub(super) fn take(&mut self, member: Member) -> bool {
        if member.value >= self.best.value {
            return false;
        }
        self.best = Best { start: member.start, choice: member.choice, value: member.value };
        self.best.is_kept() && (self.report() || self.best.key() <= self.lower_bound)
    }

    pub(super) fn raise(&mut self, lower_bound: i64) -> bool {
        if lower_bound <= self.lower_bound {
            return false;
        }
        self.lower_bound = if self.best.is_kept() { lower_bound.min(self.best.key()) } else { lower_bound };
        self.best.is_kept() && (self.report() || self.best.key() <= self.lower_bound)
    }

    fn report(&mut self) -> bool {
        let used = self.placements.div_ceil(self.model.len().max(1) as u64);
        let (value, bound) = (self.total(self.best.key()), self.total(self.lower_bound));
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

    pub(super) fn generation(&mut self, genetic: &mut Genetic) -> bool {
        let n = self.model.len() as u64;
        let places = usize::try_from(self.left() / n).unwrap_or(usize::MAX);
        if places == 0 || self.watch.check() {
            return true;
        }
        let (made, better) = genetic.generation(places, self.best.value);
        self.placements += n * made as u64;
        made == 0 || better.is_some_and(|member| self.take(member))
    }

    fn solution(self, options: &Options, past: &Past, due: &DueDates) -> Solution {
        let n = self.model.len();
        let num_schedules = self.placements.div_ceil(n.max(1) as u64);
        if self.infeasible {
            let detail = format!("an exhaustive search found no modes and times of the {n} activities that keep all constraints");
            let reason = Reason { code: "exhausted", activities: vec![], resources: vec![], amount: None, detail };
            return Solution::infeasible(vec![reason], num_schedules);
        }
        let mode = self.model.rows(&self.best.choice);
        let start_time: Vec<i64> = self.best.start.iter().map(|&time| self.model.tick(time)).collect();
        let end = |i: usize| self.model.tick(self.model.end(self.best.choice[i] as usize, self.best.start[i]));
        let completion_time = (0..n).map(end).collect();
        let mut schedule = self.model.blanked(Schedule::from_times(start_time, completion_time), &self.best.choice);
        let status = match self.best.key() {
            _ if !self.best.is_kept() => Status::Unknown,
            value if value <= self.lower_bound => Status::Optimal,
            _ => Status::Feasible,
        };
        if options.late && status != Status::Unknown && n > 0 {
            let completion_time = schedule.completion_time.iter().zip(&mode);
            let completion_time: Vec<i64> =
                completion_time.map(|(&time, &row)| if row == ABSENT { NEVER } else { time }).collect();
            let value = self.objective.value(due, &completion_time);
            if let Ok(single) = self.project.in_modes(&mode)
                && let Ok(instance) = Instance::new(&single, past, &mut |_| false)
            {
                schedule = single.blanked(postponed(&instance, past, self.objective, value, schedule));
            }
        }
        let is_known = status != Status::Unknown && n > 0;
        Solution {
            objective: if is_known { self.total(self.best.key()) } else { schedule.makespan.into() },
            lower_bound: if n > 0 { self.total(self.lower_bound) } else { Total::Integer(0) },
            status,
            num_schedules,
            schedule,
            mode,
            reasons: Vec::new(),
        }
    }
}
