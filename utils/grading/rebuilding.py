"""A submission in the shape that was released, with what the student wrote in it.

nbgrader finds its cells by their metadata, and stops with an error or loses cells where a student copied, pasted,
deleted or moved them. Here each cell of the exercise gets the metadata that was released, its copies lose theirs, and
what is locked comes back.
"""

from copy import deepcopy
from difflib import SequenceMatcher

from nbformat import NotebookNode
from nbformat.v4 import new_notebook


def name(cell: NotebookNode) -> str | None:
    """The cell's name in nbgrader."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def shared(released: NotebookNode, submitted: NotebookNode) -> float:
    """The share of the exercise's named cells that are in a submission, 0 to 1."""
    wanted = set(filter(None, map(name, released.cells)))
    return len(wanted & set(map(name, submitted.cells))) / len(wanted)


def named_again(released: NotebookNode, submitted: NotebookNode) -> NotebookNode | None:
    """A submission whose cells lost their names (some programs drop them), with names found by texts and places.

    None unless each of the exercise's cells has exactly one counterpart, and its tests are as they were.
    """
    ours, theirs = ([(cell.cell_type, cell.source.rstrip()) for cell in book.cells] for book in (released, submitted))
    book, found = deepcopy(submitted), set()
    for kind, i, i_end, j, j_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind != "equal" and i_end - i != j_end - j:
            continue
        for original, cell in zip(released.cells[i:i_end], book.cells[j:j_end], strict=True):
            may_differ = original.metadata.get("nbgrader", {}).get("solution")
            if name(original) and original.cell_type == cell.cell_type and (kind == "equal" or may_differ):
                cell.metadata = NotebookNode(nbgrader=NotebookNode(grade_id=name(original)))
                found.add(name(original))
    return book if found == set(filter(None, map(name, released.cells))) else None


def rebuild(released: NotebookNode, submitted: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The submission with each of the exercise's cells at most once, and what is to be said about it.

    A text that the student added beside an unanswered free-text task marks that task `look`: a person must see it.
    """
    originals = {name(cell): cell for cell in released.cells if name(cell)}
    last = {name(cell): i for i, cell in enumerate(submitted.cells)}
    notes, cells = [], []
    for i, cell in enumerate(deepcopy(submitted.cells)):
        own = name(cell)
        if own in originals and last[own] == i:
            cells.append(_named(originals[own], cell.source))
        else:
            if own in originals:
                notes.append(f"cell {own} is there more than once: the last one counts")
            cell.metadata = NotebookNode()
            cells.append(cell)
    for own, original in originals.items():
        data = original.metadata.nbgrader
        if own in last:
            continue
        if data.get("solution") and not data.get("grade"):  # a stub would undo what may stand in its place
            notes.append(f"cell {own} is missing: what stands in its place ran")
        else:
            notes.append(f"cell {own} was missing and is put back")
            cells.insert(_place(own, list(originals), cells, late=data.get("grade")), deepcopy(original))
    _mark_added_texts(released, cells, notes)
    return new_notebook(metadata=deepcopy(released.metadata), cells=cells), list(dict.fromkeys(notes))


def _named(original: NotebookNode, source: str) -> NotebookNode:
    cell = deepcopy(original)
    data = cell.metadata.nbgrader
    if data.get("solution"):
        cell.source = source
    return cell


def _place(missing: str, order: list[str], cells: list[NotebookNode], late: bool) -> int:
    """Where a missing cell belongs: after the one before it; if late, after what the student put there, too."""
    places = {name(cell): i for i, cell in enumerate(cells) if name(cell)}
    earlier = [places[own] for own in order[: order.index(missing)] if own in places]
    first = max(earlier, default=-1) + 1
    later = [place for place in places.values() if place >= first]
    return min(later, default=len(cells)) if late else first


def _mark_added_texts(released: NotebookNode, cells: list[NotebookNode], notes: list[str]) -> None:
    known = {cell.source for cell in released.cells}
    stubs = {name(cell): cell.source for cell in released.cells if name(cell)}
    for i, cell in enumerate(cells):
        data = cell.metadata.get("nbgrader", {})
        answer = data.get("grade") and data.get("solution")
        if answer and cell.source == stubs[name(cell)] and _has_text(cells[:i][::-1], cells[i + 1 :], known):
            cell.metadata.look = f"{name(cell)}: the answer may be in a cell beside it"
            notes.append(cell.metadata.look)


def _has_text(before: list[NotebookNode], after: list[NotebookNode], known: set[str]) -> bool:
    """True if a text that was not released stands between the exercise's cells around this place."""
    for cells in (before, after):
        for cell in cells:
            if name(cell):
                break
            if cell.source.strip() and cell.source not in known:
                return True
    return False
