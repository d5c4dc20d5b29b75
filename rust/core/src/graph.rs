//! Acyclic graphs in compressed rows, in both directions, with a topological order; cycles are refused and shown.

mod cycle;
mod rows;

use crate::control::Pulse;
use crate::error::{CycleError, Error, InputError};

pub use rows::Rows;
/// A directed acyclic graph over `0..n`.
///
/// ```
/// use schedkit_core::graph::Dag;
/// let dag = Dag::new(3, &[(2, 0), (0, 1)], "edges").unwrap();
/// assert_eq!(dag.topological_order(), [2, 0, 1]);
/// assert_eq!(dag.predecessors().of(1), [0]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dag {
    successors: Rows,
    predecessors: Rows,
    order: Vec<u32>,
}

impl Dag {
    /// Builds the graph; neighbours stand in the order of `edges`. O(n + m), duplicate test included.
    ///
    /// # Errors
    /// An unknown node, a duplicate edge (`InputError` on `field`, index `[edge, side]` or `[edge]`), a cycle
    /// (`CycleError` with a shortest one), or more nodes or edges than 2^31.
    pub fn new(n: usize, edges: &[(u32, u32)], field: &'static str) -> Result<Self, Error> {
        Self::new_interruptible(n, edges, field, &mut Pulse::default())
    }

    /// [`new`](Self::new) that stops when `pulse` does, with a graph of these nodes without edges.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn new_interruptible(n: usize, edges: &[(u32, u32)], field: &'static str, pulse: &mut Pulse) -> Result<Self, Error> {
        Self::new_labelled(n, edges, &[], field, pulse)
    }

    /// [`new_interruptible`](Self::new_interruptible) with a label for each edge: edges between the same two nodes are duplicates if
    /// their labels, small numbers, are equal. Without labels all edges are alike.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn new_labelled(
        n: usize,
        edges: &[(u32, u32)],
        label: &[u8],
        field: &'static str,
        pulse: &mut Pulse,
    ) -> Result<Self, Error> {
        if n > MOST || edges.len() > MOST {
            return Err(InputError::new(field, "more than 2**31 nodes or edges").into());
        }
        check_nodes(n, edges, field)?;
        let successors = Rows::group(n, edges.iter().copied(), pulse);
        check_duplicates(n, edges, label, &successors, field, pulse)?;
        let predecessors = Rows::group(n, edges.iter().map(|&(from, to)| (to, from)), pulse);
        if pulse.stopped() {
            return Ok(Self::without_edges(n)); // the two directions need not agree
        }
        let order = topological_order(n, &successors, &predecessors, pulse);
        if pulse.stopped() {
            return Ok(Self::without_edges(n));
        }
        match order {
            Ok(order) => Ok(Self { successors, predecessors, order }),
            Err(on_cycles) => Err(CycleError {
                field: field.into(),
                cycle: cycle::shortest(&successors, &predecessors, on_cycles),
                labels: None,
                lags: None,
                line: None,
            }
            .into()),
        }
    }

    fn without_edges(n: usize) -> Self {
        Self { successors: Rows::none(n), predecessors: Rows::none(n), order: (0..n as u32).collect() }
    }

    /// Number of nodes.
    #[must_use]
    pub fn num_nodes(&self) -> usize {
        self.order.len()
    }

    /// Number of edges.
    #[must_use]
    pub fn num_edges(&self) -> usize {
        self.successors.columns().1.len()
    }

    /// Outgoing neighbours.
    #[must_use]
    pub fn successors(&self) -> &Rows {
        &self.successors
    }

    /// Incoming neighbours.
    #[must_use]
    pub fn predecessors(&self) -> &Rows {
        &self.predecessors
    }

    /// Every node after its predecessors: entries by index, then first in, first out.
    #[must_use]
    pub fn topological_order(&self) -> &[u32] {
        &self.order
    }

    /// The edges `(from, to)` grouped by `from`.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.num_nodes()).flat_map(|i| self.successors.of(i).iter().map(move |&j| (i as u32, j)))
    }

    /// For every node the number of nodes that can be reached from it. O(n m / 512) time, O(n) memory. Counts that `pulse` stops are
    /// not to be used.
    #[must_use]
    pub fn count_descendants(&self, pulse: &mut Pulse) -> Vec<u64> {
        const WORDS: usize = 8; // targets are swept in blocks of 512, so the closure is never stored
        let n = self.num_nodes();
        let mut count = vec![0_u64; n];
        let mut reach = vec![[0_u64; WORDS]; n];
        // In topological positions a block's members reach only earlier positions.
        for block in (0..n).step_by(64 * WORDS) {
            let end = (block + 64 * WORDS).min(n);
            for (position, &i) in self.order[..end].iter().enumerate().rev() {
                if pulse.worked(1 + self.successors.degree(i as usize) as u64) {
                    return count;
                }
                let mut set = [0; WORDS];
                for &j in self.successors.of(i as usize) {
                    for (word, &other) in set.iter_mut().zip(&reach[j as usize]) {
                        *word |= other;
                    }
                }
                count[i as usize] += set.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
                if position >= block {
                    set[(position - block) / 64] |= 1 << ((position - block) % 64);
                }
                reach[i as usize] = set;
            }
        }
        count
    }
}

const MOST: usize = 1 << 31;

/// Edges from flat pairs of integers, `[from, to, from, to, ...]`.
///
/// # Errors
/// A number that is not a node; index `[edge, side]`.
pub fn edges_from_integers(n: usize, flat: &[i64], field: &'static str) -> Result<Vec<(u32, u32)>, InputError> {
    let known = |v: i64| v >= 0 && (v as u64) < n.min(MOST) as u64;
    let mut bad = flat.iter().enumerate().filter(|&(_, &v)| !known(v));
    if let Some((k, &v)) = bad.next() {
        let reason = format!("unknown index, expected 0 <= index < {n}");
        return Err(InputError::new(field, reason).at([k / 2, k % 2], v).more(bad.count()));
    }
    Ok(flat.chunks_exact(2).map(|pair| (pair[0] as u32, pair[1] as u32)).collect())
}

fn check_nodes(n: usize, edges: &[(u32, u32)], field: &'static str) -> Result<(), InputError> {
    let unknown = |&(from, to): &(u32, u32)| from as usize >= n || to as usize >= n;
    let Some(k) = edges.iter().position(unknown) else { return Ok(()) };
    let (from, to) = edges[k];
    let (side, node) = if from as usize >= n { (0, from) } else { (1, to) };
    let more = edges[k + 1..].iter().filter(|edge| unknown(edge)).count();
    Err(InputError::new(field, format!("unknown index, expected 0 <= index < {n}")).at([k, side], i64::from(node)).more(more))
}

fn check_duplicates(
    n: usize,
    edges: &[(u32, u32)],
    label: &[u8],
    successors: &Rows,
    field: &'static str,
    pulse: &mut Pulse,
) -> Result<(), InputError> {
    let width = 1 + label.iter().copied().max().unwrap_or(0) as usize;
    let kind = |j: u32, k: u32| j as usize * width + label.get(k as usize).map_or(0, |&label| label as usize);
    let mut seen_from = vec![u32::MAX; n * width];
    let mut first: Option<(usize, usize)> = None;
    let mut first_edge = vec![0_u32; n * width];
    let mut more = 0;
    for i in 0..n {
        if pulse.worked(1 + successors.degree(i) as u64) {
            return Ok(());
        }
        for (&j, &k) in successors.of(i).iter().zip(successors.edges_of(i)) {
            let kind = kind(j, k);
            if seen_from[kind] == i as u32 {
                let candidate = (k as usize, first_edge[kind] as usize);
                more += usize::from(first.is_some());
                first = Some(first.map_or(candidate, |best| best.min(candidate)));
            } else {
                seen_from[kind] = i as u32;
                first_edge[kind] = k;
            }
        }
    }
    let Some((k, earlier)) = first else { return Ok(()) };
    let (from, to) = edges[k];
    Err(InputError::new(field, format!("duplicate of edge {earlier}")).at([k], format!("({from}, {to})")).more(more))
}

/// Kahn's algorithm; on failure the nodes that lie on a cycle or behind one.
fn topological_order(n: usize, successors: &Rows, predecessors: &Rows, pulse: &mut Pulse) -> Result<Vec<u32>, Vec<bool>> {
    let mut waiting: Vec<u32> = (0..n).map(|i| predecessors.degree(i) as u32).collect();
    let mut order: Vec<u32> = (0..n as u32).filter(|&i| waiting[i as usize] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        if pulse.worked(1 + successors.degree(order[next] as usize) as u64) {
            break;
        }
        for &j in successors.of(order[next] as usize) {
            waiting[j as usize] -= 1;
            if waiting[j as usize] == 0 {
                order.push(j);
            }
        }
        next += 1;
    }
    if order.len() == n { Ok(order) } else { Err(waiting.iter().map(|&w| w > 0).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cycle_of(n: usize, edges: &[(u32, u32)]) -> Vec<usize> {
        match Dag::new(n, edges, "edges") {
            Err(Error::Cycle(e)) => e.cycle,
            other => panic!("expected a cycle, got {other:?}"),
        }
    }

    #[test]
    fn unknown_and_duplicate_edges_are_named() {
        let e = Dag::new(2, &[(0, 1), (5, 0), (0, 7)], "edges").unwrap_err();
        assert_eq!(e.to_string(), "edges[1, 0] = 5: unknown index, expected 0 <= index < 2; 1 more");
        let e = Dag::new(3, &[(1, 2), (0, 1), (1, 2)], "edges").unwrap_err();
        assert_eq!(e.to_string(), "edges[2] = (1, 2): duplicate of edge 0");
    }

    #[test]
    fn the_shortest_cycle_is_shown() {
        assert_eq!(cycle_of(2, &[(0, 1), (1, 1)]), [1]);
        assert_eq!(cycle_of(6, &[(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 4), (2, 4)]), [4, 5]);
    }

    #[test]
    fn a_huge_cycle_is_found_in_linear_time() {
        let n = 1_000_000_u32;
        let edges: Vec<(u32, u32)> = (0..n).map(|i| (i, (i + 1) % n)).collect();
        assert_eq!(cycle_of(n as usize, &edges).len(), n as usize);
    }

    /// Shortest cycle length by repeated boolean matrix products.
    fn girth(n: usize, edges: &[(u32, u32)]) -> Option<usize> {
        let mut walk = vec![vec![false; n]; n];
        for &(i, j) in edges {
            walk[i as usize][j as usize] = true;
        }
        for length in 1..=n {
            if (0..n).any(|i| walk[i][i]) {
                return Some(length);
            }
            let mut longer = vec![vec![false; n]; n];
            for (i, row) in walk.iter().enumerate() {
                for &(a, b) in edges {
                    longer[i][b as usize] |= row[a as usize];
                }
            }
            walk = longer;
        }
        None
    }

    proptest! {
        #[test]
        fn orders_cycles_and_descendants_agree_with_definitions(n in 1_usize..12, raw in prop::collection::btree_set((0_u32..12, 0_u32..12), 0..30)) {
            let edges: Vec<(u32, u32)> = raw.into_iter().filter(|&(i, j)| (i as usize) < n && (j as usize) < n).collect();
            match Dag::new(n, &edges, "edges") {
                Ok(dag) => {
                    prop_assert_eq!(girth(n, &edges), None);
                    let mut position = vec![0; n];
                    for (k, &i) in dag.topological_order().iter().enumerate() {
                        position[i as usize] = k;
                    }
                    prop_assert!(edges.iter().all(|&(i, j)| position[i as usize] < position[j as usize]));
                    let mut reach = vec![vec![false; n]; n];
                    for &i in dag.topological_order().iter().rev() {
                        for &j in dag.successors().of(i as usize) {
                            reach[i as usize][j as usize] = true;
                            let below = reach[j as usize].clone();
                            reach[i as usize].iter_mut().zip(below).for_each(|(mine, theirs)| *mine |= theirs);
                        }
                    }
                    let expected: Vec<u64> = reach.iter().map(|row| row.iter().filter(|&&r| r).count() as u64).collect();
                    prop_assert_eq!(dag.count_descendants(&mut Pulse::default()), expected);
                }
                Err(Error::Cycle(e)) => {
                    prop_assert_eq!(Some(e.cycle.len()), girth(n, &edges));
                    for (k, &i) in e.cycle.iter().enumerate() {
                        let j = e.cycle[(k + 1) % e.cycle.len()];
                        prop_assert!(edges.contains(&(i as u32, j as u32)));
                    }
                }
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }

    #[test]
    fn descendants_are_counted_across_blocks() {
        let n = 1500_u32;
        let edges: Vec<(u32, u32)> = (0..n - 1).map(|i| (i, i + 1)).collect();
        let counts = Dag::new(n as usize, &edges, "edges").unwrap().count_descendants(&mut Pulse::default());
        assert!(counts.iter().enumerate().all(|(i, &c)| c == u64::from(n) - 1 - i as u64));
    }
}
