//! Small projects with maximal lags against every start.

use crate::check::{ProjectClaim, check_project};
use crate::control::{Limits, Status, Stop, Watch};
use crate::error::Error;
use crate::random::Random;
use crate::rcpsp::{NO_LAG, NO_MAX_LAG, Options, Priority, Project, ProjectData, Relation, Rule, serial_sgs, solve};

fn drawn(random: &mut Random) -> Result<Project, Error> {
    let n = random.between(2, 4) as usize;
    let capacity = vec![random.between(1, 3)];
    let mut data = ProjectData {
        duration: (0..n).map(|_| random.between(0, 3)).collect(),
        demand: (0..n).map(|_| random.between(0, capacity[0])).collect(),
        capacity,
        ..ProjectData::default()
    };
    for j in 1..n as u32 {
        for i in 0..j {
            if random.below(3) == 0 {
                continue;
            }
            data.precedence.push((i, j));
            data.relation.push(Relation::ALL[random.below(4) as usize]);
            data.lag.push(if random.below(2) == 0 { NO_LAG } else { random.between(-2, 3) });
            data.max_lag.push(if random.below(3) == 0 { NO_MAX_LAG } else { random.between(-2, 5) });
            let last = data.lag.len() - 1;
            if (data.lag[last], data.max_lag[last]) == (NO_LAG, NO_MAX_LAG) {
                data.lag[last] = 0;
            }
        }
    }
    if random.below(3) == 0 {
        data.deadline = (0..n).map(|_| random.between(3, 12)).collect();
        data.release_time = (0..n).map(|_| random.between(0, 2)).collect();
    }
    Project::new(data)
}

pub(in crate::rcpsp) fn is_feasible(project: &Project, start: &[i64]) -> bool {
    let n = start.len();
    let end: Vec<i64> = start.iter().zip(project.duration()).map(|(start, ticks)| start + ticks).collect();
    let activity: Vec<i64> = (0..n as i64).collect();
    let claim =
        ProjectClaim { activity: &activity, start, end: &end, mode: None, makespan: None, objectives: &[], fixed: &[], now: 0 };
    check_project(project.data(), &claim).expect("no calendars").is_empty()
}

/// The least makespan of all schedules that end by `horizon`.
pub(in crate::rcpsp) fn best(project: &Project, horizon: i64) -> Option<i64> {
    let n = project.num_activities();
    let mut start = vec![0; n];
    let mut least: Option<i64> = None;
    loop {
        let end = (0..n).map(|i| start[i] + project.duration()[i]).max().unwrap_or(0);
        if least.is_none_or(|least| end < least) && is_feasible(project, &start) {
            least = Some(end);
        }
        let Some(i) = (0..n).find(|&i| start[i] < horizon) else { return least };
        start[i] += 1;
        start[..i].fill(0);
    }
}

#[test]
fn optima_are_those_of_all_starts() {
    let mut random = Random::new(19);
    let (mut feasible, mut infeasible, mut passes) = (0, 0, 0);
    for seed in 0..150 {
        let Ok(project) = drawn(&mut random) else { continue };
        if !project.has_max_lags() {
            continue;
        }
        let limits = Limits { budget: Some(200), ..Limits::default() };
        let stop = Stop::new(&limits);
        let options = Options { seed, threads: 1, ..Options::default() };
        let found = solve(&project, &options, &limits, &mut Watch::new(&stop)).expect("nothing is refused");
        match best(&project, 12) {
            None => {
                assert!(found.status == Status::Infeasible || found.schedule.makespan > 12, "{:?}", project.data());
                infeasible += 1;
            }
            Some(least) => {
                assert_eq!((found.status, found.schedule.makespan), (Status::Optimal, least), "{:?}", project.data());
                assert!(is_feasible(&project, &found.schedule.start_time));
                feasible += 1;
                if let Ok(schedule) = serial_sgs(&project, Priority::Rule(Rule::LFT), 0) {
                    assert!(is_feasible(&project, &schedule.start_time) && schedule.makespan >= least);
                    passes += 1;
                }
            }
        }
    }
    assert!(feasible > 50 && infeasible > 5 && passes > 40, "{feasible} {infeasible} {passes}");
}
