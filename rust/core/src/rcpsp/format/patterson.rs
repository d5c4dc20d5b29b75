//! The Patterson format: a stream of integers, activities and resources first.

use super::places::Rows;
use super::{FormatError, ProjectData, count, integers, job_index, lines, stopped};
use crate::control::Pulse;
use crate::cost;

/// Reads `n R`, the capacities, then for each activity duration, demands, number of successors, successors. Line ends are white
/// space, as in all readers of this format.
pub(super) fn read(text: &str, pulse: &mut Pulse) -> Result<(ProjectData, Rows), FormatError> {
    let mut words = Words { lines: Box::new(lines(text)), line: 0, values: Vec::new().into_iter() };
    let n = words.next("the number of activities")?;
    let n = count(words.line, "the number of activities", n)?;
    let width = words.next("the number of resources")?;
    let width = count(words.line, "the number of resources", width)?;
    let (mut data, mut rows) = (ProjectData::default(), Rows::default());
    for r in 0..width {
        data.capacity.push(words.next(&format!("capacity {} of {width}", r + 1))?);
        rows.capacity.push(words.line);
    }
    for i in 0..n {
        if pulse.worked(cost::CHECKED.saturating_mul((width as u64).saturating_add(2))) {
            return Err(stopped());
        }
        let job = i + 1;
        data.duration.push(words.next(&format!("the duration of job {job} of {n}"))?);
        rows.jobs.push(words.line);
        for r in 0..width {
            data.demand.push(words.next(&format!("demand {} of job {job}", r + 1))?);
        }
        let successors = words.next(&format!("the number of successors of job {job}"))?;
        for _ in 0..count(words.line, "the number of successors", successors)? {
            let successor = words.next(&format!("a successor of job {job}"))?;
            data.precedence.push((i as u32, job_index(words.line, successor, n)?));
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
