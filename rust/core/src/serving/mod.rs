//! Serving of requests to language models: which requests join the batch, in which order, and on which replica.

mod admission;
mod admit;
mod answer_lengths;
mod batch;
mod choice;
mod drawn_peaks;
mod hashing;
mod hot_prefixes;
mod load_tree;
mod migrations;
mod numbered;
mod numbered_router;
mod options;
mod peak;
mod peak_tree;
mod prefix_caches;
mod prefixes;
mod replicas;
mod request;
mod ring;
mod router;
pub mod simulation;
mod snapshot;
#[cfg(test)]
mod tests;

pub use admission::Admission;
pub use hashing::{hash_bytes, hash_digits, hash_integer};
pub use migrations::Migration;
pub use numbered::{AdmissionOptions, NumberedAdmission, Redrawn};
pub use numbered_router::{NumberedRouter, RouteRequest, RouterOptions};
pub use options::{AdmissionPolicy, RoutingPolicy, Victim};
pub use peak::{Holding, peak};
pub use prefixes::Prefix;
pub use request::Request;
pub use router::Router;
