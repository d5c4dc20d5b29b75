"""Adapters for other schedulers. Each needs the software it adapts to; none is imported by the package itself."""
