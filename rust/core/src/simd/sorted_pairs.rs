//! Eight pairs in order, which fit two registers.
#![deny(unsafe_code)] // allowed in the kernels alone

/// How many there are.
pub const EIGHT: usize = 8;

/// A number, not NaN, and whose it is.
pub type Pair = (f64, u64);

/// No pair: it comes after all others.
pub const NOTHING: Pair = (f64::INFINITY, u64::MAX);

/// Pairs by number, smallest first; [`NOTHING`] in the places behind them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pairs {
    /// The numbers.
    pub number: [f64; EIGHT],
    /// Whose they are.
    pub owner: [u64; EIGHT],
}

impl Pairs {
    /// No pairs.
    pub const EMPTY: Self = Self { number: [NOTHING.0; EIGHT], owner: [NOTHING.1; EIGHT] };
}

/// Pairs in the hands of a kernel.
pub trait SortedPairs: Copy {
    /// Takes the first pair out.
    fn take(&mut self) -> Pair;
    /// The first pair, which is taken out only if `wanted`; without a branch where the processor allows it.
    fn take_if(&mut self, wanted: bool) -> Pair;
    /// If `other` is less than `first`, which no pair is less than, puts `first` in front; else `other` behind all that are not
    /// greater. The eighth pair is lost.
    fn put_larger(&mut self, first: Pair, other: Pair);
    /// The pairs.
    fn pairs(self) -> Pairs;
}

/// The twin that runs everywhere.
impl SortedPairs for Pairs {
    #[inline(always)]
    fn take(&mut self) -> Pair {
        let first = (self.number[0], self.owner[0]);
        self.number.copy_within(1.., 0);
        self.owner.copy_within(1.., 0);
        (self.number[EIGHT - 1], self.owner[EIGHT - 1]) = NOTHING;
        first
    }

    #[inline(always)]
    fn take_if(&mut self, wanted: bool) -> Pair {
        if wanted { self.take() } else { (self.number[0], self.owner[0]) }
    }

    #[inline(always)]
    fn put_larger(&mut self, first: Pair, other: Pair) {
        let (place, pair) =
            if other.0 < first.0 { (0, first) } else { (self.number.iter().filter(|&&n| n <= other.0).count(), other) };
        if place < EIGHT {
            self.number.copy_within(place..EIGHT - 1, place + 1);
            self.owner.copy_within(place..EIGHT - 1, place + 1);
            (self.number[place], self.owner[place]) = pair;
        }
    }

    #[inline(always)]
    fn pairs(self) -> Pairs {
        self
    }
}
