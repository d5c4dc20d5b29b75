#!/usr/bin/env bash
# Builds the fuzz targets with coverage feedback and the stable compiler; prints the folder that holds them.
set -euo pipefail
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')
export CARGO_TARGET_DIR="${FUZZ_TARGET_DIR:-$PWD/target}"
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
# The target is named so that build scripts and macros, which run here, are not instrumented.
cargo build --release --quiet --target "$host" >&2
echo "$CARGO_TARGET_DIR/$host/release"
