//! Sorting that can be stopped.

use std::cmp::Ordering;

use super::RUN;
use crate::cost;

/// Sorts like [`slice::sort_by`], which is stable. If `worked` stops it, the items are all there, in any order.
///
/// O(n log n), with room for n items.
pub(crate) fn sort_by<T: Copy>(items: &mut [T], mut worked: impl FnMut(u64) -> bool, mut order: impl FnMut(&T, &T) -> Ordering) {
    for run in items.chunks_mut(RUN) {
        if worked(cost::SORTED * run.len() as u64) {
            return;
        }
        run.sort_by(&mut order);
    }
    let mut room: Vec<T> = Vec::with_capacity(if items.len() > RUN { items.len() } else { 0 });
    let mut width = RUN;
    while width < items.len() {
        for pair in items.chunks_mut(2 * width) {
            if pair.len() <= width || order(&pair[width - 1], &pair[width]) != Ordering::Greater {
                continue;
            }
            room.clear();
            room.extend_from_slice(&pair[..width]);
            // The left run is in the room now; the place to write to never passes the right run's next item.
            let (mut left, mut right) = (0, width);
            for to in 0..pair.len() {
                if left == room.len() {
                    break;
                }
                // A stopped merge still puts every item somewhere: the rest of the left run.
                let stopped = to.is_multiple_of(RUN) && worked(cost::MERGED * RUN as u64);
                if stopped {
                    let rest = room.len() - left;
                    pair[to..to + rest].copy_from_slice(&room[left..]);
                    return;
                }
                if right < pair.len() && order(&pair[right], &room[left]) == Ordering::Less {
                    pair[to] = pair[right];
                    right += 1;
                } else {
                    pair[to] = room[left];
                    left += 1;
                }
            }
        }
        width *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Pulse;
    use crate::random::Random;

    fn items(n: usize) -> Vec<(u64, usize)> {
        let mut random = Random::new(1);
        (0..n).map(|k| (random.below(1000), k)).collect()
    }

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        for n in [0, 1, RUN - 1, RUN, RUN + 1, 3 * RUN + 7, 8 * RUN] {
            let (mut mine, mut expected) = (items(n), items(n));
            sort_by(&mut mine, |_| false, |a, b| a.0.cmp(&b.0));
            expected.sort_by_key(|item| item.0);
            assert_eq!(mine, expected, "stable, {n} items");
        }
    }

    #[test]
    fn a_stopped_sort_loses_nothing() {
        let mut mine = items(9 * RUN);
        let mut pulse = Pulse::new(|| false);
        sort_by(&mut mine, |steps| pulse.worked(steps), |a, b| a.0.cmp(&b.0));
        mine.sort_by_key(|item| item.1);
        assert_eq!(mine, items(9 * RUN));
        // The runs are sorted before it stops in a merge.
        let mut calls = 0;
        sort_by(
            &mut mine,
            |_| false,
            |a, b| {
                calls += 1;
                b.0.cmp(&a.0)
            },
        );
        assert!(calls > 0 && mine.is_sorted_by(|a, b| a.0 >= b.0));
    }
}
