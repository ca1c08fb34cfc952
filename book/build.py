"""The book of the course: its pages are laid out for Sphinx, built, and every link in the result is followed.

Pages have the places that their sources have in the course, so that links hold as they are written. Notebooks come in
by their number: further ones and exercises, in the student edition, stand below their lesson.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from nbformat.v4 import new_markdown_cell

from utils.data import ROOT
from utils.grading.course import Course

HERE = Path(__file__).parent
BUILD = HERE / "_build"
SITE = BUILD / "site"
FOR_STUDENTS = ("glossary", "your_own_data")  # of docs/; the other pages are for instructors and authors
LINK = re.compile(r"\]\(([^)\s#]+)")
SCREENSHOT = re.compile(r"!\[([^\]]*)\]\(([^)\s]*grading/screenshots/[^)\s]+)\)")
HEADING = re.compile(r"\]\(#[^)\s]+\)")  # a link to a heading of the same page


def book(root: Path = ROOT, build: Path = BUILD) -> list[str]:
    """Build the book of the course at `root` into `build`/site. Gives what is wrong with it: page, link, reason."""
    shutil.rmtree(build, ignore_errors=True)
    source, site = build / "source", build / "site"
    lay_out(root, source)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto", "-c", HERE]
    sphinx = subprocess.run([*command, "-d", build / "doctrees", source, site], capture_output=True, encoding="utf-8")
    if sphinx.returncode:
        return sphinx.stderr.replace(f"{source}{os.sep}", "").strip().split("\n")
    return list(faults(site))


def lay_out(root: Path, source: Path) -> None:
    """Copy what the book is made of from the course at `root` to `source`."""
    for path in [*root.glob("docs/*.md"), *root.glob("data/README.md"), *root.glob("notebooks/further/*.ipynb")]:
        copy(path, root, source)
    if (root / "notebooks" / "exercises").is_dir():
        Course(root).editions(source / "exercises")
    lessons = sorted(root.glob("notebooks/*.ipynb"))
    for path in lessons:
        number = path.name.partition("_")[0]
        below = [
            os.path.relpath(page.with_suffix(""), source / "notebooks")
            for pattern in (f"notebooks/further/{number}_*", f"exercises/{number}_*/*")
            for page in sorted(source.glob(pattern))
        ]
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":  # JupyterLab's names of headings keep capitals, Sphinx's don't
                cell.source = HEADING.sub(lambda link: link[0].lower(), cell.source)
        if below:
            notebook.cells.append(new_markdown_cell(contents("", below)))
        nbformat.write(notebook, source / "notebooks" / path.name)
    docs = sorted(path.stem for path in root.glob("docs/*.md"))
    lists = {
        "Lessons": [f"notebooks/{path.stem}" for path in lessons],
        "To look up": [f"docs/{name}" for name in FOR_STUDENTS if name in docs],
        "For instructors and authors": [f"docs/{name}" for name in docs if name not in FOR_STUDENTS]
        + ["data/README"] * (root / "data" / "README.md").exists(),
    }
    front = (root / "README.md").read_text(encoding="utf-8")
    (source / "index.md").write_text(
        "\n\n".join([front, *(contents(title, pages) for title, pages in lists.items() if pages)]), encoding="utf-8"
    )
    for page in source.glob("docs/*.md"):  # pictures that `make screenshots` has not taken yet are told in words
        text = page.read_text(encoding="utf-8")
        for link in SCREENSHOT.finditer(text):
            if not (root / page.parent.relative_to(source) / link[2]).is_file():
                text = text.replace(link[0], f"*{link[1]}*")
        page.write_text(text, encoding="utf-8")
    for page in [*source.rglob("*.md"), *source.rglob("*.ipynb")]:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            place = root / page.parent.relative_to(source) / target
            if place.is_file() and place.suffix not in (".md", ".ipynb"):  # a picture, or a file to download
                copy(place, root, source)


def copy(path: Path, root: Path, source: Path) -> None:
    place = source / path.resolve().relative_to(root.resolve())
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, place)


def contents(title: str, pages: list[str]) -> str:
    """A list of pages for Sphinx, which shows it beside the text and goes through it by previous and next."""
    options = [":hidden:", *([f":caption: {title}"] if title else [])]
    return "\n".join(["```{toctree}", *options, "", *(page.replace(os.sep, "/") for page in pages), "```"])


class Page(HTMLParser):
    """What a page has: the names of its places, what it links to, and what it loads."""

    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.loads = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self.ids.add(values.get("id"))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif target := values.get("src") or values.get("href"):
            self.loads.append(target)


def faults(site: Path) -> Iterator[str]:
    """Links of the site that lead nowhere, and what its pages would load from elsewhere."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        for target in page.links + page.loads:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.loads and parts.scheme != "data":
                    yield f"{name} loads {target}, from elsewhere"
                continue
            place = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            if not place.is_file():
                yield f"{name} links to {target}, which is not there"
            elif parts.fragment and unquote(parts.fragment) not in pages[place].ids | {"top"}:
                yield f"{name} links to {target}, whose heading is not there"
