//! Reads a project in our JSON: looks up its names, and makes the columns of the project.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::{FormatError, ProjectData, stopped};
use super::SCHEMA_VERSION;
use super::columns::Amounts;
use super::locations::JsonPlaces;
use super::objects::{Activity, File, Keys, at_byte};
use super::parser::Parser;
use crate::control::Pulse;
use crate::cost;
use crate::error::Error;
use crate::memory;
use crate::rcpsp::{Modes, Stores};

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
    let keys = Keys::new();
    let result = file.read(&mut parser, &keys, pulse).and_then(|()| parser.end());
    result
        .map_err(|e| if is_project { e } else { FormatError { reason: format!("not a project in JSON: {}", e.reason), ..e } })?;
    let mut needs: Vec<_> = file.columns.needs.iter().chain(&file.needs).collect();
    needs.sort_unstable();
    if let Some((version, (key, at))) = needs.into_iter().find(|&(&version, _)| version > file.version) {
        return Err(at_byte(text, *at, format!("'{key}' needs schema_version {version}")).into());
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
    let mut stores = Stores { storage: file.storage, initial: file.initial, ..Stores::default() };
    stores.taken = amounts_of_stores(text, "taken", &file.activities, stores.len(), |a| &a.taken)?;
    stores.given = amounts_of_stores(text, "given", &file.activities, stores.len(), |a| &a.given)?;
    let owners: Vec<_> = file.activities.iter().map(|a| (&*a.name, &*a.predecessors)).collect();
    let (constraints, groups) = file.columns.finish(text, &activity, &owners, &first_pair)?;
    let data = ProjectData {
        duration,
        demand,
        modes,
        stores,
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

/// The amounts of all activities for `stores` stores, row by row; those that say nothing take and give nothing.
fn amounts_of_stores<'f, 't>(
    text: &str,
    key: &str,
    activities: &'f [Activity<'t>],
    stores: usize,
    of: impl Fn(&'f Activity<'t>) -> &'f Vec<i64>,
) -> Result<Vec<i64>, Error> {
    let mut units = memory::with_capacity(activities.len().saturating_mul(stores))?;
    for activity in activities {
        let own = of(activity);
        if !own.is_empty() && own.len() != stores {
            let reason = format!("activity '{}': {key} has {} numbers, expected {stores}", activity.name, own.len());
            return Err(at_byte(text, activity.at, reason).into());
        }
        units.extend_from_slice(own);
        units.extend(std::iter::repeat_n(0, stores - own.len()));
    }
    Ok(units)
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
