"""Every notebook, checked for what nbval cannot see, and executed a second time with warnings as errors."""

from pathlib import Path

import nbformat
import pytest
from notebook_checks import CHECKS
from strict_run import run_strictly, seconds_until

from utils.data import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS = 60  # what a lesson may take on two idle cores


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path: Path, check):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    problems = list(check(notebook, path))
    assert not problems, f"{path.name}: " + "; ".join(problems)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_without_a_warning_and_in_time(path: Path):
    seconds = run_strictly(path)
    print(f"{path.stem}: {seconds:.0f} s")
    assert seconds < 1.5 * SECONDS, f"{path.name} took {seconds:.0f} s; {SECONDS} s on idle cores is the limit"


def test_the_first_prediction_comes_within_ten_seconds():
    seconds = seconds_until(ROOT / "notebooks" / "00_start_here.ipynb", "classifier(")
    print(f"first prediction after {seconds:.1f} s")
    assert seconds < 10
