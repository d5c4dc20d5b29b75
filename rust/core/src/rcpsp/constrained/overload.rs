//! More work than there is time for: what activities must do before deadlines and before calendars close for good, against all that
//! the calendars ever give until then.

use std::collections::BTreeMap;

use super::diagnose::{MOST_REASONS, Stopped};
use super::supply::{Steps, Supply};
use super::windows::UNBOUNDED;
use super::{Situation, Windows};
use crate::cost;
use crate::error::Reason;
use crate::rcpsp::constraints::gcd;
use crate::sort::sort_by;

/// Kinds of activities that are looked at apart: those that calendars stop at the same moments are one kind.
const MOST_KINDS: usize = 16;

/// For every resource and every disjunctive group one certificate, if there is one: activities that all have their windows between two
/// moments, and more work together than is free of the resource there.
///
/// Work counts as free only at moments at which the calendars of *all* its resources let it go on, so activities are also looked at by
/// kinds, each beside those that are at least as hard to please. O(n log n + k) for each resource, group and kind, with k calendar
/// steps.
///
/// # Errors
/// `stop` wants it.
pub fn overloads(situation: &Situation, windows: &Windows, stop: &mut dyn FnMut(u64) -> bool) -> Result<Vec<Reason>, Stopped> {
    let project = situation.project;
    let bounded: Vec<usize> = (0..situation.num_activities())
        .filter(|&i| situation.fixed[i].is_none() && project.duration()[i] > 0 && windows.latest_finish[i] != UNBOUNDED)
        .collect();
    let mut reasons = Vec::new();
    let Some(from) = bounded.iter().map(|&i| windows.earliest_start[i]).min() else { return Ok(reasons) };
    let to = bounded.iter().map(|&i| windows.latest_finish[i]).max().unwrap_or(from);
    let steps = Steps::new(situation, from, to, stop)?;
    let kinds = Kinds::new(situation, &bounded, stop)?;
    let mut found = vec![false; project.num_resources() + project.data().disjunctive.len()];
    for kind in &kinds.all {
        let hard: Vec<bool> = (0..bounded.len()).map(|k| kinds.of(k).iter().zip(kind).all(|(a, b)| a >= b)).collect();
        Stopped::unless(stop, cost::NODE * bounded.len() as u64)?;
        let mut users = vec![Vec::new(); project.num_resources()];
        for &i in bounded.iter().zip(&hard).filter(|&(_, &hard)| hard).map(|(i, _)| i) {
            for (r, _) in project.demand_of(i).iter().enumerate().filter(|&(_, &units)| units > 0) {
                users[r].push((i, project.demand_of(i)[r]));
            }
        }
        for (r, users) in users.iter().enumerate().filter(|(_, users)| users.len() > 1) {
            if found[r] {
                continue;
            }
            Stopped::unless(stop, steps.len() as u64 + 32 * users.len() as u64)?;
            let supply = steps.supply(&kinds.up(kind), Some(r));
            if let Some(overload) = Overload::find(situation, windows, &supply, users, stop)? {
                found[r] = true;
                reasons.push(overload.reason(situation, Some(r)));
            }
        }
        if project.data().disjunctive.is_empty() {
            continue;
        }
        let mut is_hard = vec![false; situation.num_activities()];
        bounded.iter().zip(&hard).for_each(|(&i, &hard)| is_hard[i] = hard);
        let supply = steps.supply(&kinds.up(kind), None);
        for (g, group) in project.data().disjunctive.iter().enumerate() {
            let members: Vec<(usize, i64)> = group.iter().map(|&i| (i as usize, 1)).filter(|&(i, _)| is_hard[i]).collect();
            Stopped::unless(stop, 32 * group.len() as u64)?;
            if found[project.num_resources() + g] || members.len() < 2 {
                continue;
            }
            if let Some(overload) = Overload::find(situation, windows, &supply, &members, stop)? {
                found[project.num_resources() + g] = true;
                reasons.push(overload.reason(situation, None));
            }
        }
        if reasons.len() >= MOST_REASONS {
            break;
        }
    }
    reasons.truncate(MOST_REASONS);
    Ok(reasons)
}

/// The kinds of activities: for each resource with calendars how many of its levels are too low.
struct Kinds {
    /// For each resource the levels that its calendars know, in order; none for a resource without calendars.
    levels: Vec<Vec<i64>>,
    /// The kinds of the activities that were asked for, one behind the other.
    of: Vec<u32>,
    /// All kinds that are looked at, the one that every activity is at least as hard as first.
    all: Vec<Vec<u32>>,
}

impl Kinds {
    fn new(situation: &Situation, activities: &[usize], stop: &mut dyn FnMut(u64) -> bool) -> Result<Self, Stopped> {
        let project = situation.project;
        let mut levels = vec![Vec::new(); project.num_resources()];
        for (r, calendar) in &project.data().calendars {
            levels[*r as usize].extend_from_slice(calendar.capacity());
        }
        for levels in &mut levels {
            levels.sort_unstable();
            levels.dedup();
        }
        let below = |(levels, &units): (&Vec<i64>, &i64)| levels.partition_point(|&level| level < units) as u32;
        let width = levels.len();
        let mut of: Vec<u32> = Vec::with_capacity(activities.len() * width);
        for &i in activities {
            of.extend(levels.iter().zip(project.demand_of(i)).map(below));
            Stopped::unless(stop, cost::NODE + width as u64)?;
        }
        let mut count: BTreeMap<&[u32], usize> = BTreeMap::new();
        for kind in of.chunks(width.max(1)) {
            *count.entry(kind).or_default() += 1;
            Stopped::unless(stop, cost::PAIR)?;
        }
        let mut common: Vec<(&[u32], usize)> = count.into_iter().filter(|(kind, _)| kind.iter().any(|&k| k > 0)).collect();
        common.sort_by_key(|&(_, count)| std::cmp::Reverse(count)); // stable
        let easiest = vec![0; levels.len()];
        let all = [easiest].into_iter().chain(common.into_iter().map(|(kind, _)| kind.to_vec())).take(MOST_KINDS).collect();
        Ok(Self { levels, of, all })
    }

    /// The kind of the activity with this number among those that were asked for.
    fn of(&self, k: usize) -> &[u32] {
        let width = self.levels.len();
        &self.of[k * width..(k + 1) * width]
    }

    /// For each resource the least level at which a kind is up; `i64::MIN` if any will do.
    fn up(&self, kind: &[u32]) -> Vec<i64> {
        let least = |(levels, &k): (&Vec<i64>, &u32)| match (k as usize).checked_sub(1) {
            None => i64::MIN,
            Some(k) => levels[k].saturating_add(1),
        };
        self.levels.iter().zip(kind).map(least).collect()
    }
}

/// Work between two moments that exceeds what is free there.
struct Overload {
    from: i64,
    to: i64,
    activities: Vec<usize>,
    work: i128,
    free: i128,
}

impl Overload {
    /// Looks at all intervals from an earliest start to a latest finish (the overload check of cumulative scheduling, with the free
    /// work in the place of time; Vilim 2004), and from the first start at whole multiples of the durations.
    fn find(
        situation: &Situation,
        windows: &Windows,
        supply: &Supply,
        users: &[(usize, i64)],
        stop: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<Self>, Stopped> {
        let work = |&(i, units): &(usize, i64)| i128::from(situation.project.duration()[i]) * i128::from(units);
        let mut by_start: Vec<usize> = (0..users.len()).collect();
        let mut stopped = false;
        let mut worked = |steps| {
            stopped = stopped || stop(steps);
            stopped
        };
        let start = |k: usize| windows.earliest_start[users[k].0];
        sort_by(&mut by_start, &mut worked, |&a, &b| start(a).cmp(&start(b)));
        let mut by_finish: Vec<usize> = (0..users.len()).collect();
        let end = |k: usize| windows.latest_finish[users[k].0];
        sort_by(&mut by_finish, &mut worked, |&a, &b| end(a).cmp(&end(b)));
        if stopped {
            return Err(Stopped);
        }
        let before: Vec<i128> =
            supply.until(by_start.iter().map(|&k| windows.earliest_start[users[k].0]).collect::<Vec<_>>().as_slice());
        let finish: Vec<i64> = by_finish.iter().map(|&k| windows.latest_finish[users[k].0]).collect();
        let until = supply.until(&finish);
        let mut leaf = vec![0; users.len()];
        by_start.iter().enumerate().for_each(|(place, &k)| leaf[k] = place);
        let mut tree = Tree::new(users.len());
        for (&k, &until) in by_finish.iter().zip(&until) {
            Stopped::unless(stop, cost::EVENT)?;
            tree.insert(leaf[k], before[leaf[k]], work(&users[k]));
            if tree.most() > until {
                let first = tree.first();
                let (from, to) = (windows.earliest_start[users[by_start[first]].0], windows.latest_finish[users[k].0]);
                return Ok(Some(Self::between(situation, windows, users, (from, to), until - before[first])));
            }
        }
        // Rigid work comes in whole multiples of its common divisor, and rests of open stretches are lost.
        let pausable = &situation.project.data().pausable;
        let unit = if users.iter().any(|&(i, _)| pausable[i]) {
            1
        } else {
            users.iter().fold(0, |unit, &(i, _)| gcd(unit, situation.project.duration()[i]))
        };
        if unit > 1 {
            let from = windows.earliest_start[users[by_start[0]].0];
            let usable = supply.in_multiples(unit, from, &finish);
            let mut sum = 0;
            for ((&k, &to), &usable) in by_finish.iter().zip(&finish).zip(&usable) {
                sum += work(&users[k]);
                if sum > usable {
                    return Ok(Some(Self::between(situation, windows, users, (from, to), usable)));
                }
            }
        }
        Ok(None)
    }

    fn between(situation: &Situation, windows: &Windows, users: &[(usize, i64)], (from, to): (i64, i64), free: i128) -> Self {
        let inside = |&&(i, _): &&(usize, i64)| windows.earliest_start[i] >= from && windows.latest_finish[i] <= to;
        let inside: Vec<(usize, i64)> = users.iter().filter(inside).copied().collect();
        let work = inside.iter().map(|&(i, units)| i128::from(situation.project.duration()[i]) * i128::from(units)).sum();
        Self { from, to, activities: inside.into_iter().map(|(i, _)| i).collect(), work, free }
    }

    fn reason(self, situation: &Situation, resource: Option<usize>) -> Reason {
        let Self { from, to, activities, work, free } = self;
        let listed = situation.listed(&activities, ", ");
        let of = resource.map_or_else(|| "their disjunctive group".to_owned(), |r| situation.resource(r));
        let detail =
            format!("activities {listed} need {work} units of work of {of} from {from} to {to}, which leaves {free} for them");
        let amount = i64::try_from(work - free).unwrap_or(i64::MAX);
        Reason { code: "too_much_work", activities, resources: resource.into_iter().collect(), amount: Some(amount), detail }
    }
}

/// Over activities in the order of their earliest starts: the largest sum of what is free before a start and all work from it on.
struct Tree {
    leaves: usize,
    sum: Vec<i128>,
    most: Vec<i128>,
}

impl Tree {
    const NONE: i128 = i128::MIN / 2;

    fn new(n: usize) -> Self {
        let leaves = n.next_power_of_two();
        Self { leaves, sum: vec![0; 2 * leaves], most: vec![Self::NONE; 2 * leaves] }
    }

    fn insert(&mut self, leaf: usize, before: i128, work: i128) {
        let mut k = self.leaves + leaf;
        (self.sum[k], self.most[k]) = (work, before + work);
        while k > 1 {
            k /= 2;
            self.sum[k] = self.sum[2 * k] + self.sum[2 * k + 1];
            self.most[k] = self.most[2 * k + 1].max(self.most[2 * k] + self.sum[2 * k + 1]);
        }
    }

    fn most(&self) -> i128 {
        self.most[1]
    }

    /// The leaf whose start gives the largest sum.
    fn first(&self) -> usize {
        let mut k = 1;
        while k < self.leaves {
            k = if self.most[k] == self.most[2 * k + 1] { 2 * k + 1 } else { 2 * k };
        }
        k - self.leaves
    }
}
