//! Instances that the benches share.

use schedkit_core::random::Random;
use schedkit_core::rcpsp::{Lister, Project, ProjectData};

/// A project like PSPLIB's j120: durations 1 to 10, four resources, about 1.8 successors each, between a source and a sink.
///
/// `stretch` turns a drawn duration of 1 to 10 into ticks.
pub fn project(n: usize, seed: u64, stretch: impl Fn(i64, &mut Random) -> i64) -> Project {
    let mut random = Random::new(seed);
    let mut data = ProjectData { capacity: (0..4).map(|_| random.between(12, 30)).collect(), ..ProjectData::default() };
    for i in 0..n {
        let dummy = i == 0 || i == n - 1;
        let drawn = random.between(1, 10);
        data.duration.push(if dummy { 0 } else { stretch(drawn, &mut random) });
        for _ in 0..4 {
            data.demand.push(if dummy || random.below(4) < 2 { 0 } else { random.between(1, 10) });
        }
    }
    let mut has_successor = vec![false; n];
    for j in 1..n - 1 {
        let mut before: Vec<usize> =
            (0..random.between(1, 3)).map(|_| j.saturating_sub(random.between(1, 25) as usize)).collect();
        before.sort_unstable();
        before.dedup();
        for i in before {
            has_successor[i] = true;
            data.precedence.push((i as u32, j as u32));
        }
    }
    data.precedence.extend((0..n - 1).filter(|&i| !has_successor[i]).map(|i| (i as u32, n as u32 - 1)));
    Project::new(data).expect("a valid project")
}

/// Random precedence-feasible lists.
pub fn lists(project: &Project, count: usize, seed: u64) -> Vec<Vec<u32>> {
    let mut random = Random::new(seed);
    let mut lister = Lister::new(project);
    (0..count)
        .map(|_| {
            let priority: Vec<f64> = (0..project.num_activities()).map(|_| random.unit()).collect();
            lister.list(&priority).to_vec()
        })
        .collect()
}
