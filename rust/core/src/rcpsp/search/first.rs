//! The first schedules of a search: one by rule, made whatever the limits are, and random samples.

use super::genetic::Better;
use super::sampling::Sampler;
use super::settings::Settings;
use super::{Options, STEPS, Search};
use crate::control::{Limits, Pulse};
use crate::random::Random;
use crate::rcpsp::constrained::near_miss;
use crate::rcpsp::decoder::Decoded;
use crate::rcpsp::parallel::{FEW_REFUSALS, ParallelScheme};
use crate::rcpsp::{Decoder, Direction, Lister, Rule};

/// A forward schedule: its value, and its activities by completion.
pub(super) type Sample = (i64, Vec<u32>);

/// Activities from which on a search looks at its limits before the first schedule is begun.
const LARGE: usize = 1 << 15;

/// Samples after which the speed is measured, where a time limit has to be turned into a number of schedules.
pub(super) const CALIBRATION: usize = 24;

impl Search<'_, '_> {
    /// The schedules that every search begins with: the warm start's order, and latest finish time by both schemes, the first of
    /// them in any case and the others as far as budget and time go. True if the search is over.
    pub(super) fn first(&mut self, options: &Options, samples: &mut Vec<Sample>) -> bool {
        let project = self.instance.project;
        let n = project.num_activities();
        if self.is_over_early() {
            return true;
        }
        let mut lister = Lister::new(project);
        if self.is_over_early() {
            return true;
        }
        let mut decoder = self.instance.decoder();
        if self.is_over_early() {
            return true;
        }
        let mut scratch = Vec::new();
        let rule = self.instance.rule_values(Rule::LFT, 0, &mut Pulse::default());
        if self.is_over_early() {
            return true;
        }
        let completed = options.warm_start.map(|start_time| self.instance.schedule(start_time.to_vec()).completion_time);
        if let Some(completion_time) = completed
            && let Some(schedule) = self.instance.kept(&completion_time, &mut |steps| self.watch.worked(steps))
        {
            self.placements += n as u64;
            if self.improve_with(schedule.makespan, schedule) {
                return true;
            }
        }
        for priority in options.warm_start.into_iter().chain([rule.as_slice()]) {
            if !samples.is_empty() && (!self.affords(n) || self.watch.check()) {
                return true;
            }
            let mut list = lister.list(priority).to_vec();
            if samples.is_empty() && self.is_over_early() {
                return true;
            }
            match self.decode(&mut decoder, &mut list, &mut scratch) {
                Some(makespan) => samples.push((makespan, list)),
                None => return true,
            }
        }
        if self.affords(n) && !self.watch.check() {
            let mut list = lister.list(&rule).to_vec();
            let mut parallel = self.instance.parallel();
            match self.decode_parallel(&mut parallel, &mut list, &mut vec![0; n]) {
                Some(value) => samples.push((value, list)),
                None => return true,
            }
        }
        self.watch.check()
    }

    /// Whether the time is over before a first schedule was begun; then the activities follow one by one. In a project of common size a
    /// schedule by rule takes no longer than that.
    fn is_over_early(&mut self) -> bool {
        let (project, n) = (self.instance.project, self.instance.project.num_activities());
        let over = self.watch.stop.halted() || (n >= LARGE && self.watch.check());
        if !over {
            return false;
        }
        let order = project.graph().topological_order();
        self.placements += n as u64;
        if let Some((situation, windows)) = &self.instance.bounded {
            let (value, schedule) = near_miss(situation, windows, order, &mut |_| true);
            self.improve_with(value, schedule);
        } else {
            let (mut start_time, mut value) = (vec![0; n], 0);
            for &i in order {
                start_time[i as usize] = value;
                value += project.duration()[i as usize];
            }
            self.improve(Better { value, start_time });
        }
        true
    }

    /// Adds random samples and keeps the best of all, sorted; the budget is known if it alone limits the search. `None` if the
    /// search is over.
    pub(super) fn sample(
        &mut self,
        options: &Options,
        limits: &Limits,
        known: Option<u64>,
        samples: &mut Vec<Sample>,
    ) -> Option<Settings> {
        let n = self.instance.project.num_activities();
        let on_timeline = self.instance.bounded.is_some();
        let fitting = |settings: Settings| if on_timeline { settings.on_timeline() } else { settings };
        let mut settings = fitting(Settings::new(known.unwrap_or(1000), n));
        let latest_finish = self.instance.latest_finish(self.best.makespan, &mut |steps| self.watch.worked(steps));
        let mut sampler = Sampler::new(self.instance.project, latest_finish);
        let mut parallel = self.instance.parallel();
        let mut decoder = self.instance.decoder();
        decoder.speed_up(self.best.makespan);
        let (mut finish, mut scratch) = (vec![0; n], Vec::new());
        let began = if known.is_none() { self.watch.stop.elapsed() } else { 0.0 };
        let mut count = 0;
        while count < settings.population * settings.oversampling && self.affords(n) {
            if count == CALIBRATION && known.is_none() {
                settings = fitting(self.calibrated(limits, began, options.threads));
            }
            let mut random = Random::stream(options.seed, count as u64);
            count += 1;
            let mut list = sampler.draw(&mut random, &mut || self.watch.check())?;
            let value = if random.below(100) < settings.parallel_percent {
                self.decode_parallel(&mut parallel, &mut list, &mut finish)?
            } else {
                self.decode(&mut decoder, &mut list, &mut scratch)?
            };
            samples.push((value, list));
            if self.watch.worked(STEPS * n as u64) {
                return None;
            }
        }
        samples.sort_by_key(|&(value, _)| value); // stable: equal ones in the order they were drawn
        samples.truncate(settings.population);
        Some(settings)
    }

    /// The settings for the schedules that the remaining time allows, at the speed seen so far.
    pub(super) fn calibrated(&self, limits: &Limits, began: f64, threads: usize) -> Settings {
        let n = self.instance.project.num_activities();
        let pace = (self.watch.stop.elapsed() - began).max(1e-9) / CALIBRATION as f64;
        // Sampling costs about three times a child.
        let children = limits.time.map_or(1e9, |time| 3.0 * time.as_secs_f64() / pace * threads.max(1) as f64);
        let schedules = (children.clamp(100.0, 1e9) as u64).min(limits.budget.unwrap_or(u64::MAX));
        Settings::new(schedules, n)
    }

    /// Decodes a list by the parallel scheme and sorts it by completion; the worst value if an activity misses its window, `None` if the
    /// search is over.
    fn decode_parallel(&mut self, parallel: &mut ParallelScheme, list: &mut [u32], finish: &mut [i64]) -> Option<i64> {
        let decoded = parallel.decode(list, Direction::Forward, FEW_REFUSALS, finish, &mut |steps| self.watch.worked(steps));
        let Ok(decoded) = decoded else { return Some(i64::MAX) };
        self.made(decoded, list.len(), || parallel.starts(finish))
    }

    /// Decodes a list and sorts it by completion; `None` if the search is over.
    pub(super) fn decode(&mut self, decoder: &mut Decoder, list: &mut [u32], scratch: &mut Vec<u32>) -> Option<i64> {
        let first = self.value == i64::MAX; // it is made whatever the limits are
        if let (true, Some((situation, windows))) = (first, &self.instance.bounded) {
            self.placements += list.len() as u64;
            let (value, schedule) = near_miss(situation, windows, list, &mut |steps| self.watch.worked(steps));
            if !self.watch.stop.halted() {
                list.sort_by_key(|&i| schedule.completion_time[i as usize]);
                decoder.put_predecessors_first(list, Direction::Forward);
            }
            return if self.improve_with(value, schedule) { None } else { Some(value) };
        }
        let mut decoded = decoder.decode_until(list, Direction::Forward, i64::MAX, &[], &mut |steps| self.watch.worked(steps));
        let whole = decoded.placed as usize == list.len();
        if !whole && self.instance.bounded.is_some() && !self.watch.check() {
            self.placements += u64::from(decoded.placed);
            return Some(i64::MAX); // an activity finds no place
        }
        let mut start_time = Vec::new();
        if whole {
            decoder.sort_by_completion(list, scratch);
        } else if first {
            // No time is left: the rest follows one by one.
            start_time.resize(list.len(), 0);
            decoder.starts(Direction::Forward, 0, &mut start_time);
            for &i in &list[decoded.placed as usize..] {
                start_time[i as usize] = decoded.makespan;
                decoded.makespan += self.instance.project.duration()[i as usize];
            }
            decoded.placed = list.len() as u32;
        }
        let starts = || {
            let mut start_time = start_time;
            if start_time.is_empty() {
                start_time.resize(list.len(), 0);
                decoder.starts(Direction::Forward, 0, &mut start_time);
            }
            start_time
        };
        self.made(decoded, list.len(), starts)
    }

    /// Takes a schedule of `n` activities in; `None` if the search is over, or was before the schedule was complete.
    fn made(&mut self, decoded: Decoded<i64>, n: usize, starts: impl FnOnce() -> Vec<i64>) -> Option<i64> {
        let Decoded { makespan: value, placed } = decoded;
        self.placements += u64::from(placed);
        if (placed as usize) < n {
            return None;
        }
        if value < self.value && self.improve(Better { value, start_time: starts() }) {
            return None;
        }
        Some(value)
    }
}
