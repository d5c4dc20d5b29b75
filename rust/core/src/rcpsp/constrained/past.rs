//! The fixed past: activities that have started already when a plan is made, or have an appointment.

use crate::error::{InputError, TIME_LIMIT};
use crate::past::{self, Started};
use crate::rcpsp::Project;

/// An activity that has started, or has an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    /// The activity.
    pub activity: usize,
    /// When it started.
    pub start: i64,
    /// When it ended, or will end.
    pub end: i64,
}

impl Started for Fixed {
    type Time = i64;

    fn index(&self) -> usize {
        self.activity
    }

    fn span(&self) -> (i64, i64) {
        (self.start, self.end)
    }
}

/// The fixed activities and the present: nothing else starts before `now`.
pub type Past = past::Past<Fixed>;

impl Past {
    /// Judges rows `(activity, start, end)`; without an end the planned completion, pauses included. O(k log k).
    ///
    /// Activities that contradict each other are legal here: they are a reason for infeasibility.
    ///
    /// # Errors
    /// Unknown or repeated activities, times that with all lags and what is left to do exceed 2^53, an end before the start, no end
    /// where the calendars never let the activity complete.
    pub fn new(project: &Project, rows: &[(i64, i64, Option<i64>)], now: i64) -> Result<Self, InputError> {
        let within = |time: i64| (-TIME_LIMIT..=TIME_LIMIT).contains(&time);
        if !within(now) {
            return Err(InputError::new("now", "must lie between -2**53 and 2**53").value(now));
        }
        if now == 0 && rows.is_empty() {
            return Ok(Self::default());
        }
        let n = project.num_activities();
        let mut fixed = Vec::with_capacity(rows.len());
        for &(activity, start, end) in rows {
            let fail = |reason: String| Err(InputError::new(format!("fixed[{activity}]"), reason));
            let Some(i) = usize::try_from(activity).ok().filter(|&i| i < n) else {
                return fail(format!("unknown activity, expected 0 <= index < {n}"));
            };
            if !within(start) || !end.is_none_or(within) {
                return fail("start and end must lie between -2**53 and 2**53".into());
            }
            let Some(end) = end.or_else(|| project.completes(i, start)) else {
                return fail(format!("never completes if it starts at {start}, so its end must be given"));
            };
            fixed.push(Fixed { activity: i, start, end });
        }
        let past = Self::sorted(fixed, now)?;
        let done: i64 = past.fixed().iter().map(|f| project.duration()[f.activity]).sum();
        let latest = TIME_LIMIT - (project.horizon() - done) - project.data().total_lag();
        if now > latest {
            return Err(InputError::new("now", "together with all lags and what is left to do it exceeds 2**53").value(now));
        }
        if let Some(Fixed { activity, end, .. }) = past.fixed().iter().find(|f| f.end > latest) {
            let reason = format!("ends at {end}, which together with all lags and what is left to do exceeds 2**53");
            return Err(InputError::new(format!("fixed[{activity}]"), reason));
        }
        Ok(past)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::ProjectData;

    #[test]
    fn impossible_rows_are_refused_by_name() {
        let data = ProjectData { duration: vec![2, 3], precedence: vec![(0, 1)], ..ProjectData::default() };
        let project = Project::new(data).unwrap();
        let refused = |rows: &[(i64, i64, Option<i64>)], now| Past::new(&project, rows, now).unwrap_err().to_string();
        assert_eq!(refused(&[(2, 0, None)], 0), "fixed[2]: unknown activity, expected 0 <= index < 2");
        assert_eq!(refused(&[(-1, 0, None)], 0), "fixed[-1]: unknown activity, expected 0 <= index < 2");
        assert_eq!(refused(&[(0, 3, Some(2))], 0), "fixed[0]: ends at 2, before its start at 3");
        assert_eq!(refused(&[(0, 0, None), (0, 1, None)], 0), "fixed[0]: is given more than once");
        assert_eq!(refused(&[(0, i64::MIN, None)], 0), "fixed[0]: start and end must lie between -2**53 and 2**53");
        assert_eq!(refused(&[], i64::MAX), "now = 9223372036854775807: must lie between -2**53 and 2**53");
        let late = (1 << 53) - 4;
        assert!(refused(&[], late).contains("what is left to do"));
        assert!(refused(&[(0, 0, Some(late + 2))], 0).contains("what is left to do"));
        assert!(Past::new(&project, &[(0, 0, Some(late + 1))], late + 1).is_ok());
        let past = Past::new(&project, &[(1, 4, None), (0, -3, Some(0))], 1).unwrap();
        assert_eq!(past.fixed()[1], Fixed { activity: 1, start: 4, end: 7 });
        assert!(!past.is_empty() && Past::default().is_empty());
    }
}
