"""`make book`: a small course becomes a site that a browser without a network reads from the disk; dead links fail."""

import io
import shutil
from base64 import b64encode

import nbformat
import pytest
from exercise_cells import tiny
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from playwright.sync_api import expect

from book.build import book, faults
from utils.data import ROOT

ALT = "A blue square, as large as a stamp."
README = """# A small course

[Start](notebooks/00_start.ipynb), [more](notebooks/01_more.ipynb), [the terms](docs/glossary.md),
[the exercise](exercises/01_tiny/tiny.ipynb), [what one may do with it](LICENSE).

![A dot](docs/dot.png)
"""
START = ["# 00 · Start\n\nThe root of $d$ is $\\sqrt{d}$.", "## Recap\n\n$$\\frac{a}{b}$$\n\nNext: [01](01_more.ipynb)"]
MORE = [
    "# 01 · More\n\nAll about wombats. [Still more](further/01_still_more.ipynb), [terms](../docs/glossary.md#terms)",
    "<details><summary>Answer</summary>\n\nA *marsupial*.\n\n</details>",
]
PYTHON = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
STILL_MORE = ["# 01 · Still more\n\n[Back](../01_more.ipynb)"]


def picture() -> bytes:
    png = io.BytesIO()
    Image.new("RGB", (40, 40), "blue").save(png, "png")
    return png.getvalue()


def notebook(texts: list[str], *outputs) -> nbformat.NotebookNode:
    code = new_code_cell("show()", execution_count=1, outputs=list(outputs))
    return new_notebook(cells=[new_markdown_cell(texts[0]), code, *map(new_markdown_cell, texts[1:])], metadata=PYTHON)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with two lessons, a further notebook, an exercise with its solution, a page and a front page."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("notebooks/further", "notebooks/exercises/01_tiny", "docs"):
        (root / folder).mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "README.md").write_text(README)
    (root / "LICENSE").write_text("Anything.")
    (root / "docs" / "glossary.md").write_text("# Glossary\n\n## Terms\n\nNone.")
    (root / "docs" / "dot.png").write_bytes(picture())
    shown = new_output("display_data", {"image/png": b64encode(picture()).decode(), "text/plain": ALT})
    pages = {"00_start": notebook(START), "01_more": notebook(MORE, shown)}
    pages["further/01_still_more"] = notebook(STILL_MORE)
    exercise = tiny()
    exercise.metadata |= PYTHON
    exercise.cells.insert(0, new_markdown_cell("# Exercise 01 · Double\n\nAs in [lesson 01](../../01_more.ipynb)."))
    for name, page in (pages | {"exercises/01_tiny/tiny": exercise}).items():
        nbformat.write(page, root / "notebooks" / f"{name}.ipynb")
    return root


@pytest.fixture(scope="module")
def site(course):
    assert book(course, course / "built") == []
    return course / "built" / "site"


@pytest.fixture
def tab(site, chromium):
    """The book's front page, opened from the disk without a network. Nothing else is asked for, no script breaks."""
    context, broken, asked = chromium.new_context(offline=True), [], []
    tab = context.new_page()
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: broken.append(error))
    tab.goto((site / "index.html").as_uri())
    yield tab
    context.close()
    assert {url.partition(":")[0] for url in asked} <= {"file", "data", "blob"} and broken == []


def test_the_pages_follow_each_other(tab):
    titles = []
    while True:
        titles.append(tab.locator("h1").inner_text().strip("#¶ \n"))
        if not (following := tab.locator("a.next-page")).count():
            break
        following.click()
    assert titles == [
        "A small course", "00 · Start", "01 · More", "01 · Still more", "Exercise 01 · Double", "Glossary",
    ]  # fmt: skip
    tab.locator("a.prev-page").click()
    assert tab.locator("h1").inner_text().startswith("Exercise 01 · Double")


def test_links_formulas_pictures_and_answers(tab):
    tab.get_by_role("link", name="Start", exact=True).click()
    expect(tab.locator("mjx-container svg")).to_have_count(3)
    tab.get_by_role("link", name="01", exact=True).click()
    shown = tab.get_by_alt_text(ALT)
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 40
    answer = tab.get_by_text("marsupial")
    expect(answer).to_be_hidden()
    tab.get_by_text("Answer").click()
    expect(answer).to_be_visible()
    tab.get_by_role("link", name="terms", exact=True).click()
    assert tab.url.endswith("docs/glossary.html#terms")


def test_the_search_finds_a_word(tab):
    tab.get_by_placeholder("Search").first.fill("wombat")
    tab.keyboard.press("Enter")
    found = tab.locator("#search-results li a")
    expect(found).to_have_text(["01 · More"])
    found.click()
    assert tab.locator("h1").inner_text().startswith("01 · More")


def test_the_book_holds_no_solution(site):
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*") if path.suffix in (".html", ".js")}
    exercise = pages[site / "exercises" / "01_tiny" / "tiny.html"]
    assert "double" in exercise and "NotImplementedError" in exercise
    assert not [path for path, text in pages.items() if "2 * x" in text or "double(4)" in text]
    assert not list(site.rglob("*.ipynb"))


def test_a_dead_link_fails_the_build_and_is_named(course, tmp_path):
    shutil.copytree(course, tmp_path / "course", ignore=shutil.ignore_patterns("built", "exercises", "grading"))
    page = notebook(["# 02 · Dead\n\n[away](nowhere.ipynb) and [below](../docs/glossary.md#none) and [here](#none)"])
    nbformat.write(page, tmp_path / "course" / "notebooks" / "02_dead.ipynb")
    (tmp_path / "course" / "README.md").write_text("# A small course\n\n![gone](docs/gone.png)")
    said = "\n".join(book(tmp_path / "course", tmp_path / "built"))
    for page, link in [("02_dead", "nowhere.ipynb"), ("02_dead", "none"), ("index", "docs/gone.png")]:
        assert [line for line in said.splitlines() if page in line and link in line], said
    assert str(tmp_path) not in said


def test_faults_of_a_site_are_named(tmp_path):
    (tmp_path / "index.html").write_text(
        '<a href="other.html">1</a><a href="other.html#b">2</a><a href="gone.html">3</a><a href="#top">4</a>'
        '<a href="https://example.org">5</a><script src="https://example.org/a.js"></script><img src="data:,">'
    )
    (tmp_path / "other.html").write_text('<p id="a"></p><a href="#a">6</a><a href="index.html?q=1">7</a>')
    assert list(faults(tmp_path)) == [
        "index.html links to other.html#b, whose heading is not there",
        "index.html links to gone.html, which is not there",
        "index.html loads https://example.org/a.js, from elsewhere",
    ]
