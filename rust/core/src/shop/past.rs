//! The operations that have started already when a plan is made.

use super::problem::Shop;
use crate::error::{InputError, TIME_LIMIT};
use crate::past::{self, Started};

/// An operation that has started, or has an appointment: it keeps its machine and its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fixed {
    /// The operation, in the order of jobs.
    pub operation: usize,
    /// Its machine.
    pub machine: usize,
    /// Its start.
    pub start: i64,
    /// Its end, which may lie in the future and differ from the plan.
    pub end: i64,
}

impl Started for Fixed {
    type Time = i64;

    fn index(&self) -> usize {
        self.operation
    }

    fn span(&self) -> (i64, i64) {
        (self.start, self.end)
    }
}

/// The fixed operations and the present: no other operation starts before `now`.
pub type Past = past::Past<Fixed>;

/// A row of a past as users write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedRow {
    /// The operation.
    pub operation: i64,
    /// Its machine.
    pub machine: i64,
    /// Its start.
    pub start: i64,
    /// Its end; without it the operation takes as long as planned, and lasts at least until `now`.
    pub end: Option<i64>,
}

impl Past {
    /// Checks a past against a shop. O(k log k).
    ///
    /// # Errors
    /// Operations or machines that do not exist, a machine that is none of the operation's, times beyond 2^53, reversed times, an
    /// operation that is given more than once or whose predecessor in its job is not fixed or ends later, two fixed operations that
    /// overlap on a machine.
    pub fn new(shop: &Shop, rows: &[FixedRow], now: i64) -> Result<Self, InputError> {
        if !(-TIME_LIMIT..=TIME_LIMIT).contains(&now) {
            return Err(InputError::new("now", "must be within 2**53 of 0").value(now));
        }
        let fail = |index: i64, reason: String| Err(InputError::new(format!("fixed[{index}]"), reason));
        let mut fixed = Vec::with_capacity(rows.len());
        for row in rows {
            let count = shop.num_operations();
            let Some(operation) = usize::try_from(row.operation).ok().filter(|&op| op < count) else {
                return fail(row.operation, format!("there is no such operation, expected 0 <= index < {count}"));
            };
            let choice = shop.choices(operation).find(|&(machine, _)| machine as i64 == row.machine);
            let Some((machine, duration)) = choice else {
                return fail(row.operation, format!("{} cannot run on machine {}", shop.label(operation), row.machine));
            };
            let within = |time: i64| (-TIME_LIMIT..=TIME_LIMIT).contains(&time);
            if !within(row.start) || !row.end.is_none_or(within) {
                return fail(row.operation, "start and end must be within 2**53 of 0".into());
            }
            let end = row.end.unwrap_or_else(|| (row.start + duration).max(now));
            fixed.push(Fixed { operation, machine, start: row.start, end });
        }
        let past = Self::sorted(fixed, now)?;
        for (k, f) in past.fixed().iter().enumerate() {
            if f.operation == shop.operations(shop.job(f.operation)).start {
                continue;
            }
            match k.checked_sub(1).map(|before| past.fixed()[before]).filter(|before| before.operation + 1 == f.operation) {
                None => {
                    return fail(
                        f.operation as i64,
                        format!("{} is not fixed, but {} is", shop.label(f.operation - 1), shop.label(f.operation)),
                    );
                }
                Some(before) if before.end > f.start => {
                    return fail(
                        f.operation as i64,
                        format!("starts at {}, before {} ends at {}", f.start, shop.label(before.operation), before.end),
                    );
                }
                Some(_) => {}
            }
        }
        let mut by_machine: Vec<&Fixed> = past.fixed().iter().filter(|f| f.end > f.start).collect();
        by_machine.sort_by_key(|f| (f.machine, f.start, f.end, f.operation));
        for pair in by_machine.windows(2) {
            if pair[0].machine == pair[1].machine && pair[1].start < pair[0].end {
                let place = shop.machine_label(pair[1].machine);
                return fail(pair[1].operation as i64, format!("overlaps {} on {place}", shop.label(pair[0].operation)));
            }
        }
        Ok(past)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::test_shops::classic;

    #[test]
    fn contradictory_pasts_are_refused() {
        let shop = classic("2 2\n0 3 1 2\n1 4 0 1\n");
        let refused = |rows: &[(i64, i64, i64, Option<i64>)]| {
            let rows: Vec<FixedRow> =
                rows.iter().map(|&(operation, machine, start, end)| FixedRow { operation, machine, start, end }).collect();
            Past::new(&shop, &rows, 2).map_or_else(|e| e.to_string(), |_| String::new())
        };
        assert_eq!(refused(&[(0, 0, -1, None), (2, 1, 0, Some(9))]), "");
        assert_eq!(refused(&[(4, 0, 0, None)]), "fixed[4]: there is no such operation, expected 0 <= index < 4");
        assert_eq!(refused(&[(0, 1, 0, None)]), "fixed[0]: operation 0 of job 0 cannot run on machine 1");
        assert_eq!(refused(&[(1, 1, 0, None)]), "fixed[1]: operation 0 of job 0 is not fixed, but operation 1 of job 0 is");
        assert_eq!(refused(&[(0, 0, 0, Some(-1))]), "fixed[0]: ends at -1, before its start at 0");
        assert_eq!(refused(&[(0, 0, 0, None), (1, 1, 2, None)]), "fixed[1]: starts at 2, before operation 0 of job 0 ends at 3");
        assert_eq!(
            refused(&[(0, 0, 0, None), (1, 1, 3, None), (2, 1, 0, None)]),
            "fixed[1]: overlaps operation 0 of job 1 on machine 1"
        );
        assert_eq!(refused(&[(0, 0, 0, None), (0, 0, 5, None)]), "fixed[0]: is given more than once");
    }
}
