//! The capacity of each resource over time that calendars and the fixed past leave.

use super::Situation;
use super::diagnose::Stopped;
use crate::rcpsp::constraints::Walk;

/// Calendar steps that are looked at; later on every resource counts as free.
const MOST_STEPS: usize = 1 << 20;

/// The moments at which something changes between two times, and what each resource has from then on.
pub struct Steps<'p> {
    capacity: &'p [i64],
    time: Vec<i64>,
    /// `units[k * capacity.len() + r]` from `time[k]` on.
    units: Vec<i64>,
    /// `calendar[k * capacity.len() + r]`: the same without the fixed past.
    calendar: Vec<i64>,
    /// Where it ends.
    end: i64,
}

impl<'p> Steps<'p> {
    /// Walks from `from` to `to`.
    ///
    /// # Errors
    /// `stop` wants it.
    pub fn new(situation: &Situation<'p>, from: i64, to: i64, stop: &mut dyn FnMut(u64) -> bool) -> Result<Self, Stopped> {
        let project = situation.project;
        let (capacity, calendars) = (project.capacity(), &project.data().calendars);
        let width = capacity.len();
        let mut walks: Vec<(usize, Walk)> = calendars.iter().map(|(r, c)| (*r as usize, c.walk_forward(from))).collect();
        // Those that work without a pause from start to end: what pauses may hold less.
        let holds = |i: usize| project.duration()[i] > 0 && !project.data().pausable[i];
        let mut changes: Vec<(i64, usize, bool)> = Vec::new();
        for (i, span) in situation.fixed.iter().enumerate() {
            if let Some((start, end)) = span.filter(|&(start, end)| holds(i) && start < end && end > from && start < to) {
                changes.extend([(start, i, true), (end, i, false)]);
            }
        }
        changes.sort_unstable();
        let mut changes = changes.into_iter().peekable();
        let mut used = vec![0_i64; width];
        let (mut time, mut units, mut calendar) = (Vec::new(), Vec::new(), Vec::new());
        let mut now = from;
        loop {
            Stopped::unless(stop, 4 + walks.len() as u64)?;
            while let Some((_, i, starts)) = changes.next_if(|&(at, ..)| at <= now) {
                for (used, &demand) in used.iter_mut().zip(project.demand_of(i)) {
                    *used = if starts { used.saturating_add(demand) } else { *used - demand };
                }
            }
            time.push(now);
            let base = calendar.len();
            calendar.extend_from_slice(capacity);
            for (r, walk) in &walks {
                let level: &mut i64 = &mut calendar[base + r];
                *level = (*level).min(walk.capacity().unwrap_or(*level));
            }
            units.extend(calendar[base..].iter().zip(&used).map(|(level, used)| (level - used).max(0)));
            let next = walks.iter().filter_map(|(_, walk)| walk.next()).chain(changes.peek().map(|&(at, ..)| at)).min();
            let Some(next) = next.filter(|&next| next < to && time.len() < MOST_STEPS) else {
                let end = next.map_or(to, |next| next.min(to));
                return Ok(Self { capacity, time, units, calendar, end });
            };
            walks.iter_mut().filter(|(_, walk)| walk.next() == Some(next)).for_each(|(_, walk)| walk.advance());
            now = next;
        }
    }

    /// Number of steps.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// What is free of a resource, or of a group that is free whenever no other member is under way, while the calendar of every
    /// resource has at least `up`.
    pub fn supply(&self, up: &[i64], resource: Option<usize>) -> Supply<'_> {
        let width = self.capacity.len();
        let row = |k: usize| &self.calendar[k * width..(k + 1) * width];
        let is_up = |k: usize| row(k).iter().zip(up).all(|(level, up)| level >= up);
        let units = |k: usize| resource.map_or(1, |r| self.units[k * width + r]);
        Supply {
            time: &self.time,
            rate: (0..self.time.len()).map(|k| if is_up(k) { units(k) } else { 0 }).collect(),
            end: self.end,
            beyond: resource.map_or(1, |r| self.capacity[r]),
        }
    }
}

/// Free units of one resource over time.
pub struct Supply<'s> {
    time: &'s [i64],
    /// From each time on.
    rate: Vec<i64>,
    end: i64,
    /// What counts as free after the end.
    beyond: i64,
}

impl Supply<'_> {
    /// The stretches `(begin, end, rate)` in order, the last one without end.
    fn stretches(&self) -> impl Iterator<Item = (i64, i64, i64)> + '_ {
        let ends = self.time[1..].iter().copied().chain([self.end]);
        let known = self.time.iter().zip(ends).zip(&self.rate).map(|((&begin, end), &rate)| (begin, end, rate));
        known.chain([(self.end, i64::MAX, self.beyond)])
    }

    /// Units times ticks from the beginning to each of these moments, which rise and do not lie before it.
    pub fn until(&self, moments: &[i64]) -> Vec<i128> {
        let mut sums = Vec::with_capacity(moments.len());
        let mut stretches = self.stretches();
        let (mut sum, mut current) = (0_i128, stretches.next());
        for &moment in moments {
            while let Some((begin, end, rate)) = current.filter(|&(_, end, _)| end < moment) {
                sum += i128::from(rate) * i128::from(end - begin);
                current = stretches.next();
            }
            let part = current.map_or(0, |(begin, _, rate)| i128::from(rate) * i128::from((moment - begin).max(0)));
            sums.push(sum + part);
        }
        sums
    }

    /// The same from `from` on for work that takes multiples of `unit` without a break: of every open stretch only whole units count.
    pub fn in_multiples(&self, unit: i64, from: i64, moments: &[i64]) -> Vec<i128> {
        let mut sums = Vec::with_capacity(moments.len());
        let mut stretches = self.stretches();
        let mut current = stretches.next();
        // What closed stretches give; of the open one its begin, what it has given, and its highest rate.
        let (mut sum, mut open) = (0_i128, None::<(i64, i128, i64)>);
        let whole = |begin: i64, end: i64| i128::from((end - begin) / unit * unit);
        for &moment in moments {
            while let Some((begin, end, rate)) = current.filter(|&(_, end, _)| end < moment) {
                let begin = begin.max(from);
                if rate == 0 && end > begin {
                    sum += open.take().map_or(0, |(since, work, most)| work.min(whole(since, begin) * i128::from(most)));
                } else if end > begin {
                    let (since, work, most) = open.unwrap_or((begin, 0, 0));
                    open = Some((since, work + i128::from(rate) * i128::from(end - begin), most.max(rate)));
                }
                current = stretches.next();
            }
            let (begin, rate) = current.map_or((moment, 0), |(begin, _, rate)| (begin.max(from), rate));
            let length = (moment - begin).max(0);
            let part = match open {
                _ if rate == 0 => open.map_or(0, |(since, work, most)| work.min(whole(since, begin) * i128::from(most))),
                None => whole(begin, begin + length) * i128::from(rate),
                Some((since, work, most)) => {
                    let work = work + i128::from(rate) * i128::from(length);
                    work.min(whole(since, begin + length) * i128::from(most.max(rate)))
                }
            };
            sums.push(sum + part);
        }
        sums
    }
}
