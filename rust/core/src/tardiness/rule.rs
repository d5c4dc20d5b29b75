//! Every rule by its name, and the memory that runs share.

use super::augment::{AugmentScratch, augment};
use super::jobs::Jobs;
use super::mdd::MddScratch;
use super::mddc::MddcScratch;
use super::order::Sorter;
use super::{dispatch, exchange, mdd, mddc, sorted};
use crate::control::Pulse;
use crate::error::InputError;

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

/// A rule that makes a sequence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// [`spt`](super::spt)
    Spt,
    /// [`edd`](super::edd)
    Edd,
    /// [`mdd`](super::mdd)
    Mdd,
    /// [`wmdd`](super::wmdd)
    Wmdd,
    /// [`psk`](super::psk)
    Psk,
    /// [`panneerselvam`](super::panneerselvam)
    Panneerselvam,
    /// [`atc`](super::atc) with its look-ahead parameter
    Atc(f64),
    /// [`wspt`](super::wspt)
    Wspt,
    /// [`nbr`](super::nbr)
    Nbr,
    /// [`eddc`](super::eddc)
    Eddc,
    /// [`mddc`](super::mddc)
    Mddc,
    /// [`mdd`](super::mdd) with [`augment`](super::augment)
    AugmentedMdd,
    /// [`mddc`](super::mddc) with [`augment`](super::augment)
    AugmentedMddc,
}

impl Rule {
    /// Every rule, in the order of the documentation; ATC with k = 2.
    pub const ALL: [Self; 13] = [
        Self::Spt,
        Self::Edd,
        Self::Mdd,
        Self::Wmdd,
        Self::Psk,
        Self::Panneerselvam,
        Self::Atc(2.0),
        Self::Wspt,
        Self::Nbr,
        Self::Eddc,
        Self::Mddc,
        Self::AugmentedMdd,
        Self::AugmentedMddc,
    ];

    /// The name that users know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spt => "spt",
            Self::Edd => "edd",
            Self::Mdd => "mdd",
            Self::Wmdd => "wmdd",
            Self::Psk => "psk",
            Self::Panneerselvam => "panneerselvam",
            Self::Atc(_) => "atc",
            Self::Wspt => "wspt",
            Self::Nbr => "nbr",
            Self::Eddc => "eddc",
            Self::Mddc => "mddc",
            Self::AugmentedMdd => "augmented_mdd",
            Self::AugmentedMddc => "augmented_mddc",
        }
    }

    /// The rule of that name; `k` is the look-ahead parameter of ATC.
    ///
    /// # Errors
    /// An unknown name; a `k` that is not positive and finite.
    pub fn from_name(name: &str, k: f64) -> Result<Self, InputError> {
        let Some(rule) = Self::ALL.into_iter().find(|rule| rule.name() == name) else {
            let known: Vec<&str> = Self::ALL.iter().map(|rule| rule.name()).collect();
            return Err(InputError::new("rule", format!("unknown rule, expected one of {}", known.join(", "))).value(name));
        };
        if !(k > 0.0 && k.is_finite()) {
            return Err(InputError::new("k", "must be positive and finite").value(k));
        }
        Ok(if matches!(rule, Self::Atc(_)) { Self::Atc(k) } else { rule })
    }

    /// Leaves the rule's sequence in `scratch.sequence`.
    ///
    /// ```
    /// use schedkit_core::tardiness::{Jobs, Rule, Scratch, Weights, total_tardiness};
    /// let jobs = Jobs::new(&[10, 11, 10, 10, 11, 10], &[15, 11, 13, 11, 12, 11], Weights::Unit)?;
    /// let mut scratch = Scratch::default();
    /// Rule::Mdd.run(&jobs, &mut scratch);
    /// assert_eq!((total_tardiness(&jobs, &scratch.sequence), scratch.sequence), (144, vec![1, 0, 2, 3, 5, 4]));
    /// # Ok::<(), schedkit_core::InputError>(())
    /// ```
    pub fn run(self, jobs: &Jobs, scratch: &mut Scratch) {
        match self {
            Self::Spt => sorted::spt(jobs, scratch),
            Self::Edd => sorted::edd(jobs, scratch),
            Self::Mdd => mdd::mdd(jobs, scratch),
            Self::Wmdd => dispatch::wmdd(jobs, scratch),
            Self::Psk => mdd::psk(jobs, scratch),
            Self::Panneerselvam => dispatch::panneerselvam(jobs, scratch),
            Self::Atc(k) => dispatch::atc(jobs, k, scratch),
            Self::Wspt => sorted::wspt(jobs, scratch),
            Self::Nbr => exchange::nbr(jobs, scratch),
            Self::Eddc => exchange::eddc(jobs, scratch),
            Self::Mddc => mddc::mddc(jobs, scratch),
            Self::AugmentedMdd => {
                mdd::mdd(jobs, scratch);
                augment(jobs, scratch);
            }
            Self::AugmentedMddc => {
                mddc::mddc(jobs, scratch);
                augment(jobs, scratch);
            }
        }
    }

    /// The same, but always a whole sequence: jobs that a stopped rule has not scheduled follow in order of due dates.
    pub fn start(self, jobs: &Jobs, scratch: &mut Scratch) {
        self.run(jobs, scratch);
        if scratch.sequence.len() < jobs.len() {
            let mut sequence = std::mem::take(&mut scratch.sequence);
            let mut rest = vec![true; jobs.len()];
            for &j in &sequence {
                rest[j as usize] = false;
            }
            Self::Edd.run(jobs, scratch);
            sequence.extend(scratch.sequence.iter().filter(|&&j| rest[j as usize]));
            scratch.sequence = sequence;
        }
    }
}
