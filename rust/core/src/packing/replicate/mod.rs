//! Replicated balance: experts with loads on devices, with replicas of those in demand.

mod balanced;
mod bound;
mod eplb;
mod packs;
#[cfg(test)]
mod tests;

use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory;
use crate::names::Named;
use crate::packing::sizes::reached;

/// Bytes for each replica and expert of a layer, at most.
const BYTES: usize = 128;

/// A method of replication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicationMethod {
    /// The rule of `DeepSeek`'s expert parallelism load balancer.
    Eplb,
    /// The better one of that rule and of exchanges between devices.
    Balanced,
}

impl Named for ReplicationMethod {
    const FIELD: &'static str = "method";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("eplb", Self::Eplb), ("balanced", Self::Balanced)].into_iter()
    }
}

/// Where experts may be: slots, groups of experts, nodes, and devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Experts of a layer.
    pub experts: usize,
    /// Slots for experts on all devices.
    pub replicas: usize,
    /// Groups of consecutive experts; each stays on one node if they divide evenly over the nodes.
    pub groups: usize,
    /// Nodes of as many devices each.
    pub nodes: usize,
    /// Devices of as many slots each.
    pub devices: usize,
}

impl Layout {
    /// Checks that everything divides evenly; without a division of groups over nodes there is one group and one node.
    ///
    /// # Errors
    /// A count of 0, fewer replicas than experts, counts that do not divide evenly.
    pub fn checked(self) -> Result<Self, InputError> {
        let Self { experts, replicas, groups, nodes, devices } = self;
        for (field, count) in [("replicas", replicas), ("groups", groups), ("nodes", nodes), ("devices", devices)] {
            if count == 0 {
                return Err(InputError::new(field, "must be >= 1").value(count));
            }
        }
        let divides = |field, whole: usize, part: usize, noun: &str| {
            let reason = format!("must be a multiple of {noun} = {part}");
            if whole.is_multiple_of(part) { Ok(()) } else { Err(InputError::new(field, reason).value(whole)) }
        };
        if experts == 0 {
            return Err(InputError::new("load", "has no experts"));
        }
        if replicas < experts {
            return Err(InputError::new("replicas", format!("must be at least the number of experts, {experts}")).value(replicas));
        }
        divides("replicas", replicas, devices, "devices")?;
        divides("devices", devices, nodes, "nodes")?;
        if !experts.is_multiple_of(groups) {
            return Err(InputError::new("groups", format!("must divide the number of experts, {experts}")).value(groups));
        }
        Ok(if groups.is_multiple_of(nodes) { self } else { Self { groups: 1, nodes: 1, ..self } })
    }

    /// Experts of a group.
    fn group_size(&self) -> usize {
        self.experts / self.groups
    }

    /// The experts of some groups.
    fn members(&self, groups: &[u32]) -> Vec<u32> {
        let size = self.group_size() as u32;
        groups.iter().flat_map(|&group| group * size..(group + 1) * size).collect()
    }

    /// Experts of a node.
    fn node_experts(&self) -> usize {
        self.experts / self.nodes
    }

    /// Slots of a node.
    fn node_slots(&self) -> usize {
        self.replicas / self.nodes
    }

    /// Slots of a device.
    fn device_slots(&self) -> usize {
        self.replicas / self.devices
    }

    /// Devices of a node.
    fn node_devices(&self) -> usize {
        self.devices / self.nodes
    }
}

/// The experts of one layer in slots; slot s is on device s / (replicas / devices).
#[derive(Debug, Clone, PartialEq)]
pub struct Replication {
    /// The expert in each slot.
    pub expert: Vec<u32>,
    /// How many slots each expert has.
    pub replica_count: Vec<u32>,
    /// The largest load of a device, where each replica has its part of the load of its expert.
    pub max_load: f64,
    /// No replication has one that is smaller by more than rounding, a part of 2e-12.
    pub lower_bound: f64,
}

/// Fills the slots of devices with experts of one layer so that the largest load of a device is small.
///
/// `Eplb`: groups go to nodes, replicas to experts and replicas to devices, each by a greedy rule in 32-bit floats (see the documentation
/// of `eplb.rs`). `Balanced` exchanges replicas between the devices of a node as long as the largest load falls; it is never worse. Both
/// put equally many slots on each device. O(r log r) for r replicas; `Balanced` O(r) for each exchange, of which there are at most some
/// hundred for each device.
///
/// # Errors
/// Loads that are negative, not finite or too large for 32-bit floats, counts that do not divide evenly, refused memory.
///
/// ```
/// use schedkit_core::control::Pulse;
/// use schedkit_core::packing::{Layout, ReplicationMethod, replicate};
/// let load = [90.0, 132.0, 40.0, 61.0, 104.0, 165.0, 39.0, 4.0, 73.0, 56.0, 183.0, 86.0];
/// let layout = Layout { experts: 12, replicas: 16, groups: 4, nodes: 2, devices: 8 };
/// let found = replicate(&load, layout, ReplicationMethod::Eplb, &mut Pulse::default())?;
/// assert_eq!(found.expert, [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn replicate(load: &[f64], layout: Layout, method: ReplicationMethod, pulse: &mut Pulse) -> Result<Replication, Error> {
    let layout = layout.checked()?;
    check(load)?;
    memory::require_items(layout.replicas + layout.experts + layout.devices, BYTES)?;
    let mut first = eplb::assign(load, &layout, pulse);
    let mut count = replica_count(&first.expert, layout.experts);
    let mut max_load = largest(load, &first.expert, &count, &layout);
    let lower_bound = reached(bound::lower_bound(load, &layout, pulse), max_load, bound::ROUNDING);
    if method == ReplicationMethod::Balanced && max_load > lower_bound && !pulse.stopped() {
        let found = balanced::assign(load, &layout, &first, lower_bound, pulse);
        let counts = replica_count(&found, layout.experts);
        let most = largest(load, &found, &counts, &layout);
        if most < max_load {
            (first.expert, count, max_load) = (found, counts, most);
        }
    }
    Ok(Replication {
        expert: first.expert,
        replica_count: count,
        max_load,
        lower_bound: reached(lower_bound, max_load, bound::ROUNDING),
    })
}

/// Refuses loads that have no place among 32-bit floats.
fn check(load: &[f64]) -> Result<(), InputError> {
    crate::error::check_each("load", load, "must be finite and >= 0", |v| v.is_finite() && v >= 0.0)?;
    if (load.iter().sum::<f64>() as f32).is_finite() {
        return Ok(());
    }
    Err(InputError::new("load", "the sum exceeds what a 32-bit float holds"))
}

/// How many slots each expert has.
fn replica_count(expert: &[u32], experts: usize) -> Vec<u32> {
    let mut count = vec![0; experts];
    for &e in expert {
        count[e as usize] += 1;
    }
    count
}

/// The largest load of a device.
fn largest(load: &[f64], expert: &[u32], count: &[u32], layout: &Layout) -> f64 {
    let part = |&e: &u32| load[e as usize] / f64::from(count[e as usize]);
    expert.chunks(layout.device_slots()).map(|slots| slots.iter().map(part).sum()).fold(0.0, f64::max)
}
