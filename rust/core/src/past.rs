//! Work that has started already when a plan is made, over any kind of time.

use std::fmt::Debug;

use crate::error::InputError;

/// A piece of work that has started, or has an appointment: it keeps its times, which may differ from any plan.
pub trait Started {
    /// Whole ticks, or real numbers.
    type Time: Copy + PartialOrd + Debug + Default;

    /// The activity or task.
    fn index(&self) -> usize;
    /// Its start and its end, which may lie in the future.
    fn span(&self) -> (Self::Time, Self::Time);
}

/// The work that is fixed, and the present: nothing else starts before `now`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past<F: Started> {
    fixed: Vec<F>,
    now: F::Time,
}

impl<F: Started> Default for Past<F> {
    fn default() -> Self {
        Self { fixed: Vec::new(), now: F::Time::default() }
    }
}

impl<F: Started> Past<F> {
    /// Sorts by index. O(k log k).
    ///
    /// # Errors
    /// Work that ends before its start, or is given more than once.
    pub(crate) fn sorted(mut fixed: Vec<F>, now: F::Time) -> Result<Self, InputError> {
        let fail = |work: &F, reason: String| Err(InputError::new(format!("fixed[{}]", work.index()), reason));
        for work in &fixed {
            let (start, end) = work.span();
            if end < start {
                return fail(work, format!("ends at {end:?}, before its start at {start:?}"));
            }
        }
        fixed.sort_by_key(Started::index);
        match fixed.windows(2).find(|pair| pair[0].index() == pair[1].index()) {
            Some(pair) => fail(&pair[0], "is given more than once".into()),
            None => Ok(Self { fixed, now }),
        }
    }

    /// The fixed work by index.
    #[must_use]
    pub fn fixed(&self) -> &[F] {
        &self.fixed
    }

    /// Nothing else starts earlier.
    #[must_use]
    pub fn now(&self) -> F::Time {
        self.now
    }

    /// Whether it says nothing: no fixed work, and time begins at 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fixed.is_empty() && self.now == F::Time::default()
    }
}
