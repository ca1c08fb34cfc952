"""`make portable`: a cell that holds on one machine only is named, with the variant and both outputs; bad input too."""

import portable
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output, writes
from portable import VARIANTS, everything, main, run

from utils.data import ROOT


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook whose cells print, with what is stored as their outputs."""

    def write(name: str, **cells: str):
        cells = [
            new_code_cell(source, execution_count=i, outputs=[new_output("stream", name="stdout", text=f"{text}\n")])
            for i, (text, source) in enumerate(cells.items(), 1)
        ]
        (tmp_path / name).write_text(writes(new_notebook(cells=cells)))
        return tmp_path / name

    return write


def test_a_cell_that_differs_under_one_variant_is_named(notebook, monkeypatch, capsys):
    """OpenMP's threads stand for whatever differs between machines."""
    variants = {"one": {"OMP_NUM_THREADS": "1"}, "seven": {"OMP_NUM_THREADS": "7"}}
    monkeypatch.setattr(portable, "VARIANTS", variants)
    fine = notebook("fine.ipynb", same="print('same')")
    fragile = notebook("fragile.ipynb", same="print('same')", threads_1="import os\n"
                       "print('threads_' + os.environ['OMP_NUM_THREADS'])")  # fmt: skip
    assert main([str(fine), str(fragile)]) == 1
    printed = capsys.readouterr().out
    assert "3 passed, 1 failed" in printed.splitlines()[-1]
    assert "--- fragile, Cell 1, under seven" in printed and printed.count("---") == 2
    assert "threads_1" in printed and "threads_7" in printed  # what is stored, and what came out
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line.startswith(("fine", "fragile"))}
    assert rows == {"fine": ["holds", "holds"], "fragile": ["holds", "1", "of", "2"]}


def test_a_machine_without_vector_instructions(notebook):
    """The first variant really takes them from torch, and one thread is all it has."""
    source = "import torch\nprint(torch.backends.cpu.get_cpu_capability(), torch.get_num_threads())"
    path = notebook("machine.ipynb", **{"DEFAULT 1": source})
    assert next(iter(VARIANTS)) == "sse41" and run("sse41", [path]) == {path: {"Cell 0": None}}


def test_every_notebook_is_among_them():
    assert len(everything()) == len(list((ROOT / "notebooks").glob("[0-9]*.ipynb"))) + len(
        list((ROOT / "notebooks").glob("*/**/[a-z0-9]*.ipynb"))
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variant", "sse5"], "no variant has the name 'sse5'; known: sse41, avx2, 4-threads, native"),
        (["notebooks/99_gone.ipynb"], "notebooks/99_gone.ipynb: no such notebook"),
        (["broken.ipynb"], "broken.ipynb: not a notebook ("),
    ],
)
def test_bad_input_gets_one_line(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert str(stop.value).startswith(message) and "\n" not in str(stop.value)
