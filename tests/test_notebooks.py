"""Every notebook, checked for what nbval cannot see, and executed a second time with warnings as errors."""

from pathlib import Path

import nbformat
import pytest
from notebook_checks import CHECKS, closing, opening, style
from strict_run import run_strictly, seconds_until

from utils.data import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "notebooks" / "exercises").glob("*/*.ipynb"))
LESSONS_ONLY = (style, opening, closing)  # test_exercises.py says what an exercise consists of
SECONDS = {"lesson": 60, "exercise": 30}  # what one may take on two idle cores


def name(path: Path) -> str:
    return f"exercise-{path.stem}" if path in EXERCISES else path.stem


def test_there_are_notebooks():
    assert NOTEBOOKS


CHECKED = [(path, check) for path in NOTEBOOKS for check in CHECKS]
CHECKED += [(path, check) for path in EXERCISES for check in CHECKS if check not in LESSONS_ONLY]


@pytest.mark.parametrize(("path", "check"), CHECKED, ids=[f"{name(path)}-{check.__name__}" for path, check in CHECKED])
def test_notebook(path: Path, check):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    problems = list(check(notebook, path))
    assert not problems, f"{path.name}: " + "; ".join(problems)


@pytest.mark.parametrize("path", NOTEBOOKS + EXERCISES, ids=name)
def test_runs_without_a_warning_and_in_time(path: Path):
    seconds = run_strictly(path)
    limit = SECONDS["exercise" if path in EXERCISES else "lesson"]
    print(f"{name(path)}: {seconds:.0f} s")
    assert seconds < 1.5 * limit, f"{path.name} took {seconds:.0f} s; {limit} s on idle cores is the limit"


def test_the_first_prediction_comes_within_ten_seconds():
    seconds = seconds_until(ROOT / "notebooks" / "00_start_here.ipynb", "classifier(")
    print(f"first prediction after {seconds:.1f} s")
    assert seconds < 10
