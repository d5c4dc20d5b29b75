//! Time analysis under constraints: what releases, deadlines, lags, calendars and the fixed past leave to every activity, whatever
//! the others use.

use super::Situation;
use super::diagnose::Stopped;
use crate::error::{Reason, TIME_LIMIT};
use crate::rcpsp::NO_DEADLINE;

/// Earliest and latest times. An activity fits into its window if `earliest_finish <= latest_finish`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    pub earliest_start: Vec<i64>,
    pub earliest_finish: Vec<i64>,
    pub latest_start: Vec<i64>,
    pub latest_finish: Vec<i64>,
}

/// Later than everything: nothing bounds a latest time.
pub const UNBOUNDED: i64 = i64::MAX;
/// Earlier than everything: no run ends early enough.
const NEVER: i64 = -4 * TIME_LIMIT;

/// Why there are no windows.
pub enum NoWindows {
    /// An activity can never run, whatever the deadlines.
    Never(Reason),
    /// The computation was stopped.
    Stopped,
}

impl From<Stopped> for NoWindows {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl Windows {
    /// Windows that say nothing beyond the activities' own.
    pub fn unknown(situation: &Situation) -> Self {
        let n = situation.num_activities();
        Self {
            earliest_start: situation.release.clone(),
            earliest_finish: situation.release.clone(),
            latest_start: vec![UNBOUNDED; n],
            latest_finish: situation
                .project
                .data()
                .deadline
                .iter()
                .map(|&d| if d == NO_DEADLINE { UNBOUNDED } else { d })
                .collect(),
        }
    }

    /// The forward pass alone; latest times are unbounded. O(n + m) runs.
    ///
    /// # Errors
    /// An activity that can never run, or `stop`, which counts steps and tells whether to stop.
    pub fn forward(situation: &Situation, stop: &mut dyn FnMut(u64) -> bool) -> Result<Self, NoWindows> {
        let n = situation.num_activities();
        let (mut earliest_start, mut earliest_finish) = (vec![0; n], vec![0; n]);
        for &i in situation.project.graph().topological_order() {
            let i = i as usize;
            let (start, finish) = if let Some(span) = situation.fixed[i] {
                span
            } else {
                Stopped::unless(stop, situation.cost(i))?;
                let mut from = situation.release[i];
                for link in situation.before(i) {
                    let span = (earliest_start[link.other], earliest_finish[link.other]);
                    // Without work at the last moment before, there is no run that ends late enough.
                    let reached = situation.start_by(i, link, span);
                    let never = || NoWindows::Never(super::diagnose::never(situation, i, link.since(span) - 1));
                    from = from.max(reached.ok_or_else(never)?);
                }
                let run = situation.runs[i].earliest(from);
                run.ok_or_else(|| NoWindows::Never(super::diagnose::never(situation, i, from)))?
            };
            (earliest_start[i], earliest_finish[i]) = (start, finish);
        }
        Ok(Self { earliest_start, earliest_finish, latest_start: vec![UNBOUNDED; n], latest_finish: vec![UNBOUNDED; n] })
    }

    /// The backward pass: the latest times that deadlines, calendars that close for good, fixed successors and, for everything, `end`
    /// allow. O(n + m) runs.
    ///
    /// # Errors
    /// `stop`, as in [`forward`](Self::forward).
    pub fn backward(&mut self, situation: &Situation, end: i64, stop: &mut dyn FnMut(u64) -> bool) -> Result<(), Stopped> {
        for &i in situation.project.graph().topological_order().iter().rev() {
            let i = i as usize;
            let closing = situation.runs[i].closing();
            let deadline = situation.deadline[i].min(closing).min(end);
            Stopped::unless(stop, situation.cost(i))?;
            let bounded = situation.after(i).filter(|link| self.latest_start[link.other] != UNBOUNDED);
            let latest = bounded.map(|link| {
                let by = link.event((self.latest_start[link.other], self.latest_finish[link.other])).saturating_sub(link.lag);
                if link.relation.from_finish() { by } else { situation.runs[i].end_reaching(by).unwrap_or(NEVER) }
            });
            let by = latest.fold(deadline, i64::min);
            (self.latest_start[i], self.latest_finish[i]) = match situation.fixed[i] {
                Some(span) => span,
                None if by == UNBOUNDED => (UNBOUNDED, UNBOUNDED),
                None if by < -TIME_LIMIT => (NEVER, NEVER),
                None => situation.runs[i].latest(by.min(TIME_LIMIT)).unwrap_or((NEVER, NEVER)),
            };
        }
        Ok(())
    }

    /// The largest earliest finish: no schedule is shorter.
    pub fn length(&self) -> i64 {
        self.earliest_finish.iter().copied().max().unwrap_or(0)
    }
}
