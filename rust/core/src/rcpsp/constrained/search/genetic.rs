//! A population of lists that gets better: crossover and shifts as in the unconstrained search, delays before makespan.

use super::decoder::{Decoder, Value};
use crate::control::{Pace, Watch};
use crate::parallel::{self, Shares};
use crate::random::{Random, Streams};
use crate::rcpsp::constrained::{Situation, Windows};
use crate::rcpsp::search::crossover::{Shifter, cross, cuts};
use crate::rcpsp::{Direction, Lister, Schedule};

/// A list by completion of its schedule, with the schedule's value.
type Member = (Value, Vec<u32>);

/// Lists, each by completion of its schedule, with the schedules' values.
pub struct Population {
    members: Vec<Member>,
    size: usize,
}

/// One thread's scratch.
pub struct Worker<'s, 'p> {
    decoder: Decoder<'s, 'p>,
    lister: Lister,
    place: Vec<u32>,
    shifter: Shifter,
    child: Vec<u32>,
    best: Option<(Value, usize, Schedule)>,
}

/// Nanoseconds that one placement of a child takes, roughly, its justification included; a generation that takes less than
/// `WORTH_A_THREAD` stays on one thread.
const PLACEMENT: u64 = 250;
const WORTH_A_THREAD: u64 = 500_000;

impl Population {
    pub fn new(size: usize) -> Self {
        Self { members: Vec::with_capacity(size), size }
    }

    pub fn is_full(&self) -> bool {
        self.members.len() >= self.size
    }

    /// Takes a schedule in; in a full population it takes the place of the worst if it is better.
    pub fn add(&mut self, value: Value, list: &[u32], completion_time: &[i64]) {
        let mut list = list.to_vec();
        list.sort_by_key(|&i| completion_time[i as usize]); // stable, so predecessors stay before
        if self.is_full() {
            let worst = (0..self.members.len()).max_by_key(|&k| self.members[k].0);
            let Some(worst) = worst.filter(|&k| value < self.members[k].0) else { return };
            self.members[worst] = (value, list);
        } else {
            self.members.push((value, list));
        }
    }

    /// One of the better members: the best of three drawn.
    pub fn draw(&self, random: &mut Random) -> Option<&[u32]> {
        (!self.members.is_empty()).then(|| self.members[tournament(&self.members, random)].1.as_slice())
    }

    /// Makes a child for each of the first `places` members, with the random stream of its number from `first_child` on; one that is
    /// not worse takes the place of its parent. Returns the best schedule, if it is better than `bound`. The answer does not depend on
    /// the number of workers.
    pub fn generation(
        &mut self,
        workers: &mut [Worker],
        places: usize,
        (streams, first_child): (Streams, u64),
        bound: Option<Value>,
        watch: &mut Watch<'_, i64>,
    ) -> Option<(Value, Schedule)> {
        let places = places.min(self.members.len());
        let n = workers.first().map_or(0, |worker| worker.child.len());
        let work = places as u64 * n as u64 * PLACEMENT;
        let threads = if work < WORTH_A_THREAD { 1 } else { workers.len() };
        let share = places.div_ceil(threads).max(1);
        let mut children: Vec<Option<Member>> = vec![None; places];
        let (members, stop) = (&self.members, watch.stop);
        let slots = workers.iter_mut().zip(children.chunks_mut(share)).enumerate();
        let shares = Shares::new(slots.map(|(k, (worker, slots))| (k * share, worker, slots)).collect());
        let breed = |first: usize, worker: &mut Worker, slots: &mut [Option<Member>], stop: &mut dyn FnMut(u64) -> bool| {
            for (place, slot) in (first..).zip(slots) {
                *slot = worker.breed(members, place, bound, &mut streams.get(first_child + place as u64), stop);
                if worker.stopped() {
                    return;
                }
            }
        };
        let helper = || {
            let mut pace = Pace::default();
            while let Some((first, worker, slots)) = shares.next() {
                breed(first, worker, slots, &mut |steps| pace.due(steps) && stop.check());
            }
        };
        std::thread::scope(|scope| {
            parallel::help(scope, threads - 1, helper);
            while let Some((first, worker, slots)) = shares.next() {
                breed(first, worker, slots, &mut |steps| watch.worked(steps));
            }
        });
        drop(shares);
        for (member, child) in self.members.iter_mut().zip(children) {
            if let Some(child) = child {
                *member = child;
            }
        }
        let found = workers.iter_mut().filter_map(|worker| worker.best.take());
        found.min_by_key(|&(value, place, _)| (value, place)).map(|(value, _, schedule)| (value, schedule))
    }
}

/// The best of three drawn.
fn tournament(members: &[Member], random: &mut Random) -> usize {
    let mut draws = (0..3).map(|_| random.below(members.len() as u64) as usize);
    let first = draws.next().unwrap_or(0);
    draws.fold(first, |a, b| if members[b].0 < members[a].0 { b } else { a })
}

impl<'s, 'p> Worker<'s, 'p> {
    /// Scratch that is fast for schedules not much longer than `makespan`.
    pub fn new(situation: &'s Situation<'p>, windows: &'s Windows, makespan: i64) -> Self {
        let (project, n) = (situation.project, situation.num_activities());
        let mut decoder = Decoder::new(situation, windows);
        decoder.speed_up(makespan);
        let (lister, shifter) = (Lister::new(project), Shifter::new(project.graph()));
        Self { decoder, lister, place: vec![0; n], shifter, child: vec![0; n], best: None }
    }

    /// Placements made so far.
    pub fn placements(&self) -> u64 {
        self.decoder.pass.placements
    }

    /// Whether a stop sign was seen.
    pub fn stopped(&self) -> bool {
        self.decoder.pass.stopped
    }

    /// Makes a child of the member at `place` and another parent chosen in a tournament; `None` if it is worse than the first. What is
    /// as good or better is justified.
    fn breed(
        &mut self,
        members: &[Member],
        place: usize,
        bound: Option<Value>,
        random: &mut Random,
        stop: &mut dyn FnMut(u64) -> bool,
    ) -> Option<Member> {
        let n = self.child.len();
        let (limit, parent) = &members[place];
        let other = tournament(members, random);
        let (cut, outer) = (cuts(n, random), random.below(2) == 0);
        cross(parent, &members[other].1, cut, outer, &mut self.place, &mut self.child);
        let mut shifts = usize::from(random.below(2) == 0);
        if self.child == *parent {
            shifts = 3; // a copy would tell nothing new
        }
        for _ in 0..shifts {
            let (a, b) = (random.below(n as u64) as usize, random.below(n as u64) as usize);
            self.shifter.shift(&mut self.child, a, b, Direction::Forward);
        }
        let mut value = self.decoder.decode_until(&self.child, *limit, stop);
        if value > *limit || self.stopped() {
            return None;
        }
        self.note(value, place, bound);
        if let Some(better) = self.decoder.justify(&mut self.lister, stop)
            && !self.stopped()
        {
            value = better;
            self.note(value, place, bound);
        }
        Some((value, self.child.clone()))
    }

    /// Sorts the child by completion in the last schedule, and keeps the schedule if none was better.
    fn note(&mut self, value: Value, place: usize, bound: Option<Value>) {
        let schedule = &self.decoder.pass.schedule;
        self.child.sort_by_key(|&i| schedule.completion_time[i as usize]);
        let best = self.best.as_ref().map(|(best, _, _)| *best).or(bound);
        if best.is_none_or(|best| value < best) {
            self.best = Some((value, place, schedule.clone()));
        }
    }
}
