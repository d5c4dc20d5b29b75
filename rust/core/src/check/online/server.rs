//! The check of one server.

use super::super::findings::Findings;
use super::super::rounding::Sum;
use super::{Account, Kind};
use crate::cost;
use crate::sort;

/// Rates may add up to this: each of them is rounded, and so are shares like 1/3.
const FULL: f64 = 1.0 + 8.0 * f64::EPSILON;

/// A server that is used.
pub(super) struct Server<'a> {
    pub id: i64,
    /// Its segments, by start.
    segments: &'a [usize],
    /// Those without length, by time.
    instants: Vec<usize>,
}

impl<'a> Server<'a> {
    /// `segments` are sorted by start, and not empty.
    pub fn new(claim: &Account, segments: &'a [usize]) -> Self {
        let instants = segments.iter().copied().filter(|&k| claim.start[k] == claim.end[k]).collect();
        Self { id: claim.server[segments[0]], segments, instants }
    }

    /// Whether another job than `job` has a segment without length at this time.
    pub fn serves_for_an_instant(&self, claim: &Account, time: f64, job: usize) -> bool {
        let from = self.instants.partition_point(|&k| claim.start[k] < time - claim.slack([time]));
        let near = self.instants[from..].iter().take_while(|&&k| claim.start[k] <= time + claim.slack([time]));
        near.into_iter().any(|&k| claim.job[k] as usize != job)
    }

    /// At any time the rates add up to 1 at most, and while one job has the whole server no other one is served, not even for an instant.
    pub fn check(&self, claim: &Account, found: &mut Findings) {
        if found.worked(cost::CHECKED * self.segments.len() as u64) {
            return;
        }
        let server = self.id;
        if let Some((time, load)) = overload(claim, self.segments, found) {
            let detail = || format!("server {server} does the work of {load} servers at {time:?}");
            found.add(Kind::MachineOverlap, &[server], detail);
            return;
        }
        // The segment that has the whole server and ends last among those that have started.
        let mut whole: Option<usize> = None;
        for &k in self.segments {
            let (time, job) = (claim.start[k], claim.job[k]);
            if time == claim.end[k] {
                let Some(other) = whole.filter(|&other| claim.job[other] != job) else { continue };
                let (start, end) = (claim.start[other], claim.end[other]);
                if time > start + claim.slack([time, start]) && time < end - claim.slack([time, end]) {
                    let (name, other) = (claim.called(job), claim.called(claim.job[other]));
                    let detail =
                        || format!("server {server} serves {name} at {time:?}, while {other} has it from {start:?} to {end:?}");
                    found.add(Kind::MachineOverlap, &[server], detail);
                    return;
                }
            } else if claim.rate[k] > 1.0 - 8.0 * f64::EPSILON && whole.is_none_or(|other| claim.end[k] > claim.end[other]) {
                whole = Some(k);
            }
        }
    }
}

/// When, and to how much, the rates of these segments first add up to more than 1.
pub(super) fn overload(claim: &Account, segments: &[usize], found: &mut Findings) -> Option<(f64, f64)> {
    // Segments shrink by what rounding explains, so that those that merely touch do not overlap.
    let mut changes: Vec<(f64, f64)> = Vec::with_capacity(2 * segments.len());
    for &k in segments {
        let (start, end) = (claim.start[k], claim.end[k]);
        let (start, end) = (start + claim.slack([start]), end - claim.slack([end]));
        if start < end {
            changes.extend([(start, claim.rate[k]), (end, -claim.rate[k])]);
        }
    }
    sort::sort_by(&mut changes, |steps| found.pulse().worked(steps), |a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut load = Sum::default();
    changes.into_iter().find_map(|(time, change)| {
        load.add(change);
        (load.value() > FULL).then_some((time, load.value()))
    })
}
