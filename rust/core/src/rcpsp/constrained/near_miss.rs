//! A schedule of any list: what cannot keep its window is late, what finds no place follows behind all others.

use super::decoder::LATE;
use super::situation::UNREACHABLE;
use super::timetable::{PART, Timetable, steps};
use super::{Situation, Windows};
use crate::cost;
use crate::error::TIME_LIMIT;
use crate::rcpsp::{Direction, Schedule};
use crate::timeline::Timeline;

/// Steps up to which calendars are looked at after the time is over.
const SHORT_LOOK: u64 = 1000;

/// Places the activities of a precedence-feasible list one by one as early as possible, late or not. Those that find no place, and all
/// that are left when `stop` says so, follow behind all others, one by one. Returns the value (see [`LATE`]) and the
/// schedule.
pub fn near_miss(situation: &Situation, windows: &Windows, list: &[u32], stop: &mut dyn FnMut(u64) -> bool) -> (i64, Schedule) {
    let mut stopped = stop(0);
    let mut table = (!stopped).then(|| Timetable::new(situation, Direction::Forward, situation.origin()));
    // Nothing ends before, so calendars are looked at up to there anyway; in parts, because they may have very many steps.
    while let Some(table) = table.as_mut().filter(|_| !stopped) {
        let whole = table.extend_by_part(windows.length());
        stopped = stop(cost::EVENT * PART as u64) && !whole;
        if whole {
            break;
        }
    }
    let (mut start_time, mut completion_time): (Vec<i64>, Vec<i64>) =
        situation.fixed.iter().map(|span| span.unwrap_or((0, 0))).unzip();
    let mut is_left = vec![false; situation.num_activities()];
    let mut seen = table.as_ref().map_or(0, Timeline::segments_read);
    let (mut late, mut displaced) = (0_i64, false);
    let list = || list.iter().map(|&i| i as usize).filter(|&i| situation.fixed[i].is_none());
    for i in list() {
        let waits = displaced && situation.before(i).any(|link| is_left[link.other]);
        let table = table.as_mut().filter(|_| !stopped && !waits);
        let found = table.and_then(|table| {
            let ready = situation.ready(&start_time, &completion_time, i);
            if ready == UNREACHABLE { None } else { Some((table.find(i, ready)?, table)) }
        });
        let Some((slot, table)) = found else {
            (is_left[i], displaced) = (true, true);
            continue;
        };
        table.take(i, slot);
        late = late.saturating_add(slot.end.saturating_sub(windows.latest_finish[i]).max(0));
        (start_time[i], completion_time[i]) = (slot.start, slot.end);
        let looked = table.segments_read() - seen;
        seen += looked;
        stopped = stop(steps(1, looked));
    }
    let placed = (0..situation.num_activities()).filter(|&i| !is_left[i]).map(|i| completion_time[i]);
    let mut end = placed.max().unwrap_or(situation.now);
    for i in list().filter(|&i| is_left[i]) {
        let ready = situation.ready(&start_time, &completion_time, i);
        let is_reachable = ready != UNREACHABLE;
        let from = if is_reachable { ready.max(end) } else { end };
        // A long look at calendars has to wait for another search once the time is over.
        let look = |from| {
            (is_reachable && (!stopped || situation.cost(i) < SHORT_LOOK)).then(|| situation.runs[i].earliest(from)).flatten()
        };
        let runs = look(from);
        let (start, finish) = runs
            // What pauses without end would not even have its duration, so it rather shares its resources with others.
            .or_else(|| look(ready).filter(|_| situation.project.data().pausable[i]))
            .unwrap_or((from, from.saturating_add(situation.project.duration()[i])));
        let delay = finish.saturating_sub(windows.latest_finish[i]).max(0);
        late = late.saturating_add(if runs.is_some() { delay } else { TIME_LIMIT });
        (start_time[i], completion_time[i]) = (start, finish);
        end = end.max(finish);
    }
    let schedule = Schedule::from_times(start_time, completion_time);
    let value = if late == 0 { schedule.makespan } else { LATE.saturating_add(late) };
    (value, schedule)
}
