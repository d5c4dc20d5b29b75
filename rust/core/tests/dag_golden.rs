//! Published and pinned instances of the HEFT family.

use schedkit_core::control::Pulse;
use schedkit_core::dag::{
    Algorithm, Cost, HeftOptions, Links, Network, Past, PerLink, RankCost, Schedule, TaskGraph, downward_rank, upward_rank,
    weights,
};
use schedkit_core::names::Named;

fn graph(rows: &[&[f64]], edges: &[(u32, u32, f64)]) -> TaskGraph {
    let cost = Cost::Matrix { cost: rows.concat(), num_processors: rows[0].len() };
    let pairs: Vec<(u32, u32)> = edges.iter().map(|&(i, j, _)| (i, j)).collect();
    let data: Vec<f64> = edges.iter().map(|&(_, _, d)| d).collect();
    TaskGraph::new(cost, &pairs, &data, None).unwrap()
}

/// The ten-task graph of Topcuoglu, Hariri, Wu (2002).
fn topcuoglu() -> TaskGraph {
    graph(
        &[
            &[14., 16., 9.],
            &[13., 19., 18.],
            &[11., 13., 19.],
            &[13., 8., 17.],
            &[12., 13., 10.],
            &[13., 16., 9.],
            &[7., 15., 11.],
            &[5., 11., 14.],
            &[18., 12., 20.],
            &[21., 7., 16.],
        ],
        &[
            (0, 1, 18.),
            (0, 2, 12.),
            (0, 3, 9.),
            (0, 4, 11.),
            (0, 5, 14.),
            (1, 7, 19.),
            (1, 8, 16.),
            (2, 6, 23.),
            (3, 7, 27.),
            (3, 8, 23.),
            (4, 8, 13.),
            (5, 7, 15.),
            (6, 9, 17.),
            (7, 9, 11.),
            (8, 9, 13.),
        ],
    )
}

fn g1() -> TaskGraph {
    graph(
        &[&[5., 4.], &[2., 6.], &[3., 9.], &[6., 3.], &[8., 3.], &[9., 5.], &[4., 3.]],
        &[(0, 1, 0.), (0, 3, 7.), (1, 2, 8.), (1, 3, 9.), (1, 6, 1.), (3, 5, 9.)],
    )
}

fn g2() -> (TaskGraph, Network) {
    let graph = graph(
        &[&[9., 1., 5.], &[9., 2., 3.], &[8., 4., 1.], &[4., 7., 7.], &[7., 6., 6.], &[7., 9., 5.], &[3., 4., 9.]],
        &[(0, 2, 4.), (0, 6, 16.), (1, 3, 8.), (1, 4, 0.), (4, 6, 0.)],
    );
    let bandwidth = PerLink::Matrix { values: vec![1., 2., 4., 1., 1., 2., 4., 2., 1.], size: 3 };
    let latency = PerLink::Matrix { values: vec![0., 0., 0., 1., 1., 1., 3., 3., 3.], size: 3 };
    (graph, Network::new(bandwidth, latency).unwrap())
}

fn run(name: &str, graph: &TaskGraph, network: &Network, insertion: bool) -> Schedule {
    let options = HeftOptions { insertion, ..HeftOptions::default() };
    Algorithm::from_name(name).unwrap().run(graph, network, &Past::default(), options, 0, &Pulse::default()).unwrap()
}

fn makespans(names: &[&str], graph: &TaskGraph, network: &Network, insertion: bool) -> Vec<f64> {
    names.iter().map(|name| run(name, graph, network, insertion).makespan).collect()
}

const FAMILY: [&str; 6] = ["heft", "cpop", "peft", "ppts", "ippts", "lookahead_heft"];

#[test]
fn the_ten_task_graph_gives_the_published_makespans_and_placement() {
    let (graph, network) = (topcuoglu(), Network::default());
    assert_eq!(makespans(&FAMILY, &graph, &network, true), [80., 86., 85., 80., 95., 76.]);
    let s = run("heft", &graph, &network, true);
    assert_eq!(s.processor, [2, 0, 2, 1, 2, 1, 2, 0, 1, 1]);
    assert_eq!(s.start_time, [0., 27., 9., 18., 28., 26., 38., 57., 56., 73.]);
    assert_eq!(s.completion_time, [9., 40., 28., 26., 38., 42., 49., 62., 68., 80.]);
    // The same paper reports 91 for DLS, which does not insert.
    assert_eq!(makespans(&["dls"], &graph, &network, false), [91.]);
}

#[test]
fn the_ten_task_graph_gives_the_published_ranks() {
    let (graph, network) = (topcuoglu(), Network::default());
    let (links, mean) = (Links::new(&network, &graph).unwrap(), weights(&graph, RankCost::Mean));
    let thousandths = |ranks: Vec<f64>| -> Vec<i64> { ranks.iter().map(|r| (r * 1000.0).round() as i64).collect() };
    let up = [108_000, 77_000, 80_000, 80_000, 69_000, 63_333, 42_667, 35_667, 44_333, 14_667];
    let down = [0, 31_000, 25_000, 22_000, 24_000, 27_000, 62_333, 66_667, 63_667, 93_333];
    assert_eq!(thousandths(upward_rank(&graph, &links, &mean)), up);
    assert_eq!(thousandths(downward_rank(&graph, &links, &mean)), down);
}

#[test]
fn the_small_instances_pin_insertion_and_links() {
    let (graph, network) = (g1(), Network::default());
    assert_eq!(makespans(&FAMILY, &graph, &network, true), [26., 21., 21., 21., 22., 24.]);
    assert_eq!(makespans(&FAMILY, &graph, &network, false), [29., 24., 24., 24., 26., 27.]);
    let (graph, network) = g2();
    assert_eq!(makespans(&FAMILY, &graph, &network, true), [15., 15., 18., 14., 18., 16.]);
    let links = Links::new(&network, &graph).unwrap();
    let rank = upward_rank(&graph, &links, &weights(&graph, RankCost::Mean));
    assert!((rank[0] - 19.667).abs() < 5e-4, "{}", rank[0]);
}

#[test]
fn copies_of_entry_tasks_save_transfers() {
    let graph = graph(&[&[1., 2.], &[9., 9.], &[9., 9.]], &[(0, 1, 5.), (0, 2, 5.)]);
    let options = HeftOptions { entry_duplication: true, ..HeftOptions::default() };
    let s = Algorithm::from_name("heft")
        .unwrap()
        .run(&graph, &Network::default(), &Past::default(), options, 0, &Pulse::default())
        .unwrap();
    assert_eq!((s.makespan, s.copies.len()), (11., 1));
    assert_eq!((s.copies[0].task, s.copies[0].processor, s.copies[0].start, s.copies[0].end), (0, 1, 0., 2.));
}
