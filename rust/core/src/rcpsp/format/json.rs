//! Our own project format: names instead of numbers, readable by people.
//!
//! ```json
//! {
//!   "schedkit": "project",
//!   "schema_version": 1,
//!   "comment": "free text",
//!   "resources": [{"name": "crew", "capacity": 2}],
//!   "activities": [
//!     {"name": "dig", "duration": 3, "demand": {"crew": 2}},
//!     {"name": "pour", "duration": 1, "demand": {"crew": 1}, "predecessors": ["dig"]}
//!   ]
//! }
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{FormatError, Project, ProjectData};

const SCHEMA_VERSION: u32 = 1;

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
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    name: String,
    capacity: i64,
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
}

/// A map whose keys differ; JSON itself allows a key twice, and serde would keep the last.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, i64>, D::Error> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = BTreeMap<String, i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object from resource names to integers")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((name, units)) = entries.next_entry::<String, i64>()? {
                if map.contains_key(&name) {
                    return Err(A::Error::custom(format_args!("duplicate resource `{name}`")));
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
    if file.schema_version != SCHEMA_VERSION {
        return Err(FormatError::whole(format!("schema_version {} is unknown, expected {SCHEMA_VERSION}", file.schema_version)));
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
        }
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
    let file = File {
        schedkit: "project".into(),
        schema_version: SCHEMA_VERSION,
        comment: None,
        resources: (0..project.num_resources())
            .map(|r| Resource { name: name(&data.resource_names, r), capacity: data.capacity[r] })
            .collect(),
        activities: (0..project.num_activities())
            .map(|i| Activity {
                name: name(&data.names, i),
                duration: data.duration[i],
                demand: (project.demand_of(i).iter().enumerate().filter(|&(_, &units)| units != 0))
                    .map(|(r, &units)| (name(&data.resource_names, r), units))
                    .collect(),
                predecessors: project.graph().predecessors().of(i).iter().map(|&p| name(&data.names, p as usize)).collect(),
            })
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&file).expect("plain data serialises");
    text.push('\n');
    text
}
