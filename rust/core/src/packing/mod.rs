//! Packing: items into bins, experts onto devices, pods onto nodes, buffers into memory.
//!
//! Each method has a file of its own. Sizes are integers or floats; what is said to be exact is exact for integers.

mod sizes;

pub use sizes::{Size, check_sizes};
