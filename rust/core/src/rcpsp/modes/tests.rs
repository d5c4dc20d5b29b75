//! Projects with modes against every combination of modes, each scheduled as a project without them.

use super::Modes;
use crate::check::{ProjectClaim, check_project};
use crate::control::{Limits, Status, Stop, Watch};
use crate::random::Random;
use crate::rcpsp::{Options, Project, ProjectData, Relation, Solution, solve};

fn drawn(random: &mut Random, any_relation: bool) -> Project {
    let n = random.between(1, 6) as usize;
    let (width, stocks) = (random.below(3) as usize, random.below(3) as usize);
    let capacity: Vec<i64> = (0..width).map(|_| random.between(1, 4)).collect();
    let mut activity: Vec<u32> = (0..n as u32).collect();
    (0..random.below(n as u64 + 3)).for_each(|_| activity.push(random.below(n as u64) as u32));
    random.shuffle(&mut activity);
    let rows = activity.len();
    let mut demand = Vec::new();
    for _ in 0..rows {
        demand.extend(capacity.iter().map(|&units| random.between(0, units)));
    }
    let mut precedence = Vec::new();
    for j in 1..n as u32 {
        if random.below(3) > 0 {
            precedence.push((random.below(u64::from(j)) as u32, j));
        }
    }
    let any = |random: &mut Random| Relation::ALL[random.below(4) as usize];
    let relation: Vec<Relation> =
        precedence.iter().map(|_| if any_relation { any(random) } else { Relation::FinishStart }).collect();
    let least = if any_relation { -3 } else { 0 };
    let bounded = random.below(3) == 0;
    let data = ProjectData {
        capacity,
        lag: precedence.iter().map(|_| random.between(least, 2)).collect(),
        precedence,
        relation,
        release_time: if bounded { (0..n).map(|_| random.between(0, 4)).collect() } else { Vec::new() },
        deadline: if bounded && random.below(2) == 0 { (0..n).map(|_| random.between(4, 16)).collect() } else { Vec::new() },
        modes: Modes {
            duration: (0..rows).map(|_| random.between(0, 5)).collect(),
            demand,
            nonrenewable: (0..stocks).map(|_| random.between(n as i64, 3 * n as i64)).collect(),
            consumption: (0..rows * stocks).map(|_| random.between(0, 4)).collect(),
            activity,
        },
        ..ProjectData::default()
    };
    Project::new(data).expect("valid")
}

fn solved(project: &Project, budget: u64, seed: u64) -> Solution {
    let limits = Limits { budget: Some(budget), ..Limits::default() };
    let stop = Stop::new(&limits);
    let options = Options { seed, threads: 1, ..Options::default() };
    solve(project, &options, &limits, &mut Watch::new(&stop)).expect("nothing is refused")
}

/// The least makespan that was found in any combination of modes, `None` if there is no schedule, and whether it is proved.
fn best(project: &Project) -> (Option<i64>, bool) {
    let modes = project.modes().expect("it has modes");
    let rows = modes.rows(project.num_activities());
    let mut place = vec![0; rows.len()];
    let (mut best, mut is_proved): (Option<i64>, bool) = (None, true);
    loop {
        let mode: Vec<i64> = place.iter().zip(&rows).map(|(&k, rows)| rows[k] as i64).collect();
        let within = (0..modes.nonrenewable.len())
            .all(|k| mode.iter().map(|&row| modes.consumption_of(row as usize)[k]).sum::<i64>() <= modes.nonrenewable[k]);
        if within && let Ok(single) = project.in_modes(&mode) {
            let found = solved(&single, 3000, 0);
            is_proved &= matches!(found.status, Status::Optimal | Status::Infeasible);
            if matches!(found.status, Status::Optimal | Status::Feasible) {
                best = Some(best.map_or(found.schedule.makespan, |best| best.min(found.schedule.makespan)));
            }
        }
        let Some(i) = (0..rows.len()).find(|&i| place[i] + 1 < rows[i].len()) else { return (best, is_proved) };
        place[i] += 1;
        place[..i].fill(0);
    }
}

fn agrees(any_relation: bool, rounds: u64) {
    let mut random = Random::new(7);
    for round in 0..rounds {
        let project = drawn(&mut random, any_relation);
        let (expected, is_proved) = best(&project);
        assert!(is_proved || any_relation, "{round}: the reference is not proved");
        let found = solved(&project, 400, round);
        match (found.status, expected) {
            (Status::Infeasible, None) => continue,
            (Status::Optimal | Status::Feasible, None) if !is_proved => {}
            (Status::Unknown, _) if any_relation => continue,
            (Status::Optimal, Some(best)) if is_proved => assert_eq!(found.schedule.makespan, best, "{round}: {project:?}"),
            (Status::Optimal, Some(best)) => assert!(found.schedule.makespan <= best, "{round}: {project:?}"),
            (Status::Feasible, Some(best)) if any_relation => assert!(!is_proved || found.schedule.makespan >= best, "{round}"),
            (status, _) => panic!("{round}: {status:?}, expected {expected:?}: {project:?}"),
        }
        let activity: Vec<i64> = (0..project.num_activities() as i64).collect();
        let claim = ProjectClaim {
            activity: &activity,
            start: &found.schedule.start_time,
            end: &found.schedule.completion_time,
            mode: Some(&found.mode),
            makespan: Some(found.schedule.makespan),
            objectives: &[],
            fixed: &[],
            now: 0,
        };
        assert_eq!(check_project(project.data(), &claim).expect("few steps"), [], "{round}");
    }
}

#[test]
fn the_search_agrees_with_every_combination_of_modes() {
    agrees(false, 150);
}

#[test]
fn activities_that_overlap_their_predecessors_agree() {
    agrees(true, 150);
}
