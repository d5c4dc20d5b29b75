//! Propagators on starts alone: minimum distances, and pairs of intervals that must not overlap.

use super::lengths::Lengths;
use super::step_map::StepMap;
use super::trail::{Conflict, Literal, Reason, Trail};

/// Distances and pairs.
#[derive(Debug)]
pub struct Network {
    /// `(to, lag)` by half: `to >= from + lag`.
    arcs: Vec<Vec<(u32, i32)>>,
    /// `(other, map)` by half: the start of `other` is at least the map's value at this start, or at most such that its own value
    /// keeps to this start.
    mapped: Vec<Vec<(u32, u32)>>,
    maps: Vec<StepMap>,
    /// The literal on which further distances hold, and these by half.
    condition: Option<Literal>,
    conditional: Vec<Vec<(u32, i32)>>,
    /// The intervals that each one must not overlap, in either order.
    exclusive: Vec<Vec<u32>>,
    /// Right-open intervals of excluded starts, in order and apart.
    holes: Vec<Vec<(i32, i32)>>,
}

impl Network {
    /// A network without distances.
    pub fn new(exclusive: Vec<Vec<u32>>, holes: Vec<Vec<(i32, i32)>>) -> Self {
        let halves = 2 * exclusive.len();
        Self {
            arcs: vec![Vec::new(); halves],
            mapped: vec![Vec::new(); halves],
            maps: Vec::new(),
            condition: None,
            conditional: Vec::new(),
            exclusive,
            holes,
        }
    }

    /// Makes a variable the condition of distances that are kept for a while.
    pub fn set_condition(&mut self, variable: usize) {
        self.condition = Some(Literal::at_least(variable, 1));
        self.conditional = vec![Vec::new(); self.arcs.len()];
    }

    /// The literal on which distances are kept.
    pub fn condition(&self) -> Option<Literal> {
        self.condition
    }

    /// Keeps these distances `(from, to, lag)` from now on where the condition is true, in place of those kept before.
    pub fn keep(&mut self, arcs: &[(u32, u32, i32)]) {
        self.conditional.iter_mut().for_each(Vec::clear);
        for &(from, to, lag) in arcs {
            self.conditional[2 * from as usize].push((2 * to, lag));
            self.conditional[2 * to as usize + 1].push((2 * from + 1, lag));
        }
    }

    /// What follows from the distances that are kept, where the condition is true.
    fn follow_kept(&self, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let Some(condition) = self.condition else { return Ok(()) };
        if !trail.is_true(condition) {
            return Ok(());
        }
        if half == condition.half {
            return (0..self.conditional.len() as u32)
                .filter(|&other| other != half)
                .try_for_each(|half| self.follow_kept(half, trail));
        }
        let bound = trail.bound(half);
        for &(to, lag) in &self.conditional[half as usize] {
            trail.push(Literal { half: to, bound: bound + lag }, Reason::Kept { from: half, lag })?;
        }
        Ok(())
    }

    /// The literals that made `Reason::Kept` hold for `literal`.
    pub fn explain_kept(&self, literal: Literal, from: u32, lag: i32) -> [Literal; 2] {
        let condition = self.condition.expect("it gave this reason");
        [Literal { half: from, bound: literal.bound - lag }, condition]
    }

    /// `S_j >= S_i + lag`.
    pub fn add_arc(&mut self, i: usize, j: usize, lag: i32) {
        self.arcs[2 * i].push((2 * j as u32, lag));
        self.arcs[2 * j + 1].push((2 * i as u32 + 1, lag));
    }

    /// The least distances from an interval: `(to, lag)`, where half `to` is a start.
    pub fn distances(&self, i: usize) -> &[(u32, i32)] {
        &self.arcs[2 * i]
    }

    /// `S_j >= map(S_i)`.
    pub fn add_map(&mut self, i: usize, j: usize, map: StepMap) {
        let number = self.maps.len() as u32;
        self.mapped[2 * i].push((j as u32, number));
        self.mapped[2 * j + 1].push((i as u32, number));
        self.maps.push(map);
    }

    /// What follows from the first bounds of all starts.
    pub fn start<L: Lengths>(&self, lengths: &L, trail: &mut Trail) -> Result<(), Conflict> {
        (0..self.arcs.len() as u32).try_for_each(|half| self.propagate(lengths, half, trail))
    }

    /// What follows from a bound of `half`.
    pub fn propagate<L: Lengths>(&self, lengths: &L, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        if L::GENERAL {
            self.leave_hole(half, trail)?;
        }
        let bound = trail.bound(half);
        for &(to, lag) in &self.arcs[half as usize] {
            trail.push(Literal { half: to, bound: bound + lag }, Reason::Arc { from: half, lag })?;
        }
        if self.condition.is_some() {
            self.follow_kept(half, trail)?;
        }
        if L::GENERAL {
            self.follow_maps(half, trail)?;
        }
        let i = half as usize / 2;
        for &j in &self.exclusive[i] {
            Self::order(lengths, i, j as usize, trail)?;
            Self::order(lengths, j as usize, i, trail)?;
        }
        Ok(())
    }

    /// Moves a bound that lies in a hole to the other side of it.
    fn leave_hole(&self, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let (i, lower) = (half as usize / 2, half.is_multiple_of(2));
        let start = if lower { trail.earliest(i) } else { trail.latest(i) };
        let holes = &self.holes[i];
        let next = holes.partition_point(|&(from, _)| from <= start);
        if next == 0 || holes[next - 1].1 <= start {
            return Ok(());
        }
        let (from, to) = holes[next - 1];
        if lower {
            trail.push(Literal::at_least(i, to), Reason::Hole { mark: from })
        } else {
            trail.push(Literal::at_most(i, from - 1), Reason::Hole { mark: to - 1 })
        }
    }

    fn follow_maps(&self, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let (i, lower) = (half as usize / 2, half.is_multiple_of(2));
        for &(other, map) in &self.mapped[half as usize] {
            let function = &self.maps[map as usize];
            let literal = if lower {
                Literal::at_least(other as usize, function.at(trail.earliest(i)))
            } else {
                Literal::at_most(other as usize, function.inverse(trail.latest(i) + 1) - 1)
            };
            trail.push(literal, Reason::Map { other: i as u32, map })?;
        }
        Ok(())
    }

    /// If `late` cannot complete before `early` must start, it comes after it.
    #[inline]
    fn order<L: Lengths>(lengths: &L, late: usize, early: usize, trail: &mut Trail) -> Result<(), Conflict> {
        let mark = lengths.start_for(late, trail.latest(early) + 1);
        if trail.earliest(late) < mark {
            return Ok(());
        }
        let after = lengths.end(early, trail.earliest(early));
        trail.push(Literal::at_least(late, after), Reason::Pair { other: early as u32, mark })?;
        let before = lengths.start_for(early, trail.latest(late) + 1) - 1;
        trail.push(Literal::at_most(early, before), Reason::Pair { other: late as u32, mark })
    }

    /// The literal that made `Reason::Hole` hold for `literal`.
    pub fn explain_hole(literal: Literal, mark: i32) -> Literal {
        let i = literal.var();
        if literal.is_lower() { Literal::at_least(i, mark) } else { Literal::at_most(i, mark) }
    }

    /// The literal that made `Reason::Map` hold for `literal`.
    pub fn explain_map(&self, literal: Literal, other: usize, map: u32) -> Literal {
        let function = &self.maps[map as usize];
        if literal.is_lower() {
            Literal::at_least(other, function.inverse(literal.bound))
        } else {
            Literal::at_most(other, function.at(1 - literal.bound) - 1)
        }
    }

    /// The literals that made `Reason::Pair` hold for `literal`.
    pub fn explain_pair<L: Lengths>(lengths: &L, literal: Literal, other: usize, mark: i32, literals: &mut Vec<Literal>) {
        let i = literal.var();
        let (late, early) = if literal.is_lower() { (i, other) } else { (other, i) };
        literals.push(Literal::at_least(late, mark));
        literals.push(Literal::at_most(early, lengths.end(late, mark) - 1));
        literals.push(if i == late {
            Literal::at_least(early, lengths.start_for(early, literal.bound))
        } else {
            Literal::at_most(late, lengths.end(early, 1 - literal.bound) - 1)
        });
    }
}
