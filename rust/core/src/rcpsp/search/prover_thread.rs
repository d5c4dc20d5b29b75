//! The prover beside the genetic search: in turns on one thread, or on a thread of its own.

use crate::control::{Pace, Stop};
use crate::rcpsp::prover::{Event, Prover};
use crate::sync::Mutex;

use super::genetic::Better;
use super::neighbourhood::Neighbourhoods;

/// Placements that one step of the prover stands for: it takes as long, and is charged as much.
pub(in crate::rcpsp) const STEP: u64 = 32;

/// What a turn of the prover brought.
#[derive(Debug, Default)]
pub(in crate::rcpsp) struct News {
    pub better: Option<Better>,
    pub lower_bound: i64,
    /// Placements that its steps stand for.
    pub placements: u64,
    /// It is proved that there is no schedule at all.
    pub refuted: bool,
}

/// Lets the prover work for `placements`, or until it has something to say.
pub(in crate::rcpsp) fn turn(prover: &mut Prover, placements: u64, mut stop: impl FnMut(u64) -> bool) -> News {
    let before = prover.work();
    let event = prover.run(before + placements / STEP, |steps| stop(steps * STEP));
    News {
        refuted: event == Event::Proved && prover.best().is_none(),
        better: better(prover, event),
        lower_bound: prover.lower_bound(),
        placements: (prover.work() - before) * STEP,
    }
}

fn better(prover: &Prover, event: Event) -> Option<Better> {
    let Event::Better(schedule) = event else { return None };
    Some(Better { value: prover.value(&schedule), start_time: schedule.start_time })
}

/// Messages between the search thread and the prover thread.
#[derive(Debug, Default)]
pub(in crate::rcpsp) struct Exchange(Mutex<Word>);

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

    /// The prover's thread: works until the search is over, or all is proved, which stops the search. In turns with the proof, it looks for
    /// shorter schedules around the best one.
    pub fn prove(&self, mut prover: Prover, stop: &Stop) {
        let mut pace = Pace::default();
        let called = || stop.check() || self.word(|word| word.over || word.better.is_some());
        let (mut around, mut share) = (None::<Neighbourhoods>, MOST_AROUND);
        // Placements that the proof and the neighbourhoods have had.
        let mut had = (0, 0);
        while !stop.check() && !self.word(|word| word.over) {
            if let Some(better) = self.word(|word| word.better.take()) {
                if prover.best().is_none_or(|best| better.value < best) {
                    prover.improve(&better.start_time, better.value);
                }
                match &mut around {
                    Some(around) => around.improve(&better),
                    None => around = Neighbourhoods::new(&prover, &better),
                }
            }
            let called = |placements: u64| pace.due(SLOWNESS * placements) && called();
            let is_around = (had.1 as f64) < share * (had.0 + had.1) as f64;
            let news = if let Some(around) = around.as_mut().filter(|around| is_around && around.is_open()) {
                let news = around.turn(TURN, called);
                had.1 += news.placements;
                share = if news.better.is_some() { MOST_AROUND } else { least_around(&prover).max(share * FORGETTING) };
                news
            } else {
                let news = turn(&mut prover, TURN, called);
                had.0 += news.placements;
                news
            };
            if let Some(better) = &news.better {
                prover.improve(&better.start_time, better.value);
                if let Some(around) = &mut around {
                    around.improve(better);
                }
            }
            let mut is_proved = prover.is_proved();
            let mut lower_bound = prover.lower_bound();
            if let Some(around) = &around {
                is_proved |= around.is_proved();
                lower_bound = lower_bound.max(around.lower_bound());
            }
            self.word(|word| {
                word.news.lower_bound = word.news.lower_bound.max(lower_bound);
                word.news.placements += news.placements;
                word.news.refuted |= news.refuted;
                if news.better.is_some() {
                    word.news.better = news.better;
                }
            });
            if is_proved {
                return stop.halt();
            }
        }
    }
}

/// The least share of neighbourhoods as things stand.
fn least_around(prover: &Prover) -> f64 {
    let is_near = prover.best().is_some_and(|best| best - prover.lower_bound() <= best / NEAR);
    if is_near { LEAST_AROUND.0 } else { LEAST_AROUND.1 }
}

/// The share of the thread's work that goes to neighbourhoods of the best schedule: at most, which it is again once they find something, at
/// least where the bound is near and where it is far, and how it falls with each turn that brings nothing.
const MOST_AROUND: f64 = 0.7;
const LEAST_AROUND: (f64, f64) = (0.3, 0.6);
const FORGETTING: f64 = 0.98;
/// A bound is near if it is no more than this part of the makespan below it.
const NEAR: i64 = 32;
/// Steps of the pace in a placement.
const SLOWNESS: u64 = 3;
/// Placements after which the prover reports its bound: about a tenth of a second.
const TURN: u64 = 5_000_000;

#[cfg(all(test, loom))]
mod interleavings {
    use super::*;
    use crate::control::Limits;
    use crate::rcpsp::{Past, Project, ProjectData};
    use crate::sync::Arc;
    use loom::thread;

    /// What the two threads share, the prover's thread under way from a schedule of length 4 where 2 is best.
    fn start() -> (Arc<Exchange>, Arc<Stop>, thread::JoinHandle<()>) {
        let data = ProjectData { duration: vec![2, 2], demand: vec![1, 1], capacity: vec![2], ..ProjectData::default() };
        let project = Project::new(data).expect("valid");
        let prover = Prover::new(&project, &Past::default(), Some((&[0, 2], 4))).expect("small");
        let (exchange, stop) = (Arc::new(Exchange::default()), Arc::new(Stop::new(&Limits::default())));
        let theirs = (Arc::clone(&exchange), Arc::clone(&stop));
        (exchange, stop, thread::spawn(move || theirs.0.prove(prover, &theirs.1)))
    }

    #[test]
    fn nothing_that_the_prover_says_is_lost() {
        loom::model(|| {
            let (exchange, stop, prover) = start();
            let (mut best, mut lower_bound) = (4, 0);
            let mut learn = |news: News| {
                assert!(news.lower_bound >= lower_bound, "bounds never fall");
                lower_bound = news.lower_bound;
                best = news.better.map_or(best, |better| best.min(better.value));
                (best, lower_bound)
            };
            exchange.tell(Better { value: 4, start_time: vec![2, 0] });
            learn(exchange.take());
            prover.join().expect("no panic");
            assert!(stop.check(), "the proof stops the search");
            exchange.end();
            assert_eq!(learn(exchange.take()), (2, 2));
        });
    }

    #[test]
    fn the_prover_ends_whenever_the_search_does() {
        loom::model(|| {
            let (exchange, stop, prover) = start();
            exchange.tell(Better { value: 2, start_time: vec![0, 0] });
            exchange.end();
            prover.join().expect("no panic");
            let news = exchange.take();
            assert!(stop.check() == (news.lower_bound == 2), "it stops the search by a proof alone");
        });
    }

    #[test]
    fn a_halt_ends_the_prover() {
        loom::model(|| {
            let (exchange, stop, prover) = start();
            stop.halt();
            prover.join().expect("no panic");
            assert!(exchange.take().lower_bound <= 2);
        });
    }
}
