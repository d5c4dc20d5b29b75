//! The binding of the simulator.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use schedkit_core::names::Named;
use schedkit_core::serving::simulation::{LineOrder, ServingModel, StepTime, Trace, simulate_interruptible};

use super::admission::OptionColumns;
use super::router::RouterOptionColumns;
use crate::anytime::{CancelToken, deadline, interruptible, limited};
use crate::convert::{owned, readonly};
use crate::errors::Result;

/// Requests as they came, by column.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct TraceColumns<'py> {
    arrival: PyReadonlyArray1<'py, f64>,
    prompt_tokens: PyReadonlyArray1<'py, i64>,
    output_tokens: PyReadonlyArray1<'py, i64>,
    /// Hashes of blocks, and where those of each request begin.
    blocks: Option<PyReadonlyArray1<'py, u64>>,
    begin: Option<PyReadonlyArray1<'py, i64>>,
    block_tokens: i64,
}

/// What is simulated, by name.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct ModelColumns {
    replicas: usize,
    router: RouterOptionColumns,
    order: String,
    admission: OptionColumns,
    max_batch: Option<usize>,
    chunk: Option<i64>,
    step: (f64, f64, f64, f64),
    max_new_tokens: Option<i64>,
    ttft: Option<f64>,
}

impl ModelColumns {
    fn read(&self) -> Result<ServingModel> {
        let (base, prefill, running, held) = self.step;
        Ok(ServingModel {
            replicas: self.replicas,
            router: self.router.read("router")?,
            order: LineOrder::from_name(&self.order)?,
            admission: self.admission.read("admission")?,
            max_batch: self.max_batch.unwrap_or(usize::MAX >> 1),
            chunk: self.chunk.unwrap_or(i64::MAX),
            step: StepTime { base, prefill, running, held },
            max_new_tokens: self.max_new_tokens,
            ttft: self.ttft,
        })
    }
}

/// What became of the requests, by column.
#[derive(IntoPyObject)]
pub struct ServingArrays<'py> {
    first_token: Bound<'py, PyArray1<f64>>,
    completion_time: Bound<'py, PyArray1<f64>>,
    replica: Bound<'py, PyArray1<i64>>,
    evictions: i64,
    recomputed_tokens: i64,
    found_tokens: i64,
    steps: i64,
}

/// Simulates replicas with continuous batching; None if the time limit or the token has stopped it.
#[pyfunction]
pub fn simulate_serving<'py>(
    py: Python<'py>,
    trace: TraceColumns<'py>,
    model: ModelColumns,
    time_limit: Option<f64>,
    stop: Option<&Bound<'py, CancelToken>>,
) -> Result<Option<ServingArrays<'py>>> {
    let (deadline, stop) = (deadline(time_limit), stop.map(|token| token.get().0.clone()));
    let model = model.read()?;
    let (arrival, prompt_tokens, output_tokens) =
        (owned(&trace.arrival)?, owned(&trace.prompt_tokens)?, owned(&trace.output_tokens)?);
    let blocks = trace.blocks.as_ref().map(owned).transpose()?;
    let begin = trace.begin.as_ref().map(owned).transpose()?;
    let begin: Option<Vec<usize>> = begin.map(|begin| begin.into_iter().map(|place| place as usize).collect());
    let columns = interruptible(py, |pulse| {
        let trace = Trace {
            arrival: &arrival,
            prompt_tokens: &prompt_tokens,
            output_tokens: &output_tokens,
            prefix: blocks.as_deref().zip(begin.as_deref()),
            block_tokens: trace.block_tokens,
        };
        simulate_interruptible(&trace, &model, &mut limited(pulse, deadline, stop.as_ref()))
    })??;
    Ok(columns.map(|columns| ServingArrays {
        first_token: readonly(py, columns.first_token),
        completion_time: readonly(py, columns.completion_time),
        replica: readonly(py, columns.replica),
        evictions: columns.evictions,
        recomputed_tokens: columns.recomputed_tokens,
        found_tokens: columns.found_tokens,
        steps: columns.steps,
    }))
}
