"""`make lab` opens JupyterLab: the server starts, its browser page is the first notebook, its kernel has `utils`."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from utils.data import ROOT

FIRST = "notebooks/00_start_here.ipynb"
LAB = re.search(r"\$\(BIN\)/(jupyter lab .*)", (ROOT / "Makefile").read_text())[1].split()


@pytest.fixture
def lab(tmp_path):
    """JupyterLab as `make lab` starts it, without a browser of its own; gives the page that it would open."""
    command = [sys.executable, "-m", *LAB, "--no-browser", "--ServerApp.port=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    environment = os.environ | {"JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    environment["JUPYTER_PATH"] = ""  # kernels as a student has them, no forks
    with open(tmp_path / "log", "w") as file:
        server = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file, env=environment)
    try:
        for _ in range(120):
            if pages := list(tmp_path.glob("jpserver-file-to-run-*-open.html")):
                break
            assert server.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.5)
        yield re.search(r'url=([^"]+)"', pages[0].read_text())[1]
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_lab_opens_the_first_notebook(lab):
    def get(address: str) -> str:
        return urllib.request.urlopen(address, timeout=30).read().decode()

    assert f"/lab/tree/{FIRST}?token=" in lab
    assert "<title>JupyterLab</title>" in get(lab)
    contents = json.loads(get(lab.replace("/lab/tree/", "/api/contents/")))
    assert contents["type"] == "notebook" and "Start here" in contents["content"]["cells"][0]["source"]
    assert "python3" in json.loads(get(lab.replace(f"/lab/tree/{FIRST}", "/api/kernelspecs")))["kernelspecs"]


def test_the_kernel_finds_the_package_from_any_folder(tmp_path):
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        printed = []
        client.execute_interactive(
            "import utils; print(utils.__file__)", timeout=60,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )  # fmt: skip
        assert Path("".join(printed).strip()) == ROOT / "utils" / "__init__.py"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_formgrader_opens_for_instructors(lab):
    page = (
        urllib.request.urlopen(lab.replace(f"/lab/tree/{FIRST}", "/formgrader/manage_assignments"), timeout=60)
        .read()
        .decode()
    )
    assert "Manage Assignments" in page
