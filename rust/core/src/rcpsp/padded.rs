//! Neighbour lists without branches: three places inside each row, padded with a node that does not exist.

use crate::graph::Rows;

/// Neighbours that stand inside a row; PSPLIB has at most three.
const INLINE: usize = 3;

/// For each node its neighbours, padded with the index `n`, whose entry in the caller's array must be harmless.
///
/// A loop over a handful of neighbours costs more in mispredicted ends than in work; most rows here have a fixed length.
#[derive(Debug, Clone)]
pub struct Padded {
    rows: Vec<Row>,
    more: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    inline: [u32; INLINE],
    more: (u32, u32),
}

impl Padded {
    /// Lays out the rows of `n` nodes.
    pub fn new(neighbours: &Rows, n: usize) -> Self {
        let mut more = Vec::new();
        let rows = (0..n)
            .map(|i| {
                let (inside, rest) = neighbours.of(i).split_at(neighbours.degree(i).min(INLINE));
                let mut inline = [n as u32; INLINE];
                inline[..inside.len()].copy_from_slice(inside);
                let first = more.len() as u32;
                more.extend_from_slice(rest);
                Row { inline, more: (first, more.len() as u32) }
            })
            .collect();
        Self { rows, more }
    }

    /// The neighbours of node `i`, to look one up.
    #[inline(always)]
    pub fn of(&self, i: u32) -> Neighbours<'_> {
        let Row { inline, more } = self.rows[i as usize];
        Neighbours { inline, more: &self.more[more.0 as usize..more.1 as usize] }
    }

    /// Calls `visit` with every neighbour of node `i`, and with the padding.
    #[inline(always)]
    pub fn each(&self, i: u32, mut visit: impl FnMut(u32)) {
        let row = &self.rows[i as usize];
        row.inline.iter().for_each(|&j| visit(j));
        if row.more.1 > row.more.0 {
            self.more[row.more.0 as usize..row.more.1 as usize].iter().for_each(|&j| visit(j));
        }
    }
}

/// The neighbours of one node.
#[derive(Debug, Clone, Copy)]
pub struct Neighbours<'a> {
    inline: [u32; INLINE],
    more: &'a [u32],
}

impl Neighbours<'_> {
    /// Whether node `j` is among them.
    #[inline(always)]
    pub fn contains(&self, j: u32) -> bool {
        self.inline.contains(&j) || (!self.more.is_empty() && is_among(self.more, j))
    }
}

/// Kept apart from loops that need their registers themselves.
#[cold]
#[inline(never)]
fn is_among(more: &[u32], j: u32) -> bool {
    more.contains(&j)
}
