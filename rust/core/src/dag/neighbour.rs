//! The neighbourhood of the search: changes of order and processor.

use super::graph::TaskGraph;
use super::order_decoder::OrderDecoder;
use crate::random::Random;

/// Tasks, their new processor and their old ones; the old and new place of the first of them; the first place that is touched.
#[derive(Default)]
pub(super) struct Change {
    pub(super) group: Vec<usize>,
    pub(super) old: Vec<u32>,
    pub(super) processor: u32,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) first: usize,
}

/// Tasks that move together at most.
const GROUP: usize = 6;

/// A random change, mostly of a task of the critical chain; `None` where the draw allows none.
///
/// Half of the changes go to another processor: one in two of those to the processor of a neighbour in the graph, so that their
/// data need not travel, and one in four takes neighbours on the same processor along. The others move the task before or behind
/// another one of its processor.
pub(super) fn propose(decoder: &OrderDecoder, graph: &TaskGraph, path: &[u32], random: &mut Random) -> Option<Change> {
    let pool = if random.below(8) == 0 { &decoder.order[..] } else { path };
    let task = pool[random.below(pool.len() as u64) as usize] as usize;
    let width = graph.num_processors() as u64;
    let (own, from) = (decoder.processor[task], decoder.place[task] as usize);
    let mut change = Change { group: vec![task], old: vec![own], processor: own, from, to: from, first: from };
    if width > 1 && random.below(2) == 0 {
        change.processor = match neighbour(graph, task, random) {
            Some(other) if random.below(2) == 0 => decoder.processor[other],
            _ => ((u64::from(own) + 1 + random.below(width - 1)) % width) as u32,
        };
        if change.processor != own && random.below(4) == 0 {
            gather(decoder, graph, &mut change, random);
        }
        if change.group.iter().any(|&i| graph.cost(i, change.processor as usize).is_infinite()) {
            return None;
        }
    }
    let (low, high) = decoder.window(task);
    // Only a place beside a task of the same processor makes a difference.
    for _ in 0..if change.group.len() == 1 { 8 } else { 0 } {
        let to = low + random.below((high - low + 1) as u64) as usize;
        if to != from && decoder.processor[decoder.order[to] as usize] == change.processor {
            (change.to, change.first) = (to, from.min(to));
            return Some(change);
        }
    }
    (change.processor != own).then_some(change)
}

/// A random predecessor or successor.
fn neighbour(graph: &TaskGraph, task: usize, random: &mut Random) -> Option<usize> {
    let (before, after) = (graph.dag().predecessors().of(task), graph.dag().successors().of(task));
    let k = random.below((before.len() + after.len()) as u64) as usize;
    before.iter().chain(after).nth(k).map(|&i| i as usize)
}

/// Adds tasks that a random walk through the graph finds on the same processor.
fn gather(decoder: &OrderDecoder, graph: &TaskGraph, change: &mut Change, random: &mut Random) {
    let mut last = change.group[0];
    for _ in 0..2 * GROUP {
        let Some(next) = neighbour(graph, last, random) else { return };
        let free = decoder.order.get(decoder.place[next] as usize) == Some(&(next as u32));
        if free && decoder.processor[next] == change.old[0] {
            if !change.group.contains(&next) {
                change.group.push(next);
                change.old.push(change.old[0]);
                change.first = change.first.min(decoder.place[next] as usize);
            }
            last = next;
        }
        if change.group.len() == GROUP {
            return;
        }
    }
}
