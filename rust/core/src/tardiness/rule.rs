//! The table of rules, [`Rule`], an entry of it, and the memory that runs share.
//!
//! To add a rule, write its function beside its relatives, describe it in their `ENTRIES`, and name it in
//! `python/schedkit/tardiness/rules.py`. The binding, the documentation of the Python function, `schedkit.evaluate` and the command line read the entry.

use super::augment::AugmentScratch;
use super::jobs::Jobs;
use super::mdd::MddScratch;
use super::mddc::MddcScratch;
use super::{augment, dispatch, exchange, mdd, mddc, sorted};
use crate::control::Pulse;
use crate::error::InputError;
use crate::names::Named;
use crate::sort::Sorter;

/// Memory that runs share, and the sequence that the last one made.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// The answer: a permutation of the jobs.
    pub sequence: Vec<u32>,
    /// Stops rules that take long; a rule that it stopped leaves a part of a sequence.
    pub pulse: Pulse,
    pub(super) sorter: Sorter,
    pub(super) line: Vec<u32>,
    pub(super) column: Vec<i64>,
    pub(super) mdd: MddScratch,
    pub(super) mddc: MddcScratch,
    pub(super) augment: AugmentScratch,
}

impl Scratch {
    /// Fresh memory, and something that stops rules.
    #[must_use]
    pub fn with_pulse(pulse: Pulse) -> Self {
        Self { pulse, ..Self::default() }
    }
}

/// The description of a rule. The texts are those of the documentation of the Python function.
#[derive(Debug)]
pub struct RuleEntry {
    /// The name that users give.
    pub name: &'static str,
    /// The name in words, and the problem.
    pub title: &'static str,
    /// The choice of the next job, ties, and other details.
    pub notes: &'static str,
    /// Running time.
    pub cost: &'static str,
    /// The publication.
    pub source: &'static str,
    /// The sequence and the total (weighted) tardiness of the example in the documentation; see the test below.
    pub example: ([u32; 6], i64),
    /// Leaves the sequence in the scratch memory; the number is the look-ahead parameter of ATC.
    pub(super) run: fn(&Jobs, f64, &mut Scratch),
}

/// The entries, in the order in which names are listed.
const TABLE: [&[RuleEntry]; 6] =
    [&sorted::ENTRIES, &mdd::ENTRIES, &dispatch::ENTRIES, &exchange::ENTRIES, &mddc::ENTRIES, &augment::ENTRIES];

/// A rule that makes a sequence: an entry of the table, with its parameter.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    entry: &'static RuleEntry,
    k: f64,
}

impl Named for Rule {
    const FIELD: &'static str = "rule";

    /// All rules; ATC with k = 2.
    fn all() -> impl Iterator<Item = (&'static str, Self)> + Clone {
        TABLE.into_iter().flatten().map(|entry| (entry.name, Self { entry, k: 2.0 }))
    }
}

impl Rule {
    /// This rule with another look-ahead parameter, which ATC alone reads.
    ///
    /// # Errors
    /// A `k` that is not positive and finite.
    pub fn with_look_ahead(self, k: f64) -> Result<Self, InputError> {
        if k > 0.0 && k.is_finite() {
            return Ok(Self { k, ..self });
        }
        Err(InputError::new("k", "must be positive and finite").value(k))
    }

    /// The name that users give.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry.name
    }

    /// The description.
    #[must_use]
    pub fn entry(self) -> &'static RuleEntry {
        self.entry
    }

    /// Leaves the rule's sequence in `scratch.sequence`.
    ///
    /// ```
    /// use schedkit_core::names::Named;
    /// use schedkit_core::tardiness::{Jobs, Rule, Scratch, Weights, total_tardiness};
    /// let jobs = Jobs::new(&[10, 11, 10, 10, 11, 10], &[15, 11, 13, 11, 12, 11], Weights::Unit)?;
    /// let mut scratch = Scratch::default();
    /// Rule::from_name("mdd")?.run(&jobs, &mut scratch);
    /// assert_eq!((total_tardiness(&jobs, &scratch.sequence), scratch.sequence), (144, vec![1, 0, 2, 3, 5, 4]));
    /// # Ok::<(), schedkit_core::InputError>(())
    /// ```
    pub fn run(self, jobs: &Jobs, scratch: &mut Scratch) {
        (self.entry.run)(jobs, self.k, scratch);
    }

    /// Runs the rule and completes its sequence: jobs that a rule which the deadline stopped has not scheduled follow in order of due
    /// dates. A sequence that something else stopped is incomplete.
    pub fn start(self, jobs: &Jobs, scratch: &mut Scratch) {
        self.run(jobs, scratch);
        if scratch.sequence.len() < jobs.len() && scratch.pulse.extend() {
            let mut sequence = std::mem::take(&mut scratch.sequence);
            let mut rest = vec![true; jobs.len()];
            for &j in &sequence {
                rest[j as usize] = false;
            }
            sorted::edd(jobs, scratch);
            sequence.extend(scratch.sequence.iter().filter(|&&j| rest[j as usize]));
            scratch.sequence = sequence;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tardiness::{Weights, total_weighted_tardiness};

    #[test]
    fn every_entry_is_complete_and_gives_the_sequence_of_its_example() {
        let weighted = ["wspt", "wmdd", "atc"];
        for (name, rule) in Rule::all() {
            let &RuleEntry { title, notes, cost, source, example, .. } = rule.entry();
            assert!([title, notes, cost, source].iter().all(|text| !text.is_empty()), "{name}");
            let weight = if weighted.contains(&name) { [1, 3, 1, 1, 2, 2] } else { [1; 6] };
            let jobs = Jobs::new(&[4, 7, 2, 9, 5, 3], &[6, 9, 14, 16, 11, 8], Weights::Integers(&weight)).unwrap();
            let mut scratch = Scratch::default();
            rule.run(&jobs, &mut scratch);
            let total = total_weighted_tardiness(&jobs, &scratch.sequence);
            assert_eq!((&scratch.sequence[..], total as i64), (&example.0[..], example.1), "{name}");
        }
    }
}
