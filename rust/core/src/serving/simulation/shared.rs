//! What the replicas share: the trace, how far its requests are, the caches and the counts.

use super::line::LineRank;
use super::{ServingModel, Trace};
use crate::serving::prefix_caches::PrefixCaches;
use crate::serving::request::Request;

/// How far a request of the trace is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// Tokens of its answer so far.
    pub produced: i64,
    /// The most tokens, from its beginning on, that a replica had computed or found of it when it was evicted. 0 before that.
    pub reached: i64,
    /// NaN until it has one.
    pub first_token: f64,
    pub completion_time: f64,
}

/// A request that may join the batch.
pub(super) struct Entry {
    /// As admission sees it.
    pub request: Request,
    /// Tokens of its prompt that are in the cache.
    pub found: i64,
    /// Tokens to compute before its next token, and in how many steps.
    pub prefill: i64,
    pub prefill_steps: i64,
}

/// What all replicas share.
pub(super) struct Shared<'a> {
    pub trace: Trace<'a>,
    pub model: ServingModel,
    pub progress: Vec<Progress>,
    /// The blocks that the cache of each replica holds.
    pub caches: PrefixCaches,
    pub evictions: i64,
    pub recomputed: i64,
    pub found: i64,
    pub steps: i64,
}

impl Shared<'_> {
    /// Tokens of the answer of a request: no more than admission counts with.
    pub fn output(&self, request: usize) -> i64 {
        let output = self.trace.output_tokens[request];
        self.model.max_new_tokens.map_or(output, |most| output.min(most))
    }

    /// The longest answer that admission counts with.
    fn longest_answer(&self, request: usize) -> i64 {
        self.model.max_new_tokens.unwrap_or(self.trace.output_tokens[request])
    }

    fn prefill_steps(&self, tokens: i64) -> i64 {
        (tokens.max(1) - 1) / self.model.chunk + 1
    }

    /// Tokens of the prompt that the cache of a replica has. At least one token is computed.
    fn found_in(&self, replica: u32, request: usize) -> i64 {
        let blocks = self.caches.held(self.trace.blocks(request), replica) as i64;
        blocks.saturating_mul(self.trace.block_tokens).min(self.trace.prompt_tokens[request] - 1)
    }

    /// What a request would be if it joined the batch of a replica now.
    pub fn entry(&self, replica: u32, request: usize) -> Entry {
        let produced = self.progress[request].produced;
        let prompt = self.trace.prompt_tokens[request] + produced;
        let found = self.found_in(replica, request);
        let prefill_steps = self.prefill_steps(prompt - found);
        let max_new_tokens = self.longest_answer(request) - produced;
        let request = Request { prompt_tokens: prompt, max_new_tokens, produced, delay: prefill_steps - 1, prefix: None };
        Entry { request, found, prefill: prompt - found, prefill_steps }
    }

    /// The rank of a request in a line.
    pub fn rank(&self, request: usize) -> LineRank {
        let Self { model, trace, progress, .. } = self;
        let (prompt, produced) = (trace.prompt_tokens[request], progress[request].produced);
        let steps = self.prefill_steps(prompt + produced);
        let step = model.step.base + model.step.running;
        let first = steps as f64 * step + model.step.prefill * (prompt + produced) as f64;
        let whole = first + (self.longest_answer(request) - produced - 1).max(0) as f64 * step;
        let deadline = model.ttft.map_or(f64::INFINITY, |ttft| trace.arrival[request] + ttft);
        LineRank::new(model.order, prompt, deadline, first, whole)
    }
}

/// Requests by place of arrival.
pub(super) struct Places(pub Vec<u32>);

impl Places {
    /// The request that arrived in a place.
    pub fn request(&self, place: u32) -> usize {
        self.0[place as usize] as usize
    }
}
