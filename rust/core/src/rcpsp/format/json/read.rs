//! Reads a project in our JSON; every error names the line and the activity or resource.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::places::{Place, Places};
use super::super::{FormatError, ProjectData, line_at, stopped};
use super::SCHEMA_VERSION;
use super::columns::{Amounts, Columns, Groups, Owner, amounts, keys_of, numbers};
use super::mode::Mode;
use super::parser::Parser;
use crate::control::Pulse;
use crate::cost;
use crate::error::Error;
use crate::memory;
use crate::rcpsp::Modes;

pub(super) const WHOLE: &str = "a whole number";
const NAME: &str = "a name in quotation marks";
const FILE_KEYS: [&str; 6] = ["schedkit", "schema_version", "activities", "resources", "comment", "nonrenewable"];
const RESOURCE_KEYS: [&str; 2] = ["name", "capacity"];
const ACTIVITY_KEYS: [&str; 5] = ["name", "duration", "demand", "predecessors", "modes"];

/// A name with its position.
pub(super) type Name<'t> = (Cow<'t, str>, usize);

/// The keys of files, resources and activities, those of constraints included.
struct Keys {
    file: Vec<&'static str>,
    resource: Vec<&'static str>,
    activity: Vec<&'static str>,
}

#[derive(Default)]
struct File<'t> {
    version: i64,
    nonrenewable: Vec<i64>,
    /// Where the first key stands that versions before 3 do not know, and which one.
    newest: Option<(&'static str, usize)>,
    resources: Vec<Resource<'t>>,
    activities: Vec<Activity<'t>>,
    columns: Columns<'t>,
}

#[derive(Default)]
struct Resource<'t> {
    at: usize,
    name: Cow<'t, str>,
    capacity: i64,
}

#[derive(Default)]
struct Activity<'t> {
    at: usize,
    name: Cow<'t, str>,
    duration: i64,
    demand: Amounts<'t>,
    predecessors: Vec<Name<'t>>,
    modes: Option<Vec<Mode<'t>>>,
}

/// Bytes that the buffers of a reader take together, told by what the text holds; a buffer that grows has room for twice as many.
pub(in super::super) fn bytes_to_read(text: &str) -> usize {
    /// A row of the reader, the activity's columns, its name, and its place in the index of names.
    const BYTES_PER_ACTIVITY: usize = 420;
    /// A list of demands or predecessors with room for four names.
    const BYTES_PER_LIST: usize = 176;
    /// A name in a list, and the columns of the edge that it stands for.
    const BYTES_PER_TEXT: usize = 32;
    /// A step of a calendar.
    const BYTES_PER_ITEM: usize = 16;
    let count = |byte: u8| text.bytes().filter(|&b| b == byte).count();
    let activities = text.matches("\"duration\"").count();
    let lists = text.matches("\"demand\"").count() + text.matches("\"predecessors\"").count();
    let named = 4 * activities + lists; // the key and the text of the name, the keys of the others
    BYTES_PER_ACTIVITY * activities
        + BYTES_PER_LIST * lists
        + BYTES_PER_TEXT * (count(b'"') / 2).saturating_sub(named)
        + BYTES_PER_ITEM * count(b',')
}

pub(in super::super) fn read<'t>(text: &'t str, pulse: &mut Pulse) -> Result<(ProjectData, JsonPlaces<'t>), Error> {
    let mut parser = Parser::new(text, 0);
    let is_project = says_project(text, &mut parser)?;
    let mut file = File::default();
    let keys = |own: &[&'static str], owner| own.iter().copied().chain(keys_of(owner).map(|c| c.name)).collect();
    let keys = Keys {
        file: keys(&FILE_KEYS, Owner::File),
        resource: keys(&RESOURCE_KEYS, Owner::Resource),
        activity: keys(&ACTIVITY_KEYS, Owner::Activity),
    };
    let result = file.read(&mut parser, &keys, pulse).and_then(|()| parser.end());
    result
        .map_err(|e| if is_project { e } else { FormatError { reason: format!("not a project in JSON: {}", e.reason), ..e } })?;
    if let (1, Some((key, at))) = (file.version, file.columns.newer) {
        return Err(at_byte(text, at, format!("'{key}' needs schema_version 2")).into());
    }
    if let (..=2, Some((key, at))) = (file.version, file.newest) {
        return Err(at_byte(text, at, format!("'{key}' needs schema_version 3")).into());
    }
    if let (..=3, Some((key, at))) = (file.version, file.columns.newest) {
        return Err(at_byte(text, at, format!("'{key}' needs schema_version 4")).into());
    }
    columns(text, file, pulse)
}

/// Whether the file says that it is a project. Tells what another file is before its keys are compared with those of a project.
fn says_project(text: &str, parser: &mut Parser<'_>) -> Result<bool, FormatError> {
    let start = parser.position();
    if !text[start..].starts_with('{') {
        return Err(parser.expected("a project, which is an object with \"schedkit\": \"project\""));
    }
    let kind = parser.member("schedkit");
    if let Some(at) = kind {
        let mut value = Parser::new(text, at);
        if value.clone().string("").map_or(true, |kind| kind != "project") {
            return Err(value.expected("\"schedkit\": \"project\""));
        }
    }
    if let Some(at) = parser.member("schema_version") {
        let mut value = Parser::new(text, at);
        if !value.clone().whole("").is_ok_and(|version| (1..=i64::from(SCHEMA_VERSION)).contains(&version)) {
            return Err(value.expected(&format!("schema_version 1 to {SCHEMA_VERSION}")));
        }
    }
    Ok(kind.is_some())
}

impl<'t> File<'t> {
    fn read(&mut self, parser: &mut Parser<'t>, keys: &Keys, pulse: &mut Pulse) -> Result<(), FormatError> {
        parser.record("an object", &keys.file, 3, |parser, k| match keys.file[k] {
            "schedkit" => parser.string(NAME).map(|_| ()),
            "schema_version" => parser.whole(WHOLE).map(|version| self.version = version),
            "comment" if parser.null() => Ok(()),
            "comment" => parser.string("a text in quotation marks").map(|_| ()),
            "resources" => parser.list("a list of resources", |parser, r| {
                let start = parser.clone();
                let resource = Resource::read(parser, &keys.resource, r, &mut self.columns);
                self.resources.push(resource.map_err(|e| within(&start, "resource", "resources", r, &e))?);
                Ok(())
            }),
            "activities" => parser.list("a list of activities", |parser, i| {
                if pulse.worked(cost::DECISION) {
                    return Err(stopped());
                }
                let start = parser.clone();
                let activity = Activity::read(parser, &keys.activity, i, &mut self.columns);
                let activity = activity.map_err(|e| within(&start, "activity", "activities", i, &e))?;
                if activity.modes.is_some() {
                    self.newest.get_or_insert(("modes", activity.at));
                }
                self.activities.push(activity);
                Ok(())
            }),
            key @ "nonrenewable" => {
                self.newest.get_or_insert((key, parser.position()));
                numbers(parser, key, &mut self.nonrenewable)
            }
            key => self.columns.read(key, parser, 0),
        })
    }
}

impl<'t> Resource<'t> {
    fn read(
        parser: &mut Parser<'t>,
        keys: &[&'static str],
        index: usize,
        columns: &mut Columns<'t>,
    ) -> Result<Self, FormatError> {
        let mut found = Self { at: parser.position(), ..Self::default() };
        parser.record("an object", keys, 2, |parser, k| {
            match keys[k] {
                "name" => found.name = parser.string(NAME)?,
                "capacity" => found.capacity = within_key("capacity", parser.whole(WHOLE))?,
                key => columns.read(key, parser, index)?,
            }
            Ok(())
        })?;
        columns.end_resource(index, found.capacity)?;
        Ok(found)
    }
}

impl<'t> Activity<'t> {
    fn read(
        parser: &mut Parser<'t>,
        keys: &[&'static str],
        index: usize,
        columns: &mut Columns<'t>,
    ) -> Result<Self, FormatError> {
        let mut found = Self { at: parser.position(), ..Self::default() };
        // What an activity with modes has in its modes.
        let mut own: Vec<&str> = Vec::new();
        parser.record("an object", keys, 1, |parser, k| {
            match keys[k] {
                "name" => found.name = parser.string(NAME)?,
                key @ "duration" => {
                    own.push(key);
                    found.duration = within_key(key, parser.whole(WHOLE))?;
                }
                key @ "demand" => {
                    own.push(key);
                    found.demand = amounts(parser, key, "an object from resources to units")?;
                }
                "predecessors" => found.predecessors = names(parser, "a list of names of activities")?,
                "modes" => found.modes = Some(Mode::read_all(parser)?),
                key => columns.read(key, parser, index)?,
            }
            Ok(())
        })?;
        match (&found.modes, own.first()) {
            (Some(_), Some(key)) => Err(parser.error(format!("has modes and '{key}', which belongs into each of them"))),
            (None, _) if !own.contains(&"duration") => Err(parser.error("has no 'duration'")),
            _ => Ok(found),
        }
    }
}

/// Prefixes the error of a value with its key.
pub(super) fn within_key<T>(key: &str, value: Result<T, FormatError>) -> Result<T, FormatError> {
    value.map_err(|e| FormatError { reason: format!("{key}: {}", e.reason), ..e })
}

/// Prefixes the error of an activity or resource with its name, if it has one by then, or its number.
fn within(start: &Parser<'_>, kind: &str, list: &str, index: usize, error: &FormatError) -> FormatError {
    let name = start.member("name").and_then(|at| Parser::new_at(start, Some(at)).string("").map(Cow::into_owned).ok());
    let owner = name.map_or_else(|| format!("{list}[{index}]"), |name| format!("{kind} '{name}'"));
    FormatError { line: error.line, reason: format!("{owner}: {}", error.reason) }
}

pub(super) fn names<'t>(parser: &mut Parser<'t>, what: &str) -> Result<Vec<Name<'t>>, FormatError> {
    let mut found = Vec::new();
    parser.list(what, |parser, _| {
        let at = parser.position();
        found.push((parser.string(NAME)?, at));
        Ok(())
    })?;
    Ok(found)
}

pub(super) fn at_byte(text: &str, at: usize, reason: String) -> FormatError {
    FormatError::at(line_at(text.as_bytes(), at), reason)
}

/// The columns of a file whose names are resolved here.
fn columns<'t>(text: &'t str, file: File<'t>, pulse: &mut Pulse) -> Result<(ProjectData, JsonPlaces<'t>), Error> {
    let resource = index(text, "resources", file.resources.iter().map(|r| (&r.name, r.at)), pulse)?;
    let activity = index(text, "activities", file.activities.iter().map(|a| (&a.name, a.at)), pulse)?;
    let width = file.resources.len();
    // A demand for each activity and resource may be far more than the text holds.
    let mut demand = memory::with_capacity(file.activities.len().saturating_mul(width))?;
    let (mut duration, mut pairs) = (Vec::new(), Vec::new());
    let mut first_pair = vec![0];
    let stocks = file.nonrenewable.len();
    let has_modes = stocks > 0 || file.activities.iter().any(|a| a.modes.is_some());
    let (mut modes, mut mode_places) = (Modes { nonrenewable: file.nonrenewable, ..Modes::default() }, Vec::new());
    let mut row = |row: usize, owner: &str, units: &Amounts<'_>| {
        demand.resize((row + 1) * width, 0);
        for ((name, at), units) in units {
            let r = resource.get(&**name).ok_or_else(|| unknown(text, *at, owner, "resource", name))?;
            demand[row * width + r] = *units;
        }
        Ok::<(), FormatError>(())
    };
    for (i, a) in file.activities.iter().enumerate() {
        if pulse.worked(cost::CHECKED + width as u64) {
            return Err(stopped().into());
        }
        match &a.modes {
            None if !has_modes => {
                duration.push(a.duration);
                row(i, &a.name, &a.demand)?;
            }
            None => {
                row(modes.len(), &a.name, &a.demand)?;
                modes.activity.push(i as u32);
                modes.duration.push(a.duration);
                modes.consumption.resize(modes.len() * stocks, 0);
                mode_places.push((a.at, i, None));
            }
            Some(own) => {
                for (k, mode) in own.iter().enumerate() {
                    row(modes.len(), &a.name, &mode.demand)?;
                    modes.activity.push(i as u32);
                    modes.duration.push(mode.duration);
                    if ![0, stocks].contains(&mode.consumption.len()) {
                        let found = mode.consumption.len();
                        let reason =
                            format!("activity '{}': modes[{k}]: consumption has {found} numbers, expected {stocks}", a.name);
                        return Err(at_byte(text, mode.at, reason).into());
                    }
                    modes.consumption.extend_from_slice(&mode.consumption);
                    modes.consumption.resize(modes.len() * stocks, 0);
                    mode_places.push((mode.at, i, Some(k)));
                }
            }
        }
        for (name, at) in &a.predecessors {
            let p = activity.get(&**name).ok_or_else(|| unknown(text, *at, &a.name, "predecessor", name))?;
            pairs.push((*p as u32, i as u32, *at));
        }
        first_pair.push(pairs.len());
    }
    if has_modes {
        modes.demand = std::mem::take(&mut demand);
    }
    let owners: Vec<_> = file.activities.iter().map(|a| (&*a.name, &*a.predecessors)).collect();
    let (constraints, groups) = file.columns.finish(text, &activity, &owners, &first_pair)?;
    let data = ProjectData {
        duration,
        demand,
        modes,
        capacity: file.resources.iter().map(|r| r.capacity).collect(),
        precedence: pairs.iter().map(|&(before, after, _)| (before, after)).collect(),
        names: Some(file.activities.iter().map(|a| a.name.to_string()).collect()),
        resource_names: Some(file.resources.iter().map(|r| r.name.to_string()).collect()),
        ..constraints
    };
    let activities = file.activities.iter().map(|a| a.at).collect();
    let resources = file.resources.iter().map(|r| r.at).collect();
    Ok((data, JsonPlaces { text, activities, resources, groups, pairs, modes: mode_places }))
}

fn index<'f, 't: 'f>(
    text: &str,
    what: &str,
    names: impl Iterator<Item = (&'f Cow<'t, str>, usize)>,
    pulse: &mut Pulse,
) -> Result<HashMap<&'f str, usize>, FormatError> {
    let mut index = HashMap::new();
    for (i, (name, at)) in names.enumerate() {
        if pulse.worked(cost::CHECKED) {
            return Err(stopped());
        }
        if let Some(earlier) = index.insert(&**name, i) {
            return Err(at_byte(text, at, format!("{what}[{i}] and {what}[{earlier}] are both named '{name}'")));
        }
    }
    Ok(index)
}

fn unknown(text: &str, at: usize, activity: &str, what: &str, name: &str) -> FormatError {
    at_byte(text, at, format!("activity '{activity}' names the unknown {what} '{name}'"))
}

/// Where the values of a file begin; names are read again when an error needs them.
pub(in super::super) struct JsonPlaces<'t> {
    text: &'t str,
    activities: Vec<usize>,
    resources: Vec<usize>,
    groups: Groups,
    /// Before, after, and where the after one names the before one.
    pairs: Vec<(u32, u32, usize)>,
    /// Where each mode begins, its activity, and its number in the list of its activity.
    modes: Vec<(usize, usize, Option<usize>)>,
}

impl JsonPlaces<'_> {
    fn name(&self, object: usize) -> String {
        let at = Parser::new(self.text, object).member("name");
        at.and_then(|at| Parser::new(self.text, at).string("").ok()).map(Cow::into_owned).unwrap_or_default()
    }

    /// The position of a member of an object, or of a member of a member.
    fn find(&self, object: usize, keys: &[&str]) -> usize {
        keys.iter().fold(object, |at, key| Parser::new(self.text, at).member(key).unwrap_or(at))
    }
}

impl Places for JsonPlaces<'_> {
    fn activity(&self, index: usize) -> String {
        format!("activity '{}'", self.name(self.activities[index]))
    }

    fn row(&self, index: usize) -> String {
        match self.modes.get(index) {
            Some(&(_, i, Some(k))) => format!("{}: modes[{k}]", self.activity(i)),
            Some(&(_, i, None)) => self.activity(i),
            None => self.activity(index),
        }
    }

    fn resource(&self, index: usize) -> String {
        format!("resource '{}'", self.name(self.resources[index]))
    }

    fn pair(&self, index: usize) -> (usize, usize) {
        let (before, after, _) = self.pairs[index];
        (before as usize, after as usize)
    }

    fn pair_in_words(&self, index: usize) -> String {
        let (before, after) = self.pair(index);
        format!("{}: predecessor '{}'", self.activity(after), self.name(self.activities[before]))
    }

    fn find_pair(&self, before: usize, after: usize) -> Option<usize> {
        self.pairs.iter().position(|&(b, a, _)| (b as usize, a as usize) == (before, after))
    }

    fn line(&self, place: Place) -> Option<usize> {
        let owner = |row: usize| self.modes.get(row).map_or_else(|| self.activities[row], |mode| mode.0);
        let at = match place {
            Place::Duration(row) => self.find(owner(row), &["duration"]),
            Place::Demand(row, r) => self.find(owner(row), &["demand", &self.name(self.resources[r])]),
            Place::Consumption(row, _) => self.find(owner(row), &["consumption"]),
            Place::Stock(_) => self.find(0, &["nonrenewable"]),
            Place::Capacity(r) => self.find(self.resources[r], &["capacity"]),
            Place::Pair(k) => self.pairs[k].2,
            Place::OfPair(key, k) => {
                let (before, after) = self.pair(k);
                self.find(self.activities[after], &[key, &self.name(self.activities[before])])
            }
            Place::OfActivity(key, i) => self.find(self.activities[i], &[key]),
            Place::OfResource(key, r) => self.find(self.resources[r], &[key]),
            Place::Group(key, g) => self.groups[key][g],
        };
        Some(line_at(self.text.as_bytes(), at))
    }
}
