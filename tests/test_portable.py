"""`make portable`: a cell that holds on one machine only is named, with the variant and both outputs; bad input too."""

import tempfile
from pathlib import Path

import portable
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output, writes
from portable import VARIANTS, everything, main

from utils.data import ROOT


@pytest.fixture
def notebook():
    """A function that writes a notebook into the course's cache: each cell's source, with what is stored as output."""
    (ROOT / ".cache").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:

        def write(name: str, *cells: tuple[str, str]) -> Path:
            cells = [
                new_code_cell(code, execution_count=i, outputs=[new_output("stream", name="stdout", text=f"{text}\n")])
                for i, (code, text) in enumerate(cells, 1)
            ]
            path = Path(folder, name)
            path.write_text(writes(new_notebook(cells=cells)))
            return path

        yield write


def test_a_cell_that_differs_under_one_variant_is_named(notebook, monkeypatch, capsys):
    """The first variant is a processor without vector instructions and with one thread; seven threads differ."""
    assert next(iter(VARIANTS)) == "sse41"
    monkeypatch.setattr(
        portable, "VARIANTS", {"sse41": VARIANTS["sse41"], "seven": VARIANTS["4-threads"] | {"OMP_NUM_THREADS": "7"}}
    )
    machine = "import torch\nprint(torch.backends.cpu.get_cpu_capability(), torch.get_num_threads())"
    fragile = notebook("fragile.ipynb", ("print('same')", "same"), (machine, "DEFAULT 1"))
    assert main([str(fragile)]) == 1
    printed = capsys.readouterr().out
    assert printed.splitlines()[-1] == "1 passed, 1 failed"
    assert printed.count("---") == 1 and "--- fragile, Cell 1, under seven" in printed
    assert "DEFAULT 1" in printed and " 7\\n" in printed  # what is stored, and what came out
    assert next(line.split() for line in printed.splitlines() if line.startswith("fragile")) == [
        "fragile", "holds", "1", "of", "2"
    ]  # fmt: skip


def test_every_notebook_is_among_them():
    assert len(everything()) == len(list((ROOT / "notebooks").glob("[0-9]*.ipynb"))) + len(
        list((ROOT / "notebooks").glob("*/**/[a-z0-9]*.ipynb"))
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variant", "sse5"], "no variant has the name 'sse5'; known: sse41, avx2, 4-threads, native"),
        (["notebooks/99_gone.ipynb"], "notebooks/99_gone.ipynb: no such notebook"),
        ([".cache/broken.ipynb"], ".cache/broken.ipynb: not a notebook ("),
    ],
)
def test_bad_input_gets_one_line(monkeypatch, arguments, message):
    monkeypatch.chdir(ROOT)
    broken = ROOT / ".cache" / "broken.ipynb"
    broken.parent.mkdir(exist_ok=True)
    broken.write_text('{"cells": [')
    try:
        with pytest.raises(SystemExit) as stop:
            main(arguments)
    finally:
        broken.unlink()
    assert str(stop.value).startswith(message) and "\n" not in str(stop.value)
