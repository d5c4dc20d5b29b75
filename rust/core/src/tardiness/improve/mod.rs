//! Local search for `1 || sum T_j` and `1 || sum w_j T_j`: iterated dynasearch.

mod amount;
mod dynasearch;
mod postpone;
mod windows;

pub(super) use amount::Amount;

use super::evaluate::{permutation, total_weighted_tardiness};
use super::exact::lower_bound_interruptible;
use super::jobs::{Jobs, Weights};
use crate::control::{Limits, Status, Watch};
use crate::error::InputError;
use crate::random::Random;
use crate::total::Total;
use dynasearch::{Dynasearch, Job, cost};
use postpone::postpone;
use windows::Polished;

/// Searches that share a budget, whatever the number of threads.
const ISLANDS: usize = 4;
/// Kicks without a better sequence before the search returns to the best one.
const PATIENCE: u32 = 60;

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Improved {
    /// The best sequence.
    pub sequence: Vec<u32>,
    /// What it costs.
    pub objective: Total,
    /// No sequence costs less.
    pub lower_bound: Total,
    /// Optimal if the sequence costs no more than the bound.
    pub status: Status,
    /// Moves made.
    pub num_moves: u64,
}

/// Iterated dynasearch from `start`, until a limit, a cancellation, or a sequence that costs no more than the lower bound.
///
/// Every round kicks the current sequence with a few random swaps and goes down to the next local optimum by sets of independent
/// swaps and insertions; it stays if it is not worse. Without weights a decomposition may give a better start, and local optima are
/// polished by solving windows exactly; where that stays open, the longest early jobs are tried among the late ones. The budget is
/// counted in moves. It is shared by four searches, so that the answer does not depend on `threads`; without a budget every thread
/// searches until the time is over. Costs are computed in the type of the weights.
///
/// # Panics
/// If `start` is not a permutation of the jobs.
pub fn improve(jobs: &Jobs, start: &[u32], limits: &Limits, seed: u64, threads: usize, watch: &mut Watch<Total>) -> Improved {
    match jobs.weight {
        Weights::Unit => Task {
            initial: line_up(jobs, start, |_| 1_i64),
            lower_bound: lower_bound_interruptible(jobs, |steps| watch.worked(steps)),
            polish: Some(windows::polish),
            restart: Some(windows::restart),
        }
        .run(limits, seed, threads, watch),
        Weights::Integers(w) => {
            let least = w.iter().copied().min().unwrap_or(0);
            let each = (0..w.len()).map(|j| w[j] * (jobs.processing_time[j] - jobs.due_date[j]).max(0)).sum();
            let lower_bound = least.saturating_mul(lower_bound_interruptible(jobs, |steps| watch.worked(steps))).max(each);
            Task { initial: line_up(jobs, start, |j| w[j]), lower_bound, polish: None, restart: None }
                .run(limits, seed, threads, watch)
        }
        Weights::Floats(w) => Task { initial: line_up(jobs, start, |j| w[j]), lower_bound: 0.0, polish: None, restart: None }
            .run(limits, seed, threads, watch),
    }
}

/// The start that costs less, of equals the first, as a permutation.
///
/// # Errors
/// A start that is not a permutation of the jobs.
pub fn best_start(jobs: &Jobs, start: &[i64], warm_start: Option<&[i64]>) -> Result<Vec<u32>, InputError> {
    let start = permutation("start", start, jobs.len())?;
    let Some(warm_start) = warm_start else { return Ok(start) };
    let warm_start = permutation("warm_start", warm_start, jobs.len())?;
    let better = total_weighted_tardiness(jobs, &warm_start) < total_weighted_tardiness(jobs, &start);
    Ok(if better { warm_start } else { start })
}

fn line_up<W: Amount>(jobs: &Jobs, start: &[u32], weight: impl Fn(usize) -> W) -> Vec<Job<W>> {
    assert!(start.len() == jobs.len(), "a permutation of the jobs");
    let job = |&id: &u32| Job { p: jobs.processing_time[id as usize], d: jobs.due_date[id as usize], w: weight(id as usize), id };
    start.iter().map(job).collect()
}

type Polish<W> = fn(&mut [Job<W>], u32, &mut Watch<Total>) -> Polished;
type Restart<W> = fn(&mut [Job<W>], &mut Watch<Total>);

/// What all searches of one call have in common.
struct Task<W: Amount> {
    initial: Vec<Job<W>>,
    lower_bound: W,
    polish: Option<Polish<W>>,
    /// Another start, if it is better.
    restart: Option<Restart<W>>,
}

/// The best of one search.
struct Found<W> {
    sequence: Vec<Job<W>>,
    objective: W,
    moves: u64,
    /// Whether it is proven that nothing costs less.
    optimal: bool,
}

impl<W: Amount> Task<W> {
    fn run(&self, limits: &Limits, seed: u64, threads: usize, watch: &mut Watch<Total>) -> Improved {
        let islands = if limits.budget.is_some() { ISLANDS } else { threads.max(1) };
        let share = |island: usize| {
            limits.budget.map(|budget| budget / islands as u64 + u64::from((island as u64) < budget % islands as u64))
        };
        let mut reported = cost(&self.initial);
        watch.improved(reported.into(), self.lower_bound.into(), 0);
        let stop = watch.stop;
        let threads = threads.clamp(1, islands);
        let mut found: Vec<(usize, Found<W>)> = std::thread::scope(|scope| {
            let (mut workers, mut own) = (Vec::new(), (0..islands).step_by(threads).collect::<Vec<_>>());
            for t in 1..threads {
                let theirs = (t..islands).step_by(threads);
                let islands = theirs.clone();
                let work = move || {
                    let search = |island| (island, self.search(seed, island, share(island), &mut Watch::new(stop), None));
                    theirs.map(search).collect::<Vec<_>>()
                };
                match std::thread::Builder::new().spawn_scoped(scope, work) {
                    Ok(worker) => workers.push(worker),
                    Err(_) => own.extend(islands), // the system refuses the thread
                }
            }
            let mut found: Vec<_> = own
                .into_iter()
                .map(|island| (island, self.search(seed, island, share(island), watch, Some(&mut reported))))
                .collect();
            if limits.budget.is_none() {
                stop.halt(); // this thread has reached the end of time, or the bound
            }
            for worker in workers {
                match worker.join() {
                    Ok(theirs) => found.extend(theirs),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            found
        });
        found.sort_by_key(|(island, _)| *island);
        let moves = found.iter().map(|(_, found)| found.moves).sum();
        let proven = found.iter().any(|(_, found)| found.optimal); // of equals, the first one's sequence is returned
        let mut found = found.into_iter().map(|(_, found)| found);
        let mut best = found.next().expect("there is an island");
        for other in found {
            if other.objective < best.objective {
                best = other;
            }
        }
        let lower_bound = if proven { best.objective } else { self.lower_bound };
        if best.objective < reported || proven {
            watch.improved(best.objective.into(), lower_bound.into(), moves);
        }
        let sequence = best.sequence.iter().map(|job| job.id).collect();
        let status = if best.objective <= lower_bound { Status::Optimal } else { Status::Feasible };
        Improved { sequence, objective: best.objective.into(), lower_bound: lower_bound.into(), status, num_moves: moves }
    }

    /// One search. Improvements beyond `reported` are reported, on the calling thread.
    fn search(
        &self,
        seed: u64,
        island: usize,
        budget: Option<u64>,
        watch: &mut Watch<Total>,
        mut reported: Option<&mut W>,
    ) -> Found<W> {
        let mut random = Random::stream(seed, island as u64);
        let mut best = Found { sequence: self.initial.clone(), objective: cost(&self.initial), moves: 0, optimal: false };
        if best.objective <= self.lower_bound || budget == Some(0) || watch.check() {
            return best;
        }
        let mut dynasearch = Dynasearch::new(self.initial.len());
        let mut current = self.initial.clone();
        let (mut standing, mut patience, mut effort) = (best.objective, PATIENCE, 0);
        let mut trial = current.clone();
        if let Some(restart) = self.restart {
            restart(&mut trial, watch);
        }
        while best.objective > self.lower_bound && budget.is_none_or(|budget| best.moves < budget) && !watch.check() {
            let polished = self.descend(&mut trial, effort, &mut dynasearch, budget, &mut best.moves, watch);
            if effort == 0 && polished == Some(Polished::Open) && budget.is_none_or(|budget| best.moves < budget) {
                postpone(&mut trial, &mut dynasearch, budget, &mut best.moves, watch);
            }
            let objective = cost(&trial);
            if objective < best.objective {
                (best.objective, patience) = (objective, PATIENCE);
                best.sequence.clone_from(&trial);
                if let Some(reported) = reported.as_deref_mut().filter(|reported| objective < **reported) {
                    *reported = objective;
                    if watch.improved(objective.into(), self.lower_bound.into(), best.moves) {
                        break;
                    }
                }
            }
            if objective <= standing {
                standing = objective;
                current.clone_from(&trial);
            } else if patience == 0 {
                (standing, patience) = (best.objective, PATIENCE);
                current.clone_from(&best.sequence);
            } else {
                patience -= 1;
            }
            best.optimal = polished == Some(Polished::Optimal) && objective == best.objective;
            if trial.len() < 2 || best.optimal {
                break;
            }
            trial.clone_from(&current);
            if polished == Some(Polished::Open) {
                effort += 1;
                best.moves += 1; // work, so that a budget ends
            } else {
                best.moves += kick(&mut trial, &mut random);
            }
        }
        best
    }

    /// Down to a local optimum of the polish and of the moves; what the polish said of it.
    fn descend(
        &self,
        trial: &mut [Job<W>],
        effort: u32,
        dynasearch: &mut Dynasearch<W>,
        budget: Option<u64>,
        moves: &mut u64,
        watch: &mut Watch<Total>,
    ) -> Option<Polished> {
        loop {
            let polished = self.polish.map(|polish| polish(trial, effort, watch));
            *moves += u64::from(polished == Some(Polished::Better));
            let start = cost(trial);
            let mut before = start;
            while budget.is_none_or(|budget| *moves < budget) {
                let made = dynasearch.improve(trial, watch)?;
                *moves += made;
                let after = cost(trial);
                if made == 0 || after >= before {
                    break; // floats may promise a gain that is lost in rounding
                }
                before = after;
            }
            if budget.is_some_and(|budget| *moves >= budget) || (before >= start && polished != Some(Polished::Better)) {
                return polished;
            }
        }
    }
}

/// Swaps a few jobs with others nearby; returns how many.
fn kick<W: Copy>(sequence: &mut [Job<W>], random: &mut Random) -> u64 {
    let n = sequence.len();
    let swaps = 2 + random.below(5);
    let center = random.below(n as u64) as usize;
    for _ in 0..swaps {
        let near = |random: &mut Random| (center + n - 15.min(n) + random.below(31) as usize).clamp(0, usize::MAX) % n;
        let (i, j) = (near(random), near(random));
        sequence.swap(i, j);
    }
    swaps
}
