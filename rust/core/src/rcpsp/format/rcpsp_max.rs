//! ProGen/max files (`.sch`): activities with start-to-start lags, of which negative ones are maximal lags seen from the other side.

use std::collections::HashMap;
use std::fmt::Write;

use super::places::{Place, Places, Rows};
use super::{FormatError, ProjectData, count, lines, shown, stopped};
use crate::control::Pulse;
use crate::cost;
use crate::error::InputError;
use crate::rcpsp::{NO_LAG, NO_MAX_LAG, Project, Relation};

/// Where the values of a file stand; it numbers activities from 0.
pub(super) struct ActivityRows(Rows);

impl Places for ActivityRows {
    fn activity(&self, index: usize) -> String {
        format!("activity {index}")
    }

    fn resource(&self, index: usize) -> String {
        self.0.resource(index)
    }

    fn pair(&self, index: usize) -> (usize, usize) {
        self.0.pair(index)
    }

    fn find_pair(&self, before: usize, after: usize) -> Option<usize> {
        self.0.find_pair(before, after)
    }

    fn line(&self, place: Place) -> Option<usize> {
        match place {
            Place::OfPair(_, k) => self.0.line(Place::Pair(k)),
            other => self.0.line(other),
        }
    }
}

/// The words of one line, as numbers; lags stand in brackets.
struct Words<'t> {
    line: usize,
    words: std::str::SplitWhitespace<'t>,
}

impl Words<'_> {
    fn number(&mut self, what: &str) -> Result<i64, FormatError> {
        let word = self.words.next().ok_or_else(|| FormatError::at(self.line, format!("the line ends before {what}")))?;
        self.parsed(word, what)
    }

    fn parsed(&self, word: &str, what: &str) -> Result<i64, FormatError> {
        word.parse().map_err(|_| FormatError::at(self.line, format!("expected {what}, found '{}'", shown(word))))
    }

    fn lag(&mut self, what: &str) -> Result<i64, FormatError> {
        let word = self.words.next().ok_or_else(|| FormatError::at(self.line, format!("the line ends before {what}")))?;
        let inner = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
        let inner =
            inner.ok_or_else(|| FormatError::at(self.line, format!("expected {what} in brackets, found '{}'", shown(word))))?;
        let lag = self.parsed(inner, what)?;
        if lag.unsigned_abs() > 1 << 53 { Err(FormatError::at(self.line, format!("{what} is beyond 2**53"))) } else { Ok(lag) }
    }

    fn end(&mut self) -> Result<(), FormatError> {
        match self.words.next() {
            Some(word) => Err(FormatError::at(self.line, format!("unexpected '{}' at the end of the line", shown(word)))),
            None => Ok(()),
        }
    }
}

/// Reads `n R ...`; for activities 0 to n + 1 the number, modes (1), number of successors, successors, and a lag in brackets for each;
/// for each again the number, mode, duration and demands; and the capacities.
pub(super) fn read(text: &str, pulse: &mut Pulse) -> Result<(ProjectData, ActivityRows), FormatError> {
    let mut rows = lines(text).map(|(line, text)| Words { line, words: text.split_whitespace() });
    let mut next = |what: String| rows.next().ok_or_else(|| FormatError::whole(format!("the file ends before {what}")));
    let mut head = next("the number of activities".into())?;
    let n = head.number("the number of activities")?;
    let n = count(head.line, "the number of activities", n)?.saturating_add(2);
    let width = head.number("the number of resources")?;
    let width = count(head.line, "the number of resources", width)?;
    let (mut data, mut places) = (ProjectData::default(), Rows::default());
    let mut arcs = Vec::new();
    for i in 0..n {
        if pulse.worked(cost::CHECKED) {
            return Err(stopped());
        }
        let mut row = next(format!("activity {i}"))?;
        expect(&mut row, i as i64, "the number of the activity")?;
        expect(&mut row, 1, "the number of modes")?;
        let successors = row.number("the number of successors")?;
        let successors = count(row.line, "the number of successors", successors)?;
        let mut after = Vec::new();
        for _ in 0..successors {
            let j = row.number("a successor")?;
            if j < 0 || j >= n as i64 {
                return Err(FormatError::at(row.line, format!("unknown activity {j}, expected 0 to {}", n - 1)));
            }
            after.push(j as u32);
        }
        for j in after {
            let lag = row.lag(&format!("the lag to activity {j}"))?;
            arcs.push((i as u32, j, lag, row.line));
        }
        row.end()?;
    }
    for i in 0..n {
        let mut row = next(format!("the duration of activity {i}"))?;
        expect(&mut row, i as i64, "the number of the activity")?;
        expect(&mut row, 1, "the mode")?;
        data.duration.push(row.number("the duration")?);
        for r in 0..width {
            data.demand.push(row.number(&format!("demand {}", r + 1))?);
        }
        row.end()?;
        places.jobs.push(row.line);
    }
    if width > 0 {
        let mut row = next("the capacities".into())?;
        for r in 0..width {
            data.capacity.push(row.number(&format!("capacity {}", r + 1))?);
            places.capacity.push(row.line);
        }
        row.end()?;
    }
    if let Some(extra) = rows.next() {
        return Err(FormatError::at(extra.line, "unexpected line after the capacities"));
    }
    pairs(&mut data, &mut places, arcs, n, pulse);
    places.precedence.clone_from(&data.precedence);
    Ok((data, ActivityRows(places)))
}

fn expect(row: &mut Words, wanted: i64, what: &str) -> Result<(), FormatError> {
    match row.number(what)? {
        found if found == wanted => Ok(()),
        found => Err(FormatError::at(row.line, format!("{what} is {found}, expected {wanted}"))),
    }
}

/// The pairs of all arcs `(i, j, lag, line)`: those that order activities have a minimal lag, all others are maximal lags of the opposite
/// pair. Of arcs between the same two activities the larger lag counts.
fn pairs(data: &mut ProjectData, places: &mut Rows, arcs: Vec<(u32, u32, i64, usize)>, n: usize, pulse: &mut Pulse) {
    let mut number: HashMap<(u32, u32), usize> = HashMap::new();
    let mut add = |(i, j): (u32, u32), lag: i64, max_lag: i64, line: usize| {
        let k = *number.entry((i, j)).or_insert_with(|| {
            data.precedence.push((i, j));
            data.lag.push(NO_LAG);
            data.max_lag.push(NO_MAX_LAG);
            places.pairs.push(line);
            data.precedence.len() - 1
        });
        data.lag[k] = data.lag[k].max(lag);
        data.max_lag[k] = data.max_lag[k].min(max_lag);
    };
    let mut after: Vec<Vec<u32>> = vec![Vec::new(); n];
    let (ordering, other): (Vec<_>, Vec<_>) = arcs.into_iter().partition(|arc| arc.2 > 0);
    for (i, j, lag, line) in ordering {
        after[i as usize].push(j);
        add((i, j), lag, NO_MAX_LAG, line);
    }
    for (i, j, lag, line) in other {
        // Two activities that must start together are in no order.
        if lag == 0 && !reaches(&after, j, i, pulse) {
            after[i as usize].push(j);
            add((i, j), 0, NO_MAX_LAG, line);
        } else {
            add((j, i), NO_LAG, -lag, line);
        }
    }
    // What waits for the end of the other one says so.
    for (k, &(i, _)) in data.precedence.iter().enumerate() {
        let duration = data.duration[i as usize];
        let follows = duration >= 0 && data.lag[k] >= duration;
        data.relation.push(if follows { Relation::FinishStart } else { Relation::StartStart });
        if follows {
            data.lag[k] -= duration;
            data.max_lag[k] = if data.max_lag[k] == NO_MAX_LAG { NO_MAX_LAG } else { data.max_lag[k] - duration };
        }
    }
}

fn reaches(after: &[Vec<u32>], from: u32, to: u32, pulse: &mut Pulse) -> bool {
    let (mut seen, mut open) = (vec![false; after.len()], vec![from]);
    while let Some(i) = open.pop() {
        if i == to || pulse.worked(1) {
            return true;
        }
        if !std::mem::replace(&mut seen[i as usize], true) {
            open.extend(&after[i as usize]);
        }
    }
    false
}

/// Writes a project as a ProGen/max file, with all relations as lags between starts.
///
/// # Errors
/// Constraints that the format has no place for; a first or last activity that is no dummy.
pub fn write_rcpsp_max(project: &Project) -> Result<String, InputError> {
    let data = project.data();
    let others: Vec<&str> = (super::present(data)).filter(|name| !["relation", "lag", "max_lag"].contains(name)).collect();
    let refuse = |reason: String| Err(InputError::new("format", reason).value("'sch'"));
    if !others.is_empty() || project.modes().is_some() {
        let others = if others.is_empty() { "modes".to_owned() } else { others.join(", ") };
        return refuse(format!("has no place for {others}"));
    }
    let (n, width) = (project.num_activities(), project.num_resources());
    let is_dummy = |i: usize| data.duration[i] == 0;
    if n < 2 || !is_dummy(0) || !is_dummy(n - 1) {
        return refuse("needs a first and a last activity of duration 0".into());
    }
    let mut after: Vec<Vec<(u32, i64)>> = vec![Vec::new(); n];
    for arc in crate::rcpsp::max_lags::arcs(data, &data.duration) {
        let row = &mut after[arc.from as usize];
        match row.iter_mut().find(|(j, _)| *j == arc.to) {
            Some((_, lag)) => *lag = arc.lag.max(*lag),
            None => row.push((arc.to, arc.lag)),
        }
    }
    let mut out = format!("{}\t{width}\t0\t0\n", n - 2);
    for (i, row) in after.iter().enumerate() {
        write!(out, "{i}\t1\t{}", row.len()).expect("writing to a string");
        for (j, _) in row {
            write!(out, "\t{j}").expect("writing to a string");
        }
        for (_, lag) in row {
            write!(out, "\t[{lag}]").expect("writing to a string");
        }
        out.push('\n');
    }
    for i in 0..n {
        write!(out, "{i}\t1\t{}", data.duration[i]).expect("writing to a string");
        project.demand_of(i).iter().for_each(|units| write!(out, "\t{units}").expect("writing to a string"));
        out.push('\n');
    }
    let capacity: Vec<String> = data.capacity.iter().map(ToString::to_string).collect();
    out.push_str(&(capacity.join("\t") + "\n"));
    Ok(out)
}
