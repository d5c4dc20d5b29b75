//! Stocks that all choices together must keep to.

use super::{Choices, Range, Rule};
use crate::cp::trail::{Conflict, Literal, Reason, Trail};

impl Choices {
    /// Counts what an interval uses up at least of each stock, with the options that are left.
    pub(super) fn count(&mut self, i: usize, range: Range) {
        for at in 0..self.stocks_of[i].len() {
            let k = self.stocks_of[i][at] as usize;
            let units = self.least_units(i, range, k);
            self.total[k] += units - std::mem::replace(&mut self.least[i * self.stock.len() + k], units);
        }
        self.stocks_wait = true;
    }

    /// Excludes options that use up more than is left, if anything has changed.
    pub(super) fn keep_stocks(&mut self, trail: &mut Trail) -> Result<(), Conflict> {
        if !self.stocks_wait {
            return Ok(());
        }
        let stocks = self.stock.len();
        for k in 0..stocks {
            let reason = Reason::Choices { rule: Rule::Stock(k as u32), at: 0 };
            if self.total[k] > self.stock[k] {
                return Err(Conflict::Stock(k as u32));
            }
            let slack = self.stock[k] - self.total[k];
            if slack >= self.spread[k] {
                continue;
            }
            for &i in &self.consumers[k] {
                let i = i as usize;
                let own = self.least[i * stocks + k];
                while let (low, high) = self.range(trail, i)
                    && low < high
                {
                    let v = self.variable[i].expect("it has options") as usize;
                    if self.units(i, low, k) - own > slack {
                        trail.push(Literal::at_least(v, low as i32 + 1), reason)?;
                    } else if self.units(i, high, k) - own > slack {
                        trail.push(Literal::at_most(v, high as i32 - 1), reason)?;
                    } else {
                        break;
                    }
                }
            }
        }
        self.stocks_wait = false;
        Ok(())
    }
}
