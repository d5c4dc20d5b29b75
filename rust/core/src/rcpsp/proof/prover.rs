//! The search for shorter schedules, or for the proof that there are none.

use super::activity::Activity;
use super::disjunctive::cliques;
use super::learn::Learner;
use super::network::{Network, Tasks, precedence};
use super::rules::Rules;
use super::timetable::Timetable;
use super::trail::{Literal, Reason, Trail};
use crate::lanes::Lanes;
use crate::rcpsp::Project;
use crate::rcpsp::constraints::gcd;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing decided yet.
    Paused,
    /// A shorter schedule: start times.
    Shorter(Vec<i64>),
    /// No schedule is shorter than the best known one.
    Proved,
}

/// Looks for schedules shorter than the best known, and for the proof that there are none.
///
/// Times are counted in units, the greatest common divisor of all durations: some shortest schedule starts everything at multiples.
#[derive(Debug)]
pub struct Prover {
    pub(super) rules: Rules,
    pub(super) trail: Trail,
    pub(super) cliques: Vec<Vec<u32>>,
    pub(super) activity: Activity,
    pub(super) learner: Learner,
    /// Start times of the best schedule known: where a literal is decided, it is decided their way.
    pub(super) guide: Vec<i32>,
    pub(super) unit: i64,
    /// Bounds looked at so far: the measure of effort.
    pub(super) work: u64,
    pub(super) conflicts: u64,
    pub(super) restarts: u64,
    pub(super) next_reduction: u64,
    /// Of the present run: the makespan assumed, and the number of conflicts that ends it.
    pub(super) target: i32,
    pub(super) restart_at: u64,
    /// Makespan of the best schedule known.
    best: i64,
    /// The least makespan at the root; below it, where a run pauses, the trail holds assumptions.
    refuted_below: i32,
    pub(super) proved: bool,
}

/// Larger projects, and longer horizons, are left to the search.
const MOST_ACTIVITIES: usize = 500;
const MOST_ATOMS: i64 = 1 << 21;
/// Conflicts before the first restart, and before clauses are first dropped.
pub(super) const RESTART: u64 = 100;
pub(super) const REDUCTION: u64 = 4000;
/// How much of its weight an activity keeps from conflict to conflict.
pub(super) const DECAY: f64 = 0.95;

impl Prover {
    /// Starts from a schedule of the project; `None` if the project is too large.
    #[must_use]
    pub fn new(project: &Project, start_time: &[i64], makespan: i64) -> Option<Self> {
        let n = project.num_activities();
        let unit = project.duration().iter().fold(0, |a, &b| gcd(a, b)).max(1);
        let most = (makespan - 1).div_euclid(unit);
        if n == 0
            || n > MOST_ACTIVITIES
            || (n as i64 + 1).checked_mul(most + 3).is_none_or(|atoms| atoms > MOST_ATOMS)
            || most < 0
        {
            return None;
        }
        // An activity longer than the horizon refutes it at once; the least horizon holds every activity.
        let slots = most.max(project.duration().iter().max().map_or(0, |d| d / unit)) as i32;
        let tasks = Tasks::new(project, unit);
        let ordered = precedence(project);
        let network = Network::new(project, &tasks, &ordered);
        let cliques = cliques(n, &tasks, |i, j| ordered(i, j) || ordered(j, i) || tasks.disjunctive(i, j));
        let timetable = Timetable::new(&tasks, Lanes::new(project.capacity()), slots);
        let mut prover = Self {
            trail: Trail::new(n + 1, slots),
            activity: Activity::new(n + 1, slots),
            learner: Learner::new(n + 1),
            rules: Rules::new(tasks, network, timetable),
            cliques,
            guide: vec![0; n + 1],
            unit,
            work: 0,
            conflicts: 0,
            restarts: 0,
            next_reduction: REDUCTION,
            target: 0,
            restart_at: 0,
            best: makespan,
            refuted_below: 0,
            proved: false,
        };
        prover.start();
        prover.shorten(start_time, makespan);
        Some(prover)
    }

    /// Draws the first conclusions, from the project alone.
    fn start(&mut self) {
        let first = self.rules.network.start(&self.rules.tasks, &mut self.trail);
        self.at_root(first.is_ok());
    }

    /// The makespan, as an activity.
    pub(super) fn sink(&self) -> usize {
        self.rules.tasks.len() - 1
    }

    /// Least and largest makespan still asked for, in units, as the present assumptions have it.
    pub(super) fn least(&self) -> i32 {
        self.trail.earliest(self.sink())
    }

    pub(super) fn most(&self) -> i32 {
        self.trail.latest(self.sink())
    }

    /// No schedule is shorter, or the best known one is among the shortest.
    #[must_use]
    pub fn lower_bound(&self) -> i64 {
        if self.proved { self.best } else { i64::from(self.refuted_below) * self.unit }
    }

    /// Whether no schedule is shorter than the best known one.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.proved
    }

    /// Effort so far, in bounds of start times looked at.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Makespan of the best schedule known.
    #[must_use]
    pub fn best(&self) -> i64 {
        self.best
    }

    /// A shorter schedule has become known.
    pub fn shorten(&mut self, start_time: &[i64], makespan: i64) {
        self.return_to(0);
        self.best = makespan;
        for (guide, start) in self.guide.iter_mut().zip(start_time) {
            *guide = i32::try_from(start / self.unit).unwrap_or(i32::MAX);
        }
        let most = (makespan - 1).div_euclid(self.unit) as i32;
        let possible = self.trail.push(Literal::at_most(self.sink(), most), Reason::Decision).is_ok();
        self.at_root(possible);
    }

    /// Every schedule takes longer than `target` units.
    pub(super) fn assert_longer(&mut self, target: i32) {
        self.return_to(0);
        let possible = self.trail.push(Literal::at_least(self.sink(), target + 1), Reason::Decision).is_ok();
        self.at_root(possible);
    }

    /// Draws conclusions at the root, where a conflict is a proof.
    pub(super) fn at_root(&mut self, possible: bool) {
        if !self.proved && possible && self.rules.propagate(&mut self.trail, &mut self.work).is_ok() {
            self.rules.commit(&mut self.trail);
            self.refuted_below = self.least();
        } else {
            self.proved = true;
        }
    }

    pub(super) fn return_to(&mut self, level: usize) {
        while let Some(entry) = self.trail.pop_above(level) {
            self.rules.take_back(self.trail.len(), &entry);
            for bound in entry.old + 1..=entry.bound {
                self.activity.put_back(Literal { half: entry.half, bound });
            }
        }
    }
}
