//! Packing: items into bins, experts onto devices, pods onto nodes, buffers into memory.
//!
//! Each method has a file of its own. Sizes are integers or floats; what is said to be exact is exact for integers.

mod bins;
mod completion;
mod offsets;
mod partition;
mod place;
mod repack;
mod replicate;
mod residual_tree;
mod sizes;

pub use bins::{BinMethod, BinPacking, pack_bins, pack_bins_exact};
pub use offsets::{Buffers, OffsetSolution, load_bound, offsets};
pub use partition::{Partition, PartitionMethod, PartitionOptions, partition, partition_exact};
pub use place::{NodeScore, Placement, PlacementData, PlacementSolution, Unplaced, node_scores, place, unplaced};
pub use repack::{Cluster, ClusterData, Move, Repacking, repack};
pub use replicate::{Layout, Replication, ReplicationMethod, replicate};
pub use sizes::{Size, check_sizes};
