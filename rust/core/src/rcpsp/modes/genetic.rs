//! A population of lists with modes, in both directions of time (after Van Peteghem and Vanhoucke 2010): children of schedules that are
//! justified to one side are decoded to the other side.

use super::super::search::crossover::{Shifter, cross, cuts};
use super::arrange::Arranger;
use super::decoder::{Decoder, Improvement};
use super::model::Model;
use super::repair::repair;
use crate::control::Stop;
use crate::graph::Dag;
use crate::parallel;
use crate::random::Random;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::{Direction, Lister, Objective, Project};

/// Values from here on are those of schedules that miss deadlines, and from the other one on of modes that exceed stocks. All keys of
/// objectives are below, also those of fractional weights, which take the bits of floats.
pub const LATE: i128 = 1 << 70;
pub const EXCESSIVE: i128 = 1 << 71;

/// A schedule as the population keeps it.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// In which its activities are decoded to the other side, or again.
    pub list: Vec<u32>,
    pub choice: Vec<u32>,
    /// Start times from the left, in units.
    pub start: Vec<i64>,
    pub value: i128,
    /// How far it is from a shorter makespan, where that is the objective: among members of equal value, less is better.
    pub criticality: i64,
}

impl Member {
    /// What members are compared by.
    fn key(&self) -> (i128, i64) {
        (self.value, self.criticality)
    }
}

/// What schedules are compared by.
pub struct Valuation<'p> {
    pub objective: Objective,
    pub due: &'p DueDates<'p>,
}

/// Sizes and rates, found on projects of 50 and 100 activities with three modes each.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub population: usize,
    /// Contenders for being the second parent.
    pub tournament: usize,
    /// Shifts in a child, and changes of modes, on average.
    pub shifts: f64,
    pub changes: f64,
    /// Of 256 activities, how many look at other modes.
    pub rate: u64,
}

impl Settings {
    /// For about so many schedules of `n` activities.
    pub fn new(schedules: u64, n: usize) -> Self {
        let root = (schedules as f64).sqrt();
        // A generation of a large project must not take long.
        let most = (2e5 / n.max(1) as f64).max(12.0);
        // Larger projects need more generations.
        let share = (15.0 / n.max(1) as f64).clamp(0.15, 0.25);
        let population = (share * root).min(most).clamp(12.0, 1000.0) as usize;
        Self { population, tournament: 2, shifts: 1.0, changes: (0.06 * n as f64).clamp(1.0, 8.0), rate: 220 }
    }
}

/// Two populations, the schedules of one justified to the left, of the other one to the right. Where windows or another objective than
/// the makespan do not let time be mirrored, both are justified to the left.
pub struct Genetic<'p> {
    project: &'p Project,
    model: &'p Model<'p>,
    valuation: Valuation<'p>,
    pub settings: Settings,
    shifter: Shifter,
    /// Whether lists follow from times by sorting alone.
    is_sequential: bool,
    two_sided: bool,
    seed: u64,
    threads: usize,
    stop: &'p Stop,
    generation: u64,
    populations: [Vec<Member>; 2],
    children: Vec<Member>,
    place: Vec<u32>,
}

/// What a thread needs to make children.
struct Scratch<'p> {
    decoder: Decoder<'p>,
    lister: Lister,
    position: Vec<u32>,
}

impl<'p> Genetic<'p> {
    pub fn new(
        project: &'p Project,
        model: &'p Model<'p>,
        valuation: Valuation<'p>,
        settings: Settings,
        seed: u64,
        threads: usize,
        stop: &'p Stop,
    ) -> Self {
        let mut place = vec![0; model.len()];
        model.order.iter().enumerate().for_each(|(k, &i)| place[i as usize] = k as u32);
        let is_sequential =
            model.has_options || model.before.iter().flatten().all(|link| link.from_finish && !link.to_finish && link.lag >= 0);
        // Where some activities may not run, lists are only priorities.
        let unordered = Dag::new(model.len(), &[], "precedence").expect("no edges, no cycle");
        let two_sided = !model.is_bounded && valuation.objective == Objective::MAKESPAN;
        Self {
            project,
            model,
            valuation,
            settings,
            shifter: Shifter::new(if model.has_options { &unordered } else { project.graph() }),
            is_sequential,
            two_sided,
            seed,
            threads,
            stop,
            generation: 0,
            populations: [Vec::new(), Vec::new()],
            children: Vec::new(),
            place,
        }
    }

    /// From now on so many threads make children.
    pub fn threads(&mut self, threads: usize) {
        self.threads = threads;
    }

    /// The number of schedules in a population.
    pub fn size(&self) -> usize {
        self.populations[0].len()
    }

    /// Draws the first schedules and gives the best one; `first` gives lists and choices to begin with, of which so many as `warm` keep
    /// their modes.
    pub fn begin(&mut self, first: &[(Vec<u32>, Vec<u32>)], warm: usize, places: usize) -> Member {
        let size = self.settings.population.min(places.max(1));
        let mut members = vec![Member::default(); size];
        let latest = self.latest_finish();
        parallel::fill(
            self.threads,
            &mut members,
            &mut [] as &mut [u8],
            || self.scratch(),
            |scratch, k, member, _| {
                if k > 0 && self.stop.check() {
                    member.value = i128::MAX;
                    return;
                }
                let mut random = Random::stream(self.seed, k as u64);
                let (list, mut choice) = match first.get(k) {
                    Some(given) => given.clone(),
                    None => self.sample(scratch, &latest, &mut random),
                };
                repair(self.model, &mut choice, &mut random);
                let rate = if k < warm { 0 } else { self.settings.rate };
                *member = self.decoded(scratch, (&list, choice), false, rate, &mut random);
            },
        );
        let best = members.iter().min_by_key(|member| member.value).cloned().unwrap_or_default();
        self.populations = [members, Vec::new()];
        best
    }

    /// One generation of at most `places` children; the best of them, if its value is below `below`.
    pub fn generation(&mut self, places: usize, below: i128) -> (usize, Option<Member>) {
        let from = (self.generation % 2) as usize;
        self.generation += 1;
        let size = self.populations[from].len().min(places);
        let mut children = std::mem::take(&mut self.children);
        children.resize(size, Member::default());
        parallel::fill(
            self.threads,
            &mut children,
            &mut [] as &mut [u8],
            || self.scratch(),
            |scratch, k, child, _| {
                if self.stop.check() {
                    child.value = i128::MAX;
                    return;
                }
                let mut random = Random::stream(self.seed, self.generation << 20 | k as u64);
                *child = self.child(scratch, &self.populations[from], k, from == 0 && self.two_sided, &mut random);
            },
        );
        let better = children.iter().filter(|child| child.value < below).min_by_key(|child| child.value).cloned();
        let target = &mut self.populations[1 - from];
        for (k, child) in children.iter_mut().enumerate() {
            match target.get_mut(k) {
                None => target.push(std::mem::take(child)),
                Some(old) if child.key() <= old.key() => std::mem::swap(old, child),
                Some(_) => {}
            }
        }
        self.children = children;
        (size, better)
    }

    /// Puts a schedule that was found elsewhere into both populations.
    pub fn admit(&mut self, start: &[i64], choice: &[u32], value: i128) {
        let finish: Vec<i64> = start.iter().zip(choice).map(|(&start, &c)| self.model.end(c as usize, start)).collect();
        let mut scratch = self.scratch();
        for side in 0..2 {
            let backward = side == 1 && self.two_sided;
            let (starts, ends): (Vec<i64>, Vec<i64>) = if backward {
                let end = finish.iter().copied().max().unwrap_or(0);
                (finish.iter().map(|time| end - time).collect(), start.iter().map(|time| end - time).collect())
            } else {
                (start.to_vec(), finish.clone())
            };
            let list = self.list(&mut scratch, (&starts, &ends), !backward && self.two_sided);
            let member = Member { list, choice: choice.to_vec(), start: start.to_vec(), value, criticality: 0 };
            if let Some(worst) = self.populations[side].iter_mut().max_by_key(|member| member.value) {
                *worst = member;
            }
        }
    }

    fn scratch(&self) -> Scratch<'p> {
        Scratch { decoder: Decoder::new(self.model), lister: Lister::new(self.project), position: vec![0; self.model.len()] }
    }

    /// Latest finishes in the shortest modes, for a project as long as its critical path.
    fn latest_finish(&self) -> Vec<i64> {
        let model = self.model;
        let n = model.len();
        let (_, finish) = super::bound::earliest(model);
        let end = finish.iter().copied().max().unwrap_or(0);
        let mut latest = vec![end; n];
        for &i in model.order.iter().rev() {
            let i = i as usize;
            latest[i] = latest[i].min(model.deadline[i]);
            for link in &model.after[i] {
                let shortest = |j: usize| model.choices(j).map(|c| model.duration[c]).min().unwrap_or(0);
                let j = link.other as usize;
                let event = latest[j] - if link.to_finish { 0 } else { shortest(j) } - link.lag;
                latest[i] = latest[i].min(event + if link.from_finish { 0 } else { shortest(i) });
            }
        }
        latest
    }

    /// A list by disturbed latest finishes, and random modes of which fast ones are likelier.
    fn sample(&self, scratch: &mut Scratch, latest: &[i64], random: &mut Random) -> (Vec<u32>, Vec<u32>) {
        let model = self.model;
        let end = latest.iter().copied().max().unwrap_or(0).max(1) as f64;
        let spread = 0.3 * random.unit() * end;
        let priority: Vec<f64> = latest.iter().map(|&time| time as f64 + spread * random.unit()).collect();
        let list = if model.has_options {
            Arranger::by_priority(model, |i| priority[i])
        } else {
            scratch.lister.list(&priority).to_vec()
        };
        let choice = (0..model.len())
            .map(|i| {
                let own = model.choices(i);
                if !model.must_run(i) {
                    return own.start as u32; // groups take what they need
                }
                let draw = random.below(own.len() as u64).min(random.below(own.len() as u64));
                (own.start as u64 + draw) as u32
            })
            .collect();
        (list, choice)
    }

    fn child(&self, scratch: &mut Scratch, parents: &[Member], k: usize, backward: bool, random: &mut Random) -> Member {
        let n = self.model.len();
        let first = &parents[k];
        let draw = |random: &mut Random| random.below(parents.len() as u64) as usize;
        let mut other = draw(random);
        for _ in 1..self.settings.tournament {
            let next = draw(random);
            if parents[next].key() < parents[other].key() {
                other = next;
            }
        }
        let second = &parents[other];
        let cut = cuts(n, random);
        let outer = random.below(2) == 0;
        let mut list = vec![0; n];
        cross(&first.list, &second.list, cut, outer, &mut scratch.position, &mut list);
        let inside = |i: usize| (cut.0 as u32..cut.1 as u32).contains(&scratch.position[i]);
        let mut choice: Vec<u32> = (0..n)
            .map(|i| if inside(self.model.alternatives.leader(i)) == outer { first.choice[i] } else { second.choice[i] })
            .collect();
        let direction = if backward { Direction::Backward } else { Direction::Forward };
        let times = |rate: f64, random: &mut Random| rate as usize + usize::from(random.unit() < rate.fract());
        let alike = first.value == second.value && first.choice == second.choice;
        for _ in 0..times(self.settings.shifts, random) + usize::from(alike) {
            let (from, to) = (random.below(n as u64) as usize, random.below(n as u64) as usize);
            self.shifter.shift(&mut list, from, to, direction);
        }
        for _ in 0..times(self.settings.changes, random) + usize::from(alike) {
            let i = random.below(n as u64) as usize;
            let own = self.model.choices(i);
            choice[i] = (own.start as u64 + random.below(own.len() as u64)) as u32;
            self.model.follow(&mut choice, i, random);
        }
        repair(self.model, &mut choice, random);
        self.decoded(scratch, (&list, choice), backward, self.settings.rate, random)
    }

    fn decoded(
        &self,
        scratch: &mut Scratch,
        (list, mut choice): (&[u32], Vec<u32>),
        backward: bool,
        rate: u64,
        random: &mut Random,
    ) -> Member {
        let makespan = scratch.decoder.decode(list, &mut choice, backward, Some(Improvement { rate, random }));
        let Decoder { start, finish, late, left, criticality, .. } = &scratch.decoder;
        let (start, finish, late) = (start.clone(), finish.clone(), *late);
        let excess = left.iter().map(|&left| (-left).max(0)).sum::<i64>() + self.model.num_violated(&choice);
        let is_makespan = self.valuation.objective == Objective::MAKESPAN;
        let criticality = if is_makespan && excess == 0 && late == 0 { *criticality } else { 0 };
        let value = if excess > 0 {
            EXCESSIVE + i128::from(excess)
        } else if late > 0 {
            LATE + i128::from(late)
        } else if self.valuation.objective == Objective::MAKESPAN {
            i128::from(makespan)
        } else {
            let completion = self.model.completions(&finish, &choice);
            i128::from(self.valuation.objective.value(self.valuation.due, &completion))
        };
        let list = self.list(scratch, (&start, &finish), !backward && self.two_sided);
        let start = if backward { finish.iter().map(|time| makespan - time).collect() } else { start };
        Member { list, choice, start, value, criticality }
    }

    /// The list that a schedule gives, in its own direction or the other one. `backward`: the list is to be decoded backward.
    fn list(&self, scratch: &mut Scratch, (start, finish): (&[i64], &[i64]), backward: bool) -> Vec<u32> {
        let turned = self.two_sided;
        if !self.is_sequential {
            return match (turned, backward) {
                // Times run from the left.
                (_, true) => scratch.lister.list_backward(finish).to_vec(),
                (true, false) => {
                    // Times run from the right: what completes last there starts first.
                    let priority: Vec<i64> = finish.iter().map(|&time| -time).collect();
                    scratch.lister.list(&priority).to_vec()
                }
                (false, false) => scratch.lister.list(start).to_vec(),
            };
        }
        let mut keys: Vec<(i64, i64, u32)> = (0..self.model.len())
            .map(|i| {
                let place = i64::from(self.place[i]);
                let key = if turned { -finish[i] } else { start[i] };
                (key, if backward { -place } else { place }, i as u32)
            })
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|(.., i)| i).collect()
    }
}
