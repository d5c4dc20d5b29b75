//! What a search over modes begins with, and the modes that one pass takes if none are given.

use super::bound::{earliest, reasons};
use super::model::Model;
use super::proof::{Event, Prover};
use super::repair::repair;
use crate::error::{Error, Infeasible, Reason};
use crate::random::Random;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::search::Options;
use crate::rcpsp::{Lister, Objective, Past, Project};

/// Steps that the prover may take to find modes that the stocks allow.
const MOST_STEPS: u64 = 1 << 18;

/// The fastest mode of each activity (ties: the lower row), changed where stocks do not allow it: the change that reduces the excess
/// most for the time it costs, again and again; modes by an exhaustive search where that fails. Gives rows by activity.
///
/// # Errors
/// The stocks allow no modes, or none were found.
pub fn first_modes(project: &Project) -> Result<Vec<i64>, Error> {
    if project.modes().is_none() {
        return Ok((0..project.num_activities() as i64).collect());
    }
    let past = Past::default();
    let found = reasons(project, &past);
    let stocks: Vec<Reason> = found.into_iter().filter(|reason| reason.code == "stock_exceeded").collect();
    if !stocks.is_empty() {
        return Err(Infeasible { reasons: stocks }.into());
    }
    let mut model = Model::new(project, &past, &[]);
    let mut choice = fastest(&model);
    if repair(&model, &mut choice, &mut Random::new(0)) {
        return Ok(model.rows(&choice));
    }
    // Times do not matter here.
    model.deadline.fill(i64::MAX);
    if let Some(mut prover) = Prover::new(&model, model.horizon())
        && let Event::Better(_, choice) = prover.run(MOST_STEPS, |_| false)
    {
        return Ok(model.rows(&choice));
    }
    let detail = "no modes were found that keep to the stocks".to_owned();
    let reason = Reason { code: "pass_failed", activities: vec![], resources: vec![], amount: None, detail };
    Err(Infeasible { reasons: vec![reason] }.into())
}

fn fastest(model: &Model) -> Vec<u32> {
    (0..model.len()).map(|i| model.first[i]).collect()
}

/// Lists and choices that a search begins with: those of a warm start, and the fastest modes by latest finish.
pub(super) fn members(project: &Project, model: &Model, options: &Options) -> Vec<(Vec<u32>, Vec<u32>)> {
    let mut lister = Lister::new(project);
    let mut found = Vec::new();
    if let Some(start_time) = options.warm_start {
        let choice = options.mode.map_or_else(|| fastest(model), |rows| model.choices_of_rows(rows));
        found.push((lister.list(start_time).to_vec(), choice));
    }
    let (_, finish) = earliest(model);
    found.push((lister.list(&finish).to_vec(), fastest(model)));
    found
}

/// A key that no schedule is below, for objectives that count from due dates: that of the earliest completions.
pub(super) fn bound(model: &Model, objective: Objective, due: &DueDates) -> i64 {
    let (_, finish) = earliest(model);
    let completion: Vec<i64> = finish.iter().map(|&time| model.tick(time)).collect();
    objective.value(due, &completion)
}
