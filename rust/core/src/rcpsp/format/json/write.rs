//! Writes a project in our JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::super::{NO_DEADLINE, Project};
use super::SCHEMA_VERSION;

#[derive(Serialize)]
struct File {
    schedkit: String,
    schema_version: u32,
    resources: Vec<Resource>,
    activities: Vec<Activity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disjunctive: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Resource {
    name: String,
    capacity: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calendars: Vec<Steps>,
}

#[derive(Serialize)]
struct Steps {
    time: Vec<i64>,
    capacity: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<i64>,
}

#[derive(Serialize)]
struct Activity {
    name: String,
    duration: i64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    demand: BTreeMap<String, i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    predecessors: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    lag: BTreeMap<String, i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pausable: bool,
}

impl File {
    /// Whether a file of version 1 cannot hold it.
    fn is_newer(&self) -> bool {
        let limited = |a: &Activity| !a.lag.is_empty() || a.release_time.is_some() || a.deadline.is_some() || a.pausable;
        self.activities.iter().any(limited)
            || self.resources.iter().any(|r| !r.calendars.is_empty())
            || !self.disjunctive.is_empty()
    }
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
        resources: (0..project.num_resources()).map(resource).collect(),
        activities: (0..project.num_activities()).map(activity).collect(),
        disjunctive: (data.disjunctive.iter())
            .map(|group| group.iter().map(|&i| name(&data.names, i as usize)).collect())
            .collect(),
    };
    if !file.is_newer() {
        file.schema_version = 1; // older readers know all of it
    }
    let mut text = serde_json::to_string_pretty(&file).expect("plain data serialises");
    text.push('\n');
    text
}
