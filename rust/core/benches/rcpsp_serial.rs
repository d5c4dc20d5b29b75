//! Serial schedule generation: each kernel against the floor, and against the time scale.
//!
//! The floor is the longest path plus the subtraction of every demand from the profile, without any check: what no kernel can
//! avoid. Kernels are compared with each other before anything is timed.
#![allow(missing_docs)]

mod common;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use schedkit_core::rcpsp::{Decoder, Direction, Kernel, Lister, Project};

const LISTS: usize = 200;

/// One step of the floor: duration, packed demand, predecessors.
struct Floor {
    steps: Vec<(u32, u32, Vec<u32>)>,
    finish: Vec<u32>,
    profile: Vec<u32>,
    dirty: usize,
}

impl Floor {
    fn new(project: &Project) -> Self {
        let steps = (0..project.num_activities()).map(|i| {
            let packed = project.demand_of(i).iter().fold(0, |word, &units| word << 8 | units as u32);
            (project.duration()[i] as u32, packed, project.graph().predecessors().of(i).to_vec())
        });
        let slots = project.horizon() as usize;
        Self { steps: steps.collect(), finish: vec![0; project.num_activities()], profile: vec![0; slots], dirty: 0 }
    }

    fn run(&mut self, list: &[u32]) -> u32 {
        self.profile[..self.dirty].fill(u32::MAX);
        let mut makespan = 0;
        for &i in list {
            let (duration, demand, predecessors) = &self.steps[i as usize];
            let start = predecessors.iter().map(|&p| self.finish[p as usize]).max().unwrap_or(0);
            for level in &mut self.profile[start as usize..(start + duration) as usize] {
                *level = level.wrapping_sub(*demand);
            }
            self.finish[i as usize] = start + duration;
            makespan = makespan.max(start + duration);
        }
        self.dirty = makespan as usize;
        makespan
    }
}

fn decode_all(decoder: &mut Decoder, lists: &[Vec<u32>]) -> i64 {
    lists.iter().map(|list| decoder.decode(list, Direction::Forward)).sum()
}

fn kernels(c: &mut Criterion) {
    let project = common::project(122, 7, |d, _| d);
    let lists = common::lists(&project, LISTS, 1);
    let expected = decode_all(&mut Decoder::with_kernel(&project, Kernel::Events), &lists);
    let mut group = c.benchmark_group("rcpsp_serial/120");
    group.throughput(criterion::Throughput::Elements(LISTS as u64));
    let mut floor = Floor::new(&project);
    group.bench_function("floor", |b| b.iter(|| lists.iter().map(|list| u64::from(floor.run(black_box(list)))).sum::<u64>()));
    for kernel in [Kernel::Packed, Kernel::PackedAvx2, Kernel::PackedAvx512, Kernel::Events] {
        let mut decoder = Decoder::with_kernel(&project, kernel);
        if decoder.kernel() != kernel {
            continue; // this processor does not have it
        }
        assert_eq!(decode_all(&mut decoder, &lists), expected, "{kernel:?}");
        group.bench_function(format!("{kernel:?}"), |b| b.iter(|| decode_all(&mut decoder, black_box(&lists))));
    }
    group.finish();
}

fn lists(c: &mut Criterion) {
    let project = common::project(122, 7, |d, _| d);
    let mut lister = Lister::new(&project);
    let feasible: Vec<Vec<i64>> = common::lists(&project, LISTS, 1).iter().map(|list| ranks(list)).collect();
    let mut random = schedkit_core::random::Random::new(2);
    let floats: Vec<Vec<f64>> = feasible.iter().map(|row| row.iter().map(|_| random.unit()).collect()).collect();
    let mut group = c.benchmark_group("rcpsp_list/120");
    group.throughput(criterion::Throughput::Elements(LISTS as u64));
    group.bench_function("feasible ranks", |b| {
        b.iter(|| feasible.iter().map(|row| lister.list(black_box(row))[60]).fold(0, u32::wrapping_add));
    });
    group.bench_function("random floats", |b| {
        b.iter(|| floats.iter().map(|row| lister.list(black_box(row))[60]).fold(0, u32::wrapping_add));
    });
    group.finish();
}

fn ranks(list: &[u32]) -> Vec<i64> {
    let mut ranks = vec![0; list.len()];
    for (rank, &i) in list.iter().enumerate() {
        ranks[i as usize] = rank as i64;
    }
    ranks
}

fn scales(c: &mut Criterion) {
    let mut group = c.benchmark_group("rcpsp_events_scale");
    group.throughput(criterion::Throughput::Elements(LISTS as u64));
    let mut bench = |name: &str, project: &Project| {
        let lists = common::lists(project, LISTS, 1);
        let mut decoder = Decoder::with_kernel(project, Kernel::Events);
        group.bench_function(BenchmarkId::from_parameter(name), |b| b.iter(|| decode_all(&mut decoder, black_box(&lists))));
    };
    bench("1 to 10", &common::project(122, 7, |d, _| d));
    bench("times 1000", &common::project(122, 7, |d, _| 1000 * d));
    bench("1e3 plus random", &common::project(122, 7, |d, random| 1_000 * d + random.between(0, 999)));
    bench("1e6 plus random", &common::project(122, 7, |d, random| 1_000_000 * d + random.between(0, 999_999)));
    group.finish();
}

criterion_group!(benches, kernels, lists, scales);
criterion_main!(benches);
