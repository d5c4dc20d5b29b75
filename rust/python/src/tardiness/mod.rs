//! Bindings of `schedkit_core::tardiness`: the columns of jobs and sequences, and what needs no rule and no search.

pub mod check;
pub mod rules;
pub mod search;

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::intern;
use pyo3::prelude::*;
use schedkit_core::control::Pulse;
use schedkit_core::memory;
use schedkit_core::tardiness::{self, Columns, Jobs, Summary, Weights};

use crate::anytime::{Objective, interruptible};
use crate::convert::{by_name, owned, readonly, zeroed_array};
use crate::errors::Result;

type Ints<'py> = Bound<'py, PyArray1<i64>>;

/// Weights as Python has them: integers or floats.
#[derive(FromPyObject)]
enum WeightArgument<'py> {
    Integers(PyReadonlyArray1<'py, i64>),
    Floats(PyReadonlyArray1<'py, f64>),
}

/// A private copy of the weights.
enum OwnedWeights {
    Unit,
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

impl OwnedWeights {
    fn new(weight: Option<&WeightArgument>) -> Result<Self> {
        Ok(match weight {
            None => Self::Unit,
            Some(WeightArgument::Integers(w)) => Self::Integers(owned(w)?),
            Some(WeightArgument::Floats(w)) => Self::Floats(owned(w)?),
        })
    }

    fn view(&self) -> Weights<'_> {
        match self {
            Self::Unit => Weights::Unit,
            Self::Integers(w) => Weights::Integers(w),
            Self::Floats(w) => Weights::Floats(w),
        }
    }
}

/// The columns of jobs, by name, as they come in.
pub struct JobColumns<'py> {
    processing_time: PyReadonlyArray1<'py, i64>,
    due_date: PyReadonlyArray1<'py, i64>,
    weight: Option<WeightArgument<'py>>,
}

// By hand, because interned names make short calls faster.
impl<'py> FromPyObject<'_, 'py> for JobColumns<'py> {
    type Error = PyErr;

    fn extract(columns: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = columns.py();
        Ok(Self {
            processing_time: columns.get_item(intern!(py, "processing_time"))?.extract()?,
            due_date: columns.get_item(intern!(py, "due_date"))?.extract()?,
            weight: columns.get_item(intern!(py, "weight"))?.extract()?,
        })
    }
}

/// A private copy of the columns.
struct OwnedJobs {
    processing_time: Vec<i64>,
    due_date: Vec<i64>,
    weight: OwnedWeights,
}

impl JobColumns<'_> {
    fn owned(&self) -> Result<OwnedJobs> {
        Ok(OwnedJobs {
            processing_time: owned(&self.processing_time)?,
            due_date: owned(&self.due_date)?,
            weight: OwnedWeights::new(self.weight.as_ref())?,
        })
    }
}

impl OwnedJobs {
    fn jobs(&self) -> Result<Jobs<'_>> {
        Ok(Jobs::new(&self.processing_time, &self.due_date, self.weight.view())?)
    }
}

/// The columns and objectives of a sequence, as keyword arguments of `SequenceSchedule`.
pub struct SequenceColumns<'py> {
    sequence: Ints<'py>,
    start_time: Ints<'py>,
    completion_time: Ints<'py>,
    lateness: Ints<'py>,
    tardiness: Ints<'py>,
    total_tardiness: i64,
    total_weighted_tardiness: Objective,
    max_lateness: i64,
    max_tardiness: i64,
    num_tardy: i64,
}

by_name!(SequenceColumns {
    sequence,
    start_time,
    completion_time,
    lateness,
    tardiness,
    total_tardiness,
    total_weighted_tardiness,
    max_lateness,
    max_tardiness,
    num_tardy,
});

/// The columns of a sequence, which NumPy allocates (large ones on huge pages, which matters more than the sort), and what fills them,
/// with the interpreter detached. Signals stop it through the pulse; their exception propagates.
fn sequence_columns<E: Into<crate::errors::BindError> + Send>(
    py: Python<'_>,
    num_jobs: usize,
    fill: impl FnOnce(&mut [i64], Columns, &Pulse) -> std::result::Result<Option<Summary>, E> + Send,
) -> Result<SequenceColumns<'_>> {
    memory::require_items(num_jobs, 5 * size_of::<i64>())?;
    let column = || zeroed_array::<i64>(py, num_jobs);
    let arrays = [column()?, column()?, column()?, column()?, column()?];
    let mut guards = Vec::with_capacity(5);
    for array in &arrays {
        guards.push(array.try_readwrite().map_err(PyErr::from)?);
    }
    let summary = {
        let mut slices = Vec::with_capacity(5);
        for guard in &mut guards {
            slices.push(guard.as_slice_mut().map_err(PyErr::from)?);
        }
        let [sequence, start_time, completion_time, lateness, tardiness] = slices.try_into().expect("five columns");
        let columns = Columns { start_time, completion_time, lateness, tardiness };
        interruptible(py, |pulse| fill(sequence, columns, pulse))?.map_err(Into::into)?
    };
    let Summary { total_tardiness, total_weighted_tardiness, max_lateness, max_tardiness, num_tardy } =
        summary.expect("what was stopped has raised an exception");
    for guard in guards {
        let _ = guard.make_nonwriteable(); // no other code has seen the array yet
    }
    let [sequence, start_time, completion_time, lateness, tardiness] = arrays;
    let total_weighted_tardiness = total_weighted_tardiness.into();
    Ok(SequenceColumns {
        sequence,
        start_time,
        completion_time,
        lateness,
        tardiness,
        total_tardiness,
        total_weighted_tardiness,
        max_lateness,
        max_tardiness,
        num_tardy,
    })
}

/// Puts a sequence into a column.
fn fill_sequence(column: &mut [i64], sequence: &[u32]) {
    sequence.iter().zip(column).for_each(|(&j, slot)| *slot = i64::from(j));
}

/// The columns of any list of indices.
#[pyfunction]
pub fn tardiness_evaluate<'py>(
    py: Python<'py>,
    jobs: JobColumns<'_>,
    sequence: PyReadonlyArray1<'_, i64>,
) -> Result<SequenceColumns<'py>> {
    let (jobs, given) = (jobs.owned()?, owned(&sequence)?);
    let jobs = jobs.jobs()?;
    sequence_columns(py, jobs.len(), |_, columns, pulse| tardiness::evaluate_any(&jobs, &given, columns, pulse))
}

/// Refuses bad columns, with the errors of every other function here.
#[pyfunction]
pub fn tardiness_validate(jobs: JobColumns<'_>) -> Result<()> {
    jobs.owned()?.jobs()?;
    Ok(())
}

/// The columns of random jobs.
#[derive(IntoPyObject)]
pub struct GeneratedJobs<'py> {
    processing_time: Ints<'py>,
    due_date: Ints<'py>,
    weight: Ints<'py>,
}

/// Random jobs as Potts and Van Wassenhove draw them.
#[pyfunction]
pub fn tardiness_generate(py: Python<'_>, n: usize, rdd: f64, tf: f64, seed: u64) -> Result<GeneratedJobs<'_>> {
    let draw = |pulse: &Pulse| tardiness::generate::potts_van_wassenhove_interruptible(n, rdd, tf, seed, &mut pulse.clone());
    let columns = interruptible(py, draw)??;
    Ok(GeneratedJobs {
        processing_time: readonly(py, columns.processing_time),
        due_date: readonly(py, columns.due_date),
        weight: readonly(py, columns.weight),
    })
}
