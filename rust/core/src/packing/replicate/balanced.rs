//! Replication by exchanges between devices.

use super::eplb::Assignment;
use super::packs::{balanced, replicas};
use super::{Layout, replica_count};
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

/// The expert in each slot: first as by `eplb.rs`, then with exchanges of groups between nodes, and of replicas between devices, as long
/// as the largest load falls. Where exchanges do not reach `bound`, a replica of another expert goes to an expert of the device with the
/// largest load, if that makes it smaller.
pub(super) fn assign(load: &[f64], layout: &Layout, first: &Assignment, bound: f64, pulse: &mut Pulse) -> Vec<u32> {
    let group_load: Vec<f64> = load.chunks(layout.group_size()).map(|group| group.iter().sum()).collect();
    let mut nodes = first.groups.clone();
    exchange(&mut nodes, &group_load, group_load.iter().sum::<f64>() / layout.nodes as f64, pulse);
    let node_load = nodes.iter().map(|groups| groups.iter().map(|&group| group_load[group as usize]).sum::<f64>());
    let wanted = node_load.map(|load| load / layout.node_devices() as f64).fold(bound, f64::max);
    let mut expert = Vec::with_capacity(layout.replicas);
    let mut place = vec![0; load.len()];
    for (k, groups) in nodes.iter().enumerate() {
        let members = layout.members(groups);
        let own: Vec<f64> = members.iter().map(|&e| load[e as usize]).collect();
        let mut node = if *groups == first.groups[k] {
            members.iter().zip(0..).for_each(|(&e, member)| place[e as usize] = member);
            let slots = &first.expert[k * layout.node_slots()..(k + 1) * layout.node_slots()];
            Node::assigned(slots.iter().map(|&e| place[e as usize]).collect(), own.len(), layout.node_devices())
        } else {
            Node::packed(&own, replicas(&own, layout.node_slots()).0, layout.node_devices())
        };
        node.exchange(&own, wanted, pulse);
        node = node.improved(&own, wanted, pulse);
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
    /// The experts in slots, equally many to each device.
    fn assigned(slots: Vec<u32>, num_experts: usize, num_devices: usize) -> Self {
        let replicas: Vec<u32> = (0..slots.len() as u32).collect();
        let devices = replicas.chunks(slots.len() / num_devices).map(<[u32]>::to_vec).collect();
        Self { count: replica_count(&slots, num_experts), slots, devices, most: (0.0, 0) }
    }

    /// Packs so many replicas of each expert greedily.
    fn packed(own: &[f64], count: Vec<u32>, num_devices: usize) -> Self {
        let slots: Vec<u32> = (0..own.len() as u32).flat_map(|e| std::iter::repeat_n(e, count[e as usize] as usize)).collect();
        let parts: Vec<f64> = slots.iter().map(|&e| own[e as usize] / f64::from(count[e as usize])).collect();
        Self { count, slots, devices: balanced(&parts, num_devices), most: (0.0, 0) }
    }

    /// Exchanges replicas between the devices, and notes the largest load that is left.
    fn exchange(&mut self, own: &[f64], wanted: f64, pulse: &mut Pulse) {
        let parts: Vec<f64> = self.slots.iter().map(|&e| own[e as usize] / f64::from(self.count[e as usize])).collect();
        let loads = exchange(&mut self.devices, &parts, wanted, pulse);
        self.most =
            loads.into_iter().zip(0..).fold((0.0, 0), |most, (load, device)| if load > most.0 { (load, device) } else { most });
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
                    let mut other = Self::packed(own, count, self.devices.len());
                    other.exchange(own, wanted, pulse);
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
/// until no pair makes it smaller or it is as small as wanted; the loads of the packs. Ties: the first pair in order of packs and places.
fn exchange(packs: &mut [Vec<u32>], load: &[f64], wanted: f64, pulse: &mut Pulse) -> Vec<f64> {
    let mut loads: Vec<Vec<f64>> = packs.iter().map(|pack| pack.iter().map(|&item| load[item as usize]).collect()).collect();
    let mut sum: Vec<f64> = loads.iter().map(|loads| loads.iter().sum()).collect();
    let mut gains = Vec::new();
    for _ in 0..EXCHANGES * (packs.len() - 1) {
        let heaviest = (0..packs.len()).fold(0, |best, pack| if sum[pack] > sum[best] { pack } else { best });
        let most = sum[heaviest];
        if most <= wanted * (1.0 + CLOSE) || pulse.worked(cost::PAIR * load.len() as u64) {
            break;
        }
        let mut best = (most * ROUNDING, None);
        for other in (0..packs.len()).filter(|&other| other != heaviest) {
            let gain = largest_gain(&loads[heaviest], &loads[other], most - sum[other], &mut gains);
            if gain > best.0 {
                best = (gain, Some(other));
            }
        }
        let (largest, Some(other)) = best else { break };
        let pairs = loads[other]
            .iter()
            .enumerate()
            .flat_map(|(place, &theirs)| loads[heaviest].iter().enumerate().map(move |(own, &mine)| (own, place, mine - theirs)));
        let gap = most - sum[other];
        let Some((own, place, moved)) = pairs.into_iter().find(|&(_, _, moved)| gain(moved, gap) == largest) else { break };
        sum[heaviest] -= moved;
        sum[other] += moved;
        let item = packs[heaviest][own];
        packs[heaviest][own] = packs[other][place];
        packs[other][place] = item;
        (loads[heaviest][own], loads[other][place]) = (loads[other][place], loads[heaviest][own]);
    }
    sum
}

/// By how much the larger of two loads falls that are a gap apart, if so much is moved from the larger one.
#[inline(always)]
fn gain(moved: f64, gap: f64) -> f64 {
    let rest = gap - moved;
    if moved < rest { moved } else { rest }
}

/// The largest gain by an exchange of one of my items for one of theirs. `gains` is scratch: the best with each of mine, so that the
/// innermost loop has no order.
fn largest_gain(mine: &[f64], theirs: &[f64], gap: f64, gains: &mut Vec<f64>) -> f64 {
    gains.clear();
    gains.resize(mine.len(), f64::NEG_INFINITY);
    for &theirs in theirs {
        for (best, &mine) in gains.iter_mut().zip(mine) {
            let gain = gain(mine - theirs, gap);
            *best = if gain > *best { gain } else { *best };
        }
    }
    gains.iter().fold(f64::NEG_INFINITY, |best, &gain| if gain > best { gain } else { best })
}
