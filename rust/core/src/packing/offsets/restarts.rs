//! Depth-first searches that begin anew, with orders of preference that learn from where the last ones failed.

use super::effort::Effort;
use super::exact::{Exact, Outcome};
use super::model::Model;
use super::problem::Buffers;
use crate::random::Random;

/// How much less a failure counts after each search.
const FADING: f64 = 0.8;
/// The share of the largest number of failures that every buffer has at least.
const LEAST_SHARE: f64 = 0.05;
/// By how much random numbers may lengthen a key.
const NOISE: f64 = 0.3;
/// Searches without learning at the beginning: one for each kind of order.
const PLAIN: u64 = 4;

/// The state of the searches of one part of the buffers.
pub(super) struct Restarts {
    model: Model,
    /// The largest sum of sizes alive at once during each buffer's life.
    total: Vec<f64>,
    /// Where searches failed.
    failures: Vec<f64>,
    random: Random,
    count: u64,
}

impl Restarts {
    /// Nothing is learned yet.
    pub(super) fn new(buffers: Buffers, seed: u64) -> Self {
        let model = Model::new(buffers);
        let sums: Vec<i64> =
            model.sections.members.iter().map(|members| members.iter().map(|&i| model.buffers.size[i as usize]).sum()).collect();
        let most = |&(from, to): &(u32, u32)| sums[from as usize..to as usize].iter().max().copied().unwrap_or(0) as f64;
        let total = model.sections.range.iter().map(most).collect();
        let failures = vec![0.0; model.buffers.len()];
        Self { model, total, failures, random: Random::new(seed), count: 0 }
    }

    /// The place of each buffer in the next order of preference.
    fn rank(&mut self) -> Vec<u32> {
        let buffers = &self.model.buffers;
        let most = self.failures.iter().copied().fold(1e-9, f64::max);
        let mut keys: Vec<([f64; 3], u32)> = Vec::with_capacity(buffers.len());
        for i in 0..buffers.len() {
            let (width, size) = ((buffers.end[i] - buffers.start[i]) as f64, buffers.size[i] as f64);
            let mut factor = 1.0;
            if self.count >= PLAIN {
                factor = (1.0 + NOISE * self.random.unit()) * (LEAST_SHARE + self.failures[i] / most);
            }
            let total = self.total[i] * (1.0 + NOISE * (factor - 1.0));
            let key = match self.count % PLAIN {
                0 => [width * factor, size, total],
                1 => [total, width * size * factor, width],
                2 => [total, width * factor, size],
                _ => [total, size * factor, width],
            };
            keys.push((key, i as u32));
        }
        let descending = |a: &[f64; 3], b: &[f64; 3]| (0..3).map(|k| b[k].total_cmp(&a[k])).find(|order| order.is_ne());
        keys.sort_by(|a, b| descending(&a.0, &b.0).unwrap_or(a.1.cmp(&b.1)));
        let mut rank = vec![0; keys.len()];
        for (k, &(_, i)) in keys.iter().enumerate() {
            rank[i as usize] = k as u32;
        }
        rank
    }

    /// One search of at most so many nodes, with the offsets if it found some. Without jumps it may refute the capacity.
    pub(super) fn search(&mut self, capacity: i64, nodes: u64, jumps: bool, effort: &mut Effort<'_, '_>) -> (Outcome, Vec<i64>) {
        let rank = self.rank();
        let mut node = |steps| effort.node(steps);
        let mut search = Exact::new(&self.model, capacity, &rank, jumps, nodes, &mut node);
        let outcome = search.run();
        let all = (search.failures.iter().sum::<u64>() + 1) as f64;
        for (kept, &new) in self.failures.iter_mut().zip(&search.failures) {
            *kept = *kept * FADING + new as f64 / all;
        }
        self.count += 1;
        (outcome, search.offset)
    }
}
