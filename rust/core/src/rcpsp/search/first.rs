//! What a search begins with: a schedule by rule, made whatever the limits are, and random samples.

use super::genetic::Better;
use super::non_delay::NonDelay;
use super::sampling::Sampler;
use super::settings::Settings;
use super::{Options, STEPS, Search};
use crate::control::{Limits, Pulse};
use crate::random::Random;
use crate::rcpsp::decoder::Decoded;
use crate::rcpsp::{Decoder, Direction, Lister, Rule};

/// A forward schedule: its makespan, and its activities by completion.
pub(super) type Sample = (i64, Vec<u32>);

/// Samples after which the speed is measured, where a time limit has to be turned into a number of schedules.
const CALIBRATION: usize = 24;

impl Search<'_, '_, '_> {
    /// The schedules that every search begins with: the warm start's order, and latest finish time by both schemes, the first of
    /// them in any case and the others as far as budget and time go. True if the search is over.
    pub(super) fn first(&mut self, options: &Options, samples: &mut Vec<Sample>) -> bool {
        let mut lister = Lister::new(self.project);
        let mut decoder = Decoder::new(self.project);
        let mut scratch = Vec::new();
        let n = self.project.num_activities();
        let rule = Rule::LFT.values(self.project, 0, &mut Pulse::default());
        for priority in options.warm_start.into_iter().chain([rule.as_slice()]) {
            if !samples.is_empty() && (!self.affords(n) || self.watch.check()) {
                return true;
            }
            let mut list = lister.list(priority).to_vec();
            match self.decode(&mut decoder, &mut list, &mut scratch) {
                Some(makespan) => samples.push((makespan, list)),
                None => return true,
            }
        }
        if self.affords(n) && !self.watch.check() {
            let mut list = lister.list(&rule).to_vec();
            match self.decode_non_delay(&mut NonDelay::new(self.project), &mut list, &mut vec![0; n]) {
                Some(makespan) => samples.push((makespan, list)),
                None => return true,
            }
        }
        self.watch.check()
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
        let n = self.project.num_activities();
        let mut settings = Settings::new(known.unwrap_or(1000), n);
        let mut sampler = Sampler::new(self.project);
        let mut non_delay = NonDelay::new(self.project);
        let mut decoder = Decoder::new(self.project);
        let (mut finish, mut scratch) = (vec![0; n], Vec::new());
        let began = if known.is_none() { self.watch.stop.elapsed() } else { 0.0 };
        let mut count = 0;
        while count < settings.population * settings.oversampling && self.affords(n) {
            if count == CALIBRATION && known.is_none() {
                settings = self.calibrated(limits, began, options.threads);
            }
            let mut random = Random::stream(options.seed, count as u64);
            count += 1;
            let mut list = sampler.draw(&mut random, &mut || self.watch.check())?;
            let makespan = if random.below(100) < settings.parallel_percent {
                self.decode_non_delay(&mut non_delay, &mut list, &mut finish)?
            } else {
                self.decode(&mut decoder, &mut list, &mut scratch)?
            };
            samples.push((makespan, list));
            if self.watch.worked(STEPS * n as u64) {
                return None;
            }
        }
        samples.sort_by_key(|&(makespan, _)| makespan); // stable: equal ones in the order they were drawn
        samples.truncate(settings.population);
        Some(settings)
    }

    /// The settings for the schedules that the remaining time allows, at the speed seen so far.
    fn calibrated(&self, limits: &Limits, began: f64, threads: usize) -> Settings {
        let n = self.project.num_activities();
        let pace = (self.watch.stop.elapsed() - began).max(1e-9) / CALIBRATION as f64;
        // Sampling costs about three times a child.
        let children = limits.time.map_or(1e9, |time| 3.0 * time.as_secs_f64() / pace * threads.max(1) as f64);
        let schedules = (children.clamp(100.0, 1e9) as u64).min(limits.budget.unwrap_or(u64::MAX));
        Settings::new(schedules, n)
    }

    /// Decodes a list by the parallel scheme and sorts it by completion; `None` if the search is over.
    fn decode_non_delay(&mut self, non_delay: &mut NonDelay, list: &mut [u32], finish: &mut [i64]) -> Option<i64> {
        let decoded = non_delay.decode(list, Direction::Forward, finish, &mut || self.watch.check());
        let starts = || finish.iter().zip(self.project.duration()).map(|(f, d)| f - d).collect();
        self.made(decoded, list.len(), starts)
    }

    /// Decodes a list and sorts it by completion; `None` if the search is over.
    fn decode(&mut self, decoder: &mut Decoder, list: &mut [u32], scratch: &mut Vec<u32>) -> Option<i64> {
        let first = self.best.makespan == i64::MAX; // it is made whatever the limits are
        let mut decoded = decoder.decode_until(list, Direction::Forward, i64::MAX, &mut || self.watch.check());
        let mut start_time = Vec::new();
        if decoded.placed as usize == list.len() {
            decoder.sort_by_completion(list, scratch);
        } else if first {
            // No time is left: the rest follows one by one.
            start_time.resize(list.len(), 0);
            decoder.starts(Direction::Forward, 0, &mut start_time);
            for &i in &list[decoded.placed as usize..] {
                start_time[i as usize] = decoded.makespan;
                decoded.makespan += self.project.duration()[i as usize];
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
        let Decoded { makespan, placed } = decoded;
        self.placements += u64::from(placed);
        if (placed as usize) < n {
            return None;
        }
        if makespan < self.best.makespan && self.improve(Better { makespan, start_time: starts() }) {
            return None;
        }
        Some(makespan)
    }
}
