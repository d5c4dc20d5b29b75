//! The work that sets of machines have to do: what each option of an interval adds to it, against the time that there is before the objective.

use super::Orders;
use crate::cp::trail::{Conflict, Literal, Reason, Trail};

/// Intervals that have to be placed on some machines, and the time that these have.
#[derive(Debug)]
pub struct Load {
    /// By interval its options: the literal that it is taken, `None` if there is no other one, and the work that it adds.
    pub options: Vec<Vec<(Option<Literal>, i32)>>,
    /// The machines' times before their first interval and behind the last one, added up.
    pub idle: Vec<i32>,
}

impl Load {
    /// The work that the machines can do until the objective.
    fn available(&self, objective: i32) -> i64 {
        self.idle.iter().map(|&idle| i64::from(objective) - i64::from(idle)).map(|time| time.max(0)).sum()
    }
}

/// The least work of the options that are left, at a moment of the trail.
fn least(options: &[(Option<Literal>, i32)], trail: &Trail, position: u32) -> i32 {
    let is_left = |literal: Literal| !trail.was_true(literal.negated(), position);
    options.iter().filter(|option| option.0.is_none_or(is_left)).map(|option| option.1).min().unwrap_or(0)
}

impl Orders {
    /// Options that add more work than the machines have time for are excluded. O(options).
    pub fn propagate_loads(&mut self, objective: usize, trail: &mut Trail, work: &mut u64) -> Result<(), Conflict> {
        let latest = trail.latest(objective);
        if !std::mem::replace(&mut self.has_chosen, false) && self.latest == latest {
            return Ok(());
        }
        self.latest = latest;
        let now = trail.len() as u32;
        for (set, load) in self.loads.iter().enumerate() {
            *work += load.options.len() as u64 / 16;
            let available = load.available(latest);
            let total: i64 = load.options.iter().map(|options| i64::from(least(options, trail, now))).sum();
            if total > available {
                return Err(Conflict::Load { set: set as u32 });
            }
            for options in &load.options {
                let own = i64::from(least(options, trail, now));
                for &(literal, units) in options {
                    if let Some(literal) = literal
                        && total - own + i64::from(units) > available
                    {
                        trail.push(literal.negated(), Reason::Load { set: set as u32 })?;
                    }
                }
            }
        }
        Ok(())
    }

    /// True literals that leave too little time for the work of a set of machines, or for that with the option which `literal` excludes.
    pub fn explain_load(
        &self,
        objective: usize,
        trail: &Trail,
        literal: Option<Literal>,
        set: u32,
        position: u32,
        out: &mut Vec<Literal>,
    ) {
        let load = &self.loads[set as usize];
        let latest = -trail.bound_at(2 * objective as u32 + 1, position);
        let excluded = literal.map(Literal::negated);
        let mut total = 0;
        let mut gains: Vec<(i64, usize)> = Vec::new();
        for (k, options) in load.options.iter().enumerate() {
            if let Some(&(_, units)) = options.iter().find(|option| excluded.is_some() && option.0 == excluded) {
                total += i64::from(units);
                continue;
            }
            let units = i64::from(least(options, trail, position));
            total += units;
            let gain = units - i64::from(least(options, trail, 0));
            if gain > 0 {
                gains.push((gain, k));
            }
        }
        let mut slack = total - load.available(latest) - 1;
        debug_assert!(slack >= 0);
        gains.sort_unstable();
        for (gain, k) in gains {
            if gain <= slack {
                slack -= gain;
                continue;
            }
            let units = least(&load.options[k], trail, position);
            let less = load.options[k].iter().filter(|option| option.1 < units);
            out.extend(less.filter_map(|option| option.0).map(Literal::negated));
        }
        let later = slack / load.idle.len().max(1) as i64;
        out.push(Literal::at_most(objective, latest.saturating_add(later.min(i64::from(i32::MAX)) as i32)));
    }
}
