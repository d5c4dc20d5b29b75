//! A project with two resources: one pass, then an anytime search that can be cancelled, then a check of its schedule.

use schedkit_core::check::{ProjectClaim, check_project};
use schedkit_core::control::{CancelToken, Limits, Stop, Watch};
use schedkit_core::rcpsp::{Options, Priority, Project, ProjectData, Rule, serial_sgs, solve};

fn main() -> Result<(), schedkit_core::Error> {
    let project = Project::new(ProjectData {
        duration: vec![3, 2, 4, 1, 5, 2, 3],
        demand: vec![2, 0, 1, 1, 1, 1, 2, 0, 1, 1, 1, 0, 0, 2], // one row of two for each activity
        capacity: vec![2, 2],
        precedence: vec![(0, 3), (1, 3), (2, 5), (3, 6)],
        ..ProjectData::default()
    })?;
    let first = serial_sgs(&project, Priority::Rule(Rule::LFT), 0)?;
    println!("latest finish first: makespan {}", first.makespan);

    let cancel = CancelToken::default(); // hand a clone to whoever may end the search
    let limits = Limits { budget: Some(10_000), cancel: cancel.clone(), ..Limits::default() };
    let options = Options { threads: 1, ..Options::default() };
    let stop = Stop::new(&limits);
    let found = solve(&project, &options, &limits, &mut Watch::new(&stop))?;
    println!("search: makespan {}, lower bound {}, {}", found.schedule.makespan, found.lower_bound, found.status.as_str());

    let activity: Vec<i64> = (0..7).collect();
    let (start, end) = (&found.schedule.start_time[..], &found.schedule.completion_time[..]);
    let claim = ProjectClaim {
        mode: None,
        activity: &activity,
        start,
        end,
        makespan: Some(found.schedule.makespan),
        objectives: &[],
        fixed: &[],
        now: 0,
    };
    assert!(check_project(project.data(), &claim)?.is_empty());
    println!("starts {:?}", found.schedule.start_time);
    Ok(())
}
