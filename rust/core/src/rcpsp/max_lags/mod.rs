//! Projects with maximal time lags, `PS | temp | C_max` (generalised precedence, RCPSP/max): of a pair of activities, the two
//! events that its relation names must lie at least the minimal and at most the maximal lag apart. Projects with stores
//! ([`super::stores`]) take the same way.
//!
//! A [`Project`] with maximal lags keeps its minimal lags as its precedence graph, and [`Project::one_sided`] is the project
//! that they relax. [`network`] turns all lags into distances between starts, [`model`] lays the project out in units,
//! [`serial`] is serial generation that takes activities out again, [`genetic`] searches over its lists, and [`proof`] searches
//! exhaustively.

mod bounds;
mod calendars;
mod genetic;
mod late;
mod model;
mod network;
mod one_pass;
mod profile;
mod proof;
mod search;
mod serial;
#[cfg(test)]
pub(super) mod tests;
mod valuation;

use super::{NO_LAG, Project, ProjectData, Stores};

pub(super) use bounds::{critical_path as path_of_max_lags, reasons as reasons_of_max_lags};
pub(super) use network::{arcs, check};
pub(super) use one_pass::{many as many_with_max_lags, plan as plan_with_max_lags};
pub(super) use search::solve;

pub use bounds::{MaxLagBounds, max_lag_bounds};

/// Pairs of activities, and the relation of each as a number.
pub(super) type RelatedPairs = (Vec<(u32, u32)>, Vec<u8>);

/// The pairs that order activities, and their relations, if some pairs have no minimal lag.
pub(super) fn ordering_pairs(data: &ProjectData) -> Option<RelatedPairs> {
    if !data.lag.contains(&NO_LAG) || data.lag.len() != data.precedence.len() {
        return None; // wrong lengths are refused later
    }
    let kept = || (0..data.lag.len()).filter(|&k| data.lag[k] != NO_LAG);
    let relation = kept().filter_map(|k| Some(*data.relation.get(k)? as u8));
    Some((kept().map(|k| data.precedence[k]).collect(), relation.collect()))
}

impl Project {
    /// The project without its maximal lags and stores, which relaxes it.
    #[must_use]
    pub fn one_sided(&self) -> Self {
        let mut data = self.data().clone();
        (data.max_lag, data.stores) = (Vec::new(), Stores::default());
        let kept: Vec<usize> = (0..data.lag.len()).filter(|&k| data.lag[k] != NO_LAG).collect();
        data.precedence = kept.iter().map(|&k| data.precedence[k]).collect();
        data.relation = kept.iter().map(|&k| data.relation[k]).collect();
        data.lag = kept.iter().map(|&k| data.lag[k]).collect();
        Self::new(data).expect("the project was judged with more constraints")
    }
}
