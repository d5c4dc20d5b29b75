//! Random instances.

use crate::control::Pulse;
use crate::error::{Error, InputError};
use crate::memory;
use crate::random::Random;

/// Columns of a random instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Uniform from 1 to 100.
    pub processing_time: Vec<i64>,
    /// Uniform around `P (1 - tf)`, with a width of `P rdd`, where P is the sum of processing times.
    pub due_date: Vec<i64>,
    /// Uniform from 1 to 10.
    pub weight: Vec<i64>,
}

/// An instance as Potts and Van Wassenhove draw them: a range of due dates `rdd` and a tardiness factor `tf`, both from 0 to 1.
///
/// Due dates are uniform integers from `floor(P (1 - tf - rdd / 2))` to `floor(P (1 - tf + rdd / 2))` and may be negative. The columns
/// come from three random streams of the seed, so leaving out the weights changes nothing else.
/// Potts and Van Wassenhove (1982), A decomposition algorithm for the single machine total tardiness problem, Operations Research
/// Letters 1; (1985), A branch and bound algorithm for the total weighted tardiness problem, Operations Research 33.
///
/// # Errors
/// More than 2^32 - 1 jobs, or a parameter outside 0 to 1.
pub fn potts_van_wassenhove(n: usize, rdd: f64, tf: f64, seed: u64) -> Result<Columns, InputError> {
    potts_van_wassenhove_interruptible(n, rdd, tf, seed, &mut Pulse::default()).map_err(|error| match error {
        Error::Input(error) => error,
        other => panic!("memory for the columns: {other}"),
    })
}

/// [`potts_van_wassenhove`] that stops when `pulse` does; its answer must not be used then.
///
/// # Errors
/// As [`potts_van_wassenhove`]; the system refuses the memory.
pub fn potts_van_wassenhove_interruptible(n: usize, rdd: f64, tf: f64, seed: u64, pulse: &mut Pulse) -> Result<Columns, Error> {
    if u32::try_from(n).is_err() {
        return Err(InputError::new("n", "more than 2**32 - 1 jobs").value(n).into());
    }
    for (field, value) in [("rdd", rdd), ("tf", tf)] {
        if !(0.0..=1.0).contains(&value) {
            return Err(InputError::new(field, "must be from 0 to 1").value(value).into());
        }
    }
    memory::require_items(n, 3 * size_of::<i64>())?;
    let mut draw = |stream, low, high| {
        let mut random = Random::stream(seed, stream);
        let mut column = memory::with_capacity(n)?;
        column.extend((0..n).take_while(|_| !pulse.worked(1)).map(|_| random.between(low, high)));
        Ok::<_, Error>(column)
    };
    let processing_time: Vec<i64> = draw(0, 1, 100)?;
    let total = processing_time.iter().sum::<i64>() as f64;
    let low = (total * (1.0 - tf - rdd / 2.0)).floor() as i64;
    let high = (total * (1.0 - tf + rdd / 2.0)).floor() as i64;
    Ok(Columns { processing_time, due_date: draw(1, low, high)?, weight: draw(2, 1, 10)? })
}
