//! Forward-backward improvement, also called double justification (Valls, Ballestin and Quintanilla 2005).

use super::constrained::Lost;
use super::instance::Instance;
use super::{Direction, Lister, Past, Project, Schedule};
use crate::control::Pulse;
use crate::cost;
use crate::error::{Error, Infeasible, InputError, check_length};

/// Shifts every activity as late as possible within the makespan, then as early as possible; the makespan never grows.
///
/// Where activities may overlap with their predecessors, the two passes can lead to a longer schedule, or to none; then the
/// answer is the given schedule, if it is feasible.
///
/// Right pass: among activities whose successors are all shifted the largest completion first, ties by larger index. Left pass:
/// the serial scheme by new start, ties by lower index. Costs two schedules. What a computation that `pulse` stops returns is
/// worth nothing.
///
/// # Errors
/// A schedule of another project's size; a project with maximal lags or stores. Under constraints, a schedule so far from feasible that its order leads to none.
pub fn justify(project: &Project, completion_time: &[i64], pulse: &Pulse) -> Result<Schedule, Error> {
    let n = project.num_activities();
    check_length("completion_time", completion_time.len(), n)?;
    if project.is_two_sided() {
        let (field, what) = if project.has_max_lags() { ("max_lag", "maximal lags") } else { ("storage", "levels of stores") };
        let reason = format!("justification shifts activities without going back, so it cannot keep {what}");
        return Err(InputError::new(field, reason).into());
    }
    let mut pulse = pulse.clone();
    let stop = &mut |steps| pulse.worked(steps);
    let instance = Instance::new(project, &Past::default(), stop).map_err(|reasons| Infeasible { reasons })?;
    // What does not run completes at the beginning.
    let absent = project.absent();
    let present: Vec<i64> = (0..n).map(|i| if absent.get(i) == Some(&true) { 0 } else { completion_time[i] }).collect();
    let completion_time = &present[..];
    let step = cost::SORTED * n as u64;
    let mut lister = Lister::new(project);
    if stop(step) {
        return Ok(Schedule::default());
    }
    let mut decoder = instance.decoder();
    let end = completion_time.iter().copied().max().unwrap_or(0);
    let mut start_time = vec![0; n];
    let list = lister.list_backward(completion_time);
    if stop(2 * step) {
        return Ok(Schedule::default());
    }
    let shifted = decoder.shift_right(list, end, &mut start_time, stop);
    let order = lister.order(&start_time);
    let shifted = shifted.and_then(|()| if stop(step) { Err(Lost::Stopped) } else { Ok(()) });
    let justified = shifted.and_then(|()| decoder.decode_order(order, stop));
    let is_longer = !matches!(justified, Ok(makespan) if makespan <= end) && justified != Err(Lost::Stopped);
    if is_longer && let Some(schedule) = instance.kept(completion_time, stop) {
        return Ok(project.blanked(schedule));
    }
    match justified {
        Ok(_) => Ok(project.blanked(decoder.schedule(Direction::Forward, 0))),
        Err(lost) => Ok(instance.given_up(lost)?),
    }
}
