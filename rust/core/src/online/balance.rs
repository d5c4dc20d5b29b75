//! Balance (robust flow time), and chunked Balance, which applies it to chunks of gradually revealed jobs.

use super::declaration::{Declared, Parameter, ParameterKind, ParameterValues};
use super::discipline::{Discipline, PolicyState, QueueDiscipline, Running};
use super::heap::IndexedHeap;
use super::information::{Estimate, Facts, Information, Operation};
use super::ordered::put;
use crate::error::InputError;

/// The condition under which the next operation joins the chunk of the operations before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChunkRule {
    /// Its class is at most that of the chunk's first operation.
    #[default]
    RecordClass,
    /// Its size is at most what has been processed of the chunk.
    Volume,
}

/// The information that defines a class: an estimate of the job (Balance), or the first operation of a chunk (chunked Balance).
pub trait Classed: Information {}
impl Classed for Estimate {}
impl Classed for Operation {}

/// Balance: O(mu)-competitive where estimates are off by an unknown factor mu (Gupta, Kumar, Panigrahi, Wang, SODA
/// 2026).
///
/// Class k holds estimates from 2^k up to 2^(k+1), told by the float's exponent. *Full* jobs, never run, wait by class, first
/// in, first out. *Partial* jobs lie on a stack, whose top runs. A full job moves to the stack if that is empty, or if its class
/// is below the top's and `theta` times the number of full jobs is at least the number of jobs. O(log n) an event, and any job may
/// leave at any time. One server.
#[derive(Debug, Clone)]
pub struct Balance<I> {
    theta: f64,
    rule: ChunkRule,
    /// Full jobs by class, then turn.
    queue: IndexedHeap,
    /// Partial jobs, the last one to come first.
    stack: IndexedHeap,
    known: Vec<BalanceJob<I>>,
    turns: u64,
}

#[derive(Debug, Clone, Copy)]
struct BalanceJob<I> {
    revealed: I,
    class: u32,
    /// The order in which jobs came to the queue or the stack.
    turn: u64,
    /// Service before the current chunk.
    before: f64,
}

/// The exponent's bits: the class of a size.
fn class(size: f64) -> u32 {
    ((size + 0.0).to_bits() >> 52) as u32
}

impl<I: Classed> Balance<I> {
    /// Balance has `theta` 4; `rule` matters to gradually revealed jobs alone.
    #[must_use]
    pub fn new(theta: f64, rule: ChunkRule) -> Self {
        Self { theta, rule, queue: IndexedHeap::default(), stack: IndexedHeap::default(), known: Vec::new(), turns: 0 }
    }

    fn queue_up(&mut self, slot: u32) {
        let known = &mut self.known[slot as usize];
        known.turn = self.turns;
        self.turns += 1;
        self.queue.push(u128::from(known.class) << 64 | u128::from(known.turn), slot);
    }

    fn pile_up(&mut self, slot: u32) {
        let known = &mut self.known[slot as usize];
        known.turn = self.turns;
        self.turns += 1;
        self.stack.push(u128::from(u64::MAX - known.turn), slot);
    }

    /// Whether a full job takes over from a stack that is not empty.
    fn moves(&self) -> bool {
        let (Some((least, _)), Some((_, top))) = (self.queue.first(), self.stack.first()) else { return false };
        let active = self.queue.len() + self.stack.len();
        ((least >> 64) as u32) < self.known[top as usize].class && self.theta * self.queue.len() as f64 >= active as f64
    }
}

impl Declared for Balance<Estimate> {
    const NAME: &'static str = "balance";
    const ONE_SERVER: bool = true;

    fn from_parameters(_: ParameterValues<'_>) -> Result<Self, InputError> {
        Ok(Self::new(4.0, ChunkRule::RecordClass))
    }
}

impl Declared for Balance<Operation> {
    const NAME: &'static str = "chunk_balance";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::number(
            "theta",
            4.0,
            "must be >= 1 and finite",
            |theta| theta >= 1.0,
            "Untouched chunks count when theta times their number reaches the number of jobs; >= 1.",
        ),
        Parameter::other(
            "chunk_rule",
            ParameterKind::Choice(&["record_class", "volume"]),
            "When the next operation joins the chunk: its class is at most that of the chunk's first operation, or its size is at \
             most what has been processed of the chunk.",
        ),
    ];
    const ONE_SERVER: bool = true;

    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError> {
        let rule = if values.word("chunk_rule") == "volume" { ChunkRule::Volume } else { ChunkRule::RecordClass };
        Ok(Self::new(values.number("theta"), rule))
    }
}

impl<I: Classed> Discipline for Balance<I> {
    type Info = I;

    fn arrive(&mut self, _: f64, slot: u32, attained: f64, facts: Facts<I>) {
        let revealed = facts.revealed;
        put(&mut self.known, slot, BalanceJob { revealed, class: class(revealed.value()), turn: 0, before: attained });
        self.queue_up(slot);
    }

    fn none_wait(&self) -> bool {
        self.queue.is_empty()
    }

    fn first(&mut self, _: f64) -> Option<u32> {
        let full = if self.stack.is_empty() || self.moves() { self.queue.first() } else { None };
        full.or_else(|| self.stack.first()).map(|(_, slot)| slot)
    }

    fn begin(&mut self, _: f64, slot: u32) {
        if self.queue.remove(slot) {
            self.pile_up(slot);
        }
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
            self.stack.remove(job.slot);
            self.queue_up(job.slot);
        }
        same_chunk
    }

    fn leave(&mut self, slot: u32, _: bool) {
        if !self.queue.remove(slot) {
            self.stack.remove(slot);
        }
    }
}

impl<I: Classed> QueueDiscipline for Balance<I> {
    const LOOKS_AT_ALL: bool = true;

    fn facts(&self, slot: u32) -> Facts<I> {
        let revealed = self.known[slot as usize].revealed;
        Facts { index: 0, number: 0, release_time: 0.0, weight: 1.0, deadline: f64::INFINITY, revealed }
    }

    fn state(&self, slot: u32) -> PolicyState {
        let known = &self.known[slot as usize];
        PolicyState { phase: known.class << 1 | u32::from(self.stack.contains(slot)), joined: known.turn, mark: known.before }
    }

    fn turn(&self) -> u64 {
        self.turns
    }

    /// A job that changes class goes to the back of it, unless it is partial.
    fn change(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<I>, place: PolicyState) {
        let (before, told) = (place.phase >> 1, facts.revealed.value());
        let after = if told == self.known[slot as usize].revealed.value() { before } else { class(told) };
        let joined = if before == after || place.phase & 1 == 1 { place.joined } else { self.turns };
        self.restore(now, slot, attained, facts, PolicyState { phase: after << 1 | place.phase & 1, joined, ..place });
    }

    fn restore(&mut self, _: f64, slot: u32, _: f64, facts: Facts<I>, place: PolicyState) {
        let PolicyState { phase, joined: turn, mark: before } = place;
        let class = phase >> 1;
        put(&mut self.known, slot, BalanceJob { revealed: facts.revealed, class, turn, before });
        self.turns = self.turns.max(turn + 1);
        if phase & 1 == 1 {
            self.stack.push(u128::from(u64::MAX - turn), slot);
        } else {
            self.queue.push(u128::from(class) << 64 | u128::from(turn), slot);
        }
    }
}
