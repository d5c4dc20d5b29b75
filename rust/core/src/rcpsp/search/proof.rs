//! The prover's part in a search: turns on the search's thread, or a thread of its own.

use super::genetic::Better;
use super::prover_thread::{Exchange, News, turn};
use super::{RESERVE, STEPS, Search};
use crate::rcpsp::instance::Instance;
use crate::rcpsp::prover::{Prover, Reasoning};

/// A search that a prover can help.
pub(super) trait Provable<'a, 'w> {
    /// The limits, and what is spent.
    fn search(&mut self) -> &mut Search<'a, 'w>;

    /// The best schedule that keeps all windows, by its start times, and its value.
    fn known(&self) -> Option<(&[i64], i64)>;

    /// A prover that starts from the best schedule.
    fn prover(&self) -> Option<Prover>;

    /// Takes over what the prover found; true if the search is over.
    fn learn(&mut self, news: News) -> bool;
}

/// The prover, once it has begun.
pub(super) struct Proof {
    prover: Option<Prover>,
    /// The best value when the prover was last made, or could not be.
    opened: Option<i64>,
    budgeted: bool,
    /// Placements that its turns stand for.
    spent: u64,
    dose: Dose,
}

/// How much the prover gets.
#[derive(Clone, Copy)]
struct Dose {
    /// Schedules before the destructive bound is worth its while.
    begin: u64,
    /// Schedules before the first turn.
    after: u64,
    /// How much more the search gets.
    share: u64,
    /// Schedules left for the search after the last turn, which may end a little late.
    reserve: u64,
    /// Placements that its first turn stands for, on the house: about a hundredth of a second, which proves small projects.
    gift: u64,
}

/// Where a budget alone limits the search; on a timeline, where windows and calendars leave less to search, the prover begins early.
const BY_BUDGET: Dose = Dose { begin: 500, after: 100_000, share: 8, reserve: RESERVE, gift: 0 };
const BY_BUDGET_ON_TIMELINE: Dose = Dose { begin: 50, after: 500, ..BY_BUDGET };
const BY_TIME: Dose = Dose { begin: 0, after: 0, share: 2, ..BY_BUDGET };
/// For objectives from due dates, whose other bounds are weak.
const FOR_OBJECTIVE: Dose = Dose { begin: LEAST_BUDGET, after: 100, share: 4, reserve: 0, gift: 1 << 18 };
/// Budgets below leave no time for a proof of an objective that counts from due dates.
pub(super) const LEAST_BUDGET: u64 = 50;

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

    /// No prover yet, for an objective that counts from due dates.
    pub fn for_objective(budgeted: bool) -> Self {
        let dose = if budgeted { FOR_OBJECTIVE } else { Dose { begin: 0, after: 0, share: 2, ..FOR_OBJECTIVE } };
        Self { prover: None, opened: None, budgeted, spent: 0, dose }
    }

    /// Whether a prover is at work.
    pub fn is_open(&self) -> bool {
        self.prover.is_some()
    }

    /// Starts the prover with the destructive bound, from the best schedule if that keeps all windows; true if that ends the search.
    pub fn open<'a, 'w: 'a>(&mut self, search: &mut impl Provable<'a, 'w>) -> bool {
        self.opened = Some(search.search().value);
        self.prover = search.prover();
        let Some(prover) = &mut self.prover else { return false };
        prover.raise(Reasoning::ALL, || search.search().watch.check());
        let refuted = prover.is_proved() && prover.best().is_none();
        if search.learn(News { lower_bound: prover.lower_bound(), refuted, ..News::default() }) {
            return true;
        }
        let mut gift = self.dose.gift;
        while gift > 0 {
            let news = turn(prover, gift, |placements| search.search().watch.worked(STEPS * placements));
            gift = gift.saturating_sub(news.placements.max(1));
            let is_better = news.better.is_some();
            if search.learn(News { placements: 0, ..news }) || search.search().watch.check() {
                return true;
            }
            if is_better && let Some((start_time, value)) = search.known() {
                prover.improve(start_time, value);
            }
        }
        false
    }

    /// Gives the prover its turn; true if the search is over.
    pub fn turn<'a, 'w: 'a>(&mut self, search: &mut impl Provable<'a, 'w>) -> bool {
        let Search { placements, value, instance, .. } = *search.search();
        let (left, is_late) = (search.search().left(), search.search().is_late());
        let n = instance.project.num_activities() as u64;
        let Dose { begin, after, share, reserve, .. } = self.dose;
        // A prover that knows no schedule has longer horizons to look at than one that does.
        let blind = self.prover.as_ref().is_none_or(|prover| prover.best().is_none() && !is_late);
        let due = self.budgeted && placements >= begin * n;
        if blind && (due || self.is_open()) && self.opened != Some(value) && self.open(search) {
            return true;
        }
        let Some(prover) = &mut self.prover else { return false };
        let searching = (placements - self.spent).saturating_sub(after * n);
        let length = (searching / share).saturating_sub(self.spent);
        // A turn may end a little late: the last schedules are the search's own, unless it has found none that keeps all windows.
        let reserve = if is_late { 0 } else { reserve * n };
        if length == 0 || length.saturating_add(reserve) > left / 2 {
            return false;
        }
        if let Some((start_time, value)) = search.known()
            && prover.best().is_none_or(|best| value < best)
        {
            prover.improve(start_time, value);
        }
        let mut news = turn(prover, length, |placements| search.search().watch.worked(STEPS * placements));
        if reserve == 0 && !is_late {
            news.placements = news.placements.min(length); // what it takes beyond its turn is on the house
        }
        self.spent += news.placements;
        search.learn(news)
    }

    /// Runs the prover on a thread of its own while `generation`, which tells whether the search is over, is called again and again.
    pub fn beside<'a, 'w: 'a, S: Provable<'a, 'w>>(self, search: &mut S, mut generation: impl FnMut(&mut S) -> bool) {
        let Some(prover) = self.prover else { return };
        let (exchange, stop) = (Exchange::default(), search.search().watch.stop);
        std::thread::scope(|scope| {
            let exchange = &exchange;
            // A system that refuses the thread leaves the search without a prover.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || exchange.prove(prover, stop));
            let mut sent = i64::MAX;
            loop {
                if let Some((start_time, value)) = search.known()
                    && value < sent
                {
                    sent = value;
                    exchange.tell(Better { value, start_time: start_time.to_vec() });
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
