//! Tests of admission and routing against plain definitions.

mod admission;
mod router;
