#![doc = include_str!("../README.md")]
//!
//! # For those who change it
//!
//! The problem families know `graph`, `control`, `random`, `bitset`, `error`, `memory` and `simd`, never each other;
//! nothing here knows Python, keeps global state or starts threads unless asked to.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod bitset;
pub mod calendar;
pub mod check;
pub mod control;
mod cost;
mod cp;
pub mod dag;
mod deadline_ranks;
pub mod error;
pub mod graph;
mod key_index;
mod lines;
pub mod memory;
pub mod names;
pub mod online;
pub mod packing;
pub mod parallel;
pub mod past;
pub mod random;
pub mod rcpsp;
pub mod serving;
pub mod shop;
pub mod simd;
mod slot_keys;
pub mod sort;
mod sync;
pub mod tardiness;
mod timeline;
pub mod total;
pub mod weights;
mod word_layout;

pub use error::{CycleError, Error, FormatError, Infeasible, InputError, Reason};
