//! Maximal lateness as a makespan with tails: behind each activity with a due date follows one that needs no resource and lasts until a
//! moment that all due dates share, so that a schedule of the whole ends that much after its largest lateness.

use crate::rcpsp::constrained::Situation;
use crate::rcpsp::constraints::gcd;
use crate::rcpsp::objective::DueDates;
use crate::rcpsp::{NO_DEADLINE, Past, Project, ProjectData, Relation, Schedule, Weights, sufficient_horizon};

/// A project with tails.
#[derive(Debug)]
pub struct Tails {
    pub project: Project,
    pub past: Past,
    /// What its makespans exceed the largest lateness by.
    pub shift: i64,
    /// The activities that have tails, in the order of these.
    tailed: Vec<usize>,
    num_activities: usize,
}

impl Tails {
    /// For schedules whose largest lateness is at least `least`. `None` if numbers become too large, or if the end of an activity
    /// that is behind all due dates could hide the largest lateness.
    pub fn new(project: &Project, past: &Past, due: &DueDates, least: i64) -> Option<Self> {
        let data = project.data();
        let n = project.num_activities();
        if Situation::needed(project, past).is_some_and(|situation| situation.is_overlapping) {
            return None; // such a project need not have one of its best schedules within the horizon
        }
        // Within the horizon, what is due later is never the latest, and a due date of the horizon says as much.
        let horizon = sufficient_horizon(project, past);
        let most = horizon.map_or(i64::MAX, |horizon| horizon.saturating_sub(least));
        let dates: Vec<(usize, i64)> = due.dated().map(|(i, due)| (i, due.min(most))).collect();
        let mut shift = dates.iter().map(|&(_, due)| due).max()?;
        let mut is_covered = vec![false; n];
        for &(i, _) in &dates {
            is_covered[i] = true;
        }
        for &i in project.graph().topological_order().iter().rev() {
            let behind = project.graph().successors();
            is_covered[i as usize] |= behind.of(i as usize).iter().any(|&j| is_covered[j as usize]);
        }
        if is_covered.contains(&false) {
            shift = shift.max(most);
            horizon?;
        }
        // A common tick of durations and due dates stays one.
        let tick = data.duration.iter().fold(0, |tick, &duration| gcd(tick, duration));
        let tick = dates.iter().fold(tick, |tick, &(_, due)| gcd(tick, (due - dates[0].1).abs())).max(1);
        shift = shift.checked_add((dates[0].1 - shift).rem_euclid(tick))?;
        let width = project.num_resources();
        let mut long = ProjectData { due_date: Vec::new(), weight: Weights::default(), names: None, ..data.clone() };
        for (k, &(i, due)) in dates.iter().enumerate() {
            long.duration.push(shift.checked_sub(due)?);
            long.demand.extend(std::iter::repeat_n(0, width));
            long.precedence.push((i as u32, (n + k) as u32));
            long.relation.push(Relation::FinishStart);
            long.lag.push(0);
            long.release_time.push(0);
            long.deadline.push(NO_DEADLINE);
            long.pausable.push(false);
        }
        let long = Project::new(long).ok()?;
        let mut fixed: Vec<(i64, i64, Option<i64>)> =
            past.fixed().iter().map(|f| (f.activity as i64, f.start, Some(f.end))).collect();
        for (k, &(i, due)) in dates.iter().enumerate() {
            if let Some(f) = past.fixed().iter().find(|f| f.activity == i) {
                fixed.push(((n + k) as i64, f.end, Some(f.end.checked_add(shift - due)?)));
            }
        }
        let past = Past::new(&long, &fixed, past.now()).ok()?;
        Some(Self { project: long, past, shift, tailed: dates.iter().map(|&(i, _)| i).collect(), num_activities: n })
    }

    /// The start times with tails, from a schedule without.
    pub fn lengthen(&self, schedule: &Schedule) -> Vec<i64> {
        let tails = self.tailed.iter().map(|&i| schedule.completion_time[i]);
        schedule.start_time.iter().copied().chain(tails).collect()
    }

    /// The start times without tails.
    pub fn shorten(&self, mut start_time: Vec<i64>) -> Vec<i64> {
        start_time.truncate(self.num_activities);
        start_time
    }
}
