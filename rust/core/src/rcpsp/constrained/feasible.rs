//! Whether given times are a schedule, for methods that may not make it worse.

use super::timetable::{Timetable, steps};
use super::{Situation, Windows};
use crate::rcpsp::Direction;
use crate::timeline::Timeline;

/// Whether these times of all activities keep links, windows, calendars, capacities and groups; false if `stop`, which counts steps and
/// tells whether to stop, says so first. O(n log n + m) and a placement for each activity.
pub fn is_feasible(
    situation: &Situation,
    windows: &Windows,
    (start_time, completion_time): (&[i64], &[i64]),
    stop: &mut dyn FnMut(u64) -> bool,
) -> bool {
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
        if !in_window || !linked() {
            return false;
        }
        let seen = table.segments_read();
        let found = table.find(i, start_time[i]).filter(|slot| (slot.start, slot.end) == span(i));
        found.is_some_and(|slot| {
            table.take(i, slot);
            !stop(steps(1, table.segments_read() - seen))
        })
    })
}
