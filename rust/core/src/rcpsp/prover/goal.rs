//! Objectives that count from due dates, as costs of the starts of intervals.

use crate::cp::{Combination, Cost, Costs, Lengths, TableLengths};
use crate::rcpsp::constrained::{Situation, Windows};
use crate::rcpsp::objective::CompletionCosts;
use crate::rcpsp::{NO_DEADLINE, Objective};

use super::horizon;
use super::translation::Translation;

/// What schedules are to be better in than the best known one: an objective that counts from due dates.
#[derive(Debug)]
pub(super) struct Goal {
    pub objective: Objective,
    pub costs: CompletionCosts,
    /// No total is less.
    pub base: i64,
}

impl Goal {
    /// A time by which some best schedule whose total is at most `limit` is done, if there is one; `None` if no such time is known.
    ///
    /// Where every activity leads to one that has a due date, the limit bounds all completions.
    pub fn horizon(&self, situation: &Situation, limit: i64, most_steps: usize) -> Option<i64> {
        let n = situation.num_activities();
        let mut latest: Vec<Option<i64>> = (0..n).map(|i| self.costs.latest(i, limit)).collect();
        for &i in situation.project.graph().topological_order().iter().rev() {
            let i = i as usize;
            let behind = situation.after(i).filter(|link| link.is_sequential()).filter_map(|link| latest[link.other]).min();
            let deadline = Some(situation.deadline[i]).filter(|&deadline| deadline < NO_DEADLINE);
            latest[i] = latest[i].into_iter().chain(behind).chain(deadline).min();
        }
        let by_limit: Option<i64> = (0..n)
            .map(|i| situation.fixed[i].map_or(latest[i], |(_, end)| Some(end)))
            .max_by_key(|end| end.unwrap_or(i64::MAX))?;
        let regular = horizon::regular(situation, most_steps);
        by_limit.into_iter().chain(regular).min()
    }

    /// The costs of intervals by their starts, for totals up to `limit`.
    pub fn costs(
        &self,
        situation: &Situation,
        windows: &Windows,
        translation: &Translation,
        lengths: &TableLengths,
        limit: i64,
    ) -> Costs {
        let fixed = situation.fixed.iter().enumerate().filter_map(|(i, span)| Some(self.costs.of(i, (*span)?.1)));
        let given = match self.costs.combination() {
            Combination::Sum => fixed.fold(0, i64::saturating_add),
            Combination::Maximum => fixed.fold(0, i64::max),
        };
        let mut of = Vec::new();
        for (k, &i) in translation.free.iter().enumerate().filter(|&(_, &i)| self.costs.counts(i)) {
            let clock = translation.clock(k);
            let moment = |start: i32| {
                let end = i64::from(lengths.end(k, start));
                match end {
                    _ if end > clock.total() => None,
                    0 => Some(situation.now),
                    end => Some(clock.end(end)),
                }
            };
            // What takes no time happens at its earliest start at least, even where that lies in closed time.
            let completions = (0..=clock.total() as i32).map_while(moment).map(|end| end.max(windows.earliest_finish[i]));
            // Beyond the limit it does not matter by how much.
            let cost = Cost::new(completions.map(|end| self.costs.of(i, end).min(limit + 1)));
            if !cost.is_free() {
                of.push((k as u32, cost));
            }
        }
        Costs::new(of, self.costs.combination(), given, (self.base, limit), translation.free.len())
    }
}
