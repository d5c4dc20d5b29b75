//! Constraints and fixed pasts: the prover against enumeration of all start times, which the checker judges.

use super::{Event, Prover, Reasoning};
use crate::check::{Kind, ProjectClaim, check_project};
use crate::control::Pulse;
use crate::random::Random;
use crate::rcpsp::{
    Calendar, NO_DEADLINE, Past, Project, ProjectData, Relation, Schedule, destructive_lower_bound, diagnose, lower_bound,
};

/// Enumeration looks no further.
const HORIZON: i64 = 14;

fn violations(project: &Project, past: &Past, start: &[Option<i64>], end: &[i64]) -> usize {
    let placed: Vec<usize> = (0..start.len()).filter(|&i| start[i].is_some()).collect();
    let column = |of: &dyn Fn(usize) -> i64| placed.iter().map(|&i| of(i)).collect::<Vec<i64>>();
    let fixed: Vec<_> = past.fixed().iter().map(|f| (f.activity as i64, f.start, Some(f.end))).collect();
    let claim = ProjectClaim {
        mode: None,
        activity: &column(&|i| i as i64),
        start: &column(&|i| start[i].expect("it is placed")),
        end: &column(&|i| end[i]),
        makespan: None,
        objectives: &[],
        fixed: &fixed,
        now: past.now(),
    };
    let found = check_project(project.data(), &claim).expect("small");
    found.iter().filter(|violation| violation.kind != Kind::Missing).count()
}

/// The least makespan within `limit`, by trying all starts of one activity after the other.
fn shortest(project: &Project, past: &Past, limit: i64) -> Option<i64> {
    fn extend(project: &Project, past: &Past, i: usize, start: &mut [Option<i64>], end: &mut [i64], limit: i64) -> Option<i64> {
        if i == start.len() {
            return Some(end.iter().copied().max().unwrap_or(0));
        }
        let fixed = past.fixed().iter().find(|f| f.activity == i);
        let choices: Vec<(i64, i64)> = match fixed {
            Some(f) => vec![(f.start, f.end)],
            None => (past.now()..=limit).map(|start| (start, project.completion(i, start))).collect(),
        };
        let mut best: Option<i64> = None;
        for (from, to) in choices {
            if to > best.map_or(limit, |best| best - 1) {
                continue;
            }
            (start[i], end[i]) = (Some(from), to);
            if violations(project, past, start, end) == 0 {
                let most = best.map_or(limit, |best| best - 1);
                best = extend(project, past, i + 1, start, end, most).or(best);
            }
        }
        start[i] = None;
        best
    }
    let n = project.num_activities();
    extend(project, past, 0, &mut vec![None; n], &mut vec![0; n], limit)
}

fn calendar(random: &mut Random, capacity: i64) -> Calendar {
    let mut time: Vec<i64> = (0..random.between(1, 4)).map(|_| random.between(-3, 9)).collect();
    time.sort_unstable();
    time.dedup();
    let units = time.iter().map(|_| [capacity, 0, capacity, (capacity - 1).max(0)][random.below(4) as usize]).collect();
    let span = time[time.len() - 1] - time[0];
    let period = (random.below(3) > 0).then(|| span + random.between(1, 5));
    Calendar::new(time, units, period).expect("valid")
}

fn project(random: &mut Random) -> Project {
    let (n, width) = (random.between(1, 4) as usize, random.between(0, 2) as usize);
    let kinds = random.below(128);
    let has = |kind: u64| kinds >> kind & 1 == 1;
    let capacity: Vec<i64> = (0..width).map(|_| random.between(1, 3)).collect();
    let duration: Vec<i64> = (0..n).map(|_| random.between(0, 3)).collect();
    let demand = (0..n * width).map(|k| [0, 1, 1, capacity[k % width]][random.below(4) as usize]).collect();
    let mut precedence: Vec<(u32, u32)> = Vec::new();
    for _ in 0..random.below(n as u64 + 1) {
        let (i, j) = (random.below(n as u64) as u32, random.below(n as u64) as u32);
        if i != j && !precedence.contains(&(i.min(j), i.max(j))) {
            precedence.push((i.min(j), i.max(j)));
        }
    }
    let lag = precedence.iter().map(|_| if has(0) { random.between(if has(6) { -3 } else { 0 }, 3) } else { 0 }).collect();
    let relation =
        precedence.iter().map(|_| if has(6) { Relation::ALL[random.below(4) as usize] } else { Relation::default() }).collect();
    let release_time = (0..n).map(|_| if has(1) { random.between(0, 5) } else { 0 }).collect();
    let deadline = (0..n).map(|_| if has(2) && random.below(2) == 0 { random.between(2, 10) } else { NO_DEADLINE }).collect();
    let mut calendars = Vec::new();
    for (resource, &capacity) in capacity.iter().enumerate() {
        for _ in 0..if has(3) || has(4) { random.below(3) } else { 0 } {
            calendars.push((resource as u32, calendar(random, capacity)));
        }
    }
    let pausable = (0..n).map(|_| has(4) && random.below(2) == 0).collect();
    let mut disjunctive = Vec::new();
    if has(5) && n > 1 {
        let mut group: Vec<u32> = (0..n as u32).collect();
        random.shuffle(&mut group);
        group.truncate(random.between(2, 3) as usize);
        disjunctive.push(group);
    }
    let data = ProjectData {
        duration,
        demand,
        capacity,
        precedence,
        relation,
        lag,
        release_time,
        deadline,
        calendars,
        pausable,
        disjunctive,
        ..ProjectData::default()
    };
    Project::new(data).expect("valid")
}

fn past(random: &mut Random, project: &Project) -> Past {
    if random.below(2) == 0 {
        return Past::default();
    }
    let now = random.between(-2, 5);
    let mut rows = Vec::new();
    for i in 0..project.num_activities() {
        if random.below(3) == 0 {
            let start = random.between(-2, 9);
            let length = [project.duration()[i], project.duration()[i], 0, 1, 4][random.below(5) as usize];
            rows.push((i as i64, start, Some(start + length)));
        }
    }
    Past::new(project, &rows, now).expect("valid")
}

/// Runs a prover to its end; the best schedule, judged.
fn finish(mut prover: Prover, project: &Project, past: &Past, slice: u64) -> Option<Schedule> {
    let mut best: Option<Schedule> = None;
    loop {
        match prover.run(prover.work() + slice, |_| false) {
            Event::Paused => {}
            Event::Proved => return best,
            Event::Better(schedule) => {
                let start: Vec<Option<i64>> = schedule.start_time.iter().copied().map(Some).collect();
                assert_eq!(
                    violations(project, past, &start, &schedule.completion_time),
                    0,
                    "{schedule:?} {:?} {past:?}",
                    project.data()
                );
                assert!(best.is_none_or(|best| schedule.makespan < best.makespan));
                prover.improve(&schedule.start_time, schedule.makespan);
                best = Some(schedule);
            }
        }
    }
}

#[test]
fn proofs_agree_with_trying_everything() {
    let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1500);
    let (mut proved, mut refuted) = (0, 0);
    for seed in 0..cases {
        let mut random = Random::new(seed);
        let project = project(&mut random);
        let past = past(&mut random, &project);
        if past.fixed().len() == project.num_activities() || !diagnose(&project, &past, &Pulse::default()).is_empty() {
            continue;
        }
        let optimum = shortest(&project, &past, HORIZON);
        let case = |what: &str| format!("{what}, seed {seed}: {:?} {past:?}", project.data());
        let Some(prover) = Prover::new(&project, &past, None) else { panic!("{}", case("too large")) };
        let best = finish(prover, &project, &past, 1 + seed % 50);
        match (&best, optimum) {
            (Some(best), Some(optimum)) => assert_eq!(best.makespan, optimum, "{}", case("not the optimum")),
            (Some(best), None) => assert!(best.makespan > HORIZON, "{}", case("too good")),
            (None, _) => assert_eq!(optimum, None, "{}", case("refuted")),
        }
        let Some(best) = best else {
            refuted += 1;
            assert_eq!(shortest(&project, &past, 2 * HORIZON), None, "{}", case("refuted"));
            continue;
        };
        proved += 1;
        if past.is_empty() {
            assert!((lower_bound(&project)..=best.makespan).contains(&destructive_lower_bound(&project)), "{}", case("bound"));
        }
        // From a schedule that is known the same optimum is proved, and no bound goes beyond it.
        for (disjunctive, energetic) in [(false, false), (true, true)] {
            let later = best.makespan + 1; // as if the best one were worse
            let Some(mut prover) = Prover::new(&project, &past, Some((&best.start_time, later))) else {
                panic!("{}", case("too large"))
            };
            prover.raise(Reasoning { disjunctive, energetic }, || false);
            assert!(prover.lower_bound() <= best.makespan, "{}", case("bound"));
            let again = finish(prover, &project, &past, 20);
            assert_eq!(again.map(|again| again.makespan), Some(best.makespan), "{}", case("known"));
        }
        match Prover::new(&project, &past, Some((&best.start_time, best.makespan))) {
            Some(known) => assert_eq!(finish(known, &project, &past, 20), None, "{}", case("nothing is shorter")),
            None => assert_eq!(best.makespan, 0, "{}", case("too large")),
        }
    }
    assert!(proved > cases / 3 && refuted > 0, "{proved} {refuted}");
}
