//! The instance that is to be scheduled, and the kernels that it needs.

use super::bound::bound_of_windows;
use super::constrained::{Lost, Situation, Verdict, Windows, is_feasible, judge};
use super::critical_path::time_analysis;
use super::parallel::ParallelScheme;
use super::{CriticalPath, Decoder, Past, Project, Rule, Schedule, lower_bound};
use crate::control::Pulse;
use crate::error::{Infeasible, Reason};

/// A project and its past, judged.
pub(super) struct Instance<'p> {
    pub project: &'p Project,
    /// What bounds the activities beside precedence and constant capacities, if anything does.
    pub bounded: Option<(Situation<'p>, Windows)>,
}

impl<'p> Instance<'p> {
    /// Judges a project and its past; `stop` counts steps and tells whether to stop, after which the windows say nothing.
    ///
    /// # Errors
    /// Certificates that there is no schedule.
    pub fn new(project: &'p Project, past: &Past, stop: &mut dyn FnMut(u64) -> bool) -> Result<Self, Vec<Reason>> {
        if project.has_choices() {
            let detail = "activities have several modes, consume stocks or are optional; choose the modes first".to_owned();
            return Err(vec![Reason { code: "modes_open", activities: vec![], resources: vec![], amount: None, detail }]);
        }
        let bounded = match Situation::needed(project, past) {
            None => None,
            Some(situation) => match judge(&situation, stop) {
                Ok(Verdict::Open(windows)) => Some((situation, windows)),
                Ok(Verdict::Infeasible(reasons)) => return Err(reasons),
                Err(_) => {
                    let windows = Windows::unknown(&situation);
                    Some((situation, windows))
                }
            },
        };
        Ok(Self { project, bounded })
    }

    /// A decoder for its lists.
    pub fn decoder(&self) -> Decoder<'_> {
        match &self.bounded {
            None => Decoder::new(self.project),
            Some((situation, windows)) => Decoder::on_timeline(situation, windows),
        }
    }

    /// The parallel scheme for its lists.
    pub fn parallel(&self) -> ParallelScheme<'_> {
        match &self.bounded {
            None => ParallelScheme::new(self.project),
            Some((situation, windows)) => ParallelScheme::on_timeline(situation, windows),
        }
    }

    /// A rule's value for each activity, with lags, windows and calendars counted.
    pub fn rule_values(&self, rule: Rule, seed: u64, pulse: &mut Pulse) -> Vec<i64> {
        match &self.bounded {
            None => rule.values(self.project, seed, pulse),
            Some((situation, windows)) => {
                let path = CriticalPath::of_windows(situation, windows.clone(), pulse);
                rule.values_by(self.project, seed, &path, pulse)
            }
        }
    }

    /// No schedule is shorter.
    pub fn lower_bound(&self) -> i64 {
        match &self.bounded {
            None => lower_bound(self.project),
            Some((situation, windows)) => bound_of_windows(situation, windows),
        }
    }

    /// When each activity has to complete if everything is to end by `end`; plain projects by the critical path's length.
    pub fn latest_finish(&self, end: i64, stop: &mut dyn FnMut(u64) -> bool) -> Vec<i64> {
        match &self.bounded {
            None => time_analysis(self.project).latest_finish,
            Some((situation, windows)) => {
                let mut windows = windows.clone();
                let _ = windows.backward(situation, end, stop); // half-way they are an order like any other
                windows.latest_finish
            }
        }
    }

    /// The schedule of these start times.
    pub fn schedule(&self, start_time: Vec<i64>) -> Schedule {
        match &self.bounded {
            None => Schedule::from_starts(self.project, start_time),
            Some((situation, _)) => situation.schedule(start_time),
        }
    }

    /// The schedule with these completions, if it is one, of a project in which passes need not keep a schedule: where activities may
    /// overlap with their predecessors, the order of the starts or completions does not always lead back to it. None once `stop` says so.
    pub fn kept(&self, completion_time: &[i64], stop: &mut dyn FnMut(u64) -> bool) -> Option<Schedule> {
        let (situation, windows) = self.bounded.as_ref().filter(|(situation, _)| situation.is_overlapping)?;
        let start = |(i, &end): (usize, &i64)| match situation.fixed[i] {
            Some((start, _)) => Some(start),
            None => situation.runs[i].latest(end).map(|(start, _)| start),
        };
        let start_time = completion_time.iter().enumerate().map(start).collect::<Option<Vec<i64>>>()?;
        is_feasible(situation, windows, (&start_time, completion_time), stop)
            .then(|| Schedule::from_times(start_time, completion_time.to_vec()))
    }

    /// The answer to a pass that came to no schedule: of a stopped one nothing is used, any other failure is explained.
    ///
    /// # Errors
    /// Why there is no schedule.
    pub fn given_up(&self, lost: Lost) -> Result<Schedule, Infeasible> {
        match &self.bounded {
            Some((situation, windows)) if lost != Lost::Stopped => Err(lost.explain(situation, windows)),
            _ => Ok(Schedule::default()),
        }
    }
}
