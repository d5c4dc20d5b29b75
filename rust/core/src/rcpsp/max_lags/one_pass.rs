//! One pass of serial generation, for a project with maximal lags.

use super::super::rank::Key;
use super::bounds::reasons;
use super::model::Model;
use super::search::field;
use super::serial::Decoder;
use crate::control::Pulse;
use crate::cost;
use crate::error::{Error, Infeasible, InputError, Reason};
use crate::parallel;
use crate::rcpsp::instance::Instance;
use crate::rcpsp::{Lister, Past, Priority, Project, Schedule, Scheme};

/// As [`crate::rcpsp::plan`]. Rules value the project without its maximal lags.
///
/// # Errors
/// The parallel scheme, which has no way back; no schedule, or none that the pass comes to.
pub fn plan(
    project: &Project,
    past: &Past,
    scheme: Scheme,
    priority: Priority,
    seed: u64,
    pulse: &Pulse,
) -> Result<Schedule, Error> {
    if scheme == Scheme::Parallel {
        let what = if project.has_max_lags() { "maximal lags" } else { "levels of stores" };
        let reason = format!("the parallel scheme never goes back in time, so it cannot keep {what}; use the serial scheme");
        return Err(InputError::new(field(project), reason).into());
    }
    let found = reasons(project, past, pulse);
    if !found.is_empty() {
        return Err(Infeasible { reasons: found }.into());
    }
    let relaxed = project.one_sided();
    let model = Model::new(project, past);
    let mut pulse = pulse.clone();
    match priority {
        Priority::Integers(values) => decoded(project, &relaxed, &model, values, &mut pulse),
        Priority::Floats(values) => decoded(project, &relaxed, &model, values, &mut pulse),
        Priority::Rule(rule) => {
            let instance =
                Instance::new(&relaxed, past, &mut |steps| pulse.worked(steps)).map_err(|reasons| Infeasible { reasons })?;
            let values = instance.rule_values(rule, seed, &mut pulse);
            decoded(project, &relaxed, &model, &values, &mut pulse)
        }
    }
}

fn decoded<K: Key>(
    project: &Project,
    relaxed: &Project,
    model: &Model,
    priority: &[K],
    pulse: &mut Pulse,
) -> Result<Schedule, Error> {
    let mut lister = Lister::new(relaxed);
    let mut decoder = Decoder::new(model);
    match decoder.decode_or_urgent(lister.list(priority), &mut |placements| pulse.worked(cost::PLACEMENT * placements)) {
        Ok(_) => Ok(schedule(project, model, &decoder.earliest)),
        Err(left) => {
            let what = match (project.has_max_lags(), project.has_stores()) {
                (true, true) => "their maximal lags and the levels of stores",
                (true, false) => "their maximal lags",
                _ => "the levels of stores",
            };
            let detail = format!("the pass found no place for {left} of the activities within {what}");
            let reason = Reason { code: "pass_failed", activities: vec![], resources: vec![], amount: None, detail };
            Err(Infeasible { reasons: vec![reason] }.into())
        }
    }
}

/// As [`crate::rcpsp::serial_sgs_many`], for rows of finite priorities; a row that leads to no schedule gets `failed`.
pub fn many<K: Key + Sync>(
    project: &Project,
    priority: &[K],
    (threads, pulse): (usize, &Pulse),
    (makespan, starts): (&mut [i64], &mut [i64]),
    failed: i64,
) {
    let n = project.num_activities();
    let (relaxed, model) = (project.one_sided(), Model::new(project, &Past::default()));
    let is_possible = reasons(project, &Past::default(), pulse).is_empty();
    let scratch = || (Lister::new(&relaxed), Decoder::new(&model), pulse.clone());
    parallel::fill(threads, makespan, starts, scratch, |(lister, decoder, pulse), k, makespan, starts| {
        let row = priority[k * n..(k + 1) * n].to_vec(); // another thread may write to the caller's array meanwhile
        let found = if is_possible {
            decoder.decode_or_urgent(lister.list(&row), &mut |placements| pulse.worked(cost::PLACEMENT * placements)).ok()
        } else {
            None
        };
        *makespan = found.map_or(failed, |value| if n == 0 { 0 } else { model.tick(value) });
        for (i, start) in starts.iter_mut().enumerate() {
            *start = found.map_or(failed, |_| model.tick(decoder.earliest[i]));
        }
    });
}

/// The schedule of starts in units.
pub fn schedule(project: &Project, model: &Model, start: &[i64]) -> Schedule {
    debug_assert_eq!(project.num_activities(), start.len());
    let start_time: Vec<i64> = start.iter().map(|&time| model.tick(time)).collect();
    let completion_time = start_time.iter().zip(&model.duration).map(|(start, units)| start + units * model.unit).collect();
    Schedule::from_times(start_time, completion_time)
}
