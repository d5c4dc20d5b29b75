//! The interface between a policy and the simulator or the queue, for policies that give each server to one job at a time.
//!
//! Jobs are known by *slots*: small numbers that are used again when a job has left.

use super::double_double::DoubleDouble;
use super::information::{Facts, Information};

/// A job that is being served, and the service it has had.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Running {
    /// Which job.
    pub slot: u32,
    /// Service so far.
    pub attained: f64,
}

/// The waiting jobs, and the rule that picks from them.
pub trait Discipline {
    /// The information model of the policy.
    type Info: Information;
    /// The name of that.
    const INFORMATION: &'static str = <Self::Info as Information>::NAME;
    /// Whether a running job can lose its server before it completes.
    const PREEMPTIVE: bool = true;
    /// Whether a running job's [`key`](Self::key) never rises before it loses its server, so that the largest key of many running jobs
    /// can be kept in a heap.
    const FALLS: bool = false;

    /// A job arrives (or returns, with service `attained` elsewhere) and waits.
    fn arrive(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Self::Info>);
    /// Whether no job waits.
    fn none_wait(&self) -> bool;
    /// The waiting job that gets a free server.
    fn first(&mut self, now: f64) -> Option<u32>;
    /// A waiting job gets a server, whether or not it is the first.
    fn begin(&mut self, now: f64, slot: u32);
    /// Takes out the waiting job that gets a free server.
    #[inline]
    fn start(&mut self, now: f64) -> Option<u32> {
        let slot = self.first(now)?;
        self.begin(now, slot);
        Some(slot)
    }
    /// The running job that is preempted in favour of a waiting one. Ties: the running job stays.
    fn victim(&mut self, now: f64, running: &[Running]) -> Option<usize>;
    /// The key of a running job; the one with the largest key is preempted first. Only for disciplines with `FALLS`.
    fn key(&self, _job: Running) -> u128 {
        0
    }
    /// Whether a running job with this key is preempted in favour of a waiting one. Only for disciplines with `FALLS`.
    fn yields(&self, _key: u128) -> bool {
        false
    }
    /// A running job loses its server and waits again.
    fn stop(&mut self, now: f64, job: Running);
    /// The attained service at which a running job has to wait again, even if no other job waits; `expire` is called then.
    fn target(&self, _slot: u32, _attained: f64) -> f64 {
        f64::INFINITY
    }
    /// A running job has reached its target and waits again.
    fn expire(&mut self, now: f64, job: Running) {
        self.stop(now, job);
    }
    /// An operation has ended and the next one, of `size`, is revealed; false if the job has to wait again (and it does).
    fn reveal(&mut self, _now: f64, _job: Running, _size: f64, _number: u32) -> bool {
        true
    }
    /// A job has completed or been removed; `waiting` tells whether it was waiting.
    fn leave(&mut self, slot: u32, waiting: bool);
    /// Whether to stop at once, because a custom policy has failed.
    fn halted(&self) -> bool {
        false
    }
}

/// The state of a job that the policy keeps beyond facts and service. Its meaning depends on the policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyState {
    /// Phase, level or class.
    pub phase: u32,
    /// The order in which jobs entered their phases.
    pub joined: u64,
    /// A service that matters.
    pub mark: f64,
}

/// A discipline for the queue, which can also change, save and restore jobs.
pub trait QueueDiscipline: Discipline {
    /// Whether jobs may share a server, so that several are run at a time.
    const SHARES: bool = false;
    /// Whether the order of two jobs depends on the others that are there.
    const LOOKS_AT_ALL: bool = false;

    /// The facts of a job; those that the policy does not use may be missing.
    fn facts(&self, slot: u32) -> Facts<Self::Info>;
    /// The state of a job that the policy keeps.
    fn state(&self, slot: u32) -> PolicyState;
    /// The turn of a job that begins to wait now, for policies that go by turns.
    fn turn(&self) -> u64 {
        0
    }
    /// Restores a saved job to its former turn.
    fn restore(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Self::Info>, place: PolicyState);
    /// Adds a job again that has left, with other facts. It keeps its turn unless the facts decide it.
    fn change(&mut self, now: f64, slot: u32, attained: f64, facts: Facts<Self::Info>, place: PolicyState) {
        self.restore(now, slot, attained, facts, place);
    }
    /// Whether a job that was served (to the end of its phase if `expired`) stays ahead of others of equal rank.
    fn claims(&self, _slot: u32, expired: bool) -> bool {
        !expired
    }
    /// Announces that the next `k` jobs are about to be popped at this moment, so that they can be found together at less cost.
    fn prepare_pops(&mut self, _now: f64, _k: usize) {}
    /// Finds the jobs that share a server with the waiting job `first`, which goes before the running one, and how much service each may
    /// get until others join them.
    fn sharers(&self, _first: u32, _running: Option<Running>, _sharers: &mut Vec<u32>) -> f64 {
        f64::INFINITY
    }
}

/// Ranks that are computed from reported service count as equal if their relative difference is at most this much.
pub(super) const CLOSE: f64 = 1e-12;

/// A rule that gives each job a number, lowest first, which depends on the job's own facts and service alone.
///
/// This is the class of SOAP policies (Scully, Harchol-Balter, Scheller-Wolf 2018).
pub trait Rank {
    /// The information model of the rule.
    type Info: Information;
    /// The name of that.
    const INFORMATION: &'static str = <Self::Info as Information>::NAME;
    /// Whether a running job can lose its server before it completes.
    const PREEMPTIVE: bool = true;
    /// Whether jobs of equal rank may share a server.
    const SHARES: bool = false;
    /// Whether the rank never rises within a phase, however little service comes at a time.
    const FALLS: bool = !Self::SHARES;

    /// The rank of a job with this much service, in this phase of the rule.
    fn rank(&self, facts: &Facts<Self::Info>, attained: f64, phase: u32) -> f64;

    /// The attained service at which the phase ends.
    fn phase_end(&self, _facts: &Facts<Self::Info>, _attained: f64, _phase: u32) -> f64 {
        f64::INFINITY
    }

    /// Rank and end of the phase, for rules that compute them together.
    #[inline]
    fn rank_and_end(&self, facts: &Facts<Self::Info>, attained: f64, phase: u32) -> (f64, f64) {
        (self.rank(facts, attained, phase), self.phase_end(facts, attained, phase))
    }

    /// The phase after `phase` that this much service belongs to.
    #[inline]
    fn phase_at(&self, facts: &Facts<Self::Info>, attained: f64, mut phase: u32) -> u32 {
        while self.phase_end(facts, attained, phase) <= attained {
            phase += 1;
        }
        phase
    }

    /// Whether the rank rises with service in this phase, at rate [`slope`](Self::slope), so that jobs of equal rank share the
    /// server.
    fn rises(&self, _facts: &Facts<Self::Info>, _phase: u32) -> bool {
        false
    }

    /// In phases that rise: a number that grows by one with each unit of service; the rank is `slope` times as much.
    #[inline]
    fn level(&self, facts: &Facts<Self::Info>, attained: f64, phase: u32) -> DoubleDouble {
        self.rank(facts, attained, phase).into()
    }

    /// In phases that do not rise, under rules that share: the rank without rounding.
    #[inline]
    fn rank_in_full(&self, facts: &Facts<Self::Info>, attained: DoubleDouble, phase: u32) -> DoubleDouble {
        self.rank(facts, attained.round(), phase).into()
    }

    /// Rank per unit of service in phases that rise.
    #[inline]
    fn slope(&self) -> f64 {
        1.0
    }

    /// Under rules that share: how much of a rank may be the rounding of service that was reported in pieces.
    #[inline]
    fn rounding(&self, _: &Facts<Self::Info>, rank: f64) -> f64 {
        CLOSE * rank.abs()
    }

    /// The part of a job's service at which its size becomes known, for the model in which that happens late.
    fn reveals_at(&self) -> Option<f64> {
        None
    }

    /// Decides between waiting jobs of equal rank, lowest first; `joined` counts the entries into phases.
    #[inline]
    fn tie(&self, facts: &Facts<Self::Info>, _joined: u64) -> u64 {
        u64::from(facts.index)
    }
}
