//! Priorities that know due dates, for the first lists.

use crate::rcpsp::instance::Instance;
use crate::rcpsp::objective::{DueDates, Relaxation};
use crate::rcpsp::{NO_DUE_DATE, Project};

/// Later than every due date, and far from overflow.
const LATEST: i64 = 1 << 60;

/// For each activity a time that says how urgent it is, by several rules; the lowest value comes first.
///
/// * earliest due date: that of the activity, or what its successors leave of theirs;
/// * modified due date (Baker and Bertrand 1982): the earliest finish, if that is later;
/// * earliest due date, but those last that a resource cannot do on time together with the others (after Moore 1968);
/// * minimum slack: what the due date leaves after the duration;
/// * latest finish, from the makespan;
/// * weights with look-ahead, after the apparent tardiness cost of Vepsalainen and Morton (1987): slack in units of the mean duration and
///   the logarithm of weight over duration balance each other.
pub fn urgencies(instance: &Instance, due: &DueDates, latest_finish: &[i64]) -> Vec<Vec<i64>> {
    let (project, relaxation) = (instance.project, Relaxation::new(instance));
    let (n, duration) = (project.num_activities(), project.duration());
    let mut date = vec![LATEST; n];
    let mut weight: Vec<f64> = vec![0.0; n];
    due.each(|i, due| (date[i], weight[i]) = (due, due_weight(project, i)));
    for &i in project.graph().topological_order().iter().rev() {
        let i = i as usize;
        for &j in project.graph().successors().of(i) {
            let j = j as usize;
            date[i] = date[i].min(date[j].saturating_sub(duration[j]));
            weight[i] = weight[i].max(weight[j]);
        }
    }
    let mut on_time = date.clone();
    relaxation.left_over(due).iter().for_each(|&i| on_time[i] = LATEST);
    let modified: Vec<i64> = date.iter().zip(relaxation.earliest_finish()).map(|(&date, &finish)| date.max(finish)).collect();
    let slack = (0..n).map(|i| date[i].saturating_sub(duration[i])).collect();
    let mean = duration.iter().map(|&d| d as f64).sum::<f64>() / n.max(1) as f64;
    let heaviest = weight.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let look_ahead = |factor: f64| {
        let value = |i: usize| {
            let start = modified[i].saturating_sub(duration[i]) as f64;
            let worth = (weight[i].max(heaviest * 1e-3) / heaviest) / (duration[i].max(1) as f64 / mean.max(1.0));
            (start - factor * mean * worth.ln()).clamp(-(LATEST as f64), LATEST as f64) as i64
        };
        (0..n).map(value).collect::<Vec<i64>>()
    };
    let [near, middle, far] = [1.0, 4.0, 16.0].map(look_ahead);
    vec![near, date, on_time, middle, modified, slack, latest_finish.to_vec(), far]
}

fn due_weight(project: &Project, activity: usize) -> f64 {
    let data = project.data();
    if data.due_date[activity] == NO_DUE_DATE { 0.0 } else { data.weight.get(activity) }
}
