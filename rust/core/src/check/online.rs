//! Is this what really happened to a stream of jobs?

mod job;
mod server;
#[cfg(test)]
mod tests;

use super::findings::Findings;
use super::names::{Called, Names};
use super::rounding::{Sum, equal, slack};
use super::{Kind, Violation};
use crate::control::Pulse;
use crate::cost;
use crate::memory::{self, OutOfMemory};
use crate::sort;
use job::check_job;
use server::{Server, overload};

/// The jobs and a schedule to be checked, as plain columns.
///
/// Entry `k` of the segments says that job `job[k]` has the part `rate[k]` of server `server[k]` from `start[k]` to `end[k]`.
#[derive(Debug, Clone, Copy, Default)]
pub struct FlowClaim<'a> {
    /// When each job arrives.
    pub release_time: &'a [f64],
    /// Sizes of all operations, job by job.
    pub operation: &'a [f64],
    /// Where each job's operations start, and where the last ones end; empty if every job is one operation.
    pub first_operation: &'a [usize],
    /// Hard deadlines, if there are any.
    pub deadline: Option<&'a [f64]>,
    /// Weights; none stands for ones.
    pub weight: Option<&'a [f64]>,
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
    /// The claimed flow times, if they are claimed.
    pub flow_time: Option<&'a [f64]>,
    /// The claimed total flow time, if one is claimed.
    pub total_flow_time: Option<f64>,
    /// The claimed weighted total, if one is claimed.
    pub total_weighted_flow_time: Option<f64>,
    /// The claimed mean flow time, if one is claimed.
    pub mean_flow_time: Option<f64>,
    /// The claimed largest flow time, if one is claimed.
    pub max_flow_time: Option<f64>,
    /// Names of the jobs, if they have any.
    pub names: Option<&'a [String]>,
}

/// A claim, with the times at which its busy periods begin if a job is released before 0.
struct Account<'a> {
    claim: &'a FlowClaim<'a>,
    /// In ascending order. Busy periods last while some job is released and has not completed.
    busy_from: Vec<f64>,
}

impl<'a> std::ops::Deref for Account<'a> {
    type Target = FlowClaim<'a>;

    fn deref(&self) -> &FlowClaim<'a> {
        self.claim
    }
}

impl<'a> Account<'a> {
    fn new(claim: &'a FlowClaim<'a>, pulse: &mut Pulse) -> Self {
        let mut busy_from = Vec::new();
        if claim.release_time.iter().any(|&release| release < 0.0) {
            let mut jobs: Vec<(f64, f64)> =
                claim.release_time.iter().copied().zip(claim.completion_time.iter().copied()).collect();
            sort::sort_by(&mut jobs, |steps| pulse.worked(steps), |a, b| a.0.total_cmp(&b.0));
            let mut until = f64::NEG_INFINITY;
            for (release, completion) in jobs {
                if release > until + slack([release, until]) {
                    busy_from.push(release);
                }
                until = until.max(completion).max(release);
            }
        }
        Self { claim, busy_from }
    }

    /// [`slack`] for times of the clock. In a busy period that begins below 0 the clock has lost there, where its numbers were larger,
    /// what it lost.
    fn slack<const N: usize>(&self, times: [f64; N]) -> f64 {
        let plain = slack(times);
        if self.busy_from.is_empty() {
            return plain;
        }
        let begin = |time: f64| {
            let begun = self.busy_from.partition_point(|&from| from <= time + slack([time]));
            begun.checked_sub(1).map_or(0.0, |k| self.busy_from[k].min(0.0))
        };
        plain.max(slack(times.map(begin)))
    }

    /// What messages call a job.
    fn called(&self, index: impl TryInto<usize>) -> Called<'a> {
        Names::new("job", self.claim.names).of(index)
    }
}

/// The violations of an account, by kind, then by index. Empty means that it is possible.
///
/// Subjects: the job; `machine_overlap` the server; `duplicate` a job that is on several servers at once; `unknown_id` the job or
/// server; `duration` a job that got more or less work than its size; `missing` one without a segment (a job of size 0 needs one
/// without length); `disjunctive` one that was interrupted where it may not be; `objective` a job whose completion time is not the
/// end of its last segment, or whose flow time is not completion minus release, or nothing for a sum, a mean or a maximum. At most
/// [`MOST`](super::MOST) violations of a kind are listed. O(s log s + n).
///
/// Two times that should be equal may differ by four times 2^-52 of the larger one, or of the begin of
/// the busy period if that is before 0 and further from it. The work of a job may differ from its size by the sum of that much for each of its segments, and for the size. Rates may add up to `1 + 2^-49`. A plain sum of n flow
/// times in any order may be off by `(n + 4) * 2^-53` of the sum.
///
/// # Panics
/// If columns differ in length.
#[must_use]
pub fn check_flow(claim: &FlowClaim) -> Vec<Violation> {
    check_flow_interruptible(claim, &Pulse::default()).expect("memory for the checker")
}

/// [`check_flow`] that stops when `pulse` does; its answer must not be used then.
///
/// # Errors
/// The system refuses the memory.
///
/// # Panics
/// If columns differ in length.
pub fn check_flow_interruptible(claim: &FlowClaim, pulse: &Pulse) -> Result<Vec<Violation>, OutOfMemory> {
    let (n, count) = (claim.release_time.len(), claim.job.len());
    assert!([claim.server.len(), claim.start.len(), claim.end.len(), claim.rate.len()] == [count; 4], "columns of one length");
    assert_eq!(claim.completion_time.len(), n, "a completion time for each job");
    memory::require_items(count, 12 * size_of::<usize>())?; // two orders with the room of sort, and the changes of a server
    let mut found = Findings::new(pulse);
    let claim = &Account::new(claim, found.pulse());
    let (by_job, by_server) = known(claim, &mut found);
    if found.stopped() {
        return Ok(Vec::new());
    }
    let servers: Vec<Server> =
        by_server.chunk_by(|&a, &b| claim.server[a] == claim.server[b]).map(|k| Server::new(claim, k)).collect();
    for server in &servers {
        server.check(claim, &mut found);
    }
    let mut rest = by_job.as_slice();
    for j in 0..n {
        let mine = rest.iter().take_while(|&&k| claim.job[k] as usize == j).count();
        let (segments, others) = rest.split_at(mine);
        rest = others;
        if found.worked(cost::SORTED * (1 + mine as u64)) {
            break;
        }
        check_job(claim, j, segments, &servers, &mut found);
    }
    objectives(claim, &mut found);
    Ok(found.finish())
}

/// The segments whose jobs exist, by job, then by start; and of those the ones whose servers exist, by server, then by start.
fn known(claim: &Account, found: &mut Findings) -> (Vec<usize>, Vec<usize>) {
    let (n, servers) = (claim.release_time.len(), claim.servers);
    let (mut by_job, mut by_server) = (Vec::with_capacity(claim.job.len()), Vec::with_capacity(claim.job.len()));
    for (k, (&job, &server)) in claim.job.iter().zip(claim.server).enumerate() {
        if found.worked(cost::NODE) {
            break;
        }
        if usize::try_from(job).map_or(true, |j| j >= n) {
            found.add(Kind::UnknownId, &[job], || format!("there is no job {job}, expected 0 <= index < {n}"));
            continue;
        }
        by_job.push(k);
        if usize::try_from(server).map_or(true, |s| s >= servers) {
            let detail = || format!("{} runs on server {server}, expected 0 <= index < {servers}", claim.called(job));
            found.add(Kind::UnknownId, &[server], detail);
        } else {
            by_server.push(k);
        }
    }
    let by_time = |&a: &usize, &b: &usize| claim.start[a].total_cmp(&claim.start[b]).then(claim.end[a].total_cmp(&claim.end[b]));
    sort::sort_by(&mut by_job, |steps| found.pulse().worked(steps), |a, b| claim.job[*a].cmp(&claim.job[*b]).then(by_time(a, b)));
    sort::sort_by(
        &mut by_server,
        |steps| found.pulse().worked(steps),
        |a, b| claim.server[*a].cmp(&claim.server[*b]).then(by_time(a, b)),
    );
    (by_job, by_server)
}

/// Flow times, their sums, their mean and the largest of them, as the claimed completion times give them.
fn objectives(claim: &Account, found: &mut Findings) {
    let flow = || claim.completion_time.iter().zip(claim.release_time).map(|(c, r)| c - r);
    for (j, (&claimed, actual)) in claim.flow_time.into_iter().flatten().zip(flow()).enumerate() {
        if found.worked(cost::NODE) {
            return;
        }
        let rounding = slack([claim.completion_time[j], claim.release_time[j]]);
        if !(claimed == actual || (claimed - actual).abs() <= rounding) {
            let detail = || format!("the stored flow time of {} is {claimed:?}, it is {actual:?}", claim.called(j));
            found.add(Kind::Objective, &[j as i64], detail);
        }
    }
    let total: Sum = flow().collect();
    let weighted: Sum = match claim.weight {
        Some(weight) => flow().zip(weight).map(|(flow, weight)| flow * weight).collect(),
        None => total,
    };
    let largest = flow().reduce(f64::max).unwrap_or(0.0);
    let n = claim.release_time.len().max(1) as f64;
    let mut judge = |name: &str, claimed: Option<f64>, actual: f64, right: &dyn Fn(f64) -> bool| {
        if let Some(claimed) = claimed.filter(|&claimed| !right(claimed)) {
            let detail = || format!("the stored {name} is {claimed:?}, the completion times give {actual:?}");
            found.add(Kind::Objective, &[], detail);
        }
    };
    judge("total flow time", claim.total_flow_time, total.value(), &|t| total.explains(t));
    judge("total weighted flow time", claim.total_weighted_flow_time, weighted.value(), &|t| weighted.explains(t));
    judge("mean flow time", claim.mean_flow_time, total.value() / n, &|mean| {
        total.explains(mean * n) || equal(mean, total.value() / n)
    });
    judge("largest flow time", claim.max_flow_time, largest, &|most| equal(most, largest));
}
