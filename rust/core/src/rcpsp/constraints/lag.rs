//! Minimal time lags: what must pass between the two events of a precedence pair. A negative lag, a lead, lets them overlap.

use super::Relation;
use super::column::{Constraint, constraint};
use crate::error::{InputError, Reason, TIME_LIMIT};
use crate::rcpsp::constrained::{Link, Situation, fixed_clash};

/// The lag of a pair that has none: it bounds its events by a maximal lag alone.
pub const NO_LAG: i64 = -i64::MAX;

/// Refused are lags whose sizes sum up to more than 2^53.
pub const LAG: Constraint = Constraint { clashes, ..constraint!(lag: OfPairs(0, NO_LAG), |data| check_sum(&data.lag)) };

fn check_sum(lag: &[i64]) -> Result<(), InputError> {
    let mut sum = 0_u64;
    for (k, &ticks) in lag.iter().enumerate().filter(|&(_, &ticks)| ticks != NO_LAG) {
        sum = sum.saturating_add(ticks.unsigned_abs());
        if sum > TIME_LIMIT as u64 {
            return Err(InputError::new("lag", "the sum up to here, leads counted as positive, exceeds 2**53").at([k], ticks));
        }
    }
    Ok(())
}

/// Fixed activities that start or end before a fixed predecessor lets them.
fn clashes(situation: &Situation, reasons: &mut Vec<Reason>) {
    for (j, fixed) in situation.fixed.iter().enumerate() {
        let Some(span) = *fixed else { continue };
        for link in situation.before(j) {
            let Some(before) = situation.fixed[link.other] else { continue };
            let (least, event) = (link.since(before), link.event(span));
            if event < least {
                let Link { other: i, lag, relation } = link;
                let detail = format!(
                    "fixed {} {} at {event}, but its predecessor {} is fixed to {} at {}{}",
                    situation.activity(j),
                    if relation.to_finish() { "ends" } else { "starts" },
                    situation.listed(&[i], ""),
                    if relation.from_finish() { "end" } else { "start" },
                    if relation.from_finish() { before.1 } else { before.0 },
                    match relation {
                        Relation::FinishStart if lag == 0 => String::new(),
                        Relation::FinishStart => format!(", with a lag of {lag}"),
                        _ => format!(", with an {} relation of lag {lag}", relation.name()),
                    }
                );
                reasons.push(fixed_clash(vec![i, j], vec![], least - event, detail));
            }
        }
    }
}
