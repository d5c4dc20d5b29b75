//! Turns what is wrong with a project's columns into what is wrong with the file that they were read from.

use super::{FormatError, ProjectData};
use crate::error::{CycleError, Error, InputError, Value};
use crate::rcpsp::{CONSTRAINTS, Column};

/// One value of a project, as a place in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Of activity `.0`.
    Duration(usize),
    /// Of activity `.0` for resource `.1`.
    Demand(usize, usize),
    /// Of mode `.0`, of stock `.1`.
    Consumption(usize, usize),
    /// The stock `.0`.
    Stock(usize),
    /// Of store `.1`, in the column `.0`.
    Store(&'static str, usize),
    /// Of activity `.1`, of store `.2`, in the column `.0`.
    Amount(&'static str, usize, usize),
    /// Of resource `.0`.
    Capacity(usize),
    /// Precedence pair `.0`.
    Pair(usize),
    /// Of precedence pair `.1`, in the column `.0` of a constraint.
    OfPair(&'static str, usize),
    /// Of activity `.1`.
    OfActivity(&'static str, usize),
    /// Of resource `.1`.
    OfResource(&'static str, usize),
    /// Group `.1`.
    Group(&'static str, usize),
}

/// What a format knows about where its values stand and what it calls their owners.
pub(super) trait Places {
    /// An activity as the file calls it, such as `job 3`.
    fn activity(&self, index: usize) -> String;
    /// The owner of a row of durations and demands: an activity, or one of its modes.
    fn row(&self, index: usize) -> String {
        self.activity(index)
    }
    /// A resource as the file calls it, such as `R1`.
    fn resource(&self, index: usize) -> String;
    /// The activity before which pair `.0` is listed, and the other one, as `(before, after)`.
    fn pair(&self, index: usize) -> (usize, usize);
    /// A precedence pair as the file lists it, such as `job 1: successor job 2`.
    fn pair_in_words(&self, index: usize) -> String {
        let (before, after) = self.pair(index);
        format!("{}: successor {}", self.activity(before), self.activity(after))
    }
    /// The number of a precedence pair.
    fn find_pair(&self, before: usize, after: usize) -> Option<usize>;
    /// The line of a value.
    fn line(&self, place: Place) -> Option<usize>;

    /// The error as one of the file. Cycles stay cycles, with the file's names for the activities on them.
    fn blame(&self, error: Error) -> Error {
        match error {
            Error::Input(e) => self.refusal(&e).into(),
            Error::Cycle(e) => {
                let (before, after) = (e.cycle[0], e.cycle[1 % e.cycle.len()]);
                let line = self.find_pair(before, after).and_then(|k| self.line(Place::Pair(k)));
                CycleError { line, ..e.labelled(|i| self.activity(i)) }.into()
            }
            other => other,
        }
    }

    /// A refused value: line, owner, what it is, why.
    fn refusal(&self, error: &InputError) -> FormatError {
        let Some(place) = place_of(error) else { return FormatError::whole(error.to_string()) };
        let what = match place {
            Place::Duration(i) => format!("{}: duration", self.row(i)),
            Place::Demand(i, r) => format!("{}: demand of {}", self.row(i), self.resource(r)),
            Place::Consumption(i, k) => format!("{}: consumption of stock {}", self.row(i), k + 1),
            Place::Stock(k) => format!("stock {}", k + 1),
            Place::Store(column, q) => format!("{column} of store {}", q + 1),
            Place::Amount(column, i, q) => format!("{}: {column} of store {}", self.activity(i), q + 1),
            Place::Capacity(r) => format!("capacity of {}", self.resource(r)),
            Place::Pair(k) => self.pair_in_words(k),
            Place::OfPair(column, k) => {
                let (before, after) = self.pair(k);
                format!("{}: {column} after {}", self.activity(after), self.activity(before))
            }
            Place::OfActivity(column, i) => format!("{}: {column}", self.activity(i)),
            Place::OfResource(column, r) => format!("{column} of {}", self.resource(r)),
            Place::Group(column, g) => format!("{column}[{g}]"),
        };
        let value = match (&error.value, place) {
            (Some(value @ (Value::Int(_) | Value::Float(_))), _) => format!(" = {value}"),
            (Some(value), place) if !matches!(place, Place::Pair(_) | Place::Group(..)) => format!(" = {value}"),
            _ => String::new(),
        };
        let more = if error.more > 0 { format!("; {} more", error.more) } else { String::new() };
        FormatError { line: self.line(place), reason: format!("{what}{value}: {}{more}", in_words(&error.reason)) }
    }
}

/// Which value of the columns an error blames.
fn place_of(error: &InputError) -> Option<Place> {
    match (&*error.field, error.index.as_slice()) {
        ("duration", &[i]) => Some(Place::Duration(i)),
        ("demand", &[i, r]) => Some(Place::Demand(i, r)),
        ("consumption", &[i, k]) => Some(Place::Consumption(i, k)),
        ("nonrenewable", &[k]) => Some(Place::Stock(k)),
        ("storage", &[q]) => Some(Place::Store("storage", q)),
        ("initial", &[q]) => Some(Place::Store("initial", q)),
        ("taken", &[i, q]) => Some(Place::Amount("taken", i, q)),
        ("given", &[i, q]) => Some(Place::Amount("given", i, q)),
        ("capacity", &[r]) => Some(Place::Capacity(r)),
        ("precedence", &[k] | &[k, _]) => Some(Place::Pair(k)),
        (field, index) => CONSTRAINTS.iter().find_map(|constraint| {
            let (name, within) = (constraint.name, field.strip_prefix(constraint.name)?);
            match ((constraint.column)(&ProjectData::default()), index) {
                (Column::OfPairs(..) | Column::Relations(_), &[k]) if within.is_empty() => Some(Place::OfPair(name, k)),
                (Column::OfActivities(..) | Column::Flags(_) | Column::Weights(_), &[i]) if within.is_empty() => {
                    Some(Place::OfActivity(name, i))
                }
                (Column::Groups(_), &[g] | &[g, _]) if within.is_empty() => Some(Place::Group(name, g)),
                // Such as `calendars[2].capacity`.
                (Column::OfResources(_), _) => {
                    let (r, _) = within.strip_prefix('[')?.split_once(']')?;
                    r.parse().ok().map(|r| Place::OfResource(name, r))
                }
                _ => None,
            }
        }),
    }
}

/// A reason without the indices of columns, which no file has.
fn in_words(reason: &str) -> String {
    if reason.starts_with("duplicate of") {
        return "is listed twice".into();
    }
    match reason.split_once("exceeds capacity[").and_then(|(_, rest)| rest.split_once("] = ")) {
        Some((_, capacity)) => format!("exceeds the capacity {}", capacity.split(' ').next().unwrap_or(capacity)),
        None => reason.into(),
    }
}

/// The places of a format with a row for each job, which numbers jobs and resources from 1.
#[derive(Default)]
pub(super) struct Rows {
    /// Line of each job's duration and demands.
    pub jobs: Vec<usize>,
    /// Line of each precedence pair.
    pub pairs: Vec<usize>,
    /// The pairs themselves.
    pub precedence: Vec<(u32, u32)>,
    /// Line of each capacity.
    pub capacity: Vec<usize>,
    /// Line, job and number of each mode, if jobs have several.
    pub modes: Vec<(usize, usize, i64)>,
    /// Line of the stocks.
    pub stocks: usize,
    /// Line of each store's initial level.
    pub storage: Vec<usize>,
}

impl Places for Rows {
    fn activity(&self, index: usize) -> String {
        format!("job {}", index + 1)
    }

    fn row(&self, index: usize) -> String {
        match self.modes.get(index) {
            Some((_, job, mode)) => format!("job {}, mode {mode}", job + 1),
            None => self.activity(index),
        }
    }

    fn resource(&self, index: usize) -> String {
        format!("R{}", index + 1)
    }

    fn pair(&self, index: usize) -> (usize, usize) {
        let (before, after) = self.precedence[index];
        (before as usize, after as usize)
    }

    fn find_pair(&self, before: usize, after: usize) -> Option<usize> {
        self.precedence.iter().position(|&pair| pair == (before as u32, after as u32))
    }

    fn line(&self, place: Place) -> Option<usize> {
        match place {
            Place::Duration(i) | Place::Demand(i, _) | Place::Consumption(i, _) if !self.modes.is_empty() => {
                self.modes.get(i).map(|mode| mode.0)
            }
            Place::Duration(i) | Place::Demand(i, _) | Place::Amount(_, i, _) => self.jobs.get(i).copied(),
            Place::Stock(_) => Some(self.stocks),
            Place::Store(_, q) => self.storage.get(q).copied(),
            Place::Capacity(r) => self.capacity.get(r).copied(),
            Place::Pair(k) => self.pairs.get(k).copied(),
            _ => None, // these formats have no such values
        }
    }
}
