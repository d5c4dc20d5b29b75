//! First lists: regret-based biased random sampling (Drexl 1991) by latest finish time.

use crate::random::Random;
use crate::rcpsp::Project;
use crate::rcpsp::critical_path::time_analysis;

/// Scratch space for samples of one project.
#[derive(Debug)]
pub(super) struct Sampler<'p> {
    project: &'p Project,
    latest_finish: Vec<i64>,
    waiting: Vec<u32>,
    eligible: Vec<u32>,
    cumulated: Vec<f64>,
}

impl<'p> Sampler<'p> {
    pub fn new(project: &'p Project) -> Self {
        let n = project.num_activities();
        Self {
            project,
            latest_finish: time_analysis(project).latest_finish,
            waiting: vec![0; n],
            eligible: Vec::with_capacity(n),
            cumulated: Vec::with_capacity(n),
        }
    }

    /// A random precedence-feasible list. O(n) draws, each linear in the number of eligible activities.
    pub fn draw(&mut self, random: &mut Random) -> Vec<u32> {
        let graph = self.project.graph();
        self.eligible.clear();
        for (i, waiting) in self.waiting.iter_mut().enumerate() {
            *waiting = graph.predecessors().degree(i) as u32;
            if *waiting == 0 {
                self.eligible.push(i as u32);
            }
        }
        let mut list = Vec::with_capacity(self.waiting.len());
        while !self.eligible.is_empty() {
            let k = self.choose(random);
            let i = self.eligible.swap_remove(k);
            list.push(i);
            for &j in graph.successors().of(i as usize) {
                let waiting = &mut self.waiting[j as usize];
                *waiting -= 1;
                if *waiting == 0 {
                    self.eligible.push(j);
                }
            }
        }
        list
    }

    /// A position in the eligible set, with probability proportional to (regret + 1) squared.
    fn choose(&mut self, random: &mut Random) -> usize {
        let latest = |i: &u32| self.latest_finish[*i as usize];
        let worst = self.eligible.iter().map(latest).max().unwrap_or(0);
        let mut total = 0.0;
        self.cumulated.clear();
        for i in &self.eligible {
            let regret = (worst - latest(i) + 1) as f64;
            total += regret * regret;
            self.cumulated.push(total);
        }
        let mark = random.unit() * total;
        self.cumulated.partition_point(|&sum| sum <= mark).min(self.eligible.len() - 1)
    }
}
