"""Execute a notebook a second time with every warning as an error."""

import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# Warnings of a library about its own code, which no lesson can avoid: (category, beginning of the message, who).
EXCEPTIONS: list[tuple[str, str, str]] = []

BEFORE = """
import logging, warnings
warnings.simplefilter("error")
for _category, _message, _ in {exceptions!r}:
    warnings.filterwarnings("ignore", category=getattr(__builtins__, _category), message=_message)

class _Recorder(logging.Handler):
    messages = []
    def emit(self, record):
        self.messages.append(f"{{record.name}}: {{record.getMessage()}}")

for _name in ("transformers", "datasets", "evaluate", "peft", "accelerate", "huggingface_hub"):
    logging.getLogger(_name).addHandler(_Recorder(level=logging.WARNING))
"""
AFTER = """
assert not _Recorder.messages, "the libraries warned: " + "; ".join(_Recorder.messages)
"""


def run_strictly(path: Path, timeout: int = 120) -> float:
    """Execute the notebook in a fresh kernel and return the seconds it took.

    Raises nbclient's CellExecutionError if a cell fails, if Python warns, or if a library logs a warning.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BEFORE.format(exceptions=EXCEPTIONS)))
    notebook.cells.append(nbformat.v4.new_code_cell(AFTER))
    start = time.perf_counter()
    NotebookClient(notebook, timeout=timeout, resources={"metadata": {"path": str(path.parent)}}).execute()
    return time.perf_counter() - start


def seconds_until(path: Path, code: str) -> float:
    """Execute the notebook up to the first cell that holds `code`; seconds from the start of its first cell."""
    notebook = nbformat.read(path, as_version=4)
    last = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and code in cell.source)
    notebook.cells = notebook.cells[: last + 1]
    started: list[float] = []
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}})
    client.on_cell_execute = lambda cell, cell_index: started.append(time.perf_counter())
    client.execute()
    return time.perf_counter() - started[0]
