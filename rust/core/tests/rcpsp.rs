//! Resource-constrained projects: the worked example, and every kernel against a slow, obvious scheme on random projects.

use proptest::prelude::*;
use schedkit_core::check::{ProjectClaim, check_project};
use schedkit_core::control::Pulse;
use schedkit_core::names::Named;
use schedkit_core::rcpsp::{
    Decoder, Direction, Kernel, Lister, Priority, Project, ProjectData, Rule, Schedule, critical_path, justify, lower_bound,
    parallel_sgs, serial_sgs, serial_sgs_many,
};

/// Seven activities on one resource; makespans and starts computed by independent code, the optimum by enumeration.
fn worked_example() -> Project {
    Project::new(ProjectData {
        duration: vec![1, 3, 5, 2, 1, 4, 4],
        demand: vec![1, 3, 1, 1, 1, 2, 2],
        capacity: vec![4],
        precedence: vec![(0, 1), (1, 5), (4, 6)],
        ..ProjectData::default()
    })
    .expect("valid")
}

fn assert_feasible(project: &Project, schedule: &Schedule) {
    let activity: Vec<i64> = (0..project.num_activities() as i64).collect();
    let claim = ProjectClaim {
        mode: None,
        activity: &activity,
        start: &schedule.start_time,
        end: &schedule.completion_time,
        makespan: Some(schedule.makespan),
        objectives: &[],
        fixed: &[],
        now: 0,
    };
    assert_eq!(check_project(project.data(), &claim).unwrap(), []);
}

#[test]
fn the_worked_example() {
    let project = worked_example();
    let c = critical_path(&project, &Pulse::default()).unwrap();
    assert_eq!((c.length, c.latest_finish), (8, vec![1, 4, 8, 8, 4, 8, 8]));
    let serial = serial_sgs(&project, Priority::Rule(Rule::LFT), 0).expect("valid");
    let parallel = parallel_sgs(&project, Priority::Rule(Rule::LFT), 0).expect("valid");
    let justified = justify(&project, &parallel.completion_time, &Pulse::default()).expect("valid");
    assert_eq!((serial.makespan, parallel.makespan, justified.makespan), (10, 12, 9));
    assert_eq!(justified.start_time, [0, 2, 0, 0, 0, 5, 5]);
    for schedule in [&serial, &parallel, &justified] {
        assert_feasible(&project, schedule);
    }
}

/// Tries every start from the earliest one on, tick by tick.
fn obvious_serial(project: &Project, list: &[u32]) -> Vec<i64> {
    let n = project.num_activities();
    let duration = project.duration();
    let mut start = vec![-1_i64; n];
    for &i in list {
        let i = i as usize;
        let predecessors = project.graph().predecessors().of(i);
        let earliest = predecessors.iter().map(|&p| start[p as usize] + duration[p as usize]).max().unwrap_or(0);
        let fits = |t: i64| {
            (0..project.num_resources()).all(|r| {
                (t..t + duration[i]).all(|tick| {
                    let running = (0..n).filter(|&j| start[j] >= 0 && start[j] <= tick && tick < start[j] + duration[j]);
                    running.map(|j| project.demand_of(j)[r]).sum::<i64>() + project.demand_of(i)[r] <= project.capacity()[r]
                })
            })
        };
        start[i] = (earliest..=project.horizon()).find(|&t| fits(t)).expect("alone it always fits");
    }
    start
}

/// Capacities beyond 32 packed bits, beyond 64, and small ones.
fn projects() -> impl Strategy<Value = Project> {
    let capacity = prop_oneof![
        prop::collection::vec(1_i64..6, 0..4),
        prop::collection::vec(100_i64..2000, 3..5),
        prop::collection::vec(1_i64..=1 << 53, 2..4),
    ];
    (capacity, 0_usize..12, 1_i64..4).prop_flat_map(|(capacity, n, scale)| {
        let duration = prop::collection::vec((0_i64..9).prop_map(move |d| d * scale), n);
        let share = prop::collection::vec(0_i64..=8, n * capacity.len());
        let edges = prop::collection::btree_set((0_u32..12, 0_u32..12), 0..20);
        (Just(capacity), duration, share, edges).prop_map(|(capacity, duration, share, edges)| {
            let n = duration.len() as u32;
            let demand = share.iter().enumerate().map(|(k, share)| capacity[k % capacity.len()] / 8 * share).collect();
            // Pairs against the grain of the indices, so that lists by index are not feasible by luck.
            let precedence = edges.into_iter().filter(|&(i, j)| i > j && i < n).collect();
            Project::new(ProjectData { duration, demand, capacity, precedence, ..ProjectData::default() }).expect("valid")
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn kernels_equal_the_obvious_scheme(project in projects(), seed in any::<u64>()) {
        let list = Lister::new(&project).list(&Rule::from_name("random").unwrap().values(&project, seed, &mut Pulse::default())).to_vec();
        let expected = obvious_serial(&project, &list);
        let mut backward_starts = Vec::new();
        for kernel in [Kernel::Packed, Kernel::PackedAvx2, Kernel::PackedAvx512, Kernel::Events] {
            let mut decoder = Decoder::with_kernel(&project, kernel);
            for _ in 0..2 { // the second time on a used profile
                let makespan = decoder.decode(&list, Direction::Forward);
                let schedule = decoder.schedule(Direction::Forward, 0);
                prop_assert_eq!(&schedule.start_time, &expected);
                prop_assert_eq!(schedule.makespan, makespan);
            }
            let reversed: Vec<u32> = list.iter().rev().copied().collect();
            let end = decoder.decode(&reversed, Direction::Backward);
            let backward = decoder.schedule(Direction::Backward, end);
            assert_feasible(&project, &backward);
            backward_starts.push(backward.start_time);
        }
        prop_assert!(backward_starts.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn every_rule_is_feasible_within_its_bounds_and_justification_never_lengthens(project in projects(), seed in any::<u64>()) {
        for (_, rule) in Rule::all() {
            for scheme in [serial_sgs, parallel_sgs] {
                let schedule = scheme(&project, Priority::Rule(rule), seed).expect("valid");
                assert_feasible(&project, &schedule);
                prop_assert!(schedule.makespan >= lower_bound(&project));
                prop_assert!(schedule.makespan <= project.horizon());
                let justified = justify(&project, &schedule.completion_time, &Pulse::default()).expect("valid");
                assert_feasible(&project, &justified);
                prop_assert!(justified.makespan <= schedule.makespan);
            }
        }
    }

    #[test]
    fn batches_equal_single_calls(project in projects(), rows in 0_usize..5, seed in any::<u64>(), threads in 1_usize..4) {
        let n = project.num_activities();
        let mut random = schedkit_core::random::Random::new(seed);
        let priority: Vec<f64> = (0..rows * n).map(|_| (random.below(20) as f64 - 10.0) / 4.0).collect();
        let (mut makespan, mut starts) = (vec![0; rows], vec![0; rows * n]);
        serial_sgs_many(&project, &priority, threads, &Pulse::default(), &mut makespan, &mut starts).expect("valid");
        for (row, &makespan) in makespan.iter().enumerate() {
            let part = row * n..(row + 1) * n;
            let single = serial_sgs(&project, Priority::Floats(&priority[part.clone()]), 0).expect("valid");
            prop_assert_eq!(makespan, single.makespan);
            prop_assert_eq!(&starts[part], &single.start_time[..]);
        }
    }
}

#[test]
fn large_projects_use_the_large_eligible_set() {
    let n = 300_u32;
    let data = ProjectData {
        duration: (0..i64::from(n)).map(|i| 1 + i % 5).collect(),
        demand: vec![1; n as usize],
        capacity: vec![3],
        precedence: (0..n - 7).map(|i| (i + 7, i)).collect(),
        ..ProjectData::default()
    };
    let project = Project::new(data).expect("valid");
    let priority: Vec<i64> = (0..i64::from(n)).collect();
    let schedule = serial_sgs(&project, Priority::Integers(&priority), 0).expect("valid");
    assert_feasible(&project, &schedule);
    let list = Lister::new(&project).list(&priority).to_vec();
    assert_eq!(schedule.start_time, obvious_serial(&project, &list));
}

#[test]
fn values_that_are_not_finite_are_named_by_row_and_column() {
    let project = worked_example();
    let mut priority = vec![0.5; 21];
    priority[16] = f64::NAN;
    priority[20] = f64::INFINITY;
    let error = serial_sgs_many(&project, &priority, 2, &Pulse::default(), &mut [0; 3], &mut []).unwrap_err();
    assert_eq!(error.to_string(), "priority[2, 2] = NaN: must be finite; 1 more");
    let error = serial_sgs(&project, Priority::Floats(&priority[..6]), 0).unwrap_err();
    assert_eq!(error.to_string(), "priority: has length 6, expected 7");
}
