//! Our own project format: names instead of numbers, readable by people.
//!
//! ```json
//! {
//!   "schedkit": "project",
//!   "schema_version": 2,
//!   "comment": "free text",
//!   "resources": [{"name": "crew", "capacity": 2, "calendars": [{"time": [8, 16], "capacity": [2, 0], "period": 24}]}],
//!   "activities": [
//!     {"name": "dig", "duration": 3, "demand": {"crew": 2}, "release_time": 8, "deadline": 40, "pausable": true},
//!     {"name": "pour", "duration": 1, "demand": {"crew": 1}, "predecessors": ["dig"], "lag": {"dig": 4}},
//!     {"name": "inspect", "duration": 1}
//!   ],
//!   "disjunctive": [["pour", "inspect"]]
//! }
//! ```
//!
//! Version 1 has names, durations, demands, capacities and predecessors alone, and is what a project without other constraints is
//! written as.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::super::{Calendar, NO_DEADLINE};
use super::{FormatError, Project, ProjectData};

/// Since version 2: calendars, lags, windows, pauses, disjunctions.
const SCHEMA_VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schedkit: String,
    schema_version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(default)]
    resources: Vec<Resource>,
    activities: Vec<Activity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    disjunctive: Vec<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    name: String,
    capacity: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calendars: Vec<Steps>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    time: Vec<i64>,
    capacity: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Activity {
    name: String,
    duration: i64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "each_once")]
    demand: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    predecessors: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "each_once")]
    lag: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pausable: bool,
}

impl File {
    /// What a file of version 1 cannot hold.
    fn newer_key(&self) -> Option<&'static str> {
        let activity = self.activities.iter().find_map(|a| {
            let keys = [
                ("lag", !a.lag.is_empty()),
                ("release_time", a.release_time.is_some()),
                ("deadline", a.deadline.is_some()),
                ("pausable", a.pausable),
            ];
            keys.into_iter().find(|(_, used)| *used).map(|(key, _)| key)
        });
        let calendars = self.resources.iter().any(|r| !r.calendars.is_empty());
        activity.or(calendars.then_some("calendars")).or((!self.disjunctive.is_empty()).then_some("disjunctive"))
    }
}

/// A map whose keys differ; JSON itself allows a key twice, and serde would keep the last.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, i64>, D::Error> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = BTreeMap<String, i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object from names to integers")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((name, units)) = entries.next_entry::<String, i64>()? {
                if map.contains_key(&name) {
                    return Err(A::Error::custom(format_args!("duplicate key `{name}`")));
                }
                map.insert(name, units);
            }
            Ok(map)
        }
    }
    deserializer.deserialize_map(Entries)
}

pub(super) fn read(text: &str) -> Result<ProjectData, FormatError> {
    let file: File = serde_json::from_str(text).map_err(|e| {
        let message = e.to_string();
        let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
        FormatError { line: (e.line() > 0).then(|| e.line()), reason: format!("not a project in JSON: {reason}") }
    })?;
    if file.schedkit != "project" {
        return Err(FormatError::whole(format!("\"schedkit\" is \"{}\", expected \"project\"", file.schedkit)));
    }
    if !(1..=SCHEMA_VERSION).contains(&file.schema_version) {
        let version = file.schema_version;
        return Err(FormatError::whole(format!("schema_version {version} is unknown, expected 1 to {SCHEMA_VERSION}")));
    }
    if let (1, Some(key)) = (file.schema_version, file.newer_key()) {
        return Err(FormatError::whole(format!("'{key}' needs schema_version 2")));
    }
    let resource = index("resources", file.resources.iter().map(|r| &r.name))?;
    let activity = index("activities", file.activities.iter().map(|a| &a.name))?;
    let width = file.resources.len();
    let mut data = ProjectData { capacity: file.resources.iter().map(|r| r.capacity).collect(), ..ProjectData::default() };
    for (i, a) in file.activities.iter().enumerate() {
        data.duration.push(a.duration);
        data.demand.resize((i + 1) * width, 0);
        for (name, &units) in &a.demand {
            let r = resource.get(name.as_str()).ok_or_else(|| unknown(a, "resource", name))?;
            data.demand[i * width + r] = units;
        }
        for name in &a.predecessors {
            let p = activity.get(name.as_str()).ok_or_else(|| unknown(a, "predecessor", name))?;
            data.precedence.push((*p as u32, i as u32));
            data.lag.push(a.lag.get(name).copied().unwrap_or(0));
        }
        let before: HashSet<&String> = if a.lag.is_empty() { HashSet::new() } else { a.predecessors.iter().collect() };
        if let Some(name) = a.lag.keys().find(|name| !before.contains(name)) {
            return Err(FormatError::whole(format!("activity '{}' has a lag to '{name}', which is no predecessor", a.name)));
        }
        data.release_time.push(a.release_time.unwrap_or(0));
        data.deadline.push(a.deadline.unwrap_or(NO_DEADLINE));
        data.pausable.push(a.pausable);
    }
    for (r, resource) in file.resources.iter().enumerate() {
        for steps in &resource.calendars {
            let calendar = Calendar::new(steps.time.clone(), steps.capacity.clone(), steps.period)
                .map_err(|e| FormatError::whole(format!("a calendar of resource '{}': {e}", resource.name)))?;
            data.calendars.push((r as u32, calendar));
        }
    }
    for (g, group) in file.disjunctive.iter().enumerate() {
        let member = |name: &String| {
            let i = activity.get(name.as_str());
            i.map(|&i| i as u32)
                .ok_or_else(|| FormatError::whole(format!("disjunctive[{g}] names the unknown activity '{name}'")))
        };
        data.disjunctive.push(group.iter().map(member).collect::<Result<_, _>>()?);
    }
    data.names = Some(file.activities.into_iter().map(|a| a.name).collect());
    data.resource_names = Some(file.resources.into_iter().map(|r| r.name).collect());
    Ok(data)
}

fn index<'f>(what: &str, names: impl Iterator<Item = &'f String>) -> Result<HashMap<&'f str, usize>, FormatError> {
    let mut index = HashMap::new();
    for (i, name) in names.enumerate() {
        if let Some(earlier) = index.insert(name.as_str(), i) {
            return Err(FormatError::whole(format!("{what}[{i}] and {what}[{earlier}] are both named '{name}'")));
        }
    }
    Ok(index)
}

fn unknown(activity: &Activity, what: &str, name: &str) -> FormatError {
    FormatError::whole(format!("activity '{}' names the unknown {what} '{name}'", activity.name))
}

/// Writes a project in our JSON; activities and resources without names are called by their index.
#[must_use]
pub fn write_json(project: &Project) -> String {
    let data = project.data();
    let name = |names: &Option<Vec<String>>, i: usize| names.as_ref().map_or_else(|| i.to_string(), |names| names[i].clone());
    let resource = |r: usize| Resource {
        name: name(&data.resource_names, r),
        capacity: data.capacity[r],
        calendars: (data.calendars.iter().filter(|(of, _)| *of as usize == r))
            .map(|(_, c)| Steps { time: c.time().to_vec(), capacity: c.capacity().to_vec(), period: c.period() })
            .collect(),
    };
    let activity = |i: usize| {
        let before = project.graph().predecessors();
        let predecessor = |p: &u32| name(&data.names, *p as usize);
        let lags = before.of(i).iter().zip(before.edges_of(i)).map(|(p, &edge)| (predecessor(p), data.lag[edge as usize]));
        Activity {
            name: name(&data.names, i),
            duration: data.duration[i],
            demand: (project.demand_of(i).iter().enumerate().filter(|&(_, &units)| units != 0))
                .map(|(r, &units)| (name(&data.resource_names, r), units))
                .collect(),
            predecessors: before.of(i).iter().map(predecessor).collect(),
            lag: lags.filter(|(_, lag)| *lag != 0).collect(),
            release_time: Some(data.release_time[i]).filter(|&release| release != 0),
            deadline: Some(data.deadline[i]).filter(|&deadline| deadline != NO_DEADLINE),
            pausable: data.pausable[i],
        }
    };
    let mut file = File {
        schedkit: "project".into(),
        schema_version: SCHEMA_VERSION,
        comment: None,
        resources: (0..project.num_resources()).map(resource).collect(),
        activities: (0..project.num_activities()).map(activity).collect(),
        disjunctive: (data.disjunctive.iter())
            .map(|group| group.iter().map(|&i| name(&data.names, i as usize)).collect())
            .collect(),
    };
    if file.newer_key().is_none() {
        file.schema_version = 1; // older readers know all of it
    }
    let mut text = serde_json::to_string_pretty(&file).expect("plain data serialises");
    text.push('\n');
    text
}
