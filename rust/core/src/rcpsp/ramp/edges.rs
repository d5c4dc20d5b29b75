//! Precedence that never says a thing twice: each edge, when it joins, leaves every edge necessary.

use crate::control::Pulse;
use crate::random::Random;

/// An acyclic graph that is its own transitive reduction, with its closure as rows of bits.
pub(super) struct Reduction {
    words: usize,
    /// Row `i`: node `i` and all its ancestors.
    above: Vec<u64>,
    /// Row `i`: node `i` and all its descendants.
    below: Vec<u64>,
    /// Row `i`: the direct successors of node `i`.
    direct: Vec<u64>,
}

impl Reduction {
    pub(super) fn new(n: usize) -> Self {
        let words = n.div_ceil(64);
        let mut own = vec![0; n * words];
        for i in 0..n {
            own[i * words + i / 64] |= 1 << (i % 64);
        }
        Self { words, above: own.clone(), below: own, direct: vec![0; n * words] }
    }

    /// Whether there is a path from `i` to `j`; every node reaches itself.
    pub(super) fn reaches(&self, i: usize, j: usize) -> bool {
        self.row(&self.below, i)[j / 64] >> (j % 64) & 1 != 0
    }

    /// Whether the edge from `i` to `j` says something new and leaves every edge necessary: there is no path yet, and no edge from
    /// an ancestor of `i` to a descendant of `j`, which would become a shortcut. O(n^2 / 64).
    pub(super) fn admits(&self, i: usize, j: usize) -> bool {
        let below = self.row(&self.below, j);
        !self.reaches(i, j)
            && !self.reaches(j, i)
            && members(self.row(&self.above, i))
                .all(|a| self.row(&self.direct, a).iter().zip(below).all(|(direct, below)| direct & below == 0))
    }

    /// Adds an edge that is admitted. O(n^2 / 64).
    pub(super) fn insert(&mut self, i: usize, j: usize) {
        let (above, below) = (self.row(&self.above, i).to_vec(), self.row(&self.below, j).to_vec());
        for a in members(&above) {
            merge(&mut self.below[a * self.words..][..self.words], &below);
        }
        for b in members(&below) {
            merge(&mut self.above[b * self.words..][..self.words], &above);
        }
        self.direct[i * self.words + j / 64] |= 1 << (j % 64);
    }

    fn row<'a>(&self, bits: &'a [u64], i: usize) -> &'a [u64] {
        &bits[i * self.words..(i + 1) * self.words]
    }
}

fn merge(row: &mut [u64], other: &[u64]) {
    for (word, other) in row.iter_mut().zip(other) {
        *word |= other;
    }
}

fn members(row: &[u64]) -> impl Iterator<Item = usize> + '_ {
    row.iter().enumerate().flat_map(|(k, &word)| {
        std::iter::successors((word != 0).then_some(word), |w| Some(w & (w - 1)).filter(|&w| w != 0))
            .map(move |w| k * 64 + w.trailing_zeros() as usize)
    })
}

/// Up to `count` edges from earlier to later layers, in an order in which each is necessary when it joins and stays so.
///
/// What is not admitted once never is, because paths only grow: one walk through all pairs in random order is a fair draw.
pub(super) fn draw(layer: &[usize], count: usize, random: &mut Random, pulse: &mut Pulse) -> Vec<(u32, u32)> {
    let n = layer.len();
    let mut pairs: Vec<(u32, u32)> =
        (0..n).flat_map(|i| (0..n).filter(move |&j| layer[i] < layer[j]).map(move |j| (i as u32, j as u32))).collect();
    random.shuffle(&mut pairs);
    let mut graph = Reduction::new(n);
    let mut edges = Vec::new();
    for (i, j) in pairs {
        if edges.len() == count || pulse.worked(n as u64) {
            break;
        }
        if graph.admits(i as usize, j as usize) {
            graph.insert(i as usize, j as usize);
            edges.push((i, j));
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `to` can be reached from `from` by these edges, by walking.
    fn walk(edges: &[(u32, u32)], from: u32, to: u32) -> bool {
        from == to || edges.iter().any(|&(i, j)| i == from && walk(edges, j, to))
    }

    #[test]
    fn every_edge_stays_necessary_and_every_draw_is_maximal() {
        for seed in 0..60 {
            let mut random = Random::new(seed);
            let layer: Vec<usize> = (0..9).map(|_| random.below(4) as usize).collect();
            let edges = draw(&layer, usize::MAX, &mut random, &mut Pulse::default());
            for (k, &(i, j)) in edges.iter().enumerate() {
                assert!(layer[i as usize] < layer[j as usize]);
                let others: Vec<_> = edges.iter().copied().filter(|&edge| edge != (i, j)).collect();
                assert!(!walk(&others, i, j), "seed {seed}: edge {k} of {edges:?} is redundant");
            }
            for i in 0..9 {
                for j in (0..9).filter(|&j| layer[i as usize] < layer[j as usize] && !walk(&edges, i, j)) {
                    let more: Vec<_> = edges.iter().copied().chain([(i, j)]).collect();
                    let spoilt = |&(a, b): &(u32, u32)| {
                        walk(&more.iter().copied().filter(|&edge| edge != (a, b)).collect::<Vec<_>>(), a, b)
                    };
                    assert!(edges.iter().any(spoilt), "seed {seed}: {:?} would fit", (i, j));
                }
            }
        }
    }

    #[test]
    fn closure_rows_wider_than_a_word() {
        let mut graph = Reduction::new(200);
        for i in 0..199 {
            assert!(graph.admits(i, i + 1));
            graph.insert(i, i + 1);
        }
        assert!(graph.reaches(0, 199) && !graph.reaches(199, 0) && !graph.admits(3, 150) && !graph.admits(150, 3));
    }
}
