//! Places and moves against making every move.

use super::*;
use crate::shop::search::neighbours::critical_path;
use crate::shop::search::orders::Arrangement;
use crate::shop::test_shops::random_flexible;
use proptest::prelude::*;

proptest! {
    #[test]
    fn places_are_feasible_and_no_other_place_looks_better(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let shop = random_flexible(&mut random, 1);
        let mut orders = Orders::new(&shop);
        let count = shop.num_operations();
        orders.load(&Arrangement { order: (0..count as u32).collect(), machine: vec![u32::MAX; count] });
        let mut search = Reassign::new(shop.data().machine.len());
        let mut path = Vec::new();
        for now in 0..10 {
            critical_path(&orders, &mut random, &mut path);
            for &x in &path {
                for &(machine, duration) in orders.choices(x) {
                    let row: Vec<Node> = orders.row(machine as usize).iter().copied().filter(|&w| w != x).collect();
                    let at = |k: usize| if k == 0 { orders.sentinel(machine as usize) } else { row[k - 1] };
                    // The longest way through x at every place of the row, by making the move.
                    let exact: Vec<Option<i64>> = (0..=row.len())
                        .map(|k| {
                            let mut after = orders.clone();
                            let made = after.insert(x, machine, duration, at(k));
                            made.then(|| after.nodes[x as usize].completion + after.nodes[x as usize].tail - duration)
                        })
                        .collect();
                    let mut tried = Vec::new();
                    let own = machine == orders.machine[x as usize];
                    if own {
                        search.own.places(&orders, x, |k, longest| tried.push((k, longest)));
                    } else {
                        other_machine(&orders, x, (machine, duration), |k, longest| tried.push((k, longest)));
                    }
                    // Completions and tails without x.
                    let (mut last, mut next) = (0, 0);
                    let mut end = |&w: &Node| {
                        last = orders.nodes[w as usize - 1].completion.max(last) + orders.nodes[w as usize].duration;
                        last
                    };
                    let completion: Vec<i64> = row.iter().map(&mut end).collect();
                    let mut rest = |&w: &Node| {
                        next = orders.nodes[w as usize + 1].tail.max(next) + orders.nodes[w as usize].duration;
                        next
                    };
                    let mut tail: Vec<i64> = row.iter().rev().map(&mut rest).collect();
                    tail.reverse();
                    let least = tried.iter().map(|place| place.1).min().unwrap();
                    for (k, exact) in exact.iter().enumerate() {
                        let before = if k > 0 { completion[k - 1] } else { 0 };
                        let behind = tail.get(k).copied().unwrap_or(0);
                        let head = orders.nodes[x as usize - 1].completion.max(before);
                        let longest = head + duration + orders.nodes[x as usize + 1].tail.max(behind);
                        if let Some(place) = tried.iter().find(|place| place.0 == k) {
                            prop_assert!(place.1 == longest && exact.is_some_and(|exact| exact <= longest));
                            continue;
                        }
                        // Behind an operation that starts after the next one of the job may be a cycle.
                        let next = x as usize + 1;
                        let late = k > 0 && orders.is_operation(next as Node) && {
                            let y = row[k - 1] as usize;
                            completion[k - 1] - orders.nodes[y].duration >= orders.nodes[next].completion
                        };
                        prop_assert!(exact.is_none() || longest >= least || late);
                    }
                }
            }
            if !search.advance(&mut orders, &path, now + 1, &mut random) {
                break;
            }
        }
    }

    #[test]
    fn moves_that_are_left_out_shorten_nothing(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let shop = random_flexible(&mut random, 1);
        let mut orders = Orders::new(&shop);
        let count = shop.num_operations();
        orders.load(&Arrangement { order: (0..count as u32).collect(), machine: vec![u32::MAX; count] });
        let mut path = Vec::new();
        critical_path(&orders, &mut random, &mut path);
        let starts = orders.nodes[path[0] as usize].completion == orders.nodes[path[0] as usize].duration;
        let ends = orders.nodes[path[path.len() - 1] as usize + 1].tail == 0;
        for operations in path.chunk_by(|&x, &y| orders.nodes[y as usize].before == x) {
            let block = Block::new(&orders, operations, operations[0] == path[0] && starts, operations.last() == path.last() && ends);
            for &x in operations {
                let machine = orders.machine[x as usize];
                let row: Vec<Node> = orders.row(machine as usize).iter().copied().filter(|&w| w != x).collect();
                for k in (0..=row.len()).filter(|&k| !block.is_useful(orders.place[x as usize] as usize, k)) {
                    let y = if k == 0 { orders.sentinel(machine as usize) } else { row[k - 1] };
                    let mut after = orders.clone();
                    let made = after.insert(x, machine, orders.nodes[x as usize].duration, y);
                    prop_assert!(!made || after.makespan >= orders.makespan);
                }
            }
        }
    }
}
