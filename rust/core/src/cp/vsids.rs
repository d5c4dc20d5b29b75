//! Which literal to decide next: one that recent conflicts involve (VSIDS, variable state independent decaying sum, Moskewicz et al.
//! 2001).

use super::trail::Literal;

/// `S_var >= time`, as a number.
type Atom = u32;

/// A heap of atoms by score; ties by number.
#[derive(Debug)]
pub struct Vsids {
    variables: usize,
    slots: usize,
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
        Self { variables, slots, score: vec![0.0; atoms], place: vec![ABSENT; atoms], heap: Vec::new(), step: 1.0 }
    }

    fn atom(&self, literal: Literal) -> Atom {
        let time = if literal.is_lower() { literal.bound } else { 1 - literal.bound };
        (literal.var() * self.slots) as u32 + time as u32
    }

    /// Raises the score of a literal.
    pub fn bump(&mut self, literal: Literal) {
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

    /// Makes a literal that is undecided again eligible.
    pub fn put_back(&mut self, literal: Literal) {
        let atom = self.atom(literal);
        if self.score[atom as usize] > 0.0 {
            self.insert(atom);
        }
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
        Some((variable, (top as usize - variable * self.slots) as i32))
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
