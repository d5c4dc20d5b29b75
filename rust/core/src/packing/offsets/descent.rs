//! The tree of the search for offsets: buffers are placed one after the other, with a stack of its own.

use std::ops::Range;

use super::exact::{Exact, NONE, Outcome};

/// The islands that remain beside the last placed buffer; they are searched one after the other.
struct Division {
    /// The first island on the stack, the one that is searched, and the one after the last.
    first: usize,
    at: usize,
    end: usize,
    /// Where the members of these islands begin on the stack.
    members: usize,
    /// The offset and the rank that the next buffers have at least.
    floor: (i64, u32),
}

/// An island whose buffers are tried as the next one, in turn.
struct Attempt {
    /// The first candidate on the stack, and the one that is tried.
    first: usize,
    at: usize,
    /// Where the blame for the dead ends of all candidates is on the stack.
    blamed: usize,
    /// Whether the candidate is placed, with islands of its own.
    is_placed: bool,
    /// Whether what the candidate raised fits, and the number of raised buffers before it.
    fits: bool,
    raised: usize,
}

/// What an attempt has come to.
enum Step {
    /// A candidate is placed, and leaves these islands.
    Placed(Division),
    /// No candidate can be the next buffer.
    Failed,
    /// The nodes allowed are used up, or the search was stopped.
    Stopped,
}

impl Exact<'_> {
    /// Searches all islands of the members on the stack.
    pub(super) fn descend(&mut self) -> Outcome {
        let all = 0..self.stacks.members.len();
        let mut divisions = vec![self.division(all, NONE, (0, 0))];
        let mut attempts: Vec<Attempt> = Vec::new();
        while let Some(division) = divisions.last() {
            if division.at < division.end {
                attempts.push(self.attempt(division));
            } else {
                self.leave(division);
                divisions.pop();
                if let (Some(attempt), Some(before)) = (attempts.pop(), divisions.last_mut()) {
                    self.forget(&attempt);
                    before.at += 1;
                }
                continue;
            }
            loop {
                let (Some(division), Some(attempt)) = (divisions.last(), attempts.last_mut()) else { return Outcome::Refuted };
                match self.next(division, attempt) {
                    Step::Placed(division) => {
                        divisions.push(division);
                        break;
                    }
                    Step::Stopped => return Outcome::Stopped,
                    Step::Failed => {
                        self.forget(attempt);
                        self.empty(division);
                        self.leave(division);
                        attempts.pop();
                        divisions.pop();
                    }
                }
            }
        }
        Outcome::Found
    }

    /// The islands of the members in a range of the stack, without one of them: those with the least space beyond their needs first.
    fn division(&mut self, members: Range<usize>, without: u32, floor: (i64, u32)) -> Division {
        let (first, bottom) = (self.stacks.islands.len(), self.stacks.members.len());
        self.divide(members, without);
        self.stacks.islands[first..].sort_unstable_by_key(|island| (island.highest - island.lowest, island.members.start));
        Division { first, at: first, end: self.stacks.islands.len(), members: bottom, floor }
    }

    /// Takes the buffers of the islands that were searched off their places.
    fn empty(&mut self, division: &Division) {
        for done in division.first..division.at {
            for at in self.stacks.islands[done].members.clone() {
                self.unplace(self.stacks.members[at] as usize);
            }
        }
    }

    /// Takes the islands of a division off the stacks.
    fn leave(&mut self, division: &Division) {
        self.stacks.islands.truncate(division.first);
        self.stacks.members.truncate(division.members);
    }

    /// The buffers of the current island that may be the next one.
    fn attempt(&mut self, division: &Division) -> Attempt {
        let island = &self.stacks.islands[division.at];
        // Above the lowest top that an unplaced buffer can have there is a gap which that buffer fills.
        let highest = island.highest.min(island.lowest_top - 1);
        let (first, blamed) = (self.stacks.candidates.len(), self.stacks.blamed.len());
        for &i in &self.stacks.members[island.members.clone()] {
            let (offset, rank) = (self.offset[i as usize], self.rank[i as usize]);
            if offset <= highest && (offset, rank) >= division.floor {
                self.stacks.candidates.push((offset, rank, i));
            }
        }
        self.stacks.candidates[first..].sort_unstable();
        self.stacks.blamed.resize(blamed + self.blamed.len(), 0);
        Attempt { first, at: first, blamed, is_placed: false, fits: false, raised: 0 }
    }

    /// Takes the candidates of an attempt off the stacks.
    fn forget(&mut self, attempt: &Attempt) {
        self.stacks.candidates.truncate(attempt.first);
        self.stacks.blamed.truncate(attempt.blamed);
    }

    /// Places the next candidate that leaves enough space for all others, after the one before it has failed.
    fn next(&mut self, division: &Division, attempt: &mut Attempt) -> Step {
        let members = self.stacks.islands[division.at].members.clone();
        if attempt.is_placed && !self.reject(attempt) {
            return Step::Failed;
        }
        while attempt.at < self.stacks.candidates.len() {
            let i = self.stacks.candidates[attempt.at].2 as usize;
            let kind = |i: usize| (self.model.buffers.start[i], self.model.buffers.end[i], self.model.buffers.size[i]);
            if self.stacks.candidates[attempt.first..attempt.at].iter().any(|other| kind(other.2 as usize) == kind(i)) {
                attempt.at += 1; // an equal buffer of a lower rank failed here
                continue;
            }
            if self.most_nodes == 0 || (self.node)(4 * members.len() as u64) {
                return Step::Stopped;
            }
            self.most_nodes -= 1;
            attempt.raised = self.stacks.raised.len();
            self.place(i);
            let touched = self.raise(i);
            attempt.fits = touched.is_some();
            if let Some(range) = touched
                && self.sections_fit(range)
            {
                attempt.is_placed = true;
                return Step::Placed(self.division(members, i as u32, (self.offset[i], self.rank[i])));
            }
            if !self.reject(attempt) {
                return Step::Failed;
            }
        }
        self.blamed.copy_from_slice(&self.stacks.blamed[attempt.blamed..]);
        let sections = self.stacks.islands[division.at].sections.clone();
        if let Some(fullest) = sections.max_by_key(|&section| self.remaining[section]) {
            self.blame(fullest);
        }
        Step::Failed
    }

    /// Takes the candidate back, so that everything is as before it, and goes on to the next one that may do better. False if none can.
    fn reject(&mut self, attempt: &mut Attempt) -> bool {
        attempt.is_placed = false;
        while self.stacks.raised.len() > attempt.raised {
            if let Some((j, offset, cause)) = self.stacks.raised.pop() {
                (self.offset[j as usize], self.cause[j as usize]) = (offset, cause);
            }
        }
        let i = self.stacks.candidates[attempt.at].2 as usize;
        self.unplace(i);
        if self.jumps && self.blamed[i / 64] >> (i % 64) & 1 == 0 {
            return false; // with the same blame
        }
        self.stacks.blamed[attempt.blamed..].iter_mut().zip(&self.blamed).for_each(|(all, blamed)| *all |= blamed);
        self.stacks.blamed[attempt.blamed + i / 64] &= !(1 << (i % 64));
        let is_covered = self.model.neighbours[i].iter().any(|&j| !self.placed[j as usize]);
        // If nothing lies on it, its place is not to blame.
        attempt.at = if attempt.fits && !is_covered { self.stacks.candidates.len() } else { attempt.at + 1 };
        true
    }
}
