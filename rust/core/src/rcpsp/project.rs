//! The problem: validated once, immutable ever after.

use crate::error::{Error, InputError, check_each, check_length, check_names, check_nonnegative_sum};
use crate::graph::Dag;

/// The columns of a project, not yet validated. `demand` is row-major, one row per activity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProjectData {
    /// Duration of each activity, in ticks.
    pub duration: Vec<i64>,
    /// `demand[i * capacity.len() + r]`: units of resource `r` that activity `i` holds while it runs.
    pub demand: Vec<i64>,
    /// Units of each resource.
    pub capacity: Vec<i64>,
    /// `(before, after)`: `after` starts no earlier than `before` completes.
    pub precedence: Vec<(u32, u32)>,
    /// Names of the activities.
    pub names: Option<Vec<String>>,
    /// Names of the resources.
    pub resource_names: Option<Vec<String>>,
}

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
/// let schedule = serial_sgs(&project, Priority::Rule(Rule::Lft), 0)?;
/// assert_eq!(schedule.makespan, 6);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    data: ProjectData,
    graph: Dag,
    horizon: i64,
}

impl Project {
    /// Validates the columns. O(n R + m).
    ///
    /// # Errors
    /// Unequal lengths, negative numbers, durations whose sum exceeds 2^53, demand above capacity, capacity above 2^53, unknown
    /// or duplicate precedence, a cycle, names that are not unique.
    pub fn new(data: ProjectData) -> Result<Self, Error> {
        let (n, width) = (data.duration.len(), data.capacity.len());
        check_names("names", data.names.as_deref(), n)?;
        check_names("resource_names", data.resource_names.as_deref(), width)?;
        let names = data.names.as_deref();
        let horizon = check_nonnegative_sum("duration", &data.duration).map_err(|e| e.named("activity", names))?;
        check_each("capacity", &data.capacity, "must be >= 0", |c| c >= 0)
            .and_then(|()| check_each("capacity", &data.capacity, "exceeds 2**53", |c| c <= crate::error::TIME_LIMIT))
            .map_err(|e| e.named("resource", data.resource_names.as_deref()))?;
        check_length("demand", data.demand.len(), n.saturating_mul(width))?;
        check_demand(&data).map_err(|e| e.named("activity", names))?;
        let graph = Dag::new(n, &data.precedence, "precedence").map_err(|e| match e {
            Error::Cycle(cycle) => cycle.named(names).into(),
            other => other,
        })?;
        Ok(Self { data, graph, horizon })
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

    /// Sum of all durations: no serial schedule is longer.
    #[must_use]
    pub fn horizon(&self) -> i64 {
        self.horizon
    }
}

fn check_demand(data: &ProjectData) -> Result<(), InputError> {
    let width = data.capacity.len();
    if width == 0 {
        return Ok(());
    }
    let above = |k: usize, demand: i64| demand > data.capacity[k % width];
    let mut bad = data.demand.iter().enumerate().filter(|&(k, &demand)| demand < 0 || above(k, demand));
    let Some((k, &demand)) = bad.next() else { return Ok(()) };
    let reason = if demand < 0 {
        "must be >= 0".to_owned()
    } else {
        format!("exceeds capacity[{}] = {}", k % width, data.capacity[k % width])
    };
    Err(InputError::new("demand", reason).at([k / width, k % width], demand).more(bad.count()))
}

#[cfg(test)]
mod tests {
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
        assert_eq!(refused(|d| d.demand[0] = -1), "demand[0, 0] = -1 (activity 'dig'): must be >= 0");
        assert_eq!(refused(|d| d.demand.truncate(3)), "demand: has length 3, expected 4");
        assert_eq!(refused(|d| d.capacity[0] = -1), "capacity[0] = -1: must be >= 0");
        assert_eq!(refused(|d| d.precedence.push((1, 0))), "precedence: the edges form a cycle: 0 'dig' -> 1 'pour' -> 0 'dig'");
        assert_eq!(refused(|d| d.names = Some(vec!["a".into(), "a".into()])), "names[1] = 'a': duplicate of names[0]");
        assert!(refused(|d| d.duration = vec![1 << 53, 1]).contains("2**53"));
    }
}
