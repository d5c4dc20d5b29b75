//! What a search over modes begins with, and the modes that one pass takes if none are given.

use super::arrange::Arranger;
use super::bound::{earliest, reasons};
use super::model::Model;
use super::proof::{Event, Prover};
use super::repair::repair;
use crate::error::{Error, Infeasible, Reason};
use crate::random::Random;
use crate::rcpsp::objective::{DueDates, NEVER};
use crate::rcpsp::search::Options;
use crate::rcpsp::{ABSENT, Lister, Objective, Past, Project};

/// Steps that the prover may take to find modes that the stocks allow.
const MOST_STEPS: u64 = 1 << 18;

/// The fastest mode of each activity (ties: the lower row), changed where stocks do not allow it: the change that reduces the excess
/// most for the time it costs, again and again; modes by an exhaustive search where that fails. Of each group of alternatives the activity
/// runs that takes least time (ties: lower index), and optional activities in no group do not run. Gives rows by activity.
///
/// # Errors
/// The stocks allow no modes, or none were found.
pub fn first_modes(project: &Project) -> Result<Vec<i64>, Error> {
    if !project.has_choices() {
        return Ok((0..project.num_activities() as i64).collect());
    }
    let past = Past::default();
    let found = reasons(project, &past, &[]);
    let stocks: Vec<Reason> = found.into_iter().filter(|reason| reason.code != "deadline_missed").collect();
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
    let mut choice: Vec<u32> = (0..model.len()).map(|i| model.first[i]).collect();
    if model.has_options {
        model.settle(&mut choice, None);
    }
    choice
}

/// The choices that start times stand for: optional activities that begin at [`ABSENT`] do not run, others run as fast as they can.
fn choices_of_starts(model: &Model, start_time: &[i64]) -> Vec<u32> {
    let of = |(i, &start): (usize, &i64)| match model.running(i).next() {
        Some(c) if start != ABSENT => c as u32,
        _ => model.first[i],
    };
    start_time.iter().enumerate().map(of).collect()
}

/// Lists and choices that a search begins with: those of a warm start, and the fastest modes by latest finish.
pub(super) fn members(project: &Project, model: &Model, options: &Options) -> Vec<(Vec<u32>, Vec<u32>)> {
    let mut lister = Lister::new(project);
    let mut list = |priority: &[i64]| {
        if model.has_options { Arranger::by_priority(model, |i| priority[i] as f64) } else { lister.list(priority).to_vec() }
    };
    let mut found = Vec::new();
    if let Some(start_time) = options.warm_start {
        let choice = match options.mode {
            Some(rows) => model.choices_of_rows(rows),
            None if model.has_options => choices_of_starts(model, start_time),
            None => fastest(model),
        };
        found.push((list(start_time), choice));
    }
    let (_, finish) = earliest(model);
    found.push((list(&finish), fastest(model)));
    found
}

/// A key that no schedule is below, for objectives that count from due dates: that of the earliest completions.
pub(super) fn bound(model: &Model, objective: Objective, due: &DueDates) -> i64 {
    let (_, finish) = earliest(model);
    let runs = |i: usize| model.must_run(i);
    let completion: Vec<i64> = (0..model.len()).map(|i| if runs(i) { model.tick(finish[i]) } else { NEVER }).collect();
    let value = objective.value(due, &completion);
    if due.dated().any(|(i, _)| runs(i)) {
        return value;
    }
    // Nothing that is late runs for certain; what runs alone may be early.
    let lateness = due.dated().map(|(i, due)| model.tick(finish[i]).saturating_sub(due));
    if objective == Objective::MAX_LATENESS { lateness.fold(value, i64::min) } else { value }
}
