//! Minimal and maximal lags as distances between starts, and the longest paths along them (Bellman and Ford).

use super::super::{NO_LAG, NO_MAX_LAG, ProjectData};
use crate::control::Pulse;
use crate::error::{CycleError, Error, InputError};

/// `start of to >= start of from + lag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arc {
    pub from: u32,
    pub to: u32,
    pub lag: i64,
    /// The precedence pair that it comes from, and whether from its maximal lag.
    pub pair: u32,
    pub is_max: bool,
}

/// All lags of a project as distances between starts, for activities of these durations.
pub fn arcs(data: &ProjectData, duration: &[i64]) -> Vec<Arc> {
    let mut arcs = Vec::new();
    for (k, &(i, j)) in data.precedence.iter().enumerate() {
        let relation = data.relation[k];
        // From the start of i to the start of j, beyond what passes between the two events.
        let offset = if relation.from_finish() { duration[i as usize] } else { 0 }
            - if relation.to_finish() { duration[j as usize] } else { 0 };
        let pair = k as u32;
        if data.lag[k] != NO_LAG {
            arcs.push(Arc { from: i, to: j, lag: data.lag[k] + offset, pair, is_max: false });
        }
        if data.max_lag[k] != NO_MAX_LAG {
            arcs.push(Arc { from: j, to: i, lag: -data.max_lag[k] - offset, pair, is_max: true });
        }
    }
    arcs
}

/// Raises `time` until every arc holds; gives the arcs of a positive cycle if there is one. O(n m). What it does after `pulse` has
/// stopped must not be used.
pub fn raise(time: &mut [i64], arcs: &[Arc], pulse: &mut Pulse) -> Option<Vec<usize>> {
    let n = time.len();
    let mut by: Vec<usize> = vec![usize::MAX; n];
    let mut backward = false;
    loop {
        let mut raised = false;
        for place in 0..arcs.len() {
            // In turns from both ends, so that chains take no more than a round whichever way they are listed.
            let k = if backward { arcs.len() - 1 - place } else { place };
            let arc = arcs[k];
            let since = time[arc.from as usize].saturating_add(arc.lag);
            if since > time[arc.to as usize] {
                (time[arc.to as usize], by[arc.to as usize]) = (since, k);
                raised = true;
            }
        }
        if !raised || pulse.worked(arcs.len() as u64 + n as u64) {
            return None;
        }
        backward = !backward;
        if let Some(cycle) = cycle_of(&by, arcs) {
            return Some(cycle);
        }
    }
}

/// A cycle of the arcs that raised each time last.
fn cycle_of(by: &[usize], arcs: &[Arc]) -> Option<Vec<usize>> {
    let mut seen = vec![usize::MAX; by.len()];
    for first in 0..by.len() {
        let mut i = first;
        while seen[i] == usize::MAX && by[i] != usize::MAX {
            seen[i] = first;
            i = arcs[by[i]].from as usize;
        }
        if seen[i] == first && by[i] != usize::MAX {
            let mut cycle = vec![by[i]];
            let mut k = arcs[by[i]].from as usize;
            while k != i {
                cycle.push(by[k]);
                k = arcs[by[k]].from as usize;
            }
            cycle.reverse();
            return Some(cycle);
        }
    }
    None
}

/// Refuses lags that no schedule keeps.
///
/// # Errors
/// A `CycleError` that names the lags of a positive cycle; a pair of activities that do not exist, or of one with itself.
pub fn check(data: &ProjectData, pulse: &mut Pulse) -> Result<(), Error> {
    if data.max_lag.iter().all(|&lag| lag == NO_MAX_LAG) {
        return Ok(());
    }
    let n = data.duration.len();
    for (k, &(i, j)) in data.precedence.iter().enumerate() {
        if i == j || i as usize >= n || j as usize >= n {
            let reason = format!("must name two activities, 0 <= index < {n}");
            return Err(InputError::new("precedence", reason).at([k], format!("({i}, {j})")).into());
        }
    }
    let arcs = arcs(data, &data.duration);
    let Some(mut cycle) = raise(&mut vec![0; data.duration.len()], &arcs, pulse) else { return Ok(()) };
    // The cycle begins with its lowest activity.
    let lowest = (0..cycle.len()).min_by_key(|&k| arcs[cycle[k]].from).unwrap_or(0);
    cycle.rotate_left(lowest);
    let in_words = |arc: &Arc| {
        let (k, relation) = (arc.pair as usize, data.relation[arc.pair as usize].name());
        if arc.is_max { format!("{relation} max_lag {}", data.max_lag[k]) } else { format!("{relation} lag {}", data.lag[k]) }
    };
    let lags = cycle.iter().map(|&k| in_words(&arcs[k])).collect();
    let excess = cycle.iter().map(|&k| arcs[k].lag).sum();
    let cycle = cycle.iter().map(|&k| arcs[k].from as usize).collect();
    let error = CycleError { field: "max_lag".into(), cycle, labels: None, lags: Some((lags, excess)), line: None };
    Err(error.named(data.names.as_deref()).into())
}
