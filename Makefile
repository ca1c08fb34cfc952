# make lab     set up once, then open JupyterLab on the first notebook
# make test    set up once, then execute every notebook, compare every output, run every test
# make outputs execute every notebook and store its outputs

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
NOTEBOOKS := $(wildcard notebooks/*.ipynb notebooks/exercises/*/*.ipynb)

.PHONY: lab test outputs

lab: $(STAMP)
	$(BIN)/jupyter lab --ServerApp.root_dir=. notebooks/00_start_here.ipynb

test: $(STAMP)
	$(BIN)/python -m pytest --nbval notebooks tests

outputs: $(STAMP)
	HF_HUB_OFFLINE=1 PYTHONHASHSEED=0 $(BIN)/jupyter nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=120 $(NOTEBOOKS)

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@
