//! What the project says about start times alone: minimum distances, and pairs that cannot run together.

use super::trail::{Conflict, Literal, Reason, Trail};

/// The activities in small numbers, and a last one, of duration 0, that starts at the makespan.
#[derive(Debug)]
pub struct Tasks {
    pub duration: Vec<i32>,
    pub demand: Vec<i64>,
    pub capacity: Vec<i64>,
}

impl Tasks {
    pub fn len(&self) -> usize {
        self.duration.len()
    }

    pub fn demand_of(&self, task: usize) -> &[i64] {
        &self.demand[task * self.capacity.len()..][..self.capacity.len()]
    }

    /// Whether two activities exceed a capacity together.
    pub fn disjunctive(&self, i: usize, j: usize) -> bool {
        let pair = self.demand_of(i).iter().zip(self.demand_of(j));
        self.duration[i] > 0 && self.duration[j] > 0 && pair.zip(&self.capacity).any(|((a, b), c)| a + b > *c)
    }
}

#[derive(Debug)]
pub struct Network {
    /// `(to, lag)` by half: `to >= from + lag`.
    edges: Vec<Vec<(u32, i32)>>,
    /// Activities that cannot run together with this one, in either order.
    partners: Vec<Vec<u32>>,
}

impl Network {
    /// `(i, j, lag)`: `S_j >= S_i + lag`.
    pub fn new(tasks: &Tasks, lags: &[(usize, usize, i32)], ordered: impl Fn(usize, usize) -> bool) -> Self {
        let n = tasks.len();
        let mut edges = vec![Vec::new(); 2 * n];
        for &(i, j, lag) in lags {
            edges[2 * i].push((2 * j as u32, lag));
            edges[2 * j + 1].push((2 * i as u32 + 1, lag));
        }
        let free = |i: usize, j: usize| i != j && !ordered(i, j) && !ordered(j, i) && tasks.disjunctive(i, j);
        let partners = (0..n).map(|i| (0..n).filter(|&j| free(i, j)).map(|j| j as u32).collect()).collect();
        Self { edges, partners }
    }

    /// What follows from a bound of `half`.
    pub fn propagate(&self, tasks: &Tasks, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let bound = trail.bound(half);
        for &(to, lag) in &self.edges[half as usize] {
            trail.push(Literal { half: to, bound: bound + lag }, Reason::Edge { from: half, lag })?;
        }
        let i = half as usize / 2;
        for &j in &self.partners[i] {
            self.order(tasks, i, j as usize, trail)?;
            self.order(tasks, j as usize, i, trail)?;
        }
        Ok(())
    }

    /// If `late` cannot complete before `early` must start, it comes after it.
    #[inline]
    fn order(&self, tasks: &Tasks, late: usize, early: usize, trail: &mut Trail) -> Result<(), Conflict> {
        let mark = trail.latest(early) - tasks.duration[late] + 1;
        if trail.earliest(late) < mark {
            return Ok(());
        }
        let after = trail.earliest(early) + tasks.duration[early];
        trail.push(Literal::at_least(late, after), Reason::Pair { other: early as u32, mark })?;
        let before = trail.latest(late) - tasks.duration[early];
        trail.push(Literal::at_most(early, before), Reason::Pair { other: late as u32, mark })
    }

    /// What made `Reason::Pair` speak for `literal`.
    pub fn explain_pair(tasks: &Tasks, literal: Literal, other: usize, mark: i32, literals: &mut Vec<Literal>) {
        let task = literal.task();
        let (late, early) = if literal.half % 2 == 0 { (task, other) } else { (other, task) };
        literals.push(Literal::at_least(late, mark));
        literals.push(Literal::at_most(early, mark + tasks.duration[late] - 1));
        literals.push(if task == late {
            Literal::at_least(early, literal.bound - tasks.duration[early])
        } else {
            Literal::at_most(late, -literal.bound + tasks.duration[early])
        });
    }
}
