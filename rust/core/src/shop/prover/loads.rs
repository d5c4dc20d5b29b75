//! The work that sets of machines have to do at least.

use super::options::Options;
use crate::cp::Load;
use crate::shop::problem::Shop;
use std::collections::BTreeSet;

/// Sets of machines that are looked at, at most.
const MOST_SETS: usize = 32;

/// The loads of all machines together, and of those that single operations may choose among, the sets of most operations first; none without
/// a choice of machines. A machine is idle at least until some operation can be there, and as long as any job takes behind it.
pub(super) fn loads(shop: &Shop, options: &Options, count: impl Fn(i64) -> i32) -> Vec<Load> {
    if !shop.is_flexible() {
        return Vec::new();
    }
    let mut idle = vec![(i64::MAX, i64::MAX); shop.num_machines()];
    for op in 0..shop.num_operations() {
        let job = shop.job(op);
        let head = shop.release_time(job) + shop.total_work(job) - shop.remaining_work(op);
        let tail = shop.remaining_work(op) - options.shortest[op];
        for (machine, _) in shop.choices(op) {
            let (least_head, least_tail) = idle[machine];
            idle[machine] = (least_head.min(head), least_tail.min(tail));
        }
    }
    let used: BTreeSet<usize> = (0..shop.num_machines()).filter(|&machine| idle[machine].0 < i64::MAX).collect();
    let mut sets = vec![used];
    let mut chosen: Vec<BTreeSet<usize>> =
        (0..shop.num_operations()).map(|op| shop.choices(op).map(|(machine, _)| machine).collect()).collect();
    chosen.sort_unstable();
    let mut counted: Vec<(usize, BTreeSet<usize>)> =
        chosen.chunk_by(|a, b| a == b).map(|alike| (alike.len(), alike[0].clone())).collect();
    counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    sets.extend(counted.into_iter().map(|(_, set)| set).filter(|set| *set != sets[0]).take(MOST_SETS).collect::<Vec<_>>());
    let load = |set: &BTreeSet<usize>| Load {
        options: (0..shop.num_operations())
            .map(|op| {
                let option = |(machine, duration)| {
                    let (_, literal) = options.on(shop, op, machine);
                    (literal, if set.contains(&machine) { count(duration) } else { 0 })
                };
                shop.choices(op).map(option).collect::<Vec<_>>()
            })
            .filter(|options| options.iter().any(|option| option.1 > 0))
            .collect(),
        idle: set.iter().map(|&machine| count(idle[machine].0.saturating_add(idle[machine].1))).collect(),
    };
    sets.iter().map(load).collect()
}
