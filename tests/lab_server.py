"""JupyterLab as `make lab` starts it, for tests that look at its pages."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from utils.data import ROOT

FIRST = "notebooks/00_start_here.ipynb"
LAB = re.search(r"\$\(BIN\)/(jupyter lab .*)", (ROOT / "Makefile").read_text())[1].split()


@contextmanager
def lab(root: Path, folder: Path) -> Iterator[str]:
    """Start it in `root`, without a browser of its own; gives the page that it would open. `folder` takes the rest."""
    command = [sys.executable, "-m", *LAB, "--no-browser", "--ServerApp.port=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    environment = os.environ | {"JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_CONFIG_DIR": str(folder)}
    settings = folder / "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"fetchNews": "false"}))  # it would ask
    with open(folder / "log", "w") as file:
        server = subprocess.Popen(command, cwd=root, stdout=file, stderr=file, env=environment)
    try:
        for _ in range(240):
            if pages := list(folder.glob("jpserver-file-to-run-*-open.html")):
                break
            assert server.poll() is None, (folder / "log").read_text()
            time.sleep(0.5)
        yield re.search(r'url=([^"]+)"', pages[0].read_text())[1]
    finally:
        server.terminate()
        server.wait(timeout=30)
