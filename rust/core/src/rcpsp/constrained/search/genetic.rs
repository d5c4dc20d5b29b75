//! A population of lists that gets better: crossover and shifts as in the unconstrained search, delays before makespan.

use super::decoder::{Decoder, Value};
use crate::control::Watch;
use crate::random::Random;
use crate::rcpsp::search::crossover::{Shifter, cross, cuts};
use crate::rcpsp::{Direction, Lister, Project};

/// Lists, each by completion of its schedule, with the schedules' values.
pub struct Population {
    members: Vec<(Value, Vec<u32>)>,
    place: Vec<u32>,
    shifter: Shifter,
    child: Vec<u32>,
    size: usize,
}

impl Population {
    pub fn new(project: &Project, size: usize) -> Self {
        let n = project.num_activities();
        let shifter = Shifter::new(project.graph());
        Self { members: Vec::with_capacity(size), place: vec![0; n], shifter, child: vec![0; n], size }
    }

    pub fn is_full(&self) -> bool {
        self.members.len() >= self.size
    }

    /// Takes a schedule in; in a full population it takes the place of the worst if it is better.
    pub fn add(&mut self, value: Value, list: &[u32], completion_time: &[i64]) {
        let mut list = list.to_vec();
        list.sort_by_key(|&i| completion_time[i as usize]); // stable, so predecessors stay before
        if self.is_full() {
            let worst = (0..self.members.len()).max_by_key(|&k| self.members[k].0);
            let Some(worst) = worst.filter(|&k| value < self.members[k].0) else { return };
            self.members[worst] = (value, list);
        } else {
            self.members.push((value, list));
        }
    }

    /// One of the better members: the best of three drawn.
    pub fn draw(&self, random: &mut Random) -> Option<&[u32]> {
        let mut draws = (0..3).map(|_| random.below(self.members.len() as u64) as usize);
        let first = draws.next().filter(|_| !self.members.is_empty())?;
        let best = draws.fold(first, |a, b| if self.members[b].0 < self.members[a].0 { b } else { a });
        Some(&self.members[best].1)
    }

    /// Makes a child of the member at `place` and a mother chosen in a tournament; a child that is not worse takes the place. What is
    /// as good as its father or better is justified.
    pub fn breed(
        &mut self,
        decoder: &mut Decoder,
        lister: &mut Lister,
        place: usize,
        random: &mut Random,
        watch: &mut Watch<'_, i64>,
    ) -> Option<Value> {
        let n = self.child.len();
        let size = self.members.len() as u64;
        let mut mother = random.below(size) as usize;
        for _ in 1..3 {
            let other = random.below(size) as usize;
            if self.members[other].0 < self.members[mother].0 {
                mother = other;
            }
        }
        let place = place % self.members.len();
        let (cut, outer) = (cuts(n, random), random.below(2) == 0);
        cross(&self.members[place].1, &self.members[mother].1, cut, outer, &mut self.place, &mut self.child);
        let mut shifts = usize::from(random.below(2) == 0);
        if self.child == self.members[place].1 {
            shifts = 3; // a copy would tell nothing new
        }
        for _ in 0..shifts {
            let (a, b) = (random.below(n as u64) as usize, random.below(n as u64) as usize);
            self.shifter.shift(&mut self.child, a, b, Direction::Forward);
        }
        let mut value = decoder.decode(&self.child, &mut |steps| watch.worked(steps));
        if value > self.members[place].0 {
            return None;
        }
        self.child.sort_by_key(|&i| decoder.pass.schedule.completion_time[i as usize]);
        if let Some(better) = decoder.justify(lister, &mut |steps| watch.worked(steps)) {
            value = better;
            self.child.sort_by_key(|&i| decoder.pass.schedule.completion_time[i as usize]);
        }
        self.members[place].0 = value;
        self.members[place].1.copy_from_slice(&self.child);
        Some(value)
    }
}
