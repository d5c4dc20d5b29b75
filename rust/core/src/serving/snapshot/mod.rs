//! Snapshots of admission and routers as words, for copies that continue exactly.

mod admission;
mod router;

use crate::error::InputError;

/// Version of the layout of snapshots.
const VERSION: i64 = 1;

/// Reads words one after the other.
struct Reader<'a>(&'a [i64]);

fn broken() -> InputError {
    InputError::new("state", "is not a record that was saved by this version")
}

fn require(sound: bool) -> Result<(), InputError> {
    if sound { Ok(()) } else { Err(broken()) }
}

impl<'a> Reader<'a> {
    fn several(&mut self, count: usize) -> Result<&'a [i64], InputError> {
        let (words, rest) = self.0.split_at_checked(count).ok_or_else(broken)?;
        self.0 = rest;
        Ok(words)
    }

    fn word(&mut self) -> Result<i64, InputError> {
        Ok(self.several(1)?[0])
    }

    /// A count of things that take at least one word each.
    fn count(&mut self) -> Result<usize, InputError> {
        let count = usize::try_from(self.word()?).map_err(|_| broken())?;
        require(count <= self.0.len())?;
        Ok(count)
    }

    /// A list with its length before it.
    fn list(&mut self) -> Result<&'a [i64], InputError> {
        let count = self.count()?;
        self.several(count)
    }

    fn float(&mut self) -> Result<f64, InputError> {
        Ok(f64::from_bits(self.word()? as u64))
    }

    fn end(self) -> Result<(), InputError> {
        require(self.0.is_empty())
    }
}

/// Appends a list with its length before it.
fn write_list(words: &mut Vec<i64>, list: impl ExactSizeIterator<Item = i64>) {
    words.push(list.len() as i64);
    words.extend(list);
}
