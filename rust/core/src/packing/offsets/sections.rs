//! Sections: the moments of time at which the most buffers are alive, and the load bound.

use std::collections::BTreeMap;

use super::problem::Buffers;
use crate::sort;

/// The largest sets of buffers that are alive together, in the order of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Sections {
    /// The first section of each buffer, and the one after its last.
    pub range: Vec<(u32, u32)>,
    /// The buffers of each section.
    pub members: Vec<Vec<u32>>,
}

/// Starts and ends in the order of time, ends first: `(moment, whether it is a start, buffer)`. `work` counts steps; true ends it with nothing.
fn events(buffers: &Buffers, work: &mut dyn FnMut(u64) -> bool) -> Vec<(i64, bool, u32)> {
    let mut events: Vec<(i64, bool, u32)> =
        (0..buffers.len()).flat_map(|i| [(buffers.start[i], true, i as u32), (buffers.end[i], false, i as u32)]).collect();
    let mut stopped = false;
    sort::sort_by(
        &mut events,
        |steps| {
            stopped = stopped || work(steps);
            stopped
        },
        Ord::cmp,
    );
    if stopped { Vec::new() } else { events }
}

impl Sections {
    /// The sections of a problem.
    pub(super) fn new(buffers: &Buffers) -> Self {
        let mut found = Self { range: vec![(0, 0); buffers.len()], members: Vec::new() };
        let mut alive: Vec<u32> = Vec::new();
        let mut begun = false;
        for (_, starts, i) in events(buffers, &mut |_| false) {
            if starts {
                found.range[i as usize].0 = found.members.len() as u32;
                alive.push(i);
                begun = true;
                continue;
            }
            if begun {
                found.members.push(alive.clone());
                begun = false;
            }
            found.range[i as usize].1 = found.members.len() as u32;
            alive.retain(|&other| other != i);
        }
        found
    }
}

/// The largest need of space at one moment, which no peak is below, and such a moment; 0 without buffers.
///
/// The need is the sum of all sizes alive, each but one rounded up to the alignment. With fixed buffers sizes are not rounded, and the top
/// of each fixed buffer is a need of its own.
/// `work` counts steps; true ends it with a bound that may be lower.
pub(super) fn load_bound(buffers: &Buffers, work: &mut dyn FnMut(u64) -> bool) -> (i64, i64) {
    let aligned = buffers.alignment > 1 && buffers.fixed.iter().all(Option::is_none);
    let (mut load, mut best) = (0_i64, (0_i64, 0_i64));
    let mut paddings: BTreeMap<i64, u32> = BTreeMap::new();
    for (moment, starts, i) in events(buffers, work) {
        if work(1) {
            break;
        }
        let size = buffers.size[i as usize];
        let need = if aligned { buffers.aligned(size) } else { size };
        if !starts {
            load -= need;
            if let Some(count) = paddings.get_mut(&(need - size)).filter(|_| aligned) {
                *count -= 1;
                if *count == 0 {
                    paddings.remove(&(need - size));
                }
            }
            continue;
        }
        load += need;
        if aligned {
            *paddings.entry(need - size).or_default() += 1;
        }
        let most = paddings.last_key_value().map_or(0, |entry| *entry.0);
        let top = buffers.fixed[i as usize].map_or(0, |offset| offset + size);
        let least = (load - most).max(top);
        if least > best.0 {
            best = (least, moment);
        }
    }
    best
}
