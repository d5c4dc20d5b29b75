use super::*;
use crate::random::Random;
use crate::shop::test_shops::{judged, random_classic, random_flexible};
use proptest::prelude::*;

fn heads_and_tails(orders: &Orders) -> (Vec<i64>, Vec<i64>) {
    orders.nodes.iter().map(|node| (node.completion, node.tail)).unzip()
}

/// Heads and tails by repeated relaxation, or `None` for a cycle.
fn relaxed(orders: &Orders) -> Option<(Vec<i64>, Vec<i64>)> {
    let (mut heads, mut tails) = heads_and_tails(orders);
    for &x in &orders.order {
        (heads[x as usize], tails[x as usize]) = (0, 0);
    }
    for round in 0..=orders.len() + 1 {
        let mut changed = false;
        for &x in &orders.order {
            let x = x as usize;
            let head = heads[x - 1].max(heads[orders.nodes[x].before as usize]) + orders.nodes[x].duration;
            let tail = tails[x + 1].max(tails[orders.nodes[x].behind as usize]) + orders.nodes[x].duration;
            changed |= (head, tail) != (heads[x], tails[x]);
            (heads[x], tails[x]) = (head, tail);
        }
        if !changed {
            return Some((heads, tails));
        }
        if round > orders.len() {
            return None;
        }
    }
    None
}

/// Everything that is kept of an order agrees with what it follows from.
fn consistent(orders: &Orders, shop: &Shop) {
    assert_eq!(relaxed(orders).expect("no cycle"), heads_and_tails(orders));
    for &w in &orders.order {
        let next = orders.nodes[w as usize].behind;
        if orders.is_operation(next) {
            assert_eq!(orders.place[next as usize], orders.place[w as usize] + 1);
            assert!(orders.position[w as usize] < orders.position[next as usize]);
        }
        assert_eq!(orders.row(orders.machine[w as usize] as usize)[orders.place[w as usize] as usize], w);
    }
    assert_eq!((0..shop.num_machines()).map(|m| orders.row(m).len()).sum::<usize>(), orders.len());
    judged(shop, &orders.schedule());
}

/// An order of all operations, step by step, on their first machines.
fn step_by_step(shop: &Shop) -> Arrangement {
    let mut order: Vec<u32> = (0..shop.num_operations() as u32).collect();
    order.sort_by_key(|&op| op as usize - shop.operations(shop.job(op as usize)).start);
    Arrangement { machine: vec![u32::MAX; order.len()], order }
}

proptest! {
    #[test]
    fn insertions_keep_heads_and_tails_exact_and_refuse_cycles(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let shop = random_flexible(&mut random, 1);
        let mut orders = Orders::new(&shop);
        orders.load(&step_by_step(&shop));
        for _ in 0..60 {
            let x = orders.order[random.below(orders.len() as u64) as usize];
            let (machine, duration) = orders.choices(x)[random.below(orders.choices(x).len() as u64) as usize];
            let row = orders.row(machine as usize);
            let place = random.below(row.len() as u64 + 1) as usize;
            let y = if place == 0 { orders.sentinel(machine as usize) } else { row[place - 1] };
            if x == y { continue; }
            let before = orders.clone();
            if orders.insert(x, machine, duration, y) {
                prop_assert_eq!((orders.nodes[x as usize].before, orders.machine[x as usize]), (y, machine));
                consistent(&orders, &shop);
                let mut saved = Arrangement::default();
                orders.save(&mut saved);
                let mut again = Orders::new(&shop);
                again.load(&saved);
                prop_assert_eq!(again.schedule(), orders.schedule());
            } else {
                prop_assert_eq!(before.schedule(), orders.schedule());
                consistent(&orders, &shop);
                let mut wrong = before;
                wrong.link(wrong.nodes[x as usize].before, wrong.nodes[x as usize].behind);
                let z = wrong.nodes[y as usize].behind;
                wrong.link(y, x);
                wrong.link(x, z);
                prop_assert!(relaxed(&wrong).is_none()); // with positive durations the refused order has a cycle indeed
            }
        }
    }

    #[test]
    fn shifts_keep_heads_and_tails_exact_and_refuse_cycles(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let shop = random_classic(&mut random, 1);
        let mut orders = Orders::new(&shop);
        orders.load(&step_by_step(&shop));
        for _ in 0..60 {
            let k = random.below(orders.len() as u64) as usize;
            let x = orders.order[k];
            let mut y = x;
            let shift = if random.below(2) == 0 { Shift::Behind } else { Shift::Ahead };
            for _ in 0..=random.below(3) {
                let next = if shift == Shift::Behind { orders.nodes[y as usize].behind } else { orders.nodes[y as usize].before };
                if orders.is_operation(next) { y = next; }
            }
            if x == y { continue; }
            let before = orders.clone();
            if orders.shift(x, y, shift) {
                consistent(&orders, &shop);
            } else {
                prop_assert_eq!(&before.nodes, &orders.nodes);
                // With positive durations the refused order has a cycle indeed.
                let (from, to) = (orders.nodes[x as usize].before, orders.nodes[x as usize].behind);
                let mut wrong = before.clone();
                wrong.link(from, to);
                let (first, then) = if shift == Shift::Behind { (y, wrong.nodes[y as usize].behind) } else { (wrong.nodes[y as usize].before, y) };
                wrong.link(first, x);
                wrong.link(x, then);
                prop_assert!(relaxed(&wrong).is_none());
            }
        }
    }
}
