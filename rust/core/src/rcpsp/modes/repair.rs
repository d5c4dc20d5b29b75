//! Choices of modes that keep to the stocks: the change that reduces the excess most for the time it costs, again and again.

use super::model::Model;
use crate::random::Random;

/// Random changes after which a choice that no single change improves is given up.
const MOST_DISTURBED: usize = 12;

/// Changes choices until exactly one activity of each group of alternatives runs and all stocks suffice; false if it came to no such
/// choice. `random` weighs the changes, and disturbs a choice that no change improves.
pub fn repair(model: &Model, choice: &mut [u32], random: &mut Random) -> bool {
    if model.has_options && !model.settle(choice, Some(random)) {
        return false;
    }
    let mut left = left_of(model, choice);
    if left.iter().all(|&left| left >= 0) {
        return true;
    }
    // Excess in relation to the stock, so that stocks of different sizes compare.
    let scale: Vec<f64> = model.stock.iter().map(|&stock| 1.0 / stock.max(1) as f64).collect();
    let nothing = vec![0; model.stock.len()];
    let mut disturbed = 0;
    loop {
        // Of what choices use up, the part beyond the stocks, if `new` takes the place of `own`.
        let excess = |own: &[i64], new: &[i64], left: &[i64]| -> f64 {
            let used = own.iter().zip(new).zip(left).map(|((own, new), left)| (new - own - left).max(0) as f64);
            used.zip(&scale).map(|(beyond, scale)| beyond * scale).sum()
        };
        let before = excess(&nothing, &nothing, &left);
        if before == 0.0 {
            return true;
        }
        let mut best: Option<(f64, usize, usize)> = None;
        for (i, &present) in choice.iter().enumerate() {
            let present = present as usize;
            let own = model.consumption_of(present);
            for c in model.running(i).filter(|&c| c != present && model.runs(present as u32)) {
                let after = excess(own, model.consumption_of(c), &left);
                if after >= before {
                    continue;
                }
                let longer = (model.duration[c] - model.duration[present]).max(0) as f64;
                let value = (before - after) / (1.0 + longer) * (0.5 + random.unit());
                if best.is_none_or(|(most, ..)| value > most) {
                    best = Some((value, i, c));
                }
            }
        }
        let (i, c) = match best {
            Some((_, i, c)) => (i, c),
            None if disturbed < MOST_DISTURBED => {
                disturbed += 1;
                let i = random.below(model.len() as u64) as usize;
                let own = model.choices(i);
                let c = own.start + random.below(own.len() as u64) as usize;
                if model.has_options {
                    // Other activities of its groups may change as well.
                    choice[i] = c as u32;
                    model.follow(choice, i, random);
                    if !model.settle(choice, Some(random)) {
                        return false;
                    }
                    left = left_of(model, choice);
                    continue;
                }
                (i, c)
            }
            None => return false,
        };
        let present = choice[i] as usize;
        let (own, new) = (model.consumption_of(present), model.consumption_of(c));
        left.iter_mut().zip(own.iter().zip(new)).for_each(|(left, (own, new))| *left += own - new);
        choice[i] = c as u32;
    }
}

/// What choices leave of each stock.
fn left_of(model: &Model, choice: &[u32]) -> Vec<i64> {
    let mut left = model.stock.clone();
    for &c in choice {
        left.iter_mut().zip(model.consumption_of(c as usize)).for_each(|(left, used)| *left -= used);
    }
    left
}
