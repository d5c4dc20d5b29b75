#!/usr/bin/env bash
# Replays the stored inputs of every fuzz target, then searches for SECONDS in each. Usage: .ci/fuzz.sh [SECONDS]
# New inputs stay in fuzz/found; only failures end the run. Without a C++ compiler the Rust targets are skipped, and said so.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
root=$PWD
python=$root/.venv/bin/python

"$python" -m tests.fuzz.surface --replay
"$python" -m tests.fuzz.surface --seconds "$seconds" --seed "${FUZZ_SEED:-1}"
"$python" -m tests.fuzz.readers --seconds "$seconds" --seed "${FUZZ_SEED:-1}"

if ! command -v c++ >/dev/null; then
    echo "skipped: the Rust fuzz targets need a C++ compiler for libFuzzer"
    exit 0
fi
targets=$(fuzz/build.sh)
for name in project_file trace_file sequence task_graph stream shop packing memory_nodes; do
    mkdir -p "fuzz/found/$name" "fuzz/corpus/$name"
    # An input that takes 20 s is a hang, one that takes 2 GB a bomb.
    "$targets/$name" -runs=0 -timeout=20 -rss_limit_mb=2048 "fuzz/corpus/$name" 2>/dev/null || { echo "$name: a stored input fails"; exit 1; }
    log=$(mktemp)
    if ! "$targets/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
        -artifact_prefix="fuzz/found/$name-" "fuzz/found/$name" "fuzz/corpus/$name" 2>"$log"; then
        tail -n 40 "$log"
        exit 1
    fi
    echo "$name: $(grep -o 'number_of_executed_units: [0-9]*' "$log" | tail -n 1), no failure"
    rm -f "$log"
done
