//! First lists: regret-based biased random sampling (Drexl 1991) by latest finish time.

use crate::bitset::{Eligible, RankSet};
use crate::random::Random;
use crate::rcpsp::Project;
use crate::rcpsp::decoder::{LOOK, SHORT_LIST};
use crate::rcpsp::rank::Ranker;

/// Eligible activities that a draw looks at, the most urgent first: more than projects of common size have, and what keeps a
/// list of a very wide project from costing the square of its length.
const WINDOW: usize = 64;

/// Scratch space for samples of one project.
#[derive(Debug)]
pub(super) struct Sampler<'p> {
    project: &'p Project,
    latest_finish: Vec<i64>,
    urgency: Ranker,
    waiting: Vec<u32>,
    eligible: RankSet,
    /// The most urgent eligible activities, and the sums of their weights.
    window: Vec<(u32, f64)>,
}

impl<'p> Sampler<'p> {
    pub fn new(project: &'p Project, latest_finish: Vec<i64>) -> Self {
        let n = project.num_activities();
        let mut urgency = Ranker::new(n);
        urgency.sort(&latest_finish);
        let (eligible, window) = (RankSet::new(n), Vec::with_capacity(WINDOW));
        Self { project, latest_finish, urgency, waiting: vec![0; n], eligible, window }
    }

    /// A random precedence-feasible list; `None` if `stop`, which is asked every [`LOOK`] draws of a list that is not short, says so. O(n) draws, each linear in the
    /// number of eligible activities in the window.
    pub fn draw(&mut self, random: &mut Random, stop: &mut dyn FnMut() -> bool) -> Option<Vec<u32>> {
        let graph = self.project.graph();
        for (i, waiting) in self.waiting.iter_mut().enumerate() {
            *waiting = graph.predecessors().degree(i) as u32;
            self.eligible.insert_if(*waiting == 0, self.urgency.rank[i] as usize);
        }
        let mut list = Vec::with_capacity(self.waiting.len());
        while let Some(i) = self.choose(random) {
            self.eligible.remove(self.urgency.rank[i as usize] as usize);
            list.push(i);
            if self.waiting.len() > SHORT_LIST && list.len().is_multiple_of(LOOK) && stop() {
                return None;
            }
            for &j in graph.successors().of(i as usize) {
                let waiting = &mut self.waiting[j as usize];
                *waiting -= 1;
                self.eligible.insert_if(*waiting == 0, self.urgency.rank[j as usize] as usize);
            }
        }
        Some(list)
    }

    /// An eligible activity, with probability proportional to (regret + 1) squared; none if none is left.
    fn choose(&mut self, random: &mut Random) -> Option<u32> {
        let Self { latest_finish, urgency, eligible, window, .. } = self;
        window.clear();
        let mut rank = eligible.first();
        while let Some(next) = rank.filter(|_| window.len() < WINDOW) {
            window.push((urgency.by_rank[next], 0.0));
            rank = eligible.next(next + 1);
        }
        let worst = latest_finish[window.last()?.0 as usize];
        let mut total = 0.0;
        for (i, sum) in &mut *window {
            let regret = worst.saturating_sub(latest_finish[*i as usize]).saturating_add(1) as f64; // no deadline is i64::MAX
            total += regret * regret;
            *sum = total;
        }
        let mark = random.unit() * total;
        let chosen = window.partition_point(|&(_, sum)| sum <= mark).min(window.len() - 1);
        Some(window[chosen].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rcpsp::ProjectData;

    #[test]
    fn activities_without_deadline_may_wait_beside_one_that_is_due_at_the_origin() {
        let project = Project::new(ProjectData { duration: vec![1, 0, 1], ..ProjectData::default() }).expect("valid");
        for latest_finish in [vec![i64::MAX, 0, 5], vec![i64::MAX, -3, i64::MAX]] {
            let list = Sampler::new(&project, latest_finish).draw(&mut Random::new(1), &mut || false);
            let mut activities = list.expect("nothing stops it");
            activities.sort_unstable();
            assert_eq!(activities, [0, 1, 2]);
        }
    }
}
