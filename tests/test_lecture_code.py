"""The appendix, lesson 13, has one executed cell for each piece of the lecture's code that docs/lecture_code.csv lists.

A cell names its piece in its first line, `# B14 · was: pipeline('fill-mask', …)`, and a heading stands above it.
"""

import csv
import re
from collections.abc import Iterator
from itertools import groupby

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebook_checks import code_cells, markdown

from utils.data import ROOT

LIST = ROOT / "docs" / "lecture_code.csv"
APPENDIX = ROOT / "notebooks" / "13_lecture_code_today.ipynb"
COLUMNS = ["id", "document", "place", "name", "old_call"]


@pytest.fixture(scope="module")
def pieces() -> list[dict[str, str]]:
    with LIST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counterparts(notebook: NotebookNode, pieces: list[dict[str, str]]) -> Iterator[str]:
    """What is missing, there twice, changed or not executed."""
    found = [
        (*match.groups(), cell)
        for cell in code_cells(notebook)
        if (match := re.match(r"# ([A-Z]\d+) · was: (.+)", cell.source))
    ]
    listed = [piece["id"] for piece in pieces]
    if [name for name, _, _ in found] != listed:
        odd = [name for name in dict.fromkeys(listed + [name for name, _, _ in found])
               if (listed.count(name), [other for other, _, _ in found].count(name)) != (1, 1)]  # fmt: skip
        yield (
            f"not listed once with one cell: {', '.join(odd)}" if odd else "the cells have another order than the list"
        )
    calls = {piece["id"]: piece["old_call"] for piece in pieces}
    headings = re.findall(r"^#### (.+)$", markdown(notebook), re.M)
    for name, call, cell in found:
        if call != calls.get(name, call):
            yield f"{name} stands for {call!r}, in the list for {calls[name]!r}"
        if cell.execution_count is None:
            yield f"{name} was not executed"
    if headings != [f"{piece['id']} · {piece['name']}" for piece in pieces]:
        yield "the headings are not the list's names"


def test_every_piece_has_one_executed_counterpart(pieces):
    assert list(counterparts(nbformat.read(APPENDIX, as_version=4), pieces)) == []


def test_the_list_is_plain_and_short(pieces):
    assert list(pieces[0]) == COLUMNS
    for piece in pieces:
        assert all(isinstance(piece[column], str) and piece[column].strip() for column in COLUMNS), piece
        assert len(piece["old_call"]) <= 90 and len(piece["name"]) <= 45, piece  # facts, no copied code
    documents = [(piece["id"][0], piece["document"]) for piece in pieces]
    assert len({letter for letter, _ in documents}) == len({title for _, title in documents}) == len(set(documents))
    for letter, own in groupby(pieces, key=lambda piece: piece["id"][0]):
        ids = [piece["id"] for piece in own]
        assert ids == [f"{letter}{i}" for i in range(1, len(ids) + 1)]


def test_the_table_on_top_counts_the_pieces_of_each_document(pieces):
    table = dict(
        re.findall(r"^\| ([A-Z]) · .*\| (\d+) \|$", nbformat.read(APPENDIX, as_version=4).cells[1].source, re.M)
    )
    letters = [piece["id"][0] for piece in pieces]
    assert table == {letter: str(letters.count(letter)) for letter in sorted(set(letters))}


# --- a fault is seen

TWO = [
    {"id": "A1", "document": "A talk", "place": "slide 3", "name": "Load", "old_call": "load()"},
    {"id": "A2", "document": "A talk", "place": "slide 4", "name": "Save", "old_call": "save()"},
]


def appendix(*sources: str) -> NotebookNode:
    headings = [new_markdown_cell(f"#### {piece['id']} · {piece['name']}") for piece in TWO]
    return new_notebook(cells=headings + [new_code_cell(source, execution_count=1) for source in sources])


GOOD = ["# A1 · was: load()\nread()", "# A2 · was: save()\nwrite()"]


def test_a_good_appendix_passes():
    assert list(counterparts(appendix(*GOOD, "assert True"), TWO)) == []


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        (GOOD[:1], "not listed once with one cell: A2"),
        ([*GOOD, GOOD[0]], "not listed once with one cell: A1"),
        ([*GOOD, "# A3 · was: close()"], "not listed once with one cell: A3"),
        (GOOD[::-1], "the cells have another order"),
        ([GOOD[0].replace("load()", "load(all)"), GOOD[1]], "A1 stands for 'load(all)', in the list for 'load()'"),
    ],
)
def test_a_fault_is_seen(sources, problem):
    assert any(found.startswith(problem) for found in counterparts(appendix(*sources), TWO))


def test_a_cell_that_never_ran_and_another_heading_are_seen():
    notebook = appendix(*GOOD)
    notebook.cells[0].source = "#### A1 · Loading"
    notebook.cells[2].execution_count = None
    assert list(counterparts(notebook, TWO)) == ["A1 was not executed", "the headings are not the list's names"]
