use std::collections::BTreeSet;

use super::*;
use crate::control::Stop;

fn solve(data: &ClusterData, moves: usize, nodes: u64) -> Repacking {
    let limits = Limits { budget: Some(nodes), ..Limits::default() };
    let cluster = Cluster::new(data.clone()).unwrap();
    repack(&cluster, moves, &limits, 0, &mut Watch::new(&Stop::new(&limits))).unwrap()
}

/// A small cluster, whose nodes are halves of machines where items are spread.
fn drawn(random: &mut Random, halves: bool) -> ClusterData {
    let (n, m) = (random.between(1, 5) as usize, if halves { 2 * random.between(1, 2) } else { random.between(1, 4) } as usize);
    let spread: Vec<bool> = (0..n).map(|_| halves && random.below(2) == 0).collect();
    let mut demand: Vec<i64> = (0..2 * n).map(|_| random.between(0, 6)).collect();
    let mut current: Vec<i64> = (0..n).map(|_| random.between(-1, m as i64 - 1)).collect();
    for item in (0..n).filter(|&item| spread[item]) {
        current[item] -= current[item].max(0) % 2;
        (demand[2 * item], demand[2 * item + 1]) = (2 * demand[2 * item], 2 * demand[2 * item + 1]);
    }
    let mut data = ClusterData {
        demand,
        capacity: (0..2 * m).map(|_| random.between(0, 9)).collect(),
        shape: (n, m, 2),
        current,
        spread,
        block: random.between(1, 5),
    };
    for (k, used) in used(&data, &data.current).into_iter().enumerate() {
        data.capacity[k] += used;
    }
    data
}

/// Units of each resource that the items take on each node.
fn used(data: &ClusterData, node: &[i64]) -> Vec<i64> {
    let mut used = vec![0; data.capacity.len()];
    for (item, &node) in node.iter().enumerate().filter(|(_, node)| **node >= 0) {
        for r in 0..2 {
            let units = data.demand[2 * item + r];
            if data.spread.get(item) == Some(&true) {
                used[2 * node as usize + r] += units / 2;
                used[2 * node as usize + 2 + r] += units / 2;
            } else {
                used[2 * node as usize + r] += units;
            }
        }
    }
    used
}

/// Fragments and all free units of resource 0; None where a node holds too much.
fn fragments(data: &ClusterData, node: &[i64]) -> Option<(i64, i64)> {
    let free: Vec<i64> = data.capacity.iter().zip(used(data, node)).map(|(most, used)| most - used).collect();
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
                for target in (0..data.shape.1 as i64).filter(|target| data.spread.get(item) != Some(&true) || target % 2 == 0) {
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
    for k in 0..600 {
        let data = drawn(&mut random, k % 2 == 1);
        let moves = random.below(4) as usize;
        let found = solve(&data, moves, 1 << 20);
        let mut node = data.current.clone();
        for &(item, source, target) in &found.moves {
            assert_eq!(node[item as usize], source);
            node[item as usize] = target;
            assert!(fragments(&data, &node).is_some(), "{data:?} {:?}", found.moves);
        }
        let (left, free) = fragments(&data, &node).unwrap();
        let value = |fragments: i64| if free == 0 { 0.0 } else { fragments as f64 / free as f64 };
        assert!(found.moves.len() <= moves);
        assert_eq!(left, least(&data, moves), "{data:?}");
        assert_eq!(found.value, value(left));
        assert_eq!((found.status, found.bound), (Status::Optimal, found.value));
        assert!(solve(&data, moves, 0).bound <= value(least(&data, moves)), "{data:?}");
        assert_eq!(solve(&data, moves, 1).bound.max(found.bound), found.bound, "{data:?}");
    }
}

#[test]
fn items_without_processors_make_space_for_others() {
    // Item 1 needs memory alone. It makes space on node 1 for item 0, so that 0, 4 and 4 processors are free.
    let data = ClusterData {
        demand: vec![3, 2, 0, 2],
        capacity: vec![0, 2, 7, 3, 4, 5],
        shape: (2, 3, 2),
        current: vec![2, 1],
        spread: Vec::new(),
        block: 4,
    };
    for nodes in [0, 1, 1000] {
        assert_eq!(solve(&data, 2, nodes).bound, 0.0);
    }
    let found = solve(&data, 2, 1000);
    assert_eq!((found.moves, found.value, found.status), (vec![(1, 1, 0), (0, 2, 1)], 0.0, Status::Optimal));
}

/// A cluster in which many items need nothing of a resource.
fn with_zeros(random: &mut Random, halves: bool) -> ClusterData {
    let mut data = drawn(random, halves);
    let used_before = used(&data, &data.current);
    for units in &mut data.demand {
        *units *= i64::from(random.below(2) == 0);
    }
    for (k, (before, now)) in used_before.into_iter().zip(used(&data, &data.current)).enumerate() {
        data.capacity[k] -= before - now;
    }
    data
}

#[test]
fn bounds_hold_where_items_need_nothing_of_a_resource() {
    let mut random = Random::new(9);
    for k in 0..1500 {
        let data = with_zeros(&mut random, k % 2 == 1);
        let moves = random.below(5) as usize;
        let (_, free) = fragments(&data, &data.current).unwrap();
        let least = if free == 0 { 0.0 } else { least(&data, moves) as f64 / free as f64 };
        for nodes in [0, 1] {
            assert!(solve(&data, moves, nodes).bound <= least, "{data:?}");
        }
        let found = solve(&data, moves, 1 << 20);
        assert_eq!((found.value, found.bound), (least, least), "{data:?}");
    }
}

#[test]
fn long_sequences_are_searched_to_the_least_fragments() {
    let mut random = Random::new(12);
    for k in 0..200 {
        let mut data = drawn(&mut random, k % 2 == 1);
        if data.shape.0 > 3 {
            continue;
        }
        data.block = random.between(2, 6);
        let (_, free) = fragments(&data, &data.current).unwrap();
        let least = if free == 0 { 0.0 } else { least(&data, 9) as f64 / free as f64 };
        let found = solve(&data, 9, 1 << 20);
        assert_eq!((found.value, found.status), (least, Status::Optimal), "{data:?}");
        assert!(solve(&data, usize::MAX >> 11, 1 << 20).value <= least, "{data:?}");
    }
}

/// Items of four resources, so large that most of them fit nowhere else.
fn tight(random: &mut Random) -> ClusterData {
    let (n, m, d) = (20, 20, 4);
    let mut data = ClusterData { capacity: vec![20; m * d], shape: (0, m, d), block: 16, ..ClusterData::default() };
    let mut free = data.capacity.clone();
    while data.shape.0 < n {
        let need: Vec<i64> = (0..d).map(|_| [2, 5, 7, 9][random.below(4) as usize]).collect();
        let node = random.below(m as u64) as usize;
        if (0..d).all(|r| need[r] <= free[node * d + r]) {
            (0..d).for_each(|r| free[node * d + r] -= need[r]);
            data.demand.extend(need);
            data.current.push(node as i64);
            data.shape.0 += 1;
        }
    }
    data
}

#[test]
fn any_number_of_moves_is_searched_with_little_stack() {
    let search = || {
        let mut random = Random::new(1);
        let mut searches = (0..60).map(|_| solve(&tight(&mut random), 1 << 40, 100_000));
        searches.any(|found| found.value > found.bound && found.num_nodes > 50_000)
    };
    assert!(std::thread::Builder::new().stack_size(256 << 10).spawn(search).unwrap().join().unwrap());
}

/// Clusters whose second resource is scarce, so that items cannot go wherever resource 0 has space.
fn scarce(random: &mut Random, items: i64, nodes: i64) -> ClusterData {
    let demand: Vec<i64> = (0..items).flat_map(|_| [1 << random.below(4), 4 << random.below(2)]).collect();
    let current: Vec<i64> = (0..items).map(|_| random.between(0, nodes - 1)).collect();
    let mut data = ClusterData {
        demand,
        shape: (items as usize, nodes as usize, 2),
        capacity: (0..nodes).flat_map(|_| [random.between(4, 12), random.between(0, 3)]).collect(),
        current,
        spread: Vec::new(),
        block: 16,
    };
    for (k, used) in used(&data, &data.current).into_iter().enumerate() {
        data.capacity[k] += used;
    }
    data
}

#[test]
fn prices_prove_more_than_that_each_move_wins_one_block() {
    let mut random = Random::new(5);
    let (mut tighter, mut exact) = (0, 0);
    for _ in 0..60 {
        let data = scarce(&mut random, 5, 4);
        let cluster = Cluster::new(data.clone()).unwrap();
        let (begin, best) = (State::new(&cluster), least(&data, 2));
        let (simple, priced) = (begin.bound(2), prices::bound(&begin, 2, best, &mut |_| false));
        assert!(simple <= priced && priced <= best, "{simple} {priced} {best} {data:?}");
        tighter += i32::from(priced > simple);
        exact += i32::from(priced == best && best > simple);
    }
    assert!(tighter >= 10 && exact >= 5, "{tighter} {exact}");
}

#[test]
fn a_bound_is_tighter_than_the_simple_one_on_many_nodes() {
    let mut random = Random::new(6);
    let data = scarce(&mut random, 400, 60);
    let found = solve(&data, 20, 1);
    let cluster = Cluster::new(data).unwrap();
    let begin = State::new(&cluster);
    let simple = begin.bound(20) as f64 / begin.total_free() as f64;
    assert!(simple < found.bound && found.bound <= found.value, "{simple} {found:?}");
}

#[test]
fn tables_that_are_too_large_leave_the_simple_bound() {
    let demand = vec![(1 << 40) + 1, 1, 1 << 41, 1];
    let data = ClusterData {
        demand,
        capacity: vec![1 << 42, 4, 1 << 42, 4],
        shape: (2, 2, 2),
        current: vec![0, 1],
        spread: Vec::new(),
        block: 1 << 20,
    };
    let cluster = Cluster::new(data).unwrap();
    let begin = State::new(&cluster);
    assert_eq!(prices::bound(&begin, 1, begin.fragments + 1, &mut |_| false), begin.bound(1));
}

#[test]
fn spread_items_take_whole_machines() {
    let begin = ClusterData {
        demand: vec![8],
        capacity: vec![16, 16],
        shape: (1, 2, 1),
        current: vec![0],
        spread: vec![true],
        block: 16,
    };
    let refused = |data: ClusterData| Cluster::new(data).unwrap_err().to_string();
    assert!(Cluster::new(begin.clone()).is_ok());
    assert!(refused(ClusterData { demand: vec![7], ..begin.clone() }).starts_with("demand[0, 0] = 7: must be even"));
    assert!(refused(ClusterData { current: vec![1], ..begin.clone() }).starts_with("current[0] = 1: must be even"));
    assert!(refused(ClusterData { spread: vec![], current: vec![2], ..begin.clone() }).starts_with("current[0] = 2"));
    let odd = ClusterData { capacity: vec![16, 16, 16], shape: (1, 3, 1), ..begin.clone() };
    assert!(refused(odd).starts_with("capacity: has 3 rows, expected an even number"));
    let tight = ClusterData { capacity: vec![16, 3], ..begin };
    assert_eq!(refused(tight), "current[0] = 0: the items up to here need 4 units of resource 0 on node 1, which has 3");
}
