//! The schedule that proves an instance solvable, made before the constraints that it must satisfy.

use crate::random::Random;

use super::tasks::Tasks;

/// A stretch of time in which a resource is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Downtime {
    pub(super) resource: usize,
    pub(super) start: i64,
    pub(super) end: i64,
}

/// Random downtimes: each resource has one with this probability, and one has it for certain unless the probability is 0. They begin
/// before `latest` and last for up to the mean duration times `wildness`.
pub(super) fn draw_downtime(tasks: &Tasks, latest: i64, probability: f64, wildness: f64, random: &mut Random) -> Vec<Downtime> {
    let longest = ((tasks.mean_duration() as f64 * wildness) as i64).max(1);
    let sure = random.below(tasks.capacity.len() as u64) as usize;
    let mut found = Vec::new();
    for resource in 0..tasks.capacity.len() {
        let wanted = random.unit() < probability || (resource == sure && probability > 0.0);
        let (length, start) = (random.between(1, longest), random.between(0, latest));
        if wanted {
            found.push(Downtime { resource, start, end: start + length });
        }
    }
    found
}

/// Start times by the serial scheme around the downtimes, from a list and with delays that `wildness` (0 to 1) makes more random:
/// at 1 any list and delays up to the mean duration, at 0 the latest finish first and no delay.
pub(super) fn draw_witness(
    tasks: &Tasks,
    edges: &[(u32, u32)],
    downtime: &[Downtime],
    wildness: f64,
    random: &mut Random,
) -> Vec<i64> {
    let n = tasks.duration.len();
    let tail = tails(tasks, edges);
    let longest = tail.iter().copied().max().unwrap_or(0) as f64;
    // Lower comes first; a long tail is urgent.
    let key: Vec<f64> = tail.iter().map(|&tail| random.unit() * wildness * longest - (1.0 - wildness) * tail as f64).collect();
    let most = (tasks.mean_duration() as f64 * wildness) as i64;
    let mut free_units = FreeUnits::new(tasks, downtime);
    let mut start = vec![0_i64; n];
    let mut missing = vec![0_usize; n];
    for &(_, j) in edges {
        missing[j as usize] += 1;
    }
    let mut eligible: Vec<usize> = (0..n).filter(|&i| missing[i] == 0).collect();
    let mut ready = vec![0_i64; n];
    while let Some(best) = (0..eligible.len()).min_by(|&a, &b| key[eligible[a]].total_cmp(&key[eligible[b]])) {
        let i = eligible.swap_remove(best);
        let delay = if random.below(2) == 0 { random.between(0, most) } else { 0 };
        start[i] = free_units.place(i, ready[i] + delay);
        for &(_, j) in edges.iter().filter(|edge| edge.0 as usize == i) {
            let j = j as usize;
            ready[j] = ready[j].max(start[i] + tasks.duration[i]);
            missing[j] -= 1;
            if missing[j] == 0 {
                eligible.push(j);
            }
        }
    }
    start
}

/// The longest path from each task to the end, itself included. Edges lead to higher indices.
pub(super) fn tails(tasks: &Tasks, edges: &[(u32, u32)]) -> Vec<i64> {
    let mut tail = tasks.duration.clone();
    let mut sorted = edges.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    for (i, j) in sorted {
        tail[i as usize] = tail[i as usize].max(tasks.duration[i as usize] + tail[j as usize]);
    }
    tail
}

/// Free units by time slot and resource; grows as needed.
struct FreeUnits<'a> {
    tasks: &'a Tasks,
    downtime: &'a [Downtime],
    free: Vec<i64>,
}

impl<'a> FreeUnits<'a> {
    fn new(tasks: &'a Tasks, downtime: &'a [Downtime]) -> Self {
        Self { tasks, downtime, free: Vec::new() }
    }

    /// Books task `i` at the earliest time from `from` on, and says when.
    fn place(&mut self, i: usize, from: i64) -> i64 {
        let width = self.tasks.capacity.len();
        let demand = &self.tasks.demand[i * width..(i + 1) * width];
        let length = self.tasks.duration[i];
        let mut start = from;
        let mut t = start;
        while t < start + length {
            self.reach(t);
            let free = &self.free[t as usize * width..];
            if demand.iter().zip(free).any(|(need, free)| *need > 0 && need > free) {
                start = t + 1;
            }
            t += 1;
        }
        for t in start..start + length {
            for (free, need) in self.free[t as usize * width..].iter_mut().zip(demand) {
                *free -= need;
            }
        }
        start
    }

    fn reach(&mut self, t: i64) {
        let width = self.tasks.capacity.len();
        for slot in (self.free.len() / width) as i64..=t {
            let down = |r: usize| self.downtime.iter().any(|d| d.resource == r && (d.start..d.end).contains(&slot));
            self.free.extend((0..width).map(|r| if down(r) { 0 } else { self.tasks.capacity[r] }));
        }
    }
}
