"""Packing: items into bins, experts onto devices, pods onto nodes, buffers into memory, with bounds beside the answers."""

from __future__ import annotations

from .bin_packing import BinResult as BinResult
from .bin_packing import ExactBinResult as ExactBinResult
from .bin_packing import bins as bins
from .partitioning import ExactPartitionResult as ExactPartitionResult
from .partitioning import PartitionResult as PartitionResult
from .partitioning import partition as partition
from .replication import ReplicationResult as ReplicationResult
from .replication import replicate as replicate
from .size_files import read_sizes as read_sizes

__all__ = [
    "BinResult",
    "ExactBinResult",
    "ExactPartitionResult",
    "PartitionResult",
    "ReplicationResult",
    "bins",
    "partition",
    "read_sizes",
    "replicate",
]
