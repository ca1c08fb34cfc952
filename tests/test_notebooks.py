"""Every notebook, checked for what nbval, which executes it, cannot see."""

import re
from pathlib import Path

import nbformat
import pytest
from notebook_checks import CHECKS, closing, number, opening, small_cells, style

from utils.data import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FURTHER = sorted((ROOT / "notebooks" / "further").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "notebooks" / "exercises").glob("*/*.ipynb"))
LESSONS_ONLY = (style, opening, closing)
APPENDIX = ROOT / "notebooks" / "13_lecture_code_today.ipynb"  # to look things up in, so no LESSONS_ONLY
NOT_FOR_EXERCISES = (*LESSONS_ONLY, small_cells)  # test_exercises.py says what an exercise consists of


def name(path: Path) -> str:
    return f"exercise-{path.stem}" if path in EXERCISES else f"further-{path.stem}" if path in FURTHER else path.stem


def test_there_are_notebooks():
    assert NOTEBOOKS


CHECKED = [(path, check) for path in NOTEBOOKS for check in CHECKS if path != APPENDIX or check not in LESSONS_ONLY]
CHECKED += [(path, check) for path in FURTHER for check in CHECKS if check not in LESSONS_ONLY]
CHECKED += [(path, check) for path in EXERCISES for check in CHECKS if check not in NOT_FOR_EXERCISES]


@pytest.mark.parametrize(("path", "check"), CHECKED, ids=[f"{name(path)}-{check.__name__}" for path, check in CHECKED])
def test_notebook(path: Path, check):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    problems = list(check(notebook, path))
    assert not problems, f"{path.name}: " + "; ".join(problems)


@pytest.mark.parametrize("path", FURTHER, ids=lambda path: path.stem)
def test_further_reading_is_linked_from_its_lesson(path: Path):
    assert re.match(rf"# {number(path.name)} · \S", nbformat.read(path, as_version=4).cells[0].source)
    (lesson,) = [lesson for lesson in NOTEBOOKS if number(lesson.name) == number(path.name)]
    assert f"(further/{path.name})" in lesson.read_text(encoding="utf-8")
