//! The parallel scheme as a decoder of lists, in either direction of time.
//!
//! Non-delay schedules are the better half where resources are scarce: a search that begins among them begins much lower. It
//! must leave them later, because they may all miss the optimum.

use crate::bitset::{Eligible, RankSet};
use crate::rcpsp::decoder::{Decoded, LOOK, SHORT_LIST};
use crate::rcpsp::{Direction, Project};
use crate::word_layout::WordLayout;

/// Refusals after which time moves on: more than projects of common size ever see, and what keeps a schedule of a very wide
/// project from costing the square of its length. When nothing runs the first activity fits, so time always moves.
const REFUSALS: u32 = 128;

/// Scratch space for one project.
#[derive(Debug)]
pub(super) struct NonDelay<'p> {
    project: &'p Project,
    lanes: WordLayout,
    demand: Vec<u64>,
    level: Vec<u64>,
    rank: Vec<u32>,
    waiting: Vec<u32>,
    eligible: RankSet,
    /// What runs, the earliest completion last.
    running: Vec<(i64, u32)>,
    by_completion: Vec<u32>,
}

impl<'p> NonDelay<'p> {
    pub fn new(project: &'p Project) -> Self {
        let n = project.num_activities();
        let lanes = WordLayout::new(project.capacity());
        let mut demand = Vec::with_capacity(n * lanes.words());
        for i in 0..n {
            lanes.pack(project.demand_of(i), project.duration()[i], &mut demand);
        }
        Self {
            project,
            level: vec![0; lanes.words()],
            lanes,
            demand,
            rank: vec![0; n],
            waiting: vec![0; n],
            eligible: RankSet::new(n),
            running: Vec::new(),
            by_completion: Vec::with_capacity(n),
        }
    }

    /// Walks through time; at each moment starts what is eligible and fits, first in `list` first. Sorts `list` by completion and
    /// returns the makespan; `finish` is counted in `direction`. Looks at `stop` every [`LOOK`] placements of a
    /// list that is not short.
    pub fn decode(
        &mut self,
        list: &mut [u32],
        direction: Direction,
        finish: &mut [i64],
        stop: &mut dyn FnMut() -> bool,
    ) -> Decoded<i64> {
        let graph = self.project.graph();
        let words = self.lanes.words();
        for (rank, &i) in list.iter().enumerate() {
            self.rank[i as usize] = rank as u32;
            let waiting = direction.predecessors(graph).degree(i as usize);
            self.waiting[i as usize] = waiting as u32;
            self.eligible.insert_if(waiting == 0, rank);
        }
        self.level.copy_from_slice(&self.lanes.full);
        self.by_completion.clear();
        let (mut now, mut look) = (0, if list.len() > SHORT_LIST { LOOK } else { usize::MAX });
        loop {
            if self.by_completion.len() >= look {
                look += LOOK;
                if stop() {
                    self.running.clear();
                    while self.eligible.pop_first().is_some() {}
                    return Decoded { makespan: now, placed: self.by_completion.len() as u32 };
                }
            }
            let (mut from, mut refusals) = (0, 0);
            while let Some(rank) = self.eligible.next(from).filter(|_| refusals < REFUSALS) {
                from = rank + 1;
                let i = list[rank];
                let need = &self.demand[i as usize * words..(i as usize + 1) * words];
                if !self.lanes.fits(&self.level, need) {
                    refusals += 1;
                    continue; // what does not fit now will not fit at this moment any more
                }
                self.eligible.remove(rank);
                let end = now + self.project.duration()[i as usize];
                finish[i as usize] = end;
                if end == now {
                    from = from.min(self.complete(i, direction));
                    continue;
                }
                self.level.iter_mut().zip(need).for_each(|(level, need)| *level -= need);
                let place = self.running.iter().rposition(|&(other, _)| other > end).map_or(0, |k| k + 1);
                self.running.insert(place, (end, i));
            }
            let Some(&(next, _)) = self.running.last() else { break };
            now = next;
            while let Some((_, i)) = self.running.pop_if(|&mut (end, _)| end == now) {
                let need = &self.demand[i as usize * words..(i as usize + 1) * words];
                self.level.iter_mut().zip(need).for_each(|(level, need)| *level += need);
                self.complete(i, direction);
            }
        }
        list.copy_from_slice(&self.by_completion);
        Decoded { makespan: now, placed: list.len() as u32 }
    }

    /// The project's durations.
    pub fn duration(&self) -> &'p [i64] {
        self.project.duration()
    }

    /// Makes the successors eligible; returns the best rank among the new ones.
    fn complete(&mut self, i: u32, direction: Direction) -> usize {
        self.by_completion.push(i);
        let mut best = usize::MAX;
        for &j in direction.successors(self.project.graph()).of(i as usize) {
            let waiting = &mut self.waiting[j as usize];
            *waiting -= 1;
            if *waiting == 0 {
                let rank = self.rank[j as usize] as usize;
                self.eligible.insert(rank);
                best = best.min(rank);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::{Decoder, ProjectData};

    #[test]
    fn a_long_schedule_stops_on_the_way_and_the_next_is_as_ever() {
        let n = 20 * LOOK; // not a short list
        let data = ProjectData { duration: vec![2; n], demand: vec![1; n], capacity: vec![3], ..ProjectData::default() };
        let project = Project::new(data).expect("valid");
        let (mut non_delay, mut decoder) = (NonDelay::new(&project), Decoder::new(&project));
        let (mut list, mut finish): (Vec<u32>, _) = ((0..n as u32).collect(), vec![0; n]);
        let whole = Decoded { makespan: 2 * n.div_ceil(3) as i64, placed: n as u32 };
        for looks in 0..4 {
            let stop = |left: &mut usize| {
                let stops = *left == 0;
                *left = left.saturating_sub(1);
                stops
            };
            let mut left = looks;
            let decoded = non_delay.decode(&mut list, Direction::Forward, &mut finish, &mut || stop(&mut left));
            let soon = (looks + 1) * LOOK;
            assert!((soon..soon + 3).contains(&(decoded.placed as usize)), "{looks}: {decoded:?}");
            let mut left = looks;
            let decoded = decoder.decode_until(&list, Direction::Forward, i64::MAX, &mut || stop(&mut left));
            assert_eq!(decoded.placed as usize, looks * LOOK);
            assert_eq!(decoder.decode_until(&list, Direction::Forward, i64::MAX, &mut || false), whole);
        }
    }
}
