//! Schedules for planners who pull: every start as late as the others allow.

use std::cmp::Reverse;

use super::model::Model;
use super::profile::Profile;
use crate::rcpsp::stores::Levels;

/// Shifts one activity after the other while all others stay, the largest completion first (ties: larger index), until none can start
/// later than `most`; the makespan stays.
pub fn postpone(model: &Model, start: &mut [i64], most: &[i64]) {
    let end = model.end(start);
    let mut profile = Profile::new(model);
    let mut levels = Levels::new(&model.stores);
    for (i, &at) in start.iter().enumerate() {
        profile.add(model.demand_of(i), at, at + model.duration[i], 1);
        levels.add(i, at, at + model.duration[i], 1);
    }
    let mut moved = true;
    while moved {
        moved = false;
        let mut order: Vec<usize> = (0..model.len()).filter(|&i| model.fixed[i].is_none()).collect();
        order.sort_by_key(|&i| Reverse((start[i] + model.duration[i], i)));
        for i in order {
            let (demand, duration) = (model.demand_of(i), model.duration[i]);
            let by_lags = model.after[i].iter().map(|&(j, lag)| start[j as usize] - lag).min().unwrap_or(i64::MAX);
            let until = by_lags.min(model.latest_by_deadline[i]).min(most[i]).min(end - duration);
            if until <= start[i] {
                continue;
            }
            profile.add(demand, start[i], start[i] + duration, -1);
            levels.add(i, start[i], start[i] + duration, -1);
            let mut place = Some(until);
            while let Some(until) = place {
                let by_levels = levels.find_last(i, duration, until, start[i]);
                place = by_levels.and_then(|until| profile.find_last(demand, duration, until, start[i]));
                if place == Some(until) {
                    start[i] = until;
                    moved = true;
                    break;
                }
            }
            profile.add(demand, start[i], start[i] + duration, 1);
            levels.add(i, start[i], start[i] + duration, 1);
        }
    }
}
