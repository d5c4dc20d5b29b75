//! The least of the first moments of all machines.

/// Jobs that a moment has bits for.
pub(super) const JOBS: usize = 128;
const SHIFT: u32 = JOBS.ilog2();
/// Added to the bits, so that they are those of an ordinary positive number, neither tiny nor infinite.
const OFFSET: i64 = 1 << 61;
/// Moments that are compared at once.
const WIDTH: usize = 4;

/// A time and a job, so that ties go to the lowest job without a further comparison.
///
/// The bits `time * 128 + job` are those of a floating-point number: positive ones are ordered like their bits, and all processors
/// compare several of them at once, which many do not for integers. Times lie between -2^53 and 2^54: release times and
/// durations add up to at most 2^53, and so much is the present.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Moment(f64);

/// Later than all moments.
pub(super) const NOTHING: Moment = Moment(f64::INFINITY);

impl Moment {
    #[inline]
    pub fn new(time: i64, job: u32) -> Self {
        Self(f64::from_bits((time << SHIFT).wrapping_add(i64::from(job) + OFFSET) as u64))
    }

    /// The time and the job, if it is not [`NOTHING`].
    #[inline]
    pub fn parts(self) -> Option<(i64, u32)> {
        let bits = self.0.to_bits() as i64 - OFFSET;
        (self != NOTHING).then_some((bits >> SHIFT, (bits & (JOBS as i64 - 1)) as u32))
    }

    #[inline]
    pub fn min(self, other: Self) -> Self {
        if other.0 < self.0 { other } else { self }
    }
}

/// A moment for each machine.
#[derive(Debug)]
pub(super) struct Least {
    /// Filled up with [`NOTHING`].
    moment: Vec<[Moment; WIDTH]>,
}

impl Least {
    pub fn new(machines: usize) -> Self {
        Self { moment: vec![[NOTHING; WIDTH]; machines.div_ceil(WIDTH)] }
    }

    #[inline]
    pub fn all(&self) -> &[Moment] {
        self.moment.as_flattened()
    }

    #[inline]
    pub fn of(&self, machine: usize) -> Moment {
        self.all()[machine]
    }

    #[inline]
    pub fn set(&mut self, machine: usize, moment: Moment) {
        self.moment.as_flattened_mut()[machine] = moment;
    }

    #[inline]
    pub fn lower(&mut self, machine: usize, moment: Moment) {
        let here = &mut self.moment.as_flattened_mut()[machine];
        *here = here.min(moment);
    }

    #[inline]
    pub fn least(&self) -> Moment {
        let mut least = [NOTHING; WIDTH];
        for four in &self.moment {
            for (least, moment) in least.iter_mut().zip(four) {
                *least = least.min(*moment);
            }
        }
        least[0].min(least[1]).min(least[2].min(least[3]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::TIME_LIMIT;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moments_are_ordered_by_time_and_job(
            parts in prop::collection::vec(((-TIME_LIMIT..=2 * TIME_LIMIT - 1).prop_union(-2..=2_i64), 0..128_u32), 1..40),
        ) {
            let mut least = Least::new(parts.len());
            prop_assert_eq!(least.least().parts(), None);
            for (machine, &(time, job)) in parts.iter().enumerate() {
                prop_assert_eq!(Moment::new(time, job).parts(), Some((time, job)));
                least.set(machine, Moment::new(time, job));
                prop_assert_eq!(least.least().parts(), parts[..=machine].iter().copied().min());
            }
        }
    }
}
