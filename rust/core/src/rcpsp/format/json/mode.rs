//! Reads the modes of an activity.

use super::super::FormatError;
use super::columns::{Amounts, amounts, numbers};
use super::objects::{WHOLE, within_key};
use super::parser::Parser;

const MODE_KEYS: [&str; 3] = ["duration", "demand", "consumption"];

/// A mode and where it begins.
#[derive(Default)]
pub(super) struct Mode<'t> {
    pub at: usize,
    pub duration: i64,
    pub demand: Amounts<'t>,
    pub consumption: Vec<i64>,
}

impl<'t> Mode<'t> {
    /// The list of the modes of an activity.
    pub fn read_all(parser: &mut Parser<'t>) -> Result<Vec<Self>, FormatError> {
        let mut modes = Vec::new();
        parser.list("a list of modes", |parser, k| {
            let mode = Self::read(parser).map_err(|e| FormatError { reason: format!("modes[{k}]: {}", e.reason), ..e })?;
            modes.push(mode);
            Ok(())
        })?;
        if modes.is_empty() { Err(parser.error("modes: the list is empty")) } else { Ok(modes) }
    }

    fn read(parser: &mut Parser<'t>) -> Result<Self, FormatError> {
        let mut found = Self { at: parser.position(), ..Self::default() };
        parser.record("an object", &MODE_KEYS, 1, |parser, k| {
            match MODE_KEYS[k] {
                key @ "duration" => found.duration = within_key(key, parser.whole(WHOLE))?,
                key @ "demand" => found.demand = amounts(parser, key, "an object from resources to units")?,
                key => numbers(parser, key, &mut found.consumption)?,
            }
            Ok(())
        })?;
        Ok(found)
    }
}
