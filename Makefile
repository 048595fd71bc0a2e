# Needs Python 3.11 or newer as `python3`, git and make; everything else goes into .venv from requirements.lock.
#   make demo    a whole made city on this machine
#   make test    what a reviewer runs: format, lint, types, tests
#   make check   the same without the tests
#   make lock    write requirements.lock anew after a change of pyproject.toml (LOCK=--upgrade: take newer versions)

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check lock browser

demo: $(STAMP)
	$(BIN)/wangge demo

test: check browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

check: $(STAMP)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

# setuptools stands in no dependency list, but the editable install below is built with it.
lock: $(STAMP)
	echo 'setuptools>=69' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header $(LOCK) --output-file requirements.lock pyproject.toml -

browser:
	@.ci/browser

# Installs once; again only when the lock or the project's own description has changed.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed as $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "$(PYTHON) cannot make a virtual environment (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
