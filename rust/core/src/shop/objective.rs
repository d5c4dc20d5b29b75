//! The objectives of shops, each declared once in one table.

use super::Schedule;
use super::problem::Shop;
use crate::names::Named;
use crate::total::Total;
use crate::weights::Weights;

/// The description of an objective.
#[derive(Debug)]
pub struct ObjectiveEntry {
    /// The name that users give and results carry.
    pub name: &'static str,
    /// The name in words.
    pub title: &'static str,
    /// From the schedule and the completion time of each job.
    value: fn(&Shop, &Schedule, &[i64]) -> Total,
}

const TABLE: [ObjectiveEntry; 7] = [
    ObjectiveEntry { name: "makespan", title: "makespan", value: |_, schedule, _| schedule.makespan().into() },
    ObjectiveEntry {
        name: "total_flow_time",
        title: "total flow time",
        value: |shop, _, done| sum(&Weights::Unit, done, |j, c| flow(shop, j, c)),
    },
    ObjectiveEntry {
        name: "total_weighted_flow_time",
        title: "total weighted flow time",
        value: |shop, _, done| sum(&shop.data().weight, done, |j, c| flow(shop, j, c)),
    },
    ObjectiveEntry {
        name: "total_tardiness",
        title: "total tardiness",
        value: |shop, _, done| sum(&Weights::Unit, done, |j, c| tardiness(shop, j, c)),
    },
    ObjectiveEntry {
        name: "total_weighted_tardiness",
        title: "total weighted tardiness",
        value: |shop, _, done| sum(&shop.data().weight, done, |j, c| tardiness(shop, j, c)),
    },
    ObjectiveEntry {
        name: "max_lateness",
        title: "maximum lateness",
        value: |shop, _, done| {
            let late = done.iter().enumerate().filter_map(|(j, &c)| shop.due_date(j).map(|due| c - due));
            late.max().unwrap_or(0).into()
        },
    },
    ObjectiveEntry {
        name: "num_tardy",
        title: "number of tardy jobs",
        value: |shop, _, done| (done.iter().enumerate().filter(|&(j, &c)| tardiness(shop, j, c) > 0).count() as i64).into(),
    },
];

fn flow(shop: &Shop, job: usize, completion: i64) -> i64 {
    completion - shop.release_time(job)
}

fn tardiness(shop: &Shop, job: usize, completion: i64) -> i64 {
    shop.due_date(job).map_or(0, |due| (completion - due).max(0))
}

fn sum(weight: &Weights, done: &[i64], of: impl Fn(usize, i64) -> i64) -> Total {
    let values = done.iter().enumerate().map(|(j, &c)| of(j, c));
    match weight {
        Weights::Unit => values.sum::<i64>().into(),
        Weights::Integers(weights) => weights.iter().zip(values).map(|(w, value)| w * value).sum::<i64>().into(),
        Weights::Floats(weights) => weights.iter().zip(values).map(|(w, value)| w * value as f64).sum::<f64>().into(),
    }
}

/// What is to be as small as possible.
#[derive(Debug, Clone, Copy)]
pub struct Objective(&'static ObjectiveEntry);

impl Named for Objective {
    const FIELD: &'static str = "objective";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        TABLE.iter().map(|entry| (entry.name, Self(entry)))
    }
}

impl Objective {
    /// The description.
    #[must_use]
    pub fn entry(self) -> &'static ObjectiveEntry {
        self.0
    }

    /// The value of a schedule. A job without operations completes at its release.
    ///
    /// The total of float weights is added up in order of jobs.
    #[must_use]
    pub fn value(self, shop: &Shop, schedule: &Schedule) -> Total {
        (self.0.value)(shop, schedule, &completion_of_jobs(shop, schedule))
    }
}

/// When each job completes: with its last operation, or without any at its release.
fn completion_of_jobs(shop: &Shop, schedule: &Schedule) -> Vec<i64> {
    let last = |j: usize| shop.operations(j).last().map_or(shop.release_time(j), |op| schedule.completion_time[op]);
    (0..shop.num_jobs()).map(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::test_shops::classic;
    use crate::shop::{NO_DUE_DATE, ShopData};

    #[test]
    fn values_of_a_hand_made_schedule() {
        // Two jobs of one operation each on one machine: [0, 3) and [3, 5).
        let data = classic("2 1\n0 3\n0 2\n").data().clone();
        let weight = Weights::Integers(vec![10, 7]);
        let shop = Shop::new(ShopData { release_time: vec![0, 1], due_date: vec![1, 9], weight, ..data.clone() }).unwrap();
        let schedule = Schedule { machine: vec![0, 0], start_time: vec![0, 3], completion_time: vec![3, 5] };
        let values: Vec<_> =
            Objective::all().map(|(name, objective)| (name, objective.value(&shop, &schedule).as_f64() as i64)).collect();
        let expected = [
            ("makespan", 5),
            ("total_flow_time", 3 + 4),
            ("total_weighted_flow_time", 30 + 28),
            ("total_tardiness", 2),
            ("total_weighted_tardiness", 20),
            ("max_lateness", 2),
            ("num_tardy", 1),
        ];
        assert_eq!(values, expected);
        let undated = Shop::new(ShopData { due_date: vec![NO_DUE_DATE; 2], ..data }).unwrap();
        let late = |name| Objective::from_name(name).unwrap().value(&undated, &schedule);
        assert_eq!((late("max_lateness"), late("num_tardy")), (Total::Integer(0), Total::Integer(0)));
    }
}
