//! Which beginnings of prompts are used more than two replicas can serve.

use std::collections::HashMap;

use super::hashing::join;

/// Tokens of the requests that have not ended, by the beginning of their prompts.
#[derive(Debug, Clone, Default)]
pub(super) struct HotPrefixes(HashMap<u64, i64>);

impl HotPrefixes {
    /// The hashes of the beginnings of a prefix, shorter first: as many as there are until one is not hot. A beginning is hot
    /// if requests that have not ended bring more than `most` tokens to it.
    pub fn beginnings(&self, prefix: &[u64], most: f64) -> Vec<u64> {
        let (mut hash, mut hashes) = (0, Vec::new());
        for &block in prefix {
            hash = join(hash, block);
            hashes.push(hash);
            if self.0.get(&hash).is_none_or(|&tokens| tokens as f64 <= most) {
                break;
            }
        }
        hashes
    }

    /// A request brings tokens to these beginnings, or takes them away.
    pub fn carry(&mut self, beginnings: &[u64], tokens: i64) {
        for &hash in beginnings {
            let sum = self.0.entry(hash).or_default();
            *sum += tokens;
            if *sum == 0 {
                self.0.remove(&hash);
            }
        }
    }
}
