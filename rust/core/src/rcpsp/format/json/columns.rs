//! The keys of constraints: how the column of each shape is read from a file and written to one.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::{FormatError, ProjectData};
use super::objects::{Name, WHOLE, at_byte, names, within_key};
use super::parser::{Number, Parser};
use super::write::Json;
use crate::rcpsp::{CONSTRAINTS, Calendar, Column, ColumnMut, Constraint, Relation, Weights};

const CALENDAR_KEYS: [&str; 3] = ["time", "capacity", "period"];

/// The object in whose list a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    File,
    Resource,
    Activity,
}

/// The constraints whose keys stand in such an object.
pub(super) fn keys_of(owner: Owner) -> impl Iterator<Item = &'static Constraint> {
    let empty = ProjectData::default();
    CONSTRAINTS.iter().filter(move |constraint| {
        owner
            == match (constraint.column)(&empty) {
                Column::OfPairs(..) | Column::Relations(_) | Column::OfActivities(..) | Column::Flags(_) | Column::Weights(_) => {
                    Owner::Activity
                }
                Column::OfResources(_) => Owner::Resource,
                Column::Groups(_) => Owner::File,
            }
    })
}

/// Whole numbers by name.
pub(super) type Amounts<'t> = Vec<(Name<'t>, i64)>;

/// Values by the name of a predecessor: one, or a list with one for each time that the predecessor is named.
type PairValues<'t> = Vec<(Name<'t>, Vec<PairValue>)>;

/// The value of one precedence pair.
#[derive(Debug, Clone, Copy)]
enum PairValue {
    Ticks(i64),
    Relation(Relation),
}

/// The columns of constraints while a file is read; what refers to names waits until all names are known.
#[derive(Default)]
pub(super) struct Columns<'t> {
    data: ProjectData,
    /// Constraint, activity, and what it has by the name of the predecessor.
    by_predecessor: Vec<(&'static Constraint, usize, PairValues<'t>)>,
    /// Constraint, members, and where the group stands.
    groups: Vec<(&'static Constraint, Vec<Name<'t>>, usize)>,
    /// The calendars of the resource that is read, each with its place.
    calendars: Vec<(Parser<'t>, Calendar)>,
    /// The first key that needs a version, and its position, by version.
    pub needs: Needs,
}

impl<'t> Columns<'t> {
    /// Reads the value of a constraint's key in the activity or resource of that index, or in the file.
    pub fn read(&mut self, key: &'static str, parser: &mut Parser<'t>, owner: usize) -> Result<(), FormatError> {
        let Some(constraint) = CONSTRAINTS.iter().find(|constraint| constraint.name == key) else { return Ok(()) };
        let at = parser.position();
        let is_used = match (constraint.column_mut)(&mut self.data) {
            column @ (ColumnMut::OfPairs(..) | ColumnMut::Relations(_)) => {
                let none = if let ColumnMut::OfPairs(_, _, none) = column { Some(none) } else { None };
                let one = |parser: &mut Parser<'t>| match none {
                    Some(none) if parser.null() => Ok(PairValue::Ticks(none)),
                    Some(_) => parser.whole(WHOLE).map(PairValue::Ticks),
                    None => relation(parser).map(PairValue::Relation),
                };
                let found = keyed(parser, key, &format!("an object from predecessors to {key}s"), |parser| {
                    let mut values = Vec::new();
                    if !parser.is_list() {
                        return Ok(vec![one(parser)?]);
                    }
                    parser.list("a list", |parser, _| {
                        values.push(one(parser)?);
                        Ok(())
                    })?;
                    Ok(values)
                })?;
                let is_used = !found.is_empty();
                self.by_predecessor.push((constraint, owner, found));
                is_used
            }
            ColumnMut::OfActivities(..) if parser.null() => false,
            ColumnMut::OfActivities(ticks, absent) => {
                let value = within_key(key, parser.whole(WHOLE))?;
                ticks.resize(owner, absent);
                ticks.push(value);
                true
            }
            ColumnMut::Flags(flags) => {
                let flag = within_key(key, parser.flag())?;
                flags.resize(owner, false);
                flags.push(flag);
                flag
            }
            ColumnMut::Weights(weights) => {
                let value = within_key(key, parser.number())?;
                add_weight(weights, owner, value);
                true
            }
            ColumnMut::OfResources(_) => {
                parser.list("a list of calendars", |parser, _| {
                    self.calendars.push((parser.clone(), calendar(parser)?));
                    Ok(())
                })?;
                !self.calendars.is_empty()
            }
            ColumnMut::Groups(_) => {
                let known = self.groups.len();
                parser.list("a list of groups", |parser, _| {
                    let at = parser.position();
                    self.groups.push((constraint, names(parser, "a list of names of activities")?, at));
                    Ok(())
                })?;
                self.groups.len() > known
            }
        };
        if is_used {
            self.needs.entry(since(key)).or_insert((key, at));
        }
        Ok(())
    }

    /// Ends a resource, whose calendars must keep to its capacity. A negative capacity is refused later, by itself.
    pub fn end_resource(&mut self, resource: usize, capacity: i64) -> Result<(), FormatError> {
        for (c, (place, calendar)) in self.calendars.drain(..).enumerate() {
            if let Some(k) = calendar.capacity().iter().position(|&step| capacity >= 0 && step > capacity) {
                let step = calendar.capacity()[k];
                let place = Parser::new_at(&place, place.member("capacity"));
                return Err(place.error(format!("calendars[{c}]: capacity[{k}] = {step}: exceeds the capacity {capacity}")));
            }
            self.data.calendars.push((resource as u32, calendar));
        }
        Ok(())
    }

    /// The columns of `n` activities, and where each group stands. `first_pair` tells where the pairs begin that an activity ends.
    ///
    /// # Errors
    /// A name that is not known, or is no predecessor.
    pub fn finish(
        mut self,
        text: &str,
        activity: &HashMap<&str, usize>,
        owners: &[(&str, &[Name<'t>])],
        first_pair: &[usize],
    ) -> Result<(ProjectData, Groups), FormatError> {
        for constraint in &CONSTRAINTS {
            match (constraint.column_mut)(&mut self.data) {
                ColumnMut::OfActivities(ticks, absent) if !ticks.is_empty() => ticks.resize(owners.len(), absent),
                ColumnMut::Flags(flags) if !flags.is_empty() => flags.resize(owners.len(), false),
                ColumnMut::Weights(Weights::Integers(weights)) => weights.resize(owners.len(), 1),
                ColumnMut::Weights(Weights::Floats(weights)) => weights.resize(owners.len(), 1.0),
                _ => {}
            }
        }
        for (constraint, i, found) in self.by_predecessor {
            let (key, (owner, predecessors)) = (constraint.name, owners[i]);
            let mut pairs: HashMap<&str, Vec<usize>> = HashMap::new();
            for (k, (name, _)) in (first_pair[i]..).zip(predecessors.iter()) {
                pairs.entry(name).or_default().push(k);
            }
            let mut column = (constraint.column_mut)(&mut self.data);
            match &mut column {
                ColumnMut::OfPairs(ticks, absent, _) => ticks.resize(first_pair[owners.len()], *absent),
                ColumnMut::Relations(relations) => relations.resize(first_pair[owners.len()], Relation::default()),
                _ => {}
            }
            for ((name, at), values) in found {
                let Some(pairs) = pairs.get(&*name) else {
                    let reason = format!("activity '{owner}' has a {key} to '{name}', which is no predecessor");
                    return Err(at_byte(text, at, reason));
                };
                let (named, given) = (pairs.len(), values.len());
                if given != 1 && given != named {
                    let reason = format!("activity '{owner}' has {given} values of {key} to '{name}', expected {named}");
                    return Err(at_byte(text, at, reason));
                }
                for (&k, &value) in pairs.iter().zip(values.iter().cycle()) {
                    match (&mut column, value) {
                        (ColumnMut::OfPairs(ticks, ..), PairValue::Ticks(value)) => ticks[k] = value,
                        (ColumnMut::Relations(relations), PairValue::Relation(value)) => relations[k] = value,
                        _ => {}
                    }
                }
            }
        }
        let mut places = Groups::default();
        for (constraint, group, at) in self.groups {
            let ColumnMut::Groups(groups) = (constraint.column_mut)(&mut self.data) else { continue };
            groups.push(members(text, &format!("{}[{}]", constraint.name, groups.len()), &group, activity)?);
            places.entry(constraint.name).or_default().push(at);
        }
        Ok((self.data, places))
    }
}

/// Adds the weight of an activity; those before it that have none count once, and one float makes all of them floats.
fn add_weight(weights: &mut Weights, owner: usize, value: Number) {
    let known = std::mem::take(weights);
    *weights = match (known, value) {
        (Weights::Floats(mut floats), value) => {
            floats.resize(owner, 1.0);
            floats.push(value.as_f64());
            Weights::Floats(floats)
        }
        (Weights::Integers(known), Number::Float(value)) => {
            let mut floats: Vec<f64> = known.iter().map(|&weight| weight as f64).collect();
            floats.resize(owner, 1.0);
            floats.push(value);
            Weights::Floats(floats)
        }
        (Weights::Unit, Number::Float(value)) => Weights::Floats([vec![1.0; owner], vec![value]].concat()),
        (known, Number::Whole(value)) => {
            let mut integers = if let Weights::Integers(integers) = known { integers } else { Vec::new() };
            integers.resize(owner, 1);
            integers.push(value);
            Weights::Integers(integers)
        }
    };
}

/// The first key that needs a version of the format, and its position, by version.
pub(super) type Needs = BTreeMap<i64, (&'static str, usize)>;

/// The version of the format that knows the key of a constraint.
fn since(key: &str) -> i64 {
    match key {
        "optional" | "alternatives" => 6,
        "max_lag" => 4,
        _ => 2,
    }
}

/// Where the groups of each constraint begin.
pub(super) type Groups = HashMap<&'static str, Vec<usize>>;

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

pub(super) fn numbers(parser: &mut Parser<'_>, key: &str, found: &mut Vec<i64>) -> Result<(), FormatError> {
    parser.list("a list of whole numbers", |parser, _| {
        found.push(within_key(key, parser.whole(WHOLE))?);
        Ok(())
    })
}

/// One of the two letters of each relation.
fn relation(parser: &mut Parser<'_>) -> Result<Relation, FormatError> {
    const WHAT: &str = "\"FS\", \"SS\", \"FF\" or \"SF\"";
    let start = parser.clone();
    let name = parser.string(WHAT)?;
    Relation::from_name(&name).ok_or_else(|| start.clone().expected(WHAT))
}

/// Whole numbers by name, each name once.
pub(super) fn amounts<'t>(parser: &mut Parser<'t>, key: &str, what: &str) -> Result<Amounts<'t>, FormatError> {
    keyed(parser, key, what, |parser| parser.whole(WHOLE))
}

/// Values by name, each name once.
fn keyed<'t, V>(
    parser: &mut Parser<'t>,
    key: &str,
    what: &str,
    mut value: impl FnMut(&mut Parser<'t>) -> Result<V, FormatError>,
) -> Result<Vec<(Name<'t>, V)>, FormatError> {
    const MOST_COMPARED: usize = 8; // with more a set is faster
    let (mut found, mut seen): (Vec<(Name<'t>, V)>, HashSet<Cow<'t, str>>) = (Vec::new(), HashSet::new());
    parser.object(what, |parser, name| {
        let is_known = if found.len() < MOST_COMPARED {
            found.iter().any(|((known, _), _)| *known == name)
        } else {
            if seen.is_empty() {
                seen.extend(found.iter().map(|((name, _), _)| name.clone()));
            }
            !seen.insert(name.clone())
        };
        if is_known {
            return Err(parser.error(format!("{key}: the key '{name}' stands twice in one object")));
        }
        let at = parser.position();
        let value = within_key(&format!("{key} '{name}'"), value(parser))?;
        found.push(((name, at), value));
        Ok(())
    })?;
    Ok(found)
}

/// The activities of a group, each at most once.
fn members(text: &str, place: &str, group: &[Name<'_>], activity: &HashMap<&str, usize>) -> Result<Vec<u32>, FormatError> {
    let (mut found, mut seen) = (Vec::with_capacity(group.len()), HashSet::new());
    for (name, at) in group {
        let refuse = |reason: String| at_byte(text, *at, format!("{place} names {reason}"));
        let i = *activity.get(&**name).ok_or_else(|| refuse(format!("the unknown activity '{name}'")))?;
        if !seen.insert(i) {
            return Err(refuse(format!("'{name}' twice")));
        }
        found.push(i as u32);
    }
    Ok(found)
}

/// The value of a constraint's key in the activity or resource of that index, or in the file; nothing where it says nothing.
/// `predecessors` lists the pairs that the activity ends, each with its other activity.
pub(super) fn entry<'a>(
    column: Column<'_>,
    owner: usize,
    predecessors: impl Iterator<Item = (usize, usize)>,
    name: impl Fn(usize) -> Cow<'a, str>,
) -> Option<Json<'a>> {
    match column {
        Column::OfPairs(ticks, absent, none) => by_predecessor(predecessors, name, |k| {
            (ticks[k] != absent, if ticks[k] == none { Json::Null } else { Json::Whole(ticks[k]) })
        }),
        Column::Relations(relations) => {
            by_predecessor(predecessors, name, |k| (relations[k] != Relation::default(), Json::Text(relations[k].name().into())))
        }
        Column::OfActivities(ticks, absent) => (ticks[owner] != absent).then(|| Json::Whole(ticks[owner])),
        Column::Flags(flags) => flags[owner].then_some(Json::Flag(true)),
        Column::Weights(Weights::Unit) => None,
        Column::Weights(Weights::Integers(weights)) => Some(Json::Whole(weights[owner])),
        Column::Weights(Weights::Floats(weights)) => Some(Json::Number(weights[owner])),
        Column::OfResources(calendars) => {
            Json::list(calendars.iter().filter(|(of, _)| *of as usize == owner).map(|(_, calendar)| steps(calendar)))
        }
        Column::Groups(groups) => {
            Json::list(groups.iter().map(|group| Json::List(group.iter().map(|&i| Json::Text(name(i as usize))).collect())))
        }
    }
}

/// An object from predecessors to the values of their pairs: one, or a list if a predecessor is named several times. `value` tells
/// whether the value of a pair says anything.
fn by_predecessor<'a>(
    predecessors: impl Iterator<Item = (usize, usize)>,
    name: impl Fn(usize) -> Cow<'a, str>,
    value: impl Fn(usize) -> (bool, Json<'a>),
) -> Option<Json<'a>> {
    let mut pairs: BTreeMap<Cow<'a, str>, Vec<usize>> = BTreeMap::new();
    for (k, p) in predecessors {
        pairs.entry(name(p)).or_default().push(k);
    }
    pairs.retain(|_, pairs| pairs.iter().any(|&k| value(k).0));
    let values = |pairs: Vec<usize>| match pairs[..] {
        [k] => value(k).1,
        _ => Json::List(pairs.iter().map(|&k| value(k).1).collect()),
    };
    (!pairs.is_empty()).then(|| Json::Object(pairs.into_iter().map(|(name, pairs)| (name, values(pairs))).collect()))
}

fn steps<'a>(calendar: &Calendar) -> Json<'a> {
    let numbers = |column: &[i64]| Json::List(column.iter().map(|&value| Json::Whole(value)).collect());
    let period = calendar.period().map(|period| ("period".into(), Json::Whole(period)));
    let steps = [("time".into(), numbers(calendar.time())), ("capacity".into(), numbers(calendar.capacity()))];
    Json::Object(steps.into_iter().chain(period).collect())
}
