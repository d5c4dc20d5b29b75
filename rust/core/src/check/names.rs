//! The names of activities, tasks, jobs and resources in the details of violations.

use std::fmt;

/// The names of a problem's items of one sort.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    noun: &'static str,
    names: Option<&'a [String]>,
}

impl<'a> Names<'a> {
    /// `names`, if there are any, belong to items that are called `noun`.
    pub fn new(noun: &'static str, names: Option<&'a [String]>) -> Self {
        Self { noun, names }
    }

    /// The item of that index, which need not exist.
    pub fn of(self, index: impl TryInto<usize>) -> Called<'a> {
        let index = index.try_into().unwrap_or(usize::MAX);
        Called { noun: self.noun, index, name: self.names.and_then(|names| names.get(index)) }
    }
}

/// An item by its name if it has one, else by its index: `activity 'dig'`, `activity 3`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Called<'a> {
    noun: &'static str,
    index: usize,
    name: Option<&'a String>,
}

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "{} '{name}'", self.noun),
            None => write!(f, "{} {}", self.noun, self.index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_called_by_name_where_there_is_one() {
        let names = ["dig".to_owned()];
        let named = Names::new("activity", Some(&names));
        assert_eq!((named.of(0_i64).to_string(), named.of(1_u32).to_string()), ("activity 'dig'".into(), "activity 1".into()));
        assert_eq!(Names::new("job", None).of(7).to_string(), "job 7");
    }
}
