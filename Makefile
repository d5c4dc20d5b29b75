# The only commands to remember. Everything is built into .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export CARGO_TERM_COLOR ?= auto
SOURCES := $(shell find rust python Cargo.toml Cargo.lock pyproject.toml -name '*.rs' -o -name '*.toml' -o -name 'Cargo.lock')

.PHONY: demo test check bench clean toolchain

demo: $(VENV)/built ## schedule the example that ships with the package, and draw it
	@mkdir -p out
	$(BIN)/schedkit solve python/schedkit/examples/migration.json --max-schedules 100000
	$(BIN)/schedkit gantt python/schedkit/examples/migration.json --max-schedules 100000 -o out/migration.png

test: $(VENV)/built ## every test: Rust, documentation examples, Python, stubs
	cargo test --release --workspace --quiet
	$(BIN)/python -m mypy.stubtest schedkit._core --mypy-config-file pyproject.toml
	$(BIN)/python -m pytest -q -n auto

check: $(VENV)/built ## format, lints, types, documentation
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --release --workspace --no-deps --quiet
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

bench: $(VENV)/built ## speed, as ratios measured in one run
	cargo bench --workspace --quiet
	$(BIN)/python -m pytest benches -q --benchmark-only --benchmark-disable-gc

.PHONY: docs dist licences workflows api fuzz fuzz-short coverage

docs: $(VENV)/docs ## the site, into site/; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	$(BIN)/python .ci/links.py site

dist: $(VENV)/built licences ## source distribution and wheel, installed into fresh environments, oldest and newest NumPy
	.ci/dist.sh $(PYTHON)

licences: toolchain ## licences and sources of the Rust crates that are compiled in
	$(PYTHON) .ci/licences.py

workflows: $(VENV)/docs ## lints the build farm's workflow
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .github

api: $(VENV)/built ## public names and signatures against a git revision: make api API_BASE=v0.1.0
	$(BIN)/python .ci/api.py $(API_BASE)

fuzz: $(VENV)/built ## every target for SECONDS each (default 60)
	.ci/fuzz.sh $(or $(SECONDS),60)

fuzz-short: $(VENV)/built ## replays the corpora, then fuzzes for less than two minutes in all
	.ci/fuzz.sh 10

coverage: $(VENV)/built ## lines of the Python package that the tests run
	$(BIN)/python -m coverage run -m pytest -q -n auto
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

# The extension module, built with the one release profile, in an environment that holds all that the commands need.
$(VENV)/built: $(SOURCES) $(VENV)/installed | toolchain
	$(BIN)/maturin develop --release --quiet >$(VENV)/build.log 2>&1 || { cat $(VENV)/build.log; exit 1; }
	@touch $@

$(VENV)/installed: pyproject.toml | toolchain
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/docs: pyproject.toml $(VENV)/installed
	$(BIN)/python -m pip install --quiet --group docs
	@touch $@

toolchain:
	@command -v cargo >/dev/null || { echo 'schedkit needs the Rust toolchain (1.89 or newer) to build: https://rustup.rs'; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo 'schedkit needs Python 3.11 or newer'; exit 1; }

clean: ## forget everything that was built
	rm -rf $(VENV) target out site dist fuzz/target
