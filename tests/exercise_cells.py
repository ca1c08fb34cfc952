"""Cells of exercises, a tiny exercise, and what students may do to it: for tests of grading."""

import re

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.M | re.S)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS", re.S)


def role(cell: NotebookNode) -> str:
    """What a cell is to nbgrader: solution, tests, answer (free text) or other."""
    data = cell.metadata.get("nbgrader", {})
    roles = {(True, True): "answer", (True, False): "tests", (False, True): "solution"}
    return roles.get((data.get("grade", False), data.get("solution", False)), "other")


def points(notebook: NotebookNode, *roles: str) -> dict[str, int]:
    return {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points for c in notebook.cells if role(c) in roles}


def filled_in(edition: NotebookNode, source: NotebookNode) -> NotebookNode:
    """The student edition with the solutions and answers of the source put into it."""
    solutions = {c.metadata.nbgrader.grade_id: c.source for c in source.cells if role(c) in ("solution", "answer")}
    notebook = NotebookNode(nbformat.from_dict(edition))
    for cell in notebook.cells:
        if role(cell) in ("solution", "answer"):
            cell.source = solutions[cell.metadata.nbgrader.grade_id]
    return notebook


def starting_with(code: str, notebook: NotebookNode) -> NotebookNode:
    return new_notebook(metadata=notebook.metadata, cells=[new_code_cell(code), *notebook.cells])


def tiny() -> NotebookNode:
    """An exercise with one task: double a number."""

    def cell(name: str, source: str, **data) -> NotebookNode:
        data = {"grade": False, "solution": False, "locked": False, "task": False} | data
        return new_code_cell(source, metadata={"nbgrader": {"schema_version": 3, "grade_id": name} | data})

    solution = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    tests = "assert double(1) == 2\n### BEGIN HIDDEN TESTS\nassert double(4) == 8\n### END HIDDEN TESTS"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [cell("set-up", "import math", locked=True), cell("double", solution, solution=True)]
    return new_notebook(metadata=kernel, cells=[*cells, cell("test", tests, grade=True, locked=True, points=3)])


def changed(notebook: NotebookNode, **sources: str | None) -> NotebookNode:
    """The notebook with other code in the cells `set_up`, `double`, `test`, `why`; None deletes the cell."""
    notebook = NotebookNode(nbformat.from_dict(notebook))
    for name, source in sources.items():
        cell = next(
            c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name.replace("_", "-")
        )
        if source is None:
            notebook.cells.remove(cell)
        else:
            cell.source = source
    return notebook


def tiny_with_answer() -> NotebookNode:
    """The tiny exercise, and a second task in words."""
    data = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3, "points": 2}
    answer = new_markdown_cell("Because.", metadata={"nbgrader": data | {"grade_id": "why"}})
    source = tiny()
    source.cells += [new_markdown_cell("Why is the double of a whole number even?"), answer]
    return source
