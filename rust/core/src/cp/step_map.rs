//! Functions from time to time that never fall.

/// Later than every time.
pub const NEVER: i32 = 1 << 30;

/// A function on 0, 1, ... that never falls, kept as pieces that are constant or rise by one with each step. Where it is not defined any
/// more, its value is [`NEVER`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMap {
    /// Where each piece begins, with its first value, and how fast it rises: 0 or 1.
    pieces: Vec<(i32, i32, i32)>,
    len: i32,
}

impl StepMap {
    /// The function of these values.
    pub fn new(values: impl Iterator<Item = i32>) -> Self {
        let mut pieces: Vec<(i32, i32, i32)> = Vec::new();
        let (mut len, mut last) = (0, 0);
        for value in values {
            debug_assert!(len == 0 || value >= last, "it never falls");
            match pieces.last_mut() {
                Some((_, _, slope)) if value - last == *slope => {}
                Some((from, _, slope)) if *from == len - 1 && value - last == 1 => *slope = 1,
                _ => pieces.push((len, value, 0)),
            }
            last = value;
            len += 1;
        }
        Self { pieces, len }
    }

    /// The value at `x`; left of 0 the first one.
    pub fn at(&self, x: i32) -> i32 {
        let x = x.max(0);
        if x >= self.len {
            return NEVER;
        }
        let (from, value, slope) = self.pieces[self.pieces.partition_point(|&(from, ..)| from <= x) - 1];
        value + slope * (x - from)
    }

    /// The least `x >= 0` whose value is `y` or more.
    pub fn inverse(&self, y: i32) -> i32 {
        // The last value of each piece decides which of them reaches `y` first.
        let next = |k: usize| self.pieces.get(k + 1).map_or(self.len, |&(from, ..)| from);
        let (mut low, mut high) = (0, self.pieces.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let (from, value, slope) = self.pieces[middle];
            if value + slope * (next(middle) - 1 - from) >= y {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.pieces.get(low).map_or(self.len, |&(from, value, _)| from + (y - value).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn maps_agree_with_their_values(steps in prop::collection::vec(prop_oneof![Just(0), Just(1), 0_i32..5], 0..40), first in -3_i32..4) {
            let values: Vec<i32> = steps.iter().scan(first, |value, step| { *value += step; Some(*value) }).collect();
            let map = StepMap::new(values.iter().copied());
            for (x, &value) in values.iter().enumerate() {
                prop_assert_eq!(map.at(x as i32), value);
            }
            prop_assert_eq!(map.at(values.len() as i32), NEVER);
            for y in -9..120 {
                let least = values.iter().position(|&value| value >= y).unwrap_or(values.len());
                prop_assert_eq!(map.inverse(y), least as i32);
            }
        }
    }
}
