//! Moves of operations, after which the topological order is repaired between the places alone; that finds every cycle.

use super::{Node, Orders, Shift};

impl Orders {
    /// Puts `x` on a machine that it may take, where it needs `duration`, right behind `y`, which is an operation there other than `x` or
    /// the sentinel of the machine; false, and nothing changes, if that made a cycle.
    pub fn insert(&mut self, x: Node, machine: u32, duration: i64, y: Node) -> bool {
        let (from, to) = (self.nodes[x as usize].before, self.nodes[x as usize].behind);
        self.link(from, to);
        let z = self.nodes[y as usize].behind;
        self.link(y, x);
        self.link(x, z);
        let position = self.position[x as usize];
        let window = if self.is_operation(y) && self.position[y as usize] > position {
            self.repair_behind(x, y)
        } else if self.is_operation(z) && self.position[z as usize] < position {
            self.repair_ahead(x, z)
        } else {
            Some((position as usize, position as usize + 1))
        };
        let Some((begin, end)) = window else {
            self.link(y, z);
            self.link(from, x);
            self.link(x, to);
            return false;
        };
        self.take_out(x);
        self.put_in(x, machine, y);
        self.nodes[x as usize].duration = duration;
        self.update(begin, end);
        true
    }

    /// Closes the gap that `x` leaves in the row of its machine.
    fn take_out(&mut self, x: Node) {
        let (machine, place) = (self.machine[x as usize] as usize, self.place[x as usize] as usize);
        let row = self.begin[machine];
        self.count[machine] -= 1;
        for k in place..self.count[machine] {
            let w = self.sequence[row + k + 1];
            self.sequence[row + k] = w;
            self.place[w as usize] = k as u32;
        }
    }

    /// Makes room for `x` behind `y` in the row of a machine.
    fn put_in(&mut self, x: Node, machine: u32, y: Node) {
        let place = if self.is_operation(y) { self.place[y as usize] as usize + 1 } else { 0 };
        let row = self.begin[machine as usize];
        for k in (place..self.count[machine as usize]).rev() {
            let w = self.sequence[row + k];
            self.sequence[row + k + 1] = w;
            self.place[w as usize] = k as u32 + 1;
        }
        self.count[machine as usize] += 1;
        self.sequence[row + place] = x;
        (self.machine[x as usize], self.place[x as usize]) = (machine, place as u32);
    }

    /// Moves `x` right behind or ahead of `y` on their machine; false, and nothing changes, if that made a cycle.
    pub fn shift(&mut self, x: Node, y: Node, shift: Shift) -> bool {
        let (from, to) = (self.nodes[x as usize].before, self.nodes[x as usize].behind);
        self.link(from, to);
        let (first, then) = match shift {
            Shift::Behind => (y, self.nodes[y as usize].behind),
            Shift::Ahead => (self.nodes[y as usize].before, y),
        };
        self.link(first, x);
        self.link(x, then);
        let window = match shift {
            Shift::Behind => self.repair_behind(x, y),
            Shift::Ahead => self.repair_ahead(x, y),
        };
        let Some((begin, end)) = window else {
            self.link(first, then);
            self.link(from, x);
            self.link(x, to);
            return false;
        };
        let row = self.begin[self.machine[x as usize] as usize];
        let (mut node, mut place) = match shift {
            Shift::Behind => (to, self.place[x as usize]),
            Shift::Ahead => (x, self.place[y as usize]),
        };
        let last = if shift == Shift::Behind { x } else { to };
        while node != last {
            self.place[node as usize] = place;
            self.sequence[row + place as usize] = node;
            (node, place) = (self.nodes[node as usize].behind, place + 1);
        }
        if shift == Shift::Behind {
            self.place[x as usize] = place;
            self.sequence[row + place as usize] = x;
        }
        self.update(begin, end);
        true
    }

    /// Puts `x`, and all between them that it leads to, behind `y` in the topological order; `None` if it leads to `y`.
    fn repair_behind(&mut self, x: Node, y: Node) -> Option<(usize, usize)> {
        let (begin, end) = (self.position[x as usize] as usize, self.position[y as usize] as usize + 1);
        self.moved.clear();
        let mut at = begin;
        for k in begin..end {
            let w = self.order[k] as usize;
            // The new neighbour on the machine in front of x is y, which is not marked when x is met.
            let marked = w == x as usize || self.marked[w - 1] || self.marked[self.nodes[w].before as usize];
            if marked {
                if w == y as usize {
                    self.moved.drain(..).for_each(|w| self.marked[w as usize] = false);
                    return None;
                }
                self.marked[w] = true;
                self.moved.push(w as Node);
            }
        }
        for k in begin..end {
            let w = self.order[k];
            if !self.marked[w as usize] {
                self.order[at] = w;
                self.position[w as usize] = at as u32;
                at += 1;
            }
        }
        for &w in &self.moved {
            self.marked[w as usize] = false;
            self.order[at] = w;
            self.position[w as usize] = at as u32;
            at += 1;
        }
        Some((begin, end))
    }

    /// Puts `x`, and all between them that lead to it, ahead of `y` in the topological order; `None` if `y` leads to it.
    fn repair_ahead(&mut self, x: Node, y: Node) -> Option<(usize, usize)> {
        let (begin, end) = (self.position[y as usize] as usize, self.position[x as usize] as usize + 1);
        self.moved.clear();
        for k in (begin..end).rev() {
            let w = self.order[k] as usize;
            let marked = w == x as usize || self.marked[w + 1] || self.marked[self.nodes[w].behind as usize];
            if marked {
                if w == y as usize {
                    self.moved.drain(..).for_each(|w| self.marked[w as usize] = false);
                    return None;
                }
                self.marked[w] = true;
                self.moved.push(w as Node);
            }
        }
        let mut at = end;
        for k in (begin..end).rev() {
            let w = self.order[k];
            if !self.marked[w as usize] {
                at -= 1;
                self.order[at] = w;
                self.position[w as usize] = at as u32;
            }
        }
        for &w in &self.moved {
            self.marked[w as usize] = false;
            at -= 1;
            self.order[at] = w;
            self.position[w as usize] = at as u32;
        }
        Some((begin, end))
    }
}
