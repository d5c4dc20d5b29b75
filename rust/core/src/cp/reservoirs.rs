//! Levels that intervals change: each one changes a level by some amount when it starts and by another one when it ends, and
//! the level must never fall below 0. Levels that must not rise above a limit are given upside down.
//!
//! What an interval adds to the level at a moment depends on whether it has not started by then, runs, or has ended. The best
//! of what its bounds leave, summed up over all intervals, bounds the level from above; where that is negative, or without one
//! of the states of an interval would be, a conclusion follows (time tabling, after Laborie 2003).

use super::trail::{Conflict, Literal, ROOT, Reason, Trail};

/// A level that must never fall below 0, in exact changes.
#[derive(Debug)]
pub struct Reservoir {
    /// The level before all changes.
    initial: i64,
    /// The intervals that change it.
    users: Vec<User>,
}

/// How an interval changes a level.
#[derive(Debug, Clone, Copy)]
pub struct User {
    pub interval: u32,
    pub length: i32,
    /// The change at its start, and the one at its end.
    pub at_start: i64,
    pub at_end: i64,
}

/// What an interval adds, by how far it has come: it has ended, it runs, it has not started.
#[derive(Debug, Clone, Copy)]
struct States {
    ended: i64,
    runs: i64,
}

/// The bounds of a start.
type Window = (i32, i32);

impl User {
    fn states(&self) -> States {
        States { ended: self.at_start + self.at_end, runs: self.at_start }
    }

    /// Which states are left at `moment`: ended, running, not started.
    fn left(&self, (earliest, latest): Window, moment: i32) -> [bool; 3] {
        let ended_by = moment - self.length;
        [earliest <= ended_by, self.length > 0 && earliest <= moment && latest > ended_by, latest > moment]
    }

    /// The most that it can add at `moment`.
    fn most(&self, window: Window, moment: i32) -> i64 {
        let States { ended, runs } = self.states();
        let values = [ended, runs, 0];
        let left = self.left(window, moment).into_iter().zip(values).filter(|&(left, _)| left);
        left.map(|(_, value)| value).max().unwrap_or(0)
    }

    /// The most that it can add whenever it starts.
    fn ever(&self) -> i64 {
        let States { ended, runs } = self.states();
        if self.length > 0 { ended.max(runs).max(0) } else { ended.max(0) }
    }

    /// True literals under which it adds at most `most` at `moment`, for a window that lets it add no more.
    fn bounds(&self, (earliest, latest): Window, moment: i32, most: i64) -> [Option<Literal>; 2] {
        let (i, ended_by) = (self.interval as usize, moment - self.length);
        let States { ended, runs } = self.states();
        let runs_more = self.length > 0 && runs > most;
        let below = if runs_more && earliest > moment {
            Some(Literal::at_least(i, moment + 1))
        } else if ended > most {
            Some(Literal::at_least(i, ended_by + 1))
        } else {
            None
        };
        let above = if runs_more && earliest <= moment {
            Some(Literal::at_most(i, ended_by))
        } else if most < 0 && latest <= moment {
            Some(Literal::at_most(i, moment))
        } else {
            None
        };
        [below, above]
    }
}

impl Reservoir {
    /// A level that is `initial` at first; intervals that never change it are left out.
    pub fn new(initial: i64, users: impl Iterator<Item = User>) -> Self {
        Self { initial, users: users.filter(|user| user.at_start != 0 || user.at_end != 0).collect() }
    }

    fn window(&self, trail: &Trail, k: usize) -> Window {
        let i = self.users[k].interval as usize;
        (trail.earliest(i), trail.latest(i))
    }

    fn window_at(&self, trail: &Trail, k: usize, position: u32) -> Window {
        let half = 2 * self.users[k].interval;
        (trail.bound_at(half, position), -trail.bound_at(half + 1, position))
    }
}

/// All levels of a problem.
#[derive(Debug, Default)]
pub struct Reservoirs {
    levels: Vec<Reservoir>,
    /// The last slot.
    slots: i32,
    /// Moments at which the bound on a level changes, each with the difference, worked out anew each time.
    changes: Vec<(i32, i64)>,
}

impl Reservoirs {
    /// For starts up to `slots`.
    pub fn new(levels: Vec<Reservoir>, slots: i32) -> Self {
        Self { levels, slots, ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Draws conclusions; `work` counts bounds looked at.
    pub fn propagate(&mut self, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        for number in 0..self.levels.len() {
            *work += self.levels[number].users.len() as u64 / 8 + 1;
            self.keep(number, trail)?;
        }
        Ok(())
    }

    /// Works out how the bound on a level changes over time; gives it before all of that.
    fn profile(&mut self, number: usize, trail: &Trail) -> i64 {
        let level = &self.levels[number];
        self.changes.clear();
        let mut first = level.initial;
        for (k, user) in level.users.iter().enumerate() {
            let window = level.window(trail, k);
            let (earliest, latest) = window;
            let mut moments = [earliest, earliest + user.length, latest, latest + user.length];
            moments.sort_unstable();
            let mut known = user.most(window, -1);
            first += known;
            for (place, &moment) in moments.iter().enumerate() {
                if place > 0 && moments[place - 1] == moment {
                    continue;
                }
                let value = user.most(window, moment);
                if value != known {
                    self.changes.push((moment, value - known));
                    known = value;
                }
            }
        }
        self.changes.sort_unstable_by_key(|change| change.0);
        first
    }

    fn keep(&mut self, number: usize, trail: &mut Trail) -> Result<(), Conflict> {
        let first = self.profile(number, trail);
        let level = &self.levels[number];
        // The most that the level loses where one interval is in its worst state.
        let largest = level.users.iter().map(|user| user.ever() - user.states().ended.min(user.states().runs).min(0)).max();
        let Some(largest) = largest else { return Ok(()) };
        // What runs from one change to the next has the same bound.
        let (mut sum, mut next, mut from) = (first, 0, 0);
        loop {
            while next < self.changes.len() && self.changes[next].0 <= from {
                sum += self.changes[next].1;
                next += 1;
            }
            let until = self.changes.get(next).map_or(self.slots + 1, |change| change.0).min(self.slots + 1);
            if from >= until {
                return Ok(());
            }
            if sum < 0 {
                return Err(Conflict::Empty { level: number as u32, moment: from });
            }
            if sum < largest {
                level.exclude(number, (from, until - 1), sum, trail)?;
            }
            from = until;
        }
    }

    /// True literals that implied `literal` when the trail was `position` long.
    pub fn explain(&self, trail: &Trail, literal: Literal, (number, moment): (u32, i32), position: u32, out: &mut Vec<Literal>) {
        let level = &self.levels[number as usize];
        let place = level.users.iter().position(|user| user.interval as usize == literal.var()).expect("it changes the level");
        let user = level.users[place];
        let rest: i64 = (0..level.users.len())
            .filter(|&k| k != place)
            .fold(level.initial, |sum, k| sum + level.users[k].most(level.window_at(trail, k, position), moment));
        let States { ended, runs } = user.states();
        let ended_by = moment - user.length;
        let i = user.interval as usize;
        // What it would add in the states that the literal excludes; a state that would do is excluded by another bound.
        let value = if literal.is_lower() {
            if literal.bound <= ended_by + 1 {
                ended
            } else if rest + ended < 0 {
                ended.max(runs)
            } else {
                out.push(Literal::at_least(i, ended_by + 1));
                runs
            }
        } else if 1 - literal.bound > moment {
            0
        } else if rest < 0 {
            runs.max(0)
        } else {
            out.push(Literal::at_most(i, moment));
            runs
        };
        level.explain(trail, moment, Some(place), -1 - value, position, out);
    }

    /// True literals under which a level falls below 0 at `moment`.
    pub fn explain_empty(&self, trail: &Trail, number: u32, moment: i32, out: &mut Vec<Literal>) {
        self.levels[number as usize].explain(trail, moment, None, -1, trail.len() as u32, out);
    }
}

impl Reservoir {
    /// Excludes the states that no interval can be in from `from` until `until`, where all add `sum` at most.
    fn exclude(&self, number: usize, (from, until): (i32, i32), sum: i64, trail: &mut Trail) -> Result<(), Conflict> {
        for (k, user) in self.users.iter().enumerate() {
            let window = self.window(trail, k);
            let (i, States { ended, runs }) = (user.interval as usize, user.states());
            // Bounds may have moved since the sum was made, but only so that less is left.
            let rest = sum - user.most(window, from).min(user.most(window, until));
            let reason = |moment: i32| Reason::Reservoir { level: number as u32, moment };
            let [has_ended, running, _] = user.left(window, until);
            if has_ended && rest + ended < 0 {
                trail.push(Literal::at_least(i, until - user.length + 1), reason(until))?;
            }
            if running && (!has_ended || rest + ended < 0) && rest + runs < 0 {
                trail.push(Literal::at_least(i, until + 1), reason(until))?;
            }
            let [_, running, waits] = user.left(window, from);
            if waits && rest < 0 {
                trail.push(Literal::at_most(i, from), reason(from))?;
            }
            if running && (!waits || rest < 0) && rest + runs < 0 {
                trail.push(Literal::at_most(i, from - user.length), reason(from))?;
            }
        }
        Ok(())
    }

    /// True literals under which all intervals, `without` one of them, add at most `most` at `moment`.
    fn explain(&self, trail: &Trail, moment: i32, without: Option<usize>, most: i64, position: u32, out: &mut Vec<Literal>) {
        let mut slack = most - self.initial;
        // What holds for ever costs nothing; of the rest as many as possible go.
        let mut parts: Vec<(bool, i64, usize)> = Vec::with_capacity(self.users.len());
        for (k, user) in self.users.iter().enumerate().filter(|&(k, _)| Some(k) != without) {
            let window = self.window_at(trail, k, position);
            let value = user.most(window, moment);
            slack -= value;
            let gain = user.ever() - value;
            if gain > 0 {
                let bounds = user.bounds(window, moment, value);
                let is_open = bounds.iter().flatten().any(|&literal| trail.position(literal) != ROOT);
                parts.push((!is_open, gain, k));
            }
        }
        debug_assert!(slack >= 0, "the others leave too little");
        parts.sort_unstable();
        for (_, gain, k) in parts {
            if gain <= slack {
                slack -= gain;
                continue;
            }
            // It may add as much more as its next state does.
            let (user, window) = (&self.users[k], self.window_at(trail, k, position));
            let (value, States { ended, runs }) = (user.most(window, moment), user.states());
            let allowed = [ended, runs, 0].into_iter().filter(|&other| other <= value + slack).fold(value, i64::max);
            slack -= allowed - value;
            out.extend(user.bounds(window, moment, allowed).into_iter().flatten());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cp::{ConflictSearch, FixedLengths, Intervals, Network, Problem, Reasoning, SearchEvent};
    use crate::random::Random;

    struct Case {
        length: Vec<i32>,
        initial: Vec<i64>,
        /// Changes at start and end, level by level.
        changes: Vec<Vec<(i64, i64)>>,
        arcs: Vec<(usize, usize, i32)>,
        slots: i32,
    }

    impl Case {
        fn new(random: &mut Random) -> Self {
            let (n, levels, slots) = (random.between(1, 4) as usize, random.between(1, 2) as usize, random.between(3, 8) as i32);
            let linked = random.below(n as u64) as usize;
            Self {
                length: (0..n).map(|_| random.between(0, 3) as i32).collect(),
                initial: (0..levels).map(|_| random.between(0, 3)).collect(),
                changes: (0..levels).map(|_| (0..n).map(|_| (random.between(-3, 2), random.between(-2, 3))).collect()).collect(),
                arcs: (1..=linked).map(|j| (j - 1, j, random.between(-3, 3) as i32)).collect(),
                slots,
            }
        }

        fn problem(&self) -> Problem<FixedLengths> {
            let n = self.length.len();
            let mut network = Network::new(vec![Vec::new(); n + 1], vec![Vec::new(); n + 1]);
            self.arcs.iter().for_each(|&(i, j, lag)| network.add_arc(i, j, lag));
            (0..n).for_each(|i| network.add_arc(i, n, self.length[i]));
            let user = |i: usize, (at_start, at_end)| User { interval: i as u32, length: self.length[i], at_start, at_end };
            let levels = self.changes.iter().zip(&self.initial).map(|(changes, &initial)| {
                Reservoir::new(initial, changes.iter().enumerate().map(|(i, &change)| user(i, change)))
            });
            Problem {
                intervals: Intervals {
                    lengths: FixedLengths(self.length.iter().copied().chain([0]).collect()),
                    demand: Vec::new(),
                    capacity: Vec::new(),
                    steps: Vec::new(),
                },
                network,
                slots: self.slots,
                bounds: (0..n).map(|i| Literal::at_most(i, self.slots - self.length[i])).collect(),
                cliques: Vec::new(),
                costs: None,
                choices: None,
                orders: None,
                reservoirs: levels.collect(),
            }
        }

        fn keeps(&self, start: &[i32]) -> bool {
            let n = start.len();
            let level = |k: usize, t: i32| {
                let change = |i: usize| {
                    let (at_start, at_end) = self.changes[k][i];
                    i64::from(start[i] <= t) * at_start + i64::from(start[i] + self.length[i] <= t) * at_end
                };
                self.initial[k] + (0..n).map(change).sum::<i64>()
            };
            (0..n).all(|i| start[i] + self.length[i] <= self.slots)
                && self.arcs.iter().all(|&(i, j, lag)| start[j] >= start[i] + lag)
                && (0..self.initial.len()).all(|k| (0..=self.slots).all(|t| level(k, t) >= 0))
        }

        /// The least end, by trying all starts.
        fn least(&self) -> Option<i32> {
            let n = self.length.len();
            let (mut start, mut best) = (vec![0; n], None);
            loop {
                if self.keeps(&start) {
                    let end = (0..n).map(|i| start[i] + self.length[i]).max().unwrap_or(0);
                    best = Some(best.map_or(end, |best: i32| best.min(end)));
                }
                let Some(i) = (0..n).find(|&i| start[i] < self.slots) else { return best };
                start[i] += 1;
                start[..i].fill(0);
            }
        }
    }

    #[test]
    fn the_least_end_is_found_and_proven() {
        let mut random = Random::new(13);
        let mut feasible = 0;
        for round in 0..3000 {
            let case = Case::new(&mut random);
            let least = case.least();
            let mut search = ConflictSearch::new(case.problem());
            if round % 2 == 0 {
                search.raise(Reasoning::ALL, || false);
            }
            let mut best = None;
            loop {
                match search.run(u64::MAX, |_| false) {
                    SearchEvent::Solution(start) => {
                        assert!(case.keeps(&start), "{round}: {start:?}");
                        let end = (0..start.len()).map(|i| start[i] + case.length[i]).max().unwrap_or(0);
                        assert!(best.is_none_or(|best| end < best), "{round}");
                        best = Some(end);
                        search.limit(start.into_iter(), end - 1);
                    }
                    SearchEvent::Refuted => break,
                    SearchEvent::Paused => unreachable!("nothing limits it"),
                }
            }
            assert_eq!(best, least, "{round}");
            feasible += usize::from(best.is_some());
        }
        assert!((500..2900).contains(&feasible), "{feasible}");
    }
}
