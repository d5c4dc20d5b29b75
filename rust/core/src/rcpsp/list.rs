//! From ranks to a precedence-feasible list: the order in which the serial scheme takes the activities.

use super::padded::Padded;
use super::rank::{Key, Ranker};
use super::{Direction, Project};
use crate::bitset::{Eligible, RankSet};

/// Scratch space that turns priorities into lists without allocating.
#[derive(Debug, Clone)]
pub struct Lister {
    edges: Vec<(u32, u32)>,
    ranker: Ranker,
    links: [Links; 2],
    /// Predecessors not taken yet; one more entry for the padding.
    waiting: Vec<u32>,
    eligible: RankSet,
    list: Vec<u32>,
}

/// A precedence-feasible order, ready or made on the way.
///
/// Making it while the schedule is built lets the processor overlap the two, which are each a chain of waits.
#[derive(Debug)]
pub(super) enum Order<'a> {
    Listed(&'a [u32]),
    Few(Selection<'a, u128>),
    Many(Selection<'a, &'a mut RankSet>),
}

impl Lister {
    /// Scratch for one project.
    #[must_use]
    pub fn new(project: &Project) -> Self {
        let n = project.num_activities();
        Self {
            edges: project.graph().edges().collect(),
            ranker: Ranker::new(n),
            links: [Direction::Forward, Direction::Backward].map(|direction| Links::new(project, direction)),
            waiting: vec![0; n + 1],
            eligible: RankSet::new(n),
            list: Vec::with_capacity(n),
        }
    }

    /// The order in which the serial scheme takes the activities: among those whose predecessors are all taken the lowest
    /// priority, ties by index. O(n log n + m), O(n + m) if the priorities are a permutation of `0..n`.
    pub(super) fn order<K: Key>(&mut self, priority: &[K]) -> Order<'_> {
        self.ranker.sort(priority);
        let rank = &self.ranker.rank;
        // Counted to the end, without a branch to mispredict: most rows either break many edges or none.
        let broken = self.edges.iter().filter(|&&(i, j)| rank[i as usize] > rank[j as usize]).count();
        if broken == 0 {
            return Order::Listed(&self.ranker.by_rank); // already precedence-feasible: nothing to select
        }
        self.select(Direction::Forward)
    }

    /// [`serial_sgs`](super::serial_sgs)'s list for these priorities: lowest first among the eligible, ties by index.
    pub fn list<K: Key>(&mut self, priority: &[K]) -> &[u32] {
        let mut list = std::mem::take(&mut self.list);
        self.order(priority).collect_into(&mut list);
        self.list = list;
        &self.list
    }

    /// The list when time runs backward from the end: among those whose successors are all taken the largest completion, ties by
    /// larger index.
    pub fn list_backward(&mut self, completion_time: &[i64]) -> &[u32] {
        self.ranker.sort(completion_time);
        self.ranker.reverse();
        let mut list = std::mem::take(&mut self.list);
        self.select(Direction::Backward).collect_into(&mut list);
        self.list = list;
        &self.list
    }

    /// Makes an order of the activities precedence-feasible in a direction of time: takes the first among those whose predecessors are
    /// all taken.
    pub(super) fn put_predecessors_first(&mut self, list: &mut [u32], direction: Direction) {
        self.ranker.take_order(list);
        let mut feasible = std::mem::take(&mut self.list);
        self.select(direction).collect_into(&mut feasible);
        list.copy_from_slice(&feasible);
        self.list = feasible;
    }

    /// Takes the lowest rank among the eligible activities until none is left.
    fn select(&mut self, direction: Direction) -> Order<'_> {
        let Self { links, waiting, eligible, ranker: Ranker { by_rank, rank, .. }, .. } = self;
        let links = &links[direction as usize];
        if by_rank.len() <= 128 {
            Order::Few(Selection::new(links, by_rank, rank, waiting, 0))
        } else {
            Order::Many(Selection::new(links, by_rank, rank, waiting, eligible))
        }
    }
}

impl Order<'_> {
    pub(super) fn collect_into(self, list: &mut Vec<u32>) {
        list.clear();
        match self {
            Self::Listed(order) => list.extend_from_slice(order),
            Self::Few(selection) => list.extend(selection),
            Self::Many(selection) => list.extend(selection),
        }
    }
}

/// Takes one eligible activity after the other.
#[derive(Debug)]
pub(super) struct Selection<'a, E> {
    successors: &'a Padded,
    by_rank: &'a [u32],
    rank: &'a [u32],
    waiting: &'a mut [u32],
    eligible: E,
}

impl<'a, E: Eligible> Selection<'a, E> {
    fn new(links: &'a Links, by_rank: &'a [u32], rank: &'a [u32], waiting: &'a mut [u32], mut eligible: E) -> Self {
        waiting.copy_from_slice(&links.num_predecessors);
        for (&waiting, &rank) in waiting.iter().zip(&rank[..by_rank.len()]) {
            eligible.insert_if(waiting == 0, rank as usize);
        }
        Self { successors: &links.successors, by_rank, rank, waiting, eligible }
    }
}

impl<E: Eligible> Iterator for Selection<'_, E> {
    type Item = u32;

    #[inline(always)]
    fn next(&mut self) -> Option<u32> {
        let Self { successors, by_rank, rank, waiting, eligible } = self;
        let i = by_rank[eligible.pop_first()?];
        successors.each(i, |j| {
            waiting[j as usize] = waiting[j as usize].wrapping_sub(1);
            eligible.insert_if(waiting[j as usize] == 0, rank[j as usize] as usize);
        });
        Some(i)
    }
}

/// The precedence graph in one direction of time.
#[derive(Debug, Clone)]
struct Links {
    successors: Padded,
    num_predecessors: Vec<u32>,
}

impl Links {
    fn new(project: &Project, direction: Direction) -> Self {
        let (graph, n) = (project.graph(), project.num_activities());
        let predecessors = (0..n).map(|i| direction.predecessors(graph).degree(i) as u32);
        // The padding's counter starts at 0 and wraps, so it does not come back to 0.
        Self { successors: Padded::new(direction.successors(graph), n), num_predecessors: predecessors.chain([0]).collect() }
    }
}
