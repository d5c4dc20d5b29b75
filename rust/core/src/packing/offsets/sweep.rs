//! Placement in the order of time, which forgets what has ended, so that it takes time proportional to what is alive.

use super::effort::Effort;
use super::orders::sorted;
use super::problem::Buffers;
use super::skyline::skyline;

/// Steps of the sweep that gives the first answer, at most: a tenth of a second.
const MOST_STEPS: usize = 1 << 27;
/// Steps of all sweeps that may give a better one.
const MOST_STEPS_OF_ALL: usize = 1 << 26;

/// A placed buffer.
#[derive(Debug, Clone, Copy)]
struct Placed {
    offset: i64,
    top: i64,
    start: i64,
    end: i64,
}

/// The gap that a buffer takes, among those that are large enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Lowest,
    /// The smallest one, ties by the lowest; the space above everything comes last.
    Smallest,
}

/// What comes first among buffers that start together.
#[derive(Debug, Clone, Copy)]
enum Tie {
    Index,
    Size,
    Duration,
}

impl Tie {
    fn key(self, buffers: &Buffers, i: usize) -> i64 {
        match self {
            Self::Index => 0,
            Self::Size => -buffers.size[i],
            Self::Duration => -buffers.end[i],
        }
    }
}

/// Offsets in linear time where little is alive at once: first fit in the order of starts, or above everything where that takes too long, or
/// one buffer above the other if the search is called off.
pub(super) fn first_answer(buffers: &Buffers, effort: &mut Effort<'_, '_>) -> Vec<i64> {
    let order = by_start(buffers, Tie::Index, effort);
    let mut offset = vec![0; buffers.len()];
    let mut work = |steps| effort.called_off(steps);
    if !sweep(buffers, &order, Gap::Lowest, &mut MOST_STEPS.clone(), &mut offset, &mut work)
        && !skyline(buffers, &order, &mut offset, &mut work)
    {
        stack(buffers, &mut offset);
    }
    offset
}

/// Sweeps forwards and backwards with other gaps and ties; the best offsets if their peak is below `limit`.
pub(super) fn better_answer(buffers: &Buffers, mut limit: i64, enough: i64, effort: &mut Effort<'_, '_>) -> Option<Vec<i64>> {
    let mut steps = MOST_STEPS_OF_ALL;
    let mirrored = Buffers {
        start: buffers.end.iter().map(|end| -end).collect(),
        end: buffers.start.iter().map(|start| -start).collect(),
        ..buffers.clone()
    };
    let mut best = None;
    let mut trial = vec![0; buffers.len()];
    for tie in [Tie::Duration, Tie::Size, Tie::Index] {
        for buffers in [buffers, &mirrored] {
            let order = by_start(buffers, tie, effort);
            for gap in [Gap::Smallest, Gap::Lowest] {
                if limit <= enough || effort.stopped() {
                    return best;
                }
                if sweep(buffers, &order, gap, &mut steps, &mut trial, &mut |steps| effort.worked(steps)) {
                    let peak = buffers.peak(&trial);
                    if peak < limit {
                        limit = peak;
                        best = Some(trial.clone());
                    }
                }
            }
        }
    }
    best
}

fn by_start(buffers: &Buffers, tie: Tie, effort: &mut Effort<'_, '_>) -> Vec<u32> {
    sorted(buffers, effort, |i| (buffers.start[i], tie.key(buffers, i)))
}

/// Places the buffers in the order of starts, `order`. Returns false, with `offset` incomplete, after so many steps, or if `work`, which
/// counts them, ends it.
fn sweep(
    buffers: &Buffers,
    order: &[u32],
    gap: Gap,
    steps: &mut usize,
    offset: &mut [i64],
    work: &mut dyn FnMut(u64) -> bool,
) -> bool {
    let placed = |i: usize, place: i64| Placed {
        offset: place,
        top: place + buffers.size[i],
        start: buffers.start[i],
        end: buffers.end[i],
    };
    let mut alive: Vec<Placed> = Vec::new();
    for (i, given) in buffers.fixed.iter().enumerate() {
        if let Some(given) = *given {
            offset[i] = given;
            alive.push(placed(i, given));
        }
    }
    alive.sort_by_key(|other| other.offset);
    for &i in order {
        let i = i as usize;
        if buffers.fixed[i].is_some() {
            continue;
        }
        let Some(left) = steps.checked_sub(alive.len()) else { return false };
        if work(alive.len() as u64 / 4 + 4) {
            return false;
        }
        *steps = left;
        alive.retain(|other| other.end > buffers.start[i]);
        let (mut place, mut chosen) = (0, None);
        for (k, other) in alive.iter().enumerate() {
            if other.start < buffers.end[i] && other.top > place {
                let left = other.offset - place - buffers.size[i];
                if left >= 0 && chosen.is_none_or(|(least, _, _)| left < least) {
                    chosen = Some((left, place, k));
                    if gap == Gap::Lowest {
                        break;
                    }
                }
                place = buffers.aligned(other.top);
            }
        }
        let (_, place, mut at) = chosen.unwrap_or((0, place, alive.len()));
        // Fixed buffers of another time may lie between.
        at -= alive[..at].iter().rev().take_while(|other| other.offset > place).count();
        alive.insert(at, placed(i, place));
        offset[i] = place;
    }
    true
}

/// One buffer above the other, above all fixed ones.
fn stack(buffers: &Buffers, offset: &mut [i64]) {
    let fixed = |(i, given): (usize, &Option<i64>)| given.map(|given| given + buffers.size[i]);
    let mut top = buffers.fixed.iter().enumerate().filter_map(fixed).max().unwrap_or(0);
    for (i, given) in buffers.fixed.iter().enumerate() {
        offset[i] = given.unwrap_or_else(|| buffers.aligned(top));
        top = top.max(offset[i] + buffers.size[i]);
    }
}
