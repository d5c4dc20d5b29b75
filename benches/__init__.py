"""Benchmarks: each verifies its answers, stores instance and objective, and claims ratios measured in one run."""
