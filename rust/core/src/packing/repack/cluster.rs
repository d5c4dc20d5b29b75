//! Nodes and the items on them, checked once.

use crate::error::{InputError, TIME_LIMIT, check_length};
use crate::packing::place::problem::{check_matrix, check_nodes};

/// Columns of a cluster, matrices row by row.
#[derive(Debug, Clone, Default)]
pub struct ClusterData {
    /// Units of each resource that each item needs, items by resources; resource 0 makes fragments.
    pub demand: Vec<i64>,
    /// Units of each resource that each node has, nodes by resources.
    pub capacity: Vec<i64>,
    /// Number of items, of nodes and of resources.
    pub shape: (usize, usize, usize),
    /// The node of each item, -1 for an item that is nowhere and does not move.
    pub current: Vec<i64>,
    /// Items that take half of their demand on each of the nodes 2 v and 2 v + 1, the halves of one machine; their node is 2 v. Empty if there
    /// are none.
    pub spread: Vec<bool>,
    /// The size of usable blocks of resource 0.
    pub block: i64,
}

/// A checked cluster, in which all items fit on their nodes.
#[derive(Debug, Clone)]
pub struct Cluster {
    pub(super) data: ClusterData,
    /// Units that each item needs on each node that it takes, items by resources.
    pub(super) need: Vec<i64>,
}

impl Cluster {
    /// Checks the columns once.
    ///
    /// # Errors
    /// Matrices or columns of another size than the shape says; no resource; negative numbers, sums beyond 2^53; nodes that do not exist, or
    /// whose items need more than there is; a block below 1; spread items with an odd demand or on an odd node, or an odd number of nodes.
    pub fn new(data: ClusterData) -> Result<Self, InputError> {
        let (n, m, d) = data.shape;
        check_matrix("demand", &data.demand, n, d)?;
        check_matrix("capacity", &data.capacity, m, d)?;
        if d == 0 {
            return Err(InputError::new("capacity", "has no resources, expected at least resource 0, whose fragments count"));
        }
        check_length("current", data.current.len(), n)?;
        check_nodes("current", &data.current, m)?;
        if !(1..=TIME_LIMIT).contains(&data.block) {
            return Err(InputError::new("block", "must be from 1 to 2**53").value(data.block));
        }
        let need = needs(&data)?;
        let cluster = Self { data, need };
        cluster.check_nodes()?;
        Ok(cluster)
    }

    /// Number of items.
    #[must_use]
    pub fn num_items(&self) -> usize {
        self.data.shape.0
    }

    /// Number of nodes.
    #[must_use]
    pub fn num_nodes(&self) -> usize {
        self.data.shape.1
    }

    /// How many nodes an item takes: the two halves of a machine, or one.
    #[inline]
    pub(super) fn width(&self, item: usize) -> usize {
        1 + usize::from(self.data.spread.get(item).is_some_and(|&spread| spread))
    }

    /// The most nodes that one item takes.
    pub(super) fn max_width(&self) -> usize {
        1 + usize::from(self.data.spread.contains(&true))
    }

    /// Units of resource 0 that an item needs on each of its nodes.
    #[inline]
    pub(super) fn units(&self, item: usize) -> i64 {
        self.need[item * self.data.shape.2]
    }

    /// Refuses items that do not fit where they are.
    fn check_nodes(&self) -> Result<(), InputError> {
        let ((n, m, d), data) = (self.data.shape, &self.data);
        let mut used = vec![0; m * d];
        for item in (0..n).filter(|&item| data.current[item] >= 0) {
            let first = data.current[item] as usize;
            for (node, r) in (first..first + self.width(item)).flat_map(|node| (0..d).map(move |r| (node, r))) {
                let at = node * d + r;
                used[at] += self.need[item * d + r];
                if used[at] > data.capacity[at] {
                    let reason = format!(
                        "the items up to here need {} units of resource {r} on node {node}, which has {}",
                        used[at], data.capacity[at]
                    );
                    return Err(InputError::new("current", reason).at([item], data.current[item]));
                }
            }
        }
        Ok(())
    }
}

/// Units that each item needs on each node that it takes.
fn needs(data: &ClusterData) -> Result<Vec<i64>, InputError> {
    let ((n, m, d), mut need) = (data.shape, data.demand.clone());
    if data.spread.is_empty() {
        return Ok(need);
    }
    check_length("spread", data.spread.len(), n)?;
    for item in (0..n).filter(|&item| data.spread[item]) {
        if m % 2 == 1 {
            let reason = format!("has {m} rows, expected an even number where items are spread over two nodes");
            return Err(InputError::new("capacity", reason));
        }
        if data.current[item] > 0 && data.current[item] % 2 == 1 {
            let reason = "must be even, the first of the two nodes of a spread item";
            return Err(InputError::new("current", reason).at([item], data.current[item]));
        }
        for r in 0..d {
            let units = &mut need[item * d + r];
            if *units % 2 == 1 {
                let reason = "must be even, half of it for each of the two nodes of a spread item";
                return Err(InputError::new("demand", reason).at([item, r], *units));
            }
            *units /= 2;
        }
    }
    Ok(need)
}
