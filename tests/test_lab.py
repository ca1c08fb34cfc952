"""`make lab` opens JupyterLab: the server starts, its browser page is the first notebook, its kernel has `utils`."""

import json
import urllib.request
from pathlib import Path

from jupyter_client.manager import start_new_kernel
from lab_server import FIRST, lab

from utils.data import ROOT


def test_lab_opens_the_first_notebook(tmp_path):
    def get(address: str) -> str:
        return urllib.request.urlopen(address, timeout=30).read().decode()

    with lab(ROOT, tmp_path) as page:
        assert f"/lab/tree/{FIRST}?token=" in page
        assert "<title>JupyterLab</title>" in get(page)
        contents = json.loads(get(page.replace("/lab/tree/", "/api/contents/")))
        assert contents["type"] == "notebook" and "Start here" in contents["content"]["cells"][0]["source"]
        assert "python3" in json.loads(get(page.replace(f"/lab/tree/{FIRST}", "/api/kernelspecs")))["kernelspecs"]


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
