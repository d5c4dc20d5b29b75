//! The prover's part in a search: turns on the search's thread, or a thread of its own.

use super::genetic::Better;
use super::prover_thread::{Exchange, News, turn};
use super::{RESERVE, STEPS, Search};
use crate::rcpsp::instance::Instance;
use crate::rcpsp::prover::{Prover, Reasoning};

/// The prover, once it has begun.
pub(super) struct Proof {
    prover: Option<Prover>,
    /// The best value when the prover was last made, or could not be.
    opened: Option<i64>,
    budgeted: bool,
    /// Placements that its turns stand for.
    spent: u64,
    /// Schedules before the destructive bound is worth its while, and before the first turn; how much more the search gets.
    dose: (u64, u64, u64),
}

/// Where a budget alone limits the search; on a timeline, where windows and calendars leave less to search, the prover begins early.
const BY_BUDGET: (u64, u64, u64) = (500, 100_000, 8);
const BY_BUDGET_ON_TIMELINE: (u64, u64, u64) = (500, 500, 8);
const BY_TIME: (u64, u64, u64) = (0, 0, 2);

impl Proof {
    /// No prover yet.
    pub fn new(budgeted: bool, instance: &Instance) -> Self {
        let dose = match (budgeted, &instance.bounded) {
            (true, None) => BY_BUDGET,
            (true, Some(_)) => BY_BUDGET_ON_TIMELINE,
            (false, _) => BY_TIME,
        };
        Self { prover: None, opened: None, budgeted, spent: 0, dose }
    }

    /// Whether a prover is at work.
    pub fn is_open(&self) -> bool {
        self.prover.is_some()
    }

    /// Starts the prover with the destructive bound, from the best schedule if that keeps all windows; true if that ends the search.
    pub fn open(&mut self, search: &mut Search) -> bool {
        self.opened = Some(search.value);
        let known = (!search.is_late()).then_some((search.best.start_time.as_slice(), search.best.makespan));
        self.prover = Prover::new(search.instance.project, search.past, known);
        let Some(prover) = &mut self.prover else { return false };
        prover.raise(Reasoning::ALL, || search.watch.check());
        let refuted = prover.is_proved() && prover.best().is_none();
        search.learn(News { lower_bound: prover.lower_bound(), refuted, ..News::default() })
    }

    /// Gives the prover its turn; true if the search is over.
    pub fn turn(&mut self, search: &mut Search) -> bool {
        let n = search.instance.project.num_activities() as u64;
        let (begin, after, share) = self.dose;
        // A prover that knows no schedule has longer horizons to look at than one that does.
        let blind = self.prover.as_ref().is_none_or(|prover| prover.best().is_none() && !search.is_late());
        let due = self.budgeted && search.placements >= begin * n;
        if blind && (due || self.is_open()) && self.opened != Some(search.value) && self.open(search) {
            return true;
        }
        let Some(prover) = &mut self.prover else { return false };
        let searching = (search.placements - self.spent).saturating_sub(after * n);
        let length = (searching / share).saturating_sub(self.spent);
        // A turn may end a little late: the last schedules are the search's own, unless it has found none that keeps all windows.
        let reserve = if search.is_late() { 0 } else { RESERVE * n };
        if length == 0 || length.saturating_add(reserve) > search.left() / 2 {
            return false;
        }
        if !search.is_late() && prover.best().is_none_or(|best| search.value < best) {
            prover.shorten(&search.best.start_time, search.best.makespan);
        }
        let news = turn(prover, length, |placements| search.watch.worked(STEPS * placements));
        self.spent += news.placements;
        search.learn(news)
    }

    /// Runs the prover on a thread of its own while `generation`, which tells whether the search is over, is called again and again.
    pub fn beside(self, search: &mut Search, mut generation: impl FnMut(&mut Search) -> bool) {
        let Some(prover) = self.prover else { return };
        let (exchange, stop) = (Exchange::default(), search.watch.stop);
        std::thread::scope(|scope| {
            let exchange = &exchange;
            // A system that refuses the thread leaves the search without a prover.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || exchange.prove(prover, stop));
            let mut sent = i64::MAX;
            loop {
                if search.value < sent && !search.is_late() {
                    sent = search.value;
                    exchange.tell(Better { value: sent, start_time: search.best.start_time.clone() });
                }
                if generation(search) | search.learn(exchange.take()) {
                    break;
                }
            }
            exchange.end();
        });
        search.learn(exchange.take());
    }
}
