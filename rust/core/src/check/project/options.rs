//! Optional activities: which of them a claim lets run, and whether of each group of alternatives exactly one runs.

use super::{Findings, Kind, ProjectClaim, Span, activity};
use crate::cost;
use crate::rcpsp::ProjectData;

/// Mode, start and end of an activity that does not run.
const NOTHING: i64 = -1;

/// The claim without the entries that say that an activity does not run; nothing if no activity is optional.
pub(super) fn entries_that_run(project: &ProjectData, claim: &ProjectClaim) -> Option<Vec<usize>> {
    if !project.optional.contains(&true) {
        return None;
    }
    let is_absent = |k: usize| {
        let times = (claim.start[k], claim.end[k]) == (NOTHING, NOTHING);
        times && claim.mode.is_none_or(|mode| mode[k] == NOTHING)
    };
    Some((0..claim.activity.len()).filter(|&k| !is_absent(k)).collect())
}

/// Whether an activity may be left out.
pub(super) fn is_optional(project: &ProjectData, i: usize) -> bool {
    project.optional.get(i).is_some_and(|&optional| optional)
}

/// Groups of which not exactly one activity runs.
pub(super) fn exactly_one(project: &ProjectData, span: &[Option<Span>], found: &mut Findings) {
    for (g, group) in project.alternatives.iter().enumerate() {
        if found.worked(cost::NODE * group.len() as u64) {
            return;
        }
        let running: Vec<u32> = group.iter().copied().filter(|&i| span[i as usize].is_some()).collect();
        if running.len() == 1 {
            continue;
        }
        found.add(Kind::Alternative, &[g as i64], || match running[..] {
            [] => format!("none of group {g} of alternatives runs, exactly one must"),
            [i, j, ..] => {
                let (first, second, count) = (activity(project, i), activity(project, j), running.len());
                let others = if count > 2 { format!(" and {} more", count - 2) } else { String::new() };
                format!("{first}, {second}{others} of group {g} of alternatives run, exactly one must")
            }
            [_] => unreachable!("one is right"),
        });
    }
}
