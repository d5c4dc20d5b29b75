//! The Patterson format: a stream of integers, activities and resources first; and the same with stores.

use std::fmt::Write;

use super::places::Rows;
use super::{FormatError, ProjectData, count, integers, job_index, lines, stopped};
use crate::control::Pulse;
use crate::cost;
use crate::error::InputError;
use crate::rcpsp::{NO_STORAGE_LIMIT, Project, Stores};

/// Reads `n R`, the capacities, then for each activity duration, demands, number of successors, successors. Line ends are white
/// space, as in all readers of this format.
///
/// With stores it is `n R Q`, the capacities, the initial levels; and each activity has, after its demands, the amounts that it
/// takes of each store and gives to it. Those of the first and the last activity, dummies, do not count. No store has a limit.
/// A successor that is listed several times counts once.
pub(super) fn read(text: &str, has_stores: bool, pulse: &mut Pulse) -> Result<(ProjectData, Rows), FormatError> {
    let mut words = Words { lines: Box::new(lines(text)), line: 0, values: Vec::new().into_iter() };
    let n = words.next("the number of activities")?;
    let n = count(words.line, "the number of activities", n)?;
    let width = words.next("the number of resources")?;
    let width = count(words.line, "the number of resources", width)?;
    let stores = if has_stores { words.next("the number of stores")? } else { 0 };
    let stores = count(words.line, "the number of stores", stores)?;
    let (mut data, mut rows) = (ProjectData::default(), Rows::default());
    for r in 0..width {
        data.capacity.push(words.next(&format!("capacity {} of {width}", r + 1))?);
        rows.capacity.push(words.line);
    }
    for q in 0..stores {
        data.stores.initial.push(words.next(&format!("initial level {} of {stores}", q + 1))?);
        data.stores.storage.push(NO_STORAGE_LIMIT);
        rows.storage.push(words.line);
    }
    for i in 0..n {
        if pulse.worked(cost::CHECKED.saturating_mul((width as u64).saturating_add(stores as u64).saturating_add(2))) {
            return Err(stopped());
        }
        let job = i + 1;
        data.duration.push(words.next(&format!("the duration of job {job} of {n}"))?);
        rows.jobs.push(words.line);
        for r in 0..width {
            data.demand.push(words.next(&format!("demand {} of job {job}", r + 1))?);
        }
        for q in 0..stores {
            let [taken, given] =
                ["taken from", "given to"].map(|what| words.next(&format!("the amount {what} store {} by job {job}", q + 1)));
            let (taken, given) = if i == 0 || job == n { (taken.and(Ok(0))?, given.and(Ok(0))?) } else { (taken?, given?) };
            data.stores.taken.push(taken);
            data.stores.given.push(given);
        }
        let successors = words.next(&format!("the number of successors of job {job}"))?;
        for _ in 0..count(words.line, "the number of successors", successors)? {
            let successor = words.next(&format!("a successor of job {job}"))?;
            let pair = (i as u32, job_index(words.line, successor, n)?);
            let own = data.precedence.iter().rev().take_while(|known| known.0 == pair.0);
            // Published files with stores list the last dummy several times.
            if has_stores && own.clone().any(|known| *known == pair) {
                continue;
            }
            data.precedence.push(pair);
            rows.pairs.push(words.line);
        }
    }
    match words.peek()? {
        None => {
            rows.precedence.clone_from(&data.precedence);
            Ok((data, rows))
        }
        Some(extra) => Err(FormatError::at(words.line, format!("unexpected {extra} after the last of {n} jobs"))),
    }
}

struct Words<'t> {
    lines: Box<dyn Iterator<Item = (usize, &'t str)> + 't>,
    line: usize,
    values: std::vec::IntoIter<i64>,
}

impl Words<'_> {
    fn peek(&mut self) -> Result<Option<i64>, FormatError> {
        while self.values.as_slice().is_empty() {
            let Some((line, text)) = self.lines.next() else { return Ok(None) };
            self.line = line;
            self.values = integers(line, text)?.into_iter();
        }
        Ok(self.values.as_slice().first().copied())
    }

    fn next(&mut self, what: &str) -> Result<i64, FormatError> {
        let value = self.peek()?;
        let line = (self.line > 0).then_some(self.line); // a file of comments has no line of numbers
        let value = value.ok_or_else(|| FormatError { line, reason: format!("the file ends before {what}") })?;
        self.values.next();
        Ok(value)
    }
}

/// Writes a project with stores in the format above.
///
/// # Errors
/// Constraints that the format has no place for; a store with a limit; a first or last activity that is no dummy.
pub fn write_storage(project: &Project) -> Result<String, InputError> {
    let data = project.data();
    let others: Vec<&str> = super::present(data).filter(|name| *name != "storage").collect();
    let refuse = |reason: String| Err(InputError::new("format", reason).value("'storage'"));
    if !others.is_empty() || project.modes().is_some() {
        let others = if others.is_empty() { "modes".to_owned() } else { others.join(", ") };
        return refuse(format!("has no place for {others}"));
    }
    let Stores { storage, initial, .. } = &data.stores;
    if let Some(q) = storage.iter().position(|&units| units != NO_STORAGE_LIMIT) {
        return refuse(format!("has no place for storage[{q}] = {}, the capacity of a store", storage[q]));
    }
    let n = project.num_activities();
    let is_dummy = |i: usize| {
        let amounts = data.stores.taken_by(i).iter().chain(data.stores.given_by(i));
        data.duration[i] == 0 && amounts.copied().all(|units| units == 0)
    };
    if n < 2 || !is_dummy(0) || !is_dummy(n - 1) {
        return refuse("needs a first and a last activity of duration 0 that take and give nothing".into());
    }
    let joined = |values: &[i64]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\t");
    let mut out = format!(
        "{n}\t{}\t{}\n{}\n",
        project.num_resources(),
        storage.len(),
        joined(&[data.capacity.as_slice(), initial].concat())
    );
    for i in 0..n {
        let amounts = data.stores.taken_by(i).iter().zip(data.stores.given_by(i)).flat_map(|(&taken, &given)| [taken, given]);
        let after = project.graph().successors().of(i);
        let mut row = vec![data.duration[i]];
        row.extend(project.demand_of(i).iter().copied().chain(amounts).chain([after.len() as i64]));
        row.extend(after.iter().map(|&j| i64::from(j) + 1));
        writeln!(out, "{}", joined(&row)).expect("writing to a string");
    }
    Ok(out)
}
