//! Machines that run one interval at a time, where the order of each pair is a variable of its own.
//!
//! The variable of a pair is 1 if the first one of it comes first, and 0 if the second one does. Both bounds of such a variable are
//! literals as those of starts are, so decisions and clauses can be about the order alone (Grimes and Hebrard 2015; Bit-Monnot 2023):
//! once all pairs are ordered, every interval may start at its earliest start.
//!
//! Intervals may choose among machines. Whether one is on a machine is a flag, a variable that is 0 or 1, and a clause asks each pair that
//! is on one machine for an order. Such a pair has a variable for each of its orders, as neither holds where the two are apart.
//!
//! Pairs are looked at with each bound that moves; the rules for sets of intervals ([`sets`]) wait until pairs have no more to say.

mod cycle;
mod explain;
mod implied;
mod layout;
mod load;
mod rows;
mod sets;

use super::trail::{Conflict, Literal, Reason, Trail};
pub use load::Load;
use rows::Rows;
use sets::Scratch;

/// No variable: the order of the pair is not asked for, or the interval is on its machine in any case.
const NONE: u32 = u32::MAX;

/// How long an interval keeps its machine: until `lag` after the start of `until`, which may be itself.
#[derive(Debug, Clone, Copy)]
pub struct Occupation {
    /// The interval whose start ends it.
    pub until: u32,
    /// The time from that start on.
    pub lag: i32,
}

/// Two intervals of one machine, and the least times from the end of the earlier one to the start of the later one: if the first one of
/// the pair comes first, and if the second one does.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// The intervals.
    pub intervals: (u32, u32),
    /// The times between them.
    pub gaps: (i32, i32),
    /// Whether the two may be on different machines: the orders are two variables then, the first one of the pair before the second one,
    /// and the second one before the first one.
    pub is_optional: bool,
}

/// An interval that is, or may be, on a machine.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// The interval.
    pub interval: u32,
    /// The literal that says that it is there, of a flag; `None` if it is in any case.
    pub presence: Option<Literal>,
    /// How long it keeps the machine at least.
    pub length: i32,
}

/// The start of `to` is at least `lag` after that of `from`.
#[derive(Debug, Clone, Copy)]
pub struct Distance {
    /// The interval that comes first.
    pub from: u32,
    /// The interval that waits.
    pub to: u32,
    /// The time between their starts.
    pub lag: i32,
}

/// A variable that is 0 or 1, and a distance that holds in either case.
#[derive(Debug, Clone, Copy, Default)]
pub struct Flag {
    /// What holds if it is 1, and if it is 0.
    pub distances: [Option<Distance>; 2],
    /// Whether the search decides it; the others follow from clauses.
    pub is_decided: bool,
}

/// What an order asks for: the start of `other` is at least, or at most, `lag` away. `first` is the half of the order.
#[derive(Debug, Clone, Copy)]
struct Arc {
    first: u32,
    other: u32,
    lag: i32,
}

/// The intervals of one machine.
#[derive(Debug)]
struct Machine {
    members: Vec<u32>,
    /// The half of each member's flag, or none.
    presence: Vec<u32>,
    length: Vec<i32>,
    /// By row and column: the half that says that the row's interval comes before the column's.
    before: Vec<u32>,
    /// Members by earliest start and by latest end, as they were when last looked at.
    by_start: Vec<u32>,
    by_end: Vec<u32>,
}

/// The machines, and the orders on them.
#[derive(Debug)]
pub struct Orders {
    machines: Vec<Machine>,
    /// By interval: the machines on which something moves with its start.
    machines_of: Rows<u32>,
    occupations: Vec<Occupation>,
    /// The first variable of an order; further ones and the flags follow.
    pub(super) first_variable: usize,
    /// Objectives that differ by less than a multiple of this count as equal.
    pub(super) unit: i32,
    /// By variable: the intervals of its order.
    pairs: Vec<(u32, u32)>,
    /// By half: what it asks for.
    distances: Vec<Option<Distance>>,
    /// By interval: the orders and flags that its start makes others wait by, and those that it waits by.
    leaving: Rows<Arc>,
    entering: Rows<Arc>,
    /// By half: the orders that it implies.
    implied: Rows<u32>,
    /// By variable: the machines that it concerns.
    touched: Rows<u32>,
    /// By variable: the search decides it where both of some two halves are true.
    wanted: Rows<(u32, u32)>,
    /// By half: the machines and places of the member that it puts there.
    places: Rows<(u32, u32)>,
    /// By variable: the machine on which it orders a pair that is there in any case.
    machine_of_order: Vec<u32>,
    /// Variables that the search has come to want.
    activated: Vec<u32>,
    /// Clauses that the search takes over.
    clauses: Vec<Vec<Literal>>,
    /// Machines on which something has moved since the rules for sets looked at them.
    moved: Vec<bool>,
    /// Pairs on each machine that are not ordered, and one more where members have flags.
    open: Vec<u32>,
    /// The orders of the cycle that was found last.
    cycle: Vec<u32>,
    scratch: Scratch,
    loads: Vec<Load>,
    /// Whether a flag of a member has moved since loads were looked at, and the latest objective then.
    has_chosen: bool,
    latest: i32,
}

/// The literal that a half of a flag or an order stands for.
fn ordered(half: u32) -> Literal {
    Literal { half, bound: 1 - (half & 1) as i32 }
}

/// Whether a member with this half is on its machine.
fn is_present(presence: u32, trail: &Trail) -> bool {
    presence == NONE || trail.is_true(ordered(presence))
}

impl Orders {
    /// The number of variables of orders and flags.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The bounds of the variables of orders and flags.
    pub fn bounds(&self) -> impl Iterator<Item = Literal> {
        (self.first_variable..self.first_variable + self.len()).map(|v| Literal::at_most(v, 1))
    }

    /// Where a half is in the lists by half.
    #[inline]
    fn row(&self, half: u32) -> usize {
        half as usize - 2 * self.first_variable
    }

    /// The intervals of a pair, by a half of its variable, the one that comes first before the other.
    #[inline]
    fn pair(&self, half: u32) -> (usize, usize) {
        let (i, j) = self.pairs[self.row(half) / 2];
        if half.is_multiple_of(2) { (i as usize, j as usize) } else { (j as usize, i as usize) }
    }

    /// What an order or a flag asks for: the second interval starts at least this time after the first one.
    #[inline]
    fn arc(&self, half: u32) -> (usize, usize, i32) {
        let Distance { from, to, lag } = self.distances[self.row(half)].expect("it asks for something");
        (from as usize, to as usize, lag)
    }

    /// Whether a literal decides an order or a flag.
    fn decides(&self, literal: Literal) -> bool {
        (self.first_variable..self.first_variable + self.len()).contains(&literal.var()) && literal == ordered(literal.half)
    }

    /// A bound whose consequences were drawn is taken back.
    pub fn take_back(&mut self, literal: Literal) {
        if self.decides(literal)
            && let Some(open) = self.open.get_mut(self.machine_of_order[literal.var() - self.first_variable] as usize)
        {
            *open += 1;
        }
    }

    /// Bounds were taken back to where all rules had nothing more to say.
    pub fn settle(&mut self) {
        self.moved.fill(false);
    }

    /// Clauses that hold in any case.
    pub fn take_clauses(&mut self) -> Vec<Vec<Literal>> {
        std::mem::take(&mut self.clauses)
    }

    /// Variables that the search has come to want since the last call.
    pub fn take_activated(&mut self) -> impl Iterator<Item = usize> {
        self.activated.drain(..).map(|v| v as usize)
    }

    /// Whether the search has to decide a variable: an order of intervals that may be on different machines counts where they are on one.
    pub fn is_wanted(&self, trail: &Trail, variable: usize) -> bool {
        let pairs = self.wanted.of(variable - self.first_variable);
        pairs.iter().any(|&(a, b)| is_present(a, trail) && is_present(b, trail))
    }

    /// What follows for pairs from a new bound.
    #[inline]
    pub fn propagate(&mut self, literal: Literal, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        let v = literal.var();
        if v >= self.first_variable {
            return if self.decides(literal) { self.decide(literal.half, trail) } else { Ok(()) };
        }
        for &machine in self.machines_of.of(v) {
            self.moved[machine as usize] = true;
        }
        if literal.is_lower() {
            let start = trail.earliest(v);
            *work += self.leaving.of(v).len() as u64 / 16;
            for &Arc { first, other, lag } in self.leaving.of(v) {
                let (other, earliest) = (other as usize, start + lag);
                if trail.is_true(ordered(first)) {
                    trail.push(Literal::at_least(other, earliest), Reason::Order { first })?;
                } else if trail.latest(other) < earliest && !trail.is_false(ordered(first)) {
                    trail.push(ordered(first ^ 1), Reason::Late { mark: trail.latest(other) + 1 - lag })?;
                }
            }
        } else {
            let start = trail.latest(v);
            *work += self.entering.of(v).len() as u64 / 16;
            for &Arc { first, other, lag } in self.entering.of(v) {
                let (other, latest) = (other as usize, start - lag);
                if trail.is_true(ordered(first)) {
                    trail.push(Literal::at_most(other, latest), Reason::Order { first })?;
                } else if latest < trail.earliest(other) && !trail.is_false(ordered(first)) {
                    trail.push(ordered(first ^ 1), Reason::Late { mark: latest + 1 })?;
                }
            }
        }
        Ok(())
    }

    /// What follows from an order or a flag.
    fn decide(&mut self, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let row = self.row(half);
        for &machine in self.touched.of(row / 2) {
            self.moved[machine as usize] = true;
        }
        if let Some(open) = self.open.get_mut(self.machine_of_order[row / 2] as usize) {
            *open -= 1;
        }
        self.has_chosen |= self.pairs[row / 2].0 == NONE;
        self.activate(row, trail);
        if let Some(Distance { from, to, lag }) = self.distances[row] {
            let (from, to) = (from as usize, to as usize);
            trail.push(Literal::at_least(to, trail.earliest(from) + lag), Reason::Order { first: half })?;
            trail.push(Literal::at_most(from, trail.latest(to) - lag), Reason::Order { first: half })?;
        }
        self.implied.of(row).iter().try_for_each(|&other| trail.push(ordered(other), Reason::Implied { first: half }))
    }

    /// A member is on a machine: its orders against those that are there count.
    fn activate(&mut self, row: usize, trail: &Trail) {
        for &(machine, k) in self.places.of(row) {
            let Machine { presence, before, .. } = &self.machines[machine as usize];
            let (n, k) = (presence.len(), k as usize);
            for a in (0..n).filter(|&a| is_present(presence[a], trail)) {
                for half in [before[a * n + k], before[k * n + a]] {
                    if half != NONE {
                        self.activated.push(half / 2);
                    }
                }
            }
        }
    }
}
