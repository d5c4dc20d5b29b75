//! Objectives that a schedule claims, computed again from its completions.

use super::{Judge, Time};
use crate::check::rounding::Sum;
use crate::check::{Claimed, Kind};
use crate::shop::NO_DUE_DATE;
use crate::weights::Weights;

impl Judge<'_> {
    /// Compares every claimed number with that of the claimed completions. Integers are compared exactly; a plain sum of floats may be
    /// off by what rounding explains.
    pub(super) fn objectives(&mut self) {
        for &(name, claimed) in self.claim.objectives {
            let weighted = name.contains("weighted");
            let values = self.values(name);
            let truth = match &self.shop.weight {
                Weights::Floats(weights) if weighted => {
                    let sum: Sum = values.iter().map(|&(j, value)| weights[j] * value as f64).collect();
                    let mine = match claimed {
                        Claimed::Integer(mine) => mine as f64,
                        Claimed::Float(mine) => mine,
                    };
                    (!sum.explains(mine)).then(|| format!("{:?}", sum.value()))
                }
                weights => {
                    let weight = |j: usize| match weights {
                        Weights::Integers(weights) if weighted => Time::from(weights[j]),
                        _ => 1,
                    };
                    let terms = values.iter().map(|&(j, value)| weight(j).saturating_mul(value));
                    let truth = match name {
                        "makespan" => self.runs.iter().flatten().map(|run| run.end).max().unwrap_or(0),
                        "max_lateness" => terms.max().unwrap_or(0),
                        _ => terms.fold(0, Time::saturating_add),
                    };
                    let is_true = match claimed {
                        Claimed::Integer(mine) => Time::from(mine) == truth,
                        Claimed::Float(mine) => mine == truth as f64,
                    };
                    (!is_true).then(|| truth.to_string())
                }
            };
            if let Some(truth) = truth {
                let mine = match claimed {
                    Claimed::Integer(mine) => mine.to_string(),
                    Claimed::Float(mine) => format!("{mine:?}"),
                };
                let title = name.replace('_', " ");
                self.found.add(Kind::Objective, &[], || format!("the {title} is stored as {mine}, it is {truth}"));
            }
        }
    }

    /// What each job adds to an objective, its weight not counted. Jobs that are not scheduled as a whole add nothing.
    fn values(&self, name: &str) -> Vec<(usize, Time)> {
        let mut values = Vec::new();
        for (j, pair) in self.shop.job_start.windows(2).enumerate() {
            let release = self.shop.release_time.get(j).map_or(0, |&release| release.into());
            let completion = if pair[0] == pair[1] { Some(release) } else { self.runs[pair[1] - 1].map(|run| run.end) };
            let Some(completion) = completion else { continue };
            let due = self.shop.due_date.get(j).copied().filter(|&due| due != NO_DUE_DATE);
            let lateness = due.map(|due| completion - Time::from(due));
            let late = lateness.unwrap_or(0).max(0);
            values.extend(match name {
                "total_flow_time" | "total_weighted_flow_time" => Some((j, completion - release)),
                "total_tardiness" | "total_weighted_tardiness" => Some((j, late)),
                "num_tardy" => Some((j, Time::from(late > 0))),
                "max_lateness" => lateness.map(|lateness| (j, lateness)),
                _ => None,
            });
        }
        values
    }
}
