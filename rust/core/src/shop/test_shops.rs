//! Shops for tests, a slow and plain dispatcher as oracle, and a plain judge.

use super::{Schedule, Scheme, Shop, ShopData};
use crate::random::Random;
use crate::weights::Weights;

fn numbers(text: &str) -> Vec<Vec<i64>> {
    text.lines().map(|line| line.split_whitespace().map(|word| word.parse().unwrap()).collect()).collect()
}

/// A shop from rows of operations, each a list of choices.
fn shop_of(rows: &[Vec<Vec<(i64, i64)>>], num_machines: usize) -> ShopData {
    let mut data = ShopData { job_start: vec![0], choice_start: vec![0], num_machines, ..ShopData::default() };
    for row in rows {
        for choices in row {
            data.machine.extend(choices.iter().map(|choice| choice.0));
            data.duration.extend(choices.iter().map(|choice| choice.1));
            data.choice_start.push(data.machine.len());
        }
        data.job_start.push(data.choice_start.len() - 1);
    }
    data
}

/// A shop in the text format of job shops.
pub fn classic(text: &str) -> Shop {
    let lines = numbers(text);
    let rows: Vec<_> = lines[1..].iter().map(|line| line.chunks(2).map(|pair| vec![(pair[0], pair[1])]).collect()).collect();
    Shop::new(shop_of(&rows, lines[0][1] as usize)).unwrap()
}

/// A shop in the text format of flexible job shops, whose machines count from 1.
pub fn flexible(text: &str) -> Shop {
    let lines = numbers(text);
    let operations = |line: &Vec<i64>| {
        let mut at = 1;
        let mut operation = |_| {
            let count = line[at] as usize;
            let choices = line[at + 1..=at + 2 * count].chunks(2).map(|pair| (pair[0] - 1, pair[1])).collect();
            at += 1 + 2 * count;
            choices
        };
        (0..line[0]).map(&mut operation).collect()
    };
    let rows: Vec<_> = lines[1..].iter().map(operations).collect();
    Shop::new(shop_of(&rows, lines[0][1] as usize)).unwrap()
}

/// A job shop in which every operation has one machine and takes `shortest` ticks or more.
pub fn random_classic(random: &mut Random, shortest: i64) -> Shop {
    let (n, m) = (random.between(1, 7), random.between(1, 5));
    let mut operation = |_| vec![(random.between(0, m - 1), random.between(shortest, 9))];
    let rows: Vec<_> = (0..n).map(|_| (0..m).map(&mut operation).collect()).collect();
    Shop::new(shop_of(&rows, m as usize)).unwrap()
}

/// A small flexible shop in which every operation takes `shortest` ticks or more.
pub fn random_flexible(random: &mut Random, shortest: i64) -> Shop {
    let (n, m) = (random.between(1, 5), random.between(2, 4));
    let mut operation = |_| {
        let mut machines: Vec<i64> = (0..m).collect();
        random.shuffle(&mut machines);
        machines.truncate(random.between(1, m) as usize);
        machines.into_iter().map(|machine| (machine, random.between(shortest, 9))).collect()
    };
    let rows: Vec<_> = (0..n).map(|job| (0..=(job + n) % 3).map(&mut operation).collect()).collect();
    Shop::new(shop_of(&rows, m as usize)).unwrap()
}

/// A job shop of up to 128 jobs, with release times, due dates, weights, and operations of duration 0.
pub fn random_plain(random: &mut Random) -> Shop {
    let (n, m) = (random.between(1, 128), random.between(1, 9));
    let mut operation = |_| vec![(random.between(0, m - 1), random.between(0, 6))];
    let rows: Vec<_> = (0..n).map(|job| (0..=job % 5).map(&mut operation).collect()).collect();
    let mut data = shop_of(&rows, m as usize);
    data.release_time = (0..n).map(|_| random.between(0, 30)).collect();
    data.due_date = (0..n).map(|_| random.between(-9, 300)).collect();
    data.weight = Weights::Integers((0..n).map(|_| random.between(0, 4)).collect());
    Shop::new(data).unwrap()
}

/// A small shop with random features that dispatching knows, calendars apart.
pub fn random_shop(seed: u64) -> Shop {
    let mut random = Random::new(seed);
    let (n, m) = (random.between(1, 6), random.between(1, 4));
    let most = if random.below(2) == 0 { 1 } else { m };
    let mut rows = Vec::new();
    for _ in 0..n {
        let mut operation = |_| {
            let mut machines: Vec<i64> = (0..m).collect();
            random.shuffle(&mut machines);
            machines.truncate(random.between(1, most) as usize);
            machines.into_iter().map(|machine| (machine, random.between(0, 6))).collect()
        };
        let count = seed % 5;
        rows.push((0..count).map(&mut operation).collect());
    }
    let mut data = shop_of(&rows, m as usize);
    let mut column = |wanted: bool, length: i64, most: i64| -> Vec<i64> {
        if wanted { (0..length).map(|_| random.between(0, most)).collect() } else { Vec::new() }
    };
    data.release_time = column(seed & 8 > 0, n, 9);
    data.due_date = column(seed & 16 > 0, n, 30);
    data.weight = if seed & 32 > 0 { Weights::Integers(column(true, n, 4)) } else { Weights::Unit };
    data.family = column(seed & 64 > 0, n, n - 1);
    let families = data.family.iter().max().map_or(n, |f| f + 1);
    if seed & 128 > 0 {
        data.setup = vec![(0, column(true, families * families, 4))];
        data.initial_setup = vec![(m - 1, column(true, families, 4))];
    }
    data.transport = column(seed & 256 > 0, m * m, 5);
    Shop::new(data).unwrap()
}

/// Judges a schedule of a shop without calendars, blocking and a past by definition.
pub fn judged(shop: &Shop, schedule: &Schedule) {
    let runs: Vec<_> = (0..shop.num_operations())
        .map(|op| (schedule.machine[op] as usize, schedule.start_time[op], schedule.completion_time[op], op))
        .collect();
    for &(machine, start, end, op) in &runs {
        assert!(shop.choices(op).any(|choice| choice == (machine, end - start)), "duration of {op}");
        if op == shop.operations(shop.job(op)).start {
            assert!(start >= shop.release_time(shop.job(op)), "release of {op}");
        } else {
            let (before, _, ready, _) = runs[op - 1];
            assert!(start >= ready + shop.transport(before, machine), "arrival of {op}");
        }
    }
    for machine in 0..shop.num_machines() {
        let mut here: Vec<_> = runs.iter().filter(|run| run.0 == machine).map(|&(_, start, end, op)| (start, end, op)).collect();
        here.sort_unstable();
        for pair in here.windows(2) {
            assert!(pair[0].1 <= pair[1].0, "machine {machine}: {pair:?}");
        }
    }
}

/// Dispatching as its definition says, with a look at every ready operation and every machine for each step.
pub fn plain_dispatch(shop: &Shop, rule: &str, seed: u64, scheme: Scheme) -> Schedule {
    let count = shop.num_operations();
    let mut random = Random::new(seed);
    let drawn: Vec<i64> = (0..count).map(|_| random.next_u64() as i64).collect();
    let shortest: Vec<i64> = (0..count).map(|op| shop.choices(op).map(|choice| choice.1).min().unwrap()).collect();
    let mean = shortest.iter().sum::<i64>() as f64 / count.max(1) as f64;
    let mut order: Vec<(usize, usize)> = Vec::new(); // (operation, machine), as they are placed
    let mut schedule = Schedule { machine: vec![0; count], start_time: vec![0; count], completion_time: vec![0; count] };
    while order.len() < count {
        let mut ready = Vec::new(); // (job, operation, machine, start, completion, arrival)
        for job in 0..shop.num_jobs() {
            let Some(op) = shop.operations(job).find(|op| order.iter().all(|placed| placed.0 != *op)) else { continue };
            let first = op == shop.operations(job).start;
            let mut best = None;
            for (machine, duration) in shop.choices(op) {
                let last = order.iter().rev().find(|placed| placed.1 == machine).map(|placed| placed.0);
                let free =
                    last.map_or(0, |op| schedule.completion_time[op]) + shop.setup(machine, last.map(|op| shop.job(op)), job);
                let arrival = if first {
                    shop.release_time(job)
                } else {
                    schedule.completion_time[op - 1] + shop.transport(schedule.machine[op - 1] as usize, machine)
                };
                let start = free.max(arrival);
                let found = (start + duration, machine, start, arrival);
                best = Some(best.map_or(found, |best| found.min(best)));
            }
            let (completion, machine, start, arrival) = best.unwrap();
            ready.push((job, op, machine, start, completion, arrival));
        }
        let chosen: Vec<_> = match scheme {
            Scheme::Active => {
                let first = *ready.iter().min_by_key(|r| (r.4, r.0)).unwrap();
                ready.iter().filter(|r| r.2 == first.2 && (r.3 < first.4 || r.0 == first.0)).copied().collect()
            }
            Scheme::NonDelay => {
                let soonest = ready.iter().map(|r| r.3).min().unwrap();
                ready.iter().filter(|r| r.3 == soonest).copied().collect()
            }
        };
        let now = chosen.iter().map(|r| r.3).min().unwrap();
        let key = |&(job, op, _, start, completion, arrival): &(usize, usize, usize, i64, i64, i64)| -> f64 {
            let end = shop.operations(job).end;
            let work: i64 = shortest[op..end].iter().sum();
            let total: i64 = shortest[shop.operations(job)].iter().sum();
            let due = shop.due_date(job).unwrap_or(total * 3 / 2);
            let weight = shop.data().weight.get(job);
            let p = (completion - start) as f64;
            match rule {
                "spt" => p,
                "lpt" => -p,
                "mwkr" => -work as f64,
                "lwkr" => work as f64,
                "mopnr" => -((end - op) as f64),
                "lopnr" => (end - op) as f64,
                "fifo" => arrival as f64,
                "edd" => due as f64,
                "slack" => (due - now - work) as f64,
                "cr" if work == 0 && due == now => 0.0,
                "cr" => (due - now) as f64 / work as f64,
                "atc" if weight == 0.0 => 0.0,
                "atc" if p == 0.0 => f64::MIN,
                "atc" => -(weight / p) * libm::exp(-((due - now - work).max(0) as f64) / (2.0 * mean).max(f64::MIN_POSITIVE)),
                _ => unreachable!(),
            }
        };
        let (job, op, machine, start, completion, _) = match rule {
            "random" => *chosen.iter().min_by_key(|r| (drawn[r.1], r.0)).unwrap(),
            _ => *chosen.iter().min_by(|a, b| key(a).partial_cmp(&key(b)).unwrap().then(a.0.cmp(&b.0))).unwrap(),
        };
        assert_eq!(shop.job(op), job);
        order.push((op, machine));
        schedule.machine[op] = machine as u32;
        (schedule.start_time[op], schedule.completion_time[op]) = (start, completion);
    }
    schedule
}
