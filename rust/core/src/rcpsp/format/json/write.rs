//! Writes a project in our JSON.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::super::{CONSTRAINTS, NO_STORAGE_LIMIT, Project};
use super::SCHEMA_VERSION;
use super::columns::{Owner, entry, keys_of};
use crate::control::Pulse;
use crate::graph::Rows;
use crate::memory::{self, OutOfMemory};

/// A value of a file; objects keep the order of their keys.
pub(super) enum Json<'a> {
    Null,
    Whole(i64),
    Number(f64),
    Flag(bool),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Json<'a> {
    /// A list, if it is not empty.
    pub fn list(values: impl Iterator<Item = Self>) -> Option<Self> {
        let values: Vec<Self> = values.collect();
        (!values.is_empty()).then_some(Self::List(values))
    }

    /// Numbers by name in the order of the names, if there are any.
    pub fn by_name(values: impl Iterator<Item = (Cow<'a, str>, i64)>) -> Option<Self> {
        let mut values: Vec<_> = values.map(|(name, value)| (name, Self::Whole(value))).collect();
        values.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        (!values.is_empty()).then_some(Self::Object(values))
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Whole(value) => serializer.serialize_i64(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Flag(value) => serializer.serialize_bool(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

/// A name, or the index where there are no names.
fn name(names: Option<&[String]>, index: usize) -> Cow<'_, str> {
    names.map_or_else(|| index.to_string().into(), |names| names[index].as_str().into())
}

/// Writes a project in our JSON; activities and resources without names are called by their index.
///
/// # Errors
/// Refused memory.
pub fn write_json(project: &Project) -> Result<String, OutOfMemory> {
    let data = project.data();
    memory::require(bytes_to_write(project))?;
    let activity_name = |i: usize| name(data.names.as_deref(), i);
    let owners = [Owner::File, Owner::Resource, Owner::Activity];
    let keys = owners.map(|owner| keys_of(owner).collect::<Vec<_>>());
    // The graph does not hold pairs that only a maximal lag binds.
    let before = Rows::group(data.duration.len(), data.precedence.iter().map(|&(i, j)| (j, i)), &mut Pulse::default());
    let constraints = |owner: Owner, index: usize| {
        let (others, pairs) =
            if owner == Owner::Activity { (before.of(index), before.edges_of(index)) } else { (&[][..], &[][..]) };
        let pairs = move || pairs.iter().zip(others).map(|(&k, &p)| (k as usize, p as usize));
        let values =
            keys[owner as usize].iter().map(move |key| (key.name, entry((key.column)(data), index, pairs(), activity_name)));
        values.filter_map(|(key, value)| Some((key.into(), value?)))
    };
    let resource = |r: usize| {
        let own = [
            ("name".into(), Json::Text(name(data.resource_names.as_deref(), r))),
            ("capacity".into(), Json::Whole(data.capacity[r])),
        ];
        Json::Object(own.into_iter().chain(constraints(Owner::Resource, r)).collect())
    };
    let demand_of = |demand: &[i64]| {
        let demands = demand.iter().enumerate().filter(|&(_, &units)| units != 0);
        Json::by_name(demands.map(|(r, &units)| (name(data.resource_names.as_deref(), r), units)))
    };
    let whole = |numbers: &[i64]| Json::List(numbers.iter().map(|&number| Json::Whole(number)).collect());
    let mode_rows = project.modes().map(|modes| (modes, modes.rows(project.num_activities())));
    let modes_of = |i: usize| {
        let (modes, rows) = mode_rows.as_ref()?;
        let width = project.num_resources();
        let mode = |&row: &usize| {
            let duration = Some(("duration".into(), Json::Whole(modes.duration[row])));
            let demand = demand_of(&modes.demand[row * width..(row + 1) * width]).map(|demand| ("demand".into(), demand));
            let used = modes.consumption_of(row);
            let consumption = (!used.is_empty()).then(|| ("consumption".into(), whole(used)));
            Json::Object(duration.into_iter().chain(demand).chain(consumption).collect())
        };
        Some(("modes".into(), Json::List(rows[i].iter().map(mode).collect())))
    };
    let activity = |i: usize| {
        let modes = modes_of(i);
        let duration = if modes.is_some() { None } else { Some(("duration".into(), Json::Whole(data.duration[i]))) };
        let own = [("name".into(), Json::Text(activity_name(i)))].into_iter().chain(duration);
        let demand = if modes.is_some() { None } else { demand_of(project.demand_of(i)) };
        let predecessors = Json::list(before.of(i).iter().map(|&p| Json::Text(activity_name(p as usize))));
        let own = own.chain(demand.map(|demand| ("demand".into(), demand))).chain(modes);
        let own = own.chain(predecessors.map(|before| ("predecessors".into(), before)));
        let stores = ["taken", "given"].into_iter().zip([&data.stores.taken, &data.stores.given]);
        let amounts = stores.filter_map(|(key, units)| {
            let units = units.get(i * data.stores.len()..(i + 1) * data.stores.len())?;
            units.iter().any(|&units| units != 0).then(|| (key.into(), whole(units)))
        });
        Json::Object(own.chain(amounts).chain(constraints(Owner::Activity, i)).collect())
    };
    // Older readers know all of a project without constraints.
    let is_plain = CONSTRAINTS.iter().all(|constraint| (constraint.column)(data).is_trivial());
    let version = match (project.modes(), is_plain) {
        _ if project.has_options() => i64::from(SCHEMA_VERSION),
        _ if project.has_stores() => 5,
        _ if project.has_max_lags() => 4,
        (Some(_), _) => 3,
        (None, is_plain) => 2 - i64::from(is_plain),
    };
    let stock = project.modes().filter(|modes| !modes.nonrenewable.is_empty());
    let own = [
        ("schedkit".into(), Json::Text("project".into())),
        ("schema_version".into(), Json::Whole(version)),
        ("resources".into(), Json::List((0..project.num_resources()).map(resource).collect())),
        ("activities".into(), Json::List((0..project.num_activities()).map(activity).collect())),
    ];
    let stock = stock.map(|modes| ("nonrenewable".into(), whole(&modes.nonrenewable)));
    let limit = |&units: &i64| if units == NO_STORAGE_LIMIT { Json::Null } else { Json::Whole(units) };
    let stores = project.has_stores().then(|| {
        let capacities = Json::List(data.stores.storage.iter().map(limit).collect());
        [("storage".into(), capacities), ("initial".into(), whole(&data.stores.initial))]
    });
    let file = Json::Object(
        own.into_iter().chain(stock).chain(stores.into_iter().flatten()).chain(constraints(Owner::File, 0)).collect(),
    );
    let mut text = serde_json::to_string_pretty(&file).expect("plain data serialises");
    text.push('\n');
    Ok(text)
}

/// Bytes of the values to write and of their text, at most.
fn bytes_to_write(project: &Project) -> usize {
    const BYTES_PER_ACTIVITY: usize = 1000;
    const BYTES_PER_VALUE: usize = 240;
    let data = project.data();
    let demands = data.demand.iter().filter(|&&units| units != 0).count();
    let constrained: usize = CONSTRAINTS.iter().map(|constraint| (constraint.column)(data).num_values()).sum();
    let names = data.names.iter().chain(&data.resource_names).flatten().map(String::len).sum::<usize>();
    let longest = data.names.iter().chain(&data.resource_names).flatten().map(String::len).max().unwrap_or(0);
    let values = demands
        + data.precedence.len()
        + constrained
        + data.modes.len() * 4
        + 2 * data.stores.taken.len()
        + 2 * data.stores.len()
        + data.modes.demand.len()
        + data.modes.consumption.len();
    (BYTES_PER_ACTIVITY * project.num_activities()).saturating_add((BYTES_PER_VALUE + 2 * longest).saturating_mul(values))
        + 4 * names
}
