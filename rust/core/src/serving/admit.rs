//! The answer to the question how many waiting requests may join the batch.

use super::drawn_peaks::Candidate;
use super::numbered::{NumberedAdmission, Redrawn};
use super::options::AdmissionPolicy;
use super::prefixes::SharedPrefixes;
use super::request::Request;
use crate::error::InputError;
use crate::random::Random;

/// The larger the batch, the fewer draws are needed: their product is about this.
const DRAWS: usize = 200;

/// Says which of the waiting requests an error is about.
fn of_waiting(mut error: InputError, k: usize) -> InputError {
    error.index.insert(0, k);
    error
}

impl NumberedAdmission {
    /// How many of the waiting requests, in their order, may join the batch. Nothing starts and nothing changes but the random
    /// draws; a call that is refused changes nothing. `waiting` is read up to the first request that does not fit. O(log n) for
    /// each request that is read, for `PastFuture` O(samples * log n), for `Conservative` and `Aggressive` O(1).
    ///
    /// # Errors
    /// A request with numbers out of range, or with a prefix that is known with another number of tokens, with its place among
    /// the waiting ones; any error of `waiting`.
    pub fn admit<E: From<InputError>>(&mut self, waiting: impl IntoIterator<Item = Result<Request, E>>) -> Result<usize, E> {
        if self.peaks.is_empty() {
            return self.count_by_sum(waiting);
        }
        let redrawn = self.prepare();
        let mut joined = Vec::new();
        let answer = self.join_while_fitting(waiting, &mut joined);
        for candidate in joined.iter().rev() {
            self.peaks[candidate.draw].withdraw(candidate);
        }
        if answer.is_err() {
            self.take_back(redrawn);
        }
        answer
    }

    /// What [`admit`](Self::admit) does before it reads anything: for `PastFuture` it says how many draws count, the fewer the
    /// larger the batch, and draws lengths anew that answers have outlived. [`take_back`](Self::take_back) undoes it.
    pub fn prepare(&mut self) -> Redrawn {
        let draws = self.draws;
        if self.options.policy == AdmissionPolicy::PastFuture {
            self.draws = self.options.samples.min(DRAWS / self.len().max(1) + 1);
        }
        let mut redrawn = self.draw_again();
        redrawn.draws = draws;
        redrawn
    }

    /// Counts the requests that fit one after the other, for the policies whose need is a sum.
    fn count_by_sum<E: From<InputError>>(&mut self, waiting: impl IntoIterator<Item = Result<Request, E>>) -> Result<usize, E> {
        let with_answers = self.options.policy == AdmissionPolicy::Conservative;
        let mut need = self.peak();
        let (mut count, mut proposed) = (0, SharedPrefixes::default());
        for request in waiting {
            let request = request?;
            let judged = self.batch.judge(&request).and_then(|()| request.prefix.map_or(Ok(()), |prefix| proposed.judge(prefix)));
            judged.map_err(|error| of_waiting(error, count))?;
            if !self.batch.can_count(&request) {
                break;
            }
            let unknown = request.prefix.filter(|prefix| !self.batch.prefixes.has(prefix.id) && !proposed.has(prefix.id));
            need += request.own_tokens() + unknown.map_or(0, |prefix| prefix.tokens);
            need += if with_answers { request.max_new_tokens } else { 0 };
            if !self.fits(need) {
                break;
            }
            if let Some(prefix) = unknown {
                proposed.join(prefix, 0);
            }
            count += 1;
        }
        Ok(count)
    }

    /// Counts the requests that fit one after the other. Those that joined are in `joined`, once for each draw, except the last
    /// one if it is plain: a request joins when another one is read after it, because joining costs more than the question
    /// itself.
    fn join_while_fitting<E: From<InputError>>(
        &mut self,
        waiting: impl IntoIterator<Item = Result<Request, E>>,
        joined: &mut Vec<Candidate>,
    ) -> Result<usize, E> {
        let mut waiting = waiting.into_iter().peekable();
        if waiting.peek().is_none() {
            return Ok(0);
        }
        let mut random = (self.options.policy == AdmissionPolicy::PastFuture).then(|| self.stream());
        let step = self.batch.step;
        let (mut held, mut count) = (self.batch.held(), 0);
        let mut last: Vec<Candidate> = Vec::new();
        for request in waiting {
            let request = request?;
            for candidate in last.drain(..) {
                self.peaks[candidate.draw].propose(&candidate);
                joined.push(candidate);
            }
            let judged = self.batch.judge(&request);
            let judged = judged.and_then(|()| request.prefix.map_or(Ok(()), |prefix| self.peaks[0].judge(prefix)));
            judged.map_err(|error| of_waiting(error, count))?;
            if !self.batch.can_count(&request) {
                return Ok(count);
            }
            let (first, prefix) = (step + request.delay, request.prefix);
            let begin = (request.delay > 0).then_some(first);
            held += request.own_tokens() + self.peaks[0].added_by(prefix);
            if !self.fits(held) {
                return Ok(count);
            }
            for draw in 0..self.draws {
                let length = random.as_mut().map(|random| self.draw_waiting(&request, random));
                let end = first + length.map_or(request.max_new_tokens, |length| length - request.produced);
                let candidate = Candidate { draw, end, base: request.own_tokens() - first, begin, prefix };
                let peaks = &mut self.peaks[draw];
                let need = if candidate.is_plain() {
                    last.push(candidate);
                    peaks.peak_with(end, candidate.base)
                } else {
                    peaks.propose(&candidate);
                    joined.push(candidate);
                    peaks.peak()
                };
                if !self.fits(need) {
                    return Ok(count);
                }
            }
            count += 1;
        }
        Ok(count)
    }

    /// Draws the length of the answer of a request that does not run yet.
    pub(super) fn draw_waiting(&self, request: &Request, random: &mut Random) -> i64 {
        let maximum = request.produced + request.max_new_tokens;
        if request.produced > 0 {
            return self.lengths.draw_longer(request.produced, maximum, random);
        }
        self.lengths.draw(maximum, random)
    }
}
