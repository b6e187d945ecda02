# Allmende: `make run` and `make test` need nothing but Python 3.11 to 3.14 with venv, and make.
.POSIX:
.PHONY: run test chaos backup restore check check-format check-lint check-types check-templates check-security \
	check-imports check-translations check-schema fix bench demo lock environment development

BIN = .venv/bin
LAUNCH = $(BIN)/python -m launcher
SOURCES = launcher marketplace models services stripesim

# The environment's own Python first: it is there on every start but the first. Then the system's,
# as those who package it let it be optimised; one that was built at home seldom is, and takes a
# quarter longer for everything.
FIND_PYTHON = for python in "$$PYTHON" $(BIN)/python /usr/bin/python3 python3.14 python3.13 \
	python3.12 python3.11 python3 python; do \
	if [ -n "$$python" ] && "$$python" -c 'import sys, venv, ensurepip; \
	sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then break; fi; \
	python=; done; \
	if [ -z "$$python" ]; then \
	echo "Allmende needs Python 3.11 to 3.14 with venv. Name one with PYTHON=/path/to/python3." >&2; \
	exit 1; fi

# Start everything. PORT chooses the port, DATABASE_URL another database.
run: environment
	@exec $(LAUNCH) run --end-with-parent

# Run all tests. BROWSER=no leaves out the journeys, ARGS goes to pytest.
test: development
	@exec $(LAUNCH) test -- $(ARGS)

# Kill, crash, lose and repeat whatever can be; ends with a table whose last column is zero.
chaos: development
	@BROWSER=no exec $(LAUNCH) test -- -n 2 --dist load -p no:randomly -m chaos tests/chaos $(ARGS)

# Write the whole database into FILE, while everything runs.
backup: environment
	@exec $(LAUNCH) backup "$${FILE:?Name the file: make backup FILE=allmende.dump}"

# Read FILE back into an empty database; CONFIRM=yes replaces what one holds.
restore: environment
	@exec $(LAUNCH) restore "$${FILE:?Name the file: make restore FILE=allmende.dump}"

check: check-format check-lint check-types check-templates check-security check-imports \
	check-translations check-schema

check-format: development
	$(BIN)/ruff format --check .

check-lint: development
	$(BIN)/ruff check .

check-types: development
	$(BIN)/mypy

check-templates: development
	$(BIN)/djlint --quiet --lint templates stripesim/templates

check-security: development
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(SOURCES)

check-imports: development
	$(BIN)/lint-imports

check-translations: development
	$(LAUNCH) catalogues
	$(BIN)/flask --app marketplace translations check

check-schema: development
	$(LAUNCH) with-database --throw-away -- flask --app marketplace schema check

fix: development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Measure beside bare floors of the same kind, with a database of its own.
bench: development
	@$(LAUNCH) with-database --throw-away -- python -m benchmarks $(ARGS)
	@exec $(LAUNCH) with-database --throw-away -- python -m benchmarks.community

# Throw the data of this checkout away and make a fresh demo world.
demo: environment
	@exec $(LAUNCH) demo

# Pin anew what setup.cfg asks for. ARGS=--upgrade takes the newest versions.
lock: development
	@exec $(LAUNCH) lock -- $(ARGS)

environment:
	@$(FIND_PYTHON); exec "$$python" -m launcher.environment

development:
	@$(FIND_PYTHON); exec "$$python" -m launcher.environment dev
