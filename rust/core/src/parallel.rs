//! Threads that live for one call, and answers that do not depend on how many there are.

use std::num::NonZeroUsize;
use std::thread;

use crate::sync::Mutex;

/// More threads than this never help and only strain the system; answers do not depend on the number.
const MOST: usize = 256;

/// The number of threads that a request stands for: `None` means all cores.
#[must_use]
pub fn resolve(threads: Option<usize>) -> usize {
    threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZeroUsize::get)).clamp(1, MOST)
}

/// Fills item `k` of `first` and row `k` of `second` (which holds equally many elements for every item, perhaps none), the items
/// shared out among `threads`.
///
/// `work(state, item, slot, row)` fills one item; each share makes its own `state` once. The calling thread does its share, and
/// those of threads that the system refuses.
pub fn fill<A: Send, B: Send, S>(
    threads: usize,
    first: &mut [A],
    second: &mut [B],
    make_state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize, &mut A, &mut [B]) + Sync,
) {
    let items = first.len();
    let width = second.len().checked_div(items).unwrap_or(0);
    let run = |start: usize, slots: &mut [A], mut rows: &mut [B]| {
        let mut state = make_state();
        for (k, slot) in slots.iter_mut().enumerate() {
            let (row, rest) = std::mem::take(&mut rows).split_at_mut(width);
            work(&mut state, start + k, slot, row);
            rows = rest;
        }
    };
    let share = items.div_ceil(threads.max(1)).max(1);
    if share >= items {
        return run(0, first, second);
    }
    let (mut shares, mut rest) = (Vec::new(), second);
    for (t, slots) in first.chunks_mut(share).enumerate() {
        let (rows, others) = std::mem::take(&mut rest).split_at_mut(slots.len() * width);
        rest = others;
        shares.push((t * share, slots, rows));
    }
    let helpers = shares.len() - 1;
    let shares = Shares::new(shares);
    let worker = || {
        while let Some((start, slots, rows)) = shares.next() {
            run(start, slots, rows);
        }
    };
    thread::scope(|scope| {
        help(scope, helpers, worker);
        worker();
    });
}

/// Up to so many threads that run `worker`, as many as the system grants.
pub(crate) fn help<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    threads: usize,
    worker: impl FnOnce() + Copy + Send + 'scope,
) {
    for _ in 0..threads {
        if thread::Builder::new().spawn_scoped(scope, worker).is_err() {
            break;
        }
    }
}

/// Shares of the work, each handed out once.
pub(crate) struct Shares<T>(Mutex<Vec<T>>);

impl<T> Shares<T> {
    /// The last one is handed out first.
    pub(crate) fn new(shares: Vec<T>) -> Self {
        Self(Mutex::new(shares))
    }

    pub(crate) fn next(&self) -> Option<T> {
        self.0.lock().expect("nothing panics while it holds the lock").pop()
    }
}

#[cfg(all(test, loom))]
mod interleavings {
    use super::*;
    use crate::sync::Arc;
    use loom::thread;

    #[test]
    fn every_share_is_handed_out_once() {
        loom::model(|| {
            let shares = Arc::new(Shares(Mutex::new(vec![0, 1, 2])));
            let helpers: Vec<_> = (0..2)
                .map(|_| {
                    let shares = Arc::clone(&shares);
                    thread::spawn(move || std::iter::from_fn(|| shares.next()).collect::<Vec<_>>())
                })
                .collect();
            let mut done: Vec<_> = std::iter::from_fn(|| shares.next()).collect();
            for helper in helpers {
                done.extend(helper.join().expect("no helper panics"));
            }
            done.sort_unstable();
            assert_eq!(done, [0, 1, 2]);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_done_once_for_any_number_of_threads() {
        for threads in [1, 2, 3, 7, 100] {
            for width in [0, 2] {
                let (mut first, mut second) = (vec![0; 7], vec![0; 7 * width]);
                fill(
                    threads,
                    &mut first,
                    &mut second,
                    || 1,
                    |one, item, slot, row| {
                        *slot += item + *one;
                        row.fill(10 * item);
                    },
                );
                assert_eq!(first, [1, 2, 3, 4, 5, 6, 7], "{threads} threads");
                assert_eq!(second, (0..7 * width).map(|k| k / 2 * 10).collect::<Vec<_>>());
            }
        }
        fill(2, &mut Vec::<u8>::new(), &mut Vec::<u8>::new(), || (), |(), _, _, _| unreachable!());
        assert!(resolve(None) >= 1);
    }
}
