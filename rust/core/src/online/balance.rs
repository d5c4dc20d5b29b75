//! Balance (robust flow time), and `ChunkBalance`, the same on chunks of gradually revealed jobs.

use std::collections::VecDeque;

use super::discipline::{Discipline, Running};
use super::information::{Estimate, Facts, Information, Operation};
use crate::bitset::RankSet;

/// When the next operation belongs to the same chunk as those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChunkRule {
    /// Its class is at most that of the chunk's first operation.
    #[default]
    RecordClass,
    /// Its size is at most what has been processed of the chunk.
    Volume,
}

impl ChunkRule {
    /// The rule of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, crate::InputError> {
        match name {
            "record_class" => Ok(Self::RecordClass),
            "volume" => Ok(Self::Volume),
            _ => Err(crate::InputError::new("chunk_rule", "expected one of record_class, volume").value(format!("'{name}'"))),
        }
    }
}

/// What a class is made of: an estimate of the job (Balance), or the operation that opens a chunk (`ChunkBalance`).
pub trait Classed: Information {}
impl Classed for Estimate {}
impl Classed for Operation {}

/// Balance: O(mu)-competitive where estimates are off by a factor mu that nobody knows (Gupta, Kumar, Panigrahi, Wang, SODA
/// 2026).
///
/// Class k holds estimates from 2^k up to 2^(k+1), told by the float's exponent. *Full* jobs, never run, wait by class, first
/// in, first out. *Partial* jobs lie on a stack, whose top runs. A full job moves to the stack if that is empty, or if its class
/// is below the top's and `theta` times the number of full jobs is at least the number of jobs. O(1) an event. One server.
#[derive(Debug, Clone)]
pub struct Balance<I> {
    theta: f64,
    rule: ChunkRule,
    queue: Vec<VecDeque<u32>>,
    occupied: RankSet,
    stack: Vec<u32>,
    num_full: usize,
    known: Vec<Known<I>>,
}

#[derive(Debug, Clone, Copy)]
struct Known<I> {
    revealed: I,
    class: usize,
    /// Service before the current chunk.
    before: f64,
}

/// The exponent's bits: the class of a size.
fn class(size: f64) -> usize {
    ((size + 0.0).to_bits() >> 52) as usize
}

const CLASSES: usize = 1 << 11;

impl<I: Classed> Balance<I> {
    /// Balance has `theta` 4; `rule` matters to gradually revealed jobs alone.
    #[must_use]
    pub fn new(theta: f64, rule: ChunkRule) -> Self {
        Self {
            theta,
            rule,
            queue: vec![VecDeque::new(); CLASSES],
            occupied: RankSet::new(CLASSES),
            stack: Vec::new(),
            num_full: 0,
            known: Vec::new(),
        }
    }

    fn queue_up(&mut self, slot: u32) {
        let class = self.known[slot as usize].class;
        self.queue[class].push_back(slot);
        self.occupied.insert(class);
        self.num_full += 1;
    }

    /// Whether a full job takes over from a stack that is not empty.
    fn moves(&self) -> bool {
        let (Some(least), Some(&top)) = (self.occupied.first(), self.stack.last()) else { return false };
        let active = self.num_full + self.stack.len();
        least < self.known[top as usize].class && self.theta * self.num_full as f64 >= active as f64
    }

    fn take_from_stack(&mut self, slot: u32) {
        let place = self.stack.iter().rposition(|&s| s == slot).expect("a job that runs or ran is on the stack");
        self.stack.remove(place);
    }
}

impl<I: Classed> Discipline for Balance<I> {
    type Info = I;

    fn arrive(&mut self, _: f64, slot: u32, attained: f64, facts: Facts<I>) {
        let known = Known { revealed: facts.revealed, class: class(facts.revealed.value()), before: attained };
        if slot as usize == self.known.len() {
            self.known.push(known);
        } else {
            self.known[slot as usize] = known;
        }
        self.queue_up(slot);
    }

    fn nobody_waits(&self) -> bool {
        self.num_full == 0
    }

    fn start(&mut self, _: f64) -> Option<u32> {
        if self.num_full > 0 && (self.stack.is_empty() || self.moves()) {
            let least = self.occupied.first().expect("a full job has a class");
            let slot = self.queue[least].pop_front().expect("an occupied class has a job");
            if self.queue[least].is_empty() {
                self.occupied.remove(least);
            }
            self.num_full -= 1;
            self.stack.push(slot);
            debug_assert!(self.stack.windows(2).all(|w| self.known[w[0] as usize].class > self.known[w[1] as usize].class));
        }
        self.stack.last().copied()
    }

    fn victim(&mut self, _: f64, running: &[Running]) -> Option<usize> {
        (!running.is_empty() && self.moves()).then_some(0)
    }

    /// A partial job stays on the stack.
    fn stop(&mut self, _: f64, _: Running) {}

    fn reveal(&mut self, _: f64, job: Running, size: f64, number: u32) -> bool {
        let known = &mut self.known[job.slot as usize];
        known.revealed = known.revealed.later(size, number, job.attained);
        let same_chunk = match self.rule {
            ChunkRule::RecordClass => class(size) <= known.class,
            ChunkRule::Volume => size <= job.attained - known.before,
        };
        if !same_chunk {
            known.class = class(size);
            known.before = job.attained;
            self.take_from_stack(job.slot);
            self.queue_up(job.slot);
        }
        same_chunk
    }

    fn leave(&mut self, slot: u32, waiting: bool) {
        let class = self.known[slot as usize].class;
        if let Some(place) = waiting.then(|| self.queue[class].iter().position(|&s| s == slot)).flatten() {
            self.queue[class].remove(place);
            self.num_full -= 1;
            if self.queue[class].is_empty() {
                self.occupied.remove(class);
            }
        } else {
            self.take_from_stack(slot);
        }
    }
}
