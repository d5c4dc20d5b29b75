//! Schedules for planners who pull: every start as late as the makespan allows.

use super::instance::Instance;
use super::{Lister, Schedule};

/// Shifts every activity as late as possible within the makespan and all windows: among activities whose successors are all shifted the
/// largest completion first, ties by larger index. No activity starts earlier than before. Costs one schedule.
///
/// Where activities may overlap with their predecessors, the pass can come to no such schedule; then the answer is the given one.
pub(super) fn postponed(instance: &Instance, schedule: Schedule) -> Schedule {
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
