//! The nodes of the alternative graph: of each job its entries into machines, and its completion.

use super::NONE;
use crate::shop::Schedule;
use crate::shop::problem::{Blocking, Shop};

/// What never changes. The node of an operation is its number and that of its job, as each job before has one node more than operations.
#[derive(Debug)]
pub(super) struct Nodes {
    /// Whether jobs may exchange their machines.
    pub swap: bool,
    pub num_machines: usize,
    pub job: Vec<u32>,
    /// The machine that a node enters; `NONE` for a completion.
    pub machine: Vec<u32>,
    /// The time from the node before in the job; for the first one the release time.
    pub length: Vec<i64>,
    pub is_first: Vec<bool>,
    pub is_last: Vec<bool>,
    /// The next entry of the same job into the same machine.
    pub again: Vec<u32>,
    /// By job.
    pub first_of: Vec<u32>,
    pub last_of: Vec<u32>,
}

impl Nodes {
    pub fn new(shop: &Shop) -> Self {
        let count = shop.num_operations() + shop.num_jobs();
        let mut nodes = Self {
            swap: shop.data().blocking == Blocking::Swap,
            num_machines: shop.num_machines(),
            job: Vec::with_capacity(count),
            machine: Vec::with_capacity(count),
            length: Vec::with_capacity(count),
            is_first: vec![false; count],
            is_last: vec![false; count],
            again: vec![NONE; count],
            first_of: Vec::with_capacity(shop.num_jobs()),
            last_of: Vec::with_capacity(shop.num_jobs()),
        };
        let mut seen = vec![NONE; shop.num_machines()];
        for job in 0..shop.num_jobs() {
            let first = nodes.job.len();
            let mut length = shop.release_time(job);
            for op in shop.operations(job) {
                let (machine, duration) = shop.choices(op).next().unwrap_or_default();
                nodes.job.push(job as u32);
                nodes.machine.push(machine as u32);
                nodes.length.push(std::mem::replace(&mut length, duration));
            }
            let last = nodes.job.len();
            nodes.job.push(job as u32);
            nodes.machine.push(NONE);
            nodes.length.push(length);
            (nodes.is_first[first], nodes.is_last[last]) = (true, true);
            nodes.first_of.push(first as u32);
            nodes.last_of.push(last as u32);
            for node in (first..last).rev() {
                nodes.again[node] = std::mem::replace(&mut seen[nodes.machine[node] as usize], node as u32);
            }
            (first..last).for_each(|node| seen[nodes.machine[node] as usize] = NONE);
        }
        nodes
    }

    /// When each job completes.
    pub fn completion(&self, head: &[i64]) -> Vec<i64> {
        self.last_of.iter().map(|&node| head[node as usize]).collect()
    }

    /// The schedule with these times of nodes.
    pub fn schedule(&self, head: &[i64]) -> Schedule {
        let mut schedule = Schedule::default();
        for node in (0..head.len()).filter(|&node| !self.is_last[node]) {
            schedule.machine.push(self.machine[node]);
            schedule.start_time.push(head[node]);
            schedule.completion_time.push(head[node] + self.length[node + 1]);
        }
        schedule
    }
}
