"""How long does grading take, ours and plain nbgrader's, and do they give the same points? Nothing is asserted.

    python -m tests.bench_grading                                     4 submissions of the heaviest exercise
    python -m tests.bench_grading 03_attention --submissions 40

Solved, partly solved and untouched submissions of an exercise are graded twice: by `make grade` and by `nbgrader
autograde` with nbgrader's own execution (no sandbox, tests in the student's kernel). Prints seconds a submission beside
those that it takes in a kernel alone, all tests included, and says whether the points are the same.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from tests.exercise_cells import SOLUTION, filled_in, role
from utils.data import ROOT
from utils.grading.course import Course

PLAIN = "nbgrader.preprocessors.Execute"
STEPS = [PLAIN, "nbgrader.preprocessors.IgnorePattern", "nbgrader.preprocessors.SaveAutoGrades"]


def course_of(folder: Path, assignment: str) -> Course:
    """A course with this exercise, released."""
    shutil.copytree(ROOT / "notebooks" / "exercises" / assignment, folder / "notebooks" / "exercises" / assignment)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    course = Course(folder)
    course.release(assignment)
    return course


def submission(course: Course, assignment: str, number: int) -> dict[str, NotebookNode]:
    """Every fourth is untouched, every fourth lacks its second task, the others are solved."""
    books = {}
    for name, edition in course.released(assignment).items():
        source = nbformat.read(course.sources / assignment / f"{name}.ipynb", as_version=4)
        books[name] = edition if number % 4 == 1 else filled_in(edition, source)
        solutions = [cell for cell in books[name].cells if role(cell) == "solution"]
        if number % 4 == 2:
            solutions[1].source = SOLUTION.sub(r"\1raise NotImplementedError()", solutions[1].source)
    return books


def hand_in(course: Course, assignment: str, count: int) -> None:
    for number in range(count):
        folder = course.grading / "submitted" / f"student-{number:02}" / assignment
        folder.mkdir(parents=True)
        for name, book in submission(course, assignment, number).items():
            nbformat.write(book, folder / f"{name}.ipynb")


def points(course: Course, assignment: str) -> dict[tuple, float | None]:
    with Gradebook(f"sqlite:///{course.grading / 'gradebook.db'}") as gradebook:
        found = gradebook.assignment_submissions(assignment)
        return {
            (one.student.id, notebook.name, grade.name): grade.auto_score
            for one in found for notebook in one.notebooks for grade in notebook.grades
        }  # fmt: skip


def alone(course: Course, assignment: str, number: int) -> float:
    """Seconds that a submission takes in a kernel alone, with all tests: hidden ones call its code, too."""
    begin = time.perf_counter()
    for name, book in submission(course, assignment, number).items():
        source = nbformat.read(course.sources / assignment / f"{name}.ipynb", as_version=4)
        tests = {cell.metadata.nbgrader.grade_id: cell.source for cell in source.cells if role(cell) == "tests"}
        for cell in book.cells:
            if role(cell) == "tests":
                cell.source = tests[cell.metadata.nbgrader.grade_id]
        NotebookClient(book, timeout=600, allow_errors=True).execute()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assignment", nargs="?", default="08_exotic_animals_vgg16")
    parser.add_argument("--submissions", type=int, default=4, metavar="N")
    options = parser.parse_args()
    assignment, n = options.assignment, options.submissions
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as plain:
        courses = [course_of(Path(folder), assignment) for folder in (ours, plain)]
        for course in courses:
            hand_in(course, assignment, n)
        own = [alone(courses[0], assignment, number) for number in range(min(n, 4))]
        own_mean = sum(own) / len(own)
        print(f"{assignment}: a submission's code takes {own_mean:.1f} s in a kernel alone", flush=True)

        begin = time.perf_counter()
        courses[0].grade(assignment, say=lambda line: print(f"  {line}", flush=True))
        seconds = (time.perf_counter() - begin) / n
        print(f"make grade: {seconds:.1f} s a submission, {seconds - own_mean:+.1f} s", flush=True)

        begin = time.perf_counter()
        command = [sys.executable, "-m", "nbgrader", "autograde", assignment, "--ExecutePreprocessor.timeout=120"]
        steps = f"--Autograde.autograde_preprocessors={STEPS}"
        subprocess.run([*command, "--Execute.timeout=120", steps], cwd=plain, check=True, capture_output=True)
        seconds = (time.perf_counter() - begin) / n
        print(f"nbgrader autograde: {seconds:.1f} s a submission, {seconds - own_mean:+.1f} s")

        found, wanted = (points(course, assignment) for course in courses)
        different = {key: (found.get(key), wanted[key]) for key in wanted if found.get(key) != wanted[key]}
        print(f"{len(wanted)} grades, {len(different)} of them different {different or ''}")


if __name__ == "__main__":
    main()
