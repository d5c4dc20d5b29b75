//! Lower bounds on objectives, from what is known of the activities one by one and of each resource alone.
//!
//! An activity completes no earlier than links, windows and calendars let it, whatever the others do; the tardiness that it has then is
//! counted for certain, and its due date moves to that completion. What resources add is counted from there: of the activities that
//! share a resource, the k-th to complete does so no earlier than the resource can do the k smallest amounts of work while it is open, nor than
//! the k-th smallest earliest finish. To pair these moments with the due dates in their order is the cheapest way to pair them, because tardiness
//! is convex.

use std::collections::BinaryHeap;

use super::due_dates::{DueDates, key_of};
use crate::rcpsp::constrained::{Situation, WorkTime};
use crate::rcpsp::critical_path::time_analysis;
use crate::rcpsp::instance::Instance;
use crate::rcpsp::{Project, Weights};

/// Distinct weights that a bound looks at; others count as the next smaller one of these.
const MOST_LEVELS: usize = 32;
/// What rounding may take from a sum of floats, relative to it.
const ROUNDING: f64 = 1e-9;

/// Earliest times of all activities, and the resources.
#[derive(Debug)]
pub struct Relaxation<'p> {
    project: &'p Project,
    situation: Option<&'p Situation<'p>>,
    earliest_start: Vec<i64>,
    earliest_finish: Vec<i64>,
    is_fixed: Vec<bool>,
    length: i64,
}

/// An activity that needs a resource.
#[derive(Debug, Clone, Copy)]
struct User {
    activity: usize,
    /// Its duration times its demand.
    work: i128,
    /// Its due date, or its earliest finish if that is later.
    due: i64,
}

/// A resource alone: its users wait for nothing but each other and the first moment at which one of them can start.
#[derive(Debug)]
struct Machine {
    users: Vec<User>,
    time: WorkTime,
}

impl Machine {
    /// When so much work can be done.
    fn done(&self, work: i128) -> i64 {
        self.time.when(work)
    }
}

impl<'p> Relaxation<'p> {
    /// The earliest times of an instance. O(n + m).
    pub fn new(instance: &'p Instance<'p>) -> Self {
        let project = instance.project;
        let (earliest_start, earliest_finish, is_fixed) = match &instance.bounded {
            None => {
                let path = time_analysis(project);
                (path.earliest_start, path.earliest_finish, vec![false; project.num_activities()])
            }
            Some((situation, windows)) => {
                let is_fixed = situation.fixed.iter().map(Option::is_some).collect();
                (windows.earliest_start.clone(), windows.earliest_finish.clone(), is_fixed)
            }
        };
        let situation = instance.bounded.as_ref().map(|(situation, _)| situation);
        Self { project, situation, earliest_start, earliest_finish, is_fixed, length: instance.lower_bound() }
    }

    /// When each activity can complete, at the earliest.
    pub fn earliest_finish(&self) -> &[i64] {
        &self.earliest_finish
    }

    /// No schedule is shorter.
    pub fn length(&self) -> i64 {
        self.length
    }

    /// The sum of tardiness.
    pub fn total_tardiness(&self, due: &DueDates) -> i64 {
        let certain = due.total_tardiness(&self.earliest_finish);
        let more = self.machines(due).map(|machine| self.more_tardiness(&machine, |_| true)).max().unwrap_or(0);
        certain.saturating_add(more)
    }

    /// The key of the sum of weighted tardiness: for each weight, the tardiness of what weighs at least so much counts for what that
    /// weight exceeds the next smaller one by.
    pub fn total_weighted_tardiness(&self, due: &DueDates) -> i64 {
        let certain = due.total_weighted_tardiness(&self.earliest_finish);
        match due.weight() {
            Weights::Unit => self.total_tardiness(due),
            Weights::Integers(weights) => {
                let mut levels: Vec<i64> = due.dated().map(|(i, _)| weights[i]).collect();
                thin_out(&mut levels, i64::cmp);
                let by_levels = |machine: &Machine| {
                    let mut before = 0;
                    levels.iter().fold(0_i64, |sum, &level| {
                        let step = level - std::mem::replace(&mut before, level);
                        sum.saturating_add(step.saturating_mul(self.more_tardiness(machine, |i| weights[i] >= level)))
                    })
                };
                certain.saturating_add(self.machines(due).map(|machine| by_levels(&machine)).max().unwrap_or(0))
            }
            Weights::Floats(weights) => {
                let mut levels: Vec<f64> = due.dated().map(|(i, _)| weights[i]).collect();
                thin_out(&mut levels, f64::total_cmp);
                let by_levels = |machine: &Machine| {
                    let mut before = 0.0;
                    levels.iter().fold(0.0, |sum, &level| {
                        let step = level - std::mem::replace(&mut before, level);
                        sum + step * self.more_tardiness(machine, |i| weights[i] >= level) as f64
                    })
                };
                let more = self.machines(due).map(|machine| by_levels(&machine)).fold(0.0, f64::max);
                let sum = (f64::from_bits(certain as u64) + more) * (1.0 - ROUNDING);
                certain.max(if more > 0.0 && sum.is_finite() { key_of(sum) } else { 0 })
            }
        }
    }

    /// How many are tardy: those that are so for certain, and on each resource those that are left over when as many as possible are on
    /// time (Moore 1968, with work for processing times).
    pub fn num_tardy(&self, due: &DueDates) -> i64 {
        due.num_tardy(&self.earliest_finish) + self.left_over(due).len() as i64
    }

    /// The activities that are tardy for the sake of the others on the resource where most are, the certain ones not counted.
    pub fn left_over(&self, due: &DueDates) -> Vec<usize> {
        let mut date = vec![i64::MAX; self.project.num_activities()];
        due.each(|i, due| date[i] = due);
        let left_over = |mut machine: Machine| {
            machine.users.retain(|user| self.earliest_finish[user.activity] <= date[user.activity]);
            let mut taken = BinaryHeap::new();
            let (mut work, mut left) = (0_i128, Vec::new());
            for user in &machine.users {
                work += user.work;
                taken.push((user.work, user.activity));
                if machine.done(work) > user.due
                    && let Some((most, activity)) = taken.pop()
                {
                    work -= most;
                    left.push(activity);
                }
            }
            left
        };
        self.machines(due).map(left_over).max_by_key(Vec::len).unwrap_or_default()
    }

    /// The largest lateness: on each resource, what is due by a date cannot all be done before the resource has done its work.
    pub fn max_lateness(&self, due: &DueDates) -> i64 {
        let certain = due.max_lateness(&self.earliest_finish);
        let mut date = vec![i64::MAX; self.project.num_activities()];
        due.each(|i, due| date[i] = due);
        let by_work = |mut machine: Machine| {
            machine.users.sort_by_key(|user| date[user.activity]);
            let mut work = 0_i128;
            let late = machine.users.iter().map(|user| {
                work += user.work;
                machine.done(work).saturating_sub(date[user.activity])
            });
            late.max()
        };
        self.machines(due).filter_map(by_work).fold(certain, i64::max)
    }

    /// Each resource with its users that have due dates and are not fixed, by due date.
    fn machines(&self, due: &DueDates) -> impl Iterator<Item = Machine> {
        (0..self.project.num_resources()).filter_map(|r| {
            let duration = self.project.duration();
            let mut users = Vec::new();
            due.each(|i, due| {
                let work = i128::from(duration[i]) * i128::from(self.project.demand_of(i)[r]);
                if work > 0 && !self.is_fixed[i] {
                    users.push(User { activity: i, work, due: due.max(self.earliest_finish[i]) });
                }
            });
            users.sort_by_key(|user| user.due);
            let begin = users.iter().map(|user| self.earliest_start[user.activity]).min()?;
            let those = users.iter().map(|user| user.activity);
            let time = WorkTime::new(self.project, self.situation, r, those, begin);
            Some(Machine { users, time })
        })
    }

    /// The tardiness that the users of a resource have beyond their earliest finish, counting those of `members` alone.
    fn more_tardiness(&self, machine: &Machine, members: impl Fn(usize) -> bool) -> i64 {
        let users: Vec<&User> = machine.users.iter().filter(|user| members(user.activity)).collect();
        let mut works: Vec<i128> = users.iter().map(|user| user.work).collect();
        let mut finish: Vec<i64> = users.iter().map(|user| self.earliest_finish[user.activity]).collect();
        works.sort_unstable();
        finish.sort_unstable();
        let mut work = 0;
        let late = users.iter().zip(works.iter().zip(&finish)).map(|(user, (next, finish))| {
            work += next;
            machine.done(work).max(*finish).saturating_sub(user.due).max(0)
        });
        late.fold(0, i64::saturating_add)
    }
}

/// Sorts, takes repeats out, and leaves at most [`MOST_LEVELS`] evenly from the whole.
fn thin_out<T: Copy + PartialEq>(levels: &mut Vec<T>, compare: impl Fn(&T, &T) -> std::cmp::Ordering) {
    levels.sort_unstable_by(compare);
    levels.dedup();
    let step = levels.len().div_ceil(MOST_LEVELS).max(1);
    let mut place = 0;
    levels.retain(|_| {
        place += 1;
        (place - 1) % step == 0
    });
}
