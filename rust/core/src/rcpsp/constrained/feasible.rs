//! Whether given times are a schedule, for methods that may not make it worse.

use super::timetable::Timetable;
use super::{Situation, Windows};
use crate::rcpsp::Direction;
use crate::timeline::Timeline;

/// Whether these times of all activities keep links, windows, calendars, capacities and groups. O(n log n + m) and a placement for
/// each activity.
pub fn is_feasible(situation: &Situation, windows: &Windows, start_time: &[i64], completion_time: &[i64]) -> bool {
    let span = |i: usize| (start_time[i], completion_time[i]);
    let mut table = Timetable::new(situation, Direction::Forward, situation.origin());
    let mut order: Vec<usize> = (0..situation.num_activities()).collect();
    order.sort_by_key(|&i| start_time[i]);
    order.into_iter().all(|i| {
        if let Some(fixed) = situation.fixed[i] {
            return span(i) == fixed;
        }
        let in_window = start_time[i] >= situation.release[i] && completion_time[i] <= windows.latest_finish[i];
        let linked = || situation.before(i).all(|link| link.event(span(i)) >= link.since(span(link.other)));
        in_window
            && linked()
            && table.find(i, start_time[i]).filter(|slot| (slot.start, slot.end) == span(i)).is_some_and(|slot| {
                table.take(i, slot);
                true
            })
    })
}
