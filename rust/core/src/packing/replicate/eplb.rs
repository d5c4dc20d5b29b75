//! The rule of the expert parallelism load balancer.

use super::Layout;
use super::packs::{balanced, replicas};
use crate::control::Pulse;
use crate::cost;

/// Where everything is.
#[derive(Debug, Default)]
pub(super) struct Assignment {
    /// The groups of each node.
    pub groups: Vec<Vec<u32>>,
    /// The expert in each slot.
    pub expert: Vec<u32>,
}

/// Assigns all slots.
///
/// Groups of experts go to nodes by their loads, equally many to each. In each node every expert has a replica, and every further slot
/// goes to the expert with the largest load for each replica. The replicas of a node go to its devices by their parts of the load, equally
/// many to each. All numbers are 32-bit floats, added up one after the other. Ties: lowest pack; for replicas the first in the order of
/// the node, which is that of its groups as they were packed. O(r log r).
///
/// Source: `DeepSeek`, <https://github.com/deepseek-ai/EPLB>, MIT licence.
pub(super) fn assign(load: &[f64], layout: &Layout, pulse: &mut Pulse) -> Assignment {
    let load: Vec<f32> = load.iter().map(|&load| load as f32).collect();
    if pulse.worked(cost::SORTED * layout.replicas as u64) {
        return Assignment::default();
    }
    let sum = |group: &[f32]| group.iter().fold(0.0_f32, |sum, &load| sum + load);
    let group_load: Vec<f32> = load.chunks(layout.group_size()).map(sum).collect();
    let mut expert = Vec::with_capacity(layout.replicas);
    let groups = balanced(&group_load, layout.nodes);
    for groups in &groups {
        let members = layout.members(groups);
        let own: Vec<f32> = members.iter().map(|&e| load[e as usize]).collect();
        let (count, further) = replicas(&own, layout.node_slots());
        let slots: Vec<u32> = (0..members.len() as u32).chain(further).collect();
        let parts: Vec<f32> = slots.iter().map(|&m| own[m as usize] / count[m as usize] as f32).collect();
        for device in balanced(&parts, layout.node_devices()) {
            expert.extend(device.iter().map(|&slot| members[slots[slot as usize] as usize]));
        }
    }
    Assignment { groups, expert }
}
