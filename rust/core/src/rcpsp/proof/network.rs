//! What the project says about start times alone: minimum distances, and pairs that cannot run together.

use super::trail::{Conflict, Literal, Reason, Trail};
use crate::rcpsp::Project;

/// The activities in small numbers, and a last one, of duration 0, that starts at the makespan.
#[derive(Debug)]
pub struct Tasks {
    pub duration: Vec<i32>,
    pub demand: Vec<i64>,
    pub capacity: Vec<i64>,
}

impl Tasks {
    /// Durations in units of `unit`, which divides them all and leaves them small.
    pub fn new(project: &Project, unit: i64) -> Self {
        let mut duration: Vec<i32> = project.duration().iter().map(|&d| (d / unit) as i32).collect();
        duration.push(0);
        let mut demand = project.data().demand.clone();
        demand.extend(std::iter::repeat_n(0, project.num_resources()));
        Self { duration, demand, capacity: project.capacity().to_vec() }
    }

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

/// Which activity comes before which, through any number of others. O(n m) time, n^2 bytes.
pub fn precedence(project: &Project) -> impl Fn(usize, usize) -> bool {
    let n = project.num_activities();
    let mut before = vec![false; n * n];
    for &i in project.graph().topological_order().iter().rev() {
        let i = i as usize;
        for &j in project.graph().successors().of(i) {
            let j = j as usize;
            before[i * n + j] = true;
            for k in 0..n {
                before[i * n + k] |= before[j * n + k];
            }
        }
    }
    move |i, j| before[i * n + j]
}

#[derive(Debug)]
pub struct Network {
    /// `(to, lag)` by half: `to >= from + lag`.
    edges: Vec<Vec<(u32, i32)>>,
    /// Activities that cannot run together with this one, in either order.
    partners: Vec<Vec<u32>>,
}

impl Network {
    /// `ordered` tells whether one activity comes before another.
    pub fn new(project: &Project, tasks: &Tasks, ordered: &impl Fn(usize, usize) -> bool) -> Self {
        let (n, sink) = (project.num_activities(), tasks.len() - 1);
        let mut edges = vec![Vec::new(); 2 * tasks.len()];
        let mut edge = |i: usize, j: usize| {
            edges[2 * i].push((2 * j as u32, tasks.duration[i]));
            edges[2 * j + 1].push((2 * i as u32 + 1, tasks.duration[i]));
        };
        for i in 0..n {
            project.graph().successors().of(i).iter().for_each(|&j| edge(i, j as usize));
            edge(i, sink);
        }
        let free = |i: usize, j: usize| i != j && !ordered(i, j) && !ordered(j, i) && tasks.disjunctive(i, j);
        let mut partners: Vec<Vec<u32>> = (0..n).map(|i| (0..n).filter(|&j| free(i, j)).map(|j| j as u32).collect()).collect();
        partners.push(Vec::new());
        Self { edges, partners }
    }

    /// What follows from the first bounds of all activities.
    pub fn start(&self, tasks: &Tasks, trail: &mut Trail) -> Result<(), Conflict> {
        (0..2 * tasks.len() as u32).try_for_each(|half| self.propagate(tasks, half, trail))
    }

    /// What follows from a bound of `half`.
    pub fn propagate(&self, tasks: &Tasks, half: u32, trail: &mut Trail) -> Result<(), Conflict> {
        let bound = trail.bound(half);
        for &(to, lag) in &self.edges[half as usize] {
            trail.push(Literal { half: to, bound: bound + lag }, Reason::Edge { from: half, lag })?;
        }
        let i = half as usize / 2;
        for &j in &self.partners[i] {
            Self::order(tasks, i, j as usize, trail)?;
            Self::order(tasks, j as usize, i, trail)?;
        }
        Ok(())
    }

    /// If `late` cannot complete before `early` must start, it comes after it.
    #[inline]
    fn order(tasks: &Tasks, late: usize, early: usize, trail: &mut Trail) -> Result<(), Conflict> {
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
        let (late, early) = if literal.is_lower() { (task, other) } else { (other, task) };
        literals.push(Literal::at_least(late, mark));
        literals.push(Literal::at_most(early, mark + tasks.duration[late] - 1));
        literals.push(if task == late {
            Literal::at_least(early, literal.bound - tasks.duration[early])
        } else {
            Literal::at_most(late, -literal.bound + tasks.duration[early])
        });
    }
}
