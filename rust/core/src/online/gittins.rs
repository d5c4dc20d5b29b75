//! The Gittins policy for a known distribution of sizes, exact for discrete ones.

use super::declaration::{Costs, Declared, Parameter, ParameterKind, ParameterValues, RunnablePolicy};
use super::discipline::Rank;
use super::information::{Facts, Nothing};
use super::ordered::Ordered;
use super::queue::QueueBackend;
use super::{Flow, Jobs, Options, engine, registry};
use crate::control::Pulse;
use crate::error::{Error, InputError, check_each, check_length};

/// Runs the job with the highest `max_q P[S - a <= q | S > a] / E[min(S - a, q) | S > a]`, a its service; the rank is the
/// reciprocal.
///
/// The best policy for the mean flow time in an M/G/1 queue without sizes (Gittins 1989). With `F` the distribution and
/// `H(x)` the integral of `1 - F` from 0 to x, the index is the steepest slope from `(H(a), F(a))` to the points of later atoms,
/// so it is found on the upper hull of those. A job older than every atom has rank infinity. Ties: the running job, then index.
#[derive(Debug, Clone, PartialEq)]
pub struct Gittins {
    size: Vec<f64>,
    /// `(H, F)` just before the first atom and after each atom, so one longer than `size`.
    point: Vec<(f64, f64)>,
    /// The next corner of the upper hull of the points from here on; itself at the end.
    next: Vec<u32>,
    /// Rank and stopping time of a job that has just outlived as many atoms: the ages at which jobs are looked up most.
    outlived: Vec<(f64, f64)>,
}

impl Gittins {
    /// From the sizes that occur and how likely each is. O(k log k).
    ///
    /// # Errors
    /// No sizes, unequal lengths, sizes that are not positive and finite, probabilities that are negative or add up to nothing.
    pub fn new(size: &[f64], probability: &[f64]) -> Result<Self, InputError> {
        check_length("probability", probability.len(), size.len())?;
        check_each("size", size, "must be positive and finite", |v: f64| v > 0.0 && v.is_finite())?;
        check_each("probability", probability, "must be finite and >= 0", |v: f64| v >= 0.0 && v.is_finite())?;
        let total: f64 = probability.iter().sum();
        if total <= 0.0 || !total.is_finite() {
            return Err(InputError::new("probability", "must have a positive, finite sum"));
        }
        let mut atoms: Vec<(f64, f64)> =
            size.iter().copied().zip(probability.iter().map(|p| p / total)).filter(|a| a.1 > 0.0).collect();
        atoms.sort_by(|a, b| a.0.total_cmp(&b.0));
        atoms.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0.0 };
            same
        });
        let mut point = vec![(0.0, 0.0)];
        let (mut last, mut height, mut below) = (0.0, 0.0, 0.0);
        for &(size, probability) in &atoms {
            height += (size - last) * (1.0_f64 - below).max(0.0);
            below += probability;
            last = size;
            point.push((height, below));
        }
        let size: Vec<f64> = atoms.iter().map(|a| a.0).collect();
        let mut next: Vec<u32> = (0..size.len() as u32).collect();
        for i in (0..size.len().saturating_sub(1)).rev() {
            // Skip corners that the line from i to the one after them passes above.
            let mut j = i + 1;
            while next[j] as usize != j && steeper(point[i + 1], point[next[j] as usize + 1], point[j + 1]) {
                j = next[j] as usize;
            }
            next[i] = j as u32;
        }
        let mut gittins = Self { size, point, next, outlived: Vec::new() };
        gittins.outlived = (0..gittins.size.len())
            .map(|first| gittins.tangent(first, if first == 0 { 0.0 } else { gittins.size[first - 1] }))
            .collect();
        Ok(gittins)
    }

    /// The distribution of a sample, gathered into at most `atoms` equally likely sizes; sizes of 0 are left out. O(n log n).
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_sample(sample: &[f64], atoms: usize) -> Result<Self, InputError> {
        let mut sorted: Vec<f64> = sample.iter().copied().filter(|&v| v > 0.0).collect();
        if sorted.is_empty() {
            sorted.push(1.0); // the rank of no job depends on it
        }
        sorted.sort_by(f64::total_cmp);
        let (n, k) = (sorted.len(), atoms.min(sorted.len()));
        let size: Vec<f64> = (1..=k).map(|i| sorted[i * n / k - 1]).collect();
        Self::new(&size, &vec![1.0; k])
    }

    /// `(rank, where to stop)` for a job of this age.
    #[inline]
    fn look_up(&self, attained: f64) -> (f64, f64) {
        let first = self.size.partition_point(|&size| size <= attained);
        if first == self.size.len() {
            return (f64::INFINITY, f64::INFINITY);
        }
        let last = if first == 0 { 0.0 } else { self.size[first - 1] };
        if attained == last { self.outlived[first] } else { self.tangent(first, attained) }
    }

    /// Rank and stopping time, `first` being the first atom that the job has not outlived.
    fn tangent(&self, first: usize, attained: f64) -> (f64, f64) {
        let last = if first == 0 { 0.0 } else { self.size[first - 1] };
        let (height, below) = self.point[first];
        let here = (height + (attained - last) * (1.0 - below).max(0.0), below);
        let mut k = first;
        loop {
            let beyond = self.next[k] as usize;
            if beyond == k || !steeper(here, self.point[beyond + 1], self.point[k + 1]) {
                break;
            }
            k = beyond;
        }
        let (dx, dy) = (self.point[k + 1].0 - here.0, self.point[k + 1].1 - here.1);
        (dx / dy, self.size[k])
    }
}

/// Whether the slope from one point to `a` is at least that to `b`, both being later; without a division.
#[inline]
fn steeper(from: (f64, f64), a: (f64, f64), b: (f64, f64)) -> bool {
    (a.1 - from.1) * (b.0 - from.0) >= (b.1 - from.1) * (a.0 - from.0)
}

impl Rank for Gittins {
    type Info = Nothing;
    /// It falls and rises again, up to where it was at the start of the phase.
    const FALLS: bool = false;

    fn rank(&self, _: &Facts<Nothing>, attained: f64, _: u32) -> f64 {
        self.look_up(attained).0
    }

    /// Until the best stopping time the rank never rises above its present value, so no decision is needed before.
    fn phase_end(&self, _: &Facts<Nothing>, attained: f64, _: u32) -> f64 {
        self.look_up(attained).1
    }

    fn rank_and_end(&self, _: &Facts<Nothing>, attained: f64, _: u32) -> (f64, f64) {
        self.look_up(attained)
    }

    /// Age says it all; there are no phases to count.
    fn phase_at(&self, _: &Facts<Nothing>, _: f64, phase: u32) -> u32 {
        phase
    }
}

/// Gittins as a policy; without a distribution it takes that of the simulated jobs, in at most 32 equally likely sizes.
pub(super) struct GittinsPolicy(Option<Gittins>);

impl Declared for GittinsPolicy {
    const NAME: &'static str = "gittins";
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::other(
            "size",
            ParameterKind::Numbers,
            "Sizes that occur, > 0; by default those of the simulated jobs, gathered into at most 32 equally likely ones.",
        ),
        Parameter::other("probability", ParameterKind::Numbers, "How likely each is, up to a factor; equally by default."),
    ];
    const COSTS: Costs =
        Costs { event: "O(log n + log sizes)", operation: "O(log n + log sizes)", pop_many: "O(k (log n + log sizes))" };

    fn from_parameters(values: ParameterValues<'_>) -> Result<Self, InputError> {
        match (values.numbers("size"), values.numbers("probability")) {
            (None, None) => Ok(Self(None)),
            (None, Some(_)) => Err(InputError::new("probability", "cannot be given without size")),
            (Some(size), Some(probability)) => Ok(Self(Some(Gittins::new(size, probability)?))),
            (Some(size), None) => Ok(Self(Some(Gittins::new(size, &vec![1.0; size.len()])?))),
        }
    }
}

impl RunnablePolicy for GittinsPolicy {
    fn simulate(&self, jobs: &Jobs, options: &Options, pulse: &Pulse) -> Result<Flow, Error> {
        let rule = match &self.0 {
            Some(gittins) => gittins.clone(),
            None => Gittins::from_sample(jobs.processing_time(), 32)?,
        };
        Ok(engine::run(jobs, Ordered::new(rule), options, pulse)?)
    }

    fn queue_backend(&self) -> Result<Box<dyn QueueBackend>, InputError> {
        let reason = "a queue has no jobs yet to take the distribution from: give sizes and probabilities";
        let missing = || InputError::new("policy", reason).value("'gittins'");
        self.0.clone().map(registry::ordered_backend).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, over every stopping time worth considering.
    fn by_definition(atoms: &[(f64, f64)], age: f64) -> f64 {
        let alive: Vec<_> = atoms.iter().filter(|a| a.0 > age).collect();
        let survive: f64 = alive.iter().map(|a| a.1).sum();
        let index = |stop: f64| {
            let gain: f64 = alive.iter().filter(|a| a.0 <= stop).map(|a| a.1).sum::<f64>() / survive;
            let cost: f64 = alive.iter().map(|a| a.1 * (a.0.min(stop) - age)).sum::<f64>() / survive;
            gain / cost
        };
        1.0 / alive.iter().map(|a| index(a.0)).fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn equals_the_definition(atoms in prop::collection::btree_map(1_u32..60, 1_u32..9, 1..9), age in 0_u32..240) {
            let size: Vec<f64> = atoms.keys().map(|&s| f64::from(s)).collect();
            let total = f64::from(atoms.values().sum::<u32>());
            let probability: Vec<f64> = atoms.values().map(|&p| f64::from(p) / total).collect();
            let age = f64::from(age) / 4.0;
            let rank = Gittins::new(&size, &probability).unwrap().look_up(age).0;
            if age >= size[size.len() - 1] {
                prop_assert_eq!(rank, f64::INFINITY);
            } else {
                let pairs: Vec<_> = size.into_iter().zip(probability).collect();
                prop_assert!((rank / by_definition(&pairs, age) - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn refuses_what_is_no_distribution() {
        assert!(Gittins::new(&[], &[]).is_err());
        assert!(Gittins::new(&[0.0], &[1.0]).is_err());
        assert!(Gittins::new(&[1.0], &[-1.0]).is_err());
        assert!(Gittins::new(&[1.0], &[]).is_err());
    }
}
