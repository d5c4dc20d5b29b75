//! Is this a feasible schedule of this task graph?

use super::{Kind, Violation};
use crate::dag::{Cost, Network, PerLink, TaskGraph};

/// One run of a task: `(task, processor, start, end)`.
pub type Run = (i64, i64, f64, f64);

/// Somebody's schedule of a task graph.
#[derive(Debug, Clone, Copy)]
pub struct DagClaim<'a> {
    /// Where and when each task runs, in any order.
    pub runs: &'a [Run],
    /// Additional runs; a successor may use the data of any run.
    pub copies: &'a [Run],
    /// The claimed objective, if one is claimed.
    pub makespan: Option<f64>,
    /// What has happened already; such times may differ from the costs.
    pub fixed: &'a [Run],
    /// Nothing that is not fixed starts earlier.
    pub now: f64,
}

/// Times are compared with this tolerance, times the larger of 1 and the largest time of the claim.
pub const TOLERANCE: f64 = 1e-9;

struct Judge<'a> {
    graph: &'a TaskGraph,
    network: &'a Network,
    claim: &'a DagClaim<'a>,
    tolerance: f64,
    found: Vec<Violation>,
}

/// Every violation, by kind, then by index. Empty means feasible.
///
/// Subjects: the task; `unknown_id` the task, or the task and its processor; `precedence` and `communication` the two tasks;
/// `machine_overlap` the processor and the two tasks; `objective` nothing. Between two fixed tasks communication is not judged. A
/// run without length overlaps nothing. O(n log n + m) for schedules without copies.
#[must_use]
pub fn check_dag(graph: &TaskGraph, network: &Network, claim: &DagClaim) -> Vec<Violation> {
    let times = claim.runs.iter().chain(claim.copies).flat_map(|&(_, _, start, end)| [start, end]);
    let scale = times.map(f64::abs).filter(|time| time.is_finite()).fold(1.0, f64::max);
    let mut judge = Judge { graph, network, claim, tolerance: TOLERANCE * scale, found: Vec::new() };
    let by_task = judge.assign();
    let fixed = judge.keep_the_past(&by_task);
    judge.runs(&by_task, &fixed);
    judge.edges(&by_task, &fixed);
    judge.overlaps(&by_task);
    judge.objective();
    let mut found = judge.found;
    found.sort_by(|a, b| (a.kind, &a.subject).cmp(&(b.kind, &b.subject)));
    found
}

impl Judge<'_> {
    fn report(&mut self, kind: Kind, subject: impl Into<Vec<i64>>, detail: String) {
        self.found.push(Violation::new(kind, subject, detail));
    }

    fn cost(&self, task: usize, processor: usize) -> f64 {
        match self.graph.costs() {
            Cost::Matrix { cost, num_processors } => cost[task * num_processors + processor],
            Cost::Related { work, speed } => work[task] / speed[processor],
        }
    }

    fn communication(&self, data: f64, from: i64, to: i64) -> f64 {
        let at = |values: &PerLink| match values {
            PerLink::Uniform(value) => *value,
            PerLink::Matrix { values, size } => values[from as usize * size + to as usize],
        };
        if from == to { 0.0 } else { at(self.network.latency()) + data / at(self.network.bandwidth()) }
    }

    /// The runs of each task, the principal one first; a task without one has none.
    fn assign(&mut self) -> Vec<Vec<Run>> {
        let (n, width) = (self.graph.num_tasks(), self.graph.num_processors());
        let mut by_task: Vec<Vec<Run>> = vec![Vec::new(); n];
        let mut named = vec![false; n];
        for (k, &run) in self.claim.runs.iter().chain(self.claim.copies).enumerate() {
            let (task, processor, ..) = run;
            let Some(i) = usize::try_from(task).ok().filter(|&i| i < n) else {
                self.report(Kind::UnknownId, [task], format!("there is no task {task}, expected 0 <= index < {n}"));
                continue;
            };
            named[i] |= k < self.claim.runs.len();
            if usize::try_from(processor).map_or(true, |p| p >= width) {
                let detail = format!("task {task} runs on processor {processor}, expected 0 <= index < {width}");
                self.report(Kind::UnknownId, [task, processor], detail);
            } else if k < self.claim.runs.len() && !by_task[i].is_empty() {
                self.report(Kind::Duplicate, [task], format!("task {task} is scheduled more than once"));
            } else {
                by_task[i].push(run);
            }
        }
        for (i, _) in named.iter().enumerate().filter(|(_, named)| !**named) {
            self.report(Kind::Missing, [i as i64], format!("task {i} is not scheduled"));
        }
        by_task
    }

    /// Which tasks are fixed; each must run as it did.
    fn keep_the_past(&mut self, by_task: &[Vec<Run>]) -> Vec<bool> {
        let mut fixed = vec![false; by_task.len()];
        for &(task, processor, start, end) in self.claim.fixed {
            let Some(i) = usize::try_from(task).ok().filter(|&i| i < fixed.len()) else { continue };
            fixed[i] = true;
            let Some(&(_, p, s, e)) = by_task[i].first() else { continue };
            let same = |a: f64, b: f64| (a - b).abs() <= self.tolerance;
            if p != processor || !same(s, start) || !same(e, end) {
                let detail = format!(
                    "task {task} runs on processor {p} from {s:?} to {e:?}, but processor {processor} from {start:?} to {end:?} is fixed"
                );
                self.report(Kind::Fixed, [task], detail);
            }
        }
        fixed
    }

    fn runs(&mut self, by_task: &[Vec<Run>], fixed: &[bool]) {
        for (i, runs) in by_task.iter().enumerate() {
            for (k, &(task, processor, start, end)) in runs.iter().enumerate() {
                if fixed[i] && k == 0 {
                    continue;
                }
                let cost = self.cost(i, processor as usize);
                if cost.is_infinite() {
                    let detail = format!("task {task} cannot run on processor {processor}");
                    self.report(Kind::ForbiddenProcessor, [task], detail);
                } else if !((end - start) - cost).abs().le(&self.tolerance) {
                    let detail =
                        format!("task {task} runs from {start:?} to {end:?}, its cost on processor {processor} is {cost:?}");
                    self.report(Kind::Duration, [task], detail);
                }
                if start < self.claim.now - self.tolerance {
                    let detail = format!("task {task} starts at {start:?}, before {:?}", self.claim.now);
                    self.report(Kind::BeforeNow, [task], detail);
                }
            }
        }
    }

    fn edges(&mut self, by_task: &[Vec<Run>], fixed: &[bool]) {
        for ((i, j), data) in self.graph.edges().into_iter().zip(self.graph.data()) {
            let (before, after) = (&by_task[i as usize], &by_task[j as usize]);
            if before.is_empty() {
                continue;
            }
            for (k, &(task, processor, start, _)) in after.iter().enumerate() {
                let over = before.iter().map(|run| run.3).fold(f64::INFINITY, f64::min);
                let arrived = before.iter().map(|run| run.3 + self.communication(data, run.1, processor));
                let arrived = arrived.fold(f64::INFINITY, f64::min);
                let known = k == 0 && fixed[i as usize] && fixed[j as usize];
                if start < over - self.tolerance {
                    let detail = format!("task {task} starts at {start:?}, before task {i} ends at {over:?}");
                    self.report(Kind::Precedence, [i64::from(i), task], detail);
                } else if start < arrived - self.tolerance && !known {
                    let detail = format!("task {task} starts at {start:?}, before the data of task {i} arrive at {arrived:?}");
                    self.report(Kind::Communication, [i64::from(i), task], detail);
                }
            }
        }
    }

    fn overlaps(&mut self, by_task: &[Vec<Run>]) {
        let mut runs: Vec<Run> =
            by_task.iter().flatten().copied().filter(|&(_, _, start, end)| end - start > self.tolerance).collect();
        runs.sort_by(|a, b| a.1.cmp(&b.1).then(a.2.total_cmp(&b.2)).then(a.3.total_cmp(&b.3)).then(a.0.cmp(&b.0)));
        let mut last: Option<Run> = None;
        for run in runs {
            let (task, processor, start, end) = run;
            match last {
                Some((other, p, _, until)) if p == processor => {
                    if start < until - self.tolerance {
                        let detail =
                            format!("processor {p} runs task {other} until {until:?}, but task {task} starts at {start:?}");
                        self.report(Kind::MachineOverlap, [p, other, task], detail);
                    }
                    if end > until {
                        last = Some(run);
                    }
                }
                _ => last = Some(run),
            }
        }
    }

    fn objective(&mut self) {
        let Some(makespan) = self.claim.makespan else { return };
        let ends = self.claim.runs.iter().chain(self.claim.copies).map(|run| run.3);
        let actual = ends.reduce(f64::max).unwrap_or(0.0);
        // Infinite ends are equal although their difference is not a number.
        if makespan != actual && !(makespan - actual).abs().le(&self.tolerance) {
            self.report(Kind::Objective, [], format!("the stored makespan is {makespan:?}, the last task ends at {actual:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(runs: &[Run], copies: &[Run], fixed: &[Run], now: f64, makespan: Option<f64>) -> Vec<(&'static str, Vec<i64>)> {
        let cost = Cost::Matrix { cost: vec![2.0, 3.0, 4.0, f64::INFINITY, 0.0, 0.0], num_processors: 2 };
        let graph = TaskGraph::new(cost, &[(0, 1), (0, 2)], &[5.0, 1.0], None).unwrap();
        let claim = DagClaim { runs, copies, makespan, fixed, now };
        let found = check_dag(&graph, &Network::default(), &claim);
        found.into_iter().map(|v| (v.kind.as_str(), v.subject)).collect()
    }

    const GOOD: [Run; 3] = [(0, 0, 0.0, 2.0), (1, 0, 2.0, 6.0), (2, 1, 3.0, 3.0)];

    fn with(k: usize, run: Run) -> [Run; 3] {
        let mut runs = GOOD;
        runs[k] = run;
        runs
    }

    #[test]
    fn each_rule_is_seen_when_it_alone_is_broken() {
        let broken = |runs: &[Run]| kinds(runs, &[], &[], 0.0, None);
        assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(6.0)), []);
        assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(7.0)), [("objective", vec![])]);
        assert_eq!(broken(&GOOD[..2]), [("missing", vec![2])]);
        assert_eq!(broken(&[GOOD[0], GOOD[1], GOOD[2], GOOD[1]]), [("duplicate", vec![1])]);
        assert_eq!(broken(&[GOOD[0], GOOD[1], GOOD[2], (9, 0, 0.0, 0.0)]), [("unknown_id", vec![9])]);
        assert_eq!(broken(&with(2, (2, 7, 9.0, 9.0))), [("unknown_id", vec![2, 7])]);
        assert_eq!(broken(&with(1, (1, 0, 2.0, 5.0))), [("duration", vec![1])]);
        assert_eq!(broken(&with(1, (1, 0, f64::NAN, 5.0))), [("duration", vec![1])]);
        assert_eq!(broken(&with(1, (1, 1, 9.0, f64::INFINITY))), [("forbidden_processor", vec![1])]);
        assert_eq!(broken(&with(2, (2, 1, 2.5, 2.5))), [("communication", vec![0, 2])]);
        assert_eq!(broken(&with(2, (2, 0, 1.0, 1.0))), [("precedence", vec![0, 2])]);
        assert_eq!(broken(&with(0, (0, 0, -1.0, 1.0))), [("before_now", vec![0])]);
        assert_eq!(broken(&with(1, (1, 0, 1.0, 5.0))), [("precedence", vec![0, 1]), ("machine_overlap", vec![0, 0, 1])]);
    }

    #[test]
    fn indices_end_where_there_are_no_more_and_violations_come_by_kind() {
        assert_eq!(kinds(&[GOOD[0], GOOD[1], GOOD[2], (3, 0, 0.0, 0.0)], &[], &[], 0.0, None), [("unknown_id", vec![3])]);
        assert_eq!(kinds(&with(2, (2, 2, 9.0, 9.0)), &[], &[], 0.0, None), [("unknown_id", vec![2, 2])]);
        assert_eq!(kinds(&GOOD[1..], &[GOOD[0]], &[], 0.0, None), [("missing", vec![0])]);
        assert_eq!(kinds(&GOOD, &[], &[(3, 0, 0.0, 0.0)], 0.0, None), []);
        let two = [(0, 0, -1.0, 1.0), (1, 0, 2.0, 5.0), GOOD[2]];
        assert_eq!(kinds(&two, &[], &[], 0.0, None), [("duration", vec![1]), ("before_now", vec![0])]);
    }

    #[test]
    fn times_are_compared_within_a_billionth() {
        assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(6.0 + 1e-9)), []);
        assert_eq!(kinds(&GOOD, &[], &[], 0.0, Some(6.0 + 1e-7)), [("objective", vec![])]);
        assert_eq!(kinds(&with(1, (1, 0, 2.0, 6.0 + 1e-7)), &[], &[], 0.0, None), [("duration", vec![1])]);
        let nothing = TaskGraph::new(Cost::Matrix { cost: vec![], num_processors: 1 }, &[], &[], None).unwrap();
        let claim = DagClaim { runs: &[], copies: &[], makespan: Some(0.0), fixed: &[], now: 0.0 };
        assert_eq!(check_dag(&nothing, &Network::default(), &claim), []);
    }

    #[test]
    fn related_costs_and_every_link_count() {
        let graph = TaskGraph::new(Cost::Related { work: vec![6.0, 4.0], speed: vec![1.0, 2.0] }, &[(0, 1)], &[6.0], None);
        let graph = graph.unwrap();
        let matrix = |values: [f64; 4]| PerLink::Matrix { values: values.to_vec(), size: 2 };
        let network = Network::new(matrix([1.0, 3.0, 2.0, 1.0]), matrix([0.0, 1.0, 2.0, 0.0])).unwrap();
        let judge = |runs: &[Run]| {
            let claim = DagClaim { runs, copies: &[], makespan: None, fixed: &[], now: 0.0 };
            check_dag(&graph, &network, &claim).into_iter().map(|v| v.kind.as_str()).collect::<Vec<_>>()
        };
        // From 0 to 1: latency 1, bandwidth 3; from 1 to 0: latency 2, bandwidth 2.
        assert_eq!(judge(&[(0, 0, 0.0, 6.0), (1, 1, 9.0, 11.0)]), Vec::<&str>::new());
        assert_eq!(judge(&[(0, 0, 0.0, 6.0), (1, 1, 8.5, 10.5)]), ["communication"]);
        assert_eq!(judge(&[(0, 1, 0.0, 3.0), (1, 0, 8.0, 12.0)]), Vec::<&str>::new());
        assert_eq!(judge(&[(0, 1, 0.0, 3.0), (1, 0, 7.5, 11.5)]), ["communication"]);
    }

    #[test]
    fn the_past_may_differ_from_the_costs_but_must_be_kept() {
        let fixed = [(0, 0, -3.0, 2.0)];
        assert_eq!(kinds(&with(0, fixed[0]), &[], &fixed, 0.0, None), []);
        assert_eq!(kinds(&GOOD, &[], &fixed, 0.0, None), [("fixed", vec![0])]);
    }

    #[test]
    fn how_data_came_is_not_judged_between_two_fixed_runs_alone() {
        let early = with(2, (2, 1, 2.5, 2.5));
        let broken = [("communication", vec![0, 2])];
        assert_eq!(kinds(&early, &[], &[GOOD[0], early[2]], 0.0, None), []);
        assert_eq!(kinds(&early, &[], &[GOOD[0]], 0.0, None), broken);
        assert_eq!(kinds(&early, &[], &[early[2]], 0.0, None), broken);
        assert_eq!(kinds(&GOOD, &[early[2]], &[GOOD[0], GOOD[2]], 0.0, None), broken); // a copy is no past
    }

    #[test]
    fn copies_supply_data_and_need_room() {
        let early = with(2, (2, 1, 3.0, 3.0));
        assert_eq!(kinds(&early, &[(0, 1, 0.0, 3.0)], &[], 0.0, Some(6.0)), []);
        assert_eq!(kinds(&GOOD, &[(0, 0, 4.0, 6.0)], &[], 0.0, None), [("machine_overlap", vec![0, 1, 0])]);
    }
}
