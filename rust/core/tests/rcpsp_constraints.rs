//! Small projects with every kind of constraint against an enumeration that looks at every tick.

use proptest::prelude::*;
use schedkit_core::control::{Limits, Pulse, Status, Stop, Watch};
use schedkit_core::names::Named;
use schedkit_core::rcpsp::{
    Calendar, NO_DEADLINE, Options, Past, Priority, Project, ProjectData, Relation, Rule, Schedule, Scheme, Solution,
    critical_path, diagnose, justify, lower_bound, plan, solve,
};

/// Ticks that the enumeration looks at.
const HORIZON: i64 = 40;

type Row = (i64, i64, Option<i64>);

fn demand(data: &ProjectData, i: usize, r: usize) -> i64 {
    data.demand[i * data.capacity.len() + r]
}

fn capacity(data: &ProjectData, r: usize, t: i64) -> i64 {
    let steps = data.calendars.iter().filter(|(other, _)| *other as usize == r);
    steps.filter_map(|(_, calendar)| calendar.capacity_at(t)).fold(data.capacity[r], i64::min)
}

fn up(data: &ProjectData, i: usize, t: i64) -> bool {
    (0..data.capacity.len()).all(|r| demand(data, i, r) == 0 || capacity(data, r, t) >= demand(data, i, r))
}

/// When an activity completes that starts here, if it may.
fn completion(data: &ProjectData, i: usize, start: i64) -> Option<i64> {
    let (mut left, mut t) = (data.duration[i], start);
    while left > 0 {
        if up(data, i, t) {
            left -= 1;
        } else if !data.pausable[i] || t == start || t > start + 200 {
            return None;
        }
        t += 1;
    }
    Some(t)
}

/// Whether these spans of some activities keep every rule among themselves.
fn consistent(data: &ProjectData, span: &[Option<(i64, i64)>], fixed: &[Row], now: i64) -> bool {
    let is_fixed = |i: usize| fixed.iter().any(|f| f.0 == i as i64);
    for (i, (start, end)) in span.iter().enumerate().filter_map(|(i, s)| Some((i, (*s)?))) {
        let released = data.release_time[i] == 0 || start >= data.release_time[i]; // 0 is none
        if !is_fixed(i) && (start < now || !released || end > data.deadline[i]) {
            return false;
        }
    }
    for ((&(i, j), &lag), relation) in data.precedence.iter().zip(&data.lag).zip(&data.relation) {
        let (Some(before), Some(after)) = (span[i as usize], span[j as usize]) else { continue };
        let (first, second) = match relation {
            Relation::FinishStart => (before.1, after.0),
            Relation::StartStart => (before.0, after.0),
            Relation::FinishFinish => (before.1, after.1),
            Relation::StartFinish => (before.0, after.1),
        };
        if second < first + lag {
            return false;
        }
    }
    let under_way = |i: usize, t: i64| data.duration[i] > 0 && span[i].is_some_and(|(start, end)| start <= t && t < end);
    let works = |i: usize, t: i64| under_way(i, t) && (!data.pausable[i] || up(data, i, t));
    let last = span.iter().flatten().map(|s| s.1).max().unwrap_or(0);
    let first = span.iter().flatten().map(|s| s.0).min().unwrap_or(0);
    (first..last).all(|t| {
        let groups = data.disjunctive.iter().all(|group| group.iter().filter(|&&i| under_way(i as usize, t)).count() <= 1);
        groups
            && (0..data.capacity.len()).all(|r| {
                let users = || (0..span.len()).filter(|&i| works(i, t) && demand(data, i, r) > 0);
                let used: i64 = users().map(|i| demand(data, i, r)).sum();
                let limit = if users().all(is_fixed) { data.capacity[r] } else { capacity(data, r, t) };
                used <= limit
            })
    })
}

/// The least makespan within the horizon.
fn enumerate(data: &ProjectData, fixed: &[Row], now: i64) -> Option<i64> {
    fn go(data: &ProjectData, fixed: &[Row], now: i64, i: usize, span: &mut Vec<Option<(i64, i64)>>, best: &mut Option<i64>) {
        if i == span.len() {
            let makespan = span.iter().flatten().map(|s| s.1).max().unwrap_or(0);
            *best = Some(best.map_or(makespan, |b| b.min(makespan)));
            return;
        }
        if span[i].is_some() {
            return go(data, fixed, now, i + 1, span, best);
        }
        for start in now..HORIZON {
            if best.is_some_and(|best| start + data.duration[i] > best) {
                break;
            }
            let Some(end) = completion(data, i, start) else { continue };
            span[i] = Some((start, end));
            if end <= HORIZON && best.is_none_or(|best| end < best) && consistent(data, span, fixed, now) {
                go(data, fixed, now, i + 1, span, best);
            }
            span[i] = None;
        }
    }
    let mut span = vec![None; data.duration.len()];
    for &(i, start, end) in fixed {
        span[i as usize] = Some((start, end.expect("given here")));
    }
    let mut best = None;
    if consistent(data, &span, fixed, now) {
        go(data, fixed, now, 0, &mut span, &mut best);
    }
    best
}

fn judge(data: &ProjectData, schedule: &Schedule, fixed: &[Row], now: i64) -> bool {
    let span: Vec<_> = schedule.start_time.iter().zip(&schedule.completion_time).map(|(&s, &e)| Some((s, e))).collect();
    let runs = (0..span.len()).all(|i| match fixed.iter().find(|f| f.0 == i as i64) {
        Some(f) => span[i] == Some((f.1, f.2.expect("given here"))),
        None => completion(data, i, schedule.start_time[i]) == Some(schedule.completion_time[i]),
    });
    runs && schedule.makespan == schedule.completion_time.iter().copied().max().unwrap_or(0)
        && consistent(data, &span, fixed, now)
}

fn calendar() -> impl Strategy<Value = Calendar> {
    (prop::collection::btree_map(0_i64..10, 0_i64..3, 0..4), prop::option::of(10_i64..14)).prop_map(|(steps, period)| {
        let (time, capacity) = steps.into_iter().unzip();
        Calendar::new(time, capacity, period).unwrap()
    })
}

prop_compose! {
    fn project()(n in 1_usize..5, width in 1_usize..3)(
        duration in prop::collection::vec(0_i64..4, n),
        demand in prop::collection::vec(0_i64..3, n * width),
        edges in prop::collection::btree_map((0..n as u32, 0..n as u32, 0_usize..4), -4_i64..5, 0..5),
        overlapping in any::<bool>(),
        release_time in prop_oneof![Just(vec![]), prop::collection::vec(0_i64..6, n)],
        deadline in prop_oneof![Just(vec![]), prop::collection::vec(prop_oneof![Just(NO_DEADLINE), 2_i64..20], n)],
        calendars in prop::collection::vec((0..width as u32, calendar()), 0..3),
        pausable in prop::collection::vec(any::<bool>(), n),
        disjunctive in prop::collection::vec(prop::collection::btree_set(0..n as u32, 1..4), 0..3),
        width in Just(width),
    ) -> ProjectData {
        let edges: Vec<_> = edges.into_iter().filter(|((i, j, r), _)| i < j && (overlapping || *r == 0)).collect();
        ProjectData {
            precedence: edges.iter().map(|((i, j, _), _)| (*i, *j)).collect(),
            relation: edges.iter().map(|((_, _, relation), _)| Relation::ALL[*relation]).collect(),
            lag: edges.iter().map(|(_, lag)| if overlapping { *lag } else { lag.abs() / 2 }).collect(),
            duration, demand, capacity: vec![2; width], release_time, deadline, calendars, pausable,
            disjunctive: disjunctive.into_iter().filter(|group| group.len() > 1).map(|group| group.into_iter().collect()).collect(),
            ..ProjectData::default()
        }
    }
}

fn search(project: &Project, past: &Past) -> Solution {
    let limits = Limits { budget: Some(20_000), ..Limits::default() };
    let stop = Stop::new(&limits);
    let options = Options { seed: 1, threads: 1, past: Some(past), ..Options::default() };
    solve(project, &options, &limits, &mut Watch::new(&stop)).unwrap()
}

/// Everything that can be said about one small project.
fn agree(data: ProjectData, fixed: &[Row], now: i64) -> Result<(), TestCaseError> {
    let project = Project::new(data).unwrap();
    let data = project.data();
    let past = Past::new(&project, fixed, now).unwrap();
    let best = enumerate(data, fixed, now);
    let solution = search(&project, &past);
    match solution.status {
        Status::Optimal => {
            prop_assert!(judge(data, &solution.schedule, fixed, now), "{:?}", solution.schedule);
            prop_assert!(best == Some(solution.schedule.makespan) || best.is_none() && solution.schedule.makespan > HORIZON);
        }
        Status::Infeasible => {
            prop_assert_eq!(best, None);
            prop_assert!(!solution.reasons.is_empty());
        }
        // So small a tree is always searched to its end.
        Status::Feasible if !project.is_constrained() && past.is_empty() => {}
        Status::Feasible | Status::Unknown => prop_assert!(false, "{:?} but {best:?}", solution.status),
    }
    prop_assert!(best.is_none_or(|best| solution.lower_bound.as_f64() <= best as f64));
    if !diagnose(&project, &past, &Pulse::default()).is_empty() {
        prop_assert_eq!(solution.status, Status::Infeasible);
    }
    for scheme in [Scheme::Serial, Scheme::Parallel] {
        for rule in ["lft", "spt", "fcfs"].map(|name| Rule::from_name(name).unwrap()) {
            if let Ok(schedule) = plan(&project, &past, scheme, Priority::Rule(rule), 0, &Pulse::default()) {
                prop_assert!(judge(data, &schedule, fixed, now), "{scheme:?} {rule:?} {schedule:?}");
                if fixed.is_empty() && now == 0 {
                    let justified = justify(&project, &schedule.completion_time, &Pulse::default()).unwrap();
                    prop_assert!(judge(data, &justified, fixed, now), "{schedule:?} {justified:?}");
                    prop_assert!(justified.makespan <= schedule.makespan);
                }
            } else {
                let tight = data.deadline.iter().any(|&d| d != NO_DEADLINE) || !fixed.is_empty() || !data.calendars.is_empty();
                prop_assert!(tight || solution.status == Status::Infeasible);
            }
        }
    }
    if fixed.is_empty()
        && now >= 0
        && let (Some(best), Ok(path)) = (best, critical_path(&project, &Pulse::default()))
    {
        prop_assert!(path.length <= best);
        prop_assert!(lower_bound(&project) <= best);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn search_and_schemes_agree_with_enumeration(data in project()) {
        agree(data, &[], 0)?;
    }

    #[test]
    fn so_they_do_after_a_fixed_past(data in project(), rows in prop::collection::btree_map(0_i64..4, (-3_i64..8, 0_i64..5), 0..3), now in -2_i64..6) {
        let n = data.duration.len() as i64;
        let fixed: Vec<Row> = rows.into_iter().filter(|(i, _)| *i < n).map(|(i, (start, length))| (i, start, Some(start + length))).collect();
        agree(data, &fixed, now)?;
    }
}
