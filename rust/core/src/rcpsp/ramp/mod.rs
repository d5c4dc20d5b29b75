//! The constraint ramp: feasibility problems that get harder by one necessary precedence at a time.
//!
//! Level `k` has exactly `k` edges, each of which matters, then downtimes, time windows and disjunctions. A witness schedule is drawn
//! first and the constraints around it, so every instance is solvable and carries its proof. After R-ConstraintBench (Jain and Wetter
//! 2025, arXiv 2508.15204), whose text leaves the distributions open: those here are ours.

mod constraints;
mod edges;
mod tasks;
mod witness;

use super::{Calendar, NO_DEADLINE, Project, ProjectData, Schedule};
use crate::check::{ProjectClaim, check_project};
use crate::control::Pulse;
use crate::cost;
use crate::error::InputError;
use crate::names::Named;
use crate::random::Random;
use tasks::Tasks;
use witness::Downtime;

/// What tasks and resources are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Numbers.
    Plain,
    /// The migration of a data centre: layers are its phases.
    Migration,
}

impl Named for Flavour {
    const FIELD: &'static str = "flavour";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("plain", Self::Plain), ("migration", Self::Migration)].into_iter()
    }
}

/// What a ramp is drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Tasks of each instance, at most 1,000.
    pub num_tasks: usize,
    /// The ramp has levels 1 to this.
    pub num_levels: usize,
    /// Layers that edges lead through.
    pub num_layers: usize,
    /// Resources, 1 to 64.
    pub num_resources: usize,
    /// Durations are uniform from 1 to this, at most 1,000.
    pub max_duration: i64,
    /// Share of tasks with a window.
    pub windowed: f64,
    /// Most slack on each side of a window, in mean durations.
    pub slack: f64,
    /// Probability with which a resource is down for some time.
    pub downtime: f64,
    /// Disjunctive groups, as a share of half the number of tasks.
    pub disjunctive: f64,
    /// The witness is at most this many times the larger of critical path and work over capacity.
    pub witness_ratio: f64,
    /// Names.
    pub flavour: Flavour,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            num_tasks: 30,
            num_levels: 30,
            num_layers: 6,
            num_resources: 3,
            max_duration: 10,
            windowed: 0.75,
            slack: 1.0,
            downtime: 0.75,
            disjunctive: 0.5,
            witness_ratio: 1.3,
            flavour: Flavour::Plain,
        }
    }
}

/// One step of a ramp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Number of precedence pairs.
    pub level: usize,
    /// The problem.
    pub project: Project,
    /// A feasible schedule of it.
    pub witness: Schedule,
}

/// Draws of a ramp before it is given up.
const ATTEMPTS: u64 = 50;
/// Witnesses tried for each level, from wild ones to careful ones.
const WITNESSES: u32 = 100;

/// A ramp: one instance for each level from 1 on, all on the same tasks, the edges of a level being those of the one below and one
/// more. O(n^4 / 64) for the edges in the worst case; every witness is judged by the checker.
///
/// Where no witness is short enough, or the layers do not hold so many edges, the tasks are drawn again.
///
/// ```
/// use schedkit_core::rcpsp::ramp::{Settings, generate};
/// let ramp = generate(&Settings::default(), 7)?;
/// assert_eq!((ramp.len(), ramp[11].project.graph().num_edges()), (30, 12));
/// # Ok::<(), schedkit_core::error::InputError>(())
/// ```
///
/// # Errors
/// Settings out of range, and settings with which no ramp is found.
pub fn generate(settings: &Settings, seed: u64) -> Result<Vec<Instance>, InputError> {
    generate_interruptible(settings, seed, &mut Pulse::default())
}

/// [`generate`] that stops when `pulse` does; its answer must not be used then.
///
/// # Errors
/// As [`generate`].
pub fn generate_interruptible(settings: &Settings, seed: u64, pulse: &mut Pulse) -> Result<Vec<Instance>, InputError> {
    check(settings)?;
    let mut most_edges = 0;
    for attempt in 0..ATTEMPTS {
        // Streams are numbered so that a level is the same in ramps of any length, as long as the first draw will do.
        let stream = |level: usize| Random::stream(seed, attempt << 32 | level as u64);
        let mut random = stream(0);
        let tasks = Tasks::draw(settings, &mut random);
        let edges = edges::draw(&tasks.layer, settings.num_levels, &mut random, pulse);
        if pulse.stopped() {
            break;
        }
        if edges.len() < settings.num_levels {
            most_edges = most_edges.max(edges.len());
            continue;
        }
        let levels = 1..=settings.num_levels;
        let mut draw = |k: usize| {
            let stopped = pulse.worked(cost::DECISION * (settings.num_tasks + k) as u64);
            (!stopped).then(|| instance(settings, &tasks, &edges[..k], &mut stream(k)))?
        };
        let ramp: Option<Vec<_>> = levels.map(&mut draw).collect();
        if let Some(ramp) = ramp {
            return Ok(ramp);
        }
    }
    if most_edges > 0 {
        let reason = format!("only {most_edges} edges, each of them necessary, fit these tasks and layers");
        return Err(InputError::new("num_levels", reason).value(settings.num_levels));
    }
    Err(InputError::new("witness_ratio", "no witness is so short; allow more, or draw other tasks").value(settings.witness_ratio))
}

fn instance(settings: &Settings, tasks: &Tasks, edges: &[(u32, u32)], random: &mut Random) -> Option<Instance> {
    let critical_path = witness::tails(tasks, edges).into_iter().max().unwrap_or(0);
    let bound = tasks.bound.max(critical_path);
    let longest = (bound as f64 * settings.witness_ratio) as i64;
    let (downtime, start_time, completion_time) = (0..WITNESSES).find_map(|k| {
        let wildness = 1.0 - f64::from(k) / f64::from(WITNESSES - 1);
        let downtime = witness::draw_downtime(tasks, bound, settings.downtime, wildness, random);
        let start = witness::draw_witness(tasks, edges, &downtime, wildness, random);
        let end: Vec<i64> = start.iter().zip(&tasks.duration).map(|(start, length)| start + length).collect();
        (end.iter().max() <= Some(&longest)).then_some((downtime, start, end))
    })?;
    let windows = constraints::draw_windows(tasks, &start_time, settings.windowed, settings.slack, random);
    let groups = constraints::draw_groups(tasks, edges, &start_time, &windows, settings.disjunctive, random);
    let project = Project::new(ProjectData {
        duration: tasks.duration.clone(),
        demand: tasks.demand.clone(),
        capacity: tasks.capacity.clone(),
        precedence: edges.to_vec(),
        release_time: windows.iter().map(|w| w.map_or(0, |(release, _)| release)).collect(),
        deadline: windows.iter().map(|w| w.map_or(NO_DEADLINE, |(_, deadline)| deadline)).collect(),
        calendars: downtime.iter().map(|d| (d.resource as u32, calendar(d, tasks.capacity[d.resource]))).collect(),
        disjunctive: groups,
        names: Some(tasks.names.clone()),
        resource_names: Some(tasks.resource_names.clone()),
        ..ProjectData::default()
    });
    let project = project.expect("layers leave no cycle, and all numbers are small");
    let makespan = completion_time.iter().copied().max().unwrap_or(0);
    let witness = Schedule { start_time, completion_time, makespan };
    let activity: Vec<i64> = (0..tasks.duration.len() as i64).collect();
    let claim = ProjectClaim {
        mode: None,
        activity: &activity,
        start: &witness.start_time,
        end: &witness.completion_time,
        makespan: Some(makespan),
        objectives: &[],
        fixed: &[],
        now: 0,
    };
    let found = check_project(project.data(), &claim);
    assert!(found == Ok(Vec::new()), "constraints are drawn around the witness: {found:?}");
    Some(Instance { level: edges.len(), project, witness })
}

/// Full capacity but for the downtime.
fn calendar(downtime: &Downtime, capacity: i64) -> Calendar {
    Calendar::new(vec![downtime.start, downtime.end], vec![0, capacity], None).expect("a downtime has a length")
}

fn check(settings: &Settings) -> Result<(), InputError> {
    let counts = [
        ("num_tasks", settings.num_tasks, 2, 1000),
        ("num_levels", settings.num_levels, 0, 1_000_000),
        ("num_layers", settings.num_layers, 2, 1000),
        ("num_resources", settings.num_resources, 1, 64),
        ("max_duration", usize::try_from(settings.max_duration).unwrap_or(0), 1, 1000),
    ];
    for (field, value, least, most) in counts {
        if !(least..=most).contains(&value) {
            return Err(InputError::new(field, format!("must lie between {least} and {most}")).value(value));
        }
    }
    let shares = [
        ("windowed", settings.windowed, 0.0, 1.0),
        ("slack", settings.slack, 0.0, 1000.0),
        ("downtime", settings.downtime, 0.0, 1.0),
        ("disjunctive", settings.disjunctive, 0.0, 10.0),
        ("witness_ratio", settings.witness_ratio, 1.0, 1000.0),
    ];
    for (field, value, least, most) in shares {
        if !(least..=most).contains(&value) {
            return Err(InputError::new(field, format!("must lie between {least} and {most}")).value(value));
        }
    }
    Ok(())
}
