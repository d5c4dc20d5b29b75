//! Disjunctive pairs and groups: of each group at most one activity is under way at any time.

use super::column::{Constraint, constraint};
use crate::error::{InputError, Reason};
use crate::rcpsp::constrained::{Situation, fixed_clash};

/// Groups from integers; errors name the column `field`.
///
/// # Errors
/// A number that is not an activity; index `[group, place]`.
pub fn groups_from_integers(field: &'static str, n: usize, groups: &[Vec<i64>]) -> Result<Vec<Vec<u32>>, InputError> {
    let known = |v: i64| v >= 0 && (v as u64) < n.min(1 << 31) as u64;
    let all = || groups.iter().enumerate().flat_map(|(g, group)| group.iter().enumerate().map(move |(k, &i)| (g, k, i)));
    let mut bad = all().filter(|&(_, _, i)| !known(i));
    if let Some((g, k, i)) = bad.next() {
        let reason = format!("unknown index, expected 0 <= index < {n}");
        return Err(InputError::new(field, reason).at([g, k], i).more(bad.count()));
    }
    Ok(groups.iter().map(|group| group.iter().map(|&i| i as u32).collect()).collect())
}

/// Refused are unknown activities, activities that stand twice in a group, and groups of fewer than two.
pub const DISJUNCTIVE: Constraint = Constraint {
    clashes,
    ..constraint!(disjunctive: Groups(), |data| check_groups("disjunctive", 2, &data.disjunctive, data.duration.len()))
};

/// Judges the groups of a column, which have at least so many members; no activity stands twice in a group.
///
/// # Errors
/// A group that is too small, an unknown activity, one that stands twice.
pub fn check_groups(field: &'static str, least: usize, groups: &[Vec<u32>], n: usize) -> Result<(), InputError> {
    let mut seen_in = vec![usize::MAX; n];
    for (g, group) in groups.iter().enumerate() {
        if group.len() < least {
            let members = format!("{group:?}");
            let needed = if least == 1 { "a group needs an activity" } else { "a group needs two activities" };
            return Err(InputError::new(field, needed).at([g], members));
        }
        for (k, &i) in group.iter().enumerate() {
            let Some(seen) = seen_in.get_mut(i as usize) else {
                let reason = format!("unknown index, expected 0 <= index < {n}");
                return Err(InputError::new(field, reason).at([g, k], i64::from(i)));
            };
            if *seen == g {
                return Err(InputError::new(field, "stands twice in its group").at([g, k], i64::from(i)));
            }
            *seen = g;
        }
    }
    Ok(())
}

/// Fixed activities of a group that overlap, each beside the one that ends last.
fn clashes(situation: &Situation, reasons: &mut Vec<Reason>) {
    for group in &situation.project.data().disjunctive {
        let mut spans: Vec<(i64, i64, usize)> = Vec::new();
        for &i in group.iter().filter(|&&i| situation.project.duration()[i as usize] > 0) {
            spans.extend(
                situation.fixed[i as usize].filter(|(start, end)| start < end).map(|(start, end)| (start, end, i as usize)),
            );
        }
        spans.sort_unstable();
        let mut latest: Option<(i64, usize)> = None;
        for (start, end, j) in spans {
            if let Some((busy, i)) = latest
                && start < busy
            {
                let detail = format!(
                    "fixed activities {} share a disjunctive group, but overlap from {start} to {}",
                    situation.listed(&[i, j], " and "),
                    busy.min(end)
                );
                reasons.push(fixed_clash(vec![i, j], vec![], busy.min(end) - start, detail));
            }
            if latest.is_none_or(|(busy, _)| end > busy) {
                latest = Some((end, j));
            }
        }
    }
}
