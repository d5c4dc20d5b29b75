//! The check of one job.

use super::super::findings::Findings;
use super::super::rounding::{equal, slack};
use super::{Account, Kind, Server, overload};

/// Judges one job; its segments are sorted by start.
pub(super) fn check_job(claim: &Account, j: usize, segments: &[usize], servers: &[Server], found: &mut Findings) {
    let id = j as i64;
    let operations = match claim.first_operation.get(j..j + 2) {
        Some(bounds) => &claim.operation[bounds[0]..bounds[1]],
        None => &claim.operation[j..=j],
    };
    let name = claim.called(j);
    let (size, release, completion) = (operations.iter().sum::<f64>(), claim.release_time[j], claim.completion_time[j]);
    let work: f64 = segments.iter().map(|&k| (claim.end[k] - claim.start[k]) * claim.rate[k]).sum();
    let rounding = slack([size]) + segments.iter().map(|&k| worked_slack(claim, k)).sum::<f64>();
    let backwards = segments.iter().any(|&k| claim.end[k] < claim.start[k] || claim.rate[k] < 0.0);
    if segments.is_empty() {
        found.add(Kind::Missing, &[id], || format!("{name} of size {size:?} never runs"));
    } else if !(work == size || (work - size).abs() <= rounding) || backwards {
        found.add(Kind::Duration, &[id], || format!("{name} of size {size:?} gets {work:?} units of work"));
    }
    let first = segments.iter().map(|&k| claim.start[k]).fold(completion, f64::min);
    if first < release - claim.slack([first, release]) {
        found.add(Kind::Release, &[id], || format!("{name} starts at {first:?}, before its release at {release:?}"));
    }
    let end = segments.iter().map(|&k| claim.end[k]).reduce(f64::max);
    if let Some(end) = end.filter(|&end| !equal(completion, end)) {
        let detail = || format!("the stored completion time of {name} is {completion:?}, it ends at {end:?}");
        found.add(Kind::Objective, &[id], detail);
    }
    if let Some(deadline) = claim.deadline.map(|deadline| deadline[j])
        && completion > deadline + slack([completion, deadline])
    {
        let detail = || format!("{name} completes at {completion:?}, after its deadline at {deadline:?}");
        found.add(Kind::Deadline, &[id], detail);
    }
    if segments.len() > 1
        && let Some((time, load)) = overload(claim, segments, found)
    {
        let detail = || format!("{name} gets {load} times the speed of a server at {time:?}");
        found.add(Kind::Duplicate, &[id], detail);
    }
    if !claim.interruptible.0 {
        interruptions(claim, j, operations, segments, servers, found);
    }
}

/// By how much rounding may change the work of a segment: its ends are off by some units of the clock's last place. Where jobs share a
/// server it is the service that each has had which is counted, and rounded, so the rate does not make it less.
fn worked_slack(claim: &Account, k: usize) -> f64 {
    claim.slack([claim.start[k], claim.end[k]])
}

/// Reports the first place where a job stops to be served although it may not.
fn interruptions(claim: &Account, j: usize, operations: &[f64], segments: &[usize], servers: &[Server], found: &mut Findings) {
    let (mut done, mut rounding) = (0.0, 0.0);
    let (mut boundary, mut next) = (0.0, 0);
    for pair in segments.windows(2) {
        let (k, after) = (pair[0], pair[1]);
        done += (claim.end[k] - claim.start[k]) * claim.rate[k];
        rounding += worked_slack(claim, k);
        let rounding = rounding + slack([done]);
        while next < operations.len() && boundary < done - rounding {
            boundary += operations[next];
            next += 1;
        }
        let between = claim.interruptible.1 && (boundary - done).abs() <= rounding;
        let (end, start) = (claim.end[k], claim.start[after]);
        let gap = start - end > claim.slack([start, end]) || claim.server[k] != claim.server[after];
        let server = servers.binary_search_by_key(&claim.server[k], |server| server.id);
        let lost = || server.is_ok_and(|s| servers[s].serves_for_an_instant(claim, end, j));
        if !between && (gap || lost()) {
            let detail = || format!("{} is interrupted at {end:?} after {done:?} units of work", claim.called(j));
            found.add(Kind::Disjunctive, &[j as i64], detail);
            return;
        }
    }
}
