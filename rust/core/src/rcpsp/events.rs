//! The kernel for long durations: the profile as a sorted list of the moments at which it changes.
//!
//! Its cost depends on the number of activities, not on the time scale.

use super::Project;
use super::decoder::{Decoded, Direction};
use super::lanes::Lanes;

/// The profile: from `time[k]` up to `time[k + 1]` (for ever, for the last one) level `k` remains.
#[derive(Debug, Clone)]
pub struct Events {
    lanes: Lanes,
    demand: Vec<u64>,
    time: Vec<i64>,
    level: Vec<u64>,
    finish: Vec<i64>,
    /// Time that must pass after each completion, by direction.
    tails: [Vec<i64>; 2],
}

impl Events {
    /// Lays out a project.
    pub fn new(project: &Project, lanes: Lanes) -> Self {
        let n = project.num_activities();
        let mut demand = Vec::with_capacity(n * lanes.words());
        for i in 0..n {
            lanes.pack(project.demand_of(i), project.duration()[i], &mut demand);
        }
        let tails = [Direction::Forward, Direction::Backward].map(|direction| direction.tails(project));
        Self { lanes, demand, time: Vec::new(), level: Vec::new(), finish: vec![0; n], tails }
    }

    /// Places the activities of a precedence-feasible list one after the other, each as early as possible, until the makespan
    /// must exceed `limit`.
    pub fn decode(
        &mut self,
        project: &Project,
        list: impl Iterator<Item = u32>,
        direction: Direction,
        limit: i64,
    ) -> Decoded<i64> {
        self.time.clear();
        self.time.push(0);
        self.level.clear();
        self.level.extend_from_slice(&self.lanes.full);
        let predecessors = direction.predecessors(project.graph());
        let (mut makespan, mut placed) = (0, 0);
        for i in list {
            let i = i as usize;
            let mut time = predecessors.of(i).iter().map(|&p| self.finish[p as usize]).max().unwrap_or(0);
            let duration = project.duration()[i];
            if duration > 0 {
                let start = match self.lanes.words() {
                    1 => self.place(i, time, duration, 1), // a constant lets the compiler drop the inner loops
                    words => self.place(i, time, duration, words),
                };
                time = start + duration;
            }
            self.finish[i] = time;
            makespan = makespan.max(time);
            placed += 1;
            if time + self.tails[direction as usize][i] > limit {
                break;
            }
        }
        Decoded { makespan, placed }
    }

    /// Finds the earliest start at or after `from` and takes the demand out of the profile.
    #[inline(always)]
    fn place(&mut self, activity: usize, from: i64, duration: i64, words: usize) -> i64 {
        let Self { lanes, demand, time, level, .. } = self;
        let demand = &demand[activity * words..(activity + 1) * words];
        let (mut start, mut first) = (from, time.partition_point(|&t| t <= from) - 1);
        let mut last = first;
        loop {
            if lanes.fits(&level[last * words..(last + 1) * words], demand) {
                if time.get(last + 1).is_none_or(|&next| next >= start + duration) {
                    break;
                }
                last += 1;
            } else {
                last += 1; // the last level is full, so there is a next one
                (start, first) = (time[last], last);
            }
        }
        let end = start + duration;
        if time.get(last + 1) != Some(&end) {
            time.insert(last + 1, end);
            repeat(level, last, words);
        }
        if time[first] < start {
            time.insert(first + 1, start);
            repeat(level, first, words);
            first += 1;
            last += 1;
        }
        for row in level[first * words..(last + 1) * words].chunks_exact_mut(words) {
            for (level, demand) in row.iter_mut().zip(demand) {
                *level -= demand; // it fits, so no lane borrows
            }
        }
        start
    }

    /// Completion of every activity in the last schedule.
    pub fn finish(&self) -> &[i64] {
        &self.finish
    }
}

/// Inserts a copy of level `k` behind it.
#[inline(always)]
fn repeat(level: &mut Vec<u64>, k: usize, words: usize) {
    if words == 1 {
        level.insert(k + 1, level[k]);
    } else {
        let end = level.len();
        level.extend_from_within(end - words..);
        level.copy_within(k * words..end - words, (k + 1) * words);
    }
}
