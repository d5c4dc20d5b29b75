//! Reads a project in our JSON; every error names the line and the activity or resource.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::super::places::{Place, Places};
use super::super::{FormatError, ProjectData, line_at};
use super::SCHEMA_VERSION;
use super::parser::Parser;
use crate::rcpsp::{Calendar, NO_DEADLINE};

const WHOLE: &str = "a whole number";
const NAME: &str = "a name in quotation marks";
const FILE_KEYS: [&str; 6] = ["schedkit", "schema_version", "activities", "resources", "disjunctive", "comment"];
const RESOURCE_KEYS: [&str; 3] = ["name", "capacity", "calendars"];
const CALENDAR_KEYS: [&str; 3] = ["time", "capacity", "period"];
const ACTIVITY_KEYS: [&str; 8] = ["name", "duration", "demand", "predecessors", "lag", "release_time", "deadline", "pausable"];

/// A name with its position.
type Name<'t> = (Cow<'t, str>, usize);

#[derive(Default)]
struct File<'t> {
    version: i64,
    resources: Vec<Resource<'t>>,
    activities: Vec<Activity<'t>>,
    disjunctive: Vec<(Vec<Name<'t>>, usize)>,
    /// The first key that version 1 does not know, and its position.
    newer: Option<(&'static str, usize)>,
}

#[derive(Default)]
struct Resource<'t> {
    at: usize,
    name: Cow<'t, str>,
    capacity: i64,
    calendars: Vec<Calendar>,
}

#[derive(Default)]
struct Activity<'t> {
    at: usize,
    name: Cow<'t, str>,
    duration: i64,
    demand: Vec<(Name<'t>, i64)>,
    predecessors: Vec<Name<'t>>,
    lag: Vec<(Name<'t>, i64)>,
    release_time: i64,
    deadline: Option<i64>,
    pausable: bool,
}

pub(in super::super) fn read(text: &str) -> Result<(ProjectData, JsonPlaces<'_>), FormatError> {
    let mut parser = Parser::new(text, 0);
    refuse_other_kinds(text, &mut parser)?;
    let mut file = File::default();
    let result = file.read(&mut parser).and_then(|()| parser.end());
    result.map_err(|e| FormatError { reason: format!("not a project in JSON: {}", e.reason), ..e })?;
    if let (1, Some((key, at))) = (file.version, file.newer) {
        return Err(at_byte(text, at, format!("'{key}' needs schema_version 2")));
    }
    columns(text, file)
}

/// Tells what another file is before its keys are compared with those of a project.
fn refuse_other_kinds(text: &str, parser: &mut Parser<'_>) -> Result<(), FormatError> {
    let start = parser.position();
    if !text[start..].starts_with('{') {
        return Err(parser.expected("a project, which is an object with \"schedkit\": \"project\""));
    }
    if let Some(at) = parser.member("schedkit") {
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
    Ok(())
}

impl<'t> File<'t> {
    fn read(&mut self, parser: &mut Parser<'t>) -> Result<(), FormatError> {
        parser.record("an object", &FILE_KEYS, 3, |parser, k| match FILE_KEYS[k] {
            "schedkit" => parser.string(NAME).map(|_| ()),
            "schema_version" => parser.whole(WHOLE).map(|version| self.version = version),
            "comment" if parser.null() => Ok(()),
            "comment" => parser.string("a text in quotation marks").map(|_| ()),
            "resources" => parser.list("a list of resources", |parser, k| {
                let start = parser.clone();
                let resource = Resource::read(parser, &mut self.newer);
                self.resources.push(resource.map_err(|e| within(&start, "resource", "resources", k, &e))?);
                Ok(())
            }),
            "activities" => parser.list("a list of activities", |parser, k| {
                let start = parser.clone();
                let activity = Activity::read(parser, &mut self.newer);
                self.activities.push(activity.map_err(|e| within(&start, "activity", "activities", k, &e))?);
                Ok(())
            }),
            _ => {
                let at = parser.position();
                parser.list("a list of groups", |parser, _| {
                    self.newer.get_or_insert(("disjunctive", at));
                    let at = parser.position();
                    self.disjunctive.push((names(parser, "a list of names of activities")?, at));
                    Ok(())
                })
            }
        })
    }
}

impl<'t> Resource<'t> {
    fn read(parser: &mut Parser<'t>, newer: &mut Option<(&'static str, usize)>) -> Result<Self, FormatError> {
        let mut found = Self { at: parser.position(), ..Self::default() };
        let mut calendars = Vec::new();
        parser.record("an object", &RESOURCE_KEYS, 2, |parser, k| {
            let at = parser.position();
            match RESOURCE_KEYS[k] {
                "name" => found.name = parser.string(NAME)?,
                "capacity" => found.capacity = within_key("capacity", parser.whole(WHOLE))?,
                _ => parser.list("a list of calendars", |parser, _| {
                    newer.get_or_insert(("calendars", at));
                    calendars.push((parser.clone(), calendar(parser)?));
                    Ok(())
                })?,
            }
            Ok(())
        })?;
        for (c, (place, calendar)) in calendars.into_iter().enumerate() {
            if let Some(k) = calendar.capacity().iter().position(|&step| step > found.capacity) {
                let (step, capacity) = (calendar.capacity()[k], found.capacity);
                let place = Parser::new_at(&place, place.member("capacity"));
                return Err(place.error(format!("calendars[{c}]: capacity[{k}] = {step}: exceeds the capacity {capacity}")));
            }
            found.calendars.push(calendar);
        }
        Ok(found)
    }
}

fn calendar(parser: &mut Parser<'_>) -> Result<Calendar, FormatError> {
    let start = parser.clone();
    let (mut time, mut capacity, mut period) = (Vec::new(), Vec::new(), None);
    parser.record("a calendar, which is an object", &CALENDAR_KEYS, 2, |parser, k| match CALENDAR_KEYS[k] {
        "time" => numbers(parser, "time", &mut time),
        "capacity" => numbers(parser, "capacity", &mut capacity),
        _ if parser.null() => Ok(()),
        _ => within_key("period", parser.whole(WHOLE)).map(|ticks| period = Some(ticks)),
    })?;
    Calendar::new(time, capacity, period).map_err(|e| {
        let place = Parser::new_at(&start, start.member(&e.field));
        place.error(format!("a calendar: {e}"))
    })
}

fn numbers(parser: &mut Parser<'_>, key: &str, found: &mut Vec<i64>) -> Result<(), FormatError> {
    parser.list("a list of whole numbers", |parser, _| {
        found.push(within_key(key, parser.whole(WHOLE))?);
        Ok(())
    })
}

impl<'t> Activity<'t> {
    fn read(parser: &mut Parser<'t>, newer: &mut Option<(&'static str, usize)>) -> Result<Self, FormatError> {
        let mut found = Self { at: parser.position(), ..Self::default() };
        parser.record("an object", &ACTIVITY_KEYS, 2, |parser, k| {
            let key = ACTIVITY_KEYS[k];
            let at = parser.position();
            let used = match key {
                "name" => {
                    found.name = parser.string(NAME)?;
                    false
                }
                "duration" => {
                    found.duration = within_key(key, parser.whole(WHOLE))?;
                    false
                }
                "demand" => {
                    found.demand = amounts(parser, key, "an object from resources to units")?;
                    false
                }
                "predecessors" => {
                    found.predecessors = names(parser, "a list of names of activities")?;
                    false
                }
                "lag" => {
                    found.lag = amounts(parser, key, "an object from predecessors to lags")?;
                    !found.lag.is_empty()
                }
                "pausable" => {
                    found.pausable = within_key(key, parser.flag())?;
                    found.pausable
                }
                _ if parser.null() => false,
                "release_time" => {
                    found.release_time = within_key(key, parser.whole(WHOLE))?;
                    true
                }
                _ => {
                    found.deadline = Some(within_key(key, parser.whole(WHOLE))?);
                    true
                }
            };
            if used {
                newer.get_or_insert((key, at));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// Prefixes the error of a value with its key.
fn within_key<T>(key: &str, value: Result<T, FormatError>) -> Result<T, FormatError> {
    value.map_err(|e| FormatError { reason: format!("{key}: {}", e.reason), ..e })
}

/// Prefixes the error of an activity or resource with its name, if it has one by then, or its number.
fn within(start: &Parser<'_>, kind: &str, list: &str, index: usize, error: &FormatError) -> FormatError {
    let name = start.member("name").and_then(|at| Parser::new_at(start, Some(at)).string("").map(Cow::into_owned).ok());
    let owner = name.map_or_else(|| format!("{list}[{index}]"), |name| format!("{kind} '{name}'"));
    FormatError { line: error.line, reason: format!("{owner}: {}", error.reason) }
}

fn names<'t>(parser: &mut Parser<'t>, what: &str) -> Result<Vec<Name<'t>>, FormatError> {
    let mut found = Vec::new();
    parser.list(what, |parser, _| {
        let at = parser.position();
        found.push((parser.string(NAME)?, at));
        Ok(())
    })?;
    Ok(found)
}

fn amounts<'t>(parser: &mut Parser<'t>, key: &str, what: &str) -> Result<Vec<(Name<'t>, i64)>, FormatError> {
    let (mut found, mut seen): (Vec<(Name<'t>, i64)>, _) = (Vec::new(), HashSet::new());
    parser.object(what, |parser, name| {
        let few = found.len() < 8;
        if !few && seen.is_empty() {
            seen.extend(found.iter().map(|((name, _), _)| name.clone()));
        }
        if if few { found.iter().any(|((known, _), _)| *known == name) } else { !seen.insert(name.clone()) } {
            return Err(parser.error(format!("{key}: the key '{name}' stands twice in one object")));
        }
        let at = parser.position();
        let value = parser.whole(WHOLE).map_err(|e| FormatError { reason: format!("{key} '{name}': {}", e.reason), ..e })?;
        found.push(((name, at), value));
        Ok(())
    })?;
    Ok(found)
}

fn at_byte(text: &str, at: usize, reason: String) -> FormatError {
    FormatError::at(line_at(text.as_bytes(), at), reason)
}

/// The columns of a file whose names are resolved here.
fn columns<'t>(text: &'t str, file: File<'t>) -> Result<(ProjectData, JsonPlaces<'t>), FormatError> {
    let resource = index(text, "resources", file.resources.iter().map(|r| (&r.name, r.at)))?;
    let activity = index(text, "activities", file.activities.iter().map(|a| (&a.name, a.at)))?;
    let width = file.resources.len();
    let mut data = ProjectData { capacity: file.resources.iter().map(|r| r.capacity).collect(), ..ProjectData::default() };
    let mut places = JsonPlaces { text, ..JsonPlaces::default() };
    for (i, a) in file.activities.iter().enumerate() {
        places.activities.push(a.at);
        data.duration.push(a.duration);
        data.demand.resize((i + 1) * width, 0);
        for ((name, at), units) in &a.demand {
            let r = resource.get(&**name).ok_or_else(|| unknown(text, *at, &a.name, "resource", name))?;
            data.demand[i * width + r] = *units;
        }
        let lags: HashMap<&str, i64> = a.lag.iter().map(|((name, _), lag)| (&**name, *lag)).collect(); // does not allocate if empty
        for (name, at) in &a.predecessors {
            let p = activity.get(&**name).ok_or_else(|| unknown(text, *at, &a.name, "predecessor", name))?;
            data.precedence.push((*p as u32, i as u32));
            data.lag.push(lags.get(&**name).copied().unwrap_or(0));
            places.pairs.push((*p as u32, i as u32, *at));
        }
        let before: HashSet<&str> =
            if a.lag.is_empty() { HashSet::new() } else { a.predecessors.iter().map(|(name, _)| &**name).collect() };
        if let Some(((name, at), _)) = a.lag.iter().find(|((name, _), _)| !before.contains(&**name)) {
            return Err(at_byte(text, *at, format!("activity '{}' has a lag to '{name}', which is no predecessor", a.name)));
        }
        data.release_time.push(a.release_time);
        data.deadline.push(a.deadline.unwrap_or(NO_DEADLINE));
        data.pausable.push(a.pausable);
    }
    for (g, (group, at)) in file.disjunctive.iter().enumerate() {
        data.disjunctive.push(members(text, g, group, &activity)?);
        places.groups.push(*at);
    }
    for (r, resource) in file.resources.iter().enumerate() {
        places.resources.push(resource.at);
        data.calendars.extend(resource.calendars.iter().map(|calendar| (r as u32, calendar.clone())));
    }
    data.names = Some(file.activities.into_iter().map(|a| a.name.into_owned()).collect());
    data.resource_names = Some(file.resources.into_iter().map(|r| r.name.into_owned()).collect());
    Ok((data, places))
}

/// The activities of a group, each at most once.
fn members(text: &str, g: usize, group: &[Name<'_>], activity: &HashMap<&str, usize>) -> Result<Vec<u32>, FormatError> {
    let (mut found, mut seen) = (Vec::with_capacity(group.len()), HashSet::new());
    for (name, at) in group {
        let refuse = |reason: &str| at_byte(text, *at, format!("disjunctive[{g}] names {reason} '{name}'"));
        let i = *activity.get(&**name).ok_or_else(|| refuse("the unknown activity"))?;
        if !seen.insert(i) {
            return Err(at_byte(text, *at, format!("disjunctive[{g}] names '{name}' twice")));
        }
        found.push(i as u32);
    }
    Ok(found)
}

fn index<'f, 't: 'f>(
    text: &str,
    what: &str,
    names: impl Iterator<Item = (&'f Cow<'t, str>, usize)>,
) -> Result<HashMap<&'f str, usize>, FormatError> {
    let mut index = HashMap::new();
    for (i, (name, at)) in names.enumerate() {
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
#[derive(Default)]
pub(in super::super) struct JsonPlaces<'t> {
    text: &'t str,
    activities: Vec<usize>,
    resources: Vec<usize>,
    groups: Vec<usize>,
    /// Before, after, and where the after one names the before one.
    pairs: Vec<(u32, u32, usize)>,
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

    fn resource(&self, index: usize) -> String {
        format!("resource '{}'", self.name(self.resources[index]))
    }

    fn pair(&self, index: usize) -> (usize, usize) {
        let (before, after, _) = self.pairs[index];
        (before as usize, after as usize)
    }

    fn line(&self, place: Place) -> Option<usize> {
        let at = match place {
            Place::Duration(i) => self.find(self.activities[i], &["duration"]),
            Place::Demand(i, r) => self.find(self.activities[i], &["demand", &self.name(self.resources[r])]),
            Place::Capacity(r) => self.find(self.resources[r], &["capacity"]),
            Place::Pair(k) => self.pairs[k].2,
            Place::Lag(k) => {
                let (before, after) = self.pair(k);
                self.find(self.activities[after], &["lag", &self.name(self.activities[before])])
            }
            Place::ReleaseTime(i) => self.find(self.activities[i], &["release_time"]),
            Place::Deadline(i) => self.find(self.activities[i], &["deadline"]),
            Place::Calendars(r) => self.find(self.resources[r], &["calendars"]),
            Place::Disjunctive(g) => self.groups[g],
        };
        Some(line_at(self.text.as_bytes(), at))
    }
}
