#!/usr/bin/env bash
# Lines that the tests run: of the Rust core, by the tests of Rust and of Python together, and of the Python package.
# Usage: .ci/coverage.sh [LEAST]; fails below LEAST per cent of either. Needs LLVM's tools: those of Debian's llvm-19 read what
# rustc 1.95 writes; LLVM_SUFFIX names others.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
least=${1:-95}
suffix=${LLVM_SUFFIX:--19}
python=$root/.venv/bin/python
command -v "llvm-cov$suffix" >/dev/null || { echo "coverage of the core needs llvm-cov$suffix (Debian: llvm-19)"; exit 1; }
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
export PYTHONPATH="$work/python" COVERAGE_FILE="$work/.coverage"
# `make test` judges them; here a few may fail that measure time or imports, which counting changes.
"$python" -m coverage run -m pytest -q -n "${COVERAGE_WORKERS:-auto}" -c pyproject.toml --rootdir "$root" \
    tests docs README.md "$work/python" --ignore tests/test_rust_crate.py || true
"$python" -m coverage combine --quiet
"$python" -m coverage report --fail-under "$least" | sed "s|$work/||" || failed=1

"llvm-profdata$suffix" merge --sparse "$work"/*.profraw --output "$work/all.profdata"
programs=$(cargo test --quiet --no-run --message-format json "${tests[@]}" |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
objects=("$target/release/lib_core.so")
for program in $programs; do objects+=(--object "$program"); done
"llvm-cov$suffix" export --format lcov --instr-profile "$work/all.profdata" "${objects[@]}" \
    --ignore-filename-regex '/(registry|rustc|rustlib)/' >"$work/lines.lcov"
"$python" .ci/rust_coverage.py "$work/lines.lcov" "$least" || failed=1
exit "${failed:-0}"
