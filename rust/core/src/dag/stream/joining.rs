//! Processors that join: their costs and links, and the plan that uses them.

use std::collections::HashMap;

use super::jobs::{Phase, TaskId};
use super::planner::Planner;
use crate::dag::graph::HORIZON;
use crate::dag::network::NewLinks;
use crate::error::{Error, InputError, check_each, check_length};
use crate::memory;
use crate::timeline::unary::ProcessorTimelines;

/// Processors that a planner can have, lost ones included.
pub const MOST_PROCESSORS: usize = 1 << 20;

impl Planner {
    /// A processor joins; returns its number, which no other processor has had. `cost` holds the costs there of jobs that have not
    /// ended, one number for each task, infinite where it cannot run; other jobs do not run there. The links are those of
    /// [`Network::with_processor`](crate::dag::Network::with_processor). Everything that has not started is planned anew.
    ///
    /// # Errors
    /// Costs of a job that was never submitted, has ended or is named before, of another length, negative or NaN; links as there;
    /// sums beyond the horizon; too many processors; too little memory; a time as for [`submit`](Self::submit).
    pub fn processor_joined(
        &mut self,
        cost: Vec<(usize, Vec<f64>)>,
        now: f64,
        bandwidth: Option<&NewLinks>,
        latency: Option<&NewLinks>,
    ) -> Result<usize, Error> {
        self.check_time(now)?;
        let p = self.width;
        if p >= MOST_PROCESSORS {
            return Err(InputError::new("cost", format!("there are {p} processors, the most that a planner can have")).into());
        }
        let network = self.network.with_processor(p, bandwidth, latency)?;
        let columns = self.check_columns(&cost)?;
        let shortest = columns.values().copied().flatten().copied().fold(f64::INFINITY, f64::min);
        let (latency, reciprocal, _) = network.sums(p + 1, network.uniform());
        let mut numbers: Vec<usize> = self.jobs.numbers().collect();
        numbers.sort_unstable();
        for &number in &numbers {
            let job = self.job(number);
            let joined = job.joined().iter().flatten().map(Vec::as_slice).chain(columns.get(&number).copied());
            let total: f64 = joined.flatten().filter(|w| w.is_finite()).sum();
            let graph = &job.template.graph;
            let messages = graph.dag().num_edges() as f64 * latency + graph.total_data() * reciprocal;
            let longest = graph.total_cost() + total + messages;
            if longest.is_nan() || longest > HORIZON {
                let reason = format!("costs and communication times of job {number} add up to more than {HORIZON:e}");
                return Err(InputError::new("cost", reason).into());
            }
        }
        let waiting = self.pending();
        memory::require(waiting.len().saturating_mul(200))?;
        self.advance_clock(now);
        self.uniform = network.uniform();
        self.network = network;
        self.width += 1;
        self.running.push(None);
        self.queued.push(0);
        self.ready.push(0.0);
        self.row.push(0.0);
        self.shortest.push(shortest);
        self.timelines = ProcessorTimelines::new(&self.shortest, true, 0.0, Vec::new());
        self.prepared.clear(); // these graphs have a column too few now
        let mut columns: HashMap<usize, Vec<f64>> = cost.into_iter().collect();
        for &number in &numbers {
            let job = self.jobs.get_mut(number).expect("a job under way");
            job.joined.get_or_insert_default().0.push(columns.remove(&number));
        }
        let waiting: Vec<TaskId> = waiting.into_iter().filter(|&id| self.state(id).phase == Phase::Waiting).collect();
        let new = self.plannable(&waiting);
        self.plan_anew(&new);
        for number in numbers {
            self.record_planned_end(number);
        }
        Ok(p)
    }

    /// The costs by job.
    fn check_columns<'a>(&self, cost: &'a [(usize, Vec<f64>)]) -> Result<HashMap<usize, &'a [f64]>, InputError> {
        let mut columns = HashMap::new();
        for (number, column) in cost {
            let named = |reason: &str| InputError::new(format!("cost[{number}]"), reason.to_owned());
            self.known_job(*number).map_err(named)?;
            check_length("cost", column.len(), self.job(*number).tasks.len())
                .and_then(|()| check_each("cost", column, "must be >= 0", |w| w >= 0.0))
                .map_err(|mut e| {
                    e.field = format!("cost[{number}]").into();
                    e
                })?;
            if columns.insert(*number, column.as_slice()).is_some() {
                return Err(named("names a job a second time"));
            }
        }
        Ok(columns)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dag::stream::PlannerSettings;
    use crate::dag::{Cost, Network, TaskGraph};

    #[test]
    fn a_refused_join_changes_nothing() {
        let mut planner = Planner::new(1, Network::default(), PlannerSettings::default(), false).unwrap();
        let graph = Arc::new(TaskGraph::new(Cost::Matrix { cost: vec![2.0], num_processors: 1 }, &[], &[], None).unwrap());
        planner.submit_graph(&graph, 0.0).unwrap();
        let refused = |planner: &mut Planner, cost: Vec<(usize, Vec<f64>)>| {
            planner.processor_joined(cost, 1.0, None, None).unwrap_err().to_string()
        };
        assert_eq!(refused(&mut planner, vec![(0, vec![1.0]), (0, vec![1.0])]), "cost[0]: names a job a second time");
        assert_eq!(refused(&mut planner, vec![(1, vec![])]), "cost[1]: is no job that was submitted");
        assert_eq!(refused(&mut planner, vec![(0, vec![f64::NAN])]), "cost[0][0] = NaN: must be >= 0");
        assert_eq!(planner.num_processors(), 1);
        assert_eq!(planner.processor_joined(vec![(0, vec![1.0])], 1.0, None, None).unwrap(), 1);
        assert_eq!(planner.next_assignments(1.0).unwrap().0[0].processor, 1);
    }
}
