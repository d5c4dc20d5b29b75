//! The prover beside the constrained search: in turns on one thread, or on a thread of its own.

use super::{Search, Value};
use crate::control::{Limits, Watch};
use crate::rcpsp::prover::{Event, Prover, Reasoning};
use crate::rcpsp::search::Better;
use crate::rcpsp::search::Options;
use crate::rcpsp::search::prover_thread::{Exchange, News};
use crate::rcpsp::{Past, Schedule};

/// Placements that one step of the prover stands for, and steps of the watch's pace.
const STEP: u64 = 1;
const PACE: u64 = 320;
/// Schedules before the prover begins where a budget alone limits the search, and before its first turn; the search gets so much more.
const BY_BUDGET: (u64, u64, u64) = (500, 100_000, 8);
const BY_TIME: (u64, u64, u64) = (0, 0, 2);
/// Placements that the prover gets before the search where time alone limits it: what is easy is proved at once.
const HEAD_START: u64 = 50_000;
/// Schedules left for the search after the prover's last turn.
const RESERVE: u64 = 1000;

/// How the prover takes part in a search.
pub(super) enum Proving<'a> {
    /// On the search's own thread.
    Turns(Box<Turns<'a>>),
    /// On a thread of its own; with the shortest makespan sent to it.
    Beside(&'a Exchange, i64),
}

/// A prover that works in turns.
pub(super) struct Turns<'a> {
    past: &'a Past,
    budgeted: bool,
    prover: Option<Prover>,
    opened: Opened,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Not,
    WithoutSchedule,
    WithSchedule,
}

impl Proving<'_> {
    /// Runs `search` with a prover in turns or, with several threads and no budget, beside it.
    pub fn beside<'s, 'p>(
        search: &mut Search<'s, 'p>,
        past: &Past,
        options: &Options,
        limits: &Limits,
        watch: &mut Watch<'_, i64>,
        rounds: impl FnOnce(&mut Search<'s, 'p>, Proving, &mut Watch<'_, i64>),
    ) {
        let mut turns = Box::new(Turns {
            past,
            budgeted: limits.budget.is_some() && limits.time.is_none(),
            prover: None,
            opened: Opened::Not,
        });
        if options.threads < 2 || limits.budget.is_some() {
            return rounds(search, Proving::Turns(turns), watch);
        }
        if turns.open(search, watch) {
            return;
        }
        let Some(prover) = turns.prover.take() else { return rounds(search, Proving::Turns(turns), watch) };
        let (exchange, stop) = (Exchange::default(), watch.stop);
        std::thread::scope(|scope| {
            let exchange = &exchange;
            // A system that refuses the thread leaves the search without a prover.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || exchange.prove(prover, stop));
            rounds(search, Proving::Beside(exchange, i64::MAX), watch);
            exchange.end();
        });
        search.learn(exchange.take(), watch);
    }

    /// Gives the prover its turn, or hears from its thread; true if the search is over.
    pub fn turn(&mut self, search: &mut Search, watch: &mut Watch<'_, i64>) -> bool {
        match self {
            Self::Turns(turns) => turns.turn(search, watch),
            Self::Beside(exchange, sent) => {
                if let Some(best) = search.feasible()
                    && best.makespan < *sent
                {
                    *sent = best.makespan;
                    exchange.tell(Better { makespan: best.makespan, start_time: best.start_time.clone() });
                }
                search.learn(exchange.take(), watch)
            }
        }
    }
}

impl Turns<'_> {
    fn turn(&mut self, search: &mut Search, watch: &mut Watch<'_, i64>) -> bool {
        let n = search.situation.num_activities() as u64;
        let (begin, after, share) = if self.budgeted { BY_BUDGET } else { BY_TIME };
        if search.spent() < begin * n {
            return false;
        }
        let known = search.feasible().is_some();
        if (self.opened == Opened::Not || (known && self.opened != Opened::WithSchedule)) && self.open(search, watch) {
            return true;
        }
        let Some(prover) = &mut self.prover else { return false };
        let head_start = if self.budgeted { 0 } else { HEAD_START };
        let searching = (search.spent() - search.proving).saturating_sub(after * n);
        let length = (head_start + searching / share).saturating_sub(search.proving);
        if length == 0 || length.saturating_add(RESERVE * n) > search.left() / 2 {
            return false;
        }
        if let Some(best) = search.feasible()
            && prover.best().is_none_or(|known| best.makespan < known)
        {
            prover.shorten(&best.start_time, best.makespan);
        }
        let before = prover.work();
        let event = prover.run(before + length / STEP, |steps| watch.worked(PACE * steps));
        let mut news = News {
            lower_bound: prover.lower_bound(),
            placements: (prover.work() - before) * STEP,
            refuted: event == Event::Proved && prover.best().is_none(),
            better: None,
        };
        if let Event::Shorter(schedule) = event {
            news.better = Some(Better { makespan: schedule.makespan, start_time: schedule.start_time });
        }
        search.learn(news, watch)
    }

    /// Starts the prover from the best schedule that keeps all windows, if there is one, with a destructive bound; true if that ends the
    /// search.
    fn open(&mut self, search: &mut Search, watch: &mut Watch<'_, i64>) -> bool {
        let best = search.feasible();
        self.opened = if best.is_some() { Opened::WithSchedule } else { Opened::WithoutSchedule };
        let known = best.map(|best| (best.start_time.as_slice(), best.makespan));
        self.prover = Prover::new(search.situation.project, self.past, known);
        let Some(prover) = &mut self.prover else { return false };
        prover.raise(Reasoning::ALL, || watch.check());
        let refuted = prover.is_proved() && prover.best().is_none();
        let news = News { lower_bound: prover.lower_bound(), refuted, ..News::default() };
        search.learn(news, watch)
    }
}

impl Search<'_, '_> {
    /// The best schedule, if it keeps all windows.
    fn feasible(&self) -> Option<&Schedule> {
        self.best.as_ref().filter(|(value, _)| value.late == 0).map(|(_, schedule)| schedule)
    }

    /// Takes over what the prover found; true if the search is over.
    fn learn(&mut self, news: News, watch: &mut Watch<'_, i64>) -> bool {
        self.proving += news.placements;
        if news.refuted && self.feasible().is_none() {
            self.infeasible = true;
            return true;
        }
        let higher = news.lower_bound > self.lower_bound;
        self.lower_bound = self.lower_bound.max(news.lower_bound);
        if let Some(Better { makespan, start_time }) = news.better
            && self.feasible().is_none_or(|best| makespan < best.makespan)
        {
            let planned = |i: usize| self.situation.project.completion(i, start_time[i]);
            let end = |i: usize| self.situation.fixed[i].map_or_else(|| planned(i), |(_, end)| end);
            let completion_time = (0..start_time.len()).map(end).collect();
            self.best = Some((Value { late: 0, makespan }, Schedule { start_time, completion_time, makespan }));
            return self.report(watch) || makespan <= self.lower_bound;
        }
        let Some(best) = self.feasible().map(|best| best.makespan) else { return false };
        (higher && self.report(watch)) || best <= self.lower_bound
    }
}
