//! Orders of activities, some of which may not run: lists are priorities then, because what does not run orders nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::model::{Link, Model};

/// Scratch space for one model.
#[derive(Debug, Clone)]
pub struct Arranger {
    position: Vec<u32>,
    waiting: Vec<u32>,
    ready: BinaryHeap<Reverse<u32>>,
    order: Vec<u32>,
}

impl Arranger {
    pub fn new(n: usize) -> Self {
        Self { position: vec![0; n], waiting: vec![0; n], ready: BinaryHeap::new(), order: Vec::with_capacity(n) }
    }

    /// The order in which activities are placed in one direction of time: of those that run and whose predecessors that run are placed, the
    /// first one in the list; then, predecessors first, what does not run. `before` and `after` are the links in that direction.
    /// O(n log n + m).
    pub fn arrange(
        &mut self,
        model: &Model,
        (before, after): (&[Vec<Link>], &[Vec<Link>]),
        list: &[u32],
        choice: &[u32],
        backward: bool,
    ) -> &[u32] {
        let Self { position, waiting, ready, order } = self;
        list.iter().enumerate().for_each(|(k, &i)| position[i as usize] = k as u32);
        let runs = |i: u32| model.runs(choice[i as usize]);
        ready.clear();
        for i in list.iter().copied().filter(|&i| runs(i)) {
            waiting[i as usize] = before[i as usize].iter().filter(|link| runs(link.other)).count() as u32;
            if waiting[i as usize] == 0 {
                ready.push(Reverse(position[i as usize]));
            }
        }
        order.clear();
        while let Some(Reverse(place)) = ready.pop() {
            let i = list[place as usize];
            order.push(i);
            for link in after[i as usize].iter().filter(|link| runs(link.other)) {
                let j = link.other as usize;
                waiting[j] -= 1;
                if waiting[j] == 0 {
                    ready.push(Reverse(position[j]));
                }
            }
        }
        if backward {
            order.extend(model.order.iter().rev().filter(|&&i| !runs(i)));
        } else {
            order.extend(model.order.iter().filter(|&&i| !runs(i)));
        }
        order
    }

    /// Activities by priority, lower first (ties: those that may come before the others).
    pub fn by_priority(model: &Model, priority: impl Fn(usize) -> f64) -> Vec<u32> {
        let mut list = model.order.clone();
        list.sort_by(|&i, &j| priority(i as usize).total_cmp(&priority(j as usize)));
        list
    }
}
