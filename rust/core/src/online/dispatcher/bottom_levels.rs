//! Bottom levels, for the order by critical path: the own estimate plus the longest bottom level among the keys that need this one.

use std::collections::BinaryHeap;

use super::key_table::{KeyState, KeyTable};

/// The bottom level of each key. They only grow, and only when keys are submitted.
#[derive(Debug, Clone, Default)]
pub(super) struct BottomLevels {
    /// By key; a missing estimate counts as 0.
    level: Vec<f64>,
    /// Keys whose levels have not reached the keys that they need.
    fresh: BinaryHeap<u32>,
}

impl BottomLevels {
    /// Adds the next key.
    pub fn push(&mut self, estimate: f64, has_predecessors: bool) {
        if has_predecessors {
            self.fresh.push(self.level.len() as u32);
        }
        self.level.push(own(estimate));
    }

    /// Adds the next key of a snapshot.
    pub fn restore(&mut self, level: f64) {
        self.level.push(level);
    }

    /// The level of a key.
    pub fn level(&self, number: u32) -> f64 {
        self.level[number as usize]
    }

    /// Brings all levels up to date; returns the keys whose levels have grown, some several times. Keys are visited from the last
    /// submission to the first, so each is visited once, after all that need it.
    pub fn update(&mut self, table: &KeyTable, grown: &mut Vec<u32>) {
        while let Some(number) = self.fresh.pop() {
            while self.fresh.peek() == Some(&number) {
                self.fresh.pop();
            }
            for &predecessor in table.predecessors(number) {
                let record = &table.records[predecessor as usize];
                let level = own(record.estimate) + self.level[number as usize];
                if record.state != KeyState::Done && level > self.level[predecessor as usize] {
                    self.level[predecessor as usize] = level;
                    self.fresh.push(predecessor);
                    grown.push(predecessor);
                }
            }
        }
    }
}

fn own(estimate: f64) -> f64 {
    if estimate == f64::INFINITY { 0.0 } else { estimate }
}
