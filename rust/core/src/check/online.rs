//! Is this what really happened to a stream of jobs?

use std::collections::BTreeMap;

use super::{Kind, Violation};

/// The jobs and somebody's account of their schedule, as plain columns.
///
/// Entry `k` of the segments says that job `job[k]` has the part `rate[k]` of server `server[k]` from `start[k]` to `end[k]`.
#[derive(Debug, Clone, Copy)]
pub struct FlowClaim<'a> {
    /// When each job arrives.
    pub release_time: &'a [f64],
    /// Sizes of all operations, job by job.
    pub operation: &'a [f64],
    /// Where each job's operations start, and where the last ones end; empty if every job is one operation.
    pub first_operation: &'a [usize],
    /// Hard deadlines, if there are any.
    pub deadline: Option<&'a [f64]>,
    /// How many servers there are.
    pub servers: usize,
    /// Whether jobs may be interrupted inside an operation, and between operations.
    pub interruptible: (bool, bool),
    /// The segments' jobs.
    pub job: &'a [i64],
    /// The segments' servers.
    pub server: &'a [i64],
    /// The segments' starts.
    pub start: &'a [f64],
    /// The segments' ends.
    pub end: &'a [f64],
    /// The segments' rates.
    pub rate: &'a [f64],
    /// The claimed completion times.
    pub completion_time: &'a [f64],
    /// The claimed total flow time, if one is claimed.
    pub total_flow_time: Option<f64>,
}

/// Times may differ by this, relative to the largest time.
const TOLERANCE: f64 = 1e-9;

/// Every violation, by kind, then by index. Empty means that the account is possible.
///
/// Subjects: the job; `machine_overlap` the server; `duplicate` a job that is on several servers at once; `unknown_id` the job or
/// server; `duration` a job that got more or less work than its size; `missing` one that got none; `disjunctive` one that was
/// interrupted where it may not be; `objective` a job whose completion time is not the end of its last segment, or nothing for
/// the total flow time. Times are compared within 1e-9 of the largest time. O(s log s + n).
///
/// # Panics
/// If columns differ in length.
#[must_use]
pub fn check_flow(claim: &FlowClaim) -> Vec<Violation> {
    let n = claim.release_time.len();
    let count = claim.job.len();
    assert!([claim.server.len(), claim.start.len(), claim.end.len(), claim.rate.len()] == [count; 4], "columns of one length");
    assert_eq!(claim.completion_time.len(), n, "a completion time for each job");
    let largest = |values: &[f64]| values.iter().filter(|v| v.is_finite()).fold(0.0, |a: f64, b| a.max(b.abs()));
    let tolerance = TOLERANCE * largest(claim.end).max(largest(claim.completion_time)).max(largest(claim.operation));
    let mut found = Vec::new();
    let mut of_job: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut of_server: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for k in 0..count {
        let (job, server) = (claim.job[k], claim.server[k]);
        let known = usize::try_from(job).ok().filter(|&j| j < n);
        let Some(j) = known else {
            found.push(Violation::new(Kind::UnknownId, [job], format!("there is no job {job}, expected 0 <= index < {n}")));
            continue;
        };
        of_job[j].push(k);
        match usize::try_from(server).ok().filter(|&s| s < claim.servers) {
            None => {
                let detail = format!("job {job} runs on server {server}, expected 0 <= index < {}", claim.servers);
                found.push(Violation::new(Kind::UnknownId, [server], detail));
            }
            Some(s) => of_server.entry(s).or_default().push(k),
        }
    }
    for (j, segments) in of_job.iter_mut().enumerate() {
        segments.sort_by(|&a, &b| claim.start[a].total_cmp(&claim.start[b]));
        check_job(claim, j, segments, tolerance, &mut found);
    }
    for (&s, segments) in &of_server {
        if let Some((time, load)) = overload(claim, segments, tolerance) {
            let detail = format!("server {s} does the work of {load} servers at {time}");
            found.push(Violation::new(Kind::MachineOverlap, [s as i64], detail));
        }
    }
    if let Some(claimed) = claim.total_flow_time {
        let actual: f64 = claim.completion_time.iter().zip(claim.release_time).map(|(c, r)| c - r).sum();
        if !within(claimed, actual, tolerance * n as f64) {
            let detail = format!("the stored total flow time is {claimed:?}, the completion times give {actual:?}");
            found.push(Violation::new(Kind::Objective, [], detail));
        }
    }
    found.sort_by(|a, b| (a.kind, &a.subject).cmp(&(b.kind, &b.subject)));
    found
}

/// Whether two times are equal but for rounding; never for NaN.
fn within(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance || a == b
}

/// One job, its segments by start.
fn check_job(claim: &FlowClaim, j: usize, segments: &[usize], tolerance: f64, found: &mut Vec<Violation>) {
    let id = j as i64;
    let operations = match claim.first_operation.get(j..j + 2) {
        Some(bounds) => &claim.operation[bounds[0]..bounds[1]],
        None => &claim.operation[j..=j],
    };
    let (size, release, completion) = (operations.iter().sum::<f64>(), claim.release_time[j], claim.completion_time[j]);
    let work: f64 = segments.iter().map(|&k| (claim.end[k] - claim.start[k]) * claim.rate[k]).sum();
    let slack = tolerance * (segments.len() + 1) as f64;
    let backwards = segments.iter().any(|&k| claim.end[k] < claim.start[k] || claim.rate[k] < 0.0);
    if segments.is_empty() && size > slack {
        found.push(Violation::new(Kind::Missing, [id], format!("job {j} of size {size:?} never runs")));
    } else if !within(work, size, slack) || backwards {
        let detail = format!("job {j} of size {size:?} gets {work:?} units of work");
        found.push(Violation::new(Kind::Duration, [id], detail));
    }
    let first = segments.iter().map(|&k| claim.start[k]).fold(completion, f64::min);
    if first < release - tolerance {
        found.push(Violation::new(
            Kind::Release,
            [id],
            format!(
                "job {j} starts at {first:?}, before its release at
        {release:?}"
            ),
        ));
    }
    let last = segments.iter().map(|&k| claim.end[k]).fold(f64::NEG_INFINITY, f64::max);
    // A job too small for the clock leaves no trace, so nothing is known but its release.
    let end = if segments.is_empty() { completion.max(release) } else { last };
    if !within(completion, end, tolerance) {
        let detail = format!("the stored completion time of job {j} is {completion:?}, it ends at {end:?}");
        found.push(Violation::new(Kind::Objective, [id], detail));
    }
    if let Some(deadline) = claim.deadline
        && completion > deadline[j] + tolerance
    {
        let detail = format!("job {j} completes at {completion:?}, after its deadline at {:?}", deadline[j]);
        found.push(Violation::new(Kind::Deadline, [id], detail));
    }
    if let Some((time, load)) = overload(claim, segments, tolerance) {
        let detail = format!("job {j} gets {load} times the speed of a server at {time}");
        found.push(Violation::new(Kind::Duplicate, [id], detail));
    }
    if claim.interruptible.0 {
        return;
    }
    let mut done = 0.0;
    for pair in segments.windows(2) {
        done += (claim.end[pair[0]] - claim.start[pair[0]]) * claim.rate[pair[0]];
        let mut boundary = 0.0;
        let between = operations.iter().any(|size| {
            boundary += size;
            within(boundary, done, slack)
        });
        let gap = claim.start[pair[1]] - claim.end[pair[0]] > tolerance || claim.server[pair[0]] != claim.server[pair[1]];
        if gap && !(claim.interruptible.1 && between) {
            let detail = format!("job {j} is interrupted at {:?} after {done:?} units of work", claim.end[pair[0]]);
            found.push(Violation::new(Kind::Disjunctive, [id], detail));
            return;
        }
    }
}

/// When, and to how much, the rates of these segments first add up to more than 1.
fn overload(claim: &FlowClaim, segments: &[usize], tolerance: f64) -> Option<(f64, f64)> {
    // Segments shrink by the tolerance, so that those that merely touch do not overlap.
    let mut changes: Vec<(f64, f64)> = Vec::with_capacity(2 * segments.len());
    for &k in segments {
        let (start, end) = (claim.start[k] + tolerance, claim.end[k] - tolerance);
        if start < end {
            changes.extend([(start, claim.rate[k]), (end, -claim.rate[k])]);
        }
    }
    changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut load = 0.0;
    changes.into_iter().find_map(|(time, change)| {
        load += change;
        (load > 1.0 + TOLERANCE).then_some((time, load))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HONEST: FlowClaim = FlowClaim {
        release_time: &[0.0, 1.0],
        operation: &[3.0, 1.0, 1.0],
        first_operation: &[0, 2, 3],
        deadline: Some(&[5.0, 4.0]),
        servers: 1,
        interruptible: (false, true),
        job: &[0, 1, 0],
        server: &[0, 0, 0],
        start: &[0.0, 3.0, 4.0],
        end: &[3.0, 4.0, 5.0],
        rate: &[1.0, 1.0, 1.0],
        completion_time: &[5.0, 4.0],
        total_flow_time: Some(8.0),
    };

    fn kinds(claim: &FlowClaim) -> Vec<(&'static str, Vec<i64>)> {
        check_flow(claim).into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
    }

    #[test]
    fn each_rule_is_seen_when_it_alone_is_broken() {
        assert_eq!(kinds(&HONEST), []);
        assert_eq!(kinds(&FlowClaim { total_flow_time: Some(8.1), ..HONEST }), [("objective", vec![])]);
        assert_eq!(kinds(&FlowClaim { job: &[0, 1, 7], ..HONEST })[0], ("unknown_id", vec![7]));
        assert_eq!(kinds(&FlowClaim { server: &[0, 0, 1], ..HONEST }), [("unknown_id", vec![1])]);
        assert_eq!(kinds(&FlowClaim { interruptible: (false, false), ..HONEST }), [("disjunctive", vec![0])]);
        assert_eq!(kinds(&FlowClaim { operation: &[2.0, 2.0, 1.0], ..HONEST }), [("disjunctive", vec![0])]);
        assert_eq!(kinds(&FlowClaim { deadline: Some(&[5.0, 3.0]), ..HONEST }), [("deadline", vec![1])]);
        assert_eq!(kinds(&FlowClaim { release_time: &[0.0, 3.5], total_flow_time: None, ..HONEST }), [("release", vec![1])]);
        assert_eq!(kinds(&FlowClaim { operation: &[3.0, 1.0, 2.0], ..HONEST }), [("duration", vec![1])]);
        assert_eq!(
            kinds(&FlowClaim { completion_time: &[6.0, 4.0], total_flow_time: Some(9.0), deadline: None, ..HONEST }),
            [("objective", vec![0])]
        );
        let overlap = FlowClaim { start: &[0.0, 2.5, 4.0], end: &[3.0, 3.5, 5.0], completion_time: &[5.0, 3.5], ..HONEST };
        assert_eq!(kinds(&FlowClaim { total_flow_time: None, ..overlap }), [("machine_overlap", vec![0])]);
        let twice = FlowClaim {
            servers: 2,
            server: &[0, 0, 1],
            job: &[0, 1, 0],
            start: &[0.0, 3.0, 2.0],
            end: &[3.0, 4.0, 3.0],
            ..HONEST
        };
        let seen =
            kinds(&FlowClaim { completion_time: &[3.0, 4.0], total_flow_time: None, interruptible: (true, true), ..twice });
        assert_eq!(seen, [("duplicate", vec![0])]);
        assert_eq!(
            kinds(&FlowClaim {
                job: &[0, 0],
                server: &[0, 0],
                start: &[0.0, 4.0],
                end: &[3.0, 5.0],
                rate: &[1.0, 1.0],
                ..HONEST
            })[0],
            ("missing", vec![1])
        );
    }

    #[test]
    fn indices_end_where_there_are_no_more() {
        assert_eq!(kinds(&FlowClaim { job: &[0, 1, 2], ..HONEST })[0], ("unknown_id", vec![2]));
        assert_eq!(kinds(&FlowClaim { job: &[0, 1, -1], ..HONEST })[0], ("unknown_id", vec![-1]));
    }

    #[test]
    fn segments_may_come_in_any_order_and_violations_come_by_kind() {
        let reversed = FlowClaim { job: &[0, 1, 0], start: &[4.0, 3.0, 0.0], end: &[5.0, 4.0, 3.0], ..HONEST };
        assert_eq!(kinds(&reversed), []);
        assert_eq!(kinds(&FlowClaim { interruptible: (false, false), ..reversed }), [("disjunctive", vec![0])]);
        let empty = FlowClaim { job: &[0, 0, 1, 0], server: &[0; 4], start: &[0.0, 3.0, 3.0, 4.0], ..HONEST };
        assert_eq!(kinds(&FlowClaim { end: &[3.0, 3.0, 4.0, 5.0], rate: &[1.0; 4], ..empty }), []);
        let seen = kinds(&FlowClaim { operation: &[3.0, 1.0, 2.0], completion_time: &[6.0, 4.0], deadline: None, ..HONEST });
        assert_eq!(seen, [("duration", vec![1]), ("objective", vec![]), ("objective", vec![0])]);
    }

    #[test]
    fn times_are_compared_relative_to_the_largest() {
        let late = FlowClaim {
            release_time: &[0.0],
            operation: &[1.0],
            first_operation: &[],
            deadline: None,
            interruptible: (true, true),
            job: &[0],
            server: &[0],
            start: &[1e6],
            end: &[1e6 + 1.0],
            rate: &[1.0],
            completion_time: &[1e6 + 1.0 + 1e-4],
            total_flow_time: Some(1e6 + 1.0),
            ..HONEST
        };
        assert_eq!(kinds(&late), []);
        assert_eq!(kinds(&FlowClaim { completion_time: &[1e6 + 1.01], ..late }), [("objective", vec![]), ("objective", vec![0])]);
        let tiny = FlowClaim { operation: &[1e-6], start: &[0.0], end: &[1e-6], completion_time: &[1.000_000_1e-6], ..late };
        assert_eq!(kinds(&FlowClaim { total_flow_time: None, ..tiny }), [("objective", vec![0])]);
    }

    #[test]
    fn work_is_neither_undone_nor_done_backwards() {
        let alone = FlowClaim { job: &[0, 0], server: &[0, 0], rate: &[1.0, 1.0], interruptible: (true, true), ..HONEST };
        let backwards = FlowClaim { start: &[0.0, 5.0], end: &[5.0, 4.0], ..alone };
        let undone = FlowClaim { start: &[0.0, 5.0], end: &[5.0, 6.0], rate: &[1.0, -1.0], ..alone };
        for claim in [backwards, undone] {
            assert!(kinds(&claim).contains(&("duration", vec![0])));
        }
    }

    #[test]
    fn a_server_may_be_shared_in_parts() {
        let shared = FlowClaim {
            release_time: &[0.0, 0.0],
            operation: &[1.0, 1.0],
            first_operation: &[],
            deadline: None,
            job: &[0, 1],
            server: &[0, 0],
            start: &[0.0, 0.0],
            end: &[2.0, 2.0],
            rate: &[0.5, 0.5],
            completion_time: &[2.0, 2.0],
            total_flow_time: Some(4.0),
            ..HONEST
        };
        assert_eq!(kinds(&shared), []);
        assert_eq!(kinds(&FlowClaim { operation: &[1.0, 1.2], rate: &[0.5, 0.6], ..shared }), [("machine_overlap", vec![0])]);
    }

    #[test]
    fn a_job_without_work_completes_at_its_release_or_later() {
        let nothing = FlowClaim {
            release_time: &[5.0],
            operation: &[0.0],
            first_operation: &[],
            deadline: None,
            job: &[],
            server: &[],
            start: &[],
            end: &[],
            rate: &[],
            completion_time: &[5.0],
            total_flow_time: Some(0.0),
            ..HONEST
        };
        assert_eq!(kinds(&nothing), []);
        let early = kinds(&FlowClaim { completion_time: &[3.0], total_flow_time: None, ..nothing });
        assert_eq!(early, [("release", vec![0]), ("objective", vec![0])]);
    }

    #[test]
    fn an_operation_may_be_told_in_pieces_but_not_moved() {
        let pieces = FlowClaim {
            release_time: &[1.0],
            operation: &[3.0, 1.0],
            first_operation: &[0, 2],
            deadline: None,
            servers: 2,
            job: &[0, 0, 0],
            server: &[0, 0, 1],
            start: &[1.0, 2.0, 5.0],
            end: &[2.0, 4.0, 6.0],
            completion_time: &[6.0],
            total_flow_time: Some(5.0),
            ..HONEST
        };
        assert_eq!(kinds(&pieces), []);
        assert_eq!(kinds(&FlowClaim { server: &[0, 1, 1], ..pieces }), [("disjunctive", vec![0])]);
        assert_eq!(kinds(&FlowClaim { start: &[1.0, 2.5, 5.0], end: &[2.0, 4.5, 6.0], ..pieces }), [("disjunctive", vec![0])]);
    }

    #[test]
    fn numbers_that_are_not_are_violations() {
        let seen = kinds(&FlowClaim { completion_time: &[f64::NAN, 4.0], ..HONEST });
        assert!(seen.contains(&("objective", vec![0])));
        assert!(kinds(&FlowClaim { end: &[f64::NAN, 4.0, 5.0], ..HONEST }).contains(&("duration", vec![0])));
    }
}
