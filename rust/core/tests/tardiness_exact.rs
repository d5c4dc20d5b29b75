//! The exact search against dynamic programming over subsets, under limits, and the local search against both.

use schedkit_core::control::{CancelToken, Limits, Status, Stop, Watch};
use schedkit_core::random::Random;
use schedkit_core::tardiness::{
    Jobs, MEMORY, Solution, Weights, generate, improve, improve_floats, lower_bound, solve_exact, solve_subsets, total_tardiness,
    total_weighted_tardiness,
};

fn run(jobs: &Jobs, limits: &Limits, memory: usize) -> Solution {
    let stop = Stop::new(limits);
    solve_exact(jobs, limits, memory, &mut Watch::new(&stop))
}

fn subsets(jobs: &Jobs) -> Vec<u32> {
    let stop = Stop::new(&Limits::default());
    solve_subsets(jobs, &mut Watch::<i64>::new(&stop)).unwrap().unwrap()
}

/// Few jobs, many ties, all degrees of lateness.
fn draw(random: &mut Random, most: u64) -> (Vec<i64>, Vec<i64>) {
    let n = random.below(most + 1) as usize;
    let longest = [2, 6, 20, 100][random.below(4) as usize];
    let p: Vec<i64> = (0..n).map(|_| random.between(0, longest)).collect();
    let total: i64 = p.iter().sum();
    let low = random.between(-total / 4, total);
    let high = low + random.between(0, total);
    let d = (0..n).map(|_| random.between(low, high)).collect();
    (p, d)
}

#[test]
fn the_search_agrees_with_subsets_on_20_000_instances() {
    let mut random = Random::new(21);
    for _ in 0..20_000 {
        let (p, d) = draw(&mut random, 11);
        let jobs = Jobs::new(&p, &d, Weights::Unit).unwrap();
        let optimum = total_tardiness(&jobs, &subsets(&jobs));
        let found = run(&jobs, &Limits::default(), MEMORY);
        assert_eq!((found.objective, found.lower_bound, found.status), (optimum, optimum, Status::Optimal), "{p:?} {d:?}");
        assert_eq!(total_tardiness(&jobs, &found.sequence), optimum);
        assert!(lower_bound(&jobs) <= optimum, "{p:?} {d:?}");
    }
}

#[test]
fn larger_instances_agree_with_subsets() {
    let mut random = Random::new(22);
    for _ in 0..150 {
        let (p, d) = draw(&mut random, 16);
        let jobs = Jobs::new(&p, &d, Weights::Unit).unwrap();
        assert_eq!(run(&jobs, &Limits::default(), MEMORY).objective, total_tardiness(&jobs, &subsets(&jobs)), "{p:?} {d:?}");
    }
}

#[test]
fn a_limit_gives_the_best_sequence_so_far_and_a_true_bound() {
    for (seed, tf) in [(0, 0.4), (1, 0.6), (2, 0.8)] {
        let columns = generate::potts_van_wassenhove(80, 0.2, tf, seed).unwrap();
        let jobs = Jobs::new(&columns.processing_time, &columns.due_date, Weights::Unit).unwrap();
        let optimum = run(&jobs, &Limits::default(), MEMORY).objective;
        for nodes in [0, 1, 10, 100] {
            let found = run(&jobs, &Limits { budget: Some(nodes), ..Limits::default() }, MEMORY);
            assert!(found.lower_bound <= optimum && optimum <= found.objective);
            assert_eq!(total_tardiness(&jobs, &found.sequence), found.objective);
            assert_eq!(found.status == Status::Optimal, found.lower_bound == found.objective);
        }
    }
}

#[test]
fn little_memory_costs_time_but_not_the_optimum() {
    for seed in 0..6 {
        let columns = generate::potts_van_wassenhove(60, 0.2, 0.6, seed).unwrap();
        let jobs = Jobs::new(&columns.processing_time, &columns.due_date, Weights::Unit).unwrap();
        let (rich, poor) = (run(&jobs, &Limits::default(), MEMORY), run(&jobs, &Limits::default(), 60_000));
        assert_eq!((rich.objective, rich.status), (poor.objective, poor.status));
        assert!(rich.num_nodes <= poor.num_nodes);
    }
}

#[test]
fn five_thousand_jobs_do_not_exhaust_the_stack() {
    let columns = generate::potts_van_wassenhove(5000, 0.2, 0.6, 1).unwrap();
    let jobs = Jobs::new(&columns.processing_time, &columns.due_date, Weights::Unit).unwrap();
    let found = run(&jobs, &Limits { budget: Some(6000), ..Limits::default() }, MEMORY);
    assert!(found.lower_bound <= found.objective && found.sequence.len() == 5000);
}

/// How often a search asks whether it should stop; at the look of this number it is told to.
fn looks(last: u64, search: impl FnOnce(&mut Watch<i64>)) -> u64 {
    let mut looks = 0;
    let stop = Stop::new(&Limits::default());
    let poll = || {
        looks += 1;
        looks < last
    };
    let mut watch = Watch::new(&stop).with(None, Some(Box::new(poll)));
    search(&mut watch);
    drop(watch);
    looks
}

#[test]
fn searches_of_very_many_jobs_poll_often_and_stop_on_request() {
    const N: i64 = 6000;
    // The longest job is due last and late, again and again, while a short job far behind keeps the first ones from being settled:
    // one job after the other is taken off, N^2 steps before the first node.
    let p: Vec<i64> = (1..=N).collect();
    let early = p.iter().sum::<i64>() / 8;
    let chain: Vec<i64> = (0..N).map(|j| early + if j == 0 { N + 1 } else { 2 * j }).collect();
    let columns = generate::potts_van_wassenhove(N as usize, 0.2, 0.6, 1).unwrap();
    let start: Vec<u32> = (0..N as u32).rev().collect();
    let exact = |jobs: &Jobs, budget, watch: &mut Watch<i64>| {
        drop(solve_exact(jobs, &Limits { budget, ..Limits::default() }, MEMORY, watch));
    };
    let local = |jobs: &Jobs, budget, watch: &mut Watch<i64>| {
        drop(improve(jobs, &start, &Limits { budget, ..Limits::default() }, 0, 1, watch));
    };
    for (p, d) in [(&p, &chain), (&columns.processing_time, &columns.due_date)] {
        let jobs = Jobs::new(p, d, Weights::Unit).unwrap();
        for last in [1, 2, 20] {
            let asked = [looks(last, |watch| exact(&jobs, None, watch)), looks(last, |watch| local(&jobs, None, watch))];
            assert!(asked.iter().all(|&asked| asked <= last + 6), "{asked:?} after {last}");
        }
    }
    let jobs = Jobs::new(&p, &chain, Weights::Unit).unwrap();
    let asked = looks(u64::MAX, |watch| exact(&jobs, Some(0), watch));
    assert!(asked > 50, "{asked} looks in many million steps");
}

#[test]
fn a_cancelled_search_returns_the_rules_best() {
    let cancel = CancelToken::default();
    cancel.cancel();
    let jobs = Jobs::new(&[4, 7, 2, 9, 5, 3], &[6, 9, 14, 16, 11, 8], Weights::Unit).unwrap();
    let found = run(&jobs, &Limits { cancel, ..Limits::default() }, MEMORY);
    assert_eq!((found.num_nodes, found.sequence.len()), (0, 6));
}

#[test]
fn local_search_reaches_the_optimum_of_small_instances_and_never_passes_it() {
    let mut random = Random::new(23);
    for round in 0..300 {
        let (p, d) = draw(&mut random, 9);
        let w: Vec<i64> = p.iter().map(|_| random.between(0, 9)).collect();
        let floats: Vec<f64> = w.iter().map(|&w| w as f64 / 8.0).collect();
        let limits = Limits { budget: Some(2000), ..Limits::default() };
        let start: Vec<u32> = (0..p.len() as u32).collect();
        let stop = Stop::new(&limits);
        for weight in [Weights::Unit, Weights::Integers(&w)] {
            let jobs = Jobs::new(&p, &d, weight).unwrap();
            let optimum = total_weighted_tardiness(&jobs, &subsets(&jobs));
            let found = improve(&jobs, &start, &limits, round, 1, &mut Watch::new(&stop));
            assert_eq!(found.objective as f64, optimum, "{p:?} {d:?} {w:?}");
            assert_eq!(total_weighted_tardiness(&jobs, &found.sequence), optimum);
            assert!(found.lower_bound <= found.objective);
            let threaded = improve(&jobs, &start, &limits, round, 3, &mut Watch::new(&stop));
            assert_eq!(threaded, found);
        }
        let jobs = Jobs::new(&p, &d, Weights::Floats(&floats)).unwrap();
        let found = improve_floats(&jobs, &start, &limits, round, 1, &mut Watch::new(&stop));
        assert_eq!(found.objective, total_weighted_tardiness(&jobs, &subsets(&jobs))); // eighths are exact
    }
}

#[test]
fn local_search_keeps_its_sums_in_range() {
    let far = 1 << 53;
    let p = [far / 100; 100];
    let d: Vec<i64> = (0..100).map(|k| if k < 98 { far } else { 0 }).collect();
    let w: Vec<i64> = (0..100).map(|k| if k < 98 { i64::MAX } else { 3 }).collect();
    let jobs = Jobs::new(&p, &d, Weights::Integers(&w)).unwrap();
    let start: Vec<u32> = (0..100).collect();
    let limits = Limits { budget: Some(500), ..Limits::default() };
    let stop = Stop::new(&limits);
    let found = improve(&jobs, &start, &limits, 1, 1, &mut Watch::new(&stop));
    assert_eq!(found.objective, 9 * (far / 100));
}
