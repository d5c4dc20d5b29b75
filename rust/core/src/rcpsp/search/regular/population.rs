//! Lists that compete for the value of an objective: each generation replaces a list by its child where that is no worse.

use std::hint::select_unpredictable;

use super::moves::Pull;
use crate::control::{Pace, Watch};
use crate::parallel::{self, Shares};
use crate::random::{Random, Streams};
use crate::rcpsp::constrained::LATE;
use crate::rcpsp::decoder::Stopper;
use crate::rcpsp::instance::Instance;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::search::crossover::{Shifter, cross, cuts};
use crate::rcpsp::search::genetic::{PLACEMENT, WORTH_A_THREAD};
use crate::rcpsp::search::settings::Settings;
use crate::rcpsp::{Decoder, Direction, Lister, Objective};
use crate::total::Total;

/// How good a schedule is, the least first: by how much it misses windows, its value, its makespan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    pub late: i64,
    pub value: i64,
    pub makespan: i64,
}

impl Score {
    /// Worse than every schedule.
    pub const WORST: Self = Self { late: i64::MAX, value: i64::MAX, makespan: i64::MAX };

    /// Of the schedule with these completions, whose makespan or delay the decoder tells.
    pub fn new(objective: Objective, due: &DueDates, decoded: i64, completion_time: &[i64]) -> Self {
        Self {
            late: if decoded >= LATE { decoded - LATE } else { 0 },
            value: objective.value(due, completion_time),
            makespan: completion_time.iter().copied().max().unwrap_or(0),
        }
    }
}

/// For each place a list in the order of its starts, its completions by activity, and its score.
#[derive(Debug, Clone, Default)]
struct Members {
    lists: Vec<u32>,
    completion_time: Vec<i64>,
    score: Vec<Score>,
}

/// What all members are judged by.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    pub instance: &'a Instance<'a>,
    pub objective: Objective,
    pub due: &'a DueDates<'a>,
}

/// One thread's scratch: turns lists into schedules, and makes children.
pub struct Worker<'a> {
    judge: Judge<'a>,
    decoder: Decoder<'a>,
    lister: Lister,
    shifter: Shifter,
    pull: Pull,
    place: Vec<u32>,
    /// The list to decode; then that of the schedule in the order of its starts.
    pub list: Vec<u32>,
    /// The schedule.
    pub start_time: Vec<i64>,
    completion_time: Vec<i64>,
    /// Activity placements since the last generation began.
    pub placed: u64,
    best: (Score, usize),
    best_start: Vec<i64>,
}

impl<'a> Worker<'a> {
    pub fn new(judge: Judge<'a>, makespan: i64) -> Self {
        let n = judge.instance.project.num_activities();
        let mut decoder = judge.instance.decoder();
        decoder.speed_up(makespan);
        Self {
            judge,
            decoder,
            lister: Lister::new(judge.instance.project),
            shifter: Shifter::new(judge.instance.project.graph()),
            pull: Pull::default(),
            place: vec![0; n],
            list: vec![0; n],
            start_time: vec![0; n],
            completion_time: vec![0; n],
            placed: 0,
            best: (Score::WORST, usize::MAX),
            best_start: vec![0; n],
        }
    }

    /// The list of these priorities, to be decoded.
    pub fn take_priorities(&mut self, priority: &[i64]) {
        self.list.clear();
        self.list.extend_from_slice(self.lister.list(priority));
    }

    /// Decodes the list by the serial scheme and orders it by the starts; its score, `None` if it is stopped on the way.
    pub fn decode(&mut self, stop: Stopper) -> Option<Score> {
        let decoded = self.decoder.decode_until(&self.list, Direction::Forward, i64::MAX, &self.list, stop);
        self.placed += u64::from(decoded.placed) + self.decoder.take_extra_placements();
        if (decoded.placed as usize) < self.list.len() {
            return None;
        }
        self.decoder.starts(Direction::Forward, 0, &mut self.start_time);
        self.decoder.completion_times(&mut self.completion_time);
        let Judge { objective, due, .. } = self.judge;
        let score = Score::new(objective, due, decoded.makespan, &self.completion_time);
        let Self { list, lister, start_time, .. } = self;
        list.copy_from_slice(lister.list(start_time));
        Some(score)
    }

    /// Makes the children of the places from `first` on; `stop` counts what they cost and tells whether to go on. Places that it is
    /// stopped before keep their members.
    fn breed(&mut self, generation: &Generation, first: usize, members: Share, mut stop: impl FnMut(u64) -> bool) {
        let n = self.list.len();
        let Share { lists, completion_time, score } = members;
        let from = generation.from;
        let mut stopped = false;
        let places = lists.chunks_exact_mut(n).zip(completion_time.chunks_exact_mut(n)).zip(score);
        for (k, ((list, completion_time), score)) in places.enumerate() {
            let place = first + k;
            let parent = place * n..(place + 1) * n;
            list.copy_from_slice(&from.lists[parent.clone()]);
            completion_time.copy_from_slice(&from.completion_time[parent]);
            *score = from.score[place];
            if stopped {
                continue;
            }
            self.change(generation, place);
            let before = self.placed;
            let mut look = |steps| {
                stopped |= stop(steps);
                stopped
            };
            if let Some(found) = self.decode(&mut look)
                && found <= *score
            {
                list.copy_from_slice(&self.list);
                completion_time.copy_from_slice(&self.completion_time);
                *score = found;
                if found < self.best.0 {
                    self.best = (found, place);
                    self.best_start.copy_from_slice(&self.start_time);
                }
            }
            stopped = stopped || stop(self.placed - before);
        }
    }

    /// The child of the member at `place`, in `self.list`: a crossover, or a copy in which something that is to blame moves forward.
    fn change(&mut self, generation: &Generation, place: usize) {
        let Generation { settings, from, .. } = generation;
        let n = self.list.len();
        let mut random = generation.streams.get(generation.first_child + place as u64);
        let list = |place: usize| &from.lists[place * n..(place + 1) * n];
        if random.below(100) < CROSSED {
            let size = from.score.len() as u64;
            let mut contenders = (0..settings.tournament).map(|_| random.below(size) as usize);
            let first = contenders.next().unwrap_or(place);
            let better = |a, b| select_unpredictable(from.score[b] < from.score[a], b, a);
            let other = contenders.fold(first, better);
            let (cut, outer) = (cuts(n, &mut random), random.below(2) == 0);
            cross(list(place), list(other), cut, outer, &mut self.place, &mut self.list);
        } else {
            self.list.copy_from_slice(list(place));
        }
        for _ in 0..MOST_PULLS {
            if random.below(100) >= self.judge.objective.pulled() || !self.pull_blamed(from, place, &mut random) {
                break;
            }
        }
        let mut shifts = 0;
        while shifts < MOST_SHIFTS && random.below(100) < SHIFTED {
            shifts += 1;
        }
        if shifts == 0 && self.list == list(place) {
            shifts = 2; // a copy would tell nothing new
        }
        for _ in 0..shifts {
            let mut position = || random.below(n as u64) as usize;
            self.shifter.shift(&mut self.list, position(), position(), Direction::Forward);
        }
    }

    /// Pulls one of the activities that are to blame for the value of the member at `place`, each as likely as the other; false if there
    /// is none.
    fn pull_blamed(&mut self, from: &Members, place: usize, random: &mut Random) -> bool {
        let n = self.list.len();
        let Judge { objective, due, instance } = self.judge;
        let completion_time = &from.completion_time[place * n..(place + 1) * n];
        let value = from.score[place].value;
        let (mut chosen, mut count) = (None, 0);
        due.each(|i, due| {
            if objective.blames(completion_time[i].saturating_sub(due), value) {
                count += 1;
                if random.below(count) == 0 {
                    chosen = Some(i);
                }
            }
        });
        let Some(position) = chosen.and_then(|i| self.list.iter().position(|&j| j as usize == i)) else { return false };
        if position == 0 {
            return false;
        }
        // Near places are more likely than far ones.
        let near = random.unit();
        let to = position - 1 - ((near * near * position as f64) as usize).min(position - 1);
        self.pull.pull(&mut self.list, position, to, instance.project.graph());
        true
    }
}

/// Of 100 children, how many have two parents.
const CROSSED: u64 = 40;
/// Of 100 children, in how many an activity is shifted, and of these, in how many another one; found on sequences of 12 jobs and
/// projects of 30 and 60 activities.
const SHIFTED: u64 = 30;
const MOST_SHIFTS: u32 = 5;
/// Activities that are pulled in one child at most.
const MOST_PULLS: u32 = 4;

/// The places that one thread fills.
struct Share<'m> {
    lists: &'m mut [u32],
    completion_time: &'m mut [i64],
    score: &'m mut [Score],
}

/// What every child of a generation has in common.
struct Generation<'m> {
    settings: Settings,
    streams: Streams,
    from: &'m Members,
    first_child: u64,
}

/// The lists, and what works on them.
pub struct Population<'a> {
    num_activities: usize,
    settings: Settings,
    streams: Streams,
    members: Members,
    next: Members,
    workers: Vec<Worker<'a>>,
    children: u64,
}

impl<'a> Population<'a> {
    /// Starts from the lists that a worker has made; more threads than lists would only take memory.
    pub fn new(worker: Worker<'a>, settings: Settings, seed: u64, threads: usize, first: &[(Score, Vec<u32>)]) -> Self {
        let n = worker.list.len();
        let (judge, makespan) = (worker.judge, first.iter().map(|(score, _)| score.makespan).max().unwrap_or(0));
        let mut workers = vec![worker];
        workers.extend((1..threads.min(first.len())).map(|_| Worker::new(judge, makespan)));
        let members = Members {
            lists: first.iter().flat_map(|(_, list)| list.iter().copied()).collect(),
            completion_time: vec![i64::MIN; first.len() * n], // nothing is to blame yet
            score: first.iter().map(|&(score, _)| score).collect(),
        };
        let next = members.clone();
        Self { num_activities: n, settings, streams: Streams::new(seed), members, next, workers, children: 0 }
    }

    /// Makes one child for each of the first `places` places; returns the activity placements spent, and the best schedule if it beats
    /// `bound`: ties go to the lowest place. The answer does not depend on the number of threads.
    pub fn generation(&mut self, places: usize, bound: Score, watch: &mut Watch<'_, Total>) -> (u64, Option<(Score, Vec<i64>)>) {
        let n = self.num_activities;
        let places = places.min(self.members.score.len());
        let generation =
            Generation { settings: self.settings, streams: self.streams, from: &self.members, first_child: self.children };
        let threads = if places as u64 * n as u64 * PLACEMENT < WORTH_A_THREAD { 1 } else { self.workers.len() };
        let share = places.div_ceil(threads).max(1);
        for worker in &mut self.workers {
            (worker.placed, worker.best) = (0, (bound, usize::MAX));
        }
        let Members { lists, completion_time, score } = &mut self.next;
        let slots = lists[..places * n]
            .chunks_mut(share * n)
            .zip(completion_time[..places * n].chunks_mut(share * n))
            .zip(score[..places].chunks_mut(share))
            .map(|((lists, completion_time), score)| Share { lists, completion_time, score });
        let shares = Shares::new(self.workers.iter_mut().zip(slots).enumerate().collect());
        let stop = watch.stop;
        let helper = || {
            let mut pace = Pace::default();
            while let Some((k, (worker, members))) = shares.next() {
                worker.breed(&generation, k * share, members, |steps| pace.due(steps) && stop.check());
            }
        };
        std::thread::scope(|scope| {
            parallel::help(scope, threads - 1, helper);
            while let Some((k, (worker, members))) = shares.next() {
                worker.breed(&generation, k * share, members, |steps| watch.worked(steps));
            }
        });
        self.children += self.members.score.len() as u64;
        // Places beyond the budget are never looked at again.
        std::mem::swap(&mut self.members, &mut self.next);
        let placed = self.workers.iter().map(|worker| worker.placed).sum();
        let best = self.workers.iter().filter(|worker| worker.best.0 < bound).min_by_key(|worker| worker.best);
        (placed, best.map(|worker| (worker.best.0, worker.best_start.clone())))
    }
}
