"""Do the lessons run with WORKBOOK_CHECKPOINTS=hub? Each from its first cell to its last, against a server of our own.

    python -m tests.hub                              all lessons that name a checkpoint
    python -m tests.hub notebooks/03*                some of them

The server (tests/hub_server.py) has the course's own checkpoints under the ids of the lecture's full-size ones: no
network is needed, and a lesson must get all that it loads in the Hub's way. Prints for each whether it reached its end,
how many files it fetched, and which assertions did not hold.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.hub_server import HubServer
from utils import checkpoint
from utils.checkpoints import REGISTRY
from utils.data import ROOT
from utils.hub import NOTE


def lessons() -> list[Path]:
    """The lessons and further notebooks that name a checkpoint. Exercises are graded with the course's own ones."""
    found = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "notebooks" / "further").glob("*.ipynb")]
    return sorted(path for path in found if "checkpoint(" in path.read_text(encoding="utf-8"))


def repositories() -> dict[str, Path]:
    """What the server has: the metrics, and under each id of the Hub the first local checkpoint that stands for it."""
    with patch.dict(os.environ, WORKBOOK_CHECKPOINTS="local"):
        roles = sorted((role for role, entry in REGISTRY.items() if entry.hub), reverse=True)
        models = {f"models/{REGISTRY[role].hub}": Path(checkpoint(role)) for role in roles}
    # The course's decoder-german is a part of TrOCR; under this id the Hub has a GPT-2.
    models["models/dbmdz/german-gpt2"] = models["models/openai-community/gpt2"]
    metrics = (ROOT / "utils" / "metrics").glob("*/*.py")
    return models | {f"spaces/evaluate-metric/{path.stem}": path.parent for path in metrics}


@contextmanager
def environment(server: HubServer) -> Iterator[None]:
    """Within the block, processes that are started take this server for the Hub, and have empty caches."""
    with tempfile.TemporaryDirectory(prefix="hub-") as home:
        settings = {
            "WORKBOOK_CHECKPOINTS": "hub", "HF_ENDPOINT": server.url, "HF_HUB_OFFLINE": "0", "HF_HOME": home,
            "HF_UPDATE_DOWNLOAD_COUNTS": "0", "PYTHONHASHSEED": "0", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
            "JUPYTER_PATH": "",  # no forks of a process that has read other settings
        }  # fmt: skip
        with patch.dict(os.environ, settings):
            yield


def execute(notebook: nbformat.NotebookNode, folder: Path) -> tuple[str | None, list[str]]:
    """Execute it in a fresh kernel: what stopped it (None if nothing did), and the assertions that failed."""
    problem = None
    try:
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    except CellExecutionError as error:
        problem = f"{error.ename}: {error.evalue}"
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    return problem, [line.removeprefix(NOTE) for line in printed.splitlines() if line.startswith(NOTE)]


def main() -> int:
    """0 if every lesson reaches its end, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all lessons that name a checkpoint")
    failed = 0
    with HubServer(repositories()) as server, environment(server):
        for path in parser.parse_args().notebooks or lessons():
            server.asked.clear()
            begin = time.perf_counter()
            problem, notes = execute(nbformat.read(path, as_version=4), path.resolve().parent)
            failed += problem is not None
            files = len({asked for asked in server.asked if "/resolve/" in asked})
            ended = "reached its end" if problem is None else f"stopped: {problem}"
            print(f"{path.stem:<45}{time.perf_counter() - begin:>6.0f} s {files:>4} files  {ended}", flush=True)
            for note in notes:
                print(f"    {NOTE}{note}", flush=True)
    print(f"{failed} stopped" if failed else "all reached their end")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
