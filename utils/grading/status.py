"""What happened to each submission: a word, a note and the points that are sure.

The words: `graded`, `renamed` (and graded), `needs a person`, `stopped`, `unreadable`, `missing`. Points are final with
the first two only; with the others there are none, so that no zero stands for a question.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry

from utils.folders import contents
from utils.grading.submissions import student_id

WORDS = ("graded", "renamed", "needs a person", "stopped", "unreadable", "missing")  # from good to bad


def read(grading: Path, assignment: str) -> dict[str, dict]:
    """By student: folder, content (a fingerprint), failed (nbgrader's reason), notebooks (status and notes)."""
    path = _path(grading, assignment)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write(grading: Path, assignment: str, students: dict[str, dict]) -> None:
    path = _path(grading, assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(students, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(new, path)


def _path(grading: Path, assignment: str) -> Path:
    return grading / "status" / f"{assignment}.json"


@dataclass
class Row:
    """A student and an assignment. `points` is what there is up to now; `score` the same if it is final, else None."""

    id: str  # in nbgrader
    student: str  # the folder's name
    status: str
    points: float | None
    score: float | None
    note: str
    timestamp: str = ""


def of_notebook(known: dict | None, grading: Path, assignment: str, student: str, notebook: str) -> dict:
    """What `read` knows of a student's notebook: status and notes. Who graded without it is believed."""
    ran = (grading / "autograded" / student / assignment / f"{notebook}.ipynb").is_file()
    unknown = {"status": "taken" if ran else "missing", "notes": []}
    return (known or {"notebooks": {}})["notebooks"].get(notebook, unknown)


def rows(gradebook: Gradebook, assignment: Assignment, grading: Path) -> list[Row]:
    """A row for each student that the gradebook or any folder knows, by name; a person has one under one number."""
    known = read(grading, assignment.name)
    submitted = grading / "submitted"
    students = {student.id for student in gradebook.students} | set(known)
    students |= {student_id(path.name) for path in contents(submitted)} if submitted.is_dir() else set()
    sent = {_person(student) for student in known}
    students = {student for student in students if student in known or _person(student) not in sent}
    return [_row(gradebook, assignment, student, known.get(student), grading) for student in sorted(students)]


def _person(student: str) -> str:
    """Anna Müller of Anna Müller_123456: Moodle gives a person another number in each assignment."""
    name, _, number = student.rpartition("_")
    return name if " " in name and number.isdigit() else student


def _row(gradebook: Gradebook, assignment: Assignment, student: str, known: dict | None, grading: Path) -> Row:
    try:
        submission = gradebook.find_submission(assignment.name, student)
    except MissingEntry:
        submission = None
    known = known or {"folder": student, "failed": None, "notebooks": {}}
    words, notes = [], [known["failed"]] if known["failed"] else []
    several = len(assignment.notebooks) > 1
    for notebook in assignment.notebooks:
        own = of_notebook(known, grading, assignment.name, student, notebook.name)
        word = own["status"]
        if word not in ("missing", "unreadable"):
            graded = submission and next((n for n in submission.notebooks if n.name == notebook.name), None)
            stopped = any(note.startswith("stopped") for note in own["notes"])
            if known["failed"] or word == "unclear" or graded is None or graded.needs_manual_grade:
                word = "stopped" if stopped else "needs a person"
                marks = [grade.name for grade in graded.grades if grade.needs_manual_grade] if graded else []
                own["notes"] += [f"to mark: {', '.join(marks)}"] if marks else []
            elif word == "taken":
                word = "graded"
        words.append(word)
        notes += [f"{notebook.name}: {note}" if several else note for note in own["notes"]]
        if several and word != "graded" and not own["notes"]:
            notes.append(f"{notebook.name}: {word}")
    status = max(words, key=WORDS.index)
    penalty = (submission.late_submission_penalty or 0) if submission else 0
    some = submission is not None and any(word not in ("missing", "unreadable") for word in words)
    points = max(0.0, submission.score - penalty) if some and not known["failed"] else None
    return Row(
        student, known["folder"], status, points, points if status in ("graded", "renamed") else None,
        "; ".join(dict.fromkeys(notes)), str(submission.timestamp or "") if submission else "",
    )  # fmt: skip
