//! Simulation of replicas with continuous batching, under a latency model that the caller gives.

mod line;
mod replica;
mod run;
mod shared;
#[cfg(test)]
mod tests;

pub use run::{simulate, simulate_interruptible};

use super::numbered::AdmissionOptions;
use super::numbered_router::RouterOptions;
use crate::deadline_ranks::{DeadlineRank, SlackEdf, SloDensity};
use crate::error::InputError;
use crate::names::Named;

/// Requests as they came: equal lengths of all columns.
#[derive(Debug, Clone, Copy)]
pub struct Trace<'a> {
    /// When each request arrived, in any order.
    pub arrival: &'a [f64],
    /// Tokens of its prompt, at least 1.
    pub prompt_tokens: &'a [i64],
    /// Tokens of its answer, at least 1.
    pub output_tokens: &'a [i64],
    /// Hashes of the blocks of its prompt; none, or one list for each request, behind each other, with the place at which each
    /// begins.
    pub prefix: Option<(&'a [u64], &'a [usize])>,
    /// Tokens of a block.
    pub block_tokens: i64,
}

impl Trace<'_> {
    /// How many requests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrival.len()
    }

    /// Whether there is no request.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrival.is_empty()
    }

    /// The blocks of a request.
    pub(super) fn blocks(&self, request: usize) -> &[u64] {
        self.prefix.map_or(&[], |(blocks, begin)| &blocks[begin[request]..begin[request + 1]])
    }

    fn judge(&self) -> Result<(), InputError> {
        for (field, len) in [("prompt_tokens", self.prompt_tokens.len()), ("output_tokens", self.output_tokens.len())] {
            if len != self.len() {
                return Err(InputError::new(field, format!("has length {len}, expected {}", self.len())));
            }
        }
        if let Some((k, &time)) = self.arrival.iter().enumerate().find(|(_, time)| !time.is_finite()) {
            return Err(InputError::new("arrival", "must be finite").at([k], time));
        }
        for (field, column) in [("prompt_tokens", self.prompt_tokens), ("output_tokens", self.output_tokens)] {
            if let Some((k, &tokens)) = column.iter().enumerate().find(|(_, tokens)| !(1..=1 << 40).contains(*tokens)) {
                return Err(InputError::new(field, "must be between 1 and 2^40").at([k], tokens));
            }
        }
        Ok(())
    }
}

/// What a step of a replica takes: `base + prefill * (prompt tokens computed) + running * (requests) + held * (tokens in the
/// cache)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepTime {
    /// For every step.
    pub base: f64,
    /// For each token of a prompt that is computed.
    pub prefill: f64,
    /// For each request in the batch.
    pub running: f64,
    /// For each token in the cache when the step begins, and each that it adds of prompts.
    pub held: f64,
}

/// The order in which waiting requests are offered to admission. Ties: earlier arrival, then lower index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineOrder {
    /// As they arrived.
    #[default]
    Fcfs,
    /// The shortest prompt first.
    ShortestPrompt,
    /// The earliest deadline first among those that can still meet it, then the others, the latest deadline first
    /// (`FlowPrefill`).
    SlackEdf,
    /// The largest value for its time first; a request past its deadline is worth a tenth (`JITServe`).
    SloDensity,
}

impl Named for LineOrder {
    const FIELD: &'static str = "order";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        let names = [
            ("fcfs", Self::Fcfs),
            ("shortest_prompt", Self::ShortestPrompt),
            (SlackEdf::NAME, Self::SlackEdf),
            (SloDensity::NAME, Self::SloDensity),
        ];
        names.into_iter()
    }
}

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServingModel {
    /// How many replicas there are; each has the capacity of `admission`.
    pub replicas: usize,
    /// How requests are routed when they arrive. A request counts with the tokens of its prompt.
    pub router: RouterOptions,
    /// In which order they wait at their replica.
    pub order: LineOrder,
    /// Who joins the batch at the beginning of a step.
    pub admission: AdmissionOptions,
    /// The largest batch.
    pub max_batch: usize,
    /// Tokens of a prompt that a step computes at most for each request.
    pub chunk: i64,
    /// The duration of a step.
    pub step: StepTime,
    /// The longest answer that admission counts with, for all requests alike; `None` for the true length of each.
    pub max_new_tokens: Option<i64>,
    /// The objective for the time to the first token: the deadline of the orders that have one.
    pub ttft: Option<f64>,
}

/// What became of the requests.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServingColumns {
    /// When the first token of each request was there.
    pub first_token: Vec<f64>,
    /// When the last one was there.
    pub completion_time: Vec<f64>,
    /// The replica that served it.
    pub replica: Vec<i64>,
    /// How often requests were evicted.
    pub evictions: i64,
    /// Tokens that were computed again after evictions.
    pub recomputed_tokens: i64,
    /// Tokens of prompts that were in the cache of the replica.
    pub found_tokens: i64,
    /// Steps of all replicas.
    pub steps: i64,
}
