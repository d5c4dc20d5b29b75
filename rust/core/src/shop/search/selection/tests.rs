//! Insertions against their definition, and times against longest paths that are found slowly.

use super::*;
use crate::check::{ShopClaim, check_shop};
use crate::shop::ShopData;
use crate::shop::problem::Blocking;
use crate::shop::test_shops::random_classic;
use std::collections::BTreeSet;

/// A shop with jobs that come back to a machine, operations of no length, and release times.
fn random_blocking(seed: u64) -> (Shop, Random) {
    let mut random = Random::new(seed);
    let plain = random_classic(&mut random, i64::from(!seed.is_multiple_of(3)));
    let release_time = (0..plain.num_jobs()).map(|_| random.between(0, 9)).collect();
    let blocking = if seed.is_multiple_of(2) { Blocking::Swap } else { Blocking::NoSwap };
    (Shop::new(ShopData { release_time, blocking, ..plain.data().clone() }).unwrap(), random)
}

fn is_schedule(shop: &Shop, schedule: &Schedule) {
    let operation: Vec<i64> = (0..shop.num_operations() as i64).collect();
    let machine: Vec<i64> = schedule.machine.iter().map(|&machine| i64::from(machine)).collect();
    let (start, end) = (&schedule.start_time, &schedule.completion_time);
    let claim = ShopClaim { operation: &operation, machine: &machine, start, end, ..ShopClaim::default() };
    assert_eq!(check_shop(shop.data(), &claim), []);
}

/// One job after the other.
fn begin(shop: &Shop) -> Selection {
    let list: Vec<u32> = (0..shop.num_operations() as u32).collect();
    Selection::from_list(Rc::new(Nodes::new(shop)), &list).unwrap()
}

/// By machine its operations in their order.
fn orders(graph: &Graph) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new(); graph.nodes.num_machines];
    for first in (0..graph.order.len()).filter(|&node| !graph.nodes.is_last[node] && graph.before[node] == NONE) {
        let mut op = first as u32;
        while op != NONE {
            orders[graph.nodes.machine[first] as usize].push(op as usize);
            op = graph.after[op as usize];
        }
    }
    orders
}

/// The nodes that come no earlier than a node, and whether they must come later, as arcs say that are given with their strictness.
fn reached(arcs: &[(usize, usize, bool)], from: usize, count: usize) -> Vec<Option<bool>> {
    let mut reached = vec![None; count];
    reached[from] = Some(false);
    loop {
        let known = reached.clone();
        for &(a, b, strict) in arcs {
            if let Some(later) = reached[a] {
                reached[b] = reached[b].max(Some(later || strict));
            }
        }
        if reached == known {
            return reached;
        }
    }
}

/// The orders after an insertion by its definition: as long as the job would have to be before itself, it passes one operation more.
fn inserted<const EARLIER: bool>(graph: &Graph, operation: usize, other: usize) -> Vec<Vec<usize>> {
    let (nodes, count) = (&graph.nodes, graph.order.len());
    let is_own = |op: usize| nodes.job[op] == nodes.job[operation];
    let (entry, exit) = if EARLIER { (0, 1) } else { (1, 0) };
    let mut orders = orders(graph);
    if !EARLIER {
        for order in &mut orders {
            order.reverse();
        }
    }
    let mut passed = BTreeSet::from([(operation, other)]);
    loop {
        let mut arcs: Vec<(usize, usize, bool)> =
            (0..count).filter(|&v| !nodes.is_last[v]).map(|v| (v + entry, v + exit, true)).collect();
        for order in &orders {
            let others: Vec<usize> = order.iter().copied().filter(|&op| !is_own(op)).collect();
            arcs.extend(others.windows(2).map(|pair| (pair[0] + exit, pair[1] + entry, false)));
        }
        arcs.extend(passed.iter().map(|&(own, op)| (own + exit, op + entry, false)));
        let known = passed.len();
        for order in &orders {
            for (k, &own) in order.iter().enumerate().filter(|(_, op)| is_own(**op)) {
                let reached = reached(&arcs, own + entry, count);
                let is_later = |op: usize| reached[op + exit].is_some_and(|later| later || !nodes.swap);
                passed.extend(order[..k].iter().filter(|&&op| !is_own(op) && is_later(op)).map(|&op| (own, op)));
            }
        }
        if passed.len() == known {
            break;
        }
    }
    for order in &mut orders {
        for k in 0..order.len() {
            if is_own(order[k]) {
                let first = order[..k].iter().position(|&op| passed.contains(&(order[k], op))).unwrap_or(k);
                order[first..=k].rotate_right(1);
            }
        }
        if !EARLIER {
            order.reverse();
        }
    }
    orders
}

/// Tries an insertion, with a limit too, and keeps it or takes it back.
fn insert<const EARLIER: bool>(shop: &Shop, selection: &mut Selection, operation: u32, other: u32, keep: bool) {
    let expected = inserted::<EARLIER>(&selection.graph, operation as usize, other as usize);
    let before = (orders(&selection.graph), selection.tried.head.clone());
    let limit = selection.completion.iter().copied().max().unwrap();
    let change = selection.pass::<EARLIER>(operation, other, limit);
    if change == Change::Tried {
        selection.reject();
    }
    assert_eq!((orders(&selection.graph), selection.tried.head.clone()), before);
    assert_eq!(selection.pass::<EARLIER>(operation, other, i64::MAX), Change::Tried);
    assert_eq!(orders(&selection.graph), expected);
    assert_eq!(change == Change::Tried, *selection.tried_completion.iter().max().unwrap() <= limit);
    assert_eq!(selection.tried.head, selection.graph.heads_from_orders());
    if !keep {
        selection.reject();
        assert_eq!((orders(&selection.graph), selection.tried.head.clone()), before);
        return;
    }
    let tried = selection.tried_completion.clone();
    selection.accept();
    assert_eq!((&selection.tried.head, selection.completion()), (&selection.graph.head, &tried[..]));
    is_schedule(shop, &selection.schedule());
}

#[test]
fn insertions_are_nearest_selections_with_the_times_of_their_orders() {
    let mut exchanges = 0;
    for seed in 0..600 {
        let (shop, mut random) = random_blocking(seed);
        let mut selection = begin(&shop);
        for _ in 0..60 {
            let orders = orders(&selection.graph);
            let order = &orders[random.below(orders.len() as u64) as usize];
            if order.is_empty() {
                continue;
            }
            let (a, b) = (random.below(order.len() as u64) as usize, random.below(order.len() as u64) as usize);
            let (first, second) = (order[a.min(b)] as u32, order[a.max(b)] as u32);
            let job = |op: u32| selection.graph.nodes.job[op as usize];
            if job(first) == job(second) {
                continue;
            }
            let keep = random.below(3) > 0;
            if random.below(2) == 0 {
                insert::<true>(&shop, &mut selection, second, first, keep);
            } else {
                insert::<false>(&shop, &mut selection, first, second, keep);
            }
            exchanges += usize::from(selection.graph.exchange.iter().any(|&node| node != NONE));
        }
    }
    assert!(exchanges > 1000, "{exchanges}");
}

#[test]
fn schedules_of_lists_are_taken_over() {
    for seed in 0..200 {
        let (shop, mut random) = random_blocking(seed);
        let mut selection = begin(&shop);
        for _ in 0..50 {
            let job = random.below(shop.num_jobs() as u64) as usize;
            if selection.change(job, i64::MAX, &mut random) == Change::Tried {
                selection.accept();
            }
        }
        let schedule = selection.schedule();
        let again = Selection::new(&shop, &schedule);
        is_schedule(&shop, &again.schedule());
        if !seed.is_multiple_of(3) {
            assert_eq!(again.schedule(), schedule, "{seed}");
        }
    }
}
