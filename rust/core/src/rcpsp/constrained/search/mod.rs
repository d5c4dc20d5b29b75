//! Anytime search under constraints: first a schedule that keeps every window, then a shorter one.
//!
//! Priority passes that learn from what was late, tree search that can prove, and a genetic search take turns; all three count every
//! placement. The answer depends on the seed alone.

mod deadline_overload;
mod decoder;
mod genetic;
mod learning;
mod proving;
mod repair;
mod tree;

use self::decoder::{Decoder, Value};
use self::genetic::{Population, Worker};
use self::learning::Learning;
use self::proving::Proving;
use self::repair::loosened;
use self::tree::{Outcome, Tree};
use super::diagnose::{Stopped, Verdict, judge};
use super::windows::UNBOUNDED;
use super::{Past, Situation, Windows, bound};
use crate::control::{Limits, Status, Watch};
use crate::error::Reason;
use crate::random::{Random, Streams};
use crate::rcpsp::constrained::schemes::origin;
use crate::rcpsp::search::{Options, Solution};
use crate::rcpsp::{Direction, Lister, Project, Schedule};

/// Activities up to which the tree search is worth its price: each of its steps looks at all of them.
const TREE: usize = 400;

/// Searches until the limits are reached, the makespan is proven optimal, or infeasibility is.
pub fn solve(project: &Project, past: &Past, options: &Options, limits: &Limits, watch: &mut Watch<'_, i64>) -> Solution {
    let situation = Situation::new(project, past);
    let windows = match judge(&situation, &mut |steps| watch.worked(steps)) {
        Ok(Verdict::Open(windows)) => windows,
        Ok(Verdict::Infeasible(reasons)) => return infeasible(reasons, 0),
        Err(Stopped) => Windows::unknown(&situation),
    };
    let n = project.num_activities();
    let mut search = Search {
        situation: &situation,
        windows: &windows,
        lower_bound: bound::of_windows(&situation, &windows),
        budget: limits.budget.map_or(u64::MAX, |schedules| schedules.saturating_mul(n as u64)),
        decoder: Decoder::new(&situation, &windows),
        lister: Lister::new(project),
        trees: [None, None],
        workers: Vec::new(),
        best: None,
        urgency: Vec::new(),
        infeasible: false,
        proving: 0,
    };
    search.run(past, options, limits, watch);
    search.solution()
}

fn infeasible(reasons: Vec<Reason>, num_schedules: u64) -> Solution {
    Solution { schedule: Schedule::default(), status: Status::Infeasible, lower_bound: 0, num_schedules, reasons }
}

struct Search<'s, 'p> {
    situation: &'s Situation<'p>,
    windows: &'s Windows,
    lower_bound: i64,
    /// In activity placements.
    budget: u64,
    decoder: Decoder<'s, 'p>,
    lister: Lister,
    /// From the start, and from the end, made when they are first needed.
    trees: [Option<Tree<'s, 'p>>; 2],
    /// One for each thread, made when they are first needed.
    workers: Vec<Worker<'s, 'p>>,
    best: Option<(Value, Schedule)>,
    /// Latest starts as far as anything is known to bound them.
    urgency: Vec<i64>,
    /// Proven by the tree or by the prover.
    infeasible: bool,
    /// Placements that the prover's work stands for.
    proving: u64,
}

impl Search<'_, '_> {
    fn run(&mut self, past: &Past, options: &Options, limits: &Limits, watch: &mut Watch<'_, i64>) {
        let n = self.situation.num_activities();
        let mut population = Population::new(if n > 500 { POPULATION / 4 } else { POPULATION });
        self.urgency = self.latest_starts(self.windows.length(), watch);
        let first = self.urgency.clone();
        for priority in options.warm_start.into_iter().chain([first.as_slice()]) {
            if self.pass(priority, &mut population, watch) || (self.best.is_some() && !self.affords()) {
                return;
            }
        }
        let end = self.best.as_ref().map_or(0, |(value, _)| value.makespan);
        self.decoder.speed_up(end);
        self.urgency = self.latest_starts(end, watch);
        Proving::beside(self, past, options, limits, watch, |search, proving, watch| {
            search.rounds(options, population, proving, watch);
        });
    }

    /// Rounds of passes, trees and children, and the prover's turns between them.
    fn rounds(&mut self, options: &Options, mut population: Population, mut proving: Proving, watch: &mut Watch<'_, i64>) {
        let random = |stream: u64| Random::stream(options.seed, stream);
        let mut learning = Learning::new(self.situation, &self.urgency, 0);
        let (mut patience, mut since, mut episode) = (PATIENCE, 0, 0);
        let (mut round, mut children) = (0, 0);
        let streams = Streams::new(random(u64::MAX).next_u64()); // apart from the rounds' own
        while self.affords() && !watch.check() {
            if proving.turn(self, watch) {
                return;
            }
            let mut random = random(round);
            round += 1;
            since += 1;
            if self.late() && since > patience {
                // What has led nowhere for a while is given up, for longer each time.
                (since, episode, patience) = (0, episode + 1, patience + patience / 2 + 1);
                population = Population::new(POPULATION);
                learning = Learning::new(self.situation, &self.urgency, episode);
                self.trees.iter_mut().flatten().for_each(Tree::forget);
            }
            // Priorities that learn, until the population is full; afterwards they only serve whoever is late.
            let passes = if self.late() {
                20
            } else if population.is_full() {
                0
            } else {
                10
            };
            for _ in 0..passes {
                let priority = learning.next(self.windows, &self.decoder.pass.schedule, &mut random).to_vec();
                if self.pass(&priority, &mut population, watch) || !self.affords() {
                    return;
                }
            }
            if self.branch(round, since, &mut random, &mut population, watch) || self.repair(&mut random, &mut population, watch)
            {
                return;
            }
            for _ in 0..if population.is_full() { GENERATIONS } else { 0 } {
                if self.breed(&mut population, options.threads, (streams, children), watch) || !self.affords() {
                    return;
                }
                children += POPULATION as u64;
            }
        }
    }

    /// A generation of children; true if the search is over.
    fn breed(
        &mut self,
        population: &mut Population,
        threads: usize,
        children: (Streams, u64),
        watch: &mut Watch<'_, i64>,
    ) -> bool {
        if self.workers.is_empty() {
            let (situation, windows) = (self.situation, self.windows);
            let makespan = self.best.as_ref().map_or(0, |(value, _)| value.makespan);
            self.workers.extend((0..threads.clamp(1, POPULATION)).map(|_| Worker::new(situation, windows, makespan)));
        }
        // Each child may cost a schedule and its justification.
        let places = self.left() / (3 * self.situation.num_activities() as u64);
        let places = usize::try_from(places).unwrap_or(usize::MAX);
        let bound = self.best.as_ref().map(|(value, _)| *value);
        let found = population.generation(&mut self.workers, places, children, bound, watch);
        let over = found.is_some_and(|(value, schedule)| self.improve_with(value, schedule, watch));
        over || self.workers.iter().any(Worker::stopped)
    }

    /// Latest starts against deadlines and, for everything, `end`; unbounded by hard windows alone, nobody would be urgent.
    fn latest_starts(&self, end: i64, watch: &mut Watch<'_, i64>) -> Vec<i64> {
        let mut windows = self.windows.clone();
        // Half-way they are an order like any other.
        let _ = windows.backward(self.situation, end, &mut |steps| watch.worked(steps));
        windows.latest_start
    }

    /// Decodes the list of these priorities; true if the search is over.
    fn pass(&mut self, priority: &[i64], population: &mut Population, watch: &mut Watch<'_, i64>) -> bool {
        let list = self.lister.list(priority).to_vec();
        // There shall be an answer, whatever the limits.
        let first = self.best.is_none();
        let stop = &mut |steps| watch.worked(steps);
        let value = if first { self.decoder.complete(&list, stop) } else { self.decoder.decode(&list, stop) };
        let over = self.decoder.pass.stopped;
        if !over {
            population.add(value, &list, &self.decoder.pass.schedule.completion_time);
        }
        self.improve(value, watch) || over
    }

    /// A while in one of the trees, for longer each time; true if the search is over.
    fn branch(
        &mut self,
        round: u64,
        since: u64,
        random: &mut Random,
        population: &mut Population,
        watch: &mut Watch<'_, i64>,
    ) -> bool {
        let n = self.situation.num_activities();
        let late = self.late();
        let seldom = if n > 40 { 16 } else { 4 };
        if n > TREE || (!late && !round.is_multiple_of(seldom) && n > 12) {
            return false;
        }
        let mut windows = self.windows.clone();
        let mut urgency = windows.clone();
        let end = self.best.as_ref().map_or(0, |(value, _)| value.makespan);
        let mut stop = |steps| watch.worked(steps);
        let told = urgency.backward(self.situation, end, &mut stop);
        if told.is_err() || (!late && windows.backward(self.situation, end - 1, &mut stop).is_err()) {
            return true;
        }
        let share = if late { u64::MAX } else { 200 * n as u64 };
        let direction = self.direction(round);
        // Twice as patient every few rounds; small trees may be searched to the end at once.
        let doublings = (if late { since } else { round / 4 } / 6).min(30);
        let dead_ends = (1000 / n as u64).max(10) << doublings;
        let (outcome, found) = self.climb(direction, &windows, &urgency, random, (dead_ends, share), watch);
        match outcome {
            Outcome::Found => self.pass(&found, population, watch),
            Outcome::Exhausted => {
                if late {
                    self.infeasible = true;
                } else {
                    self.lower_bound = end;
                    self.report(watch);
                }
                true
            }
            Outcome::Limit => false,
            Outcome::Stopped => true,
        }
    }

    /// The tree tries to make good schedules right, a little of each; true if the search is over.
    fn repair(&mut self, random: &mut Random, population: &mut Population, watch: &mut Watch<'_, i64>) -> bool {
        if self.situation.num_activities() > TREE {
            return false;
        }
        for attempt in 0..REPAIRS {
            if !self.late() || !self.affords() {
                return false;
            }
            let Some(list) = population.draw(random) else { return false };
            self.decoder.decode(list, &mut |steps| watch.worked(steps));
            if self.decoder.pass.stopped {
                return true;
            }
            if self.decoder.pass.displaced {
                continue;
            }
            let Some(windows) = loosened(self.situation, self.windows, &self.decoder.pass.schedule, random) else { continue };
            let direction = self.direction(attempt);
            let (outcome, found) = self.climb(direction, &windows, &windows, random, (REPAIR_DEAD_ENDS, u64::MAX), watch);
            if outcome == Outcome::Stopped || (outcome == Outcome::Found && self.pass(&found, population, watch)) {
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

    /// A search in the tree of this direction, and the start times that it found.
    fn climb(
        &mut self,
        direction: Direction,
        windows: &Windows,
        urgency: &Windows,
        random: &mut Random,
        (dead_ends, share): (u64, u64),
        watch: &mut Watch<'_, i64>,
    ) -> (Outcome, Vec<i64>) {
        let origin = match direction {
            Direction::Forward => origin(self.situation),
            // Late activities that are held may lie behind it: what the tree finds then is judged when it is decoded.
            Direction::Backward => -self.windows.latest_finish.iter().copied().max().unwrap_or(0),
        };
        let left = self.left().saturating_sub(2 * self.situation.num_activities() as u64); // a node may cost as much
        let tree = self.trees[direction as usize].get_or_insert_with(|| Tree::new(self.situation, direction, origin));
        let outcome = tree.search(windows, urgency, random, (dead_ends, left.min(share)), watch);
        let found = if outcome == Outcome::Found { tree.start_time() } else { Vec::new() };
        (outcome, found)
    }

    /// Takes over the decoder's schedule if it is better; true if the search is over.
    fn improve(&mut self, value: Value, watch: &mut Watch<'_, i64>) -> bool {
        if self.best.as_ref().is_some_and(|(best, _)| *best <= value) {
            return false;
        }
        let schedule = self.decoder.pass.schedule.clone();
        self.improve_with(value, schedule, watch)
    }

    /// Takes over a better schedule; true if the search is over.
    fn improve_with(&mut self, value: Value, schedule: Schedule, watch: &mut Watch<'_, i64>) -> bool {
        self.best = Some((value, schedule));
        value.late == 0 && (self.report(watch) || value.makespan <= self.lower_bound)
    }

    /// Tells of the best schedule, which keeps every window, and of the bound; true if the search is to stop.
    fn report(&self, watch: &mut Watch<'_, i64>) -> bool {
        let makespan = self.best.as_ref().map_or(0, |(value, _)| value.makespan);
        watch.improved(makespan, self.lower_bound, self.schedules())
    }

    /// Placements over the number of activities, rounded up.
    fn schedules(&self) -> u64 {
        self.spent().div_ceil(self.situation.num_activities().max(1) as u64)
    }

    fn late(&self) -> bool {
        self.best.as_ref().is_none_or(|(value, _)| value.late > 0)
    }

    fn spent(&self) -> u64 {
        let workers = self.workers.iter().map(Worker::placements).sum::<u64>();
        self.proving
            + self.decoder.pass.placements
            + workers
            + self.trees.iter().flatten().map(|tree| tree.placements).sum::<u64>()
    }

    /// Whether a decode and its justification are within the budget.
    fn affords(&self) -> bool {
        self.left() >= 3 * self.situation.num_activities() as u64
    }

    fn left(&self) -> u64 {
        self.budget.saturating_sub(self.spent())
    }

    fn solution(self) -> Solution {
        let n = self.situation.num_activities();
        let num_schedules = self.schedules();
        let late = self.late();
        if self.infeasible {
            let detail = format!("a search that is exhaustive found no schedule of the {n} activities that keeps all windows");
            let reason = Reason { code: "exhausted", activities: vec![], resources: vec![], amount: None, detail };
            return infeasible(vec![reason], num_schedules);
        }
        let schedule = self.best.map_or_else(Schedule::default, |(_, schedule)| schedule);
        let optimal = !late && schedule.makespan <= self.lower_bound;
        Solution {
            status: if late {
                Status::Unknown
            } else if optimal {
                Status::Optimal
            } else {
                Status::Feasible
            },
            lower_bound: self.lower_bound,
            schedule,
            num_schedules,
            reasons: Vec::new(),
        }
    }
}

// A round: found on ramps of 60 tasks, half of whose levels are nearly impossible.
/// Rounds after which it begins again, at first.
const PATIENCE: u64 = 8;
/// Repairs, and the dead ends that each may meet.
const REPAIRS: u64 = 20;
const REPAIR_DEAD_ENDS: u64 = 100;
/// Generations of children.
const GENERATIONS: u64 = 8;
/// Members of a population; fewer for large projects, which live to see few children.
const POPULATION: usize = 40;
