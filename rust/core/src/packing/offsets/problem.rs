//! The checked problem: buffers, and what their offsets must respect.

use crate::error::{InputError, TIME_LIMIT, check_each, check_length};

/// Buffers that are alive in `[start, end)`, with the rules for their offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buffers {
    pub(super) start: Vec<i64>,
    pub(super) end: Vec<i64>,
    pub(super) size: Vec<i64>,
    pub(super) alignment: i64,
    pub(super) capacity: Option<i64>,
    /// The given offset, by buffer.
    pub(super) fixed: Vec<Option<i64>>,
}

impl Buffers {
    /// Checks the columns once. `fixed` holds pairs of a buffer and its offset, which `alignment` does not bind.
    ///
    /// # Errors
    /// Columns of different lengths; a buffer that does not end after its start; a size, an alignment or an offset out of range; sizes
    /// whose sum, each rounded up to the alignment, exceeds 2^53; a fixed buffer that does not exist or is given more than once.
    pub fn new(
        start: Vec<i64>,
        end: Vec<i64>,
        size: Vec<i64>,
        alignment: i64,
        capacity: Option<i64>,
        fixed: &[(i64, i64)],
    ) -> Result<Self, InputError> {
        check_length("end", end.len(), start.len())?;
        check_length("size", size.len(), start.len())?;
        let within = |time: i64| (-TIME_LIMIT..=TIME_LIMIT).contains(&time);
        check_each("start", &start, "must be within 2**53 of 0", within)?;
        check_each("end", &end, "must be within 2**53 of 0", within)?;
        let mut empty = (0..start.len()).filter(|&i| end[i] <= start[i]);
        if let Some(i) = empty.next() {
            let reason = format!("must be greater than start[{i}] = {}", start[i]);
            return Err(InputError::new("end", reason).at([i], end[i]).more(empty.count()));
        }
        check_each("size", &size, "must be > 0", |size| size > 0)?;
        for (field, value, least) in [("alignment", alignment, 1), ("capacity", capacity.unwrap_or(0), 0)] {
            if !(least..=TIME_LIMIT).contains(&value) {
                return Err(InputError::new(field, format!("must be from {least} to 2**53")).value(value));
            }
        }
        let mut sum = 0_i64;
        for (i, &size) in size.iter().enumerate() {
            let rounded = size.checked_add(alignment - 1).map_or(i64::MAX, |reach| reach / alignment * alignment);
            sum = sum.saturating_add(rounded);
            if sum > TIME_LIMIT {
                let reason = "the sum up to here, each size rounded up to the alignment, exceeds 2**53";
                return Err(InputError::new("size", reason).at([i], size));
            }
        }
        let mut given = vec![None; start.len()];
        for &(buffer, offset) in fixed {
            let Some(entry) = usize::try_from(buffer).ok().and_then(|buffer| given.get_mut(buffer)) else {
                return Err(InputError::new("fixed", format!("there is no buffer {buffer}")));
            };
            if !(0..=TIME_LIMIT).contains(&offset) {
                return Err(InputError::new("fixed", "must be from 0 to 2**53").at([buffer as usize], offset));
            }
            if entry.replace(offset).is_some() {
                return Err(InputError::new("fixed", format!("buffer {buffer} is given more than once")));
            }
        }
        Ok(Self { start, end, size, alignment, capacity, fixed: given })
    }

    /// Number of buffers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there are no buffers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// The least multiple of the alignment that is not below a place.
    #[inline]
    pub(super) fn aligned(&self, place: i64) -> i64 {
        if self.alignment == 1 { place } else { (place + self.alignment - 1) / self.alignment * self.alignment }
    }

    /// Whether two buffers are alive together.
    #[cfg(test)]
    pub(super) fn overlap(&self, a: usize, b: usize) -> bool {
        self.start[a] < self.end[b] && self.start[b] < self.end[a]
    }

    /// The largest offset plus size, 0 without buffers.
    #[must_use]
    pub fn peak(&self, offset: &[i64]) -> i64 {
        offset.iter().zip(&self.size).map(|(offset, size)| offset + size).max().unwrap_or(0)
    }

    /// Some of the buffers, in the given order, as a problem of their own.
    pub(super) fn subset(&self, members: &[usize]) -> Self {
        let of = |column: &[i64]| members.iter().map(|&i| column[i]).collect();
        Self {
            start: of(&self.start),
            end: of(&self.end),
            size: of(&self.size),
            alignment: self.alignment,
            capacity: self.capacity,
            fixed: members.iter().map(|&i| self.fixed[i]).collect(),
        }
    }
}
