//! The locks and atomics of this crate, in one place: the standard library's, or loom's in the tests that try every interleaving
//! of threads (`make interleavings`).

#[cfg(all(test, loom))]
pub use loom::sync::{Arc, Mutex, atomic};
#[cfg(not(all(test, loom)))]
pub use std::sync::{Arc, Mutex, atomic};
