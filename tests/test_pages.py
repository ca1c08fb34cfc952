"""Every notebook as a student sees it, laid out by a real browser: no broken picture, nothing cut at the right edge."""

import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from utils.data import ROOT

PAGES = sorted((ROOT / "notebooks").glob("*.ipynb")) + sorted((ROOT / "notebooks" / "further").glob("*.ipynb"))

MEASURE = """() => {
  const cut = [...document.querySelectorAll(".jp-OutputArea-output, .jp-RenderedMarkdown, .jp-Editor pre")]
    .filter(e => e.scrollWidth > e.clientWidth + 2).map(e => e.innerText.slice(0, 60));
  const images = [...document.images];
  const broken = images.filter(i => !(i.complete && i.naturalWidth)).map(i => i.src.slice(0, 60));
  return {cut, broken, images: images.length};
}"""


def measure(notebook: nbformat.NotebookNode, chromium, folder: Path) -> dict:
    """Lay the notebook out, 1,100 pixels wide: what is cut, which pictures are broken, how many there are."""
    html, _ = HTMLExporter(template_name="lab").from_notebook_node(notebook)
    html = re.sub(r"<script[^>]*src=\"https?:[^>]*></script>", "", html)  # offline: no MathJax from elsewhere
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    tab = chromium.new_page(viewport={"width": 1100, "height": 2000})
    tab.goto(page.as_uri())  # returns when all pictures are loaded
    found = tab.evaluate(MEASURE)
    tab.close()
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path, chromium, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    outputs = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    found = measure(notebook, chromium, tmp_path)
    assert found["images"] >= sum("image/png" in data for data in outputs)
    assert found["broken"] == []
    assert found["cut"] == []


def test_a_cut_table_and_a_broken_picture_are_found(chromium, tmp_path):
    broken = new_output("display_data", data={"image/png": "bm8gcGljdHVyZQ=="})
    table = new_output("display_data", data={"text/html": f"<table><td>{'a' * 400}</td></table>"})
    notebook = new_notebook(cells=[new_code_cell("x", outputs=[table, broken])])
    found = measure(notebook, chromium, tmp_path)
    assert len(found["cut"]) == 1 and len(found["broken"]) == 1
