//! Priorities that learn from what was late (squeaky wheel optimisation, Joslin and Clements 1999).

use crate::random::Random;
use crate::rcpsp::Schedule;
use crate::rcpsp::constrained::{Situation, Windows};

/// Priorities, lower first, that move forward with every delay they cause.
pub struct Learning<'s> {
    situation: &'s Situation<'s>,
    start: Vec<i64>,
    priority: Vec<f64>,
    disturbed: Vec<i64>,
    /// Mean duration: the unit of moves.
    unit: f64,
    passes: u64,
}

/// Passes after which it begins again.
const EPISODE: u64 = 100;

impl<'s, 'p> Learning<'s> {
    /// Begins at `urgency`, with the noise of a later `episode` if it is to lead elsewhere.
    pub fn new(situation: &'s Situation<'s>, urgency: &[i64], episode: u64) -> Self {
        let n = situation.num_activities();
        Self {
            situation,
            start: urgency.to_vec(),
            priority: urgency.iter().map(|&u| u as f64).collect(),
            disturbed: vec![0; n],
            unit: (situation.project.horizon() as f64 / n.max(1) as f64).max(1.0),
            passes: episode * EPISODE,
        }
    }

    /// The next priorities to try, after `last`, the schedule of the previous ones.
    pub fn next(&mut self, windows: &Windows, last: &Schedule, random: &mut Random) -> &[i64] {
        self.passes += 1;
        if self.passes.is_multiple_of(EPISODE) {
            self.priority.iter_mut().zip(&self.start).for_each(|(priority, &start)| *priority = start as f64);
        }
        let graph = self.situation.project.graph();
        for (i, priority) in self.priority.iter_mut().enumerate() {
            let late = last.completion_time[i].saturating_sub(windows.latest_finish[i]);
            if late > 0 {
                *priority -= self.unit * (0.5 + random.unit()) + (late as f64).min(4.0 * self.unit) * 0.5;
            }
        }
        for &i in graph.topological_order().iter().rev() {
            let urgent =
                graph.successors().of(i as usize).iter().map(|&j| self.priority[j as usize]).fold(f64::INFINITY, f64::min);
            let priority = &mut self.priority[i as usize];
            *priority = priority.min(urgent);
        }
        // The noise grows from episode to episode, up to about a duration in either direction.
        let noise = self.unit * (((1 + self.passes / EPISODE) as f64) * 0.25).min(2.0);
        for (disturbed, priority) in self.disturbed.iter_mut().zip(&self.priority) {
            *disturbed = (16.0 * (priority + noise * (random.unit() - 0.5))) as i64;
        }
        &self.disturbed
    }
}
