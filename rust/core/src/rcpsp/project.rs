//! The problem: validated once, immutable ever after.

use super::constraints::{self, Run};
use super::{NO_MAX_LAG, ProjectData};
use super::{max_lags, modes, options, stores};
use crate::control::Pulse;
use crate::error::{Error, InputError, check_each, check_length, check_names, check_nonnegative_sum};
use crate::graph::Dag;

/// A project that has passed every check.
///
/// ```
/// use schedkit_core::rcpsp::{Priority, Project, ProjectData, Rule, serial_sgs};
/// let project = Project::new(ProjectData {
///     duration: vec![2, 3, 1],
///     demand: vec![1, 1, 1],
///     capacity: vec![1],
///     precedence: vec![(0, 2)],
///     ..ProjectData::default()
/// })?;
/// let schedule = serial_sgs(&project, Priority::Rule(Rule::LFT), 0)?;
/// assert_eq!(schedule.makespan, 6);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    data: ProjectData,
    graph: Dag,
    horizon: i64,
    constrained: bool,
    max_lags: bool,
    /// Which activities do not run, in a project whose choices are made; empty if all do.
    absent: Vec<bool>,
}

/// Bytes that a project takes for each activity while it is made, demands not counted.
pub const BYTES_PER_ACTIVITY: usize = 160;
/// Bytes that a project takes for each edge while it is made.
pub const BYTES_PER_EDGE: usize = 80;

impl Project {
    /// Validates the columns. O(n R + m).
    ///
    /// # Errors
    /// Unequal lengths, negative numbers, durations whose sum exceeds 2^53, demand above capacity where an activity takes time,
    /// capacity above 2^53, unknown precedence, pairs that stand more than once with the same relation, a cycle, names that are not unique; release times, durations and lags that together exceed 2^53,
    /// calendars above the capacity or of unknown resources, periods without a common multiple of reasonable size, groups with
    /// unknown or repeated members. Windows that are too short and calendars that never suffice are legal.
    pub fn new(data: ProjectData) -> Result<Self, Error> {
        Self::new_interruptible(data, &mut Pulse::default())
    }

    /// [`new`](Self::new) that stops when `pulse` does, with a project that must not be used.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn new_interruptible(mut data: ProjectData, pulse: &mut Pulse) -> Result<Self, Error> {
        check_each("capacity", &data.capacity, "must be >= 0", |c| c >= 0)
            .and_then(|()| check_each("capacity", &data.capacity, "exceeds 2**53", |c| c <= crate::error::TIME_LIMIT))
            .map_err(|e| e.named("resource", data.resource_names.as_deref()))?;
        modes::settle(&mut data)?;
        options::settle(&mut data);
        let (n, width) = (data.duration.len(), data.capacity.len());
        check_names("names", data.names.as_deref(), n)?;
        check_names("resource_names", data.resource_names.as_deref(), width)?;
        let names = data.names.as_deref();
        let horizon = check_nonnegative_sum("duration", &data.duration).map_err(|e| e.named("activity", names))?;
        check_length("demand", data.demand.len(), n.saturating_mul(width))?;
        check_demand(&data).map_err(|e| e.named("activity", names))?;
        let relation: Vec<u8> = data.relation.iter().map(|&relation| relation as u8).collect();
        let named = |e: Error| match e {
            Error::Cycle(cycle) => cycle.named(names).into(),
            other => other,
        };
        let graph = match max_lags::ordering_pairs(&data) {
            None => Dag::new_labelled(n, &data.precedence, &relation, "precedence", pulse),
            Some((pairs, relation)) => Dag::new_labelled(n, &pairs, &relation, "precedence", pulse),
        };
        let graph = graph.map_err(named)?;
        constraints::check_constraints(&mut data)?;
        options::check(&data)?;
        stores::check(&mut data)?;
        max_lags::check(&data, pulse)?;
        let constrained = constraints::present(&data).next().is_some();
        let max_lags = data.max_lag.iter().any(|&lag| lag != NO_MAX_LAG);
        Ok(Self { data, graph, horizon, constrained, max_lags, absent: Vec::new() })
    }

    /// The project with its choices made: these activities do not run.
    pub(super) fn without(self, absent: Vec<bool>) -> Self {
        Self { absent, ..self }
    }

    /// Which activities do not run, in a project whose choices are made; empty if all do.
    pub(super) fn absent(&self) -> &[bool] {
        &self.absent
    }

    /// Whether it asks for more than precedence and constant capacities.
    #[must_use]
    pub fn is_constrained(&self) -> bool {
        self.constrained
    }

    /// Whether some pair has a maximal lag.
    #[must_use]
    pub fn has_max_lags(&self) -> bool {
        self.max_lags
    }

    /// Whether there are stores, which activities empty and fill.
    #[must_use]
    pub fn has_stores(&self) -> bool {
        !self.data.stores.is_empty()
    }

    /// Whether an activity that is placed may have to make room again: where there are maximal lags or stores.
    #[must_use]
    pub fn is_two_sided(&self) -> bool {
        self.max_lags || self.has_stores()
    }

    /// Number of activities, dummies included.
    #[must_use]
    pub fn num_activities(&self) -> usize {
        self.data.duration.len()
    }

    /// Number of resources.
    #[must_use]
    pub fn num_resources(&self) -> usize {
        self.data.capacity.len()
    }

    /// Durations by activity.
    #[must_use]
    pub fn duration(&self) -> &[i64] {
        &self.data.duration
    }

    /// Demands of one activity, by resource.
    #[must_use]
    pub fn demand_of(&self, activity: usize) -> &[i64] {
        let width = self.num_resources();
        &self.data.demand[activity * width..(activity + 1) * width]
    }

    /// Capacities by resource.
    #[must_use]
    pub fn capacity(&self) -> &[i64] {
        &self.data.capacity
    }

    /// The precedence graph.
    #[must_use]
    pub fn graph(&self) -> &Dag {
        &self.graph
    }

    /// The columns as they were given.
    #[must_use]
    pub fn data(&self) -> &ProjectData {
        &self.data
    }

    /// When an activity completes that starts at `start`: its duration later, pauses included.
    #[must_use]
    pub fn completion(&self, activity: usize, start: i64) -> i64 {
        self.completes(activity, start).unwrap_or_else(|| start.saturating_add(self.data.duration[activity]))
    }

    /// The same; `None` if its calendars never let a pausable activity complete.
    pub(super) fn completes(&self, activity: usize, start: i64) -> Option<i64> {
        if self.data.calendars.is_empty() || !self.data.pausable[activity] {
            return Some(start.saturating_add(self.data.duration[activity]));
        }
        self.run(activity).completion(start)
    }

    /// The activity alone with its calendars.
    pub(super) fn run(&self, activity: usize) -> Run<'_> {
        Run::new(&self.data, activity).expect("every activity's calendars were judged when the project was made")
    }

    /// Sum of all durations: no serial schedule is longer.
    #[must_use]
    pub fn horizon(&self) -> i64 {
        self.horizon
    }
}

/// The reason for a value above the capacity of a resource, with the resource's name if it has one.
pub(super) fn above_capacity(data: &ProjectData, resource: usize) -> String {
    let name = data.resource_names.as_ref().and_then(|names| names.get(resource));
    let name = name.map_or_else(String::new, |name| format!(" (resource '{name}')"));
    format!("exceeds capacity[{resource}] = {}{name}", data.capacity[resource])
}

/// An activity that takes no time uses nothing, so that only the others need enough capacity.
fn check_demand(data: &ProjectData) -> Result<(), InputError> {
    let width = data.capacity.len();
    if width == 0 {
        return Ok(());
    }
    let above = |k: usize, demand: i64| demand > data.capacity[k % width] && data.duration[k / width] > 0;
    let mut bad = data.demand.iter().enumerate().filter(|&(k, &demand)| demand < 0 || above(k, demand));
    let Some((k, &demand)) = bad.next() else { return Ok(()) };
    let reason = if demand < 0 { "must be >= 0".to_owned() } else { above_capacity(data, k % width) };
    Err(InputError::new("demand", reason).at([k / width, k % width], demand).more(bad.count()))
}

#[cfg(test)]
mod tests {
    use super::super::{Calendar, NO_DEADLINE, Relation};
    use super::*;

    fn data() -> ProjectData {
        ProjectData {
            duration: vec![1, 2],
            demand: vec![1, 0, 0, 2],
            capacity: vec![1, 2],
            precedence: vec![(0, 1)],
            names: Some(vec!["dig".into(), "pour".into()]),
            ..ProjectData::default()
        }
    }

    fn refused(change: impl FnOnce(&mut ProjectData)) -> String {
        let mut data = data();
        change(&mut data);
        Project::new(data).unwrap_err().to_string()
    }

    #[test]
    fn every_column_is_checked_by_name_and_position() {
        assert!(Project::new(data()).is_ok());
        assert!(Project::new(ProjectData::default()).is_ok());
        assert_eq!(refused(|d| d.duration[1] = -2), "duration[1] = -2 (activity 'pour'): must be >= 0");
        assert_eq!(refused(|d| d.demand[3] = 3), "demand[1, 1] = 3 (activity 'pour'): exceeds capacity[1] = 2");
        assert_eq!(
            refused(|d| (d.demand[3], d.resource_names) = (3, Some(vec!["crew".into(), "pump".into()]))),
            "demand[1, 1] = 3 (activity 'pour'): exceeds capacity[1] = 2 (resource 'pump')"
        );
        let instant = |d: &mut ProjectData| (d.duration[1], d.demand[3]) = (0, 3); // uses nothing
        let mut accepted = data();
        instant(&mut accepted);
        assert!(Project::new(accepted).is_ok());
        assert_eq!(refused(|d| d.demand[0] = -1), "demand[0, 0] = -1 (activity 'dig'): must be >= 0");
        assert_eq!(refused(|d| d.demand.truncate(3)), "demand: has length 3, expected 4");
        assert_eq!(refused(|d| d.capacity[0] = -1), "capacity[0] = -1: must be >= 0");
        assert_eq!(refused(|d| d.precedence.push((1, 0))), "precedence: the edges form a cycle: 0 'dig' -> 1 'pour' -> 0 'dig'");
        assert_eq!(refused(|d| d.names = Some(vec!["a".into(), "a".into()])), "names[1] = 'a': duplicate of names[0]");
        assert!(refused(|d| d.duration = vec![1 << 53, 1]).contains("2**53"));
    }

    #[test]
    fn constraints_are_checked_by_name_and_position() {
        let calendar = |capacity: i64| Calendar::new(vec![0], vec![capacity], None).unwrap();
        let periodic = |period| Calendar::new(vec![0], vec![1], Some(period)).unwrap();
        assert_eq!(refused(|d| d.lag = vec![0, 0]), "lag: has length 2, expected 1");
        assert_eq!(
            refused(|d| d.lag = vec![i64::MIN]),
            "lag[0] = -9223372036854775808: the sum up to here, leads counted as positive, exceeds 2**53"
        );
        assert_eq!(refused(|d| d.relation = vec![Relation::StartStart; 2]), "relation: has length 2, expected 1");
        let twice = |d: &mut ProjectData, relation: [Relation; 2]| {
            (d.precedence, d.relation) = (vec![(0, 1); 2], relation.to_vec());
        };
        assert_eq!(refused(|d| twice(d, [Relation::StartStart; 2])), "precedence[1] = (0, 1): duplicate of edge 0");
        let mut ladder = data();
        twice(&mut ladder, [Relation::StartStart, Relation::FinishFinish]);
        assert!(Project::new(ladder).is_ok_and(|project| project.is_constrained()));
        assert_eq!(refused(|d| d.release_time = vec![0, -1]), "release_time[1] = -1 (activity 'pour'): must be >= 0");
        assert_eq!(refused(|d| d.deadline = vec![3]), "deadline: has length 1, expected 2");
        assert_eq!(
            refused(|d| d.deadline = vec![i64::MAX - 1, 0]),
            "deadline[0] = 9223372036854775806 (activity 'dig'): exceeds 2**53"
        );
        assert!(refused(|d| d.release_time = vec![1 << 53, 0]).contains("together with all durations and lags"));
        assert_eq!(refused(|d| d.pausable = vec![true]), "pausable: has length 1, expected 2");
        assert_eq!(refused(|d| d.disjunctive = vec![vec![0, 1, 0]]), "disjunctive[0, 2] = 0: stands twice in its group");
        assert_eq!(refused(|d| d.disjunctive = vec![vec![0, 1], vec![1]]), "disjunctive[1] = [1]: a group needs two activities");
        assert!(refused(|d| d.disjunctive = vec![vec![0, 2]]).starts_with("disjunctive[0, 1] = 2: unknown index"));
        assert_eq!(refused(|d| d.calendars = vec![(1, calendar(3))]), "calendars[1].capacity[0] = 3: exceeds capacity[1] = 2");
        assert!(refused(|d| d.calendars = vec![(2, calendar(0))]).starts_with("calendars = 2: unknown resource"));
        let primes = [1_000_003, 1_000_033];
        assert!(refused(|d| d.calendars = primes.map(|p| (0, periodic(p))).to_vec()).contains("common multiple"));
    }

    #[test]
    fn absent_columns_are_completed_and_do_not_constrain() {
        let project = Project::new(data()).unwrap();
        assert_eq!((project.data().lag.len(), project.data().deadline.as_slice()), (1, [NO_DEADLINE; 2].as_slice()));
        assert!(!project.is_constrained());
        assert!(Project::new(ProjectData { lag: vec![1], ..data() }).unwrap().is_constrained());
    }
}
