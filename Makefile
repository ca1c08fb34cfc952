# make lab       set up once, then open JupyterLab on the first notebook
# make test      set up once, then execute every notebook, compare every output, run every test
# make portable  execute every notebook under the numerics of other processors (VARIANT=sse41: of one)
# make outputs   execute every notebook and store its outputs
# make book      lay out the course with its stored outputs as a site that opens without a network (book/_build/site)
# make release, collect, grade, feedback, upload   for instructors, with ASSIGNMENT=03_attention (docs/instructors.md)
# make screenshots   take that page's pictures, into grading/screenshots

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
NOTEBOOKS := $(wildcard notebooks/*.ipynb notebooks/further/*.ipynb notebooks/exercises/*/*.ipynb)

# The student edition of the exercises; what is there already stays, for students write in it.
EDITIONS := $(patsubst notebooks/%,%,$(wildcard notebooks/exercises/*/*.ipynb))
MISSING := $(filter-out $(wildcard exercises/*/*.ipynb),$(EDITIONS))

.PHONY: lab test portable outputs book screenshots release collect grade feedback upload

lab: $(STAMP)
	$(if $(MISSING),$(BIN)/python -m utils.grading editions)
	$(BIN)/jupyter lab --ServerApp.root_dir=. notebooks/00_start_here.ipynb

# Two workers of one thread each: faster than one of two, for most of what a notebook does keeps one core busy.
# Kernels are forks of one process that has imported torch and transformers (tests/forked_kernels.py).
test: $(STAMP)
	$(BIN)/python -m pytest -p tests.forked_kernels --nbval notebooks tests -n 2 --dist loadfile --no-loadscope-reorder

portable: $(STAMP)
	$(BIN)/python -m tests.portable $(VARIANT:%=--variant %)

outputs: $(STAMP)
	HF_HUB_OFFLINE=1 PYTHONHASHSEED=0 $(BIN)/jupyter nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=120 $(NOTEBOOKS)

screenshots: $(STAMP)
	$(BIN)/python -m pytest tests/test_instructors_evening.py

book: $(STAMP)
	$(BIN)/python -m book

# SANDBOX=no: where there is no bubblewrap, run the students' code with your rights and your network
release collect grade feedback upload: $(STAMP)
	$(BIN)/python -m utils.grading $@ $(if $(ASSIGNMENT),"$(ASSIGNMENT)") $(if $(ZIP),"$(ZIP)") \
		$(if $(TABLE),"$(TABLE)") $(if $(COLUMN),--column "$(COLUMN)") \
		$(if $(filter no,$(SANDBOX)),--no-sandbox)

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	touch $@
