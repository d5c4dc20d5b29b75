# The only commands to remember. Everything is built into .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := $(BIN)/python -m pytest -q --benchmark-only --benchmark-disable-gc
export CARGO_TERM_COLOR ?= auto
QUIET := $(shell [ -t 2 ] || echo --quiet)
# One line says what went wrong after all that pip has printed.
install = $(BIN)/python -m pip install --quiet $(1) || { \
	echo 'schedkit: pip could not install "$(1)". Is the network there? PIP_INDEX_URL or PIP_FIND_LINKS name other sources; run make again.'; exit 1; }
SOURCES := $(shell find rust python Cargo.toml Cargo.lock pyproject.toml -name '*.rs' -o -name '*.toml' -o -name 'Cargo.lock')

.PHONY: demo test rust rust-tests check rust-check python-check integration bench bench-quick evidence peers browser clean toolchain
PLUGIN := integrations/snakemake-scheduler-plugin-schedkit

demo: $(VENV)/built ## schedule the plan that ships with the package, in dates; write its table, chart and page
	$(BIN)/schedkit plan solve python/schedkit/examples/migration.csv --max-schedules 100000 -o out/migration

rust-tests: toolchain
	@echo 'compiling the Rust tests: some minutes the first time'
	@cargo test --release --workspace --no-run $(QUIET)

test: $(VENV)/built rust-tests ## every test: Rust, documentation examples, Python, stubs
	@echo 'running all tests: five to ten minutes on two cores; the reasons of skipped tests stand at the end'
	cargo test --release --workspace --quiet
	$(BIN)/python -m mypy.stubtest schedkit._core --mypy-config-file pyproject.toml
	$(BIN)/python -m pytest -q -n auto --dist worksteal

check: rust-check python-check ## format, lints, types, documentation

rust-check: toolchain
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --release --workspace --no-deps --quiet

rust: ## all that concerns the Rust crates alone, one after the other, because cargo lets nobody else in
	@$(MAKE) --no-print-directory --jobs=1 rust-tests rust-check interleavings

python-check: $(VENV)/built
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

integration: $(VENV)/built $(VENV)/integration ## inside Dask, Snakemake and HyperQueue, for real; the output goes to docs/results/integration.txt
	@mkdir -p out
	PYTHONPATH=$(PLUGIN)/src $(BIN)/python -m pytest -q --durations=5 tests/integration $(PLUGIN)/tests >out/integration.txt 2>&1 \
		|| { cat out/integration.txt; exit 1; }
	@cat out/integration.txt
	@sed -n '/slowest/,$$p' out/integration.txt >docs/results/integration.txt

bench: $(VENV)/built ## speed, quality and growth, into docs/results; TABLES=all measures the tables that take hours as well
	cargo bench --workspace --quiet
	@mkdir -p out
	$(BENCH) benches --benchmark-json=out/benchmarks.json
	$(BIN)/python -m benches.report --merge out/benchmarks.json $(if $(TABLES),--run $(TABLES))

bench-quick: $(VENV)/built ## a selection in less than five minutes, into out/
	@mkdir -p out/results
	SCHEDKIT_BENCH_QUICK=1 $(BENCH) benches/bench_growth.py benches/bench_quality.py --benchmark-json=out/benchmarks-quick.json
	$(BIN)/python -m benches.report --merge out/benchmarks-quick.json --into out

browser: ## Chromium, which tests pages; where it is missing, Debian's package is installed, as root
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { echo 'installing Chromium'; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y chromium chromium-driver >/dev/null; }

peers: $(VENV)/installed ## the libraries that benchmarks compare with; each that cannot be installed is skipped with a line
	@# anrg-saga needs pygraphviz, and that the headers of Debian's libgraphviz-dev
	@for peer in $$($(PYTHON) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['peers'])"); do \
		$(BIN)/python -m pip install --quiet "$$peer" || echo "skipped: $$peer cannot be installed here"; done

evidence: $(VENV)/built ## the checks that `make test` samples, at full length (hours)
	PROPTEST_CASES=20000 cargo test --release --workspace --quiet
	SCHEDKIT_REQUIRE_DATA=1 SCHEDKIT_EXAMPLES=5000 SCHEDKIT_INSTANCES=20000 SCHEDKIT_QUEUE_JOBS=10000000 \
		SCHEDKIT_QUEUE_OPERATIONS=1000000 SCHEDKIT_QUEUE_JOBS_ASYNC=100000 \
		SCHEDKIT_DISPATCHER_OPERATIONS=1000000 SCHEDKIT_KILLS=200 $(BIN)/python -m pytest -q -n auto tests

.PHONY: docs dist licences workflows api fuzz fuzz-short interleavings coverage

docs: $(VENV)/built $(VENV)/docs ## the site, into site/; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	$(BIN)/python .ci/links.py site

dist: $(VENV)/built licences ## source distribution and wheel, installed into fresh environments, oldest and newest NumPy
	.ci/dist.sh $(PYTHON)

licences: toolchain ## licences and sources of the Rust crates that are compiled in
	$(PYTHON) .ci/licences.py
	@if command -v cargo-deny >/dev/null; then cargo deny --offline --locked check --show-stats licenses bans sources; \
	else echo 'skipped: cargo-deny is not installed; .ci/licences.py holds its rules'; fi

workflows: $(VENV)/docs ## lints the build farm's workflow
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .github

api: $(VENV)/built ## public names and signatures against a git revision: make api API_BASE=v0.1.0
	$(BIN)/python .ci/api.py $(API_BASE)

fuzz: $(VENV)/built ## every target for SECONDS each (default 60)
	.ci/fuzz.sh $(or $(SECONDS),60)

fuzz-short: $(VENV)/built ## replays the corpora, then fuzzes for less than two minutes in all
	.ci/fuzz.sh 10

interleavings: toolchain ## every interleaving of threads at the core's own locks and flags, by loom
	RUSTFLAGS='--cfg loom' CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo test --release --quiet --package schedkit-core --lib interleavings \
		--target-dir $(or $(CARGO_TARGET_DIR),target)/loom

coverage: $(VENV)/built ## lines of the core and of the Python package that the tests run; needs Debian's llvm-19
	.ci/coverage.sh

# The extension module, built with the profile that pyproject.toml names, in an environment that holds all that the commands need.
# On a terminal cargo shows its progress; elsewhere its output goes to a file, which is shown if the build fails.
$(VENV)/built: $(SOURCES) $(VENV)/installed | toolchain
	@echo 'compiling the Rust core: about six minutes the first time, less after that'
	@if [ -t 2 ]; then $(BIN)/maturin develop --profile extension; \
	else $(BIN)/maturin develop --profile extension --quiet >$(VENV)/build.log 2>&1 || { cat $(VENV)/build.log; exit 1; }; fi
	@touch $@

$(VENV)/installed: pyproject.toml | toolchain
	@echo 'installing tools and test libraries into $(VENV): about a minute with a fast network'
	@$(PYTHON) -m venv $(VENV) || { echo 'schedkit: $(PYTHON) cannot make virtual environments; Debian needs the package python3-venv'; exit 1; }
	@$(call install,--upgrade pip)
	@$(BIN)/python -m pip install --help | grep -q -- --group || { \
		echo 'schedkit: pip 25.1 or newer is needed and could not be installed. Is the network there? Run make again.'; exit 1; }
	@$(call install,--group dev)
	@touch $@

$(VENV)/integration: $(VENV)/installed
	@echo 'installing Dask, Snakemake and HyperQueue into $(VENV): about a minute with a fast network'
	@$(call install,--group integration)
	@touch $@

$(VENV)/docs: pyproject.toml $(VENV)/installed
	@echo 'installing the tools for the documentation into $(VENV)'
	@$(call install,--group docs)
	@touch $@

toolchain:
	@command -v cargo >/dev/null || { echo 'schedkit needs the Rust toolchain (1.89 or newer) to build: https://rustup.rs'; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo 'schedkit needs Python 3.11 or newer'; exit 1; }

clean: ## forget everything that was built
	rm -rf $(VENV) target out site dist fuzz/target
