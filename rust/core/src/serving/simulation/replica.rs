//! One replica: its line, its batch and its steps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ServingModel;
use super::line::WaitingLine;
use super::shared::{Entry, Places, Shared};
use crate::control::Pulse;
use crate::cost::DECISION;
use crate::error::InputError;
use crate::serving::numbered::NumberedAdmission;

/// A request in the batch. Steps are those of the replica.
#[derive(Debug, Clone, Copy)]
struct Member {
    request: u32,
    /// The step before its first one.
    joined: i64,
    /// Tokens of its prompt that were in the cache when it joined.
    found: i64,
    /// Tokens to compute before its next token, and in how many steps.
    prefill: i64,
    prefill_steps: i64,
    /// Tokens of its answer before it joined.
    before: i64,
}

impl Member {
    /// Tokens of the answer after a step.
    fn produced(&self, step: i64) -> i64 {
        self.before + (step - self.joined - self.prefill_steps + 1).max(0)
    }

    /// Tokens, from its beginning on, that the replica has found or computed after a step.
    fn reached(&self, step: i64, chunk: i64) -> i64 {
        let prefilled = i128::from((step - self.joined).min(self.prefill_steps)) * i128::from(chunk);
        self.found + prefilled.min(i128::from(self.prefill)) as i64 + self.produced(step) - self.before
    }

    /// Tokens computed by a step that were there before, in a request that had once come so far.
    fn recomputed(&self, step: i64, chunk: i64, before: i64) -> i64 {
        (self.reached(step, chunk).min(before) - self.found).max(0)
    }
}

/// A replica.
pub(super) struct ReplicaState {
    number: u32,
    pub line: WaitingLine,
    admission: NumberedAdmission,
    /// By slot of admission.
    members: Vec<Option<Member>>,
    /// Slots of the requests whose prompts are computed.
    prefilling: Vec<u32>,
    /// The step at which each request ends, its slot and when it joined, in no entry more than once; some have left before.
    ends: BinaryHeap<Reverse<(i64, u32, i64)>>,
    step: i64,
    /// Tokens in the cache: all prompts of the batch, and what was produced.
    held: i64,
    /// Whether a step runs.
    pub is_busy: bool,
}

impl ReplicaState {
    pub fn new(number: u32, model: &ServingModel) -> Result<Self, InputError> {
        Ok(Self {
            number,
            line: WaitingLine::default(),
            admission: NumberedAdmission::new(model.admission)?,
            members: Vec::new(),
            prefilling: Vec::new(),
            ends: BinaryHeap::new(),
            step: 0,
            held: 0,
            is_busy: false,
        })
    }

    /// Whether there is anything to do.
    pub fn has_work(&self) -> bool {
        !self.line.is_empty() || !self.admission.is_empty()
    }

    /// Begins a step and returns its duration. If the pulse stops it, the replica is of no more use.
    pub fn begin(&mut self, shared: &mut Shared<'_>, places: &Places, now: f64, pulse: &mut Pulse) -> Result<f64, InputError> {
        self.line.advance(now);
        let places_left = shared.model.max_batch - self.admission.len();
        if places_left > 0 && !self.line.is_empty() {
            self.admit(shared, places, places_left, pulse)?;
        }
        self.make_space(shared, places, now, pulse);
        self.count_found(shared, places);
        if pulse.worked(self.prefilling.len() as u64) {
            return Ok(0.0);
        }
        let chunk = shared.model.chunk;
        let computed: i64 = self.prefilling.iter().map(|&slot| self.next_chunk(slot, chunk)).sum();
        let time = shared.model.step;
        let cached = time.base + time.prefill * computed as f64;
        self.is_busy = true;
        shared.steps += 1;
        Ok(cached + time.running * self.admission.len() as f64 + time.held * self.held as f64)
    }

    fn member(&self, slot: u32) -> &Member {
        self.members[slot as usize].as_ref().expect("a slot in use has a member")
    }

    /// Tokens of a prompt that the next step computes.
    fn next_chunk(&self, slot: u32, chunk: i64) -> i64 {
        let member = self.member(slot);
        (member.prefill - (self.step - member.joined) * chunk).min(chunk)
    }

    fn admit(
        &mut self,
        shared: &mut Shared<'_>,
        places: &Places,
        places_left: usize,
        pulse: &mut Pulse,
    ) -> Result<(), InputError> {
        let number = self.number;
        let entry = |place: u32| Ok::<_, InputError>(shared.entry(number, places.request(place)).request);
        let waiting = self.line.iter().take(places_left).take_while(|_| !pulse.worked(DECISION));
        let mut count = self.admission.admit(waiting.map(entry))?;
        if count == 0 && self.admission.is_empty() {
            count = 1; // alone it fits at least
        }
        for place in self.line.take(count) {
            if pulse.worked(DECISION) {
                break;
            }
            self.join(shared, places.request(place), place)?;
        }
        Ok(())
    }

    fn join(&mut self, shared: &mut Shared<'_>, request: usize, place: u32) -> Result<(), InputError> {
        let Entry { request: entry, found, prefill, prefill_steps } = shared.entry(self.number, request);
        let slot = self.admission.start(&entry)?;
        let produced = entry.produced;
        let member = Member { request: place, joined: self.step, found, prefill, prefill_steps, before: produced };
        if slot as usize == self.members.len() {
            self.members.push(Some(member));
        } else {
            self.members[slot as usize] = Some(member);
        }
        self.prefilling.push(slot);
        let steps = prefill_steps - 1 + shared.output(request) - produced;
        self.ends.push(Reverse((self.step + steps, slot, self.step)));
        self.held += shared.trace.prompt_tokens[request] + produced;
        Ok(())
    }

    /// Counts what the requests whose first step begins have found in the cache, and puts their blocks there.
    fn count_found(&self, shared: &mut Shared<'_>, places: &Places) {
        // The last ones that joined are the last ones here.
        let first = self.prefilling.partition_point(|&slot| self.member(slot).joined < self.step);
        for &slot in &self.prefilling[first..] {
            let member = self.member(slot);
            let request = places.request(member.request);
            if shared.progress[request].reached == 0 {
                shared.found += member.found;
            }
            shared.caches.touch(shared.trace.blocks(request), self.number);
        }
    }

    /// Requests that produce a token in the next step.
    fn producing(&self) -> i64 {
        let waiting = self.prefilling.iter().filter(|&&slot| {
            let member = self.member(slot);
            self.step + 1 - member.joined < member.prefill_steps
        });
        self.admission.len() as i64 - waiting.count() as i64
    }

    /// Evicts requests until the next step fits into the cache. One that has joined just now had no step: it goes back to the
    /// line, and does not count as evicted.
    fn make_space(&mut self, shared: &mut Shared<'_>, places: &Places, now: f64, pulse: &mut Pulse) {
        while self.held + self.producing() > shared.model.admission.capacity && self.admission.len() > 1 {
            if pulse.worked(self.admission.len() as u64) {
                return;
            }
            let Some(slot) = self.admission.evict() else { return };
            let member = self.members[slot as usize].take().expect("a slot in use has a member");
            self.prefilling.retain(|&other| other != slot);
            let request = places.request(member.request);
            let produced = member.produced(self.step);
            self.held -= shared.trace.prompt_tokens[request] + produced;
            if member.joined < self.step {
                let progress = &mut shared.progress[request];
                progress.produced = produced;
                shared.recomputed += member.recomputed(self.step, shared.model.chunk, progress.reached);
                progress.reached = progress.reached.max(member.reached(self.step, shared.model.chunk));
                shared.evictions += 1;
            }
            self.line.add(member.request, shared.rank(request), now);
        }
    }

    /// Ends the step that runs. `ended` gets the requests that have ended.
    pub fn end(&mut self, shared: &mut Shared<'_>, places: &Places, now: f64, ended: &mut Vec<usize>) -> Result<(), InputError> {
        self.held += self.producing();
        self.step += 1;
        self.admission.advance(1)?;
        self.is_busy = false;
        let step = self.step;
        let Self { prefilling, members, .. } = self;
        prefilling.retain(|&slot| {
            let member = members[slot as usize].as_ref().expect("a slot in use has a member");
            if step - member.joined < member.prefill_steps {
                return true;
            }
            let first = &mut shared.progress[places.request(member.request)].first_token;
            if first.is_nan() {
                *first = now;
            }
            false
        });
        while let Some(&Reverse((end, slot, joined))) = self.ends.peek().filter(|end| end.0.0 <= step) {
            self.ends.pop();
            // An entry whose request was evicted stands for no member, or for one that joined later.
            let Some(member) = self.members[slot as usize].filter(|member| member.joined == joined) else { continue };
            debug_assert_eq!(end, step);
            let request = places.request(member.request);
            self.members[slot as usize] = None;
            let output = shared.output(request);
            shared.recomputed += member.recomputed(step, shared.model.chunk, shared.progress[request].reached);
            self.held -= shared.trace.prompt_tokens[request] + output;
            self.admission.finished(slot, output)?;
            shared.progress[request].completion_time = now;
            ended.push(request);
        }
        Ok(())
    }
}
