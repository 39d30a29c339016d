# book · test · colab · pythons · lab · notebooks · bench · pdf · serve · publish-as · clean — each sets up what it needs.
# make LOCK= … takes the newest versions that pyproject.toml admits.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
LOCK ?= requirements.lock

.PHONY: book test colab pythons lab notebooks bench pdf serve publish-as lock clean

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet $(if $(LOCK),--constraint $(LOCK)) --editable '.[book,test]'
	touch $@

book: $(READY)  ## the site, in _build/html
	$(BIN)/jupyter-book build . -W -n --keep-going

test: book  ## everything, two files at a time: lint, notebooks, unit tests, the built site in a browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --nbval tests/colab notebooks tests

colab: $(READY)  ## the notebooks and labs in Colab's own versions; with CI=true make test does it too
	COLAB=true $(BIN)/pytest tests/colab

pythons: $(READY)  ## the unit tests on every supported Python that is here; with CI=true make test does it too
	PYTHONS=true $(BIN)/pytest tests/pythons

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

notebooks: $(READY)  ## executes every notebook in place
	$(BIN)/python notebooks/execute.py

bench: book  ## redraw times, page weights, import, build and execution times
	$(BIN)/python tests/bench.py

pdf: book  ## the book in one PDF, printed by the browser
	$(BIN)/python book/print_book.py

serve: book  ## the site at http://localhost:8000
	$(BIN)/python -m http.server --directory _build/html 8000

publish-as:  ## REPO=owner/name: sets the repository's address everywhere
	$(PYTHON) book/publish_as.py $(REPO)

lock: $(READY)  ## pins every dependency anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --extra book --extra test --no-annotate --no-header --quiet \
	  --output-file requirements.lock

clean:
	rm -rf .venv _build
