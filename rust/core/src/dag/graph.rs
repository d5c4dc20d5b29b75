//! The task graph, which is validated once and immutable afterwards.

use crate::control::Pulse;
use crate::error::{Error, InputError, check_each, check_length, check_names};
use crate::graph::Dag;
use crate::memory::{self, OutOfMemory};

/// No sum of times may exceed this, so that no time, rank or score can overflow to infinity.
pub const HORIZON: f64 = 1e290;

/// Tasks times processors; a table of that many numbers takes 8 GiB.
pub const MOST_ENTRIES: usize = 1 << 30;

/// The cost of each task on each processor.
#[derive(Debug, Clone, PartialEq)]
pub enum Cost {
    /// Row-major, one row per task; infinite where a task cannot run.
    Matrix {
        /// `cost[i * num_processors + p]`.
        cost: Vec<f64>,
        /// Row length.
        num_processors: usize,
    },
    /// Related machines: task `i` takes `work[i] / speed[p]`; no matrix is kept.
    Related {
        /// Work of each task.
        work: Vec<f64>,
        /// Speed of each processor.
        speed: Vec<f64>,
    },
}

/// A task graph on heterogeneous processors that has passed every check.
///
/// ```
/// use schedkit_core::dag::{Cost, TaskGraph};
/// let cost = Cost::Matrix { cost: vec![2.0, 3.0, 1.0, f64::INFINITY], num_processors: 2 };
/// let graph = TaskGraph::new(cost, &[(0, 1)], &[5.0], None)?;
/// assert_eq!((graph.num_tasks(), graph.num_processors()), (2, 2));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TaskGraph {
    cost: Cost,
    dag: Dag,
    data_out: Vec<f64>,
    data_in: Vec<f64>,
    names: Option<Vec<String>>,
    total_cost: f64,
    total_data: f64,
}

impl TaskGraph {
    /// Validates the columns; `data[k]` travels along `edges[k]`, no data at all means 0 everywhere. O(n P + m).
    ///
    /// # Errors
    /// NaN, negative or all-infinite costs, speeds that are not positive, negative or infinite data, sums beyond [`HORIZON`],
    /// unequal lengths, unknown or duplicate edges, a cycle, names that are not unique, too little memory.
    pub fn new(cost: Cost, edges: &[(u32, u32)], data: &[f64], names: Option<Vec<String>>) -> Result<Self, Error> {
        Self::new_interruptible(cost, edges, data, names, &mut Pulse::default())
    }

    /// [`new`](Self::new) that stops when `pulse` does, with a graph that must not be used.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn new_interruptible(
        mut cost: Cost,
        edges: &[(u32, u32)],
        data: &[f64],
        names: Option<Vec<String>>,
        pulse: &mut Pulse,
    ) -> Result<Self, Error> {
        let named = |e: InputError| e.named("task", names.as_deref());
        let (Cost::Matrix { cost: values, .. } | Cost::Related { work: values, .. }) = &mut cost;
        for part in values.chunks_mut(1 << 14) {
            if pulse.worked(part.len() as u64) {
                break;
            }
            for value in part.iter_mut() {
                *value += 0.0; // no -0
            }
        }
        let (n, total_cost) = match &cost {
            Cost::Matrix { cost, num_processors } => check_matrix(cost, *num_processors).map_err(named)?,
            Cost::Related { work, speed } => check_related(work, speed).map_err(named)?,
        };
        // Rows in both directions with what their construction takes, data beside them, and a table of names.
        memory::require(
            n.saturating_mul(40 + if names.is_some() { 64 } else { 0 }).saturating_add(edges.len().saturating_mul(56)),
        )?;
        check_names("names", names.as_deref(), n)?;
        if !data.is_empty() || edges.is_empty() {
            check_length("data", data.len(), edges.len())?;
        }
        let total_data = check_data(data)?;
        let dag = Dag::new_interruptible(n, edges, "edges", pulse).map_err(|e| match e {
            Error::Cycle(cycle) => cycle.named(names.as_deref()).into(),
            other => other,
        })?;
        let beside = |numbers: &[u32]| -> Vec<f64> {
            // Adding 0 turns -0 into 0.
            numbers.iter().map(|&k| data.get(k as usize).map_or(0.0, |&d| d + 0.0)).collect()
        };
        let (data_out, data_in) = (beside(dag.successors().edge_numbers()), beside(dag.predecessors().edge_numbers()));
        Ok(Self { cost, dag, data_out, data_in, names, total_cost, total_data })
    }

    /// Number of tasks.
    #[must_use]
    pub fn num_tasks(&self) -> usize {
        self.dag.num_nodes()
    }

    /// Number of processors.
    #[must_use]
    pub fn num_processors(&self) -> usize {
        match &self.cost {
            Cost::Matrix { num_processors, .. } => *num_processors,
            Cost::Related { speed, .. } => speed.len(),
        }
    }

    /// The costs as they were given.
    #[must_use]
    pub fn costs(&self) -> &Cost {
        &self.cost
    }

    /// The cost of `task` on `processor`.
    #[inline]
    #[must_use]
    pub fn cost(&self, task: usize, processor: usize) -> f64 {
        match &self.cost {
            Cost::Matrix { cost, num_processors } => cost[task * num_processors + processor],
            Cost::Related { work, speed } => work[task] / speed[processor],
        }
    }

    /// The cost of each task on the processor given beside it; 0 if there is no such processor.
    #[must_use]
    pub fn placement_cost(&self, processor: &[i64]) -> Vec<f64> {
        let known = |p: i64| usize::try_from(p).ok().filter(|&p| p < self.num_processors());
        processor.iter().enumerate().map(|(i, &p)| known(p).map_or(0.0, |p| self.cost(i, p))).collect()
    }

    /// The costs of `task` on each processor. They are computed into `buffer`, one number per processor, if no matrix is kept.
    #[inline]
    #[must_use]
    pub fn row<'a>(&'a self, task: usize, buffer: &'a mut [f64]) -> &'a [f64] {
        match &self.cost {
            Cost::Matrix { cost, num_processors } => &cost[task * num_processors..(task + 1) * num_processors],
            Cost::Related { work, speed } => {
                let w = work[task];
                for (cost, &s) in buffer.iter_mut().zip(speed) {
                    *cost = w / s;
                }
                buffer
            }
        }
    }

    /// The precedence graph.
    #[must_use]
    pub fn dag(&self) -> &Dag {
        &self.dag
    }

    /// `(successor, data)` for each edge out of `task`.
    #[inline]
    pub fn outgoing(&self, task: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.dag.successors().range(task);
        self.dag.successors().of(task).iter().zip(&self.data_out[range]).map(|(&j, &d)| (j as usize, d))
    }

    /// `(predecessor, data)` for each edge into `task`.
    #[inline]
    pub fn incoming(&self, task: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.dag.predecessors().range(task);
        self.dag.predecessors().of(task).iter().zip(&self.data_in[range]).map(|(&i, &d)| (i as usize, d))
    }

    /// The data column that lies beside the successors' rows.
    #[must_use]
    pub fn data_out(&self) -> &[f64] {
        &self.data_out
    }

    /// The data column that lies beside the predecessors' rows.
    #[must_use]
    pub fn data_in(&self) -> &[f64] {
        &self.data_in
    }

    /// The edges in the caller's order.
    #[must_use]
    pub fn edges(&self) -> Vec<(u32, u32)> {
        let mut edges = vec![(0, 0); self.dag.num_edges()];
        for (edge, &k) in self.dag.edges().zip(self.dag.successors().edge_numbers()) {
            edges[k as usize] = edge;
        }
        edges
    }

    /// The data in the order of [`edges`](Self::edges).
    #[must_use]
    pub fn data(&self) -> Vec<f64> {
        let mut data = vec![0.0; self.data_out.len()];
        for (&d, &k) in self.data_out.iter().zip(self.dag.successors().edge_numbers()) {
            data[k as usize] = d;
        }
        data
    }

    /// Names of the tasks.
    #[must_use]
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// Sum of all finite costs.
    #[must_use]
    pub fn total_cost(&self) -> f64 {
        self.total_cost
    }

    /// Sum of all data.
    #[must_use]
    pub fn total_data(&self) -> f64 {
        self.total_data
    }

    /// Becomes `base` with the costs of each task multiplied by its factor; both must be of one kind and size.
    pub(crate) fn rescale(&mut self, base: &Self, factor: &[f64]) -> Result<(), InputError> {
        // If only work is kept, the sum over all processors is at most the cost on the slowest one times their number.
        let (values, given, width, unit) = match (&mut self.cost, &base.cost) {
            (Cost::Matrix { cost, num_processors }, Cost::Matrix { cost: given, .. }) => (cost, given, *num_processors, None),
            (Cost::Related { work, speed }, Cost::Related { work: given, .. }) => {
                (work, given, 1, speed.iter().copied().reduce(f64::min).map(|slowest| (slowest, speed.len() as f64)))
            }
            _ => return Err(InputError::new("graph", "is of another kind")),
        };
        let most = |value: f64| unit.map_or(value, |(slowest, count)| value / slowest * count);
        let mut total = 0.0;
        for (i, &f) in factor.iter().enumerate() {
            for k in i * width..(i + 1) * width {
                // A factor of 0 does not make an impossible processor possible.
                values[k] = if given[k].is_finite() { given[k] * f } else { given[k] };
                total += if given[k].is_finite() { most(values[k]) } else { 0.0 };
            }
            check_horizon("factor", i, f, total)?;
        }
        self.total_cost = base.total_cost.max(total);
        Ok(())
    }

    /// A table of one number per task and processor.
    pub(crate) fn table(&self) -> Result<Vec<f64>, OutOfMemory> {
        memory::filled(self.num_tasks() * self.num_processors(), 0.0)
    }

    /// The memory that a copy takes.
    pub(crate) fn bytes(&self) -> usize {
        let costs = match &self.cost {
            Cost::Matrix { cost, .. } => cost.len(),
            Cost::Related { work, speed } => work.len() + speed.len(),
        };
        8 * costs + 32 * self.data_out.len() + 12 * self.num_tasks()
    }
}

/// Returns the number of tasks and the sum of all finite costs.
fn check_matrix(cost: &[f64], width: usize) -> Result<(usize, f64), InputError> {
    if width == 0 {
        return if cost.is_empty() { Ok((0, 0.0)) } else { Err(InputError::new("cost", "needs at least one processor")) };
    }
    if !cost.len().is_multiple_of(width) {
        return Err(InputError::new("cost", format!("has length {}, expected a multiple of {width}", cost.len())));
    }
    check_entries(cost.len() / width, width)?;
    let mut bad = cost.iter().enumerate().filter(|&(_, &c)| c.is_nan() || c < 0.0);
    if let Some((k, &c)) = bad.next() {
        return Err(InputError::new("cost", "must be >= 0").at([k / width, k % width], c).more(bad.count()));
    }
    let nowhere = |row: &&[f64]| row.iter().all(|c| c.is_infinite());
    let mut rows = cost.chunks_exact(width);
    if let Some(i) = rows.position(|row| nowhere(&row)) {
        let more = rows.filter(nowhere).count();
        return Err(InputError::new("cost", "the task can run on no processor, every cost is infinite")
            .at([i], "inf")
            .more(more));
    }
    let mut total = 0.0;
    for (i, row) in cost.chunks_exact(width).enumerate() {
        total += row.iter().filter(|c| c.is_finite()).sum::<f64>();
        check_horizon("cost", i, row[0], total)?;
    }
    Ok((cost.len() / width, total))
}

fn check_entries(tasks: usize, processors: usize) -> Result<(), InputError> {
    match tasks.checked_mul(processors) {
        Some(entries) if entries <= MOST_ENTRIES => Ok(()),
        _ => Err(InputError::new("cost", format!("{tasks} tasks times {processors} processors are too many"))),
    }
}

fn check_related(work: &[f64], speed: &[f64]) -> Result<(usize, f64), InputError> {
    check_each("work", work, "must be finite and >= 0", |w| w.is_finite() && w >= 0.0)?;
    check_each("speed", speed, "must be finite and > 0", |s| s.is_finite() && s > 0.0)?;
    if speed.is_empty() && !work.is_empty() {
        return Err(InputError::new("speed", "needs at least one processor"));
    }
    check_entries(work.len(), speed.len())?;
    let mut total = 0.0;
    for (i, &w) in work.iter().enumerate() {
        total += speed.iter().map(|s| w / s).sum::<f64>();
        check_horizon("work", i, w, total)?;
    }
    Ok((work.len(), total))
}

fn check_data(data: &[f64]) -> Result<f64, InputError> {
    check_each("data", data, "must be finite and >= 0", |d| d.is_finite() && d >= 0.0)?;
    let mut total = 0.0;
    for (k, &d) in data.iter().enumerate() {
        total += d;
        check_horizon("data", k, d, total)?;
    }
    Ok(total)
}

fn check_horizon(field: &'static str, index: usize, value: f64, total: f64) -> Result<(), InputError> {
    if total <= HORIZON {
        return Ok(());
    }
    Err(InputError::new(field, format!("the sum up to here exceeds {HORIZON:e}")).at([index], value))
}
