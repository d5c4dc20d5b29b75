//! The problem: jobs that visit machines, `J, FJ | r_j, s_jk, block, no-wait | C_max, sum w_j T_j`.

use std::ops::Range;

use super::columns;
use crate::calendar::Calendar;
use crate::error::InputError;
use crate::names::Named;
use crate::weights::Weights;

/// The due date of a job that has none.
pub const NO_DUE_DATE: i64 = i64::MAX;

/// What happens to a completed operation whose job cannot go on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blocking {
    /// The job leaves its machine and waits elsewhere.
    #[default]
    None,
    /// The job stays on its machine; jobs may exchange their machines at one moment, in cycles too.
    Swap,
    /// The job stays on its machine; a machine is free only after its job has left for another one.
    NoSwap,
}

impl Named for Blocking {
    const FIELD: &'static str = "blocking";
    const NOUN: &'static str = "kind of blocking";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [("swap", Self::Swap), ("no_swap", Self::NoSwap)].into_iter()
    }
}

/// The columns of a shop, before they are checked. Operations are numbered through in the order of jobs.
///
/// Columns by job that are empty stand for none: release times 0, no due dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShopData {
    /// Where the operations of each job begin, and at last their number.
    pub job_start: Vec<usize>,
    /// Where the choices of each operation begin, and at last their number.
    pub choice_start: Vec<usize>,
    /// The machine of each choice.
    pub machine: Vec<i64>,
    /// The duration of each choice, in ticks.
    pub duration: Vec<i64>,
    /// Number of machines.
    pub num_machines: usize,
    /// No operation of the job starts earlier.
    pub release_time: Vec<i64>,
    /// Lateness counts from here; [`NO_DUE_DATE`] for a job that has none.
    pub due_date: Vec<i64>,
    /// Importance of each job in sums.
    pub weight: Weights,
    /// The family of each job, by which setups are looked up; without it, every job is a family of its own.
    pub family: Vec<i64>,
    /// For a machine a matrix, row by row: ticks between two consecutive operations, by the families of their jobs.
    pub setup: Vec<(i64, Vec<i64>)>,
    /// For a machine the ticks before its first operation, by the family of its job.
    pub initial_setup: Vec<(i64, Vec<i64>)>,
    /// Ticks from machine to machine, row by row; empty for none.
    pub transport: Vec<i64>,
    /// What happens to a completed operation whose job cannot go on at once.
    pub blocking: Blocking,
    /// Whether each operation starts the moment the job arrives.
    pub no_wait: bool,
    /// When machines are open: capacity 1, or 0 while an operation may not run.
    pub calendars: Vec<(i64, Calendar)>,
    /// Names of jobs.
    pub names: Option<Vec<String>>,
    /// Names of machines.
    pub machine_names: Option<Vec<String>>,
}

/// A checked shop. Nothing that a method adds up can overflow.
///
/// ```
/// use schedkit_core::shop::{Shop, ShopData};
/// let shop = Shop::new(ShopData {
///     job_start: vec![0, 2, 3],
///     choice_start: vec![0, 1, 2, 3],
///     machine: vec![0, 1, 0],
///     duration: vec![3, 2, 4],
///     num_machines: 2,
///     ..ShopData::default()
/// })?;
/// assert_eq!((shop.num_jobs(), shop.num_operations(), shop.total_work(0)), (2, 3, 5));
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    data: ShopData,
    /// The job of each operation.
    job: Vec<u32>,
    /// Work of the job from this operation on, itself included, with the shortest durations.
    remaining: Vec<i64>,
    /// Number of families.
    num_families: usize,
    /// For each machine the place of its matrix of setups.
    setup: Vec<Option<usize>>,
    initial_setup: Vec<Option<usize>>,
    calendar: Vec<Option<usize>>,
    horizon: i64,
}

impl Shop {
    /// Checks the columns once. O(operations + choices + sizes of the matrices).
    ///
    /// # Errors
    /// Columns whose lengths contradict each other; a machine or family that does not exist; an operation without a machine, or with
    /// one machine given more than once; negative times; times or sums of times beyond 2^53; weights that are negative or not finite;
    /// a total that might leave 64 bits; a calendar with another capacity than 0 and 1; constraints that cannot be combined:
    /// setups with calendars, transport with `no_swap`, blocking with `no_wait`.
    pub fn new(data: ShopData) -> Result<Self, InputError> {
        columns::check(&data).map_err(|error| match error.field.as_ref() {
            "jobs" | "release_time" | "due_date" | "weight" | "family" => error.named("job", data.names.as_deref()),
            _ => error,
        })?;
        let (n, count) = (data.job_start.len().saturating_sub(1), data.choice_start.len().saturating_sub(1));
        let mut job = Vec::with_capacity(count);
        let mut remaining = vec![0; count];
        for j in 0..n {
            let mut work = 0;
            for op in (data.job_start[j]..data.job_start[j + 1]).rev() {
                let choices = data.choice_start[op]..data.choice_start[op + 1];
                work += data.duration[choices].iter().min().copied().unwrap_or(0);
                remaining[op] = work;
            }
            job.resize(data.job_start[j + 1], j as u32);
        }
        let place = |machines: Vec<i64>| {
            let mut places = vec![None; data.num_machines];
            machines.iter().enumerate().for_each(|(k, &machine)| places[machine as usize] = Some(k));
            places
        };
        Ok(Self {
            num_families: columns::num_families(&data),
            setup: place(data.setup.iter().map(|(machine, _)| *machine).collect()),
            initial_setup: place(data.initial_setup.iter().map(|(machine, _)| *machine).collect()),
            calendar: place(data.calendars.iter().map(|(machine, _)| *machine).collect()),
            horizon: columns::horizon(&data) as i64,
            job,
            remaining,
            data,
        })
    }

    /// The columns.
    #[must_use]
    pub fn data(&self) -> &ShopData {
        &self.data
    }

    /// Number of jobs.
    #[must_use]
    pub fn num_jobs(&self) -> usize {
        self.data.job_start.len().saturating_sub(1)
    }

    /// Number of machines.
    #[must_use]
    pub fn num_machines(&self) -> usize {
        self.data.num_machines
    }

    /// Number of operations of all jobs.
    #[must_use]
    pub fn num_operations(&self) -> usize {
        self.job.len()
    }

    /// The operations of a job.
    #[must_use]
    pub fn operations(&self, job: usize) -> Range<usize> {
        self.data.job_start[job]..self.data.job_start[job + 1]
    }

    /// The job of an operation.
    #[must_use]
    pub fn job(&self, operation: usize) -> usize {
        self.job[operation] as usize
    }

    /// The machines that an operation may take, with its duration there, in the order in which they were given.
    #[must_use]
    pub fn choices(&self, operation: usize) -> impl ExactSizeIterator<Item = (usize, i64)> + Clone {
        let range = self.data.choice_start[operation]..self.data.choice_start[operation + 1];
        range.map(|k| (self.data.machine[k] as usize, self.data.duration[k]))
    }

    /// Whether some operation may choose its machine.
    #[must_use]
    pub fn is_flexible(&self) -> bool {
        self.data.machine.len() > self.num_operations()
    }

    /// Whether only routes, durations, release times, due dates and weights are given.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let ShopData { setup, initial_setup, transport, blocking, no_wait, calendars, .. } = &self.data;
        let empty = setup.is_empty() && initial_setup.is_empty() && transport.is_empty() && calendars.is_empty();
        empty && *blocking == Blocking::None && !no_wait
    }

    /// The release time of a job.
    #[must_use]
    pub fn release_time(&self, job: usize) -> i64 {
        self.data.release_time.get(job).copied().unwrap_or(0)
    }

    /// The due date of a job, if it has one.
    #[must_use]
    pub fn due_date(&self, job: usize) -> Option<i64> {
        self.data.due_date.get(job).copied().filter(|&due| due != NO_DUE_DATE)
    }

    /// The work of a job, with the shortest durations.
    #[must_use]
    pub fn total_work(&self, job: usize) -> i64 {
        self.operations(job).next().map_or(0, |first| self.remaining[first])
    }

    /// The work of the job from this operation on, itself included, with the shortest durations.
    #[must_use]
    pub fn remaining_work(&self, operation: usize) -> i64 {
        self.remaining[operation]
    }

    /// Whether the setup on a machine depends on the job before.
    #[must_use]
    pub fn has_setups(&self, machine: usize) -> bool {
        self.setup[machine].is_some() || self.initial_setup[machine].is_some()
    }

    /// The setup on a machine between an operation of job `before`, or nothing, and one of job `after`.
    #[must_use]
    pub fn setup(&self, machine: usize, before: Option<usize>, after: usize) -> i64 {
        let family = |job: usize| self.data.family.get(job).map_or(job, |&family| family as usize);
        match before {
            Some(before) => {
                self.setup[machine].map_or(0, |k| self.data.setup[k].1[family(before) * self.num_families + family(after)])
            }
            None => self.initial_setup[machine].map_or(0, |k| self.data.initial_setup[k].1[family(after)]),
        }
    }

    /// The time for the way between two machines.
    #[must_use]
    pub fn transport(&self, from: usize, to: usize) -> i64 {
        self.data.transport.get(from * self.num_machines() + to).copied().unwrap_or(0)
    }

    /// When a machine is open, if not always.
    #[must_use]
    pub fn calendar(&self, machine: usize) -> Option<&Calendar> {
        self.calendar[machine].map(|k| &self.data.calendars[k].1)
    }

    /// A time by which everything can be complete if machines are always open: all release times, durations, setups and ways.
    #[must_use]
    pub fn horizon(&self) -> i64 {
        self.horizon
    }

    /// What messages call an operation.
    #[must_use]
    pub fn label(&self, operation: usize) -> String {
        let job = self.job(operation);
        let step = operation - self.data.job_start[job];
        format!("operation {step} of {}", self.job_label(job))
    }

    /// What messages call a job.
    #[must_use]
    pub fn job_label(&self, job: usize) -> String {
        match &self.data.names {
            Some(names) => format!("job '{}'", names[job]),
            None => format!("job {job}"),
        }
    }

    /// What messages call a machine.
    #[must_use]
    pub fn machine_label(&self, machine: usize) -> String {
        match &self.data.machine_names {
            Some(names) => format!("machine '{}'", names[machine]),
            None => format!("machine {machine}"),
        }
    }
}
