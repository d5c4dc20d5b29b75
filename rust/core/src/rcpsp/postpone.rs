//! Schedules for planners who pull: every start as late as the objective allows.

use super::instance::Instance;
use super::objective::DueDates;
use super::{Lister, NO_DEADLINE, Objective, Past, Project, Schedule};

/// Shifts every activity as late as possible within the makespan, all windows, and what the value of the objective lets it (see
/// [`Objective::latest`]): among activities whose successors are all shifted the largest completion first, ties by larger index. No
/// activity starts earlier than before. Costs one schedule, and a project for an objective beside the makespan.
///
/// Where activities may overlap with their predecessors, the pass can come to no such schedule; then the answer is the given one.
pub(super) fn postponed(instance: &Instance, past: &Past, objective: Objective, value: i64, schedule: Schedule) -> Schedule {
    if objective == Objective::MAKESPAN {
        return shifted(instance, schedule);
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
    let later = shifted(&bounded, schedule.clone());
    if objective.value(&due, &later.completion_time) <= value { later } else { schedule }
}

/// The makespan and the deadlines alone bound the shifts.
fn shifted(instance: &Instance, schedule: Schedule) -> Schedule {
    let mut start_time = schedule.start_time.clone();
    let mut lister = Lister::new(instance.project);
    let list = lister.list_backward(&schedule.completion_time);
    let shifted = instance.decoder().shift_right(list, schedule.makespan, &mut start_time, &mut |_| false);
    let no_earlier = start_time.iter().zip(&schedule.start_time).all(|(after, before)| after >= before);
    if shifted.is_err() || !no_earlier {
        return schedule;
    }
    let later = instance.schedule(start_time);
    if later.makespan == schedule.makespan { later } else { schedule }
}
