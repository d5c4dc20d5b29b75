//! Project files: PSPLIB `.sm` and `.mm`, Patterson `.rcp`, the same with stores, ProGen/max `.sch`, and our own JSON. The
//! format is told by content, but for stores.
//!
//! Nothing is allocated by what a file declares, only by what it holds. Every error names the line, and jobs, activities and
//! resources as the file does.

mod json;
mod patterson;
mod places;
mod psplib;
mod rcpsp_max;

use super::constraints::present;
use super::{BYTES_PER_ACTIVITY, BYTES_PER_EDGE, Project, ProjectData};
use crate::control::Pulse;
use crate::error::{Error, FormatError};
use crate::lines::{number_at as line_at, of_text};
use crate::memory;
use crate::names::Named;
use places::Places;

pub use json::write_json;
pub use patterson::write_storage;
pub use psplib::write_psplib;
pub use rcpsp_max::write_rcpsp_max;

/// The formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PSPLIB, `.sm` for one mode, `.mm` for several.
    Psplib,
    /// Patterson, `.rcp`.
    Patterson,
    /// Patterson with stores; never told by content.
    Storage,
    /// ProGen/max, `.sch`, also called RCPSP/max.
    RcpspMax,
    /// `"schedkit": "project"`.
    Json,
}

impl Named for Format {
    const FIELD: &'static str = "format";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        [
            ("sm", Self::Psplib),
            ("mm", Self::Psplib),
            ("rcp", Self::Patterson),
            ("storage", Self::Storage),
            ("sch", Self::RcpspMax),
            ("rcpsp_max", Self::RcpspMax),
            ("json", Self::Json),
        ]
        .into_iter()
    }
}

impl Format {
    /// Tells the format by the first line that is no comment: JSON starts with a bracket or a quotation mark, Patterson with a
    /// number, and so does ProGen/max, which has lags in brackets.
    fn of(text: &str) -> Self {
        match lines(text).next().map(|(_, line)| line.trim_start().as_bytes()) {
            Some([b'{' | b'[' | b'"', ..]) => Self::Json,
            Some([b'-' | b'+', b'-', ..]) => Self::Psplib, // a ruler
            Some([b'0'..=b'9' | b'-' | b'+', ..]) if text.contains('[') => Self::RcpspMax,
            Some([b'0'..=b'9' | b'-' | b'+', ..]) => Self::Patterson,
            _ => Self::Psplib,
        }
    }
}

/// Reads a project from the bytes of a file.
///
/// # Errors
/// A `FormatError` with the line to blame, for anything that is not a well-formed, valid project; a `CycleError` for cyclic
/// precedence; refused memory.
///
/// ```
/// use schedkit_core::rcpsp::format::read;
/// let project = read(b"3 1\n4\n0 0 1 2\n5 2 1 3\n0 0 0\n", None)?;
/// assert_eq!(project.duration(), [0, 5, 0]);
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn read(bytes: &[u8], format: Option<Format>) -> Result<Project, Error> {
    read_interruptible(bytes, format, &mut Pulse::default())
}

/// [`read`] that stops when `pulse` does, with an answer that must not be used.
///
/// # Errors
/// As [`read`].
pub fn read_interruptible(bytes: &[u8], format: Option<Format>, pulse: &mut Pulse) -> Result<Project, Error> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = line_at(bytes, e.valid_up_to());
        FormatError::at(line, "not a text file (invalid UTF-8)")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text); // some editors mark UTF-8
    if let Some(at) = text.find('\0') {
        return Err(FormatError::at(line_at(text.as_bytes(), at), "not a text file (it holds a NUL byte)").into());
    }
    if text.trim().is_empty() {
        return Err(FormatError::whole("the file is empty").into());
    }
    let format = format.unwrap_or_else(|| Format::of(text));
    memory::require(if format == Format::Json { json::bytes_to_read(text) } else { bytes_of_numbers(text) })?;
    match format {
        Format::Psplib => judged(psplib::read(text, pulse)?, pulse),
        Format::Patterson => judged(patterson::read(text, false, pulse)?, pulse),
        Format::Storage => judged(patterson::read(text, true, pulse)?, pulse),
        Format::RcpspMax => judged(rcpsp_max::read(text, pulse)?, pulse),
        Format::Json => judged(json::read(text, pulse)?, pulse),
    }
}

/// Bytes of the columns of a file of numbers: an edge, which takes most, is two integers in two columns and its line, and a
/// column that grows has room for twice as many.
fn bytes_of_numbers(text: &str) -> usize {
    const BYTES_PER_NUMBER: usize = 48;
    let bytes = text.as_bytes();
    let ends = bytes.iter().zip(bytes[1..].iter().chain([&b' ']));
    BYTES_PER_NUMBER * ends.filter(|(a, b)| a.is_ascii_digit() && !b.is_ascii_digit()).count()
}

/// The project of these columns; what is wrong with them is told as the file tells it.
fn judged((data, places): (ProjectData, impl Places), pulse: &mut Pulse) -> Result<Project, Error> {
    memory::require_items(data.duration.len(), BYTES_PER_ACTIVITY)?;
    memory::require_items(data.precedence.len(), BYTES_PER_EDGE)?;
    Project::new_interruptible(data, pulse).map_err(|error| places.blame(error))
}

/// Lines with their numbers from 1, without comments, which begin with `#` where a row has ended; blank lines are left out.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    of_text(text)
        .enumerate()
        .map(|(k, line)| (k + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

/// The integers of one row, up to a comment.
fn integers(line: usize, text: &str) -> Result<Vec<i64>, FormatError> {
    let row = text.split_once('#').map_or(text, |(row, _)| row);
    row.split_whitespace()
        .map(|word| {
            word.parse().map_err(|_| {
                let digits = word.trim_start_matches(['-', '+']);
                let beyond = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                let reason = if beyond { ", which is beyond 64 bits" } else { "" };
                FormatError::at(line, format!("expected a whole number, found '{}'{reason}", shown(word)))
            })
        })
        .collect()
}

/// The beginning of a text, for messages.
fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let mut letters = text.chars();
    let mut start: String = letters.by_ref().take(MOST).collect();
    if letters.next().is_some() {
        start.push_str("...");
    }
    start
}

/// A job number, counted from 1 in files, as an index.
fn job_index(line: usize, job: i64, n: usize) -> Result<u32, FormatError> {
    if job < 1 || job as u64 > n as u64 {
        return Err(FormatError::at(line, format!("unknown job {job}, expected 1 to {n}")));
    }
    Ok((job - 1) as u32)
}

/// Ends a reader that was stopped. Callers do not show the error.
fn stopped() -> FormatError {
    FormatError::whole("the reader was stopped")
}

/// A list length that some later value promises.
fn count(line: usize, what: &str, value: i64) -> Result<usize, FormatError> {
    usize::try_from(value).map_err(|_| FormatError::at(line, format!("{what} is {value}, must be >= 0")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read(text.as_bytes(), None).unwrap_err().to_string()
    }

    #[test]
    fn formats_are_recognised_by_their_first_characters() {
        for (text, format) in [
            ("{", Format::Json),
            (" [", Format::Json),
            ("\"x\"", Format::Json),
            ("3", Format::Patterson),
            ("-3 1", Format::Patterson),
            ("----", Format::Psplib),
            ("****", Format::Psplib),
            ("jobs", Format::Psplib),
            ("# three jobs\n3 1", Format::Patterson),
            ("# x\r\r***", Format::Psplib),
        ] {
            assert_eq!(Format::of(text), format, "{text}");
        }
    }

    #[test]
    fn values_are_blamed_in_the_words_of_the_file() {
        assert_eq!(refused("2 1\n4\n0 0 1 2\n5 9 0\n"), "line 4: job 2: demand of R1 = 9: exceeds the capacity 4");
        assert_eq!(refused("2 1\n-4\n0 0 1 2\n5 9 0\n"), "line 2: capacity of R1 = -4: must be >= 0");
        assert_eq!(refused("2 0\n0 1 2\n5 1 1\n"), "line 2: precedence: the edges form a cycle: job 1 -> job 2 -> job 1");
        assert_eq!(refused("2 0\n0 2\n2 2\n5 0\n"), "line 3: job 1: successor job 2: is listed twice");
    }

    #[test]
    fn json_blames_the_value_that_is_wrong() {
        let text = |capacity: &str, twice: &str| {
            format!(
                "{{\"schedkit\": \"project\", \"schema_version\": 2,\n\"resources\": [{{\"name\": \"r\", \"capacity\":\n{capacity}, \
                 \"calendars\": [{{\"time\": [0, 8], \"capacity\": [2, 0]}}]}}],\n\"activities\": [{{\"name\": \"a\", \
                 \"duration\": 1}},\n{{\"name\": \"b\", \"duration\": 1, \"predecessors\": [\"a\"{twice}]}}]}}"
            )
        };
        assert_eq!(refused(&text("-1", "")), "line 3: capacity of resource 'r' = -1: must be >= 0");
        assert_eq!(refused(&text("1", "")), "line 3: resource 'r': calendars[0]: capacity[0] = 2: exceeds the capacity 1");
        assert_eq!(refused(&text("2", ",\n\"a\"")), "line 6: activity 'b': predecessor 'a': is listed twice");
        let cycle = text("2", ",\r\"b\"").replace('\n', "\r");
        assert_eq!(refused(&cycle), "line 6: precedence: the edges form a cycle: activity 'b' -> activity 'b'");
    }

    #[test]
    fn whole_floats_are_whole_numbers_in_json() {
        let text = |duration: &str| {
            format!(r#"{{"schedkit": "project", "schema_version": 1, "activities": [{{"name": "a", "duration": {duration}}}]}}"#)
        };
        for (word, value) in [("3", 3), ("3.0", 3), ("1e3", 1000), ("-0", 0), ("30e-1", 3)] {
            assert_eq!(read(text(word).as_bytes(), None).unwrap().duration(), [value], "{word}");
        }
        for word in ["3.5", "01", "+5", "1e", ".5", "5.", "1e99", "\u{ff15}", "1_0", "Infinity", "-", ""] {
            assert!(refused(&text(word)).starts_with("line 1: activity 'a': duration: "), "{word}");
        }
    }
}
