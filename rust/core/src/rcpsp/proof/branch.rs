//! Branching, learning and restarts.

use super::prover::{DECAY, Event, Prover, REDUCTION, RESTART};
use super::trail::{Conflict, Literal, Reason};

impl Prover {
    /// Searches for a shorter schedule or the proof that there is none, until the effort reaches `most_work` (but for one conflict at
    /// least, so that every call learns something) or `stop` says so, which gets the effort since it was last asked, in bounds of
    /// start times looked at. The next call goes on where this one paused.
    ///
    /// Every second run between two restarts assumes the least makespan not yet refuted, the others the largest that would be
    /// better than the best known: what both learn holds for each.
    pub fn run(&mut self, most_work: u64, mut stop: impl FnMut(u64) -> bool) -> Event {
        loop {
            if self.proved {
                return Event::Proved;
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
            if self.proved {
                return;
            }
            self.rules.clauses.reduce(&self.trail);
            self.next_reduction = self.conflicts + REDUCTION / 2 + self.rules.clauses.len() as u64;
        }
        self.target = if self.restarts.is_multiple_of(2) { self.most() } else { self.least() };
        self.restarts += 1;
        self.restart_at = self.conflicts + RESTART * luby(self.restarts);
    }

    /// One run, until the conflicts reach `restart_at`, or `target` is refuted.
    fn descend(&mut self, most_work: u64, stop: &mut impl FnMut(u64) -> bool) -> Option<Event> {
        let mut known = self.work;
        loop {
            match self.rules.propagate(&mut self.trail, &mut self.work) {
                Err(conflict) => {
                    self.resolve(conflict);
                    if self.proved {
                        return None;
                    }
                    if self.work >= most_work {
                        return Some(Event::Paused);
                    }
                }
                Ok(()) if self.trail.level() == 0 => {
                    self.at_root(true);
                    if self.proved || self.conflicts >= self.restart_at || self.target < self.least() {
                        return None;
                    }
                    self.assume(Literal::at_most(self.sink(), self.target));
                }
                Ok(()) if self.conflicts >= self.restart_at => self.return_to(0),
                Ok(()) => match self.choose() {
                    Some(literal) => self.assume(literal),
                    None => return Some(Event::Shorter(self.starts())),
                },
            }
            let work = self.work - std::mem::replace(&mut known, self.work);
            if stop(work) {
                return Some(Event::Paused);
            }
        }
    }

    fn assume(&mut self, literal: Literal) {
        self.trail.new_level();
        self.trail.push(literal, Reason::Decision).expect("it is undecided");
    }

    /// The most active undecided literal, the way the best known schedule has it; where conflicts have nothing to say, the
    /// activity that can start first starts as early as possible.
    fn choose(&mut self) -> Option<Literal> {
        while let Some((task, time)) = self.activity.pop() {
            if time > self.trail.earliest(task) && time <= self.trail.latest(task) {
                let literal = Literal::at_least(task, time);
                return Some(if self.guide[task] >= time { literal } else { literal.negated() });
            }
        }
        let open = (0..self.sink()).filter(|&i| !self.trail.is_fixed(i));
        let task = open.min_by_key(|&i| (self.trail.earliest(i), self.trail.latest(i)))?;
        Some(Literal::at_most(task, self.trail.earliest(task)))
    }

    fn starts(&self) -> Vec<i64> {
        (0..self.sink()).map(|i| i64::from(self.trail.earliest(i)) * self.unit).collect()
    }

    /// Learns from a conflict and goes back to where the new clause speaks; at the root a conflict is a proof.
    fn resolve(&mut self, conflict: Conflict) {
        self.conflicts += 1;
        let literals = self.rules.explain_conflict(&self.trail, conflict);
        // Of all that was assumed, only the levels that the conflict speaks of matter.
        let level = literals.iter().map(|&literal| self.trail.level_of(self.trail.position(literal))).max().unwrap_or(0);
        if level == 0 {
            self.proved = true;
            return self.return_to(0);
        }
        self.return_to(level);
        let Self { rules, trail, learner, activity, .. } = self;
        learner.learn(&literals, trail, activity, |literal, position, out| {
            rules.explain(trail, literal, trail.entry(position as usize).reason, position, out);
        });
        activity.decay(DECAY);
        let back_to = self.learner.back_to;
        self.return_to(back_to);
        let reason = match self.learner.clause.len() {
            1 => Reason::Decision,
            _ => Reason::Clause(self.rules.clauses.add(&self.learner.clause, self.learner.levels)),
        };
        self.trail.push(self.learner.clause[0], reason).expect("the literal was open before");
    }
}

/// The sequence 1, 1, 2, 1, 1, 2, 4, ... (Luby, Sinclair and Zuckerman 1993), from k = 1.
fn luby(mut k: u64) -> u64 {
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
