//! Constraint programming with learned clauses (lazy clause generation, Ohrimenko, Stuckey and Codish 2009; for resources over
//! time Schutt, Feydy, Stuckey and Wallace 2011).
//!
//! A [`Problem`] is a set of intervals: variables for their starts, lengths, demands for resources, distances between starts,
//! pairs that must not overlap. It says nothing of projects or shops; a family translates its problem, and what a solution
//! means, by itself.
//!
//! The search works on bounds of starts ([`trail`]), which are the literals of clauses. The propagators draw conclusions that
//! they can explain: distances and pairs ([`precedence`]), resources over time ([`cumulative`]), sums and maxima of costs
//! ([`costs`]), options of intervals ([`choices`]), levels that intervals raise and lower ([`reservoirs`]), the
//! orders of pairs on machines that run one interval at a time, among which intervals may choose ([`orders`]), with sets of intervals
//! in a tree ([`theta_tree`]),
//! and learned clauses ([`clauses`]). [`learn`] turns a conflict into a clause, [`branch`] decides what to assume next by the scores of [`vsids`],
//! and restarts. Edge finding ([`edge_finding`]) and the work in intervals of time ([`energetic`]) explain nothing and serve
//! [`destructive`] bounds alone.
//!
//! Lengths may depend on starts ([`lengths`]). What never happens in a problem costs it nothing: the rules for such lengths,
//! for excluded starts and for distances that are maps ([`step_map`]) are compiled away where [`FixedLengths`] are used.

mod branch;
mod choices;
mod clauses;
mod conflict_search;
mod costs;
mod cumulative;
mod destructive;
mod edge_finding;
mod energetic;
mod intervals;
mod learn;
mod lengths;
mod neighbourhood;
mod orders;
mod partial_order;
mod precedence;
mod propagators;
mod reservoirs;
mod step_map;
mod theta_tree;
mod trail;
mod vsids;

pub use choices::{Choices, EventLink};
pub use conflict_search::{ConflictSearch, Problem, SearchEvent};
pub use costs::{Combination, Cost, Costs};
pub use destructive::Reasoning;
pub use intervals::Intervals;
pub use lengths::{FixedLengths, Lengths, Pauses, TableLengths};
pub use neighbourhood::Repair;
pub use orders::{Distance, Flag, Load, Member, Occupation, Orders, Pair};
pub use precedence::Network;
pub use reservoirs::{Reservoir, User as ReservoirUser};
pub use step_map::StepMap;
pub use trail::Literal;
