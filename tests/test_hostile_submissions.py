"""A class of submissions that attack their grading, or are broken: each with the status and the points it must get."""

import csv
import os
import shutil
from copy import deepcopy
from types import SimpleNamespace

import nbformat
import pytest
from exercise_cells import changed, starting_with, tiny
from nbformat.v4 import new_code_cell

from utils.data import ROOT
from utils.grading import sandbox
from utils.grading.__main__ import export
from utils.grading.course import Course

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=f"needs a sandbox: {sandbox.missing()}")

WRONG = "def double(x):\n    return 2"
SOLVED = "def double(x):\n    return x + x"
FILES = {  # beside a wrong notebook
    "utils.py": "raise SystemExit",
    "conftest.py": "raise SystemExit",
    "sitecustomize.py": "raise SystemExit",
    "agent.py": "def serve(*arguments): pass",
    "math.py": "raise SystemExit",
    ".ipython/profile_default/startup/a.py": "import builtins; builtins.abs = lambda x: 0",
}
NO_ASSERTS = """
import ast
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(NoAsserts())
get_ipython().transform_ast = NoAsserts().visit
import sys
sys.settrace(lambda *arguments: None)"""
OUTPUTS = """
import sys
from IPython.display import clear_output
sys.stdout.write = lambda text: 1
print = lambda *texts: 3
get_ipython().events.register("post_run_cell", lambda result: clear_output())
get_ipython = None"""
BUILTINS = """
import builtins, math
builtins.abs = builtins.round = lambda *a: 0
builtins.AssertionError = ValueError
math.isclose = lambda *a, **k: True
import utils.checkpoints
utils.checkpoints.checkpoint = lambda role: "mine\""""
AGENT = """
import sys, types
agent = types.ModuleType("agent")
def serve(path, namespace):
    import json, socket, struct
    connection = socket.socket(socket.AF_UNIX)
    while connection.connect_ex(path): pass
    while True:
        size, = struct.unpack("!I", connection.recv(4))
        connection.recv(size)
        text = json.dumps({"message": {"value": 2}, "sizes": []}).encode()
        connection.sendall(struct.pack("!I", len(text)) + text)
agent.serve = serve
sys.modules["agent"] = agent"""
FIRST = """
import threading, time, glob, socket
def call():
    while True:
        for path in glob.glob("/tmp/tests-*/*/socket"):
            one = socket.socket(socket.AF_UNIX)
            one.connect_ex(path)
            keep.append(one)
keep = []
threading.Thread(target=call, daemon=True).start()"""
DRIP = AGENT.replace("connection.sendall(struct.pack", "import time; time.sleep(60); connection.sendall(struct.pack")
FORK = """
import os, time
def double(x):
    for _ in range(200):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)"""
FILL = """
def double(x):
    with open("/tmp/large", "wb") as file:
        for _ in range(64):
            file.write(bytes(2**24))
    return 2 * x"""
MEMORY = "def double(x):\n    keep = [bytearray(b'x' * 2**27) for _ in range(8)]\n    return 2 * x"
PARENT = "import os\ndef double(x):\n    os.kill(os.getppid(), 9)\n    os.kill(-1, 9)"
STUBBORN = (
    "def double(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass"
)


CODES = {  # student: the code of a wrong solution, in the cell of the solution; status, points
    "solved": (SOLVED, "graded", 3),
    "no asserts": (NO_ASSERTS + "\n" + WRONG, "graded", 0),
    "no cells": ("get_ipython().input_transformers_cleanup.append(lambda lines: [])", "graded", 0),
    "other outputs": (WRONG + OUTPUTS, "graded", 0),
    "patched builtins": (WRONG + BUILTINS, "graded", 0),
    "forged: always 2": (AGENT, "graded", 0),
    "calls first": (FIRST + "\n" + WRONG, "stopped", 0),
    "drips": (DRIP, "stopped", 0),
    "stubborn": (STUBBORN, "stopped", 0),
    "ends": ("import os\ndef double(x):\n    os._exit(0)", "stopped", 0),
    "kills": (PARENT, "graded", 0),
    "forks": (FORK, "stopped", 0),
    "memory": (MEMORY, "stopped", 0),
    "disk": (FILL, "graded", 0),
    "output": ("import sys\ndef double(x):\n    while True: sys.stderr.write('x' * 1000)", "stopped", 0),
}


def books(edition) -> dict[str, tuple]:
    """By student: the notebook, status and points; what has to do with the cells around the solution."""
    wrong = changed(edition, double=WRONG)
    edited, added, renamed = (
        changed(wrong, test="pass", set_up="double = lambda x: 2 * x"),
        deepcopy(wrong),
        deepcopy(wrong),
    )
    edited.cells[2].metadata.nbgrader.update(solution=True, locked=False, points=100)
    easy = {"schema_version": 3, "grade_id": "easy", "grade": True, "solution": False, "locked": True, "task": False}
    added.cells.insert(1, new_code_cell("pass", metadata={"nbgrader": easy | {"points": 50, "cell_type": "code"}}))
    easy |= {"grade": False, "grade_id": "set-up-2"}
    added.cells.insert(1, new_code_cell("def double(x): return 2 * x\nabs = all", metadata={"nbgrader": easy}))
    renamed.cells[2].metadata.nbgrader.grade_id = "double"
    return {
        "edited test, points, set-up": (edited, "graded", 0),
        "deleted test": (changed(wrong, test=None), "graded", 0),
        "cells of one's own as the course's": (added, "graded", 0),
        "a test with the solution's name": (renamed, "graded", 0),
        "solved in a cell of one's own": (starting_with(SOLVED, changed(edition, double="pass")), "graded", 3),
    }


def hand_in(folder, book, **files) -> None:
    folder.mkdir(parents=True)
    if book is not None:
        nbformat.write(book, folder / "tiny.ipynb")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> SimpleNamespace:
    """The class, graded once: what each deserves, and its row in grades.csv."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "notebooks" / "exercises" / "tiny").mkdir(parents=True)
    nbformat.write(tiny(), root / "notebooks" / "exercises" / "tiny" / "tiny.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    course = Course(root)
    course.config.ExecuteFairly.timeout = 4
    course.config.ExecuteFairly.max_output = 100_000
    course.release("tiny")
    edition = course.released("tiny")["tiny"]
    deserved = {student: (changed(edition, double=code), *rest) for student, (code, *rest) in CODES.items()}
    deserved |= books(edition)
    for student, (book, *_) in deserved.items():
        hand_in(course.grading / "submitted" / student / "tiny", book)
    wrong = changed(edition, double=WRONG)
    hand_in(course.grading / "submitted" / "files" / "tiny", wrong, **FILES)
    hand_in(course.grading / "submitted" / "link" / "tiny", None)
    os.symlink(
        root / "notebooks" / "exercises" / "tiny" / "tiny.ipynb", course.grading / "submitted/link/tiny/tiny.ipynb"
    )
    deserved |= {"files": (None, "graded", 0), "link": (None, "unreadable", None)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "PROCESSES", 30)
        patch.setattr(sandbox, "MEMORY", 2**29)
        course.grade("tiny", say=lambda line: None)
    with open(export(course), encoding="utf-8-sig", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    return SimpleNamespace(deserved=deserved, rows=rows)


def test_each_gets_the_status_and_the_points_that_it_deserves(graded):
    found = {student: (row["status"], row["points"]) for student, row in graded.rows.items()}
    wanted = {
        student: (status, "" if points is None else str(points))
        for student, (_, status, points) in graded.deserved.items()
    }
    different = {
        student: (found[student], wanted[student], graded.rows[student]["note"])
        for student in wanted
        if found[student] != wanted[student]
    }
    assert not different
