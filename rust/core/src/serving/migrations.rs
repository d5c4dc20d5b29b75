//! Requests that move from replicas of much load to those of little.

use super::numbered_router::NumberedRouter;

/// A request that moved from one replica to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// The slot of the request.
    pub slot: u32,
    /// The id of the replica that it leaves.
    pub source: i64,
    /// The id of the replica that it goes to.
    pub target: i64,
}

impl NumberedRouter {
    /// Moves requests from replicas of much load to those of little, and returns what moved. Replicas are sorted by load, the
    /// largest first and the least first (ties: lowest id), and paired by their places; of each of the first n / 2 pairs the
    /// request of fewest tokens (ties: routed first) moves if that brings the two loads closer together. O(requests + replicas
    /// log replicas). Source: Sun et al. (2024), "Llumnix", OSDI.
    pub fn migrations(&mut self) -> Vec<Migration> {
        let loads: Vec<(f64, i64, u32)> =
            self.replicas.sorted().iter().map(|&(id, number)| (self.replicas.loads().get(number), id, number)).collect();
        let (mut most, mut least) = (loads.clone(), loads);
        most.sort_by(|a, b| b.0.total_cmp(&a.0));
        least.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut smallest: Vec<Option<(i64, u64, u32)>> = Vec::new();
        for (slot, request) in self.requests() {
            let number = request.replica as usize;
            if smallest.len() <= number {
                smallest.resize(number + 1, None);
            }
            let own = (request.tokens, request.turn, slot);
            smallest[number] = Some(smallest[number].map_or(own, |other| other.min(own)));
        }
        let mut moves = Vec::new();
        for (&(load, source, from), &(other, target, to)) in most.iter().zip(&least).take(self.replicas.len() / 2) {
            let Some((tokens, _, slot)) = smallest.get(from as usize).copied().flatten() else { continue };
            let load_with = |number: u32, more: i64| {
                let replica = self.replicas.get(number);
                (replica.tokens + more) as f64 / replica.weight
            };
            let after = load_with(from, -tokens) - load_with(to, tokens);
            if from != to && after.abs() < (load - other).abs() {
                moves.push((Migration { slot, source, target }, from, to, tokens));
            }
        }
        for &(Migration { slot, .. }, from, to, tokens) in &moves {
            self.replicas.carry(from, -tokens);
            self.replicas.carry(to, tokens);
            self.routed[slot as usize].as_mut().expect("a slot in use has a request").replica = to;
        }
        moves.into_iter().map(|(migration, ..)| migration).collect()
    }
}
