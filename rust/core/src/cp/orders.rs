//! Machines that run one interval at a time, where the order of each pair is a variable of its own.
//!
//! The variable of a pair is 1 if the first one of it comes first, and 0 if the second one does. Both bounds of such a variable are
//! literals as those of starts are, so decisions and clauses can be about the order alone (Grimes and Hebrard 2015; Bit-Monnot 2023):
//! once all pairs are ordered, every interval may start at its earliest start.
//!
//! Pairs are looked at with each bound that moves; the rules for sets of intervals ([`sets`]) wait until pairs have no more to say.

mod cycle;
mod explain;
mod implied;
mod rows;
mod sets;

use super::theta_tree::ThetaTree;
use super::trail::{Conflict, Literal, Reason, Trail};
use rows::Rows;

/// No variable: the order of the pair is not asked for.
const NONE: u32 = u32::MAX;

/// How long an interval keeps its machine: until `lag` after the start of `until`, which may be itself, and for `length` at least.
#[derive(Debug, Clone, Copy)]
pub struct Occupation {
    /// The interval whose start ends it.
    pub until: u32,
    /// The time from that start on.
    pub lag: i32,
    /// The least time from its own start to the end.
    pub length: i32,
}

/// Two intervals of one machine, and the least times from the end of the earlier one to the start of the later one: if the first one of
/// the pair comes first, and if the second one does.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// The intervals.
    pub intervals: (u32, u32),
    /// The times between them.
    pub gaps: (i32, i32),
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
    /// The machine of each interval, and that of the one which it ends.
    machine_of: Vec<u32>,
    freed_by: Vec<u32>,
    occupations: Vec<Occupation>,
    /// The variable of the first pair; the others follow.
    pub(super) first_variable: usize,
    /// Objectives that differ by less than a multiple of this count as equal.
    pub(super) unit: i32,
    pairs: Vec<Pair>,
    /// By interval: the orders that its start makes others wait by, and those that it waits by.
    leaving: Rows<Arc>,
    entering: Rows<Arc>,
    /// By half, from that of the first pair on: the orders that it implies.
    implied: Rows<u32>,
    /// Machines on which something has moved since the rules for sets looked at them.
    moved: Vec<bool>,
    /// Pairs on each machine that are not ordered.
    open: Vec<u32>,
    /// The orders of the cycle that was found last.
    cycle: Vec<u32>,
    tree: ThetaTree,
    /// Earliest start, length, and latest end of each member of the machine that is looked at.
    window: Vec<(i32, i32, i32)>,
}

/// The literal that a half of a pair's variable stands for.
fn ordered(half: u32) -> Literal {
    Literal { half, bound: 1 - (half & 1) as i32 }
}

impl Orders {
    /// Machines with their intervals, each on one machine at most, how long each interval keeps its machine, and the pairs of members whose
    /// order is open. The variables of pairs are numbered from the number of intervals on. Objectives count in multiples of `unit`.
    #[must_use]
    pub fn new(machines: Vec<Vec<u32>>, occupations: Vec<Occupation>, pairs: Vec<Pair>, unit: i32) -> Self {
        let first_variable = occupations.len();
        let mut machine_of = vec![NONE; first_variable];
        let mut freed_by = vec![NONE; first_variable];
        let mut place = vec![0; first_variable];
        for (m, members) in machines.iter().enumerate() {
            for (k, &i) in members.iter().enumerate() {
                (machine_of[i as usize], place[i as usize]) = (m as u32, k);
                freed_by[occupations[i as usize].until as usize] = m as u32;
            }
        }
        let laid_out = |members: Vec<u32>| {
            let (before, order) = (vec![NONE; members.len() * members.len()], 0..members.len() as u32);
            Machine { members, before, by_start: order.clone().collect(), by_end: order.collect() }
        };
        let mut machines: Vec<Machine> = machines.into_iter().map(laid_out).collect();
        let mut open = vec![0; machines.len()];
        let mut orders = Self {
            moved: vec![true; machines.len()],
            machines: Vec::new(),
            machine_of,
            freed_by,
            occupations,
            first_variable,
            unit,
            pairs,
            leaving: Rows::default(),
            entering: Rows::default(),
            implied: Rows::default(),
            open: Vec::new(),
            cycle: Vec::new(),
            tree: ThetaTree::default(),
            window: Vec::new(),
        };
        let (mut leaving, mut entering) = (vec![Vec::new(); first_variable], vec![Vec::new(); first_variable]);
        for first in 2 * first_variable as u32..2 * (first_variable + orders.pairs.len()) as u32 {
            let (i, j) = orders.pair(first);
            let (from, to, lag) = orders.arc(first);
            leaving[from].push(Arc { first, other: to as u32, lag });
            entering[to].push(Arc { first, other: from as u32, lag });
            let machine = orders.machine_of[i] as usize;
            let Machine { members, before, .. } = &mut machines[machine];
            before[place[i] * members.len() + place[j]] = first;
            open[machine] += 1;
        }
        for halves in &mut open {
            *halves /= 2;
        }
        (orders.machines, orders.open) = (machines, open);
        (orders.leaving, orders.entering) = (Rows::new(leaving), Rows::new(entering));
        orders.implied = Rows::new(vec![Vec::new(); 2 * orders.pairs.len()]);
        orders
    }

    /// The number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The bounds of the variables of pairs.
    pub fn bounds(&self) -> impl Iterator<Item = Literal> {
        (self.first_variable..self.first_variable + self.len()).map(|v| Literal::at_most(v, 1))
    }

    /// The intervals of a pair, by a half of its variable, the one that comes first before the other.
    #[inline]
    fn pair(&self, half: u32) -> (usize, usize) {
        let (i, j) = self.pairs[half as usize / 2 - self.first_variable].intervals;
        if half.is_multiple_of(2) { (i as usize, j as usize) } else { (j as usize, i as usize) }
    }

    /// What an order asks for: the second interval starts at least this time after the first one.
    #[inline]
    fn arc(&self, half: u32) -> (usize, usize, i32) {
        let (i, j) = self.pair(half);
        let gaps = self.pairs[half as usize / 2 - self.first_variable].gaps;
        let Occupation { until, lag, .. } = self.occupations[i];
        (until as usize, j, lag + if half.is_multiple_of(2) { gaps.0 } else { gaps.1 })
    }

    /// Whether a literal orders a pair.
    fn is_order(&self, literal: Literal) -> bool {
        (self.first_variable..self.first_variable + self.len()).contains(&literal.var()) && literal == ordered(literal.half)
    }

    /// A bound whose consequences were drawn is taken back.
    pub fn take_back(&mut self, literal: Literal) {
        if self.is_order(literal) {
            let machine = self.machine_of[self.pair(literal.half).0] as usize;
            self.open[machine] += 1;
        }
    }

    /// Bounds were taken back to where all rules had nothing more to say.
    pub fn settle(&mut self) {
        self.moved.fill(false);
    }

    /// What follows for pairs from a new bound.
    #[inline]
    pub fn propagate(&mut self, literal: Literal, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        let v = literal.var();
        if v >= self.first_variable {
            return if self.is_order(literal) { self.order(literal.half, trail) } else { Ok(()) };
        }
        for machine in [self.machine_of[v], self.freed_by[v]] {
            if machine != NONE {
                self.moved[machine as usize] = true;
            }
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

    /// What follows from the order of a pair.
    fn order(&mut self, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let machine = self.machine_of[self.pair(half).0] as usize;
        self.moved[machine] = true;
        self.open[machine] -= 1;
        let (from, to, lag) = self.arc(half);
        trail.push(Literal::at_least(to, trail.earliest(from) + lag), Reason::Order { first: half })?;
        trail.push(Literal::at_most(from, trail.latest(to) - lag), Reason::Order { first: half })?;
        let row = half as usize - 2 * self.first_variable;
        self.implied.of(row).iter().try_for_each(|&other| trail.push(ordered(other), Reason::Implied { first: half }))
    }
}
