//! Which literal to decide next: one that recent conflicts involve (VSIDS, variable state independent decaying sum, Moskewicz et al.
//! 2001).

use super::trail::Literal;

/// `S_var >= time`, as a number.
type Atom = u32;

/// A heap of atoms by score; ties by number.
#[derive(Debug)]
pub struct Vsids {
    /// The variables that have atoms: the first one, and how many.
    first: usize,
    variables: usize,
    /// Atoms of a variable, and the time of the first one.
    slots: usize,
    begin: i32,
    /// Whether atoms without a score are eligible.
    always: bool,
    score: Vec<f64>,
    /// Where each atom stands in the heap.
    place: Vec<u32>,
    heap: Vec<Atom>,
    step: f64,
}

const ABSENT: u32 = u32::MAX;

impl Vsids {
    /// For start times from 0 to `slots`, but for the last variable, which ends at `objective`.
    pub fn new(variables: usize, slots: i32, objective: i32) -> Self {
        let slots = slots as usize + 2;
        let atoms = (variables - 1) * slots + (objective as usize + 2).max(slots);
        let (score, place) = (vec![0.0; atoms], vec![ABSENT; atoms]);
        Self { first: 0, variables, slots, begin: 0, always: false, score, place, heap: Vec::new(), step: 1.0 }
    }

    /// For variables that are 0 or 1 alone, from `first` on. All are eligible from the start.
    pub fn of_flags(first: usize, count: usize) -> Self {
        let (score, place, heap) = (vec![0.0; count], (0..count as u32).collect(), (0..count as u32).collect());
        Self { first, variables: count, slots: 1, begin: 1, always: true, score, place, heap, step: 1.0 }
    }

    fn knows(&self, half: u32) -> bool {
        (half as usize / 2).wrapping_sub(self.first) < self.variables
    }

    fn atom(&self, literal: Literal) -> Atom {
        let time = if literal.is_lower() { literal.bound } else { 1 - literal.bound };
        ((literal.var() - self.first) * self.slots) as u32 + (time - self.begin) as u32
    }

    /// Raises the score of a literal.
    pub fn bump(&mut self, literal: Literal) {
        if !self.knows(literal.half) {
            return;
        }
        let atom = self.atom(literal);
        self.score[atom as usize] += self.step;
        if self.score[atom as usize] > 1e100 {
            self.score.iter_mut().for_each(|score| *score *= 1e-100);
            self.step *= 1e-100;
        }
        self.insert(atom);
        self.rise(self.place[atom as usize] as usize);
    }

    /// Lowers all scores a little against those to come.
    pub fn decay(&mut self, factor: f64) {
        self.step /= factor;
    }

    /// Makes the literals that are undecided again, where the bound of `half` falls from `bound` to `old`, eligible.
    pub fn put_back(&mut self, half: u32, old: i32, bound: i32) {
        if !self.knows(half) {
            return;
        }
        for bound in old + 1..=bound {
            let atom = self.atom(Literal { half, bound });
            if self.always || self.score[atom as usize] > 0.0 {
                self.insert(atom);
            }
        }
    }

    /// Makes a variable that is 0 or 1 eligible again.
    pub fn restore(&mut self, variable: usize) {
        self.insert((variable - self.first) as Atom);
    }

    /// Takes the atom of the highest score, as (variable, time).
    pub fn pop(&mut self) -> Option<(usize, i32)> {
        let &top = self.heap.first()?;
        self.place[top as usize] = ABSENT;
        let last = self.heap.pop().expect("there is a first");
        if last != top {
            self.heap[0] = last;
            self.place[last as usize] = 0;
            self.sink();
        }
        let variable = (top as usize / self.slots).min(self.variables - 1);
        Some((variable + self.first, (top as usize - variable * self.slots) as i32 + self.begin))
    }

    fn insert(&mut self, atom: Atom) {
        if self.place[atom as usize] == ABSENT {
            self.place[atom as usize] = self.heap.len() as u32;
            self.heap.push(atom);
            self.rise(self.heap.len() - 1);
        }
    }

    fn before(&self, a: Atom, b: Atom) -> bool {
        let (x, y) = (self.score[a as usize], self.score[b as usize]);
        x > y || (x == y && a < b)
    }

    fn rise(&mut self, mut k: usize) {
        let atom = self.heap[k];
        while k > 0 {
            let parent = (k - 1) / 2;
            if !self.before(atom, self.heap[parent]) {
                break;
            }
            self.heap[k] = self.heap[parent];
            self.place[self.heap[k] as usize] = k as u32;
            k = parent;
        }
        self.heap[k] = atom;
        self.place[atom as usize] = k as u32;
    }

    fn sink(&mut self) {
        let (mut k, atom) = (0, self.heap[0]);
        loop {
            let mut child = 2 * k + 1;
            if child >= self.heap.len() {
                break;
            }
            if child + 1 < self.heap.len() && self.before(self.heap[child + 1], self.heap[child]) {
                child += 1;
            }
            if !self.before(self.heap[child], atom) {
                break;
            }
            self.heap[k] = self.heap[child];
            self.place[self.heap[k] as usize] = k as u32;
            k = child;
        }
        self.heap[k] = atom;
        self.place[atom as usize] = k as u32;
    }
}
