//! Priority rules: which activity comes first.

use super::critical_path::time_analysis;
use super::{CriticalPath, Project};
use crate::control::Pulse;
use crate::error::{InputError, check_length};
use crate::random::Random;

/// A rule of Kolisch (1996). Every value is read so that the lowest comes first; ties go to the lower index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Latest finish time.
    Lft,
    /// Latest start time.
    Lst,
    /// Most total successors.
    Mts,
    /// Greatest rank positional weight: own duration plus those of the immediate successors.
    Grpw,
    /// Shortest processing time.
    Spt,
    /// Longest processing time.
    Lpt,
    /// Minimum slack, from the time analysis without resources.
    Mslk,
    /// First come, first served: by index.
    Fcfs,
    /// A seeded random order.
    Random,
}

impl Rule {
    /// All rules, with the names that users give.
    pub const ALL: [(&'static str, Self); 9] = [
        ("lft", Self::Lft),
        ("lst", Self::Lst),
        ("mts", Self::Mts),
        ("grpw", Self::Grpw),
        ("spt", Self::Spt),
        ("lpt", Self::Lpt),
        ("mslk", Self::Mslk),
        ("fcfs", Self::Fcfs),
        ("random", Self::Random),
    ];

    /// The rule of that name.
    ///
    /// # Errors
    /// An unknown name; the message lists the known ones.
    pub fn from_name(name: &str) -> Result<Self, InputError> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|&(_, rule)| rule).ok_or_else(|| {
            let names = Self::ALL.map(|(known, _)| known).join(", ");
            InputError::new("priority", format!("unknown rule, expected one of {names}")).value(format!("'{name}'"))
        })
    }

    /// One value per activity, lower first. O(n + m); `mts` O(n m / 512). Lags, windows and calendars do not count here. What a
    /// computation that `pulse` stops returns is worth nothing.
    #[must_use]
    pub fn values(self, project: &Project, seed: u64, pulse: &mut Pulse) -> Vec<i64> {
        match self {
            Self::Lft | Self::Lst | Self::Mslk => self.values_by(project, seed, &time_analysis(project), pulse),
            _ => self.values_by(project, seed, &CriticalPath::default(), pulse),
        }
    }

    /// The same with the times that somebody has found.
    pub(super) fn values_by(self, project: &Project, seed: u64, path: &CriticalPath, pulse: &mut Pulse) -> Vec<i64> {
        let n = project.num_activities();
        let duration = project.duration();
        match self {
            Self::Lft => path.latest_finish.clone(),
            Self::Lst => path.latest_start.clone(),
            Self::Mslk => path.slack.clone(),
            Self::Mts => project.graph().count_descendants(pulse).iter().map(|&count| -(count as i64)).collect(),
            Self::Grpw => {
                let weight =
                    |i| duration[i] + project.graph().successors().of(i).iter().map(|&j| duration[j as usize]).sum::<i64>();
                (0..n).map(|i| -weight(i)).collect()
            }
            Self::Spt => duration.to_vec(),
            Self::Lpt => duration.iter().map(|d| -d).collect(),
            Self::Fcfs => (0..n as i64).collect(),
            Self::Random => {
                let mut ranks: Vec<i64> = (0..n as i64).collect();
                Random::new(seed).shuffle(&mut ranks);
                ranks
            }
        }
    }
}

/// What decides between activities: a rule, or one number per activity, lower first, ties by index.
#[derive(Debug, Clone, Copy)]
pub enum Priority<'a> {
    /// A named rule.
    Rule(Rule),
    /// Finite floats.
    Floats(&'a [f64]),
    /// Integers.
    Integers(&'a [i64]),
}

/// Refuses rows of the wrong length and values that are not finite.
pub(super) fn check_floats(priority: &[f64], n: usize) -> Result<(), InputError> {
    check_length("priority", priority.len(), n)?;
    crate::error::check_each("priority", priority, "must be finite", f64::is_finite)
}
