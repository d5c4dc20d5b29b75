//! Objectives as sums or maxima of what the completions of single activities cost, in whole numbers, for proofs.

use super::due_dates::{DueDates, key_of};
use super::{Cost, Objective};
use crate::cp::Combination;
use crate::error::TIME_LIMIT;
use crate::rcpsp::{NO_DUE_DATE, Weights};

/// An objective in whole numbers: what each activity that has a due date costs by its completion, and how costs are combined.
///
/// Weights that are floats are multiplied by a power of ten, or else of two, and rounded: proofs hold up to a billionth of the heaviest
/// weight for each tick of tardiness.
#[derive(Debug, Clone)]
pub struct CompletionCosts {
    /// Due date and weight by activity; the weight is 0 where lateness costs nothing.
    of: Vec<(i64, i64)>,
    each: Cost,
    combination: Combination,
    /// What weights that are floats were multiplied by.
    scale: Option<f64>,
    /// Taken off every cost, so that none is negative.
    shift: i64,
}

/// No total may exceed this, so that sums over all activities of a proof stay far from overflow.
const LARGEST: i64 = 1 << 50;
/// Heavier weights are not multiplied by more than leads here.
const HEAVY: f64 = (1_u64 << 32) as f64;

impl CompletionCosts {
    /// Those of an objective that counts from due dates; `bound` is a key that no schedule is below. `None` for the makespan.
    pub fn new(objective: Objective, due: &DueDates, num_activities: usize, bound: i64) -> Option<Self> {
        let (combination, each) = objective.entry().costs?;
        let (weight, scale): (Vec<i64>, Option<f64>) = match due.weight() {
            Weights::Integers(weights) if objective.entry().is_weighted => (weights.clone(), None),
            Weights::Floats(weights) if objective.entry().is_weighted => {
                let scale = scale(weights);
                (weights.iter().map(|weight| (weight * scale).round() as i64).collect(), Some(scale))
            }
            _ => (vec![1; num_activities], None),
        };
        let mut of = vec![(NO_DUE_DATE, 0); num_activities];
        due.each(|i, due| of[i] = (due, weight[i]));
        let shift = if combination == Combination::Maximum { bound } else { 0 };
        Some(Self { of, each, combination, scale, shift })
    }

    /// How costs are combined.
    pub fn combination(&self) -> Combination {
        self.combination
    }

    /// Whether an activity can cost anything.
    pub fn counts(&self, activity: usize) -> bool {
        self.of[activity].1 > 0
    }

    /// What an activity costs if it completes at a moment; never negative.
    pub fn of(&self, activity: usize, completion: i64) -> i64 {
        match self.of[activity] {
            (_, 0) => 0,
            (due, weight) => (self.each)(completion.saturating_sub(due), weight).saturating_sub(self.shift).clamp(0, LARGEST),
        }
    }

    /// The total of a schedule with these completions; `None` if it is too large to be proven.
    pub fn total(&self, completion_time: &[i64]) -> Option<i64> {
        let costs = completion_time.iter().enumerate().map(|(i, &completion)| self.of(i, completion));
        let total = match self.combination {
            Combination::Sum => costs.fold(0, i64::saturating_add),
            Combination::Maximum => costs.fold(0, i64::max),
        };
        (total < LARGEST).then_some(total)
    }

    /// The last completion of an activity that costs no more than `most`; `None` if it never costs more. `most` is not negative.
    pub fn latest(&self, activity: usize, most: i64) -> Option<i64> {
        let (mut kept, mut broken) = (-2 * TIME_LIMIT, 2 * TIME_LIMIT);
        if self.of(activity, broken) <= most {
            return None;
        }
        while broken - kept > 1 {
            let middle = i64::midpoint(kept, broken);
            *(if self.of(activity, middle) <= most { &mut kept } else { &mut broken }) = middle;
        }
        Some(kept)
    }

    /// The total that a key stands for, rounded down.
    pub fn of_key(&self, key: i64) -> i64 {
        match self.scale {
            None => key.saturating_sub(self.shift).clamp(0, LARGEST),
            Some(scale) => (f64::from_bits(key.max(0) as u64) * scale * (1.0 - ROUNDING)).clamp(0.0, LARGEST as f64) as i64,
        }
    }

    /// A key that no schedule is below if no total is less.
    pub fn key(&self, total: i64) -> i64 {
        match self.scale {
            None => total.saturating_add(self.shift),
            Some(scale) => key_of(total as f64 / scale * (1.0 - ROUNDING)),
        }
    }
}

/// What rounding may take from a sum, relative to it.
const ROUNDING: f64 = 1e-9;

/// The least power of ten that makes all weights whole numbers, or else a power of two that makes them large.
fn scale(weights: &[f64]) -> f64 {
    let heaviest = weights.iter().copied().fold(0.0, f64::max);
    let is_whole = |scale: &f64| {
        weights.iter().all(|weight| {
            let large = weight * scale;
            large <= HEAVY && (large - large.round()).abs() <= large * 1e-12
        })
    };
    if let Some(scale) = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6].into_iter().find(is_whole) {
        return scale;
    }
    let mut scale = 1.0;
    while heaviest * scale < HEAVY / 2.0 && scale < 1e150 {
        scale *= 2.0;
    }
    while heaviest * scale > HEAVY && scale > 1e-150 {
        scale /= 2.0;
    }
    scale
}
