//! Modes on calendars: every choice is an activity of a project of its own, which stands on the timetable of projects with constraints.

use super::model::{Model, NO_ROW};
use super::profile::{Kernel, NOWHERE};
use crate::error::{Error, InputError};
use crate::rcpsp::constrained::{Fixed, Situation, Timetable};
use crate::rcpsp::prover::{Break, breaks, sufficient};
use crate::rcpsp::{Direction, Past, Project, ProjectData};
use crate::timeline::Timeline;
use crate::timeline::segments::Slot;

/// Calendar steps up to which a proof looks at them.
const MOST_STEPS: usize = 1 << 12;

/// What an activity is late that finds no place at all, in units; and all together at most.
pub const LOST: i64 = 1 << 50;
pub const MOST_LATE: i64 = 1 << 62;

/// The project in which every choice of a model is an activity, and the past in which the choices of fixed activities have started. Links
/// are left to the model.
#[derive(Debug)]
pub struct ChoiceProject {
    project: Project,
    past: Past,
}

impl ChoiceProject {
    /// `None` for a project without calendars.
    ///
    /// # Errors
    /// A mode whose calendars have periods without a common multiple of reasonable size; durations of all modes that exceed 2^53 together.
    pub fn new(model: &Model, project: &Project, past: &Past) -> Result<Option<Self>, InputError> {
        let source = project.data();
        if source.calendars.is_empty() {
            return Ok(None);
        }
        let (rows, width) = (project.mode_rows(), project.num_resources());
        let mut data = ProjectData {
            capacity: source.capacity.clone(),
            calendars: source.calendars.clone(),
            disjunctive: vec![Vec::new(); source.disjunctive.len()],
            ..ProjectData::default()
        };
        let mut started = Vec::new();
        let span_of = |i: usize| past.fixed().iter().find(|fixed| fixed.activity == i);
        for i in 0..model.len() {
            for c in model.choices(i) {
                let row = model.row[c] as usize;
                let runs = model.row[c] != NO_ROW;
                data.duration.push(if runs { rows.duration[row] } else { 0 });
                // What has started may use more than there is.
                let units = |r: usize| if runs { rows.demand[row * width + r].min(source.capacity[r]) } else { 0 };
                data.demand.extend((0..width).map(units));
                data.pausable.push(source.pausable[i]);
                data.release_time.push(source.release_time[i]);
                data.deadline.push(source.deadline[i]);
            }
            if let (Some(fixed), true) = (span_of(i), model.fixed[i].is_some()) {
                started.push(Fixed { activity: model.first[i] as usize, ..*fixed });
            }
        }
        for (group, members) in data.disjunctive.iter_mut().zip(&source.disjunctive) {
            group.extend(members.iter().flat_map(|&i| model.choices(i as usize)).map(|c| c as u32));
        }
        let project = Project::new(data).map_err(|error| match error {
            Error::Input(error) => error,
            other => InputError::new("calendars", other.to_string()),
        })?;
        let past = Past::sorted(started, past.now())?;
        Ok(Some(Self { project, past }))
    }

    /// The choices on their calendars.
    pub fn situation(&self) -> Situation<'_> {
        Situation::new(&self.project, &self.past)
    }
}

impl Model<'_> {
    /// The earliest run of a choice that starts at `from` or later if nothing else runs; `None` if its calendars never let it.
    pub fn alone(&self, choice: usize, from: i64) -> Option<(i64, i64)> {
        let Some(situation) = self.calendars else { return Some((from, from + self.duration[choice])) };
        let (start, end) = situation.runs[choice].earliest(self.tick(from))?;
        Some((self.unit_of(start), self.unit_of(end)))
    }

    /// The least start with which a choice completes at `done` or later; `None` if it never does.
    pub fn reaching(&self, choice: usize, done: i64) -> Option<i64> {
        match self.calendars {
            Some(situation) if done > i64::MIN => {
                situation.runs[choice].start_reaching(self.tick(done)).map(|tick| self.unit_of(tick))
            }
            _ => Some(done.saturating_sub(self.duration[choice])),
        }
    }

    /// When a choice that starts at `start` completes, pauses included.
    pub fn end(&self, choice: usize, start: i64) -> i64 {
        let planned = start + self.duration[choice];
        let Some(situation) = self.calendars.filter(|situation| situation.fixed[choice].is_none()) else { return planned };
        situation.runs[choice].completion(self.tick(start)).map_or(planned, |tick| self.unit_of(tick))
    }
}

impl Model<'_> {
    /// What calendars and activities that have started take from the resources up to `end`, in units; `None` if calendars step too often.
    pub fn breaks(&self, end: i64) -> Option<Vec<Break>> {
        let Some(situation) = self.calendars else { return Some(Vec::new()) };
        let found = breaks(situation, self.tick(0), self.tick(end), MOST_STEPS)?;
        let in_units = |stretch: Break| Break { from: self.unit_of(stretch.from), to: self.unit_of(stretch.to), ..stretch };
        Some(found.into_iter().map(in_units).collect())
    }

    /// Whether some activity may pause while its calendars close, so that its length depends on its start.
    pub fn has_pauses(&self) -> bool {
        let pauses = |situation: &Situation, c: usize| {
            situation.fixed[c].is_none() && situation.project.data().pausable[c] && situation.runs[c].cost() > 0
        };
        self.calendars.is_some_and(|situation| (0..self.row.len()).any(|c| pauses(situation, c)))
    }

    /// A time by which some schedule is done that is best by an objective that counts from due dates; `None` if no such time is known.
    pub fn horizon_of_best(&self) -> Option<i64> {
        let is_sequential = self.before.iter().flatten().all(|link| link.from_finish && !link.to_finish && link.lag >= 0);
        let deadlines = (0..self.len()).filter(|&i| self.fixed[i].is_none()).map(|i| self.deadline[i]).max();
        let limited = deadlines.filter(|&deadline| deadline < i64::MAX);
        let fixed = self.fixed.iter().flatten().map(|&(_, end)| end).max().unwrap_or(0);
        let sufficient = if is_sequential { self.sufficient_horizon() } else { None };
        sufficient.into_iter().chain(limited).min().map(|end| end.max(fixed))
    }

    /// A time by which some schedule is done, if there is any; `None` if no such time is known.
    pub fn sufficient_horizon(&self) -> Option<i64> {
        let is_sequential = self.before.iter().flatten().all(|link| link.from_finish && !link.to_finish && link.lag >= 0);
        let Some(situation) = self.calendars else {
            let deadlines = || self.deadline.iter();
            let is_complete =
                is_sequential || deadlines().all(|&time| time == i64::MAX) || deadlines().all(|&time| time < i64::MAX);
            return is_complete.then(|| self.horizon());
        };
        let is_limited = (0..self.len()).all(|i| self.fixed[i].is_some() || self.deadline[i] < i64::MAX);
        if !is_sequential && !is_limited {
            return None;
        }
        let lags = if is_limited { 0 } else { self.before.iter().flatten().map(|link| link.lag).sum() };
        let fixed = self.fixed.iter().flatten().map(|&(_, end)| end).max().unwrap_or(0);
        sufficient(situation, MOST_STEPS).map(|tick| (self.unit_of(tick) + 1 + lags).max(fixed))
    }
}

/// Choices on the timetable of their calendars.
#[derive(Debug, Clone)]
pub struct CalendarProfile<'m> {
    table: Timetable<'m, 'm>,
    situation: &'m Situation<'m>,
    unit: i64,
    origin: i64,
    /// The last place that was found, with its choice.
    found: Option<(usize, Slot)>,
}

impl<'m> CalendarProfile<'m> {
    pub fn new(model: &Model, situation: &'m Situation<'m>) -> Self {
        let table = Timetable::new(situation, Direction::Forward, situation.origin());
        Self { table, situation, unit: model.unit, origin: model.origin, found: None }
    }

    fn tick(&self, time: i64) -> i64 {
        self.origin.saturating_add(time.saturating_mul(self.unit))
    }
}

impl Kernel for CalendarProfile<'_> {
    fn clear(&mut self) {
        Timeline::clear(&mut self.table);
        self.found = None;
    }

    fn run(&mut self, choice: usize, from: i64, _: i64) -> (i64, i64) {
        if from >= NOWHERE {
            return (NOWHERE, NOWHERE);
        }
        let Some(slot) = self.table.find(choice, self.tick(from)) else { return (NOWHERE, NOWHERE) };
        self.found = Some((choice, slot));
        ((slot.start - self.origin) / self.unit, (slot.end - self.origin) / self.unit)
    }

    fn take(&mut self, choice: usize, start: i64) {
        let tick = self.tick(start);
        let known = self.found.filter(|&(of, slot)| of == choice && slot.start == tick).map(|(_, slot)| slot);
        if let Some(slot) = known.or_else(|| self.table.find(choice, tick)) {
            self.table.take(choice, slot);
        }
    }

    fn reaching(&self, choice: usize, done: i64, duration: i64) -> i64 {
        if done == i64::MIN {
            return done.saturating_sub(duration);
        }
        let start = self.situation.runs[choice].start_reaching(self.tick(done));
        start.map_or(NOWHERE, |tick| (tick - self.origin).div_euclid(self.unit))
    }
}
