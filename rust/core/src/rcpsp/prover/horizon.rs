//! A time by which some schedule is done, if there is any.

use crate::error::TIME_LIMIT;
use crate::rcpsp::NO_DEADLINE;
use crate::rcpsp::constrained::Situation;
use crate::rcpsp::constraints::gcd;

use super::clock::open;

/// A time by which everything is done in some schedule, if there is any schedule; `None` if no such time is known.
///
/// From a moment on nothing happens once: all windows and fixed activities have ended, all calendars repeat themselves. What starts
/// later in some schedule can run then, one activity after the other, each within one round of its calendars and its own run. This
/// needs that no activity that starts before is bound by one that starts later. By their links, activities start only so many ticks
/// before their predecessors; of one more such stretch than there are activities, one sees no start, and what starts behind it can wait.
pub(super) fn sufficient(situation: &Situation, most_steps: usize) -> Option<i64> {
    let project = situation.project;
    let data = project.data();
    let free: Vec<usize> = (0..situation.num_activities()).filter(|&i| situation.fixed[i].is_none()).collect();
    let deadlines = || free.iter().map(|&i| situation.deadline[i]);
    if deadlines().all(|deadline| deadline < NO_DEADLINE) {
        return Some(deadlines().max().unwrap_or(situation.now).max(situation.now));
    }
    let once = data.calendars.iter().filter(|(_, calendar)| calendar.period().is_none());
    let quiet = situation
        .fixed
        .iter()
        .flatten()
        .map(|&(_, end)| end)
        .chain(free.iter().map(|&i| situation.release[i]))
        .chain(deadlines().filter(|&deadline| deadline < NO_DEADLINE))
        .chain(once.filter_map(|(_, calendar)| calendar.time().last().copied()))
        .fold(situation.now, i64::max)
        + 1;
    let (mut horizon, mut longest, mut ahead) = (quiet, 0_i64, 0_i64);
    for &i in &free {
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
        horizon = horizon.checked_add(lag)?.checked_add(round)?.checked_add(run)?;
        longest = longest.max(run);
        for link in situation.before(i) {
            let event = if link.relation.to_finish() { run } else { 0 };
            let before = if link.relation.from_finish() { data.duration[link.other] } else { 0 };
            ahead = ahead.max(event.checked_sub(before)?.checked_sub(link.lag)?);
        }
    }
    for j in (0..situation.num_activities()).filter(|&j| situation.fixed[j].is_some()) {
        ahead = situation.before(j).map(|link| link.lag.saturating_neg()).fold(ahead, i64::max);
    }
    horizon = horizon.checked_add(ahead.checked_mul(situation.num_activities() as i64 + 1)?)?;
    horizon.checked_add(longest).filter(|&horizon| horizon <= TIME_LIMIT)
}
