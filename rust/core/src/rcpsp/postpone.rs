//! Schedules for planners who pull: every start as late as the objective allows.

use std::cmp::Reverse;

use super::instance::Instance;
use super::objective::DueDates;
use super::{Lister, NO_DEADLINE, Objective, Past, Project, Schedule};

/// Shifts every activity as late as possible within the makespan, all windows, and what the value of the objective lets it (see
/// [`Objective::latest`]): among activities whose successors are all shifted the largest completion first, ties by larger index. No
/// activity starts earlier than before. Costs one schedule, and a project for an objective beside the makespan.
///
/// Where activities may overlap with their predecessors, the pass can come to no such schedule; then activities of the given one are
/// shifted alone, until none can start later, which costs a schedule for each activity.
pub(super) fn postponed(instance: &Instance, past: &Past, objective: Objective, value: i64, schedule: Schedule) -> Schedule {
    if objective == Objective::MAKESPAN {
        return shifted(instance, past, schedule);
    }
    let project = instance.project;
    let due = DueDates::new(project);
    let mut data = project.data().clone();
    for (deadline, latest) in data.deadline.iter_mut().zip(objective.latest(&due, &schedule.completion_time, value)) {
        let latest = if latest < schedule.makespan { latest } else { NO_DEADLINE };
        *deadline = latest.min(*deadline);
    }
    // What is fixed has its end, whatever the deadline.
    past.fixed().iter().for_each(|fixed| data.deadline[fixed.activity] = project.data().deadline[fixed.activity]);
    let Ok(bounded) = Project::new(data) else { return schedule };
    let Ok(bounded) = Instance::new(&bounded, past, &mut |_| false) else { return schedule };
    let later = shifted(&bounded, past, schedule.clone());
    if objective.value(&due, &later.completion_time) <= value { later } else { schedule }
}

/// The makespan and the deadlines alone bound the shifts.
fn shifted(instance: &Instance, past: &Past, schedule: Schedule) -> Schedule {
    let mut start_time = schedule.start_time.clone();
    let mut lister = Lister::new(instance.project);
    let list = lister.list_backward(&schedule.completion_time);
    let shifted = instance.decoder().shift_right(list, schedule.makespan, &mut start_time, &mut |_| false);
    let no_earlier = start_time.iter().zip(&schedule.start_time).all(|(after, before)| after >= before);
    if shifted.is_err() || !no_earlier {
        return shifted_alone(instance, past, schedule);
    }
    let later = instance.schedule(start_time);
    if later.makespan == schedule.makespan { later } else { shifted_alone(instance, past, schedule) }
}

/// Shifts one activity after the other while all others stay, the largest completion first, until none can start later.
fn shifted_alone(instance: &Instance, past: &Past, mut schedule: Schedule) -> Schedule {
    let mut moved = true;
    while moved {
        moved = false;
        let is_free = |i: &usize| past.fixed().binary_search_by_key(i, |fixed| fixed.activity).is_err();
        let mut order: Vec<usize> = (0..schedule.start_time.len()).filter(is_free).collect();
        order.sort_by_key(|&i| Reverse((schedule.completion_time[i], i)));
        for i in order {
            let Some(start) = latest_alone(instance.project, past, &schedule, i) else { continue };
            if start > schedule.start_time[i] {
                schedule.start_time[i] = start;
                schedule = instance.schedule(schedule.start_time);
                moved = true;
            }
        }
    }
    schedule
}

/// The latest start of an activity while all others stay where they are in a schedule.
fn latest_alone(project: &Project, past: &Past, schedule: &Schedule, activity: usize) -> Option<i64> {
    let spans = schedule.start_time.iter().zip(&schedule.completion_time).enumerate();
    let others = spans.filter(|&(i, _)| i != activity).map(|(i, (&start, &end))| (i as i64, start, Some(end)));
    let others = Past::new(project, &others.collect::<Vec<_>>(), past.now()).ok()?;
    let alone = Instance::new(project, &others, &mut |_| false).ok()?;
    let mut start_time = schedule.start_time.clone();
    alone.decoder().shift_right(&[activity as u32], schedule.makespan, &mut start_time, &mut |_| false).ok()?;
    Some(start_time[activity])
}
