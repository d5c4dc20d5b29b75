//! Many instances of one size at once, shared out among threads.

use super::evaluate::{Columns, Summary, evaluate};
use super::jobs::{Jobs, Weights};
use super::rule::{Rule, Scratch};
use super::table::Table;
use crate::control::Pulse;
use crate::error::{Error, InputError, check_length};
use crate::parallel;

/// Instances as rows of flat matrices, `width` jobs each.
#[derive(Debug, Clone, Copy)]
pub struct InstanceRows<'a> {
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

/// Where answers go, row by row: jobs by position, and the other columns, by job.
struct Answers<'a> {
    sequence: &'a mut [i64],
    columns: Columns<'a>,
}

impl Table {
    fn answers(&mut self) -> Answers<'_> {
        let Self { sequence, start_time, completion_time, lateness, tardiness } = self;
        Answers { sequence, columns: Columns { start_time, completion_time, lateness, tardiness } }
    }
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

/// A private copy of one row: another thread may write to the matrices meanwhile, but not to the copy.
#[derive(Debug, Default)]
struct Row {
    processing_time: Vec<i64>,
    due_date: Vec<i64>,
    integers: Vec<i64>,
    floats: Vec<f64>,
}

impl Row {
    /// # Errors
    /// As [`Jobs::new`]; `index` starts with the row.
    fn copy(&mut self, rows: &InstanceRows, row: usize) -> Result<Jobs<'_>, InputError> {
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
fn check(rows: &InstanceRows) -> Result<(), InputError> {
    let cells = rows.count * rows.width;
    check_length("processing_time", rows.processing_time.len(), cells)?;
    check_length("due_date", rows.due_date.len(), cells)?;
    match rows.weight {
        Weights::Unit => Ok(()),
        Weights::Integers(w) => check_length("weight", w.len(), cells),
        Weights::Floats(w) => check_length("weight", w.len(), cells),
    }
}

/// Runs a rule on every instance and puts the answers into `table`, which is empty. The same answers for any number of threads. If
/// `pulse` stops it, answers and summaries are incomplete.
///
/// # Errors
/// The first instance, by row, that [`Jobs::new`] refuses; `index` starts with its row. Matrices of unequal size. Refused memory.
pub fn run_many(rule: Rule, rows: InstanceRows, threads: usize, pulse: &Pulse, table: &mut Table) -> Result<Vec<Summary>, Error> {
    check(&rows)?;
    if threads <= 1 {
        return Ok(append_rows(rule, &rows, pulse, table)?);
    }
    table.clear_to(rows.count * rows.width)?;
    // Blocks of rows, so that sharing out costs nothing beside the work.
    let block = rows.count.div_ceil(threads * 4).max(1);
    let (mut blocks, mut rest) = (Vec::new(), table.answers());
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

/// The rows one after the other, each appended: the memory of the answers need not be cleared first.
fn append_rows(rule: Rule, rows: &InstanceRows, pulse: &Pulse, table: &mut Table) -> Result<Vec<Summary>, InputError> {
    let mut summaries = Vec::with_capacity(rows.count);
    let (mut scratch, mut copy) = (Scratch::with_pulse(pulse.clone()), Row::default());
    for row in 0..rows.count {
        let jobs = copy.copy(rows, row)?;
        rule.run(&jobs, &mut scratch);
        if scratch.pulse.worked(rows.width as u64) || scratch.pulse.stopped() {
            break; // the sequence may be incomplete
        }
        summaries.push(table.append(&jobs, &scratch.sequence));
    }
    Ok(summaries)
}

fn run_block(
    rule: Rule,
    rows: &InstanceRows,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Named;
    use crate::random::Random;

    #[test]
    fn appended_answers_are_those_that_are_filled_in() {
        let (mut random, mdd) = (Random::new(3), Rule::from_name("mdd").unwrap());
        for (count, width) in [(0, 3), (5, 0), (40, 7), (3, 1300)] {
            let cells = count * width;
            let mut draw = |most: u64| -> Vec<i64> { (0..cells).map(|_| random.below(most) as i64).collect() };
            let (p, d, w) = (draw(20), draw(20 * width as u64 + 1), draw(9));
            let floats: Vec<f64> = w.iter().map(|&w| w as f64 / 7.0).collect();
            for weight in [Weights::Unit, Weights::Integers(&w), Weights::Floats(&floats)] {
                let rows = InstanceRows { count, width, processing_time: &p, due_date: &d, weight };
                let (mut filled, mut appended) = (Table::default(), Table::with_capacity(cells));
                let expected = run_many(mdd, rows, 2, &Pulse::default(), &mut filled).unwrap();
                assert_eq!(run_many(mdd, rows, 1, &Pulse::default(), &mut appended).unwrap(), expected);
                assert_eq!(appended, filled);
            }
        }
    }

    #[test]
    fn refusals_name_the_row() {
        let rows = InstanceRows { count: 2, width: 2, processing_time: &[1, 1, 1, -1], due_date: &[0; 4], weight: Weights::Unit };
        let (mut table, edd) = (Table::default(), Rule::from_name("edd").unwrap());
        let error = run_many(edd, rows, 1, &Pulse::default(), &mut table).unwrap_err();
        assert_eq!(error.to_string(), "processing_time[1, 1] = -1: must be >= 0");
        let rows = InstanceRows { count: 2, width: 3, ..rows };
        assert!(run_many(edd, rows, 1, &Pulse::default(), &mut table).is_err());
    }
}
