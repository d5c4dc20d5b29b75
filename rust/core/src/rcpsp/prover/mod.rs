//! Proofs for projects: lower bounds, shorter schedules, and the proof that there are none, by constraint programming ([`crate::cp`]).
//!
//! A project is translated into intervals: a plain one by [`plain`], one with constraints or a fixed past by [`general`], where closed
//! time is cut out ([`clock`]) and calendars and fixed activities take from the resources ([`capacity`]).

mod capacity;
mod clock;
mod distances;
mod general;
#[cfg(test)]
mod general_tests;
mod goal;
mod horizon;
mod makespan_search;
mod plain;
mod remaining;
#[cfg(test)]
mod tests;
mod translation;

use self::general::Wanted;
use self::goal::Goal;
use self::translation::Translation;
use super::constrained::Situation;
use super::objective::{CompletionCosts, DueDates};
use super::{Objective, Past, Project, Schedule};
use crate::cp::{ConflictSearch, FixedLengths, Repair, SearchEvent, TableLengths};

pub(super) use self::capacity::{Break, breaks};
pub(super) use self::horizon::sufficient;
pub(super) use self::makespan_search::MakespanSearch;
pub use self::remaining::{Remaining, remaining, sufficient_horizon};
pub use crate::cp::Reasoning;

/// Larger projects, and longer horizons, are left to the search.
pub(super) const MOST_ACTIVITIES: usize = 500;
const MOST_ATOMS: i64 = 1 << 21;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing is decided yet.
    Paused,
    /// A better schedule than the best known one, or a first one.
    Better(Schedule),
    /// No schedule is better than the best known one; if none is known, there is none.
    Proved,
}

/// Looks for schedules shorter than the best known one, or better by another objective, and for the proof that there are none.
///
/// ```text
/// let mut prover = Prover::new(project, past, Some((&start_time, makespan)))?;   // None: no schedule is known
/// prover.raise(Reasoning::ALL, || stop());                                       // destructive lower bounds, optional
/// loop {
///     match prover.run(prover.work() + share, |steps| stop(steps)) {
///         Event::Paused => ...,                                                  // prover.lower_bound() holds now
///         Event::Better(schedule) => prover.improve(&schedule.start_time, schedule.makespan),
///         Event::Proved => break,                                                // optimal, or infeasible if none was known
///     }
/// }
/// ```
///
/// Times are counted in units, the greatest common divisor of all durations and of the times at which work may become possible: some
/// shortest schedule starts everything at multiples.
#[derive(Debug)]
pub struct Prover {
    project: Project,
    search: Translated,
    /// Value of the best schedule known.
    best: Option<i64>,
    /// What is to be small, if it is not the makespan.
    goal: Option<Goal>,
}

/// The project as intervals, and the search on them.
#[derive(Debug)]
enum Translated {
    Plain { unit: i64, search: Box<ConflictSearch<FixedLengths>> },
    General { translation: Box<Translation>, search: Box<ConflictSearch<TableLengths>> },
}

impl Prover {
    /// Starts from a schedule (start times and makespan), if one is known; `None` if the project is too large, or if nothing can be
    /// shorter by its definition.
    ///
    /// Fixed activities must not contradict each other.
    #[must_use]
    pub fn new(project: &Project, past: &Past, known: Option<(&[i64], i64)>) -> Option<Self> {
        let search = match (Situation::needed(project, past), known) {
            (None, Some((_, makespan))) => {
                let (unit, problem) = plain::problem(project, makespan, false)?;
                Translated::Plain { unit, search: Box::new(ConflictSearch::new(problem)) }
            }
            (needed, known) => {
                let situation = needed.unwrap_or_else(|| Situation::new(project, past));
                let wanted = known.map_or(Wanted::Feasible, |(_, makespan)| Wanted::Shorter(makespan));
                let (translation, problem) = general::problem(&situation, wanted)?;
                Translated::General { translation: Box::new(translation), search: Box::new(ConflictSearch::new(problem)) }
            }
        };
        let mut prover = Self { project: project.clone(), search, best: None, goal: None };
        if let Some((start_time, makespan)) = known {
            prover.improve(start_time, makespan);
        }
        Some(prover)
    }

    /// As [`new`](Self::new), for an objective that counts from due dates, of which `bound` is a key that no schedule is below. `known`
    /// is a schedule by its start times, with the key of its value.
    #[must_use]
    pub fn for_objective(
        project: &Project,
        past: &Past,
        objective: Objective,
        bound: i64,
        (start_time, value): (&[i64], i64),
    ) -> Option<Self> {
        let situation = Situation::new(project, past);
        let costs = CompletionCosts::new(objective, &DueDates::new(project), project.num_activities(), bound)?;
        let goal = Goal { objective, base: costs.of_key(bound), costs };
        let limit = goal.costs.total(&situation.schedule(start_time.to_vec()).completion_time)? - 1;
        if limit < goal.base {
            return None;
        }
        let (translation, problem) = general::problem(&situation, Wanted::Cheaper(&goal, limit))?;
        let search = Translated::General { translation: Box::new(translation), search: Box::new(ConflictSearch::new(problem)) };
        let mut prover = Self { project: project.clone(), search, best: None, goal: Some(goal) };
        prover.improve(start_time, value);
        Some(prover)
    }

    /// A search of its own around a schedule, by its start times and its makespan, for [`repair`](Self::repair); `None` if the project has
    /// constraints or a fixed past.
    #[must_use]
    pub fn repairing(&self, start_time: &[i64], makespan: i64) -> Option<Self> {
        let Translated::Plain { .. } = self.search else { return None };
        let (unit, problem) = plain::problem(&self.project, makespan, true)?;
        let search = Translated::Plain { unit, search: Box::new(ConflictSearch::new(problem)) };
        let mut prover = Self { project: self.project.clone(), search, best: None, goal: None };
        prover.improve(start_time, makespan);
        Some(prover)
    }

    /// Looks for a shorter schedule in which the activities that are not `free` keep their order, with at most `conflicts` conflicts, or
    /// until `stop` says so. What it learns about all schedules stays.
    pub fn repair(&mut self, free: &[bool], conflicts: u64, stop: impl FnMut(u64) -> bool) -> (Repair, Option<Schedule>) {
        let Translated::Plain { search, .. } = &mut self.search else { return (Repair::Abandoned, None) };
        let result = search.repair(free, conflicts, stop);
        let schedule = match &result {
            Repair::Solution(slots) => Some(self.schedule_of(slots)),
            _ => None,
        };
        (result, schedule)
    }

    /// The schedule of a plain project whose activities start in these slots; the condition of neighbourhoods may follow behind them.
    fn schedule_of(&self, slots: &[i32]) -> Schedule {
        let unit = if let Translated::Plain { unit, .. } = self.search { unit } else { 1 };
        let of_activities = &slots[..self.project.num_activities()];
        Schedule::from_starts(&self.project, of_activities.iter().map(|&slot| i64::from(slot) * unit).collect())
    }

    /// Whether another neighbourhood can be searched.
    #[must_use]
    pub fn can_repair(&self) -> bool {
        matches!(&self.search, Translated::Plain { search, .. } if search.can_repair())
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The value of a schedule: its makespan, or the key of the objective.
    #[must_use]
    pub fn value(&self, schedule: &Schedule) -> i64 {
        match &self.goal {
            None => schedule.makespan,
            Some(goal) => goal.objective.value(&DueDates::new(&self.project), &schedule.completion_time),
        }
    }

    /// A better schedule has become known, by its start times and its value.
    pub fn improve(&mut self, start_time: &[i64], value: i64) {
        self.best = Some(value);
        match &mut self.search {
            Translated::Plain { unit, search } => {
                let slots = start_time.iter().map(|start| i32::try_from(start / *unit).unwrap_or(i32::MAX));
                search.limit(slots, (value - 1).div_euclid(*unit) as i32);
            }
            Translated::General { translation, search } => {
                let slots = translation.slots(start_time);
                match &self.goal {
                    None => search.limit(slots, translation.shorter(value).unwrap_or(-1)),
                    Some(goal) => {
                        let schedule = translation.schedule(&self.project, start_time.to_vec());
                        let total = goal.costs.total(&schedule.completion_time);
                        search.limit_total(slots, total.map_or(i64::MAX, |total| total - 1));
                    }
                }
            }
        }
    }

    /// No schedule is better, or the best known one is among the best.
    #[must_use]
    pub fn lower_bound(&self) -> i64 {
        match (&self.search, self.best) {
            (_, Some(best)) if self.is_proved() => best,
            (Translated::Plain { unit, search }, _) => i64::from(search.lower_bound()) * unit,
            (Translated::General { translation, search }, _) => match &self.goal {
                None => translation.makespan(search.lower_bound()),
                Some(goal) => goal.costs.key(search.total()),
            },
        }
    }

    /// Whether no schedule is better than the best known one, or, if none is known, there is none.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        match &self.search {
            Translated::Plain { search, .. } => search.is_refuted(),
            Translated::General { search, .. } => search.is_refuted(),
        }
    }

    /// Effort so far, in bounds of start times looked at.
    #[must_use]
    pub fn work(&self) -> u64 {
        match &self.search {
            Translated::Plain { search, .. } => search.work(),
            Translated::General { search, .. } => search.work(),
        }
    }

    /// Value of the best schedule known.
    #[must_use]
    pub fn best(&self) -> Option<i64> {
        self.best
    }

    /// Raises the lower bound by refuting values without search, as far as `reasoning` goes. Stops early if `stop` says so.
    pub fn raise(&mut self, reasoning: Reasoning, stop: impl FnMut() -> bool) {
        match &mut self.search {
            Translated::Plain { search, .. } => search.raise(reasoning, stop),
            Translated::General { search, .. } => search.raise(reasoning, stop),
        }
    }

    /// Searches until something is decided, the effort reaches `most_work` (but for one conflict at least, so that every call learns
    /// something), or `stop` says so, which gets the effort since it was last asked. The next call goes on where this one paused.
    pub fn run(&mut self, most_work: u64, stop: impl FnMut(u64) -> bool) -> Event {
        let event = match &mut self.search {
            Translated::Plain { search, .. } => search.run(most_work, stop),
            Translated::General { search, .. } => search.run(most_work, stop),
        };
        match (event, &self.search) {
            (SearchEvent::Paused, _) => Event::Paused,
            (SearchEvent::Refuted, _) => Event::Proved,
            (SearchEvent::Solution(slots), Translated::Plain { .. }) => Event::Better(self.schedule_of(&slots)),
            (SearchEvent::Solution(slots), Translated::General { translation, .. }) => {
                let start_time = translation.start_time(&self.project, &slots);
                Event::Better(translation.schedule(&self.project, start_time))
            }
        }
    }
}
