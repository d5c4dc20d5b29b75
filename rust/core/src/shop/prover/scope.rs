//! Which shops the prover takes.

use crate::shop::problem::{Blocking, Shop};

/// Shops with more pairs of operations on one machine are left to the search.
const MOST_PAIRS: usize = 25_000;
/// Shops with more machines are left to the search.
const MOST_MACHINES: usize = 1 << 16;

/// Whether the model knows all that a shop has. Between setups, operations without duration may start together, where their order counts;
/// and where jobs must not exchange their machines, a job may be complete at once when it enters its last one.
pub(super) fn is_known(shop: &Shop) -> bool {
    let data = shop.data();
    let has_setups = !(data.setup.is_empty() && data.initial_setup.is_empty());
    let blocks = data.blocking != Blocking::None;
    let vanishes = |op: usize| shop.choices(op).any(|(_, duration)| duration == 0);
    let is_last = |op: usize| op + 1 == shop.operations(shop.job(op)).end;
    let unclear = |op: usize| vanishes(op) && (has_setups || data.blocking == Blocking::NoSwap && is_last(op));
    let has_extras = has_setups || !data.transport.is_empty();
    let unknown = !data.calendars.is_empty() || data.no_wait || has_extras && (blocks || shop.is_flexible());
    !(unknown || (0..shop.num_operations()).any(unclear))
}

/// Whether a shop is small enough: machines, and pairs of operations on each machine, those that may be there included.
pub(super) fn is_small(shop: &Shop) -> bool {
    let mut members = vec![0_usize; shop.num_machines()];
    for op in 0..shop.num_operations() {
        shop.choices(op).for_each(|(machine, _)| members[machine] += 1);
    }
    let pairs = members.iter().fold(0_usize, |sum, &count| sum.saturating_add(count.saturating_mul(count.saturating_sub(1)) / 2));
    shop.num_machines() <= MOST_MACHINES && pairs <= MOST_PAIRS
}
