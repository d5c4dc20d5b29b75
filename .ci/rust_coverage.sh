#!/usr/bin/env bash
# Lines of the Rust core that the tests run, those of Rust and those of Python together. Usage: .ci/rust_coverage.sh [LEAST]
# Fails below LEAST per cent. Needs LLVM's tools (Debian's llvm-19 reads what rustc 1.95 writes); LLVM_SUFFIX=-19 names them.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
least=${1:-95}
suffix=${LLVM_SUFFIX:--19}
command -v "llvm-cov$suffix" >/dev/null || { echo "skipped: coverage of the core needs llvm-cov$suffix (Debian: llvm-19)"; exit 0; }
target=${CARGO_TARGET_DIR:-$root/target}/coverage
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export CARGO_TARGET_DIR=$target RUSTFLAGS="-C instrument-coverage"
export CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=none
export LLVM_PROFILE_FILE="$work/%2m.profraw" # two files a program, into which its processes merge their counts
tests=(--release --package schedkit-core --lib --tests)
cargo test --quiet "${tests[@]}"
cargo build --quiet --release --package schedkit-python --features pyo3/extension-module

# The tests of Python, on a copy of the package with the instrumented module.
mkdir "$work/python"
cp -r python/schedkit "$work/python/"
rm -f "$work"/python/schedkit/_core.*so
cp "$target/release/lib_core.so" "$work/python/schedkit/_core.abi3.so"
PYTHONPATH="$work/python" "$root/.venv/bin/python" -m pytest -q -n "${COVERAGE_WORKERS:-auto}" -p no:benchmark tests \
    --override-ini addopts="--strict-markers -p no:cacheprovider"

"llvm-profdata$suffix" merge --sparse "$work"/*.profraw --output "$work/all.profdata"
programs=$(cargo test --quiet --no-run --message-format json "${tests[@]}" |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
objects=("$target/release/lib_core.so")
for program in $programs; do objects+=(--object "$program"); done
"llvm-cov$suffix" export --format lcov --instr-profile "$work/all.profdata" "${objects[@]}" \
    --ignore-filename-regex '/(registry|rustc|rustlib)/' >"$work/lines.lcov"
"$root/.venv/bin/python" .ci/rust_coverage.py "$work/lines.lcov" "$least"
