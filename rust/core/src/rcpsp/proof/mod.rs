//! Proofs by lazy clause generation.
mod activity;
mod clauses;
mod learn;
mod network;
mod timetable;
mod trail;

use self::activity::Activity;
use self::clauses::Clauses;
use self::learn::Learner;
use self::network::{Network, Tasks};
use self::timetable::Timetable;
use self::trail::{Conflict, Literal, Reason, Trail};
use super::lanes::Lanes;
use super::Project;

/// What a slice of the search brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing decided yet.
    Paused,
    /// A shorter schedule: start times.
    Shorter(Vec<i64>),
    /// No schedule is shorter than the upper bound.
    Proved,
}

#[derive(Debug)]
pub struct Prover {
    tasks: Tasks,
    trail: Trail,
    network: Network,
    timetable: Timetable,
    clauses: Clauses,
    activity: Activity,
    learner: Learner,
    /// Entries whose consequences in network and clauses are drawn.
    head: usize,
    guide: Vec<i32>,
    unit: i64,
    pub conflicts: u64,
    pub work: u64,
    pub restarts: u64,
    next_reduction: u64,
    pub policy: [u32; 8],
}

impl Prover {
    pub fn new(project: &Project, starts: &[i64], upper: i64, lags: &[(usize, usize, i32)]) -> Option<Self> {
        let n = project.num_activities();
        let unit = 1;
        let slots = upper as usize; // one less would do
        let mut duration: Vec<i32> = project.duration().iter().map(|&d| (d / unit) as i32).collect();
        duration.push(0);
        let mut demand = project.data().demand.clone();
        demand.extend(std::iter::repeat_n(0, project.num_resources()));
        let tasks = Tasks { duration, demand, capacity: project.capacity().to_vec() };
        let mut all: Vec<(usize, usize, i32)> = Vec::new();
        for i in 0..n {
            for &j in project.graph().successors().of(i) {
                all.push((i, j as usize, tasks.duration[i]));
            }
            all.push((i, n, tasks.duration[i]));
        }
        all.extend_from_slice(lags);
        let mut reach = vec![false; n * n];
        for &i in project.graph().topological_order().iter().rev() {
            let i = i as usize;
            for &j in project.graph().successors().of(i) {
                reach[i * n + j as usize] = true;
                for k in 0..n {
                    reach[i * n + k] |= reach[j as usize * n + k];
                }
            }
        }
        let network = Network::new(&tasks, &all, |i, j| i < n && j < n && reach[i * n + j]);
        let mut guide: Vec<i32> = starts.iter().map(|&s| s as i32).collect();
        guide.push(upper as i32);
        let mut prover = Self {
            trail: Trail::new(n + 1, slots as i32),
            timetable: Timetable::new(&tasks, Lanes::new(project), slots + 1),
            clauses: Clauses::new(n + 1),
            activity: Activity::new(n + 1, slots + 1),
            learner: Learner::new(n + 1),
            network,
            tasks,
            head: 0,
            guide,
            unit,
            conflicts: 0,
            work: 0,
            restarts: 0,
            next_reduction: 4000,
            policy: [0; 8],
        };
        for half in 0..2 * (n as u32 + 1) {
            if prover.network.propagate(&prover.tasks, half, &mut prover.trail).is_err() {
                return None;
            }
        }
        if prover.propagate().is_err() {
            return None;
        }
        prover.settle();
        Some(prover)
    }

    fn sink(&self) -> usize {
        self.tasks.len() - 1
    }

    pub fn lower_bound(&self) -> i64 {
        i64::from(self.trail.earliest(self.sink())) * self.unit
    }

    pub fn upper(&self) -> i64 {
        i64::from(self.trail.latest(self.sink())) * self.unit
    }

    fn settle(&mut self) {
        self.trail.commit();
        self.timetable.commit();
        self.head = 0;
    }

    fn propagate(&mut self) -> Result<(), Conflict> {
        loop {
            while self.head < self.trail.len() {
                let entry = self.trail.entry(self.head);
                self.head += 1;
                self.work += 1;
                self.network.propagate(&self.tasks, entry.half, &mut self.trail)?;
                self.clauses.propagate(entry.half, entry.old, entry.bound, &mut self.trail)?;
            }
            self.timetable.take_in(&self.tasks, &self.trail)?;
            self.timetable.propagate(&self.tasks, &mut self.trail)?;
            if self.head == self.trail.len() {
                return Ok(());
            }
        }
    }

    fn return_to(&mut self, level: usize) {
        while let Some(entry) = self.trail.pop_above(level) {
            self.timetable.take_back(&self.tasks, self.trail.len(), &entry);
            self.activity.put_back(entry.literal());
            // every atom between old and bound is open again
            for bound in entry.old + 1..entry.bound {
                self.activity.put_back(Literal { half: entry.half, bound });
            }
        }
        self.head = self.head.min(self.trail.len());
    }

    fn decide(&mut self) -> Option<Literal> {
        while let Some((task, time)) = self.activity.pop() {
            if time > self.trail.earliest(task) && time <= self.trail.latest(task) {
                let up = match self.policy[0] { 0 => self.guide[task] >= time, 1 => false, _ => true };
                let l = Literal::at_least(task, time);
                return Some(if up { l } else { l.negated() });
            }
        }
        let open = (0..self.tasks.len()).filter(|&i| !self.trail.is_fixed(i));
        let task = open.min_by_key(|&i| (self.trail.earliest(i), self.trail.latest(i)))?;
        Some(Literal::at_most(task, self.trail.earliest(task)))
    }

    fn resolve(&mut self, conflict: Conflict) -> bool {
        self.conflicts += 1;
        let Self { tasks, trail, timetable, clauses, learner, activity, .. } = self;
        let now = trail.len() as u32;
        let mut literals = Vec::new();
        let mut explain = |literal: Literal, reason: Reason, position: u32, out: &mut Vec<Literal>| match reason {
            Reason::Decision => unreachable!("decisions are not explained"),
            Reason::Clause(clause) => {
                out.extend(clauses.of(clause).iter().filter(|l| l.half != literal.half).map(|l| l.negated()));
            }
            Reason::Edge { from, lag } => out.push(Literal { half: from, bound: literal.bound - lag }),
            Reason::Pair { other, mark } => Network::explain_pair(tasks, literal, other as usize, mark, out),
            Reason::Timetable { moment } => {
                let task = literal.task();
                out.push(if literal.half % 2 == 0 {
                    Literal::at_least(task, moment - tasks.duration[task] + 1)
                } else {
                    Literal::at_most(task, moment)
                });
                timetable.explain(tasks, trail, moment, Some(task), position, out);
            }
        };
        match conflict {
            Conflict::Clause(clause) => literals.extend(clauses.of(clause).iter().map(|l| l.negated())),
            Conflict::Overload(moment) => timetable.explain(tasks, trail, moment, None, now, &mut literals),
            Conflict::Crossed(literal, reason) => {
                explain(literal, reason, now, &mut literals);
                literals.push(Literal { half: literal.half ^ 1, bound: 1 - literal.bound });
            }
        }
        // A conflict may lie deeper than the present level knows.
        let level = literals.iter().map(|&l| self.trail.level_of(self.trail.position(l))).max().unwrap_or(0);
        if level == 0 {
            return false;
        }
        self.return_to(level);
        let Self { tasks, trail, timetable, clauses, learner, activity, .. } = self;
        let explain = |literal: Literal, position: u32, out: &mut Vec<Literal>| match trail.entry(position as usize).reason {
            Reason::Decision => unreachable!("decisions are not explained"),
            Reason::Clause(clause) => {
                out.extend(clauses.of(clause).iter().filter(|l| l.half != literal.half).map(|l| l.negated()));
            }
            Reason::Edge { from, lag } => out.push(Literal { half: from, bound: literal.bound - lag }),
            Reason::Pair { other, mark } => Network::explain_pair(tasks, literal, other as usize, mark, out),
            Reason::Timetable { moment } => {
                let task = literal.task();
                out.push(if literal.half % 2 == 0 {
                    Literal::at_least(task, moment - tasks.duration[task] + 1)
                } else {
                    Literal::at_most(task, moment)
                });
                timetable.explain(tasks, trail, moment, Some(task), position, out);
            }
        };
        learner.learn(&literals, trail, activity, explain);
        activity.decay(0.95);
        let back_to = self.learner.back_to;
        self.return_to(back_to);
        let reason = if self.learner.clause.len() > 1 {
            Reason::Clause(self.clauses.add(&self.learner.clause, self.learner.levels))
        } else {
            Reason::Decision
        };
        self.trail.push(self.learner.clause[0], reason).is_ok()
    }

    /// A shorter schedule is known elsewhere.
    pub fn bound_above(&mut self, starts: &[i64], makespan: i64) -> bool {
        self.return_to(0);
        for (guide, start) in self.guide.iter_mut().zip(starts) {
            *guide = (start / self.unit) as i32;
        }
        let sink = self.sink();
        self.trail.push(Literal::at_most(sink, (makespan / self.unit) as i32 - 1), Reason::Decision).is_ok()
    }

    /// Searches for `conflicts` conflicts with makespan at most `target`.
    pub fn run(&mut self, target: i32, mut allowance: u64) -> Event {
        self.return_to(0);
        let sink = self.sink();
        loop {
            match self.propagate() {
                Err(conflict) => {
                    if self.trail.level() == 0 || !self.resolve(conflict) {
                        return Event::Proved;
                    }
                    allowance = allowance.saturating_sub(1);
                }
                Ok(()) if self.trail.level() == 0 => {
                    self.settle();
                    if self.conflicts >= self.next_reduction {
                        self.clauses.reduce(&self.trail);
                        self.next_reduction = self.conflicts + 2000 + self.clauses.len() as u64;
                    }
                    if allowance == 0 || target < self.trail.earliest(sink) {
                        return Event::Paused;
                    }
                    self.trail.new_level();
                    self.trail.push(Literal::at_most(sink, target), Reason::Decision).expect("checked");
                }
                Ok(()) => {
                    if allowance == 0 {
                        self.return_to(0);
                        continue;
                    }
                    let Some(literal) = self.decide() else {
                        let starts: Vec<i64> = (0..sink).map(|i| i64::from(self.trail.earliest(i)) * self.unit).collect();
                        return Event::Shorter(starts);
                    };
                    self.trail.new_level();
                    self.trail.push(literal, Reason::Decision).expect("undecided");
                }
            }
        }
    }
}
