"""Exercises, graded by nbgrader itself: released without solutions, 0 points as released, full points when solved.

Each assignment, a folder with one notebook or more, is released and graded for two students. A tiny exercise shows what
happens to submissions that are wrong, damaged or cheat: that does not depend on the exercise.
"""

import ast
import os
import re
import shutil
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from exercise_cells import HIDDEN, SOLUTION, changed, filled_in, points, role, starting_with, tiny
from forked_kernels import python
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp

from utils.data import ROOT
from utils.grading import testing

EXERCISES = sorted((ROOT / "notebooks" / "exercises").glob("*/*.ipynb"))
# First cells of submissions that try to get points without solving anything.
NO_ASSERTS = """
import ast

class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
"""
HOOK = NO_ASSERTS + "get_ipython().ast_transformers.append(NoAsserts())"
PATCH = NO_ASSERTS + "get_ipython().transform_ast = NoAsserts().visit"
EMPTY = "get_ipython().input_transformers_cleanup.append(lambda lines: [])"
WARN = """
import warnings

get_ipython().events.register("pre_run_cell", lambda _: warnings.warn_explicit("harmless", UserWarning, "x", 1))
"""


# --- nbgrader, on a course folder


def run_here(course: Path, arguments: tuple[str, ...]) -> None:
    """In a process of its own: what `python -m nbgrader` does in the folder `course`, with its log in a file."""
    log = os.open(course / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1), os.dup2(log, 2)
    os.chdir(course)
    os.environ.pop("PYTHONSTARTUP", None)  # warnings are allowed
    testing.Testers.python = python()
    NbGraderApp.launch_instance(argv=list(arguments))


def nbgrader(course: Path, *arguments: str) -> None:
    """Run a command of nbgrader as an instructor does. AssertionError with its log if it fails."""
    context = get_context("forkserver")  # nbgrader is imported once
    context.set_forkserver_preload([__name__])
    process = context.Process(target=run_here, args=(course, arguments))
    process.start()
    process.join()
    assert process.exitcode == 0, (course / "log").read_text(encoding="utf-8")


def release(course: Path, sources: dict[str, NotebookNode], assignment: str) -> dict[str, NotebookNode]:
    """Put this assignment into the course folder, and return the student edition of each of its notebooks."""
    folder = course / "notebooks" / "exercises" / assignment
    folder.mkdir(parents=True)
    for name, source in sources.items():
        nbformat.write(source, folder / f"{name}.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    nbgrader(course, "generate_assignment", assignment)
    released = course / "grading" / "release" / assignment
    return {name: nbformat.read(released / f"{name}.ipynb", as_version=4) for name in sources}


def grade(
    course: Path, assignment: str, submissions: dict[str, dict[str, NotebookNode]], *options: str
) -> dict[str, dict[str, dict]]:
    """Grade what the students hand in; for each student and notebook the scores, None where a person must grade.

    Without a sandbox, so that kernels and testers may be forks (tests/forked_kernels.py); test_sandbox.py has one.
    """
    for student, notebooks in submissions.items():
        folder = course / "grading" / "submitted" / student / assignment
        folder.mkdir(parents=True)
        for name, notebook in notebooks.items():
            nbformat.write(notebook, folder / f"{name}.ipynb")
    nbgrader(course, "autograde", assignment, "--ExecuteFairly.sandbox=False", *options)
    with Gradebook(f"sqlite:///{course / 'grading' / 'gradebook.db'}") as gradebook:
        found = {student: gradebook.find_submission(assignment, student).notebooks for student in submissions}
        return {
            student: {notebook.name: {g.name: g.auto_score for g in notebook.grades} for notebook in notebooks}
            for student, notebooks in found.items()
        }


# --- each exercise


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A function that releases and grades an assignment, once: for each notebook, what `exercise` says."""

    course = tmp_path_factory.mktemp("course")

    @cache
    def graded(folder: Path) -> dict[str, SimpleNamespace]:
        sources = {path.stem: nbformat.read(path, as_version=4) for path in EXERCISES if path.parent == folder}
        editions = release(course, sources, folder.name)
        solved = {name: filled_in(editions[name], source) for name, source in sources.items()}
        scores = grade(course, folder.name, {"untouched": editions, "solved": solved})
        return {
            name: SimpleNamespace(
                source=source, edition=editions[name], scores={student: own[name] for student, own in scores.items()}
            )
            for name, source in sources.items()
        }

    return graded


@pytest.fixture(params=EXERCISES, ids=lambda path: path.stem)
def exercise(request, graded) -> SimpleNamespace:
    """A notebook of an assignment: its source, its student edition, and the scores of two submissions."""
    return graded(request.param.parent)[request.param.stem]


def test_there_are_exercises():
    """A notebook alone has the name of its assignment; names of several are words that say which is which."""
    assert EXERCISES
    for path in EXERCISES:
        alone = len(list(path.parent.glob("*.ipynb"))) == 1
        assert re.fullmatch(r"\d\d_\w+", path.parent.name) and (path.stem == path.parent.name) == alone
    assert len({path.stem for path in EXERCISES}) == len(EXERCISES)  # the tests are called by these names


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_tasks_and_points(path):
    """The table in the first cell says what the cells are worth; each task has its tests; one is graded by a person."""
    source = nbformat.read(path, as_version=4)
    first = source.cells[0].source
    table = {name: int(worth) for name, worth in re.findall(r"^\| (.+?) \| (\d+) \|$", first, re.M)}
    rows = re.findall(r"^\| (.+?) \| \**(\d+)\** \|$", first, re.M)
    assert list(table.values()) == list(points(source, "tests", "answer").values())
    assert rows[-1] == ("**total**", str(sum(table.values())))
    titles = re.findall(r"^## Task (.+?) \((\d+) points", "\n".join(c.source for c in source.cells), re.M)
    assert titles == [(re.sub(r" \(in words\)$", "", name), str(worth)) for name, worth in table.items()]
    assert re.search(r"\*\*Time:\*\* about \d+ minutes to work through, about \d+ s to run", first)

    assert 4 <= len(points(source, "tests")) <= 6 and len(points(source, "answer")) == 1
    roles = [role(cell) for cell in source.cells]
    for i, cell in enumerate(source.cells):
        if role(cell) == "tests":
            assert roles[i - 1] == "solution" and SOLUTION.search(source.cells[i - 1].source)
            visible, hidden = HIDDEN.sub("", cell.source), HIDDEN.search(cell.source)
            assert hidden and "assert " in visible and "assert " in hidden[0]
            asserts = [node for node in ast.walk(ast.parse(visible)) if isinstance(node, ast.Assert)]
            assert all(node.msg for node in asserts), (
                f"a visible test has no message: {cell.metadata.nbgrader.grade_id}"
            )


def test_student_edition_holds_no_solution(exercise):
    """And no cell of code is longer than a screen takes in."""
    for cell, own in zip(exercise.edition.cells, exercise.source.cells, strict=True):
        assert cell.cell_type == "markdown" or len(cell.source.splitlines()) <= 20, cell.source
        expected = SOLUTION.sub(r"\1# YOUR CODE HERE\n\1raise NotImplementedError()", HIDDEN.sub("", own.source))
        assert cell.source.rstrip() == ("YOUR ANSWER HERE" if role(own) == "answer" else expected.rstrip())
        assert not cell.get("outputs") and cell.get("execution_count") is None
    assert not re.search("SOLUTION|HIDDEN", nbformat.writes(exercise.edition))


def test_untouched_it_scores_nothing(exercise):
    assert exercise.scores["untouched"] == dict.fromkeys(points(exercise.source, "tests", "answer"), 0)


def test_solved_it_scores_everything_that_a_program_grades(exercise):
    by_hand = dict.fromkeys(points(exercise.source, "answer"))
    assert exercise.scores["solved"] == points(exercise.source, "tests") | by_hand


# --- what grading withstands, on a tiny exercise


@pytest.fixture(scope="module")
def tiny_course(tmp_path_factory) -> SimpleNamespace:
    """The tiny exercise, graded: its course folder, what each submission deserves, and what it got."""
    course = tmp_path_factory.mktemp("tiny")
    edition = release(course, {"tiny": tiny()}, "tiny")["tiny"]
    solved = filled_in(edition, tiny())
    hard_coded = changed(edition, double="def double(x):\n    return 2")
    deserved = {
        "solved": (solved, 3),
        "warns": (starting_with(WARN, solved), 3),  # on stderr, in every cell
        "solved-test-deleted": (changed(solved, test=None), 3),  # the test comes back
        "set-up-changed": (changed(solved, set_up="1 / 0"), 3),  # so does the set-up
        "hard-coded": (hard_coded, 0),  # passes the visible test only
        "hard-coded-test-deleted": (changed(hard_coded, test=None), 0),
        "hard-coded-test-changed": (changed(hard_coded, test="pass"), 0),
        "hook": (starting_with(HOOK, edition), 0),
        "patch": (starting_with(PATCH, edition), 0),
        "cells-emptied": (changed(edition, double=EMPTY), 0),
    }
    scores = grade(course, "tiny", {student: {"tiny": notebook} for student, (notebook, _) in deserved.items()})
    deserved = {student: {"tiny": {"test": worth}} for student, (_, worth) in deserved.items()}
    return SimpleNamespace(path=course, deserved=deserved, scores=scores)


def test_submissions_get_the_points_they_deserve(tiny_course):
    assert tiny_course.scores == tiny_course.deserved


def test_the_course_relies_on_its_settings(tiny_course):
    """With nbgrader's own settings a deleted test gives no score at all.

    A warning of the student's code costs nothing with either: it stays in the student's kernel.
    """
    solved = filled_in(tiny(), tiny())
    plain = ["--IgnorePattern.enabled=False", "--OverwriteCells.add_missing_cells=False"]
    submissions = {"warns-2": starting_with(WARN, solved), "deleted-2": changed(solved, test=None)}
    submissions = {student: {"tiny": notebook} for student, notebook in submissions.items()}
    scores = grade(tiny_course.path, "tiny", submissions, *plain)
    assert scores == {"warns-2": {"tiny": {"test": 3}}, "deleted-2": {"tiny": {"test": None}}}


def test_students_get_feedback(tiny_course):
    nbgrader(tiny_course.path, "generate_feedback", "tiny", "--student=hard-coded")
    page = tiny_course.path / "grading" / "feedback" / "hard-coded" / "tiny" / "tiny.html"
    assert "Score: 0.0 / 3.0" in page.read_text(encoding="utf-8")
