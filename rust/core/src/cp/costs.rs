//! An objective made of costs: each interval costs what depends on its start, and the objective is the sum or the maximum of the costs.
//!
//! Costs never fall when starts rise, so the earliest starts bound the objective from below, and a limit on the objective bounds the
//! starts from above. Explanations name as few starts as suffice, each no later than needed.

use super::step_map::NEVER;
use super::trail::{Conflict, Literal, Reason, Trail};

/// What an interval costs by its start: a function that never falls and is not negative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cost {
    /// From this start on it costs so much; before the first step nothing.
    steps: Vec<(i32, i64)>,
}

impl Cost {
    /// The function of these values at 0, 1, ...; behind the last one the cost stays.
    pub fn new(values: impl Iterator<Item = i64>) -> Self {
        let mut steps: Vec<(i32, i64)> = Vec::new();
        for (start, cost) in (0..).zip(values) {
            debug_assert!(cost >= steps.last().map_or(0, |step| step.1), "it never falls");
            if cost > steps.last().map_or(0, |step| step.1) {
                steps.push((start, cost));
            }
        }
        Self { steps }
    }

    /// Whether it costs nothing at any start.
    pub fn is_free(&self) -> bool {
        self.steps.is_empty()
    }

    fn at(&self, start: i32) -> i64 {
        match self.steps.partition_point(|&(from, _)| from <= start) {
            0 => 0,
            next => self.steps[next - 1].1,
        }
    }

    /// The least start that costs `cost` or more.
    fn reaching(&self, cost: i64) -> i32 {
        if cost <= 0 {
            return 0;
        }
        self.steps.get(self.steps.partition_point(|step| step.1 < cost)).map_or(NEVER, |step| step.0)
    }

    /// The last start that costs `most` or less; before all starts if there is none.
    fn within(&self, most: i64) -> i32 {
        if most < 0 { -1 } else { self.reaching(most.saturating_add(1)) - 1 }
    }
}

/// How the costs of intervals make the objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combination {
    /// Their sum.
    Sum,
    /// The largest one.
    Maximum,
}

/// The costs of all intervals, and the limit on the objective.
///
/// The objective's variable counts whole grains by which the total exceeds `base`, rounded down. The limit itself is exact.
#[derive(Debug)]
pub struct Costs {
    /// The intervals that cost anything.
    of: Vec<(u32, Cost)>,
    combination: Combination,
    /// What is spent whatever the intervals do.
    given: i64,
    /// No total is less.
    base: i64,
    grain: i64,
    /// No total may be more.
    limit: i64,
    /// The objective's variable.
    objective: usize,
    /// The start of each of `of` that its cost was last looked up for, with that cost.
    known: Vec<(i32, i64)>,
}

/// Values of the objective's variable.
const MOST_VALUES: i64 = 1 << 12;

impl Costs {
    /// For totals between `base` and `limit`, where `given` is spent whatever the intervals do. The objective is the variable of number
    /// `objective`; the sum of `given` and all costs must fit into 63 bits.
    pub fn new(of: Vec<(u32, Cost)>, combination: Combination, given: i64, (base, limit): (i64, i64), objective: usize) -> Self {
        let known = vec![(-1, 0); of.len()];
        let grain = ((limit - base).max(0) / MOST_VALUES + 1).max(1);
        Self { of, combination, given, base, grain, limit, objective, known }
    }

    /// The largest value of the objective's variable within the limit, -1 if there is none.
    pub fn most(&self) -> i32 {
        if self.limit < self.given {
            return -1;
        }
        (self.limit - self.base).div_euclid(self.grain).max(-1) as i32
    }

    /// No total is less, if the objective's variable is at least `value`.
    pub fn total(&self, value: i32) -> i64 {
        self.base + i64::from(value) * self.grain
    }

    /// From now on only totals up to `limit` count, which must not rise.
    pub fn tighten(&mut self, limit: i64) {
        self.limit = self.limit.min(limit);
    }

    /// The largest total where the objective's variable is at most `value`.
    fn allowed(&self, value: i32) -> i64 {
        self.total(value) + self.grain - 1
    }

    fn combined(&self, costs: impl Iterator<Item = i64>) -> i64 {
        match self.combination {
            Combination::Sum => costs.fold(self.given, |sum, cost| sum + cost),
            Combination::Maximum => costs.fold(self.given, i64::max),
        }
    }

    /// Raises the objective, and lowers the latest starts to what the limit leaves.
    pub fn propagate(&mut self, trail: &mut Trail) -> Result<(), Conflict> {
        for ((i, cost), known) in self.of.iter().zip(&mut self.known) {
            let earliest = trail.earliest(*i as usize);
            if known.0 != earliest {
                *known = (earliest, cost.at(earliest));
            }
        }
        let total = self.combined(self.known.iter().map(|known| known.1));
        if total > self.base {
            let value = ((total - self.base) / self.grain).min(i64::from(NEVER)) as i32;
            trail.push(Literal::at_least(self.objective, value), Reason::Costs)?;
        }
        let limit = self.limit.min(self.allowed(trail.latest(self.objective)));
        for ((i, cost), known) in self.of.iter().zip(&self.known) {
            let i = *i as usize;
            let most = match self.combination {
                Combination::Sum => limit - (total - known.1),
                Combination::Maximum => limit,
            };
            let latest = cost.within(most);
            if latest < trail.latest(i) {
                trail.push(Literal::at_most(i, latest), Reason::Costs)?;
            }
        }
        Ok(())
    }

    /// True literals that implied `literal` when the trail was `position` long.
    pub fn explain(&self, trail: &Trail, literal: Literal, position: u32, out: &mut Vec<Literal>) {
        let then = |i: u32| trail.bound_at(2 * i, position);
        if literal.var() == self.objective {
            return self.reach(trail, self.total(literal.bound), None, then, out);
        }
        // Were the interval to start later than the literal allows, the total would exceed what the objective allows.
        let i = literal.var() as u32;
        let place = self.of.iter().position(|of| of.0 == i).expect("it costs something");
        let cost = self.of[place].1.at(1 - literal.bound);
        let value = -trail.bound_at(2 * self.objective as u32 + 1, position);
        let allowed = self.allowed(value);
        let by_objective = allowed < self.limit;
        match self.combination {
            Combination::Sum => {
                if by_objective {
                    out.push(Literal::at_most(self.objective, value));
                }
                let limit = if by_objective { allowed } else { self.limit };
                self.reach(trail, limit + 1 - cost, Some(place), then, out);
            }
            Combination::Maximum if by_objective => {
                // The weakest bound of the objective that excludes this cost.
                let weakest = (cost - self.base).div_euclid(self.grain) - 1;
                out.push(Literal::at_most(self.objective, (weakest.min(i64::from(NEVER)) as i32).max(value)));
            }
            Combination::Maximum => {}
        }
    }

    /// Literals under which the intervals, `without` one of them, cost `least` or more together; `then` gives earliest starts.
    fn reach(&self, trail: &Trail, least: i64, without: Option<usize>, then: impl Fn(u32) -> i32, out: &mut Vec<Literal>) {
        let parts = self.of.iter().enumerate().filter(|&(place, _)| Some(place) != without);
        let mut parts: Vec<(i64, i64, u32, &Cost)> = parts
            .map(|(_, (i, cost))| {
                let for_ever = cost.at(trail.bound_at(2 * i, 0));
                let now = cost.at(then(*i));
                (now - for_ever, now, *i, cost)
            })
            .collect();
        if self.combination == Combination::Maximum {
            if let Some((.., i, cost)) = parts.iter().find(|&&(_, now, ..)| now >= least) {
                out.push(Literal::at_least(*i as usize, cost.reaching(least)));
            }
            return;
        }
        // What holds for ever is left out by whoever learns from this; of the rest as many as possible go.
        parts.retain(|&(gain, now, ..)| gain > 0 || now > 0);
        parts.sort_unstable_by_key(|&(gain, _, i, _)| (gain, i));
        let mut slack = parts.iter().fold(self.given - least, |sum, part| sum + part.1);
        debug_assert!(slack >= 0);
        for (gain, now, i, cost) in parts {
            let dropped = gain.min(slack);
            slack -= dropped;
            if now > dropped {
                out.push(Literal::at_least(i as usize, cost.reaching(now - dropped)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cp::{ConflictSearch, FixedLengths, Intervals, Network, Problem, SearchEvent};
    use crate::random::Random;

    #[test]
    fn costs_agree_with_their_values() {
        let values = [0, 0, 3, 3, 4, 9, 9];
        let cost = Cost::new(values.into_iter());
        for (start, &value) in values.iter().enumerate() {
            assert_eq!(cost.at(start as i32), value);
        }
        for most in -1..12 {
            let least = values.iter().position(|&value| value > most).map_or(NEVER, |start| start as i32);
            assert_eq!(cost.within(most), if most < 0 { -1 } else { least - 1 });
            assert_eq!(cost.reaching(most + 1), least);
        }
    }

    struct Case {
        length: Vec<i32>,
        demand: Vec<i64>,
        capacity: i64,
        arcs: Vec<(usize, usize, i32)>,
        value: Vec<Vec<i64>>,
        combination: Combination,
        given: i64,
        slots: i32,
    }

    impl Case {
        fn new(random: &mut Random) -> Self {
            let (n, slots, capacity) = (random.between(1, 4) as usize, random.between(3, 8) as i32, random.between(1, 3));
            let linked = random.below(n as u64) as usize;
            let steep = [1, 5, 3000][random.below(3) as usize];
            let rising = |random: &mut Random| {
                let mut cost = 0;
                (0..=slots)
                    .map(|_| {
                        cost += [0, 0, 1, random.between(0, steep)][random.below(4) as usize];
                        cost
                    })
                    .collect()
            };
            Self {
                length: (0..n).map(|_| random.between(0, 3) as i32).collect(),
                demand: (0..n).map(|_| random.between(0, capacity)).collect(),
                capacity,
                arcs: (1..=linked).map(|j| (j - 1, j, random.between(-3, 3) as i32)).collect(),
                value: (0..n).map(|_| rising(random)).collect(),
                combination: [Combination::Sum, Combination::Maximum][random.below(2) as usize],
                given: random.between(0, 2),
                slots,
            }
        }

        fn problem(&self, limit: i64) -> Problem<FixedLengths> {
            let n = self.length.len();
            let mut network = Network::new(vec![Vec::new(); n + 1], vec![Vec::new(); n + 1]);
            self.arcs.iter().for_each(|&(i, j, lag)| network.add_arc(i, j, lag));
            let of = self.value.iter().zip(0..).map(|(values, i)| (i, Cost::new(values.iter().copied()))).collect();
            let zero = |column: Vec<i32>| column.into_iter().chain([0]).collect::<Vec<i32>>();
            Problem {
                intervals: Intervals {
                    lengths: FixedLengths(zero(self.length.clone())),
                    demand: self.demand.iter().copied().chain([0]).collect(),
                    capacity: vec![self.capacity],
                    steps: Vec::new(),
                },
                network,
                slots: self.slots,
                bounds: (0..n).map(|i| Literal::at_most(i, self.slots - self.length[i])).collect(),
                cliques: Vec::new(),
                costs: Some(Costs::new(of, self.combination, self.given, (0, limit), n)),
                choices: None,
                reservoirs: Vec::new(),
                orders: None,
            }
        }

        fn total(&self, start: &[i32]) -> i64 {
            let costs = start.iter().zip(&self.value).map(|(&start, value)| value[start as usize]);
            match self.combination {
                Combination::Sum => self.given + costs.sum::<i64>(),
                Combination::Maximum => costs.fold(self.given, i64::max),
            }
        }

        fn keeps(&self, start: &[i32]) -> bool {
            let n = start.len();
            let in_time = (0..n).all(|i| start[i] >= 0 && start[i] + self.length[i] <= self.slots);
            let runs = |i: usize, t: i32| start[i] <= t && t < start[i] + self.length[i];
            let fits = |t: i32| (0..n).filter(|&i| runs(i, t)).map(|i| self.demand[i]).sum::<i64>() <= self.capacity;
            in_time && self.arcs.iter().all(|&(i, j, lag)| start[j] >= start[i] + lag) && (0..self.slots).all(fits)
        }

        /// The least total, by trying all starts.
        fn least(&self) -> Option<i64> {
            let n = self.length.len();
            let (mut start, mut best) = (vec![0; n], None);
            loop {
                if self.keeps(&start) {
                    let total = self.total(&start);
                    best = Some(best.map_or(total, |best: i64| best.min(total)));
                }
                let Some(i) = (0..n).find(|&i| start[i] < self.slots) else { return best };
                start[i] += 1;
                start[..i].fill(0);
            }
        }
    }

    #[test]
    fn the_least_total_is_found_and_proven() {
        let mut random = Random::new(11);
        for round in 0..1500 {
            let case = Case::new(&mut random);
            let least = case.least();
            let mut limit = 100_000;
            let mut search = ConflictSearch::new(case.problem(limit));
            if round % 2 == 0 {
                search.raise(crate::cp::Reasoning::ALL, || false);
            }
            let mut best = None;
            loop {
                assert!(search.total() <= least.unwrap_or(i64::MAX), "{round}: the bound {} exceeds {least:?}", search.total());
                match search.run(u64::MAX, |_| false) {
                    SearchEvent::Solution(start) => {
                        assert!(case.keeps(&start), "{round}: {start:?}");
                        let total = case.total(&start);
                        assert!(total <= limit, "{round}: {total} is beyond the limit {limit}");
                        (best, limit) = (Some(total), total - 1);
                        search.limit_total(start.into_iter(), limit);
                    }
                    SearchEvent::Refuted => break,
                    SearchEvent::Paused => unreachable!("nothing limits it"),
                }
            }
            assert_eq!(best, least, "{round}");
        }
    }
}
