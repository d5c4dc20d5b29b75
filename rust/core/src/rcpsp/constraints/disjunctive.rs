//! Disjunctive pairs and groups: of each group at most one activity is under way at any time.

use crate::error::InputError;

/// Groups from integers.
///
/// # Errors
/// A number that is not an activity; index `[group, place]`.
pub fn groups_from_integers(n: usize, groups: &[Vec<i64>]) -> Result<Vec<Vec<u32>>, InputError> {
    let known = |v: i64| v >= 0 && (v as u64) < n.min(1 << 31) as u64;
    let all = || groups.iter().enumerate().flat_map(|(g, group)| group.iter().enumerate().map(move |(k, &i)| (g, k, i)));
    let mut bad = all().filter(|&(_, _, i)| !known(i));
    if let Some((g, k, i)) = bad.next() {
        let reason = format!("unknown index, expected 0 <= index < {n}");
        return Err(InputError::new("disjunctive", reason).at([g, k], i).more(bad.count()));
    }
    Ok(groups.iter().map(|group| group.iter().map(|&i| i as u32).collect()).collect())
}

/// Judges the groups.
///
/// # Errors
/// An unknown activity, one that stands twice in a group, a group of fewer than two.
pub fn check_groups(groups: &[Vec<u32>], n: usize) -> Result<(), InputError> {
    let mut seen_in = vec![usize::MAX; n];
    for (g, group) in groups.iter().enumerate() {
        if group.len() < 2 {
            let members = format!("{group:?}");
            return Err(InputError::new("disjunctive", "a group needs two activities").at([g], members));
        }
        for (k, &i) in group.iter().enumerate() {
            let Some(seen) = seen_in.get_mut(i as usize) else {
                let reason = format!("unknown index, expected 0 <= index < {n}");
                return Err(InputError::new("disjunctive", reason).at([g, k], i64::from(i)));
            };
            if *seen == g {
                return Err(InputError::new("disjunctive", "stands twice in its group").at([g, k], i64::from(i)));
            }
            *seen = g;
        }
    }
    Ok(())
}
