"""The examples of docs/your_own_data.md run as they stand, and the cells that it names are those."""

import re

import nbformat
import pytest

from utils.data import ROOT

PAGE = (ROOT / "docs" / "your_own_data.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


def test_there_is_one_for_each_kind_and_the_readme_links_them():
    assert len(EXAMPLES) == 3 and "(docs/your_own_data.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=["texts", "pictures", "lines"])
def test_an_example_runs_as_it_stands(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "your_own_data.md", "exec"), {})


@pytest.mark.parametrize(
    ("lesson", "cells"),
    [
        ("02", {46: "select(range(300))", 37: "assert", 47: "assert"}),
        ("05", {3: "select(range(200))", 5: "num_labels=2", 9: "assert", 22: "assert", 24: "assert", 26: "assert",
                28: '"POSITIVE"', 29: "assert", 34: "assert", 37: 'row["rating"]'}),
        ("06", {2: "select(range(200))", 7: "num_labels=2", 29: "range(80)", 28: "assert", 37: "assert"}),
    ],
)  # fmt: skip
def test_the_lines_to_change_stand_in_the_cells_that_are_named(lesson, cells):
    (path,) = (ROOT / "notebooks").glob(f"{lesson}_*.ipynb")
    code = {cell.execution_count: cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"}
    (row,) = re.findall(rf"^\| {lesson} .*\[.*", PAGE, re.M)
    assert {int(number) for number in re.findall(r"\[(\d+)\]", row)} == set(cells)
    assert all(line in code[number] for number, line in cells.items())
