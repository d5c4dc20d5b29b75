//! The activities that have due dates, and what their lateness costs.

use crate::rcpsp::{NO_DUE_DATE, Project, Weights};

/// The completion of an activity that does not run, which is never late.
pub const NEVER: i64 = i64::MIN;

/// The due dates of a project.
#[derive(Debug, Clone)]
pub struct DueDates<'p> {
    dated: Vec<(u32, i64)>,
    weight: &'p Weights,
}

impl<'p> DueDates<'p> {
    /// Those of the activities that have one.
    pub fn new(project: &'p Project) -> Self {
        let data = project.data();
        let dated = (0..).zip(&data.due_date).filter(|&(_, &due)| due != NO_DUE_DATE).map(|(i, &due)| (i, due)).collect();
        Self { dated, weight: &data.weight }
    }

    /// Whether no activity has a due date.
    pub fn is_empty(&self) -> bool {
        self.dated.is_empty()
    }

    /// The activities that have due dates, in order, with these.
    pub fn dated(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.dated.iter().map(|&(i, due)| (i as usize, due))
    }

    /// Calls `each(activity, due date)` in order of activities.
    #[inline]
    pub fn each(&self, mut each: impl FnMut(usize, i64)) {
        self.dated.iter().for_each(|&(i, due)| each(i as usize, due));
    }

    /// The weights.
    pub fn weight(&self) -> &'p Weights {
        self.weight
    }

    /// Sum of tardiness; a sum beyond 64 bits counts as the largest number.
    pub fn total_tardiness(&self, completion_time: &[i64]) -> i64 {
        self.dated().fold(0_i64, |sum, (i, due)| sum.saturating_add(completion_time[i].saturating_sub(due).max(0)))
    }

    /// The key of the sum of weighted tardiness; a sum of integers beyond 64 bits counts as the largest number.
    pub fn total_weighted_tardiness(&self, completion_time: &[i64]) -> i64 {
        match self.weight {
            Weights::Unit => self.total_tardiness(completion_time),
            Weights::Integers(weight) => self.dated().fold(0_i64, |sum, (i, due)| {
                sum.saturating_add(completion_time[i].saturating_sub(due).max(0).saturating_mul(weight[i]))
            }),
            Weights::Floats(weight) => {
                let late = |(i, due): (usize, i64)| weight[i] * completion_time[i].saturating_sub(due).max(0) as f64;
                key_of(self.dated().map(late).sum())
            }
        }
    }

    /// How many complete after their due dates.
    pub fn num_tardy(&self, completion_time: &[i64]) -> i64 {
        self.dated().filter(|&(i, due)| completion_time[i] > due).count() as i64
    }

    /// The largest lateness, 0 if nothing that runs has a due date.
    pub fn max_lateness(&self, completion_time: &[i64]) -> i64 {
        self.dated()
            .filter(|&(i, _)| completion_time[i] != NEVER)
            .map(|(i, due)| completion_time[i].saturating_sub(due))
            .max()
            .unwrap_or(0)
    }
}

/// The key of a float that is not negative.
pub fn key_of(value: f64) -> i64 {
    value.max(0.0).to_bits() as i64
}
