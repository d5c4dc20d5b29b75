//! Standard Workload Format: recorded streams of jobs (Chapin, Cirne, Feitelson, Jones, Leutenegger, Schwiegelshohn, Smith,
//! Talby 1999).
//!
//! One job a line, 18 numbers, -1 for unknown; lines that start with `;` are comments.

use crate::error::FormatError;

/// The columns of a trace that scheduling needs; -1 where the trace does not know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
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
    /// Field 11: 1 completed, 0 failed, 5 cancelled.
    pub status: Vec<f64>,
}

/// Reads a trace. Lines may hold fewer than 18 fields, but not fewer than 4.
///
/// # Errors
/// A line that is not numbers, with its number; no job at all in a file that is not empty.
///
/// ```
/// let trace = schedkit_core::online::swf::read(b"; a comment\n1 0 5 100 4 -1 -1 4 200 -1 1 1 1 -1 1 -1 -1 -1\n")?;
/// assert_eq!((trace.run_time[0], trace.requested_time[0]), (100.0, 200.0));
/// # Ok::<(), schedkit_core::FormatError>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Trace, FormatError> {
    let mut trace = Trace::default();
    for (k, line) in bytes.split(|&b| b == b'\n').enumerate() {
        let wrong = |reason: String| FormatError::at(k + 1, reason);
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b';' {
            continue;
        }
        let text = std::str::from_utf8(line).map_err(|_| wrong("is not text".into()))?;
        let mut fields = [-1.0; 18];
        let mut count = 0;
        for (i, word) in text.split_ascii_whitespace().enumerate() {
            let value: f64 = word.parse().map_err(|_| wrong(format!("'{}' is not a number", shorten(word))))?;
            if !value.is_finite() {
                return Err(wrong(format!("'{}' is not finite", shorten(word))));
            }
            if let Some(field) = fields.get_mut(i) {
                *field = value;
            }
            count = i + 1;
        }
        if count < 4 {
            return Err(wrong(format!("has {count} fields, expected 18")));
        }
        trace.job_number.push(fields[0] as i64);
        trace.submit_time.push(fields[1]);
        trace.wait_time.push(fields[2]);
        trace.run_time.push(fields[3]);
        trace.processors.push(fields[4]);
        trace.requested_time.push(fields[8]);
        trace.status.push(fields[10]);
    }
    Ok(trace)
}

fn shorten(word: &str) -> String {
    word.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_lines_are_told_by_number() {
        assert_eq!(read(b"").unwrap(), Trace::default());
        assert_eq!(read(b"; x\n1 2 3\n").unwrap_err().line, Some(2));
        assert_eq!(read(b"1 2 x 4\n").unwrap_err().line, Some(1));
        assert_eq!(read(b"1 2 3 nan\n").unwrap_err().line, Some(1));
        assert_eq!(read(b"\n\n1 2 3 \xff\n").unwrap_err().line, Some(3));
        assert_eq!(read(b"1 0 -1 5\r\n2 3 -1 6").unwrap().submit_time, [0.0, 3.0]);
    }
}
