//! Intervals whose lengths and demands depend on a choice, and stocks that all choices together must keep to.
//!
//! The choice of an interval is a variable of its own, which counts its options from the shortest to the longest. Bounds of that variable
//! are literals as those of starts are, so clauses speak of both. Links between starts and ends, which depend on lengths, are kept here
//! as well. Time tabling knows what must run in every option that is left.
//!
//! The first option of an optional interval is not to run. Links bind where both intervals run. Of an interval that may still run or not,
//! links move the earliest start alone, which then is that of the case that it runs: one that does not run may start at the end of time.

mod capacity;
mod explain;
mod links;
mod stocks;

use capacity::Users;

use super::trail::{Conflict, Literal, Trail};

/// `event of to >= event of from + lag`, each event the start of the interval or its end.
#[derive(Debug, Clone, Copy)]
pub struct EventLink {
    pub from: u32,
    pub to: u32,
    pub lag: i32,
    pub from_end: bool,
    pub to_end: bool,
}

/// Which rule drew a conclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The link of this number.
    Link(u32),
    /// The stock of this number.
    Stock(u32),
    /// What must run leaves too little of this resource.
    Capacity(u32),
}

/// The options of all intervals, and what binds them.
#[derive(Debug)]
pub struct Choices {
    /// The variable of each interval's choice, for those with several options.
    pub variable: Vec<Option<u32>>,
    /// Whether the first option of an interval is not to run.
    pub is_optional: Vec<bool>,
    /// The options of interval `i` are those from `first[i]` up to `first[i + 1]`, by length.
    pub first: Vec<u32>,
    /// Length of each option.
    pub length: Vec<i32>,
    /// Demand of each option, row by row.
    pub demand: Vec<i64>,
    pub capacity: Vec<i64>,
    /// What each option uses up, row by row, and what there is of it.
    pub consumption: Vec<i64>,
    pub stock: Vec<i64>,
    /// Links, those to an interval before those from it where that is possible.
    pub links: Vec<EventLink>,
    /// The variables of intervals, and of further starts that links speak of; the node of each variable.
    node: Vec<u32>,
    owner: Vec<u32>,
    links_of: Vec<Vec<u32>>,
    /// The bounds at the last call; the nodes that have changed since then and whose links are still to be looked at; and whether a
    /// change concerns a stock.
    seen: Vec<Bounds>,
    waiting: Vec<u32>,
    waits: Vec<bool>,
    stocks_wait: bool,
    /// What each interval uses up at least of each stock, row by row, and the sums; the most by which options of one interval differ.
    least: Vec<i64>,
    total: Vec<i64>,
    spread: Vec<i64>,
    /// By stock, the intervals that use up any of it; by interval, the stocks of which it uses up any.
    consumers: Vec<Vec<u32>>,
    stocks_of: Vec<Vec<u32>>,
    users: Users,
}

/// The bounds of an interval's start, and its least and largest option that are not excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    earliest: i32,
    latest: i32,
    low: u32,
    high: u32,
}

/// Stands for bounds that were never seen: it differs from all that can occur.
const UNSEEN: Bounds = Bounds { earliest: i32::MAX, latest: i32::MIN, low: 1, high: 0 };

/// Whether an interval runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Runs,
    Open,
    Absent,
}

/// The least and the largest option that is left.
type Range = (usize, usize);

impl Choices {
    /// Options by interval; `slots` ends all of them.
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        (variable, is_optional): (Vec<Option<u32>>, Vec<bool>),
        first: Vec<u32>,
        (length, demand, capacity): (Vec<i32>, Vec<i64>, Vec<i64>),
        (consumption, stock): (Vec<i64>, Vec<i64>),
        links: Vec<EventLink>,
        slots: i32,
    ) -> Self {
        let n = first.len() - 1;
        let mut node: Vec<u32> = (0..n as u32).collect();
        node.extend(links.iter().flat_map(|link| [link.from, link.to]).filter(|&v| v as usize >= n));
        node[n..].sort_unstable();
        node.dedup();
        let variables = node.iter().chain(variable.iter().flatten()).max().map_or(0, |&v| v as usize + 1);
        let mut owner = vec![0; variables];
        node.iter().enumerate().for_each(|(k, &v)| owner[v as usize] = k as u32);
        for (i, v) in variable.iter().enumerate() {
            if let &Some(v) = v {
                owner[v as usize] = i as u32;
            }
        }
        let mut links_of = vec![Vec::new(); node.len()];
        for (k, link) in links.iter().enumerate() {
            links_of[owner[link.from as usize] as usize].push(k as u32);
            links_of[owner[link.to as usize] as usize].push(k as u32);
        }
        let stocks = stock.len();
        let rows = |i: usize| first[i] as usize..first[i + 1] as usize;
        let of = |k: usize, rows: std::ops::Range<usize>| rows.map(move |row| row * stocks + k);
        let spread = (0..stocks).map(|k| {
            let range = |i: usize| {
                let units = || of(k, rows(i)).map(|at| consumption[at]);
                units().max().unwrap_or(0) - units().min().unwrap_or(0)
            };
            (0..n).map(range).max().unwrap_or(0)
        });
        let uses = |i: usize, k: usize| of(k, rows(i)).any(|at| consumption[at] != 0);
        let consumers = (0..stocks).map(|k| (0..n as u32).filter(|&i| uses(i as usize, k)).collect());
        let stocks_of = (0..n).map(|i| (0..stocks as u32).filter(|&k| uses(i, k as usize)).collect());
        Self {
            consumers: consumers.collect(),
            stocks_of: stocks_of.collect(),
            least: vec![0; n * stocks],
            total: vec![0; stocks],
            spread: spread.collect(),
            seen: vec![UNSEEN; node.len()],
            waiting: Vec::new(),
            waits: vec![false; node.len()],
            stocks_wait: true,
            users: Users::new(n, capacity.len(), slots),
            variable,
            is_optional,
            first,
            length,
            demand,
            capacity,
            consumption,
            stock,
            links,
            node,
            owner,
            links_of,
        }
    }

    fn len(&self) -> usize {
        self.first.len() - 1
    }

    fn options(&self, i: usize) -> usize {
        if i < self.len() { (self.first[i + 1] - self.first[i]) as usize } else { 1 }
    }

    #[inline]
    fn range(&self, trail: &Trail, i: usize) -> Range {
        self.variable
            .get(i)
            .copied()
            .flatten()
            .map_or((0, 0), |v| (trail.earliest(v as usize) as usize, trail.latest(v as usize) as usize))
    }

    fn range_at(&self, trail: &Trail, i: usize, position: u32) -> Range {
        self.variable
            .get(i)
            .copied()
            .flatten()
            .map_or((0, 0), |v| (trail.bound_at(2 * v, position) as usize, -trail.bound_at(2 * v + 1, position) as usize))
    }

    /// The length of an option; intervals without options take no time.
    #[inline]
    fn length_of(&self, i: usize, option: usize) -> i32 {
        if i < self.len() { self.length[self.first[i] as usize + option] } else { 0 }
    }

    /// Whether an interval with these options runs; those without options always do.
    #[inline]
    fn presence(&self, i: usize, (low, high): Range) -> Presence {
        match i < self.len() && self.is_optional[i] {
            true if high == 0 => Presence::Absent,
            true if low == 0 => Presence::Open,
            _ => Presence::Runs,
        }
    }

    /// The first option with which an interval runs, of those from `low` on.
    #[inline]
    fn first_running(&self, i: usize, low: usize) -> usize {
        if i < self.len() && self.is_optional[i] { low.max(1) } else { low }
    }

    #[inline]
    fn need(&self, i: usize, option: usize, r: usize) -> i64 {
        self.demand[(self.first[i] as usize + option) * self.capacity.len() + r]
    }

    #[inline]
    fn least_need(&self, i: usize, (low, high): Range, r: usize) -> i64 {
        (low..=high).map(|option| self.need(i, option, r)).min().unwrap_or(0)
    }

    fn units(&self, i: usize, option: usize, k: usize) -> i64 {
        self.consumption[(self.first[i] as usize + option) * self.stock.len() + k]
    }

    fn least_units(&self, i: usize, (low, high): Range, k: usize) -> i64 {
        (low..=high).map(|option| self.units(i, option, k)).min().unwrap_or(0)
    }

    /// Draws conclusions, the cheap ones first; if those move anything, the others wait for the next call. Only what has changed since the
    /// last call is looked at.
    pub fn propagate(&mut self, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        let before = trail.len();
        *work += self.len() as u64 / 64 + 1;
        self.notice(trail);
        *work += self.waiting.len() as u64 / 4;
        self.keep_links(trail)?;
        self.keep_stocks(trail)?;
        if trail.len() > before {
            return Ok(());
        }
        self.keep_capacities(trail, work)
    }

    /// Marks the rules that bounds concern which are not what they were.
    fn notice(&mut self, trail: &Trail) {
        for node in 0..self.node.len() {
            let v = self.node[node] as usize;
            let (low, high) = self.range(trail, node);
            let now = Bounds { earliest: trail.earliest(v), latest: trail.latest(v), low: low as u32, high: high as u32 };
            let seen = self.seen[node];
            if now == seen {
                continue;
            }
            self.seen[node] = now;
            self.enqueue(node);
            if node < self.len() {
                self.users.mark(node);
                if (now.low, now.high) != (seen.low, seen.high) {
                    self.count(node, (low, high));
                }
            }
        }
    }

    /// What to decide if no score speaks: the interval that can start first, its choice before its start, both as the guide has them.
    pub fn next(&self, trail: &Trail, guide: &[i32]) -> Option<Literal> {
        let is_open = |i: usize| {
            let (low, high) = self.range(trail, i);
            low < high || !trail.is_fixed(i)
        };
        let i = (0..self.len()).filter(|&i| is_open(i)).min_by_key(|&i| (trail.earliest(i), trail.latest(i)))?;
        let (low, high) = self.range(trail, i);
        if low == high {
            return Some(Literal::at_most(i, trail.earliest(i)));
        }
        let v = self.variable[i].expect("it has options") as usize;
        let wanted = (guide[v].max(0) as usize).clamp(low, high);
        Some(if wanted > low { Literal::at_least(v, wanted as i32) } else { Literal::at_most(v, wanted as i32) })
    }
}
