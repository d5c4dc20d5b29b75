//! Optional activities and alternatives, `PS | prec, alternatives | f`: an optional activity runs or does not, and of each group of
//! alternatives exactly one runs.
//!
//! What does not run binds nothing: its precedence pairs are dropped and nothing is passed on from its predecessors to its successors.
//! In schedules its mode, start and completion are [`ABSENT`]. [`super::modes`] searches and proves: there an activity has one more mode,
//! in which it does not run. [`Project::in_modes`] is the project in which it is decided what runs.

use std::borrow::Cow;

use super::{CriticalPath, Modes, NO_DEADLINE, NO_DUE_DATE, NO_MAX_LAG, Past, Project, ProjectData, Schedule, Weights};
use crate::error::InputError;

/// Mode, start and completion of an activity that does not run.
pub const ABSENT: i64 = -1;

/// Members of groups are optional, whether or not the column of flags says so.
pub(super) fn settle(data: &mut ProjectData) {
    if data.alternatives.is_empty() {
        return;
    }
    if data.optional.is_empty() {
        data.optional.resize(data.duration.len(), false);
    }
    for &i in data.alternatives.iter().flatten() {
        // Unknown ones are refused later.
        if let Some(optional) = data.optional.get_mut(i as usize) {
            *optional = true;
        }
    }
}

/// Judges what stands beside optional activities.
///
/// # Errors
/// Maximal lags or stores.
pub(super) fn check(data: &ProjectData) -> Result<(), InputError> {
    if !data.optional.contains(&true) {
        return Ok(());
    }
    let field = if data.alternatives.is_empty() { "optional" } else { "alternatives" };
    let other = if data.max_lag.iter().any(|&lag| lag != NO_MAX_LAG) {
        "max_lag"
    } else if !data.stores.is_empty() {
        "storage"
    } else {
        return Ok(());
    };
    Err(InputError::new(field, format!("cannot be combined with {other} yet")))
}

impl Project {
    /// Whether some activity is optional.
    #[must_use]
    pub fn has_options(&self) -> bool {
        self.data().optional.contains(&true)
    }

    /// Whether a schedule chooses modes, or what runs.
    #[must_use]
    pub fn has_choices(&self) -> bool {
        self.modes().is_some() || self.has_options()
    }

    /// The rows of all activities, one each in a project without modes.
    pub(super) fn mode_rows(&self) -> Cow<'_, Modes> {
        let data = self.data();
        self.modes().map_or_else(
            || {
                Cow::Owned(Modes {
                    activity: (0..data.duration.len() as u32).collect(),
                    duration: data.duration.clone(),
                    demand: data.demand.clone(),
                    ..Modes::default()
                })
            },
            Cow::Borrowed,
        )
    }

    /// The project in which no optional activity runs but those that have started, in the least of the modes of each activity, and activities
    /// of `modes` in the mode of that row; `None` if one of these exceeds a capacity. It relaxes this project, unless a longer mode may
    /// start earlier for the same completion.
    pub(super) fn without_options(&self, past: &Past, modes: &[(usize, usize)]) -> Option<Self> {
        let mut absent = self.data().optional.clone();
        past.fixed().iter().for_each(|started| absent[started.activity] = false);
        let mut data = self.data().clone();
        let (rows, width) = (std::mem::take(&mut data.modes), data.capacity.len());
        for &(i, row) in modes.iter().filter(|_| !rows.is_empty()) {
            data.duration[i] = rows.duration[row];
            data.demand[i * width..(i + 1) * width].copy_from_slice(&rows.demand[row * width..(row + 1) * width]);
        }
        leave_out(&mut data, &absent);
        Some(Self::new(data).ok()?.without(absent))
    }

    /// The schedule without what does not run, in a project whose choices are made.
    #[must_use]
    pub fn blanked(&self, schedule: Schedule) -> Schedule {
        if self.absent().is_empty() { schedule } else { blanked(schedule, |i| self.absent()[i]) }
    }
}

/// The schedule without the times of what does not run.
pub(super) fn blanked(mut schedule: Schedule, is_absent: impl Fn(usize) -> bool) -> Schedule {
    let mut makespan = None;
    for i in 0..schedule.start_time.len() {
        if is_absent(i) {
            (schedule.start_time[i], schedule.completion_time[i]) = (ABSENT, ABSENT);
        } else {
            makespan = makespan.max(Some(schedule.completion_time[i]));
        }
    }
    schedule.makespan = makespan.unwrap_or(0);
    schedule
}

impl CriticalPath {
    /// The times without those of activities that do not run.
    pub(super) fn blanked(mut self, absent: &[bool]) -> Self {
        let columns = [
            &mut self.earliest_start,
            &mut self.earliest_finish,
            &mut self.latest_start,
            &mut self.latest_finish,
            &mut self.slack,
        ];
        for column in columns {
            column.iter_mut().zip(absent).filter(|(_, absent)| **absent).for_each(|(time, _)| *time = ABSENT);
        }
        self
    }
}

/// Takes activities out of the columns of a project: they stay as rows that take no time, use nothing and are bound by nothing.
pub(super) fn leave_out(data: &mut ProjectData, absent: &[bool]) {
    (data.optional, data.alternatives) = (Vec::new(), Vec::new());
    if !absent.contains(&true) {
        return;
    }
    let width = data.capacity.len();
    for i in (0..absent.len()).filter(|&i| absent[i]) {
        data.duration[i] = 0;
        data.demand[i * width..(i + 1) * width].fill(0);
        data.release_time[i] = 0;
        data.deadline[i] = NO_DEADLINE;
        data.due_date[i] = NO_DUE_DATE;
        data.pausable[i] = false;
    }
    if data.due_date.iter().all(|&due| due == NO_DUE_DATE) {
        data.weight = Weights::Unit;
    }
    let kept: Vec<usize> = (0..data.precedence.len())
        .filter(|&k| {
            let (i, j) = data.precedence[k];
            !absent[i as usize] && !absent[j as usize]
        })
        .collect();
    data.precedence = kept.iter().map(|&k| data.precedence[k]).collect();
    data.relation = kept.iter().map(|&k| data.relation[k]).collect();
    data.lag = kept.iter().map(|&k| data.lag[k]).collect();
    data.max_lag = kept.iter().map(|&k| data.max_lag[k]).collect();
    data.disjunctive.iter_mut().for_each(|group| group.retain(|&i| !absent[i as usize]));
    data.disjunctive.retain(|group| group.len() > 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::{Priority, Rule, first_modes, serial_sgs};

    /// 0 -> 1 -> 2, of which 1 or 3 runs.
    fn chain() -> Project {
        Project::new(ProjectData {
            duration: vec![4, 1, 3, 2],
            precedence: vec![(0, 1), (1, 2)],
            alternatives: vec![vec![1, 3]],
            ..ProjectData::default()
        })
        .expect("valid")
    }

    #[test]
    fn what_does_not_run_binds_nothing() {
        let project = chain();
        assert_eq!(project.data().optional, [false, true, false, true]);
        let made = |mode: &[i64]| {
            let single = project.in_modes(mode).expect("they are its own");
            serial_sgs(&single, Priority::Rule(Rule::LFT), 0).expect("nothing bounds it")
        };
        let schedule = made(&[0, ABSENT, 2, 3]);
        assert_eq!((schedule.start_time, schedule.makespan), (vec![0, ABSENT, 0, 0], 4));
        let schedule = made(&[0, 1, 2, ABSENT]);
        assert_eq!((schedule.start_time, schedule.makespan), (vec![0, 4, 5, ABSENT], 8));
        assert!(project.in_modes(&[ABSENT, 1, 2, ABSENT]).is_err());
        assert_eq!(first_modes(&project).expect("one of the two"), [0, 1, 2, ABSENT]);
    }

    #[test]
    fn times_of_what_does_not_run_are_left_out() {
        let path = crate::rcpsp::critical_path(&chain(), &crate::control::Pulse::default()).expect("no calendars");
        assert_eq!((path.earliest_finish, path.length), (vec![4, ABSENT, 3, ABSENT], 4));
        assert_eq!(crate::rcpsp::lower_bound(&chain()), 4);
    }
}
