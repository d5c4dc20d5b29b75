//! The least time between two operations of a machine with setups, whatever runs between them.
//!
//! A setup counts between consecutive operations alone. Where a third operation between the two needs less than their own setup, its
//! duration included, the least time is that way, as a shortest path (Floyd 1962). An order of two operations then asks for less
//! than a schedule in which they follow each other does, so schedules are timed anew.

use crate::shop::Schedule;
use crate::shop::problem::Shop;

/// The setups of all machines.
#[derive(Debug, Default)]
pub(super) struct Setups {
    /// By operation its place among the operations of its machine, and the number of its machine's table.
    place: Vec<(u32, Option<u32>)>,
    tables: Vec<Table>,
    /// Whether the times between two operations are their own setups everywhere.
    pub is_exact: bool,
}

/// By place, and by two places row by row.
#[derive(Debug)]
struct Table {
    initial: Vec<i64>,
    between: Vec<i64>,
}

impl Setups {
    pub fn new(shop: &Shop, machines: &[Vec<u32>], duration: &[i64]) -> Self {
        let mut setups = Self { place: vec![(0, None); duration.len()], tables: Vec::new(), is_exact: true };
        for (machine, members) in machines.iter().enumerate().filter(|&(machine, _)| shop.has_setups(machine)) {
            let n = members.len();
            for (k, &op) in members.iter().enumerate() {
                setups.place[op as usize] = (k as u32, Some(setups.tables.len() as u32));
            }
            let job = |k: usize| shop.job(members[k] as usize);
            let mut initial: Vec<i64> = (0..n).map(|k| shop.setup(machine, None, job(k))).collect();
            let mut between: Vec<i64> = (0..n * n).map(|at| shop.setup(machine, Some(job(at / n)), job(at % n))).collect();
            let mut shorten = |time: &mut i64, way: i64| {
                if way < *time {
                    (*time, setups.is_exact) = (way, false);
                }
            };
            for k in 0..n {
                let run = duration[members[k] as usize];
                for i in (0..n).filter(|&i| i != k) {
                    for j in (0..n).filter(|&j| j != k && j != i) {
                        let way = between[i * n + k] + run + between[k * n + j];
                        shorten(&mut between[i * n + j], way);
                    }
                }
            }
            // Another operation may be the first one; no way is shorter with more of them, as these times are least ones.
            let first = initial.clone();
            for j in 0..n {
                for k in (0..n).filter(|&k| k != j) {
                    shorten(&mut initial[j], first[k] + duration[members[k] as usize] + between[k * n + j]);
                }
            }
            setups.tables.push(Table { initial, between });
        }
        setups
    }

    /// The table and the place of an operation.
    fn table(&self, op: usize) -> Option<(&Table, usize)> {
        let (place, table) = self.place[op];
        Some((&self.tables[table? as usize], place as usize))
    }

    /// Whether the machine of an operation has setups.
    pub fn has(&self, op: usize) -> bool {
        self.table(op).is_some()
    }

    /// The least time before an operation on its machine.
    pub fn initial(&self, op: usize) -> i64 {
        self.table(op).map_or(0, |(table, place)| table.initial[place])
    }

    /// The least time between two operations of one machine.
    pub fn least(&self, op: usize, next: usize) -> i64 {
        self.table(op).map_or(0, |(table, place)| table.between[place * table.initial.len() + self.place[next].0 as usize])
    }

    /// The least time between an operation and any other one behind it on its machine.
    pub fn least_behind(&self, op: usize) -> i64 {
        self.table(op).map_or(0, |(table, place)| {
            let n = table.initial.len();
            let others = (0..n).filter(|&k| k != place).map(|k| table.between[place * n + k]);
            others.min().unwrap_or(0)
        })
    }
}

/// The schedule in which operations follow each other on their machines in these sequences, as early as possible; `None` if there is none.
pub(super) fn timed(shop: &Shop, sequences: &[Vec<u32>], machine: &[u32], duration: &[i64]) -> Option<Schedule> {
    let count = duration.len();
    let mut start_time = vec![0; count];
    // Longest paths, by rounds over all arcs.
    for _ in 0..=count {
        let mut moved = false;
        let mut raise = |op: usize, time: i64| {
            moved |= time > start_time[op];
            start_time[op] = start_time[op].max(time);
            start_time[op] + duration[op]
        };
        for job in 0..shop.num_jobs() {
            let mut arrival = shop.release_time(job);
            for op in shop.operations(job) {
                let end = raise(op, arrival);
                let next = machine.get(op + 1).map_or(0, |&next| shop.transport(machine[op] as usize, next as usize));
                arrival = end + next;
            }
        }
        for sequence in sequences {
            let (mut ready, mut before) = (0, None);
            for &op in sequence {
                let (op, job) = (op as usize, shop.job(op as usize));
                let end = raise(op, ready + shop.setup(machine[op] as usize, before, job));
                (ready, before) = (end, Some(job));
            }
        }
        if !moved {
            let completion_time = start_time.iter().zip(duration).map(|(start, duration)| start + duration).collect();
            return Some(Schedule { machine: machine.to_vec(), start_time, completion_time });
        }
    }
    None
}
