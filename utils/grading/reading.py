"""A file that was handed in, read as a notebook; or a sentence that says what it is instead."""

import json
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

LARGEST = 50_000_000  # bytes of a notebook, its outputs included


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in this file, in today's format and without outputs. ValueError says what else the file is."""
    if path.is_symlink() or not path.is_file():
        raise ValueError("is a link or no file, and was not followed")
    if (size := path.stat().st_size) > LARGEST:
        raise ValueError(f"has {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f}")
    try:
        text = _text(path.read_bytes())
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from None
    if not text.strip():
        raise ValueError("is empty")
    if text.lstrip().startswith("<"):
        raise ValueError("is a web page, not a notebook")
    if re.search(r"^(<{7}|>{7}) ", text, re.M):
        raise ValueError("has the marks of a merge conflict (<<<<<<<)")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        cut = isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip()) - 1
        raise ValueError("ends in the middle" if cut or "Unterminated" in str(error) else "is not JSON") from None
    return _notebook(content)


def _text(data: bytes) -> str:
    """Editors of some systems put a byte order mark before a text, or write it as UTF-16."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError(f"is not a text in {encoding.removesuffix('-sig').upper()}") from None


def _notebook(content: object) -> NotebookNode:
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        raise ValueError("is JSON, but no notebook: it has no cells")
    try:
        for cell in content.get("cells", []):
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None  # made anew, damaged ones do no harm
        return new_notebook(cells=[_cell(cell) for cell in nbformat.reads(json.dumps(content), as_version=4).cells])
    except Exception:  # whatever a stranger's JSON makes nbformat raise
        raise ValueError("is damaged: its cells are not a notebook's") from None


def _cell(cell: NotebookNode) -> NotebookNode:
    """Its kind, text and name in nbgrader; what else a cell may carry has no place in grading."""
    make = {"code": new_code_cell, "markdown": new_markdown_cell}.get(cell.cell_type, new_raw_cell)
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    new = make("".join(cell.source), metadata={"nbgrader": {"grade_id": name}} if isinstance(name, str) else {})
    if cell.get("attachments"):
        new.attachments = cell.attachments
    return new
