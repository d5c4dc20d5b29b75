//! A time by which some schedule is done, if there is any.

use crate::error::TIME_LIMIT;
use crate::rcpsp::NO_DEADLINE;
use crate::rcpsp::constrained::{Link, Situation};
use crate::rcpsp::constraints::gcd;

use super::clock::open;

/// A time by which everything is done in some schedule, if there is any schedule; `None` if no such time is known.
///
/// From a moment on nothing happens once: all windows and fixed activities have ended, all calendars repeat themselves. What starts
/// later in some schedule can run then, one activity after the other, each within one round of its calendars and its own run. This
/// needs that no activity that starts before is bound by one that starts later. By their links, activities start only so many ticks
/// before their predecessors; of one more such stretch than there are activities, one sees no start, and what starts behind it can wait.
pub(in crate::rcpsp) fn sufficient(situation: &Situation, most_steps: usize) -> Option<i64> {
    let free: Vec<usize> = (0..situation.num_activities()).filter(|&i| situation.fixed[i].is_none()).collect();
    let deadlines = || free.iter().map(|&i| situation.deadline[i]);
    if deadlines().all(|deadline| deadline < NO_DEADLINE) {
        return Some(deadlines().max().unwrap_or(situation.now).max(situation.now));
    }
    let quiet = quiet(situation, &free);
    let spans = Spans::new(situation, &free, quiet, most_steps)?;
    let mut horizon = quiet;
    for &stretch in &spans.stretch {
        horizon = horizon.checked_add(stretch)?;
    }
    let ahead = spans.ahead(situation, &free)?;
    horizon = horizon.checked_add(ahead.checked_mul(situation.num_activities() as i64 + 1)?)?;
    horizon.checked_add(spans.longest()).filter(|&horizon| horizon <= TIME_LIMIT)
}

/// A time by which everything is done in some schedule that is best by a regular objective, if there is any schedule; `None` if no such
/// time is known.
///
/// Of such schedules take one with the least sum of starts, and look at its starts from the moment on at which nothing happens once. An
/// activity that starts only after its predecessors have completed cannot start much later than all that started before it is done: it
/// would fit in between. If it may overlap with its predecessors, those of them that start later would have to come along: all of them
/// would fit in between, one after the other, in the order of precedence. So no such stretch is longer than they need.
pub(super) fn regular(situation: &Situation, most_steps: usize) -> Option<i64> {
    let free: Vec<usize> = (0..situation.num_activities()).filter(|&i| situation.fixed[i].is_none()).collect();
    let simple = sufficient(situation, most_steps)?;
    if !situation.is_overlapping || free.iter().all(|&i| situation.deadline[i] < NO_DEADLINE) {
        return Some(simple);
    }
    let quiet = quiet(situation, &free);
    let spans = Spans::new(situation, &free, quiet, most_steps)?;
    let mut horizon = quiet;
    for (k, &i) in free.iter().enumerate() {
        let mut gap = spans.stretch[k];
        if !situation.before(i).all(Link::is_sequential) {
            let ancestors = ancestors(situation, i);
            for (l, _) in free.iter().enumerate().filter(|&(l, &j)| l != k && ancestors[j]) {
                gap = gap.checked_add(spans.stretch[l])?;
            }
        }
        horizon = horizon.checked_add(gap)?;
    }
    horizon.checked_add(spans.longest()).filter(|&horizon| horizon <= TIME_LIMIT)
}

/// All activities that lead to one by links, and itself.
fn ancestors(situation: &Situation, activity: usize) -> Vec<bool> {
    let mut found = vec![false; situation.num_activities()];
    let mut open = vec![activity];
    while let Some(i) = open.pop() {
        if !std::mem::replace(&mut found[i], true) {
            open.extend(situation.before(i).map(|link| link.other));
        }
    }
    found
}

/// From this moment on nothing happens once: all windows and fixed activities have ended, all calendars repeat themselves.
fn quiet(situation: &Situation, free: &[usize]) -> i64 {
    let once = situation.project.data().calendars.iter().filter(|(_, calendar)| calendar.period().is_none());
    let deadlines = free.iter().map(|&i| situation.deadline[i]);
    situation
        .fixed
        .iter()
        .flatten()
        .map(|&(_, end)| end)
        .chain(free.iter().map(|&i| situation.release[i]))
        .chain(deadlines.filter(|&deadline| deadline < NO_DEADLINE))
        .chain(once.filter_map(|(_, calendar)| calendar.time().last().copied()))
        .fold(situation.now, i64::max)
        + 1
}

/// What free activities take at most once nothing happens once any more.
struct Spans {
    /// From the end of everything before to their own end: lag, a round of their calendars, and their run.
    stretch: Vec<i64>,
    /// From start to end.
    run: Vec<i64>,
}

impl Spans {
    /// Those of `free` activities from `quiet` on; `None` if numbers become too large.
    fn new(situation: &Situation, free: &[usize], quiet: i64, most_steps: usize) -> Option<Self> {
        let project = situation.project;
        let data = project.data();
        let (mut stretches, mut runs) = (Vec::new(), Vec::new());
        for &i in free {
            let repeated: Vec<_> = data
                .calendars
                .iter()
                .filter(|(r, calendar)| calendar.period().is_some() && project.demand_of(i)[*r as usize] > 0)
                .map(|(r, calendar)| (calendar, project.demand_of(i)[*r as usize]))
                .collect();
            let mut round = 1_i64;
            for period in repeated.iter().filter_map(|(calendar, _)| calendar.period()) {
                round = (round / gcd(round, period)).checked_mul(period).filter(|&round| round <= TIME_LIMIT)?;
            }
            let mut run = data.duration[i];
            if data.pausable[i] && run > 0 && !data.calendars.is_empty() {
                let all: Vec<_> = data
                    .calendars
                    .iter()
                    .filter(|(r, _)| project.demand_of(i)[*r as usize] > 0)
                    .map(|(r, calendar)| (calendar, project.demand_of(i)[*r as usize]))
                    .collect();
                // In a round of too many steps it is believed to work for one tick.
                let opens = open(&all, quiet, quiet.checked_add(round)?, most_steps);
                let works: i64 = opens.map_or(1, |opens| opens.iter().map(|(begin, end)| end - begin).sum());
                // If it never works any more, it is done before.
                run = if works == 0 { 0 } else { (run + works - 1) / works }.checked_mul(round)?;
            }
            let lag = situation.before(i).map(|link| link.lag).max().unwrap_or(0).max(0);
            stretches.push(lag.checked_add(round)?.checked_add(run)?);
            runs.push(run);
        }
        Some(Self { stretch: stretches, run: runs })
    }

    fn longest(&self) -> i64 {
        self.run.iter().copied().max().unwrap_or(0)
    }

    /// By how much activities start before their predecessors at most.
    fn ahead(&self, situation: &Situation, free: &[usize]) -> Option<i64> {
        let mut ahead = 0_i64;
        for (&i, &run) in free.iter().zip(&self.run) {
            for link in situation.before(i) {
                let event = if link.relation.to_finish() { run } else { 0 };
                let before = if link.relation.from_finish() { situation.project.duration()[link.other] } else { 0 };
                ahead = ahead.max(event.checked_sub(before)?.checked_sub(link.lag)?);
            }
        }
        let fixed = (0..situation.num_activities()).filter(|&j| situation.fixed[j].is_some());
        Some(fixed.flat_map(|j| situation.before(j)).map(|link| link.lag.saturating_neg()).fold(ahead, i64::max))
    }
}
