//! The objects of a file: what stands in it, key by key; every error names the line and the activity or resource.

use std::borrow::Cow;

use super::super::{FormatError, line_at, stopped};
use super::columns::{Amounts, Columns, Needs, Owner, amounts, keys_of, numbers};
use super::mode::Mode;
use super::parser::Parser;
use crate::control::Pulse;
use crate::cost;
use crate::rcpsp::NO_STORAGE_LIMIT;

pub(super) const WHOLE: &str = "a whole number";
const NAME: &str = "a name in quotation marks";
const FILE_KEYS: [&str; 8] =
    ["schedkit", "schema_version", "activities", "resources", "comment", "nonrenewable", "storage", "initial"];
const RESOURCE_KEYS: [&str; 2] = ["name", "capacity"];
const ACTIVITY_KEYS: [&str; 7] = ["name", "duration", "demand", "predecessors", "modes", "taken", "given"];

/// A name with its position.
pub(super) type Name<'t> = (Cow<'t, str>, usize);

/// The keys of files, resources and activities, those of constraints included.
pub(super) struct Keys {
    pub file: Vec<&'static str>,
    pub resource: Vec<&'static str>,
    pub activity: Vec<&'static str>,
}

/// A file as it stands, with names that are not looked up yet.
#[derive(Default)]
pub(super) struct File<'t> {
    pub version: i64,
    pub nonrenewable: Vec<i64>,
    /// The capacities of stores, and their levels at the start.
    pub storage: Vec<i64>,
    pub initial: Vec<i64>,
    /// The first key that needs a version, and its position, by version; those of constraints stand in `columns`.
    pub needs: Needs,
    pub resources: Vec<Resource<'t>>,
    pub activities: Vec<Activity<'t>>,
    pub columns: Columns<'t>,
}

/// A resource, with its position in the text.
#[derive(Default)]
pub(super) struct Resource<'t> {
    pub at: usize,
    pub name: Cow<'t, str>,
    pub capacity: i64,
}

/// An activity, with its position in the text.
#[derive(Default)]
pub(super) struct Activity<'t> {
    pub at: usize,
    pub name: Cow<'t, str>,
    pub duration: i64,
    pub demand: Amounts<'t>,
    pub predecessors: Vec<Name<'t>>,
    pub modes: Option<Vec<Mode<'t>>>,
    /// What it takes of each store and gives to it, if it says so.
    pub taken: Vec<i64>,
    pub given: Vec<i64>,
}

impl Keys {
    /// All that are known today.
    pub fn new() -> Self {
        fn with(own: &[&'static str], owner: Owner) -> Vec<&'static str> {
            own.iter().copied().chain(keys_of(owner).map(|c| c.name)).collect()
        }
        Self {
            file: with(&FILE_KEYS, Owner::File),
            resource: with(&RESOURCE_KEYS, Owner::Resource),
            activity: with(&ACTIVITY_KEYS, Owner::Activity),
        }
    }
}

impl<'t> File<'t> {
    /// Reads the object that is the whole file.
    pub fn read(&mut self, parser: &mut Parser<'t>, keys: &Keys, pulse: &mut Pulse) -> Result<(), FormatError> {
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
                    self.needs.entry(3).or_insert(("modes", activity.at));
                }
                if let Some(key) = activity.of_stores() {
                    self.needs.entry(5).or_insert((key, activity.at));
                }
                self.activities.push(activity);
                Ok(())
            }),
            key @ "storage" => {
                self.needs.entry(5).or_insert((key, parser.position()));
                parser.list("a list of capacities", |parser, _| {
                    let none = parser.null().then_some(Ok(NO_STORAGE_LIMIT));
                    self.storage.push(none.unwrap_or_else(|| within_key(key, parser.whole(WHOLE)))?);
                    Ok(())
                })
            }
            key @ "initial" => {
                self.needs.entry(5).or_insert((key, parser.position()));
                numbers(parser, key, &mut self.initial)
            }
            key @ "nonrenewable" => {
                self.needs.entry(3).or_insert((key, parser.position()));
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
    /// A key that speaks of stores, if it has one.
    fn of_stores(&self) -> Option<&'static str> {
        [("taken", &self.taken), ("given", &self.given)].into_iter().find(|(_, units)| !units.is_empty()).map(|(key, _)| key)
    }

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
                key @ "taken" => numbers(parser, key, &mut found.taken)?,
                key @ "given" => numbers(parser, key, &mut found.given)?,
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
