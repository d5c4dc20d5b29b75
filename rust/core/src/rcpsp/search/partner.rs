//! The prover beside the genetic search: in turns on one thread, or on a thread of its own.

use std::sync::Mutex;

use crate::control::{Pace, Stop};
use crate::rcpsp::proof::{Event, Prover};
use crate::rcpsp::{Project, Schedule};

use super::genetic::Better;

/// Placements that one step of the prover stands for: it takes as long, and is charged as much.
pub(super) const STEP: u64 = 32;

/// What a turn of the prover brought.
#[derive(Debug, Default)]
pub(super) struct News {
    pub better: Option<Better>,
    pub lower_bound: i64,
    /// Placements that its steps stand for.
    pub placements: u64,
}

/// Lets the prover work for `placements`, or until it has something to say.
pub(super) fn turn(prover: &mut Prover, project: &Project, placements: u64, mut stop: impl FnMut(u64) -> bool) -> News {
    let before = prover.work();
    let event = prover.run(before + placements / STEP, |steps| stop(steps * STEP));
    News { better: shorter(event, project), lower_bound: prover.lower_bound(), placements: (prover.work() - before) * STEP }
}

fn shorter(event: Event, project: &Project) -> Option<Better> {
    let Event::Shorter(start_time) = event else { return None };
    let makespan = Schedule::from_starts(project, start_time.clone()).makespan;
    Some(Better { makespan, start_time })
}

/// Where the two threads leave word for each other.
#[derive(Debug, Default)]
pub(super) struct Exchange(Mutex<Word>);

#[derive(Debug, Default)]
struct Word {
    /// From the prover, since the search last looked.
    news: News,
    /// From the search, since the prover last looked.
    better: Option<Better>,
    over: bool,
}

impl Exchange {
    fn word<R>(&self, change: impl FnOnce(&mut Word) -> R) -> R {
        change(&mut self.0.lock().expect("nothing panics while it holds the lock"))
    }

    /// The search takes what the prover has left.
    pub fn take(&self) -> News {
        self.word(|word| {
            let lower_bound = word.news.lower_bound;
            std::mem::replace(&mut word.news, News { lower_bound, ..News::default() })
        })
    }

    /// The search has a better schedule.
    pub fn tell(&self, better: Better) {
        self.word(|word| word.better = Some(better));
    }

    /// The search is over.
    pub fn end(&self) {
        self.word(|word| word.over = true);
    }

    /// The prover's thread: works until the search is over, or all is proved, which stops the search.
    pub fn prove(&self, mut prover: Prover, project: &Project, stop: &Stop) {
        let mut pace = Pace::default();
        let called = || stop.check() || self.word(|word| word.over || word.better.is_some());
        while !stop.check() && !self.word(|word| word.over) {
            if let Some(Better { makespan, start_time }) = self.word(|word| word.better.take())
                && makespan < prover.best()
            {
                prover.shorten(&start_time, makespan);
            }
            let news = turn(&mut prover, project, TURN, |placements| pace.due(SLOWNESS * placements) && called());
            if let Some(Better { makespan, start_time }) = &news.better {
                prover.shorten(start_time, *makespan);
            }
            self.word(|word| {
                word.news.lower_bound = prover.lower_bound();
                word.news.placements += news.placements;
                if news.better.is_some() {
                    word.news.better = news.better;
                }
            });
            if prover.is_proved() {
                return stop.halt();
            }
        }
    }
}

/// Steps of the pace in a placement.
const SLOWNESS: u64 = 3;
/// Placements after which the prover's bound is told: about a tenth of a second.
const TURN: u64 = 5_000_000;
