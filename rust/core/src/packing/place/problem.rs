//! The checked problem: items with demands, nodes with capacities, and which item may go where.

use crate::error::{InputError, TIME_LIMIT, check_each, check_length};

/// Columns of a placement, matrices row by row.
#[derive(Debug, Clone, Default)]
pub struct PlacementData {
    /// Units of each resource that each item needs, items by resources.
    pub demand: Vec<i64>,
    /// Units of each resource that each node has, nodes by resources.
    pub capacity: Vec<i64>,
    /// Number of items, of nodes and of resources.
    pub shape: (usize, usize, usize),
    /// Higher is more important; None for equal priorities.
    pub priority: Option<Vec<i64>>,
    /// The node on which each item runs, -1 for none; None if nothing runs.
    pub current: Option<Vec<i64>>,
    /// Items that may go to some nodes only, with those nodes.
    pub allowed: Vec<(i64, Vec<i64>)>,
    /// Groups of items no two of which may share a node.
    pub apart: Vec<Vec<i64>>,
}

/// A checked placement problem.
#[derive(Debug, Clone)]
pub struct Placement {
    pub(super) demand: Vec<i64>,
    pub(super) capacity: Vec<i64>,
    /// The share of a node's capacity that one unit is.
    pub(super) share: Vec<f64>,
    pub(super) num_items: usize,
    pub(super) num_nodes: usize,
    pub(super) num_resources: usize,
    /// The distinct priorities, from the highest, and the position of each item's priority among them.
    pub(super) tiers: Vec<i64>,
    pub(super) tier: Vec<u32>,
    /// The node of each item, or [`NOWHERE`].
    pub(super) current: Vec<u32>,
    /// The nodes that an item may take, ascending; None for all.
    pub(super) allowed: Vec<Option<Vec<u32>>>,
    /// The groups of each item.
    pub(super) groups: Vec<Vec<u32>>,
    pub(super) num_groups: usize,
}

/// No node.
pub(super) const NOWHERE: u32 = u32::MAX;

impl Placement {
    /// Checks the columns once.
    ///
    /// # Errors
    /// A matrix or column of another size than the shape says; a negative demand or capacity; a column of demands or capacities whose
    /// sum exceeds 2^53; nodes or items that do not exist; an item that stands more than once in a group.
    pub fn new(data: PlacementData) -> Result<Self, InputError> {
        let (n, m, d) = data.shape;
        check_matrix("demand", &data.demand, n, d)?;
        check_matrix("capacity", &data.capacity, m, d)?;
        let priority = data.priority.unwrap_or_else(|| vec![0; n]);
        check_length("priority", priority.len(), n)?;
        let current = data.current.unwrap_or_else(|| vec![-1; n]);
        check_length("current", current.len(), n)?;
        check_nodes("current", &current, m)?;
        let mut tiers = priority.clone();
        tiers.sort_unstable_by(|a, b| b.cmp(a));
        tiers.dedup();
        let tier = priority.iter().map(|p| tiers.partition_point(|other| other > p) as u32).collect();
        let mut allowed = vec![None; n];
        for (item, nodes) in data.allowed {
            let entry = usize::try_from(item).ok().and_then(|item| allowed.get_mut(item));
            let entry = entry.ok_or_else(|| InputError::new("allowed", format!("there is no item {item}")))?;
            if let Some(k) = nodes.iter().position(|node| !(0..m as i64).contains(node)) {
                return Err(InputError::new("allowed", "there is no such node").at([item as usize, k], nodes[k]));
            }
            let mut nodes: Vec<u32> = nodes.iter().map(|&node| node as u32).collect();
            nodes.sort_unstable();
            nodes.dedup();
            *entry = Some(nodes);
        }
        let mut groups = vec![Vec::new(); n];
        for (g, members) in data.apart.iter().enumerate() {
            for (k, &item) in members.iter().enumerate() {
                let of_item = usize::try_from(item).ok().and_then(|item| groups.get_mut(item));
                let of_item = of_item.ok_or_else(|| InputError::new("apart", "there is no such item").at([g, k], item))?;
                if of_item.last() == Some(&(g as u32)) {
                    return Err(InputError::new("apart", "is given more than once in its group").at([g, k], item));
                }
                of_item.push(g as u32);
            }
        }
        Ok(Self {
            demand: data.demand,
            share: data.capacity.iter().map(|&units| 1.0 / units.max(1) as f64).collect(),
            capacity: data.capacity,
            num_items: n,
            num_nodes: m,
            num_resources: d,
            tiers,
            tier,
            current: current.iter().map(|&node| u32::try_from(node).unwrap_or(NOWHERE)).collect(),
            allowed,
            groups,
            num_groups: data.apart.len(),
        })
    }

    /// The demands of an item.
    #[inline]
    pub(super) fn demand_of(&self, item: usize) -> &[i64] {
        &self.demand[item * self.num_resources..(item + 1) * self.num_resources]
    }

    /// The capacities of a node.
    #[inline]
    pub(super) fn capacity_of(&self, node: usize) -> &[i64] {
        &self.capacity[node * self.num_resources..(node + 1) * self.num_resources]
    }

    /// The nodes that an item may take, if they were empty.
    pub(super) fn nodes_of(&self, item: usize) -> Box<dyn Iterator<Item = usize> + '_> {
        match &self.allowed[item] {
            Some(nodes) => Box::new(nodes.iter().map(|&node| node as usize)),
            None => Box::new(0..self.num_nodes),
        }
    }

    /// Whether an item may take a node, whatever is there.
    pub(super) fn is_allowed(&self, item: usize, node: usize) -> bool {
        self.allowed[item].as_ref().is_none_or(|nodes| nodes.binary_search(&(node as u32)).is_ok())
    }

    /// The largest share of the cluster's capacity that each item needs of a resource.
    pub(super) fn dominant_shares(&self) -> Vec<f64> {
        let total = self.total_capacity();
        let share = |(&need, &total): (&i64, &i64)| if need == 0 { 0.0 } else { need as f64 / total.max(1) as f64 };
        let dominant = |item: usize| self.demand_of(item).iter().zip(&total).map(share).fold(0.0, f64::max);
        (0..self.num_items).map(dominant).collect()
    }

    /// The capacity of all nodes together, by resource.
    pub(super) fn total_capacity(&self) -> Vec<i64> {
        let column = |r: usize| self.capacity.iter().skip(r).step_by(self.num_resources).sum();
        (0..self.num_resources).map(column).collect()
    }

    /// The distinct priorities, from the highest.
    #[must_use]
    pub fn tiers(&self) -> &[i64] {
        &self.tiers
    }
}

/// Refuses nodes that do not exist.
pub(in crate::packing) fn check_nodes(field: &'static str, node: &[i64], count: usize) -> Result<(), InputError> {
    check_each(field, node, "there is no such node (-1 stands for none)", |node| (-1..count as i64).contains(&node))
}

/// Refuses matrices of the wrong size, negative numbers, and columns whose sum exceeds 2^53.
pub(crate) fn check_matrix(field: &'static str, rows: &[i64], count: usize, columns: usize) -> Result<(), InputError> {
    check_length(field, rows.len(), count.saturating_mul(columns))?;
    let mut sums = vec![0_i64; columns];
    let mut negative = rows.iter().enumerate().filter(|(_, value)| **value < 0);
    if let Some((k, &value)) = negative.next() {
        let place = [k / columns, k % columns];
        return Err(InputError::new(field, "must be >= 0").at(place, value).more(negative.count()));
    }
    for (k, &value) in rows.iter().enumerate() {
        let sum = &mut sums[k % columns];
        *sum = sum.saturating_add(value);
        if *sum > TIME_LIMIT {
            let reason = "the sum of the column up to here exceeds 2**53";
            return Err(InputError::new(field, reason).at([k / columns, k % columns], value));
        }
    }
    Ok(())
}
