//! Forward-backward improvement, also called double justification (Valls, Ballestin and Quintanilla 2005).

use super::{Decoder, Direction, Lister, Project, Schedule, constrained};
use crate::control::Pulse;
use crate::error::{Error, check_length};

/// Shifts every activity as late as possible within the makespan, then as early as possible; the makespan never grows.
///
/// Right pass: among activities whose successors are all shifted the largest completion first, ties by larger index. Left pass:
/// the serial scheme by new start, ties by lower index. Costs two schedules. What a computation that `pulse` stops returns is worth
/// nothing.
///
/// # Errors
/// A schedule of another project's size. Under constraints, a schedule so far from feasible that its order leads to none.
pub fn justify(project: &Project, completion_time: &[i64], pulse: &Pulse) -> Result<Schedule, Error> {
    let n = project.num_activities();
    check_length("completion_time", completion_time.len(), n)?;
    if project.is_constrained() {
        return Ok(constrained::justify(project, completion_time, pulse)?);
    }
    let (mut lister, mut decoder) = (Lister::new(project), Decoder::new(project));
    let list = lister.list_backward(completion_time);
    let mut pulse = pulse.clone();
    let length = decoder.decode_until(list, Direction::Backward, i64::MAX, &mut || pulse.worked(u64::MAX)).makespan;
    let mut start_time = vec![0; n];
    decoder.starts(Direction::Backward, length, &mut start_time);
    decoder.decode_until(lister.list(&start_time), Direction::Forward, i64::MAX, &mut || pulse.worked(u64::MAX));
    Ok(decoder.schedule(Direction::Forward, 0))
}
