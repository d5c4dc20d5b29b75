//! The requests that run, and the sums over them that admission needs.

use std::collections::BTreeMap;

use super::options::Victim;
use super::prefixes::{Prefix, SharedPrefixes};
use super::request::{LARGEST, Request, amount};
use crate::error::InputError;

/// The last step of a batch, so that no sum of steps and tokens overflows.
pub(super) const LAST_STEP: i64 = 1 << 55;

/// A request that runs. Steps are counted from the beginning of the batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunningRequest {
    /// Its own tokens at step 0, as if it had run since then. May be negative.
    pub base: i64,
    /// The step after which each step brings a token of its answer. Until then it holds its prompt.
    pub begin: i64,
    /// The step at which it has produced all that it may.
    pub end: i64,
    /// The step at which it would have begun, had it produced all its answer in this batch.
    pub first: i64,
    /// How many were started before.
    pub turn: u64,
    pub prefix: Option<Prefix>,
    /// Whether `begin` was after the step at which it joined.
    pub is_delayed: bool,
}

impl RunningRequest {
    /// The tokens that it holds alone at a step.
    pub fn held(&self, step: i64) -> i64 {
        self.base + step.max(self.begin)
    }

    /// The step until which it holds no more than its prompt, if that is not the one at which it joined.
    pub fn late_begin(&self) -> Option<i64> {
        self.is_delayed.then_some(self.begin)
    }

    /// Tokens of its answer so far.
    pub fn produced(&self, step: i64) -> i64 {
        step.max(self.begin) - self.first
    }

    /// Tokens that it may still produce.
    pub fn remaining(&self, step: i64) -> i64 {
        (self.end - step.max(self.begin)).max(0)
    }
}

/// The requests that run. Slots are small numbers that are used again.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    pub step: i64,
    /// The requests by slot.
    pub running: Vec<Option<RunningRequest>>,
    pub free: Vec<u32>,
    pub prefixes: SharedPrefixes,
    /// Slots by turn.
    turns: BTreeMap<u64, u32>,
    pub next_turn: u64,
    /// Sum of `base` over the requests, and of the tokens of their prefixes, each once.
    base: i128,
    shared: i64,
    /// The requests that may still produce tokens, by end: how many there are, and the sum of `base`.
    ends: BTreeMap<i64, (i64, i128)>,
    /// The sum of what these requests hold at their ends.
    at_ends: i64,
    /// The requests that have produced all that they may: how many there are, and the sum of `base`.
    over: (i64, i128),
    /// How many of the requests whose prompts are still computed begin their answers at each step.
    begins: BTreeMap<i64, i64>,
    /// How many requests these are, and the sum of `begin`.
    delayed: (i64, i128),
}

impl Batch {
    /// How many requests run.
    pub fn len(&self) -> usize {
        self.running.len() - self.free.len()
    }

    /// The tokens that all requests hold now, common prefixes once.
    pub fn held(&self) -> i64 {
        let growing = self.len() as i128 - i128::from(self.delayed.0);
        (self.base + growing * i128::from(self.step) + self.delayed.1) as i64 + self.shared
    }

    /// The tokens that all requests hold at their ends, in sum, common prefixes once.
    pub fn held_at_ends(&self) -> i64 {
        self.at_ends + (self.over.1 + i128::from(self.over.0) * i128::from(self.step)) as i64 + self.shared
    }

    /// The request in a slot in use.
    pub fn get(&self, slot: u32) -> &RunningRequest {
        self.running[slot as usize].as_ref().expect("a slot in use has a request")
    }

    /// The requests that run, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &RunningRequest)> {
        (0..).zip(&self.running).filter_map(|(slot, request)| Some((slot, request.as_ref()?)))
    }

    /// The requests that run, in the order of their starts.
    pub fn in_order(&self) -> impl Iterator<Item = (u32, &RunningRequest)> {
        self.turns.values().map(|&slot| (slot, self.get(slot)))
    }

    /// Refuses numbers out of range, and a prefix that is known with another number of tokens.
    pub fn judge(&self, request: &Request) -> Result<(), InputError> {
        request.judge()?;
        request.prefix.map_or(Ok(()), |prefix| self.prefixes.judge(prefix))
    }

    /// Whether all sums stay within their range with a request that was judged.
    pub fn can_count(&self, request: &Request) -> bool {
        let most = self.held_at_ends().max(self.held()) + request.prompt_tokens + request.max_new_tokens;
        most <= LARGEST && self.step + request.delay + request.max_new_tokens <= LAST_STEP
    }

    /// Adds a request that was judged and may produce tokens until the step `end`, and returns its slot.
    pub fn start(&mut self, request: &Request, end: i64) -> u32 {
        let turn = self.next_turn;
        self.next_turn += 1;
        let begin = self.step + request.delay;
        let running = RunningRequest {
            base: request.own_tokens() - begin,
            begin,
            end,
            first: begin - request.produced,
            turn,
            prefix: request.prefix,
            is_delayed: request.delay > 0,
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.running[slot as usize] = Some(running);
            slot
        } else {
            self.running.push(Some(running));
            self.running.len() as u32 - 1
        };
        self.turns.insert(turn, slot);
        self.count(&running, 1);
        if let Some(prefix) = running.prefix {
            if self.prefixes.get(prefix.id).is_none() {
                self.shared += prefix.tokens;
            }
            self.prefixes.join(prefix, running.end);
        }
        slot
    }

    /// Removes a request and returns it; the caller calls [`SharedPrefixes::forget_unused`] through [`forget`](Self::forget) at
    /// last.
    pub fn leave(&mut self, slot: u32) -> RunningRequest {
        let request = self.running[slot as usize].take().expect("a slot in use has a request");
        self.free.push(slot);
        self.turns.remove(&request.turn);
        self.count(&request, -1);
        if let Some(prefix) = request.prefix {
            self.prefixes.leave(prefix.id, request.end);
        }
        request
    }

    /// Forgets the prefix of a request that has left, if no other holds it.
    pub fn forget(&mut self, request: &RunningRequest) {
        if let Some(prefix) = request.prefix {
            self.prefixes.forget_unused(prefix.id);
            if self.prefixes.get(prefix.id).is_none() {
                self.shared -= prefix.tokens;
            }
        }
    }

    /// Adds a request to the sums, or takes it out of them.
    fn count(&mut self, request: &RunningRequest, sign: i64) {
        let base = i128::from(sign * request.base);
        self.base += base;
        if request.begin > self.step {
            let at = self.begins.entry(request.begin).or_default();
            *at += sign;
            if *at == 0 {
                self.begins.remove(&request.begin);
            }
            self.delayed = (self.delayed.0 + sign, self.delayed.1 + i128::from(sign * request.begin));
        }
        if request.end < self.step {
            self.over = (self.over.0 + sign, self.over.1 + base);
            return;
        }
        let at = self.ends.entry(request.end).or_default();
        *at = (at.0 + sign, at.1 + base);
        if at.0 == 0 {
            self.ends.remove(&request.end);
        }
        self.at_ends += sign * (request.base + request.end);
    }

    /// Each request has produced this many tokens more.
    ///
    /// # Errors
    /// Tokens that are negative or make a sum too large.
    pub fn advance(&mut self, tokens: i64) -> Result<(), InputError> {
        amount("tokens", tokens)?;
        if self.len() == 0 {
            return Ok(()); // steps are counted for those that run
        }
        let held = i128::from(self.held()) + self.len() as i128 * i128::from(tokens);
        if held > i128::from(LARGEST) {
            return Err(InputError::new("tokens", "tokens of the batch exceed 2^53").value(tokens));
        }
        if self.step + tokens > LAST_STEP {
            return Err(InputError::new("tokens", "steps of the batch exceed 2^55").value(tokens));
        }
        self.step += tokens;
        while let Some((&begin, &count)) = self.begins.first_key_value().filter(|(begin, _)| **begin <= self.step) {
            self.begins.remove(&begin);
            self.delayed = (self.delayed.0 - count, self.delayed.1 - i128::from(count) * i128::from(begin));
        }
        while let Some((&end, &(count, base))) = self.ends.first_key_value().filter(|(end, _)| **end < self.step) {
            self.ends.remove(&end);
            self.at_ends -= (base + i128::from(count) * i128::from(end)) as i64;
            self.over = (self.over.0 + count, self.over.1 + base);
        }
        Ok(())
    }

    /// The request that the rule for victims names, `None` if none runs. O(log n) for `newest`, O(n) for the others.
    pub fn victim(&self, rule: Victim) -> Option<u32> {
        let newest = |request: &RunningRequest| std::cmp::Reverse(request.turn);
        let slot = match rule {
            Victim::Newest => return self.turns.last_key_value().map(|(_, &slot)| slot),
            Victim::LeastDone => self.iter().min_by_key(|(_, request)| (request.produced(self.step), newest(request))),
            Victim::LeastRecompute => self.iter().min_by(|(_, a), (_, b)| {
                let [(held, end), (other, other_end)] = [a, b].map(|request| self.recompute(request));
                (held * other_end).cmp(&(other * end)).then(newest(a).cmp(&newest(b)))
            }),
        };
        slot.map(|(slot, _)| slot)
    }

    /// The tokens that would be computed again if a request left now, and those that it would hold alone at its end.
    fn recompute(&self, request: &RunningRequest) -> (i128, i128) {
        let held = i128::from(request.held(self.step));
        (held, (held + i128::from(request.remaining(self.step))).max(1))
    }
}
