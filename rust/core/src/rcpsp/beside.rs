//! A prover on a thread of its own beside the search for projects with modes, stores or maximal lags.

use std::sync::Mutex;

use super::prover::MakespanSearch;
use crate::control::{Pace, Stop};

/// Effort after which the prover reports.
const TURN: u64 = 1 << 13;

/// A prover that is asked for schedules shorter than the best one known.
pub(super) trait Helper: Send {
    /// A schedule, as prover and search exchange it.
    type Best: Send;

    /// Searches until the effort reaches `most_work` or `stop` says so; a schedule within the limit, if that is what it came to.
    fn turn(&mut self, most_work: u64, stop: &mut dyn FnMut(u64) -> bool) -> Option<Self::Best>;

    /// From now on only schedules shorter than this one count.
    fn improve(&mut self, best: &Self::Best);

    /// The search behind it.
    fn makespan(&self) -> &MakespanSearch;
}

/// What the prover has to say.
#[derive(Debug)]
pub(super) struct News<B> {
    /// The last schedule that it found since the search last asked.
    pub found: Option<B>,
    pub lower_bound: i64,
    /// Whether there is no schedule within its limit.
    pub refuted: bool,
}

/// Messages between the search thread and the prover thread.
#[derive(Debug)]
pub(super) struct Exchange<B>(Mutex<Messages<B>>);

#[derive(Debug)]
struct Messages<B> {
    news: News<B>,
    /// From the search, since the prover last looked.
    better: Option<B>,
    over: bool,
}

impl<B> Exchange<B> {
    fn with<R>(&self, change: impl FnOnce(&mut Messages<B>) -> R) -> R {
        change(&mut self.0.lock().expect("nothing panics while it holds the lock"))
    }

    /// The search takes what the prover has left.
    pub fn take(&self) -> News<B> {
        self.with(|messages| {
            let News { lower_bound, refuted, .. } = messages.news;
            News { found: messages.news.found.take(), lower_bound, refuted }
        })
    }

    /// The search has a better schedule.
    pub fn send(&self, better: B) {
        self.with(|messages| messages.better = Some(better));
    }

    /// The prover's thread: works until the search is over or nothing is left to prove. `steps` is how many steps of the pace a unit of
    /// its effort takes.
    fn prove(&self, mut prover: impl Helper<Best = B>, stop: &Stop, steps: u64) {
        let mut pace = Pace::default();
        while !stop.check() && !self.with(|messages| messages.over) {
            let better = self.with(|messages| messages.better.take());
            if let Some(best) = better {
                prover.improve(&best);
            }
            let called = || self.with(|messages| messages.over || messages.better.is_some());
            let most = prover.makespan().work() + TURN;
            let found = prover.turn(most, &mut |work| pace.due(steps * work) && (stop.check() || called()));
            let (lower_bound, refuted) = (prover.makespan().lower_bound(), prover.makespan().is_refuted());
            let is_found = found.is_some();
            if let Some(best) = &found {
                prover.improve(best);
            }
            self.with(|messages| {
                (messages.news.lower_bound, messages.news.refuted) = (lower_bound, refuted);
                messages.news.found = found.or_else(|| messages.news.found.take());
            });
            if refuted && !is_found {
                return;
            }
        }
    }
}

/// Runs the prover on a thread of its own until `search` returns.
pub(super) fn beside<H: Helper>(prover: H, stop: &Stop, steps: u64, search: impl FnOnce(&Exchange<H::Best>)) {
    let news = News { found: None, lower_bound: i64::MIN, refuted: false };
    let exchange = Exchange(Mutex::new(Messages { news, better: None, over: false }));
    std::thread::scope(|scope| {
        let theirs = &exchange;
        // A system that refuses the thread leaves the search without a prover.
        let _ = std::thread::Builder::new().spawn_scoped(scope, move || theirs.prove(prover, stop, steps));
        search(&exchange);
        exchange.with(|messages| messages.over = true);
    });
}
