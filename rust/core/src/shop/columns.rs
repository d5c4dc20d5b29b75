//! The checks of the columns of a shop.

use super::problem::{Blocking, NO_DUE_DATE, ShopData};
use crate::error::{InputError, TIME_LIMIT, check_each, check_length, check_names};
use crate::weights::Weights;

/// So many machines may be named, so that the number alone cannot claim more memory than there is.
pub(super) const MAX_MACHINES: usize = 1_000_000;

/// The number of families of jobs for setups: the size of the matrices.
pub(super) fn num_families(data: &ShopData) -> usize {
    let jobs = data.job_start.len().saturating_sub(1);
    if data.family.is_empty() { jobs } else { data.family.iter().max().map_or(0, |&last| last as usize + 1) }
}

/// All that can follow one another: the latest release, and for each operation its longest duration, setup and way.
pub(super) fn horizon(data: &ShopData) -> i128 {
    let most = |column: &[i64]| i128::from(column.iter().max().copied().unwrap_or(0));
    let setups = data.setup.iter().chain(&data.initial_setup).map(|(_, ticks)| most(ticks)).max().unwrap_or(0);
    let count = data.choice_start.len().saturating_sub(1) as i128;
    let work: i128 = data.choice_start.windows(2).map(|pair| most(&data.duration[pair[0]..pair[1]])).sum();
    most(&data.release_time) + work + count * (setups + most(&data.transport))
}

/// Judges all columns.
pub(super) fn check(data: &ShopData) -> Result<(), InputError> {
    routes(data)?;
    jobs(data)?;
    machines(data)?;
    combinations(data)?;
    let horizon = horizon(data);
    if horizon > i128::from(TIME_LIMIT) {
        let reason = "the sum of release times, durations, setups and transport times exceeds 2**53";
        return Err(InputError::new("jobs", reason));
    }
    totals(data, horizon)
}

fn routes(data: &ShopData) -> Result<(), InputError> {
    let operations = data.choice_start.len().saturating_sub(1);
    check_length("job_start", data.job_start.last().copied().unwrap_or(0), operations)?;
    check_length("choice_start", data.choice_start.last().copied().unwrap_or(0), data.machine.len())?;
    check_length("duration", data.duration.len(), data.machine.len())?;
    let most = u32::MAX as usize;
    if data.machine.len() >= most || data.job_start.len() >= most {
        return Err(InputError::new("jobs", "more than 2**32 - 2 jobs or choices"));
    }
    if data.num_machines > MAX_MACHINES {
        let reason = format!("expected at most {MAX_MACHINES} machines, which are numbered from 0 on");
        return Err(InputError::new("num_machines", reason).value(data.num_machines));
    }
    let mut seen = vec![usize::MAX; data.num_machines];
    for (j, pair) in data.job_start.windows(2).enumerate() {
        for op in pair[0]..pair[1] {
            let at = vec![j, op - pair[0]];
            let choices = data.choice_start[op]..data.choice_start[op + 1];
            if choices.is_empty() {
                return Err(InputError::new("jobs", "the operation needs at least one machine").at(at, "{}"));
            }
            for k in choices {
                let (machine, duration) = (data.machine[k], data.duration[k]);
                let Some(last) = usize::try_from(machine).ok().and_then(|m| seen.get_mut(m)) else {
                    let reason = format!("there is no such machine, expected 0 <= machine < {}", data.num_machines);
                    return Err(InputError::new("jobs", reason).at(at, format!("machine {machine}")));
                };
                if *last == op {
                    let reason = "the operation names this machine more than once";
                    return Err(InputError::new("jobs", reason).at(at, format!("machine {machine}")));
                }
                *last = op;
                if duration < 0 {
                    return Err(InputError::new("jobs", "must be >= 0").at(at, format!("duration {duration}")));
                }
                if duration > TIME_LIMIT {
                    return Err(InputError::new("jobs", "exceeds 2**53").at(at, format!("duration {duration}")));
                }
            }
        }
    }
    Ok(())
}

fn jobs(data: &ShopData) -> Result<(), InputError> {
    let n = data.job_start.len().saturating_sub(1);
    let optional = |field, length| if length == 0 { Ok(()) } else { check_length(field, length, n) };
    optional("release_time", data.release_time.len())?;
    ticks("release_time", &data.release_time)?;
    optional("due_date", data.due_date.len())?;
    let within = |due| due == NO_DUE_DATE || (-TIME_LIMIT..=TIME_LIMIT).contains(&due);
    check_each("due_date", &data.due_date, "must be within 2**53 of 0", within)?;
    optional("weight", data.weight.len())?;
    match &data.weight {
        Weights::Unit => {}
        Weights::Integers(weights) => check_each("weight", weights, "must be >= 0", |w| w >= 0)?,
        Weights::Floats(weights) => {
            check_each("weight", weights, "must be finite", f64::is_finite)?;
            check_each("weight", weights, "must be >= 0", |w| w >= 0.0)?;
        }
    }
    optional("family", data.family.len())?;
    let families = n as i64;
    check_each("family", &data.family, "must be >= 0 and less than the number of jobs", |f| (0..families).contains(&f))?;
    check_names("names", data.names.as_deref(), n)
}

/// Refuses ticks below 0 or beyond 2^53.
fn ticks(field: &'static str, column: &[i64]) -> Result<(), InputError> {
    check_each(field, column, "must be >= 0", |t| t >= 0)?;
    check_each(field, column, "exceeds 2**53", |t| t <= TIME_LIMIT)
}

fn machines(data: &ShopData) -> Result<(), InputError> {
    let (m, f) = (data.num_machines, num_families(data));
    for (field, columns, width) in [("setup", &data.setup, f), ("initial_setup", &data.initial_setup, 1)] {
        unique(field, columns.iter().map(|(machine, _)| *machine), m)?;
        for (machine, column) in columns {
            if column.len() != f * width {
                let expected = if width == 1 { format!("{f} ticks") } else { format!("a matrix of {f} x {f} ticks") };
                return Err(InputError::new(
                    field,
                    format!("has {} ticks for machine {machine}, expected {expected}", column.len()),
                ));
            }
            if let Some(k) = column.iter().position(|t| !(0..=TIME_LIMIT).contains(t)) {
                let index = if width == 1 { vec![*machine as usize, k] } else { vec![*machine as usize, k / f, k % f] };
                return Err(InputError::new(field, "must be >= 0 and at most 2**53").at(index, column[k]));
            }
        }
    }
    if !data.transport.is_empty() {
        check_length("transport", data.transport.len(), m * m)?;
        if let Some(k) = data.transport.iter().position(|t| !(0..=TIME_LIMIT).contains(t)) {
            return Err(InputError::new("transport", "must be >= 0 and at most 2**53").at([k / m, k % m], data.transport[k]));
        }
    }
    unique("calendars", data.calendars.iter().map(|(machine, _)| *machine), m)?;
    for (machine, calendar) in &data.calendars {
        if let Some(capacity) = calendar.capacity().iter().find(|&&capacity| capacity > 1) {
            let reason = "the capacity of a machine is 1 while it is open and 0 while it is closed";
            return Err(InputError::new("calendars", reason).at([*machine as usize], *capacity));
        }
    }
    check_names("machine_names", data.machine_names.as_deref(), m)
}

/// Refuses machines that do not exist or are given more than once.
fn unique(field: &'static str, machines: impl Iterator<Item = i64>, count: usize) -> Result<(), InputError> {
    let mut seen = vec![false; count];
    for machine in machines {
        match usize::try_from(machine).ok().and_then(|m| seen.get_mut(m)) {
            None => {
                let reason = format!("there is no such machine, expected 0 <= machine < {count}");
                return Err(InputError::new(field, reason).value(format!("machine {machine}")));
            }
            Some(true) => {
                return Err(InputError::new(field, "is given more than once").value(format!("machine {machine}")));
            }
            Some(seen) => *seen = true,
        }
    }
    Ok(())
}

fn combinations(data: &ShopData) -> Result<(), InputError> {
    let has_setups = !(data.setup.is_empty() && data.initial_setup.is_empty());
    let refused = [
        (has_setups && !data.calendars.is_empty(), "calendars", "cannot be combined with setups"),
        (
            data.blocking == Blocking::NoSwap && !data.transport.is_empty(),
            "transport",
            "cannot be combined with blocking='no_swap'; blocking='swap' takes transport times",
        ),
        (
            data.blocking != Blocking::None && data.no_wait,
            "no_wait",
            "cannot be combined with blocking: a job that never waits never blocks",
        ),
    ];
    match refused.into_iter().find(|(applies, ..)| *applies) {
        Some((_, field, reason)) => Err(InputError::new(field, reason)),
        None => Ok(()),
    }
}

/// Every job as late as it can be: no total is larger.
fn totals(data: &ShopData, horizon: i128) -> Result<(), InputError> {
    let n = data.job_start.len().saturating_sub(1);
    let worst = |j: usize| horizon - i128::from(data.due_date.get(j).copied().unwrap_or(0).min(0));
    let far = "total tardiness or flow time might exceed the largest number";
    if (0..n).map(worst).sum::<i128>() > i128::from(i64::MAX) {
        return Err(InputError::new("due_date", far));
    }
    let fits = match &data.weight {
        Weights::Unit => true,
        Weights::Integers(weights) => {
            let sum: i128 = (0..n).map(|j| i128::from(weights[j]) * worst(j)).sum();
            sum <= i128::from(i64::MAX)
        }
        Weights::Floats(weights) => (0..n).map(|j| weights[j] * worst(j) as f64).sum::<f64>().is_finite(),
    };
    if fits { Ok(()) } else { Err(InputError::new("weight", "a weighted total might exceed the largest number")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::shop::Shop;

    /// Two jobs on two machines.
    fn two() -> ShopData {
        ShopData {
            job_start: vec![0, 2, 3],
            choice_start: vec![0, 1, 2, 4],
            machine: vec![0, 1, 0, 1],
            duration: vec![3, 2, 4, 5],
            num_machines: 2,
            ..ShopData::default()
        }
    }

    fn refused(change: impl FnOnce(&mut ShopData)) -> String {
        let mut data = two();
        change(&mut data);
        Shop::new(data).unwrap_err().to_string()
    }

    #[test]
    fn every_refusal_names_its_place() {
        assert!(Shop::new(two()).is_ok());
        let many = "num_machines = 3000000000: expected at most 1000000 machines, which are numbered from 0 on";
        assert_eq!(refused(|d| d.num_machines = 3_000_000_000), many);
        assert_eq!(refused(|d| d.machine[1] = 2), "jobs[0, 1] = machine 2: there is no such machine, expected 0 <= machine < 2");
        assert_eq!(refused(|d| d.machine[3] = 0), "jobs[1, 0] = machine 0: the operation names this machine more than once");
        assert_eq!(refused(|d| d.duration[2] = -4), "jobs[1, 0] = duration -4: must be >= 0");
        assert_eq!(refused(|d| d.choice_start = vec![0, 2, 2, 4]), "jobs[0, 1] = {}: the operation needs at least one machine");
        assert_eq!(refused(|d| d.release_time = vec![0, -1]), "release_time[1] = -1: must be >= 0");
        assert_eq!(refused(|d| d.due_date = vec![5]), "due_date: has length 1, expected 2");
        assert_eq!(refused(|d| d.weight = Weights::Floats(vec![1.0, f64::NAN])), "weight[1] = NaN: must be finite");
        let named = |d: &mut ShopData| {
            d.names = Some(vec!["axle".into(), "hub".into()]);
            d.family = vec![0, 2];
        };
        assert_eq!(refused(named), "family[1] = 2 (job 'hub'): must be >= 0 and less than the number of jobs");
        assert_eq!(
            refused(|d| d.setup = vec![(0, vec![0; 3])]),
            "setup: has 3 ticks for machine 0, expected a matrix of 2 x 2 ticks"
        );
        assert_eq!(refused(|d| d.setup = vec![(1, vec![0, 1, -2, 0])]), "setup[1, 1, 0] = -2: must be >= 0 and at most 2**53");
        assert_eq!(refused(|d| d.initial_setup = vec![(0, vec![0; 2]); 2]), "initial_setup = machine 0: is given more than once");
        assert_eq!(refused(|d| d.transport = vec![0, 1, -1, 0]), "transport[1, 0] = -1: must be >= 0 and at most 2**53");
        let two_units = || vec![(1, Calendar::new(vec![0], vec![2], None).unwrap())];
        assert_eq!(
            refused(|d| d.calendars = two_units()),
            "calendars[1] = 2: the capacity of a machine is 1 while it is open and 0 while it is closed"
        );
        assert!(refused(|d| d.duration[0] = TIME_LIMIT).contains("exceeds 2**53"));
    }

    #[test]
    fn what_cannot_be_combined_is_refused_by_name() {
        let closed = || vec![(1, Calendar::new(vec![9], vec![0], None).unwrap())];
        let setups = |d: &mut ShopData| (d.setup, d.calendars) = (vec![(0, vec![0; 4])], closed());
        assert_eq!(refused(setups), "calendars: cannot be combined with setups");
        let ways = |d: &mut ShopData| (d.blocking, d.transport) = (Blocking::NoSwap, vec![0; 4]);
        assert!(refused(ways).starts_with("transport: cannot be combined with blocking='no_swap'"));
        let waits = |d: &mut ShopData| (d.blocking, d.no_wait) = (Blocking::Swap, true);
        assert!(refused(waits).starts_with("no_wait: cannot be combined with blocking"));
    }

    #[test]
    fn nothing_is_a_shop_too() {
        let empty = Shop::new(ShopData::default()).unwrap();
        assert_eq!((empty.num_jobs(), empty.num_operations(), empty.horizon()), (0, 0, 0));
        let idle = Shop::new(ShopData { job_start: vec![0, 0], choice_start: vec![0], ..ShopData::default() }).unwrap();
        assert_eq!((idle.num_jobs(), idle.total_work(0)), (1, 0));
    }
}
