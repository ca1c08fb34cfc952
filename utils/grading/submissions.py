"""What a class handed in, made ready for nbgrader: which notebook is which, what is missing, what cannot be read.

grading/submitted/<student>/<assignment>/   as it was handed in; never changed
grading/prepared/<student>/<assignment>/    what nbgrader grades, written here
"""

import hashlib
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.machinery import all_suffixes
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from utils.folders import contents
from utils.grading.reading import read_notebook
from utils.grading.rebuilding import named_again, rebuild, shared

NOTEBOOKS = (".ipynb", ".json", ".txt")  # browsers and mail programs add the last two to the first
FILES, BYTES = 200, 100_000_000  # that may lie beside the notebooks


@dataclass
class Notebook:
    """What became of one notebook of the assignment: `taken`, `renamed`, `unclear`, `unreadable` or `missing`."""

    status: str = "missing"
    notes: list[str] = field(default_factory=list)


def student_id(folder: str) -> str:
    """The name by which nbgrader knows a student's folder: for its patterns [ ] * ? mean something else."""
    return re.sub(r"[\[\]*?]", "_", folder)


def fingerprint(*folders: Path) -> str:
    """Another one if any file in these folders has other bytes or another name."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in _files(folder):
            try:
                data = b"" if path.is_symlink() or not path.is_file() else path.read_bytes()
            except OSError:  # it cannot be read, which `prepare` says
                data = b""
            digest.update(f"{path.relative_to(folder)}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
    return digest.hexdigest()


def prepare(submitted: Path, released: dict[str, NotebookNode], prepared: Path) -> dict[str, Notebook]:
    """Write what nbgrader can grade to `prepared`, anew, and say of each notebook of the assignment what it is.

    `released` has the student edition of each notebook by its name.
    """
    shutil.rmtree(prepared, ignore_errors=True)
    found, problems, others = _found(submitted)
    result = {name: Notebook() for name in released}
    named = {path: _named_again(book, released) for path, book in found.items()}
    found |= {path: book for path, book in named.items() if book}
    owners = {path: _belongs(path, book, released) for path, book in found.items()}
    strange = "has none of the exercise's cells, or has lost their names"
    problems |= {path: strange for path in found if not owners[path]}
    for name, edition in released.items():
        notes = result[name].notes
        mine = {path: book for path, book in found.items() if owners[path] == name}
        own = {path: problem for path, problem in problems.items() if _meant(path, released) in (name, None)}
        notes += [f"{path.relative_to(submitted)} {problem}" for path, problem in own.items()]
        if not mine:
            if own:
                result[name].status = "unreadable"
            elif others:
                notes.append(f"there is only {', '.join(str(path.relative_to(submitted)) for path in others)}")
            continue
        chosen = min(mine, key=lambda path: (path.name != f"{name}.ipynb", -path.stat().st_mtime))
        book, remarks = rebuild(edition, mine[chosen])
        result[name].status = "taken" if chosen.name == f"{name}.ipynb" else "renamed"
        if result[name].status == "renamed":
            notes.append(f"handed in as {chosen.relative_to(submitted)}")
        if rivals := [path for path in mine if _sources(mine[path]) != _sources(mine[chosen])]:
            names = ", ".join(str(path.relative_to(submitted)) for path in rivals)
            notes.append(f"graded is {chosen.relative_to(submitted)}, not {names}: delete what does not count")
        if rivals or any(problem != strange for problem in own.values()):  # is what counts among the others?
            result[name].status = "unclear"
        if named[chosen]:
            notes.append("its cells had lost their names, and were known by their texts")
        notes += remarks
        prepared.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, prepared / f"{name}.ipynb")
    if prepared.is_dir():
        notes = _copy(others, submitted, prepared)
        for notebook in result.values():
            notebook.notes += notes
    return result


def _files(folder: Path) -> list[Path]:
    """All files in a folder, without what systems leave there; links are named, not followed."""
    if folder.is_symlink():
        return [folder]
    files = []
    for path in contents(folder):
        files += _files(path) if path.is_dir() and not path.is_symlink() else [path]
    return files


def _found(folder: Path) -> tuple[dict[Path, NotebookNode], dict[Path, str], list[Path]]:
    """The notebooks in a folder, those that should be some and what is wrong with them, and the other files."""
    found, problems, others = {}, {}, []
    for path in _files(folder):
        if path.suffix.lower() not in NOTEBOOKS:
            others.append(path)
            continue
        try:
            found[path] = read_notebook(path)
        except ValueError as problem:
            if ".ipynb" in path.name.lower():
                problems[path] = str(problem)
            else:
                others.append(path)
    return found, problems, others


def _belongs(path: Path, book: NotebookNode, released: dict[str, NotebookNode]) -> str | None:
    """The notebook of the assignment whose cells these are; None if they are not even half of any."""
    name = max(released, key=lambda name: (shared(released[name], book), path.stem == name))
    return name if shared(released[name], book) >= 0.5 else None


def _meant(path: Path, names: Iterable[str]) -> str | None:
    """The notebook of the assignment with which this file's name begins; None if it may be any."""
    return max((name for name in names if path.name.startswith(name)), key=len, default=None)


def _named_again(book: NotebookNode, released: dict[str, NotebookNode]) -> NotebookNode | None:
    """The notebook with the names that all its cells lost; None if it has some, or they cannot be found."""
    if any(shared(edition, book) for edition in released.values()):
        return None
    return next(filter(None, (named_again(edition, book) for edition in released.values())), None)


def _sources(book: NotebookNode) -> list[str]:
    return [cell.source for cell in book.cells]


def _copy(files: list[Path], submitted: Path, prepared: Path) -> list[str]:
    """Copy what lies beside the notebooks, but no modules: they would stand in for the course's own."""
    notes, room = [], BYTES
    for number, path in enumerate(files):
        name = path.relative_to(submitted)
        room -= 0 if path.is_symlink() else path.stat().st_size
        if path.is_symlink() or not path.is_file():
            notes.append(f"{name} is a link or no file, and was left out")
        elif path.name.endswith(tuple(all_suffixes())):
            notes.append(f"{name} was left out: a module beside the notebook is not used")
        elif number >= FILES or room < 0:
            notes.append(f"{name} was left out: more than {FILES} files or {BYTES / 1e6:.0f} MB")
        else:
            (prepared / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, prepared / name)
    return notes
