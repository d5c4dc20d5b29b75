//! A call that is told to stop at any of its checks ends without a panic, whatever it had half done.

use std::cell::Cell;

use schedkit_core::control::Pulse;
use schedkit_core::dag::{self, Algorithm, Cost, HeftOptions, Network, TaskGraph};
use schedkit_core::graph::Dag;
use schedkit_core::names::Named;
use schedkit_core::online::{self, Jobs, JobsData, Policy};
use schedkit_core::random::Random;
use schedkit_core::rcpsp::{
    self, Priority, Project, ProjectData, Scheme, critical_path, interruptible_lower_bound, justify, plan,
};
use schedkit_core::tardiness::{self, Scratch, Weights};

thread_local! {
    static CHECKS_LEFT: Cell<usize> = const { Cell::new(0) };
}

/// Goes on for as many checks as are left.
fn poll() -> bool {
    CHECKS_LEFT.with(|left| left.replace(left.get().saturating_sub(1)) > 0)
}

/// Runs `call` stopped at its first check, at its second, and so on until it ends by itself; at most `most` of them, evenly spread.
fn stop_everywhere(what: &str, most: usize, call: impl Fn(Pulse)) {
    const ENDLESS: usize = usize::MAX / 2;
    let run = |checks| {
        CHECKS_LEFT.set(checks);
        call(Pulse::new(poll));
        checks - CHECKS_LEFT.get()
    };
    let all = run(ENDLESS);
    assert!(all > 0, "{what}: never asked");
    for checks in (0..all).step_by(all.div_ceil(most)) {
        run(checks);
    }
}

/// A random tree behind node 0.
fn tree(n: usize) -> Vec<(u32, u32)> {
    let mut random = Random::new(1);
    (1..n as u32).map(|j| (random.below(u64::from(j)) as u32, j)).collect()
}

fn project_data(n: usize) -> ProjectData {
    let mut random = Random::new(2);
    let demand: Vec<i64> = (0..3 * n).map(|_| random.between(0, 4)).collect();
    let duration = (0..n).map(|i| 1 + demand[3 * i]).collect();
    ProjectData { duration, demand, capacity: vec![9; 3], precedence: tree(n), ..ProjectData::default() }
}

#[test]
fn graphs_and_projects_are_built() {
    let n = 300_000;
    let edges = tree(n);
    stop_everywhere("graph", 40, |mut pulse| {
        let built = Dag::new_interruptible(n, &edges, "edges", &mut pulse).expect("valid");
        assert_eq!(built.num_nodes(), n);
        assert_eq!(built.num_edges(), if pulse.stopped() { 0 } else { n - 1 });
    });
    let data = project_data(50_000);
    stop_everywhere("project", 40, |mut pulse| drop(Project::new_interruptible(data.clone(), &mut pulse)));
}

#[test]
fn projects_are_scheduled() {
    let project = Project::new(project_data(20_000)).expect("valid");
    let schedule =
        plan(&project, &rcpsp::Past::default(), Scheme::Serial, Priority::Rule(rcpsp::Rule::LFT), 0, &Pulse::default())
            .expect("feasible");
    for scheme in [Scheme::Serial, Scheme::Parallel] {
        for (name, rule) in rcpsp::Rule::all() {
            stop_everywhere(name, 6, |pulse| {
                drop(plan(&project, &rcpsp::Past::default(), scheme, Priority::Rule(rule), 1, &pulse));
            });
        }
    }
    stop_everywhere("critical path", 25, |pulse| drop(critical_path(&project, &pulse)));
    stop_everywhere("justification", 25, |pulse| drop(justify(&project, &schedule.completion_time, &pulse)));
    let small = Project::new(project_data(300)).expect("valid");
    stop_everywhere("lower bound", 25, |pulse| {
        let _ = interruptible_lower_bound(&small, true, &pulse);
    });
}

#[test]
fn task_graphs_are_scheduled() {
    let mut random = Random::new(3);
    let mut draw = |n: usize| {
        let values = (0..4 * n).map(|_| random.between(1, 9) as f64).collect();
        let cost = Cost::Matrix { cost: values, num_processors: 4 };
        TaskGraph::new(cost, &tree(n), &vec![1.0; n - 1], None).expect("valid")
    };
    let (small, large) = (draw(10_000), draw(50_000));
    for (name, algorithm) in Algorithm::all() {
        let graph = if ["etf", "dls", "min_min", "max_min", "duplex", "sufferage"].contains(&name) { &small } else { &large };
        stop_everywhere(name, 8, |pulse| {
            drop(algorithm.run(graph, &Network::default(), &dag::Past::default(), HeftOptions::default(), 0, &pulse));
        });
    }
}

#[test]
fn jobs_are_sequenced() {
    for (name, rule) in tardiness::Rule::all() {
        let n = if ["edd", "spt", "wspt", "mdd", "psk", "mddc"].contains(&name) { 200_000 } else { 1000 };
        let mut random = Random::new(4);
        let p: Vec<i64> = (0..n).map(|_| random.between(1, 99)).collect();
        let d: Vec<i64> = (0..n).map(|_| random.between(1, 50 * n)).collect();
        let jobs = tardiness::Jobs::new(&p, &d, Weights::Unit).expect("valid");
        stop_everywhere(name, 12, |pulse| rule.run(&jobs, &mut Scratch::with_pulse(pulse)));
    }
}

#[test]
fn streams_are_simulated() {
    let n = 40_000;
    let mut random = Random::new(5);
    let operation: Vec<f64> = (0..n).map(|_| random.between(1, 9) as f64).collect();
    let release_time = (0..n).map(|j| 5.0 * f64::from(j)).collect();
    let jobs =
        Jobs::new(JobsData { release_time, estimate: Some(operation.clone()), operation, ..JobsData::default() }).expect("valid");
    for entry in online::POLICIES {
        let (name, policy) = (entry.name, Policy::from_name(entry.name).expect("a known name"));
        for servers in [1, 3] {
            let options = online::Options { servers, segments: true, ..online::Options::default() };
            if online::simulate(&Jobs::new(JobsData::default()).expect("valid"), &policy, &options).is_ok() {
                stop_everywhere(name, 8, |pulse| drop(online::simulate_interruptible(&jobs, &policy, &options, &pulse)));
            }
        }
    }
}
