"""The gradebook of a larger class on a real PostgreSQL, set up as docs/instructors.md says."""

import csv
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from exercise_cells import changed, tiny_with_answer
from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps.dbapp import DbStudentImportApp

from utils.data import ROOT
from utils.grading import sandbox
from utils.grading.__main__ import export, write_report
from utils.grading.course import Course

PAGE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
STUDENTS = [f"student{k:03}" for k in range(200)]
ANSWERS = {  # what three of them hand in; 190 others' work is copied from the first one, and seven send nothing
    STUDENTS[0]: {"double": "def double(x):\n    return x + x"},
    STUDENTS[1]: {"double": "def double(x):\n    return 2"},
    STUDENTS[2]: {"double": "def double(x):\n    return x + x", "why": "It is divisible by 2."},
}


@pytest.fixture(scope="module")
def server():
    """A folder with the socket of a PostgreSQL of its own, which no other program of this machine knows."""
    if not (programs := sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        pytest.skip("needs PostgreSQL: sudo apt install postgresql")
    bin, user = programs[-1].parent, {}
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:  # a socket's path is short
        if os.geteuid() == 0:  # PostgreSQL refuses to be root
            other = pwd.getpwnam("postgres")
            user = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
            os.chown(folder, other.pw_uid, other.pw_gid)

        def run(program: str, *arguments: str) -> None:
            subprocess.run([bin / program, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL, **user)

        data = f"--pgdata={folder}/data"
        run("initdb", data, "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale")
        run("pg_ctl", data, "start", f"--log={folder}/log", "--options", f"-F -k {folder} -c listen_addresses=''")
        try:
            for program, arguments in re.findall(r"^sudo -u postgres (create\w+) (.*)$", PAGE, re.M):
                run(program, f"--host={folder}", "--username=postgres", *arguments.split())
            yield folder
        finally:
            run("pg_ctl", data, "stop", "--mode=immediate")


@pytest.fixture(scope="module")
def course(server, tmp_path_factory) -> Course:
    """A class of 200, graded: its gradebook is on the server by the page's own line."""
    root = tmp_path_factory.mktemp("class")
    (root / "notebooks" / "exercises" / "tiny").mkdir(parents=True)
    nbformat.write(tiny_with_answer(), root / "notebooks" / "exercises" / "tiny" / "tiny.ipynb")
    (line,) = re.findall(r'^c\.CourseDirectory\.db_url = "postgresql\+psycopg2://grader@.*"$', PAGE, re.M)
    line = re.sub('@[^/]*/([^"]*)', rf"@/\1?host={server}", line)
    settings = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (root / "nbgrader_config.py").write_text(f"{settings}\n{line}\n", encoding="utf-8")
    (root / "class.csv").write_text("\n".join(["id,first_name,last_name", *(f"{s},Jo,Doe" for s in STUDENTS)]))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        importing = DbStudentImportApp()
        importing.initialize(["class.csv"])
        importing.start()
    course = Course(root, sandbox=sandbox.missing() is None)
    course.release("tiny")
    for student, cells in ANSWERS.items():
        path = course.grading / "submitted" / student / "tiny" / "tiny.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(changed(course.released("tiny")["tiny"], **cells), path)
    course.grade("tiny", say=lambda line: None)
    with course.gradebook() as gradebook:
        (notebook,) = gradebook.find_assignment("tiny").notebooks
        for student in STUDENTS[3:193]:
            shutil.copytree(course.grading / "autograded" / STUDENTS[0], course.grading / "autograded" / student)
            submission = SubmittedAssignment(assignment_id=notebook.assignment_id, student_id=student)
            own = SubmittedNotebook(assignment=submission, notebook_id=notebook.id)
            for cell in notebook.grade_cells:
                score = 3 if cell.name == "test" else 0
                Grade(notebook=own, cell_id=cell.id, auto_score=score, needs_manual_grade=False)
            gradebook.db.add(submission)
        gradebook.db.commit()
    return course


def test_the_class_is_in_the_gradebook_and_in_the_table(course):
    with open(export(course), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["student_id"] for row in rows] == STUDENTS
    assert Counter((row["status"], row["score"]) for row in rows) == {
        ("graded", "3"): 191, ("graded", "0"): 1, ("needs a person", ""): 1, ("missing", ""): 7,
    }  # fmt: skip
    assert "3 points: 191" in write_report(course, "tiny").read_text(encoding="utf-8")
    assert not (course.grading / "gradebook.db").exists()


def test_two_markers_at_once_see_each_others_marks(course):
    with course.gradebook() as one, course.gradebook() as other:
        mark = one.find_grade("why", "tiny", "tiny", STUDENTS[2])
        mark.manual_score, mark.needs_manual_grade = 2, False
        one.db.commit()
        comment = other.find_comment("why", "tiny", "tiny", STUDENTS[2])
        comment.manual_comment = "Right."
        other.db.commit()
        assert other.find_submission("tiny", STUDENTS[2]).score == 5


def test_the_lists_of_the_formgrader_can_be_asked_for(course):
    with course.gradebook() as gradebook:
        lists = [gradebook.submission_dicts("tiny"), gradebook.notebook_submission_dicts("tiny", "tiny")]
        assert [len(rows) for rows in (gradebook.student_dicts(), *lists)] == [200, 193, 193]
