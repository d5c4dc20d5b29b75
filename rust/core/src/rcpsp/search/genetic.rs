//! The bi-population search (after Debels and Vanhoucke 2007): one population scheduled from the start, one from the end, each the
//! parent of the other, so that every child is justified on the way at the price of one schedule.

use std::hint::select_unpredictable;

use super::blocks::{BlockSearch, ORDERS};
use super::crossover::{Shifter, cross, cuts};
use super::settings::Settings;
use crate::control::{Pace, Stop, Watch};
use crate::parallel::{self, Shares};
use crate::random::{Random, Streams};
use crate::rcpsp::decoder::{Decoded, Stopper};
use crate::rcpsp::instance::Instance;
use crate::rcpsp::parallel::{FEW_REFUSALS, ParallelScheme};
use crate::rcpsp::{Decoder, Direction, Scheme};
use crate::total::Total;

/// Schedules of one direction: for each place its value (the makespan, or how late it is), and a list of the activities by completion, the last first: the children
/// are scheduled in the other direction, and find the list as they need it.
#[derive(Debug, Clone)]
struct Population {
    lists: Vec<u32>,
    value: Vec<i64>,
}

/// One thread's scratch.
struct Worker<'p> {
    decoder: Decoder<'p>,
    parallel: ParallelScheme<'p>,
    finish: Vec<i64>,
    child: Vec<u32>,
    place: Vec<u32>,
    shifter: Shifter,
    /// For children of the serial scheme, if lists can be decoded in parts.
    blocks: Option<BlockSearch>,
    scratch: Vec<u32>,
    placed: u64,
    best: i64,
    best_place: usize,
    best_start: Vec<i64>,
}

/// The best schedule that a generation found, if it beats the bound it was given.
#[derive(Debug)]
pub(in crate::rcpsp) struct Better {
    /// The makespan, or how late it is.
    pub value: i64,
    pub start_time: Vec<i64>,
}

/// The two populations and what works on them.
pub(super) struct Genetic<'p> {
    num_activities: usize,
    settings: Settings,
    streams: Streams,
    populations: [Population; 2],
    workers: Vec<Worker<'p>>,
    /// Of the parents.
    direction: Direction,
    children: u64,
}

/// Nanoseconds that placing one activity takes, roughly; a generation that takes less than `WORTH_A_THREAD` stays on one thread.
pub(super) const PLACEMENT: u64 = 30;
pub(super) const WORTH_A_THREAD: u64 = 1_000_000;

impl<'p> Genetic<'p> {
    /// Starts from `first`: forward schedules as (value, activities by completion), best first. More threads than schedules would
    /// only take memory. Schedules not much longer than `makespan` are to be expected.
    pub fn new(
        instance: &'p Instance<'p>,
        settings: Settings,
        seed: u64,
        threads: usize,
        makespan: i64,
        first: &[(i64, Vec<u32>)],
    ) -> Self {
        // The mirror image of a list, decoded, is at most as long: a place that gets no child keeps its parent's makespan as a
        // bound, and its list turned around.
        let mirrored = Population {
            lists: first.iter().flat_map(|(_, list)| list.iter().copied()).collect(),
            value: first.iter().map(|&(value, _)| value).collect(),
        };
        let mut population = mirrored.clone();
        let n = instance.project.num_activities();
        population.lists.chunks_exact_mut(n.max(1)).for_each(<[u32]>::reverse);
        Self {
            num_activities: n,
            settings,
            streams: Streams::new(seed),
            populations: [population, mirrored],
            workers: (0..threads.clamp(1, first.len().max(1))).map(|_| Worker::new(instance, makespan)).collect(),
            direction: Direction::Forward,
            children: 0,
        }
    }

    /// Whether a schedule that was found elsewhere can be taken in before the next generation.
    pub fn takes(&self) -> bool {
        self.direction == Direction::Forward
    }

    /// Takes in a schedule that was found elsewhere, by its activities by completion, in the place of the worst one.
    pub fn insert(&mut self, value: i64, list: &[u32]) {
        let parents = &mut self.populations[0];
        let worst = (0..parents.value.len()).rev().max_by_key(|&place| parents.value[place]);
        let Some(place) = worst.filter(|&place| parents.value[place] > value) else { return };
        parents.value[place] = value;
        let n = self.num_activities;
        parents.lists[place * n..(place + 1) * n].iter_mut().zip(list.iter().rev()).for_each(|(slot, &i)| *slot = i);
    }

    /// Schedules that a child costs at most.
    pub fn price(&self, scheme: Scheme) -> usize {
        let in_blocks = scheme == Scheme::Serial && self.workers.iter().any(|worker| worker.blocks.is_some());
        if in_blocks { ORDERS } else { 1 }
    }

    /// Makes one child for each of the first `places` places; returns the activity placements spent, and the best schedule if it
    /// is shorter than `bound`. The answer does not depend on the number of threads.
    pub fn generation(
        &mut self,
        places: usize,
        scheme: Scheme,
        bound: i64,
        watch: &mut Watch<'_, Total>,
    ) -> (u64, Option<Better>) {
        let n = self.num_activities;
        let [forward, backward] = &mut self.populations;
        let (from, to) = match self.direction {
            Direction::Forward => (&*forward, backward),
            Direction::Backward => (&*backward, forward),
        };
        let places = places.min(from.value.len());
        let generation = Generation {
            settings: self.settings,
            streams: self.streams,
            from,
            scheme,
            direction: self.direction,
            first_child: self.children,
        };
        let work = places as u64 * n as u64 * PLACEMENT;
        let threads = if work < WORTH_A_THREAD { 1 } else { self.workers.len() };
        let share = places.div_ceil(threads).max(1);
        for worker in &mut self.workers {
            (worker.placed, worker.best, worker.best_place) = (0, bound, usize::MAX);
        }
        let stop: &Stop = watch.stop;
        let slots = to.lists[..places * n].chunks_mut(share * n).zip(to.value[..places].chunks_mut(share));
        let shares = Shares::new(self.workers.iter_mut().zip(slots).enumerate().collect());
        let helper = || {
            let mut pace = Pace::default();
            while let Some((k, (worker, (lists, makespan)))) = shares.next() {
                worker.breed(&generation, k * share, lists, makespan, |steps| pace.due(steps) && stop.check());
            }
        };
        std::thread::scope(|scope| {
            parallel::help(scope, threads - 1, helper);
            while let Some((k, (worker, (lists, makespan)))) = shares.next() {
                worker.breed(&generation, k * share, lists, makespan, |steps| watch.worked(steps));
            }
        });
        self.direction = self.direction.opposite();
        self.children += from.value.len() as u64;
        let placed = self.workers.iter().map(|worker| worker.placed).sum();
        let best = self.workers.iter().filter(|w| w.best < bound).min_by_key(|worker| (worker.best, worker.best_place));
        (placed, best.map(|worker| Better { value: worker.best, start_time: worker.best_start.clone() }))
    }
}

/// What every child of a generation has in common.
struct Generation<'a> {
    settings: Settings,
    streams: Streams,
    from: &'a Population,
    scheme: Scheme,
    direction: Direction,
    first_child: u64,
}

impl Generation<'_> {
    /// The list of the parent at `place`, in the children's direction.
    fn list(&self, place: usize) -> &[u32] {
        let n = self.from.lists.len() / self.from.value.len();
        &self.from.lists[place * n..(place + 1) * n]
    }

    /// The place of a parent that wins a tournament.
    fn mate(&self, random: &mut Random) -> usize {
        let value = &self.from.value;
        let mut contenders = (0..self.settings.tournament).map(|_| random.below(value.len() as u64) as usize);
        let first = contenders.next().unwrap_or(0);
        contenders.fold(first, |a, b| select_unpredictable(value[b] < value[a], b, a))
    }
}

impl<'p> Worker<'p> {
    fn new(instance: &'p Instance<'p>, makespan: i64) -> Self {
        let (project, n) = (instance.project, instance.project.num_activities());
        let mut decoder = instance.decoder();
        decoder.speed_up(makespan);
        let blocks = BlockSearch::serves(project, &decoder).then(|| BlockSearch::new(project));
        Self {
            decoder,
            parallel: instance.parallel(),
            finish: vec![0; n],
            child: vec![0; n],
            place: vec![0; n],
            shifter: Shifter::new(project.graph()),
            blocks,
            scratch: Vec::new(),
            placed: 0,
            best: i64::MAX,
            best_place: usize::MAX,
            best_start: vec![0; n],
        }
    }

    /// Makes the children of the places from `first` on; `stop` counts what they cost and tells whether to go on.
    fn breed(
        &mut self,
        generation: &Generation,
        first: usize,
        lists: &mut [u32],
        makespan: &mut [i64],
        mut stop: impl FnMut(u64) -> bool,
    ) {
        let n = self.child.len();
        let direction = generation.direction.opposite();
        for (k, (list, makespan)) in lists.chunks_exact_mut(n).zip(makespan).enumerate() {
            let place = first + k;
            let mut random = generation.streams.get(generation.first_child + place as u64);
            self.cross(generation, place, &mut random);
            // A child that is not worse than its parent takes the place; one that must get worse is abandoned.
            let limit = generation.from.value[place];
            let parent = generation.list(place);
            let (before, mut stopped) = (self.placed, false);
            let mut look = |steps| {
                stopped |= stop(steps);
                stopped
            };
            let length = match generation.scheme {
                Scheme::Serial if self.blocks.is_some() => self.decode_blocks(generation, place, limit, &mut random, &mut look),
                scheme => self.decode(scheme, direction, limit, parent, &mut look),
            };
            if let Some(length) = length {
                list.iter_mut().zip(self.child.iter().rev()).for_each(|(place, &i)| *place = i);
                *makespan = length;
                if length < self.best {
                    (self.best, self.best_place) = (length, place);
                    self.starts(generation.scheme, direction);
                }
            }
            if stopped || stop(self.placed - before) {
                return;
            }
        }
    }

    /// Decodes the child and sorts it by completion; its makespan, unless that exceeds the limit or it is stopped on the way.
    fn decode(&mut self, scheme: Scheme, direction: Direction, limit: i64, parent: &[u32], stop: Stopper) -> Option<i64> {
        let Decoded { makespan, placed } = match scheme {
            Scheme::Parallel => self.parallel.decode(&mut self.child, direction, FEW_REFUSALS, &mut self.finish, stop).ok()?,
            Scheme::Serial => self.decoder.decode_until(&self.child, direction, limit, parent, stop),
        };
        self.placed += u64::from(placed) + self.decoder.take_extra_placements();
        if (placed as usize) < self.child.len() || makespan > limit {
            return None;
        }
        if scheme == Scheme::Serial {
            self.decoder.sort_by_completion(&mut self.child, &mut self.scratch);
        }
        Some(makespan)
    }

    /// Decodes the child block by block, in its own order, that of its parent and that of one more, and sorts it by completion.
    fn decode_blocks(
        &mut self,
        generation: &Generation,
        place: usize,
        limit: i64,
        random: &mut Random,
        stop: Stopper,
    ) -> Option<i64> {
        let blocks = self.blocks.as_mut()?;
        let ends = BlockSearch::cuts(self.child.len(), random);
        for number in 0..ORDERS - 1 {
            let other = if number == 0 { place } else { generation.mate(random) };
            blocks.order(number, &ends, &self.child, generation.list(other));
        }
        let direction = generation.direction.opposite();
        let placed = blocks.decode(&mut self.decoder, &ends, &mut self.child, direction, limit, stop);
        self.placed += placed.placements;
        let makespan = placed.makespan?;
        self.decoder.sort_by_completion(&mut self.child, &mut self.scratch);
        Some(makespan)
    }

    /// Notes the start times of the schedule just decoded, which is the best.
    fn starts(&mut self, scheme: Scheme, direction: Direction) {
        match (scheme, direction) {
            (Scheme::Serial, _) => self.decoder.starts(direction, self.best, &mut self.best_start),
            (Scheme::Parallel, Direction::Backward) => {
                self.best_start.iter_mut().zip(&self.finish).for_each(|(start, finish)| *start = self.best - finish);
            }
            (Scheme::Parallel, Direction::Forward) => {
                let duration = self.parallel.duration();
                self.best_start.iter_mut().zip(self.finish.iter().zip(duration)).for_each(|(start, (f, d))| *start = f - d);
            }
        }
    }

    /// The child of the parent at `place`, in `self.child`, as a list in the children's direction.
    fn cross(&mut self, generation: &Generation, place: usize, random: &mut Random) {
        let settings = generation.settings;
        let n = self.child.len();
        let (parent, other) = (generation.list(place), generation.list(generation.mate(random)));
        // Positions are drawn in the parents' direction, which runs from the end of the list.
        let (cut, outer) = (cuts(n, random), random.below(2) == 0);
        cross(parent, other, (n - cut.1, n - cut.0), outer, &mut self.place, &mut self.child);
        let mut shifts = settings.shifts as usize + usize::from(random.unit() < settings.shifts.fract());
        if shifts == 0 && self.child == parent {
            shifts = 3; // a copy would tell nothing new
        }
        for _ in 0..shifts {
            let mut position = || n - 1 - random.below(n as u64) as usize;
            self.shifter.shift(&mut self.child, position(), position(), generation.direction.opposite());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Limits;
    use crate::rcpsp::{Past, Project, ProjectData};

    #[test]
    fn threads_without_a_place_are_not_paid_for_and_change_nothing() {
        let (n, limits) = (12_000, Limits::default()); // so many that a generation is worth threads
        let duration: Vec<i64> = (0..n).map(|i| 1 + i * 7 % 5).collect();
        let data =
            ProjectData { duration, demand: (0..n).map(|i| 1 + i % 3).collect(), capacity: vec![4], ..ProjectData::default() };
        let project = Project::new(data).expect("valid");
        let instance = Instance::new(&project, &Past::default(), &mut |_| false).expect("nothing bounds it");
        let mut decoder = instance.decoder();
        let first: Vec<(i64, Vec<u32>)> = (0..3)
            .map(|shift| {
                let mut list: Vec<u32> = (0..n as u32).collect();
                list.rotate_left(shift);
                let makespan = decoder.decode(&list, Direction::Forward);
                decoder.sort_by_completion(&mut list, &mut Vec::new());
                (makespan, list)
            })
            .collect();
        let stop = Stop::new(&limits);
        let answers = [1, 256].map(|threads| {
            let mut genetic = Genetic::new(&instance, Settings::new(1000, n as usize), 7, threads, i64::MAX, &first);
            assert_eq!(genetic.workers.len(), threads.min(first.len()));
            assert!((first.len() * n as usize) as u64 * PLACEMENT >= WORTH_A_THREAD);
            let mut watch = Watch::new(&stop);
            (0..4)
                .map(|_| genetic.generation(first.len(), Scheme::Serial, i64::MAX, &mut watch))
                .map(|(placed, better)| (placed, better.map(|better| (better.value, better.start_time))))
                .collect::<Vec<_>>()
        });
        assert_eq!(answers[0], answers[1]);
    }
}
