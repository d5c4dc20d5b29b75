//! Small projects with stores against every start.

use super::{NO_STORAGE_LIMIT, Stores};
use crate::control::{Limits, Status, Stop, Watch};
use crate::random::Random;
use crate::rcpsp::max_lags::tests::{best, is_feasible};
use crate::rcpsp::{Options, Priority, Project, ProjectData, Rule, serial_sgs, solve};

fn drawn(random: &mut Random) -> Project {
    let n = random.between(2, 4) as usize;
    let capacity = vec![random.between(1, 3)];
    let limit = if random.below(2) == 0 { NO_STORAGE_LIMIT } else { random.between(0, 6) };
    let mut amounts = |most: i64| (0..n).map(|_| random.between(0, most)).collect();
    let (taken, given) = (amounts(3), amounts(4));
    let stores = Stores { storage: vec![limit], initial: vec![random.between(0, limit.min(3))], taken, given };
    let mut data = ProjectData {
        duration: (0..n).map(|_| random.between(0, 3)).collect(),
        demand: (0..n).map(|_| random.between(0, capacity[0])).collect(),
        capacity,
        stores,
        ..ProjectData::default()
    };
    for j in 1..n as u32 {
        data.precedence.extend((0..j).filter(|_| random.below(4) == 0).map(|i| (i, j)));
    }
    Project::new(data).expect("a valid project")
}

#[test]
fn optima_are_those_of_all_starts() {
    let mut random = Random::new(23);
    let (mut feasible, mut infeasible, mut passes) = (0, 0, 0);
    for seed in 0..300 {
        let project = drawn(&mut random);
        let limits = Limits { budget: Some(200), ..Limits::default() };
        let stop = Stop::new(&limits);
        let options = Options { seed, threads: 1, ..Options::default() };
        let found = solve(&project, &options, &limits, &mut Watch::new(&stop)).expect("nothing is refused");
        // One after the other they take 12 at most, and nothing makes any wait longer than that.
        match best(&project, 12) {
            None => {
                assert_eq!(found.status, Status::Infeasible, "{:?}", project.data());
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
    assert!(feasible > 60 && infeasible > 60 && passes > 40, "{feasible} {infeasible} {passes}");
}
