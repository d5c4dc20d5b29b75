//! The kernel for long durations: the profile as the moments at which it changes, in order.
//!
//! Its cost depends on the number of activities, not on the time scale.

use super::Project;
use super::chunked::Chunked;
use super::decoder::Decoded;
use super::direction::Direction;
use super::flat::Flat;
use crate::word_layout::WordLayout;

/// What remains of the resources over time, while a schedule grows.
pub(super) trait Profile {
    /// Everything free.
    fn clear(&mut self, lanes: &WordLayout);
    /// Finds the earliest start at or after `from` and takes the demand, of `words` words, out of the profile.
    fn place(&mut self, lanes: &WordLayout, demand: &[u64], from: i64, duration: i64, words: usize) -> i64;
}

/// The project, and the profile in the layout that suits its length.
#[derive(Debug, Clone)]
pub struct Events {
    lanes: WordLayout,
    demand: Vec<u64>,
    rows: Rows,
    finish: Vec<i64>,
    /// Time that must pass after each completion, by direction.
    tails: [Vec<i64>; 2],
}

#[derive(Debug, Clone)]
enum Rows {
    Flat(Flat),
    Chunked(Chunked),
}

/// Activities up to which a flat list is faster (measured; the two meet near here).
const SHORT_LIST: usize = 4000;

impl Events {
    /// Lays out a project.
    pub fn new(project: &Project, lanes: WordLayout) -> Self {
        let n = project.num_activities();
        let mut demand = Vec::with_capacity(n * lanes.words());
        for i in 0..n {
            lanes.pack(project.demand_of(i), project.duration()[i], &mut demand);
        }
        let tails = [Direction::Forward, Direction::Backward].map(|direction| direction.tails(project));
        let rows = if n <= SHORT_LIST { Rows::Flat(Flat::default()) } else { Rows::Chunked(Chunked::default()) };
        Self { lanes, demand, rows, finish: vec![0; n], tails }
    }

    /// Places the activities of a precedence-feasible list one after the other, each as early as possible, until the makespan
    /// must exceed `limit`. Goes on with the schedule of which `begun` has been decoded, if anything has.
    pub fn decode(
        &mut self,
        project: &Project,
        list: impl Iterator<Item = u32>,
        direction: Direction,
        limit: i64,
        begun: Decoded<i64>,
    ) -> Decoded<i64> {
        let Self { lanes, demand, rows, finish, tails } = self;
        let layout = Layout { project, lanes, demand, tails: &tails[direction as usize], direction };
        match rows {
            Rows::Flat(profile) => layout.decode(profile, list, limit, begun, finish),
            Rows::Chunked(profile) => layout.decode(profile, list, limit, begun, finish),
        }
    }

    /// Completion of every activity in the last schedule.
    pub fn finish(&self) -> &[i64] {
        &self.finish
    }
}

/// A partial schedule, to go on from it once more.
#[derive(Debug, Clone)]
pub struct SavedEvents {
    rows: Rows,
    finish: Vec<i64>,
}

impl Events {
    /// Keeps the schedule so far.
    pub fn save(&self) -> SavedEvents {
        SavedEvents { rows: self.rows.clone(), finish: self.finish.clone() }
    }

    /// Returns to a schedule that was kept.
    pub fn restore(&mut self, saved: &SavedEvents) {
        self.rows.clone_from(&saved.rows);
        self.finish.copy_from_slice(&saved.finish);
    }
}

/// What does not change from one decode to the next.
struct Layout<'a> {
    project: &'a Project,
    lanes: &'a WordLayout,
    demand: &'a [u64],
    tails: &'a [i64],
    direction: Direction,
}

impl Layout<'_> {
    fn decode(
        &self,
        profile: &mut impl Profile,
        list: impl Iterator<Item = u32>,
        limit: i64,
        begun: Decoded<i64>,
        finish: &mut [i64],
    ) -> Decoded<i64> {
        if begun.placed == 0 {
            profile.clear(self.lanes);
        }
        let predecessors = self.direction.predecessors(self.project.graph());
        let words = self.lanes.words();
        let Decoded { mut makespan, mut placed } = begun;
        for i in list {
            let i = i as usize;
            let mut time = predecessors.of(i).iter().map(|&p| finish[p as usize]).max().unwrap_or(0);
            let duration = self.project.duration()[i];
            if duration > 0 {
                let demand = &self.demand[i * words..(i + 1) * words];
                let start = match words {
                    1 => profile.place(self.lanes, demand, time, duration, 1), // a constant lets the inner loops vanish
                    words => profile.place(self.lanes, demand, time, duration, words),
                };
                time = start + duration;
            }
            finish[i] = time;
            makespan = makespan.max(time);
            placed += 1;
            if time + self.tails[i] > limit {
                break;
            }
        }
        Decoded { makespan, placed }
    }
}
