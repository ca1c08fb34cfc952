"""Every notebook, checked for what nbval, which executes it, cannot see."""

from pathlib import Path

import nbformat
import pytest
from notebook_checks import CHECKS, closing, opening, style

from utils.data import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "notebooks" / "exercises").glob("*/*.ipynb"))
LESSONS_ONLY = (style, opening, closing)  # test_exercises.py says what an exercise consists of


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
