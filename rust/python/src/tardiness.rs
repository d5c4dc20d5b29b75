//! Bindings of `schedkit_core::tardiness`.

use std::time::{Duration, Instant};

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{IntoPyObject, IntoPyObjectExt};
use schedkit_core::check::{self, Claimed, SequenceClaim, SequenceProblem};
use schedkit_core::control::{Pulse, Status};
use schedkit_core::memory;
use schedkit_core::names::Named;
use schedkit_core::parallel;
use schedkit_core::tardiness::{self, Answers, Columns, Jobs, Rule, Summary, Total, Weights};

use crate::anytime::{Anytime, Report, interruptible};
use crate::check::{Rows as Found, rows};
use crate::convert::{owned, readonly, zeroed_array};
use crate::errors::Result;

pub type Ints<'py> = Bound<'py, PyArray1<i64>>;
/// The columns `sequence, start_time, completion_time, lateness, tardiness`, and the summary's five numbers (arrays for a batch).
pub type Schedule<'py> = ([Ints<'py>; 5], Bound<'py, PyTuple>);

/// Weights as Python has them: nothing, integers or floats.
#[derive(FromPyObject)]
pub enum WeightArgument<'py> {
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

/// A private copy of the weights.
pub enum OwnedWeights {
    Unit,
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

impl OwnedWeights {
    pub fn new(weight: Option<&WeightArgument>) -> Result<Self> {
        Ok(match weight {
            None => Self::Unit,
            Some(WeightArgument::Integers(w)) => Self::Integers(owned(w)?),
            Some(WeightArgument::Floats(w)) => Self::Floats(owned(w)?),
        })
    }

    pub fn view(&self) -> Weights<'_> {
        match self {
            Self::Unit => Weights::Unit,
            Self::Integers(w) => Weights::Integers(w),
            Self::Floats(w) => Weights::Floats(w),
        }
    }
}

/// Five columns that NumPy has allocated (large ones on huge pages, which matters more than the sort).
pub struct Output<'py>([Ints<'py>; 5]);

impl<'py> Output<'py> {
    pub fn new(py: Python<'py>, cells: usize) -> Result<Self> {
        memory::require_items(cells, 5 * size_of::<i64>())?;
        let column = || zeroed_array(py, cells);
        Ok(Self([column()?, column()?, column()?, column()?, column()?]))
    }

    /// Hands the columns to `work`, with the interpreter detached; signals stop it through the pulse.
    pub fn fill<R: Send>(&self, py: Python<'py>, work: impl FnOnce(Answers, &Pulse) -> R + Send) -> Result<R> {
        let mut guards = Vec::with_capacity(5);
        for array in &self.0 {
            guards.push(array.try_readwrite().map_err(PyErr::from)?);
        }
        let mut slices = Vec::with_capacity(5);
        for guard in &mut guards {
            slices.push(guard.as_slice_mut().map_err(PyErr::from)?);
        }
        let [sequence, start_time, completion_time, lateness, tardiness] = slices.try_into().expect("five columns");
        let answers = Answers { sequence, columns: Columns { start_time, completion_time, lateness, tardiness } };
        interruptible(py, |pulse| work(answers, pulse))
    }

    pub fn finish(self, summary: Bound<'py, PyTuple>) -> Schedule<'py> {
        for array in &self.0 {
            if let Ok(view) = array.try_readwrite() {
                let _ = view.make_nonwriteable(); // nobody else has seen the array yet
            }
        }
        (self.0, summary)
    }
}

fn one_summary<'py>(py: Python<'py>, s: &Summary) -> Result<Bound<'py, PyTuple>> {
    let weighted = match s.total_weighted_tardiness {
        Total::Integer(total) => total.into_bound_py_any(py)?,
        Total::Float(total) => total.into_bound_py_any(py)?,
    };
    Ok((s.total_tardiness, weighted, s.max_lateness, s.max_tardiness, s.num_tardy).into_pyobject(py)?)
}

/// An entry of the table of rules.
#[derive(IntoPyObject)]
pub struct RuleColumns {
    name: &'static str,
    title: &'static str,
    notes: &'static str,
    cost: &'static str,
    source: &'static str,
    example: ([u32; 6], i64),
}

/// The table of rules, in the order in which names are listed.
#[pyfunction]
pub fn tardiness_rules() -> Vec<RuleColumns> {
    let columns = |(name, rule): (_, Rule)| {
        let &tardiness::RuleEntry { title, notes, cost, source, example, .. } = rule.entry();
        RuleColumns { name, title, notes, cost, source, example }
    };
    Rule::all().map(columns).collect()
}

/// Runs a rule on one instance.
#[pyfunction]
pub fn tardiness_rule<'py>(
    py: Python<'py>,
    rule: &str,
    k: f64,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
) -> Result<Schedule<'py>> {
    let rule = Rule::from_name(rule)?.with_look_ahead(k)?;
    let (p, d, w) = (owned(&processing_time)?, owned(&due_date)?, OwnedWeights::new(weight.as_ref())?);
    let jobs = Jobs::new(&p, &d, w.view())?;
    memory::require_items(p.len(), tardiness::BYTES_PER_JOB + 5 * size_of::<i64>())?;
    let output = Output::new(py, p.len())?;
    let summary = output.fill(py, |answers, pulse| {
        let mut scratch = tardiness::Scratch::with_pulse(pulse.clone());
        rule.run(&jobs, &mut scratch);
        if pulse.stopped() {
            return None;
        }
        scratch.sequence.iter().zip(answers.sequence).for_each(|(&j, slot)| *slot = i64::from(j));
        tardiness::evaluate_interruptible(&jobs, &scratch.sequence, answers.columns, pulse)
    })?;
    let summary = summary.expect("a rule that was stopped has raised an exception");
    Ok(output.finish(one_summary(py, &summary)?))
}

/// The sequence of a rule, nothing else. What it has not scheduled after so many seconds follows in order of due dates.
#[pyfunction]
pub fn tardiness_start<'py>(
    py: Python<'py>,
    rule: &str,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
    seconds: Option<f64>,
) -> Result<Ints<'py>> {
    let rule = Rule::from_name(rule)?;
    // A limit beyond what an Instant holds is no limit.
    let limit = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let (p, d, w) = (owned(&processing_time)?, owned(&due_date)?, OwnedWeights::new(weight.as_ref())?);
    let jobs = Jobs::new(&p, &d, w.view())?;
    memory::require_items(p.len(), tardiness::BYTES_PER_JOB)?;
    let sequence = interruptible(py, |pulse| {
        let pulse = deadline.into_iter().fold(pulse.clone(), Pulse::until);
        let mut scratch = tardiness::Scratch::with_pulse(pulse);
        rule.start(&jobs, &mut scratch);
        scratch.sequence.into_iter().map(i64::from).collect()
    })?;
    Ok(readonly(py, sequence))
}

/// The columns of somebody's sequence.
#[pyfunction]
pub fn tardiness_evaluate<'py>(
    py: Python<'py>,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
    sequence: PyReadonlyArray1<'_, i64>,
) -> Result<Schedule<'py>> {
    let (p, d, w) = (owned(&processing_time)?, owned(&due_date)?, OwnedWeights::new(weight.as_ref())?);
    let (jobs, sequence) = (Jobs::new(&p, &d, w.view())?, owned(&sequence)?);
    let output = Output::new(py, p.len())?;
    let summary = output.fill(py, |answers, pulse| tardiness::evaluate_any(&jobs, &sequence, answers.columns, pulse))??;
    let summary = summary.expect("an evaluation that was stopped has raised an exception");
    Ok(output.finish(one_summary(py, &summary)?))
}

/// Judges the columns of an instance: the errors of every other function here, and nothing else.
#[pyfunction]
pub fn tardiness_validate(
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
) -> Result<()> {
    let (p, d, w) = (owned(&processing_time)?, owned(&due_date)?, OwnedWeights::new(weight.as_ref())?);
    Jobs::new(&p, &d, w.view())?;
    Ok(())
}

/// `(schedule, (status, lower_bound, num_moves, num_nodes))`
type Searched<'py> = (Schedule<'py>, (&'static str, Bound<'py, PyAny>, u64, u64));

/// The columns of a sequence that a search found.
fn searched<'py>(
    py: Python<'py>,
    jobs: &Jobs,
    sequence: &[u32],
    lower_bound: Total,
    proven: bool,
    work: (u64, u64),
) -> Result<Searched<'py>> {
    let output = Output::new(py, jobs.len())?;
    let summary = output.fill(py, |answers, _| {
        sequence.iter().zip(answers.sequence).for_each(|(&j, slot)| *slot = i64::from(j));
        tardiness::evaluate(jobs, sequence, answers.columns)
    })?;
    let status = if proven { Status::Optimal } else { Status::Feasible };
    let bound = match lower_bound {
        Total::Integer(bound) => bound.into_bound_py_any(py)?,
        Total::Float(bound) => bound.into_bound_py_any(py)?,
    };
    Ok((output.finish(one_summary(py, &summary)?), (status.as_str(), bound, work.0, work.1)))
}

/// Exact total tardiness.
#[pyfunction]
pub fn tardiness_solve_exact<'py>(
    py: Python<'py>,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    memory_limit: Option<usize>,
    anytime: Anytime<'_>,
) -> Result<(Searched<'py>, Report<i64>)> {
    let (p, d) = (owned(&processing_time)?, owned(&due_date)?);
    let jobs = Jobs::new(&p, &d, Weights::Unit)?;
    memory::require_items(p.len(), 2 * tardiness::BYTES_PER_JOB)?;
    let memory = memory_limit.unwrap_or(tardiness::MEMORY);
    let (solution, report) = anytime.run(py, |watch, limits| tardiness::solve_exact(&jobs, limits, memory, watch))?;
    let (bound, proven) = (Total::Integer(solution.lower_bound), solution.status == Status::Optimal);
    Ok((searched(py, &jobs, &solution.sequence, bound, proven, (0, solution.num_nodes))?, report))
}

/// Exact total weighted tardiness of few jobs; the sequence of a rule if it is interrupted.
#[pyfunction]
pub fn tardiness_solve_subsets<'py>(
    py: Python<'py>,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
    anytime: Anytime<'_>,
) -> Result<(Searched<'py>, Report<f64>)> {
    let (p, d, w) = (owned(&processing_time)?, owned(&due_date)?, OwnedWeights::new(weight.as_ref())?);
    let jobs = Jobs::new(&p, &d, w.view())?;
    if p.len() <= tardiness::MOST_JOBS {
        memory::require_items(1 << p.len(), size_of::<i64>())?;
    }
    let (solution, report) = anytime.run(py, |watch, _| tardiness::solve_subsets(&jobs, watch))?;
    let solution = solution?;
    let proven = solution.is_some();
    let sequence = solution.unwrap_or_else(|| start_sequence(&jobs));
    let mut answer = searched(py, &jobs, &sequence, Total::Integer(0), proven, (0, 0))?;
    if proven {
        answer.1.1 = answer.0.1.get_item(1)?; // what it costs
    }
    Ok((answer, report))
}

/// Where a search starts that is not told where.
fn start_sequence(jobs: &Jobs) -> Vec<u32> {
    let mut scratch = tardiness::Scratch::default();
    tardiness::atc(jobs, 2.0, &mut scratch);
    scratch.sequence
}

/// The reports of a search, in the type of the weights.
#[derive(IntoPyObject)]
pub enum AnyReport {
    Integers(Report<i64>),
    Floats(Report<f64>),
}

/// Iterated dynasearch from the best of these starts, the first of equals; each is a permutation of the jobs.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn tardiness_improve<'py>(
    py: Python<'py>,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
    starts: Vec<PyReadonlyArray1<'_, i64>>,
    seed: u64,
    threads: Option<usize>,
    anytime: Anytime<'_>,
) -> Result<(Searched<'py>, AnyReport)> {
    let (p, d, w) = (owned(&processing_time)?, owned(&due_date)?, OwnedWeights::new(weight.as_ref())?);
    let jobs = Jobs::new(&p, &d, w.view())?;
    let threads = parallel::resolve(threads);
    memory::require_items(p.len(), threads.min(64).saturating_add(1) * tardiness::BYTES_PER_JOB)?;
    let mut best: Option<(f64, Vec<u32>)> = None;
    for (k, start) in starts.iter().enumerate() {
        let field = if k == 0 { "start" } else { "warm_start" };
        let start = tardiness::permutation(field, &owned(start)?, jobs.len())?;
        let cost = tardiness::total_weighted_tardiness(&jobs, &start);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, start));
        }
    }
    let start = best.map(|(_, start)| start).unwrap_or_default();
    if let OwnedWeights::Floats(_) = w {
        let (found, report) =
            anytime.run(py, |watch, limits| tardiness::improve_floats(&jobs, &start, limits, seed, threads, watch))?;
        let proven = found.objective <= found.lower_bound;
        let answer = searched(py, &jobs, &found.sequence, Total::Float(found.lower_bound), proven, (found.num_moves, 0))?;
        return Ok((answer, AnyReport::Floats(report)));
    }
    let (found, report) = anytime.run(py, |watch, limits| tardiness::improve(&jobs, &start, limits, seed, threads, watch))?;
    let proven = found.objective <= found.lower_bound;
    let answer = searched(py, &jobs, &found.sequence, Total::Integer(found.lower_bound), proven, (found.num_moves, 0))?;
    Ok((answer, AnyReport::Integers(report)))
}

/// `(processing_time, due_date, weight)`
#[pyfunction]
pub fn tardiness_generate(py: Python<'_>, n: usize, rdd: f64, tf: f64, seed: u64) -> Result<(Ints<'_>, Ints<'_>, Ints<'_>)> {
    let draw = |pulse: &Pulse| tardiness::generate::potts_van_wassenhove_interruptible(n, rdd, tf, seed, &mut pulse.clone());
    let columns = interruptible(py, draw)??;
    Ok((readonly(py, columns.processing_time), readonly(py, columns.due_date), readonly(py, columns.weight)))
}

/// A number as Python has it.
#[derive(FromPyObject)]
pub enum Number {
    Integer(i64),
    Float(f64),
}

/// What somebody claims of a sequence, attribute by attribute.
#[derive(FromPyObject)]
pub struct Claim<'py> {
    sequence: PyReadonlyArray1<'py, i64>,
    start_time: Option<PyReadonlyArray1<'py, i64>>,
    completion_time: Option<PyReadonlyArray1<'py, i64>>,
    lateness: Option<PyReadonlyArray1<'py, i64>>,
    tardiness: Option<PyReadonlyArray1<'py, i64>>,
    total_tardiness: Option<i64>,
    total_weighted_tardiness: Option<Number>,
    max_lateness: Option<i64>,
    max_tardiness: Option<i64>,
    num_tardy: Option<i64>,
    /// Names of the jobs.
    names: Option<Vec<String>>,
}

/// `(kind, subject, detail)` for everything that is wrong; columns by job have the length of the instance.
#[pyfunction]
pub fn check_sequence<'py>(
    py: Python<'py>,
    processing_time: PyReadonlyArray1<'_, i64>,
    due_date: PyReadonlyArray1<'_, i64>,
    weight: Option<WeightArgument<'_>>,
    claim: Claim<'_>,
) -> Result<Found<'py>> {
    let copy = |column: &Option<PyReadonlyArray1<'_, i64>>| column.as_ref().map(owned).transpose();
    let (p, d, w) = (owned(&processing_time)?, owned(&due_date)?, OwnedWeights::new(weight.as_ref())?);
    let (sequence, start, end) = (owned(&claim.sequence)?, copy(&claim.start_time)?, copy(&claim.completion_time)?);
    let (lateness, late) = (copy(&claim.lateness)?, copy(&claim.tardiness)?);
    let problem = SequenceProblem { processing_time: &p, due_date: &d, weight: w.view(), names: claim.names.as_deref() };
    let judged = SequenceClaim {
        sequence: &sequence,
        times: start.as_deref().zip(end.as_deref()),
        lateness: lateness.as_deref(),
        tardiness: late.as_deref(),
        total_tardiness: claim.total_tardiness,
        total_weighted_tardiness: claim.total_weighted_tardiness.map(|total| match total {
            Number::Integer(total) => Claimed::Integer(total),
            Number::Float(total) => Claimed::Float(total),
        }),
        max_lateness: claim.max_lateness,
        max_tardiness: claim.max_tardiness,
        num_tardy: claim.num_tardy,
    };
    let found = interruptible(py, |pulse| check::check_sequence_interruptible(&problem, &judged, pulse))??;
    rows(py, found)
}
