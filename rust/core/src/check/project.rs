//! Is this a feasible schedule of this project?

use super::{Kind, Violation};
use crate::rcpsp::ProjectData;

/// Somebody's schedule: entry `k` says that activity `activity[k]` runs from `start[k]` to `end[k]`.
#[derive(Debug, Clone, Copy)]
pub struct ProjectClaim<'a> {
    /// Activities, in any order.
    pub activity: &'a [i64],
    /// Start times.
    pub start: &'a [i64],
    /// End times.
    pub end: &'a [i64],
    /// The claimed objective, if one is claimed.
    pub makespan: Option<i64>,
    /// What has happened already: `(activity, start, end)`; such an end may differ from the plan.
    pub fixed: &'a [(i64, i64, i64)],
    /// Nothing that is not fixed starts earlier.
    pub now: i64,
}

/// Every violation, by kind, then by index. Empty means feasible.
///
/// Subjects: the activity; `precedence` the two activities; `capacity` the resource and the time at which its overload begins;
/// `objective` nothing. An activity of length 0 uses no resource. O(n log n R + m).
///
/// # Panics
/// If the claim's columns differ in length.
#[must_use]
pub fn check_project(project: &ProjectData, claim: &ProjectClaim) -> Vec<Violation> {
    assert!(claim.activity.len() == claim.start.len() && claim.start.len() == claim.end.len(), "columns of one length");
    let n = project.duration.len();
    let mut found = Vec::new();
    let mut span: Vec<Option<(i64, i64)>> = vec![None; n];
    for (k, &i) in claim.activity.iter().enumerate() {
        match usize::try_from(i).ok().and_then(|i| span.get_mut(i)) {
            None => {
                let detail = format!("there is no activity {i}, expected 0 <= index < {n}");
                found.push(Violation::new(Kind::UnknownId, [i], detail));
            }
            Some(slot @ None) => *slot = Some((claim.start[k], claim.end[k])),
            Some(_) => found.push(Violation::new(Kind::Duplicate, [i], format!("activity {i} is scheduled more than once"))),
        }
    }
    let mut fixed = vec![None; n];
    for &(i, start, end) in claim.fixed {
        if let Some(slot) = usize::try_from(i).ok().and_then(|i| fixed.get_mut(i)) {
            *slot = Some((start, end));
        }
    }
    for i in 0..n {
        let id = i as i64;
        let Some((start, end)) = span[i] else {
            found.push(Violation::new(Kind::Missing, [id], format!("activity {i} is not scheduled")));
            continue;
        };
        if let Some((fixed_start, fixed_end)) = fixed[i] {
            if (start, end) != (fixed_start, fixed_end) {
                let detail = format!("activity {i} runs {start} to {end}, but {fixed_start} to {fixed_end} is fixed");
                found.push(Violation::new(Kind::Fixed, [id], detail));
            }
            continue;
        }
        let length = i128::from(end) - i128::from(start);
        if length != i128::from(project.duration[i]) {
            let detail = format!("activity {i} runs {start} to {end}, its duration is {}", project.duration[i]);
            found.push(Violation::new(Kind::Duration, [id], detail));
        }
        if start < claim.now {
            found.push(Violation::new(Kind::BeforeNow, [id], format!("activity {i} starts at {start}, before {}", claim.now)));
        }
    }
    for &(i, j) in &project.precedence {
        if let (Some((_, end)), Some((start, _))) = (span[i as usize], span[j as usize])
            && start < end
        {
            let detail = format!("activity {j} starts at {start}, before activity {i} ends at {end}");
            found.push(Violation::new(Kind::Precedence, [i64::from(i), i64::from(j)], detail));
        }
    }
    for resource in 0..project.capacity.len() {
        overloads(project, resource, &span, &mut found);
    }
    if let Some(makespan) = claim.makespan {
        let actual = span.iter().flatten().map(|&(_, end)| end).max().unwrap_or(0);
        if makespan != actual {
            let detail = format!("the stored makespan is {makespan}, the last activity ends at {actual}");
            found.push(Violation::new(Kind::Objective, [], detail));
        }
    }
    found.sort_by(|a, b| (a.kind, &a.subject).cmp(&(b.kind, &b.subject)));
    found
}

/// One violation for each stretch of time in which a resource is overloaded.
fn overloads(project: &ProjectData, resource: usize, span: &[Option<(i64, i64)>], found: &mut Vec<Violation>) {
    let (width, capacity) = (project.capacity.len(), project.capacity[resource]);
    // What ends at a moment is gone before anything starts at that moment, so changes at equal times are added up first.
    let mut changes: Vec<(i64, i128)> = Vec::new();
    for (i, &interval) in span.iter().enumerate() {
        let units = i128::from(project.demand[i * width + resource]);
        if let Some((start, end)) = interval
            && start < end
            && units > 0
        {
            changes.push((start, units));
            changes.push((end, -units));
        }
    }
    changes.sort_unstable();
    let (mut used, mut overload): (i128, Option<(i64, i128)>) = (0, None);
    for group in changes.chunk_by(|a, b| a.0 == b.0) {
        let time = group[0].0;
        used += group.iter().map(|&(_, change)| change).sum::<i128>();
        match overload {
            None if used > i128::from(capacity) => overload = Some((time, used)),
            Some((since, peak)) if used > i128::from(capacity) => overload = Some((since, peak.max(used))),
            Some((since, peak)) => {
                let detail =
                    format!("resource {resource} is used {peak} times from {since} to {time}, its capacity is {capacity}");
                found.push(Violation::new(Kind::Capacity, [resource as i64, since], detail));
                overload = None;
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> ProjectData {
        ProjectData {
            duration: vec![2, 3, 0],
            demand: vec![1, 2, 2],
            capacity: vec![2],
            precedence: vec![(0, 2)],
            ..ProjectData::default()
        }
    }

    fn kinds(activity: &[i64], start: &[i64], end: &[i64], makespan: Option<i64>) -> Vec<(&'static str, Vec<i64>)> {
        let claim = ProjectClaim { activity, start, end, makespan, fixed: &[], now: 0 };
        check_project(&project(), &claim).into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
    }

    #[test]
    fn each_rule_is_seen_when_it_alone_is_broken() {
        assert_eq!(kinds(&[2, 1, 0], &[2, 2, 0], &[2, 5, 2], Some(5)), []);
        assert_eq!(kinds(&[0, 1, 2], &[0, 1, 2], &[2, 4, 2], None), [("capacity", vec![0, 1])]);
        assert_eq!(kinds(&[0, 1, 2], &[0, 2, 1], &[2, 5, 1], None), [("precedence", vec![0, 2])]);
        assert_eq!(kinds(&[0, 1, 2], &[0, 2, 2], &[2, 6, 2], None), [("duration", vec![1])]);
        assert_eq!(kinds(&[0, 1, 2], &[0, -3, 2], &[2, 0, 2], None), [("before_now", vec![1])]);
        assert_eq!(kinds(&[0, 1, 2], &[0, 2, 2], &[2, 5, 2], Some(4)), [("objective", vec![])]);
        assert_eq!(kinds(&[0, 1], &[0, 2], &[2, 5], None), [("missing", vec![2])]);
        assert_eq!(kinds(&[0, 1, 2, 1], &[0, 2, 2, 9], &[2, 5, 2, 12], None), [("duplicate", vec![1])]);
        assert_eq!(kinds(&[0, 1, 2, -1], &[0, 2, 2, 9], &[2, 5, 2, 12], None), [("unknown_id", vec![-1])]);
    }

    #[test]
    fn extreme_numbers_do_not_overflow() {
        let seen = kinds(&[0, 1, 2], &[i64::MIN, i64::MAX, 0], &[i64::MAX, i64::MIN, 0], Some(i64::MIN));
        assert!(seen.iter().any(|(kind, _)| *kind == "duration"));
    }

    #[test]
    fn a_fixed_past_may_differ_from_the_plan_but_must_be_kept() {
        let fixed = [(0, -4, -1)];
        let claim =
            ProjectClaim { activity: &[0, 1, 2], start: &[-4, 0, 0], end: &[-1, 3, 0], makespan: None, fixed: &fixed, now: 0 };
        assert_eq!(check_project(&project(), &claim), []);
        let moved = ProjectClaim { start: &[-3, 0, 0], ..claim };
        assert_eq!(check_project(&project(), &moved)[0].kind, Kind::Fixed);
    }
}
