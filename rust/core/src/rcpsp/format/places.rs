//! Turns what is wrong with a project's columns into what is wrong with the file that they were read from.

use super::FormatError;
use crate::error::{Error, InputError, Value};

/// One value of a project, as a place in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Of activity `.0`.
    Duration(usize),
    /// Of activity `.0` for resource `.1`.
    Demand(usize, usize),
    /// Of resource `.0`.
    Capacity(usize),
    /// Precedence pair `.0`.
    Pair(usize),
    /// Lag of precedence pair `.0`.
    Lag(usize),
    /// Of activity `.0`.
    ReleaseTime(usize),
    /// Of activity `.0`.
    Deadline(usize),
    /// Of resource `.0`.
    Calendars(usize),
    /// Group `.0`.
    Disjunctive(usize),
}

/// What a format knows about where its values stand and what it calls their owners.
pub(super) trait Places {
    /// An activity as the file calls it, such as `job 3`.
    fn activity(&self, index: usize) -> String;
    /// A resource as the file calls it, such as `R1`.
    fn resource(&self, index: usize) -> String;
    /// The activity before which pair `.0` is listed, and the other one, as `(before, after)`.
    fn pair(&self, index: usize) -> (usize, usize);
    /// The line of a value.
    fn line(&self, place: Place) -> Option<usize>;

    /// The error as one of the file. Cycles stay cycles, with the file's names for the activities on them.
    fn blame(&self, error: Error) -> Error {
        match error {
            Error::Input(e) => self.refusal(&e).into(),
            Error::Cycle(e) => e.labelled(|i| self.activity(i)).into(),
            other => other,
        }
    }

    /// A refused value: line, owner, what it is, why.
    fn refusal(&self, error: &InputError) -> FormatError {
        let Some(place) = place_of(error) else { return FormatError::whole(error.to_string()) };
        let what = match place {
            Place::Duration(i) => format!("{}: duration", self.activity(i)),
            Place::Demand(i, r) => format!("{}: demand of {}", self.activity(i), self.resource(r)),
            Place::Capacity(r) => format!("capacity of {}", self.resource(r)),
            Place::Pair(k) => {
                let (before, after) = self.pair(k);
                format!("{}: successor {}", self.activity(before), self.activity(after))
            }
            Place::Lag(k) => {
                let (before, after) = self.pair(k);
                format!("{}: lag after {}", self.activity(after), self.activity(before))
            }
            Place::ReleaseTime(i) => format!("{}: release_time", self.activity(i)),
            Place::Deadline(i) => format!("{}: deadline", self.activity(i)),
            Place::Calendars(r) => format!("calendars of {}", self.resource(r)),
            Place::Disjunctive(g) => format!("disjunctive[{g}]"),
        };
        let value = match (&error.value, place) {
            (Some(value @ (Value::Int(_) | Value::Float(_))), _) => format!(" = {value}"),
            (Some(value), place) if !matches!(place, Place::Pair(_) | Place::Disjunctive(_)) => format!(" = {value}"),
            _ => String::new(),
        };
        let more = if error.more > 0 { format!("; {} more", error.more) } else { String::new() };
        FormatError { line: self.line(place), reason: format!("{what}{value}: {}{more}", in_words(&error.reason)) }
    }
}

/// Which value of the columns an error blames.
fn place_of(error: &InputError) -> Option<Place> {
    let field = &*error.field;
    let calendar = field.strip_prefix("calendars[").and_then(|rest| rest.split_once(']')).and_then(|(r, _)| r.parse().ok());
    match (field, error.index.as_slice()) {
        ("duration", &[i]) => Some(Place::Duration(i)),
        ("demand", &[i, r]) => Some(Place::Demand(i, r)),
        ("capacity", &[r]) => Some(Place::Capacity(r)),
        ("precedence", &[k] | &[k, _]) => Some(Place::Pair(k)),
        ("lag", &[k]) => Some(Place::Lag(k)),
        ("release_time", &[i]) => Some(Place::ReleaseTime(i)),
        ("deadline", &[i]) => Some(Place::Deadline(i)),
        ("disjunctive", &[g] | &[g, _]) => Some(Place::Disjunctive(g)),
        _ => calendar.map(Place::Calendars),
    }
}

/// A reason without the indices of columns, which no file has.
fn in_words(reason: &str) -> String {
    if reason.starts_with("duplicate of") {
        return "is listed twice".into();
    }
    match reason.split_once("exceeds capacity[").and_then(|(_, rest)| rest.split_once("] = ")) {
        Some((_, capacity)) => format!("exceeds the capacity {capacity}"),
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
}

impl Places for Rows {
    fn activity(&self, index: usize) -> String {
        format!("job {}", index + 1)
    }

    fn resource(&self, index: usize) -> String {
        format!("R{}", index + 1)
    }

    fn pair(&self, index: usize) -> (usize, usize) {
        let (before, after) = self.precedence[index];
        (before as usize, after as usize)
    }

    fn line(&self, place: Place) -> Option<usize> {
        match place {
            Place::Duration(i) | Place::Demand(i, _) => self.jobs.get(i).copied(),
            Place::Capacity(r) => self.capacity.get(r).copied(),
            Place::Pair(k) => self.pairs.get(k).copied(),
            _ => None, // these formats have no such values
        }
    }
}
