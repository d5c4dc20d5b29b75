//! Many instances of one size at once, shared out among threads.

use super::evaluate::{Columns, Summary, evaluate};
use super::jobs::{Jobs, Weights};
use super::rule::{Rule, Scratch};
use crate::control::Pulse;
use crate::error::{InputError, check_length};
use crate::parallel;

/// Instances as rows of flat matrices, `width` jobs each.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Number of instances.
    pub count: usize,
    /// Jobs of each.
    pub width: usize,
    /// Row by row.
    pub processing_time: &'a [i64],
    /// Row by row.
    pub due_date: &'a [i64],
    /// Row by row.
    pub weight: Weights<'a>,
}

/// Where answers go, row by row.
#[derive(Debug)]
pub struct Answers<'a> {
    /// Jobs by position.
    pub sequence: &'a mut [i64],
    /// The other columns, by job.
    pub columns: Columns<'a>,
}

impl<'a> Answers<'a> {
    /// The answers of the first `rows` instances, and the others.
    fn split(self, cells: usize) -> (Answers<'a>, Answers<'a>) {
        let cut = |column: &'a mut [i64]| column.split_at_mut(cells);
        let (sequence, sequences) = cut(self.sequence);
        let (start_time, starts) = cut(self.columns.start_time);
        let (completion_time, completions) = cut(self.columns.completion_time);
        let (lateness, others) = cut(self.columns.lateness);
        let (tardiness, rest) = cut(self.columns.tardiness);
        let own = Columns { start_time, completion_time, lateness, tardiness };
        let others = Columns { start_time: starts, completion_time: completions, lateness: others, tardiness: rest };
        (Answers { sequence, columns: own }, Answers { sequence: sequences, columns: others })
    }
}

/// A private copy of one row: somebody may write to the matrices meanwhile, but not to the copy.
#[derive(Debug, Default)]
pub(super) struct Row {
    processing_time: Vec<i64>,
    due_date: Vec<i64>,
    integers: Vec<i64>,
    floats: Vec<f64>,
}

impl Row {
    /// # Errors
    /// As [`Jobs::new`]; `index` starts with the row.
    pub(super) fn copy(&mut self, rows: &Rows, row: usize) -> Result<Jobs<'_>, InputError> {
        fn take<T: Copy>(target: &mut Vec<T>, cells: &[T]) {
            target.clear();
            target.extend_from_slice(cells);
        }
        let cells = row * rows.width..(row + 1) * rows.width;
        take(&mut self.processing_time, &rows.processing_time[cells.clone()]);
        take(&mut self.due_date, &rows.due_date[cells.clone()]);
        let weight = match rows.weight {
            Weights::Unit => Weights::Unit,
            Weights::Integers(w) => {
                take(&mut self.integers, &w[cells]);
                Weights::Integers(&self.integers)
            }
            Weights::Floats(w) => {
                take(&mut self.floats, &w[cells]);
                Weights::Floats(&self.floats)
            }
        };
        Jobs::new(&self.processing_time, &self.due_date, weight).map_err(|mut error| {
            error.index.insert(0, row);
            error
        })
    }
}

/// Refuses matrices of unequal size.
pub(super) fn check(rows: &Rows) -> Result<(), InputError> {
    let cells = rows.count * rows.width;
    check_length("processing_time", rows.processing_time.len(), cells)?;
    check_length("due_date", rows.due_date.len(), cells)?;
    match rows.weight {
        Weights::Unit => Ok(()),
        Weights::Integers(w) => check_length("weight", w.len(), cells),
        Weights::Floats(w) => check_length("weight", w.len(), cells),
    }
}

/// Runs a rule on every instance. The same answers for any number of threads. If `pulse` stops it, answers and summaries are incomplete.
///
/// # Errors
/// The first instance, by row, that [`Jobs::new`] refuses; `index` starts with its row. Matrices of unequal size.
///
/// # Panics
/// If an answer has another size than the instances.
pub fn run_many(rule: Rule, rows: Rows, threads: usize, pulse: &Pulse, answers: Answers) -> Result<Vec<Summary>, InputError> {
    check(&rows)?;
    // Blocks of rows, so that sharing out costs nothing beside the work.
    let block = rows.count.div_ceil(threads.max(1) * 4).max(1);
    let (mut blocks, mut rest) = (Vec::new(), answers);
    for first in (0..rows.count).step_by(block) {
        let count = block.min(rows.count - first);
        let (own, others) = rest.split(count * rows.width);
        blocks.push((first, count, Some(own), Ok(Vec::new())));
        rest = others;
    }
    let state = || Scratch::with_pulse(pulse.clone());
    parallel::fill(threads, &mut blocks, &mut [(); 0], state, |scratch, _, (first, count, answers, outcome), _| {
        if let Some(answers) = answers.take() {
            *outcome = run_block(rule, &rows, *first, *count, answers, scratch);
        }
    });
    let mut summaries = Vec::with_capacity(rows.count);
    for (.., outcome) in blocks {
        summaries.extend(outcome?);
    }
    Ok(summaries)
}

fn run_block(
    rule: Rule,
    rows: &Rows,
    first: usize,
    count: usize,
    answers: Answers,
    scratch: &mut Scratch,
) -> Result<Vec<Summary>, InputError> {
    let mut rest = answers;
    let (mut summaries, mut copy) = (Vec::with_capacity(count), Row::default());
    for row in first..first + count {
        let (own, others) = rest.split(rows.width);
        rest = others;
        let jobs = copy.copy(rows, row)?;
        rule.run(&jobs, scratch);
        if scratch.pulse.worked(rows.width as u64) || scratch.pulse.stopped() {
            break; // the sequence may be incomplete
        }
        for (slot, &j) in own.sequence.iter_mut().zip(&scratch.sequence) {
            *slot = i64::from(j);
        }
        summaries.push(evaluate(&jobs, &scratch.sequence, own.columns));
    }
    Ok(summaries)
}
