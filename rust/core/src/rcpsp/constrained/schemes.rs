//! Schedule generation under constraints, serial and parallel, from an order of the activities.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::timetable::Timetable;
use super::windows::UNBOUNDED;
use super::{Situation, Windows};
use crate::control::Pulse;
use crate::error::{Infeasible, Reason, TIME_LIMIT};
use crate::rcpsp::{Direction, Lister, Schedule};
use crate::timeline::segments::Slot;
use crate::timeline::{NoSlot, Timeline};

/// Why a pass ends before its schedule is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// This activity completes too late, or finds no place.
    Late { activity: usize, end: Option<i64> },
    /// The computation was stopped.
    Stopped,
}

impl Lost {
    /// In words.
    pub fn explain(self, situation: &Situation, windows: &Windows) -> Infeasible {
        let Self::Late { activity, end } = self else { return Infeasible { reasons: Vec::new() } };
        let latest = windows.latest_finish[activity];
        let bound = if latest < TIME_LIMIT && latest != UNBOUNDED { latest } else { TIME_LIMIT };
        let name = situation.activity(activity);
        let detail = match end {
            Some(end) => format!("this pass completes {name} at {end}, {} after its latest finish {bound}", end - bound),
            None => format!("this pass finds no place for {name} within 2**53 ticks and 2**20 calendar steps"),
        };
        let amount = end.map(|end| end - bound);
        Infeasible {
            reasons: vec![Reason { code: "pass_failed", activities: vec![activity], resources: vec![], amount, detail }],
        }
    }
}

/// The slot if it ends in time.
fn in_time(windows: &Windows, activity: usize, slot: Result<Slot, NoSlot>) -> Result<Slot, Lost> {
    match slot {
        Ok(slot) if slot.end <= windows.latest_finish[activity] => Ok(slot),
        Ok(slot) => Err(Lost::Late { activity, end: Some(slot.end) }),
        Err(_) => Err(Lost::Late { activity, end: None }),
    }
}

/// Counts what a placement has cost.
fn paid(pulse: &mut Pulse, table: &Timetable, seen: &mut u64) -> Result<(), Lost> {
    let looked = table.seen() - *seen;
    *seen = table.seen();
    if pulse.worked(10 + looked / 4) { Err(Lost::Stopped) } else { Ok(()) }
}

/// Places the activities of a precedence-feasible list one after the other, each as early as everything allows.
///
/// # Errors
/// An activity that completes after its latest finish, or finds no place.
pub fn serial(
    situation: &Situation,
    windows: &Windows,
    table: &mut Timetable,
    list: &[u32],
    pulse: &mut Pulse,
) -> Result<Schedule, Lost> {
    table.clear();
    let mut seen = table.seen();
    let mut schedule = fixed_part(situation);
    for i in list.iter().map(|&i| i as usize).filter(|&i| situation.fixed[i].is_none()) {
        let ready = ready(situation, &schedule.completion_time, i);
        let slot = in_time(windows, i, table.find(i, ready))?;
        table.take(i, slot);
        paid(pulse, table, &mut seen)?;
        (schedule.start_time[i], schedule.completion_time[i]) = (slot.start, slot.end);
    }
    Ok(finished(schedule))
}

/// Walks through time: at each moment starts the best (lowest rank) activity that can start, until none can, then goes to the next
/// moment at which one can.
///
/// # Errors
/// As for [`serial`].
pub fn parallel(situation: &Situation, windows: &Windows, rank: &[u32], pulse: &mut Pulse) -> Result<Schedule, Lost> {
    let n = situation.num_activities();
    let graph = situation.project.graph();
    let mut table = Timetable::new(situation, Direction::Forward, origin(situation));
    let mut schedule = fixed_part(situation);
    let mut waiting: Vec<usize> = (0..n).map(|i| graph.predecessors().degree(i)).collect();
    let mut seen = table.seen();
    // (earliest start as known, rank, activity): what is placed meanwhile only makes starts later.
    let mut eligible = BinaryHeap::new();
    let mut open: Vec<usize> = (0..n).filter(|&i| waiting[i] == 0).collect();
    loop {
        while let Some(i) = open.pop() {
            if situation.fixed[i].is_none() {
                eligible.push(Reverse((ready(situation, &schedule.completion_time, i), rank[i], i)));
            } else {
                open.extend(released(graph, &mut waiting, i));
            }
        }
        let Some(Reverse((known, _, i))) = eligible.pop() else { break };
        let slot = in_time(windows, i, table.find(i, known))?;
        paid(pulse, &table, &mut seen)?;
        if slot.start > known {
            eligible.push(Reverse((slot.start, rank[i], i)));
            continue;
        }
        table.take(i, slot);
        (schedule.start_time[i], schedule.completion_time[i]) = (slot.start, slot.end);
        open.extend(released(graph, &mut waiting, i));
    }
    Ok(finished(schedule))
}

/// Forward-backward improvement: everything as late as deadlines and the makespan allow, then as early as possible. The right pass
/// takes the largest completion first, the left pass the smallest start; a feasible schedule never gets longer.
///
/// # Errors
/// A schedule so far from feasible that its order leads to none.
pub fn justify(situation: &Situation, windows: &Windows, completion_time: &[i64], pulse: &mut Pulse) -> Result<Schedule, Lost> {
    let project = situation.project;
    let end = completion_time.iter().copied().max().unwrap_or(0);
    let mut lister = Lister::new(project);
    let mut table = Timetable::new(situation, Direction::Backward, -end);
    let mut right = fixed_part(situation);
    let mut seen = table.seen();
    for i in lister.list_backward(completion_time).iter().map(|&i| i as usize).filter(|&i| situation.fixed[i].is_none()) {
        let by = due(situation, windows, &right.start_time, i, end);
        let Ok(slot) = table.find(i, -by) else { return Err(Lost::Late { activity: i, end: None }) };
        table.take(i, slot);
        paid(pulse, &table, &mut seen)?;
        (right.start_time[i], right.completion_time[i]) = (-slot.end, -slot.start);
    }
    let mut table = Timetable::new(situation, Direction::Forward, origin(situation));
    serial(situation, windows, &mut table, lister.list(&right.start_time), pulse)
}

/// When the successors, the window and `end` make an activity complete at the latest.
pub fn due(situation: &Situation, windows: &Windows, start_time: &[i64], activity: usize, end: i64) -> i64 {
    let latest = windows.latest_finish[activity].min(end);
    situation.after(activity).map(|(j, lag)| start_time[j] - lag).fold(latest, i64::min)
}

/// Successors whose last predecessor this was.
fn released(graph: &crate::graph::Dag, waiting: &mut [usize], i: usize) -> Vec<usize> {
    let mut free = Vec::new();
    for &j in graph.successors().of(i) {
        waiting[j as usize] -= 1;
        if waiting[j as usize] == 0 {
            free.push(j as usize);
        }
    }
    free
}

/// No activity that is not fixed starts before.
pub fn origin(situation: &Situation) -> i64 {
    situation.release.iter().copied().min().unwrap_or(situation.now)
}

/// When the predecessors and the release time let an activity start.
pub fn ready(situation: &Situation, completion_time: &[i64], activity: usize) -> i64 {
    situation.before(activity).map(|(p, lag)| completion_time[p] + lag).fold(situation.release[activity], i64::max)
}

/// A schedule in which only the fixed activities have their times.
pub fn fixed_part(situation: &Situation) -> Schedule {
    let (start_time, completion_time) = situation.fixed.iter().map(|span| span.unwrap_or((0, 0))).unzip();
    Schedule { start_time, completion_time, makespan: 0 }
}

/// The makespan added.
pub fn finished(mut schedule: Schedule) -> Schedule {
    schedule.makespan = schedule.completion_time.iter().copied().max().unwrap_or(0);
    schedule
}
