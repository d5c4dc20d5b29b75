//! Bounds on start times, and the trail of how they came about.
//!
//! A variable is the start `S_i` of an interval and has two *halves*: half `2 i` is `S_i`, half `2 i + 1` is `-S_i`. A literal says
//! that a half is at least a number. Both bounds of a start are therefore lower bounds of halves, and every rule is written once for
//! both directions of time.

use super::choices::Rule;

/// `half >= bound`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Literal {
    pub half: u32,
    pub bound: i32,
}

impl Literal {
    /// `S_var >= time`.
    pub fn at_least(var: usize, time: i32) -> Self {
        Self { half: 2 * var as u32, bound: time }
    }

    /// `S_var <= time`.
    pub fn at_most(var: usize, time: i32) -> Self {
        Self { half: 2 * var as u32 + 1, bound: -time }
    }

    /// What holds if this does not.
    pub fn negated(self) -> Self {
        Self { half: self.half ^ 1, bound: 1 - self.bound }
    }

    /// Whether it bounds the start from below.
    pub fn is_lower(self) -> bool {
        self.half.is_multiple_of(2)
    }

    /// The variable that it bounds.
    pub fn var(self) -> usize {
        self.half as usize / 2
    }
}

/// Why a bound holds; the explanation is worked out only if a conflict asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Assumed.
    Decision,
    /// A clause whose other literals are false.
    Clause(u32),
    /// `half >= from + lag`.
    Arc { from: u32, lag: i32 },
    /// `half >= from + lag`, which is kept for a while.
    Kept { from: u32, lag: i32 },
    /// A distance that depends on the start of `other`, by the map of this number.
    Map { other: u32, map: u32 },
    /// Two intervals that must not overlap, in the only order left: the later one starts at `mark` or later, which is too late
    /// for it to come first.
    Pair { other: u32, mark: i32 },
    /// The start is excluded from an interval of time, whose first or last slot, on the side that it came from, is `mark`.
    Hole { mark: i32 },
    /// The order of a pair on a machine: this half of its variable.
    Order { first: u32 },
    /// One interval of a pair starts at `mark` or later, which is too late for it to come first.
    Late { mark: i32 },
    /// An interval on a machine, in the direction of time `side`, does not fit between `from` and `until` with those that lie there.
    Edge { side: u8, machine: u16, from: i32, until: i32 },
    /// An interval that may be on a machine does not fit between `from` and `until` with those that lie there.
    Absent { machine: u16, from: i32, until: i32 },
    /// A set of machines would have too little time for its work.
    Load { set: u32 },
    /// What must come before an interval on a machine begins at `from` or later.
    Behind { interval: u32, machine: u16, from: i32 },
    /// The order of a pair on a machine, this half of its variable, which implies others.
    Implied { first: u32 },
    /// The slot at which what must run leaves too little of some resource.
    Cumulative { slot: i32 },
    /// What the intervals cost together.
    Costs,
    /// A level that would fall below 0 at a moment.
    Reservoir { level: u32, moment: i32 },
    /// A rule on intervals with options; `at` is the slot, where the rule is about one.
    Choices { rule: Rule, at: i32 },
}

/// Why there is no solution below the present node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// All literals of a clause are false.
    Clause(u32),
    /// What must run in this slot exceeds a capacity.
    Overload(i32),
    /// What must run in this slot, whatever is chosen, exceeds the capacity of this resource.
    Full { resource: u32, slot: i32 },
    /// What all choices use up at least exceeds this stock.
    Stock(u32),
    /// This level falls below 0 at a moment, whatever is decided further.
    Empty { level: u32, moment: i32 },
    /// What lies between these times on a machine does not fit there.
    Overloaded { machine: u32, from: i32, until: i32 },
    /// This set of machines has too little time for its work.
    Load { set: u32 },
    /// The orders of a cycle.
    Cycle,
    /// A bound that contradicts the opposite one.
    Crossed(Literal, Reason),
}

#[derive(Debug, Clone, Copy)]
pub struct TrailEntry {
    pub half: u32,
    pub bound: i32,
    pub old: i32,
    previous: u32,
    pub reason: Reason,
}

impl TrailEntry {
    pub fn literal(&self) -> Literal {
        Literal { half: self.half, bound: self.bound }
    }
}

/// No entry: true at the root.
pub const ROOT: u32 = u32::MAX;

/// Present bounds, and every change since the root.
#[derive(Debug)]
pub struct Trail {
    bound: Vec<i32>,
    /// The latest entry of each half.
    last: Vec<u32>,
    entries: Vec<TrailEntry>,
    /// Where each decision level begins.
    levels: Vec<u32>,
}

impl Trail {
    /// Starts between 0 and `latest`, but for the last variable, which ends at `objective`.
    pub fn new(variables: usize, latest: i32, objective: i32) -> Self {
        let mut bound: Vec<i32> = (0..2 * variables).map(|half| if half % 2 == 0 { 0 } else { -latest }).collect();
        bound[2 * variables - 1] = -objective;
        Self { bound, last: vec![ROOT; 2 * variables], entries: Vec::new(), levels: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn entry(&self, index: usize) -> TrailEntry {
        self.entries[index]
    }

    pub fn level(&self) -> usize {
        self.levels.len()
    }

    #[inline]
    pub fn bound(&self, half: u32) -> i32 {
        self.bound[half as usize]
    }

    #[inline]
    pub fn earliest(&self, var: usize) -> i32 {
        self.bound[2 * var]
    }

    #[inline]
    pub fn latest(&self, var: usize) -> i32 {
        -self.bound[2 * var + 1]
    }

    pub fn is_fixed(&self, var: usize) -> bool {
        self.bound[2 * var] + self.bound[2 * var + 1] == 0
    }

    #[inline]
    pub fn is_true(&self, literal: Literal) -> bool {
        self.bound[literal.half as usize] >= literal.bound
    }

    #[inline]
    pub fn is_false(&self, literal: Literal) -> bool {
        self.is_true(literal.negated())
    }

    /// Makes a literal true.
    #[inline]
    pub fn push(&mut self, literal: Literal, reason: Reason) -> Result<(), Conflict> {
        let Literal { half, bound } = literal;
        let old = self.bound[half as usize];
        if bound <= old {
            return Ok(());
        }
        if bound > -self.bound[half as usize ^ 1] {
            return Err(Conflict::Crossed(literal, reason));
        }
        self.entries.push(TrailEntry { half, bound, old, previous: self.last[half as usize], reason });
        self.last[half as usize] = self.entries.len() as u32 - 1;
        self.bound[half as usize] = bound;
        Ok(())
    }

    pub fn new_level(&mut self) {
        self.levels.push(self.entries.len() as u32);
    }

    /// Takes back the latest entry if it lies above `level`.
    pub fn pop_above(&mut self, level: usize) -> Option<TrailEntry> {
        let &start = self.levels.get(level)?;
        if self.entries.len() > start as usize {
            let entry = self.entries.pop()?;
            self.bound[entry.half as usize] = entry.old;
            self.last[entry.half as usize] = entry.previous;
            return Some(entry);
        }
        self.levels.truncate(level);
        None
    }

    /// At the root: what holds now holds for ever.
    pub fn commit(&mut self) {
        debug_assert_eq!(self.level(), 0);
        for entry in self.entries.drain(..) {
            self.last[entry.half as usize] = ROOT;
        }
    }

    /// Whether a literal was true when the trail was `position` long.
    pub fn was_true(&self, literal: Literal, position: u32) -> bool {
        if !self.is_true(literal) {
            return false;
        }
        let since = self.position(literal);
        since == ROOT || since < position
    }

    /// The entry that made a true literal true.
    pub fn position(&self, literal: Literal) -> u32 {
        let mut index = self.last[literal.half as usize];
        while index != ROOT && self.entries[index as usize].old >= literal.bound {
            index = self.entries[index as usize].previous;
        }
        index
    }

    /// The bound of a half when the trail was `position` long; at 0, the one that holds for ever.
    pub fn bound_at(&self, half: u32, position: u32) -> i32 {
        let (mut bound, mut index) = (self.bound[half as usize], self.last[half as usize]);
        while index != ROOT && index >= position {
            let entry = self.entries[index as usize];
            (bound, index) = (entry.old, entry.previous);
        }
        bound
    }

    /// Whether an entry was assumed.
    pub fn is_decision(&self, position: u32) -> bool {
        self.entries[position as usize].reason == Reason::Decision
    }

    /// The decision level of an entry; 0 for the root.
    pub fn level_of(&self, position: u32) -> usize {
        if position == ROOT { 0 } else { self.levels.partition_point(|&start| start <= position) }
    }

    /// Where the present level begins.
    pub fn level_start(&self) -> u32 {
        self.levels.last().copied().unwrap_or(0)
    }
}
