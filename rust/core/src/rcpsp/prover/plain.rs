//! Plain projects as intervals: start times in units of the greatest common divisor of all durations.

use crate::cp::{FixedLengths, Intervals, Network, Problem};
use crate::rcpsp::constraints::gcd;
use crate::rcpsp::{Project, Relation};

use super::{MOST_ACTIVITIES, MOST_ATOMS};

/// The unit, and the problem of schedules shorter than `makespan`; `None` if it is too large, or no schedule can be shorter.
pub(super) fn problem(project: &Project, makespan: i64, conditional: bool) -> Option<(i64, Problem<FixedLengths>)> {
    let n = project.num_activities();
    let unit = project.duration().iter().fold(0, |a, &b| gcd(a, b)).max(1);
    let most = (makespan - 1).div_euclid(unit);
    if n == 0 || n > MOST_ACTIVITIES || (n as i64 + 1).checked_mul(most + 3).is_none_or(|atoms| atoms > MOST_ATOMS) || most < 0 {
        return None;
    }
    // An activity longer than the horizon refutes it at once; the least horizon holds every activity.
    let slots = most.max(project.duration().iter().max().map_or(0, |d| d / unit)) as i32;
    let mut duration: Vec<i32> = project.duration().iter().map(|&d| (d / unit) as i32).collect();
    let makespan = n + usize::from(conditional); // the interval of the makespan, the last one
    duration.resize(makespan + 1, 0);
    let mut demand = project.data().demand.clone();
    demand.resize((makespan + 1) * project.num_resources(), 0);
    let intervals =
        Intervals { lengths: FixedLengths(duration), demand, capacity: project.capacity().to_vec(), steps: Vec::new() };
    let ordered = precedence(project);
    let free = |i: usize, j: usize| i != j && !ordered(i, j) && !ordered(j, i) && intervals.exclusive(i, j);
    let mut exclusive: Vec<Vec<u32>> = (0..n).map(|i| (0..n).filter(|&j| free(i, j)).map(|j| j as u32).collect()).collect();
    exclusive.resize(makespan + 1, Vec::new());
    let mut network = Network::new(exclusive, vec![Vec::new(); makespan + 1]);
    if conditional {
        network.set_condition(n);
    }
    for i in 0..n {
        let length = intervals.lengths.0[i];
        project.graph().successors().of(i).iter().for_each(|&j| network.add_arc(i, j as usize, length));
        network.add_arc(i, makespan, length);
    }
    let cliques = Problem::cliques(&intervals, |i, j| ordered(i, j) || ordered(j, i) || intervals.exclusive(i, j));
    Some((
        unit,
        Problem {
            intervals,
            network,
            slots,
            bounds: Vec::new(),
            cliques,
            costs: None,
            choices: None,
            reservoirs: Vec::new(),
            orders: None,
        },
    ))
}

/// Which activity completes before which one starts, through any number of others. O(n m) time, n^2 bytes.
pub(super) fn precedence(project: &Project) -> impl Fn(usize, usize) -> bool {
    let n = project.num_activities();
    let mut before = vec![false; n * n];
    for &i in project.graph().topological_order().iter().rev() {
        let i = i as usize;
        let successors = project.graph().successors();
        for (&j, &pair) in successors.of(i).iter().zip(successors.edges_of(i)) {
            let (j, pair) = (j as usize, pair as usize);
            if project.data().relation[pair] != Relation::FinishStart || project.data().lag[pair] < 0 {
                continue;
            }
            before[i * n + j] = true;
            for k in 0..n {
                before[i * n + k] |= before[j * n + k];
            }
        }
    }
    move |i, j| before[i * n + j]
}
