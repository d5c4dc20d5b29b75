//! The table of dispatching rules.
//!
//! To add a rule, add its entry to [`TABLE`]. The dispatcher, the binding, `shop.RULES`, the documentation of `shop.dispatch` and the
//! command line read the table.

use super::problem::{NO_DUE_DATE, Shop};
use crate::error::InputError;
use crate::names::Named;
use crate::random::Random;

/// An operation that could be next on its machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The operation.
    pub operation: usize,
    /// Its duration on the machine that it would take.
    pub duration: i64,
    /// When its job arrives at that machine.
    pub arrival: i64,
}

/// What rules look up.
#[derive(Debug)]
pub(super) struct Facts<'s> {
    shop: &'s Shop,
    /// Mean of the shortest durations of all operations.
    mean_duration: f64,
    /// A number for each operation: those of the rule "random", or those that the caller gave.
    numbers: Vec<i64>,
}

/// The description of a rule.
#[derive(Debug)]
pub struct RuleEntry {
    /// The name that users give.
    pub name: &'static str,
    /// The name in words.
    pub title: &'static str,
    /// Which operation goes first.
    pub notes: &'static str,
    /// The least key goes first; the last argument is the earliest start of all candidates.
    key: fn(&Facts, Candidate, i64) -> i64,
    /// If keys depend on that moment: a number that no key of the candidate is below.
    bound: Option<fn(&Facts, Candidate) -> i64>,
}

/// The entries, in the order in which names are listed.
const TABLE: [RuleEntry; 12] = [
    RuleEntry {
        name: "spt",
        title: "shortest processing time",
        notes: "the shortest operation",
        key: |_, c, _| c.duration,
        bound: None,
    },
    RuleEntry {
        name: "lpt",
        title: "longest processing time",
        notes: "the longest operation",
        key: |_, c, _| -c.duration,
        bound: None,
    },
    RuleEntry {
        name: "mwkr",
        title: "most work remaining",
        notes: "the most work left in the job, this operation included",
        key: |f, c, _| -f.shop.remaining_work(c.operation),
        bound: None,
    },
    RuleEntry {
        name: "lwkr",
        title: "least work remaining",
        notes: "the least work left in the job, this operation included",
        key: |f, c, _| f.shop.remaining_work(c.operation),
        bound: None,
    },
    RuleEntry {
        name: "mopnr",
        title: "most operations remaining",
        notes: "the most operations left in the job",
        key: |f, c, _| -f.operations_left(c.operation),
        bound: None,
    },
    RuleEntry {
        name: "lopnr",
        title: "least operations remaining",
        notes: "the least operations left in the job",
        key: |f, c, _| f.operations_left(c.operation),
        bound: None,
    },
    RuleEntry {
        name: "fifo",
        title: "first in, first out",
        notes: "the earliest arrival at the machine, transport included",
        key: |_, c, _| c.arrival,
        bound: None,
    },
    RuleEntry {
        name: "edd",
        title: "earliest due date",
        notes: "the earliest due date d; of a job without one, one and a half times its work, rounded down",
        key: |f, c, _| f.due(c.operation),
        bound: None,
    },
    RuleEntry {
        name: "atc",
        title: "apparent tardiness cost",
        notes: "the largest (w / p) exp(-max(0, d - t - work remaining) / (2 mean p))",
        key: |f, c, now| f.tardiness_cost(c, now),
        bound: Some(|f, c| ordered(-f.tardiness_rate(c))),
    },
    RuleEntry {
        name: "cr",
        title: "critical ratio",
        notes: "the least (d - t) / work remaining",
        key: |f, c, now| f.critical_ratio(c.operation, now),
        bound: Some(|_, _| i64::MIN),
    },
    RuleEntry {
        name: "slack",
        title: "least slack",
        notes: "the least d - t - work remaining",
        key: |f, c, _| f.due(c.operation) - f.shop.remaining_work(c.operation),
        bound: None,
    },
    RuleEntry {
        name: "random",
        title: "random order",
        notes: "the least of random numbers, one for each operation, drawn by the seed",
        key: |f, c, _| f.numbers[c.operation],
        bound: None,
    },
];

/// A rule of the table, which decides between the operations that could be next.
///
/// ```
/// use schedkit_core::names::Named;
/// use schedkit_core::shop::Rule;
/// assert_eq!(Rule::from_name("mwkr")?.entry().title, "most work remaining");
/// # Ok::<(), schedkit_core::InputError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Rule(&'static RuleEntry);

impl Named for Rule {
    const FIELD: &'static str = "rule";

    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        TABLE.iter().map(|entry| (entry.name, Self(entry)))
    }
}

impl Rule {
    /// The description.
    #[must_use]
    pub fn entry(self) -> &'static RuleEntry {
        self.0
    }
}

/// What decides between the operations that could be next.
#[derive(Debug, Clone)]
pub enum Priority<'a> {
    /// A rule, and the seed of its random numbers.
    Rule(Rule, u64),
    /// One integer for each operation; lower first.
    Integers(&'a [i64]),
    /// One float for each operation; lower first.
    Floats(&'a [f64]),
}

/// A priority, ready to be asked for keys.
#[derive(Debug)]
pub(super) struct Keys<'s> {
    facts: Facts<'s>,
    key: fn(&Facts, Candidate, i64) -> i64,
    bound: Option<fn(&Facts, Candidate) -> i64>,
    /// Whether keys depend on the moment.
    pub moves: bool,
}

impl<'s> Keys<'s> {
    /// Prepares a priority for a shop.
    ///
    /// # Errors
    /// Numbers of another count than operations, or floats that are not finite.
    pub fn new(shop: &'s Shop, priority: &Priority) -> Result<Self, InputError> {
        let count = shop.num_operations();
        let mean_duration = (0..shop.num_jobs()).map(|job| shop.total_work(job)).sum::<i64>() as f64 / count.max(1) as f64;
        let numbers = match priority {
            Priority::Rule(rule, seed) if rule.0.name == "random" => {
                let mut random = Random::new(*seed);
                (0..count).map(|_| random.next_u64() as i64).collect()
            }
            Priority::Rule(..) => Vec::new(),
            Priority::Integers(numbers) => numbers.to_vec(),
            Priority::Floats(numbers) => {
                crate::error::check_each("rule", numbers, "must be finite", f64::is_finite)?;
                numbers.iter().map(|&number| ordered(number)).collect()
            }
        };
        let (key, bound): (fn(&Facts, Candidate, i64) -> i64, _) = match priority {
            Priority::Rule(rule, _) => (rule.0.key, rule.0.bound),
            Priority::Integers(_) | Priority::Floats(_) => {
                crate::error::check_length("rule", numbers.len(), count)?;
                (|f, c, _| f.numbers[c.operation], None)
            }
        };
        Ok(Self { facts: Facts { shop, mean_duration, numbers }, key, bound, moves: bound.is_some() })
    }

    /// The key of a candidate, the least first; `now` is the earliest start of all candidates.
    #[inline]
    pub fn of(&self, candidate: Candidate, now: i64) -> i64 {
        // Rules have no numbers, or their keys are the numbers.
        match self.facts.numbers.get(candidate.operation) {
            Some(&number) => number,
            None => (self.key)(&self.facts, candidate, now),
        }
    }

    /// If keys depend on the moment: a number that no key of the candidate is below.
    pub fn bound(&self, candidate: Candidate) -> i64 {
        self.bound.map_or(i64::MIN, |bound| bound(&self.facts, candidate))
    }
}

/// Integers that compare as floats do.
fn ordered(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits() as i64; // no -0
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl Facts<'_> {
    fn operations_left(&self, operation: usize) -> i64 {
        (self.shop.operations(self.shop.job(operation)).end - operation) as i64
    }

    /// The due date that rules use.
    fn due(&self, operation: usize) -> i64 {
        let job = self.shop.job(operation);
        let due = self.shop.data().due_date.get(job).copied().unwrap_or(NO_DUE_DATE);
        let work = self.shop.total_work(job);
        if due == NO_DUE_DATE { work + work / 2 } else { due }
    }

    fn critical_ratio(&self, operation: usize, now: i64) -> i64 {
        let (left, work) = (self.due(operation) - now, self.shop.remaining_work(operation));
        let sign = left.signum() as f64;
        ordered(if work > 0 {
            left as f64 / work as f64
        } else if left == 0 {
            0.0
        } else {
            sign * f64::INFINITY
        })
    }

    /// The weight for each tick of an operation; the largest float for an operation of duration 0.
    fn tardiness_rate(&self, candidate: Candidate) -> f64 {
        let weight = self.shop.data().weight.get(self.shop.job(candidate.operation));
        let rate = if weight == 0.0 { 0.0 } else { weight / candidate.duration as f64 };
        if rate.is_finite() { rate } else { f64::MAX }
    }

    fn tardiness_cost(&self, candidate: Candidate, now: i64) -> i64 {
        let operation = candidate.operation;
        let rate = self.tardiness_rate(candidate);
        let slack = (self.due(operation) - now - self.shop.remaining_work(operation)).max(0) as f64;
        if slack == 0.0 || candidate.duration == 0 {
            return ordered(-rate); // an operation without duration goes first, however large the slack is
        }
        let scale = (2.0 * self.mean_duration).max(f64::MIN_POSITIVE);
        ordered(-(rate * libm::exp(-slack / scale)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_keep_their_order_as_integers() {
        let rising = [f64::NEG_INFINITY, -1e300, -2.5, -f64::MIN_POSITIVE, 0.0, 1e-9, 1.0, 7.5, f64::INFINITY];
        assert!(rising.windows(2).all(|pair| ordered(pair[0]) < ordered(pair[1])));
        assert_eq!(ordered(-0.0), ordered(0.0));
    }

    #[test]
    fn every_entry_is_complete_and_names_differ() {
        let names: std::collections::BTreeSet<_> = TABLE.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), TABLE.len());
        assert!(TABLE.iter().all(|entry| !entry.title.is_empty() && !entry.notes.is_empty()));
        let error = Rule::from_name("wspt").unwrap_err().to_string();
        assert!(error.starts_with("rule = 'wspt': unknown rule, expected one of spt, lpt,"), "{error}");
    }
}
