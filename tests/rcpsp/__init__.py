"""Tests of `schedkit.rcpsp`."""
