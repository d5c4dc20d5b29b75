//! Admission of requests that the caller numbers.

use super::answer_lengths::AnswerLengths;
use super::batch::{Batch, RunningRequest};
use super::draws::DrawnBatch;
use super::options::{AdmissionPolicy, Victim};
use super::peak_tree::PeakTree;
use super::request::{Request, amount};
use crate::error::InputError;
use crate::random::{Random, Streams};

/// What admission is made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdmissionOptions {
    /// Tokens that the cache holds.
    pub capacity: i64,
    /// What counts as the need of a batch.
    pub policy: AdmissionPolicy,
    /// How many recent answers are kept, for `PastFuture`.
    pub window: usize,
    /// How often the lengths of a batch are drawn, for `PastFuture`.
    pub samples: usize,
    /// The part of the capacity that stays free.
    pub reserve: f64,
    /// Which request leaves when the cache overflows.
    pub victim: Victim,
    /// Of the random draws.
    pub seed: u64,
}

impl Default for AdmissionOptions {
    fn default() -> Self {
        let (policy, victim) = (AdmissionPolicy::default(), Victim::default());
        Self { capacity: 0, policy, window: 200, samples: 5, reserve: 0.05, victim, seed: 0 }
    }
}

/// The larger the batch, the fewer draws are needed: their product is about this.
const DRAWS: usize = 200;

/// Where a request stands besides its batch: its point in the tree.
const NO_POINT: u32 = u32::MAX;

/// Admission over slots: small numbers that are used again. [`Admission`](super::Admission) keeps keys.
#[derive(Debug, Clone)]
pub struct NumberedAdmission {
    options: AdmissionOptions,
    pub(super) batch: Batch,
    /// For `Future`; points by slot.
    tree: PeakTree,
    points: Vec<u32>,
    /// For `PastFuture`: recent lengths, and the lengths drawn last, by slot and draw.
    pub(super) lengths: AnswerLengths,
    pub(super) drawn: Vec<i64>,
    pub(super) draws: usize,
    streams: Streams,
    /// How many streams have been used.
    pub(super) used: u64,
}

/// Says which of the waiting requests an error is about.
fn of_waiting(mut error: InputError, k: usize) -> InputError {
    error.index.insert(0, k);
    error
}

impl NumberedAdmission {
    /// An empty batch.
    ///
    /// # Errors
    /// A negative capacity, no samples, a reserve outside of 0 to 1.
    pub fn new(options: AdmissionOptions) -> Result<Self, InputError> {
        amount("capacity", options.capacity)?;
        if options.samples == 0 || options.samples > 1 << 16 {
            return Err(InputError::new("samples", "must be between 1 and 65536").value(options.samples));
        }
        if options.window > 1 << 24 {
            return Err(InputError::new("window", "must be at most 2^24").value(options.window));
        }
        if !(0.0..=1.0).contains(&options.reserve) {
            return Err(InputError::new("reserve", "must be between 0 and 1").value(options.reserve));
        }
        Ok(Self {
            batch: Batch::default(),
            tree: PeakTree::default(),
            points: Vec::new(),
            lengths: AnswerLengths::new(options.window),
            drawn: Vec::new(),
            draws: options.samples,
            streams: Streams::new(options.seed),
            used: 0,
            options,
        })
    }

    /// What it was made with.
    #[must_use]
    pub fn options(&self) -> &AdmissionOptions {
        &self.options
    }

    /// How many requests run.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether no request runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tokens that the batch holds now, common prefixes once.
    #[must_use]
    pub fn held(&self) -> i64 {
        self.batch.held()
    }

    /// Whether a batch of this need may run.
    fn fits(&self, need: i64) -> bool {
        (need as f64) < self.options.capacity as f64 * (1.0 - self.options.reserve)
    }

    /// The need of the batch by its policy, 0 if no request runs. O(1), for `PastFuture` O(n log n): with the lengths drawn last.
    #[must_use]
    pub fn peak(&self) -> i64 {
        match self.options.policy {
            AdmissionPolicy::PastFuture => {
                let draw = |j: usize| DrawnBatch::new(&self.batch, |slot, _| self.drawn[self.place(slot, j)]).peak();
                (0..self.draws).map(draw).max().unwrap_or(0)
            }
            AdmissionPolicy::Future => self.tree.peak().max(self.batch.held()),
            AdmissionPolicy::Conservative => self.batch.held_at_ends(),
            AdmissionPolicy::Aggressive => self.batch.held(),
        }
    }

    /// Where the length that was drawn for a slot stands.
    pub(super) fn place(&self, slot: u32, draw: usize) -> usize {
        slot as usize * self.options.samples + draw
    }

    /// How many of the waiting requests, in their order, may join the batch. Nothing starts and nothing changes but the stream of random
    /// numbers. `waiting` is read up to the first request that does not fit. O(log n) for each request that is read, for `PastFuture`
    /// O(samples * n log n) and O(samples * n) for each request.
    ///
    /// # Errors
    /// A request with numbers out of range, with its place among the waiting ones; any error of `waiting`.
    pub fn admit<E: From<InputError>>(&mut self, waiting: impl IntoIterator<Item = Result<Request, E>>) -> Result<usize, E> {
        if self.options.policy == AdmissionPolicy::PastFuture {
            return self.admit_by_draws(waiting);
        }
        let mut started = Vec::new();
        let answer = self.start_while_fitting(waiting, &mut started);
        for slot in started.into_iter().rev() {
            self.leave(slot);
            self.batch.next_turn -= 1;
        }
        answer
    }

    /// Starts requests until one does not fit, and says how many it has started.
    fn start_while_fitting<E: From<InputError>>(
        &mut self,
        waiting: impl IntoIterator<Item = Result<Request, E>>,
        started: &mut Vec<u32>,
    ) -> Result<usize, E> {
        for request in waiting {
            let request = request?;
            self.batch.judge(&request).map_err(|error| of_waiting(error, started.len()))?;
            if request.prefix.is_none() && !self.fits(self.need_with(&request)) {
                break;
            }
            started.push(self.enter(&request));
            if !self.fits(self.peak()) {
                return Ok(started.len() - 1);
            }
        }
        Ok(started.len())
    }

    /// The need of the batch if this request without a prefix were in it.
    fn need_with(&self, request: &Request) -> i64 {
        let held = self.batch.held() + request.prompt_tokens;
        match self.options.policy {
            AdmissionPolicy::Aggressive => held,
            AdmissionPolicy::Conservative => self.batch.held_at_ends() + request.prompt_tokens + request.max_new_tokens,
            AdmissionPolicy::PastFuture | AdmissionPolicy::Future => {
                let step = self.batch.step;
                self.tree.peak_with(step + request.max_new_tokens, request.prompt_tokens - step).max(held)
            }
        }
    }

    fn admit_by_draws<E: From<InputError>>(&mut self, waiting: impl IntoIterator<Item = Result<Request, E>>) -> Result<usize, E> {
        let mut waiting = waiting.into_iter().enumerate().peekable();
        if waiting.peek().is_none() {
            return Ok(0);
        }
        let mut random = self.stream();
        let samples = self.options.samples;
        let draws = samples.min(DRAWS / self.len().max(1) + 1);
        self.draws = draws;
        for (slot, request) in self.batch.in_order() {
            let produced = request.produced(self.batch.step);
            let maximum = produced + request.remaining(self.batch.step);
            for draw in 0..draws {
                self.drawn[slot as usize * samples + draw] = self.lengths.draw_longer(produced, maximum, &mut random);
            }
        }
        let mut batches: Vec<DrawnBatch> =
            (0..draws).map(|j| DrawnBatch::new(&self.batch, |slot, _| self.drawn[slot as usize * samples + j])).collect();
        let mut joined = 0;
        for (k, request) in waiting {
            let request = request?;
            self.batch.judge(&request).map_err(|error| of_waiting(error, k))?;
            for batch in &mut batches {
                let remaining = self.draw_waiting(&request, &mut random) - request.produced;
                batch.join(request.own_tokens(), remaining, request.prefix);
            }
            if batches.iter().any(|batch| !self.fits(batch.peak())) {
                break;
            }
            joined += 1;
        }
        Ok(joined)
    }

    /// Draws the length of the answer of a request that does not run yet.
    fn draw_waiting(&self, request: &Request, random: &mut Random) -> i64 {
        let maximum = request.produced + request.max_new_tokens;
        if request.produced > 0 {
            return self.lengths.draw_longer(request.produced, maximum, random);
        }
        self.lengths.draw(maximum, random)
    }

    /// The next stream of random numbers.
    fn stream(&mut self) -> Random {
        self.used += 1;
        self.streams.get(self.used)
    }

    /// How many streams of random numbers were used.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Sets how many streams of random numbers count as used.
    pub fn set_used(&mut self, used: u64) {
        self.used = used;
    }

    /// A request joins the batch, whether it was admitted or not. Returns its slot. O(log n).
    ///
    /// # Errors
    /// Numbers out of range; a prefix that is known with another number of tokens.
    pub fn start(&mut self, request: &Request) -> Result<u32, InputError> {
        self.batch.judge(request)?;
        let slot = self.enter(request);
        if self.options.policy == AdmissionPolicy::PastFuture {
            let mut random = self.stream();
            let lengths: Vec<i64> = (0..self.draws).map(|_| self.draw_waiting(request, &mut random)).collect();
            let first = self.place(slot, 0);
            let last = self.place(slot + 1, 0);
            self.drawn.resize(self.drawn.len().max(last), 0);
            self.drawn[first..first + lengths.len()].copy_from_slice(&lengths);
        }
        Ok(slot)
    }

    /// The first steps of a request that has just started bring no token of its answer: its prompt is computed in several.
    pub(super) fn delay(&mut self, slot: u32, steps: i64) {
        self.batch.delay(slot, steps);
    }

    /// A request holds so many tokens less than one for each step: as many steps brought none.
    pub(super) fn correct(&mut self, slot: u32, tokens: i64) {
        let RunningRequest { base, end, .. } = self.batch.correct(slot, tokens);
        if self.options.policy == AdmissionPolicy::Future {
            self.tree.remove(self.points[slot as usize]);
            self.points[slot as usize] = self.tree.insert(end, base, 1);
        }
    }

    fn enter(&mut self, request: &Request) -> u32 {
        self.enter_at(request, self.batch.step + request.max_new_tokens)
    }

    /// A request joins the batch that may produce tokens until the step `end`.
    pub(super) fn enter_at(&mut self, request: &Request, end: i64) -> u32 {
        let slot = self.batch.start(request, end);
        if self.options.policy == AdmissionPolicy::Future {
            let base = self.batch.get(slot).base;
            let point = self.tree.insert(end, base, 1);
            if slot as usize == self.points.len() {
                self.points.push(point);
            } else {
                self.points[slot as usize] = point;
            }
            self.update_prefix(request.prefix.map(|prefix| prefix.id));
        }
        slot
    }

    /// Moves the point of a prefix to the last end of the requests that hold it.
    fn update_prefix(&mut self, id: Option<u64>) {
        let Some(shared) = id.and_then(|id| self.batch.prefixes.get_mut(id)) else { return };
        if let Some(point) = shared.point.take() {
            self.tree.remove(point);
        }
        if let Some(end) = shared.end() {
            shared.point = Some(self.tree.insert(end, shared.tokens, 0));
        }
    }

    /// A request leaves the batch.
    fn leave(&mut self, slot: u32) {
        let request = self.batch.leave(slot);
        if self.options.policy == AdmissionPolicy::Future {
            let point = std::mem::replace(&mut self.points[slot as usize], NO_POINT);
            self.tree.remove(point);
            self.update_prefix(request.prefix.map(|prefix| prefix.id));
        }
        self.batch.forget(&request);
    }

    /// Every running request has produced this many tokens more. O(1) and O(log n) for each that has reached its maximum.
    ///
    /// # Errors
    /// Tokens that are negative or make a sum too large.
    pub fn advance(&mut self, tokens: i64) -> Result<(), InputError> {
        self.batch.advance(tokens)
    }

    /// A request has ended with an answer of this length, which is recorded, and leaves the batch. O(log n + window).
    ///
    /// # Errors
    /// A negative length.
    pub fn finished(&mut self, slot: u32, length: i64) -> Result<(), InputError> {
        amount("length", length)?;
        self.leave(slot);
        self.lengths.record(length);
        Ok(())
    }

    /// A request leaves the batch without an answer; nothing is recorded. O(log n).
    pub fn remove(&mut self, slot: u32) {
        self.leave(slot);
    }

    /// The request that the rule for victims names leaves the batch; `None` if no request runs.
    pub fn evict(&mut self) -> Option<u32> {
        let slot = self.batch.victim(self.options.victim)?;
        self.leave(slot);
        Some(slot)
    }

    /// The tokens that a running request holds, those of its prefix included.
    #[must_use]
    pub fn tokens(&self, slot: u32) -> i64 {
        let request = self.batch.get(slot);
        request.held(self.batch.step) + request.prefix.map_or(0, |prefix| prefix.tokens)
    }

    /// Tokens that a running request may still produce.
    #[must_use]
    pub fn remaining(&self, slot: u32) -> i64 {
        self.batch.get(slot).remaining(self.batch.step)
    }
}
