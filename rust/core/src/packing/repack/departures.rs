//! Which items may leave each node, and what is free there then: the tables of the bound by prices.

use super::state::State;

/// Entries of the table of arrivals times the classes of items, at most.
const ENTRIES: usize = 1 << 18;
/// Combinations of items that leave a node, of all nodes together, at most.
const COMBINATIONS: usize = 1 << 20;

/// Items that need equally much on each node that they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    /// Units of resource 0.
    pub units: usize,
    /// Units of the other resource, rounded down.
    pub weight: usize,
    /// Units of the other resource in full.
    need: i64,
}

/// Some items that leave a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departure {
    /// Free units afterwards: a row of the table of arrivals.
    pub units: u32,
    /// Free units of the other resource afterwards: a column of that table.
    pub weight: u32,
    /// The combination without the last item, counted from the first one of the node.
    pub parent: u32,
    /// Class of the last item.
    pub class: u32,
    /// How many nodes the last item takes.
    pub width: u32,
}

/// All combinations of items that may leave each node.
pub(super) struct Departures {
    pub classes: Vec<Class>,
    /// Units of a block.
    pub block: usize,
    /// The combinations of all nodes, those of a node together, the first of each without any item.
    pub all: Vec<Departure>,
    /// Where the combinations of each node begin, and the number of all.
    pub begin: Vec<usize>,
    /// The most free units of resource 0, and of the other one, after any departure.
    pub most: (usize, usize),
}

impl Departures {
    /// The tables of a cluster, in the greatest common divisor of all units; None if they would be too large. Of the resources beyond the
    /// first one that counts which has the least part free, in coarser units where its table would be too large.
    pub(super) fn new(state: &State<'_>) -> Option<Self> {
        let (cluster, (n, m)) = (state.cluster, state.shape());
        let d = cluster.data.shape.2;
        let other = scarce(state);
        let need = |item: usize| if other > 0 { cluster.need[item * d + other] } else { 0 };
        let counts = |item: usize| cluster.units(item) > 0 || need(item) > 0;
        let movable: Vec<usize> = (0..n).filter(|&item| state.node[item] >= 0 && counts(item)).collect();
        let unit = movable.iter().fold(cluster.data.block, |unit, &item| gcd(unit, cluster.units(item)));
        let held = |node: usize, r: usize| (state.free[node * d + r], cluster.data.capacity[node * d + r]);
        let most = usize::try_from((0..m).map(|node| held(node, 0).1 / unit).max()?).ok()?;
        let mut classes: Vec<Class> = movable
            .iter()
            .map(|&item| Class { units: (cluster.units(item) / unit) as usize, weight: 0, need: need(item) })
            .collect();
        classes.sort_unstable();
        classes.dedup();
        let columns = ENTRIES / most.saturating_add(1).checked_mul(classes.len() + 2)?;
        if columns == 0 {
            return None;
        }
        let heaviest = if other > 0 { (0..m).map(|node| held(node, other).1).max()? } else { 0 };
        let coarse = movable.iter().fold(0, |part, &item| gcd(part, need(item))).max(1);
        let coarse = if heaviest / coarse < columns as i64 { coarse } else { heaviest / columns as i64 + 1 };
        let mut groups = vec![Vec::new(); m];
        for &item in &movable {
            let class = Class { units: (cluster.units(item) / unit) as usize, weight: 0, need: need(item) };
            for node in state.taken(item, state.node[item] as usize) {
                groups[node].push((classes.partition_point(|other| *other < class), cluster.width(item)));
            }
        }
        for class in &mut classes {
            class.weight = (class.need / coarse) as usize;
        }
        let mut tables = Self {
            classes,
            block: (cluster.data.block / unit) as usize,
            all: Vec::new(),
            begin: vec![0],
            most: (most, columns - 1),
        };
        for (node, items) in groups.iter_mut().enumerate() {
            let free = [0, other].map(|r| held(node, r).0);
            items.sort_unstable();
            let weight = if other > 0 { free[1] / coarse } else { 0 };
            tables.add_node((free[0] / unit) as u32, weight as u32, coarse, items)?;
        }
        tables.most = (0, 0);
        for departure in &tables.all {
            tables.most.0 = tables.most.0.max(departure.units as usize);
            tables.most.1 = tables.most.1.max(departure.weight as usize);
        }
        Some(tables)
    }

    /// Adds all combinations of the items of a node; None if there are too many.
    fn add_node(&mut self, units: u32, weight: u32, coarse: i64, items: &[(usize, usize)]) -> Option<()> {
        let begin = self.all.len();
        self.all.push(Departure { units, weight, parent: 0, class: 0, width: 1 });
        for group in items.chunk_by(|a, b| a == b) {
            let (class, width) = (self.classes[group[0].0], group[0].1 as u32);
            let heavy = (class.need / coarse + i64::from(class.need % coarse > 0)) as u32;
            let added = (self.all.len() - begin).saturating_mul(group.len());
            if self.all.len().saturating_add(added) > COMBINATIONS {
                return None;
            }
            for first in begin..self.all.len() {
                let mut last = first;
                for _ in group {
                    let Departure { units, weight, .. } = self.all[last];
                    let next = Departure {
                        units: units + class.units as u32,
                        weight: (weight + heavy).min(self.most.1 as u32),
                        parent: (last - begin) as u32,
                        class: group[0].0 as u32,
                        width,
                    };
                    last = self.all.len();
                    self.all.push(next);
                }
            }
        }
        self.begin.push(self.all.len());
        Some(())
    }
}

/// The resource beyond the first one with the least part free over all nodes; 0 if there is no other.
fn scarce(state: &State<'_>) -> usize {
    let d = state.cluster.data.shape.2;
    let sum = |units: &[i64], r: usize| units.iter().skip(r).step_by(d).sum::<i64>();
    let part = |r: usize| sum(&state.free, r) as f64 / sum(&state.cluster.data.capacity, r).max(1) as f64;
    (1..d).min_by(|&a, &b| part(a).total_cmp(&part(b))).unwrap_or(0)
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
