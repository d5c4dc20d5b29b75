//! The tasks that have started already when a plan is made.

use super::graph::{HORIZON, TaskGraph};
use crate::error::InputError;
use crate::past::{self, Started};

/// A task that has started: it keeps its processor and its times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fixed {
    /// The task.
    pub task: usize,
    /// Its processor.
    pub processor: usize,
    /// Its start.
    pub start: f64,
    /// Its end, which may lie in the future.
    pub end: f64,
}

impl Started for Fixed {
    type Time = f64;

    fn index(&self) -> usize {
        self.task
    }

    fn span(&self) -> (f64, f64) {
        (self.start, self.end)
    }
}

/// The fixed tasks and the present: no other task starts before `now`.
pub type Past = past::Past<Fixed>;

/// A row of a past as users write it: without an end the task is running and takes as long as it costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedRow {
    /// The task.
    pub task: usize,
    /// Its processor.
    pub processor: usize,
    /// Its start.
    pub start: f64,
    /// Its end, which may lie in the future.
    pub end: Option<f64>,
}

impl Past {
    /// A past whose rows may lack their ends: such a task ends as planned, but not before `now`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_rows(graph: &TaskGraph, rows: &[FixedRow], now: f64) -> Result<Self, InputError> {
        let planned = |&FixedRow { task, processor, start, .. }: &FixedRow| {
            let known = task < graph.num_tasks() && processor < graph.num_processors();
            if known { (start + graph.cost(task, processor)).max(now) } else { start }
        };
        let complete = |row: &FixedRow| {
            let end = row.end.unwrap_or_else(|| planned(row));
            Fixed { task: row.task, processor: row.processor, start: row.start, end }
        };
        Self::new(graph, rows.iter().map(complete).collect(), now)
    }

    /// Validates the past against a graph. O(k log k + edges of the fixed tasks).
    ///
    /// # Errors
    /// Unknown or repeated tasks, unknown processors, times that are not finite or reversed, fixed tasks that overlap on a
    /// processor, that run before a predecessor has ended, or whose predecessors are not fixed.
    pub fn new(graph: &TaskGraph, fixed: Vec<Fixed>, now: f64) -> Result<Self, InputError> {
        if !(-HORIZON..=HORIZON).contains(&now) {
            return Err(InputError::new("now", format!("must be finite, at most {HORIZON:e}")).value(now));
        }
        let names = graph.names();
        let label = |i: usize| names.map_or_else(|| i.to_string(), |names| format!("{i} '{}'", names[i]));
        let fail = |task: usize, reason: String| Err(InputError::new(format!("fixed[{task}]"), reason));
        for f in &fixed {
            if f.task >= graph.num_tasks() {
                return fail(f.task, format!("unknown task, expected 0 <= index < {}", graph.num_tasks()));
            }
            if f.processor >= graph.num_processors() {
                let known = graph.num_processors();
                return fail(f.task, format!("unknown processor {}, expected 0 <= index < {known}", f.processor));
            }
            if ![f.start, f.end].iter().all(|time| (-HORIZON..=HORIZON).contains(time)) {
                return fail(f.task, format!("start {:?} and end {:?} must be finite, at most {HORIZON:e}", f.start, f.end));
            }
        }
        let past = Self::sorted(fixed, now + 0.0)?; // not -0
        let by_task = past.fixed();
        let find = |task: usize| by_task.binary_search_by_key(&task, |f| f.task).ok().map(|k| by_task[k]);
        for f in by_task {
            for &i in graph.dag().predecessors().of(f.task) {
                let label = label(i as usize);
                match find(i as usize) {
                    None => return fail(f.task, format!("its predecessor {label} is not fixed")),
                    Some(before) if f.start < before.end => {
                        return fail(f.task, format!("starts at {:?}, before its predecessor {label} ends", f.start));
                    }
                    Some(_) => {}
                }
            }
        }
        let mut by_time: Vec<&Fixed> = by_task.iter().collect();
        by_time.sort_by(|a, b| {
            (a.processor.cmp(&b.processor))
                .then(a.start.total_cmp(&b.start))
                .then(a.end.total_cmp(&b.end))
                .then(a.task.cmp(&b.task))
        });
        for pair in by_time.windows(2) {
            if pair[0].processor == pair[1].processor && pair[1].start < pair[0].end {
                return fail(
                    pair[1].task,
                    format!("overlaps fixed task {} on processor {}", label(pair[0].task), pair[0].processor),
                );
            }
        }
        Ok(past)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dag::Cost;

    fn refused(fixed: &[(usize, usize, f64, f64)]) -> String {
        let cost = Cost::Matrix { cost: vec![1.0; 6], num_processors: 2 };
        let graph = TaskGraph::new(cost, &[(0, 2)], &[1.0], None).unwrap();
        let fixed = fixed.iter().map(|&(task, processor, start, end)| Fixed { task, processor, start, end }).collect();
        Past::new(&graph, fixed, 0.0).map_or_else(|e| e.to_string(), |_| String::new())
    }

    #[test]
    fn contradictory_pasts_are_refused() {
        assert_eq!(refused(&[(0, 0, -1.0, 2.0), (1, 0, 2.0, 2.0), (2, 1, 2.0, 9.0)]), "");
        assert_eq!(refused(&[(7, 0, 0.0, 1.0)]), "fixed[7]: unknown task, expected 0 <= index < 3");
        assert_eq!(refused(&[(1, 2, 0.0, 1.0)]), "fixed[1]: unknown processor 2, expected 0 <= index < 2");
        assert_eq!(refused(&[(1, 1, 3.0, 1.0)]), "fixed[1]: ends at 1.0, before its start at 3.0");
        assert_eq!(refused(&[(2, 1, 0.0, 1.0)]), "fixed[2]: its predecessor 0 is not fixed");
        assert_eq!(refused(&[(0, 0, 0.0, 2.0), (2, 1, 1.0, 3.0)]), "fixed[2]: starts at 1.0, before its predecessor 0 ends");
        assert_eq!(refused(&[(0, 0, 0.0, 2.0), (1, 0, 1.0, 3.0)]), "fixed[1]: overlaps fixed task 0 on processor 0");
        assert_eq!(refused(&[(0, 0, 0.0, 2.0), (0, 1, 0.0, 2.0)]), "fixed[0]: is given more than once");
        assert!(refused(&[(0, 0, f64::NAN, 2.0)]).contains("finite"));
    }
}
