"""Kernels that start at once: one process imports the large libraries, every kernel is a fork of it.

    pytest -p tests.forked_kernels --nbval …      what `make test` does; without it each kernel imports by itself

Most of what starting a lesson costs a processor is importing torch and transformers, the same for sixty kernels. A fork
of a process that has them is a kernel of its own all the same: its namespace, folder, environment and random numbers
are new. So can be what runs the tests of an exercise (`python`). `make portable` starts every kernel from nothing.
Linux only; elsewhere the plugin does nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PROGRAM = str(Path(__file__).with_name("fork_server.py"))
SERVER = pytest.StashKey[subprocess.Popen]()


def pytest_configure(config):
    """Start the process whose forks are the kernels of this run and its workers; make `python3` such a kernel."""
    if not getattr(config.option, "nbval", False) or hasattr(config, "workerinput") or sys.platform != "linux":
        return
    folder = tempfile.TemporaryDirectory(prefix="kernels-")
    config.stash[SERVER] = process = start(Path(folder.name))

    def end():
        process.stdin.close()
        assert process.wait() == 0
        folder.cleanup()

    config.add_cleanup(end)
    os.environ["JUPYTER_PATH"] = folder.name  # workers inherit it


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Kernels would time out if they waited for the imports: they are made while the tests are collected."""
    if process := session.config.stash.get(SERVER, None):
        wait(process)


def start(folder: Path) -> subprocess.Popen:
    """Start it; it ends when its standard input is closed. With JUPYTER_PATH=folder, Jupyter's python3 is a fork."""
    path = str(folder / "socket")
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-I", "-S", PROGRAM, "kernel", path, "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python"}))
    # matplotlib reads its backend when it is imported; a kernel would set it before
    environment = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    command = [sys.executable, PROGRAM, "serve", path]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def python() -> list[str]:
    """What runs a Python file: in a fork, if this run has the process for it."""
    server = Path(os.environ.get("JUPYTER_PATH", ""), "socket")
    return [sys.executable, "-I", "-S", PROGRAM, "script", str(server)] if server.exists() else [sys.executable]


def wait(process: subprocess.Popen) -> None:
    """Until it has imported the libraries."""
    if not process.stdout.readline():
        raise RuntimeError(f"{PROGRAM} ended before it was ready: what it printed says why")
