//! Cycles of orders, which no starts can keep.
//!
//! Bounds that follow each other round a cycle rise until they leave the horizon, which takes long where lengths are short. A search for
//! a cycle ends that, and its orders alone explain the conflict.

use super::{Arc, NONE, Orders, ordered};
use crate::cp::precedence::Network;
use crate::cp::trail::{Literal, Trail};

/// An interval on the way, which of its edges is next, and the order, if any, and the lag that led to it.
#[derive(Debug, Clone, Copy)]
struct Step {
    interval: u32,
    edge: u32,
    order: u32,
    lag: i32,
}

impl Orders {
    /// Looks for a cycle of orders and distances whose lags add up to more than 0, and keeps its orders; O(N n) for N intervals, n of them on a
    /// machine.
    pub fn has_cycle(&mut self, network: &Network, trail: &Trail) -> bool {
        let mut visited = vec![false; self.first_variable];
        let mut place = vec![NONE; self.first_variable];
        let mut path: Vec<Step> = Vec::new();
        for first in 0..self.first_variable {
            if !visited[first] {
                visited[first] = true;
                place[first] = 0;
                path.push(Step { interval: first as u32, edge: 0, order: NONE, lag: 0 });
            }
            while let Some(Step { interval, edge, .. }) = path.last().copied() {
                let i = interval as usize;
                let last = path.len() - 1;
                path[last].edge += 1;
                let arcs = network.distances(i);
                let (next, order, lag) = if let Some(&(to, lag)) = arcs.get(edge as usize) {
                    (to as usize / 2, NONE, lag)
                } else if let Some(&Arc { first, other, lag }) = self.leaving.of(i).get(edge as usize - arcs.len()) {
                    if !trail.is_true(ordered(first)) {
                        continue;
                    }
                    (other as usize, first, lag)
                } else {
                    place[i] = NONE;
                    path.pop();
                    continue;
                };
                if next >= self.first_variable {
                    continue;
                }
                if place[next] != NONE {
                    let way = &path[place[next] as usize + 1..];
                    let total: i64 = way.iter().map(|step| i64::from(step.lag)).sum::<i64>() + i64::from(lag);
                    if total > 0 {
                        self.cycle.clear();
                        self.cycle.extend(way.iter().map(|step| step.order).chain([order]).filter(|&order| order != NONE));
                        return true;
                    }
                } else if !visited[next] {
                    visited[next] = true;
                    place[next] = path.len() as u32;
                    path.push(Step { interval: next as u32, edge: 0, order, lag });
                }
            }
        }
        false
    }

    /// The orders of the cycle that was found.
    pub fn explain_cycle(&self, out: &mut Vec<Literal>) {
        out.extend(self.cycle.iter().map(|&half| ordered(half)));
    }
}
