//! Mode reduction: rows and stocks that no schedule needs to look at.

use super::alternatives::OFF;
use crate::rcpsp::{Fixed, Modes, Project};

/// Mode reduction (Sprecher, Hartmann and Drexl 1997): drops rows that together with the least consumption of all others exceed a
/// stock, rows that another row of the activity dominates, and stocks that bind nothing, until nothing changes. Gives the stocks that
/// can bind. An activity keeps at least one row, and a row is dominated only where all links agree that shorter is better.
pub fn reduce(kept: &mut [Vec<usize>], modes: &Modes, project: &Project, fixed: &[Option<Fixed>]) -> Vec<usize> {
    let (width, stocks) = (project.num_resources(), modes.nonrenewable.len());
    let units = |row: usize, k: usize| if row == OFF { 0 } else { modes.consumption[row * stocks + k] };
    let mut binding: Vec<usize> = (0..stocks).collect();
    // Where a link leads to a completion, a longer mode may start earlier.
    let data = project.data();
    let mut shorter_is_better = vec![true; kept.len()];
    for (k, &(_, j)) in data.precedence.iter().enumerate() {
        shorter_is_better[j as usize] &= !data.relation[k].to_finish();
    }
    loop {
        let mut changed = false;
        for &k in &binding {
            let least: i64 = kept.iter().map(|rows| rows.iter().map(|&row| units(row, k)).min().unwrap_or(0)).sum();
            for rows in kept.iter_mut().filter(|rows| rows.len() > 1) {
                let own = rows.iter().map(|&row| units(row, k)).min().unwrap_or(0);
                let before = rows.len();
                let within: Vec<usize> =
                    rows.iter().copied().filter(|&row| least - own + units(row, k) <= modes.nonrenewable[k]).collect();
                if !within.is_empty() && within.len() < before {
                    *rows = within;
                    changed = true;
                }
            }
        }
        let most = |k: usize| kept.iter().map(|rows| rows.iter().map(|&row| units(row, k)).max().unwrap_or(0)).sum::<i64>();
        let still: Vec<usize> = binding.iter().copied().filter(|&k| most(k) > modes.nonrenewable[k]).collect();
        changed |= still.len() < binding.len();
        binding = still;
        for (i, rows) in kept.iter_mut().enumerate().filter(|(i, _)| fixed[*i].is_none()) {
            let has_off = usize::from(rows.first() == Some(&OFF));
            let lasts = |row: usize| modes.duration[row] > 0;
            let demand = |row: usize, r: usize| if lasts(row) { modes.demand[row * width + r] } else { 0 };
            let no_worse = |a: usize, b: usize| {
                let length = if shorter_is_better[i] {
                    modes.duration[a] <= modes.duration[b]
                } else {
                    modes.duration[a] == modes.duration[b]
                };
                length && (0..width).all(|r| demand(a, r) <= demand(b, r)) && binding.iter().all(|&k| units(a, k) <= units(b, k))
            };
            let mut place = has_off;
            while place < rows.len() {
                let row = rows[place];
                let dominated = rows
                    .iter()
                    .enumerate()
                    .skip(has_off)
                    .any(|(other, &a)| other != place && no_worse(a, row) && (!no_worse(row, a) || other < place));
                if dominated {
                    rows.remove(place);
                    changed = true;
                } else {
                    place += 1;
                }
            }
        }
        if !changed {
            return binding;
        }
    }
}
