//! Proofs: destructive lower bounds, and a search that learns clauses from its conflicts (lazy clause generation, Schutt, Feydy,
//! Stuckey and Wallace 2011).
//!
//! Everything works on bounds of start times ([`trail`]). Precedence and exclusive pairs ([`network`]) and resources over time
//! ([`timetable`]) draw conclusions that they can explain; [`learn`] turns a conflict into a clause, [`branch`] decides what to
//! assume next. Edge finding ([`disjunctive`]) and interval work ([`energetic`]) explain nothing and serve [`destructive`] alone.

mod activity;
mod branch;
mod clauses;
mod destructive;
mod disjunctive;
mod energetic;
mod learn;
mod network;
mod prover;
mod rules;
mod timetable;
mod trail;

pub use destructive::Reasoning;
pub use prover::{Event, Prover};

#[cfg(test)]
mod tests;
