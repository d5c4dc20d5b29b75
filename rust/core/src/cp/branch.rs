//! Branching, learning and restarts.

use super::conflict_search::{ConflictSearch, DECAY, REDUCTION, RESTART, SearchEvent};
use super::lengths::Lengths;
use super::trail::{Conflict, Literal, Reason};

impl<L: Lengths> ConflictSearch<L> {
    /// Searches for a solution within the limit or the proof that there is none, until the effort reaches `most_work` (but for one conflict at
    /// least, so that every call learns something) or `stop` says so, which gets the effort since it was last asked, in bounds of
    /// start times looked at. The next call goes on where this one paused.
    ///
    /// Every second run between two restarts assumes the least objective not yet refuted, the others the largest within the limit:
    /// what both learn holds for each.
    pub fn run(&mut self, most_work: u64, mut stop: impl FnMut(u64) -> bool) -> SearchEvent {
        loop {
            if self.refuted {
                return SearchEvent::Refuted;
            }
            if self.trail.level() == 0 {
                self.restart();
            }
            if let Some(event) = self.descend(most_work, &mut stop) {
                return event;
            }
        }
    }

    /// Settles how the next run goes, at the root.
    fn restart(&mut self) {
        if self.conflicts >= self.next_reduction {
            self.at_root(true);
            if self.refuted {
                return;
            }
            self.propagators.clauses.reduce(&self.trail);
            self.next_reduction = self.conflicts + REDUCTION / 2 + self.propagators.clauses.len() as u64;
        }
        self.target = if self.restarts.is_multiple_of(2) { self.most() } else { self.last_equal(self.least()) };
        self.restarts += 1;
        self.restart_at = self.conflicts + RESTART * luby(self.restarts);
    }

    /// One run, until the conflicts reach `restart_at`, or `target` is refuted.
    fn descend(&mut self, most_work: u64, stop: &mut impl FnMut(u64) -> bool) -> Option<SearchEvent> {
        let mut known = self.work;
        loop {
            match self.propagators.propagate(&mut self.trail, &mut self.work) {
                Err(conflict) => {
                    self.resolve(conflict);
                    if self.refuted {
                        return None;
                    }
                    if self.work >= most_work {
                        return Some(SearchEvent::Paused);
                    }
                }
                Ok(()) if self.trail.level() == 0 => {
                    self.at_root(true);
                    if self.refuted || self.conflicts >= self.restart_at || self.target < self.least() {
                        return None;
                    }
                    self.assume(Literal::at_most(self.objective(), self.target));
                }
                Ok(()) if self.conflicts >= self.restart_at => self.return_to(0),
                Ok(()) => match self.choose() {
                    Some(literal) => self.assume(literal),
                    None => return Some(SearchEvent::Solution(self.starts())),
                },
            }
            let work = self.work - std::mem::replace(&mut known, self.work);
            if stop(work) {
                return Some(SearchEvent::Paused);
            }
        }
    }

    pub(super) fn assume(&mut self, literal: Literal) {
        self.trail.new_level();
        self.trail.push(literal, Reason::Decision).expect("it is undecided");
    }

    /// The undecided literal of the highest score, the way the best known solution has it; where there is none, the interval that can
    /// start first starts as early as possible.
    pub(super) fn choose(&mut self) -> Option<Literal> {
        if let Some(orders) = &mut self.propagators.orders {
            orders.take_activated().for_each(|v| self.scores.restore(v));
        }
        while let Some((i, time)) = self.scores.pop() {
            let is_open = time > self.trail.earliest(i) && time <= self.trail.latest(i);
            let orders = self.propagators.orders.as_ref();
            if is_open && orders.is_none_or(|orders| orders.is_wanted(&self.trail, i)) {
                let literal = Literal::at_least(i, time);
                return Some(if self.guide[i] >= time { literal } else { literal.negated() });
            }
        }
        if let Some(choices) = &self.propagators.choices {
            return choices.next(&self.trail, &self.guide);
        }
        if self.propagators.orders.is_some() {
            return None; // all pairs on one machine are ordered
        }
        let open = (0..self.objective()).filter(|&i| !self.trail.is_fixed(i));
        let first = open.min_by_key(|&i| (self.trail.earliest(i), self.trail.latest(i)))?;
        Some(Literal::at_most(first, self.trail.earliest(first)))
    }

    pub(super) fn starts(&self) -> Vec<i32> {
        (0..self.objective()).map(|i| self.trail.earliest(i)).collect()
    }

    /// The solution that was found last is none, and these true literals say why.
    pub fn exclude(&mut self, literals: &[Literal]) {
        self.learn(literals);
    }

    /// Learns from a conflict and goes back to where the new clause speaks; at the root a conflict is a proof.
    fn resolve(&mut self, conflict: Conflict) {
        let literals = self.propagators.explain_conflict(&self.trail, conflict);
        self.learn(&literals);
    }

    pub(super) fn learn(&mut self, literals: &[Literal]) {
        self.conflicts += 1;
        // Of all that was assumed, only the levels that the conflict speaks of matter.
        let level = literals.iter().map(|&literal| self.trail.level_of(self.trail.position(literal))).max().unwrap_or(0);
        if level == 0 {
            self.refuted = true;
            return self.return_to(0);
        }
        self.return_to(level);
        let Self { propagators, trail, learner, scores, .. } = self;
        learner.learn(literals, trail, scores, |literal, position, out| {
            propagators.explain(trail, literal, trail.entry(position as usize).reason, position, out);
        });
        scores.decay(DECAY);
        let back_to = self.learner.back_to;
        self.return_to(back_to);
        let reason = match self.learner.clause.len() {
            1 => Reason::Decision,
            _ => Reason::Clause(self.propagators.clauses.add(&self.learner.clause, self.learner.levels)),
        };
        self.trail.push(self.learner.clause[0], reason).expect("the literal was open before");
    }
}

/// The sequence 1, 1, 2, 1, 1, 2, 4, ... (Luby, Sinclair and Zuckerman 1993), from k = 1.
pub(super) fn luby(mut k: u64) -> u64 {
    loop {
        let bits = u64::BITS - k.leading_zeros();
        if k == (1 << bits) - 1 {
            return 1 << (bits - 1);
        }
        k -= (1 << (bits - 1)) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::luby;

    #[test]
    fn restarts_follow_the_published_sequence() {
        let sequence: Vec<u64> = (1..=15).map(luby).collect();
        assert_eq!(sequence, [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]);
    }
}
