//! Where the values of a file stand, for errors that are found after it was read.

use std::borrow::Cow;

use super::super::line_at;
use super::super::places::{Place, Places};
use super::columns::Groups;
use super::parser::Parser;

/// Where the values of a file begin; names are read again when an error needs them.
pub(in super::super) struct JsonPlaces<'t> {
    pub text: &'t str,
    pub activities: Vec<usize>,
    pub resources: Vec<usize>,
    pub groups: Groups,
    /// Before, after, and where the after one names the before one.
    pub pairs: Vec<(u32, u32, usize)>,
    /// Where each mode begins, its activity, and its number in the list of its activity.
    pub modes: Vec<(usize, usize, Option<usize>)>,
}

impl JsonPlaces<'_> {
    fn name(&self, object: usize) -> String {
        let at = Parser::new(self.text, object).member("name");
        at.and_then(|at| Parser::new(self.text, at).string("").ok()).map(Cow::into_owned).unwrap_or_default()
    }

    /// The position of a member of an object, or of a member of a member.
    fn find(&self, object: usize, keys: &[&str]) -> usize {
        keys.iter().fold(object, |at, key| Parser::new(self.text, at).member(key).unwrap_or(at))
    }
}

impl Places for JsonPlaces<'_> {
    fn activity(&self, index: usize) -> String {
        format!("activity '{}'", self.name(self.activities[index]))
    }

    fn row(&self, index: usize) -> String {
        match self.modes.get(index) {
            Some(&(_, i, Some(k))) => format!("{}: modes[{k}]", self.activity(i)),
            Some(&(_, i, None)) => self.activity(i),
            None => self.activity(index),
        }
    }

    fn resource(&self, index: usize) -> String {
        format!("resource '{}'", self.name(self.resources[index]))
    }

    fn pair(&self, index: usize) -> (usize, usize) {
        let (before, after, _) = self.pairs[index];
        (before as usize, after as usize)
    }

    fn pair_in_words(&self, index: usize) -> String {
        let (before, after) = self.pair(index);
        format!("{}: predecessor '{}'", self.activity(after), self.name(self.activities[before]))
    }

    fn find_pair(&self, before: usize, after: usize) -> Option<usize> {
        self.pairs.iter().position(|&(b, a, _)| (b as usize, a as usize) == (before, after))
    }

    fn line(&self, place: Place) -> Option<usize> {
        let owner = |row: usize| self.modes.get(row).map_or_else(|| self.activities[row], |mode| mode.0);
        let at = match place {
            Place::Duration(row) => self.find(owner(row), &["duration"]),
            Place::Demand(row, r) => self.find(owner(row), &["demand", &self.name(self.resources[r])]),
            Place::Consumption(row, _) => self.find(owner(row), &["consumption"]),
            Place::Stock(_) => self.find(0, &["nonrenewable"]),
            Place::Store(key, _) => self.find(0, &[key]),
            Place::Capacity(r) => self.find(self.resources[r], &["capacity"]),
            Place::Pair(k) => self.pairs[k].2,
            Place::OfPair(key, k) => {
                let (before, after) = self.pair(k);
                self.find(self.activities[after], &[key, &self.name(self.activities[before])])
            }
            Place::OfActivity(key, i) | Place::Amount(key, i, _) => self.find(self.activities[i], &[key]),
            Place::OfResource(key, r) => self.find(self.resources[r], &[key]),
            Place::Group(key, g) => self.groups[key][g],
        };
        Some(line_at(self.text.as_bytes(), at))
    }
}
