//! The prover's part in the search for a short makespan: turns on the search's thread, or a thread of its own.
//!
//! Turns are measured in moves. At first the prover gets as much as the search. It gets less with each turn that brings nothing while
//! the search finds better schedules, and more with each turn that does, or once the search has found nothing for a long time.

use crate::control::{Pace, Stop};
use crate::shop::Schedule;
use crate::shop::prover::{Event, Prover};
use crate::sync::Mutex;

/// Elementary steps that an effort of one takes the prover, about as long as a move of the search.
const STEPS: u64 = 64;
/// The first turn: a quarter of the budget that is left, but no more than some ten milliseconds.
const FIRST_TURN: (u64, u64) = (20_000, 4);
/// It comes before the search in shops of up to so many operations; in larger ones after so many moves for each operation.
const FIRST: (u64, u64) = (250, 4_000);
/// The search gets so many times as much as the prover: at least, at most, and at most once it has found nothing for half of its moves.
const SHARE: (u64, u64, u64) = (1, 16, 2);
/// In larger shops it gets at first once more for each so many operations.
const OPERATIONS: u64 = 100;
/// Shorter first turns do without destructive bounds.
const LEAST_RAISE: u64 = 1_000;
/// Effort that a probe of the destructive bound counts for where it is asked whether to stop.
const PROBE: u64 = 1_000;
/// Effort after which the prover's thread reports.
const REPORT: u64 = 50_000;

/// What the prover has found out since it was last asked.
#[derive(Debug, Default)]
pub(super) struct News {
    pub better: Option<Schedule>,
    pub lower_bound: i64,
    /// Moves that its effort stands for.
    pub moves: u64,
}

/// What proves beside a search.
#[derive(Debug)]
pub(super) enum Proof<'a> {
    /// Nothing does.
    None,
    /// A prover in turns with the search.
    Turns(Box<Turns<'a>>),
    /// A prover on a thread of its own, and the makespan of the schedule that it was last given.
    Beside(&'a Exchange, i64),
}

impl Proof<'_> {
    /// What the prover has found, after its turn if it works on this thread. The arguments are those of [`Turns::turn`].
    pub fn news(
        &mut self,
        budget: (u64, u64),
        best: i64,
        known: impl FnOnce() -> Schedule,
        stop: impl FnMut(u64) -> bool,
    ) -> Option<News> {
        match self {
            Self::None => None,
            Self::Turns(turns) => Some(turns.turn(budget, best, known, stop)),
            Self::Beside(exchange, sent) => {
                if best < *sent {
                    *sent = best;
                    exchange.tell(known());
                }
                Some(exchange.take())
            }
        }
    }
}

/// A prover on the search's thread.
#[derive(Debug)]
pub(super) struct Turns<'s> {
    prover: Prover<'s>,
    /// How much more the search gets at present.
    share: u64,
    /// Moves before the first turn.
    begin: u64,
    /// Moves when the prover's last turn ended; none before the first turn.
    since: Option<u64>,
    /// The best makespan then, the moves when it was found, and the bound.
    best: i64,
    found: u64,
    bound: i64,
}

impl<'s> Turns<'s> {
    pub fn new(prover: Prover<'s>, operations: usize) -> Self {
        let (best, bound) = (prover.best(), prover.lower_bound());
        let operations = operations as u64;
        let (share, begin) = if operations <= FIRST.0 { (SHARE.0, 0) } else { (operations / OPERATIONS, operations * FIRST.1) };
        Self { prover, share, begin, since: None, best, found: 0, bound }
    }

    /// A turn, after `moves` in all, of which the budget has `left` more. `known` gives the best schedule, of makespan `best`; `stop` gets
    /// steps of work.
    pub fn turn(
        &mut self,
        (moves, left): (u64, u64),
        best: i64,
        known: impl FnOnce() -> Schedule,
        mut stop: impl FnMut(u64) -> bool,
    ) -> News {
        let begin = self.prover.work();
        let searching = best < self.best;
        if searching {
            (self.best, self.found) = (best, moves);
        }
        if moves - self.found > moves / 2 {
            self.share = self.share.min(SHARE.2);
        }
        let length = match self.since {
            None if moves < self.begin => 0,
            None => FIRST_TURN.0.min(left / FIRST_TURN.1),
            Some(since) => ((moves - since) / self.share).min(left / 2),
        };
        let mut news = News { lower_bound: self.bound, ..News::default() };
        if length > 0 {
            if best < self.prover.best() {
                self.prover.improve(&known());
            }
            if self.since.is_none() && length >= LEAST_RAISE {
                self.prover.raise(|| stop(STEPS * PROBE));
            }
            news = work(&mut self.prover, begin + length, |effort| stop(STEPS * effort));
            if news.better.is_some() || news.lower_bound > self.bound {
                self.share = (self.share / 2).max(SHARE.0);
            } else if searching {
                self.share = (2 * self.share).min(SHARE.1);
            }
        }
        news.moves = (self.prover.work() - begin).min(length); // what it takes beyond its turn is on the house
        if moves >= self.begin {
            self.since = Some(moves + news.moves);
        }
        if news.better.is_some() {
            (self.best, self.found) = (self.prover.best(), moves);
        }
        self.bound = news.lower_bound;
        news
    }
}

/// Lets the prover work until its effort is `most_work`; better schedules only let it go on.
fn work(prover: &mut Prover<'_>, most_work: u64, mut stop: impl FnMut(u64) -> bool) -> News {
    let mut news = News::default();
    while !prover.is_proved() && prover.work() < most_work {
        match prover.run(most_work, &mut stop) {
            Event::Better(schedule) => {
                prover.improve(&schedule);
                news.better = Some(schedule);
            }
            Event::Paused | Event::Proved => break,
        }
    }
    news.lower_bound = prover.lower_bound();
    news
}

/// Messages between a search and a prover on a thread of its own.
#[derive(Debug, Default)]
pub(super) struct Exchange(Mutex<Messages>);

#[derive(Debug, Default)]
struct Messages {
    /// From the prover, since the search last looked.
    news: News,
    /// From the search, since the prover last looked.
    better: Option<Schedule>,
}

impl Exchange {
    fn with<R>(&self, change: impl FnOnce(&mut Messages) -> R) -> R {
        change(&mut self.0.lock().expect("nothing panics while it holds the lock"))
    }

    /// The search takes what the prover has left.
    pub fn take(&self) -> News {
        self.with(|messages| {
            let lower_bound = messages.news.lower_bound;
            std::mem::replace(&mut messages.news, News { lower_bound, ..News::default() })
        })
    }

    /// The search has a better schedule.
    pub fn tell(&self, schedule: Schedule) {
        self.with(|messages| messages.better = Some(schedule));
    }

    /// The prover's thread: works until the search is over, or all is proved, which stops the search.
    pub fn prove(&self, mut prover: Prover<'_>, stop: &Stop) {
        let mut pace = Pace::default();
        prover.raise(|| stop.check());
        while !stop.check() {
            let better = self.with(|messages| messages.better.take());
            if let Some(better) = better.filter(|better| better.makespan() < prover.best()) {
                prover.improve(&better);
            }
            let before = prover.work();
            let news = work(&mut prover, before + REPORT, |effort| pace.due(STEPS * effort) && stop.check());
            self.with(|messages| {
                messages.news.lower_bound = messages.news.lower_bound.max(news.lower_bound);
                messages.news.moves += prover.work() - before;
                if news.better.is_some() {
                    messages.news.better = news.better;
                }
            });
            if prover.is_proved() {
                return stop.halt();
            }
        }
    }
}
