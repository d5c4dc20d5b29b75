//! Standard Workload Format: recorded streams of jobs (Chapin, Cirne, Feitelson, Jones, Leutenegger, Schwiegelshohn, Smith,
//! Talby 1999).
//!
//! A line holds 18 numbers, -1 for unknown; lines that start with `;` are comments. A job that was interrupted has several lines with
//! one job number: perhaps one for the whole job, and one for each partial execution.

use std::collections::{HashMap, HashSet};

use crate::control::Pulse;
use crate::error::{Error, FormatError};
use crate::lines;
use crate::memory::{self, OutOfMemory};

/// The columns of a trace that scheduling needs, line by line; -1 where the trace does not know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// Number of the line in the file, from 1.
    pub line: Vec<i64>,
    /// Field 1.
    pub job_number: Vec<i64>,
    /// Field 2, seconds.
    pub submit_time: Vec<f64>,
    /// Field 3, seconds.
    pub wait_time: Vec<f64>,
    /// Field 4, seconds.
    pub run_time: Vec<f64>,
    /// Field 5.
    pub processors: Vec<f64>,
    /// Field 9, seconds: what the user asked for.
    pub requested_time: Vec<f64>,
    /// Field 11: 1 completed, 0 failed, 5 cancelled; a partial execution has 2 (continued later), 3 (the last, completed) or 4 (the
    /// last, failed).
    pub status: Vec<f64>,
}

/// The jobs of a trace whose submit and run times are known, in the order of their first lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TraceJobs {
    /// The first line of each job.
    pub line: Vec<i64>,
    /// Job numbers.
    pub job_number: Vec<i64>,
    /// Submit times.
    pub submit_time: Vec<f64>,
    /// Run times.
    pub run_time: Vec<f64>,
    /// Requested times; -1 where unknown.
    pub requested_time: Vec<f64>,
    /// Jobs that are left out because their submit or run time is unknown.
    pub unknown: usize,
    /// Lines of partial executions of jobs that have a line for the whole job, which alone counts.
    pub repeated: usize,
}

/// Reads a trace. Lines may hold fewer than 18 fields, but not fewer than 4. A byte order mark is skipped.
///
/// # Errors
/// A line with something that is no finite number, with a whole number that a float does not hold, with a job number beyond 64 bits;
/// the error has the number of the line. Refused memory.
///
/// ```
/// let trace = schedkit_core::online::swf::read(b"; a comment\n1 0 5 100 4 -1 -1 4 200 -1 1 1 1 -1 1 -1 -1 -1\n")?;
/// assert_eq!((trace.run_time[0], trace.requested_time[0]), (100.0, 200.0));
/// # Ok::<(), schedkit_core::Error>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Trace, Error> {
    read_interruptible(bytes, &mut Pulse::default())
}

/// [`read`] that stops when `pulse` does, with the lines so far.
///
/// # Errors
/// As [`read`].
pub fn read_interruptible(bytes: &[u8], pulse: &mut Pulse) -> Result<Trace, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let holds_a_job = |line: &[u8]| line.len() >= SHORTEST && line[0] != b';';
    let mut trace = Trace::with_capacity(lines::of_bytes(bytes).filter(|line| holds_a_job(line)).count())?;
    read_lines(bytes, pulse, &mut trace)?;
    Ok(trace)
}

/// Bytes of the shortest line that holds a job, which has four numbers.
const SHORTEST: usize = 7;

/// Adds all lines to a trace that has room for them.
fn read_lines(bytes: &[u8], pulse: &mut Pulse, trace: &mut Trace) -> Result<(), FormatError> {
    for (k, line) in lines::of_bytes(bytes).enumerate() {
        if pulse.worked(1 + line.len() as u64) {
            break;
        }
        let wrong = |reason: String| FormatError::at(k + 1, reason);
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b';' {
            continue;
        }
        let text = std::str::from_utf8(line).map_err(|_| wrong("is not text in UTF-8".into()))?;
        let (mut number, mut fields, mut count) = (-1, [-1.0; 18], 0);
        for (i, word) in text.split_ascii_whitespace().enumerate() {
            count = i + 1;
            let value = parse(word).map_err(|reason| wrong(format!("'{}' {reason}", shorten(word))))?;
            if i == 0 {
                number = whole(word, value).ok_or_else(|| {
                    wrong(format!("the job number '{}' is not a whole number of at most 64 bits", shorten(word)))
                })?;
            } else if !is_exact(word, value) {
                return Err(wrong(format!("'{}' has more digits than a float holds (2**53 is about 9e15)", shorten(word))));
            }
            if let Some(field) = fields.get_mut(i) {
                *field = value;
            }
        }
        if count < 4 {
            return Err(wrong(format!("has {count} fields, expected 18")));
        }
        for (what, value) in [("submit time", fields[1]), ("run time", fields[3]), ("requested time", fields[8])] {
            if value < 0.0 && value != -1.0 {
                return Err(wrong(format!("the {what} {value:?} is negative, expected >= 0, or -1 for unknown")));
            }
        }
        trace.line.push(k as i64 + 1);
        trace.job_number.push(number);
        trace.submit_time.push(fields[1]);
        trace.wait_time.push(fields[2]);
        trace.run_time.push(fields[3]);
        trace.processors.push(fields[4]);
        trace.requested_time.push(fields[8]);
        trace.status.push(fields[10]);
    }
    Ok(())
}

impl Trace {
    /// An empty trace with room for so many lines.
    fn with_capacity(lines: usize) -> Result<Self, OutOfMemory> {
        Ok(Self {
            line: memory::with_capacity(lines)?,
            job_number: memory::with_capacity(lines)?,
            submit_time: memory::with_capacity(lines)?,
            wait_time: memory::with_capacity(lines)?,
            run_time: memory::with_capacity(lines)?,
            processors: memory::with_capacity(lines)?,
            requested_time: memory::with_capacity(lines)?,
            status: memory::with_capacity(lines)?,
        })
    }

    /// Whether a line is one partial execution of a job.
    fn is_partial(&self, k: usize) -> bool {
        [2.0, 3.0, 4.0].contains(&self.status[k])
    }

    /// The jobs of the trace. A job is what its line says; lines of its partial executions (status 2, 3, 4) repeat it in pieces and do
    /// not count beside that line. A job that has pieces alone was submitted when the first of them with a known submit time was, and
    /// runs as long as all of them together.
    ///
    /// # Errors
    /// A partial execution without a job number; the error has its line. Refused memory.
    pub fn jobs(&self) -> Result<TraceJobs, Error> {
        let pieces = (0..self.line.len()).filter(|&k| self.is_partial(k)).count();
        memory::require_items(pieces, BYTES_PER_PIECE)?;
        let mut jobs = TraceJobs::with_capacity(self.line.len())?;
        let partial: HashSet<i64> = (0..self.line.len()).filter(|&k| self.is_partial(k)).map(|k| self.job_number[k]).collect();
        let whole = |k: usize| !self.is_partial(k) && partial.contains(&self.job_number[k]);
        let whole: HashSet<i64> = if partial.is_empty() {
            partial
        } else {
            (0..self.line.len()).filter(|&k| whole(k)).map(|k| self.job_number[k]).collect()
        };
        let mut place: HashMap<i64, usize> = HashMap::new();
        for k in 0..self.line.len() {
            let number = self.job_number[k];
            if self.is_partial(k) {
                if number < 0 {
                    let reason = format!("a partial execution (status {}) has no job number", self.status[k]);
                    return Err(FormatError::at(self.line[k] as usize, reason).into());
                }
                if whole.contains(&number) {
                    jobs.repeated += 1;
                    continue;
                }
                if let Some(&place) = place.get(&number) {
                    jobs.add_piece(place, self.submit_time[k], self.run_time[k], self.requested_time[k]);
                    continue;
                }
                place.insert(number, jobs.line.len());
            }
            jobs.line.push(self.line[k]);
            jobs.job_number.push(number);
            jobs.submit_time.push(self.submit_time[k]);
            jobs.run_time.push(self.run_time[k]);
            jobs.requested_time.push(self.requested_time[k]);
        }
        jobs.leave_out_unknown();
        Ok(jobs)
    }
}

/// Bytes that the tables of job numbers take for each line of a partial execution, at most.
const BYTES_PER_PIECE: usize = 200;

impl TraceJobs {
    /// No jobs, with room for so many.
    fn with_capacity(jobs: usize) -> Result<Self, OutOfMemory> {
        Ok(Self {
            line: memory::with_capacity(jobs)?,
            job_number: memory::with_capacity(jobs)?,
            submit_time: memory::with_capacity(jobs)?,
            run_time: memory::with_capacity(jobs)?,
            requested_time: memory::with_capacity(jobs)?,
            ..Self::default()
        })
    }

    /// A further piece of a job. The run time of a job is unknown if that of a piece is.
    fn add_piece(&mut self, place: usize, submit: f64, run: f64, requested: f64) {
        let total = &mut self.run_time[place];
        *total = if *total < 0.0 || run < 0.0 { -1.0 } else { *total + run };
        for (known, value) in [(&mut self.submit_time[place], submit), (&mut self.requested_time[place], requested)] {
            *known = if *known < 0.0 { value } else { *known };
        }
    }

    fn leave_out_unknown(&mut self) {
        let is_known = |(&submit, &run): (&f64, &f64)| submit >= 0.0 && run >= 0.0;
        self.unknown = self.submit_time.iter().zip(&self.run_time).filter(|&row| !is_known(row)).count();
        if self.unknown == 0 {
            return;
        }
        let known: Vec<bool> = self.submit_time.iter().zip(&self.run_time).map(is_known).collect();
        for column in [&mut self.line, &mut self.job_number] {
            let mut known = known.iter();
            column.retain(|_| *known.next().expect("columns of one length"));
        }
        for column in [&mut self.submit_time, &mut self.run_time, &mut self.requested_time] {
            let mut known = known.iter();
            column.retain(|_| *known.next().expect("columns of one length"));
        }
    }
}

fn parse(word: &str) -> Result<f64, &'static str> {
    let value: f64 = word.parse().map_err(|_| "is not a number")?;
    if value.is_finite() { Ok(value) } else { Err("is not finite") }
}

/// A number of at most 64 bits, which may be written with a fraction of zeros.
fn whole(word: &str, value: f64) -> Option<i64> {
    word.parse().ok().or_else(|| (value.fract() == 0.0 && value.abs() < EXACT).then_some(value as i64))
}

/// A float holds every whole number up to this one.
const EXACT: f64 = (1_u64 << 53) as f64;

/// Whether a word that is a whole number has kept its value.
fn is_exact(word: &str, value: f64) -> bool {
    value.abs() < EXACT
        || word.bytes().any(|b| !b.is_ascii_digit() && b != b'-' && b != b'+')
        || word.parse::<i128>().is_ok_and(|exact| value as i128 == exact)
}

fn shorten(word: &str) -> String {
    word.chars().take(20).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(error: Error) -> Option<usize> {
        let Error::Format(error) = error else { panic!("{error}") };
        error.line
    }

    #[test]
    fn bad_lines_are_reported_by_number() {
        assert_eq!(read(b"").unwrap(), Trace::default());
        assert_eq!(line(read(b"; x\n1 2 3\n").unwrap_err()), Some(2));
        assert_eq!(line(read(b"1 2 x 4\n").unwrap_err()), Some(1));
        assert_eq!(line(read(b"1 2 3 nan\n").unwrap_err()), Some(1));
        assert_eq!(line(read(b"\n\n1 2 3 \xff\n").unwrap_err()), Some(3));
        assert_eq!(read(b"1 0 -1 5\r\n2 3 -1 6").unwrap().submit_time, [0.0, 3.0]);
        assert_eq!(read(b"1 0 -1 5\r2 3 -1 6\r").unwrap().submit_time, [0.0, 3.0]);
        assert_eq!(line(read(b"; x\r1 2 3\r").unwrap_err()), Some(2));
        assert_eq!(read(b"\xef\xbb\xbf1 0 -1 5\n").unwrap().run_time, [5.0]);
        assert!(read(b"1 0 -1 \x1b[2J\n").unwrap_err().to_string().contains("'\\u{1b}[2J' is not a number"));
    }

    #[test]
    fn no_digit_is_lost() {
        assert_eq!(read(b"9223372036854775807 0 -1 5\n").unwrap().job_number, [i64::MAX]);
        assert_eq!(read(b"1.0 0 -1 5\n").unwrap().job_number, [1]);
        for text in ["9223372036854775808 0 -1 5", "1.5 0 -1 5", "1 9007199254740993 -1 5", "1 0 -1 -5"] {
            assert_eq!(line(read(format!("; x\n{text}\n").as_bytes()).unwrap_err()), Some(2), "{text}");
        }
        assert_eq!(read(b"1 9007199254740994 -1 5\n").unwrap().submit_time, [9_007_199_254_740_994.0]);
    }

    /// Sums by hand.
    #[test]
    fn partial_executions_are_pieces_of_one_job() {
        let row =
            |number: i64, submit: i64, run: i64, status: i64| format!("{number} {submit} -1 {run} 1 -1 -1 1 -1 -1 {status}\n");
        let jobs = |lines: &[String]| read(lines.concat().as_bytes()).unwrap().jobs();
        let whole = jobs(&[row(1, 0, 100, 1), row(1, 0, 30, 2), row(1, -1, 70, 3), row(2, 5, 7, 1)]).unwrap();
        assert_eq!((whole.run_time, whole.repeated, whole.unknown), (vec![100.0, 7.0], 2, 0));
        let pieces = jobs(&[row(1, 3, 30, 2), row(2, 5, 7, 0), row(1, -1, 70, 4), row(3, 6, -1, 5)]).unwrap();
        assert_eq!((pieces.submit_time, pieces.run_time), (vec![3.0, 5.0], vec![100.0, 7.0]));
        assert_eq!((pieces.line, pieces.job_number, pieces.repeated, pieces.unknown), (vec![1, 2], vec![1, 2], 0, 1));
        assert_eq!(jobs(&[row(1, 3, 30, 2), row(1, -1, -1, 3)]).unwrap().unknown, 1);
        assert_eq!(line(jobs(&[row(1, 3, 30, 1), row(-1, 3, 30, 2)]).unwrap_err()), Some(2));
    }
}
