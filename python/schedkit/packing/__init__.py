"""Packing: items into bins, experts onto devices, pods onto nodes, buffers into memory, with bounds beside the answers."""

from __future__ import annotations

__all__: list[str] = []
