#!/usr/bin/env bash
# Builds the source distribution and the wheel; installs the wheel into fresh environments, with the oldest and the newest NumPy,
# and one that was built from the source distribution; runs the README's example there. Usage: .ci/dist.sh [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
python=${1:-python3}
maturin="$root/.venv/bin/maturin"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
limit=$((5 * 1024 * 1024))

rm -rf dist && mkdir dist
"$maturin" sdist --out dist >/dev/null 2>&1
sdist=$(ls "$root"/dist/*.tar.gz)
"$maturin" build --profile extension --locked --quiet --out dist
wheel=$(ls "$root"/dist/*.whl)
# As pip does it for a user, but not optimised: that takes a part of the time and needs the same files.
CARGO_TARGET_DIR="$work/target" CARGO_PROFILE_EXTENSION_OPT_LEVEL=0 CARGO_PROFILE_EXTENSION_LTO=off CARGO_PROFILE_EXTENSION_CODEGEN_UNITS=16 \
    MATURIN_PEP517_ARGS=--locked "$root/.venv/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$work" "$sdist"
built=$(ls "$work"/*.whl)

size=$(wc -c <"$wheel")
((size < limit)) || { echo "the wheel has $size bytes, the limit is $limit"; exit 1; }
for file in LICENSE-MIT LICENSE-APACHE THIRD-PARTY-LICENSES.md; do
    "$python" -m zipfile -l "$wheel" | grep -c "$file" >/dev/null || { echo "no $file in the wheel"; exit 1; }
    tar -tzf "$sdist" | grep -c "$file" >/dev/null || { echo "no $file in the source distribution"; exit 1; }
done

# The oldest NumPy with wheels for this Python; an older one would be built from source.
oldest=$("$python" -c 'import sys; print({11: "1.26.0", 12: "1.26.0", 13: "2.1.0"}.get(sys.version_info[1], "2.3.2"))')
fresh() { # name, package, numpy
    local begin=$SECONDS
    "$python" -m venv "$work/$1"
    "$work/$1/bin/python" -m pip install --quiet --disable-pip-version-check "$2" "$3"
    (cd "$work" && "$work/$1/bin/python" "$root/.ci/smoke.py")
    echo "$1: $("$work/$1/bin/python" -m pip freeze | tr '\n' ' ')in $((SECONDS - begin)) s"
}
fresh wheel-oldest "$wheel" "numpy==$oldest"
fresh wheel-newest "$wheel" numpy
fresh from-source "$built" numpy
echo "$(basename "$wheel"): $size bytes; $(basename "$sdist"): $(wc -c <"$sdist") bytes"
