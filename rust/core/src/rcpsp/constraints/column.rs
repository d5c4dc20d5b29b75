//! The columns in which constraints are given: what an entry belongs to, and how an absent column is completed.

use super::{Calendar, ProjectData, Relation, Weights};
use crate::error::{InputError, Reason, check_length};
use crate::rcpsp::constrained::Situation;

/// The column of one constraint.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Ticks for each precedence pair, the number of pairs that are not listed, and the one that stands for none.
    OfPairs(&'a [i64], i64, i64),
    /// The relation of each precedence pair.
    Relations(&'a [Relation]),
    /// Ticks for each activity, and the number that stands for none.
    OfActivities(&'a [i64], i64),
    /// Yes or no for each activity.
    Flags(&'a [bool]),
    /// Calendars, each with its resource.
    OfResources(&'a [(u32, Calendar)]),
    /// Groups of activities.
    Groups(&'a [Vec<u32>]),
    /// A weight for each activity.
    Weights(&'a Weights),
}

/// The column of one constraint, to be filled.
#[derive(Debug)]
pub enum ColumnMut<'a> {
    /// Ticks for each precedence pair, the number of pairs that are not listed, and the one that stands for none.
    OfPairs(&'a mut Vec<i64>, i64, i64),
    /// The relation of each precedence pair.
    Relations(&'a mut Vec<Relation>),
    /// Ticks for each activity, and the number that stands for none.
    OfActivities(&'a mut Vec<i64>, i64),
    /// Yes or no for each activity.
    Flags(&'a mut Vec<bool>),
    /// Calendars, each with its resource.
    OfResources(&'a mut Vec<(u32, Calendar)>),
    /// Groups of activities.
    Groups(&'a mut Vec<Vec<u32>>),
    /// A weight for each activity.
    Weights(&'a mut Weights),
}

impl Column<'_> {
    /// How many numbers, relations and flags the column holds.
    #[must_use]
    pub fn num_values(&self) -> usize {
        match self {
            Self::OfPairs(ticks, ..) | Self::OfActivities(ticks, _) => ticks.len(),
            Self::Relations(relations) => relations.len(),
            Self::Flags(flags) => flags.len(),
            Self::OfResources(calendars) => calendars.iter().map(|(_, calendar)| 2 * calendar.time().len()).sum(),
            Self::Groups(groups) => groups.iter().map(Vec::len).sum(),
            Self::Weights(weights) => weights.len(),
        }
    }

    /// What the entries are, in a word that never changes.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        match self {
            Self::OfPairs(..) => "pairs",
            Self::Relations(_) => "relations",
            Self::OfActivities(..) => "activities",
            Self::Flags(_) => "flags",
            Self::OfResources(_) => "resources",
            Self::Groups(_) => "groups",
            Self::Weights(_) => "weights",
        }
    }

    /// The number that stands for none, in a column of ticks.
    #[must_use]
    pub fn absent(&self) -> Option<i64> {
        match *self {
            Self::OfPairs(_, _, absent) | Self::OfActivities(_, absent) => Some(absent),
            _ => None,
        }
    }

    /// Whether no entry says anything.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        match *self {
            Self::OfPairs(ticks, absent, _) | Self::OfActivities(ticks, absent) => ticks.iter().all(|&ticks| ticks == absent),
            Self::Relations(relations) => relations.iter().all(|&relation| relation == Relation::default()),
            Self::Flags(flags) => !flags.contains(&true),
            Self::OfResources(calendars) => calendars.is_empty(),
            Self::Groups(groups) => groups.is_empty(),
            Self::Weights(weights) => weights.is_empty(),
        }
    }
}

impl ColumnMut<'_> {
    /// Completes an absent column; refuses a wrong length.
    pub(super) fn complete(self, name: &'static str, activities: usize, pairs: usize) -> Result<(), InputError> {
        match self {
            Self::OfPairs(ticks, absent, _) => completed(name, ticks, pairs, absent),
            Self::OfActivities(ticks, absent) => completed(name, ticks, activities, absent),
            Self::Relations(relations) => completed(name, relations, pairs, Relation::default()),
            Self::Flags(flags) => completed(name, flags, activities, false),
            Self::Weights(weights) => {
                if weights.is_empty() {
                    *weights = Weights::Unit; // of no activities
                }
                Ok(())
            }
            Self::OfResources(_) | Self::Groups(_) => Ok(()),
        }
    }
}

fn completed<T: Clone>(name: &'static str, column: &mut Vec<T>, size: usize, absent: T) -> Result<(), InputError> {
    if column.is_empty() {
        column.resize(size, absent);
    }
    check_length(name, column.len(), size)
}

/// Declares a constraint whose column is a field of [`ProjectData`] of the same name.
macro_rules! constraint {
    ($field:ident: $shape:ident($($absent:expr),*), $check:expr) => {
        $crate::rcpsp::constraints::Constraint {
            name: stringify!($field),
            column: |data| $crate::rcpsp::constraints::Column::$shape(&data.$field $(, $absent)*),
            column_mut: |data| $crate::rcpsp::constraints::ColumnMut::$shape(&mut data.$field $(, $absent)*),
            is_restriction: true,
            check: $check,
            clashes: |_, _| {},
        }
    };
}
pub(super) use constraint;

/// A kind of constraint, which is one column of [`ProjectData`]; its module says what it means and which values are valid.
#[derive(Debug)]
pub struct Constraint {
    /// The field, the parameter in other languages, the key in files, and the field of errors.
    pub name: &'static str,
    /// The column of a project.
    pub column: fn(&ProjectData) -> Column<'_>,
    /// The same column, to be filled.
    pub column_mut: fn(&mut ProjectData) -> ColumnMut<'_>,
    /// Whether the column by itself rules out schedules; if not, it only changes what other constraints mean.
    pub is_restriction: bool,
    /// Judges the values of a project whose columns have their lengths.
    pub(super) check: fn(&ProjectData) -> Result<(), InputError>,
    /// Adds certificates that fixed activities by themselves break the constraint.
    pub(in crate::rcpsp) clashes: fn(&Situation, &mut Vec<Reason>),
}
