//! The objectives of shops, each declared once in one table.

use super::Schedule;
use super::problem::Shop;
use crate::names::Named;
use crate::total::Total;
use crate::weights::Weights;

/// How the values of the jobs become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combination {
    /// The largest one; 0 without jobs.
    Largest,
    /// Their sum.
    Sum,
    /// Their sum with the weights of the jobs.
    WeightedSum,
}

/// The description of an objective.
#[derive(Debug)]
pub struct ObjectiveEntry {
    /// The name that users give and results carry.
    pub name: &'static str,
    /// The name in words.
    pub title: &'static str,
    combination: Combination,
    /// The value of a job that completes at a time; `None` if the job does not count. It never falls when the job completes later.
    of_job: fn(&Shop, usize, i64) -> Option<i64>,
}

static TABLE: [ObjectiveEntry; 7] = [
    ObjectiveEntry {
        name: "makespan",
        title: "makespan",
        combination: Combination::Largest,
        of_job: |shop, j, c| (!shop.operations(j).is_empty()).then_some(c),
    },
    ObjectiveEntry {
        name: "total_flow_time",
        title: "total flow time",
        combination: Combination::Sum,
        of_job: |shop, j, c| Some(c - shop.release_time(j)),
    },
    ObjectiveEntry {
        name: "total_weighted_flow_time",
        title: "total weighted flow time",
        combination: Combination::WeightedSum,
        of_job: |shop, j, c| Some(c - shop.release_time(j)),
    },
    ObjectiveEntry {
        name: "total_tardiness",
        title: "total tardiness",
        combination: Combination::Sum,
        of_job: |shop, j, c| Some(tardiness(shop, j, c)),
    },
    ObjectiveEntry {
        name: "total_weighted_tardiness",
        title: "total weighted tardiness",
        combination: Combination::WeightedSum,
        of_job: |shop, j, c| Some(tardiness(shop, j, c)),
    },
    ObjectiveEntry {
        name: "max_lateness",
        title: "maximum lateness",
        combination: Combination::Largest,
        of_job: |shop, j, c| shop.due_date(j).map(|due| c - due),
    },
    ObjectiveEntry {
        name: "num_tardy",
        title: "number of tardy jobs",
        combination: Combination::Sum,
        of_job: |shop, j, c| Some(i64::from(tardiness(shop, j, c) > 0)),
    },
];

fn tardiness(shop: &Shop, job: usize, completion: i64) -> i64 {
    shop.due_date(job).map_or(0, |due| (completion - due).max(0))
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
        self.combined(shop, &completion_of_jobs(shop, schedule))
    }

    /// The value if the jobs complete at these times.
    pub(super) fn combined(self, shop: &Shop, completion: &[i64]) -> Total {
        let values = completion.iter().enumerate().map(|(j, &c)| (self.0.of_job)(shop, j, c));
        let sum = |values: &mut dyn Iterator<Item = Option<i64>>| values.flatten().sum::<i64>().into();
        match (self.0.combination, &shop.data().weight) {
            (Combination::Largest, _) => values.flatten().max().unwrap_or(0).into(),
            (Combination::Sum, _) | (Combination::WeightedSum, Weights::Unit) => sum(&mut values.into_iter()),
            (Combination::WeightedSum, Weights::Integers(weights)) => {
                sum(&mut weights.iter().zip(values).map(|(w, value)| value.map(|value| w * value)))
            }
            (Combination::WeightedSum, Weights::Floats(weights)) => {
                weights.iter().zip(values).map(|(w, value)| w * value.unwrap_or(0) as f64).sum::<f64>().into()
            }
        }
    }

    /// Whether it is the makespan, which more is known of than of other objectives.
    #[inline]
    pub(super) fn is_makespan(self) -> bool {
        std::ptr::eq(self.0, &raw const TABLE[0])
    }

    /// How the values of the jobs become one value.
    pub(super) fn combination(self) -> Combination {
        self.0.combination
    }

    /// The value of a job that completes at a time; `None` if the job does not count.
    #[inline]
    pub(super) fn of_job(self, shop: &Shop, job: usize, completion: i64) -> Option<i64> {
        (self.0.of_job)(shop, job, completion)
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
