//! Large neighbourhoods of the best schedule: some activities are free, the others keep their order, and the prover's search looks for a
//! shorter schedule within a number of conflicts.
//!
//! Each kind of neighbourhood is drawn with a weight that grows where it finds something, and has a size of its own, which grows where
//! searches come to an end and shrinks where they reach their limit.

use crate::cp::Repair;
use crate::random::Random;
use crate::rcpsp::Schedule;
use crate::rcpsp::prover::Prover;

use super::genetic::Better;
use super::prover_thread::{News, STEP};

/// Conflicts in a neighbourhood.
const CONFLICTS: u64 = 300;
/// What is free at first: this share of the activities, but this many of them.
const FIRST_SHARE: f64 = 0.4;
const LEAST_FIRST: f64 = 20.0;
/// Fewer free activities change nothing.
const LEAST: f64 = 4.0;
/// How a size changes after a search, how a weight falls, and what a better schedule adds to it.
const GROWTH: f64 = 1.02;
const FORGETTING: f64 = 0.98;
const GAIN: f64 = 0.2;
/// The weight that a kind keeps in any case.
const LEAST_WEIGHT: f64 = 0.05;

/// How free activities are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// Those nearest to a moment.
    Window,
    /// The users of a resource nearest to a moment.
    Users,
    /// Any.
    Random,
    /// Those near a moment, the nearer the likelier.
    Scattered,
    /// A part of a critical chain, and what lies near it in time.
    Critical,
}

const CHOICES: [Choice; 5] = [Choice::Window, Choice::Users, Choice::Random, Choice::Scattered, Choice::Critical];

#[derive(Debug)]
struct Kind {
    choice: Choice,
    size: f64,
    weight: f64,
}

/// The search around the best schedule.
#[derive(Debug)]
pub(super) struct Neighbourhoods {
    search: Prover,
    best: Schedule,
    random: Random,
    kinds: Vec<Kind>,
}

impl Neighbourhoods {
    /// Starts around a schedule; `None` if the prover's project has constraints.
    pub fn new(prover: &Prover, best: &Better) -> Option<Self> {
        let search = prover.repairing(&best.start_time, best.value)?;
        let best = Schedule::from_starts(search.project(), best.start_time.clone());
        let size = (FIRST_SHARE * search.project().num_activities() as f64).max(LEAST_FIRST);
        let kinds = CHOICES.map(|choice| Kind { choice, size, weight: 1.0 }).into();
        Some(Self { search, best, random: Random::new(0), kinds })
    }

    /// From now on the search is around this schedule, and for shorter ones.
    pub fn improve(&mut self, better: &Better) {
        if better.value < self.best.makespan {
            self.search.improve(&better.start_time, better.value);
            self.best = Schedule::from_starts(self.search.project(), better.start_time.clone());
        }
    }

    /// No schedule is shorter.
    pub fn lower_bound(&self) -> i64 {
        self.search.lower_bound()
    }

    /// Whether no schedule is shorter than the best one.
    pub fn is_proved(&self) -> bool {
        self.search.is_proved()
    }

    /// Whether there is anything to search.
    pub fn is_open(&self) -> bool {
        !self.is_proved() && self.search.can_repair()
    }

    /// Searches one neighbourhood after the other for `placements`, or until one has a shorter schedule.
    pub fn turn(&mut self, placements: u64, mut stop: impl FnMut(u64) -> bool) -> News {
        let before = self.search.work();
        let mut found = None;
        // Choosing a neighbourhood costs about as much as placing all activities once.
        let (mut chosen, each) = (0, self.best.start_time.len() as u64 + 1);
        let mut stopped = false;
        while found.is_none()
            && !stopped
            && self.is_open()
            && chosen + self.search.work().saturating_sub(before) * STEP < placements
        {
            chosen += each;
            stopped |= stop(each);
            found = self.once(|work| {
                stopped |= stop(work * STEP);
                stopped
            });
        }
        News {
            better: found.map(|schedule| Better { value: schedule.makespan, start_time: schedule.start_time }),
            lower_bound: self.search.lower_bound(),
            placements: chosen + self.search.work().saturating_sub(before) * STEP,
            refuted: false,
        }
    }

    /// Searches one neighbourhood.
    fn once(&mut self, stop: impl FnMut(u64) -> bool) -> Option<Schedule> {
        let n = self.best.start_time.len();
        let mut at = self.random.unit() * self.kinds.iter().map(|kind| kind.weight).sum::<f64>();
        let drawn = self.kinds.iter().position(|kind| {
            at -= kind.weight;
            at < 0.0
        });
        let drawn = drawn.unwrap_or(0);
        let Kind { choice, size, .. } = self.kinds[drawn];
        let free = self.free(choice, (size as usize).min(n));
        let (result, schedule) = self.search.repair(&free, CONFLICTS, stop);
        if !self.search.can_repair()
            && !self.is_proved()
            && let Some(search) = self.search.repairing(&self.best.start_time, self.best.makespan)
        {
            self.search = search;
        }
        let kind = &mut self.kinds[drawn];
        kind.weight = (kind.weight * FORGETTING).max(LEAST_WEIGHT);
        match result {
            Repair::Solution(_) => kind.weight += GAIN,
            Repair::Exhausted => kind.size = (kind.size * GROWTH).min(n as f64),
            Repair::Abandoned => kind.size = (kind.size / GROWTH).max(LEAST),
            Repair::Refuted => {}
        }
        schedule
    }

    /// Marks about `size` activities, by a key of each; ties in random order.
    fn free(&mut self, choice: Choice, size: usize) -> Vec<bool> {
        let Self { best, random, search, .. } = self;
        let (project, n) = (search.project(), best.start_time.len());
        let resource = random.below(project.num_resources() as u64) as usize;
        let uses = |i: usize| project.demand_of(i).get(resource).is_some_and(|&units| units > 0);
        let scatter = best.makespan as u64 / 3 + 1;
        let chain = if choice == Choice::Critical { chain(best, random) } else { Vec::new() };
        let middle = random.below(chain.len() as u64) as usize;
        let moment = match chain.get(middle) {
            Some(&i) => best.start_time[i],
            None => random.below(best.makespan as u64 + 1) as i64,
        };
        let mut in_part = vec![false; n];
        chain.iter().skip(middle.saturating_sub(size / 4)).take(size / 2).for_each(|&i| in_part[i] = true);
        let mut keys: Vec<(i64, u64, usize)> = (0..n)
            .map(|i| {
                let distance = (best.start_time[i] - moment).max(moment - best.completion_time[i]).max(0);
                let key = match choice {
                    Choice::Random => 0,
                    Choice::Users if !uses(i) => i64::MAX,
                    Choice::Critical if in_part[i] => -1,
                    Choice::Scattered => distance.saturating_add(random.below(scatter) as i64),
                    _ => distance,
                };
                (key, random.next_u64(), i)
            })
            .collect();
        keys.sort_unstable();
        let mut free = vec![false; n];
        keys.iter().take(size).for_each(|&(.., i)| free[i] = true);
        free
    }
}

/// Activities each of which starts when the next one completes; the first one completes last.
fn chain(schedule: &Schedule, random: &mut Random) -> Vec<usize> {
    let (mut chain, mut end) = (Vec::new(), schedule.makespan);
    loop {
        let ends = |&i: &usize| schedule.completion_time[i] == end && schedule.start_time[i] < end;
        let candidates: Vec<usize> = (0..schedule.start_time.len()).filter(ends).collect();
        let Some(&i) = candidates.get(random.below(candidates.len() as u64) as usize) else { return chain };
        chain.push(i);
        end = schedule.start_time[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{ProjectClaim, check_project};
    use crate::rcpsp::kernel_tests::{list, plain};
    use crate::rcpsp::prover::Event;
    use crate::rcpsp::{Decoder, Direction, Past, Project};
    use proptest::prelude::*;

    /// The optimum, if a proof takes few steps.
    fn finished(prover: &mut Prover) -> Option<i64> {
        let most = prover.work() + 20_000;
        loop {
            match prover.run(most, |_| false) {
                Event::Paused => return None,
                Event::Proved => return prover.best(),
                Event::Better(shorter) => prover.improve(&shorter.start_time, shorter.makespan),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn schedules_around_the_best_one_keep_all_constraints_and_end_at_what_the_prover_proves(seed in any::<u64>()) {
            let random = &mut Random::new(seed);
            let project = Project::new(plain(random)).expect("valid");
            let mut decoder = Decoder::new(&project);
            let makespan = decoder.decode(&list(&project, random), Direction::Forward);
            let schedule = decoder.schedule(Direction::Forward, makespan);
            let known = (schedule.start_time.as_slice(), makespan);
            let Some(mut prover) = Prover::new(&project, &Past::default(), Some(known)) else { return Ok(()) };
            let first = Better { value: makespan, start_time: schedule.start_time.clone() };
            let mut around = Neighbourhoods::new(&prover, &first).expect("the prover takes it");
            for _ in 0..20 {
                if let Some(better) = around.turn(STEP, |_| false).better {
                    let found = Schedule::from_starts(&project, better.start_time.clone());
                    prop_assert_eq!(found.makespan, better.value);
                    prop_assert!(better.value < around.best.makespan);
                    let claim = ProjectClaim {
                        mode: None,
                        activity: &(0..project.num_activities() as i64).collect::<Vec<_>>(),
                        start: &found.start_time,
                        end: &found.completion_time,
                        makespan: Some(found.makespan),
                        objectives: &[],
                        fixed: &[],
                        now: 0,
                    };
                    prop_assert_eq!(check_project(project.data(), &claim).unwrap(), []);
                    around.improve(&better);
                }
            }
            // The clauses that are left hold for the whole project: with them the search comes to the same end.
            if let (Some(alone), Some(after)) = (finished(&mut prover), finished(&mut around.search)) {
                prop_assert_eq!(alone, after);
            }
            prop_assert!(around.lower_bound() <= prover.best().unwrap_or(i64::MAX));
        }
    }
}
