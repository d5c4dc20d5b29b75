//! Levels of urgency: a backend for each level in use, of which the lowest level goes first.

use std::collections::BTreeMap;

use super::backend::{INDEX, LEVEL, QueueBackend, TURN, WORDS};
use super::disclosure::Disclosure;
use super::entry::Change;
use crate::error::InputError;
use crate::online::information::Facts;
use crate::online::ordered::put;

/// The jobs of one level. Its backend numbers them on its own, so that levels with few jobs stay small.
#[derive(Clone)]
struct Level {
    backend: Box<dyn QueueBackend>,
    /// By the backend's own slot.
    slot: Vec<u32>,
    free: Vec<u32>,
}

impl Level {
    fn is_empty(&self) -> bool {
        self.free.len() == self.slot.len()
    }

    /// The backend's own slot for the next job.
    fn next(&self) -> u32 {
        self.free.last().copied().unwrap_or(self.slot.len() as u32)
    }

    /// Remembers which slot of the queue the next own slot stands for.
    fn enter(&mut self, slot: u32) {
        let own = self.next();
        self.free.pop();
        put(&mut self.slot, own, slot);
    }
}

/// Where a job is kept.
#[derive(Clone, Copy)]
struct Place {
    level: i64,
    own: u32,
}

/// Backends by level. An operation costs what it costs in its level, and O(log levels).
#[derive(Clone)]
pub struct UrgencyLevels {
    /// For new levels.
    empty: Box<dyn QueueBackend>,
    levels: BTreeMap<i64, Level>,
    /// By slot.
    place: Vec<Place>,
    /// The level of the job that was run last.
    running: Option<i64>,
}

impl UrgencyLevels {
    /// Levels without jobs; `empty` is a backend of the policy without jobs.
    pub fn new(empty: Box<dyn QueueBackend>) -> Self {
        Self { empty, levels: BTreeMap::new(), place: Vec::new(), running: None }
    }

    fn level(&mut self, level: i64) -> &mut Level {
        let empty = &self.empty;
        self.levels.entry(level).or_insert_with(|| Level { backend: empty.clone(), slot: Vec::new(), free: Vec::new() })
    }

    /// The level of a job and its own slot there.
    fn at(&mut self, slot: u32) -> (&mut Level, u32) {
        let Place { level, own } = self.place[slot as usize];
        (self.levels.get_mut(&level).expect("the level of a job exists"), own)
    }

    fn of(&self, slot: u32) -> (&Level, u32) {
        let Place { level, own } = self.place[slot as usize];
        (&self.levels[&level], own)
    }

    fn enter(&mut self, slot: u32, level: i64) {
        let own = self.level(level).next();
        // Slots without a job may lie between; their places are never read.
        let unused = Place { level, own };
        let length = self.place.len().max(slot as usize + 1);
        self.place.resize(length, unused);
        self.place[slot as usize] = unused;
        self.level(level).enter(slot);
    }

    /// The level whose jobs are served now: that of a running job which is not preempted, or the lowest one.
    fn served(&mut self) -> Option<&mut Level> {
        let holder = self.running.filter(|level| self.levels[level].backend.holds());
        let level = holder.or_else(|| self.levels.keys().next().copied())?;
        self.levels.get_mut(&level)
    }

    /// A job was run: no job of another level is the running one any more.
    fn run(&mut self, now: f64, slot: u32) {
        let level = self.place[slot as usize].level;
        if let Some(before) = self.running.filter(|&before| before != level) {
            self.levels.get_mut(&before).expect("the level of a job exists").backend.stop(now);
        }
        self.running = Some(level);
    }
}

impl QueueBackend for UrgencyLevels {
    fn add(&mut self, now: f64, slot: u32, attained: f64, facts: &Facts<Disclosure>) -> Result<(), InputError> {
        let level = facts.revealed.level;
        let own = self.level(level).next();
        let added = self.level(level).backend.add(now, own, attained, facts);
        match added {
            Ok(()) => self.enter(slot, level),
            Err(_) if self.levels[&level].is_empty() => {
                self.levels.remove(&level);
            }
            Err(_) => {}
        }
        added
    }

    fn first(&mut self, now: f64) -> Option<u32> {
        let level = self.served()?;
        level.backend.first(now).map(|own| level.slot[own as usize])
    }

    fn prepare_pops(&mut self, now: f64, k: usize) {
        if let Some(level) = self.served() {
            level.backend.prepare_pops(now, k);
        }
    }

    fn take(&mut self, slot: u32) {
        let Place { level: number, own } = self.place[slot as usize];
        let level = self.level(number);
        let runs = level.backend.runs(own);
        level.backend.take(own);
        level.free.push(own);
        let empty = level.is_empty();
        if runs {
            self.running = None;
        }
        if empty {
            self.levels.remove(&number);
            self.running = self.running.filter(|&level| level != number);
        }
    }

    fn serve(&mut self, now: f64, slot: u32, attained: f64) -> (f64, bool) {
        self.run(now, slot);
        let (level, own) = self.at(slot);
        level.backend.serve(now, own, attained)
    }

    fn limit(&self, slot: u32) -> f64 {
        let (level, own) = self.of(slot);
        level.backend.limit(own)
    }

    fn reveal(&mut self, now: f64, slot: u32, attained: f64, size: f64) -> Result<(f64, bool), InputError> {
        let (level, own) = self.at(slot);
        let revealed = level.backend.reveal(now, own, attained, size)?;
        self.run(now, slot);
        Ok(revealed)
    }

    fn change(&mut self, now: f64, slot: u32, attained: f64, change: &Change) -> Result<(), InputError> {
        let (level, own) = self.at(slot);
        level.backend.change(now, own, attained, change)?;
        let before = self.place[slot as usize].level;
        let Some(after) = change.level.filter(|&after| after != before) else { return Ok(()) };
        let (mut words, runs, since) = (self.save(slot), self.runs(slot), self.since());
        self.take(slot);
        words[LEVEL] = after as u64;
        words[TURN] = self.level(after).backend.turn();
        self.restore(now, slot, words[INDEX] as u32, attained, &words);
        if runs {
            self.resume(since, Some((slot, attained)));
        }
        Ok(())
    }

    fn sharers(&mut self, now: f64, sharers: &mut Vec<u32>) {
        if let Some(level) = self.served() {
            level.backend.sharers(now, sharers);
            for slot in sharers {
                *slot = level.slot[*slot as usize];
            }
        }
    }

    fn horizon(&mut self, now: f64, attained: &dyn Fn(u32) -> f64) -> f64 {
        self.served().map_or(f64::INFINITY, |level| {
            let Level { backend, slot, .. } = level;
            backend.horizon(now, &|own| attained(slot[own as usize]))
        })
    }

    fn runs(&self, slot: u32) -> bool {
        let Some(place) = self.place.get(slot as usize).filter(|place| self.running == Some(place.level)) else { return false };
        self.levels
            .get(&place.level)
            .is_some_and(|level| level.slot.get(place.own as usize) == Some(&slot) && level.backend.runs(place.own))
    }

    fn preempts(&self) -> bool {
        self.empty.preempts()
    }

    fn looks_at_all(&self) -> bool {
        self.empty.looks_at_all()
    }

    fn holds(&self) -> bool {
        self.running.is_some_and(|level| self.levels[&level].backend.holds())
    }

    fn stop(&mut self, now: f64) {
        if let Some(level) = self.running.take() {
            self.level(level).backend.stop(now);
        }
    }

    fn since(&self) -> f64 {
        self.running.map_or(f64::NEG_INFINITY, |level| self.levels[&level].backend.since())
    }

    fn save(&self, slot: u32) -> [u64; WORDS] {
        let (level, own) = self.of(slot);
        let mut words = level.backend.save(own);
        words[LEVEL] = self.place[slot as usize].level as u64;
        words
    }

    fn restore(&mut self, now: f64, slot: u32, index: u32, attained: f64, words: &[u64; WORDS]) {
        let level = words[LEVEL] as i64;
        let own = self.level(level).next();
        self.level(level).backend.restore(now, own, index, attained, words);
        self.enter(slot, level);
    }

    fn turn(&self) -> u64 {
        self.levels.values().map(|level| level.backend.turn()).max().unwrap_or(0)
    }

    fn copy(&self) -> Box<dyn QueueBackend> {
        Box::new(self.clone())
    }

    fn resume(&mut self, since: f64, running: Option<(u32, f64)>) {
        self.running = running.map(|(slot, _)| self.place[slot as usize].level);
        if let Some((slot, attained)) = running {
            let (level, own) = self.at(slot);
            level.backend.resume(since, Some((own, attained)));
        }
    }
}
