"""`make lab` opens JupyterLab: in a real browser the first lessons run, pictures appear, explorer and quiz answer."""

import json
import re
import shutil
import urllib.request
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from lab_server import FIRST, lab
from playwright.sync_api import expect

from utils.data import ROOT

LESSONS = ["00_start_here", "01_pipelines", "02_tokenizers", "03_attention"]
NOTEBOOKS = {name: nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4) for name in LESSONS}
OPEN = ".jp-NotebookPanel:not(.lm-mod-hidden)"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with some lessons as they are after *Clear Outputs of All Cells*: JupyterLab saves what it shows."""
    course = tmp_path_factory.mktemp("course")
    (course / "notebooks").mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course)
    for name in LESSONS:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, course / "notebooks" / f"{name}.ipynb")
    return course


@pytest.fixture(scope="module")
def page(course, tmp_path_factory):
    """The page that `make lab` would open."""
    with lab(course, tmp_path_factory.mktemp("jupyter")) as page:
        yield page


@pytest.fixture(scope="module")
def tab(page, chromium):
    """JupyterLab in a browser, its lessons opened one from the other, then set running side by side.

    No request goes to another host, and no script breaks.
    """
    tab, broken, hosts = chromium.new_page(viewport={"width": 1200, "height": 1000}), [], set()
    tab.set_default_timeout(120_000)
    tab.on("pageerror", lambda error: broken.append(error))
    tab.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    tab.goto(page.replace("localhost", "127.0.0.1"))
    for name, following in pairwise(LESSONS):
        show(tab, name).locator(f"a[href*='{following}']").last.click()
    for name in LESSONS:
        ready = show(tab, name).locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        expect(ready).to_be_visible(timeout=120_000)
        tab.get_by_role("menuitem", name="Run", exact=True).click()
        tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    yield tab
    tab.close()
    assert hosts <= {"127.0.0.1", "localhost", None} and broken == []


def show(tab, name: str):
    """Bring a lesson to the front; its notebook."""
    tab.get_by_role("tab", name=f"{name}.ipynb").click()
    return tab.locator(OPEN)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_and_its_pictures_appear(tab, name):
    notebook = show(tab, name)
    codes = [cell for cell in NOTEBOOKS[name].cells if cell.cell_type == "code"]
    numbers = [f"[{number}]:" for number in range(1, len(codes) + 1)]
    expect(notebook.locator(".jp-CodeCell .jp-InputPrompt")).to_have_text(numbers, timeout=300_000)
    assert not notebook.locator("[data-mime-type*='.error'], [data-mime-type*='.stderr']").count()
    stored = [output for cell in codes for output in cell.outputs]
    pictures = notebook.locator(".jp-OutputArea img")
    expect(pictures).to_have_count(sum("image/png" in output.get("data", {}) for output in stored), timeout=60_000)
    assert all(pictures.evaluate_all("images => images.map(image => image.naturalWidth)"))


def test_the_quiz_answers(tab):
    quiz = show(tab, LESSONS[0]).locator(".jp-RenderedMarkdown")
    answer = quiz.get_by_text("They use different checkpoints.")
    expect(answer).to_be_hidden()
    quiz.get_by_text("Answer", exact=True).first.click()
    expect(answer).to_be_visible(timeout=60_000)


def test_the_explorer_answers(tab):
    notebook = show(tab, "01_pipelines")
    run, result = notebook.locator(".jp-OutputArea").get_by_role("button", name="Run"), notebook.locator(".explorer")
    task, text = notebook.get_by_label("Task", exact=True), notebook.get_by_label("Text", exact=True)
    task.select_option("ner")
    expect(text).to_have_value(re.compile("Sylvain"), timeout=60_000)
    text.fill("Angela Merkel & <b>Tom</b> live in Rome.")
    run.click()
    expect(result.locator("mark")).to_have_text(["Angela Merkel person", "Tom person", "Rome place"], timeout=60_000)
    assert result.locator(".text").inner_text() == "Angela Merkel person & <b>Tom person</b> live in Rome place."
    assert result.locator(".token").first.inner_text() == "[CLS]"
    task.select_option("fill-mask")
    run.click()
    expect(result.locator(".sentence")).to_contain_text("No word is masked: write [MASK]", timeout=60_000)


def test_lab_opens_the_first_notebook(page):
    def get(address: str) -> str:
        return urllib.request.urlopen(address, timeout=30).read().decode()

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
