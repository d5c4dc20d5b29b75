"""Packing: items into bins, experts onto devices, pods onto nodes, buffers into memory, with bounds beside the answers."""

from __future__ import annotations

from .bin_packing import BinResult as BinResult
from .bin_packing import ExactBinResult as ExactBinResult
from .bin_packing import bins as bins
from .files import read as read
from .generators import cluster as cluster
from .generators import model as model
from .inputs import Buffers as Buffers
from .inputs import Cluster as Cluster
from .memory_offsets import OffsetResult as OffsetResult
from .memory_offsets import offsets as offsets
from .node_scoring import node_scores as node_scores
from .partitioning import ExactPartitionResult as ExactPartitionResult
from .partitioning import PartitionResult as PartitionResult
from .partitioning import partition as partition
from .placement import PlacementResult as PlacementResult
from .placement import Unplaced as Unplaced
from .placement import place as place
from .repacking import RepackResult as RepackResult
from .repacking import repack as repack
from .replication import ReplicationResult as ReplicationResult
from .replication import replicate as replicate
from .size_files import read_sizes as read_sizes

__all__ = [
    "BinResult",
    "Buffers",
    "Cluster",
    "ExactBinResult",
    "ExactPartitionResult",
    "OffsetResult",
    "PartitionResult",
    "PlacementResult",
    "RepackResult",
    "ReplicationResult",
    "Unplaced",
    "bins",
    "cluster",
    "model",
    "node_scores",
    "offsets",
    "partition",
    "place",
    "read",
    "read_sizes",
    "repack",
    "replicate",
]
