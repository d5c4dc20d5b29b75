//! Bounds never exceed the optimum, and the search finds it: enumeration of all lists on small random projects.

use proptest::prelude::*;

use super::{Event, Prover, Reasoning};
use crate::check::{ProjectClaim, check_project};
use crate::rcpsp::{
    Decoder, Direction, Past, Priority, Project, ProjectData, Rule, Schedule, destructive_lower_bound, lower_bound, serial_sgs,
};

/// The least makespan over all precedence-feasible lists; active schedules hold an optimum.
fn optimum(project: &Project) -> i64 {
    fn extend(project: &Project, decoder: &mut Decoder, list: &mut Vec<u32>, waiting: &mut [usize]) -> i64 {
        if list.len() == waiting.len() {
            return decoder.decode(&*list, Direction::Forward);
        }
        let mut best = i64::MAX;
        for i in 0..waiting.len() {
            if waiting[i] > 0 || list.contains(&(i as u32)) {
                continue;
            }
            list.push(i as u32);
            project.graph().successors().of(i).iter().for_each(|&j| waiting[j as usize] -= 1);
            best = best.min(extend(project, decoder, list, waiting));
            project.graph().successors().of(i).iter().for_each(|&j| waiting[j as usize] += 1);
            list.pop();
        }
        best
    }
    let mut waiting: Vec<usize> = (0..project.num_activities()).map(|i| project.graph().predecessors().degree(i)).collect();
    extend(project, &mut Decoder::new(project), &mut Vec::new(), &mut waiting)
}

fn projects() -> impl Strategy<Value = Project> {
    (1_usize..8, prop::collection::vec(1_i64..7, 0..4), prop_oneof![Just(1_i64), Just(3)]).prop_flat_map(
        |(n, capacity, scale)| {
            let duration = prop::collection::vec((0_i64..7).prop_map(move |d| d * scale), n);
            let share = prop::collection::vec(0_i64..100, n * capacity.len());
            let edges = prop::collection::btree_set((0_u32..8, 0_u32..8), 0..8);
            (Just(capacity), duration, share, edges).prop_map(|(capacity, duration, share, edges)| {
                let n = duration.len() as u32;
                let demand = share.iter().enumerate().map(|(k, share)| share % (capacity[k % capacity.len()] + 1)).collect();
                let precedence = edges.into_iter().filter(|&(i, j)| i > j && i < n).collect();
                Project::new(ProjectData { duration, demand, capacity, precedence, ..ProjectData::default() }).expect("valid")
            })
        },
    )
}

/// A long first schedule: one activity after the other.
fn in_a_row(project: &Project) -> Schedule {
    let mut clock = 0;
    let mut start_time = vec![0; project.num_activities()];
    for &i in project.graph().topological_order() {
        start_time[i as usize] = clock;
        clock += project.duration()[i as usize];
    }
    Schedule::from_starts(project, start_time)
}

/// Runs the prover to the end; its last schedule is optimal.
///
/// It pauses in the middle of runs too, where assumptions must not pass for bounds.
fn prove(project: &Project, mut schedule: Schedule, slice: u64, optimum: Option<i64>) -> Schedule {
    let Some(mut prover) = Prover::new(project, &Past::default(), Some((&schedule.start_time, schedule.makespan))) else {
        assert_eq!(schedule.makespan, 0);
        return schedule;
    };
    let mut calls = 0;
    loop {
        calls += 1;
        let mut steps = calls % 50 + 1;
        let event = prover.run(prover.work() + slice, |_| {
            steps -= 1;
            steps == 0
        });
        match event {
            Event::Paused => assert!(prover.lower_bound() <= optimum.unwrap_or(schedule.makespan)),
            Event::Proved => break,
            Event::Better(shorter) => {
                assert!(shorter.makespan < schedule.makespan);
                schedule = shorter;
                prover.improve(&schedule.start_time, schedule.makespan);
            }
        }
    }
    assert!(prover.is_proved());
    assert_eq!(prover.lower_bound(), schedule.makespan);
    schedule
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_search_finds_and_proves_the_optimum(project in projects(), slice in 1_u64..200) {
        let optimum = optimum(&project);
        for first in [in_a_row(&project), serial_sgs(&project, Priority::Rule(Rule::LFT), 0).expect("valid")] {
            let found = prove(&project, first, slice, Some(optimum));
            prop_assert_eq!(found.makespan, optimum);
            let activity: Vec<i64> = (0..project.num_activities() as i64).collect();
            let claim = ProjectClaim {
        mode: None,
                activity: &activity,
                start: &found.start_time,
                end: &found.completion_time,
                makespan: Some(found.makespan),
                objectives: &[], fixed: &[],
                now: 0,
            };
            prop_assert_eq!(check_project(project.data(), &claim).unwrap(), []);
        }
    }

    #[test]
    fn no_reasoning_goes_beyond_the_optimum(project in projects()) {
        let optimum = optimum(&project);
        let schedule = in_a_row(&project);
        for (disjunctive, energetic) in [(false, false), (true, false), (false, true), (true, true)] {
            if let Some(mut prover) = Prover::new(&project, &Past::default(), Some((&schedule.start_time, schedule.makespan))) {
                prover.raise(Reasoning { disjunctive, energetic }, || false);
                prop_assert!(prover.lower_bound() <= optimum);
            }
        }
        let bound = destructive_lower_bound(&project);
        prop_assert!((lower_bound(&project)..=optimum).contains(&bound));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Where enumeration is out of reach, the proof must still agree with itself under other numbers of the activities.
    #[test]
    fn relabelled_projects_have_the_same_optimum(seed in any::<u64>(), n in 9_usize..14) {
        let mut random = crate::random::Random::new(seed);
        let duration: Vec<i64> = (0..n).map(|_| random.between(1, 9)).collect();
        let demand: Vec<i64> = (0..2 * n).map(|_| random.between(0, 5)).collect();
        let precedence: Vec<(u32, u32)> = (0..n).map(|_| (random.below(n as u64) as u32, random.below(n as u64) as u32)).filter(|(i, j)| i < j).collect();
        let mut place: Vec<usize> = (0..n).collect();
        random.shuffle(&mut place);
        let mut moved = (vec![0; n], vec![0; 2 * n]);
        for (i, &p) in place.iter().enumerate() {
            moved.0[p] = duration[i];
            moved.1[2 * p..2 * p + 2].copy_from_slice(&demand[2 * i..2 * i + 2]);
        }
        let edges: std::collections::BTreeSet<_> = precedence.into_iter().collect();
        let turned = edges.iter().map(|&(i, j)| (place[i as usize] as u32, place[j as usize] as u32)).collect();
        let make = |duration, demand, precedence| {
            Project::new(ProjectData { duration, demand, capacity: vec![6, 7], precedence, ..ProjectData::default() }).expect("valid")
        };
        let (one, two) = (make(duration, demand, edges.into_iter().collect()), make(moved.0, moved.1, turned));
        prop_assert_eq!(prove(&one, in_a_row(&one), 1000, None).makespan, prove(&two, in_a_row(&two), 1_000_000, None).makespan);
    }
}

/// Between a first and a last activity of 2 ticks each, `count` equal ones of 4 ticks on 10 units.
fn in_the_middle(count: usize, demand: i64) -> Project {
    let last = count as u32 + 1;
    let column = |end: i64, middle: i64| [vec![end], vec![middle; count], vec![end]].concat();
    Project::new(ProjectData {
        duration: column(2, 4),
        demand: column(0, demand),
        capacity: vec![10],
        precedence: (1..last).flat_map(|i| [(0, i), (i, last)]).collect(),
        ..ProjectData::default()
    })
    .expect("valid")
}

fn raised(project: &Project, disjunctive: bool, energetic: bool) -> i64 {
    let schedule = in_a_row(project);
    let mut prover = Prover::new(project, &Past::default(), Some((&schedule.start_time, schedule.makespan + 1))).expect("small");
    prover.raise(Reasoning { disjunctive, energetic }, || false);
    prover.lower_bound()
}

#[test]
fn what_each_reasoning_sees() {
    // Six of ten units each: no two run together, so three take 12. Below 8 ticks between the ends they have compulsory parts.
    let exclusive = in_the_middle(3, 6);
    assert_eq!(lower_bound(&exclusive), 8);
    assert_eq!([(false, false), (false, true), (true, false)].map(|(d, e)| raised(&exclusive, d, e)), [12, 12, 16]);
    // Five of ten: two run side by side, but five need 5 * 4 * 5 / 10 = 10 ticks between the ends.
    let energy = in_the_middle(5, 5);
    assert_eq!([(false, false), (true, false), (false, true)].map(|(d, e)| raised(&energy, d, e)), [12, 12, 14]);
    assert_eq!(destructive_lower_bound(&energy), 14);
}
