//! The problem: a stream of jobs, validated once, immutable ever after.

use crate::control::Pulse;
use crate::error::{InputError, check_each, check_length};
use crate::{simd, sort};

/// Dates, sizes and weights are at most this large, so that no sum of them overflows.
const LARGEST: f64 = 1e100;

/// The columns of a stream of jobs, not yet validated. Empty optional columns mean "not given".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobsData {
    /// When each job arrives.
    pub release_time: Vec<f64>,
    /// Sizes of all operations, job by job.
    pub operation: Vec<f64>,
    /// Where each job's operations start in `operation`, and where the last ones end; empty if every job is one operation.
    pub first_operation: Vec<usize>,
    /// Weights; 1 if not given.
    pub weight: Option<Vec<f64>>,
    /// Estimates of the total size, for policies on estimates.
    pub estimate: Option<Vec<f64>>,
    /// Hard deadlines, for policies on deadlines; infinite ones are legal.
    pub deadline: Option<Vec<f64>>,
    /// Names of the jobs.
    pub names: Option<Vec<String>>,
}

/// A stream of jobs that has passed every check.
///
/// ```
/// use schedkit_core::online::{Jobs, JobsData, Options, Policy, simulate};
/// let jobs = Jobs::new(JobsData { release_time: vec![0.0, 1.0], operation: vec![3.0, 1.0], ..JobsData::default() })?;
/// let flow = simulate(&jobs, &Policy::from_name("srpt")?, &Options::default())?;
/// assert_eq!(flow.completion_time, [4.0, 2.0]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Jobs {
    data: JobsData,
    /// Total sizes, where they are not the operations themselves.
    total: Option<Vec<f64>>,
    /// Jobs by release time, then index; nothing if that is the order of the indices.
    order: Option<Vec<u32>>,
}

impl Jobs {
    /// Validates the columns. O(n), plus a sort if the release times are not sorted.
    ///
    /// # Errors
    /// Unequal lengths, numbers that are not finite or beyond 1e100, negative sizes, weights or estimates, jobs without
    /// operations, names that are not unique, more than 2^32 - 2 jobs.
    pub fn new(data: JobsData) -> Result<Self, InputError> {
        Self::new_interruptible(data, &mut Pulse::default())
    }

    /// [`new`](Self::new), which `pulse` may stop in the sort; the order of the jobs must not be used then.
    ///
    /// # Errors
    /// As `new`.
    pub fn new_interruptible(data: JobsData, pulse: &mut Pulse) -> Result<Self, InputError> {
        let n = data.release_time.len();
        let names = data.names.as_deref();
        if n >= u32::MAX as usize {
            return Err(InputError::new("release_time", "more than 2**32 - 2 jobs"));
        }
        let named = |e: InputError| e.named("job", names);
        if let Some(names) = &data.names {
            check_names(names, n)?;
        }
        // The common case is checked first; the invalid value is searched for only if the check fails.
        let (fine, sorted) = survey(&data.release_time, -LARGEST);
        if !fine {
            check_finite("release_time", &data.release_time).map_err(named)?;
        }
        let total = check_sizes(&data, n).map_err(named)?;
        for (field, column) in [("weight", &data.weight), ("estimate", &data.estimate)] {
            if let Some(column) = column {
                check_length(field, column.len(), n)?;
                check_finite(field, column)
                    .and_then(|()| check_each(field, column, "must be >= 0", |v: f64| v >= 0.0))
                    .map_err(named)?;
            }
        }
        if let Some(deadline) = &data.deadline {
            check_length("deadline", deadline.len(), n)?;
            check_each("deadline", deadline, "must not be NaN", |v: f64| !v.is_nan()).map_err(named)?;
            let reason = "must not be minus infinity; a job without a deadline has plus infinity";
            check_each("deadline", deadline, reason, |v: f64| v != f64::NEG_INFINITY).map_err(named)?;
            let ok = |v: f64| v == f64::INFINITY || v.abs() <= LARGEST;
            check_each("deadline", deadline, "must be between -1e100 and 1e100, or inf for no deadline", ok).map_err(named)?;
        }
        let order = (!sorted).then(|| {
            let mut order: Vec<u32> = (0..n as u32).collect();
            // Adding zero makes minus zero equal to zero.
            let release = |job: u32| data.release_time[job as usize] + 0.0;
            sort::sort_by(&mut order, |steps| pulse.worked(steps), |&a, &b| release(a).total_cmp(&release(b)));
            order
        });
        Ok(Self { data, total, order })
    }

    /// Number of jobs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.data.release_time.len()
    }

    /// Whether there are no jobs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Total size of each job.
    #[must_use]
    pub fn processing_time(&self) -> &[f64] {
        self.total.as_deref().unwrap_or(&self.data.operation)
    }

    /// Release times.
    #[must_use]
    pub fn release_time(&self) -> &[f64] {
        &self.data.release_time
    }

    /// The columns as they were given.
    #[must_use]
    pub fn data(&self) -> &JobsData {
        &self.data
    }

    /// The job that arrives as number `k`: by release time, then index.
    #[inline]
    #[must_use]
    pub fn arrival(&self, k: usize) -> usize {
        self.order.as_ref().map_or(k, |order| order[k] as usize)
    }

    /// Whether jobs arrive in the order of their indices.
    #[must_use]
    pub fn in_order(&self) -> bool {
        self.order.is_none()
    }

    /// Sizes of one job's operations.
    #[inline]
    #[must_use]
    pub fn operations(&self, job: usize) -> &[f64] {
        match self.data.first_operation.get(job..job + 2) {
            Some(bounds) => &self.data.operation[bounds[0]..bounds[1]],
            None => &self.data.operation[job..=job],
        }
    }

    /// Weight of one job.
    #[inline]
    #[must_use]
    pub fn weight(&self, job: usize) -> f64 {
        self.data.weight.as_ref().map_or(1.0, |weight| weight[job])
    }

    /// Deadline of one job, infinite if there is none.
    #[inline]
    #[must_use]
    pub fn deadline(&self, job: usize) -> f64 {
        self.data.deadline.as_ref().map_or(f64::INFINITY, |deadline| deadline[job])
    }
}

/// Whether all values lie in the range (NaN does not), and whether they are sorted.
fn survey(values: &[f64], least: f64) -> (bool, bool) {
    simd::run(Survey { values, least })
}

struct Survey<'a> {
    values: &'a [f64],
    least: f64,
}

/// Free of branches and piece by piece, so that it costs one pass over memory with whatever vectors the processor has.
impl simd::Work for Survey<'_> {
    type Output = (bool, bool);

    #[inline(always)]
    fn run(self, _: impl simd::SearchKernel) -> (bool, bool) {
        let (mut outside, mut falls) = (0_u64, 0_u64);
        let mut last = f64::NEG_INFINITY;
        for piece in self.values.chunks(1024) {
            falls |= u64::from(last > piece[0]);
            last = piece[piece.len() - 1];
            falls |= piece.iter().zip(&piece[1..]).fold(0, |falls, (a, b)| falls | u64::from(a > b));
            outside |= piece.iter().fold(0, |outside, &v| outside | u64::from(!(self.least..=LARGEST).contains(&v)));
        }
        (outside == 0, falls == 0)
    }
}

fn check_finite(field: &'static str, values: &[f64]) -> Result<(), InputError> {
    if values.iter().fold(true, |ok, v| ok & (v.abs() <= LARGEST)) {
        return Ok(());
    }
    check_each(field, values, "must be finite", f64::is_finite)?;
    check_each(field, values, "exceeds 1e100", |v| v.abs() <= LARGEST)
}

/// Judges the operations; returns the totals where they are not the operations themselves.
fn check_sizes(data: &JobsData, n: usize) -> Result<Option<Vec<f64>>, InputError> {
    let first = &data.first_operation;
    if first.is_empty() {
        check_length("processing_time", data.operation.len(), n)?;
        if !survey(&data.operation, 0.0).0 {
            check_finite("processing_time", &data.operation)?;
            check_each("processing_time", &data.operation, "must be >= 0", |v| v >= 0.0)?;
        }
        return Ok(None);
    }
    check_length("operations", first.len() - 1, n)?;
    if first[0] != 0 || first[n] != data.operation.len() || !first.is_sorted() {
        return Err(InputError::new("operations", "the starts do not divide the operations"));
    }
    let at = |k: usize| {
        let job = first.partition_point(|&start| start <= k) - 1;
        [job, k - first[job]]
    };
    if let Some(job) = (0..n).find(|&job| first[job] == first[job + 1]) {
        return Err(InputError::new("operations", "must not be empty").at([job], "[]"));
    }
    for (reason, ok) in [
        ("must be finite", f64::is_finite as fn(f64) -> bool),
        ("must be >= 0", |v| v >= 0.0),
        ("exceeds 1e100", |v| v <= LARGEST),
    ] {
        let mut bad = data.operation.iter().enumerate().filter(|&(_, &v)| !ok(v));
        if let Some((k, &v)) = bad.next() {
            return Err(InputError::new("operations", reason).at(at(k), v).more(bad.count()));
        }
    }
    Ok(Some(first.windows(2).map(|w| data.operation[w[0]..w[1]].iter().sum()).collect()))
}

fn check_names(names: &[String], n: usize) -> Result<(), InputError> {
    check_length("names", names.len(), n)?;
    let mut first = std::collections::HashMap::with_capacity(n);
    for (i, name) in names.iter().enumerate() {
        if let Some(earlier) = first.insert(name.as_str(), i) {
            return Err(
                InputError::new("names", format!("duplicate of names[{earlier}]")).at([i], format!("'{}'", name.escape_debug()))
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut JobsData)) -> String {
        let mut data = JobsData {
            release_time: vec![0.0, 1.0],
            operation: vec![1.0, 2.0, 3.0],
            first_operation: vec![0, 1, 3],
            names: Some(vec!["dig".into(), "pour".into()]),
            ..JobsData::default()
        };
        change(&mut data);
        Jobs::new(data).map_or_else(|e| e.to_string(), |_| "accepted".into())
    }

    #[test]
    fn every_column_is_checked_by_name_and_position() {
        assert_eq!(refused(|_| ()), "accepted");
        assert_eq!(refused(|d| d.release_time[1] = f64::NAN), "release_time[1] = NaN (job 'pour'): must be finite");
        assert_eq!(refused(|d| d.operation[2] = -1.0), "operations[1, 1] = -1.0 (job 'pour'): must be >= 0");
        assert_eq!(refused(|d| d.operation[0] = f64::INFINITY), "operations[0, 0] = inf (job 'dig'): must be finite");
        assert_eq!(refused(|d| d.first_operation[1] = 0), "operations[0] = [] (job 'dig'): must not be empty");
        assert_eq!(refused(|d| d.weight = Some(vec![1.0])), "weight: has length 1, expected 2");
        assert_eq!(refused(|d| d.estimate = Some(vec![1.0, -1.0])), "estimate[1] = -1.0 (job 'pour'): must be >= 0");
        assert_eq!(refused(|d| d.deadline = Some(vec![f64::NAN, 1.0])), "deadline[0] = NaN (job 'dig'): must not be NaN");
        assert_eq!(refused(|d| d.names = Some(vec!["a".into(), "a".into()])), "names[1] = 'a': duplicate of names[0]");
        assert!(refused(|d| d.release_time[0] = 1e200).contains("1e100"));
    }

    #[test]
    fn jobs_arrive_by_release_time_then_index() {
        let data = JobsData { release_time: vec![2.0, 0.0, 2.0, 0.0], operation: vec![1.0; 4], ..JobsData::default() };
        let jobs = Jobs::new(data).unwrap();
        assert_eq!((0..4).map(|k| jobs.arrival(k)).collect::<Vec<_>>(), [1, 3, 0, 2]);
    }
}
