use std::collections::BTreeSet;

use super::*;
use crate::control::Stop;

fn solve(data: &ClusterData, moves: usize, nodes: u64) -> Repacking {
    let limits = Limits { budget: Some(nodes), ..Limits::default() };
    let cluster = Cluster::new(data.clone()).unwrap();
    repack(&cluster, moves, &limits, 0, &mut Watch::new(&Stop::new(&limits))).unwrap()
}

fn drawn(random: &mut Random) -> ClusterData {
    let (n, m) = (random.between(1, 5) as usize, random.between(1, 4) as usize);
    let demand: Vec<i64> = (0..2 * n).map(|_| random.between(0, 6)).collect();
    let current: Vec<i64> = (0..n).map(|_| random.between(-1, m as i64 - 1)).collect();
    let mut capacity: Vec<i64> = (0..2 * m).map(|_| random.between(0, 9)).collect();
    for (item, &node) in current.iter().enumerate().filter(|(_, node)| **node >= 0) {
        for r in 0..2 {
            capacity[2 * node as usize + r] += demand[2 * item + r];
        }
    }
    ClusterData { demand, capacity, shape: (n, m, 2), current, block: random.between(1, 5) }
}

/// Fragments and all free units of resource 0; None where a node holds too much.
fn fragments(data: &ClusterData, node: &[i64]) -> Option<(i64, i64)> {
    let mut free = data.capacity.clone();
    for (item, &node) in node.iter().enumerate().filter(|(_, node)| **node >= 0) {
        for r in 0..2 {
            free[2 * node as usize + r] -= data.demand[2 * item + r];
        }
    }
    let fits = free.iter().all(|&free| free >= 0);
    fits.then(|| (free.iter().step_by(2).map(|free| free % data.block).sum(), free.iter().step_by(2).sum()))
}

/// The least fragments after at most so many moves, by breadth-first search.
fn least(data: &ClusterData, moves: usize) -> i64 {
    let mut level: BTreeSet<Vec<i64>> = BTreeSet::from([data.current.clone()]);
    for _ in 0..moves {
        let mut next = level.clone();
        for node in &level {
            for item in (0..node.len()).filter(|&item| node[item] >= 0) {
                for target in 0..data.shape.1 as i64 {
                    let mut moved = node.clone();
                    moved[item] = target;
                    if fragments(data, &moved).is_some() {
                        next.insert(moved);
                    }
                }
            }
        }
        level = next;
    }
    level.iter().filter_map(|node| fragments(data, node)).map(|found| found.0).min().unwrap()
}

#[test]
fn small_clusters_are_repacked_to_the_least_fragments() {
    let mut random = Random::new(3);
    for _ in 0..300 {
        let data = drawn(&mut random);
        let moves = random.below(4) as usize;
        let found = solve(&data, moves, 1 << 20);
        let mut node = data.current.clone();
        for &(item, source, target) in &found.moves {
            assert_eq!(node[item as usize], source);
            node[item as usize] = target;
            assert!(fragments(&data, &node).is_some(), "{data:?} {:?}", found.moves);
        }
        let (left, free) = fragments(&data, &node).unwrap();
        assert!(found.moves.len() <= moves);
        assert_eq!(left, least(&data, moves), "{data:?}");
        assert_eq!(found.value, if free == 0 { 0.0 } else { left as f64 / free as f64 });
        assert_eq!((found.status, found.bound), (Status::Optimal, found.value));
        assert!(solve(&data, moves, 0).bound <= found.value);
    }
}
