//! An event-driven executor for the planner: jobs arrive, and what was planned takes longer or shorter than estimated.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::jobs::TaskId;
use super::planner::Planner;
use super::policy::PlannerSettings;
use crate::control::Pulse;
use crate::cost;
use crate::dag::graph::{HORIZON, TaskGraph};
use crate::dag::network::Network;
use crate::error::{Error, InputError, check_each, check_length};
use crate::names::Named;
use crate::random::Random;

/// The distribution of the factor between a duration and its estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseModel {
    /// A normal factor of mean 1 and the given deviation, never below 0.01.
    Normal,
    /// A lognormal factor of mean 1 and the given deviation.
    Lognormal,
    /// A uniform factor between 1 minus and 1 plus the level.
    Uniform,
}

impl Named for NoiseModel {
    const FIELD: &'static str = "noise_model";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("normal", Self::Normal), ("lognormal", Self::Lognormal), ("uniform", Self::Uniform)].into_iter()
    }
}

/// A model and its level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// The distribution.
    pub model: NoiseModel,
    /// Its level; 0 is no noise.
    pub level: f64,
}

impl Noise {
    fn check(&self) -> Result<(), InputError> {
        let most = if self.model == NoiseModel::Uniform { 1.0 } else { 10.0 };
        if (0.0..=most).contains(&self.level) {
            return Ok(());
        }
        Err(InputError::new("noise", format!("must be between 0 and {most}")).value(self.level))
    }

    /// One factor. Every level uses two draws, so that runs of different levels are comparable.
    fn factor(self, random: &mut Random) -> f64 {
        let (u, v) = (1.0 - random.unit(), random.unit());
        // Box and Muller (1958).
        let normal = || libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v);
        match self.model {
            _ if self.level == 0.0 => 1.0,
            NoiseModel::Normal => (1.0 + self.level * normal()).max(0.01),
            NoiseModel::Lognormal => {
                let variance = libm::log(1.0 + self.level * self.level);
                libm::exp(libm::sqrt(variance) * normal() - variance / 2.0)
            }
            NoiseModel::Uniform => 1.0 + self.level * (2.0 * v - 1.0),
        }
    }
}

/// The arrivals of jobs.
#[derive(Debug, Clone, Copy)]
pub struct Arrivals<'a> {
    /// Times, not decreasing.
    pub release: &'a [f64],
    /// For each arrival its graph.
    pub template: &'a [usize],
}

/// One run of a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// The task.
    pub id: TaskId,
    /// Its processor.
    pub processor: usize,
    /// Its start.
    pub start: f64,
    /// Its end.
    pub end: f64,
}

/// The outcome of a simulation.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StreamReport {
    /// End of each job.
    pub completion: Vec<f64>,
    /// The time for which each processor was running tasks.
    pub busy: Vec<f64>,
    /// Number of times that planned tasks were planned anew.
    pub num_plans: u64,
    /// Every run, if asked for, by start.
    pub records: Vec<Record>,
}

#[derive(Debug, PartialEq)]
struct Event {
    time: f64,
    /// 0 for an end, 1 for data that arrive.
    kind: u8,
    id: TaskId,
}

impl Eq for Event {}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.time.total_cmp(&other.time)).then(self.kind.cmp(&other.kind)).then(self.id.cmp(&other.id))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Runs the whole stream. Everything that happens at one moment is reported to the planner (ends first, then arrivals) before
/// anything starts. Durations depend on seed, job and task alone, so policies can be compared. A report that `pulse` cut short is incomplete and
/// must not be used.
///
/// # Errors
/// Unsorted arrivals, unknown graphs, graphs of another number of processors, a noise level out of range.
#[allow(clippy::too_many_arguments)]
pub fn simulate_stream(
    graphs: &[Arc<TaskGraph>],
    network: &Network,
    arrivals: Arrivals,
    settings: PlannerSettings,
    noise: Noise,
    seed: u64,
    keep: bool,
    pulse: &Pulse,
) -> Result<StreamReport, Error> {
    noise.check()?;
    check_arrivals(arrivals, graphs.len())?;
    let Some(first) = graphs.first() else { return Ok(StreamReport::default()) };
    let mut pulse = pulse.clone();
    let mut planner = Planner::new(first.num_processors(), network.clone(), settings, true)?.with_pulse(&pulse);
    let kinds = graphs.iter().map(|graph| planner.prepare(graph)).collect::<Result<Vec<_>, _>>()?;
    let jobs = arrivals.release.len();
    let mut report = StreamReport {
        completion: arrivals.release.to_vec(),
        busy: vec![0.0; first.num_processors()],
        ..StreamReport::default()
    };
    let mut events: BinaryHeap<Reverse<Event>> = BinaryHeap::new();
    let mut factors: Vec<Vec<f64>> = vec![Vec::new(); jobs];
    let mut next = 0;
    loop {
        let event = events.peek().map_or(f64::INFINITY, |Reverse(event)| event.time);
        let arrival = arrivals.release.get(next).copied().unwrap_or(f64::INFINITY);
        let now = event.min(arrival);
        if now == f64::INFINITY || pulse.worked(cost::DECISION) || pulse.stopped() {
            break;
        }
        if now > HORIZON {
            return Err(InputError::new("release_time", format!("the jobs end at {now:?}, beyond {HORIZON:e}")).into());
        }
        while let Some(Reverse(event)) = events.peek()
            && event.time == now
        {
            let Reverse(Event { kind, id, .. }) = events.pop().expect("peeked");
            if kind == 0 && planner.finished(id, now)? {
                report.completion[id.job] = now;
                factors[id.job] = Vec::new();
            }
        }
        while next < jobs && arrivals.release[next] == now {
            let mut random = Random::stream(seed, next as u64);
            let graph = &graphs[arrivals.template[next]];
            factors[next] = (0..graph.num_tasks()).map(|_| noise.factor(&mut random)).collect();
            planner.submit(&kinds[arrivals.template[next]], now)?;
            next += 1;
        }
        let (starting, wake) = planner.next_assignments(now)?;
        for assignment in starting {
            let id = assignment.id;
            planner.started(id, now)?;
            let cost = graphs[arrivals.template[id.job]].cost(id.task, assignment.processor);
            let end = now + cost * factors[id.job][id.task];
            report.busy[assignment.processor] += end - now;
            if keep {
                report.records.push(Record { id, processor: assignment.processor, start: now, end });
            }
            events.push(Reverse(Event { time: end, kind: 0, id }));
        }
        if wake < f64::INFINITY {
            events.push(Reverse(Event { time: wake, kind: 1, id: TaskId { job: 0, task: 0 } }));
        }
    }
    report.num_plans = planner.num_plans();
    Ok(report)
}

fn check_arrivals(arrivals: Arrivals, graphs: usize) -> Result<(), InputError> {
    check_length("job_template", arrivals.template.len(), arrivals.release.len())?;
    check_each("release_time", arrivals.release, "must be finite, at most 1e290", |time| time.abs() <= HORIZON)?;
    for (k, pair) in arrivals.release.windows(2).enumerate() {
        if pair[1] < pair[0] {
            return Err(InputError::new("release_time", "must not decrease").at([k + 1], pair[1]));
        }
    }
    for (k, &template) in arrivals.template.iter().enumerate() {
        if template >= graphs {
            let reason = format!("unknown graph, expected 0 <= index < {graphs}");
            return Err(InputError::new("job_template", reason).at([k], template));
        }
    }
    Ok(())
}
