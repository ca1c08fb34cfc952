"""What students hand in is read or named, brought into the exercise's shape, found under any name. No kernel runs."""

import json
import os
from copy import deepcopy

import nbformat
import pytest
from exercise_cells import changed, tiny_with_answer
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from utils.grading.reading import read_notebook
from utils.grading.rebuilding import rebuild
from utils.grading.submissions import fingerprint, prepare, student_id

EDITION = tiny_with_answer()  # stands for the student edition: with these functions it makes no difference
TEXT = nbformat.writes(EDITION)
ANSWERED = changed(EDITION, double="def double(x):\n    return x + x", why="As it is divisible by 2.")
ORDER = ["set-up", "double", "test", None, "why"]


def names(notebook) -> list:
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


# --- one file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"<!DOCTYPE html><html>Sign in</html>", "is a web page"),
        (TEXT[: len(TEXT) // 2].encode(), "ends in the middle"),
        (f"<<<<<<< mine\n{TEXT}\n=======\n>>>>>>> theirs\n".encode(), "web page|merge conflict"),
        (f"{{\n<<<<<<< mine\n{TEXT[1:]}\n>>>>>>> theirs\n".encode(), "merge conflict"),
        (b"def double(x): return 2 * x", "is not JSON"),
        (b"[" * 100_000, "is not JSON|ends in the middle"),
        (b"[1, 2]", "no notebook"),
        (b'{"cells": 3}', "is damaged"),
        (b'{"cells": [{"cell_type": "code"}], "nbformat": 4}', "is damaged"),
        (b"PK\x03\x04\xff\xfe\x9c", "is not a text"),
    ],
)
def test_what_is_no_notebook_is_named(tmp_path, content, said):
    (path := tmp_path / "tiny.ipynb").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        read_notebook(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_does_no_harm(tmp_path, encoding):
    (path := tmp_path / "tiny.ipynb").write_text(TEXT, encoding=encoding)
    assert names(read_notebook(path)) == ORDER


def test_damaged_outputs_and_foreign_metadata_do_no_harm(tmp_path):
    content = json.loads(TEXT)
    for cell in content["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [{"output_type": "nonsense"}], "three"
    (path := tmp_path / "tiny.ipynb").write_text(json.dumps(content))
    notebook = read_notebook(path)
    assert names(notebook) == ORDER and "skip-execution" not in nbformat.writes(notebook)
    nbformat.validate(notebook)


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "other.ipynb").write_text(TEXT)
    (link := tmp_path / "tiny.ipynb").symlink_to(tmp_path / "other.ipynb")
    with pytest.raises(ValueError, match="link"):
        read_notebook(link)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "tiny.ipynb")
    with pytest.raises(ValueError, match="no file"):
        read_notebook(tmp_path / "tiny.ipynb")
    assert fingerprint(tmp_path)


# --- its cells


def without_names(notebook, *lost):
    notebook = deepcopy(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in lost:
            cell.metadata = {}
    return notebook


def test_what_is_locked_comes_back_and_what_is_written_stays():
    sent = changed(ANSWERED, set_up="1 / 0", test="pass")
    sent.cells[2].metadata.nbgrader.points = 100
    book, notes = rebuild(EDITION, sent)
    assert [cell.source for cell in book.cells] == [cell.source for cell in ANSWERED.cells] and notes == []
    assert book.cells[2].metadata == EDITION.cells[2].metadata


def test_a_pasted_cell_is_there_once():
    for place in (1, 2):  # the solution, the test
        sent = deepcopy(ANSWERED)
        cell = sent.cells[place]
        sent.cells.insert(place, new_code_cell(cell.source, metadata=deepcopy(cell.metadata)))
        book, notes = rebuild(EDITION, sent)
        assert [name for name in names(book) if name] == ["set-up", "double", "test", "why"]
        assert notes == [f"cell {ORDER[place]} is there more than once: the last one counts"]


def test_a_missing_test_comes_back_after_the_code_that_lost_its_name():
    sent = changed(without_names(ANSWERED, "double"), test=None)
    book, notes = rebuild(EDITION, sent)
    sources = [cell.source for cell in book.cells]
    assert sources.index(ANSWERED.cells[1].source) < names(book).index("test") < names(book).index("why")
    assert notes == ["cell double is missing: what stands in its place ran", "cell test was missing and is put back"]


def test_a_missing_set_up_comes_back_before_the_rest():
    book, _ = rebuild(EDITION, changed(ANSWERED, set_up=None))
    assert names(book) == ORDER


@pytest.mark.parametrize("below", [True, False])
def test_an_answer_beside_its_cell_is_left_to_a_person(below):
    sent = deepcopy(EDITION)
    sent.cells.insert(5 if below else 4, new_markdown_cell("As it is divisible by 2."))
    book, notes = rebuild(EDITION, sent)
    answer = book.cells[names(book).index("why")]
    assert "beside it" in answer.metadata.look and notes == [answer.metadata.look]


def test_no_answer_is_no_answer():
    book, notes = rebuild(EDITION, EDITION)
    assert all("look" not in cell.metadata for cell in book.cells) and notes == []
    sent = changed(ANSWERED, why=None)
    assert names(rebuild(EDITION, sent)[0]) == ORDER


# --- a folder


def handed_in(folder, **files):
    """Write files; double underscores stand for dots."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(content if isinstance(content, str) else nbformat.writes(content))
    return folder


def prepared(tmp_path, folder):
    return prepare(folder, {"tiny": EDITION}, tmp_path / "prepared")["tiny"]


@pytest.mark.parametrize(
    "name", ["tiny (1)__ipynb", "Tiny__ipynb", "Müller tiny__ipynb", "tiny__ipynb__txt", "tiny__json"]
)
def test_a_renamed_notebook_is_taken_and_noted(tmp_path, name):
    result = prepared(tmp_path, handed_in(tmp_path / "in", **{name: ANSWERED}))
    assert result.status == "renamed" and result.notes == [f"handed in as {name.replace('__', '.')}"]
    assert "return x + x" in (tmp_path / "prepared" / "tiny.ipynb").read_text()


def test_two_different_notebooks_need_a_person_and_two_equal_ones_do_not(tmp_path):
    folder = handed_in(tmp_path / "in", tiny__ipynb=EDITION, **{"tiny (1)__ipynb": ANSWERED})
    result = prepared(tmp_path, folder)
    assert result.status == "unclear" and "graded is tiny.ipynb, not tiny (1).ipynb" in result.notes[0]
    handed_in(folder, tiny__ipynb=ANSWERED)
    assert prepared(tmp_path, folder).status == "taken"


def test_a_damaged_notebook_beside_a_good_one_needs_a_person_and_a_foreign_one_is_noted(tmp_path):
    folder = handed_in(tmp_path / "in", tiny__ipynb=ANSWERED, notes__ipynb=new_notebook(cells=[new_code_cell("1")]))
    result = prepared(tmp_path, folder)
    assert result.status == "taken" and result.notes[0].startswith("notes.ipynb has none of the exercise's cells")
    result = prepared(tmp_path, handed_in(folder, **{"tiny (1)__ipynb": TEXT[:500]}))
    assert result.status == "unclear" and "tiny (1).ipynb ends in the middle" in result.notes


def test_a_damaged_notebook_of_another_name_may_be_any_that_is_missing(tmp_path):
    folder = handed_in(tmp_path / "in", download__ipynb="", tiny__ipynb=ANSWERED, tiny_second__ipynb="<html>")
    result = prepare(folder, {"tiny": EDITION, "tiny_second": EDITION, "third": EDITION}, tmp_path / "prepared")
    assert [notebook.status for notebook in result.values()] == ["unclear", "unreadable", "unreadable"]
    assert result["tiny_second"].notes == ["download.ipynb is empty", "tiny_second.ipynb is a web page, not a notebook"]
    assert result["third"].notes == ["download.ipynb is empty"]


def test_what_cannot_be_graded_is_named(tmp_path):
    folder = handed_in(tmp_path / "in", essay__pdf="x")
    assert vars(prepared(tmp_path, folder)) == {"status": "missing", "notes": ["there is only essay.pdf"]}
    handed_in(folder, tiny__ipynb="")
    assert vars(prepared(tmp_path, folder)) == {"status": "unreadable", "notes": ["tiny.ipynb is empty"]}
    handed_in(folder, tiny__ipynb=new_notebook(cells=[new_code_cell("1 + 1")]))
    assert "has none of the exercise's cells" in prepared(tmp_path, folder).notes[0]
    sent = without_names(ANSWERED, *ORDER)
    sent.cells.insert(1, new_code_cell("def double(x): return 2"))  # which of the two is the solution?
    handed_in(folder, tiny__ipynb=sent)
    result = prepared(tmp_path, folder)
    assert result.status == "unreadable" and "has lost their names" in result.notes[0]
    assert not (tmp_path / "prepared").exists()


def test_names_that_all_cells_lost_are_found_again(tmp_path):
    sent = without_names(ANSWERED, *ORDER)
    sent.cells.insert(0, new_markdown_cell("By Anna"))
    result = prepared(tmp_path, handed_in(tmp_path / "in", tiny__ipynb=sent))
    assert result.status == "taken" and result.notes == [
        "its cells had lost their names, and were known by their texts"
    ]
    book = nbformat.read(tmp_path / "prepared" / "tiny.ipynb", as_version=4)
    assert names(book) == [None, *ORDER] and book.cells[2].source == ANSWERED.cells[1].source
    sent.cells[3].source = "pass"  # with an edited test it is not sure which cell is which
    assert prepared(tmp_path, handed_in(tmp_path / "in", tiny__ipynb=sent)).status == "unreadable"


def test_each_notebook_of_an_assignment_is_found_by_its_cells(tmp_path):
    second = new_notebook(cells=deepcopy(EDITION.cells))
    for cell in second.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id += "-2"
    folder = handed_in(tmp_path / "in", tiny__ipynb=second, **{"a copy__ipynb": EDITION})
    result = prepare(folder, {"tiny": EDITION, "second": second, "third": tiny_with_answer()}, tmp_path / "prepared")
    assert [notebook.status for notebook in result.values()] == ["renamed", "renamed", "missing"]


def test_only_plain_files_lie_beside_the_notebook(tmp_path):
    folder = handed_in(tmp_path / "in", tiny__ipynb=ANSWERED, lines__txt="mine", utils__py="x", conftest__py="x")
    handed_in(folder / ".ipython" / "profile_default" / "startup", a__py="x")
    (folder / "gradebook").symlink_to(tmp_path)
    result = prepared(tmp_path, folder)
    files = {str(path.relative_to(tmp_path / "prepared")) for path in (tmp_path / "prepared").rglob("*")}
    assert result.status == "taken" and files == {"tiny.ipynb", "lines.txt"}
    startup = ".ipython/profile_default/startup/a.py"
    assert [note.split()[0] for note in result.notes] == [startup, "conftest.py", "gradebook", "utils.py"]


def test_what_is_handed_in_again_is_noticed(tmp_path):
    folder = handed_in(tmp_path / "in", tiny__ipynb=EDITION)
    before = fingerprint(folder)
    assert fingerprint(folder) == before
    handed_in(folder, tiny__ipynb=ANSWERED)
    assert fingerprint(folder) != before


def test_names_that_are_patterns_to_nbgrader_are_changed():
    assert student_id("anna [2]*?") == "anna _2___" and student_id("Müller-Lüdenscheidt") == "Müller-Lüdenscheidt"
