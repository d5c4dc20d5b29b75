//! A lower bound on the largest load of a device.

use super::Layout;
use super::packs::replicas;
use crate::control::Pulse;
use crate::cost;

/// Relative rounding that is allowed for.
pub(super) const ROUNDING: f64 = 1e-12;

/// The largest of: the whole load over all devices; the least load of the heaviest node, which
/// holds as many groups as any other, over its devices; for each group the largest part of a replica if it gets all slots that its node can spare.
pub(super) fn lower_bound(load: &[f64], layout: &Layout, pulse: &mut Pulse) -> f64 {
    if pulse.worked(cost::SORTED * layout.replicas as u64) {
        return 0.0;
    }
    let total: f64 = load.iter().sum();
    let mut best = total / layout.devices as f64;
    let mut groups: Vec<f64> = load.chunks(layout.group_size()).map(|group| group.iter().sum()).collect();
    groups.sort_by(|a, b| b.total_cmp(a));
    let beside = layout.groups / layout.nodes - 1;
    let node: f64 = groups[0] + groups[groups.len() - beside..].iter().sum::<f64>();
    // Pairs are best if the largest is with the smallest, and so on.
    let pairs = groups.iter().zip(groups.iter().rev()).filter(|_| beside == 1).map(|(a, b)| a + b).fold(node, f64::max);
    // By counting: some node holds j + 1 of the j k + 1 largest groups.
    let counted = (1..=beside).map(|j| {
        let first = j * layout.nodes;
        groups[first - j..=first].iter().sum::<f64>() + groups[groups.len() - (beside - j)..].iter().sum::<f64>()
    });
    best = best.max(counted.fold(pairs, f64::max) / layout.node_devices() as f64);
    let slots = layout.node_slots() - (layout.node_experts() - layout.group_size());
    for group in load.chunks(layout.group_size()) {
        if group.iter().all(|&load| load <= best) {
            continue;
        }
        let (count, _) = replicas(group, slots);
        best = group.iter().zip(count).map(|(load, count)| load / f64::from(count)).fold(best, f64::max);
    }
    best * (1.0 - ROUNDING)
}
