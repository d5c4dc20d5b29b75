//! Activities that can be carried out in several modes, `MPS | prec | f`: each mode has its own duration and demands, and consumes
//! stocks of nonrenewable resources, which bound the whole project.
//!
//! [`Modes`] holds a row for each mode. A [`Project`] with modes also has one row for each activity, the least of its modes
//! ([`ProjectData::duration`], [`ProjectData::demand`]), which relaxes the project; [`Project::in_modes`] is the project in which every
//! activity has one mode. [`model`] lays modes out for the search ([`genetic`] over lists and modes, decoded by [`decoder`]) and for
//! the prover ([`proof`]).

mod alternatives;
mod arrange;
mod bound;
mod calendars;
mod criticality;
mod decoder;
mod first;
mod genetic;
mod model;
mod profile;
mod proof;
mod prover_turns;
mod reduction;
mod repair;
mod search;
#[cfg(test)]
mod tests;

use super::options::leave_out;
use super::{ABSENT, Project, ProjectData};
use crate::error::{Error, InputError, TIME_LIMIT, check_each, check_length};

pub(super) use self::bound::reasons as reasons_of_modes;
pub(super) use self::search::solve;

pub use self::bound::bound_of_modes;
pub use self::first::first_modes;

/// The modes of all activities, one row each, and the stocks that they consume.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Modes {
    /// The activity of each row; every activity has at least one.
    pub activity: Vec<u32>,
    /// Duration of each row, in ticks.
    pub duration: Vec<i64>,
    /// `demand[row * capacity.len() + r]`: units of resource `r` that the activity holds while it runs in this mode.
    pub demand: Vec<i64>,
    /// The stock of each nonrenewable resource, for the whole project.
    pub nonrenewable: Vec<i64>,
    /// `consumption[row * nonrenewable.len() + k]`: units of stock `k` that this mode uses up.
    pub consumption: Vec<i64>,
}

impl Modes {
    /// Whether the project has none: every activity has one mode and nothing is used up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.activity.is_empty()
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.activity.len()
    }

    /// What a row uses up, by stock.
    #[must_use]
    pub fn consumption_of(&self, row: usize) -> &[i64] {
        let width = self.nonrenewable.len();
        &self.consumption[row * width..(row + 1) * width]
    }

    /// The rows of each of `n` activities, in order.
    #[must_use]
    pub fn rows(&self, n: usize) -> Vec<Vec<usize>> {
        let mut rows = vec![Vec::new(); n];
        self.activity.iter().enumerate().for_each(|(row, &i)| rows[i as usize].push(row));
        rows
    }
}

/// Judges the modes of a project, and gives every activity the least of each column over the modes that its resources allow.
///
/// # Errors
/// Columns of unequal length, negative numbers, sums beyond 2^53, an activity without a row, or without a mode that its resources allow.
pub(super) fn settle(data: &mut ProjectData) -> Result<(), InputError> {
    let Modes { activity, duration, demand, nonrenewable, consumption } = &data.modes;
    if activity.is_empty() {
        let given = [("nonrenewable", nonrenewable.len()), ("consumption", consumption.len())];
        return match given.iter().find(|(_, len)| *len > 0) {
            Some((field, _)) => Err(InputError::new(*field, "is given, but there are no rows of modes")),
            None => Ok(()),
        };
    }
    let (rows, width, stocks) = (activity.len(), data.capacity.len(), nonrenewable.len());
    check_length("duration", duration.len(), rows)?;
    check_length("demand", demand.len(), rows.saturating_mul(width))?;
    check_length("consumption", consumption.len(), rows.saturating_mul(stocks))?;
    check_each("duration", duration, "must be >= 0", |ticks| ticks >= 0)?;
    check_each("nonrenewable", nonrenewable, "must be >= 0", |units| units >= 0)?;
    check_each("nonrenewable", nonrenewable, "exceeds 2**53", |units| units <= TIME_LIMIT)?;
    check_matrix("demand", demand, width)?;
    check_matrix("consumption", consumption, stocks)?;
    let n = activity.iter().map(|&i| i as usize + 1).max().unwrap_or(0);
    let of = data.modes.rows(n);
    if let Some(i) = of.iter().position(Vec::is_empty) {
        return Err(InputError::new("activity", format!("no row is a mode of activity {i}")));
    }
    let longest: i128 = of.iter().map(|rows| rows.iter().map(|&row| i128::from(duration[row])).max().unwrap_or(0)).sum();
    if longest > i128::from(TIME_LIMIT) {
        return Err(InputError::new("duration", "the longest modes of all activities together exceed 2**53"));
    }
    let fits = |row: usize| duration[row] == 0 || (0..width).all(|r| demand[row * width + r] <= data.capacity[r]);
    let (mut least, mut needs) = (Vec::with_capacity(n), Vec::with_capacity(n.saturating_mul(width)));
    for (i, rows) in of.iter().enumerate() {
        let fitting: Vec<usize> = rows.iter().copied().filter(|&row| fits(row)).collect();
        if fitting.is_empty() {
            let row = rows[0];
            let r = (0..width).find(|&r| demand[row * width + r] > data.capacity[r]).unwrap_or(0);
            let reason = format!("no mode of activity {i} fits: {}", super::project::above_capacity(data, r));
            return Err(InputError::new("demand", reason).at([row, r], demand[row * width + r]));
        }
        least.push(fitting.iter().map(|&row| duration[row]).min().unwrap_or(0));
        // What takes no time uses nothing.
        let units = |row: usize, r: usize| if duration[row] == 0 { 0 } else { demand[row * width + r] };
        needs.extend((0..width).map(|r| fitting.iter().map(|&row| units(row, r)).min().unwrap_or(0)));
    }
    (data.duration, data.demand) = (least, needs);
    Ok(())
}

fn check_matrix(field: &'static str, values: &[i64], width: usize) -> Result<(), InputError> {
    let mut bad = values.iter().enumerate().filter(|&(_, &units)| !(0..=TIME_LIMIT).contains(&units));
    let Some((k, &units)) = bad.next() else { return Ok(()) };
    let reason = if units < 0 { "must be >= 0" } else { "exceeds 2**53" };
    Err(InputError::new(field, reason).at([k / width, k % width], units).more(bad.count()))
}

/// The number of activities whose modes these rows are.
///
/// # Errors
/// A negative number, or one that no list of rows can hold.
pub fn num_activities_of_modes(activity: &[i64]) -> Result<usize, InputError> {
    check_each("activity", activity, "must be >= 0", |i| i >= 0)?;
    let reason = format!("unknown activity: {} rows are modes of so many activities at most", activity.len());
    let mut beyond = activity.iter().enumerate().filter(|&(_, &i)| i as usize >= activity.len());
    if let Some((k, &i)) = beyond.next() {
        return Err(InputError::new("activity", reason).at([k], i).more(beyond.count()));
    }
    Ok(activity.iter().map(|&i| i as usize + 1).max().unwrap_or(0))
}

impl Project {
    /// The modes, if activities have several or consume stocks.
    #[must_use]
    pub fn modes(&self) -> Option<&Modes> {
        let modes = &self.data().modes;
        (!modes.is_empty()).then_some(modes)
    }

    /// The project in which activity `i` runs in the mode of row `mode[i]`, or does not run where that is [`ABSENT`], with everything else
    /// as it is. Stocks and groups of alternatives are not judged.
    ///
    /// # Errors
    /// A row that the project does not have or that is a mode of another activity, or whose demand exceeds a capacity.
    pub fn in_modes(&self, mode: &[i64]) -> Result<Self, Error> {
        if !self.has_choices() {
            return Ok(self.clone());
        }
        let modes = self.mode_rows();
        let (n, width) = (self.num_activities(), self.num_resources());
        check_length("mode", mode.len(), n)?;
        let mut data = self.data().clone();
        data.modes = Modes::default();
        let mut absent = vec![false; n];
        for (i, &row) in mode.iter().enumerate() {
            if row == ABSENT && self.data().optional[i] {
                absent[i] = true;
                continue;
            }
            let own = usize::try_from(row).ok().filter(|&row| modes.activity.get(row) == Some(&(i as u32)));
            let Some(row) = own else {
                let reason = format!("is no mode of activity {i}");
                return Err(InputError::new("mode", reason).at([i], row).named("activity", data.names.as_deref()).into());
            };
            data.duration[i] = modes.duration[row];
            data.demand[i * width..(i + 1) * width].copy_from_slice(&modes.demand[row * width..(row + 1) * width]);
        }
        leave_out(&mut data, &absent);
        let is_complete = !absent.contains(&true);
        Self::new(data).map(|project| if is_complete { project } else { project.without(absent) })
    }
}
