//! What calendars mean for projects with maximal lags or stores, in which every completion follows from its start.

use super::model::Model;
use super::profile::Profile;
use crate::rcpsp::constrained::Situation;
use crate::rcpsp::constraints::gcd;
use crate::rcpsp::prover::{Break, breaks};
use crate::rcpsp::{Past, Project, ProjectData};

/// Calendar steps up to which calendars are looked at.
const MOST_STEPS: usize = 1 << 16;
/// Rounds in which windows, lags and calendars narrow each other.
const MOST_ROUNDS: usize = 1 << 10;

/// After this moment calendars only repeat themselves, and the number of ticks of a round of all of them.
pub fn rounds(data: &ProjectData) -> Option<(i64, i64)> {
    let once = data.calendars.iter().filter(|(_, calendar)| calendar.period().is_none());
    let quiet = once.filter_map(|(_, calendar)| calendar.time().last().copied()).max().unwrap_or(0);
    let periods = data.calendars.iter().filter_map(|(_, calendar)| calendar.period());
    let cycle = periods.fold(1_i64, |cycle, period| (cycle / gcd(cycle, period)).saturating_mul(period));
    (!data.calendars.is_empty()).then_some((quiet, cycle))
}

impl Model {
    /// Takes what calendars and activities that have started take from the resources, up to twice the horizon or as far as calendars do not
    /// step too often.
    pub fn with_calendars(&mut self, project: &Project, past: &Past) {
        if project.data().calendars.is_empty() {
            return;
        }
        let situation = Situation::new(project, past);
        let mut until = self.horizon.saturating_mul(2);
        let found = loop {
            match breaks(&situation, self.origin, self.tick(until), MOST_STEPS) {
                Some(found) => break found,
                None => until /= 2,
            }
        };
        let units = |tick: i64| (tick - self.origin) / self.unit;
        self.breaks =
            found.into_iter().map(|stretch| Break { from: units(stretch.from), to: units(stretch.to), ..stretch }).collect();
        self.known = until;
        // What has started is a part of the breaks.
        let (width, all) = (project.num_resources(), self.capacity.len());
        for i in (0..self.len()).filter(|&i| self.fixed[i].is_some()) {
            self.demand[i * all..][..width].fill(0);
        }
    }

    /// Moves earliest starts to where calendars let activities run alone; false if none has moved.
    pub fn follow_calendars(&mut self) -> bool {
        if self.breaks.is_empty() {
            return false;
        }
        let alone = Profile::new(self);
        let mut moved = false;
        for i in (0..self.len()).filter(|&i| self.fixed[i].is_none()) {
            let start = alone.find(self.demand_of(i), self.duration[i], self.earliest[i]);
            if start > self.earliest[i] && start <= self.horizon {
                (self.earliest[i], moved) = (start, true);
            }
        }
        moved
    }

    /// Rounds of [`follow_calendars`](Self::follow_calendars), each followed by `raise`.
    pub fn settle_calendars(&mut self, mut raise: impl FnMut(&mut Self)) {
        for _ in 0..MOST_ROUNDS {
            if !self.follow_calendars() {
                return;
            }
            raise(self);
        }
    }

    /// The units of each resource and group that are left from each slot on, where that changes before `slots`.
    pub fn steps(&self, slots: i64) -> Vec<(i32, Vec<i64>)> {
        let mut steps: Vec<(i32, Vec<i64>)> = Vec::new();
        for stretch in self.breaks.iter().filter(|stretch| stretch.from < slots) {
            if steps.last().is_some_and(|last| i64::from(last.0) == stretch.from) {
                steps.pop();
            }
            let taken = stretch.taken.iter().copied().chain(std::iter::repeat(0));
            steps.push((stretch.from as i32, self.capacity.iter().zip(taken).map(|(units, taken)| units - taken).collect()));
            if stretch.to < slots {
                steps.push((stretch.to as i32, self.capacity.clone()));
            }
        }
        steps
    }

    /// The starts that calendars exclude for an activity, in order.
    pub fn holes(&self, i: usize, slots: i64) -> Vec<(i32, i32)> {
        let mut holes: Vec<(i32, i32)> = Vec::new();
        if self.duration[i] == 0 || self.fixed[i].is_some() {
            return holes;
        }
        for stretch in self.breaks.iter().filter(|stretch| stretch.from < slots) {
            let left = self.capacity.iter().zip(&stretch.taken).map(|(units, taken)| units - taken);
            if self.demand_of(i).iter().zip(left).all(|(&units, left)| units <= left) {
                continue;
            }
            let (from, to) = ((stretch.from - self.duration[i] + 1).max(0) as i32, stretch.to.min(slots + 1) as i32);
            match holes.last_mut() {
                Some(last) if last.1 >= from => last.1 = to,
                _ => holes.push((from, to)),
            }
        }
        holes
    }
}
