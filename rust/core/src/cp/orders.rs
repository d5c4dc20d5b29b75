//! Machines that run one interval at a time, where the order of each pair is a variable of its own.
//!
//! The variable of a pair is 1 if the first one of it comes first, and 0 if the second one does. Both bounds of such a variable are
//! literals as those of starts are, so decisions and clauses can be about the order alone (Grimes and Hebrard 2015; Bit-Monnot 2023):
//! once all pairs are ordered, every interval may start at its earliest start.
//!
//! Pairs are looked at with each bound that moves; the rules for sets of intervals ([`sets`]) wait until pairs have no more to say.

mod cycle;
mod explain;
mod sets;

use super::lengths::Lengths;
use super::theta_tree::ThetaTree;
use super::trail::{Conflict, Literal, Reason, Trail};

/// No variable: the order of the pair is not asked for.
const NONE: u32 = u32::MAX;

/// The other interval of a pair, and the half of its variable that says that the own interval comes first.
#[derive(Debug, Clone, Copy)]
struct Rival {
    other: u32,
    first: u32,
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
    /// The machine of each interval.
    machine_of: Vec<u32>,
    /// The variable of the first pair; the others follow.
    pub(super) first_variable: usize,
    /// The intervals of each pair.
    pairs: Vec<(u32, u32)>,
    /// The pairs of interval `i` are those from `offset[i]` up to `offset[i + 1]`.
    offset: Vec<u32>,
    rivals: Vec<Rival>,
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
    /// Machines with their intervals, each on one machine at most, and the pairs of members whose order is open. The variables of pairs
    /// are numbered from `first_variable` on; intervals have smaller numbers.
    #[must_use]
    pub fn new(machines: Vec<Vec<u32>>, pairs: Vec<(u32, u32)>, first_variable: usize) -> Self {
        let mut of: Vec<Vec<Rival>> = vec![Vec::new(); first_variable];
        for (k, &(i, j)) in pairs.iter().enumerate() {
            let half = 2 * (first_variable + k) as u32;
            of[i as usize].push(Rival { other: j, first: half });
            of[j as usize].push(Rival { other: i, first: half + 1 });
        }
        let mut machine_of = vec![NONE; first_variable];
        let mut place = vec![0; first_variable];
        let laid_out = |(m, members): (usize, Vec<u32>)| {
            for (k, &i) in members.iter().enumerate() {
                (machine_of[i as usize], place[i as usize]) = (m as u32, k);
            }
            let mut before = vec![NONE; members.len() * members.len()];
            for (k, &i) in members.iter().enumerate() {
                for &Rival { other, first } in &of[i as usize] {
                    if let Some(column) = members.iter().position(|&j| j == other) {
                        before[k * members.len() + column] = first;
                    }
                }
            }
            let order: Vec<u32> = (0..members.len() as u32).collect();
            Machine { members, before, by_start: order.clone(), by_end: order }
        };
        let machines: Vec<Machine> = machines.into_iter().enumerate().map(laid_out).collect();
        let mut offset = vec![0];
        let mut rivals = Vec::new();
        for row in of {
            rivals.extend(row);
            offset.push(rivals.len() as u32);
        }
        let moved = vec![true; machines.len()];
        let mut open = vec![0; machines.len()];
        for &(i, _) in &pairs {
            open[machine_of[i as usize] as usize] += 1;
        }
        Self {
            machines,
            machine_of,
            first_variable,
            pairs,
            offset,
            rivals,
            moved,
            open,
            cycle: Vec::new(),
            tree: ThetaTree::default(),
            window: Vec::new(),
        }
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
        let (i, j) = self.pairs[half as usize / 2 - self.first_variable];
        if half.is_multiple_of(2) { (i as usize, j as usize) } else { (j as usize, i as usize) }
    }

    fn rivals(&self, i: usize) -> &[Rival] {
        &self.rivals[self.offset[i] as usize..self.offset[i + 1] as usize]
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
    pub fn propagate<L: Lengths>(
        &mut self,
        lengths: &L,
        literal: Literal,
        trail: &mut Trail,
        work: &mut u64,
    ) -> Result<(), Conflict> {
        let half = literal.half;
        let v = literal.var();
        if v >= self.first_variable {
            return if self.is_order(literal) { self.order(lengths, half, trail) } else { Ok(()) };
        }
        let i = v;
        *work += self.rivals(i).len() as u64 / 16;
        if self.machine_of[i] != NONE {
            self.moved[self.machine_of[i] as usize] = true;
        }
        if half.is_multiple_of(2) {
            let end = lengths.end(i, trail.earliest(i));
            for &Rival { other, first } in self.rivals(i) {
                if trail.is_true(ordered(first)) {
                    trail.push(Literal::at_least(other as usize, end), Reason::Order { first })?;
                } else if trail.latest(other as usize) < end && !trail.is_false(ordered(first)) {
                    self.forbid(lengths, first, trail)?;
                }
            }
        } else {
            let latest = trail.latest(i);
            for &Rival { other, first } in self.rivals(i) {
                let (other, last) = (other as usize, first ^ 1);
                if trail.is_true(ordered(last)) {
                    let before = lengths.start_for(other, latest + 1) - 1;
                    trail.push(Literal::at_most(other, before), Reason::Order { first: last })?;
                } else if latest < lengths.end(other, trail.earliest(other)) && !trail.is_false(ordered(last)) {
                    self.forbid(lengths, last, trail)?;
                }
            }
        }
        Ok(())
    }

    /// The first interval of a pair completes too late to come first.
    fn forbid<L: Lengths>(&self, lengths: &L, first: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let (late, early) = self.pair(first);
        let mark = lengths.start_for(late, trail.latest(early) + 1);
        trail.push(ordered(first ^ 1), Reason::Late { mark })
    }

    /// What follows from the order of a pair.
    fn order<L: Lengths>(&mut self, lengths: &L, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let (i, j) = self.pair(half);
        let machine = self.machine_of[i] as usize;
        self.moved[machine] = true;
        self.open[machine] -= 1;
        trail.push(Literal::at_least(j, lengths.end(i, trail.earliest(i))), Reason::Order { first: half })?;
        let before = lengths.start_for(i, trail.latest(j) + 1) - 1;
        trail.push(Literal::at_most(i, before), Reason::Order { first: half })
    }
}
