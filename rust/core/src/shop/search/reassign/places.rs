//! The places of an operation that leaves its machine: between the operations of another machine, or of its own without it.

use crate::shop::search::orders::{Node, Orders};
use std::ops::Range;

/// The place from which on operations of a row complete after a time.
fn first_after(orders: &Orders, row: &[Node], time: i64) -> usize {
    row.partition_point(|&w| orders.nodes[w as usize].completion <= time)
}

/// Calls `found(k, longest)` for the places between operations `k - 1` and `k` of another machine that may be the best ones for `x`, with
/// the longest way through `x` there.
pub(super) fn other_machine(orders: &Orders, x: Node, (machine, duration): (u32, i64), found: impl FnMut(usize, i64)) {
    let row = orders.row(machine as usize);
    let low = first_after(orders, row, orders.nodes[x as usize - 1].completion);
    let before = low.checked_sub(1).map_or(orders.sentinel(machine as usize), |k| row[k]);
    let completion = |k: usize, _: i64| (orders.nodes[row[k] as usize].completion, orders.nodes[row[k] as usize].duration);
    let tail = |k: usize| orders.nodes[row[k] as usize].tail;
    places(orders, x, duration, low..row.len(), orders.nodes[before as usize].completion, completion, tail, found);
}

/// Places on the machine that an operation has, whose other operations are counted without it. The buffer holds tails as they are then.
#[derive(Debug, Default)]
pub(super) struct OwnMachine(Vec<i64>);

impl OwnMachine {
    /// Calls `found(k, longest)` as [`other_machine`] does, for the machine of `x`.
    pub fn places(&mut self, orders: &Orders, x: Node, found: impl FnMut(usize, i64)) {
        let (machine, place) = (orders.machine[x as usize] as usize, orders.place[x as usize] as usize);
        let row = orders.row(machine);
        let head = orders.nodes[x as usize - 1].completion;
        let completion = |k: usize, before: i64| {
            let w = row[k + usize::from(k >= place)] as usize;
            let moved = || before.max(orders.nodes[w - 1].completion) + orders.nodes[w].duration;
            (if k < place { orders.nodes[w].completion } else { moved() }, orders.nodes[w].duration)
        };
        let mut low = first_after(orders, &row[..place], head);
        let before = low.checked_sub(1).map_or(orders.sentinel(machine), |k| row[k]);
        let mut before = orders.nodes[before as usize].completion;
        let tails = &mut self.0;
        tails.clear();
        let mut next = row.get(place + 1).map_or(0, |&w| orders.nodes[w as usize].tail);
        for &w in row[low..place].iter().rev() {
            next = next.max(orders.nodes[w as usize + 1].tail) + orders.nodes[w as usize].duration;
            tails.push(next);
        }
        while low >= place && low + 1 < row.len() {
            let (end, _) = completion(low, before);
            if end > head {
                break;
            }
            (low, before) = (low + 1, end);
        }
        let tail = |k: usize| if k < place { tails[place - 1 - k] } else { orders.nodes[row[k + 1] as usize].tail };
        places(orders, x, orders.nodes[x as usize].duration, low..row.len() - 1, before, completion, tail, found);
    }
}

/// Calls `found(k, longest)` for places from the first one of a range on, behind an operation that completes at `before`. `completion(k,
/// before)` gives the completion and the duration of operation `k`, which follows one that completes at `before`.
///
/// All other places have a longer way, as the operation ahead of them completes later or the one behind them has a longer tail, or could
/// make a cycle.
#[expect(clippy::too_many_arguments, reason = "both kinds of machines share the loop")]
fn places(
    orders: &Orders,
    x: Node,
    duration: i64,
    range: Range<usize>,
    mut before: i64,
    completion: impl Fn(usize, i64) -> (i64, i64),
    tail: impl Fn(usize) -> i64,
    mut found: impl FnMut(usize, i64),
) {
    let (head, rest) = (orders.nodes[x as usize - 1].completion, orders.nodes[x as usize + 1].tail);
    let closes = if orders.is_operation(x + 1) { orders.nodes[x as usize + 1].completion } else { i64::MAX };
    for k in range.start.. {
        let behind = if k < range.end { tail(k) } else { 0 };
        found(k, head.max(before) + duration + rest.max(behind));
        if behind <= rest || k == range.end {
            break;
        }
        let (end, length) = completion(k, before);
        if end - length >= closes {
            break;
        }
        before = end;
    }
}
