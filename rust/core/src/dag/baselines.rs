//! Baselines that every rule should beat.

use super::by_index::{by_index, first_least};
use super::list::{self, Call, ListScheduler};
use super::partial_schedule::{Choice, PartialSchedule};
use super::registry::ListSchedulerEntry;
use crate::error::Error;
use crate::random::Random;

pub(super) const ENTRIES: [ListSchedulerEntry; 2] = [
    ListSchedulerEntry {
        name: "random",
        title: "A baseline: each task anywhere it can run, with equal probability",
        rule: "Takes ready tasks by index.",
        notes: "The draws never change between versions.",
        source: "Folklore; the floor that every rule should beat.",
        example: 8.0,
        run: list::run::<Anywhere>,
        ..ListSchedulerEntry::COMMON
    },
    ListSchedulerEntry {
        name: "fastest",
        title: "A baseline: everything on one processor",
        rule: "The processor that can run most tasks, then the one of least total cost, then the lowest; tasks that it cannot run go \
               where they cost least.",
        source: "Folklore; also called FastestNode.",
        example: 6.0,
        run: list::run::<OneProcessor>,
        ..ListSchedulerEntry::COMMON
    },
];

struct Anywhere(Random);

impl ListScheduler for Anywhere {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        by_index(Self(Random::new(call.seed)), call)
    }

    fn choose(&mut self, _: &Call, partial: &mut PartialSchedule, _: usize, costs: &[f64], ready: &[f64]) -> Choice {
        let possible = costs.iter().filter(|w| w.is_finite()).count();
        let drawn = self.0.below(possible as u64) as usize;
        let nth = costs.iter().enumerate().filter(|(_, w)| w.is_finite()).nth(drawn);
        partial.on(nth.expect("some processor can run the task").0, costs, ready)
    }
}

/// Holds the processor that runs everything it can.
struct OneProcessor(usize);

impl ListScheduler for OneProcessor {
    fn prepare(call: &Call) -> Result<(Self, Vec<f64>), Error> {
        let width = call.graph.num_processors();
        let (mut impossible, mut total, mut buffer) = (vec![0_usize; width], vec![0.0; width], vec![0.0; width]);
        for i in 0..call.graph.num_tasks() {
            for (p, &w) in call.graph.row(i, &mut buffer).iter().enumerate() {
                if w.is_finite() { total[p] += w } else { impossible[p] += 1 }
            }
        }
        let by_merit =
            |&p: &usize, &q: &usize| impossible[p].cmp(&impossible[q]).then(total[p].total_cmp(&total[q])).then(p.cmp(&q));
        by_index(Self((0..width).min_by(by_merit).unwrap_or(0)), call)
    }

    fn choose(&mut self, _: &Call, partial: &mut PartialSchedule, _: usize, costs: &[f64], ready: &[f64]) -> Choice {
        let p = if costs[self.0].is_finite() { self.0 } else { first_least(costs.iter().copied()) };
        partial.on(p, costs, ready)
    }
}
