//! A workflow engine asks where its tasks should run: HEFT on two kinds of machines, judged before it is used.

use schedkit_core::check::{DagClaim, check_dag};
use schedkit_core::control::Pulse;
use schedkit_core::dag::{Cost, HeftOptions, Network, Past, TaskGraph, bottom_level, heft, lower_bound, weights};

fn main() -> Result<(), schedkit_core::Error> {
    // fetch -> (left, right) -> join, on one slow and two fast processors; 4 units of data on each edge.
    let cost = Cost::Matrix {
        cost: vec![
            2.0, 1.0, 1.0, // fetch
            8.0, 4.0, 4.0, // left
            6.0, 3.0, 3.0, // right
            2.0, 1.0, 1.0, // join
        ],
        num_processors: 3,
    };
    let graph = TaskGraph::new(cost, &[(0, 1), (0, 2), (1, 3), (2, 3)], &[4.0; 4], None)?;
    let network = Network::default(); // bandwidth 1, latency 0
    let schedule = heft(&graph, &network, &Past::default(), HeftOptions::default(), &Pulse::default())?;

    let runs: Vec<_> = (0..graph.num_tasks())
        .map(|i| (i as i64, i64::from(schedule.processor[i]), schedule.start_time[i], schedule.completion_time[i]))
        .collect();
    let claim = DagClaim { runs: &runs, copies: &[], makespan: Some(schedule.makespan), fixed: &[], now: 0.0 };
    assert!(check_dag(&graph, &network, &claim).is_empty());

    for (task, name) in ["fetch", "left", "right", "join"].iter().enumerate() {
        println!("{name:<6} processor {}  {:>4} to {:>4}", schedule.processor[task], runs[task].2, runs[task].3);
    }
    println!("makespan {}, no schedule is shorter than {}", schedule.makespan, lower_bound(&graph, &network)?);
    // For an engine that places tasks by itself: the urgency of each task.
    println!("bottom levels {:?}", bottom_level(&graph, &weights(&graph, schedkit_core::dag::RankCost::Best)));
    Ok(())
}
