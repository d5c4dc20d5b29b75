//! The first schedule that keeps every window, where the schedules by rule miss some.
//!
//! Passes whose priorities learn from what was late, tree search that can prove that there is no schedule, repair of near misses, and
//! generations of the genetic search take turns; all of them count every placement.

mod deadline_overload;
mod learning;
mod repair;
mod tree;

use self::learning::Learning;
use self::repair::loosened;
use self::tree::{Outcome, Tree};
use super::first::Sample;
use super::genetic::Genetic;
use super::proof::Proof;
use super::settings::Settings;
use super::{Options, Search};
use crate::random::Random;
use crate::rcpsp::constrained::{Situation, UNBOUNDED, Windows, near_miss};
use crate::rcpsp::decoder::Decoded;
use crate::rcpsp::{Decoder, Direction, Lister, Schedule};

/// Activities up to which the tree search is worth its price: each of its steps looks at all of them.
const TREE: usize = 400;

// A round: found on ramps of 60 tasks, half of whose levels are nearly impossible.
/// Rounds after which it begins again, at first.
const PATIENCE: u64 = 8;
/// Passes by priorities that learn.
const PASSES: u64 = 20;
/// Repairs, and the dead ends that each may meet.
const REPAIRS: u64 = 20;
const REPAIR_DEAD_ENDS: u64 = 100;
/// Generations of children.
const GENERATIONS: u64 = 8;
/// Members of a population; fewer for large projects, which live to see few children.
const POPULATION: usize = 40;

/// What the rounds work with.
struct Rounds<'s> {
    situation: &'s Situation<'s>,
    windows: &'s Windows,
    lister: Lister,
    decoder: Decoder<'s>,
    /// From the start, and from the end, made when they are first needed.
    trees: [Option<Tree<'s>>; 2],
    population: Vec<Sample>,
    size: usize,
    /// The last schedule, whether it keeps its windows or not.
    last: Schedule,
}

impl Search<'_, '_> {
    /// Searches for a schedule that keeps all windows, and adds it to the samples; true if the search is over.
    pub(super) fn keep_windows(&mut self, options: &Options, samples: &mut Vec<Sample>, proof: &mut Proof) -> bool {
        let Some((situation, windows)) = &self.instance.bounded else { return false };
        let n = situation.num_activities();
        let mut rounds = Rounds {
            situation,
            windows,
            lister: Lister::new(situation.project),
            decoder: self.instance.decoder(),
            trees: [None, None],
            population: std::mem::take(samples),
            size: if n > 500 { POPULATION / 4 } else { POPULATION },
            last: self.best.clone(),
        };
        rounds.decoder.speed_up(self.best.makespan);
        let over = rounds.run(self, options, proof);
        samples.extend(rounds.population.into_iter().take(1));
        over
    }
}

impl<'s> Rounds<'s> {
    /// Rounds until a schedule keeps all windows; true if the search is over.
    fn run(&mut self, search: &mut Search<'s, '_>, options: &Options, proof: &mut Proof) -> bool {
        let urgency = self.urgency(search, search.best.makespan).latest_start;
        let mut learning = Learning::new(self.situation, &urgency, 0);
        let (mut patience, mut since, mut episode, mut round) = (PATIENCE, 0, 0, 0);
        while search.is_late() {
            if !self.affords(search) || search.watch.check() || proof.turn(search) {
                return true;
            }
            let mut random = Random::stream(options.seed, round);
            round += 1;
            since += 1;
            if since > patience {
                // What has led nowhere for a while is given up, for longer each time.
                (since, episode, patience) = (0, episode + 1, patience + patience / 2 + 1);
                self.population.clear();
                learning = Learning::new(self.situation, &urgency, episode);
                self.trees.iter_mut().flatten().for_each(Tree::forget);
            }
            for _ in 0..PASSES {
                let priority = learning.next(self.windows, &self.last, &mut random).to_vec();
                let list = self.lister.list(&priority).to_vec();
                if self.pass(search, list) || !self.affords(search) {
                    return true;
                }
            }
            if self.branch(search, (round, since), &mut random) || self.repair(search, &mut random) {
                return true;
            }
            if self.population.len() >= self.size && search.is_late() && self.breed(search, options.threads, random.next_u64()) {
                return true;
            }
        }
        search.value <= search.lower_bound
    }

    /// Generations of children; true if the search is over.
    fn breed(&mut self, search: &mut Search<'s, '_>, threads: usize, seed: u64) -> bool {
        self.population.sort_by_key(|&(value, _)| value);
        let settings = Settings::new(1000, self.situation.num_activities()).serial();
        let mut genetic = Genetic::new(search.instance, settings, seed, threads, search.best.makespan, &self.population);
        for _ in 0..GENERATIONS {
            if search.generation(&mut genetic, settings) || !search.is_late() {
                break;
            }
        }
        self.population = genetic.into_schedules();
        search.watch.stop.halted() || !self.affords(search)
    }

    /// Decodes a list and takes it into the population; true if the search is over.
    fn pass(&mut self, search: &mut Search<'s, '_>, mut list: Vec<u32>) -> bool {
        if !search.is_late() {
            return false;
        }
        let decoded = self.decode(search, &list);
        let value = if decoded.placed as usize == list.len() {
            self.last = self.decoder.schedule(Direction::Forward, 0);
            decoded.makespan
        } else if search.watch.check() {
            return true;
        } else {
            let (value, _, schedule) = near_miss(self.situation, self.windows, &list, &mut |steps| search.watch.worked(steps));
            search.placements += list.len() as u64;
            self.last = schedule;
            value
        };
        list.sort_by_key(|&i| self.last.completion_time[i as usize]);
        if self.population.len() < self.size {
            self.population.push((value, list));
        } else if let Some(worst) = self.population.iter_mut().max_by_key(|(value, _)| *value).filter(|worst| value < worst.0) {
            *worst = (value, list);
        }
        value < search.value && search.improve_with(value, self.last.clone())
    }

    fn decode(&mut self, search: &mut Search, list: &[u32]) -> Decoded<i64> {
        let stop = &mut |steps| search.watch.worked(steps);
        let decoded = self.decoder.decode_until(list, Direction::Forward, i64::MAX, &[], stop);
        search.placements += u64::from(decoded.placed);
        decoded
    }

    /// Windows in which everything ends by `end`: without, only activities with deadlines would be urgent.
    fn urgency(&self, search: &mut Search, end: i64) -> Windows {
        let mut windows = self.windows.clone();
        // Half-way they are an order like any other.
        let _ = windows.backward(self.situation, end, &mut |steps| search.watch.worked(steps));
        windows
    }

    /// Whether a decode and a few nodes of a tree are within the budget.
    fn affords(&self, search: &Search) -> bool {
        search.affords(3 * self.situation.num_activities())
    }

    /// A while in one of the trees, for longer each time; true if the search is over.
    fn branch(&mut self, search: &mut Search<'s, '_>, (round, since): (u64, u64), random: &mut Random) -> bool {
        let n = self.situation.num_activities();
        if n > TREE {
            return false;
        }
        let urgency = self.urgency(search, search.best.makespan);
        let dead_ends = (1000 / n as u64).max(10) << (since / 6).min(30);
        let (outcome, found) = self.climb(search, self.direction(round), self.windows, &urgency, random, dead_ends);
        match outcome {
            Outcome::Found => self.pass(search, found),
            Outcome::Exhausted => {
                search.infeasible = true;
                true
            }
            Outcome::Limit => false,
            Outcome::Stopped => true,
        }
    }

    /// The tree tries to make good schedules right, a little of each; true if the search is over.
    fn repair(&mut self, search: &mut Search<'s, '_>, random: &mut Random) -> bool {
        for attempt in 0..REPAIRS {
            if self.situation.num_activities() > TREE || !search.is_late() || !self.affords(search) || self.population.is_empty()
            {
                return false;
            }
            // The best of three.
            let drawn = (0..3).map(|_| random.below(self.population.len() as u64) as usize);
            let best = drawn.min_by_key(|&k| self.population[k].0).expect("three were drawn");
            let list = self.population[best].1.clone();
            let decoded = self.decode(search, &list);
            if (decoded.placed as usize) < list.len() {
                continue;
            }
            let schedule = self.decoder.schedule(Direction::Forward, 0);
            let Some(held) = loosened(self.situation, self.windows, &schedule, random) else { continue };
            let (outcome, found) = self.climb(search, self.direction(attempt), &held, &held, random, REPAIR_DEAD_ENDS);
            if outcome == Outcome::Stopped || (outcome == Outcome::Found && self.pass(search, found)) {
                return true;
            }
        }
        false
    }

    /// Forward and backward in turns. Backward, everything needs an end; where nothing gives one, only the forward tree serves.
    fn direction(&self, turn: u64) -> Direction {
        let bounded = !self.windows.latest_finish.contains(&UNBOUNDED);
        if bounded && turn.is_multiple_of(2) { Direction::Backward } else { Direction::Forward }
    }

    /// A search in the tree of this direction, and the list by start of the schedule that it found.
    fn climb(
        &mut self,
        search: &mut Search<'s, '_>,
        direction: Direction,
        windows: &Windows,
        urgency: &Windows,
        random: &mut Random,
        dead_ends: u64,
    ) -> (Outcome, Vec<u32>) {
        let origin = match direction {
            Direction::Forward => self.situation.origin(),
            // Late activities that are held may lie behind it: what the tree finds then is judged when it is decoded.
            Direction::Backward => -self.windows.latest_finish.iter().copied().max().unwrap_or(0),
        };
        let left = search.left().saturating_sub(2 * self.situation.num_activities() as u64); // a node may cost as much
        let tree = self.trees[direction as usize].get_or_insert_with(|| Tree::new(self.situation, direction, origin));
        let before = tree.placements;
        let outcome = tree.search(windows, urgency, random, (dead_ends, left), search.watch);
        search.placements += tree.placements - before;
        let found = if outcome == Outcome::Found { self.lister.list(&tree.start_time()).to_vec() } else { Vec::new() };
        (outcome, found)
    }
}
