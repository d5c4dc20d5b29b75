//! Admission of requests that the caller numbers.

use super::answer_lengths::AnswerLengths;
use super::batch::Batch;
use super::drawn_peaks::DrawnPeaks;
use super::options::{AdmissionPolicy, Victim};
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
    /// Seed of the random draws.
    pub seed: u64,
}

impl Default for AdmissionOptions {
    fn default() -> Self {
        let (policy, victim) = (AdmissionPolicy::default(), Victim::default());
        Self { capacity: 0, policy, window: 200, samples: 5, reserve: 0.05, victim, seed: 0 }
    }
}

/// What a question has changed: lengths that were drawn anew, and streams of random numbers that were used.
#[derive(Debug)]
#[must_use]
pub struct Redrawn {
    /// How many draws counted and how many streams were used before.
    pub(super) draws: usize,
    used: u64,
    /// The draw, the slot of the request, and the step at which its answer ended by the draw before.
    ends: Vec<(usize, u32, i64)>,
}

/// Admission over slots: small numbers that are used again. [`Admission`](super::Admission) keeps keys.
#[derive(Debug, Clone)]
pub struct NumberedAdmission {
    pub(super) options: AdmissionOptions,
    pub(super) batch: Batch,
    /// One for `Future`, in which every answer has its maximal length; for `PastFuture` one for each draw. None for the others.
    pub(super) peaks: Vec<DrawnPeaks>,
    /// How many of these count.
    pub(super) draws: usize,
    /// For `PastFuture`.
    pub(super) lengths: AnswerLengths,
    streams: Streams,
    /// How many streams have been used.
    pub(super) used: u64,
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
        let draws = match options.policy {
            AdmissionPolicy::PastFuture => options.samples,
            AdmissionPolicy::Future => 1,
            AdmissionPolicy::Conservative | AdmissionPolicy::Aggressive => 0,
        };
        Ok(Self {
            batch: Batch::default(),
            peaks: vec![DrawnPeaks::default(); draws],
            draws,
            lengths: AnswerLengths::new(options.window),
            streams: Streams::new(options.seed),
            used: 0,
            options,
        })
    }

    /// The options of its construction.
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
    pub(super) fn fits(&self, need: i64) -> bool {
        (need as f64) < self.options.capacity as f64 * (1.0 - self.options.reserve)
    }

    /// The need of the batch by its policy, 0 if no request runs, as [`admit`](Self::admit) counts it: for `PastFuture` the
    /// largest of the draws, the fewer the larger the batch. O(samples), and for `PastFuture` O(log n) for each answer that has
    /// become longer than was drawn.
    #[must_use]
    pub fn peak(&mut self) -> i64 {
        let _ = self.prepare();
        match self.options.policy {
            AdmissionPolicy::Conservative => self.batch.held_at_ends(),
            _ => self.peaks[..self.draws].iter().map(DrawnPeaks::peak).fold(self.batch.held(), i64::max),
        }
    }

    /// The next stream of random numbers.
    pub(super) fn stream(&mut self) -> Random {
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

    /// A request joins the batch, whether it was admitted or not. Returns its slot. O(log n), for `PastFuture` O(samples * log
    /// n).
    ///
    /// # Errors
    /// Numbers out of range; a prefix that is known with another number of tokens.
    pub fn start(&mut self, request: &Request) -> Result<u32, InputError> {
        self.batch.judge(request)?;
        if !self.batch.can_count(request) {
            let is_prompt = !self.batch.can_count(&Request { max_new_tokens: 0, ..*request });
            let (field, value) =
                if is_prompt { ("prompt_tokens", request.prompt_tokens) } else { ("max_new_tokens", request.max_new_tokens) };
            let reason = "with it the requests of the batch may come to hold more than 2^53 tokens";
            return Err(InputError::new(field, reason).value(value));
        }
        let begin = self.batch.step + request.delay;
        let longest = begin + request.max_new_tokens;
        let ends: Vec<i64> = if self.options.policy == AdmissionPolicy::PastFuture {
            let mut random = self.stream();
            let first = begin - request.produced;
            (0..self.peaks.len()).map(|_| first + self.draw_waiting(request, &mut random)).collect()
        } else {
            vec![longest; self.peaks.len()]
        };
        let slot = self.batch.start(request, longest);
        self.enter_draws(slot, &ends);
        Ok(slot)
    }

    /// A request of the batch ends at these steps, by draw.
    pub(super) fn enter_draws(&mut self, slot: u32, ends: &[i64]) {
        let request = *self.batch.get(slot);
        for (peaks, &end) in self.peaks.iter_mut().zip(ends) {
            peaks.enter(slot, &request, end);
        }
    }

    /// A request leaves the batch.
    fn leave(&mut self, slot: u32) {
        let request = self.batch.leave(slot);
        for peaks in &mut self.peaks {
            peaks.leave(slot, &request);
        }
        self.batch.forget(&request);
        if self.is_empty() {
            self.batch.step = 0; // steps are counted for requests that run
        }
    }

    /// Draws the lengths of answers anew that are longer by now than was drawn, in the draws that count. A request that has
    /// produced its maximum is not drawn again: it counts as one that is about to end, as under `Future`. O(log n) for each
    /// length that is drawn.
    pub(super) fn draw_again(&mut self) -> Redrawn {
        let mut redrawn = Redrawn { draws: self.draws, used: self.used, ends: Vec::new() };
        if self.options.policy != AdmissionPolicy::PastFuture {
            return redrawn;
        }
        let step = self.batch.step;
        let mut random = None;
        for draw in 0..self.draws {
            while let Some(slot) = self.peaks[draw].outlived(step) {
                let request = *self.batch.get(slot);
                let (produced, remaining) = (request.produced(step), request.remaining(step));
                redrawn.ends.push((draw, slot, self.peaks[draw].end(slot)));
                if remaining == 0 {
                    self.peaks[draw].keep(slot, &request);
                    continue;
                }
                let maximum = produced + remaining;
                let random = random.get_or_insert_with(|| {
                    self.used += 1;
                    self.streams.get(self.used)
                });
                let length = self.lengths.draw_longer(produced, maximum, random);
                self.peaks[draw].leave(slot, &request);
                self.peaks[draw].enter(slot, &request, step + length - produced);
            }
        }
        redrawn
    }

    /// Puts the lengths back that were drawn anew for a question that was refused, and the count of streams. The requests still
    /// run. O(log n) for each length.
    pub fn take_back(&mut self, redrawn: Redrawn) {
        for (draw, slot, end) in redrawn.ends.into_iter().rev() {
            let request = *self.batch.get(slot);
            self.peaks[draw].leave(slot, &request);
            self.peaks[draw].enter(slot, &request, end);
        }
        (self.draws, self.used) = (redrawn.draws, redrawn.used);
    }

    /// Every running request has produced this many tokens more. O(log n) for each step at which requests reach their maximum;
    /// O(1) else.
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
