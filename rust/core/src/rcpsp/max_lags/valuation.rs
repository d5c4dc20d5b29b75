//! What schedules of a project with maximal lags or stores are compared by.

use super::model::Model;
use crate::rcpsp::instance::Instance;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::{Objective, Past, Project};
use crate::total::Total;

/// An objective, and the due dates that it counts from.
#[derive(Debug, Clone)]
pub struct Valuation<'p> {
    pub objective: Objective,
    pub due: DueDates<'p>,
}

impl Valuation<'_> {
    /// Whether schedules are compared by their ends, so that the prover proves the objective.
    pub fn is_makespan(&self) -> bool {
        self.objective == Objective::MAKESPAN
    }

    /// The value of starts: in units for the makespan, a key otherwise.
    pub fn value(&self, model: &Model, start: &[i64]) -> i64 {
        if self.is_makespan() { model.end(start) } else { self.objective.value(&self.due, &completions(model, start)) }
    }

    /// A value that no schedule is below. `relaxed` is the project without maximal lags and stores.
    pub fn bound(&self, model: &Model, relaxed: &Project, past: &Past) -> i64 {
        let has_calendars = !relaxed.data().calendars.is_empty();
        if self.is_makespan() && !has_calendars {
            return model.lower_bound();
        }
        let instance = Instance::new(relaxed, past, &mut |_| false).ok();
        if self.is_makespan() {
            let ticks = instance.map_or(model.origin, |instance| instance.lower_bound());
            return model.lower_bound().max((ticks - model.origin) / model.unit);
        }
        let alone = self.value(model, &model.earliest);
        instance.map_or(alone, |instance| alone.max(self.objective.bound(&self.due, &instance)))
    }

    /// The starts by which activities are due, latest starts where the makespan is sought.
    pub fn due_starts(&self, model: &Model) -> Vec<i64> {
        let mut latest = model.latest.clone();
        if !self.is_makespan() {
            self.due.each(|i, tick| {
                let start = (tick - model.origin).div_euclid(model.unit) - model.duration[i];
                latest[i] = latest[i].min(start);
            });
        }
        latest
    }

    /// The objective that a value stands for.
    pub fn total(&self, project: &Project, model: &Model, value: i64) -> Total {
        if self.is_makespan() { model.tick(value).into() } else { self.objective.total(project, value) }
    }

    /// The latest start of each activity that does not make a schedule of that value worse.
    pub fn latest(&self, model: &Model, start: &[i64], value: i64) -> Vec<i64> {
        if self.is_makespan() {
            return vec![i64::MAX; start.len()];
        }
        let latest = self.objective.latest(&self.due, &completions(model, start), value);
        let units = |tick: i64| if tick == i64::MAX { i64::MAX } else { (tick - model.origin).div_euclid(model.unit) };
        latest.into_iter().zip(&model.duration).map(|(tick, duration)| units(tick).saturating_sub(*duration)).collect()
    }
}

/// The completions of starts, in ticks.
fn completions(model: &Model, start: &[i64]) -> Vec<i64> {
    start.iter().zip(&model.duration).map(|(start, duration)| model.tick(start + duration)).collect()
}
