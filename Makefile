# Everything a person needs: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test quicktest check format lessons notebooks site docs weights bench peers clean

demo: .venv/.ready  ## train, evaluate, report, read a picture: the whole flow on the embedded data
	@$(BIN)/python examples/demo.py

test: .venv/.ready  ## the whole suite
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

quicktest: .venv/.ready  ## the suite without the tests that take seconds
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow"

check: .venv/.ready  ## format, lint, types, floors, docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.check_docs
	@$(BIN)/python -m tools.build_site

format: .venv/.ready
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: .venv/.ready  ## write the generated pages and pictures again
	@$(BIN)/python -m tools.check_docs --write

lessons: .venv/.ready  ## run every lesson of the course
	@$(BIN)/python -m tools.lessons

notebooks: .venv/.ready  ## the same, and keep what they print and draw
	@$(BIN)/python -m tools.lessons --write

site: .venv/.ready  ## the documentation as a site, in build/site
	@$(BIN)/python -m tools.build_site

weights: .venv/.ready  ## train the models that ship in the package, again and from nothing
	@$(BIN)/python -m tools.make_weights

bench: .venv/.ready  ## what docs/benchmarks.md has of this project alone
	@$(BIN)/python -m benchmarks.reading_disguises
	@$(BIN)/python -m benchmarks.loop_speed
	@$(BIN)/python -m benchmarks.startup
	@$(BIN)/python -m benchmarks.time_to_accuracy
	@$(BIN)/python -m benchmarks.inference
	@$(BIN)/python -m benchmarks.recipes
	@$(BIN)/python -m benchmarks.ladder
	@$(BIN)/python -m tools.check_docs --write

peers: .venv/.ready .venv-peers/.ready  ## what one would pick instead, on the same pictures; Tesseract comes from Debian
	@$(BIN)/python -m benchmarks.reading_peers

.venv-peers/.ready: benchmarks/peers.txt
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --requirement benchmarks/peers.txt
	@touch $@

.venv/.ready: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv (a minute on a first run)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt "$$(grep '^torch==' constraints.txt)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

clean:
	rm -rf .venv .venv-peers build dist .mypy_cache .ruff_cache .pytest_cache
