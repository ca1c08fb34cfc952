"""A class is graded to its end, whatever single students hand in, and grades.csv says what each zero means."""

import csv
import re
import shutil
from copy import deepcopy
from dataclasses import asdict
from html import unescape
from types import SimpleNamespace

import nbformat
import pytest
from exercise_cells import changed, filled_in, tiny_with_answer
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell

from utils.data import ROOT
from utils.grading import sandbox, status
from utils.grading.__main__ import export, main, write_report
from utils.grading.course import Course
from utils.grading.feedback import UNMARKED
from utils.grading.grades import _harmless
from utils.grading.submissions import Notebook

SOLVED = "def double(x):\n    return x + x"
LINES = {  # student: status, score, points, a part of the note
    "anna [2]": ("graded", "3", "3", ""),
    "bea": ("graded", "0", "0", ""),  # the untouched edition: this zero is one
    "cem": ("renamed", "3", "3", "handed in as tiny (1).ipynb"),
    "dana": ("graded", "3", "3", "cell double is there more than once"),
    "eva": ("needs a person", "", "3", "why: the answer may be in a cell beside it"),
    "finn": ("stopped", "", "0", "stopped at cell 2: the kernel ended"),
    "gül": ("unreadable", "", "", "tiny.ipynb ends in the middle"),
    "hans": ("graded", "3", "3", "its cells had lost their names, and were known by their texts"),
    "ida": ("missing", "", "", "there is only essay.pdf"),
    "jan": ("missing", "", "", ""),
    "kim": ("needs a person", "", "3", "graded is tiny.ipynb, not tiny (1).ipynb: delete what does not count"),
    "lea": ("needs a person", "", "3", "to mark: why"),
}


def submissions(edition) -> dict[str, dict]:
    """By student: what lies in the folder of the assignment; None: there is no such folder."""
    solved = changed(edition, double=SOLVED)
    pasted, added, lost = deepcopy(solved), deepcopy(solved), deepcopy(solved)
    pasted.cells.insert(1, new_code_cell("def double(x): pass", metadata=deepcopy(solved.cells[1].metadata)))
    added.cells.append(new_markdown_cell("It is divisible by 2."))
    for cell in lost.cells:
        cell.metadata = {}
    return {
        "anna [2]": {"tiny.ipynb": solved},
        "bea": {"tiny.ipynb": edition},
        "cem": {"tiny (1).ipynb": solved},
        "dana": {"tiny.ipynb": pasted},
        "eva": {"tiny.ipynb": added},
        "finn": {"tiny.ipynb": changed(solved, double="import os\nos._exit(0)")},
        "gül": {"tiny.ipynb": nbformat.writes(solved)[:500]},
        "hans": {"tiny.ipynb": lost},
        "ida": {"essay.pdf": "x"},
        "jan": None,
        "kim": {"tiny.ipynb": solved, "tiny (1).ipynb": edition},
        "lea": {"tiny.ipynb": changed(solved, why="It is divisible by 2.")},
    }


def hand_in(course: Course, student: str, files: dict | None) -> None:
    (course.grading / "submitted" / student).mkdir(parents=True, exist_ok=True)
    for name, content in (files or {}).items():
        path = course.grading / "submitted" / student / "tiny" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else nbformat.writes(content), encoding="utf-8")


def table(course: Course) -> dict[str, dict[str, str]]:
    with open(export(course), encoding="utf-8-sig", newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def released(root) -> Course:
    """A course with the tiny exercise, released; kernels in the sandbox where there can be one."""
    (root / "notebooks" / "exercises" / "tiny").mkdir(parents=True)
    nbformat.write(tiny_with_answer(), root / "notebooks" / "exercises" / "tiny" / "tiny.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    course = Course(root, sandbox=sandbox.missing() is None)
    course.release("tiny")
    return course


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    return released(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def graded(course):
    """The class, graded once: what was said, and grades.csv."""
    for student, files in submissions(course.released("tiny")["tiny"]).items():
        hand_in(course, student, files)
    said = []
    course.grade("tiny", say=said.append)
    return SimpleNamespace(said=said, rows=table(course))


def test_the_released_edition_has_no_solution(course):
    edition = course.released("tiny")["tiny"]
    assert "2 * x" not in nbformat.writes(edition) and "double(4)" not in nbformat.writes(edition)
    assert filled_in(edition, tiny_with_answer()).cells[1].source == tiny_with_answer().cells[1].source


def test_each_student_has_a_line_that_says_what_happened(graded):
    found = {student: (row["status"], row["score"], row["points"]) for student, row in graded.rows.items()}
    assert found == {student: line[:3] for student, line in LINES.items()}
    for student, line in LINES.items():
        note = graded.rows[student]["note"]
        assert line[3] in note and bool(line[3]) == bool(note), f"{student}: {note}"


def test_who_is_graded_and_who_is_not_is_said_on_the_way(graded):
    assert len(graded.said) == len(LINES) - 1  # jan has no folder of this assignment
    assert "gül: tiny unreadable" in graded.said


def test_the_report_names_who_needs_a_look_and_the_commonest_failure(course, graded):
    page = write_report(course, "tiny").read_text(encoding="utf-8")
    assert "<td>finn</td><td>stopped</td>" in page and "<td>anna [2]</td>" not in page  # nothing to do about her
    assert "<td>test</td><td>3</td><td>8</td><td>7</td><td>0</td><td>1</td>" in page
    assert "Fails most often: test, assert double(1) == 2: NotImplementedError (1 of 1)." in page
    assert re.search(r'<img alt="[^"]*3 points: 4[^"]*" src="data:image/png;base64,', page)
    assert re.search(r'<img alt="[^"]*test: 7 all points, 0 some, 1 none;[^"]*" src="data:image/png;base64,', page)


def test_who_sent_nothing_that_can_be_read_gets_a_page_of_feedback_too(course, graded):
    pages = {page.parts[-3]: unescape(page.read_text("utf-8")) for page in course.feedback("tiny").rglob("tiny.html")}
    assert set(pages) == {student.replace("[2]", "_2_") for student in LINES}
    assert "cannot be read as the notebook" in pages["gül"] and "found: tiny.ipynb ends in the middle." in pages["gül"]
    assert "No notebook of yours arrived" in pages["jan"] and "there is only essay.pdf" in pages["ida"]
    assert UNMARKED in pages["lea"] and UNMARKED not in pages["bea"]


def test_what_is_handed_in_again_is_graded_again_and_nothing_else(course, graded):
    edition = course.released("tiny")["tiny"]
    hand_in(course, "bea", {"tiny.ipynb": changed(edition, double=SOLVED)})
    hand_in(course, "gül", {"tiny.ipynb": changed(edition, double=SOLVED)})
    said = []
    course.grade("tiny", say=said.append)
    assert [line for line in said if "as graded before" not in line] == ["bea: tiny taken", "gül: tiny taken"]
    rows = table(course)
    assert [rows[student]["score"] for student in ("bea", "gül", "cem")] == ["3", "3", "3"]
    assert rows["gül"]["status"] == "graded" and rows["gül"]["note"] == ""


def test_marks_of_a_person_make_points_final(course, graded):
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("why", "tiny", "tiny", "lea")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    assert table(course)["lea"]["score"] == "4.5" and table(course)["lea"]["status"] == "graded"


def test_feedback_shows_no_hidden_test_and_needs_no_network(course, graded):
    """Mia's code passes the visible test, prints what hidden ones call it with, and puts it into its error."""
    code = "def double(x):\n    print('called with', x)\n    assert x == 1, f'seen: {x}'\n    return 2"
    sent = changed(course.released("tiny")["tiny"], double=code, why="<script>alert('me')</script> It is > 1.")
    sent.cells.append(new_code_cell("from IPython.display import HTML\nHTML('<b>bold</b><script>alert(1)</script>')"))
    hand_in(course, "mia", {"tiny.ipynb": sent})
    course.grade("tiny", say=lambda line: None)
    page = (course.feedback("tiny") / "mia" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    assert "called with 1" in page and "A hidden test fails" in page and "<b>bold</b>" in page
    text = re.sub(r"<style.*?</style>|<[^>]+>", "", page, flags=re.S)
    assert "double(1)" in text and not re.search(r"double\(4\)|called with 4|seen: 4|HIDDEN", text)
    assert not re.search(r"<script|(src|href)=.http", page)
    assert "alert('me')" not in text and "It is &gt; 1." in text
    assert "Score: 0.0 / 3.0" in page
    page = (course.grading / "feedback" / "gül" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    assert "Score: 3.0 / 5.0" in page  # no longer the page that says why there are no points


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["grade", "tony"], "no assignment is called 'tony': there are tiny"), (["grade", "tiny"], "no sandbox: ")],
)
def test_a_command_that_cannot_be_done_says_why(course, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(course.root)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    assert main(arguments) == 1
    printed = capsys.readouterr().err
    assert said in printed and (said.startswith("no a") or "SANDBOX=no" in printed)


def test_feedback_on_a_visible_test_shows_that_test_alone(course, graded):
    hand_in(course, "pia", {"tiny.ipynb": changed(course.released("tiny")["tiny"], double="def double(x): return 3")})
    course.grade("tiny", say=lambda line: None)
    page = (course.feedback("tiny") / "pia" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    text = unescape(re.sub(r"<style.*?</style>|<[^>]+>", "", page, flags=re.S))
    assert re.search(r"-> \d+ assert double\(1\)", text) and "AssertionError" in text
    assert "ast_transformers" not in text and "stdout" not in text and "hidden" not in text.lower()


def test_where_nbgrader_fails_the_rest_is_graded_and_the_next_run_tries_again(course, graded, monkeypatch):
    hand_in(course, "nora", {"tiny.ipynb": changed(course.released("tiny")["tiny"], double=SOLVED)})
    hand_in(course, "olaf", {"tiny.ipynb": ""})
    said = []
    with monkeypatch.context() as patch:
        patch.setattr("utils.grading.execute.ExecuteFairly.preprocess", lambda *arguments: 1 / 0)
        course.grade("tiny", say=said.append)
    row = table(course)["nora"]
    assert (row["status"], row["score"], row["points"]) == ("needs a person", "", "")
    assert "nbgrader failed (ZeroDivisionError: division by zero)" in row["note"] and "olaf: tiny unreadable" in said
    course.grade("tiny", say=said.append)
    assert table(course)["nora"]["score"] == "3" and table(course)["nora"]["note"] == ""


def test_two_gradings_at_once_do_not_mix(course, graded):
    with FileLock(course.grading / "lock"), pytest.raises(RuntimeError, match="another grading is running"):
        course.grade("tiny")


def test_a_spreadsheet_gets_no_formula():
    assert _harmless("=1+1") == "'=1+1" and _harmless("Müller") == "Müller"


def test_the_student_edition_is_made_once_and_what_a_student_wrote_stays(course):
    source = course.sources / "tiny" / "tiny.ipynb"
    (new,) = course.editions()
    assert new == course.root / "exercises" / "tiny" / "tiny.ipynb" and "2 * x" not in new.read_text(encoding="utf-8")
    assert nbformat.read(new, as_version=4).cells[1].source != nbformat.read(source, as_version=4).cells[1].source
    new.write_text("my work")
    assert course.editions() == [] and new.read_text() == "my work"


def test_who_has_two_numbers_in_moodle_is_one_person_and_a_class_in_which_nothing_ran_gets_feedback(
    tmp_path, monkeypatch, capsys
):
    course = released(tmp_path)
    hand_in(course, "Ina Ott_1234", {"tiny.ipynb": ""})
    with course.gradebook() as gradebook:
        for student in ("Ina Ott_77", "Uwe Ott_78", "s_1", "s_2"):  # of another assignment, and of a list of the class
            gradebook.add_student(student)
    course.grade("tiny", say=lambda line: None)
    found = {student: row["status"] for student, row in table(course).items()}
    others = {student: "missing" for student in ("Uwe Ott_78", "s_1", "s_2")}
    assert found == {"Ina Ott_1234": "unreadable"} | others
    pages = {page.parts[-3] for page in course.feedback("tiny").rglob("tiny.html")}
    assert pages == set(found)
    known = status.read(course.grading, "tiny")
    taken = {"tiny": asdict(Notebook("taken"))}
    known["Ina Ott_1234"] |= {"failed": "nbgrader failed (KeyError: 'x')", "notebooks": taken}
    status.write(course.grading, "tiny", known)
    page = (course.feedback("tiny") / "Ina Ott_1234" / "tiny" / "tiny.html").read_text(encoding="utf-8")
    assert "could not be graded by machine" in page and "KeyError" not in page
    monkeypatch.chdir(course.root)
    (tmp_path / "Grades.csv").write_text("Identifier,Grade\nParticipant 1234,\n", encoding="utf-8")
    assert main(["upload", "tiny", "Grades.csv"]) == 0
    assert "no points for Ina Ott_1234: needs a person\n0 students" in capsys.readouterr().out
