//! Minimum time lags: `after` starts no earlier than `lag` ticks after `before` has completed.

use super::column::{Constraint, constraint};
use crate::error::{Reason, check_nonnegative_sum};
use crate::rcpsp::constrained::{Situation, fixed_clash};

/// Refused are negative lags and a sum beyond 2^53.
pub const LAG: Constraint =
    Constraint { clashes, ..constraint!(lag: OfPairs(0), |data| check_nonnegative_sum("lag", &data.lag).map(drop)) };

/// Fixed activities that start before a fixed predecessor lets them.
fn clashes(situation: &Situation, reasons: &mut Vec<Reason>) {
    for (j, fixed) in situation.fixed.iter().enumerate() {
        let Some((start, _)) = *fixed else { continue };
        for (i, lag) in situation.before(j) {
            if let Some((_, end)) = situation.fixed[i]
                && start < end.saturating_add(lag)
            {
                let detail = format!(
                    "fixed {} starts at {start}, but its predecessor {} is fixed to end at {end}{}",
                    situation.activity(j),
                    situation.listed(&[i], ""),
                    if lag > 0 { format!(", with a lag of {lag}") } else { String::new() }
                );
                reasons.push(fixed_clash(vec![i, j], vec![], end.saturating_add(lag) - start, detail));
            }
        }
    }
}
