//! When a resource can have done so much work: time in which none of its users may work does not count.

use super::Situation;
use crate::rcpsp::constraints::Walk;
use crate::rcpsp::{Calendar, Project};

/// Calendar steps that are looked at; later on the resource counts as open.
const MOST_STEPS: usize = 1 << 14;
/// Different sets of calendars that users are told apart by; with more of them the hours of the resource alone count.
const MOST_KINDS: usize = 16;

/// The work that users of a resource can do over time.
#[derive(Debug)]
pub struct WorkTime {
    /// When it begins.
    from: i64,
    /// `(begin, work done before, units from then on)` in order; the last stretch does not end.
    stretches: Vec<(i64, i128, i64)>,
}

/// The calendars that an activity looks at, each with its demand.
type Needs<'p> = Vec<(&'p Calendar, i64)>;

impl WorkTime {
    /// From `from` on, for activities that all use a resource, at least until all their work is done. O(n + steps * calendars).
    pub fn new(
        project: &Project,
        situation: Option<&Situation>,
        resource: usize,
        users: impl Iterator<Item = usize>,
        from: i64,
    ) -> Self {
        // Whoever uses a resource demands at most its capacity, so there is some.
        let capacity = project.capacity()[resource].max(1);
        let mut all = Self { from, stretches: vec![(from, 0, capacity)] };
        let Some(situation) = situation.filter(|_| !project.data().calendars.is_empty()) else { return all };
        let own = || project.data().calendars.iter().filter(|(r, _)| *r as usize == resource).map(|(_, calendar)| calendar);
        let (mut kinds, mut work, mut least): (Vec<Needs>, i128, i64) = (Vec::new(), 0, capacity);
        for i in users {
            let demand = project.demand_of(i)[resource];
            work += i128::from(project.duration()[i]) * i128::from(demand);
            least = least.min(demand);
            if kinds.len() <= MOST_KINDS {
                let needs = situation.needs(i);
                if !kinds.contains(&needs) {
                    kinds.push(needs);
                }
            }
        }
        if kinds.len() > MOST_KINDS {
            kinds = vec![own().map(|calendar| (calendar, least)).collect()];
        }
        let kinds: Vec<Vec<(Walk, i64)>> =
            kinds.into_iter().map(|needs| needs.into_iter().map(|(c, units)| (c.walk_forward(from), units)).collect()).collect();
        all.walk(kinds, own().map(|calendar| calendar.walk_forward(from)).collect(), capacity, work);
        all
    }

    /// Follows the calendars of each kind of users and those of the resource until `work` is done.
    fn walk<'c>(&mut self, mut kinds: Vec<Vec<(Walk<'c>, i64)>>, mut own: Vec<Walk<'c>>, capacity: i64, work: i128) {
        self.stretches.clear();
        let (mut now, mut done) = (self.from, 0_i128);
        for step in 0.. {
            let is_up = |(walk, units): &(Walk, i64)| walk.capacity().is_none_or(|level| level >= *units);
            let is_open = kinds.iter().any(|needs| needs.iter().all(is_up));
            let level = own.iter().filter_map(Walk::capacity).fold(capacity, i64::min);
            let rate = if step == MOST_STEPS {
                capacity
            } else if is_open {
                level
            } else {
                0
            };
            self.stretches.push((now, done, rate));
            let each = || kinds.iter().flatten().map(|(walk, _)| walk).chain(&own);
            let Some(next) = each().filter_map(Walk::next).min().filter(|_| step < MOST_STEPS) else { return };
            done += i128::from(rate) * i128::from(next - now);
            if done >= work {
                return;
            }
            let each = kinds.iter_mut().flatten().map(|(walk, _)| walk).chain(&mut own);
            each.filter(|walk| walk.next() == Some(next)).for_each(Walk::advance);
            now = next;
        }
    }

    /// The earliest moment at which so much work can be done.
    pub fn when(&self, work: i128) -> i64 {
        match self.stretches.partition_point(|&(_, before, _)| before < work) {
            0 => self.from,
            next => {
                let (begin, before, rate) = self.stretches[next - 1];
                let rate = i128::from(rate.max(1)); // closed for ever: some bound, which later ones exceed
                let ticks = (work - before + rate - 1) / rate;
                begin.saturating_add(i64::try_from(ticks).unwrap_or(i64::MAX))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::{Past, ProjectData};

    /// Eight ticks of work a day on a clock of 24, from 8 to 16, with one or two units.
    fn project(capacity: i64, duration: Vec<i64>) -> Project {
        let n = duration.len();
        let data = ProjectData {
            duration,
            demand: vec![1; n],
            capacity: vec![capacity],
            calendars: vec![(0, Calendar::new(vec![8, 16], vec![capacity, 0], Some(24)).expect("valid"))],
            pausable: vec![true; n],
            ..ProjectData::default()
        };
        Project::new(data).expect("valid")
    }

    #[test]
    fn closed_time_does_no_work() {
        for (capacity, ends) in [(1, [0, 9, 16, 33, 40, 64]), (2, [0, 9, 12, 13, 16, 36])] {
            let project = project(capacity, vec![8; 5]);
            let situation = Situation::new(&project, &Past::default());
            let time = WorkTime::new(&project, Some(&situation), 0, 0..5, 0);
            let found = [0, 1, 8, 9, 16, 24].map(|work| time.when(work));
            assert_eq!(found, ends, "{capacity}");
        }
    }

    /// Each of 20 activities works in hours of its own beside those of the crew, which is open from 8 to 16.
    #[test]
    fn the_hours_of_a_resource_count_whatever_others_there_are() {
        let hours = |begin| Calendar::new(vec![begin, begin + 12], vec![1, 0], Some(24)).expect("valid");
        let crew = Calendar::new(vec![8, 16], vec![1, 0], Some(24)).expect("valid");
        let demand = (0..20).flat_map(|i| (0..21).map(move |r| i64::from(r == 0 || r == i + 1))).collect();
        let data = ProjectData {
            duration: vec![4; 20],
            demand,
            capacity: vec![1; 21],
            calendars: std::iter::once((0, crew)).chain((1..21).map(|r| (r, hours(i64::from(r) % 9)))).collect(),
            pausable: vec![true; 20],
            ..ProjectData::default()
        };
        let project = Project::new(data).expect("valid");
        let situation = Situation::new(&project, &Past::default());
        let time = WorkTime::new(&project, Some(&situation), 0, 0..20, 0);
        assert_eq!([1, 8, 80].map(|work| time.when(work)), [9, 16, 9 * 24 + 16]);
    }

    #[test]
    fn moments_agree_with_counting_ticks() {
        let mut random = crate::random::Random::new(3);
        for round in 0..300 {
            let capacity = random.between(1, 3);
            let mut time: Vec<i64> = (0..random.between(1, 4)).map(|_| random.between(-3, 9)).collect();
            time.sort_unstable();
            time.dedup();
            let units: Vec<i64> = time.iter().map(|_| random.between(0, capacity)).collect();
            let span = time[time.len() - 1] - time[0];
            let calendar = Calendar::new(time, units, Some(span + random.between(1, 5))).expect("valid");
            let demand: Vec<i64> = (0..3).map(|_| random.between(1, capacity)).collect();
            let data = ProjectData {
                duration: vec![4; 3],
                demand: demand.clone(),
                capacity: vec![capacity],
                calendars: vec![(0, calendar.clone())],
                pausable: vec![true; 3],
                ..ProjectData::default()
            };
            let project = Project::new(data).expect("valid");
            let situation = Situation::new(&project, &Past::default());
            let least = demand.iter().copied().min().unwrap_or(0);
            let all: i64 = demand.iter().map(|units| 4 * units).sum();
            let found = WorkTime::new(&project, Some(&situation), 0, 0..3, 0);
            let rate = |t: i64| {
                let level = calendar.capacity_at(t).map_or(capacity, |units| units.min(capacity));
                if level >= least { level } else { 0 }
            };
            if (0..200).map(rate).sum::<i64>() < all {
                continue; // closed for ever
            }
            for work in 1..=all {
                let mut done = 0;
                let end = (0..200)
                    .find(|&t| {
                        done += rate(t);
                        done >= work
                    })
                    .expect("it is done")
                    + 1;
                assert_eq!(found.when(i128::from(work)), end, "{round}: {work} of {all}");
            }
        }
    }
}
