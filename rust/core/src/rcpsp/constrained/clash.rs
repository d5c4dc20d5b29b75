//! Fixed activities that contradict each other.

use super::Situation;
use crate::error::Reason;
use crate::rcpsp::constraints::gcd;
use crate::rcpsp::{CONSTRAINTS, Calendar, ProjectData};

/// Calendar steps looked at for each resource; a certificate that takes more is not found.
const MOST_STEPS: u32 = 1 << 20;

/// What fixed activities do against a constraint, and every overload of constant capacity. O(k log k (R + groups) + m).
pub fn clashes(situation: &Situation) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for constraint in &CONSTRAINTS {
        (constraint.clashes)(situation, &mut reasons);
    }
    reasons.extend((0..situation.project.num_resources()).filter_map(|r| overload(situation, r)));
    reasons
}

/// The first moment at which fixed activities use more of a resource than the project has, whatever its calendar says. Pauses only
/// lower the use, so a pausable activity counts where it works.
fn overload(situation: &Situation, resource: usize) -> Option<Reason> {
    let capacity = i128::from(situation.project.capacity()[resource]);
    let demand = |i: usize| situation.project.demand_of(i)[resource];
    let takes = |i: usize| demand(i) > 0 && situation.project.duration()[i] > 0;
    let holders = || situation.fixed.iter().enumerate().filter_map(|(i, span)| Some((i, (*span)?)));
    let mut starts: Vec<(i64, i64, usize)> =
        holders().filter(|&(i, (start, end))| takes(i) && start < end).map(|(i, (start, end))| (start, end, i)).collect();
    starts.sort_unstable();
    let mut upcoming = starts.into_iter().peekable();
    let mut running: Vec<(i64, usize)> = Vec::new();
    let mut looked = 0_u32;
    let mut next_event = upcoming.peek().map(|&(start, ..)| start);
    while let Some(event) = next_event {
        running.retain(|&(end, _)| end > event);
        while let Some((_, end, i)) = upcoming.next_if(|&(start, ..)| start == event) {
            running.push((end, i));
        }
        // The same activities are under way until one of them ends or another one starts.
        let starts_next = upcoming.peek().map(|&(start, ..)| start);
        next_event = running.iter().map(|&(end, _)| end).chain(starts_next).min();
        let most: i128 = running.iter().map(|&(_, j)| i128::from(demand(j))).sum();
        if most <= capacity {
            continue;
        }
        // Pauses may make room: look at the moments until then at which the use can rise.
        let mut moment = event;
        let pausing = running.iter().map(|&(_, j)| j).filter(|&j| situation.project.data().pausable[j]);
        let mut rounds = Rounds::new(situation.project.data(), pausing, event);
        while next_event.is_some_and(|until| moment < until) && looked <= MOST_STEPS {
            let working: Vec<usize> = running.iter().map(|&(_, j)| j).filter(|&j| situation.works(j, moment)).collect();
            let used: i128 = working.iter().map(|&j| i128::from(demand(j))).sum();
            if used > capacity {
                let list = situation.listed(&working, ", ");
                let name = situation.resource(resource);
                let detail =
                    format!("fixed activities {list} use {used} units of {name} at {moment}, its capacity is {capacity}");
                let excess = i64::try_from(used - capacity).unwrap_or(i64::MAX);
                return Some(fixed_clash(working, vec![resource], excess, detail));
            }
            moment = rounds.next(moment);
            looked += 1;
        }
    }
    None
}

/// The steps of the calendars that activities meet. Rounds of the periodic ones that nothing else interrupts are alike, so only the
/// first is walked through.
struct Rounds<'p> {
    once: Vec<&'p Calendar>,
    repeated: Vec<&'p Calendar>,
    /// Least common multiple of the periods.
    cycle: i64,
    /// Where the round ends that began at the last step that does not repeat.
    end: i64,
}

impl<'p> Rounds<'p> {
    fn new(project: &'p ProjectData, activities: impl Iterator<Item = usize>, from: i64) -> Self {
        let width = project.capacity.len();
        let mut met = vec![false; width];
        for i in activities {
            met.iter_mut().zip(&project.demand[i * width..]).for_each(|(met, &units)| *met |= units > 0);
        }
        let calendars = project.calendars.iter().filter(|(r, _)| met[*r as usize]).map(|(_, calendar)| calendar);
        let (repeated, once): (Vec<_>, Vec<_>) = calendars.partition(|calendar| calendar.period().is_some());
        let lcm = |a: i64, b: i64| (a / gcd(a, b)).saturating_mul(b);
        let cycle = repeated.iter().filter_map(|calendar| calendar.period()).fold(1, lcm);
        Self { once, repeated, cycle, end: from.saturating_add(cycle) }
    }

    /// The next moment at which the activities may do something that they have not done yet.
    fn next(&mut self, moment: i64) -> i64 {
        let next = |calendars: &[&Calendar]| calendars.iter().filter_map(|calendar| calendar.next_step(moment)).min();
        let once = next(&self.once).unwrap_or(i64::MAX);
        let repeated = next(&self.repeated).filter(|&step| step < self.end && step < once);
        if repeated.is_none() {
            self.end = once.saturating_add(self.cycle);
        }
        repeated.unwrap_or(once)
    }
}

/// The certificate that fixed activities contradict each other by some amount.
pub fn fixed_clash(activities: Vec<usize>, resources: Vec<usize>, amount: i64, detail: String) -> Reason {
    Reason { code: "fixed_clash", activities, resources, amount: Some(amount), detail }
}
