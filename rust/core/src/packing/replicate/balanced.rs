//! Replication by exchanges between devices.

use super::Layout;
use super::packs::{balanced, replicas};
use crate::control::Pulse;
use crate::cost;

/// Exchanges for each pack, at most.
const EXCHANGES: usize = 64;
/// Exchanges end where the largest load exceeds what is wanted by no more than this part.
const CLOSE: f64 = 1e-5;
/// Exchanges that gain no more than this part are none.
const ROUNDING: f64 = 1e-12;
/// Other numbers of replicas that are tried for each node, at most, and by which part the largest load must exceed what is wanted.
const TRIES: usize = 48;
const FAR: f64 = 2e-3;

/// The expert in each slot: as by the rule of `eplb.rs` in 64-bit floats, with exchanges of groups between nodes, and of replicas between
/// devices, as long as the largest load falls. Where exchanges do not reach `bound`, a replica of another expert goes to an expert of the
/// device with the largest load, if that makes it smaller.
pub(super) fn assign(load: &[f64], layout: &Layout, bound: f64, pulse: &mut Pulse) -> Vec<u32> {
    let group_load: Vec<f64> = load.chunks(layout.group_size()).map(|group| group.iter().sum()).collect();
    let mut nodes = balanced(&group_load, layout.nodes);
    exchange(&mut nodes, &group_load, group_load.iter().sum::<f64>() / layout.nodes as f64, pulse);
    let node_load = nodes.iter().map(|groups| groups.iter().map(|&group| group_load[group as usize]).sum::<f64>());
    let wanted = node_load.map(|load| load / layout.node_devices() as f64).fold(bound, f64::max);
    let mut expert = Vec::with_capacity(layout.replicas);
    for groups in nodes {
        let size = layout.group_size() as u32;
        let members: Vec<u32> = groups.iter().flat_map(|&group| group * size..(group + 1) * size).collect();
        let own: Vec<f64> = members.iter().map(|&e| load[e as usize]).collect();
        let (count, _) = replicas(&own, layout.node_slots());
        let node = Node::new(&own, count, layout.node_devices(), wanted, pulse).improved(&own, wanted, pulse);
        for device in node.devices {
            expert.extend(device.iter().map(|&slot| members[node.slots[slot as usize] as usize]));
        }
    }
    expert
}

/// Experts in the slots of the devices of one node.
struct Node {
    /// The number of replicas of each expert.
    count: Vec<u32>,
    /// The expert of each replica.
    slots: Vec<u32>,
    /// The replicas on each device.
    devices: Vec<Vec<u32>>,
    /// The largest load, and its device.
    most: (f64, usize),
}

impl Node {
    /// Packs replicas greedily, then exchanges them.
    fn new(own: &[f64], count: Vec<u32>, num_devices: usize, wanted: f64, pulse: &mut Pulse) -> Self {
        let slots: Vec<u32> = (0..own.len() as u32).flat_map(|e| std::iter::repeat_n(e, count[e as usize] as usize)).collect();
        let parts: Vec<f64> = slots.iter().map(|&e| own[e as usize] / f64::from(count[e as usize])).collect();
        let mut devices = balanced(&parts, num_devices);
        exchange(&mut devices, &parts, wanted, pulse);
        let loads = devices.iter().map(|device| device.iter().map(|&slot| parts[slot as usize]).sum::<f64>());
        let most = loads.enumerate().fold((0.0, 0), |most, (device, load)| if load > most.0 { (load, device) } else { most });
        Self { count, slots, devices, most }
    }

    /// Moves replicas between experts as long as the largest load falls. Ties: experts in the order of their places on the device, the
    /// expert that loses a replica in order of index.
    fn improved(mut self, own: &[f64], wanted: f64, pulse: &mut Pulse) -> Self {
        let mut tries = 0;
        'next: while self.most.0 > wanted * (1.0 + FAR) {
            let heaviest: Vec<u32> = self.devices[self.most.1].iter().map(|&slot| self.slots[slot as usize]).collect();
            for &gains in &heaviest {
                for loses in 0..own.len() {
                    let left = self.count[loses] - 1;
                    if left == 0 || loses == gains as usize || own[loses] / f64::from(left) >= self.most.0 {
                        continue;
                    }
                    if tries == TRIES || pulse.worked(cost::SORTED * self.slots.len() as u64) {
                        return self;
                    }
                    tries += 1;
                    let mut count = self.count.clone();
                    count[loses] -= 1;
                    count[gains as usize] += 1;
                    let other = Self::new(own, count, self.devices.len(), wanted, pulse);
                    if other.most.0 < self.most.0 {
                        self = other;
                        continue 'next;
                    }
                }
            }
            break;
        }
        self
    }
}

/// Exchanges an item of the pack with the largest load for an item of another pack, the pair that leaves the smallest larger load of both,
/// until no pair makes it smaller or it is as small as wanted. Ties: the first pair in order of packs and places.
fn exchange(packs: &mut [Vec<u32>], load: &[f64], wanted: f64, pulse: &mut Pulse) {
    if packs.len() < 2 {
        return;
    }
    let mut sum: Vec<f64> = packs.iter().map(|pack| pack.iter().map(|&item| load[item as usize]).sum()).collect();
    for _ in 0..EXCHANGES * packs.len() {
        let heaviest = (0..packs.len()).fold(0, |best, pack| if sum[pack] > sum[best] { pack } else { best });
        let most = sum[heaviest];
        if most <= wanted * (1.0 + CLOSE) || pulse.worked(cost::PAIR * load.len() as u64) {
            return;
        }
        let mut best = (most * (1.0 - ROUNDING), None);
        let mine: Vec<f64> = packs[heaviest].iter().map(|&item| load[item as usize]).collect();
        for (other, pack) in packs.iter().enumerate().filter(|&(other, _)| other != heaviest) {
            let gap = most - sum[other];
            for (place, &item) in pack.iter().enumerate() {
                let theirs = load[item as usize];
                for (own, &mine) in mine.iter().enumerate() {
                    let moved = mine - theirs;
                    if moved > 0.0 && moved < gap {
                        let larger = (most - moved).max(sum[other] + moved);
                        if larger < best.0 {
                            best = (larger, Some((own, other, place)));
                        }
                    }
                }
            }
        }
        let Some((own, other, place)) = best.1 else { return };
        let moved = load[packs[heaviest][own] as usize] - load[packs[other][place] as usize];
        sum[heaviest] -= moved;
        sum[other] += moved;
        let item = packs[heaviest][own];
        packs[heaviest][own] = packs[other][place];
        packs[other][place] = item;
    }
}
