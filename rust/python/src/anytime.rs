//! The shared part of all anytime methods: limits, cancellation, signals and callbacks, on the way into the core and back.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use schedkit_core::control::{self, Improvement, Limits, Pulse, Stop, Watch};
use schedkit_core::tardiness::Total;

use crate::errors::Result;

/// Time between two looks at Python's signals: Ctrl-C is noticed well within 0.1 s, and a busy interpreter is not pestered.
const SIGNALS: Duration = Duration::from_millis(20);

thread_local! {
    /// When this thread last looked at signals, and what a handler raised since the computation began.
    static LOOK: RefCell<(Option<Instant>, Option<PyErr>)> = const { RefCell::new((None, None)) };
}

/// Looks at Python's signals every now and then; false once a handler has raised an exception.
fn quiet() -> bool {
    LOOK.with_borrow_mut(|(last, raised)| {
        if last.is_some_and(|last| last.elapsed() < SIGNALS) {
            return raised.is_none();
        }
        #[allow(clippy::redundant_closure_for_method_calls)] // the method itself is not general enough in its lifetime
        let outcome = Python::attach(|py| py.check_signals());
        *last = Some(Instant::now()); // waiting for the interpreter does not count
        if let Err(error) = outcome {
            *raised = Some(error);
        }
        raised.is_none()
    })
}

/// Runs a computation without limits with the interpreter detached; signals stop it, and what their handler raised propagates.
pub fn interruptible<R: Send>(py: Python<'_>, work: impl FnOnce(&Pulse) -> R + Send) -> Result<R> {
    LOOK.set((Some(Instant::now()), None)); // a short one never waits for the interpreter
    let answer = py.detach(|| work(&Pulse::new(quiet)));
    match LOOK.take().1 {
        Some(error) => Err(error.into()),
        None => Ok(answer),
    }
}

/// The moment at which so many seconds are over; a limit beyond what an [`Instant`] holds is no limit.
pub fn deadline(time_limit: Option<f64>) -> Option<Instant> {
    let limit = time_limit.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
    limit.and_then(|limit| Instant::now().checked_add(limit))
}

/// The pulse of a computation that a time limit and a token of the caller stop, too.
pub fn limited(pulse: &Pulse, deadline: Option<Instant>, stop: Option<&control::CancelToken>) -> Pulse {
    let pulse = deadline.into_iter().fold(pulse.clone(), Pulse::until);
    stop.cloned().into_iter().fold(pulse, Pulse::cancelled_by)
}

/// A request to stop, shared with running searches; sticky, and it works before the start too.
#[pyclass(frozen, module = "schedkit._core")]
#[derive(Default)]
pub struct CancelToken(pub control::CancelToken);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Asks all searches that hold this token to stop; there is no way back.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether `cancel` was called.
    #[getter]
    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// The limits and callbacks of one call, as Python gives them.
#[derive(FromPyObject)]
pub struct Anytime<'py> {
    time_limit: Option<f64>,
    budget: Option<u64>,
    stop: Option<Bound<'py, CancelToken>>,
    record: Option<Py<PyAny>>,
}

/// An objective in the type that its problem has.
#[derive(Clone, Copy, IntoPyObject)]
pub enum Objective {
    Integer(i64),
    Float(f64),
}

impl From<i64> for Objective {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for Objective {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<Total> for Objective {
    fn from(value: Total) -> Self {
        match value {
            Total::Integer(value) => Self::Integer(value),
            Total::Float(value) => Self::Float(value),
        }
    }
}

/// What every anytime method reports beside its answer.
#[derive(IntoPyObject)]
pub struct Report {
    /// Rows `(objective, lower_bound, budget_used, elapsed)`, the fields of an `Improvement`.
    history: Vec<(Objective, Objective, u64, f64)>,
    runtime: f64,
    /// The exception that a signal handler raised, `KeyboardInterrupt` for Ctrl-C.
    interrupted: Option<PyErr>,
}

fn row<T: Copy + Into<Objective>>(i: &Improvement<T>) -> (Objective, Objective, u64, f64) {
    (i.objective.into(), i.lower_bound.into(), i.budget_used, i.elapsed)
}

impl Anytime<'_> {
    /// The core's limits; the budget is the search's own to count.
    fn limits(&self) -> Limits {
        // A limit beyond what a Duration holds is no limit.
        let time = self.time_limit.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok());
        let cancel = self.stop.as_ref().map_or_else(Default::default, |token| token.get().0.clone());
        Limits { time, budget: self.budget, cancel }
    }

    /// Runs a search with the interpreter detached. An exception of the callback propagates; one of a signal handler is
    /// reported beside the best answer so far.
    pub fn run<T, R>(self, py: Python<'_>, search: impl FnOnce(&mut Watch<'_, T>, &Limits) -> R + Send) -> Result<(R, Report)>
    where
        T: Copy + Send + Into<Objective>,
        R: Send,
    {
        let limits = self.limits();
        let record = self.record;
        let (answer, history, runtime, raised, interrupted) = py.detach(|| {
            let stop = Stop::new(&limits);
            let (raised, interrupted) = (RefCell::new(None), RefCell::new(None));
            let on_improvement = record.map(|record| {
                let (raised, interrupted) = (&raised, &interrupted);
                let call = move |i: &Improvement<T>| {
                    Python::attach(|py| {
                        let outcome = record.call1(py, row(i));
                        let refuse = |error: PyErr| {
                            // Ctrl-C often finds the interpreter here, and means what it means anywhere else.
                            let pressed = error.is_instance_of::<PyKeyboardInterrupt>(py);
                            *if pressed { interrupted } else { raised }.borrow_mut() = Some(error);
                        };
                        outcome.map_err(refuse).is_ok()
                    })
                };
                Box::new(call) as control::OnImprovement<'_, T>
            });
            let mut last = Instant::now();
            #[allow(clippy::redundant_closure_for_method_calls)] // the method itself is not general enough in its lifetime
            let poll = Box::new(|| {
                if last.elapsed() < SIGNALS {
                    return true;
                }
                let outcome = Python::attach(|py| py.check_signals());
                last = Instant::now(); // waiting for the interpreter does not count
                outcome.map_err(|error| *interrupted.borrow_mut() = Some(error)).is_ok()
            });
            let mut watch = Watch::new(&stop).with(on_improvement, Some(poll));
            let answer = search(&mut watch, &limits);
            let history: Vec<_> = watch.history.iter().map(row).collect();
            drop(watch);
            (answer, history, stop.elapsed(), raised.into_inner(), interrupted.into_inner())
        });
        match raised {
            Some(error) => Err(error.into()),
            None => Ok((answer, Report { history, runtime, interrupted })),
        }
    }
}
