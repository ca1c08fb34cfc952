"""The class at a glance: who needs a look, how the points lie, what fails most often. A page that needs no network."""

import io
import re
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import nbformat
from matplotlib.figure import Figure
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader.api import Assignment, Gradebook

from utils.grading import status

STYLE = "body{font:16px sans-serif;margin:2em} td,th{padding:.2em .8em;text-align:left}"
TASK = ["cell", "points", "graded", "all points", "some", "none", "fails most often with"]
PARTS = {"all points": "#0072B2", "some": "#56B4E9", "none": "#E69F00"}  # told apart by colour-blind readers, too


@dataclass
class Task:
    """A graded cell: what it is worth, the points that are known, and how often which test failed."""

    name: str
    worth: float
    points: list[float] = field(default_factory=list)
    failures: Counter = field(default_factory=Counter)

    def parts(self) -> list[int]:
        """How many have all points, some, none."""
        best, none = sum(p >= self.worth for p in self.points), sum(p <= 0 < self.worth for p in self.points)
        return [best, len(self.points) - best - none, none]

    def most(self) -> str:
        common = self.failures.most_common(1)
        return f"{common[0][0]} ({common[0][1]} of {self.failures.total()})" if common else ""


def write(gradebook: Gradebook, assignment: Assignment, grading: Path) -> Path:
    """Write grading/report_<assignment>.html; its path."""
    rows = status.rows(gradebook, assignment, grading)
    counts = Counter(row.status for row in rows)
    look = [(row.student, row.status, row.note) for row in rows if row.status not in ("graded", "renamed")]
    ran = {row.id for row in rows if row.status not in ("missing", "unreadable")}
    final = Counter(row.score for row in rows if row.score is not None)
    said = ", ".join(f"{counts[word]} {word}" for word in status.WORDS if counts[word])
    tasks = _tasks(assignment, grading, ran)
    worst = max(tasks, key=lambda task: max(task.failures.values(), default=0), default=None)
    table = [(t.name, f"{t.worth:g}", len(t.points), *t.parts(), t.most()) for t in tasks]
    page = [
        f"<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>{escape(assignment.name)}</title>",
        f"<style>{STYLE}</style><h1>{escape(assignment.name)}</h1><p>{len(rows)} students: {said}.</p>",
        f"<p>Fails most often: {escape(worst.name)}, {escape(worst.most())}.</p>" if worst and worst.failures else "",
        _distribution(final, assignment.max_score) if final else "",
        f"<h2>Who needs a look</h2>{_table(['student', 'status', 'note'], look) if look else '<p>Nobody.</p>'}",
        f"<h2>Tasks</h2>{_bars(tasks) if any(task.points for task in tasks) else ''}{_table(TASK, table)}",
    ]
    path = grading / f"report_{assignment.name}.html"
    path.write_text("\n".join(page), encoding="utf-8")
    return path


def _tasks(assignment: Assignment, grading: Path, students: set[str]) -> list[Task]:
    """One for each graded cell, over those students whose points for it are known."""
    several = len(assignment.notebooks) > 1
    tasks = {
        (notebook.name, cell.name): Task(f"{notebook.name}: {cell.name}" if several else cell.name, cell.max_score)
        for notebook in assignment.notebooks
        for cell in notebook.grade_cells
    }
    for submission in assignment.submissions:
        if submission.student.id not in students:
            continue
        for notebook in submission.notebooks:
            path = grading / "autograded" / submission.student.id / assignment.name / f"{notebook.name}.ipynb"
            if not path.is_file():
                continue
            for grade in notebook.grades:
                if not grade.needs_manual_grade:
                    tasks[notebook.name, grade.name].points.append(grade.score)
            for cell in nbformat.read(path, as_version=4).cells:
                task = tasks.get((notebook.name, cell.metadata.get("nbgrader", {}).get("grade_id")))
                errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
                if task and errors and "look" not in cell.metadata:
                    task.failures[_failure(errors[0])] += 1
    return list(tasks.values())


def _failure(error: NotebookNode) -> str:
    """The line of the test that failed (messages have each student's own numbers in them), or the error itself."""
    line = re.search(r"^-+> *\d+ +(.*\S)", strip_ansi("\n".join(error.traceback)), re.M)  # of the outermost frame
    if not line:
        return f"{error.ename}: {error.evalue}".strip(": ")[:200]
    return line[1][:200] + ("" if error.ename == "AssertionError" else f": {error.ename}")


def _table(heads: list[str], rows: list[tuple]) -> str:
    lines = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _distribution(final: Counter, best: float) -> str:
    """A histogram of the points that are final."""
    figure = Figure(figsize=(7, 2.5), layout="constrained")
    axes = figure.subplots()
    axes.bar(list(final), list(final.values()), width=0.8 * best / 20)
    axes.set(xlim=(-0.03 * best, 1.03 * best), xlabel="points", ylabel="students", title="Points that are final")
    axes.yaxis.get_major_locator().set_params(integer=True)
    return _picture(
        figure, "Students with " + ", ".join(f"{points:g} points: {final[points]}" for points in sorted(final))
    )


def _bars(tasks: list[Task]) -> str:
    """A bar for each task: how many have all its points, some, none."""
    figure = Figure(figsize=(7, 1 + 0.35 * len(tasks)), layout="constrained")
    axes, left = figure.subplots(), [0] * len(tasks)
    for k, (part, colour) in enumerate(PARTS.items()):
        width = [task.parts()[k] for task in tasks]
        axes.barh(range(len(tasks)), width, left=left, color=colour, label=part)
        left = [a + b for a, b in zip(left, width, strict=True)]
    axes.set_yticks(range(len(tasks)), [task.name for task in tasks])
    axes.invert_yaxis()
    axes.set(xlabel="students")
    axes.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside upper center", ncols=len(PARTS))
    told = [f"{task.name}: {', '.join(f'{n} {p}' for n, p in zip(task.parts(), PARTS, strict=True))}" for task in tasks]
    return _picture(figure, "Students by task. " + "; ".join(told))


def _picture(figure: Figure, alt: str) -> str:
    figure.savefig(png := io.BytesIO(), format="png", dpi=100)
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{b64encode(png.getvalue()).decode()}">'
