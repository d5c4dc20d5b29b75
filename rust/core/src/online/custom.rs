//! Policies written outside this crate, which compute the rank of every job at every event.

use super::discipline::{Discipline, Running};
use super::engine;
use super::information::{Estimate, Facts, Information, Nothing, Operation, Size};
use super::ordered::put;
use super::{Flow, Jobs, Options};
use crate::control::Pulse;
use crate::error::{Error, InputError, Value};

/// The facts of a job that a custom policy sees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JobView {
    /// The job's index.
    pub index: u32,
    /// When it arrived.
    pub release_time: f64,
    /// Its weight.
    pub weight: f64,
    /// Its deadline.
    pub deadline: f64,
    /// Service so far.
    pub attained: f64,
    /// The size, the estimate or the size of the current operation, as the information model says; NaN for nothing.
    pub revealed: f64,
    /// Service since that was revealed.
    pub since: f64,
}

/// A policy written by a caller. `None` means that it failed; the simulation stops.
pub trait CustomPolicy {
    /// The rank of a job, lowest first; must not be NaN.
    fn rank(&mut self, now: f64, job: &JobView) -> Option<f64>;
    /// How much service the job may get before all jobs are ranked again, > 0.
    fn review(&mut self, job: &JobView) -> Option<f64>;
}

/// The discipline of such a policy. It computes O(n) ranks an event. Ties: the running job, then index.
pub struct CustomDiscipline<I, A> {
    policy: std::cell::RefCell<A>,
    waiting: Vec<u32>,
    known: Vec<(Facts<I>, f64, f64)>,
    failed: std::cell::Cell<bool>,
}

impl<I: Information, A: CustomPolicy> CustomDiscipline<I, A> {
    /// A discipline without jobs.
    pub fn new(policy: A) -> Self {
        Self {
            policy: std::cell::RefCell::new(policy),
            waiting: Vec::new(),
            known: Vec::new(),
            failed: std::cell::Cell::new(false),
        }
    }

    fn view(&self, slot: u32, attained: f64) -> JobView {
        let (facts, _, revealed_at) = &self.known[slot as usize];
        JobView {
            index: facts.index,
            release_time: facts.release_time,
            weight: facts.weight,
            deadline: facts.deadline,
            attained,
            revealed: facts.revealed.value(),
            since: attained - revealed_at,
        }
    }

    fn rank(&self, now: f64, slot: u32, attained: f64) -> f64 {
        if self.failed.get() {
            return 0.0;
        }
        let rank = self.policy.borrow_mut().rank(now, &self.view(slot, attained));
        self.failed.set(rank.is_none());
        rank.unwrap_or(0.0)
    }

    /// `PolicyState`, rank and index of the best waiting job.
    fn best(&self, now: f64) -> Option<(usize, f64)> {
        let ranks = self.waiting.iter().enumerate().map(|(place, &slot)| {
            let (facts, attained, _) = self.known[slot as usize];
            (self.rank(now, slot, attained), facts.index, place)
        });
        ranks.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(rank, _, place)| (place, rank))
    }
}

impl<I: Information, A: CustomPolicy> Discipline for CustomDiscipline<I, A> {
    type Info = I;

    fn arrive(&mut self, _: f64, slot: u32, attained: f64, facts: Facts<I>) {
        put(&mut self.known, slot, (facts, attained, 0.0));
        self.waiting.push(slot);
    }

    fn none_wait(&self) -> bool {
        self.waiting.is_empty()
    }

    fn first(&mut self, now: f64) -> Option<u32> {
        self.best(now).map(|(place, _)| self.waiting[place])
    }

    fn begin(&mut self, _: f64, slot: u32) {
        self.waiting.retain(|&s| s != slot);
    }

    fn victim(&mut self, now: f64, running: &[Running]) -> Option<usize> {
        let (_, best) = self.best(now)?;
        let ranks = running
            .iter()
            .enumerate()
            .map(|(k, job)| (self.rank(now, job.slot, job.attained), self.known[job.slot as usize].0.index, k));
        let (worst, _, position) = ranks.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
        (best < worst && !self.failed.get()).then_some(position)
    }

    fn stop(&mut self, _: f64, job: Running) {
        self.known[job.slot as usize].1 = job.attained;
        self.waiting.push(job.slot);
    }

    fn target(&self, slot: u32, attained: f64) -> f64 {
        if self.failed.get() {
            return f64::INFINITY;
        }
        let review = self.policy.borrow_mut().review(&self.view(slot, attained));
        self.failed.set(review.is_none());
        attained + review.unwrap_or(f64::INFINITY)
    }

    fn reveal(&mut self, _: f64, job: Running, size: f64, number: u32) -> bool {
        let known = &mut self.known[job.slot as usize];
        known.0.revealed = known.0.revealed.later(size, number, job.attained);
        known.2 = job.attained;
        true
    }

    fn leave(&mut self, slot: u32, waiting: bool) {
        if waiting {
            self.waiting.retain(|&s| s != slot);
        }
    }

    fn halted(&self) -> bool {
        self.failed.get()
    }
}

/// Simulates a custom policy under the information model of that name: `nothing`, `size`, `estimate` or `operation`.
///
/// # Errors
/// An unknown model, a model on estimates for jobs without, zero servers.
pub fn simulate_custom(jobs: &Jobs, policy: impl CustomPolicy, information: &str, options: &Options) -> Result<Flow, Error> {
    super::policy::check_options(options)?;
    let pulse = Pulse::default(); // the policy itself can stop it
    match information {
        "nothing" => Ok(engine::run(jobs, CustomDiscipline::<Nothing, _>::new(policy), options, &pulse)?),
        "size" => Ok(engine::run(jobs, CustomDiscipline::<Size, _>::new(policy), options, &pulse)?),
        "estimate" => {
            super::policy::check_estimates(jobs, "the policy")?;
            Ok(engine::run(jobs, CustomDiscipline::<Estimate, _>::new(policy), options, &pulse)?)
        }
        "operation" => Ok(engine::run(jobs, CustomDiscipline::<Operation, _>::new(policy), options, &pulse)?),
        _ => {
            let reason = "expected one of nothing, size, estimate, operation";
            Err(InputError::new("information", reason).value(Value::Word(information.to_owned())).into())
        }
    }
}
